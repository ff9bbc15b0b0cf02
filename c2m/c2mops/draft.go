package c2mops

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// NewOrder is what a new draft begins with.
type NewOrder struct {
	Supplier   catalog.SupplierID
	ShipTo     catalog.SiteID
	Conditions c2m.Conditions
	Lines      []NewLine
}

// NewLine is a line as a buyer enters it. Nil fields are filled from the supplier's terms and the goods: the price by quantity, 13 %
// tax, the day after the usual lead time, the shelf life demanded on receipt.
type NewLine struct {
	SKU              catalog.SKUID
	Pieces           quantity.Pieces
	Price            *money.Fen
	TaxBP            *int
	Due              *calendar.Day
	MinRemainingDays *int
	Spec, Note       string
}

// CreateDraft makes a draft order and gives it. c2m.ErrUnknown for a supplier or site that does not exist, c2m.ErrSupplier for one that
// nothing may be ordered from, or a *c2m.LineError.
func (o *Ops) CreateDraft(ctx context.Context, n NewOrder) (*c2m.FactoryOrder, error) {
	u, err := access.RequireAny(ctx, access.EditOrders, access.PushData)
	if err != nil {
		return nil, err
	}
	if !u.MayTouchSite(n.ShipTo) {
		return nil, fmt.Errorf("%w: site %d", access.ErrForbidden, n.ShipTo)
	}
	var order *c2m.FactoryOrder
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		order, err = o.DraftIn(ctx, tx, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return order, nil
}

// DraftIn is CreateDraft within a transaction of the caller, for verbs that make more true than the order. The caller has checked that
// the acting user may order.
func (o *Ops) DraftIn(ctx context.Context, tx pgx.Tx, n NewOrder) (*c2m.FactoryOrder, error) {
	u, err := access.RequireAny(ctx, access.EditOrders, access.PushData)
	if err != nil {
		return nil, err
	}
	if err := mayOrder(ctx, tx, n.Supplier, n.ShipTo); err != nil {
		return nil, err
	}
	a, err := o.newDraft(ctx, tx, u, n.Supplier, n.ShipTo, person(u))
	if err != nil {
		return nil, err
	}
	if err := a.order.SetConditions(n.Conditions); err != nil {
		return nil, err
	}
	for _, l := range n.Lines {
		if _, err := a.addLine(ctx, l); err != nil {
			return nil, err
		}
	}
	a.verb, a.after = "order.create", map[string]any{"number": a.order.Number, "supplier": n.Supplier, "ship_to": n.ShipTo, "lines": a.order.Lines}
	return a.order, a.finish(ctx)
}

// mayOrder refuses a supplier or site that is not there, switched off or banned.
func mayOrder(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, site catalog.SiteID) error {
	s, err := c2mdb.Supplier(ctx, q, supplier)
	if err != nil {
		return err
	}
	if s.Banned != "" || !s.Active {
		return fmt.Errorf("%w: %s: %s", c2m.ErrSupplier, s.Code, s.Banned)
	}
	place, err := c2mdb.Site(ctx, q, site)
	if err != nil {
		return err
	}
	if !place.Active {
		return fmt.Errorf("%w: site %s is closed", c2m.ErrUnknown, place.Code)
	}
	return nil
}

// newDraft makes an empty draft in the database. The caller finishes it.
func (o *Ops) newDraft(ctx context.Context, tx pgx.Tx, u access.User, supplier catalog.SupplierID, site catalog.SiteID, buyer c2m.Person) (*act, error) {
	number, err := c2mdb.NextNumber(ctx, tx, o.Today())
	if err != nil {
		return nil, err
	}
	now := o.Clock()
	order := &c2m.FactoryOrder{Number: number, Supplier: supplier, ShipTo: site, Buyer: buyer, State: c2m.StateDraft, NextLine: 1,
		Agreed: map[int]c2m.Agreement{}, Stops: c2m.Stops{Created: now}}
	if err := c2mdb.InsertOrder(ctx, tx, order); err != nil {
		return nil, err
	}
	return &act{ops: o, tx: tx, user: u, now: now, today: o.Today(), order: order, was: snap(order)}, nil
}

// addLine fills a new line from terms and goods and adds it.
func (a *act) addLine(ctx context.Context, n NewLine) (int, error) {
	fail := func(f c2m.Field, err error) (int, error) { return 0, &c2m.LineError{SKU: n.SKU, Field: f, Err: err} }
	skus, err := c2mdb.SKUs(ctx, a.tx, []catalog.SKUID{n.SKU})
	if err != nil {
		return 0, err
	}
	sku, ok := skus[n.SKU]
	if !ok {
		return fail(c2m.FieldSKU, catalog.ErrUnknown)
	}
	terms, err := c2mdb.Terms(ctx, a.tx, a.order.Supplier, n.SKU)
	if err != nil {
		return 0, err
	}
	t, agreed := terms[n.SKU]
	if !agreed && n.Price == nil {
		return fail(c2m.FieldPrice, c2m.ErrTerms)
	}
	all := n.Pieces
	for _, l := range a.order.Lines {
		if l.SKU == n.SKU {
			all += l.Pieces
		}
	}
	l := c2m.Line{SKU: n.SKU, Pieces: n.Pieces, Price: t.PriceAt(all), TaxBP: c2m.DefaultTaxBP, Due: a.today.AddDays(int(t.LeadMean + 0.999)),
		MinRemainingDays: sku.MinRemainingDays, PartNo: t.PartNo, Pack: t.Pack, MOQ: t.MOQ, Spec: n.Spec, Note: n.Note}
	if n.Price != nil {
		l.Price, l.ByHand = *n.Price, *n.Price != l.Price
	}
	if n.TaxBP != nil {
		l.TaxBP = *n.TaxBP
	}
	if n.Due != nil {
		l.Due = *n.Due
	}
	if n.MinRemainingDays != nil {
		l.MinRemainingDays = *n.MinRemainingDays
	}
	return a.order.AddLine(l, a.today)
}

// AddLine adds a line to an order. After sending it waits for the next version. c2m.ErrStale, *c2m.StateError, *c2m.LineError.
func (o *Ops) AddLine(ctx context.Context, id c2m.OrderID, revision int64, n NewLine) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(ctx context.Context, a *act) error {
		no, err := a.addLine(ctx, n)
		if err != nil {
			return err
		}
		if err := a.reprice(ctx); err != nil {
			return err
		}
		l, _ := a.order.Line(no)
		a.verb, a.after = "order.line.add", l
		return nil
	})
}

// ChangeLine changes a line: quantity, price, tax, day, shelf life, specification or note. See c2m.FactoryOrder.ChangeLine for when a
// reason is needed. In a draft the prices that were not set by hand follow the new quantity.
func (o *Ops) ChangeLine(ctx context.Context, id c2m.OrderID, revision int64, line int, c c2m.LineChange, reason string) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(ctx context.Context, a *act) error {
		was, _, err := a.order.ChangeLine(line, c, reason, a.today)
		if err != nil {
			return err
		}
		if err := a.reprice(ctx); err != nil {
			return err
		}
		is, _ := a.order.Line(line)
		a.verb, a.before, a.after = "order.line.change", was, withReason{is, reason}
		return nil
	})
}

// withReason is a value in the audit trail with the reason for it.
type withReason struct {
	Value  any    `json:"value"`
	Reason string `json:"reason,omitempty"`
}

// reprice lets the prices of a draft follow its quantities.
func (a *act) reprice(ctx context.Context) error {
	if a.order.State != c2m.StateDraft {
		return nil
	}
	terms, err := c2mdb.Terms(ctx, a.tx, a.order.Supplier, skusOf(a.order)...)
	if err != nil {
		return err
	}
	a.order.Reprice(terms)
	return nil
}

// RemoveLine takes a line off an order. A suggestion on it counts as given up: the next plan will tell whether it is still needed.
func (o *Ops) RemoveLine(ctx context.Context, id c2m.OrderID, revision int64, line int, reason string) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(ctx context.Context, a *act) error {
		was, err := a.order.RemoveLine(line, reason)
		if err != nil {
			return err
		}
		if len(a.order.Lines) > 0 {
			if err := a.reprice(ctx); err != nil {
				return err
			}
		}
		a.verb, a.before, a.after = "order.line.remove", was, withReason{nil, reason}
		return nil
	})
}

// SetConditions changes contract, terms, licence and note of an order.
func (o *Ops) SetConditions(ctx context.Context, id c2m.OrderID, revision int64, c c2m.Conditions) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		a.verb, a.before = "order.conditions", a.order.Conditions
		if err := a.order.SetConditions(c); err != nil {
			return err
		}
		a.after = a.order.Conditions
		return nil
	})
}

// Discard brings an order back to the version that was sent last.
func (o *Ops) Discard(ctx context.Context, id c2m.OrderID, revision int64) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		a.verb, a.before = "order.discard", a.order.Lines
		if err := a.order.Discard(a.now); err != nil {
			return err
		}
		a.after = a.order.Lines
		return nil
	})
}
