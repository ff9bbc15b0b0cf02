package warehouse

import (
	"errors"
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// Refusals of moves.
var (
	// ErrNoMove is the refusal of a move of no pieces, or from a place to itself, or from nowhere to nowhere.
	ErrNoMove = errors.New("warehouse: nothing would move")
	// ErrOtherGoods is the refusal of a move that would turn one SKU or lot into another.
	ErrOtherGoods = errors.New("warehouse: a move cannot change the SKU or the lot")
)

// ShortError refuses to take more from a place than may be taken: Have are the free pieces, or the reserved ones for a move
// that takes reserved pieces.
type ShortError struct {
	Place      Place
	Want, Have quantity.Pieces
	Reserved   bool
}

func (e *ShortError) Error() string {
	return fmt.Sprintf("warehouse: %d pieces wanted, %d there (sku %d, site %d, bin %q, lot %q)",
		e.Want, e.Have, e.Place.SKU, e.Place.Site, e.Place.Bin, e.Place.Lot)
}

// Move takes pieces from one place to another: the one way in which stock changes. A nil side is outside of the house: a
// supplier, a customer, the difference of a count.
type Move struct {
	From, To *Place
	Pieces   quantity.Pieces
	// Produced and Expiry are written to the lot of To where they are given.
	Produced, Expiry *calendar.Day
	// FromReserved takes pieces that are reserved, ToReserved leaves them reserved where they arrive: a pick does both, a
	// shipment the first.
	FromReserved, ToReserved bool
}

// Check tells what is wrong with the move by itself.
func (m Move) Check() error {
	switch {
	case m.Pieces <= 0, m.From == nil && m.To == nil, m.From != nil && m.To != nil && *m.From == *m.To:
		return ErrNoMove
	case m.From != nil && m.To != nil && (m.From.SKU != m.To.SKU || m.From.Lot != m.To.Lot):
		return ErrOtherGoods
	case m.Produced != nil && m.Expiry != nil && *m.Expiry < *m.Produced:
		return ErrDates
	}
	return nil
}
