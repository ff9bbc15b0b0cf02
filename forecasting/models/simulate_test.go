package models

import (
	"math"
	"math/rand/v2"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// shop makes up demand of known truth.
type shop struct {
	rng    *rand.Rand
	level  float64
	week   [7]float64 // from Monday
	slope  float64    // of promotion depth
	events map[string]float64
	cal    *forecasting.Calendar
	size   float64
	year   float64   // amplitude of one wave a year
	heat   []float64 // multiplier by day
}

func newShop(seed uint64, level float64) *shop {
	return &shop{
		rng: rand.New(rand.NewPCG(seed, 1)), level: level, week: [7]float64{.8, .8, .9, .9, 1.1, 1.3, 1.2}, slope: 3,
		size: 8, cal: forecasting.NewCalendar(nil),
	}
}

// mu gives the expected demand of a day.
func (s *shop) mu(t int, day calendar.Day, depth float64) float64 {
	m := s.level * s.week[(int(day)+3)%7] * math.Exp(s.slope*depth+s.year*math.Sin(2*math.Pi*float64(day)/365.25))
	for _, id := range s.cal.On(day) {
		m *= s.events[s.cal.Codes()[id]]
	}
	if t < len(s.heat) {
		m *= s.heat[t]
	}
	return m
}

// draw gives a negative binomial count: a Poisson count whose mean is gamma.
func (s *shop) draw(mu float64) float64 {
	g := 0.0
	for range int(s.size) { // sum of exponentials, for whole sizes
		g += s.rng.ExpFloat64()
	}
	limit, k, p := math.Exp(-mu*g/s.size), 0.0, 1.0
	for {
		p *= s.rng.Float64()
		if p <= limit {
			return k
		}
		k++
	}
}

// days gives n days of demand from start, with a promotion of 20 % for five days in every 40.
func (s *shop) days(start calendar.Day, n int) (forecasting.Series, []float64) {
	x := forecasting.Series{Start: start, Promo: make([]float64, n)}
	mu := make([]float64, n)
	for t := range n {
		if t%40 >= 30 && t%40 < 35 {
			x.Promo[t] = .2
		}
		mu[t] = s.mu(t, start.AddDays(t), x.Promo[t])
		x.Sales = append(x.Sales, s.draw(mu[t]))
	}
	return x, mu
}
