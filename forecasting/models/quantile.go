package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
)

// spread fills mean, quantiles and the deviation of the totals. The distribution of a day is the mean of two views of
// it: the empirical distribution of the ratio of demand to its level on the days of the last year, and a negative
// binomial with the same noise. The first knows the true shape (lumps, wholesale orders), the second is steady in the
// tails and right where the mean is far from what it was. Both are widened by the error of the level.
func (e *Engine) spread(f *forecasting.Forecast, d *demand, c *choice, mean []float64) {
	h := len(mean)
	store := make([]float32, 6*h)
	cut := func() []float32 { v := store[:h:h]; store = store[h:]; return v }
	f.Mean, f.Q10, f.Q50, f.Q90, f.Q95, f.CumSD = cut(), cut(), cut(), cut(), cut(), cut()
	if growth, ok := c.growth(d); ok && e.options.Season > 1 && e.options.Season != 7 {
		growth.fill(f, mean)
		return
	}
	drift := c.levelError(d)
	ratios := d.ratios()
	total, noise := 0.0, 0.0
	for i, m := range mean {
		tau2 := drift.variance(i + 1)
		f.Mean[i] = float32(m)
		q := d.quantiles(m, tau2, ratios)
		f.Q10[i], f.Q50[i], f.Q90[i], f.Q95[i] = float32(q[0]), float32(q[1]), float32(q[2]), float32(q[3])
		total += m
		noise += m + m*m/d.size
		f.CumSD[i] = float32(math.Sqrt(noise + total*total*drift.variance(i+1)))
	}
}

// probabilities are those of the quantiles of a forecast.
var probabilities = [4]float64{.1, .5, .9, .95}

// empiricalShare is the weight of the empirical view.
const empiricalShare = .4

// quantiles gives the four quantiles of a day of mean m whose level has the relative variance tau2.
func (d *demand) quantiles(m, tau2 float64, ratios []float64) [4]float64 {
	var q [4]float64
	size := 1 / (1/d.size + tau2)
	widen := 1.0
	if len(ratios) > 1 {
		if v := variance(ratios); v > 0 {
			widen = math.Sqrt(1 + tau2/v)
		}
	}
	for i, p := range probabilities {
		q[i] = nbQuantile(p, m, size)
		if len(ratios) >= 20 {
			r := 1 + (sortedQuantile(ratios, p)-1)*widen
			q[i] = empiricalShare*m*max(r, 0) + (1-empiricalShare)*q[i]
		}
		q[i] = finite(q[i])
		if i > 0 {
			q[i] = max(q[i], q[i-1])
		}
	}
	return q
}

// ratioDays is the length of the memory of the empirical view.
const ratioDays = 365

// ratios gives the sorted ratios of demand to its expectation on the last known days that were not sold out, scaled to
// mean 1.
func (d *demand) ratios() []float64 {
	out := make([]float64, 0, ratioDays)
	for t := d.n - 1; t >= d.first && len(out) < ratioDays; t-- {
		mu := d.level[t] * d.factor[t]
		if d.weight[t] > 0 && !d.isCensored(t) && mu > 0 {
			out = append(out, d.raw[t]/mu)
		}
	}
	if m := meanOf(out); m > 0 {
		for i := range out {
			out[i] /= m
		}
	} else {
		return nil
	}
	slices.Sort(out)
	return out
}

// levelError says how the relative error of the level grows with the horizon: variance = now + perDay·h.
type levelError struct{ now, perDay float64 }

func (l levelError) variance(days int) float64 {
	return min(l.now+l.perDay*float64(days), 4)
}

// Prior of the drift: a level that moves by 2 % a day has an error of some 10 % after a month.
const (
	driftPrior  = 3e-4 // variance a day
	driftWeight = 6    // errors that the prior counts for
)

// levelError sets the error of the level by what the backtest missed beyond the noise of the days.
func (c *choice) levelError(d *demand) levelError {
	known := 0.0
	for t := d.first; t < d.n; t++ {
		if d.weight[t] > 0 {
			known++
		}
	}
	mu := max(meanOf(d.level[d.first:]), 1e-6)
	now := (1/mu + 1/d.size) / max(min(known, 60), 1)
	sum, weight := driftPrior*driftWeight, float64(driftWeight)
	for _, s := range c.errors {
		if s.days == 0 || !(s.mean > 0) {
			continue
		}
		noise := s.mean + s.mean2/d.size
		beyond := (s.err*s.err-noise)/(s.mean*s.mean) - now
		w := s.mean * s.mean / (noise + s.mean*s.mean*.02) // errors drowned in noise say little
		w = min(w, 10) / 10
		sum += w * min(beyond/float64(s.days), .05)
		weight += w
	}
	return levelError{now: min(now, 1), perDay: max(sum/weight, 2e-5)}
}

// errorGrowth is the relative variance of a forecast of a steady series: now + perStep·(steps ahead).
type errorGrowth struct{ now, perStep float64 }

// unseen is by how much the squared errors from a new origin are larger than those of the backtest of a short series, on whose
// few origins the weights were chosen: measured on spans held back from the M3 series.
const unseen = 1.5

// growth fits the growth of the squared relative errors of the backtest over the horizon by least squares, both parts
// not negative. It answers false for demand with gaps and without a backtest.
func (c *choice) growth(d *demand) (errorGrowth, bool) {
	adi, _ := forecasting.Pattern(d.y[d.first:])
	if adi >= forecasting.ADICut || len(c.daily) < 6 {
		return errorGrowth{}, false
	}
	var n, sx, sy, sxx, sxy float64
	for _, e := range c.daily {
		x, y := float64(e.ahead), min(e.rel*e.rel, 4)
		n++
		sx += x
		sy += y
		sxx += x * x
		sxy += x * y
	}
	slope := 0.0
	if det := n*sxx - sx*sx; det > 0 {
		slope = max((n*sxy-sx*sy)/det, 0)
	}
	at := (sy - slope*sx) / n
	if at < 0 {
		at, slope = 0, sy/sx
	}
	if c.terse {
		at, slope = unseen*at, unseen*slope
	}
	return errorGrowth{now: at, perStep: slope}, true
}

// fill sets the quantiles of a gamma distribution with the mean and the grown variance.
func (g errorGrowth) fill(f *forecasting.Forecast, mean []float64) {
	total := 0.0
	for i, m := range mean {
		v := m * m * (g.now + g.perStep*float64(i+1))
		f.Mean[i] = float32(m)
		f.Q10[i], f.Q50[i] = float32(gammaQuantile(.1, m, v)), float32(gammaQuantile(.5, m, v))
		f.Q90[i], f.Q95[i] = float32(gammaQuantile(.9, m, v)), float32(gammaQuantile(.95, m, v))
		total += m
		f.CumSD[i] = float32(math.Sqrt(m*m*g.now*float64(i+1) + total*total*g.perStep*float64(i+1)))
	}
}
