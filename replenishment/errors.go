package replenishment

import "errors"

// Refusals of the verbs on a suggestion. The caller wraps them with the suggestion's id.
var (
	// ErrDecided is the answer to a verb on a suggestion that was approved, rejected or ordered already.
	ErrDecided = errors.New("replenishment: the suggestion is decided already")
	// ErrExpired is the answer to a verb on a suggestion whose need is gone or whose plan is too old.
	ErrExpired = errors.New("replenishment: the suggestion has expired")
	// ErrOrdered is the answer to taking back a decision that has become an order.
	ErrOrdered = errors.New("replenishment: the suggestion is ordered already")
	// ErrOpen is the answer to taking back a decision that was never made.
	ErrOpen = errors.New("replenishment: the suggestion is not decided")
	// ErrReasonNeeded is the answer to a change or a rejection without a reason.
	ErrReasonNeeded = errors.New("replenishment: a change or rejection needs a reason")
	// ErrPieces is the answer to a quantity that is not a positive number of pieces.
	ErrPieces = errors.New("replenishment: the quantity must be at least one piece")
	// ErrSettings is the answer to settings that cannot be planned with; the message names the field.
	ErrSettings = errors.New("replenishment: settings")
	// ErrChange is the answer to a what-if that makes no sense; the message names the field.
	ErrChange = errors.New("replenishment: what-if")
)
