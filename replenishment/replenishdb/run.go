package replenishdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

const sqlSettings = `select settings from replenish.setting where id = 1`

// Settings gives the planner's settings: those of a new house where none are stored.
func Settings(ctx context.Context, q pgdb.Querier) (replenishment.Settings, error) {
	s := replenishment.DefaultSettings()
	var stored []byte
	err := q.QueryRow(ctx, sqlSettings).Scan(&stored)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("replenishdb: settings: %w", err)
	}
	return settingsOf(stored)
}

// settingsOf reads stored settings. A number that they do not know yet is that of a new house; exceptions that they do not name
// are none.
func settingsOf(stored []byte) (replenishment.Settings, error) {
	s := replenishment.DefaultSettings()
	s.ShelfService, s.LonelyService = nil, nil
	if err := json.Unmarshal(stored, &s); err != nil {
		return s, fmt.Errorf("replenishdb: settings: %w", err)
	}
	return s, nil
}

const sqlSaveSettings = `insert into replenish.setting (id, settings, updated_at) values (1, $1, $2)
	on conflict (id) do update set settings = excluded.settings, updated_at = excluded.updated_at, version = setting.version + 1`

// SaveSettings stores the planner's settings.
func SaveSettings(ctx context.Context, tx pgx.Tx, s replenishment.Settings, now time.Time) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("replenishdb: settings: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlSaveSettings, b, now); err != nil {
		return fmt.Errorf("replenishdb: settings: %w", err)
	}
	return nil
}

// Run is one planning of the whole range.
type Run struct {
	ID          int64
	Day         calendar.Day
	Cause       string
	State       string // running, done or failed
	Shards      int
	SKUs        int
	SKUsDone    int
	Suggestions int
	Error       string
	StartedAt   time.Time
	FinishedAt  *time.Time
}

const sqlInsertRun = `insert into replenish.run (day, cause, shards, skus, started_at) values ($1, $2, $3, $4, $5) returning id`

const sqlInsertShards = `insert into replenish.shard (run_id, no, sku_from, sku_to)
	select $1, n, f, t from unnest($2::int[], $3::int[], $4::int[]) as s (n, f, t)`

const sqlCut = `select no::int, min(id)::int, max(id)::int, count(*)::int
	from (select id, (row_number() over (order by id) - 1) / $1 as no from catalog.sku) s group by no order by no`

type cut struct{ No, From, To, SKUs int32 }

// StartRun cuts the range into shards of so many SKUs and stores the run. It answers the run and the numbers of its shards.
func StartRun(ctx context.Context, tx pgx.Tx, day calendar.Day, cause string, shardSKUs int, now time.Time) (Run, error) {
	rows, err := tx.Query(ctx, sqlCut, shardSKUs)
	if err != nil {
		return Run{}, fmt.Errorf("replenishdb: start run: %w", err)
	}
	cuts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[cut])
	if err != nil {
		return Run{}, fmt.Errorf("replenishdb: start run: %w", err)
	}
	run := Run{Day: day, Cause: cause, State: "running", Shards: len(cuts), StartedAt: now}
	var no, from, to []int32
	for _, c := range cuts {
		no, from, to = append(no, c.No), append(from, c.From), append(to, c.To)
		run.SKUs += int(c.SKUs)
	}
	if err := tx.QueryRow(ctx, sqlInsertRun, day, cause, run.Shards, run.SKUs, now).Scan(&run.ID); err != nil {
		return Run{}, fmt.Errorf("replenishdb: start run: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertShards, run.ID, no, from, to); err != nil {
		return Run{}, fmt.Errorf("replenishdb: start run: %w", err)
	}
	return run, nil
}

const sqlShardSKUs = `select k.id from replenish.shard s join catalog.sku k on k.id between s.sku_from and s.sku_to
	where s.run_id = $1 and s.no = $2 and s.done_at is null order by k.id`

// ShardSKUs gives the SKUs of a shard that is still to do, and none of one that is done.
func ShardSKUs(ctx context.Context, q pgdb.Querier, run int64, no int) ([]catalog.SKUID, error) {
	rows, err := q.Query(ctx, sqlShardSKUs, run, no)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: shard %d of run %d: %w", no, run, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: shard %d of run %d: %w", no, run, err)
	}
	out := make([]catalog.SKUID, len(ids))
	for i, id := range ids {
		out[i] = catalog.SKUID(id)
	}
	return out, nil
}

const sqlDoneShard = `update replenish.shard set done_at = $3 where run_id = $1 and no = $2 and done_at is null`

const sqlDoneRun = `update replenish.run r set skus_done = skus_done + $2, suggestions = suggestions + $3,
		state = case when open.n = 0 then 'done' else state end,
		finished_at = case when open.n = 0 then $4 else finished_at end
	from (select count(*) as n from replenish.shard where run_id = $1 and done_at is null) open
	where r.id = $1 returning r.state = 'done'`

const sqlLockRun = `select id from replenish.run where id = $1 for no key update`

// FinishShard marks a shard as done and tells whether that finished the run. Doing it twice changes nothing.
func FinishShard(ctx context.Context, tx pgx.Tx, run int64, no, skus, suggestions int, now time.Time) (bool, error) {
	// The run is locked first, so that of two last shards one sees the other's mark.
	if _, err := tx.Exec(ctx, sqlLockRun, run); err != nil {
		return false, fmt.Errorf("replenishdb: finish shard: %w", err)
	}
	tag, err := tx.Exec(ctx, sqlDoneShard, run, no, now)
	if err != nil {
		return false, fmt.Errorf("replenishdb: finish shard: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	var done bool
	if err := tx.QueryRow(ctx, sqlDoneRun, run, skus, suggestions, now).Scan(&done); err != nil {
		return false, fmt.Errorf("replenishdb: finish shard: %w", err)
	}
	return done, nil
}

const sqlFailRun = `update replenish.run set state = 'failed', error = $2, finished_at = $3 where id = $1 and state = 'running'`

// FailRun marks a run as failed for a reason.
func FailRun(ctx context.Context, tx pgx.Tx, run int64, reason string, now time.Time) error {
	if _, err := tx.Exec(ctx, sqlFailRun, run, reason, now); err != nil {
		return fmt.Errorf("replenishdb: fail run %d: %w", run, err)
	}
	return nil
}

const sqlRuns = `select id, day, cause, state, shards, skus, skus_done, suggestions, error, started_at, finished_at
	from replenish.run order by id desc limit $1`

// Runs gives the newest runs first.
func Runs(ctx context.Context, q pgdb.Querier, limit int) ([]Run, error) {
	rows, err := q.Query(ctx, sqlRuns, limit)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: runs: %w", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Run])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: runs: %w", err)
	}
	return runs, nil
}
