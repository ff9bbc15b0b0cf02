package c2mops

import (
	"context"

	"milkrun/c2m"
	"milkrun/internal/access"
)

// Accept agrees to the selected deviations of an order (c2m.Select; the zero Select means everything). It gives the order, and the
// lines that it passed over because silence and offers are only accepted by naming their line. See c2m.FactoryOrder.Accept.
func (o *Ops) Accept(ctx context.Context, id c2m.OrderID, revision int64, sel c2m.Select, why string) (order *c2m.FactoryOrder, left []int, err error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, nil, err
	}
	order, err = o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		a.verb, a.before = "order.accept", waiting(a.order)
		if left, err = a.order.Accept(sel, person(u), why, a.now, a.today); err != nil {
			return err
		}
		a.after = map[string]any{"line": sel.Line, "kinds": sel.Kinds, "left": left, "state": a.order.State, "reason": why}
		return nil
	})
	return order, left, err
}

// waiting lists what waits for a decision, for the audit trail.
func waiting(o *c2m.FactoryOrder) []c2m.Deviation {
	var ds []c2m.Deviation
	for _, d := range o.Deviations {
		if d.Decision == c2m.DecisionOpen {
			ds = append(ds, d)
		}
	}
	return ds
}

// Refuse turns deviations of one line down with a counter-offer, which the next version will ask. See c2m.FactoryOrder.Refuse.
func (o *Ops) Refuse(ctx context.Context, id c2m.OrderID, revision int64, sel c2m.Select, c c2m.Counter, why string) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		was, _ := a.order.Line(sel.Line)
		if err := a.order.Refuse(sel, c, person(u), why, a.now, a.today); err != nil {
			return err
		}
		is, _ := a.order.Line(sel.Line)
		a.verb, a.before, a.after = "order.refuse", was, withReason{is, why}
		return nil
	})
}

// Reschedule changes the promises of an agreed line after a talk with the supplier. See c2m.FactoryOrder.Reschedule.
func (o *Ops) Reschedule(ctx context.Context, id c2m.OrderID, revision int64, line int, splits []c2m.Split, why string) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		was, err := a.order.Reschedule(line, splits, why, a.today)
		if err != nil {
			return err
		}
		a.verb, a.before, a.after = "order.reschedule", was, withReason{a.order.Agreed[line], why}
		return nil
	})
}

// StartProduction notes that the supplier makes the goods; the buyer or the supplier may say so.
func (o *Ops) StartProduction(ctx context.Context, id c2m.OrderID) (*c2m.FactoryOrder, error) {
	u, err := eitherSide(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, 0, func(_ context.Context, a *act) error {
		a.verb = "order.produce"
		return a.order.StartProduction(a.now)
	})
}

// eitherSide lets the house's staff with one of the permissions act, and the supplier.
func eitherSide(ctx context.Context, staff ...access.Permission) (access.User, error) {
	if u, ok := access.FromContext(ctx); ok && u.Role == access.Supplier {
		return access.Require(ctx, access.UsePortal)
	}
	return access.RequireAny(ctx, staff...)
}

// Cancel ends an order of which nothing is on its way. Once it was sent, a reason is needed.
func (o *Ops) Cancel(ctx context.Context, id c2m.OrderID, revision int64, why string) (*c2m.FactoryOrder, error) {
	return o.end(ctx, id, revision, "order.cancel", why, (*act).cancel)
}

// Close ends an order that has come; one that is short needs a reason.
func (o *Ops) Close(ctx context.Context, id c2m.OrderID, revision int64, why string) (*c2m.FactoryOrder, error) {
	return o.end(ctx, id, revision, "order.close", why, (*act).close)
}

func (a *act) cancel(why string) error { return a.order.Cancel(why, a.now) }
func (a *act) close(why string) error  { return a.order.Close(why, a.now) }

func (o *Ops) end(ctx context.Context, id c2m.OrderID, revision int64, verb, why string, rule func(*act, string) error) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		a.verb, a.before = verb, map[string]any{"state": a.order.State, "short": a.order.ShortPieces()}
		a.after = withReason{nil, why}
		return rule(a, why)
	})
}
