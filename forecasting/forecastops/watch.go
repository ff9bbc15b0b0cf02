package forecastops

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// stale is how long a shard or a run may be silent before its process is taken for dead. Working ones note their
// progress every second; a single topic takes below a minute.
const stale = 2 * time.Minute

// WatchArgs asks for a look at runs whose process has died. (River itself would take up the job of a dead process
// after an hour.)
type WatchArgs struct{}

// Kind names the job.
func (WatchArgs) Kind() string { return "forecast.watch" }

// InsertOpts does not repeat a look: the next one comes in a minute.
func (WatchArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

type watchWorker struct {
	river.WorkerDefaults[WatchArgs]
	ops *Ops
}

func (w *watchWorker) Work(ctx context.Context, _ *river.Job[WatchArgs]) error {
	return w.ops.Watch(ctx)
}

// Watch takes up what was left by a process that died: shards without a sign of life under a new epoch, and the first
// and last part of a run anew. Both may be done twice without harm.
func (o *Ops) Watch(ctx context.Context) error {
	since := o.Clock().Add(-stale)
	left, err := forecastdb.StaleShards(ctx, o.Pool, since)
	if err != nil {
		return err
	}
	for _, l := range left {
		o.Log.WarnContext(ctx, "forecast shards were left by a dead process, taking them up", "run", l.Run, "phase", l.Phase)
		err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.renew(ctx, tx, l.Run, l.Phase, since) })
		if err != nil {
			return err
		}
	}
	run, err := forecastdb.OpenRun(ctx, o.Pool)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil
	}
	if err != nil || run.State == forecasting.RunShards {
		return err
	}
	quiet, err := forecastdb.RunQuiet(ctx, o.Pool, run.ID, since)
	if err != nil || !quiet || o.Clock().Sub(run.AskedAt) < stale {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := forecastdb.BeatRun(ctx, tx, run.ID, o.Clock()); err != nil {
			return err
		}
		job := events.Job(BeginArgs{Run: run.ID})
		if run.State == forecasting.RunFinishing {
			job = events.Job(FinishArgs{Run: run.ID})
		}
		return o.Bus.Enqueue(ctx, tx, job)
	})
}

// NightlyArgs asks for the run of a day, unless it has had one.
type NightlyArgs struct {
	Day calendar.Day `json:"day"`
}

// Kind names the job.
func (NightlyArgs) Kind() string { return "forecast.nightly" }

// InsertOpts lets the job try for some hours: another run may be under way.
func (NightlyArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 10} }

type nightlyWorker struct {
	river.WorkerDefaults[NightlyArgs]
	ops *Ops
}

func (w *nightlyWorker) Work(ctx context.Context, job *river.Job[NightlyArgs]) error {
	o := w.ops
	now := o.Clock().In(shanghai)
	if day := o.today(); job.Args.Day != day || now.Hour() < o.NightlyHour {
		return nil // too late or too early: the clock asks again
	}
	list, err := forecastdb.Runs(ctx, o.Pool, 0, 20)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Origin == job.Args.Day && (r.Open() || r.State == forecasting.RunPublished || r.Kind == forecasting.Nightly) {
			return nil
		}
	}
	_, err = o.StartRun(asSystem(ctx), forecasting.Nightly, job.Args.Day, 0)
	var running *forecasting.RunningError
	switch {
	case errors.Is(err, forecasting.ErrNoSales):
		return nil
	case errors.As(err, &running):
		return river.JobSnooze(10 * time.Minute)
	}
	return err
}

// daily is the schedule of an hour of the day in Shanghai.
type daily struct{ hour, minute int }

// Next gives the next such instant.
func (d daily) Next(now time.Time) time.Time {
	y, m, day := now.In(shanghai).Date()
	next := time.Date(y, m, day, d.hour, d.minute, 0, 0, shanghai)
	if !next.After(now) {
		next = time.Date(y, m, day+1, d.hour, d.minute, 0, 0, shanghai)
	}
	return next
}

// Periodic gives the jobs by the clock: the nightly run at 02:00 in Shanghai, made up for at the start of a process
// that comes later; the daily look at all topics at 09:00; and each minute the look at dead processes. No unique
// options: River counts the periods of ByPeriod in UTC, and each of these jobs finds out itself whether there is
// anything to do.
func (o *Ops) Periodic() []*river.PeriodicJob {
	nightly := func() (river.JobArgs, *river.InsertOpts) { return NightlyArgs{Day: o.today()}, nil }
	heat := func() (river.JobArgs, *river.InsertOpts) { return HeatArgs{All: true}, nil }
	watch := func() (river.JobArgs, *river.InsertOpts) { return WatchArgs{}, nil }
	return []*river.PeriodicJob{
		river.NewPeriodicJob(daily{o.NightlyHour, 0}, nightly, &river.PeriodicJobOpts{ID: "forecast.nightly", RunOnStart: true}),
		river.NewPeriodicJob(daily{9, 0}, heat, &river.PeriodicJobOpts{ID: "forecast.heat"}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), watch, &river.PeriodicJobOpts{ID: "forecast.watch", RunOnStart: true}),
	}
}
