package forecastops

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// KeepRuns is how many published runs keep their forecasts.
const KeepRuns = 3

// FinishArgs asks for the last part of a run, once its shards are done.
type FinishArgs struct {
	Run int64 `json:"run"`
}

// Kind names the job.
func (FinishArgs) Kind() string { return "forecast.finish" }

// InsertOpts puts the job on the heavy queue, before the shards of others.
func (FinishArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, MaxAttempts: 3}
}

type finishWorker struct {
	river.WorkerDefaults[FinishArgs]
	ops *Ops
}

// Timeout gives an hour: the lists of half a million SKUs take minutes.
func (*finishWorker) Timeout(*river.Job[FinishArgs]) time.Duration { return time.Hour }

func (w *finishWorker) Work(ctx context.Context, job *river.Job[FinishArgs]) error {
	o := w.ops
	err := o.attempt(ctx, job.JobRow, func(ctx context.Context) error { return o.finish(ctx, job.Args.Run) },
		func(why error) error { return o.fail(ctx, job.Args.Run, why) })
	if err != nil {
		return err
	}
	// What is not pruned now is pruned after the next run.
	if err := o.prune(ctx); err != nil {
		o.Log.WarnContext(ctx, "old forecast runs could not be pruned", "error", err)
	}
	return nil
}

// finish compares the run with the one in force, makes its lists, brings it into force and says so, in one transaction.
func (o *Ops) finish(ctx context.Context, id int64) error {
	stop := o.beating(ctx, id)
	defer stop()
	lifts, err := o.lifts(ctx, id)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		state, err := forecastdb.LockRun(ctx, tx, id)
		if err != nil || state != forecasting.RunFinishing {
			return err
		}
		run, err := forecastdb.Run(ctx, tx, id)
		if err != nil {
			return err
		}
		before, err := forecastdb.CurrentRun(ctx, tx)
		if err != nil && !errors.Is(err, forecasting.ErrNoRun) {
			return err
		}
		if err := forecastdb.SaveLifts(ctx, tx, id, lifts); err != nil {
			return err
		}
		if err := forecastdb.SumTotals(ctx, tx, id, lifts); err != nil {
			return err
		}
		if err := o.overrideRun(ctx, tx, run); err != nil {
			return err
		}
		if err := forecastdb.BuildStats(ctx, tx, id); err != nil {
			return err
		}
		summary, err := forecastdb.Compare(ctx, tx, run, before)
		if err != nil {
			return err
		}
		now := o.Clock()
		if run.StartedAt != nil {
			summary.Seconds = now.Sub(*run.StartedAt).Seconds()
		}
		if err := forecastdb.Publish(ctx, tx, id, summary, now); err != nil {
			return err
		}
		return o.announce(ctx, tx, run, summary)
	})
}

// lifts reconciles the single forecasts of a run with those of its totals, unless another has brought it into force meanwhile.
func (o *Ops) lifts(ctx context.Context, id int64) (forecastdb.Lifts, error) {
	run, err := forecastdb.Run(ctx, o.Pool, id)
	if err != nil || run.State != forecasting.RunFinishing {
		return nil, err
	}
	return o.reconcile(ctx, run)
}

// announce tells the house of a run that has come into force, and queues what follows it.
func (o *Ops) announce(ctx context.Context, tx pgx.Tx, run forecasting.Run, s forecasting.RunSummary) error {
	fact := forecasting.Published{Run: run.ID, Origin: run.Origin, Horizon: run.Horizon, Series: s.Series}
	if err := o.Bus.Publish(ctx, tx, fact); err != nil {
		return err
	}
	// The heat that came while the run was under way is not in all of its forecasts: topics are looked at anew.
	jobs := []river.InsertManyParams{events.Job(HeatArgs{All: true})}
	shards, err := forecastdb.PlanShards(ctx, tx, run.ID, forecastdb.PhaseScore, run.Origin)
	if err != nil {
		return err
	}
	if err := o.Bus.Enqueue(ctx, tx, append(jobs, shardJobs(shards)...)...); err != nil {
		return err
	}
	return o.tellRun(ctx, tx, run.ID)
}

// prune drops the forecasts of old runs.
func (o *Ops) prune(ctx context.Context) error {
	ids, err := forecastdb.Prunable(ctx, o.Pool, KeepRuns)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := forecastdb.Prune(ctx, o.Pool, id); err != nil {
			return err
		}
	}
	return nil
}
