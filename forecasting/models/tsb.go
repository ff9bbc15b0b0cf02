package models

import "math"

// TSB is the method of Teunter, Syntetos & Babai (2011), "Intermittent demand: Linking forecasting to inventory
// obsolescence", European Journal of Operational Research 214: the probability of a demand and its size are smoothed
// apart, the probability in every period, so that the forecast of a product that stops selling falls to zero. Both
// smoothing constants are chosen on a grid by the squared error of one step.
type TSB struct{}

// Name implements Model.
func (TSB) Name() string { return "tsb" }

// Grids of the smoothing constants, slow to fast. A tie goes to the slow one.
var (
	tsbProbability = []float64{.005, .01, .02, .04, .08, .15, .3}
	tsbSize        = []float64{.01, .03, .06, .12, .25}
)

// Fit implements Model; it needs a demand.
func (TSB) Fit(p Problem) (Fitted, bool) {
	start, ok := tsbStart(p.Y)
	if !ok {
		return nil, false
	}
	best, least := start, math.Inf(1)
	for _, a := range tsbProbability {
		for _, b := range tsbSize {
			s := start
			s.alpha, s.beta = a, b
			_, sse := s.run(p.Y)
			if sse < least*(1-1e-3) {
				best, least = s, sse
			}
		}
	}
	best, _ = best.run(p.Y)
	return best, true
}

type tsb struct {
	alpha, beta float64 // of the probability and of the size
	p, z        float64
}

// tsbStart takes the means of the first part of the series, at least as long as three demands need.
func tsbStart(y []float64) (tsb, bool) {
	var hits, known, sum float64
	for i, v := range y {
		if v != v {
			continue
		}
		known++
		if v > 0 {
			hits++
			sum += v
		}
		if hits >= 3 && i >= len(y)/8 {
			break
		}
	}
	if hits == 0 {
		return tsb{}, false
	}
	return tsb{p: hits / known, z: sum / hits}, true
}

// run carries the state over y and gives the sum of squared one-step errors.
func (s tsb) run(y []float64) (tsb, float64) {
	sse := 0.0
	for _, v := range y {
		if v != v {
			continue
		}
		e := v - s.p*s.z
		sse += e * e
		if v > 0 {
			s.p += s.alpha * (1 - s.p)
			s.z += s.beta * (v - s.z)
		} else {
			s.p -= s.alpha * s.p
		}
	}
	return s, sse
}

func (s tsb) Extend(y []float64) Fitted { s, _ = s.run(y); return s }

func (s tsb) Mean(dst []float64) {
	for i := range dst {
		dst[i] = s.p * s.z
	}
}
