package replenishment

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Way is a way out for goods that stand too long.
type Way string

// The ways.
const (
	WayMarkdown Way = "markdown" // sell at a lower price
	WayBundle   Way = "bundle"   // give it along with goods that sell
	WayMove     Way = "move"     // to a site that sells it
	WayReturn   Way = "return"   // to the supplier
)

// ExitRates are what the ways bring and how fast they go.
type ExitRates struct {
	Markdown       float64 `json:"markdown"`         // share off the price
	MarkdownDemand float64 `json:"markdown_demand"`  // demand is multiplied by
	BundleValue    float64 `json:"bundle_value"`     // share of the price that a bundled piece is worth
	BundleDemand   float64 `json:"bundle_demand"`    // demand is multiplied by
	ReturnCredit   float64 `json:"return_credit"`    // share of the cost that suppliers give back
	ReturnLifeDays int     `json:"return_life_days"` // they take nothing with less life than that
	MoveCost       float64 `json:"move_cost"`        // share of the cost
}

// DefaultExitRates are those of a new house.
func DefaultExitRates() ExitRates {
	return ExitRates{Markdown: 0.3, MarkdownDemand: 1.6, BundleValue: 0.5, BundleDemand: 1.3, ReturnCredit: 0.6, ReturnLifeDays: 90, MoveCost: 0.01}
}

// Exit is one way out and what it brings.
type Exit struct {
	Way     Way             `json:"way"`
	Site    catalog.SiteID  `json:"site"`    // of a move: where to
	Pieces  quantity.Pieces `json:"pieces"`  // that find their way out in time
	Days    float64         `json:"days"`    // until they are gone
	Recover money.Fen       `json:"recover"` // what comes back, less what the way costs
}

// exitDays is how long goods that do not expire may take to go.
const exitDays = 60

// Exits compares the ways out for the goods of a suggestion to clear, the one that brings most first: sell at a lower
// price, bundle, move to a site that sells them, return. levels are those of the SKU at all sites. A way that moves
// nothing is left out.
func Exits(s Suggestion, levels []WaterLevel, today calendar.Day, rates ExitRates) []Exit {
	if s.Kind != Clear || s.Pieces <= 0 {
		return nil
	}
	days := float64(exitDays)
	if s.Reason == ReasonExpiry {
		days = float64(max(s.OrderBy.Sub(today)+1, 1))
	}
	price, cost := float64(s.Explanation.Inputs.Price), float64(s.Unit)
	perDay := 0.0
	for _, l := range levels {
		if l.Site == s.Site {
			perDay = l.PerDay
		}
	}
	var out []Exit
	// What is to be cleared lies beyond plain demand: only the demand on top of it takes it away.
	sell := func(way Way, value, times float64) {
		more := perDay * (times - 1)
		if n := min(s.Pieces, floorPieces(more*days)); n > 0 {
			plain := perDay * min(days, float64(n)/more) * (price - value) // sold anyway, now for less
			out = append(out, Exit{Way: way, Pieces: n, Days: float64(n) / more, Recover: money.Fen(math.Round(float64(n)*value - plain))})
		}
	}
	sell(WayMarkdown, price*(1-rates.Markdown), rates.MarkdownDemand)
	sell(WayBundle, price*rates.BundleValue, rates.BundleDemand)
	for _, l := range levels {
		if l.Site == s.Site || l.OwnPerDay <= 0 {
			continue
		}
		room := floorPieces(l.OwnPerDay*max(days-l.LeadDays, 0) - float64(l.Position))
		if n := min(s.Pieces, room); n > 0 {
			out = append(out, Exit{Way: WayMove, Site: l.Site, Pieces: n, Days: l.LeadDays + float64(l.Position+n)/l.OwnPerDay,
				Recover: money.Fen(math.Round(float64(n) * cost * (1 - rates.MoveCost)))})
		}
	}
	if s.Reason != ReasonExpiry || days >= float64(rates.ReturnLifeDays) {
		out = append(out, Exit{Way: WayReturn, Pieces: s.Pieces, Recover: money.Fen(math.Round(float64(s.Pieces) * cost * rates.ReturnCredit))})
	}
	slices.SortFunc(out, func(a, b Exit) int {
		return cmp.Or(-cmp.Compare(a.Recover, b.Recover), cmp.Compare(a.Way, b.Way), cmp.Compare(a.Site, b.Site))
	})
	return out
}
