package models

import "milkrun/forecasting"

// Settings of the search for a topic's effect.
const (
	maxLag     = 60  // days that heat may lead by
	minLag     = -14 // days that heat may follow by
	maxMembers = 120 // series looked at, the largest first
	minOverlap = 120 // days of heat and demand below which nothing is claimed
	placebos   = 99
	gateP      = .03  // largest p-value that opens the gate
	clearly    = 3.2  // standard errors from zero at which any gain will do
	likely     = 2.75 // standard errors below which the gate stays shut
	worthwhile = .8   // gain between the two, in percent
	material   = .1   // elasticity below which heat is not worth the trouble
	effectSD   = .8   // prior of the elasticity: normal around 0
	smoothHalf = 28.0
	testBlocks = 5
)

// widthShares and shapes are the kernels and responses tried.
var (
	widthShares = [...]float64{.08, .15, .25}
	shapes      = [...]float64{0, .5, 1}
)

// EstimateTopic finds whether and by how many days the heat of a topic leads the demand of its SKUs, with the engine
// of daily retail. See Engine.EstimateTopic.
func EstimateTopic(heat forecasting.HeatSeries, members []forecasting.Series, weights []float64) forecasting.TopicEffect {
	return New(Options{}).EstimateTopic(heat, members, weights)
}

// EstimateTopic finds whether and by how many days the heat of a topic leads the demand of its SKUs. weights says how
// much of the topic each series takes (nil = all of it).
//
// The demand of every series is freed of week, events, promotions and level; what the sold-out days hid is recovered;
// the rest is summed over the series, whitened, and regressed on the heat of 14 days after to 60 days before, bent by
// each of some kernels. The best lag is then put into the series, which are freed of everything again beside the heat,
// and the search is repeated. Where the lag has clearly changed on the way, the days before are forgotten. The gate opens if heat leads, if hardly any of the placebos (the same heat, shifted
// in a circle) does as well, and if the effect that was learnt from the first part of the days saves error on the last.
func (e *Engine) EstimateTopic(heat forecasting.HeatSeries, members []forecasting.Series, weights []float64) forecasting.TopicEffect {
	out := forecasting.TopicEffect{Topic: heat.Topic, Source: heat.Source, FirstLag: minLag, PValue: 1, Usual: usualHeat(heat)}
	if heat.Validate() != nil || !(out.Usual > 0) {
		return out
	}
	out.Top = topHeat(heat)
	out.HalfLife = heatHalfLife(heat, out.Usual)
	panel := e.topicPanel(heat, members, weights)
	out.Members, out.Days = len(panel.members), panel.days
	if out.Members == 0 || out.Days < minOverlap {
		return out
	}
	var best fit
	y := make([]float64, panel.n)
	for round := range 3 {
		panel.residuals(e, effectOf(out, best), heat)
		copy(y, panel.r)
		panel.filter(y)
		if round > 0 && best.e != 0 {
			// The heat that was put in is added again, so that the search is for the whole of it.
			x := make([]float64, panel.n)
			panel.regressor(x, panel.ratios(heat, out.Usual, best.shape), best.lag, best.share)
			for t := range y {
				y[t] += best.e * x[t]
			}
		}
		best = panel.search(y, heat, out.Usual)
	}
	if from, ok := panel.change(y, panel.ratios(heat, out.Usual, best.shape), best, panel.lead(heat)); ok {
		panel.forget(from)
		best = panel.search(y, heat, out.Usual)
		out.Since, out.Days = panel.start.AddDays(from), panel.days
	}
	panel.judge(&out, y, heat, best)
	return out
}

// judge fills the effect and decides about the gate.
func (p *topicPanel) judge(out *forecasting.TopicEffect, y []float64, heat forecasting.HeatSeries, best fit) {
	ratio := p.ratios(heat, out.Usual, best.shape)
	x := make([]float64, p.n)
	lead := p.lead(heat)
	leading := fit{}
	for lag := minLag; lag <= lead; lag++ {
		p.regressor(x, ratio, lag, best.share)
		f := p.regress(y, x, 0, p.n)
		out.LagProfile = append(out.LagProfile, f.correlation)
		if lag >= 0 && lag%placeboStep == 0 && f.e > 0 {
			leading.q = max(leading.q, f.q)
		}
	}
	shrink := 1.0
	if best.e != 0 {
		shrink = 1 / (1 + best.se*best.se/(effectSD*effectSD))
	}
	usual, top := out.Usual, out.Top
	*out = effectOf(*out, best)
	out.Usual, out.Top = usual, top
	out.Elasticity *= shrink
	if best.lag >= 0 {
		leading.q = max(leading.q, best.q)
	}
	out.PValue = p.placebo(y, ratio, best.share, leading.q, lead)
	out.Gain = p.gain(y, ratio, best.share, lead)
	sure := best.e > clearly*best.se && out.Gain > 0 || best.e > likely*best.se && out.Gain > worthwhile
	out.Gate = best.e >= material && best.lag >= 0 && out.PValue <= gateP && sure
	if best.e <= 0 {
		out.Elasticity = 0
	}
}

// effectOf gives the effect of a fit, for putting it into the series.
func effectOf(base forecasting.TopicEffect, f fit) forecasting.TopicEffect {
	base.Lag, base.Shape, base.Elasticity, base.StdErr = f.lag, f.shape, f.e, f.se
	base.Width = kernelWidth(f.lag, f.share)
	return base
}
