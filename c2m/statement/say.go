package statement

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

// Refusals of statements.
var (
	// ErrUnknown is the answer to a statement that does not exist or is another's.
	ErrUnknown = errors.New("statement: no such statement")
	// ErrStale refuses a change to a statement that another has changed meanwhile.
	ErrStale = errors.New("statement: it was changed by another meanwhile")
	// ErrState refuses a verb that the state does not allow; *StateError tells both.
	ErrState = errors.New("statement: its state does not allow this")
	// ErrClosed refuses to change what both sides have agreed to.
	ErrClosed = errors.New("statement: it is agreed and cannot change; put the difference on the next one")
	// ErrEmpty refuses to make or send a statement without lines.
	ErrEmpty = errors.New("statement: there is nothing to account for in the period")
	// ErrLine is the answer to a line that is not there.
	ErrLine = errors.New("statement: no such line")
	// ErrReason refuses a dispute, answer or withdrawal without a reason, or with one that is too long.
	ErrReason = errors.New("statement: a reason of 1 to 500 characters is needed")
	// ErrClaim refuses a claim that cannot be: of the wrong sign, or more than ten times the line.
	ErrClaim = errors.New("statement: the amount claimed cannot be")
	// ErrOpen refuses to agree while lines are open or disputed.
	ErrOpen = errors.New("statement: there are lines that are not agreed to")
	// ErrPeriod refuses a period that ends before it begins, in the future, or is longer than a year.
	ErrPeriod = errors.New("statement: the period must end before today and be at most a year long")
	// ErrInvoice refuses an invoice number of more than 40 characters.
	ErrInvoice = errors.New("statement: the invoice number is too long")
)

// StateError tells which verb the state refuses.
type StateError struct {
	Number string
	State  State
	Verb   string
}

func (e *StateError) Error() string {
	return fmt.Sprintf("statement: %s: cannot %s a statement that is %s", e.Number, e.Verb, e.State)
}

// Unwrap gives ErrState, and ErrClosed for a statement that is agreed.
func (e *StateError) Unwrap() []error {
	if e.State.Closed() {
		return []error{ErrState, ErrClosed}
	}
	return []error{ErrState}
}

// LineError tells which line a refusal concerns.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives the refusal.
func (e *LineError) Unwrap() error { return e.Err }

func (s *Statement) refuse(verb string) error { return &StateError{s.Number, s.State, verb} }

// CheckPeriod answers ErrPeriod for a period that no statement can have.
func CheckPeriod(from, to, today calendar.Day) error {
	if to < from || to >= today || to.Sub(from) > 366 {
		return ErrPeriod
	}
	return nil
}

// Send shows a draft to the supplier. ErrEmpty, *StateError.
func (s *Statement) Send(now time.Time) error {
	switch {
	case s.State != Draft:
		return s.refuse("send")
	case len(s.Lines) == 0:
		return ErrEmpty
	}
	s.State, s.SentAt = Sent, &now
	return nil
}

// Withdraw ends a statement that is not agreed; what stood on it is free for another. ErrReason, *StateError.
func (s *Statement) Withdraw(reason string) error {
	if s.State.Closed() {
		return s.refuse("withdraw")
	}
	reason, ok := text(reason)
	if !ok {
		return ErrReason
	}
	s.State, s.Reason = Void, reason
	return nil
}

// AgreeTo lets the supplier agree with lines, with all that are open when none is named. When nothing is open or disputed the statement is
// accepted. *LineError, *StateError.
func (s *Statement) AgreeTo(lines []int, by string, now time.Time) error {
	if !s.State.Open() {
		return s.refuse("answer")
	}
	if len(lines) == 0 {
		for _, l := range s.Lines {
			if l.Word == Unsaid {
				lines = append(lines, l.No)
			}
		}
	}
	for _, no := range lines {
		if _, err := s.line(no); err != nil {
			return err
		}
	}
	for _, no := range lines {
		l, _ := s.line(no)
		l.Word, l.Claim, l.Reason, l.SaidBy, l.SaidAt = AgreedTo, nil, "", by, &now
		if l.Answer == "" {
			l.Reply = ""
		}
	}
	s.settle(by, now)
	return nil
}

// Dispute lets the supplier object to a line: with a reason, and the amount that it holds right (nil where it names none). *LineError wraps
// ErrReason, ErrClaim or ErrLine.
func (s *Statement) Dispute(no int, reason string, claim *money.Fen, by string, now time.Time) error {
	if !s.State.Open() {
		return s.refuse("answer")
	}
	l, err := s.line(no)
	if err != nil {
		return err
	}
	reason, ok := text(reason)
	if !ok {
		return &LineError{no, ErrReason}
	}
	if claim != nil && !l.claimable(*claim) {
		return &LineError{no, ErrClaim}
	}
	l.Word, l.Reason, l.Claim, l.SaidBy, l.SaidAt = DisputeOf, reason, claim, by, &now
	l.Answer, l.Reply, l.AnswerBy, l.AnswerAt = "", "", "", nil
	s.settle(by, now)
	return nil
}

// claimable bounds a claim: goods are not below zero, deductions not above, and neither more than ten times the line.
func (l *Line) claimable(claim money.Fen) bool {
	most := 10 * max(l.Amount, -l.Amount)
	if l.Kind == Receipt {
		return claim >= 0 && claim <= most && claim != l.Amount
	}
	return claim <= 0 && -claim <= most && claim != l.Amount
}

// Answer is the house's word on a disputed line. Accepted, the amount becomes the claim (amount, where the supplier named none); refused, it
// stays. Either way the line waits for the supplier again: it agrees or disputes anew. *LineError, *StateError.
func (s *Statement) Answer(no int, accept bool, amount *money.Fen, reply, by string, now time.Time) error {
	if !s.State.Open() {
		return s.refuse("answer a dispute of")
	}
	l, err := s.line(no)
	if err != nil {
		return err
	}
	if l.Word != DisputeOf {
		return &LineError{no, ErrLine}
	}
	reply, ok := text(reply)
	if !ok {
		return &LineError{no, ErrReason}
	}
	answer := ClaimRefused
	if accept {
		becomes := l.Claim
		if amount != nil {
			becomes = amount
		}
		if becomes == nil || !l.claimable(*becomes) {
			return &LineError{no, ErrClaim}
		}
		was := l.Amount
		if l.Was == nil {
			l.Was = &was
		}
		l.Amount, answer = *becomes, ClaimAccepted
	}
	l.Answer, l.Reply, l.AnswerBy, l.AnswerAt, l.Word = answer, reply, by, &now, Unsaid
	if accept && amount == nil { // what the supplier asked for needs no second word of it
		l.Word = AgreedTo
	}
	s.settle(by, now)
	return nil
}

// settle brings the state in line with what was said to the lines.
func (s *Statement) settle(by string, now time.Time) {
	switch t := s.Totals(); {
	case t.Disputed > 0:
		s.State, s.AcceptedAt, s.AcceptedBy = Disputed, nil, ""
	case t.Open > 0:
		s.State, s.AcceptedAt, s.AcceptedBy = Sent, nil, ""
	default:
		s.State, s.AcceptedAt, s.AcceptedBy = Accepted, &now, by
	}
}

// Agree is the house's last word: the statement closes, with the day on which it is paid and the rate of its currency. ErrOpen, *StateError,
// supplier.ErrRate.
func (s *Statement) Agree(by string, now time.Time, due calendar.Day, rate supplier.Rate) error {
	switch {
	case s.State == Sent || s.State == Disputed:
		return ErrOpen
	case s.State != Accepted:
		return s.refuse("agree to")
	}
	if s.Currency != supplier.CNY {
		if rate <= 0 {
			return fmt.Errorf("%w: %s", supplier.ErrRate, s.Currency)
		}
		s.Rate = rate
	}
	s.State, s.AgreedBy, s.AgreedAt, s.Due = Agreed, by, &now, due
	return nil
}

// Net notes what of the total is set off against advances. It may be called once, on a statement that was just agreed.
func (s *Statement) Net(fen money.Fen) error {
	if s.State != Agreed || s.Prepaid != 0 || s.PaidFen != 0 || fen < 0 || fen > max(0, s.Totals().Total) {
		return s.refuse("net")
	}
	s.Prepaid = fen
	return nil
}

// Pay notes a payment that was done; with it, or where nothing is left to pay, the statement is paid. *StateError.
func (s *Statement) Pay(fen money.Fen, now time.Time) error {
	if s.State != Agreed || fen < 0 || fen > s.Balance() {
		return s.refuse("pay")
	}
	if s.PaidFen += fen; s.Balance() == 0 {
		s.State, s.PaidAt = Paid, &now
	}
	return nil
}

// Bill notes the supplier's invoice number, as long as the statement is not paid. ErrInvoice, *StateError.
func (s *Statement) Bill(number string) error {
	if s.State == Paid || s.State == Void || s.State == Draft {
		return s.refuse("bill")
	}
	if number = strings.TrimSpace(number); utf8.RuneCountInString(number) > 40 {
		return ErrInvoice
	}
	s.Invoice = number
	return nil
}
