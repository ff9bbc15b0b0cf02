package console

import (
	"context"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
)

// OrderDesk is the FactoryDesk of the house's own orders.
type OrderDesk struct{ Ops *c2mops.Ops }

// briefOrders is how many orders of each kind a standing names.
const briefOrders = 3

// Standing gives where the factory orders stand that the user may see.
func (d OrderDesk) Standing(ctx context.Context) (FactoryStanding, error) {
	var s FactoryStanding
	answered, err := d.Ops.Orders(ctx, c2mops.Query{Filter: c2mops.Filter{Undecided: true}, Sort: c2mops.ByNext, Limit: briefOrders})
	if err != nil {
		return s, err
	}
	late, err := d.Ops.Orders(ctx, c2mops.Query{Filter: c2mops.Filter{Late: true}, Sort: c2mops.ByNext, Limit: briefOrders})
	if err != nil {
		return s, err
	}
	all, err := d.Ops.Orders(ctx, c2mops.Query{Filter: c2mops.Filter{States: []c2m.State{c2m.StateDraft}}, Sort: c2mops.ByAmount, Limit: briefOrders})
	if err != nil {
		return s, err
	}
	// The sums of a filter are by state, whatever states its page shows.
	work := all.Total(c2m.StateSent, c2m.StateAnswered, c2m.StateConfirmed, c2m.StateProducing, c2m.StateDispatched)
	drafts := all.Total(c2m.StateDraft)
	s.Working, s.Late, s.Drafts, s.DraftMoney = work.Orders, all.Total().Late, drafts.Orders, drafts.AmountFen
	s.Answered, s.Overdue, s.Drafted = orderBriefs(answered.Rows), orderBriefs(late.Rows), orderBriefs(all.Rows)
	return s, nil
}

// arrivalDays is how far ahead the arrivals are counted, today included.
const arrivalDays = 7

// Arrivals gives what the user's sites may expect of factories.
func (d OrderDesk) Arrivals(ctx context.Context) (FactoryArrivals, error) {
	var a FactoryArrivals
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return a, err
	}
	supply, err := d.Ops.OpenSupply(ctx)
	if err != nil {
		return a, err
	}
	today, late := d.Ops.Today(), map[string]bool{}
	for _, s := range supply {
		switch {
		case s.State == c2m.StateDraft || !u.MayTouchSite(s.Site):
			continue
		case s.Overdue:
			late[s.Number] = true
			continue
		case s.Day == today:
			a.Today += s.Pieces
		}
		if s.Day.Sub(today) < arrivalDays {
			a.Week += s.Pieces
		}
		if a.Next == "" || s.Day < a.Day {
			a.Next, a.Day, a.Pieces = s.Number, s.Day, 0
		}
		if s.Number == a.Next && s.Day == a.Day {
			a.Pieces += s.Pieces
		}
	}
	a.Overdue = len(late)
	return a, nil
}

// Find gives up to limit orders that a text means.
func (d OrderDesk) Find(ctx context.Context, text string, limit int) ([]FactoryOrderBrief, error) {
	p, err := d.Ops.Orders(ctx, c2mops.Query{Filter: c2mops.Filter{Search: text}, Sort: c2mops.ByNumber, Limit: limit})
	if err != nil {
		return nil, err
	}
	return orderBriefs(p.Rows), nil
}

func orderBriefs(rows []c2mops.Row) []FactoryOrderBrief {
	out := make([]FactoryOrderBrief, len(rows))
	for i, r := range rows {
		out[i] = FactoryOrderBrief{Number: r.Number, State: string(r.State), Supplier: r.Supplier(), Goods: r.First(), Lines: r.LineCount, Undecided: r.Undecided,
			Money: r.AmountFen, Due: r.NextDay, AnswerLate: r.State == c2m.StateSent && r.Late}
	}
	return out
}
