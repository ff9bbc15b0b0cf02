// Package financeops holds the use cases of money lent to suppliers: the limit and what it is lent on, applications and their two approvals,
// drawing, and paying back, mostly by netting with statements. What should be paid is an instruction to the payment provider; no verb moves
// money by itself.
//
// A verb locks the supplier's advances, applies a rule of the package finance, and saves what came of it with its entries of the ledger and
// its audit entry in one transaction.
package financeops

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/c2m/finance"
	"milkrun/c2m/financedb"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Stock tells what stands in the house's warehouses of goods.
type Stock interface {
	OnHand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID]quantity.Pieces, error)
}

// Deps is what the use cases stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Clock func() time.Time
	Log   *slog.Logger
	// Suppliers gives the scorecards.
	Suppliers *supplierops.Ops
	// Stock may be nil: then nothing is lent on stock.
	Stock Stock
	// Payments is the payment provider; nil leaves instructions pending.
	Payments Port
	// Secret signs and proves the provider's messages; nil refuses all of them.
	Secret []byte
	// Zone is where a business day begins and ends; nil means Asia/Shanghai.
	Zone *time.Location
}

// Ops holds the use cases.
type Ops struct{ Deps }

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	}
	return &Ops{d}
}

// Today is the business day of the clock.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }

// creditRules names the rules of credit in the table of rules.
const creditRules = "credit"

func rules(ctx context.Context, q pgdb.Querier) (finance.Rules, error) {
	r := finance.DefaultRules()
	err := supplierdb.Rule(ctx, q, creditRules, &r)
	return r, err
}

// Rules gives the rules of credit.
func (o *Ops) Rules(ctx context.Context) (finance.Rules, error) {
	if _, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal); err != nil {
		return finance.Rules{}, err
	}
	return rules(ctx, o.Pool)
}

// SaveRules stores the rules of credit. *finance.RulesFault.
func (o *Ops) SaveRules(ctx context.Context, r finance.Rules) error {
	u, err := access.Require(ctx, access.EditSuppliers)
	if err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := supplierdb.SaveRule(ctx, tx, creditRules, r, name(u), now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "credit.rules", Thing: audit.Thing{Kind: "policy", ID: creditRules}, After: r})
	})
}

func name(u access.User) string {
	if u.Name == "" {
		return u.Login
	}
	return u.Name
}

// Facility is all that is lent to a supplier, and what more may be.
type Facility struct {
	finance.Facility
	Supplier catalog.SupplierID
	Grounds  []finance.Ground // with what is used of each
	Ageing   []finance.Bucket
	Loss     money.Fen
	Today    calendar.Day
}

// Facility gives a supplier's credit; a supplier's user sees its own.
func (o *Ops) Facility(ctx context.Context, id catalog.SupplierID) (Facility, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal, access.ReadData)
	if err != nil {
		return Facility{}, err
	}
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	return o.facility(ctx, o.Pool, id)
}

func (o *Ops) facility(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (Facility, error) {
	f := Facility{Supplier: id, Today: o.Today()}
	var err error
	if f.Rules, err = rules(ctx, q); err != nil {
		return f, err
	}
	history, barred, red, err := financedb.History(ctx, q, id, f.Today)
	if err != nil {
		return f, err
	}
	card, err := o.Suppliers.ScorecardIn(ctx, q, id)
	if err != nil {
		return f, err
	}
	f.Limit = finance.LimitOf(finance.Card{Score: card.Score, Tier: card.Tier, Red: red, Bar: barred}, history, f.Rules)
	if f.Advances, err = financedb.Of(ctx, q, id); err != nil {
		return f, err
	}
	if f.Grounds, err = o.grounds(ctx, q, id, f.Today); err != nil {
		return f, err
	}
	for i := range f.Grounds {
		f.Grounds[i].Used = f.used(f.Grounds[i], nil)
	}
	f.Ageing = finance.Ageing(f.Advances, f.Rules, func(a *finance.Advance) int { return a.DaysLate(f.Today) })
	f.Loss = finance.ExpectedLoss(f.Ageing)
	return f, nil
}

// used gives what live advances take of a ground, without one.
func (f *Facility) used(g finance.Ground, without *finance.Advance) money.Fen {
	var sum money.Fen
	for _, a := range f.Advances {
		if a != without && a.Base == g.Base && a.Document == g.Document {
			sum += a.Exposure()
		}
	}
	return sum
}

// ground gives what an advance would stand on, without its own part of it. What is not there any more is worth nothing.
func (f *Facility) ground(base finance.Base, document string, without *finance.Advance) finance.Ground {
	for _, g := range f.Grounds {
		if g.Base == base && g.Document == document {
			g.Used = f.used(g, without)
			return g
		}
	}
	return finance.Ground{Base: base, Document: document}
}

// grounds gives what may be lent on: orders, the stock, statements. The stock counts as far as the goods still stand in the house.
func (o *Ops) grounds(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, today calendar.Day) ([]finance.Ground, error) {
	var out []finance.Ground
	orders, err := financedb.OpenOrders(ctx, q, id)
	if err != nil {
		return nil, err
	}
	for _, w := range orders {
		out = append(out, finance.Ground{Base: finance.OnOrder, Document: w.Document, Value: w.Value})
	}
	stock, err := o.stock(ctx, q, id, today)
	if err != nil {
		return nil, err
	}
	if stock > 0 {
		out = append(out, finance.Ground{Base: finance.OnStock, Value: stock})
	}
	owed, err := financedb.Receivables(ctx, q, id)
	for _, w := range owed {
		out = append(out, finance.Ground{Base: finance.OnReceivable, Document: w.Document, Value: w.Value})
	}
	return out, err
}

func (o *Ops) stock(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, today calendar.Day) (money.Fen, error) {
	if o.Stock == nil {
		return 0, nil
	}
	goods, err := financedb.UnbilledGoods(ctx, q, id, today)
	if err != nil || len(goods) == 0 {
		return 0, err
	}
	skus := make([]catalog.SKUID, len(goods))
	for i, g := range goods {
		skus[i] = g.SKU
	}
	there, err := o.Stock.OnHand(ctx, q, skus, today)
	var sum money.Fen
	for _, g := range goods {
		if n := min(g.Pieces, there[g.SKU]); n > 0 {
			sum += g.Value * money.Fen(n) / money.Fen(g.Pieces)
		}
	}
	return sum, err
}

// work is a verb on one supplier's advances: everything that it saves.
type work struct {
	tx      pgx.Tx
	user    access.User
	now     time.Time
	f       Facility
	changed []*finance.Advance
	entries []finance.Entry
	after   any
}

// change locks a supplier's advances, lets f work on them and saves what it changed.
func (o *Ops) change(ctx context.Context, u access.User, id catalog.SupplierID, verb, number string, f func(ctx context.Context, w *work) error) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := financedb.Lock(ctx, tx, id); err != nil {
			return err
		}
		w := &work{tx: tx, user: u, now: o.Clock()}
		var err error
		if w.f, err = o.facility(ctx, tx, id); err != nil {
			return err
		}
		if err := f(ctx, w); err != nil {
			return err
		}
		for _, a := range w.changed {
			if err := financedb.Save(ctx, tx, a); err != nil {
				return err
			}
			number = a.Number
		}
		if err := financedb.Book(ctx, tx, id, w.entries, name(u), w.now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, w.now, audit.Change{Verb: verb, Thing: audit.Thing{Kind: "advance", ID: number}, After: w.after})
	})
}

// on is change for one advance, which a supplier's user may touch when it is its own.
func (o *Ops) on(ctx context.Context, number string, revision int64, verb string, theirs bool, f func(ctx context.Context, w *work, a *finance.Advance) error) (*finance.Advance, error) {
	need := []access.Permission{access.EditSuppliers}
	if theirs { // the supplier's own people, and the system that hands on what the supplier wants
		need = append(need, access.UsePortal, access.PushData)
	}
	u, err := access.RequireAny(ctx, need...)
	if err != nil {
		return nil, err
	}
	seen, err := financedb.One(ctx, o.Pool, number)
	if err == nil && !u.MayTouchSupplier(seen.Supplier) {
		err = finance.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	var out *finance.Advance
	err = o.change(ctx, u, seen.Supplier, verb, number, func(ctx context.Context, w *work) error {
		for _, a := range w.f.Advances {
			if a.Number != number {
				continue
			}
			if revision != 0 && revision != a.Revision {
				return finance.ErrStale
			}
			out = a
			w.changed = append(w.changed, a)
			return f(ctx, w, a)
		}
		return finance.ErrUnknown
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Application asks for an advance.
type Application struct {
	Supplier catalog.SupplierID // of the house's entry in a supplier's name; a supplier's user asks for its own
	Base     finance.Base
	Document string // of the order or statement
	Amount   money.Fen
	Note     string
	// Key makes the application happen once, however often it is sent; "" asks anew each time.
	Key string
}

// Apply asks for an advance. An application whose key is known is answered with what it became; finance.ErrKey when the key stands for another
// one, and the refusals of finance.Facility.Apply.
func (o *Ops) Apply(ctx context.Context, x Application) (*finance.Advance, error) {
	u, err := access.RequireAny(ctx, access.EditSuppliers, access.UsePortal, access.PushData)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		x.Supplier = u.Supplier
	}
	if x.Key = strings.TrimSpace(x.Key); len(x.Key) > 100 {
		return nil, finance.ErrKey
	}
	a := &finance.Advance{Supplier: x.Supplier, Amount: x.Amount, Note: x.Note}
	err = o.change(ctx, u, x.Supplier, "advance.apply", "", func(ctx context.Context, w *work) error {
		had, err := financedb.ByKey(ctx, w.tx, x.Supplier, x.Key)
		if err != nil {
			return err
		}
		if had != nil {
			if had.Base != x.Base || had.Document != strings.TrimSpace(x.Document) || had.Amount != x.Amount {
				return finance.ErrKey
			}
			*a, w.after = *had, map[string]any{"again": x.Key, "advance": had.Number}
			return nil
		}
		if err := w.f.Apply(a, w.f.ground(x.Base, strings.TrimSpace(x.Document), a), name(u), w.now); err != nil {
			return err
		}
		if a.Number, err = financedb.NextNumber(ctx, w.tx, o.Today()); err != nil {
			return err
		}
		w.changed, w.after = nil, map[string]any{"base": a.Base, "document": a.Document, "amount_fen": a.Amount, "limit": a.Limit}
		return financedb.Insert(ctx, w.tx, a, x.Key)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Approve gives an approval: two different people are needed. The refusals of finance.Facility.Approve.
func (o *Ops) Approve(ctx context.Context, number string, revision int64, note string) (*finance.Advance, error) {
	return o.on(ctx, number, revision, "advance.approve", false, func(_ context.Context, w *work, a *finance.Advance) error {
		p := finance.Person{ID: int64(w.user.ID), Name: name(w.user)}
		w.after = map[string]any{"by": p.Name, "note": note, "limit": w.f.Limit}
		return w.f.Approve(a, w.f.ground(a.Base, a.Document, a), p, note, w.now)
	})
}

// Reject ends an application, or an approval that was not drawn, with a reason. The refusals of finance.Advance.End.
func (o *Ops) Reject(ctx context.Context, number string, revision int64, reason string) (*finance.Advance, error) {
	return o.on(ctx, number, revision, "advance.reject", false, func(_ context.Context, w *work, a *finance.Advance) error {
		w.after = map[string]any{"reason": reason}
		return a.End(finance.Rejected, reason, name(w.user))
	})
}

// Withdraw lets the supplier take its application back. The refusals of finance.Advance.End.
func (o *Ops) Withdraw(ctx context.Context, number string, reason string) (*finance.Advance, error) {
	return o.on(ctx, number, 0, "advance.withdraw", true, func(_ context.Context, w *work, a *finance.Advance) error {
		w.after = map[string]any{"reason": reason}
		return a.End(finance.Withdrawn, reason, name(w.user))
	})
}

// Draw asks the provider to pay out a part of an approved advance. The same key asks once, however often it is sent; finance.ErrKey when it
// was used for another amount. The refusals of finance.Facility.Draw.
func (o *Ops) Draw(ctx context.Context, number string, fen money.Fen, key string) (*finance.Advance, error) {
	if key = strings.TrimSpace(key); key == "" || len(key) > 60 || strings.Contains(key, "/") {
		return nil, finance.ErrKey
	}
	return o.on(ctx, number, 0, "advance.draw", true, func(ctx context.Context, w *work, a *finance.Advance) error {
		before, err := financedb.Payments(ctx, w.tx, number, 0, 1000)
		if err != nil {
			return err
		}
		for _, p := range before {
			if p.Key == number+"/"+key {
				w.changed, w.after = nil, map[string]any{"again": key}
				if p.Fen != fen {
					return finance.ErrKey
				}
				return nil
			}
		}
		i, err := w.f.Draw(a, fen, key, o.Today())
		if err != nil {
			return err
		}
		w.after = map[string]any{"fen": fen, "key": key}
		return financedb.Ask(ctx, w.tx, financedb.Payment{Key: i.Key, Kind: i.Kind, Supplier: a.Supplier, Document: i.Document, Fen: i.Fen, Currency: supplier.CNY, Amount: int64(i.Fen), AskedBy: name(w.user)},
			w.now, w.now)
	})
}

// RecordRepayment books money that a supplier paid back outside of a statement; reference is the bank's, and books once. It gives what was
// taken: the fee first. More than is outstanding is refused. finance.ErrAmount, finance.ErrKey, *finance.StateError.
func (o *Ops) RecordRepayment(ctx context.Context, number string, fen money.Fen, reference string) (*finance.Advance, error) {
	if reference = strings.TrimSpace(reference); reference == "" || len(reference) > 60 {
		return nil, finance.ErrKey
	}
	return o.on(ctx, number, 0, "advance.repay", false, func(ctx context.Context, w *work, a *finance.Advance) error {
		today := o.Today()
		for _, key := range []string{number + "/bank/" + reference, number + "/bank/" + reference + "/fee"} {
			if had, err := financedb.IsBooked(ctx, w.tx, key); err != nil || had {
				if had {
					err = finance.ErrKey
				}
				return err
			}
		}
		if a.State != finance.Drawn || a.Pending > 0 {
			return &finance.StateError{Number: a.Number, State: a.State, Verb: "repay"}
		}
		if fen <= 0 || fen > a.Outstanding()+max(0, a.FeeDue(today)) {
			return finance.ErrAmount
		}
		r, entries := a.Repay(fen, finance.Cash, "bank/"+reference, today)
		w.entries = entries
		w.after = map[string]any{"fee_fen": r.Fee, "principal_fen": r.Principal, "reference": reference}
		return nil
	})
}
