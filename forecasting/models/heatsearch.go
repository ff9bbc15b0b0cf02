package models

import (
	"slices"

	"milkrun/forecasting"
)

// search finds the kernel, the response and the lag that explain most with a positive elasticity. What is against
// common sense has to explain more: a width other than the usual one, and heat that follows demand.
func (p *topicPanel) search(y []float64, heat forecasting.HeatSeries, usual float64) fit {
	var best fit
	x := make([]float64, p.n)
	noise := p.noise(y)
	most := 0.0
	for _, shape := range shapes {
		ratio := p.ratios(heat, usual, shape)
		for i, share := range widthShares {
			for lag := minLag; lag <= p.lead(heat); lag++ {
				if i != usualWidth && kernelWidth(lag, share) == 1 {
					continue
				}
				p.regressor(x, ratio, lag, share)
				f := p.regress(y, x, 0, p.n)
				f.lag, f.share, f.shape = lag, share, shape
				score := f.q / noise
				if i != usualWidth {
					score -= oddWidth
				}
				if lag < 0 {
					score -= oddSign
				}
				if f.e > 0 && (score > most || best.e == 0) {
					best, most = f, score
				}
			}
		}
	}
	return best
}

// What an unusual answer has to explain more than the usual one, in squared standard errors.
const (
	usualWidth = 1 // index into widthShares
	oddWidth   = 5.0
	oddSign    = 9.0
)

// noise gives the weighted variance of y, robustly: from the median of the squares.
func (p *topicPanel) noise(y []float64) float64 {
	var sq []float64
	for t, v := range p.v {
		if v > 0 {
			sq = append(sq, v*y[t]*y[t])
		}
	}
	slices.Sort(sq)
	return sortedQuantile(sq, .5)/.4549 + 1e-12
}

// placeboStep is the step of the lags that placebos are tried at: heat moves slowly enough.
const placeboStep = 2

// placebo gives the share of circularly shifted heats whose best leading lag explains as much.
func (p *topicPanel) placebo(y, ratio []float64, share, q float64, lead int) float64 {
	x := make([]float64, p.n)
	shifted := make([]float64, len(ratio))
	lo, hi := maxReach, len(ratio)-maxReach
	n := hi - lo
	as := 0
	room := n - 2*(lead+15)
	if room < placebos/2 {
		return 1
	}
	for i := range placebos {
		by := lead + 15 + i*room/placebos
		copy(shifted, ratio)
		for t := lo; t < hi; t++ {
			shifted[t] = ratio[lo+(t-lo+by)%n]
		}
		most := 0.0
		for lag := 0; lag <= lead; lag += placeboStep {
			p.regressor(x, shifted, lag, share)
			if f := p.regress(y, x, 0, p.n); f.e > 0 {
				most = max(most, f.q)
			}
		}
		if most >= q {
			as++
		}
	}
	return float64(as+1) / float64(placebos+1)
}

// gain is the percent of squared error that the heat saves on days that were not fitted: each fifth of the days in
// turn is left out, lag and elasticity are learnt from the others.
func (p *topicPanel) gain(y, ratio []float64, share float64, lead int) float64 {
	paths := make([][]float64, lead+1)
	for lag := range paths {
		paths[lag] = make([]float64, p.n)
		p.regressor(paths[lag], ratio, lag, share)
	}
	var without, with float64
	for _, block := range p.blocks() {
		best := fit{lag: -1}
		for lag, x := range paths {
			if f := p.regressOutside(y, x, block[0], block[1]); f.e > 0 && f.q > best.q {
				f.lag = lag
				best = f
			}
		}
		for t := block[0]; t < block[1]; t++ {
			d := y[t]
			without += p.v[t] * d * d
			if best.lag >= 0 {
				d -= best.e * paths[best.lag][t]
			}
			with += p.v[t] * d * d
		}
	}
	if without <= 0 {
		return 0
	}
	return 100 * (without - with) / without
}

// blocks cuts the counted days into testBlocks stretches of like length.
func (p *topicPanel) blocks() [][2]int {
	var out [][2]int
	from, count := 0, 0
	for t, in := range p.inside {
		if in {
			count++
		}
		if count*testBlocks >= p.days*(len(out)+1) || t == p.n-1 {
			out = append(out, [2]int{from, t + 1})
			from = t + 1
		}
	}
	return out
}
