package replenishment

import (
	"strings"
	"time"

	"milkrun/internal/quantity"
)

// State is where a suggestion stands.
//
//	open ──▶ changed ──▶ approved ──▶ ordered
//	  ╰────────┴──▶ rejected, expired
type State string

// The states. Changed holds the buyer's own number and still waits for approval.
const (
	StateOpen     State = "open"
	StateChanged  State = "changed"
	StateApproved State = "approved"
	StateRejected State = "rejected"
	StateExpired  State = "expired"
	StateOrdered  State = "ordered"
)

// Undecided tells whether the suggestion still waits for a buyer.
func (s State) Undecided() bool { return s == StateOpen || s == StateChanged }

// waiting answers nil when the suggestion may still be decided, else why not.
func (s *Suggestion) waiting() error {
	switch {
	case s.State == StateExpired:
		return ErrExpired
	case !s.State.Undecided():
		return ErrDecided
	}
	return nil
}

// decide records who moved the suggestion to a state, and when.
func (s *Suggestion) decide(state State, by int64, at time.Time) {
	s.State, s.By, s.At = state, by, &at
}

// Approve accepts the suggestion at its Quantity. ErrDecided or ErrExpired.
func (s *Suggestion) Approve(by int64, at time.Time) error {
	if err := s.waiting(); err != nil {
		return err
	}
	s.decide(StateApproved, by, at)
	return nil
}

// Change puts the buyer's number in place of the planner's; it still has to be approved. Going back to the planner's
// own number needs no reason and makes the suggestion open again.
// ErrDecided, ErrExpired, ErrPieces below 1, ErrReasonNeeded without a reason.
func (s *Suggestion) Change(pieces quantity.Pieces, reason string, by int64, at time.Time) error {
	if err := s.waiting(); err != nil {
		return err
	}
	if pieces < 1 {
		return ErrPieces
	}
	if pieces == s.Pieces {
		s.Decided, s.Note = 0, ""
		s.decide(StateOpen, by, at)
		return nil
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return ErrReasonNeeded
	}
	s.Decided, s.Note = pieces, reason
	s.decide(StateChanged, by, at)
	return nil
}

// Reject refuses the suggestion. ErrDecided, ErrExpired, ErrReasonNeeded without a reason.
func (s *Suggestion) Reject(reason string, by int64, at time.Time) error {
	if err := s.waiting(); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return ErrReasonNeeded
	}
	s.Note = reason
	s.decide(StateRejected, by, at)
	return nil
}

// Expire closes a suggestion whose need is gone. One that the buyer has changed stays: the number is a person's.
// ErrDecided for every state but open, ErrExpired when it has expired already.
func (s *Suggestion) Expire(at time.Time) error {
	if err := s.waiting(); err != nil {
		return err
	}
	if s.State == StateChanged {
		return ErrDecided
	}
	s.decide(StateExpired, 0, at)
	return nil
}

// TakeBack undoes an approval or rejection, as long as no order came of it. The suggestion is then as it was before.
// ErrOpen while it is undecided, ErrOrdered, ErrExpired.
func (s *Suggestion) TakeBack(by int64, at time.Time) error {
	switch s.State {
	case StateOpen, StateChanged:
		return ErrOpen
	case StateOrdered:
		return ErrOrdered
	case StateExpired:
		return ErrExpired
	}
	if s.Decided > 0 {
		s.decide(StateChanged, by, at)
		return nil
	}
	s.Note = ""
	s.decide(StateOpen, by, at)
	return nil
}

// Order marks an approved suggestion as turned into an order or a transfer. ErrOpen while it is undecided,
// ErrDecided when it was rejected, ErrOrdered when it is ordered already, ErrExpired.
func (s *Suggestion) Order(at time.Time) error {
	switch s.State {
	case StateOpen, StateChanged:
		return ErrOpen
	case StateOrdered:
		return ErrOrdered
	case StateExpired:
		return ErrExpired
	case StateRejected:
		return ErrDecided
	}
	s.decide(StateOrdered, s.By, at)
	return nil
}
