package c2m

import (
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

// Agreement is the schedule that both sides hold to for a line: its promises. Without splits, nothing will be delivered.
type Agreement struct {
	Line    int
	Version int // the version in which it was agreed
	Splits  []Split
}

// meets tells whether the agreement delivers exactly what the line asks for.
func (a Agreement) meets(l Line) bool {
	return len(a.Splits) == 1 && a.Splits[0] == Split{Pieces: l.Pieces, Day: l.Due, Price: l.Price}
}

func (o *FactoryOrder) agree(line int, splits []Split) {
	if o.Agreed == nil {
		o.Agreed = map[int]Agreement{}
	}
	o.Agreed[line] = Agreement{Line: line, Version: o.Version(), Splits: sorted(splits)}
}

// allAgreed tells whether every line of the current version is agreed on.
func (o *FactoryOrder) allAgreed() bool {
	if o.Current == nil {
		return false
	}
	for _, l := range o.Current.Lines {
		if _, ok := o.Agreed[l.No]; !ok {
			return false
		}
	}
	return true
}

// Confirmation says how far what is agreed meets the current version; NotConfirmed while a line is open.
func (o *FactoryOrder) Confirmation() Confirmation {
	if !o.allAgreed() {
		return NotConfirmed
	}
	c := WhollyAgreed
	for _, l := range o.Current.Lines {
		a := o.Agreed[l.No]
		if splitPieces(a.Splits) < l.Pieces {
			return PartlyAgreed
		}
		if len(a.Splits) > 1 && a.Splits[0].Day != a.Splits[len(a.Splits)-1].Day {
			c = SplitOverDates
		}
	}
	return c
}

// AgreedTotals sums what is agreed at the agreed prices, and what is only asked at the prices asked.
func (o *FactoryOrder) AgreedTotals() (Totals, error) {
	return o.totals(func(l Line) ([]Split, bool) {
		a, ok := o.Agreed[l.No]
		return a.Splits, ok
	})
}

// AnsweredTotals sums what the supplier has answered, and what it has not answered at what was agreed or asked.
func (o *FactoryOrder) AnsweredTotals() (Totals, error) {
	return o.totals(func(l Line) ([]Split, bool) {
		if a, ok := o.Answer.Line(l.No); ok {
			return a.Splits, true
		}
		a, ok := o.Agreed[l.No]
		return a.Splits, ok
	})
}

func (o *FactoryOrder) totals(of func(Line) ([]Split, bool)) (Totals, error) {
	var t Totals
	for _, l := range o.asked() {
		splits, ok := of(l)
		if !ok {
			splits = []Split{{Pieces: l.Pieces, Price: l.Price}}
		}
		if err := t.addLine(splits, l.TaxBP); err != nil {
			return Totals{}, err
		}
		t.Lines++
	}
	return t, nil
}

// Reschedule changes the promises of an agreed line by the buyer's word, after a talk with the supplier. The pieces may not fall
// below what is on its way or has come; parts that have come may keep their past day.
// ErrState, ErrUnknown for a line that is not agreed, ErrReason, ErrPieces, ErrDay, ErrShipped.
func (o *FactoryOrder) Reschedule(line int, splits []Split, reason string, today calendar.Day) (was Agreement, err error) {
	if err := o.require("reschedule", StateConfirmed, StateProducing, StateDispatched); err != nil {
		return was, err
	}
	was, ok := o.Agreed[line]
	l, known := o.Line(line)
	fail := func(f Field, err error) error { return &LineError{Line: line, SKU: l.SKU, Field: f, Err: err} }
	if !ok || !known {
		return was, fail("", ErrUnknown)
	}
	if strings.TrimSpace(reason) == "" {
		return was, fail(FieldReason, ErrReason)
	}
	price := priceOf(was.Splits, l.Price)
	for i := range splits {
		if splits[i].Price == 0 {
			splits[i].Price = price
		}
		switch s := splits[i]; {
		case s.Pieces < 1 || s.Pieces > MaxPieces:
			return was, fail(FieldPieces, ErrPieces)
		case s.Price < 1 || s.Price > MaxPrice:
			return was, fail(FieldPrice, ErrPrice)
		case checkDay(s.Day, today) != nil && !slices.ContainsFunc(was.Splits, func(w Split) bool { return w.Day == s.Day }):
			return was, fail(FieldDue, ErrDay)
		}
	}
	if splitPieces(splits) < max(l.Shipped, l.Came) {
		return was, fail(FieldPieces, ErrShipped)
	}
	o.Agreed[line] = Agreement{Line: line, Version: was.Version, Splits: sorted(splits)}
	return was, nil
}

// settle confirms an answered order once every line is agreed on, nothing waits for a decision and the supplier has
// everything that the buyer wants.
func (o *FactoryOrder) settle(now time.Time) {
	if o.State != StateAnswered || !o.allAgreed() || o.Changed() {
		return
	}
	for _, d := range o.Deviations {
		if !o.closed(d) {
			return
		}
	}
	if o.Stops.Producing != nil {
		o.move(StateProducing, now) // a change that came while goods were being made
		return
	}
	o.move(StateConfirmed, now)
}

// PromisedPrice gives the price agreed for a line, and the price asked while nothing is agreed.
func (o *FactoryOrder) PromisedPrice(l Line) money.Fen {
	return priceOf(o.Agreed[l.No].Splits, l.Price)
}
