package models

import (
	"cmp"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// topicPanel is the demand of the members of a topic, added up day by day: r is the logarithm of demand to what week,
// events, promotions, level (and the heat put in so far) explain, v its precision, w the mean weight of the topic.
type topicPanel struct {
	start   calendar.Day
	n       int
	members []forecasting.Series
	weights []float64
	r, v, w []float64
	days    int    // days with heat for all lags
	inside  []bool // those days
	scratch []float64
}

// topicPanel takes the largest members and the span of days they cover.
func (e *Engine) topicPanel(heat forecasting.HeatSeries, members []forecasting.Series, weights []float64) *topicPanel {
	type member struct {
		s      forecasting.Series
		w, big float64
	}
	var list []member
	for i, s := range members {
		w := 1.0
		if weights != nil && i < len(weights) {
			w = min(max(weights[i], 0), 1)
		}
		if w == 0 || s.Validate() != nil {
			continue
		}
		s = withPromo(e.recent(s))
		if big := w * meanOf(s.Sales) * float64(observed(s.Sales)); big > 0 {
			list = append(list, member{s, w, big})
		}
	}
	slices.SortStableFunc(list, func(a, b member) int { return cmp.Compare(b.big, a.big) })
	list = list[:min(len(list), maxMembers)]
	p := &topicPanel{}
	var end calendar.Day
	for i, m := range list {
		p.members = append(p.members, m.s)
		p.weights = append(p.weights, m.w)
		if i == 0 || m.s.Start < p.start {
			p.start = m.s.Start
		}
		if i == 0 || m.s.End() > end {
			end = m.s.End()
		}
	}
	if len(list) == 0 {
		return p
	}
	p.n = end.Sub(p.start)
	store := make([]float64, 5*p.n)
	p.r, p.v, p.w = store[:p.n], store[p.n:2*p.n], store[2*p.n:3*p.n]
	p.scratch = store[3*p.n:]
	p.inside = make([]bool, p.n)
	lead := p.lead(heat)
	for t := range p.inside {
		d := p.start.AddDays(t)
		p.inside[t] = d.AddDays(-lead) >= heat.Start && d.AddDays(-minLag) < heat.End()
		if p.inside[t] {
			p.days++
		}
	}
	return p
}

// lead gives the longest lag that is looked at: short histories are not spent on long lags.
func (p *topicPanel) lead(heat forecasting.HeatSeries) int {
	return max(min(maxLag, min(p.n, len(heat.Value))/4), 7)
}

// residuals frees the members of everything known, the heat of the effect included, and adds up what is left. The
// drivers are shrunk towards those of the group.
func (p *topicPanel) residuals(e *Engine, effect forecasting.TopicEffect, heat forecasting.HeatSeries) {
	paths := make([][]float64, len(p.members))
	if effect.Elasticity != 0 {
		for i, s := range p.members {
			path := logMultiplier(effect, heat, s.Start, s.Len())
			for t, x := range path {
				path[t] = math.Exp(min(max(p.weights[i]*x, -maxLogFactor), maxLogFactor))
			}
			paths[i] = path
		}
	}
	parts := e.decomposeAll(p.members, paths)
	parts = e.WithPrior(e.poolOf(parts)).decomposeAll(p.members, paths)
	demand, expected, spread := make([]float64, p.n), make([]float64, p.n), make([]float64, p.n)
	clear(p.w)
	for i, d := range parts {
		w, at := p.weights[i], d.start.Sub(p.start)
		for t := d.first; t < d.n; t++ {
			share := w
			if d.isCensored(t) {
				// Without the heat in the model the recovered demand knows nothing of it; with it, a sold-out day
				// is partly what the model itself believes.
				if effect.Elasticity == 0 {
					continue
				}
				share *= soldOutShare
			}
			if d.weight[t] == 0 {
				continue
			}
			mu := d.level[t] * d.factor[t]
			demand[at+t] += share * d.y[t]
			expected[at+t] += share * mu
			spread[at+t] += share * share * (mu + mu*mu/d.size)
			p.w[at+t] += share * w * mu
		}
	}
	for t := range p.r {
		p.r[t], p.v[t] = 0, 0
		if expected[t] > 1e-6 && p.inside[t] {
			p.w[t] /= expected[t]
			p.r[t] = math.Log((demand[t] + .5*p.w[t]) / (expected[t] + .5*p.w[t]))
			p.v[t] = expected[t] * expected[t] / (spread[t] + 1e-9)
		}
	}
}

// soldOutShare is how much of a sold-out day counts in the sums. Leaving such days out would make the effect too
// small, for they are the days of high demand; counting them in full feeds the model its own belief.
const soldOutShare = .3

func (e *Engine) decomposeAll(series []forecasting.Series, heat [][]float64) []*demand {
	parts := make([]*demand, len(series))
	for i := range series {
		parts[i] = e.decompose(&series[i], &forecasting.Future{}, heatInput{product: heat[i]})
	}
	return parts
}

// filter takes the slow part out of x, in place: what a local level would absorb.
func (p *topicPanel) filter(x []float64) {
	keep := math.Exp2(-1 / smoothHalf)
	num, den := p.scratch[:p.n], p.scratch[p.n:2*p.n]
	a, b := 0.0, 0.0
	for t, v := range p.v {
		a, b = a*keep+v*x[t], b*keep+v
		num[t], den[t] = a, b
	}
	a, b = 0, 0
	for t := p.n - 1; t >= 0; t-- {
		s, w := num[t]+a, den[t]+b
		v := p.v[t]
		a, b = (a+v*x[t])*keep, (b+v)*keep
		if w > 0 {
			x[t] -= s / w
		}
	}
}

// fit is one answer of the search.
type fit struct {
	lag         int
	share       float64
	shape       float64
	e, se       float64 // elasticity and its standard error
	q           float64 // squared error explained, in precisions
	correlation float64
}

// regressor fills x with the bent and filtered heat of a lag.
func (p *topicPanel) regressor(x, ratio []float64, lag int, share float64) {
	from, w := kernel(lag, kernelWidth(lag, share))
	for t := range x {
		x[t] = 0
		if p.v[t] == 0 {
			continue
		}
		sum := 0.0
		for k, weight := range w {
			sum += weight * ratio[t+maxReach-from-k]
		}
		x[t] = sum * p.w[t]
	}
	p.filter(x)
}

// maxReach is the longest look back of any kernel: lag plus three deviations.
const maxReach = maxLag + 45 + 1

// ratios gives the transformed heat from maxReach days before the panel to maxReach days after it.
func (p *topicPanel) ratios(heat forecasting.HeatSeries, usual, shape float64) []float64 {
	out := carryHeat(heat, usual, 7, p.start.AddDays(-maxReach), p.n+2*maxReach)
	for i, x := range out {
		out[i] = boxCox(x, shape)
	}
	return out
}

// regress fits y on x over the days from..to.
func (p *topicPanel) regress(y, x []float64, from, to int) fit {
	var sums regression
	sums.add(p.v, y, x, from, to)
	return sums.fit()
}

// regressOutside fits y on x over all days but from..to.
func (p *topicPanel) regressOutside(y, x []float64, from, to int) fit {
	var sums regression
	sums.add(p.v, y, x, 0, from)
	sums.add(p.v, y, x, to, p.n)
	return sums.fit()
}

// regression holds the sums of a weighted regression through the origin.
type regression struct{ xx, xy, yy, n float64 }

func (r *regression) add(w, y, x []float64, from, to int) {
	for t := from; t < to; t++ {
		v := w[t]
		if v == 0 {
			continue
		}
		r.xx += v * x[t] * x[t]
		r.xy += v * x[t] * y[t]
		r.yy += v * y[t] * y[t]
		r.n++
	}
}

func (r regression) fit() fit {
	var f fit
	if r.xx <= 1e-12 || r.n < 10 {
		return f
	}
	f.e = r.xy / r.xx
	f.q = r.xy * r.xy / r.xx
	f.se = math.Sqrt(max(r.yy-f.q, 1e-12) / (r.n - 1) / r.xx)
	f.correlation = r.xy / math.Sqrt(r.xx*r.yy+1e-12)
	return f
}
