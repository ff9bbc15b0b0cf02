package demo

import (
	"math"
	"testing"

	"milkrun/forecasting"
	"milkrun/forecasting/models"
)

// The house's own engine must find the truth of the story in the sales: the lag, the strength, and that it is no chance.
func TestTheEngineFindsTheStory(t *testing.T) {
	engine := models.New(models.Options{})
	var members []forecasting.Series
	var weights []float64
	for i := range world.list {
		it := &world.list[i]
		for _, x := range it.topics {
			if topics[x.topic].code != StoryTopic {
				continue
			}
			for _, s := range it.sites {
				members = append(members, history(it, places[s.place].Code))
				weights = append(weights, x.w)
			}
		}
	}
	truth := world.Truth()[StoryTopic]
	for _, h := range world.HeatSeries() {
		if h.Topic != StoryTopic || h.Source != "xiaohongshu" {
			continue
		}
		heat := forecasting.HeatSeries{Topic: 1, Source: h.Source, Start: h.Start, Value: h.Values}
		got := engine.EstimateTopic(heat, members, weights)
		t.Logf("lag %d, elasticity %.2f, p %.2f, over %d series", got.Lag, got.Elasticity, got.PValue, got.Members)
		if !got.Gate || math.Abs(float64(got.Lag-truth.Lag)) > 1 || math.Abs(got.Elasticity-truth.Elasticity) > .1 {
			t.Errorf("%+v, want %+v", got, truth)
		}
		spike, ok := models.DetectSpike(heat, today.AddDays(-1))
		if !ok || spike.Ratio < 7 || today.Sub(spike.Start) > 5 {
			t.Errorf("the spike is not seen: %+v", spike)
		}
	}
}

// history gives a series as a forecaster reads it from the stored sales.
func history(it *item, site string) forecasting.Series {
	out := forecasting.Series{Start: world.First, Sales: make([]float64, History), SoldOut: make([]bool, History), Promo: make([]float64, History)}
	s, _ := world.SalesOf(it.Code, site)
	for _, d := range s.Days {
		i := d.Day.Sub(world.First)
		out.Sales[i], out.SoldOut[i], out.Promo[i] = float64(d.Pieces), d.SoldOut, float64(d.PromoBP)/10_000
	}
	for i := range out.Sales {
		if world.First.AddDays(i) < *it.Launched {
			out.Sales[i] = math.NaN()
		}
	}
	return out
}
