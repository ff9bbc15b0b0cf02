// Package finance is the ground of money lent to suppliers before it is due to them: on a confirmed order, on their goods in our warehouse that
// no statement holds yet, and on agreed statements that are not paid (供应链金融). It is pure: no money moves here; what should move is an
// instruction to the payment provider, and what moved an entry of a ledger.
//
//	applied ──first approval──▶ endorsed ──second, by another──▶ approved ──draw paid──▶ drawn ──all repaid──▶ repaid
//	   │                            │                              │ (draws in parts; a part refused by the provider is free again)
//	   └──Reject / Withdraw─────────┴──────────────────────────────┴─▶ rejected / withdrawn
//
// What holds: outstanding = drawn − repaid ≥ 0; drawn + on its way ≤ amount; all of a supplier's advances never reach beyond its limit when
// one is applied for, approved or drawn; a fee accrues day by day on what is outstanding and is paid before the principal.
package finance

import (
	"errors"
	"fmt"
	"time"

	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Refusals.
var (
	// ErrUnknown is the answer to an advance that does not exist or is another's.
	ErrUnknown = errors.New("finance: no such advance")
	// ErrStale refuses a change to an advance that another has changed meanwhile.
	ErrStale = errors.New("finance: it was changed by another meanwhile")
	// ErrState refuses a verb that the state does not allow; *StateError tells both.
	ErrState = errors.New("finance: the advance's state does not allow this")
	// ErrAmount refuses an amount of nothing or less, or more than was approved.
	ErrAmount = errors.New("finance: the amount must be above zero and within what was approved")
	// ErrLimit refuses what the credit limit does not leave; *LimitError has the numbers.
	ErrLimit = errors.New("finance: it is more than the credit limit leaves")
	// ErrBase refuses what is lent on no such thing, or more than its share of it; *BaseError has the numbers.
	ErrBase = errors.New("finance: it is more than is lent on this")
	// ErrSamePerson refuses a second approval by the person of the first.
	ErrSamePerson = errors.New("finance: another person must approve")
	// ErrReason refuses to reject or withdraw without a reason of at most 500 characters.
	ErrReason = errors.New("finance: a reason of 1 to 500 characters is needed")
	// ErrKey refuses an idempotency key that was used for something else.
	ErrKey = errors.New("finance: the key was used for something else")
)

// StateError tells which verb the state refuses.
type StateError struct {
	Number string
	State  State
	Verb   string
}

func (e *StateError) Error() string {
	return fmt.Sprintf("finance: %s: cannot %s an advance that is %s", e.Number, e.Verb, e.State)
}

// Unwrap gives ErrState.
func (e *StateError) Unwrap() error { return ErrState }

// LimitError tells what was wanted and what the limit leaves.
type LimitError struct{ Want, Left, Limit money.Fen }

func (e *LimitError) Error() string {
	return fmt.Sprintf("%v: %d fen wanted, %d left of %d", ErrLimit, e.Want, e.Left, e.Limit)
}

// Unwrap gives ErrLimit.
func (e *LimitError) Unwrap() error { return ErrLimit }

// BaseError tells what was wanted and what may be lent on it.
type BaseError struct {
	Base       Base
	Document   string
	Want, Left money.Fen
}

func (e *BaseError) Error() string {
	return fmt.Sprintf("%v: %s %s: %d fen wanted, %d left", ErrBase, e.Base, e.Document, e.Want, e.Left)
}

// Unwrap gives ErrBase.
func (e *BaseError) Unwrap() error { return ErrBase }

// ID identifies an advance.
type ID int64

// Base is what an advance stands on.
type Base string

// The bases: a confirmed order, goods in our warehouse that no statement holds yet, an agreed statement that is not paid.
const (
	OnOrder      Base = "order"
	OnStock      Base = "stock"
	OnReceivable Base = "receivable"
)

// Bases lists the bases.
func Bases() []Base { return []Base{OnOrder, OnStock, OnReceivable} }

// Ground is a thing that may be lent on: Document is an order's or statement's number, "" for the stock. Value is what it is worth now, Used
// what advances on it already take.
type Ground struct {
	Base        Base
	Document    string
	Value, Used money.Fen
}

// Most gives how much more is lent on the ground: its share of the value, less what is used.
func (g Ground) Most(r Rules) money.Fen {
	return max(0, g.Value*money.Fen(r.Lent[g.Base])/100-g.Used)
}

// State is where an advance stands.
type State string

// The states.
const (
	Applied   State = "applied"
	Endorsed  State = "endorsed" // one person has approved
	Approved  State = "approved" // both have; it may be drawn
	Drawn     State = "drawn"    // money is out
	Repaid    State = "repaid"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
)

// States lists the states in their order.
func States() []State {
	return []State{Applied, Endorsed, Approved, Drawn, Repaid, Rejected, Withdrawn}
}

// Live tells whether an advance takes from the limit.
func (s State) Live() bool { return s == Applied || s == Endorsed || s == Approved || s == Drawn }

// Person is who approves: two are needed, and they differ by id.
type Person struct {
	ID   int64
	Name string
}

// Sign is one approval.
type Sign struct {
	Person
	At   time.Time
	Note string
}

// Advance is money lent to a supplier.
type Advance struct {
	ID       ID
	Number   string
	Supplier catalog.SupplierID
	Base     Base
	Document string
	State    State
	Revision int64
	Amount   money.Fen // asked for, and approved
	FeeBP    int       // of the outstanding amount a year of 365 days
	Days     int       // that it runs from the first draw on
	// Pending is asked of the provider and not yet paid; Drawn is out, Repaid came back.
	Pending, Drawn, Repaid money.Fen
	FeePaid                money.Fen
	// accrual: Fee is Σ outstanding × days × FeeBP up to AccruedTo, in fen × days × basis points.
	Fee       int64
	AccruedTo calendar.Day
	DrawnOn   calendar.Day // of the first draw; 0 before
	Due       calendar.Day // DrawnOn + Days; 0 before
	RepaidOn  calendar.Day // when the last fen came back
	Note      string       // of the applicant
	Reason    string       // of being rejected or withdrawn
	Applied   time.Time
	AppliedBy string
	First     *Sign
	Second    *Sign
	EndedBy   string
	Limit     Limit // as it was reckoned when it was last approved or applied for
}

// Outstanding gives drawn − repaid.
func (a *Advance) Outstanding() money.Fen { return a.Drawn - a.Repaid }

// Exposure gives what the advance takes from the limit: what was asked for less what came back, while it lives.
func (a *Advance) Exposure() money.Fen {
	switch {
	case !a.State.Live():
		return 0
	case a.State == Drawn && a.Drawn+a.Pending < a.Amount && a.Repaid > 0: // what was not drawn before the first repayment is not drawn any more
		return a.Outstanding() + a.Pending
	}
	return a.Amount - a.Repaid
}

// Undrawn gives how much may still be drawn.
func (a *Advance) Undrawn() money.Fen {
	if a.State != Approved && a.State != Drawn || a.Repaid > 0 {
		return 0
	}
	return a.Amount - a.Drawn - a.Pending
}

// feeDays is the divisor of a fee: basis points × days of a year.
const feeDays = 10_000 * 365

// FeeDue gives the fee that has accrued up to a day and is not paid, rounded half up: Σ outstanding × days × rate ÷ 365.
func (a *Advance) FeeDue(today calendar.Day) money.Fen {
	return money.Fen((a.accrued(today)+feeDays/2)/feeDays) - a.FeePaid
}

func (a *Advance) accrued(today calendar.Day) int64 {
	if a.AccruedTo == 0 || today <= a.AccruedTo {
		return a.Fee
	}
	return a.Fee + int64(a.Outstanding())*int64(today.Sub(a.AccruedTo))*int64(a.FeeBP)
}

// DaysLate gives how many days the advance is beyond its due day; 0 in time or without anything outstanding.
func (a *Advance) DaysLate(today calendar.Day) int {
	if a.Outstanding() <= 0 || a.Due == 0 {
		return 0
	}
	return max(0, today.Sub(a.Due))
}

// Card is what a supplier's page says of its record, for the limit.
type Card struct {
	Score float64
	Tier  supplier.Tier
	Red   bool // a red card is open
	Bar   bool // banned or switched off
}
