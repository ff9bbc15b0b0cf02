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
	"milkrun/internal/quantity"
	"milkrun/routing"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// The last mile tells what became of parcels: the jobs below bring the floor's books in line. Facts come at least once and in any
// order, so each job first does what the ones before it would have done.

type dispatchedArgs struct{ routing.Dispatched }

type deliveredArgs struct{ routing.Delivered }

type failedArgs struct{ routing.Failed }

// Kind names the job that hands a round's parcels over to its rider.
func (dispatchedArgs) Kind() string { return "warehouse.round_left" }

// Kind names the job that makes an order delivered.
func (deliveredArgs) Kind() string { return "warehouse.delivered" }

// Kind names the job that takes back what a rider could not hand over.
func (failedArgs) Kind() string { return "warehouse.undelivered" }

func (o *Ops) registerLastMile(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[dispatchedArgs]) error {
		f := j.Args.Dispatched
		return o.giveToRider(access.WithUser(ctx, access.TheSystem()), f.Site, f.Number, f.Rider, f.Parcels)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[deliveredArgs]) error {
		return o.Delivered(access.WithUser(ctx, access.TheSystem()), j.Args.Delivered)
	}))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[failedArgs]) error {
		return o.Undelivered(access.WithUser(ctx, access.TheSystem()), j.Args.Failed)
	}))
}

func subscribeLastMile(b *events.Bus) {
	events.Subscribe(b, func(f routing.Dispatched) []river.InsertManyParams {
		if len(f.Parcels) == 0 {
			return nil
		}
		return []river.InsertManyParams{events.Job(dispatchedArgs{f})}
	})
	events.Subscribe(b, func(f routing.Delivered) []river.InsertManyParams {
		if f.Shipment == 0 {
			return nil
		}
		return []river.InsertManyParams{events.Job(deliveredArgs{f})}
	})
	events.Subscribe(b, func(f routing.Failed) []river.InsertManyParams {
		if f.Shipment == 0 {
			return nil
		}
		return []river.InsertManyParams{events.Job(failedArgs{f})}
	})
}

// giveToRider hands the packed parcels of a round over to its rider, on a manifest of their own: the pieces leave the house.
// Parcels that were handed over at the dock stay as they are; those of cancelled orders stay in the house's books.
func (o *Ops) giveToRider(ctx context.Context, site catalog.SiteID, round, rider string, numbers []string) error {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		list, err := o.lockRiders(ctx, tx, numbers)
		if err != nil {
			return err
		}
		var ids []int64
		for _, p := range list {
			switch {
			case p.SiteID != site || p.State != "packed" && p.State != "loaded":
			case p.Cancelled:
				o.Log.WarnContext(ctx, "a rider left with a parcel of a cancelled order", "parcel", p.Number, "round", round)
			default:
				ids = append(ids, p.ID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		now := o.Clock()
		// What a second telling finds still to do was not done by the first.
		cmd := warehouse.Command{Op: uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "milkrun round %s %v", round, ids)), MadeAt: now}
		fresh, err := o.beginFloor(ctx, tx, u, cmd, "ship")
		if err != nil || !fresh {
			return err
		}
		manifest, err := warehousedb.OpenManifest(ctx, tx, site, round, now, rider)
		if err != nil {
			return err
		}
		if err := warehousedb.SetParcels(ctx, tx, ids, "loaded", &manifest, &now); err != nil {
			return err
		}
		return o.handOver(ctx, tx, u, cmd, manifest, site, rider)
	})
}

// lockRiders locks parcels with their orders, in the order of the house.
func (o *Ops) lockRiders(ctx context.Context, tx pgx.Tx, numbers []string) ([]warehousedb.RidersParcel, error) {
	list, err := warehousedb.RidersParcels(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	shipments := make([]int64, len(list))
	for i, p := range list {
		shipments[i] = p.ShipmentID
	}
	if err := warehousedb.LockToPack(ctx, tx, shipments); err != nil {
		return nil, err
	}
	return warehousedb.RidersParcels(ctx, tx, numbers)
}

// Delivered books that a rider handed a parcel to its consignee; with the last of them the order is delivered.
func (o *Ops) Delivered(ctx context.Context, f routing.Delivered) error {
	if err := o.giveToRider(ctx, f.Site, "P "+f.Number, "", []string{f.Number}); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		list, err := o.lockRiders(ctx, tx, []string{f.Number})
		if err != nil || len(list) == 0 {
			return err
		}
		fresh, done, err := warehousedb.Deliver(ctx, tx, list[0], f.At)
		if err != nil || !fresh {
			return err
		}
		if err := warehousedb.AddEvent(ctx, tx, list[0].OutboundID, f.At, "handed_out", "", map[string]any{"reason": f.Number}); err != nil || !done {
			return err
		}
		return warehousedb.AddEvent(ctx, tx, list[0].OutboundID, f.At, "delivered", "", nil)
	})
}

// Undelivered takes back a parcel that a rider could not hand over: its pieces stand at the place for returns and wait to be graded.
func (o *Ops) Undelivered(ctx context.Context, f routing.Failed) error {
	if err := o.giveToRider(ctx, f.Site, "P "+f.Number, "", []string{f.Number}); err != nil {
		return err
	}
	list, err := warehousedb.RidersParcels(ctx, o.Pool, []string{f.Number})
	if err != nil || len(list) == 0 || list[0].State != "handed_over" {
		return err
	}
	p := list[0]
	goods, err := warehousedb.GoodsOf(ctx, o.Pool, p.ID)
	if err != nil {
		return err
	}
	for _, g := range goods {
		op := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "milkrun back %s %d %s", f.Number, g.LineNo, g.Lot))
		in := Returning{Site: p.SiteID, Outbound: p.OutboundID, Line: g.LineNo, SKU: g.SKUID, Lot: g.Lot, Expiry: g.Expiry, Pieces: quantity.Pieces(g.Pieces),
			Reason: undeliveredWords(f.Reason), Note: f.Number}
		if _, err := o.TakeReturn(ctx, warehouse.Command{Op: op, MadeAt: f.At}, in); err != nil {
			return fmt.Errorf("warehouseops: parcel %s came back: %w", f.Number, err)
		}
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if _, err := o.lockRiders(ctx, tx, []string{f.Number}); err != nil {
			return err
		}
		fresh, err := warehousedb.BringBack(ctx, tx, p, o.Clock())
		if err != nil || !fresh {
			return err
		}
		return warehousedb.AddEvent(ctx, tx, p.OutboundID, o.Clock(), "came_back", "", map[string]any{"reason": undeliveredWords(f.Reason)})
	})
}

// undeliveredWords is how the return line names why it came back; people of the floor read Chinese.
func undeliveredWords(r routing.FailReason) string {
	words := map[routing.FailReason]string{routing.NobodyHome: "家里没人", routing.NoAccess: "进不去", routing.WrongAddress: "地址不对",
		routing.Declined: "顾客拒收", routing.DamagedGoods: "货损", routing.TooWarm: "超温"}
	if w, known := words[r]; known {
		return "没送到：" + w
	}
	return "没送到：" + string(r)
}

// Deliveries gives how sales of the sites that the user may see reached their consignees in a span.
func (o *Ops) Deliveries(ctx context.Context, sites []catalog.SiteID, from, to time.Time) (warehouse.Deliveries, error) {
	u, err := access.Require(ctx, access.ViewSales)
	if err != nil {
		return warehouse.Deliveries{}, err
	}
	if sites = bounded(u, sites); len(sites) == 0 {
		return warehouse.Deliveries{}, nil
	}
	return warehousedb.Deliveries(ctx, o.Pool, sites, from, to)
}
