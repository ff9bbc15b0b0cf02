package routingdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

type runRow struct {
	ID               int64
	Number           string
	SiteID           catalog.SiteID
	Day              calendar.Day
	VanID            int64
	State            string
	LeavesAt, BackAt time.Time
	LeftAt           *time.Time
	Metres           int64
	CostFen          money.Fen
	CO2Grams         int64 `db:"co2_grams"`
}

type runStopRow struct {
	RunID                      int64
	No                         int
	SiteID                     catalog.SiteID
	ArriveAt, BeginAt, LeaveAt time.Time
	DoneAt                     *time.Time
}

type runLoadRow struct {
	RunID             int64
	No                int
	OutboundID        int64
	Number            string
	Pieces            int64
	Grams, Millilitre int64
	Cold              bool
	DueAt             *time.Time
}

const runFields = `select id, number, site_id, day, van_id, state, leaves_at, back_at, left_at, metres, cost_fen, co2_grams from routing.run `

const sqlRunsOfDay = runFields + `where site_id = $1 and day = $2 and state <> 'withdrawn' order by leaves_at, id`

// RunsOfDay gives the runs of a site's day, the earliest first.
func RunsOfDay(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day) ([]routing.Run, error) {
	return runs(ctx, q, sqlRunsOfDay, int32(site), day)
}

const sqlRunOf = runFields + `where id = $1`

// Run gives one run, pgx.ErrNoRows for none.
func Run(ctx context.Context, q pgdb.Querier, id routing.RunID) (routing.Run, error) {
	return first(runs(ctx, q, sqlRunOf, int64(id)))
}

const sqlLockRun = runFields + `where id = $1 for update`

// LockRun gives one run and holds it to the end of the transaction.
func LockRun(ctx context.Context, tx pgx.Tx, id routing.RunID) (routing.Run, error) {
	return first(runs(ctx, tx, sqlLockRun, int64(id)))
}

const sqlRunStops = `select run_id, no, site_id, arrive_at, begin_at, leave_at, done_at from routing.run_stop where run_id = any($1) order by run_id, no`
const sqlRunLoads = `select run_id, no, outbound_id, number, pieces, grams, millilitre, cold, due_at from routing.run_load where run_id = any($1) order by run_id, no, number`

func runs(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]routing.Run, error) {
	rows, err := collect[runRow](ctx, q, "runs", sql, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out, ids, at := make([]routing.Run, len(rows)), make([]int64, len(rows)), map[int64]int{}
	for i, r := range rows {
		ids[i], at[r.ID] = r.ID, i
		out[i] = routing.Run{ID: routing.RunID(r.ID), Number: r.Number, Site: r.SiteID, Day: r.Day, Van: routing.VanID(r.VanID), State: routing.RunState(r.State),
			Leaves: r.LeavesAt, Back: r.BackAt, Left: instant(r.LeftAt), Metres: r.Metres, Cost: r.CostFen, CO2: r.CO2Grams}
	}
	stops, err := collect[runStopRow](ctx, q, "stops of runs", sqlRunStops, ids)
	if err != nil {
		return nil, err
	}
	for _, s := range stops {
		r := &out[at[s.RunID]]
		r.Stops = append(r.Stops, routing.RunStop{No: s.No, Site: s.SiteID, Arrive: s.ArriveAt, Begin: s.BeginAt, Leave: s.LeaveAt, Done: instant(s.DoneAt)})
	}
	loads, err := collect[runLoadRow](ctx, q, "loads of runs", sqlRunLoads, ids)
	for _, l := range loads {
		r := &out[at[l.RunID]]
		s := &r.Stops[l.No-1]
		s.Loads = append(s.Loads, routing.Load{Outbound: l.OutboundID, Number: l.Number, From: r.Site, To: s.Site, Pieces: l.Pieces, Grams: l.Grams, Millilitre: l.Millilitre,
			Cold: l.Cold, Due: instant(l.DueAt)})
	}
	return out, err
}

const sqlLockVanDay = `select pg_advisory_xact_lock(7246433, $1)`

// LockVanDay lets one transaction at a time plan the vans of a site.
func LockVanDay(ctx context.Context, tx pgx.Tx, site catalog.SiteID) error {
	_, err := exec(ctx, tx, "lock vans", sqlLockVanDay, int32(site))
	return err
}

const sqlDropPlanned = `delete from routing.run where site_id = $1 and day = $2 and state = 'planned'`

// DropPlanned removes the runs of a day that are planned and not released: they are planned anew.
func DropPlanned(ctx context.Context, tx pgx.Tx, site catalog.SiteID, day calendar.Day) error {
	_, err := exec(ctx, tx, "remove planned runs", sqlDropPlanned, int32(site), day)
	return err
}

const sqlOnRuns = `select l.outbound_id from routing.run_load l join routing.run r on r.id = l.run_id
	where r.site_id = $1 and (r.state in ('released','out','done') or r.state = 'planned' and r.day <> $2)`

// OnRuns gives the transfers of a site that are on a run that is not planned anew with the day.
func OnRuns(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day) (map[int64]bool, error) {
	type row struct{ OutboundID int64 }
	list, err := collect[row](ctx, q, "transfers on runs", sqlOnRuns, int32(site), day)
	out := make(map[int64]bool, len(list))
	for _, r := range list {
		out[r.OutboundID] = true
	}
	return out, err
}

const sqlLastRun = `select coalesce(max(substring(number from 10)::int), 0) from routing.run where number like $1`

const sqlInsertRun = `insert into routing.run (number, site_id, day, van_id, state, leaves_at, back_at, metres, cost_fen, co2_grams)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`

const sqlInsertRunStop = `insert into routing.run_stop (run_id, no, site_id, arrive_at, begin_at, leave_at) values ($1, $2, $3, $4, $5, $6)`

const sqlInsertRunLoad = `insert into routing.run_load (run_id, no, outbound_id, number, pieces, grams, millilitre, cold, due_at)
	select $1, $2, * from unnest($3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bool[], $9::timestamptz[])`

// InsertRun stores a new run with its stops and loads under the next number of its day, V-YYMMDD-01, and sets its ID. Vans must be
// locked.
func InsertRun(ctx context.Context, tx pgx.Tx, r *routing.Run) error {
	prefix := "V-" + r.Day.Time().Format("060102") + "-"
	var last int
	if err := tx.QueryRow(ctx, sqlLastRun, prefix+"%").Scan(&last); err != nil {
		return fmt.Errorf("routingdb: number of a run: %w", err)
	}
	r.Number = fmt.Sprintf("%s%02d", prefix, last+1)
	err := tx.QueryRow(ctx, sqlInsertRun, r.Number, int32(r.Site), r.Day, int64(r.Van), string(r.State), r.Leaves, r.Back, r.Metres, int64(r.Cost), r.CO2).Scan(&r.ID)
	if err != nil {
		return fmt.Errorf("routingdb: add run: %w", err)
	}
	for _, s := range r.Stops {
		if _, err := exec(ctx, tx, "add stop of a run", sqlInsertRunStop, int64(r.ID), s.No, int32(s.Site), s.Arrive, s.Begin, s.Leave); err != nil {
			return err
		}
		n := len(s.Loads)
		outbound, number, pieces, grams := make([]int64, n), make([]string, n), make([]int64, n), make([]int64, n)
		ml, cold, due := make([]int64, n), make([]bool, n), make([]*time.Time, n)
		for i, l := range s.Loads {
			outbound[i], number[i], pieces[i], grams[i], ml[i], cold[i], due[i] = l.Outbound, l.Number, l.Pieces, l.Grams, l.Millilitre, l.Cold, stored(l.Due)
		}
		if _, err := exec(ctx, tx, "add loads of a run", sqlInsertRunLoad, int64(r.ID), s.No, outbound, number, pieces, grams, ml, cold, due); err != nil {
			return err
		}
	}
	return nil
}

const sqlSaveRun = `update routing.run set state = $2, left_at = $3, back_at = $4 where id = $1`
const sqlSaveRunStop = `update routing.run_stop set arrive_at = $3, begin_at = $4, leave_at = $5, done_at = $6 where run_id = $1 and no = $2`

// SaveRun stores what rules changed of a locked run.
func SaveRun(ctx context.Context, tx pgx.Tx, r routing.Run) error {
	if _, err := exec(ctx, tx, "save run", sqlSaveRun, int64(r.ID), string(r.State), stored(r.Left), r.Back); err != nil {
		return err
	}
	for _, s := range r.Stops {
		if _, err := exec(ctx, tx, "save stop of a run", sqlSaveRunStop, int64(r.ID), s.No, s.Arrive, s.Begin, s.Leave, stored(s.Done)); err != nil {
			return err
		}
	}
	return nil
}
