package c2m

import (
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Supply is a number of pieces of an order that are still to come, on the day on which they are expected.
type Supply struct {
	Order    OrderID
	Number   string
	State    State
	Supplier catalog.SupplierID
	Line     int
	SKU      catalog.SKUID
	Site     catalog.SiteID
	Pieces   quantity.Pieces
	Day      calendar.Day
	// Overdue is true when Day has passed; Day stays the promised one.
	Overdue bool
	// Confirmed is true for agreed promises and for goods on their way, Dispatched for the latter alone.
	Confirmed, Dispatched bool
	Suggestion            int64
}

// SupplyLine is what is known of one line of an awaited order, for reckoning its open supply.
type SupplyLine struct {
	Supply // identity; Pieces and Day as asked in the current version, or in the draft
	// Agreed is the agreed schedule, Answered the supplier's answer to the current version while it waits for a decision.
	// Nil for none; an empty schedule says that nothing will come.
	Agreed, Answered []Split
	Shipped, Came    quantity.Pieces
	// Shipments are the line's parts of delivery notes.
	Shipments []Shipment
}

// Shipment is a line's part of a delivery note: the pieces, how many of them have come, and the planned arrival.
type Shipment struct {
	Pieces, Came quantity.Pieces
	Arrives      calendar.Day
}

// Open gives what is still to come of the line: the parts on their way first, then the rest of the best schedule known (the
// answer while it is being decided on, else the agreement, else the ask).
func (l SupplyLine) Open(today calendar.Day) []Supply {
	var out []Supply
	put := func(n quantity.Pieces, day calendar.Day, confirmed, dispatched bool) {
		if n <= 0 {
			return
		}
		s := l.Supply
		s.Pieces, s.Day, s.Overdue, s.Confirmed, s.Dispatched = n, day, day < today, confirmed, dispatched
		out = append(out, s)
	}
	shipments := slices.Clone(l.Shipments)
	slices.SortStableFunc(shipments, func(a, b Shipment) int { return a.Arrives.Sub(b.Arrives) })
	for _, s := range shipments {
		put(s.Pieces-s.Came, s.Arrives, true, true)
	}
	schedule, confirmed := l.schedule()
	gone := max(l.Shipped, l.Came)
	for _, s := range sorted(schedule) {
		n := min(gone, s.Pieces)
		gone -= n
		put(s.Pieces-n, s.Day, confirmed, false)
	}
	return out
}

func (l SupplyLine) schedule() (ss []Split, confirmed bool) {
	switch {
	case l.Answered != nil:
		return l.Answered, false
	case l.Agreed != nil:
		return l.Agreed, true
	}
	return []Split{{Pieces: l.Pieces, Day: l.Day}}, false
}

// Due gives the first day on which goods of the order are asked for, nil without lines.
func (o *FactoryOrder) Due() *calendar.Day {
	var first *calendar.Day
	for _, l := range o.asked() {
		if first == nil || l.Due < *first {
			first = &l.Due
		}
	}
	return first
}

// asked gives the lines of the version sent last, or of a draft.
func (o *FactoryOrder) asked() []Line {
	if o.Current != nil {
		return o.Current.Lines
	}
	return o.Lines
}

// SupplyLines gives what is known of each line that is asked for, with its parts of these delivery notes.
func (o *FactoryOrder) SupplyLines(notes []ASN) []SupplyLine {
	var out []SupplyLine
	for _, l := range o.asked() {
		now, _ := o.Line(l.No)
		s := SupplyLine{Supply: Supply{Order: o.ID, Number: o.Number, State: o.State, Supplier: o.Supplier, Line: l.No, SKU: l.SKU, Site: o.ShipTo,
			Pieces: l.Pieces, Day: l.Due, Suggestion: l.Suggestion}, Shipped: now.Shipped, Came: now.Came}
		if a, ok := o.Answer.Line(l.No); ok && o.State == StateAnswered {
			s.Answered = append([]Split{}, a.Splits...)
		}
		if a, ok := o.Agreed[l.No]; ok {
			s.Agreed = append([]Split{}, a.Splits...)
		}
		for _, n := range notes {
			for _, nl := range n.Lines {
				if nl.Order == o.ID && nl.Line == l.No {
					s.Shipments = append(s.Shipments, Shipment{Pieces: nl.Pieces, Came: nl.Came, Arrives: n.Arrives})
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// NextDay gives the first day on which goods that have not come are expected, agreed or asked; nil when none are awaited.
func (o *FactoryOrder) NextDay() *calendar.Day {
	if !o.State.Awaited() {
		return nil
	}
	var first *calendar.Day
	for _, l := range o.SupplyLines(nil) {
		l.Shipped, l.Answered = l.Came, nil // what is on its way is still expected on its promised day
		for _, open := range l.Open(0) {
			if first == nil || open.Day < *first {
				first = &open.Day
			}
		}
	}
	return first
}
