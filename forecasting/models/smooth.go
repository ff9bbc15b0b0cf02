package models

import "math"

// localLevel fills level with the two-sided local ratio Σ K·w·y / Σ K·w·f, where K falls by half in halfLife
// periods to either side: the level of a series whose known factors f have been taken out. Days with weight 0
// take part in nothing. It answers false when no day has weight.
//
// Summing numerators and denominators apart, rather than averaging ratios, is the maximum-likelihood level of
// Poisson counts and holds for days without demand.
func localLevel(level, y, f, w []float64, halfLife float64, scratch []float64) bool {
	n := len(y)
	keep := math.Exp2(-1 / halfLife)
	num, den := scratch[:n], scratch[n:2*n]
	a, b := 0.0, 0.0
	for t := range n {
		a *= keep
		b *= keep
		if w[t] > 0 {
			a += w[t] * y[t]
			b += w[t] * f[t]
		}
		num[t], den[t] = a, b
	}
	a, b = 0, 0
	any := false
	for t := n - 1; t >= 0; t-- {
		// The backward sums leave out day t itself, which the forward ones hold.
		x, z := num[t]+a, den[t]+b
		if z > 1e-12 {
			level[t] = x / z
			any = true
		} else {
			level[t] = math.NaN()
		}
		if w[t] > 0 {
			a += w[t] * y[t]
			b += w[t] * f[t]
		}
		a *= keep
		b *= keep
	}
	if !any {
		return false
	}
	fillEnds(level)
	return true
}

// fillEnds replaces NaN by the nearest known value, the earlier one when both are near.
func fillEnds(v []float64) {
	last := math.NaN()
	for i, x := range v {
		if math.IsNaN(x) {
			v[i] = last
		} else {
			last = x
		}
	}
	last = math.NaN()
	for i := len(v) - 1; i >= 0; i-- {
		if math.IsNaN(v[i]) {
			v[i] = last
		} else {
			last = v[i]
		}
	}
}
