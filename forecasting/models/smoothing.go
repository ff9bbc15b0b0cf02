package models

import (
	"math"
	"slices"
)

var nan = math.NaN()

// Smoothing is simple exponential smoothing (Brown, 1956); its constant is chosen on a grid by the squared error of one step. A
// tie goes to the slow one.
type Smoothing struct{}

// Name implements Model.
func (Smoothing) Name() string { return "ses" }

var smoothingGrid = []float64{.02, .05, .1, .2, .35, .5}

// Fit implements Model; it needs three known values.
func (Smoothing) Fit(p Problem) (Fitted, bool) {
	if observed(p.Y) < 3 {
		return nil, false
	}
	start := meanOf(p.Y[:max(len(p.Y)/4, 3)])
	best, least := smoothing{}, math.Inf(1)
	for _, a := range smoothingGrid {
		s, sse := smoothing{alpha: a, start: start, level: start}.run(p.Y)
		if sse < least*(1-1e-3) {
			best, least = s, sse
		}
	}
	return best, true
}

type smoothing struct{ alpha, start, level float64 }

func (s smoothing) run(y []float64) (smoothing, float64) {
	sse := 0.0
	for _, v := range y {
		if v == v {
			e := v - s.level
			sse += e * e
			s.level += s.alpha * e
		}
	}
	return s, sse
}

func (s smoothing) Extend(y []float64) Fitted { s, _ = s.run(y); return s }

func (s smoothing) Restart(p Problem) (Fitted, bool) {
	s.level = s.start
	s, _ = s.run(p.Y)
	return s, true
}

func (s smoothing) Mean(dst []float64) {
	for i := range dst {
		dst[i] = s.level
	}
}

// sortFloats sorts ascending.
func sortFloats(v []float64) { slices.Sort(v) }
