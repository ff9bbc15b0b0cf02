package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

// Facility is all that is lent to one supplier: every verb that takes from the limit goes through it, on all of the supplier's advances at
// once.
type Facility struct {
	Limit    Limit
	Rules    Rules
	Advances []*Advance
}

// Used gives what the live advances take from the limit.
func (f *Facility) Used() money.Fen {
	var sum money.Fen
	for _, a := range f.Advances {
		sum += a.Exposure()
	}
	return sum
}

// Out gives what is outstanding or on its way to the supplier.
func (f *Facility) Out() money.Fen {
	var sum money.Fen
	for _, a := range f.Advances {
		sum += a.Outstanding() + a.Pending
	}
	return sum
}

// Left gives what the limit leaves.
func (f *Facility) Left() money.Fen { return max(0, f.Limit.Limit-f.Used()) }

// Apply adds an application: an amount on a ground. *LimitError, *BaseError, ErrAmount.
func (f *Facility) Apply(a *Advance, on Ground, by string, now time.Time) error {
	a.Note = strings.TrimSpace(a.Note)
	switch most := on.Most(f.Rules); {
	case a.Amount <= 0 || utf8.RuneCountInString(a.Note) > 500:
		return ErrAmount
	case a.Amount > most:
		return &BaseError{on.Base, on.Document, a.Amount, most}
	case a.Amount > f.Left():
		return &LimitError{a.Amount, f.Left(), f.Limit.Limit}
	}
	a.Base, a.Document, a.State, a.Applied, a.AppliedBy, a.Limit = on.Base, on.Document, Applied, now, by, f.Limit
	a.FeeBP, a.Days = f.Rules.FeeBP, f.Rules.Days
	f.Advances = append(f.Advances, a)
	return nil
}

// Approve gives the first or, by another person, the second approval. Each asks the limit and the ground anew; on is the ground without this
// advance's own part. ErrSamePerson, *LimitError, *BaseError, *StateError.
func (f *Facility) Approve(a *Advance, on Ground, p Person, note string, now time.Time) error {
	if a.State != Applied && a.State != Endorsed {
		return &StateError{a.Number, a.State, "approve"}
	}
	if a.State == Endorsed && (a.First == nil || a.First.ID == p.ID) {
		return ErrSamePerson
	}
	if most := on.Most(f.Rules); a.Amount > most {
		return &BaseError{on.Base, on.Document, a.Amount, most}
	}
	if rest := f.Limit.Limit - (f.Used() - a.Exposure()); a.Amount > rest {
		return &LimitError{a.Amount, max(0, rest), f.Limit.Limit}
	}
	sign := &Sign{Person: p, At: now, Note: strings.TrimSpace(note)}
	if a.Limit = f.Limit; a.State == Applied {
		a.State, a.First = Endorsed, sign
		return nil
	}
	a.State, a.Second = Approved, sign
	return nil
}

// Kind is what the provider is asked to do.
type Kind string

// The kinds: pay out a part of an advance, pay a statement.
const (
	PayAdvance   Kind = "advance"
	PayStatement Kind = "statement"
)

// Instruction is what the provider is asked to do; the key makes it happen once.
type Instruction struct {
	Key      string
	Kind     Kind
	Document string // the number of the advance or statement
	Fen      money.Fen
}

// Draw asks for a part of an approved advance to be paid out. key makes it happen once: the caller has looked that it is new. A drawing never
// brings what is out beyond the limit as it stands now. ErrAmount, *LimitError, *StateError.
func (f *Facility) Draw(a *Advance, fen money.Fen, key string, today calendar.Day) (Instruction, error) {
	switch rest := f.Limit.Limit - f.Out(); {
	case a.State != Approved && a.State != Drawn || a.Repaid > 0:
		return Instruction{}, &StateError{a.Number, a.State, "draw"}
	case fen <= 0 || fen > a.Undrawn():
		return Instruction{}, ErrAmount
	case fen > rest:
		return Instruction{}, &LimitError{fen, max(0, rest), f.Limit.Limit}
	}
	a.Pending += fen
	return Instruction{Key: a.Number + "/" + key, Kind: PayAdvance, Document: a.Number, Fen: fen}, nil
}

// Account is a side of an entry. Each holds one supplier's part.
type Account string

// The accounts: the house's bank, what is lent, what is owed for goods, the fees, and the goods bought.
const (
	Cash      Account = "cash"
	Lent      Account = "advance"
	Payable   Account = "payable"
	Fees      Account = "fee"
	Purchases Account = "purchases"
)

// Entry is one movement of the ledger, from one account to another, booked once by its key.
type Entry struct {
	Key      string
	From, To Account
	Fen      money.Fen
	Document string // the advance or statement that it belongs to
	Day      calendar.Day
}

// PaidOut books a drawing that the provider has done.
func (a *Advance) PaidOut(i Instruction, today calendar.Day) ([]Entry, error) {
	if i.Fen > a.Pending || i.Document != a.Number {
		return nil, &StateError{a.Number, a.State, "pay out"}
	}
	a.accrue(today)
	a.Pending -= i.Fen
	a.Drawn += i.Fen
	if a.State = Drawn; a.DrawnOn == 0 {
		a.DrawnOn, a.Due = today, today.AddDays(a.Days)
	}
	return []Entry{{Key: i.Key, From: Cash, To: Lent, Fen: i.Fen, Document: a.Number, Day: today}}, nil
}

// NotPaid frees a drawing that the provider has refused for good.
func (a *Advance) NotPaid(i Instruction) error {
	if i.Fen > a.Pending || i.Document != a.Number {
		return &StateError{a.Number, a.State, "free"}
	}
	a.Pending -= i.Fen
	return nil
}

// accrue brings the fee up to a day.
func (a *Advance) accrue(today calendar.Day) {
	a.Fee = a.accrued(today)
	a.AccruedTo = max(a.AccruedTo, today)
}

// Repayment is what of a payment went to an advance: the fee first, then the principal.
type Repayment struct {
	Advance        *Advance
	Fee, Principal money.Fen
}

// Repay takes up to fen back from an account (Payable when it is netted, Cash when the supplier paid), the fee first, and gives what was
// taken with its entries. Nothing is taken while a drawing is on its way. key is unique to this repayment.
func (a *Advance) Repay(fen money.Fen, from Account, key string, today calendar.Day) (Repayment, []Entry) {
	r := Repayment{Advance: a}
	if a.State != Drawn || a.Pending > 0 || fen <= 0 {
		return r, nil
	}
	a.accrue(today)
	var out []Entry
	if r.Fee = min(fen, max(0, a.FeeDue(today))); r.Fee > 0 {
		out = append(out, Entry{Key: a.Number + "/" + key + "/fee", From: Fees, To: from, Fen: r.Fee, Document: a.Number, Day: today})
	}
	if r.Principal = min(fen-r.Fee, a.Outstanding()); r.Principal > 0 {
		out = append(out, Entry{Key: a.Number + "/" + key, From: Lent, To: from, Fen: r.Principal, Document: a.Number, Day: today})
	}
	a.FeePaid += r.Fee
	a.Repaid += r.Principal
	if a.Outstanding() == 0 && a.FeeDue(today) <= 0 {
		a.State, a.RepaidOn = Repaid, today
	}
	return r, out
}

// Account of a statement that is netted.
type Netting struct {
	Number string
	Orders []string // that stand on it
	Total  money.Fen
	Due    calendar.Day
}

// pays tells whether a statement pays an advance back: the one that it was lent on, one that holds its order, one on stock (whose goods are
// billed now), and whatever falls due before the statement is paid.
func (n Netting) pays(a *Advance) bool {
	switch a.Base {
	case OnReceivable:
		if a.Document == n.Number {
			return true
		}
	case OnOrder:
		if slices.Contains(n.Orders, a.Document) {
			return true
		}
	case OnStock:
		return true
	}
	return a.Due <= n.Due
}

// SetOff nets what an agreed statement owes against the supplier's advances, the first due first, and gives what each took with the entries.
func SetOff(n Netting, all []*Advance, today calendar.Day) (taken []Repayment, out []Entry, sum money.Fen) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *Advance) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) })
	for _, a := range all {
		if a.State != Drawn || !n.pays(a) {
			continue
		}
		r, entries := a.Repay(n.Total-sum, Payable, "net/"+n.Number, today)
		if r.Fee+r.Principal > 0 {
			taken, out = append(taken, r), append(out, entries...)
			sum += r.Fee + r.Principal
		}
	}
	return taken, out, sum
}

// End rejects (by the house) or withdraws (by the supplier) an advance of which nothing was drawn. ErrReason, *StateError.
func (a *Advance) End(to State, reason, by string) error {
	if a.State != Applied && a.State != Endorsed && (a.State != Approved || a.Drawn+a.Pending > 0) {
		return &StateError{a.Number, a.State, string(to)}
	}
	if reason = strings.TrimSpace(reason); reason == "" || utf8.RuneCountInString(reason) > 500 {
		return ErrReason
	}
	a.State, a.Reason, a.EndedBy = to, reason, by
	return nil
}

// Balance sums up a ledger by account: what went to it less what came from it.
func Balance(all []Entry) map[Account]money.Fen {
	out := map[Account]money.Fen{}
	for _, e := range all {
		out[e.To] += e.Fen
		out[e.From] -= e.Fen
	}
	return out
}

// Sound tells what is wrong with a facility and its ledger; nil when outstanding = drawn − repaid ≥ 0, no advance is beyond its amount, and the
// ledger says the same as the advances.
func (f *Facility) Sound(ledger []Entry) error {
	var out, fees money.Fen
	for _, a := range f.Advances {
		if a.Outstanding() < 0 || a.Pending < 0 || a.Drawn+a.Pending > a.Amount || a.FeePaid < 0 {
			return fmt.Errorf("finance: %s: drawn %d, on its way %d, repaid %d of %d", a.Number, a.Drawn, a.Pending, a.Repaid, a.Amount)
		}
		out, fees = out+a.Outstanding(), fees+a.FeePaid
	}
	if b := Balance(ledger); b[Lent] != out || -b[Fees] != fees {
		return fmt.Errorf("finance: the ledger holds %d lent and %d of fees, the advances %d and %d", b[Lent], -b[Fees], out, fees)
	}
	return nil
}
