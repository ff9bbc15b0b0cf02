package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// siteToday is the business day of a site.
func (o *Ops) siteToday(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (calendar.Day, error) {
	zone, err := warehousedb.SiteZone(ctx, q, site)
	if err != nil {
		return 0, err
	}
	return calendar.Of(o.Clock(), zone), nil
}

// Receipt is a delivery with its scans, the earliest first, and what the screen has to know of its goods.
type Receipt struct {
	Delivery warehouse.Delivery
	Wares    map[catalog.SKUID]warehouse.Ware
	Arrivals []warehouse.Arrival
}

// Scanned is the answer to a scan at the dock: the scan (nil after the last one was taken back), the line as it stands now,
// and how far the delivery has come.
type Scanned struct {
	Delivery        warehouse.DeliveryID
	Arrival         *warehouse.Arrival
	Line            warehouse.DeliveryLine
	Announced, Came quantity.Pieces
}

func scanned(d *warehouse.Delivery, a *warehouse.Arrival) Scanned {
	s := Scanned{Delivery: d.ID, Arrival: a}
	s.Announced, s.Came, _, _ = d.Totals()
	if a != nil {
		s.Line = *d.Line(a.Line)
	}
	return s
}

// StartReceipt begins to scan a delivery in at a dock; dock "" takes the site's first. Beginning again goes on with what was
// scanned. The goods stand at the dock, held, until the receipt is closed.
// warehouse.ErrNoDelivery, *warehouse.DeliveryStateError, warehouse.ErrNoDock, warehouse.ErrNotDock, *warehouse.UnknownBinError.
func (o *Ops) StartReceipt(ctx context.Context, c warehouse.Command, id warehouse.DeliveryID, dock string) (Receipt, error) {
	return o.receiptAfter(ctx)(once(ctx, o, access.WorkFloor, c, "receipt.start", "receipt", func(ctx context.Context, x *deed) (warehouse.DeliveryID, error) {
		d, err := o.lockDelivery(ctx, x.tx, x.user, id)
		if err != nil {
			return 0, err
		}
		if err := d.Require("receive", warehouse.DeliveryExpected, warehouse.DeliveryReceiving); err != nil {
			return 0, err
		}
		return d.ID, o.begin(ctx, x, d, dock)
	}))
}

// begin opens the receipt of a locked delivery.
func (o *Ops) begin(ctx context.Context, x *deed, d *warehouse.Delivery, dock string) error {
	if d.State == warehouse.DeliveryReceiving && (dock == "" || warehouse.CleanBinCode(dock) == d.Dock) {
		return nil
	}
	bin, err := o.dock(ctx, x, d.Site, dock)
	if err != nil {
		return err
	}
	d.Dock = bin
	if d.State == warehouse.DeliveryExpected {
		d.State, d.Started, d.StartedBy = warehouse.DeliveryReceiving, &x.now, x.user.Name
		if d.Kind == warehouse.TransferDelivery && d.Shipped != nil {
			if err := warehousedb.InsertLaneTime(ctx, x.tx, d, x.now); err != nil {
				return err
			}
		}
	}
	if err := warehousedb.SaveDelivery(ctx, x.tx, d, 0); err != nil {
		return err
	}
	return o.tellDock(ctx, x.tx, d)
}

func (o *Ops) dock(ctx context.Context, x *deed, site catalog.SiteID, code string) (string, error) {
	if code != "" {
		b, err := o.activeBin(ctx, x, site, code)
		if err == nil && b.Kind != warehouse.BinDock {
			err = fmt.Errorf("%w: %s", warehouse.ErrNotDock, b.Code)
		}
		return b.Code, err
	}
	docks, err := warehousedb.BinsOfKind(ctx, x.tx, site, warehouse.BinDock)
	if err == nil && len(docks) == 0 {
		err = warehouse.ErrNoDock
	}
	if err != nil {
		return "", err
	}
	return docks[0].Code, nil
}

// activeBin gives a bin in use. *warehouse.UnknownBinError.
func (o *Ops) activeBin(ctx context.Context, x *deed, site catalog.SiteID, code string) (warehouse.Bin, error) {
	b, err := warehousedb.Bin(ctx, x.tx, site, warehouse.CleanBinCode(code))
	if err == nil && !b.Active {
		err = &warehouse.UnknownBinError{Site: site, Code: b.Code, Inactive: true}
	}
	return b.Bin, err
}

// Receipt gives a delivery with its scans. warehouse.ErrNoDelivery.
func (o *Ops) Receipt(ctx context.Context, id warehouse.DeliveryID) (Receipt, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return Receipt{}, err
	}
	d, err := warehousedb.Delivery(ctx, o.Pool, id)
	if err == nil {
		err = within(u, d.Site)
	}
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Delivery: *d}
	if r.Arrivals, err = warehousedb.Arrivals(ctx, o.Pool, id); err != nil {
		return r, err
	}
	var skus []catalog.SKUID
	for _, l := range d.Lines {
		skus = append(skus, l.SKU)
	}
	r.Wares, err = warehousedb.Wares(ctx, o.Pool, skus...)
	return r, err
}

// receiptAfter reads the receipt that a command has left.
func (o *Ops) receiptAfter(ctx context.Context) func(warehouse.DeliveryID, error) (Receipt, error) {
	return func(id warehouse.DeliveryID, err error) (Receipt, error) {
		if err != nil {
			return Receipt{}, err
		}
		return o.Receipt(ctx, id)
	}
}

// Docks lists deliveries of a site: the open ones, or those of the states asked for.
func (o *Ops) Docks(ctx context.Context, q warehouse.DockQuery) ([]warehouse.Dock, error) {
	if err := o.maySee(ctx, q.Site); err != nil {
		return nil, err
	}
	if len(q.State) == 0 {
		q.State = []warehouse.DeliveryState{warehouse.DeliveryExpected, warehouse.DeliveryReceiving}
	}
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 1000)
	return warehousedb.Docks(ctx, o.Pool, q)
}

// Blind is a delivery without a note.
type Blind struct {
	Site     catalog.SiteID
	Supplier catalog.SupplierID // 0 where nobody knows
	Number   string             // of the paper that came with it, if any
	Carrier  string
	Reason   string // why it is taken in without a note
	Dock     string
}

// StartBlind begins to receive goods that came without a note. warehouse.ErrReason without a reason; see StartReceipt.
func (o *Ops) StartBlind(ctx context.Context, c warehouse.Command, b Blind) (Receipt, error) {
	return o.receiptAfter(ctx)(once(ctx, o, access.WorkFloor, c, "receipt.blind", "receipt", func(ctx context.Context, x *deed) (warehouse.DeliveryID, error) {
		if err := within(x.user, b.Site); err != nil {
			return 0, err
		}
		b.Reason = strings.TrimSpace(b.Reason)
		if b.Reason == "" {
			return 0, warehouse.ErrReason
		}
		today, err := o.siteToday(ctx, x.tx, b.Site)
		if err != nil {
			return 0, err
		}
		number, err := warehousedb.NextNumber(ctx, x.tx, "BR", today)
		if err != nil {
			return 0, err
		}
		d := &warehouse.Delivery{Kind: warehouse.BlindDelivery, Number: number, Site: b.Site, Supplier: b.Supplier, Carrier: b.Carrier, Tracking: b.Number, Arrives: &today,
			State: warehouse.DeliveryExpected, Reason: b.Reason, Expected: x.now}
		if err := warehousedb.InsertDelivery(ctx, x.tx, d, 0); err != nil {
			return 0, err
		}
		if err := o.begin(ctx, x, d, b.Dock); err != nil {
			return 0, err
		}
		return d.ID, audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "delivery.blind", Thing: deliveryThing(d), After: map[string]any{"number": number, "reason": b.Reason}})
	}))
}

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

// UndoArrival takes back a scan of a receipt that is still open: the last one where arrival is 0. The pieces must still stand
// at the dock. warehouse.ErrUndone, warehouse.ErrMoved, *warehouse.DeliveryStateError.
func (o *Ops) UndoArrival(ctx context.Context, c warehouse.Command, id warehouse.DeliveryID, arrival int64) (Scanned, error) {
	return once(ctx, o, access.WorkFloor, c, "receipt.undo", "reversal", func(ctx context.Context, x *deed) (Scanned, error) {
		d, err := o.lockDelivery(ctx, x.tx, x.user, id)
		if err != nil {
			return Scanned{}, err
		}
		if err := d.Require("take back a scan of", warehouse.DeliveryReceiving); err != nil {
			return Scanned{}, err
		}
		a, err := warehousedb.LastArrival(ctx, x.tx, d.ID, arrival)
		if err != nil {
			return Scanned{}, err
		}
		if a == nil {
			return Scanned{}, warehouse.ErrUndone
		}
		if err := o.takeBack(ctx, x, d, a); err != nil {
			return Scanned{}, err
		}
		last, err := warehousedb.LastArrival(ctx, x.tx, d.ID, 0)
		if err != nil {
			return Scanned{}, err
		}
		if err := o.tellDock(ctx, x.tx, d); err != nil {
			return Scanned{}, err
		}
		return scanned(d, last), nil
	})
}

func (o *Ops) takeBack(ctx context.Context, x *deed, d *warehouse.Delivery, a *warehouse.Arrival) error {
	was, err := warehousedb.UndoArrival(ctx, x.tx, a.ID, x.op)
	if err != nil {
		return err
	}
	if err := warehousedb.SetReverses(ctx, x.tx, x.op.ID, was); err != nil {
		return err
	}
	l := d.Line(a.Line)
	switch a.Outcome {
	case warehouse.ArrivedGood:
		l.Good -= a.Pieces
	case warehouse.ArrivedDamaged:
		l.Damaged -= a.Pieces
	case warehouse.ArrivedRefused:
		l.Refused -= a.Pieces
	}
	if err := warehousedb.SaveDeliveryLines(ctx, x.tx, d.ID, []warehouse.DeliveryLine{*l}); err != nil {
		return err
	}
	moves, err := warehousedb.Reversal(ctx, x.tx, was)
	if err != nil {
		return err
	}
	if err := x.post(ctx, moves...); err != nil {
		var short *warehouse.ShortError
		if errors.As(err, &short) {
			return fmt.Errorf("%w: %w", warehouse.ErrMoved, err)
		}
		return err
	}
	return nil
}

// CloseReceipt ends the scanning: lots that need no inspection become available at the dock, the others wait for theirs or are
// held, and the order's side hears what came. *warehouse.DeliveryStateError, warehouse.ErrNoDelivery.
func (o *Ops) CloseReceipt(ctx context.Context, c warehouse.Command, id warehouse.DeliveryID, note string) (Receipt, error) {
	return o.receiptAfter(ctx)(once(ctx, o, access.WorkFloor, c, "receipt.close", "receipt", func(ctx context.Context, x *deed) (warehouse.DeliveryID, error) {
		d, err := o.lockDelivery(ctx, x.tx, x.user, id)
		if err != nil {
			return 0, err
		}
		if err := d.Require("close", warehouse.DeliveryReceiving); err != nil {
			return 0, err
		}
		d.State, d.Closed, d.ClosedBy, d.Note = warehouse.DeliveryReceived, &x.now, x.user.Name, strings.TrimSpace(note)
		if err := warehousedb.SaveDelivery(ctx, x.tx, d, 0); err != nil {
			return 0, err
		}
		if err := o.sortOut(ctx, x, d); err != nil {
			return 0, err
		}
		announced, came, damaged, refused := d.Totals()
		err = audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "delivery.close", Thing: deliveryThing(d),
			After: map[string]any{"announced": announced, "came": came, "damaged": damaged, "refused": refused}})
		if err != nil {
			return 0, err
		}
		if err := o.Bus.Publish(ctx, x.tx, warehouse.Received{Site: d.Site, SKUs: skusOfDelivery(d), At: x.now, Delivery: d.ID}); err != nil {
			return 0, err
		}
		if err := events.Tell(ctx, x.tx, "inspections", fmt.Sprint(d.Site)); err != nil {
			return 0, err
		}
		return d.ID, o.tellDock(ctx, x.tx, d)
	}))
}

func skusOfDelivery(d *warehouse.Delivery) []catalog.SKUID {
	var out []catalog.SKUID
	for _, l := range d.Lines {
		if l.Came() > 0 && !slices.Contains(out, l.SKU) {
			out = append(out, l.SKU)
		}
	}
	return out
}
