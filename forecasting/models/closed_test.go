package models

import (
	"math/rand/v2"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// TestClosedWeekday: a shop that is closed on Saturdays sells nothing on the Saturdays to come, and no less on the other
// days for it, also where each SKU sells so lumpily that it alone could not tell; a SKU that is new follows the others.
func TestClosedWeekday(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 7))
	start := calendar.Date(2025, 1, 6) // a Monday
	lumpy := func(n int) forecasting.Series {
		s := forecasting.Series{Start: start, Sales: make([]float64, n)}
		for i := range s.Sales {
			if start.AddDays(i).Weekday() != time.Saturday && rng.IntN(3) == 0 {
				s.Sales[i] = float64(1 + rng.IntN(6))
				if rng.IntN(12) == 0 {
					s.Sales[i] *= 12
				}
			}
		}
		return s
	}
	const series, days, h = 60, 364, 28
	group := make([]forecasting.Series, series)
	sold := 0.0
	for i := range group {
		group[i] = lumpy(days)
		for _, v := range group[i].Sales {
			sold += v * h / days
		}
	}
	bare := New(Options{Calendar: forecasting.NewCalendar(nil), Year: -1})
	e := bare.WithPrior(bare.Pool(group, nil))
	closed, total := 0.0, 0.0
	for _, s := range group {
		f, err := e.Forecast(s, forecasting.Future{}, nil, h)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range f.Mean {
			total += float64(v)
			if f.Origin.AddDays(i).Weekday() == time.Saturday {
				closed += float64(v)
			}
		}
	}
	if closed > .005*total {
		t.Errorf("%.1f of %.1f pieces on days on which the shop is closed", closed, total)
	}
	if total < .93*sold || total > 1.07*sold {
		t.Errorf("%.0f pieces forecast, %.0f sold in as many days", total, sold)
	}
	young := forecasting.Series{Start: start, Sales: []float64{8, 9, 7, 8, 9, 0, 8, 9, 8, 7}}
	f, err := e.Forecast(young, forecasting.Future{}, nil, 14)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range f.Mean {
		if day := f.Origin.AddDays(i); (day.Weekday() == time.Saturday) != (v < .5) {
			t.Errorf("new SKU on %s: %.2f", day.Weekday(), v)
		}
	}
}

// TestMendedPriorKeepsExtremes: multipliers beyond the bounds are cut to them, nonsense is left out.
func TestMendedPriorKeepsExtremes(t *testing.T) {
	p := neutral(2)
	p.Season = []float64{1, 1.4, 1.4, 1.4, 1.4, .0004, 1.4}
	p.Event = []float64{250, -1}
	m := p.mended(2)
	if m.Season[5] != leastFactor || m.Event[0] != mostFactor || m.Event[1] != 1 {
		t.Errorf("season %v, events %v", m.Season, m.Event)
	}
}
