// Package statement is the ground of the statement of account (对账单) between the house and a supplier: its lines, what is said to them, and
// when it is agreed. It is pure.
//
//	draft ──Send──▶ sent ──every line agreed──▶ accepted ──Agree──▶ agreed ──Paid──▶ paid
//	  │               ▲ │                          │
//	  │        Answer │ ▼ Dispute                  │ (a line is disputed again)
//	  └──Void──▶     disputed ◀────────────────────┘
//
// From agreed on nothing changes: a difference found later stands on the next statement. A statement on which more was taken off than was
// delivered leaves the supplier owing; what it owes stands as a line of its own on the next one, once.
package statement

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/c2m"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// ID identifies a statement.
type ID int64

// State is where a statement stands.
type State string

// The states.
const (
	Draft    State = "draft"    // the house is making it
	Sent     State = "sent"     // the supplier looks at it
	Disputed State = "disputed" // the supplier objects to lines
	Accepted State = "accepted" // the supplier agrees with every line; the house has the last word
	Agreed   State = "agreed"   // both agree: it is closed and will be paid
	Paid     State = "paid"
	Void     State = "void" // withdrawn before it was agreed
)

// States lists the states in their order.
func States() []State { return []State{Draft, Sent, Disputed, Accepted, Agreed, Paid, Void} }

// Closed tells whether nothing of the statement may change any more.
func (s State) Closed() bool { return s == Agreed || s == Paid || s == Void }

// Open tells whether the supplier may answer.
func (s State) Open() bool { return s == Sent || s == Disputed || s == Accepted }

// Kind is what a line is for.
type Kind string

// The kinds: goods received, what is taken off or given for lateness, refused lots, what did not come, and turnover, and what the supplier
// owed from the statement before.
const (
	Receipt Kind = "receipt"
	Late    Kind = "late"
	Quality Kind = "quality"
	Short   Kind = "short"
	Rebate  Kind = "rebate"
	Carried Kind = "carried"
	Other   Kind = "other"
)

// Kinds lists the kinds, so that words can be checked to exist for each.
func Kinds() []Kind { return []Kind{Receipt, Late, Quality, Short, Rebate, Carried, Other} }

// Word is what the supplier says to a line.
type Word string

// The words. A claim that was settled waits for the supplier again, as Open.
const (
	Unsaid    Word = "open"
	AgreedTo  Word = "agreed"
	DisputeOf Word = "disputed"
)

// Line is one line of a statement. Source is what it stands for ("receipt:91"); a source stands on one live statement at most.
type Line struct {
	No        int
	Kind      Kind
	Source    string
	Order     c2m.OrderID // 0 for none
	Number    string      // of the order
	OrderLine int
	Receipt   int64
	SKU       catalog.SKUID // 0 for none
	Day       calendar.Day
	Pieces    quantity.Pieces
	Price     money.Fen // of a piece, tax included
	TaxBP     int
	Amount    money.Fen // tax included; negative for what is taken off
	Why       catalog.Name
	Word      Word
	Reason    string     // of the dispute
	Claim     *money.Fen // the amount that the supplier holds right
	SaidBy    string
	SaidAt    *time.Time
	// What the house answered to the last dispute: "accepted" (the claim holds), "refused", or "" while it waits.
	Answer   string
	Reply    string
	AnswerBy string
	AnswerAt *time.Time
	Was      *money.Fen // the amount before a claim was accepted
}

// The house's answers to a dispute.
const (
	ClaimAccepted = "accepted"
	ClaimRefused  = "refused"
)

// Tax gives the tax that the amount holds, rounded half away from zero.
func (l Line) Tax() money.Fen {
	d := money.Fen(10_000 + l.TaxBP)
	net := l.Amount * 10_000
	if net < 0 {
		return l.Amount - (net-d/2)/d
	}
	return l.Amount - (net+d/2)/d
}

// Statement is a supplier's account over a period.
type Statement struct {
	ID       ID
	Number   string
	Supplier catalog.SupplierID
	From, To calendar.Day // the days whose receipts it holds
	State    State
	Revision int64
	Currency supplier.Currency // that it is paid in
	Rate     supplier.Rate     // of the currency when it was agreed; 0 before, and for the yuan
	Due      calendar.Day      // of the payment, once agreed
	Invoice  string            // the supplier's invoice number
	Prepaid  money.Fen         // netted against advances when it was agreed, with their fees
	PaidFen  money.Fen         // paid out
	Lines    []Line
	Created  time.Time
	MadeBy   string
	SentAt   *time.Time
	// Accepted is when the supplier agreed with the last line, Agreed when the house did.
	AcceptedAt *time.Time
	AcceptedBy string
	AgreedAt   *time.Time
	AgreedBy   string
	PaidAt     *time.Time
	Reason     string // of being withdrawn
	// CarriedTo is the number of the statement that took over what the supplier owes by this one; "" while none has.
	CarriedTo string
}

// Totals are the sums of a statement.
type Totals struct {
	Goods, Deductions, Rebates money.Fen // deductions and rebates are negative or zero
	Carried                    money.Fen // from earlier statements; negative or zero
	Total, Tax                 money.Fen
	Open, Agreed, Disputed     int // lines by what was said
	Claimed                    money.Fen
}

// Totals sums up the lines. Claimed is what the total would be if every open claim were accepted.
func (s *Statement) Totals() Totals {
	var t Totals
	for _, l := range s.Lines {
		switch {
		case l.Kind == Receipt || l.Kind == Other && l.Amount > 0:
			t.Goods += l.Amount
		case l.Kind == Rebate:
			t.Rebates += l.Amount
		case l.Kind == Carried:
			t.Carried += l.Amount
		default:
			t.Deductions += l.Amount
		}
		t.Total += l.Amount
		t.Tax += l.Tax()
		claim := l.Amount
		switch l.Word {
		case AgreedTo:
			t.Agreed++
		case DisputeOf:
			t.Disputed++
			if l.Claim != nil {
				claim = *l.Claim
			}
		default:
			t.Open++
		}
		t.Claimed += claim
	}
	return t
}

// Balance gives what is still to be paid: the total less what was netted and paid. It is not below zero: a supplier that owes is shown by
// Owed.
func (s *Statement) Balance() money.Fen { return max(0, s.Totals().Total-s.Prepaid-s.PaidFen) }

// Owed gives what the supplier owes when more is taken off than was delivered. It is carried over to the next statement (CarriedTo).
func (s *Statement) Owed() money.Fen { return max(0, -s.Totals().Total) }

// line gives a line to work on.
func (s *Statement) line(no int) (*Line, error) {
	i := slices.IndexFunc(s.Lines, func(l Line) bool { return l.No == no })
	if i < 0 {
		return nil, &LineError{no, ErrLine}
	}
	return &s.Lines[i], nil
}

// Sort puts the lines in the order of the page: by order, day and kind, and numbers them from 1. Only a draft may be sorted.
func (s *Statement) Sort() {
	rank := map[Kind]int{Carried: -1, Receipt: 0, Late: 1, Quality: 2, Short: 3, Rebate: 4, Other: 5}
	slices.SortStableFunc(s.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.OrderLine, b.OrderLine), cmp.Compare(a.Receipt, b.Receipt), cmp.Compare(rank[a.Kind], rank[b.Kind]),
			cmp.Compare(a.Day, b.Day), strings.Compare(a.Source, b.Source))
	})
	for i := range s.Lines {
		s.Lines[i].No = i + 1
	}
}

// text tidies a text and tells whether it is one of at most MaxText characters.
func text(s string) (string, bool) {
	s = strings.TrimSpace(s)
	return s, s != "" && utf8.RuneCountInString(s) <= c2m.MaxText
}
