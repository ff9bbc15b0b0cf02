package routingops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
	"milkrun/warehouse"
)

// SweepEvery is how often pools are looked at.
const SweepEvery = 30 * time.Second

// SweepArgs asks to end offers that ran out and to plan every pool in which parcels wait.
type SweepArgs struct{}

// Kind names the job.
func (SweepArgs) Kind() string { return "routing.sweep" }

// PlanArgs asks to plan the pool of a site. A plan that is asked for while one waits is that one; a plan asked for while one
// runs is made by the next sweep.
type PlanArgs struct {
	Site catalog.SiteID `json:"site"`
}

// Kind names the job.
func (PlanArgs) Kind() string { return "routing.plan" }

// InsertOpts makes the job one of its kind for each site.
func (PlanArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{rivertype.JobStateAvailable,
		rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
}

// TakeArgs asks to bring the parcels of shipments into their pool.
type TakeArgs struct {
	Shipments []int64 `json:"shipments"`
}

// Kind names the job.
func (TakeArgs) Kind() string { return "routing.take" }

// DropArgs asks to take the parcels of cancelled orders out of their pool.
type DropArgs struct {
	Outbounds []int64 `json:"outbounds"`
}

// Kind names the job.
func (DropArgs) Kind() string { return "routing.cancel" }

// UndoWindow is how long a rider may take a delivery back; after it the delivery is published.
const UndoWindow = 30 * time.Second

// AnnounceArgs asks to publish that a parcel was delivered, if it still is.
type AnnounceArgs struct {
	Parcel routing.ParcelID `json:"parcel"`
}

// Kind names the job.
func (AnnounceArgs) Kind() string { return "routing.announce" }

func (o *Ops) announce(ctx context.Context, id routing.ParcelID) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{id})
		if err != nil || len(parcels) == 0 || parcels[0].State != routing.ParcelDelivered {
			return err
		}
		p := parcels[0]
		at, err := routingdb.DroppedAt(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		return o.Bus.Publish(ctx, tx, routing.Delivered{Site: p.Site, Parcel: p.ID, Number: p.Number, Shipment: p.Shipment, At: at})
	})
}

// Register adds the workers of the last mile.
func (o *Ops) Register(w *river.Workers) {
	o.registerVans(w)
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[SweepArgs]) error { return o.Sweep(asSystem(ctx)) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[PlanArgs]) error { return o.Plan(asSystem(ctx), j.Args.Site) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[TakeArgs]) error {
		return o.take(asSystem(ctx), j.Args.Shipments)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[DropArgs]) error {
		return o.cancel(asSystem(ctx), j.Args.Outbounds)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[AnnounceArgs]) error {
		return o.announce(asSystem(ctx), j.Args.Parcel)
	}))
}

// Subscribe lets the last mile hear what is packed and what is cancelled.
func (o *Ops) Subscribe(b *events.Bus) {
	events.Subscribe(b, func(f warehouse.Packed) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(TakeArgs{Shipments: []int64{f.Shipment}})}
	})
	events.Subscribe(b, func(f warehouse.OutboundChanged) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(DropArgs{Outbounds: f.Outbounds})}
	})
}

// Periodic gives the jobs that run by the clock.
func (o *Ops) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(SweepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}), periodicVans()}
}

// Sweep ends offers that ran out and asks for a plan of every pool in which parcels wait.
func (o *Ops) Sweep(ctx context.Context) error {
	if _, err := access.Require(ctx, access.Dispatch); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		now := o.Clock()
		ids, err := routingdb.Expired(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := o.expire(ctx, tx, id, now); err != nil {
				return err
			}
		}
		sites, err := routingdb.WaitingSites(ctx, tx)
		if err != nil {
			return err
		}
		jobs := make([]river.InsertManyParams, len(sites))
		for i, s := range sites {
			jobs[i] = events.Job(PlanArgs{Site: s})
		}
		return o.Bus.Enqueue(ctx, tx, jobs...)
	})
}

// silentOffers is after how many unanswered offers in a row a rider is taken to have gone home.
const silentOffers = 3

// expire ends an offer that ran out. Who has let several run out is taken off shift.
func (o *Ops) expire(ctx context.Context, tx pgx.Tx, id routing.RoundID, now time.Time) error {
	var rider routing.RiderID
	err := o.end(ctx, tx, id, func(r *routing.Round) error {
		rider = r.Rider
		return r.Expire(now)
	})
	if err != nil {
		return err
	}
	silent, err := routingdb.Silent(ctx, tx, rider, silentOffers)
	if err != nil || !silent {
		return err
	}
	return routingdb.SetShift(ctx, tx, rider, time.Time{}, time.Time{})
}

// end ends a round that has not left and puts its parcels back into the pool.
func (o *Ops) end(ctx context.Context, tx pgx.Tx, id routing.RoundID, rule func(*routing.Round) error) error {
	r, err := routingdb.LockRound(ctx, tx, id)
	if err != nil {
		return unknown("round", id, err)
	}
	if err := rule(&r); err != nil {
		return err
	}
	ids := make([]routing.ParcelID, len(r.Stops))
	for i, s := range r.Stops {
		ids[i] = s.Parcel
	}
	parcels, err := routingdb.LockParcels(ctx, tx, ids)
	if err != nil {
		return err
	}
	back := parcels[:0]
	for _, p := range parcels {
		if p.Round == r.ID && p.State == routing.ParcelOffered {
			p.State, p.Round = routing.ParcelWaiting, 0
			back = append(back, p)
		}
	}
	now := o.Clock()
	if err := routingdb.SaveParcels(ctx, tx, back, now, now); err != nil {
		return err
	}
	if err := routingdb.SaveRound(ctx, tx, &r); err != nil {
		return err
	}
	return o.tell(ctx, tx, r.Site)
}

// NoteCancelled marks a parcel whose order was cancelled: it is not handed over.
const NoteCancelled = "cancelled"

// cancel takes the parcels of cancelled orders that have not left out of the pool; those on the road come back as failed.
func (o *Ops) cancel(ctx context.Context, outbounds []int64) error {
	if o.Shipments == nil {
		return nil
	}
	gone, err := o.Shipments.Cancelled(ctx, o.Pool, outbounds)
	if err != nil || len(gone) == 0 {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		found, err := routingdb.ParcelsOf(ctx, tx, gone)
		if err != nil {
			return err
		}
		for _, p := range found {
			if p.State == routing.ParcelOffered {
				err := o.end(ctx, tx, p.Round, func(r *routing.Round) error { return r.Withdraw(fmt.Sprintf("order %s cancelled", p.Order)) })
				if err != nil {
					return err
				}
			}
		}
		ids := make([]routing.ParcelID, len(found))
		for i, p := range found {
			ids[i] = p.ID
		}
		parcels, err := routingdb.LockParcels(ctx, tx, ids)
		if err != nil {
			return err
		}
		for i := range parcels {
			if parcels[i].State == routing.ParcelWaiting {
				parcels[i].State = routing.ParcelCancelled
			}
			parcels[i].Note = NoteCancelled
		}
		now := o.Clock()
		return routingdb.SaveParcels(ctx, tx, parcels, now, now)
	})
}

func asSystem(ctx context.Context) context.Context {
	return access.WithUser(ctx, access.TheSystem())
}
