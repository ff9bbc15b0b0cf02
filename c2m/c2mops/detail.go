package c2mops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Stop is a stop on the order's line: a state and when it was reached, nil when it has not been. Expected is the day on which the goods
// are to be there, at the last stop.
type Stop struct {
	State    c2m.State
	At       *time.Time
	Now      bool
	Expected *calendar.Day
}

// Pair is a line as it was asked, answered and agreed, side by side.
type Pair struct {
	Line c2m.Line // as asked in the current version, or in the draft
	SKU  catalog.SKU
	// Wanted is the buyer's working copy where it differs from what was sent; nil for no difference. Struck is true when it was taken off.
	Wanted *c2m.Line
	Struck bool
	// Answer is the supplier's answer, nil for none; Agreed the promises, nil while nothing is agreed.
	Answer *c2m.AnswerLine
	Agreed *c2m.Agreement
	// Deviations are where the answer differs. An offer of other goods has a negative Line.No and no asked quantity.
	Deviations    []c2m.Deviation
	Shipped, Came quantity.Pieces
	Supply        []c2m.Supply // what is still to come, by day
}

// Undecided tells whether the line waits for the buyer.
func (p Pair) Undecided() bool {
	for _, d := range p.Deviations {
		if d.Decision == c2m.DecisionOpen {
			return true
		}
	}
	return false
}

// Detail is everything about one order.
type Detail struct {
	Order    *c2m.FactoryOrder
	Supplier catalog.Supplier
	Site     catalog.Site
	Stops    []Stop
	Pairs    []Pair
	// Asked, Answered and Agreed are the sums of the columns.
	Asked, Answered, Agreed c2m.Totals
	Late                    bool
	Versions                []c2m.Version
	ASNs                    []c2m.ASN
	Receipts                []Receipt
	Uploads                 []Upload
	Messages                []Message
	AnswerFile              int64 // the sheet that the current answer came in, 0 for none
	// What only the house sees.
	Cautions []c2m.Caution
	Moves    []c2m.PriceMove // prices that are not those of the terms
	Terms    map[catalog.SKUID]catalog.Term
	Score    c2m.Score
	History  []audit.Entry
}

// Detail gives everything about an order, for the house's staff. c2m.ErrUnknown.
func (o *Ops) Detail(ctx context.Context, id c2m.OrderID) (Detail, error) {
	u, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData)
	if err != nil {
		return Detail{}, err
	}
	var d Detail
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if d, err = o.common(ctx, tx, u, id); err != nil {
			return err
		}
		return o.house(ctx, tx, &d)
	})
	return d, err
}

// common reads what both sides may see; pairs show the working copy as well.
func (o *Ops) common(ctx context.Context, tx pgx.Tx, u access.User, id c2m.OrderID) (d Detail, err error) {
	if d.Order, err = c2mdb.Order(ctx, tx, id); err != nil {
		return d, err
	}
	if err = mayTouch(u, d.Order); err != nil {
		return d, err
	}
	order := d.Order
	for _, step := range []func() error{
		func() (err error) { d.Supplier, err = c2mdb.Supplier(ctx, tx, order.Supplier); return },
		func() (err error) { d.Site, err = c2mdb.Site(ctx, tx, order.ShipTo); return },
		func() (err error) { d.Versions, err = c2mdb.Versions(ctx, tx, id); return },
		func() (err error) { d.ASNs, err = c2mdb.ASNsOfOrder(ctx, tx, id); return },
		func() (err error) { d.Receipts, err = c2mdb.Receipts(ctx, tx, id); return },
		func() (err error) { d.Uploads, err = c2mdb.Uploads(ctx, tx, order.Supplier, id, 20); return },
		func() (err error) { d.Messages, err = c2mdb.Messages(ctx, tx, id); return },
		func() (err error) { d.AnswerFile, err = c2mdb.AnswerFileID(ctx, tx, id); return },
		func() (err error) { d.Pairs, err = o.pairs(ctx, tx, order, d.ASNs); return },
		func() (err error) { d.Asked, err = c2m.TotalsOf(asked(order)); return },
		func() (err error) { d.Answered, err = order.AnsweredTotals(); return },
		func() (err error) { d.Agreed, err = order.AgreedTotals(); return },
	} {
		if err = step(); err != nil {
			return d, err
		}
	}
	next := order.NextDay()
	d.Stops = stops(order, next)
	overdue := order.State == c2m.StateSent && order.Current.ReplyBy.Before(o.Clock())
	d.Late = overdue || order.State != c2m.StateDraft && next != nil && *next < o.Today()
	return d, nil
}

// house adds what only the house sees.
func (o *Ops) house(ctx context.Context, tx pgx.Tx, d *Detail) (err error) {
	if d.Terms, err = c2mdb.Terms(ctx, tx, d.Order.Supplier, skusOf(d.Order)...); err != nil {
		return err
	}
	if d.Order.State.Editable() && d.Order.Changed() {
		d.Cautions = d.Order.Cautions(d.Terms, o.Today())
		d.Moves = d.Order.PriceMoves(d.Terms)
	}
	if d.Score, err = c2mdb.Score(ctx, tx, d.Order.Supplier, o.Today()); err != nil {
		return err
	}
	d.History, err = audit.History(ctx, tx, audit.Thing{Kind: "order", ID: itoa(int64(d.Order.ID))}, 200)
	return err
}

// asked gives the lines of the current version, or of a draft.
func asked(o *c2m.FactoryOrder) []c2m.Line {
	if o.Current != nil {
		return o.Current.Lines
	}
	return o.Lines
}

// stops gives the order's line. Cancelled orders end where they were cancelled.
func stops(o *c2m.FactoryOrder, next *calendar.Day) []Stop {
	all := []c2m.State{c2m.StateDraft, c2m.StateSent, c2m.StateAnswered, c2m.StateConfirmed, c2m.StateProducing, c2m.StateDispatched, c2m.StateReceived, c2m.StateClosed}
	var out []Stop
	for _, s := range all {
		at := o.Stops.At(s)
		if o.State == c2m.StateCancelled && at == nil {
			continue
		}
		stop := Stop{State: s, At: at, Now: s == o.State}
		if s == c2m.StateReceived && at == nil {
			stop.Expected = next
		}
		out = append(out, stop)
	}
	if o.State == c2m.StateCancelled {
		out = append(out, Stop{State: c2m.StateCancelled, At: o.Stops.Cancelled, Now: true})
	}
	return out
}

// pairs sets lines, answers and agreements side by side: the lines asked, then new ones that wait to be sent, then offers.
func (o *Ops) pairs(ctx context.Context, tx pgx.Tx, order *c2m.FactoryOrder, notes []c2m.ASN) ([]Pair, error) {
	ids := skusOf(order)
	if order.Answer != nil {
		for _, l := range order.Answer.Lines {
			ids = append(ids, l.SKU)
		}
	}
	skus, err := c2mdb.SKUs(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var ps []Pair
	seen := map[int]bool{}
	add := func(l c2m.Line) *Pair {
		seen[l.No] = true
		ps = append(ps, Pair{Line: l, SKU: skus[l.SKU]})
		p := &ps[len(ps)-1]
		for _, d := range order.Deviations {
			if d.Line == l.No {
				p.Deviations = append(p.Deviations, d)
			}
		}
		return p
	}
	supply := order.SupplyLines(notes)
	for _, l := range asked(order) {
		o.fillPair(add(l), order, supply)
	}
	for _, l := range order.Lines {
		if !seen[l.No] {
			p := add(c2m.Line{No: l.No, SKU: l.SKU})
			p.Wanted = &l
			if a, ok := order.Agreed[l.No]; ok {
				p.Agreed = &a
			}
		}
	}
	if order.Answer != nil {
		for _, l := range order.Answer.Lines {
			if !seen[l.Line] {
				add(c2m.Line{No: l.Line, SKU: l.SKU}).Answer = &l
			}
		}
	}
	return ps, nil
}

// fillPair fills in what is known of an asked line.
func (o *Ops) fillPair(p *Pair, order *c2m.FactoryOrder, supply []c2m.SupplyLine) {
	l := p.Line
	now, still := order.Line(l.No)
	p.Shipped, p.Came, p.Struck = now.Shipped, now.Came, !still && order.Current != nil
	if order.Current != nil && still {
		if d := c2m.DiffOf(c2m.Version{Lines: []c2m.Line{l}}, c2m.Version{Lines: []c2m.Line{now}}); !d.Empty() {
			p.Wanted = &now
		}
	}
	if a, ok := order.Answer.Line(l.No); ok {
		p.Answer = &a
	}
	if a, ok := order.Agreed[l.No]; ok {
		p.Agreed = &a
	}
	for _, s := range supply {
		if s.Line == l.No && order.State.Awaited() {
			p.Supply = s.Open(o.Today())
		}
	}
}

// Diff gives what changed from version a of an order to version b, with the goods that it names. b = 0 stands for the working copy.
func (o *Ops) Diff(ctx context.Context, id c2m.OrderID, a, b int) (c2m.Diff, map[catalog.SKUID]catalog.SKU, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return c2m.Diff{}, nil, err
	}
	order, err := c2mdb.Order(ctx, o.Pool, id)
	if err != nil {
		return c2m.Diff{}, nil, err
	}
	if err := mayTouch(u, order); err != nil {
		return c2m.Diff{}, nil, err
	}
	before, err := c2mdb.Version(ctx, o.Pool, id, a)
	if err != nil {
		return c2m.Diff{}, nil, err
	}
	after := c2m.Version{Conditions: order.Conditions, Lines: order.Lines}
	if b != 0 || u.Role == access.Supplier {
		if after, err = c2mdb.Version(ctx, o.Pool, id, b); err != nil {
			return c2m.Diff{}, nil, err
		}
	}
	d := c2m.DiffOf(before, after)
	var ids []catalog.SKUID
	for _, l := range d.Lines {
		for _, side := range []*c2m.Line{l.Before, l.After} {
			if side != nil {
				ids = append(ids, side.SKU)
			}
		}
	}
	skus, err := c2mdb.SKUs(ctx, o.Pool, ids)
	return d, skus, err
}
