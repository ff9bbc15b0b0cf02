package models

import (
	"cmp"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Settings of the spike detector, in robust standard deviations (1.4826 × the median absolute deviation, Rousseeuw &
// Croux, 1993, Journal of the American Statistical Association 88) of log heat.
const (
	spikeWindow = 84  // days that say what is usual
	spikeLeast  = 21  // known days without which nothing is said
	spikeOn     = 3.5 // score of the day that gives a spike away …
	spikeFoot   = 1.5 // … if the day before was up too: one day alone may be spam
	spikeOff    = 1.0 // two days below this end it
	spikeFloor  = .1  // smallest standard deviation believed: index values are rounded
	spikeBack   = 150 // days looked back for the start
	spikeNews   = 3   // days that the end is told for: a late delivery may move it by a day
)

// DetectSpike says whether the topic's heat is in a spike on the day, or came out of one in the last three days (Ended).
// Only heat up to the day is looked at. What is usual is the median of the twelve weeks before the spike, corrected for the weekday
// and, where a year of heat is known, for half of what the same season did a year ago. A rise is seen on its second
// day.
func DetectSpike(h forecasting.HeatSeries, at calendar.Day) (forecasting.Spike, bool) {
	h = h.Before(at.AddDays(1))
	n := len(h.Value)
	if n == 0 || h.Start.AddDays(n-1) != at || h.Value[n-1] != h.Value[n-1] || h.Validate() != nil {
		return forecasting.Spike{}, false
	}
	d := newDetector(h)
	for t := max(n-spikeBack, spikeLeast); t < n; t++ {
		d.step(t)
	}
	if !d.active && !(d.ended && d.endDay > n-1-spikeNews) {
		return forecasting.Spike{}, false
	}
	return d.spike(h, n-1), true
}

// detector walks over the days of one heat series.
type detector struct {
	x       []float64 // log heat without weekday; NaN = unknown
	weekday [7]float64
	start   calendar.Day

	active, ended   bool
	base, scale     float64 // frozen when the spike began
	first, top      int
	endDay, quiet   int
	lastZ           float64
	lastKnown       int
	sorted, scratch []float64
}

// heatOffset keeps the logarithm of small index values tame.
const heatOffset = 1

func newDetector(h forecasting.HeatSeries) *detector {
	d := &detector{start: h.Start, x: make([]float64, len(h.Value)), lastZ: math.NaN()}
	for t, v := range h.Value {
		d.x[t] = math.Log(v + heatOffset)
	}
	d.findWeekdays()
	for t := range d.x {
		d.x[t] -= d.weekday[h.Start.AddDays(t).Weekday()]
	}
	return d
}

// findWeekdays sets the shrunk median of each weekday against the week around it, over the last half year.
func (d *detector) findWeekdays() {
	week := centredAverage(d.x, 7)
	var by [7][]float64
	for t := max(0, len(d.x)-182); t < len(d.x); t++ {
		if v := d.x[t] - week[t]; v == v {
			k := d.start.AddDays(t).Weekday()
			by[k] = append(by[k], v)
		}
	}
	for k, v := range by {
		slices.Sort(v)
		n := float64(len(v))
		d.weekday[k] = sortedQuantile(v, .5) * n / (n + 4)
	}
}

// usual gives what day t would be like after the days before it: median and standard deviation. It answers false
// where too little is known.
func (d *detector) usual(t int) (base, scale float64, ok bool) {
	d.sorted = d.sorted[:0]
	for k := max(0, t-spikeWindow); k < t; k++ {
		if v := d.x[k]; v == v {
			d.sorted = append(d.sorted, v)
		}
	}
	if len(d.sorted) < spikeLeast {
		return 0, 0, false
	}
	slices.Sort(d.sorted)
	base = sortedQuantile(d.sorted, .5)
	for i, v := range d.sorted {
		d.sorted[i] = math.Abs(v - base)
	}
	slices.Sort(d.sorted)
	scale = max(1.4826*sortedQuantile(d.sorted, .5), spikeFloor)
	return base + d.lastYear(t), scale, true
}

// lastYear gives half of the step that heat made at the same time of the last year, if it was a rise.
func (d *detector) lastYear(t int) float64 {
	const year = 364 // whole weeks
	if t < year+spikeWindow {
		return 0
	}
	then := median(d.x[t-year-7:t-year+8], &d.scratch) - median(d.x[t-year-spikeWindow:t-year], &d.scratch)
	if !(then > 0) {
		return 0
	}
	return then / 2
}

func median(v []float64, scratch *[]float64) float64 {
	s := (*scratch)[:0]
	for _, x := range v {
		if x == x {
			s = append(s, x)
		}
	}
	*scratch = s
	if len(s) == 0 {
		return math.NaN()
	}
	slices.Sort(s)
	return sortedQuantile(s, .5)
}

// step takes the next day.
func (d *detector) step(t int) {
	if d.x[t] != d.x[t] {
		return
	}
	if d.active {
		d.follow(t)
		return
	}
	base, scale, ok := d.usual(t)
	if !ok {
		return
	}
	z := (d.x[t] - base) / scale
	if z >= spikeOn && d.lastZ >= spikeFoot && t-d.lastKnown <= 3 {
		d.begin(t, base, scale)
	}
	d.lastZ, d.lastKnown = z, t
}

// begin dates the spike back to the first of the days above the usual.
func (d *detector) begin(t int, base, scale float64) {
	d.active, d.ended, d.quiet = true, false, 0
	d.first = t
	for k := t - 1; k >= 0 && k >= t-7; k-- {
		if v := d.x[k]; v == v {
			if (v-base)/scale < spikeFoot {
				break
			}
			d.first = k
		}
	}
	d.base, d.scale = base, scale
	if b, s, ok := d.usual(d.first); ok {
		d.base, d.scale = b, s
	}
	d.top = d.first
	for k := d.first; k <= t; k++ {
		if d.x[k] > d.x[d.top] {
			d.top = k
		}
	}
}

// follow carries an active spike on.
func (d *detector) follow(t int) {
	if d.x[t] > d.x[d.top] {
		d.top = t
	}
	if (d.x[t]-d.base)/d.scale >= spikeOff {
		d.quiet = 0
		return
	}
	if d.quiet++; d.quiet >= 2 {
		d.active, d.ended, d.endDay = false, true, t
		d.lastZ = math.NaN()
	}
}

// spike describes the state on day t.
func (d *detector) spike(h forecasting.HeatSeries, t int) forecasting.Spike {
	day := h.Start.AddDays(t)
	s := forecasting.Spike{
		Topic: h.Topic, Source: h.Source,
		Start: h.Start.AddDays(d.first), Day: day, Peak: h.Start.AddDays(d.top),
		Value: h.Value[t], Top: h.Value[d.top],
		Usual: max(math.Exp(d.base+d.weekday[day.Weekday()])-heatOffset, 0),
		Score: (d.x[t] - d.base) / d.scale,
		Ended: d.ended && !d.active,
	}
	s.Ratio = s.Value / max(s.Usual, 1e-9)
	if s.Usual == 0 {
		s.Ratio = s.Value + heatOffset
	}
	s.Fading = t > d.top+1 && d.x[t] < d.base+.8*(d.x[d.top]-d.base)
	s.HalfLife = d.halfLife(t)
	if s.HalfLife == 0 {
		s.HalfLife = heatHalfLife(h, usualHeat(h))
	}
	return s
}

// halfLife measures the decay since the peak by the slope of the logarithm of the excess, 0 when it is too early.
func (d *detector) halfLife(t int) float64 {
	if t < d.top+4 {
		return 0
	}
	var logs []float64
	for k := d.top; k <= t; k++ {
		excess := math.Exp(d.x[k]-d.base) - 1
		if excess > .05 {
			logs = append(logs, math.Log(excess))
		} else {
			logs = append(logs, math.NaN())
		}
	}
	_, slope := line(logs)
	if observed(logs) < 4 || slope >= -1e-3 {
		return 0
	}
	return min(max(math.Ln2/-slope, .5), 60)
}

// ExpectedEffect gives what the spike adds to the forecasts of the topic's series, day by day: the demand with the heat
// as known at the origin less the demand if heat had stayed usual since the spike began. A forecast that was made with
// this topic already holds the addition; to one made without it the addition comes on top. weights says how much of
// the topic each series takes (nil = what the forecast was made with, else all of it). Series without an addition of at least
// a hundredth of a piece are left out; the largest comes first.
func ExpectedEffect(spike forecasting.Spike, effect forecasting.TopicEffect, heat forecasting.HeatSeries, base []forecasting.Forecast, weights []float64) []forecasting.Addition {
	calm := heat
	calm.Value = slices.Clone(heat.Value)
	for i := range calm.Value {
		if heat.Start.AddDays(i) >= spike.Start && calm.Value[i] > spike.Usual {
			calm.Value[i] = spike.Usual
		}
	}
	var out []forecasting.Addition
	if !effect.Gate {
		return out
	}
	for i, f := range base {
		w, held := 1.0, false
		for _, n := range f.Explanation.Heat {
			if n.Topic == effect.Topic && effect.Elasticity != 0 {
				w, held = n.Elasticity/effect.Elasticity, true
			}
		}
		if weights != nil && i < len(weights) {
			w = weights[i]
		}
		if a, ok := addition(f, effect, heat, calm, w, held); ok {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b forecasting.Addition) int { return cmp.Compare(b.Pieces, a.Pieces) })
	return out
}

// addition gives the pieces that separate hot from calm for one forecast.
func addition(f forecasting.Forecast, effect forecasting.TopicEffect, hot, calm forecasting.HeatSeries, w float64, held bool) (forecasting.Addition, bool) {
	effect.Elasticity *= min(max(w, 0), 1)
	h := f.Horizon()
	with, without := Multiplier(effect, hot, f.Origin, h), Multiplier(effect, calm, f.Origin, h)
	a := forecasting.Addition{Key: f.Key, ByDay: make([]float32, h)}
	for i, m := range f.Mean {
		plain := float64(m)
		if held {
			plain /= with[i]
		}
		d := max(plain*(with[i]-without[i]), 0)
		a.ByDay[i] = float32(d)
		a.Pieces += d
		if d >= .01 {
			if a.To == 0 {
				a.From = f.Day(i)
			}
			a.To = f.Day(i)
		}
	}
	return a, a.Pieces >= .01 && a.To != 0
}
