package forecastdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Phase is what a shard computes.
type Phase string

// The phases: the forecasts of a run, and afterwards how earlier forecasts came out.
const (
	PhaseForecast Phase = "forecast"
	PhaseScore    Phase = "score"
)

// Shard is a range of SKUs that one job computes. Epoch tells it from the job that it replaced.
type Shard struct {
	Run      int64
	Phase    Phase
	No       int
	From, To catalog.SKUID
	Series   int
	Epoch    int
}

const sqlSeriesAny = `select exists (select from forecast.series where first_day < $1)`

// AnySeries tells whether anything was sold before the origin.
func AnySeries(ctx context.Context, q pgdb.Querier, origin calendar.Day) (bool, error) {
	var found bool
	if err := q.QueryRow(ctx, sqlSeriesAny, origin).Scan(&found); err != nil {
		return false, fmt.Errorf("look for series: %w", err)
	}
	return found, nil
}

const sqlShardsPlan = `with one as (
		select sku_id, sum(n)::int as n from (
			select r.sku_id, count(*)::int as n from forecast.series r join catalog.sku k on k.id = r.sku_id
			where r.first_day < $3 and r.last_day >= $4 and (k.retired is null or k.retired > $3) group by 1
			union all select l.sku_id, count(*)::int from forecast.launch l
			where l.run_id = $1 and not exists (select from forecast.series r where r.sku_id = l.sku_id and r.site_id = l.site_id
				and r.first_day < $3 and r.last_day >= $4) group by 1) u group by 1),
	cut as (
		select sku_id, n, sum(n) over (order by sku_id) as upto, sum(n) over () as total from one),
	part as (
		select sku_id, n, (upto - 1) / greatest($5, least($6, (total + 7) / 8)) as no from cut)
	insert into forecast.shard (run_id, phase, no, sku_from, sku_to, series)
	select $1, $2, row_number() over (order by no), min(sku_id), max(sku_id), sum(n) from part group by no
	on conflict do nothing`

const sqlShardsSum = `update forecast.run set series = (
		select coalesce(sum(series), 0) from forecast.shard where run_id = $1 and phase = 'forecast')
	where id = $1 and $2 = 'forecast' `

// The size of a shard, in series: about two thousand, but so that a small house has eight shards to share out.
const (
	shardMost  = 2_000
	shardLeast = 100
)

// PlanShards cuts the SKUs with sales before the origin into shards, none of which splits a SKU, and notes the number
// of series of the run. Done twice it changes nothing.
func PlanShards(ctx context.Context, q pgdb.Querier, run int64, phase Phase, origin calendar.Day) ([]Shard, error) {
	if _, err := q.Exec(ctx, sqlShardsPlan, run, phase, origin, origin.AddDays(-HistoryDays), shardLeast, shardMost); err != nil {
		return nil, fmt.Errorf("plan the shards of run %d: %w", run, err)
	}
	if _, err := q.Exec(ctx, sqlShardsSum, run, phase); err != nil {
		return nil, fmt.Errorf("count the series of run %d: %w", run, err)
	}
	return Unfinished(ctx, q, run, phase)
}

const sqlShardsUnfinished = `select run_id as run, phase, no, sku_from as "from", sku_to as "to", series, epoch from forecast.shard
	where run_id = $1 and phase = $2 and state <> 'done' order by no`

// Unfinished gives the shards of a phase that are not done.
func Unfinished(ctx context.Context, q pgdb.Querier, run int64, phase Phase) ([]Shard, error) {
	return shards(ctx, q, sqlShardsUnfinished, run, phase)
}

const sqlShardsRenew = `update forecast.shard set epoch = epoch + 1, state = 'waiting', attempts = 0, error = '', series_done = 0
	where run_id = $1 and phase = $2 and (state = 'failed' or state = 'running' and beat_at < $3)
	returning run_id as run, phase, no, sku_from as "from", sku_to as "to", series, epoch`

// Renew gives the failed shards of a phase, and those that nobody has worked on since the instant, a new epoch to be
// computed again.
func Renew(ctx context.Context, q pgdb.Querier, run int64, phase Phase, since time.Time) ([]Shard, error) {
	return shards(ctx, q, sqlShardsRenew, run, phase, since)
}

func shards(ctx context.Context, q pgdb.Querier, sql string, run int64, args ...any) ([]Shard, error) {
	rows, err := q.Query(ctx, sql, append([]any{run}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("shards of run %d: %w", run, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Shard])
	if err != nil {
		return nil, fmt.Errorf("shards of run %d: %w", run, err)
	}
	return list, nil
}

const sqlShardsStale = `select distinct run_id as run, phase from forecast.shard where state = 'running' and beat_at < $1 order by 1, 2`

// Stale is a phase of a run with shards that nobody works on.
type Stale struct {
	Run   int64
	Phase Phase
}

// StaleShards gives the phases that have running shards without a beat since the instant.
func StaleShards(ctx context.Context, q pgdb.Querier, since time.Time) ([]Stale, error) {
	rows, err := q.Query(ctx, sqlShardsStale, since)
	if err != nil {
		return nil, fmt.Errorf("stale shards: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Stale])
	if err != nil {
		return nil, fmt.Errorf("stale shards: %w", err)
	}
	return list, nil
}

const sqlShardClaim = `update forecast.shard set state = 'running', attempts = attempts + 1, series_done = 0, problems = 0,
		started_at = coalesce(started_at, $5), beat_at = $5
	where run_id = $1 and phase = $2 and no = $3 and epoch = $4 and state in ('waiting', 'running')
	returning run_id as run, phase, no, sku_from as "from", sku_to as "to", series, epoch`

// Claim takes a shard to be computed. false when it is done, has failed for good or has a newer epoch: the job is then over.
func Claim(ctx context.Context, q pgdb.Querier, run int64, phase Phase, no, epoch int, now time.Time) (Shard, bool, error) {
	rows, err := q.Query(ctx, sqlShardClaim, run, phase, no, epoch, now)
	if err != nil {
		return Shard{}, false, fmt.Errorf("claim shard %d of run %d: %w", no, run, err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Shard])
	if errors.Is(err, pgx.ErrNoRows) {
		return Shard{}, false, nil
	}
	if err != nil {
		return Shard{}, false, fmt.Errorf("claim shard %d of run %d: %w", no, run, err)
	}
	return s, true, nil
}

const sqlShardBeat = `update forecast.shard set series_done = $5, problems = $6, beat_at = $7
	where run_id = $1 and phase = $2 and no = $3 and epoch = $4 and state = 'running'`

// Beat notes the progress of a shard. false when another has taken it over.
func (s Shard) Beat(ctx context.Context, q pgdb.Querier, done, problems int, now time.Time) (bool, error) {
	tag, err := q.Exec(ctx, sqlShardBeat, s.Run, s.Phase, s.No, s.Epoch, done, problems, now)
	if err != nil {
		return false, fmt.Errorf("progress of shard %d of run %d: %w", s.No, s.Run, err)
	}
	return tag.RowsAffected() == 1, nil
}

const sqlShardDone = `update forecast.shard set state = 'done', series_done = $5, problems = $6, finished_at = $7, beat_at = $7, error = ''
	where run_id = $1 and phase = $2 and no = $3 and epoch = $4 and state = 'running'`

const sqlShardsLeft = `select count(*)::int from forecast.shard where run_id = $1 and phase = $2 and state <> 'done'`

// Done ends a shard and gives the number of shards of its phase that are not done, counted under the lock of the run,
// so that exactly one shard of all finds 0. mine is false when another has taken the shard over: roll back then.
// q must be a transaction.
func (s Shard) Done(ctx context.Context, q pgdb.Querier, done, problems int, now time.Time) (left int, mine bool, err error) {
	if _, err := LockRun(ctx, q, s.Run); err != nil {
		return 0, false, err
	}
	tag, err := q.Exec(ctx, sqlShardDone, s.Run, s.Phase, s.No, s.Epoch, done, problems, now)
	if err != nil {
		return 0, false, fmt.Errorf("end shard %d of run %d: %w", s.No, s.Run, err)
	}
	if tag.RowsAffected() == 0 {
		return 0, false, nil
	}
	if err := q.QueryRow(ctx, sqlShardsLeft, s.Run, s.Phase).Scan(&left); err != nil {
		return 0, false, fmt.Errorf("end shard %d of run %d: %w", s.No, s.Run, err)
	}
	return left, true, nil
}

const sqlShardFail = `update forecast.shard set state = case when $6 then 'failed' else 'waiting' end, error = $5
	where run_id = $1 and phase = $2 and no = $3 and epoch = $4 and state = 'running'`

// Fail notes why a shard broke off; final tells that it will not be tried again by itself.
func (s Shard) Fail(ctx context.Context, q pgdb.Querier, why string, final bool) error {
	if _, err := q.Exec(ctx, sqlShardFail, s.Run, s.Phase, s.No, s.Epoch, why, final); err != nil {
		return fmt.Errorf("note the failure of shard %d of run %d: %w", s.No, s.Run, err)
	}
	return nil
}

const sqlProblemsClear = `delete from forecast.problem where run_id = $1 and sku_id between $2 and $3`

const sqlProblems = `insert into forecast.problem (run_id, sku_id, site_id, reason)
	select $1, k, w, r from unnest($2::int[], $3::int[], $4::text[]) as t (k, w, r)
	on conflict (run_id, sku_id, site_id) do update set reason = excluded.reason`

// Problem is a series that could not be forecast.
type Problem struct {
	forecasting.Key
	Reason string
}

// SaveProblems replaces the problems of the shard's SKUs.
func (s Shard) SaveProblems(ctx context.Context, q pgdb.Querier, list []Problem) error {
	if _, err := q.Exec(ctx, sqlProblemsClear, s.Run, s.From, s.To); err != nil {
		return fmt.Errorf("problems of run %d: %w", s.Run, err)
	}
	if len(list) == 0 {
		return nil
	}
	var skus, sites []int32
	var reasons []string
	for _, p := range list {
		skus, sites, reasons = append(skus, int32(p.SKU)), append(sites, int32(p.Site)), append(reasons, p.Reason)
	}
	if _, err := q.Exec(ctx, sqlProblems, s.Run, skus, sites, reasons); err != nil {
		return fmt.Errorf("problems of run %d: %w", s.Run, err)
	}
	return nil
}

const sqlProblemsRead = `select sku_id as sku, site_id as site, reason from forecast.problem where run_id = $1 order by 1, 2 limit $2`

// Problems gives the series of a run that could not be forecast.
func Problems(ctx context.Context, q pgdb.Querier, run int64, limit int) ([]Problem, error) {
	rows, err := q.Query(ctx, sqlProblemsRead, run, limit)
	if err != nil {
		return nil, fmt.Errorf("problems of run %d: %w", run, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Problem])
	if err != nil {
		return nil, fmt.Errorf("problems of run %d: %w", run, err)
	}
	return list, nil
}
