package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Notes reads suppliers' delivery notes with the remaining life agreed for each line; c2mdb.Notes fits.
type Notes interface {
	// Note gives a delivery note, and the days that must be left of a line's life by order and line.
	Note(ctx context.Context, q pgdb.Querier, id int64) (*c2m.ASN, map[c2m.OrderID]map[int]int, error)
}

// ExpectArgs is the job that turns a supplier's delivery note into an expected delivery.
type ExpectArgs struct {
	ASN int64 `json:"asn"`
}

// Kind names the job.
func (ExpectArgs) Kind() string { return "warehouse.expect" }

type expectWorker struct {
	river.WorkerDefaults[ExpectArgs]
	ops *Ops
}

// Work reads the note anew and brings the expected delivery in line. It may run any number of times.
func (w *expectWorker) Work(ctx context.Context, job *river.Job[ExpectArgs]) error {
	return w.ops.ExpectNote(access.WithUser(ctx, access.TheSystem()), job.Args.ASN)
}

// sentArgs is the job that lets the targets of transfers expect what was handed over.
type sentArgs struct {
	Outbounds []int64 `json:"outbounds"`
}

func (sentArgs) Kind() string { return "warehouse.sent" }

type sentWorker struct {
	river.WorkerDefaults[sentArgs]
	ops *Ops
}

// Work reads the parcels anew. It may run any number of times.
func (w *sentWorker) Work(ctx context.Context, job *river.Job[sentArgs]) error {
	return w.ops.ExpectSent(access.WithUser(ctx, access.TheSystem()), job.Args.Outbounds)
}

func (o *Ops) registerInbound(w *river.Workers) {
	river.AddWorker(w, &expectWorker{ops: o})
	river.AddWorker(w, &sentWorker{ops: o})
}

func (o *Ops) subscribeInbound(b *events.Bus) {
	events.Subscribe(b, func(f c2m.Dispatched) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(ExpectArgs{ASN: f.ASN})}
	})
	events.Subscribe(b, func(f warehouse.Shipped) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(sentArgs{Outbounds: f.Outbounds})}
	})
}

// ExpectSent lets the targets of transfers among these orders expect what their handed-over parcels hold, each parcel once however
// often it is called.
func (o *Ops) ExpectSent(ctx context.Context, outbounds []int64) error {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		all, err := warehousedb.SentGoods(ctx, tx, outbounds)
		if err != nil {
			return err
		}
		for len(all) > 0 {
			first, n := all[0], 0
			var goods []TransferGoods
			for n < len(all) && all[n].Outbound == first.Outbound && all[n].From == first.From {
				g := all[n]
				goods = append(goods, TransferGoods{SKU: g.SKU, Lot: g.Lot.Code, Produced: g.Lot.Produced, Expiry: g.Lot.Expiry, Pieces: g.Pieces, Carton: g.Parcel})
				n++
			}
			all = all[n:]
			shipped := o.Clock()
			if first.Shipped != nil {
				shipped = *first.Shipped
			}
			_, err := o.ExpectTransfer(ctx, tx, first.Outbound, first.Number, first.From, first.To, shipped, nil, first.Carrier, goods)
			if errors.Is(err, warehouse.ErrDeliveryState) { // received before a later parcel was handed over
				o.Log.WarnContext(ctx, "a transfer's parcels come after its delivery was closed: receive them blind", "transfer", first.Number)
				err = nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ExpectNote brings the expected delivery of a supplier's note in line with the note: a new one, or the note's later revision
// while nothing of it has been scanned. A site without a dock expects nothing here: its receipts are entered on the order.
func (o *Ops) ExpectNote(ctx context.Context, asn int64) error {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return err
	}
	if o.Notes == nil {
		return nil
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		note, lives, err := o.Notes.Note(ctx, tx, asn)
		if errors.Is(err, c2m.ErrUnknown) {
			return nil // withdrawn meanwhile
		}
		if err != nil {
			return err
		}
		docks, err := warehousedb.BinsOfKind(ctx, tx, note.ShipTo, warehouse.BinDock)
		if err != nil || len(docks) == 0 {
			return err
		}
		if err := warehousedb.LockSite(ctx, tx, note.ShipTo); err != nil { // two jobs for the same new note
			return err
		}
		d, err := warehousedb.LockDeliveryOfASN(ctx, tx, asn)
		switch {
		case errors.Is(err, warehouse.ErrNoDelivery):
			d = &warehouse.Delivery{Kind: warehouse.SupplierDelivery, State: warehouse.DeliveryExpected, Expected: o.Clock(), ASN: note.ID}
			o.noted(d, note, lives)
			err = warehousedb.InsertDelivery(ctx, tx, d, note.Revision)
		case err != nil:
			return err
		case d.State != warehouse.DeliveryExpected:
			return nil // scanned already: the dock's word stands
		default:
			o.noted(d, note, lives)
			if err = warehousedb.SaveDelivery(ctx, tx, d, note.Revision); err == nil {
				err = warehousedb.ReplaceDeliveryLines(ctx, tx, d)
			}
		}
		if err != nil {
			return err
		}
		return o.tellDock(ctx, tx, d)
	})
}

// noted writes down what the note says.
func (o *Ops) noted(d *warehouse.Delivery, n *c2m.ASN, lives map[c2m.OrderID]map[int]int) {
	d.Number, d.Site, d.Supplier, d.Carrier, d.Tracking, d.Slot = n.Number, n.ShipTo, n.Supplier, n.Carrier, n.Tracking, n.Slot
	d.Arrives = &n.Arrives
	d.Lines = nil
	for i, l := range n.Lines {
		d.Lines = append(d.Lines, warehouse.DeliveryLine{No: i + 1, SKU: l.SKU, Order: int64(l.Order), OrderNumber: l.OrderNumber, OrderLine: l.Line, Lot: l.Lot,
			Produced: l.Produced, Expiry: l.Expires, Pieces: l.Pieces, Cartons: l.Cartons, PerCarton: l.PerCarton, CartonNo: l.CartonNo, Certificate: l.Certificate,
			MinRemainingDays: lives[l.Order][l.Line]})
	}
}

// tellDock lets the dock's screens know.
func (o *Ops) tellDock(ctx context.Context, tx pgx.Tx, d *warehouse.Delivery) error {
	if err := events.Tell(ctx, tx, "dock", fmt.Sprint(d.Site)); err != nil {
		return err
	}
	return events.Tell(ctx, tx, fmt.Sprintf("delivery/%d", d.ID), "")
}

// TransferGoods is one lot of a transfer that has left its site.
type TransferGoods struct {
	SKU              catalog.SKUID
	Lot              string
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces
	Carton           string // the parcel's number
}

// ExpectTransfer notes, within the handover's transaction, that goods of a transfer are on their way: the target expects them,
// and the pieces must have been posted to the target with the status in_transit (bin ""). A further handover of the same
// order adds to the delivery that is still expected. promised is the day on which the lane lets them arrive; nil takes it from the lane.
func (o *Ops) ExpectTransfer(ctx context.Context, tx pgx.Tx, outbound int64, number string, from, to catalog.SiteID, shipped time.Time, promised *calendar.Day, carrier string, goods []TransferGoods) (warehouse.DeliveryID, error) {
	if err := warehousedb.LockSite(ctx, tx, to); err != nil {
		return 0, err
	}
	if promised == nil {
		d, err := warehousedb.LanePromise(ctx, tx, from, to, shipped)
		if err != nil {
			return 0, err
		}
		promised = d
	}
	d, err := warehousedb.LockDeliveryOfTransfer(ctx, tx, outbound, to)
	if errors.Is(err, warehouse.ErrNoDelivery) {
		d = &warehouse.Delivery{Kind: warehouse.TransferDelivery, Number: number, Site: to, FromSite: from, Outbound: outbound, Carrier: carrier, Arrives: promised,
			State: warehouse.DeliveryExpected, Expected: o.Clock(), Shipped: &shipped}
		d.Lines = transferLines(nil, goods)
		if err := warehousedb.InsertDelivery(ctx, tx, d, 0); err != nil {
			return 0, err
		}
		return d.ID, o.tellDock(ctx, tx, d)
	}
	if err != nil {
		return 0, err
	}
	lines := transferLines(d.Lines, goods)
	if len(lines) == len(d.Lines) {
		return d.ID, nil // told again
	}
	if !d.State.Open() {
		return 0, &warehouse.DeliveryStateError{Number: d.Number, State: d.State, Verb: "add to"}
	}
	d.Lines = lines
	if err := warehousedb.SaveDeliveryLines(ctx, tx, d.ID, d.Lines); err != nil {
		return 0, err
	}
	return d.ID, o.tellDock(ctx, tx, d)
}

// transferLines adds goods to lines, a line for each lot and parcel; a lot of a parcel that has its line gets no second one.
func transferLines(lines []warehouse.DeliveryLine, goods []TransferGoods) []warehouse.DeliveryLine {
	last := 0
	for _, l := range lines {
		last = max(last, l.No)
	}
	for _, g := range goods {
		if g.Carton != "" && slices.ContainsFunc(lines, func(l warehouse.DeliveryLine) bool { return l.CartonNo == g.Carton && l.SKU == g.SKU && l.Lot == g.Lot }) {
			continue
		}
		last++
		lines = append(lines, warehouse.DeliveryLine{No: last, SKU: g.SKU, Lot: g.Lot, Produced: g.Produced, Expiry: g.Expiry, Pieces: g.Pieces, CartonNo: g.Carton,
			Cartons: 1, PerCarton: g.Pieces})
	}
	return lines
}

// CancelDelivery strikes a delivery that will not come, with a reason, while nothing of it has been scanned.
// warehouse.ErrNoDelivery, *warehouse.DeliveryStateError, warehouse.ErrReason.
func (o *Ops) CancelDelivery(ctx context.Context, id warehouse.DeliveryID, reason string) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	if reason == "" {
		return warehouse.ErrReason
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		d, err := o.lockDelivery(ctx, tx, u, id)
		if err != nil {
			return err
		}
		if err := d.Require("cancel", warehouse.DeliveryExpected); err != nil {
			return err
		}
		d.State, d.Reason = warehouse.DeliveryCancelled, reason
		if err := warehousedb.SaveDelivery(ctx, tx, d, 0); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "delivery.cancel", Thing: deliveryThing(d), After: reason})
		if err != nil {
			return err
		}
		return o.tellDock(ctx, tx, d)
	})
}

func deliveryThing(d *warehouse.Delivery) audit.Thing {
	return audit.Thing{Kind: "delivery", ID: fmt.Sprint(d.ID)}
}

// lockDelivery locks a delivery of a site of the user's.
func (o *Ops) lockDelivery(ctx context.Context, tx pgx.Tx, u access.User, id warehouse.DeliveryID) (*warehouse.Delivery, error) {
	d, err := warehousedb.LockDelivery(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return d, within(u, d.Site)
}
