package forecasting

import (
	"errors"

	"milkrun/internal/catalog"
)

// ErrPlace is the answer to a place in a list (After) that was not given out by that list.
var ErrPlace = errors.New("forecasting: not a place in this list; begin at its first page")

// DemandSort names the columns that the demand list can be sorted by.
type DemandSort string

// The columns of the demand list.
const (
	BySold     DemandSort = "sold"
	ByForecast DemandSort = "forecast"
	ByGrowth   DemandSort = "growth"
	ByHeat     DemandSort = "heat"
	BySoldOut  DemandSort = "sold_out"
)

// DemandSorts lists the columns in the order of the screen.
func DemandSorts() []DemandSort {
	return []DemandSort{BySold, ByForecast, ByGrowth, ByHeat, BySoldOut}
}

// DemandQuery asks for one page of the demand list.
type DemandQuery struct {
	Search   string             // parts of code, name or GTIN
	Category catalog.CategoryID // with all below it; 0 = every category
	Topic    catalog.TopicID    // 0 = any
	Site     catalog.SiteID     // 0 = all sites together
	Class    Class              // empty = every class
	Sort     DemandSort         // empty = BySold
	Up       bool               // smallest first
	After    string             // DemandPage.Next of the page before; empty = first page
	Limit    int                // rows; 0 = 50, at most 500
}

// DemandRow is a SKU in the demand list.
type DemandRow struct {
	SKU      catalog.SKUID
	Code     string
	Name     catalog.Name
	Unit     catalog.Name
	Category catalog.CategoryID
	Core     bool
	Class    Class
	Series   int // sites with a forecast
	// Sold28 and SoldBefore28 are pieces sold in the last 28 days before the run and in the 28 before those.
	Sold28, SoldBefore28 int
	SoldOut28            int     // sold-out site days among the last 28 days
	Forecast28           float64 // pieces expected over the first 28 days of the run
	// Growth is Forecast28 / Sold28, meaningful when Sold28 > 0.
	Growth float64
	// Heat is the heat of the SKU's hottest topic against its usual; 0 without a topic.
	Heat float64
}

// DemandPage is a page of the demand list.
type DemandPage struct {
	Run  Run // the run in force; its zero value when there is none
	Rows []DemandRow
	// Total counts all rows that fit the query, up to MaxCount; MaxCount+1 stands for "more".
	Total int
	Next  string // for DemandQuery.After; empty on the last page
	Site  catalog.SiteID
}

// MaxCount is how far lists are counted.
const MaxCount = 10_000
