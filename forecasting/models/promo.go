package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
)

// What a price has to fall below the usual to be called a promotion, and the days that say what is usual.
const (
	promoLeast  = .04
	promoWindow = 56
)

// withPromo fills a missing promotion depth from the prices: the share by which the price of a day lies below the
// upper quartile of the eight weeks before its week. Without prices, or with depths given, the series is as it was.
func withPromo(s forecasting.Series) forecasting.Series {
	if s.Promo != nil || s.Price == nil {
		return s
	}
	depth := make([]float64, len(s.Price))
	var near []float64
	any, usual := false, 0.0
	for t, p := range s.Price {
		if t%7 == 0 { // the usual price does not change by the day
			usual = 0
			near = near[:0]
			for _, v := range s.Price[max(0, t-promoWindow):t] {
				if v > 0 {
					near = append(near, v)
				}
			}
			if len(near) >= 7 {
				slices.Sort(near)
				usual = sortedQuantile(near, .75)
			}
		}
		if cut := 1 - p/usual; usual > 0 && cut >= promoLeast {
			depth[t] = min(cut, 1)
			any = true
		}
	}
	if any {
		s.Promo = depth
	}
	return s
}

// promoHabit is what promotions did to the days of the past on the average: the multiplier of a plain day and of the days
// of each event. It stands in for a plan that is not known.
type promoHabit struct {
	plain float64
	event []float64 // by code, 0 where the history has none
}

// habitDays is how far back the habit of plain days is looked for.
const habitDays = 365

// findHabit sets the habit if the series had promotions and the future has no plan.
func (d *demand) findHabit() {
	if d.future.Promo != nil || d.promoDays == 0 {
		return
	}
	h := &promoHabit{plain: 1, event: make([]float64, len(d.event))}
	count := make([]float64, len(d.event))
	sum, n := 0.0, 0.0
	for t := d.first; t < d.n; t++ {
		m := math.Exp(min(max(d.slope[0]*d.value(0, t), -maxLogFactor), maxLogFactor))
		ids := d.cal.On(d.start.AddDays(t))
		for _, id := range ids {
			h.event[id] += m
			count[id]++
		}
		if ids == nil && t >= d.n-habitDays {
			sum += m
			n++
		}
	}
	for id, c := range count {
		if c > 0 {
			h.event[id] /= c
		}
	}
	if n > 0 {
		h.plain = sum / n
	}
	d.habit = h
}

// on gives the multiplier of a day with the events: that of the strongest of them, of a plain day without any.
func (h *promoHabit) on(ids []uint8) float64 {
	m := 0.0
	for _, id := range ids {
		m = max(m, h.event[id])
	}
	if m == 0 {
		return h.plain
	}
	return m
}
