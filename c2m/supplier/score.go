// Package supplier is the ground of how suppliers are judged and dealt with: the scorecard of deliveries, inspections, prices and answers, the
// tier and the share that follow from it, the capacity calendar that both sides write, and what goods cost when they have landed. It is pure.
package supplier

import (
	"milkrun/internal/quantity"
)

// Line is an order line as it was delivered. DaysLate is negative for early.
type Line struct {
	Ordered, Delivered, Defective quantity.Pieces
	DaysLate                      int
}

// Rule says what counts as on time and in full. InFull is the share of the ordered pieces that must come.
type Rule struct {
	LateDays int     `json:"late_days"`
	InFull   float64 `json:"in_full"`
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

// Figures are all that is known of a supplier over a window: its scorecard of lines and what stands beside it. A count of 0 says that the
// measure is not known.
type Figures struct {
	Card
	Lots, Passed int // lots inspected for the first time, and those accepted
	// Priced counts the lines whose price could be compared; PriceIndex is what they cost ÷ what the cheapest supplier of the same goods
	// would have cost.
	Priced     int
	PriceIndex float64
	// Answers counts orders answered, AnswerHours is the mean time that an answer took.
	Answers     int
	AnswerHours float64
}

// PassRate gives the share of lots accepted; false without lots.
func (f Figures) PassRate() (float64, bool) {
	if f.Lots == 0 {
		return 0, false
	}
	return float64(f.Passed) / float64(f.Lots), true
}

// Measure names a part of the score.
type Measure string

// The measures.
const (
	ByOTIF    Measure = "otif"
	ByFill    Measure = "fill"
	ByQuality Measure = "ppm"
	ByPass    Measure = "pass"
	ByPrice   Measure = "price"
	ByAnswer  Measure = "answer"
)

// Measures lists the measures in the order of the page.
func Measures() []Measure { return []Measure{ByOTIF, ByFill, ByQuality, ByPass, ByPrice, ByAnswer} }

// Point is one part of the score as it is shown: the share of its full marks (0 to 1), its weight in percent after the unknown measures gave
// theirs away, and the points that come of it.
type Point struct {
	Measure Measure
	Known   bool
	Share   float64
	Weight  float64
	Points  float64
}

// Points gives the parts of the score. The weights of measures that are not known go to the others in proportion, so that a supplier is
// judged by what is known of it.
func (f Figures) Points(r Rules) []Point {
	known := 0.0
	var out []Point
	for _, m := range Measures() {
		p := Point{Measure: m, Weight: float64(r.Weights[m])}
		p.Share, p.Known = f.share(m, r)
		if p.Known {
			known += p.Weight
		}
		out = append(out, p)
	}
	for i := range out {
		switch {
		case !out[i].Known || known == 0:
			out[i].Weight = 0
		default:
			out[i].Weight *= 100 / known
			out[i].Points = out[i].Weight * out[i].Share
		}
	}
	return out
}

// Score gives 0 to 100 by the rules: the sum of the points.
func (f Figures) Score(r Rules) float64 {
	sum := 0.0
	for _, p := range f.Points(r) {
		sum += p.Points
	}
	return sum
}

// share gives what part of the full marks a measure earns.
func (f Figures) share(m Measure, r Rules) (float64, bool) {
	switch m {
	case ByOTIF:
		return f.OTIF, f.Lines > 0
	case ByFill:
		return f.Fill, f.Lines > 0
	case ByQuality:
		return falling(f.PPM, 0, r.WorstPPM), f.Lines > 0
	case ByPass:
		return f.PassRate()
	case ByPrice:
		return falling(f.PriceIndex, 1, r.WorstPrice), f.Priced > 0
	case ByAnswer:
		return falling(f.AnswerHours, r.GoodHours, r.WorstHours), f.Answers > 0
	}
	return 0, false
}

// falling is 1 up to best and falls in a line to 0 at worst.
func falling(x, best, worst float64) float64 {
	switch {
	case x <= best:
		return 1
	case x >= worst:
		return 0
	}
	return (worst - x) / (worst - best)
}

// Tier is how a supplier is dealt with.
type Tier string

// The tiers.
const (
	Preferred Tier = "preferred"
	Standard  Tier = "standard"
	Trial     Tier = "trial"
)

// Tiers lists the tiers from the best.
func Tiers() []Tier { return []Tier{Preferred, Standard, Trial} }

// TierOf gives the tier that the figures earn by the rules.
func TierOf(f Figures, r Rules) Tier {
	switch s := f.Score(r); {
	case f.Lines < r.TrialLines || s < r.TrialBelow:
		return Trial
	case s >= r.PreferredFrom && f.Lines >= r.PreferredLines:
		return Preferred
	}
	return Standard
}
