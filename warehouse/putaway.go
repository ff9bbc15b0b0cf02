package warehouse

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals of moves on the floor.
var (
	// ErrWrongBin is what *BinRefusal wraps.
	ErrWrongBin = errors.New("warehouse: the goods may not go to this bin")
	// ErrInPicking is what *InPickingError wraps.
	ErrInPicking = errors.New("warehouse: a picker is on the way to these pieces")
	// ErrTaskTaken refuses a task that another has in hand.
	ErrTaskTaken = errors.New("warehouse: another has this task in hand")
)

// BinRefusal says why goods may not go to a bin: "closed", "temperature", "other_sku", "other_lot", "no_room" or "kind", and what
// stands there or fits.
type BinRefusal struct {
	Bin     string
	Against string
	// Wanted and Has are the temperature classes, the SKU codes, the lots or the kinds that do not go together.
	Wanted, Has string
	Fits        quantity.Pieces // for no_room
	Want        quantity.Pieces
}

func (e *BinRefusal) Error() string { return fmt.Sprintf("%v: %s: %s", ErrWrongBin, e.Bin, e.Against) }
func (e *BinRefusal) Unwrap() error { return ErrWrongBin }

// InPickingError tells how many of the wanted pieces are promised to a wave that is being picked, and may not be moved.
type InPickingError struct {
	Place               Place
	Want, Free, Picking quantity.Pieces
}

func (e *InPickingError) Error() string {
	return fmt.Sprintf("%v: %d wanted, %d free, %d in a wave", ErrInPicking, e.Want, e.Free, e.Picking)
}
func (e *InPickingError) Unwrap() error { return ErrInPicking }

// PutTask is goods that wait to be put away.
type PutTask struct {
	From     string
	Ware     Ware
	Lot      Lot
	Owner    string
	Status   Status
	Pieces   quantity.Pieces
	Reserved quantity.Pieces // of Pieces: orders wait for them
	Delivery string          // the last receipt that brought the lot, "" for none
	Since    time.Time
}

// BinAdvice is a bin that goods could go to.
type BinAdvice struct {
	Bin     string
	Zone    string
	Aisle   int
	Bay     int
	Level   int
	Kind    BinKind
	Pieces  quantity.Pieces // that fit
	Score   int
	Reasons []BinReason // the weightiest first
}

// BinReason is why a bin is good, with its points: same_lot, same_sku, velocity, all_fit, empty, near_same, tight, short_way,
// pick_face (the goods' own pick face has room).
type BinReason struct {
	Why    string
	Points int
}

// Carried is what a move did: the pieces, those of them that orders wait for, and what is left where they came from.
type Carried struct {
	From, To         string
	SKU              catalog.SKUID
	Lot              string
	Pieces, Reserved quantity.Pieces
	Left             quantity.Pieces
}

// PickFace is from where a SKU is picked.
type PickFace struct {
	Site     catalog.SiteID
	SKU      catalog.SKUID
	Bin      string
	Min, Max quantity.Pieces
}

// Refill is pieces to be brought from the reserve to a pick face.
type Refill struct {
	ID       int64
	Site     catalog.SiteID
	Ware     Ware
	Lot      Lot
	Owner    string
	From, To string
	Pieces   quantity.Pieces
	Urgent   bool // orders wait for the pick face
	At       time.Time
	TakenBy  int64 // account, 0 for nobody
	State    string
}

// Refusals of refills.
var (
	// ErrNoRefill is the answer to a refill that is done, cancelled or never was.
	ErrNoRefill = errors.New("warehouse: no such refill")
	// ErrFace refuses a pick face that cannot be: no pick bin, or min above max.
	ErrFace = errors.New("warehouse: no pick face")
)
