package c2mops

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Dock reads what the warehouse has received and inspected; warehousedb.Inbound fits.
type Dock interface {
	// Delivery gives a delivery with its lines.
	Delivery(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) (*warehouse.Delivery, error)
	// OrderArrivals gives what a received delivery brought of factory orders, by order and line.
	OrderArrivals(ctx context.Context, q pgdb.Querier, id warehouse.DeliveryID) ([]warehouse.OrderArrival, error)
	// DeliveryOfOrder gives the number of a delivery that brings goods of an order, "" when there is none.
	DeliveryOfOrder(ctx context.Context, q pgdb.Querier, order int64) (string, error)
	// Inspection gives an inspection. warehouse.ErrNoInspection.
	Inspection(ctx context.Context, q pgdb.Querier, id int64) (*warehouse.Inspection, error)
}

// ArrivalArgs is the job that counts a received delivery on its orders.
type ArrivalArgs struct {
	Delivery warehouse.DeliveryID `json:"delivery"`
}

// Kind names the job.
func (ArrivalArgs) Kind() string { return "c2m.arrival" }

type arrivalWorker struct {
	river.WorkerDefaults[ArrivalArgs]
	ops *Ops
}

// Work reads the delivery anew. It may run any number of times.
func (w *arrivalWorker) Work(ctx context.Context, job *river.Job[ArrivalArgs]) error {
	return w.ops.BookArrival(access.WithUser(ctx, access.TheSystem()), job.Args.Delivery)
}

// BookArrival counts what a received delivery brought on its orders, each order once however often it is called. More than was
// agreed counts up to what is still open, and the rest is written on the receipt; what a note announced and did not bring is no
// longer on its way.
func (o *Ops) BookArrival(ctx context.Context, id warehouse.DeliveryID) error {
	u, err := mayReceive(ctx)
	if err != nil || o.Dock == nil {
		return err
	}
	d, err := o.Dock.Delivery(ctx, o.Pool, id)
	if errors.Is(err, warehouse.ErrNoDelivery) {
		return nil
	}
	if err != nil {
		return err
	}
	came, err := o.Dock.OrderArrivals(ctx, o.Pool, id)
	if err != nil {
		return err
	}
	byOrder := map[c2m.OrderID]map[int]quantity.Pieces{}
	var orders []c2m.OrderID
	for _, a := range came {
		order := c2m.OrderID(a.Order)
		if byOrder[order] == nil {
			byOrder[order] = map[int]quantity.Pieces{}
			orders = append(orders, order)
		}
		byOrder[order][a.Line] = a.Pieces
	}
	for _, order := range orders {
		if err := o.bookOrder(ctx, u, order, d, byOrder[order]); err != nil {
			return err
		}
	}
	return nil
}

func (o *Ops) bookOrder(ctx context.Context, u access.User, id c2m.OrderID, d *warehouse.Delivery, came map[int]quantity.Pieces) error {
	_, err := o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		fresh, err := c2mdb.TakeOperation(ctx, a.tx, fmt.Sprintf("delivery:%d:%d", d.ID, id), id, a.now)
		if err != nil || !fresh {
			a.still = true
			return err
		}
		taken, surplus := map[int]quantity.Pieces{}, map[int]quantity.Pieces{}
		for line, n := range came {
			open := a.order.AwaitedPieces(line)
			if k := min(n, open); k > 0 {
				taken[line] = k
			}
			if n > open {
				surplus[line] = n - open
			}
		}
		if len(taken) > 0 {
			err := a.order.Receive(taken, a.now)
			if errors.Is(err, c2m.ErrState) { // closed or cancelled meanwhile: the goods are there all the same
				o.Log.WarnContext(ctx, "goods came for an order that awaits none", "order", a.order.Number, "state", a.order.State, "delivery", d.Number)
				a.still = true
				return nil
			}
			if err != nil {
				return err
			}
		}
		if err := c2mdb.InsertReceipts(ctx, a.tx, id, d.ASN, o.receiptsOf(a, u, d, taken, surplus)); err != nil {
			return err
		}
		a.verb, a.after = "order.receive", map[string]any{"pieces": taken, "over": surplus, "delivery": d.Number}
		return o.shortNote(ctx, a, d.ASN)
	})
	return err
}

func (o *Ops) receiptsOf(a *act, u access.User, d *warehouse.Delivery, taken, surplus map[int]quantity.Pieces) []c2mdb.Receipt {
	by, day := person(u), a.today
	if d.Closed != nil {
		day = calendar.Of(*d.Closed, o.Zone)
	}
	if d.ClosedBy != "" {
		by = c2m.Person{Name: d.ClosedBy}
	}
	var out []c2mdb.Receipt
	for _, l := range a.order.Lines {
		if n := taken[l.No]; n > 0 {
			note := "收货 " + d.Number
			if s := surplus[l.No]; s > 0 {
				note = fmt.Sprintf("%s，多到 %d", note, s)
			}
			out = append(out, c2mdb.Receipt{Line: l.No, Pieces: n, Day: day, At: a.now, ByID: by.ID, ByName: by.Name, Note: note})
		}
	}
	return out
}

// shortNote takes what a delivery note announced and did not bring off what is on its way.
func (o *Ops) shortNote(ctx context.Context, a *act, asn int64) error {
	if asn == 0 {
		return nil
	}
	short, err := c2mdb.ShortASN(ctx, a.tx, asn, a.order.ID)
	if err != nil || len(short) == 0 || a.order.State != c2m.StateDispatched {
		return err
	}
	for line, n := range short { // what came over the note's own pieces is no longer on its way either
		l, ok := a.order.Line(line)
		if short[line] = min(n, l.Shipped-l.Came); !ok || short[line] <= 0 {
			delete(short, line)
		}
	}
	if len(short) == 0 {
		return nil
	}
	return a.order.Recall(short, a.now)
}

// notDocked refuses a receipt by hand of an order whose goods are scanned in at a dock.
func (o *Ops) notDocked(ctx context.Context, a *act) error {
	if o.Dock == nil {
		return nil
	}
	number, err := o.Dock.DeliveryOfOrder(ctx, a.tx, int64(a.order.ID))
	if err == nil && number != "" {
		err = &c2m.DockedError{Number: a.order.Number, Delivery: number}
	}
	return err
}
