package replenishment

import (
	"math"

	"milkrun/internal/quantity"
	"milkrun/replenishment/policy"
)

// interval is the demand that a decision must protect against, and the level that follows.
type interval struct {
	lead, leadSD, review, downstream, days float64

	service      float64
	mean         float64 // expected demand over days
	errorSD      float64 // of the forecast
	leadPart     float64 // mean a day × leadSD
	sd           float64
	distribution Distribution
	quantile     float64

	demand  quantity.Pieces // mean, rounded
	safety  quantity.Pieces
	shown   quantity.Pieces // the part of safety that stands on the shelves to be seen
	lot     quantity.Pieces // economic lot on top of the reorder point
	setup   float64         // cost of an order, fen
	unit    float64         // cost of holding a piece for a day, fen; 0 for lots by the review period
	raised  quantity.Pieces // added to reach the shortest cover
	cut     quantity.Pieces // taken off by the longest cover or the shelf life
	cutDays float64         // which of them: the days that OrderUpTo may last
	cutLife bool            // true when it is the shelf life

	reorder, upTo quantity.Pieces
}

// protect computes the levels for the demand c over lead + review + downstream days.
func protect(c *curve, iv interval, s *Settings, cover Cover, lifeDays int) interval {
	iv.days = iv.lead + iv.review + iv.downstream
	iv.mean = c.over(iv.days)
	iv.errorSD = c.sd(iv.days, s.ErrorCorrelation)
	rate := iv.mean / max(iv.days, 1)
	iv.leadPart = rate * iv.leadSD
	iv.sd = policy.IntervalSD(iv.errorSD, rate, iv.leadSD)
	iv.quantile = iv.target(s.Measure, rate*max(iv.review, 1))

	iv.demand = roundPieces(iv.mean)
	iv.safety = max(ceilPieces(iv.quantile)-iv.demand, 0)
	iv.safety += iv.shown
	iv.upTo = iv.demand + iv.safety
	if iv.unit > 0 && rate > 0 {
		iv.lot = roundPieces(policy.EOQ(iv.setup, iv.unit, rate).Quantity)
		iv.upTo += iv.lot
	}
	iv.bound(c, cover, s, lifeDays)
	if iv.unit > 0 {
		iv.reorder = min(iv.demand+iv.safety, iv.upTo)
		if iv.cut > 0 { // the bound takes from the level, not from the lot: else every day would bring an order
			iv.reorder = min(iv.reorder, iv.upTo-min(iv.lot, iv.upTo/leastLot))
		}
		return iv
	}
	iv.reorder = min(roundPieces(c.over(iv.lead+iv.downstream))+iv.safety, iv.upTo)
	return iv
}

// leastLot is the part of a bounded level, one in so many, that is left to the lot.
const leastLot = 8

// target gives the level that reaches the service target; cycle is the demand of a review period.
func (iv *interval) target(m Measure, cycle float64) float64 {
	var d policy.Distribution
	if d, iv.distribution = shape(iv.mean, iv.sd); d == nil {
		return iv.mean
	}
	if m == FillRate && cycle > 0 {
		return policy.FillRateLevel(iv.service, cycle, d).Level
	}
	return d.Quantile(iv.service)
}

// bound raises the order-up-to level to the shortest cover and cuts it to the longest and to what sells in its life.
// Both are counted from the day the goods can be sold.
func (iv *interval) bound(c *curve, cover Cover, s *Settings, lifeDays int) {
	if cover.MinDays > 0 {
		iv.raised = max(ceilPieces(c.over(iv.lead+iv.downstream+float64(cover.MinDays)))-iv.upTo, 0)
	}
	most := iv.upTo + iv.raised
	limit := func(days float64, life bool) {
		if m := floorPieces(c.over(days)); m < most {
			most, iv.cutDays, iv.cutLife = m, days, life
		}
	}
	if cover.MaxDays > 0 {
		limit(iv.lead+iv.downstream+float64(cover.MaxDays), false)
	}
	if lifeDays > 0 {
		limit(float64(lifeDays)*s.ShelfLifeShare, true)
	}
	iv.cut = iv.upTo + iv.raised - most
	iv.upTo = most
}

// z is the safety factor that the quantile comes to.
func (iv *interval) z() float64 {
	if iv.sd <= 0 {
		return 0
	}
	return (iv.quantile - iv.mean) / iv.sd
}

// perDay is the mean demand a day.
func (iv *interval) perDay() float64 {
	if iv.days <= 0 {
		return 0
	}
	return iv.mean / iv.days
}

// tiny keeps rounding noise from turning 3.0000000001 into 4 pieces.
const tiny = 1e-6

func roundPieces(v float64) quantity.Pieces { return quantity.Pieces(math.Round(clampPieces(v))) }
func ceilPieces(v float64) quantity.Pieces  { return quantity.Pieces(math.Ceil(clampPieces(v) - tiny)) }
func floorPieces(v float64) quantity.Pieces {
	return quantity.Pieces(math.Floor(clampPieces(v) + tiny))
}

// clampPieces keeps a float within what can be counted: no demand forecast asks for more than 10^15 pieces.
func clampPieces(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, 0), 1e15)
}
