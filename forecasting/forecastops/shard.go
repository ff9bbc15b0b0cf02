package forecastops

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// ShardArgs asks for the forecasts of one shard of a run. A shard that is taken up anew has a higher epoch, so that its job
// is another to River and the old one, should it still live, finds itself replaced.
type ShardArgs struct {
	Run   int64 `json:"run"`
	No    int   `json:"no"`
	Epoch int   `json:"epoch"`
}

// Kind names the job.
func (ShardArgs) Kind() string { return "forecast.shard" }

// InsertOpts puts the job on the heavy queue, once for each run, shard and epoch.
func (ShardArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, MaxAttempts: 3, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// shardJobs gives the jobs of shards of either phase.
func shardJobs(list []forecastdb.Shard) []river.InsertManyParams {
	jobs := make([]river.InsertManyParams, 0, len(list))
	for _, s := range list {
		if s.Phase == forecastdb.PhaseScore {
			jobs = append(jobs, events.Job(ScoreArgs{Run: s.Run, No: s.No, Epoch: s.Epoch}))
		} else {
			jobs = append(jobs, events.Job(ShardArgs{Run: s.Run, No: s.No, Epoch: s.Epoch}))
		}
	}
	return jobs
}

type shardWorker struct {
	river.WorkerDefaults[ShardArgs]
	ops *Ops
}

// Timeout gives none: the shard notes its progress, and the watch looks after it.
func (*shardWorker) Timeout(*river.Job[ShardArgs]) time.Duration { return -1 }

func (w *shardWorker) Work(ctx context.Context, job *river.Job[ShardArgs]) error {
	return w.ops.workShard(ctx, job.JobRow, forecastdb.PhaseForecast, job.Args.Run, job.Args.No, job.Args.Epoch, w.ops.forecastShard)
}

// attempt runs the work of a job. Its panic is an error like others. When the program is being stopped the job goes back
// to the queue without having used up an attempt. failed is called when the last attempt has broken off, or when somebody
// has cancelled the job.
func (o *Ops) attempt(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error, failed func(error) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			o.Log.ErrorContext(ctx, "job broke off", "kind", job.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("broke off: %v", p)
		}
		switch {
		case err == nil:
		case errors.Is(context.Cause(ctx), river.ErrJobCancelledRemotely):
			err = errors.New("the job was cancelled by hand")
			if failed != nil {
				err = errors.Join(err, failed(err))
			}
			err = river.JobCancel(err)
		case errors.Is(ctx.Err(), context.Canceled):
			err = river.JobSnooze(0)
		case job.Attempt >= job.MaxAttempts && failed != nil:
			err = errors.Join(err, failed(err))
		}
	}()
	return work(ctx)
}

// workShard claims a shard, computes it and notes why it broke off.
func (o *Ops) workShard(ctx context.Context, job *rivertype.JobRow, phase forecastdb.Phase, run int64, no, epoch int,
	compute func(context.Context, forecastdb.Shard) error,
) error {
	var shard forecastdb.Shard
	work := func(ctx context.Context) error {
		s, mine, err := forecastdb.Claim(ctx, o.Pool, run, phase, no, epoch, o.Clock())
		if err != nil || !mine {
			return err
		}
		shard = s
		err = compute(ctx, s)
		if errors.Is(err, errReplaced) {
			o.Log.InfoContext(ctx, "shard was taken over by another job", "run", run, "phase", phase, "shard", no, "epoch", epoch)
			return nil
		}
		cancelled := errors.Is(context.Cause(ctx), river.ErrJobCancelledRemotely)
		if err != nil && (ctx.Err() == nil || cancelled) {
			final := cancelled || job.Attempt >= job.MaxAttempts
			if e := s.Fail(context.WithoutCancel(ctx), o.Pool, err.Error(), final); e != nil {
				err = errors.Join(err, e)
			}
		}
		return err
	}
	return o.attempt(ctx, job, work, func(why error) error {
		if phase != forecastdb.PhaseForecast || shard.Run == 0 {
			return nil
		}
		return o.fail(ctx, run, fmt.Errorf("shard %d (SKU ids %d to %d): %w", no, shard.From, shard.To, why))
	})
}

// errReplaced tells that another job has taken the shard over.
var errReplaced = errors.New("the shard has a newer epoch")

// progressEvery is how often a shard notes its progress.
const progressEvery = time.Second

// progress notes how far a shard has come, at most once a second.
type progress struct {
	ops            *Ops
	shard          forecastdb.Shard
	done, problems int
	last           time.Time
}

// step counts a series. errReplaced when another has taken the shard over.
func (p *progress) step(ctx context.Context) error {
	p.done++
	if time.Since(p.last) < progressEvery {
		return nil
	}
	p.last = time.Now()
	mine, err := p.shard.Beat(ctx, p.ops.Pool, p.done, p.problems, p.ops.Clock())
	if err != nil {
		return err
	}
	if !mine {
		return errReplaced
	}
	return p.ops.tellRun(ctx, p.ops.Pool, p.shard.Run)
}

// forecastShard forecasts the series of a shard one after the other, and stores them in one transaction.
func (o *Ops) forecastShard(ctx context.Context, s forecastdb.Shard) error {
	run, err := forecastdb.Run(ctx, o.Pool, s.Run)
	if err != nil {
		return err
	}
	span := forecastdb.Span{From: s.From, To: s.To, Origin: run.Origin}
	f, err := o.newForecaster(ctx, o.Pool, run.ID, span)
	if err != nil {
		return err
	}
	if err := o.readHandovers(ctx, o.Pool, run.ID, f, run.Horizon); err != nil {
		return err
	}
	// The cursor of the histories is not kept open over the fitting: that would hold a connection and a snapshot.
	series, err := readSeries(ctx, o.Pool, f, span)
	if err != nil {
		return err
	}
	p := progress{ops: o, shard: s, last: time.Now()}
	out := make([]forecastdb.Result, 0, len(series))
	totals := forecastdb.Totals{}
	var problems []forecastdb.Problem
	for i := range series {
		if err := ctx.Err(); err != nil {
			return err
		}
		fc, err := f.forecast(series[i], run.Horizon)
		if err != nil {
			problems = append(problems, forecastdb.Problem{Key: series[i].Key, Reason: err.Error()})
			p.problems++
		} else {
			r := forecastdb.NewResult(fc, series[i])
			r.Top = f.top(fc.SKU)
			out = append(out, r)
			totals.AddResult(r, series[i])
		}
		series[i] = forecasting.Series{} // not needed any more
		if err := p.step(ctx); err != nil {
			return err
		}
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		return o.saveShard(ctx, tx, run, s, &p, out, totals, problems)
	})
}

// readSeries gives the series of the span whose SKUs are still sold.
func readSeries(ctx context.Context, q pgdb.Querier, f *forecaster, span forecastdb.Span) ([]forecasting.Series, error) {
	var list []forecasting.Series
	for s, err := range forecastdb.Histories(ctx, q, span, f.members, f.known) {
		if err != nil {
			return nil, err
		}
		if m, ok := f.members[s.SKU]; ok && m.On(span.Origin) {
			list = append(list, s)
		}
	}
	return append(list, f.upcoming(list)...), nil
}

func (o *Ops) saveShard(ctx context.Context, tx pgx.Tx, run forecasting.Run, s forecastdb.Shard, p *progress,
	out []forecastdb.Result, totals forecastdb.Totals, problems []forecastdb.Problem,
) error {
	span := forecastdb.Span{From: s.From, To: s.To}
	if err := forecastdb.SaveResults(ctx, tx, run.ID, span, out, o.Clock()); err != nil {
		return err
	}
	if err := s.SaveTotals(ctx, tx, totals); err != nil {
		return err
	}
	if err := s.SaveProblems(ctx, tx, problems); err != nil {
		return err
	}
	left, mine, err := s.Done(ctx, tx, p.done, p.problems, o.Clock())
	if err != nil {
		return err
	}
	if !mine {
		return errReplaced
	}
	if left == 0 {
		if err := forecastdb.SetRunState(ctx, tx, run.ID, forecasting.RunFinishing, "", o.Clock()); err != nil {
			return err
		}
		if err := o.Bus.Enqueue(ctx, tx, events.Job(FinishArgs{Run: run.ID})); err != nil {
			return err
		}
	}
	return o.tellRun(ctx, tx, run.ID)
}
