package replenishment

import (
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// History is what one site has sold, day by day; the last entry is yesterday's. It gives the demand of a site that has no
// forecast row.
type History struct {
	Site  catalog.SiteID
	Class Class // empty: the snapshot's
	Sold  []quantity.Pieces
	// SoldOut tells of each day whether nothing was left: the sales are then less than the demand may have been.
	SoldOut []bool
}

// Signals is what is known of the SKU's demand at all sites beside its sales.
type Signals struct {
	// Heat is the social heat of each day, 0 for silence; the last entry is yesterday's. Demand follows it after LagDays.
	Heat    []float64
	LagDays int
	// Past is the factor that calendar, season and price put on the demand of each day, yesterday last; Ahead the same
	// from today on. Both are 1 where they end.
	Past, Ahead []float64
}
