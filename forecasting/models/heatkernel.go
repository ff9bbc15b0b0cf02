package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// kernelWidth gives the standard deviation of the response around a lag, as a share of the lag: buyers who wait
// longer also differ more in how long they wait. At least a day.
func kernelWidth(lag int, share float64) float64 { return max(1, share*math.Abs(float64(lag))) }

// kernel gives the weights of a bell around lag for the days 0, 1, 2 … before demand, sum 1, cut at three standard
// deviations; from is the first of them. Days after the demand (negative k) weigh nothing for a lag of 0 or more; a
// negative lag is mirrored.
func kernel(lag int, width float64) (from int, weights []float64) {
	reach := int(math.Ceil(3 * width))
	from = lag - reach
	to := lag + reach
	if lag >= 0 {
		from = max(from, 0)
	} else {
		to = min(to, -1)
	}
	sum := 0.0
	for k := from; k <= to; k++ {
		z := float64(k-lag) / width
		w := math.Exp(-z * z / 2)
		weights = append(weights, w)
		sum += w
	}
	for i := range weights {
		weights[i] /= sum
	}
	return from, weights
}

// boxCox gives (x^shape − 1)/shape, log x for shape 0, of a ratio x.
func boxCox(x, shape float64) float64 {
	x = max(x, 1e-3)
	if shape < 1e-6 {
		return math.Log(x)
	}
	return (math.Pow(x, shape) - 1) / shape
}

// cleanHeat gives the heat without holes and without bursts of spam: a day of more than burst times the median of the
// seven days around it is taken for the median, and unknown days are interpolated. Unknown days at the ends stay NaN.
func cleanHeat(v []float64) []float64 {
	out := slices.Clone(v)
	var near [7]float64
	for t := range v {
		if v[t] != v[t] {
			continue
		}
		n := 0
		for k := max(t-3, 0); k <= min(t+3, len(v)-1); k++ {
			if v[k] == v[k] {
				near[n] = v[k]
				n++
			}
		}
		// At the newest end a leap cannot be told from a burst: it is believed only once it lasts.
		slices.Sort(near[:n])
		if m := near[n/2]; n >= 4 && v[t] > burst*m+3 {
			out[t] = m
		}
	}
	interpolate(out)
	return out
}

// burst is how much hotter than its surroundings a single day may be.
const burst = 2.5

// interpolate fills inner holes along a straight line.
func interpolate(v []float64) {
	last := -1
	for t := range v {
		if v[t] != v[t] {
			continue
		}
		if last >= 0 {
			for k := last + 1; k < t; k++ {
				v[k] = v[last] + (v[t]-v[last])*float64(k-last)/float64(t-last)
			}
		}
		last = t
	}
}

// recentWeights weigh the last known days, newest first: enough of a mean to calm the noise, fresh enough for a rise.
var recentWeights = [...]float64{.6, .25, .15}

// carryHeat gives the heat of n days from day on as ratio to usual: the past as delivered, what is not yet known as
// the excess of the last known days halving every halfLife days, and 1 before the first value.
func carryHeat(heat forecasting.HeatSeries, usual, halfLife float64, day calendar.Day, n int) []float64 {
	clean := cleanHeat(heat.Value)
	last := len(clean) - 1
	for last >= 0 && clean[last] != clean[last] {
		last--
	}
	excess := 0.0
	if last >= 0 {
		sum := 0.0
		for i, w := range recentWeights {
			if k := last - i; k >= 0 && clean[k] == clean[k] {
				excess += w * clean[k]
				sum += w
			}
		}
		excess = excess/sum/usual - 1
	}
	halfLife = max(halfLife, .5)
	out := make([]float64, n)
	for i := range out {
		k := day.AddDays(i).Sub(heat.Start)
		switch {
		case k > last && last >= 0:
			out[i] = 1 + excess*math.Exp2(-float64(k-last)/halfLife)
		case k < 0 || last < 0 || clean[k] != clean[k]:
			out[i] = 1
		default:
			out[i] = clean[k] / usual
		}
	}
	return out
}

// sound says whether the figures of an effect can be used.
func sound(e forecasting.TopicEffect) bool {
	return e.Usual > 0 && !math.IsInf(e.Usual, 0) && math.Abs(e.Elasticity) < 50 && e.Width < 100 &&
		e.Lag >= -maxReach && e.Lag <= 400 && e.Shape >= 0 && e.Shape <= 2 && e.HalfLife >= 0 && e.Top >= 0
}

// logMultiplier gives Elasticity · Σ_k kernel(k)·g(heat(t−k)/usual) for n days from day on. Heat above what the
// effect was learnt from counts by its logarithm only.
func logMultiplier(effect forecasting.TopicEffect, heat forecasting.HeatSeries, day calendar.Day, n int) []float64 {
	out := make([]float64, n)
	if !sound(effect) || effect.Elasticity == 0 || len(heat.Value) == 0 {
		return out
	}
	from, w := kernel(effect.Lag, max(effect.Width, .3))
	first := from + len(w) - 1 // the longest look back
	ratio := carryHeat(heat, effect.Usual, effect.HalfLife, day.AddDays(-first), n+len(w)-1)
	top := max(effect.Top/effect.Usual, 1)
	for i, x := range ratio {
		beyond := 1.0
		if x > top {
			x, beyond = top, x/top
		}
		ratio[i] = boxCox(x, effect.Shape) + math.Log(beyond)
	}
	for t := range out {
		sum := 0.0
		for k, weight := range w { // k days above from before t
			sum += weight * ratio[t+len(w)-1-k]
		}
		out[t] = effect.Elasticity * sum
	}
	return out
}
