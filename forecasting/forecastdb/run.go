package forecastdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
)

// runRow is a run as the queries below select it.
type runRow struct {
	ID                           int64
	Kind                         forecasting.RunKind
	State                        forecasting.RunState
	Origin                       calendar.Day
	Horizon                      int
	Actor                        string
	Series, SeriesDone, Problems int
	Shards, ShardsDone           int
	AskedAt                      time.Time
	StartedAt, PublishedAt       *time.Time
	Error                        string
	Current                      bool
	Summary                      *forecasting.RunSummary
	Accuracy                     *forecasting.RunAccuracy
}

const runColumns = `select r.id, r.kind, r.state, r.origin, r.horizon, r.actor, r.series,
	coalesce(s.series_done, 0)::int as series_done, coalesce(s.problems, 0)::int as problems,
	coalesce(s.shards, 0)::int as shards, coalesce(s.shards_done, 0)::int as shards_done,
	r.asked_at, r.started_at, r.published_at, r.error, c.run_id is not null as current, r.summary, r.accuracy
	from forecast.run r
	left join forecast.current c on c.run_id = r.id
	left join lateral (select sum(series_done) as series_done, sum(problems) as problems, count(*) as shards,
		count(*) filter (where state = 'done') as shards_done
		from forecast.shard where run_id = r.id and phase = 'forecast') s on true `

const sqlRun = runColumns + `where r.id = $1`

// Run gives a run. forecasting.ErrNoRun when there is none of that id.
func Run(ctx context.Context, q pgdb.Querier, id int64) (forecasting.Run, error) {
	return oneRun(ctx, q, "run", sqlRun, id)
}

const sqlOpenRun = runColumns + `where r.state in ('queued','effects','running','finishing')`

// OpenRun gives the run that is under way. forecasting.ErrNoRun when there is none.
func OpenRun(ctx context.Context, q pgdb.Querier) (forecasting.Run, error) {
	return oneRun(ctx, q, "open run", sqlOpenRun)
}

const sqlCurrentRun = runColumns + `where c.run_id is not null`

// CurrentRun gives the run in force. forecasting.ErrNoRun when there is none.
func CurrentRun(ctx context.Context, q pgdb.Querier) (forecasting.Run, error) {
	return oneRun(ctx, q, "current run", sqlCurrentRun)
}

func oneRun(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) (forecasting.Run, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return forecasting.Run{}, fmt.Errorf("%s: %w", what, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[runRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return forecasting.Run{}, fmt.Errorf("%s: %w", what, forecasting.ErrNoRun)
	}
	if err != nil {
		return forecasting.Run{}, fmt.Errorf("%s: %w", what, err)
	}
	return forecasting.Run(r), nil
}

const sqlRuns = runColumns + `where $1 = 0 or r.id < $1 order by r.id desc limit $2`

// Runs gives the runs below the id before (0 for the newest), the newest first.
func Runs(ctx context.Context, q pgdb.Querier, before int64, limit int) ([]forecasting.Run, error) {
	rows, err := q.Query(ctx, sqlRuns, before, limit)
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (forecasting.Run, error) {
		r, err := pgx.RowToStructByName[runRow](row)
		return forecasting.Run(r), err
	})
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	return list, nil
}

const sqlRunInsert = `insert into forecast.run (kind, origin, horizon, account_id, actor, asked_at)
	values ($1, $2, $3, nullif($4::bigint, 0), $5, $6) returning id`

// InsertRun stores a new run. A *forecasting.RunningError when another is under way, or when the day has had its
// nightly run: it names the run that stands in the way.
func InsertRun(ctx context.Context, q pgdb.Querier, r forecasting.Run, by access.ID) (int64, error) {
	var id int64
	if err := q.QueryRow(ctx, sqlRunInsert, r.Kind, r.Origin, r.Horizon, int64(by), r.Actor, r.AskedAt).Scan(&id); err != nil {
		return 0, fmt.Errorf("insert run: %w", err)
	}
	return id, nil
}

const sqlRunBlocking = `select id from forecast.run
	where state in ('queued','effects','running','finishing') or $1 = 'nightly' and kind = 'nightly' and origin = $2
	order by id desc limit 1`

// Blocking gives the run because of which a run of the kind and origin cannot be inserted, 0 for none.
func Blocking(ctx context.Context, q pgdb.Querier, kind forecasting.RunKind, origin calendar.Day) (int64, error) {
	var id int64
	err := q.QueryRow(ctx, sqlRunBlocking, kind, origin).Scan(&id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("blocking run: %w", err)
	}
	return id, nil
}

// IsUnique tells whether an insertion failed because another was faster.
func IsUnique(err error) bool {
	const uniqueViolation = "23505"
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == uniqueViolation
}

// The rows of a shard refer to their run and so share its key: who holds them must not ask for more than the rest of the row.
const sqlRunLock = `select state from forecast.run where id = $1 for no key update`

// LockRun holds the run until the end of the transaction and gives its state.
func LockRun(ctx context.Context, q pgdb.Querier, id int64) (forecasting.RunState, error) {
	var state forecasting.RunState
	err := q.QueryRow(ctx, sqlRunLock, id).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("lock run %d: %w", id, forecasting.ErrNoRun)
	}
	if err != nil {
		return "", fmt.Errorf("lock run %d: %w", id, err)
	}
	return state, nil
}

const sqlRunState = `update forecast.run set state = $2, error = $3, beat_at = $4, started_at = coalesce(started_at, $4) where id = $1`

// SetRunState moves the run to a state. why is the reason of a failure, empty otherwise.
func SetRunState(ctx context.Context, q pgdb.Querier, id int64, state forecasting.RunState, why string, now time.Time) error {
	if _, err := q.Exec(ctx, sqlRunState, id, state, why, now); err != nil {
		return fmt.Errorf("run %d is %s: %w", id, state, err)
	}
	return nil
}

const sqlRunBegun = `select begun_at is not null from forecast.run where id = $1`

// Begun tells whether the run has got as far as queueing its shards.
func Begun(ctx context.Context, q pgdb.Querier, id int64) (bool, error) {
	var begun bool
	if err := q.QueryRow(ctx, sqlRunBegun, id).Scan(&begun); err != nil {
		return false, fmt.Errorf("run %d: %w", id, err)
	}
	return begun, nil
}

const sqlRunBegin = `update forecast.run set begun_at = coalesce(begun_at, $2) where id = $1`

// SetBegun notes that the shards of the run are queued.
func SetBegun(ctx context.Context, q pgdb.Querier, id int64, now time.Time) error {
	if _, err := q.Exec(ctx, sqlRunBegin, id, now); err != nil {
		return fmt.Errorf("run %d: %w", id, err)
	}
	return nil
}

const sqlRunBeat = `update forecast.run set beat_at = $2 where id = $1`

// BeatRun notes that the run is being worked on.
func BeatRun(ctx context.Context, q pgdb.Querier, id int64, now time.Time) error {
	if _, err := q.Exec(ctx, sqlRunBeat, id, now); err != nil {
		return fmt.Errorf("beat of run %d: %w", id, err)
	}
	return nil
}

const sqlRunQuiet = `select beat_at is null or beat_at < $2 from forecast.run where id = $1`

// RunQuiet tells whether nobody has worked on the run itself since the instant.
func RunQuiet(ctx context.Context, q pgdb.Querier, id int64, since time.Time) (bool, error) {
	var quiet bool
	if err := q.QueryRow(ctx, sqlRunQuiet, id, since).Scan(&quiet); err != nil {
		return false, fmt.Errorf("beat of run %d: %w", id, err)
	}
	return quiet, nil
}

const sqlRunPublish = `update forecast.run set state = 'published', error = '', published_at = $2, summary = $3 where id = $1`

const sqlSwitch = `insert into forecast.current (run_id, switched_at) values ($1, $2)
	on conflict (one) do update set run_id = excluded.run_id, switched_at = excluded.switched_at`

// Publish brings the run into force, with its summary.
func Publish(ctx context.Context, q pgdb.Querier, id int64, s forecasting.RunSummary, now time.Time) error {
	if _, err := q.Exec(ctx, sqlRunPublish, id, now, s); err != nil {
		return fmt.Errorf("publish run %d: %w", id, err)
	}
	if _, err := q.Exec(ctx, sqlSwitch, id, now); err != nil {
		return fmt.Errorf("publish run %d: switch: %w", id, err)
	}
	return nil
}

const sqlHoldCurrent = `select run_id from forecast.current for update`

// HoldCurrent gives the id of the run in force, 0 for none, and keeps it in force, and its forecasts from being replaced
// by others, until the end of the transaction.
func HoldCurrent(ctx context.Context, q pgdb.Querier) (int64, error) {
	var id int64
	err := q.QueryRow(ctx, sqlHoldCurrent).Scan(&id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("hold the current run: %w", err)
	}
	return id, nil
}

const sqlRunAccuracy = `update forecast.run set accuracy = $2 where id = $1`

// SetAccuracy stores how the forecasts of the past weeks came out.
func SetAccuracy(ctx context.Context, q pgdb.Querier, id int64, a forecasting.RunAccuracy) error {
	if _, err := q.Exec(ctx, sqlRunAccuracy, id, a); err != nil {
		return fmt.Errorf("accuracy of run %d: %w", id, err)
	}
	return nil
}
