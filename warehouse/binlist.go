package warehouse

import (
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// BinRecord is a stored bin. UpdatedAt is its version; CountedAt is nil for a bin that nobody has counted.
type BinRecord struct {
	Bin
	UpdatedAt time.Time
	CountedAt *time.Time
}

// BinKey names a bin.
type BinKey struct {
	Site catalog.SiteID
	Code string
}

// BinQuery asks for bins of one site in the order of their codes, after a code, at most Limit of them.
type BinQuery struct {
	Site   catalog.SiteID
	Kind   BinKind // empty for every kind
	Zone   string  // empty for every zone
	Prefix string  // of the code
	Active *bool   // nil for both
	After  string
	Limit  int // 0 means 100; at most 1,000
}

// BinFill is a bin with how full it is: pieces, volume and weight of what stands in it.
type BinFill struct {
	BinRecord
	SKUs, Lots       int
	Pieces, Reserved quantity.Pieces
	UsedML           int64
	UsedGrams        int64
}

// Share gives how full the bin is by volume or weight, whichever is more, 0 … ; ok is false for a bin without bounds.
func (b BinFill) Share() (share float64, ok bool) {
	if b.CapacityML > 0 {
		share, ok = float64(b.UsedML)/float64(b.CapacityML), true
	}
	if b.CapacityGrams > 0 {
		share, ok = max(share, float64(b.UsedGrams)/float64(b.CapacityGrams)), true
	}
	return share, ok
}

// Content is one position of a bin, with the names that a screen shows.
type Content struct {
	Position         int64
	SKU              catalog.SKUID
	SKUCode          string
	Name, Unit       catalog.Name
	Lot              Lot
	Owner            string
	Status           Status
	OnHand, Reserved quantity.Pieces
}
