package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
)

// TestSpikeIsSeenWithinADay: heat that doubles and triples is reported on its second day at the latest, with its start,
// peak, decay and end.
func TestSpikeIsSeenWithinADay(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 9))
		h := forecasting.HeatSeries{Topic: 3, Source: "notes", Start: monday, Value: hype(rng, 300, []int{200}, 2.5, 6)}
		seen, ended := -1, -1
		for d := 190; d < 300; d++ {
			s, ok := DetectSpike(h, monday.AddDays(d))
			if !ok {
				continue
			}
			if seen < 0 {
				seen = d
			}
			if s.Ended {
				ended = d
				break
			}
			if d == 210 {
				if start := s.Start.Sub(monday); start < 199 || start > 201 || s.Topic != 3 || s.Source != "notes" {
					t.Errorf("seed %d: %+v", seed, s)
				}
				if peak := s.Peak.Sub(monday); peak < 202 || peak > 204 || !s.Fading || math.Abs(s.HalfLife-6) > 3 {
					t.Errorf("seed %d: peak on day %d, half-life %.1f, fading %v", seed, peak, s.HalfLife, s.Fading)
				}
				if math.Abs(s.Usual-30) > 5 || s.Ratio < 1.3 || s.Score < spikeOff {
					t.Errorf("seed %d: usual %.1f, ratio %.2f, score %.1f", seed, s.Usual, s.Ratio, s.Score)
				}
			}
		}
		if seen < 200 || seen > 201 {
			t.Errorf("seed %d: seen on day %d, the rise began on day 200", seed, seen)
		}
		if ended < 215 || ended > 250 {
			t.Errorf("seed %d: ended on day %d", seed, ended)
		}
	}
}

func TestSpamIsNoSpike(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	h := forecasting.HeatSeries{Start: monday, Value: hype(rng, 300, nil, 0, 1)}
	h.Value[150] *= 12
	h.Value[222] = math.NaN()
	for d := 30; d < 300; d++ {
		if s, ok := DetectSpike(h, monday.AddDays(d)); ok {
			t.Fatalf("day %d: %+v", d, s)
		}
	}
}

// TestWeekdaysAreNoSpikes: heat that doubles every weekend is usual.
func TestWeekdaysAreNoSpikes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	h := forecasting.HeatSeries{Start: monday, Value: hype(rng, 300, nil, 0, 1)}
	for i := range h.Value {
		if i%7 >= 5 {
			h.Value[i] *= 2
		}
	}
	for d := 60; d < 300; d++ {
		if s, ok := DetectSpike(h, monday.AddDays(d)); ok {
			t.Fatalf("day %d: %+v", d, s)
		}
	}
}

func TestSpikeNeedsTheDay(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	h := forecasting.HeatSeries{Start: monday, Value: hype(rng, 210, []int{200}, 3, 6)}
	if _, ok := DetectSpike(h, monday.AddDays(205)); !ok {
		t.Fatal("the spike is there")
	}
	if _, ok := DetectSpike(h, monday.AddDays(210)); ok {
		t.Error("a day without heat has no spike")
	}
	h.Value[205] = math.NaN()
	if _, ok := DetectSpike(h, monday.AddDays(205)); ok {
		t.Error("a day with unknown heat has no spike")
	}
	short := forecasting.HeatSeries{Start: monday, Value: []float64{1, 1, 50, 60}}
	if _, ok := DetectSpike(short, monday.AddDays(3)); ok {
		t.Error("four days say nothing about the usual")
	}
	if _, ok := DetectSpike(forecasting.HeatSeries{}, monday); ok {
		t.Error("no heat, no spike")
	}
}

// TestExpectedEffect adds up what a spike brings: with a linear response and heat at three times the usual since the
// start, each day past the lag gains mean·(e^(2·elasticity) − 1).
func TestExpectedEffect(t *testing.T) {
	origin := monday.AddDays(100)
	heat := forecasting.HeatSeries{Topic: 3, Start: monday}
	for d := range 101 {
		v := 20.0
		if d >= 90 {
			v = 60
		}
		heat.Value = append(heat.Value, v)
	}
	effect := forecasting.TopicEffect{Topic: 3, Lag: 14, Width: 1, Elasticity: .3, Shape: 1, Usual: 20, Top: 60, HalfLife: 3, Gate: true}
	spike := forecasting.Spike{Topic: 3, Start: monday.AddDays(90), Usual: 20}
	flat := func(sku catalog.SKUID, mean float32) forecasting.Forecast {
		f := forecasting.Forecast{Origin: origin}
		f.SKU, f.Site = sku, 1
		for range 28 {
			f.Mean = append(f.Mean, mean)
		}
		return f
	}
	got := ExpectedEffect(spike, effect, heat, []forecasting.Forecast{flat(1, 10), flat(2, 40), flat(3, 0)}, nil)
	if len(got) != 2 || got[0].SKU != 2 || got[1].SKU != 1 || got[0].Pieces < got[1].Pieces {
		t.Fatalf("two series gain, the larger first: %+v", got)
	}
	if want := 40 * (math.Exp(.6) - 1); math.Abs(float64(got[0].ByDay[10])-want) > .05*want {
		t.Errorf("day 10 gains %.1f, want %.1f", got[0].ByDay[10], want)
	}
	// Heat rose ten days before the origin and leads by fourteen: the first gain is due about day 4.
	if from := got[0].From.Sub(origin); from < 1 || from > 4 {
		t.Errorf("from day %d", from)
	}
	sum := 0.0
	for _, v := range got[0].ByDay {
		sum += float64(v)
	}
	if math.Abs(sum-got[0].Pieces) > 1e-3*sum || got[0].To < got[0].From {
		t.Errorf("%+v", got[0])
	}
	// A forecast that holds the heat already gains the same: the plain mean is found by taking it out.
	holding := flat(2, 40)
	m := Multiplier(effect, heat, origin, 28)
	for i := range holding.Mean {
		holding.Mean[i] *= float32(m[i])
	}
	holding.Explanation.Heat = []forecasting.HeatNote{{Topic: 3, Elasticity: .3}}
	same := ExpectedEffect(spike, effect, heat, []forecasting.Forecast{holding}, nil)
	if len(same) != 1 || math.Abs(same[0].Pieces/got[0].Pieces-1) > 1e-3 {
		t.Errorf("%+v", same)
	}
	effect.Gate = false
	if shut := ExpectedEffect(spike, effect, heat, []forecasting.Forecast{holding}, nil); len(shut) != 0 {
		t.Errorf("a shut gate expects nothing: %+v", shut)
	}
}
