package c2m

import "slices"

// State is where an order stands. The texts are stored and name the status words of the pages.
type State string

// The states, in the order of an order's life; StateCancelled ends it early.
const (
	StateDraft      State = "draft"
	StateSent       State = "sent"
	StateAnswered   State = "answered"
	StateConfirmed  State = "confirmed"
	StateProducing  State = "producing"
	StateDispatched State = "shipped"
	StateReceived   State = "received"
	StateClosed     State = "closed"
	StateCancelled  State = "cancelled"
)

// States lists all states in the order of an order's life.
func States() []State {
	return []State{StateDraft, StateSent, StateAnswered, StateConfirmed, StateProducing, StateDispatched, StateReceived, StateClosed, StateCancelled}
}

// Valid tells whether s is one of the states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Over tells whether nothing can happen to the order any more.
func (s State) Over() bool { return s == StateClosed || s == StateCancelled }

// Editable tells whether the buyer may change lines and conditions. After sending, a change waits for the next version.
func (s State) Editable() bool {
	return slices.Contains([]State{StateDraft, StateSent, StateAnswered, StateConfirmed, StateProducing}, s)
}

// Awaited tells whether goods of the order may still come.
func (s State) Awaited() bool { return s != StateReceived && !s.Over() }

// Shown tells whether the supplier sees the order: drafts are the buyer's own business.
func (s State) Shown() bool { return s != StateDraft }

// Confirmation says how far an agreed order meets what was asked.
type Confirmation string

// The ways of being confirmed. Partly is fewer pieces than asked; Split is all pieces over several days.
const (
	NotConfirmed   Confirmation = ""
	WhollyAgreed   Confirmation = "whole"
	PartlyAgreed   Confirmation = "partly"
	SplitOverDates Confirmation = "split"
)
