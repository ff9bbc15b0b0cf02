package models

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"sync"
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

func TestForecastKnowsItsDrivers(t *testing.T) {
	s := newShop(4, 15)
	x, _ := s.days(monday, 700)
	f, err := plain().Forecast(x, forecasting.Future{Promo: []float64{0, 0, 0, 0, 0, 0, 0, .2, .2, .2, .2, .2, .2, .2}}, nil, 14)
	if err != nil {
		t.Fatal(err)
	}
	lift := 0.0
	for i := range 7 {
		lift += float64(f.Mean[7+i]) / float64(f.Mean[i]) / 7
	}
	if want := math.Exp(.2 * s.slope); math.Abs(lift-want) > .15 {
		t.Errorf("a promotion of 20 %% lifts by %.2f, want %.2f", lift, want)
	}
	x2 := f.Explanation
	if x2.Promotion == nil || x2.Promotion.PastDays != 85 || math.Abs(x2.Promotion.Multiplier[8]-lift) > .05 {
		t.Errorf("promotion note %+v", x2.Promotion)
	}
	if x2.FVA.Percent < 10 || len(x2.Candidates) < 5 || x2.HistoryDays != 700 || len(x2.Weekly) != 7 {
		t.Errorf("explanation: FVA %+v, %d candidates, %d days, week %v", x2.FVA, len(x2.Candidates), x2.HistoryDays, x2.Weekly)
	}
	if math.Abs(x2.Level/15-1) > .15 {
		t.Errorf("level %.1f, want 15", x2.Level)
	}
	sum := 0.0
	for _, c := range x2.Candidates {
		sum += c.Weight
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("weights sum to %g", sum)
	}
}

// TestQuantilesCover counts how often made-up demand stays below the quantiles, over many series and all horizons, and
// how far the totals are from the mean in terms of CumSD.
func TestQuantilesCover(t *testing.T) {
	e := plain()
	var n, under10, under50, under90, under95, z2, totals float64
	for seed := range uint64(60) {
		s := newShop(seed, []float64{.4, 3, 25}[seed%3])
		x, mu := s.days(monday, 450)
		f, err := e.Forecast(x.Before(monday.AddDays(420)), forecasting.Future{Promo: x.Promo[420:]}, nil, 30)
		if err != nil {
			t.Fatal(err)
		}
		err10 := 0.0
		for i, y := range x.Sales[420:] {
			n++
			for _, c := range []struct {
				q     float32
				count *float64
			}{{f.Q10[i], &under10}, {f.Q50[i], &under50}, {f.Q90[i], &under90}, {f.Q95[i], &under95}} {
				if y <= float64(c.q) {
					*c.count++
				}
			}
			err10 += y - float64(f.Mean[i])
			if i == 13 || i == 29 {
				z := err10 / float64(f.CumSD[i])
				z2 += z * z
				totals++
			}
		}
		_ = mu
	}
	// Counts cover more than the probability says: P(D ≤ q) ≥ p.
	for name, c := range map[string][3]float64{
		"10 %": {under10 / n, .08, .40}, "50 %": {under50 / n, .47, .68}, "90 %": {under90 / n, .88, .96}, "95 %": {under95 / n, .93, .985},
	} {
		if c[0] < c[1] || c[0] > c[2] {
			t.Errorf("%s quantile covers %.3f, want %.2f..%.2f", name, c[0], c[1], c[2])
		}
	}
	if rms := math.Sqrt(z2 / totals); rms < .75 || rms > 1.3 {
		t.Errorf("totals miss by %.2f of their standard deviation, want about 1", rms)
	}
}

func TestRefusals(t *testing.T) {
	e := plain()
	good := forecasting.Series{Sales: []float64{1, 2, 3}}
	for name, c := range map[string]struct {
		s    forecasting.Series
		heat []forecasting.HeatDriver
		h    int
		want error
	}{
		"no horizon":       {good, nil, 0, forecasting.ErrHorizon},
		"too far":          {good, nil, forecasting.MaxHorizon + 1, forecasting.ErrHorizon},
		"infinite sales":   {forecasting.Series{Sales: []float64{math.Inf(1)}}, nil, 7, forecasting.ErrSeries},
		"heat below zero":  {good, []forecasting.HeatDriver{{Heat: forecasting.HeatSeries{Value: []float64{-1}}, Weight: 1}}, 7, forecasting.ErrHeat},
		"columns too long": {forecasting.Series{Sales: []float64{1}, Promo: []float64{0, 0}}, nil, 7, forecasting.ErrSeries},
	} {
		if _, err := e.Forecast(c.s, forecasting.Future{}, c.heat, c.h); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestNotes(t *testing.T) {
	e := plain()
	long := make([]float64, 500)
	for i := range 100 {
		long[i] = 4
	}
	gaps := slices.Repeat([]float64{5, math.NaN(), 6}, 60)
	empty := forecasting.Series{Sales: slices.Repeat([]float64{2, 3}, 60), SoldOut: slices.Repeat([]bool{true, false}, 60)}
	for name, c := range map[string]struct {
		s    forecasting.Series
		note forecasting.Note
		most float32 // of the mean
	}{
		"nothing known": {forecasting.Series{}, forecasting.NoteNoHistory, 0},
		"never sold":    {forecasting.Series{Sales: make([]float64, 90)}, forecasting.NoteNoDemand, 0},
		"three days":    {forecasting.Series{Sales: []float64{4, 5, 6}}, forecasting.NoteShortHistory, 9},
		"dead":          {forecasting.Series{Sales: long}, forecasting.NoteDead, .25},
		"gaps":          {forecasting.Series{Sales: gaps}, forecasting.NoteGaps, 8},
		"empty shelf":   {empty, forecasting.NoteMostlyEmpty, 9},
	} {
		f, err := e.Forecast(c.s, forecasting.Future{}, nil, 7)
		if err != nil {
			t.Fatal(err)
		}
		checkForecast(t, f, 7)
		if !slices.Contains(f.Explanation.Notes, c.note) || f.Mean[3] > c.most {
			t.Errorf("%s: notes %v, mean %g", name, f.Explanation.Notes, f.Mean[3])
		}
		if c.note == forecasting.NoteShortHistory && f.Mean[0] < 3 {
			t.Errorf("three days of about 5 forecast %g", f.Mean[0])
		}
	}
}

func TestEventsAreNoted(t *testing.T) {
	d := calendar.Date(2023, 11, 11)
	x, _ := newShop(8, 6).days(d.AddDays(-400), 399)
	f, err := New(Options{}).Forecast(x, forecasting.Future{}, nil, 14)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, n := range f.Explanation.Events {
		found = found || n.Code == "double11" && n.From == d.AddDays(-1) && n.To == d && n.PastDays == 2
	}
	if !found {
		t.Errorf("events %+v", f.Explanation.Events)
	}
}

// TestEngineIsSafeForConcurrentUse lets many forecast the same at once.
func TestEngineIsSafeForConcurrentUse(t *testing.T) {
	e := New(Options{})
	x, _ := newShop(6, 3).days(monday, 300)
	want, _ := e.Forecast(x, forecasting.Future{}, nil, 28)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			f, err := e.Forecast(x, forecasting.Future{}, nil, 28)
			if err != nil || !slices.Equal(f.Mean, want.Mean) {
				t.Errorf("another forecast, %v", err)
			}
		})
	}
	wg.Wait()
}

// trained is a model that a Trainer made: the mean of the panel, in the place of a global model.
type trained struct{ mean float64 }

func (m trained) Name() string               { return "trained" }
func (m trained) Fit(Problem) (Fitted, bool) { return m, true }
func (m trained) Extend([]float64) Fitted    { return m }
func (m trained) Mean(dst []float64) {
	for i := range dst {
		dst[i] = m.mean
	}
}

func TestAnotherModelTakesPart(t *testing.T) {
	x, _ := newShop(6, 3).days(monday, 300)
	f, err := New(Options{Extra: []Model{trained{3}}}).Forecast(x, forecasting.Future{}, nil, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Explanation.Candidates {
		if c.Model == "trained" {
			return
		}
	}
	t.Errorf("candidates %+v", f.Explanation.Candidates)
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
