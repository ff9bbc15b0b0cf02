package warehouseops

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

// Lanes takes observed times of lanes; catalogops.Ops fits.
type Lanes interface {
	// Lane gives the times in use. catalog.ErrUnknown when there is no such lane.
	Lane(ctx context.Context, tx pgx.Tx, from, to catalog.SiteID) (catalog.Lane, error)
	// ObserveLane writes observed times in place of those in use.
	ObserveLane(ctx context.Context, tx pgx.Tx, from, to catalog.SiteID, mean, sd float64, journeys int) error
}

// The jobs of stock by the clock.
type (
	auditArgs struct{}
	floorArgs struct{}
	dailyArgs struct{}
)

func (auditArgs) Kind() string { return "warehouse.audit" }
func (floorArgs) Kind() string { return "warehouse.floor" }
func (dailyArgs) Kind() string { return "warehouse.daily" }

type auditWorker struct {
	river.WorkerDefaults[auditArgs]
	ops *Ops
}

// Work proves the books.
func (w *auditWorker) Work(ctx context.Context, _ *river.Job[auditArgs]) error {
	_, err := w.ops.Audit(access.WithUser(ctx, access.TheSystem()), false)
	return err
}

type floorWorker struct {
	river.WorkerDefaults[floorArgs]
	ops *Ops
}

// Work plans refills and counts at every site.
func (w *floorWorker) Work(ctx context.Context, _ *river.Job[floorArgs]) error {
	return w.ops.PlanFloor(access.WithUser(ctx, access.TheSystem()))
}

type dailyWorker struct {
	river.WorkerDefaults[dailyArgs]
	ops *Ops
}

// Work refreshes what is learned from the past: walking classes and lane times.
func (w *dailyWorker) Work(ctx context.Context, _ *river.Job[dailyArgs]) error {
	ctx = access.WithUser(ctx, access.TheSystem())
	_, err := w.ops.RefreshLanes(ctx)
	return errors.Join(err, w.ops.RefreshClasses(ctx))
}

func (o *Ops) registerStock(w *river.Workers) {
	river.AddWorker(w, &auditWorker{ops: o})
	river.AddWorker(w, &floorWorker{ops: o})
	river.AddWorker(w, &dailyWorker{ops: o})
}

// How often the jobs run.
const (
	auditEvery = time.Hour
	floorEvery = 10 * time.Minute
	dailyEvery = 24 * time.Hour
)

func periodicStock() []*river.PeriodicJob {
	every := func(d time.Duration, args river.JobArgs, now bool) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: now})
	}
	return []*river.PeriodicJob{every(auditEvery, auditArgs{}, true), every(floorEvery, floorArgs{}, true), every(dailyEvery, dailyArgs{}, true)}
}

// PlanFloor plans the refills and counts of every site that has racks. A site that fails does not keep the others from theirs.
func (o *Ops) PlanFloor(ctx context.Context) error {
	sites, err := warehousedb.SitesWithBins(ctx, o.Pool)
	if err != nil {
		return err
	}
	var failed []error
	for _, site := range sites {
		_, err := o.PlanRefills(ctx, site)
		failed = append(failed, err)
		_, err = o.PlanCounts(ctx, site)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// classDays is how far back picks count for the walking class.
const classDays = 60

// RefreshClasses learns the walking classes of every site from the lines picked there: the SKUs with 80 % of the lines are A, those
// up to 95 % B. SKUs that nobody picked keep the class of their pick face.
func (o *Ops) RefreshClasses(ctx context.Context) error {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return err
	}
	sites, err := warehousedb.SitesWithBins(ctx, o.Pool)
	if err != nil {
		return err
	}
	for _, site := range sites {
		lines, err := warehousedb.PickedLines(ctx, o.Pool, site, o.Clock().AddDate(0, 0, -classDays))
		if err != nil {
			return err
		}
		var moved []picking.Moved
		for sku, n := range lines {
			moved = append(moved, picking.Moved{SKU: sku, Lines: n})
		}
		if len(moved) == 0 {
			continue
		}
		var skus []catalog.SKUID
		var classes []string
		var counts []int64
		for sku, c := range picking.Classes(moved) {
			skus, classes, counts = append(skus, sku), append(classes, string(c)), append(counts, lines[sku])
		}
		err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return warehousedb.SaveClasses(ctx, tx, site, skus, classes, counts, o.Clock()) })
		if err != nil {
			return err
		}
	}
	return nil
}

// RefreshLanes puts observed lane times in place of those in use, by rule: at least warehouse.LaneJourneys journeys in the last
// warehouse.LaneDays days, and a difference that matters. It gives how many lanes changed; each change stands in the audit, and the
// plans that rest on it are made anew.
func (o *Ops) RefreshLanes(ctx context.Context) (changed int, err error) {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil || o.Lanes == nil {
		return 0, err
	}
	all, err := warehousedb.JourneysSince(ctx, o.Pool, o.Clock().AddDate(0, 0, -warehouse.LaneDays))
	if err != nil {
		return 0, err
	}
	for _, l := range all {
		mean, sd, ok := warehouse.LaneLead(l.Days)
		if !ok {
			continue
		}
		done := false
		err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
			done = false
			now, err := o.Lanes.Lane(ctx, tx, l.From, l.To)
			if errors.Is(err, catalog.ErrUnknown) {
				return nil
			}
			if err != nil || !warehouse.LaneMoved(now.LeadMean, now.LeadSD, mean, sd) {
				return err
			}
			done = true
			return o.Lanes.ObserveLane(ctx, tx, l.From, l.To, mean, sd, len(l.Days))
		})
		if err != nil {
			return changed, err
		}
		if done {
			changed++
		}
	}
	return changed, nil
}
