package forecasting

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Dashboard is what the page of the day shows of demand, over the sites that the user may see.
type Dashboard struct {
	Run Run // in force; its zero value when there is none
	// Day is the last day that any site has reported, 0 when none has; Pieces and Revenue are of that day. Unpriced
	// pieces were sold at a price not known and are not in the revenue.
	Day      calendar.Day
	Pieces   int64
	Revenue  money.Fen
	Unpriced int64
	// Spiking counts the open spikes of demand topics, Alerts those of complaint topics. Hottest is the spiking topic
	// furthest above its usual, nil for none.
	Spiking, Alerts int
	Hottest         *TopicStanding
	// LastWeek and WeekBefore are the forecast errors (WAPE of SKU weeks, percent) of the last two measured weeks over the
	// whole house; Measured is false until they are known.
	LastWeek, WeekBefore float64
	Measured             bool
	Service              Service
	Categories           []CategoryShare // top categories, the largest forecast first
	Chart                DemandChart
}

// Service is the share of SKUs × sites that were not sold out, in percent: of the last 28 reported days, of the 28
// before, and day by day over the former, the oldest first.
type Service struct {
	Level, Before float64
	Trend         []float64
}

// CategoryShare is a top category with the pieces expected over 28 days.
type CategoryShare struct {
	ID    catalog.CategoryID
	Code  string
	Name  catalog.Name
	Sum28 float64
}

// DemandChart is the sales, forecast and heat of the whole house, or of one top category.
type DemandChart struct {
	Category catalog.CategoryID // 0 for all
	From     calendar.Day
	Sold     []float64 // pieces a day from From on; NaN for a day that no site has reported
	// Heat is the sum of the heat of the demand topics, each at the source that is watched, from From on; NaN where unknown.
	Heat []float64
	// ForecastFrom is the origin of Forecast, a day each. The bounds assume errors that correlate by SKUCorrelation.
	ForecastFrom calendar.Day
	Forecast     []Week
	Events       []EventSpan
}
