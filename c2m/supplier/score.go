// Package supplier is the ground of how suppliers are judged: the scorecard of deliveries, the tier and share that follow from it, and the
// credit that it is good for. It is pure.
package supplier

import (
	"math"

	"milkrun/internal/quantity"
)

// Line is an order line as it was delivered. DaysLate is negative for early.
type Line struct {
	Ordered, Delivered, Defective quantity.Pieces
	DaysLate                      int
}

// Rule says what counts as on time and in full. InFull is the share of the ordered pieces that must come.
type Rule struct {
	LateDays int
	InFull   float64
}

// DefaultRule lets a delivery be one day late and wants every piece.
var DefaultRule = Rule{LateDays: 1, InFull: 1}

// Card is a scorecard of order lines. OTIF is the share of lines on time and in full (early counts as on time), OnTime that of lines on
// time, Fill Σ min(ordered, delivered) ÷ Σ ordered, PPM the defective pieces in a million delivered.
type Card struct {
	Lines                   int
	OTIF, OnTime, Fill, PPM float64
}

// CardOf reckons the scorecard of lines; false without lines.
func CardOf(lines []Line, r Rule) (Card, bool) {
	c := Card{Lines: len(lines)}
	if len(lines) == 0 {
		return c, false
	}
	var ordered, came, delivered, defective quantity.Pieces
	for _, l := range lines {
		inTime := l.DaysLate <= r.LateDays
		if inTime {
			c.OnTime++
		}
		if inTime && float64(l.Delivered) >= float64(l.Ordered)*r.InFull {
			c.OTIF++
		}
		ordered, came = ordered+l.Ordered, came+min(l.Ordered, l.Delivered)
		delivered, defective = delivered+l.Delivered, defective+l.Defective
	}
	n := float64(len(lines))
	c.OTIF, c.OnTime = c.OTIF/n, c.OnTime/n
	if ordered > 0 {
		c.Fill = float64(came) / float64(ordered)
	}
	if delivered > 0 {
		c.PPM = 1e6 * float64(defective) / float64(delivered)
	}
	return c, true
}

// Score gives 0 to 100: half of it OTIF, a quarter fill, a quarter quality (which 5,000 defects in a million bring to 0).
func (c Card) Score() float64 {
	quality := 1 - math.Min(1, c.PPM/5000)
	return 100 * (0.5*c.OTIF + 0.25*c.Fill + 0.25*quality)
}

// Tier is how a supplier is dealt with.
type Tier string

// The tiers.
const (
	Preferred Tier = "preferred"
	Standard  Tier = "standard"
	Trial     Tier = "trial"
)

// TierOf gives the tier that a scorecard earns: preferred from 90 points and 20 lines on, trial below 5 lines or 60 points.
func TierOf(c Card) Tier {
	switch s := c.Score(); {
	case c.Lines < 5 || s < 60:
		return Trial
	case s >= 90 && c.Lines >= 20:
		return Preferred
	}
	return Standard
}

// Shares moves the shares of an allocation by score: each share is weighted by its supplier's score over the mean of all, no share moves by
// more than a fifth of itself at once, and they add up to 1 again.
func Shares(now, scores []float64) []float64 {
	if len(now) != len(scores) {
		panic("supplier: a score is needed for each share")
	}
	mean, sum := 0.0, 0.0
	for _, s := range scores {
		mean += s / float64(len(scores))
	}
	out := make([]float64, len(now))
	for i, x := range now {
		move := 1.0
		if mean > 0 {
			move = min(1.2, max(0.8, scores[i]/mean))
		}
		out[i] = x * move
		sum += out[i]
	}
	for i := range out {
		if sum > 0 {
			out[i] /= sum
		}
	}
	return out
}
