package campaign

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Refusals of the rules. The typed errors below wrap one of them where a screen needs the numbers.
var (
	// ErrUnknown is the answer to a campaign, pledge or payment that does not exist.
	ErrUnknown = errors.New("campaign: no such campaign, pledge or payment")
	// ErrStale is the answer to a change based on a revision that another has changed meanwhile.
	ErrStale = errors.New("campaign: changed by another meanwhile")
	// ErrState refuses a verb that the campaign's state does not allow.
	ErrState = errors.New("campaign: its state does not allow this")
	// ErrNotStarted refuses a pledge before the start.
	ErrNotStarted = errors.New("campaign: it has not started")
	// ErrDeadline refuses a pledge or cancellation after the deadline.
	ErrDeadline = errors.New("campaign: the deadline has passed")
	// ErrNotDue refuses a close before the deadline.
	ErrNotDue = errors.New("campaign: the deadline has not passed")
	// ErrUnits refuses a pledge of no units, or of more than a slip of the finger can mean.
	ErrUnits = errors.New("campaign: the number of units must be from 1 to 100,000")
	// ErrMember refuses a pledge without a member.
	ErrMember = errors.New("campaign: a member's name of 1 to 100 characters is needed")
	// ErrLimit refuses more than one member may have.
	ErrLimit = errors.New("campaign: more than a member may pledge")
	// ErrTwice refuses a second live pledge of a member.
	ErrTwice = errors.New("campaign: the member has a pledge already")
	// ErrTier refuses a pledge in a tier that the campaign does not have, or that is not open now.
	ErrTier = errors.New("campaign: no such tier, or it is not open now")
	// ErrGroup refuses to join a group that does not exist or is full.
	ErrGroup = errors.New("campaign: no such group, or it is full")
	// ErrPledgeState refuses a verb that the pledge's state does not allow.
	ErrPledgeState = errors.New("campaign: the pledge's state does not allow this")
	// ErrBalance refuses to pay a balance outside its window, or where none is due.
	ErrBalance = errors.New("campaign: no balance can be paid now")
	// ErrRefund refuses to give back more than was paid.
	ErrRefund = errors.New("campaign: more than was paid")
	// ErrReason refuses a cancellation or refund without a reason.
	ErrReason = errors.New("campaign: a reason is needed")
	// ErrExtend refuses a new deadline that is not later, too far off, or once too often.
	ErrExtend = errors.New("campaign: the deadline cannot be moved there")
	// ErrKey refuses an idempotency key that was used for something else.
	ErrKey = errors.New("campaign: the key was used for something else")
	// ErrTerms is what every fault of the terms wraps.
	ErrTerms = errors.New("campaign: the terms do not go together")
)

// StateError tells which verb the state refuses.
type StateError struct {
	Number string
	State  State
	Verb   string
}

func (e *StateError) Error() string {
	return fmt.Sprintf("campaign: %s: cannot %s while %s", e.Number, e.Verb, e.State)
}

// Unwrap gives ErrState.
func (e *StateError) Unwrap() error { return ErrState }

// DeadlineError tells the deadline that passed.
type DeadlineError struct{ Deadline, At time.Time }

func (e *DeadlineError) Error() string {
	return fmt.Sprintf("%v: %s, now %s", ErrDeadline, e.Deadline.Format(time.RFC3339), e.At.Format(time.RFC3339))
}

// Unwrap gives ErrDeadline.
func (e *DeadlineError) Unwrap() error { return ErrDeadline }

// LimitError tells how many pieces a member may have.
type LimitError struct{ Want, Limit quantity.Pieces }

func (e *LimitError) Error() string {
	return fmt.Sprintf("%v: %d, at most %d", ErrLimit, e.Want, e.Limit)
}

// Unwrap gives ErrLimit.
func (e *LimitError) Unwrap() error { return ErrLimit }

// RefundError tells how much is left of what was paid.
type RefundError struct{ Want, Left money.Fen }

func (e *RefundError) Error() string {
	return fmt.Sprintf("%v: %d fen, %d left", ErrRefund, e.Want, e.Left)
}

// Unwrap gives ErrRefund.
func (e *RefundError) Unwrap() error { return ErrRefund }

// Fault is one fault of the terms: the field as forms name it ("goal", "tiers.1.price") and a word for what is wrong.
type Fault struct {
	Field string
	Word  Word
}

// Word says what is wrong with a field.
type Word string

// The words.
const (
	Missing    Word = "missing"
	TooSmall   Word = "small"
	TooLarge   Word = "large"
	TooLong    Word = "long"
	NotAChoice Word = "choice"
	BadOrder   Word = "order"   // a later instant before an earlier one, a higher break dearer than a lower one
	Repeated   Word = "twice"   // a code used twice
	Unfitting  Word = "unfit"   // does not go with the mode
	Past       Word = "past"    // lies in the past
	AboveFloor Word = "deposit" // the deposit is above the lowest price
)

// TermsError lists the faults of terms.
type TermsError struct{ Faults []Fault }

func (e *TermsError) Error() string { return fmt.Sprintf("%v: %v", ErrTerms, e.Faults) }

// Unwrap gives ErrTerms.
func (e *TermsError) Unwrap() error { return ErrTerms }
