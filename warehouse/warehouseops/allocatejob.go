package warehouseops

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// QueueAllocation takes the jobs that give orders to sites and stock to orders: they are short and somebody waits for them.
// Give it one or two workers in each process.
const QueueAllocation = "allocation"

// AllocateArgs asks to work off the site's queue of shipments. It does nothing where another job has done so since it was
// asked for, unless Always; Freed are SKUs of which pieces have come, whose waiting lines are served first.
type AllocateArgs struct {
	Site   catalog.SiteID  `json:"site"`
	Freed  []catalog.SKUID `json:"freed,omitempty"`
	Always bool            `json:"always,omitempty"`
}

// Kind names the job.
func (AllocateArgs) Kind() string { return "warehouse.allocate" }

// InsertOpts names the queue.
func (AllocateArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueAllocation} }

// sweepArgs asks for the work that a process has dropped when it died: orders that nobody woke a job for, queues that nobody
// works off.
type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "warehouse.sweep" }

// InsertOpts names the queue.
func (sweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueAllocation} }

const sweepEvery = 30 * time.Second

func (o *Ops) registerOrders(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[AllocateArgs]) error {
		return o.allocateJob(ctx, j.Args)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[sourceArgs]) error {
		_, err := o.SourceNew(ctx)
		return err
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error { return o.sweep(ctx) }))
}

func (o *Ops) subscribeOrders(b *events.Bus) {
	freed := func(site catalog.SiteID, skus []catalog.SKUID) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(AllocateArgs{Site: site, Freed: skus})}
	}
	events.Subscribe(b, func(f warehouse.Freed) []river.InsertManyParams { return freed(f.Site, f.SKUs) })
	events.Subscribe(b, func(f warehouse.Received) []river.InsertManyParams { return freed(f.Site, f.SKUs) })
	// A count does not name its sites: whoever waits for the SKUs is looked for at all of them.
	events.Subscribe(b, func(warehouse.Counted) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(sweepArgs{})}
	})
}

func periodicOrders() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}

// allocateJob works off the queue up to what was marked when it began: whoever marks it afterwards asks for a job of its own.
func (o *Ops) allocateJob(ctx context.Context, a AllocateArgs) error {
	dirty, done, err := warehousedb.QueueMarks(ctx, o.Pool, a.Site)
	if err != nil {
		return err
	}
	if dirty <= done && !a.Always && len(a.Freed) == 0 {
		return nil
	}
	freed := a.Freed
	if freed == nil && !a.Always {
		freed = []catalog.SKUID{}
	}
	if _, err := o.AllocateSite(ctx, a.Site, freed); err != nil {
		return err
	}
	return warehousedb.QueueDone(ctx, o.Pool, a.Site, dirty)
}

// sweep does what was dropped. It finds nothing while all is well.
func (o *Ops) sweep(ctx context.Context) error {
	if _, err := o.SourceNew(ctx); err != nil {
		return err
	}
	sites, err := warehousedb.StaleQueues(ctx, o.Pool)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if _, err := o.AllocateSite(ctx, s, nil); err != nil {
			return err
		}
	}
	return nil
}
