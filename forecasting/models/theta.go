package models

import "math"

// Theta is the optimised Theta model (OTM) of Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), "Models
// for optimising the theta method and their relationship to state space models", International Journal of
// Forecasting 32: simple exponential smoothing of a theta line plus the share 1−1/θ of a linear trend. With θ = 2 it
// is the method of Assimakopoulos & Nikolopoulos that won the M3. A season that passes the test is divided out
// before and put back after.
type Theta struct {
	Fixed bool // θ = 2 instead of an optimised one
}

// Name implements Model.
func (m Theta) Name() string {
	if m.Fixed {
		return "theta2"
	}
	return "theta"
}

// Fit implements Model; it needs four known values.
func (m Theta) Fit(p Problem) (Fitted, bool) {
	n := observed(p.Y)
	if n < 4 {
		return nil, false
	}
	f := theta{theta: 2}
	y := p.Y
	if isSeasonal(y, p.Season) {
		f.multiplicative = positiveTrend(y, p.Season)
		if idx, ok := seasonIndex(y, p.Season, f.multiplicative); ok {
			f.season = idx
			y = f.deseason(y, 0)
		}
	}
	f.a, f.b = line(y)
	spread := math.Sqrt(variance(y)) + 1e-9
	first := firstKnown(y)
	par, lo, hi := []float64{.5, 0}, []float64{.01, -2}, []float64{.999, 2}
	if !m.Fixed {
		par, lo, hi = append(par, 2), append(lo, 1), append(hi, 12)
	}
	set := func(x []float64) theta {
		g := f
		g.alpha = x[0]
		g.l = first + spread*x[1]
		if len(x) > 2 {
			g.theta = x[2]
		}
		return g
	}
	minimise(func(x []float64) float64 { g := set(x); return g.run(y) }, par, lo, hi, 60*len(par))
	f = set(par)
	f.run(y)
	f.sums = lineSums{}.add(y, 0)
	return f, true
}

// Restart implements Restarter. Seasonal indices are drawn anew.
func (f theta) Restart(p Problem) (Fitted, bool) {
	y := p.Y
	f.n = 0
	if f.season != nil {
		idx, ok := seasonIndex(y, len(f.season), f.multiplicative)
		if !ok {
			return nil, false
		}
		f.season = idx
		y = f.deseason(y, 0)
	}
	if observed(y) < 4 {
		return nil, false
	}
	f.a, f.b = line(y)
	f.l = firstKnown(y)
	f.run(y)
	f.sums = lineSums{}.add(y, 0)
	return f, true
}

// theta is the model at the end of a series: level l of the smoothing, trend line a + b·t (t from 1) through all
// values so far, kept as sums.
type theta struct {
	alpha, theta   float64
	l, a, b        float64
	n              int // periods so far
	season         []float64
	multiplicative bool
	sums           lineSums
}

// lineSums are the sums of a least-squares line.
type lineSums struct{ n, t, y, tt, ty float64 }

func (s lineSums) add(y []float64, from int) lineSums {
	for i, v := range y {
		if v == v {
			t := float64(from + i + 1)
			s.n++
			s.t += t
			s.y += v
			s.tt += t * t
			s.ty += t * v
		}
	}
	return s
}

func (s lineSums) line() (at, slope float64) {
	if d := s.n*s.tt - s.t*s.t; d > 1e-9 && s.n > 2 {
		slope = (s.n*s.ty - s.t*s.y) / d
	}
	if s.n == 0 {
		return 0, 0
	}
	return (s.y - slope*s.t) / s.n, slope
}

// run carries the level over y and gives the sum of squared one-step errors. The one-step mean of period t is
// l + (1−1/θ)·{(1−α)^(t−1)·a + [1−(1−α)^t]/α·b} (equation 12 of the source).
func (f *theta) run(y []float64) float64 {
	sse, c := 0.0, 1-1/f.theta
	decay := math.Pow(1-f.alpha, float64(f.n)) // (1−α)^(t−1)
	for _, v := range y {
		if v == v {
			e := v - f.l - c*(decay*f.a+(1-decay*(1-f.alpha))/f.alpha*f.b)
			sse += e * e
			f.l += f.alpha * (v - f.l)
		}
		decay *= 1 - f.alpha
		f.n++
	}
	return sse
}

// Mean implements Fitted.
func (f theta) Mean(dst []float64) {
	c := 1 - 1/f.theta
	decay := math.Pow(1-f.alpha, float64(f.n))
	base := f.l + c*(decay*f.a+(1-decay*(1-f.alpha))/f.alpha*f.b)
	for i := range dst {
		v := base + c*f.b*float64(i)
		if f.season != nil {
			if s := f.season[(f.n+i)%len(f.season)]; f.multiplicative {
				v *= s
			} else {
				v += s
			}
		}
		dst[i] = v
	}
}

// Extend implements Fitted: the level moves on, the line is drawn through all values again.
func (f theta) Extend(y []float64) Fitted {
	if f.season != nil {
		y = f.deseason(y, f.n)
	}
	f.sums = f.sums.add(y, f.n)
	f.run(y)
	f.a, f.b = f.sums.line()
	return f
}

// deseason takes the season out of values whose first is period from.
func (f theta) deseason(y []float64, from int) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if s := f.season[(from+i)%len(f.season)]; f.multiplicative {
			out[i] = v / s
		} else {
			out[i] = v - s
		}
	}
	return out
}

// positiveTrend says whether ratios to the moving average make sense: no value at or below zero.
func positiveTrend(y []float64, season int) bool {
	for _, v := range y {
		if v <= 0 {
			return false
		}
	}
	for _, v := range centredAverage(y, season) {
		if v <= 0 {
			return false
		}
	}
	return true
}

func firstKnown(y []float64) float64 {
	for _, v := range y {
		if v == v {
			return v
		}
	}
	return 0
}
