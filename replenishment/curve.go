package replenishment

import (
	"math"

	"milkrun/replenishment/policy"
)

// curve is the expected demand from today on and the deviation of its error, of one site or of several together.
type curve struct {
	day  []float64 // day[i]: expected demand of day i
	base []float64 // the same without heat
	cum  []float64 // cum[i]: total of the first i days; one longer than day
	sum  []float64 // sum of the sites' error deviations of the first i days
	sq   []float64 // sum of their squares
	tail float64   // a day beyond the curve: the mean of the last week

	// For sites that tell which part of their error they share with the others: the sum of the shared deviations, and of
	// the squares of the others. nil where no site does.
	shared, apart []float64
}

// guessedError is the forecast error taken where none is given, as a share of the demand, on top of Poisson scatter.
const guessedError = 0.3

// newCurve carries a site's forecast on to n days. ok is false when a figure was not usable and was taken as 0.
func newCurve(a *arena, d *Demand, n int) (c curve, ok bool) {
	c, ok = blankCurve(a, n), true
	var last float64
	for i := range n {
		mean := c.tail
		if i < len(d.Mean) {
			if mean = d.Mean[i]; !(mean >= 0 && mean < 1e12) {
				mean, ok = 0, false
			}
			last += mean
			if i >= week {
				last -= c.day[i-week]
			}
			c.tail = last / float64(min(i+1, week))
		}
		heat := 1.0
		if i < len(d.Heat) && d.Heat[i] > 0 && d.Heat[i] < 1e6 {
			heat = d.Heat[i]
		}
		c.day[i], c.base[i], c.cum[i+1] = mean, mean/heat, c.cum[i]+mean
	}
	c.deviations(d.CumSD, len(d.Mean))
	if len(d.SharedSD) > 0 {
		c.split(a, d.SharedSD)
	}
	return c, ok
}

// split takes the part of the error that is shared with other sites out of the deviations. Beyond its end the share stays.
func (c *curve) split(a *arena, given []float64) {
	c.shared, c.apart = a.take(len(c.sum)), a.take(len(c.sum))
	part := 0.0
	for i := range c.day {
		all := c.sum[i+1]
		if i < len(given) {
			part = min(max(ratio(given[i], all), 0), 1)
		}
		c.shared[i+1], c.apart[i+1] = all*part, all*all*(1-part*part)
		c.sum[i+1], c.sq[i+1] = 0, 0
	}
}

const week = 7

// deviations fills in the error deviations: given ones, then growing in proportion to the demand, or guessed.
func (c *curve) deviations(given []float64, known int) {
	known = min(known, len(given), len(c.day))
	for i := range c.day {
		var s float64
		switch total := c.cum[i+1]; {
		case i < known && given[i] >= 0 && given[i] < 1e12:
			s = given[i]
		case i >= known && known > 0 && c.cum[known] > 0:
			s = c.sum[known] * total / c.cum[known]
		case i >= known && known > 0:
			s = c.sum[known] * math.Sqrt(float64(i+1)/float64(known))
		default:
			s = math.Sqrt(total + guessedError*total*guessedError*total)
		}
		c.sum[i+1], c.sq[i+1] = s, s*s
	}
}

// blankCurve gives a curve of n days without demand.
func blankCurve(a *arena, n int) curve {
	return curve{day: a.take(n), base: a.take(n), cum: a.take(n + 1), sum: a.take(n + 1), sq: a.take(n + 1)}
}

// stopAt takes all demand from day i on away.
func (c *curve) stopAt(i int) {
	for k := max(i, 0); k < len(c.day); k++ {
		c.day[k], c.base[k] = 0, 0
		c.cum[k+1], c.sum[k+1], c.sq[k+1] = c.cum[k], c.sum[k], c.sq[k]
	}
	if i < len(c.day) {
		c.tail = 0
	}
}

// add puts another curve of the same length on top.
func (c *curve) add(a *arena, o curve) {
	if o.shared != nil {
		if c.shared == nil {
			c.shared, c.apart = a.take(len(c.sum)), a.take(len(c.sum))
		}
		for i := range c.shared {
			c.shared[i] += o.shared[i]
			c.apart[i] += o.apart[i]
		}
	}
	for i := range c.day {
		c.day[i] += o.day[i]
		c.base[i] += o.base[i]
		c.cum[i+1] += o.cum[i+1]
		c.sum[i+1] += o.sum[i+1]
		c.sq[i+1] += o.sq[i+1]
	}
	c.tail += o.tail
}

// over gives the expected demand of the first days days; parts of a day count in proportion.
func (c *curve) over(days float64) float64 { return c.at(c.cum, days) }

// at reads a cumulated series at a fraction of a day. Beyond the curve a day brings the tail.
func (c *curve) at(series []float64, days float64) float64 {
	n := len(c.day)
	if days <= 0 {
		return 0
	}
	if days >= float64(n) {
		return series[n] + (days-float64(n))*c.tail
	}
	i := int(days)
	return series[i] + (days-float64(i))*(series[i+1]-series[i])
}

// baseOver gives the same without heat.
func (c *curve) baseOver(days float64) float64 {
	n, total := len(c.base), 0.0
	for i := 0; i < n && float64(i) < days; i++ {
		total += c.base[i] * min(days-float64(i), 1)
	}
	return total + max(days-float64(n), 0)*c.tail
}

// sd gives the deviation of the error of the total of the first days days, sites being correlated by rho.
func (c *curve) sd(days, rho float64) float64 {
	n := len(c.day)
	pooled := func(i int) float64 {
		v := c.sq[i] + rho*(c.sum[i]*c.sum[i]-c.sq[i])
		if c.shared != nil {
			v += c.apart[i] + c.shared[i]*c.shared[i]
		}
		return math.Sqrt(max(v, 0))
	}
	switch {
	case days <= 0:
		return 0
	case days >= float64(n) && c.cum[n] > 0:
		return pooled(n) * c.over(days) / c.cum[n]
	case days >= float64(n):
		return pooled(n) * math.Sqrt(days/float64(n))
	}
	i := int(days)
	a, b := pooled(i), pooled(i+1)
	return a + (days-float64(i))*(b-a)
}

// lasts gives for how many days pieces cover the demand, at most CoverForever.
func (c *curve) lasts(pieces float64) float64 {
	n := len(c.day)
	if pieces <= 0 {
		return 0
	}
	if pieces >= c.cum[n] {
		if c.tail <= 0 {
			return CoverForever
		}
		return min(float64(n)+(pieces-c.cum[n])/c.tail, CoverForever)
	}
	lo, hi := 0, n // cum[lo] ≤ pieces < cum[hi]
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; c.cum[mid] <= pieces {
			lo = mid
		} else {
			hi = mid
		}
	}
	return float64(lo) + (pieces-c.cum[lo])/(c.cum[hi]-c.cum[lo])
}

// Limits of the choice of a distribution: from normalMean pieces on, with a coefficient of variation up to normalCV,
// demand is taken as normal; below countingMean pieces it is counted, in between it is gamma. SPT 7.2: the normal puts
// too much below zero once the coefficient of variation passes one half.
const (
	normalMean   = 50
	normalCV     = 0.5
	countingMean = 15
)

// shape chooses the distribution of a demand by its volume and scatter.
func shape(mean, sd float64) (policy.Distribution, Distribution) {
	switch {
	case mean <= 0 || sd <= 1e-9:
		return nil, Certain
	case mean >= normalMean && sd <= normalCV*mean:
		return policy.Normal{Mu: mean, Sigma: sd}, Normal
	case mean >= countingMean:
		return policy.GammaOf(mean, sd), Gamma
	case sd*sd > mean*1.0001:
		return policy.NegativeBinomialOf(mean, sd), NegativeBinomial
	default:
		return policy.Poisson{Mu: mean}, Poisson
	}
}
