package c2m

import (
	"errors"
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Refusals of the rules. The typed errors below wrap one of them where a screen needs the numbers.
var (
	// ErrUnknown is the answer to an order, line, answer, delivery note or file that does not exist, or that is not the asker's.
	ErrUnknown = errors.New("c2m: no such order, line or document")
	// ErrStale is the answer to a change based on a revision of the order that another has changed meanwhile.
	ErrStale = errors.New("c2m: the order was changed by another meanwhile")
	// ErrState is the refusal of a verb that the order's state does not allow.
	ErrState = errors.New("c2m: the order's state does not allow this")
	// ErrNoLines refuses to send an order without lines.
	ErrNoLines = errors.New("c2m: the order has no lines")
	// ErrNothingNew refuses to send a version that says the same as the last one.
	ErrNothingNew = errors.New("c2m: nothing has changed since the last version")
	// ErrReason refuses a change, refusal, cancellation or short closing without a reason.
	ErrReason = errors.New("c2m: a reason is needed")
	// ErrPieces refuses a quantity outside 1 … MaxPieces.
	ErrPieces = errors.New("c2m: the quantity must be a whole number of pieces from 1 to 100,000,000")
	// ErrPrice refuses a unit price outside 1 fen … MaxPrice.
	ErrPrice = errors.New("c2m: the unit price must be from 0.01 to 1,000,000.00 yuan")
	// ErrTax refuses a tax rate outside 0 … 100 %.
	ErrTax = errors.New("c2m: the tax rate must be from 0 to 100 %")
	// ErrDay refuses a day that lies in the past or more than MaxDaysAhead ahead.
	ErrDay = errors.New("c2m: the day lies in the past or too far ahead")
	// ErrLong refuses a remark that is too long to print.
	ErrLong = errors.New("c2m: the text is too long")
	// ErrShelfLife refuses a remaining shelf life below 0 or beyond ten years.
	ErrShelfLife = errors.New("c2m: the remaining shelf life must be from 0 to 3,650 days")
	// ErrSupplier refuses to order from a supplier that is switched off or banned.
	ErrSupplier = errors.New("c2m: nothing may be ordered from this supplier")
	// ErrTerms refuses goods that the supplier has no terms for.
	ErrTerms = errors.New("c2m: the supplier has no terms for these goods")
	// ErrPriceMoved refuses to send prices that differ from the supplier's terms without the buyer's word on it.
	ErrPriceMoved = errors.New("c2m: prices differ from the supplier's terms")
	// ErrDecided refuses a second decision on the same deviation, and a decision where nothing deviates.
	ErrDecided = errors.New("c2m: there is nothing to decide here")
	// ErrVersion refuses an answer to a version that is not the current one.
	ErrVersion = errors.New("c2m: the answer is for another version of the order")
	// ErrOverDelivery refuses more pieces than were agreed and are still open.
	ErrOverDelivery = errors.New("c2m: more pieces than are still open")
	// ErrShipped refuses to go below what is on its way or has come.
	ErrShipped = errors.New("c2m: goods of this line are already on their way")
	// ErrUsedNumber refuses a delivery-note number that was used for other goods that have already come.
	ErrUsedNumber = errors.New("c2m: the delivery note has been received and cannot be changed")
)

// StateError tells which verb the order's state refuses.
type StateError struct {
	Number string
	State  State
	Verb   string // "send", "cancel", …
}

func (e *StateError) Error() string {
	return fmt.Sprintf("c2m: %s: cannot %s an order that is %s", e.Number, e.Verb, e.State)
}
func (e *StateError) Unwrap() error { return ErrState }

// VersionError tells which version a sheet answers and which one is current.
type VersionError struct {
	Number         string
	Sheet, Current int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("c2m: %s: the sheet answers version %d, current is %d", e.Number, e.Sheet, e.Current)
}
func (e *VersionError) Unwrap() error { return ErrVersion }

// LineError says which line and field a refusal concerns.
type LineError struct {
	Line  int
	SKU   catalog.SKUID
	Field Field
	Err   error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d, %s: %v", e.Line, e.Field, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// OverDeliveryError tells how many pieces of a line may still come.
type OverDeliveryError struct {
	Line       int
	SKU        catalog.SKUID
	Want, Open quantity.Pieces
}

func (e *OverDeliveryError) Error() string {
	return fmt.Sprintf("c2m: line %d: %d pieces, %d still open", e.Line, e.Want, e.Open)
}
func (e *OverDeliveryError) Unwrap() error { return ErrOverDelivery }

// PriceMove is a line whose price is not the one of the terms.
type PriceMove struct {
	Line         int
	SKU          catalog.SKUID
	Price, Terms money.Fen
}

// PricesMovedError lists the lines whose prices differ from the terms.
type PricesMovedError struct{ Moves []PriceMove }

func (e *PricesMovedError) Error() string {
	return fmt.Sprintf("%v: %d lines", ErrPriceMoved, len(e.Moves))
}
func (e *PricesMovedError) Unwrap() error { return ErrPriceMoved }

// Bounds of what a line may say. They catch slips of the finger, not business.
const (
	MaxPieces    quantity.Pieces = 100_000_000
	MaxPrice     money.Fen       = 100_000_000
	MaxDaysAhead                 = 730
	MaxText                      = 500 // characters of a remark or specification
	maxShelfDays                 = 3650
)

// checkDay refuses a day before today or too far ahead.
func checkDay(d, today calendar.Day) error {
	if d < today || d > today.AddDays(MaxDaysAhead) {
		return fmt.Errorf("%w: %s", ErrDay, d)
	}
	return nil
}
