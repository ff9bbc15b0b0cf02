package forecastops

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// StartRun queues a run over all series with sales, that forecasts horizon days (0 for the usual number) from origin on
// (0 for today). forecasting.ErrRunning when one is under way, ErrOrigin for a later day than today, ErrHorizon,
// ErrNoSales when there is nothing to forecast.
func (o *Ops) StartRun(ctx context.Context, kind forecasting.RunKind, origin calendar.Day, horizon int) (forecasting.Run, error) {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return forecasting.Run{}, err
	}
	if origin == 0 {
		origin = o.today()
	}
	if horizon == 0 {
		horizon = o.Horizon
	}
	switch {
	case origin > o.today():
		return forecasting.Run{}, fmt.Errorf("start run: %w: %s", forecasting.ErrOrigin, origin)
	case horizon < 1 || horizon > forecasting.MaxHorizon:
		return forecasting.Run{}, fmt.Errorf("start run: %w: %d days", forecasting.ErrHorizon, horizon)
	}
	r := forecasting.Run{Kind: kind, Origin: origin, Horizon: horizon, Actor: u.Name, AskedAt: o.Clock()}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.insertRun(ctx, tx, u, &r) })
	if forecastdb.IsUnique(err) {
		// Another was faster between the look and the insertion.
		if id, e := forecastdb.Blocking(ctx, o.Pool, kind, origin); e == nil {
			err = &forecasting.RunningError{Run: id}
		}
	}
	if err != nil {
		return forecasting.Run{}, fmt.Errorf("start run: %w", err)
	}
	return forecastdb.Run(ctx, o.Pool, r.ID)
}

func (o *Ops) insertRun(ctx context.Context, tx pgx.Tx, u access.User, r *forecasting.Run) error {
	found, err := forecastdb.AnySeries(ctx, tx, r.Origin)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %s", forecasting.ErrNoSales, r.Origin)
	}
	id, err := forecastdb.Blocking(ctx, tx, r.Kind, r.Origin)
	if err != nil {
		return err
	}
	if id != 0 {
		return &forecasting.RunningError{Run: id}
	}
	if r.ID, err = forecastdb.InsertRun(ctx, tx, *r, u.ID); err != nil {
		return err
	}
	if err := o.Bus.Enqueue(ctx, tx, events.Job(BeginArgs{Run: r.ID})); err != nil {
		return err
	}
	if u.Role != access.System {
		after := map[string]any{"kind": r.Kind, "origin": r.Origin, "horizon": r.Horizon}
		if err := audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "run.start", Thing: runThing(r.ID), After: after}); err != nil {
			return err
		}
	}
	return o.tellRun(ctx, tx, r.ID)
}

// ResumeRun takes up a failed run where it stopped: what is done stays, what failed is computed again.
// forecasting.ErrNotFailed, ErrSuperseded when a newer run is in force, ErrRunning when another is under way.
func (o *Ops) ResumeRun(ctx context.Context, id int64) (forecasting.Run, error) {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return forecasting.Run{}, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if _, err := forecastdb.LockRun(ctx, tx, id); err != nil {
			return err
		}
		r, err := forecastdb.Run(ctx, tx, id)
		if err != nil {
			return err
		}
		current, err := forecastdb.CurrentRun(ctx, tx)
		if err != nil && !errors.Is(err, forecasting.ErrNoRun) {
			return err
		}
		if err := r.Resumable(current.ID); err != nil {
			return err
		}
		if other, err := forecastdb.Blocking(ctx, tx, forecasting.Manual, r.Origin); err != nil {
			return err
		} else if other != 0 {
			return &forecasting.RunningError{Run: other}
		}
		if err := o.resume(ctx, tx, r); err != nil {
			return err
		}
		if u.Role != access.System {
			before := map[string]any{"error": r.Error}
			if err := audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "run.resume", Thing: runThing(id), Before: before}); err != nil {
				return err
			}
		}
		return o.tellRun(ctx, tx, id)
	})
	if err != nil {
		return forecasting.Run{}, fmt.Errorf("resume run %d: %w", id, err)
	}
	return forecastdb.Run(ctx, o.Pool, id)
}

// resume moves a failed run back to the state that it broke off in and queues the job for that.
func (o *Ops) resume(ctx context.Context, tx pgx.Tx, r forecasting.Run) error {
	now := o.Clock()
	begun, err := forecastdb.Begun(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	switch {
	case !begun:
		if err := forecastdb.SetRunState(ctx, tx, r.ID, forecasting.RunQueued, "", now); err != nil {
			return err
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(BeginArgs{Run: r.ID}))
	case r.ShardsDone == r.Shards:
		if err := forecastdb.SetRunState(ctx, tx, r.ID, forecasting.RunFinishing, "", now); err != nil {
			return err
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(FinishArgs{Run: r.ID}))
	default:
		if err := forecastdb.SetRunState(ctx, tx, r.ID, forecasting.RunShards, "", now); err != nil {
			return err
		}
		return o.renew(ctx, tx, r.ID, forecastdb.PhaseForecast, now.Add(-stale))
	}
}

// renew queues the shards of a phase that have failed or been left, under a new epoch.
func (o *Ops) renew(ctx context.Context, tx pgx.Tx, run int64, phase forecastdb.Phase, since time.Time) error {
	list, err := forecastdb.Renew(ctx, tx, run, phase, since)
	if err != nil {
		return err
	}
	return o.Bus.Enqueue(ctx, tx, shardJobs(list)...)
}

func runThing(id int64) audit.Thing { return audit.Thing{Kind: "run", ID: strconv.FormatInt(id, 10)} }

// tellRun lets the screens know that a run has moved on.
func (o *Ops) tellRun(ctx context.Context, q pgdb.Querier, id int64) error {
	return events.Tell(ctx, q, liveRun, strconv.FormatInt(id, 10))
}

// fail ends a run with a reason; it can be resumed.
func (o *Ops) fail(ctx context.Context, run int64, why error) error {
	// The reason must be kept even when the job's own context is over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	o.Log.ErrorContext(ctx, "forecast run failed", "run", run, "error", why)
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		state, err := forecastdb.LockRun(ctx, tx, run)
		if err != nil || state == forecasting.RunPublished {
			return err
		}
		if err := forecastdb.SetRunState(ctx, tx, run, forecasting.RunFailed, why.Error(), o.Clock()); err != nil {
			return err
		}
		return o.tellRun(ctx, tx, run)
	})
}

// RunProgress gives the run that is under way, or else the newest one. forecasting.ErrNoRun before the first.
func (o *Ops) RunProgress(ctx context.Context) (forecasting.Run, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return forecasting.Run{}, err
	}
	r, err := forecastdb.OpenRun(ctx, o.Pool)
	if !errors.Is(err, forecasting.ErrNoRun) {
		return r, err
	}
	list, err := forecastdb.Runs(ctx, o.Pool, 0, 1)
	if err != nil {
		return forecasting.Run{}, err
	}
	if len(list) == 0 {
		return forecasting.Run{}, forecasting.ErrNoRun
	}
	return list[0], nil
}

// RunDetail is a run with the series that it could not forecast, at most a hundred of them.
type RunDetail struct {
	forecasting.Run
	Failed []forecastdb.Problem
}

// Run gives a run. forecasting.ErrNoRun when there is none of that id.
func (o *Ops) Run(ctx context.Context, id int64) (RunDetail, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return RunDetail{}, err
	}
	r, err := forecastdb.Run(ctx, o.Pool, id)
	if err != nil {
		return RunDetail{}, err
	}
	d := RunDetail{Run: r}
	d.Failed, err = forecastdb.Problems(ctx, o.Pool, id, 100)
	return d, err
}

// Runs gives the runs below the id before (0 for the newest), the newest first.
func (o *Ops) Runs(ctx context.Context, before int64, limit int) ([]forecasting.Run, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return nil, err
	}
	return forecastdb.Runs(ctx, o.Pool, before, min(max(limit, 1), 200))
}
