package models

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

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
		x, _ := s.days(monday, 450)
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
