package campaign

import (
	"math"
	"time"

	"milkrun/internal/quantity"
)

// Growth is the pieces reserved at an instant.
type Growth struct {
	At     time.Time
	Pieces quantity.Pieces
}

// Projection is what a running campaign is expected to reach at its deadline, with the bounds that hold in eight of ten cases. Rate is the
// pieces a day that it rests on, of which the last days count most.
type Projection struct {
	Mean, Low, High quantity.Pieces
	Rate            float64
	Days            float64
}

// halfLife is after how many days a day's pledges count half, when the rate is reckoned.
const halfLife = 3.0

// z80 is the standard normal quantile of 0.9: between −z80 and z80 lie eight of ten cases.
const z80 = 1.2815515655446004

// Project reckons the pieces at the deadline from how they grew: pieces so far, plus the rate of the past days (each weighted by half for
// every three days of age) for the days left. The spread is that of the daily numbers around the rate, at least Poisson's, over the days
// left, and the uncertainty of the rate itself. The quota bounds what can be reached. False before a quarter of a day of growth.
func (c *Campaign) Project(growth []Growth, now time.Time) (Projection, bool) {
	left := c.Deadline.Sub(now).Hours() / 24
	age := now.Sub(c.Start).Hours() / 24
	if left <= 0 || age < 0.25 || !c.State.Running() || len(growth) == 0 {
		return Projection{}, false
	}
	daily := perDay(growth, c.Start, now)
	var weight, sum, weight2 float64
	for i, n := range daily {
		w := math.Exp2(-float64(len(daily)-1-i) / halfLife)
		weight, sum, weight2 = weight+w, sum+w*n, weight2+w*w
	}
	rate := sum / weight
	variance := 0.0
	for i, n := range daily {
		w := math.Exp2(-float64(len(daily)-1-i) / halfLife)
		variance += w * (n - rate) * (n - rate)
	}
	variance = max(variance/weight, rate) // a day's number is at least as uncertain as a Poisson one
	effective := weight * weight / weight2
	sd := math.Sqrt(variance*left + left*left*variance/effective)
	reach := func(x float64) quantity.Pieces {
		n := max(c.Reserved, c.Reserved+quantity.Pieces(math.Round(x)))
		if c.Quota > 0 {
			n = min(n, c.Quota)
		}
		return n
	}
	return Projection{Mean: reach(rate * left), Low: reach(rate*left - z80*sd), High: reach(rate*left + z80*sd), Rate: rate, Days: left}, true
}

// perDay gives the pieces gained in each past day before now, the oldest first; a part of a day at the beginning counts as a day's worth.
func perDay(growth []Growth, start, now time.Time) []float64 {
	days := int(math.Ceil(now.Sub(start).Hours() / 24))
	at := func(t time.Time) float64 {
		var n quantity.Pieces
		for _, g := range growth {
			if !g.At.After(t) {
				n = g.Pieces
			}
		}
		return float64(n)
	}
	out := make([]float64, 0, days)
	for i := days; i >= 1; i-- {
		from, to := now.Add(-time.Duration(i)*24*time.Hour), now.Add(-time.Duration(i-1)*24*time.Hour)
		gained := at(to)
		if from.After(start) {
			gained -= at(from)
			out = append(out, gained)
			continue
		}
		out = append(out, gained*24/max(to.Sub(start).Hours(), 6))
	}
	return out
}
