package c2mops

import (
	"context"
	"fmt"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// maxReceiptDays is how far back a receipt may be entered.
const maxReceiptDays = 90

// Receiving is what came of an order.
type Receiving struct {
	// Operation is an id of the caller's making: the same one twice happens once. Empty for none.
	Operation string
	Day       *calendar.Day // nil for today
	Pieces    map[int]quantity.Pieces
	Note      string
}

// Receive enters what came of an order by line, with or without a delivery note, at a site without a dock. The pieces
// fill the order's delivery notes in the order of their arrival. *c2m.StateError, *c2m.OverDeliveryError, c2m.ErrDay, and
// *c2m.DockedError for an order whose goods are scanned in at a dock: the dock's receipt would count them a second time.
func (o *Ops) Receive(ctx context.Context, id c2m.OrderID, r Receiving) (*c2m.FactoryOrder, error) {
	u, err := mayReceive(ctx)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		if r.Operation != "" {
			fresh, err := c2mdb.TakeOperation(ctx, a.tx, r.Operation, id, a.now)
			if err != nil || !fresh {
				a.still = true
				return err
			}
		}
		day := a.today
		if r.Day != nil {
			day = *r.Day
		}
		if day > a.today || day < a.today.AddDays(-maxReceiptDays) {
			return &c2m.LineError{Field: "day", Err: c2m.ErrDay}
		}
		if err := o.notDocked(ctx, a); err != nil {
			return err
		}
		if err := a.order.Receive(r.Pieces, a.now); err != nil {
			return err
		}
		by := person(u)
		var receipts []c2mdb.Receipt
		for _, l := range a.order.Lines {
			if n := r.Pieces[l.No]; n > 0 {
				receipts = append(receipts, c2mdb.Receipt{Line: l.No, Pieces: n, Day: day, At: a.now, ByID: by.ID, ByName: by.Name, Note: strings.TrimSpace(r.Note)})
			}
		}
		a.verb, a.after = "order.receive", map[string]any{"pieces": r.Pieces, "day": day, "note": r.Note}
		return c2mdb.InsertReceipts(ctx, a.tx, id, 0, receipts)
	})
}

// mayReceive lets buyers and the warehouse's people enter receipts.
func mayReceive(ctx context.Context) (access.User, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err == nil && !access.Can(u, access.EditOrders) && u.Role != access.Warehouse && u.Role != access.Lead {
		err = fmt.Errorf("%w: %s may not enter receipts", access.ErrForbidden, u.Role)
	}
	return u, err
}

// Say puts a remark on an order that both sides read.
func (o *Ops) Say(ctx context.Context, id c2m.OrderID, text string) (c2mdb.Message, error) {
	u, err := eitherSide(ctx, access.EditOrders)
	if err != nil {
		return c2mdb.Message{}, err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return c2mdb.Message{}, c2m.ErrReason
	}
	if len([]rune(text)) > maxMessage {
		return c2mdb.Message{}, c2m.ErrLong
	}
	m := c2mdb.Message{At: o.Clock(), ByID: int64(u.ID), ByName: person(u).Name, FromSupplier: u.Role == access.Supplier, Body: text}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		if a.order.Version() == 0 {
			return &c2m.StateError{Number: a.order.Number, State: a.order.State, Verb: "discuss"}
		}
		a.verb, a.after = "order.message", text
		return c2mdb.InsertMessage(ctx, a.tx, id, &m)
	})
	return m, err
}

// maxMessage is the longest remark in characters.
const maxMessage = 2000
