// Package warehouse holds the types and rules of stock: lots, positions and the ledger that moves pieces between them.
// It knows neither SQL nor HTTP.
package warehouse

import (
	"errors"
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals.
var (
	// ErrDates is the refusal of a lot that expires before it was produced.
	ErrDates = errors.New("warehouse: the lot expires before it was produced")
	// ErrNegative is the refusal of a count below zero.
	ErrNegative = errors.New("warehouse: a count cannot be below zero")
	// ErrRepeated is the refusal of two counts of the same position in one operation.
	ErrRepeated = errors.New("warehouse: the same position is counted twice")
)

// ReservedError refuses a count below what is already promised to orders.
type ReservedError struct {
	Place    Place
	Counted  quantity.Pieces
	Reserved quantity.Pieces
}

func (e *ReservedError) Error() string {
	return fmt.Sprintf("warehouse: %d pieces counted but %d are reserved (sku %d, site %d, bin %q)",
		e.Counted, e.Reserved, e.Place.SKU, e.Place.Site, e.Place.Bin)
}

// Status is what may be done with the pieces of a position. Only available pieces are sold.
type Status string

// The statuses of stock.
const (
	Available Status = "available"
	Held      Status = "held"
	Damaged   Status = "damaged"
	Recalled  Status = "recalled"
	InTransit Status = "in_transit"
	Returned  Status = "returned"
)

// Statuses lists every status of stock.
func Statuses() []Status {
	return []Status{Available, Held, Damaged, Recalled, InTransit, Returned}
}

// Lot is one production of one SKU. Code "" stands for goods without lots.
type Lot struct {
	Code             string
	Produced, Expiry *calendar.Day
}

// Place names a position: where, what, whose, in which state.
type Place struct {
	Site   catalog.SiteID
	Bin    string
	SKU    catalog.SKUID
	Lot    string
	Owner  string
	Status Status
}

// Count is what stands at a place, as somebody counted it.
type Count struct {
	Place
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces
}

// Check tells what is wrong with the count by itself.
func (c Count) Check() error {
	switch {
	case c.Pieces < 0:
		return ErrNegative
	case c.Produced != nil && c.Expiry != nil && *c.Expiry < *c.Produced:
		return ErrDates
	default:
		return nil
	}
}

// CheckCounts tells what is wrong with counts that are to be booked together.
func CheckCounts(counts []Count) error {
	seen := make(map[Place]struct{}, len(counts))
	for _, c := range counts {
		if err := c.Check(); err != nil {
			return err
		}
		if _, twice := seen[c.Place]; twice {
			return fmt.Errorf("%w: sku %d, site %d, bin %q, lot %q", ErrRepeated, c.SKU, c.Site, c.Bin, c.Lot)
		}
		seen[c.Place] = struct{}{}
	}
	return nil
}

// Stock is what one site has of one SKU. All in pieces.
type Stock struct {
	SKU  catalog.SKUID
	Site catalog.SiteID
	// OnHand counts available pieces, reserved ones included; Held those that may not be sold (held, damaged, recalled, returned).
	OnHand, Reserved, Held quantity.Pieces
	// Expiring are the pieces of OnHand that are too close to their expiry to be sold: see NearExpiryDays.
	Expiring quantity.Pieces
	// NextExpiry is the earliest expiry among the available lots.
	NextExpiry *calendar.Day
}

// Free gives the pieces that can still be promised.
func (s Stock) Free() quantity.Pieces { return s.OnHand - s.Reserved }

// LotStock is what one site has of one lot.
type LotStock struct {
	Site             catalog.SiteID
	Bin, Lot         string
	Status           Status
	Produced, Expiry *calendar.Day
	OnHand, Reserved quantity.Pieces
}

// Counted states that stock was set by an opening or a count: facts for whoever plans with it.
type Counted struct{ SKUs []catalog.SKUID }

// NearExpiryDays gives how many days before its expiry a lot is no longer sold at full price, for a shelf life in days: the
// bounds by which Beijing's trade office has shops set near-expiry food apart (notice of February 2012).
func NearExpiryDays(shelfLife int) int {
	for _, b := range []struct{ life, days int }{{365, 45}, {180, 20}, {90, 15}, {30, 10}, {16, 5}} {
		if shelfLife >= b.life {
			return b.days
		}
	}
	return 1
}

// DatedStock is the available pieces of a site's lots that may be sold up to and on LastDay: the expiry less NearExpiryDays.
type DatedStock struct {
	SKU     catalog.SKUID
	Site    catalog.SiteID
	Pieces  quantity.Pieces
	LastDay calendar.Day
}
