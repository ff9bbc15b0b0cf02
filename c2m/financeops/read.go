package financeops

import (
	"context"

	"milkrun/c2m/finance"
	"milkrun/c2m/financedb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Detail is an advance with its payments and entries.
type Detail struct {
	*finance.Advance
	Facility Facility
	Ground   finance.Ground // as it is worth now, without this advance's own part
	Payments []financedb.Payment
	Entries  []financedb.Booked
	FeeDue   money.Fen
	Late     int
	Today    calendar.Day
}

// Advance gives an advance; a supplier's user sees its own. finance.ErrUnknown.
func (o *Ops) Advance(ctx context.Context, number string) (Detail, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal, access.ReadData)
	if err != nil {
		return Detail{}, err
	}
	a, err := financedb.One(ctx, o.Pool, number)
	if err == nil && !u.MayTouchSupplier(a.Supplier) {
		err = finance.ErrUnknown
	}
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Advance: a, Today: o.Today()}
	if d.Facility, err = o.facility(ctx, o.Pool, a.Supplier); err != nil {
		return d, err
	}
	for _, x := range d.Facility.Advances { // the one of the facility, so that its own part can be left out
		if x.ID == a.ID {
			d.Advance = x
		}
	}
	d.Ground = d.Facility.ground(a.Base, a.Document, d.Advance)
	d.FeeDue, d.Late = max(0, d.Advance.FeeDue(d.Today)), d.Advance.DaysLate(d.Today)
	if d.Payments, err = financedb.Payments(ctx, o.Pool, number, 0, 100); err != nil {
		return d, err
	}
	d.Entries, err = financedb.Ledger(ctx, o.Pool, a.Supplier, number, 200)
	return d, err
}

// Portfolio is all that is lent to all suppliers.
type Portfolio struct {
	Rows    []*finance.Advance
	Next    finance.ID
	Ageing  []finance.Bucket
	Out     money.Fen
	Loss    money.Fen
	Waiting int // applications that wait for an approval
	Trouble []financedb.Payment
	Faults  []financedb.Fault // ledger against advances: none
	Today   calendar.Day
}

// pageSize is how many advances a page holds.
const pageSize = 50

// Portfolio gives the advances in these states (all without any), the newest first before an id, with the ageing and the expected loss of
// everything that is out.
func (o *Ops) Portfolio(ctx context.Context, states []finance.State, before finance.ID) (Portfolio, error) {
	p := Portfolio{Today: o.Today()}
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return p, err
	}
	r, err := rules(ctx, o.Pool)
	if err != nil {
		return p, err
	}
	if p.Rows, err = financedb.List(ctx, o.Pool, 0, states, before, pageSize+1); err != nil {
		return p, err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		p.Next = p.Rows[pageSize-1].ID
	}
	out, err := financedb.Outstanding(ctx, o.Pool)
	if err != nil {
		return p, err
	}
	p.Ageing = finance.Ageing(out, r, func(a *finance.Advance) int { return a.DaysLate(p.Today) })
	p.Loss = finance.ExpectedLoss(p.Ageing)
	for _, b := range p.Ageing {
		p.Out += b.Open
	}
	waiting, err := financedb.List(ctx, o.Pool, 0, []finance.State{finance.Applied, finance.Endorsed}, 0, 1000)
	if err != nil {
		return p, err
	}
	p.Waiting = len(waiting)
	if p.Trouble, err = financedb.Troubled(ctx, o.Pool); err != nil {
		return p, err
	}
	p.Faults, err = financedb.Prove(ctx, o.Pool)
	return p, err
}

// Advances gives the advances of a supplier or of all (0), in these states or in all, the newest first before an id, and where the next page
// begins; a supplier's user sees its own.
func (o *Ops) Advances(ctx context.Context, id catalog.SupplierID, states []finance.State, before finance.ID) ([]*finance.Advance, finance.ID, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal, access.ReadData)
	if err != nil {
		return nil, 0, err
	}
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	all, err := financedb.List(ctx, o.Pool, id, states, before, pageSize+1)
	if err != nil || len(all) <= pageSize {
		return all, 0, err
	}
	return all[:pageSize], all[pageSize-1].ID, nil
}

// Ledger gives the entries between house and a supplier, the newest first; a supplier's user sees its own.
func (o *Ops) Ledger(ctx context.Context, id catalog.SupplierID, document string) ([]financedb.Booked, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	return financedb.Ledger(ctx, o.Pool, id, document, 200)
}

// PaymentsOf gives the instructions of a document.
func (o *Ops) PaymentsOf(ctx context.Context, id catalog.SupplierID, document string) ([]financedb.Payment, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	return financedb.Payments(ctx, o.Pool, document, id, 100)
}
