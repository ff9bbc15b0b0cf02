package models

import (
	"math"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// The demand of a day is modelled as
//
//	level(t) · season(place of t) · Π event · exp(Σ slope·driver) · year(t) · heat(t)
//
// times noise of the negative binomial kind. Everything but the level is a driver: known in advance, or taken as
// given. drivers holds their sizes and can give their product for any day, past or future.
type drivers struct {
	start  calendar.Day
	period int       // length of the short season, 1 when it is left to the models
	season []float64 // by place, mean 1; place 0 is a Monday when period is 7
	cal    *forecasting.Calendar
	event  []float64 // by code of cal
	slope  []float64 // of the promotion depth, then of the columns of Extra
	year   *yearCurve
	series *forecasting.Series
	future *forecasting.Future
	heat   []float64   // multiplier by day from start, past and future; nil = 1
	trail  []float64   // multiplier of the past days that heat tells of afterwards; nil = 1
	fade   float64     // days in which the excess of trail halves after the last of them
	habit  *promoHabit // instead of a promotion plan, nil when there is one

	// How well they are known, for explanations.
	eventDays []int
	slopeVar  []float64
	promoDays int
}

// place gives the place of a day in the short season.
func (d *drivers) place(t int) int {
	p := (int(d.start) + t + 3) % d.period
	if p < 0 {
		p += d.period
	}
	return p
}

// value gives the value of driver column c on day t: column 0 is the promotion depth.
func (d *drivers) value(c, t int) float64 {
	if n := d.series.Len(); t >= n {
		if c == 0 {
			return d.future.Depth(t - n)
		}
		return d.future.Driver(c-1, t-n)
	}
	v := 0.0
	switch {
	case c > 0:
		v = d.series.Extra[c-1][t]
	case d.series.Promo != nil:
		v = d.series.Promo[t]
	}
	if v != v {
		return 0
	}
	return v
}

// events gives the product of the events of day t.
func (d *drivers) events(t int) float64 {
	f := 1.0
	for _, id := range d.cal.On(d.start.AddDays(t)) {
		f *= d.event[id]
	}
	return f
}

// slopes gives the product of the promotion and the further columns on day t.
func (d *drivers) slopes(t int) float64 {
	x, usual := 0.0, 1.0
	for c, b := range d.slope {
		if v := d.value(c, t); v != 0 {
			x += b * v
		}
	}
	if d.habit != nil && t >= d.series.Len() {
		usual = d.habit.on(d.cal.On(d.start.AddDays(t)))
	}
	if x == 0 {
		return usual
	}
	return usual * math.Exp(min(max(x, -maxLogFactor), maxLogFactor))
}

func (d *drivers) heatOn(t int) float64 {
	if t >= len(d.heat) {
		return 1
	}
	return d.heat[t]
}

// maxLogFactor bounds the logarithm of a driver's product: no promotion multiplies demand by more than 50.
const maxLogFactor = 3.9

// factor gives the product of all drivers but the short season on day t, bounded.
func (d *drivers) factor(t int) float64 {
	f := d.events(t) * d.slopes(t) * d.heatOn(t)
	if d.year != nil {
		f *= d.year.at(d.start.AddDays(t))
	}
	return min(max(f, 1e-2), 1e2)
}

// past gives the product of all drivers but the short season on a past day, what is only known afterwards included.
func (d *drivers) past(t int) float64 {
	f := d.factor(t)
	if d.trail != nil {
		f = min(max(f*d.trail[t], 1e-2), 1e2)
	}
	return f
}

// faded gives what is left on day from+i of the trail of the day before from: spikes that are under way do not end at once.
func (d *drivers) faded(from, i int) float64 {
	if d.trail == nil || from < 1 {
		return 1
	}
	return 1 + (min(d.trail[from-1], math.Exp(maxLogFactor))-1)*math.Exp2(-float64(i+1)/d.fade)
}

// promoError gives the standard error of the promotion slope.
func (d *drivers) promoError() float64 {
	if len(d.slopeVar) == 0 {
		return 0
	}
	return math.Sqrt(d.slopeVar[0])
}
