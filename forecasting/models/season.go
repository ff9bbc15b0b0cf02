package models

import "math"

// seasonIndex gives the seasonal indices of the first place, second place … of y by classical decomposition: the mean
// over the cycles of the ratio (or difference) to a centred moving average. Multiplicative indices have mean 1,
// additive ones sum 0. It answers false when a place has no value or a ratio makes no sense.
func seasonIndex(y []float64, season int, multiplicative bool) ([]float64, bool) {
	trend := centredAverage(y, season)
	sum, n := make([]float64, season), make([]float64, season)
	square, known := 0.0, 0.0
	for t, v := range y {
		if v != v || trend[t] != trend[t] {
			continue
		}
		d := v - trend[t]
		if multiplicative {
			if trend[t] <= 0 {
				return nil, false
			}
			d = v / trend[t]
		}
		sum[t%season] += d
		n[t%season]++
		square += d * d
		known++
	}
	mean, between := 0.0, 0.0
	for i := range sum {
		if n[i] == 0 {
			return nil, false
		}
		sum[i] /= n[i]
		mean += sum[i] / float64(season)
		square -= n[i] * sum[i] * sum[i]
	}
	for i := range sum {
		between += (sum[i] - mean) * (sum[i] - mean) / float64(season)
	}
	keep := steadiness(between, square, known, season)
	for i := range sum {
		if multiplicative {
			sum[i] = max(1+keep*(sum[i]/mean-1), 1e-3)
		} else {
			sum[i] = keep * (sum[i] - mean)
		}
	}
	return sum, true
}

// steadiness gives the share of the differences between seasonal indices that is season and not noise, by which they are shrunk
// towards none: Miller & Williams (2003), "Shrinkage estimators of time series seasonal factors and their effect on forecasting
// accuracy", International Journal of Forecasting 19. within is the sum of squares around the indices.
func steadiness(between, within, known float64, season int) float64 {
	free := known - float64(season)
	if free < 1 || between <= 0 {
		return 1
	}
	noise := within / free * float64(season) / known
	return min(max(1-noise*float64(season-3)/float64(season)/between, 0), 1)
}

// centredAverage gives the moving average over one season (2×m for an even one), NaN where the window leaves the
// series or less than half of it is known.
func centredAverage(y []float64, season int) []float64 {
	out := make([]float64, len(y))
	half := season / 2
	for t := range out {
		out[t] = math.NaN()
		if t < half || t+half >= len(y) {
			continue
		}
		sum, weight := 0.0, 0.0
		for k := -half; k <= half; k++ {
			w := 1.0
			if season%2 == 0 && (k == -half || k == half) {
				w = .5
			}
			if v := y[t+k]; v == v {
				sum += w * v
				weight += w
			}
		}
		if weight*2 >= float64(season) {
			out[t] = sum / weight
		}
	}
	return out
}

// isSeasonal tests the autocorrelation at the season against the limit used with the Theta method in the M
// competitions: |r_m| > 1.645·√((1 + 2Σ_{i<m} r_i²)/n), a 90 % test. Unknown values are left out.
func isSeasonal(y []float64, season int) bool {
	if season < 2 || observed(y) < 3*season {
		return false
	}
	mean := meanOf(y)
	c0 := variance(y) * float64(observed(y))
	if c0 <= 0 {
		return false
	}
	r := func(lag int) float64 {
		sum := 0.0
		for t := lag; t < len(y); t++ {
			if d := (y[t] - mean) * (y[t-lag] - mean); d == d {
				sum += d
			}
		}
		return sum / c0
	}
	sum := 0.0
	for i := 1; i < season; i++ {
		v := r(i)
		sum += v * v
	}
	return math.Abs(r(season)) > 1.645*math.Sqrt((1+2*sum)/float64(observed(y)))
}
