package forecasting

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// SKUPage is what the demand page of one SKU shows, over the sites chosen.
type SKUPage struct {
	SKU catalog.SKUID
	// Run is the run in force; its zero value when there is none, and then there is no forecast.
	Run   Run
	Sites []SiteOutlook // the chosen sites with sales or a forecast, the largest forecast first

	// From is the first day of Daily. Weekly holds whole weeks on the grid of the forecast's weeks.
	From   calendar.Day
	Daily  []DemandDay
	Weekly []DemandWeek

	// ForecastFrom is the origin of the run; Forecast its days and ForecastWeeks its whole weeks. P10 and P90 of several
	// sites together assume that their errors correlate by SiteCorrelation (see Band).
	ForecastFrom  calendar.Day
	Forecast      []Week // a day each
	ForecastWeeks []Week
	// HeatPath is what heat multiplies the demand of each day of the forecast by, over the sites; nil for nothing.
	HeatPath []float64

	Topics   []TopicLine
	Spikes   []SpikeRecord // open ones that concern the SKU
	Events   []EventSpan
	Accuracy SKUAccuracy
	// Overrides are the planners' changes, the newest first, the old ones too; Alarms those that stand. Both of the chosen sites.
	Overrides []OverrideRecord
	Alarms    []AlarmRecord
	// Pieces take the expected demand of the first 28 days apart, over the sites.
	Pieces []Piece
	// Running is the present day and week over those chosen sites that have told of it, Site 0; nil while none has.
	Running *RunningDay
}

// SiteOutlook is the demand of the SKU at one site.
type SiteOutlook struct {
	Site   catalog.SiteID
	Code   string
	Name   catalog.Name
	Tier   catalog.Tier
	Class  Class
	Model  string
	PerDay float64 // mean of the first 28 days of the forecast
	// Sold28, SoldBefore28 and SoldOut28 are those of DemandRow.
	Sold28, SoldBefore28, SoldOut28 int
	Why                             Explanation
}

// DemandDay is one day of the past over the chosen sites.
type DemandDay struct {
	Known   bool    // at least one site has reported the day
	Sold    float64 // pieces
	Demand  float64 // what would have been sold had no shelf been empty: Sold, but on sold-out days what the engine recovers
	SoldOut int     // sites sold out
	Promo   float64 // deepest price cut of the sites, 0..1
}

// DemandWeek is seven days of the past over the chosen sites.
type DemandWeek struct {
	From        calendar.Day
	Sold        float64
	Demand      float64
	SoldOutDays int // sold-out site days
	Known       int // days that at least one site has reported
}

// TopicLine is the heat of one topic of the SKU, a value a day from SKUPage.From on; NaN where it is not known.
type TopicLine struct {
	TopicStanding
	Weight float64 // how much the topic concerns the SKU
	Effect *TopicEffect
	Heat   []float64
}

// EventSpan is a festival or shopping day within the days shown.
type EventSpan struct {
	Event
	Name catalog.Name
}

// SKUAccuracy says how forecasts of the past eight weeks came out for the SKU over the chosen sites: errors of the
// weekly totals, and the share of days between P10 and P90. Sold-out days count on neither side.
type SKUAccuracy struct {
	Weeks  int     // weeks measured; 0 when there is nothing to measure
	WAPE   float64 // percent
	Bias   float64 // percent
	Inside float64 // percent of days; 80 is right
	Naive  float64 // WAPE of the seasonal naive forecast, percent
	// Backtest is true when some of the forecasts were not in force at the time but made later from what was known then.
	Backtest bool
}

// Spans gives the events that fall on the days from..to, cut to them, in the order of their first day.
func (c *Calendar) Spans(from, to calendar.Day) []Event {
	var list []Event
	open := map[uint8]int{}
	for d := from; d <= to; d++ {
		ids := c.On(d)
		for id, k := range open {
			if list[k].To.AddDays(1) < d {
				delete(open, id)
			}
		}
		for _, id := range ids {
			if k, ok := open[id]; ok && list[k].To.AddDays(1) == d {
				list[k].To = d
				continue
			}
			open[id] = len(list)
			list = append(list, Event{Code: c.codes[id], From: d, To: d})
		}
	}
	return list
}
