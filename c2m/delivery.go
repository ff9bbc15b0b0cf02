package c2m

import (
	"slices"
	"strings"
	"time"

	"milkrun/internal/quantity"
)

// StartProduction notes that the supplier makes the goods. ErrState unless the order is confirmed.
func (o *FactoryOrder) StartProduction(now time.Time) error {
	if err := o.require("produce", StateConfirmed); err != nil {
		return err
	}
	o.move(StateProducing, now)
	return nil
}

// OpenPieces gives how many agreed pieces of a line are not yet on a delivery note or received.
func (o *FactoryOrder) OpenPieces(line int) quantity.Pieces {
	l, ok := o.Line(line)
	if !ok {
		return 0
	}
	return max(0, splitPieces(o.Agreed[line].Splits)-max(l.Shipped, l.Came))
}

// AwaitedPieces gives how many agreed pieces of a line have not come.
func (o *FactoryOrder) AwaitedPieces(line int) quantity.Pieces {
	l, ok := o.Line(line)
	if !ok {
		return 0
	}
	return max(0, splitPieces(o.Agreed[line].Splits)-l.Came)
}

// Dispatch counts pieces by line as on their way. ErrState before the order is confirmed, ErrUnknown,
// *OverDeliveryError for more than was agreed.
func (o *FactoryOrder) Dispatch(pieces map[int]quantity.Pieces, now time.Time) error {
	if err := o.require("dispatch", StateConfirmed, StateProducing, StateDispatched); err != nil {
		return err
	}
	if err := o.checkOpen(pieces, o.OpenPieces); err != nil {
		return err
	}
	for no, n := range pieces {
		o.Lines[o.index(no)].Shipped += n
	}
	o.move(StateDispatched, now)
	return nil
}

// Recall takes pieces of a withdrawn delivery note off what is on its way; the order falls back when nothing is left.
func (o *FactoryOrder) Recall(pieces map[int]quantity.Pieces, now time.Time) error {
	if err := o.require("recall goods of", StateDispatched); err != nil {
		return err
	}
	for no, n := range pieces {
		i := o.index(no)
		if i < 0 {
			return &LineError{Line: no, Err: ErrUnknown}
		}
		if l := o.Lines[i]; l.Shipped-n < l.Came {
			return &LineError{Line: no, SKU: l.SKU, Err: ErrUsedNumber}
		}
		o.Lines[i].Shipped -= n
	}
	if slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Shipped > 0 }) {
		return nil
	}
	o.Stops.Dispatched = nil
	if o.Stops.Producing != nil {
		o.State = StateProducing
		return nil
	}
	o.State = StateConfirmed
	return nil
}

// Receive counts pieces by line as received, with or without a delivery note. When all that was agreed has come, the order is
// received. ErrState, ErrUnknown, ErrPieces, *OverDeliveryError for more than was agreed.
func (o *FactoryOrder) Receive(pieces map[int]quantity.Pieces, now time.Time) error {
	if err := o.require("receive", StateConfirmed, StateProducing, StateDispatched); err != nil {
		return err
	}
	err := o.checkOpen(pieces, func(no int) quantity.Pieces {
		l, _ := o.Line(no)
		return max(0, splitPieces(o.Agreed[no].Splits)-l.Came)
	})
	if err != nil {
		return err
	}
	for no, n := range pieces {
		l := &o.Lines[o.index(no)]
		l.Came += n
		l.Shipped = max(l.Shipped, l.Came)
	}
	if o.Stops.Dispatched == nil {
		o.move(StateDispatched, now)
	}
	if !slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Came < splitPieces(o.Agreed[l.No].Splits) }) {
		o.move(StateReceived, now)
	}
	return nil
}

// checkOpen refuses lines that do not exist, no pieces at all, and more pieces than are open.
func (o *FactoryOrder) checkOpen(pieces map[int]quantity.Pieces, open func(int) quantity.Pieces) error {
	if len(pieces) == 0 {
		return ErrPieces
	}
	for no, n := range pieces {
		l, ok := o.Line(no)
		switch {
		case !ok:
			return &LineError{Line: no, Err: ErrUnknown}
		case n < 1 || n > MaxPieces:
			return &LineError{Line: no, SKU: l.SKU, Field: FieldPieces, Err: ErrPieces}
		case n > open(no):
			return &OverDeliveryError{Line: no, SKU: l.SKU, Want: n, Open: open(no)}
		}
	}
	return nil
}

// ShortPieces gives how many agreed pieces have not come, over all lines.
func (o *FactoryOrder) ShortPieces() quantity.Pieces {
	var n quantity.Pieces
	for _, l := range o.Lines {
		n += max(0, splitPieces(o.Agreed[l.No].Splits)-l.Came)
	}
	return n
}

// Close ends an order that has been received; one of which part is missing needs a reason, and the rest is no longer awaited.
// ErrState, ErrReason.
func (o *FactoryOrder) Close(reason string, now time.Time) error {
	if err := o.require("close", StateDispatched, StateReceived); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if o.ShortPieces() > 0 && reason == "" {
		return ErrReason
	}
	o.Reason = reason
	o.move(StateClosed, now)
	return nil
}

// Cancel ends an order of which nothing is on its way. Once it has been sent, a reason is needed. ErrState, ErrReason.
func (o *FactoryOrder) Cancel(reason string, now time.Time) error {
	if err := o.require("cancel", StateDraft, StateSent, StateAnswered, StateConfirmed, StateProducing); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if o.State != StateDraft && reason == "" {
		return ErrReason
	}
	o.Reason = reason
	o.move(StateCancelled, now)
	return nil
}
