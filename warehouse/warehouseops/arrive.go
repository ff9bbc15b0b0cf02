package warehouseops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Arrive is what the dock says of pieces that it scanned. Accept names the faults that the worker has seen and takes them in with.
type Arrive struct {
	Delivery         warehouse.DeliveryID
	Line             int // 0 finds it
	SKU              catalog.SKUID
	Lot              string
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces
	Outcome          warehouse.ArrivalOutcome // "" is good
	Accept           []warehouse.ArrivalFault
	Carton           string // the SSCC or number of the box, "" for loose pieces
	Note             string
}

// Receive books pieces that were scanned at the dock. What is wrong with them is refused first, with all faults at once
// (*warehouse.ArrivalError); the same command with the faults accepted, or with the outcome refused, is taken. A carton is
// taken once (*warehouse.CartonError). warehouse.ErrNoPieces, ErrOutcome, ErrNoDelivery, *DeliveryStateError.
func (o *Ops) Receive(ctx context.Context, c warehouse.Command, in Arrive) (Scanned, error) {
	return once(ctx, o, access.WorkFloor, c, "receipt.scan", "receipt", func(ctx context.Context, x *deed) (Scanned, error) {
		d, err := o.lockDelivery(ctx, x.tx, x.user, in.Delivery)
		if err != nil {
			return Scanned{}, err
		}
		if err := d.Require("scan", warehouse.DeliveryReceiving); err != nil {
			return Scanned{}, err
		}
		a, err := o.arrival(ctx, x, d, in)
		if err != nil {
			return Scanned{}, err
		}
		if err := o.takeIn(ctx, x, d, &a); err != nil {
			return Scanned{}, err
		}
		if err := o.tellDock(ctx, x.tx, d); err != nil {
			return Scanned{}, err
		}
		return scanned(d, &a), nil
	})
}

// arrival checks a scan and gives it its line.
func (o *Ops) arrival(ctx context.Context, x *deed, d *warehouse.Delivery, in Arrive) (a warehouse.Arrival, err error) {
	if in.Outcome == "" {
		in.Outcome = warehouse.ArrivedGood
	}
	switch {
	case !slices.Contains([]warehouse.ArrivalOutcome{warehouse.ArrivedGood, warehouse.ArrivedDamaged, warehouse.ArrivedRefused}, in.Outcome):
		return a, warehouse.ErrOutcome
	case in.Pieces < 1 || in.Pieces > warehouse.MaxArrival:
		return a, warehouse.ErrNoPieces
	case in.Produced != nil && in.Expiry != nil && *in.Expiry < *in.Produced:
		return a, warehouse.ErrDates
	}
	wares, err := warehousedb.Wares(ctx, x.tx, in.SKU)
	if err != nil {
		return a, err
	}
	ware, known := wares[in.SKU]
	if !known {
		return a, &warehouse.UnknownGoodsError{Scanned: fmt.Sprint(in.SKU)}
	}
	if in.Carton != "" {
		before, err := warehousedb.ArrivalOfCarton(ctx, x.tx, d.ID, in.Carton)
		if err != nil {
			return a, err
		}
		if before != nil {
			return a, &warehouse.CartonError{Carton: in.Carton, At: before.At, By: before.By}
		}
	}
	a = warehouse.Arrival{Delivery: d.ID, SKU: in.SKU, Lot: strings.TrimSpace(in.Lot), Produced: in.Produced, Expiry: in.Expiry, Pieces: in.Pieces, Outcome: in.Outcome,
		Carton: in.Carton, Bin: d.Dock, Note: strings.TrimSpace(in.Note), At: x.now, By: x.user.Name, Device: x.op.Device}
	line := d.Line(in.Line)
	if line == nil || line.SKU != in.SKU {
		line = d.LineFor(in.SKU, a.Lot)
	}
	if line != nil && a.Lot == line.Lot && a.Expiry == nil {
		a.Produced, a.Expiry = line.Produced, line.Expiry
	}
	if a.Expiry == nil && a.Produced != nil && ware.ShelfLifeDays > 0 {
		day := a.Produced.AddDays(ware.ShelfLifeDays)
		a.Expiry = &day
	}
	today, err := o.siteToday(ctx, x.tx, d.Site)
	if err != nil {
		return a, err
	}
	if fault := d.Judge(a, line, ware.GoodsLife, today); fault != nil {
		if in.Outcome != warehouse.ArrivedRefused {
			if fault.Except(in.Accept) != nil {
				return a, fault
			}
		}
		a.Faults = fault.Faults
	}
	if line == nil || in.Outcome != warehouse.ArrivedRefused && line.Lot != a.Lot && (line.Lot != "" || line.Came() > 0) {
		a.Line = addLine(d, line, a)
	} else {
		a.Line = line.No
	}
	return a, nil
}

// addLine gives goods that were not announced, or another lot of goods that were, a line of their own.
func addLine(d *warehouse.Delivery, like *warehouse.DeliveryLine, a warehouse.Arrival) int {
	n := warehouse.DeliveryLine{No: 1, SKU: a.SKU, Lot: a.Lot, Produced: a.Produced, Expiry: a.Expiry}
	for _, l := range d.Lines {
		n.No = max(n.No, l.No+1)
		if l.SKU == a.SKU && l.Lot == a.Lot && l.Pieces == 0 {
			return l.No // of an earlier scan
		}
	}
	if like != nil {
		n.Order, n.OrderNumber, n.OrderLine, n.MinRemainingDays = like.Order, like.OrderNumber, like.OrderLine, like.MinRemainingDays
	}
	d.Lines = append(d.Lines, n)
	return n.No
}

// takeIn books a checked scan: the pieces stand at the dock, held or damaged, until the receipt is closed.
func (o *Ops) takeIn(ctx context.Context, x *deed, d *warehouse.Delivery, a *warehouse.Arrival) error {
	l := d.Line(a.Line)
	if l.Came() == 0 && l.Lot == "" && a.Outcome != warehouse.ArrivedRefused {
		l.Lot, l.Produced, l.Expiry = a.Lot, a.Produced, a.Expiry // the note did not say which lot
	}
	switch a.Outcome {
	case warehouse.ArrivedGood:
		l.Good += a.Pieces
	case warehouse.ArrivedDamaged:
		l.Damaged += a.Pieces
	case warehouse.ArrivedRefused:
		l.Refused += a.Pieces
		a.Bin = ""
	}
	if err := warehousedb.SaveDeliveryLines(ctx, x.tx, d.ID, []warehouse.DeliveryLine{*l}); err != nil {
		return err
	}
	if err := warehousedb.InsertArrival(ctx, x.tx, x.op, a); err != nil || a.Outcome == warehouse.ArrivedRefused {
		return err
	}
	to := &warehouse.Place{Site: d.Site, Bin: d.Dock, SKU: a.SKU, Lot: a.Lot, Status: warehouse.Held}
	if a.Outcome == warehouse.ArrivedDamaged {
		to.Status = warehouse.Damaged
	}
	moves, err := o.fromTransit(ctx, x, d, a, to)
	if err != nil {
		return err
	}
	return x.post(ctx, moves...)
}

// fromTransit takes a transfer's pieces off what is on its way to the site; what is more came from nowhere that we know.
func (o *Ops) fromTransit(ctx context.Context, x *deed, d *warehouse.Delivery, a *warehouse.Arrival, to *warehouse.Place) ([]warehouse.Move, error) {
	left := a.Pieces
	var moves []warehouse.Move
	if d.Kind == warehouse.TransferDelivery {
		from := warehouse.Place{Site: d.Site, SKU: a.SKU, Lot: a.Lot, Status: warehouse.InTransit}
		have, err := warehousedb.LockFree(ctx, x.tx, from)
		if err != nil {
			return nil, err
		}
		if n := min(have, left); n > 0 {
			moves = append(moves, warehouse.Move{From: &from, To: to, Pieces: n})
			left -= n
		}
	}
	if left > 0 {
		moves = append(moves, warehouse.Move{To: to, Pieces: left, Produced: a.Produced, Expiry: a.Expiry})
	}
	return moves, nil
}
