package forecastops_test

import (
	"context"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
)

// heat gives drafts of the heat of a topic from a day on.
func heatDrafts(topic string, from calendar.Day, values ...float64) []forecasting.HeatDraft {
	var out []forecasting.HeatDraft
	for i, v := range values {
		out = append(out, forecasting.HeatDraft{
			TopicCode: topic, HeatPoint: forecasting.HeatPoint{Source: "xiaohongshu", Day: from.AddDays(i), Value: v},
		})
	}
	return out
}

func TestHeatSpikeStory(t *testing.T) {
	w := newWorld(t, shape{skus: 40, sites: 3, days: 500, lag: 5})
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	calm := w.outlooks()
	if n := len(w.facts.spiked); n != 0 {
		t.Fatalf("%d spikes before anything happened", n)
	}
	integrator := as(access.Integrator)
	leap := heatDrafts("teething", today.AddDays(-4), 350, 700, 900, 980)
	m, err := w.ops.RecordHeat(integrator, leap)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", m)
	w.idle()
	hot := w.outlooks()
	t.Logf("topic %.0f → %.0f, others %.0f → %.0f", sum(calm, true), sum(hot, true), sum(calm, false), sum(hot, false))
	spikes, err := w.ops.Spikes(as(access.Buyer))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spikes {
		peak, _ := s.PeakDay()
		t.Logf("%+v peak %s skus %d effect %+v", s.Spike, peak, len(s.SKUs), *s.Effect)
		t.Logf("pieces %.0f from %v to %v", s.Pieces, s.From, s.To)
	}
	topics, _ := w.ops.Topics(as(access.Buyer))
	for _, x := range topics {
		t.Logf("%+v", x)
	}
	t.Logf("%d spiked %d refreshed", len(w.facts.spiked), len(w.facts.refreshed))
	_ = context.Background
}
