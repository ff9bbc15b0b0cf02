package replenishops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
	"milkrun/warehouse"
)

// newsSKUs bounds how many SKUs one job plans anew after news.
const newsSKUs = 500

// StartArgs asks for a plan of the whole range.
type StartArgs struct {
	Cause string `json:"cause"`
}

// Kind names the job.
func (StartArgs) Kind() string { return "replenish.start" }

// ShardArgs asks for the plan of one shard of a run.
type ShardArgs struct {
	Run int64 `json:"run"`
	No  int   `json:"no"`
}

// Kind names the job.
func (ShardArgs) Kind() string { return "replenish.shard" }

// InsertOpts puts shards beside the other long work, so that short jobs never wait behind them.
func (ShardArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: "heavy", MaxAttempts: 4}
}

// NewsArgs asks for a plan of these SKUs, because something about them has changed.
type NewsArgs struct {
	SKUs  []catalog.SKUID `json:"skus"`
	Cause string          `json:"cause"`
}

// Kind names the job.
func (NewsArgs) Kind() string { return "replenish.news" }

// AnnounceArgs asks to publish an approval once it can no longer be taken back.
type AnnounceArgs struct {
	IDs []replenishment.SuggestionID `json:"ids"`
	By  int64                        `json:"by"`
	At  time.Time                    `json:"at"`
}

// Kind names the job.
func (AnnounceArgs) Kind() string { return "replenish.announce" }

// OrderedArgs asks to note that the suggestions stand on the order of that number.
type OrderedArgs struct {
	Number string  `json:"number"`
	IDs    []int64 `json:"ids"`
}

// Kind names the job.
func (OrderedArgs) Kind() string { return "replenish.ordered" }

// Register adds the jobs of planning.
func (o *Ops) Register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[StartArgs]) error {
		_, err := o.start(asSystem(ctx), j.Args.Cause)
		return err
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[ShardArgs]) error {
		return o.shard(asSystem(ctx), j.Args, j.Attempt >= j.MaxAttempts)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[NewsArgs]) error {
		return o.plan(asSystem(ctx), 0, j.Args.SKUs, func(context.Context, pgx.Tx, planned) error { return nil })
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[WatchArgs]) error { return o.watchHouse(asSystem(ctx)) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[AnnounceArgs]) error {
		return o.announce(asSystem(ctx), j.Args)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[OrderedArgs]) error {
		ids := make([]replenishment.SuggestionID, len(j.Args.IDs))
		for i, id := range j.Args.IDs {
			ids[i] = replenishment.SuggestionID(id)
		}
		return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.Ordered(asSystem(ctx), tx, j.Args.Number, ids) })
	}))
}

// Subscribe lets planning hear what changes demand or stock.
func (o *Ops) Subscribe(b *events.Bus) {
	events.Subscribe(b, func(forecasting.Published) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(StartArgs{Cause: "forecast"})}
	})
	events.Subscribe(b, func(f forecasting.Refreshed) []river.InsertManyParams { return news("heat", f.SKUs) })
	events.Subscribe(b, func(f warehouse.Counted) []river.InsertManyParams { return news("stock", f.SKUs) })
	events.Subscribe(b, func(f warehouse.Received) []river.InsertManyParams { return news("stock", f.SKUs) })
	events.Subscribe(b, func(f c2m.SupplyChanged) []river.InsertManyParams { return news("supply", f.SKUs) })
	events.Subscribe(b, func(f warehouse.TransferPlaced) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(OrderedArgs{Number: f.Number, IDs: f.Suggestions})}
	})
	events.Subscribe(b, func(f c2m.Drafted) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(OrderedArgs{Number: f.Number, IDs: f.Suggestions})}
	})
}

// news gives the jobs that plan the SKUs anew.
func news(cause string, skus []catalog.SKUID) []river.InsertManyParams {
	var jobs []river.InsertManyParams
	for part := range slices.Chunk(skus, newsSKUs) {
		jobs = append(jobs, events.Job(NewsArgs{SKUs: part, Cause: cause}))
	}
	return jobs
}

// PlanNow plans the whole range, in jobs, and answers the run to follow.
func (o *Ops) PlanNow(ctx context.Context) (Run, error) {
	if _, err := access.Require(ctx, access.RunForecast); err != nil {
		return Run{}, err
	}
	return o.start(ctx, "manual")
}

func (o *Ops) start(ctx context.Context, cause string) (run Run, err error) {
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if run, err = replenishdb.StartRun(ctx, tx, o.Today(), cause, o.ShardSKUs, o.Clock()); err != nil {
			return err
		}
		jobs := make([]river.InsertManyParams, run.Shards, run.Shards+1)
		for i := range jobs {
			jobs[i] = events.Job(ShardArgs{Run: run.ID, No: i})
		}
		jobs = append(jobs, events.Job(WatchArgs{}))
		if err := o.Bus.Enqueue(ctx, tx, jobs...); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "plan.start", Thing: audit.Thing{Kind: "run", ID: fmt.Sprint("plan-", run.ID)},
			After: map[string]any{"cause": cause, "skus": run.SKUs}})
	})
	if err != nil {
		return run, fmt.Errorf("replenishops: start a run: %w", err)
	}
	return run, nil
}

// shard plans one shard. A shard that is done already, or was planned by a retry, changes nothing.
func (o *Ops) shard(ctx context.Context, a ShardArgs, lastAttempt bool) error {
	skus, err := replenishdb.ShardSKUs(ctx, o.Pool, a.Run, a.No)
	if err != nil || len(skus) == 0 {
		return err
	}
	err = o.plan(ctx, a.Run, skus, func(ctx context.Context, tx pgx.Tx, p planned) error {
		if _, err := replenishdb.FinishShard(ctx, tx, a.Run, a.No, p.skus, p.suggestions, o.Clock()); err != nil {
			return err
		}
		return events.Tell(ctx, tx, "plan-run", "")
	})
	if err != nil && lastAttempt && ctx.Err() == nil {
		failed := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
			if err := replenishdb.FailRun(ctx, tx, a.Run, err.Error(), o.Clock()); err != nil {
				return err
			}
			return events.Tell(ctx, tx, "plan-run", "")
		})
		return errors.Join(err, failed)
	}
	return err
}

// Runs gives the newest runs first.
func (o *Ops) Runs(ctx context.Context, limit int) ([]Run, error) {
	if _, err := access.Require(ctx, access.Console); err != nil {
		return nil, err
	}
	return replenishdb.Runs(ctx, o.Pool, limit)
}

func asSystem(ctx context.Context) context.Context {
	return access.WithUser(ctx, access.TheSystem())
}
