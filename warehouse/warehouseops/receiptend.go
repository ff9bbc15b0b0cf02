package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

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
