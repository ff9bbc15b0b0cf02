package models

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// checkForecast fails the test if a forecast is not what Forecast promises.
func checkForecast(t interface {
	Helper()
	Fatalf(string, ...any)
}, f forecasting.Forecast, h int) {
	t.Helper()
	for name, v := range map[string][]float32{"mean": f.Mean, "q10": f.Q10, "q50": f.Q50, "q90": f.Q90, "q95": f.Q95, "cumulated sd": f.CumSD} {
		if len(v) != h {
			t.Fatalf("%s has %d days, want %d", name, len(v), h)
		}
		for i, x := range v {
			if !(x >= 0) || math.IsInf(float64(x), 0) {
				t.Fatalf("%s of day %d is %g", name, i, x)
			}
		}
	}
	for i := range h {
		if f.Q10[i] > f.Q50[i] || f.Q50[i] > f.Q90[i] || f.Q90[i] > f.Q95[i] {
			t.Fatalf("quantiles of day %d: %g %g %g %g", i, f.Q10[i], f.Q50[i], f.Q90[i], f.Q95[i])
		}
	}
	if f.Model == "" || f.Class == "" {
		t.Fatalf("model %q, class %q", f.Model, f.Class)
	}
	if _, err := json.Marshal(f); err != nil {
		t.Fatalf("cannot be stored: %v", err)
	}
}

// drawInput makes a series with everything that can be odd about one.
func drawInput(t *rapid.T) forecasting.Series {
	n := rapid.IntRange(0, 420).Draw(t, "days")
	kind := rapid.SampledFrom([]string{"sparse", "steady", "wild", "empty", "constant", "gaps", "launch", "ended", "huge"}).Draw(t, "kind")
	s := forecasting.Series{
		Key: forecasting.Key{SKU: 1, Site: 1}, Start: calendar.Day(rapid.IntRange(18000, 24000).Draw(t, "start")),
		Sales: make([]float64, n), SoldOut: make([]bool, n), Promo: make([]float64, n),
	}
	seed := rapid.Uint64().Draw(t, "seed")
	shop := newShop(seed, rapid.Float64Range(.05, 80).Draw(t, "level"))
	for i := range s.Sales {
		if i%37 > 31 {
			s.Promo[i] = .3
		}
		v := shop.draw(shop.mu(i, s.Day(i), s.Promo[i]))
		u := shop.rng.Float64()
		switch kind {
		case "sparse":
			v *= math.Floor(u * 1.1)
		case "wild":
			if u < .02 {
				v = 50*v - 10
			}
		case "empty":
			v = 0
		case "constant":
			v = 7
		case "gaps":
			if u < .4 {
				v = math.NaN()
			}
		case "launch":
			if i < n*9/10 {
				v = 0
			}
		case "ended":
			if i > n/2 {
				v = 0
			}
		case "huge":
			v *= 1e9
		}
		s.Sales[i] = v
		s.SoldOut[i] = u > .9
	}
	return s
}

// TestForecastIsAlwaysSound covers short, constant, empty, gapped, launched, ended and huge series.
func TestForecastIsAlwaysSound(t *testing.T) {
	e := New(Options{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawInput(t)
		h := rapid.IntRange(1, 100).Draw(t, "horizon")
		fut := forecasting.Future{Promo: []float64{0, .5, math.NaN(), 1}}
		f, err := e.Forecast(s, fut, nil, h)
		if err != nil {
			t.Fatal(err)
		}
		checkForecast(t, f, h)
		again, _ := e.Forecast(s, fut, nil, h)
		if !slices.Equal(f.Mean, again.Mean) || !slices.Equal(f.Q95, again.Q95) || f.Model != again.Model {
			t.Fatal("the same input gave another forecast")
		}
	})
}

// TestForecastScales: demand counted in pieces or in tens of pieces gives the same forecast, as far as the noise of
// counts is small beside the demand.
func TestForecastScales(t *testing.T) {
	e := plain()
	rapid.Check(t, func(t *rapid.T) {
		shop := newShop(rapid.Uint64().Draw(t, "seed"), 300)
		shop.size = float64(rapid.IntRange(2, 20).Draw(t, "size"))
		s, _ := shop.days(monday, rapid.IntRange(60, 500).Draw(t, "days"))
		f, err := e.Forecast(s, forecasting.Future{}, nil, 14)
		if err != nil {
			t.Fatal(err)
		}
		big := s
		big.Sales = slices.Clone(s.Sales)
		for i := range big.Sales {
			big.Sales[i] *= 16
		}
		g, err := e.Forecast(big, forecasting.Future{}, nil, 14)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Mean {
			if r := float64(g.Mean[i]) / float64(f.Mean[i]) / 16; math.Abs(r-1) > .04 {
				t.Fatalf("day %d: %g times 16 is not %g", i, f.Mean[i], g.Mean[i])
			}
			if r := float64(g.Q90[i]) / float64(f.Q90[i]) / 16; math.Abs(r-1) > .08 {
				t.Fatalf("90 %% quantile of day %d: %g times 16 is not %g", i, f.Q90[i], g.Q90[i])
			}
		}
	})
}

// TestTheFutureIsNotSeen: sales from the origin on and heat later than two days before it change nothing.
func TestTheFutureIsNotSeen(t *testing.T) {
	e := New(Options{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawInput(t)
		origin := s.Day(rapid.IntRange(0, s.Len()).Draw(t, "origin"))
		heat := forecasting.HeatSeries{Start: s.Start}
		for range s.Len() + 30 {
			heat.Value = append(heat.Value, float64(rapid.IntRange(10, 60).Draw(t, "heat")))
		}
		effect := forecasting.TopicEffect{Lag: 5, Width: 1.5, Elasticity: .6, Usual: 30, Top: 60, HalfLife: 6, Gate: true}
		driver := []forecasting.HeatDriver{{Effect: effect, Heat: heat, Weight: 1}}
		f, err := e.Forecast(s.Before(origin), forecasting.Future{}, driver, 20)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Sales {
			if s.Day(i) >= origin {
				s.Sales[i] = 9999
				s.SoldOut[i] = true
			}
		}
		later := heat
		later.Value = slices.Clone(heat.Value)
		for i := range later.Value {
			if heat.Start.AddDays(i) > origin.AddDays(-forecasting.HeatDelay) {
				later.Value[i] = 500
			}
		}
		driver[0].Heat = later
		g, err := e.Forecast(s.Before(origin), forecasting.Future{}, driver, 20)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.Mean, g.Mean) || !slices.Equal(f.Q90, g.Q90) || !slices.Equal(f.CumSD, g.CumSD) {
			t.Fatal("what came later changed the forecast")
		}
	})
}

func FuzzForecast(f *testing.F) {
	f.Add([]byte{}, 7)
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN())), 3)
	f.Add(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300)), math.Float64bits(5)), 9)
	f.Add(slices.Repeat([]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 60), 30)
	e := New(Options{})
	f.Fuzz(func(t *testing.T, raw []byte, h int) {
		var s forecasting.Series
		for len(raw) >= 8 && s.Len() < 400 {
			v := math.Float64frombits(binary.LittleEndian.Uint64(raw))
			s.Sales = append(s.Sales, v)
			s.SoldOut = append(s.SoldOut, raw[0]&1 == 1)
			s.Promo = append(s.Promo, float64(raw[1]%11)/10)
			raw = raw[8:]
		}
		got, err := e.Forecast(s, forecasting.Future{}, nil, h)
		if err != nil {
			if !errors.Is(err, forecasting.ErrSeries) && !errors.Is(err, forecasting.ErrHorizon) {
				t.Fatal(err)
			}
			return
		}
		checkForecast(t, got, h)
	})
}
