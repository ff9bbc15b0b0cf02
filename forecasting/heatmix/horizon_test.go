package heatmix

import (
	"math"
	"math/rand/v2"
	"testing"

	"milkrun/forecasting"
	"milkrun/forecasting/models"
)

// led gives demand that follows the heat by the lag with the elasticity, and noise.
func led(heat []float64, lag int, elasticity float64, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 3))
	week := []float64{1, .9, .9, 1, 1.1, 1.4, 1.3}
	out := make([]float64, len(heat))
	for i := range out {
		mean := 60 * week[i%7]
		if i >= lag {
			mean *= math.Pow(heat[i-lag], elasticity)
		}
		out[i] = max(math.Round(mean*math.Exp(.15*rng.NormFloat64())), 0)
	}
	return out
}

func effect(lag int, elasticity float64) forecasting.TopicEffect {
	return forecasting.TopicEffect{Topic: 1, Source: "search", Lag: lag, Width: 1, Elasticity: elasticity, Usual: 400, Top: 4000, HalfLife: 5, Gate: true}
}

// TestHeatPaysAsFarAsItLeads: with a lag of ten days the heat known today tells of the next two weeks.
func TestHeatPaysAsFarAsItLeads(t *testing.T) {
	x := truth(700, 11)
	gates := Horizons(effect(10, .6), told("search", x, 400, 1, .05, 1), day0, led(x, 10, .6, 1), 1)
	if len(gates) != len(stretches) {
		t.Fatalf("%+v", gates)
	}
	for _, g := range gates[:2] {
		if !g.Open || g.Days < leastJudged || g.With > .9*g.Without {
			t.Errorf("days %d to %d: %+v", g.From, g.To, g)
		}
	}
	e := effect(10, .6)
	e.Horizons = gates
	if !e.OpenAt(0) || !e.OpenAt(13) {
		t.Error("shut where it pays")
	}
}

// TestHeatThatDoesNotLead: an effect that was believed by mistake is let in nowhere.
func TestHeatThatDoesNotLead(t *testing.T) {
	open, all := 0, 0
	for seed := range uint64(20) {
		x := truth(700, 20+seed)
		demand := led(truth(700, 60+seed), 5, .6, seed)
		for _, g := range Horizons(effect(5, .5), told("search", x, 400, 1, .05, 1), day0, demand, 1) {
			if all++; g.Open {
				open++
			}
		}
	}
	if 5*open > all {
		t.Errorf("%d of %d gates are open", open, all)
	}
}

// TestGatePerHorizon: with heat that is felt at once and gone in days, only the first stretch is helped by what is known; a gate that
// is shut far ahead leaves the near one open.
func TestGatePerHorizon(t *testing.T) {
	e := effect(3, .6)
	e.Horizons = []forecasting.HorizonGate{{From: 1, To: 7, Open: true}, {From: 8, To: 14}, {From: 15}}
	for i, want := range map[int]bool{0: true, 6: true, 7: false, 13: false, 14: false, 80: false} {
		if e.OpenAt(i) != want {
			t.Errorf("day %d: %v", i, !want)
		}
	}
	e.Gate = false
	if e.OpenAt(0) {
		t.Error("the gate of all is shut")
	}
}

// TestLaterDaysChangeNothingBefore: the forecast of an origin does not see what came after.
func TestLaterDaysChangeNothingBefore(t *testing.T) {
	x := truth(500, 31)
	heat := told("search", x, 400, 1, .05, 1)
	later := heat
	later.Value = append(append([]float64(nil), heat.Value[:300]...), make([]float64, 200)...)
	a := models.Multiplier(effect(5, .6), heat, day0.AddDays(301), 28)
	b := models.Multiplier(effect(5, .6), later, day0.AddDays(301), 28)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("day %d: %g and %g", i, a[i], b[i])
		}
	}
}

func TestHorizonsOfAShortOrUnknownPast(t *testing.T) {
	heat := told("search", truth(200, 1), 400, 1, .05, 1)
	if g := Horizons(forecasting.TopicEffect{}, heat, day0, make([]float64, 200), 1); g != nil {
		t.Errorf("a shut gate: %+v", g)
	}
	for _, demand := range [][]float64{nil, make([]float64, 30), make([]float64, 200)} {
		for _, g := range Horizons(effect(5, .6), heat, day0, demand, 1) {
			if !g.Open || g.Days != 0 {
				t.Errorf("%d days: %+v, want what is known of the whole", len(demand), g)
			}
		}
	}
}
