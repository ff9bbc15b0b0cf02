// Package statementops holds the use cases of statements of account: making them from receipts, what both sides say to their lines, and their
// agreement, which nets advances and asks for the payment.
package statementops

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/c2m/statement"
	"milkrun/c2m/statementdb"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// Dock tells what became of refused lots; warehousedb.Inbound fits.
type Dock interface {
	Inspection(ctx context.Context, q pgdb.Querier, id int64) (*warehouse.Inspection, error)
}

// Settler nets a statement that was just agreed against the supplier's advances and asks for the rest to be paid; financeops.Ops fits.
type Settler interface {
	Settle(ctx context.Context, tx pgx.Tx, s *statement.Statement, now time.Time, by string) error
}

// Deps is what the use cases stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Clock func() time.Time
	Log   *slog.Logger
	// Dock may be nil: then refused lots are not charged.
	Dock Dock
	// Settler may be nil: then an agreed statement waits to be paid by hand.
	Settler Settler
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

func name(u access.User) string {
	if u.Name == "" {
		return u.Login
	}
	return u.Name
}

// Make makes a draft from what came and was refused in a period and stands on no statement yet, with what the supplier owes from agreed
// statements before. statement.ErrPeriod, statement.ErrEmpty.
func (o *Ops) Make(ctx context.Context, id catalog.SupplierID, from, to calendar.Day) (*statement.Statement, error) {
	u, err := access.Require(ctx, access.EditSuppliers)
	if err != nil {
		return nil, err
	}
	if err := statement.CheckPeriod(from, to, o.Today()); err != nil {
		return nil, err
	}
	now := o.Clock()
	var s *statement.Statement
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := statementdb.LockAccount(ctx, tx, id); err != nil {
			return err
		}
		terms, err := supplierdb.Trade(ctx, tx, id)
		if err != nil {
			return err
		}
		s = &statement.Statement{Supplier: id, From: from, To: to, State: statement.Draft, Currency: terms.Currency, Created: now, MadeBy: name(u)}
		if s.Lines, err = o.lines(ctx, tx, id, from, to, terms); err != nil {
			return err
		}
		if s.Bare() { // a debt alone waits for the next delivery or deduction
			return statement.ErrEmpty
		}
		if s.Number, err = statementdb.NextNumber(ctx, tx, o.Today()); err != nil {
			return err
		}
		if err := statementdb.Insert(ctx, tx, s); err != nil {
			return err
		}
		return o.trace(ctx, tx, "statement.make", s, now, map[string]any{"lines": len(s.Lines), "total_fen": s.Totals().Total})
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (o *Ops) lines(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, from, to calendar.Day, terms statement.Terms) ([]statement.Line, error) {
	delivered, err := statementdb.Delivered(ctx, tx, id, from, to, zoneName(o.Zone))
	if err != nil {
		return nil, err
	}
	refused, err := o.refused(ctx, tx, id, to)
	if err != nil {
		return nil, err
	}
	had, err := statementdb.Sources(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	debts, err := statementdb.Debts(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	stands := func(source string) bool { return had[source] }
	s := statement.Statement{Lines: append(statement.CarryOver(debts, stands), statement.Make(from, to, terms, delivered, refused, stands)...)}
	s.Sort()
	return s.Lines, nil
}

// zoneName gives a name of the zone that PostgreSQL knows.
func zoneName(z *time.Location) string {
	if n := z.String(); strings.Contains(n, "/") {
		return n
	}
	return "Asia/Shanghai"
}

// refused asks the dock what of refused lots went back or was scrapped.
func (o *Ops) refused(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, to calendar.Day) ([]statement.Refused, error) {
	if o.Dock == nil {
		return nil, nil
	}
	lots, err := statementdb.Refused(ctx, tx, id, to.AddDays(1).In(o.Zone))
	if err != nil {
		return nil, err
	}
	var out []statement.Refused
	for _, l := range lots {
		i, err := o.Dock.Inspection(ctx, tx, l.Inspection)
		if errors.Is(err, warehouse.ErrNoInspection) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r := statement.Refused{Inspection: l.Inspection, SKU: l.SKU, Lot: l.Lot, Day: calendar.Of(l.At, o.Zone), Pieces: i.Returned + i.Scrapped}
		if r.Price, r.TaxBP, r.Number, err = statementdb.LastPrice(ctx, tx, id, l.SKU); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (o *Ops) trace(ctx context.Context, tx pgx.Tx, verb string, s *statement.Statement, now time.Time, after any) error {
	return audit.Write(ctx, tx, now, audit.Change{Verb: verb, Thing: audit.Thing{Kind: "statement", ID: s.Number}, After: after})
}

// change locks a statement, lets f work on it and saves it with its audit entry. revision 0 does not ask which one was seen.
func (o *Ops) change(ctx context.Context, number string, revision int64, verb string, mine bool, f func(ctx context.Context, tx pgx.Tx, u access.User, s *statement.Statement, now time.Time) (any, error)) (*statement.Statement, error) {
	need := []access.Permission{access.EditSuppliers}
	if mine { // the supplier's own people, and the system that hands on what the supplier says
		need = append(need, access.UsePortal, access.PushData)
	}
	u, err := access.RequireAny(ctx, need...)
	if err != nil {
		return nil, err
	}
	now := o.Clock()
	var s *statement.Statement
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		if s, err = statementdb.Lock(ctx, tx, number); err != nil {
			return err
		}
		if !visible(u, s) {
			return statement.ErrUnknown
		}
		if revision != 0 && revision != s.Revision {
			return statement.ErrStale
		}
		was := s.State
		after, err := f(ctx, tx, u, s, now)
		if err != nil {
			return err
		}
		if err := statementdb.Save(ctx, tx, s, was); err != nil {
			return err
		}
		return o.trace(ctx, tx, verb, s, now, after)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// visible tells whether a user may see a statement: a supplier's its own, and another system's, once it was sent.
func visible(u access.User, s *statement.Statement) bool {
	return u.MayTouchSupplier(s.Supplier) && (access.Can(u, access.ViewSuppliers) || s.State != statement.Draft && (s.State != statement.Void || s.SentAt != nil))
}

// Send shows a draft to the supplier. The refusals of statement.Send.
func (o *Ops) Send(ctx context.Context, number string, revision int64) (*statement.Statement, error) {
	return o.change(ctx, number, revision, "statement.send", false, func(_ context.Context, _ pgx.Tx, _ access.User, s *statement.Statement, now time.Time) (any, error) {
		return map[string]any{"total_fen": s.Totals().Total}, s.Send(now)
	})
}

// Withdraw ends a statement that is not agreed. The refusals of statement.Withdraw.
func (o *Ops) Withdraw(ctx context.Context, number string, revision int64, reason string) (*statement.Statement, error) {
	return o.change(ctx, number, revision, "statement.withdraw", false, func(_ context.Context, _ pgx.Tx, _ access.User, s *statement.Statement, _ time.Time) (any, error) {
		return map[string]any{"reason": reason}, s.Withdraw(reason)
	})
}

// Saying is what a supplier says to one line: it agrees, or objects with a reason and perhaps an amount.
type Saying struct {
	Line   int
	Agree  bool
	Reason string
	Claim  *money.Fen
}

// Say takes a supplier's words on lines, all or none; without any it agrees with every line that is open. The refusals of
// statement.AgreeTo and Dispute.
func (o *Ops) Say(ctx context.Context, number string, revision int64, all []Saying) (*statement.Statement, error) {
	return o.change(ctx, number, revision, "statement.say", true, func(_ context.Context, _ pgx.Tx, u access.User, s *statement.Statement, now time.Time) (any, error) {
		return all, apply(s, all, name(u), now)
	})
}

// SayIn is Say in a transaction of the caller, for a sheet. The caller has asked whether the user may.
func (o *Ops) SayIn(ctx context.Context, tx pgx.Tx, u access.User, number string, all []Saying) (*statement.Statement, error) {
	s, err := statementdb.Lock(ctx, tx, number)
	if err != nil {
		return nil, err
	}
	if !visible(u, s) {
		return nil, statement.ErrUnknown
	}
	was, now := s.State, o.Clock()
	if err := apply(s, all, name(u), now); err != nil {
		return nil, err
	}
	if err := statementdb.Save(ctx, tx, s, was); err != nil {
		return nil, err
	}
	return s, o.trace(ctx, tx, "statement.say", s, now, all)
}

func apply(s *statement.Statement, all []Saying, by string, now time.Time) error {
	var agreed []int
	for _, w := range all {
		if w.Agree {
			agreed = append(agreed, w.Line)
		}
	}
	if len(agreed) > 0 || len(all) == 0 {
		if err := s.AgreeTo(agreed, by, now); err != nil {
			return err
		}
	}
	for _, w := range all {
		if !w.Agree {
			if err := s.Dispute(w.Line, w.Reason, w.Claim, by, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// Answer is the house's word on a disputed line. The refusals of statement.Answer.
func (o *Ops) Answer(ctx context.Context, number string, revision int64, line int, accept bool, amount *money.Fen, reply string) (*statement.Statement, error) {
	return o.change(ctx, number, revision, "statement.answer", false, func(_ context.Context, _ pgx.Tx, u access.User, s *statement.Statement, now time.Time) (any, error) {
		return map[string]any{"line": line, "accept": accept, "amount_fen": amount, "reply": reply}, s.Answer(line, accept, amount, reply, name(u), now)
	})
}

// Agree closes a statement that the supplier agrees with: advances are netted, and the payment of the rest is asked for, due by the terms.
// The refusals of statement.Agree.
func (o *Ops) Agree(ctx context.Context, number string, revision int64) (*statement.Statement, error) {
	return o.change(ctx, number, revision, "statement.agree", false, func(ctx context.Context, tx pgx.Tx, u access.User, s *statement.Statement, now time.Time) (any, error) {
		terms, err := supplierdb.Trade(ctx, tx, s.Supplier)
		if err != nil {
			return nil, err
		}
		rates, err := supplierdb.Rates(ctx, tx, o.Today())
		if err != nil {
			return nil, err
		}
		if err := s.Agree(name(u), now, o.Today().AddDays(terms.PaymentDays), rates[s.Currency].Rate); err != nil {
			return nil, err
		}
		if o.Settler != nil {
			if err := o.Settler.Settle(ctx, tx, s, now, name(u)); err != nil {
				return nil, err
			}
		}
		return map[string]any{"total_fen": s.Totals().Total, "prepaid_fen": s.Prepaid, "due": s.Due, "rate": s.Rate}, nil
	})
}

// Bill notes the supplier's invoice number. The refusals of statement.Bill.
func (o *Ops) Bill(ctx context.Context, number, invoice string) (*statement.Statement, error) {
	return o.change(ctx, number, 0, "statement.bill", true, func(_ context.Context, _ pgx.Tx, _ access.User, s *statement.Statement, _ time.Time) (any, error) {
		return map[string]any{"invoice": invoice}, s.Bill(invoice)
	})
}

// Page is a list of statements: Next is the id before which the next page begins, 0 for the last.
type Page struct {
	Rows   []statementdb.Brief
	Counts map[statement.State]statementdb.Count
	Next   statement.ID
}

// pageSize is how many statements a page holds.
const pageSize = 50

// List gives statements, the newest first; a supplier's user sees its own that were sent, another system those that were sent.
func (o *Ops) List(ctx context.Context, id catalog.SupplierID, states []statement.State, before statement.ID) (Page, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal, access.ReadData)
	if err != nil {
		return Page{}, err
	}
	shown := !access.Can(u, access.ViewSuppliers)
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	var p Page
	if p.Rows, err = statementdb.List(ctx, o.Pool, id, states, before, shown, pageSize+1); err != nil {
		return p, err
	}
	if len(p.Rows) > pageSize {
		p.Rows = p.Rows[:pageSize]
		p.Next = p.Rows[pageSize-1].ID
	}
	if p.Counts, err = statementdb.Counts(ctx, o.Pool, id); shown {
		delete(p.Counts, statement.Draft)
		delete(p.Counts, statement.Void)
	}
	return p, err
}

// Get gives a statement. statement.ErrUnknown, also for another supplier's and for a draft that the supplier asks for.
func (o *Ops) Get(ctx context.Context, number string) (*statement.Statement, error) {
	u, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal, access.ReadData)
	if err != nil {
		return nil, err
	}
	s, err := statementdb.ByNumber(ctx, o.Pool, number)
	if err == nil && !visible(u, s) {
		err = statement.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// InCurrency gives an amount in the statement's currency at its rate, the current one while it is not agreed; false where there is none.
func (o *Ops) InCurrency(ctx context.Context, s *statement.Statement, fen money.Fen) (amount int64, rate supplier.Rate, ok bool, err error) {
	if rate = s.Rate; rate == 0 && s.Currency != supplier.CNY {
		rates, err := supplierdb.Rates(ctx, o.Pool, o.Today())
		if err != nil {
			return 0, 0, false, err
		}
		rate = rates[s.Currency].Rate
	}
	amount, err = supplier.Convert(fen, s.Currency, rate)
	if errors.Is(err, supplier.ErrRate) {
		return 0, 0, false, nil
	}
	return amount, rate, err == nil, err
}
