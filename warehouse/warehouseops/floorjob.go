package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// wavesEvery is how often waves are looked after: fine enough for promises of half an hour.
const wavesEvery = 30 * time.Second

type wavesArgs struct{}

// Kind names the job that builds and releases waves, and ends the leases of devices that are lost.
func (wavesArgs) Kind() string { return "warehouse.waves" }

// InsertOpts keeps one at a time: the next one sees what this one has not.
func (wavesArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: wavesEvery}}
}

// cancelledArgs are of the job that takes cancelled orders out of tasks that nobody has begun.
type cancelledArgs struct {
	Site catalog.SiteID `json:"site"`
}

// Kind names the job.
func (cancelledArgs) Kind() string { return "warehouse.cancelled_picks" }

func (o *Ops) registerFloor(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[wavesArgs]) error {
		ctx = access.WithUser(ctx, access.TheSystem())
		if _, err := o.EndLeases(ctx); err != nil {
			return err
		}
		return o.AdvanceWaves(ctx)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[cancelledArgs]) error {
		return o.dropCancelled(access.WithUser(ctx, access.TheSystem()), j.Args.Site)
	}))
}

func (o *Ops) subscribeFloor(b *events.Bus) {
	events.Subscribe(b, func(f warehouse.OutboundChanged) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(cancelledArgs{f.Site})}
	})
}

func periodicFloor() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(wavesEvery),
		func() (river.JobArgs, *river.InsertOpts) { return wavesArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}

// dropCancelled clears cancelled stops of tasks that no device holds: on those that one holds, the device's next command does.
func (o *Ops) dropCancelled(ctx context.Context, site catalog.SiteID) error {
	var tasks []int64
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) (err error) {
		tasks, err = warehousedb.TasksWithCancelled(ctx, tx, site)
		return err
	})
	if err != nil {
		return fmt.Errorf("warehouseops: cancelled picks: %w", err)
	}
	for _, id := range tasks {
		if _, err := o.ClearCancelled(ctx, warehouse.Command{Op: uuid.New()}, id); err != nil {
			return fmt.Errorf("warehouseops: cancelled picks of task %d: %w", id, err)
		}
	}
	return nil
}
