package forecastops_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
)

// heatDrafts gives drafts of the heat of a topic from a day on.
func heatDrafts(topic string, from calendar.Day, values ...float64) []forecasting.HeatDraft {
	var out []forecasting.HeatDraft
	for i, v := range values {
		out = append(out, forecasting.HeatDraft{
			TopicCode: topic, HeatPoint: forecasting.HeatPoint{Source: "xiaohongshu", Day: from.AddDays(i), Value: v},
		})
	}
	return out
}

func (w *world) recordHeat(topic string, from calendar.Day, values ...float64) forecasting.Merged {
	w.t.Helper()
	m, err := w.ops.RecordHeat(as(access.Integrator), heatDrafts(topic, from, values...))
	if err != nil {
		w.t.Fatal(err)
	}
	w.idle()
	return m
}

func (w *world) openSpikes() []forecasting.SpikeRecord {
	w.t.Helper()
	list, err := w.ops.Spikes(as(access.Buyer))
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// TestHeatSpikeStory follows one spike: the values come in, the forecasts of the topic's SKUs and of no others rise on
// the days that the lag says, the fact goes out once, and when the heat has faded all is as it was.
func TestHeatSpikeStory(t *testing.T) {
	w := newWorld(t, shape{skus: 40, sites: 3, days: 500, lag: 5})
	w.work()
	run := w.awaitPublished(w.start().ID)
	w.idle()
	calm := w.outlooks()
	if len(w.facts.spiked)+len(w.openSpikes()) != 0 {
		t.Fatal("a spike before anything happened")
	}

	if m := w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980); m.Changed != 4 {
		t.Fatalf("merged: %+v", m)
	}
	hot := w.outlooks()
	if before, after := sum(calm, true), sum(hot, true); after < 1.2*before {
		t.Errorf("the topic's forecasts went from %.0f to %.0f", before, after)
	}
	for k, o := range hot {
		if k.SKU%4 != 0 && !slices.Equal(o.Mean, calm[k].Mean) {
			t.Errorf("%s has no topic and moved", k)
		}
		// The lag is 5 days and the heat rose on the 19th: nothing can change before the 24th, the day after the origin.
		if k.SKU%4 == 0 && o.Mean[0] != calm[k].Mean[0] {
			t.Errorf("%s: the first day moved from %g to %g", k, calm[k].Mean[0], o.Mean[0])
		}
		if k.SKU%4 == 0 && (len(o.Mean) != run.Horizon || len(o.Heat) != run.Horizon || len(o.Explanation.Heat[0].Multiplier) != run.Horizon) {
			t.Errorf("%s: %d days, heat %d", k, len(o.Mean), len(o.Heat))
		}
	}

	open := w.openSpikes()
	if len(open) != 1 {
		t.Fatalf("open spikes: %+v", open)
	}
	s := open[0]
	peak, _ := s.PeakDay()
	if !s.Proven || len(s.SKUs) != 10 || s.Spike.Ratio < 8 || s.Spike.Start != today.AddDays(-4) || *s.From != today.AddDays(1) {
		t.Errorf("spike %+v of %d SKUs from %s", s.Spike, len(s.SKUs), s.From)
	}
	if lag := peak.Sub(s.Spike.Peak); lag < 4 || lag > 7 {
		t.Errorf("heat peaked on %s, demand is to peak on %s", s.Spike.Peak, peak)
	}
	if added := sum(hot, true) - sum(calm, true); math.Abs(s.Pieces-added) > 0.05*added {
		t.Errorf("the spike claims %.0f pieces, the forecasts rose by %.0f", s.Pieces, added)
	}
	w.checkFacts(s)

	// The same values change nothing; another day carries the spike on without a new fact.
	refreshed := len(w.facts.refreshed)
	if m := w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980); m.Unchanged != 4 || len(w.facts.refreshed) != refreshed {
		t.Errorf("recorded again: %+v, %d refreshes more", m, len(w.facts.refreshed)-refreshed)
	}
	w.clock = w.clock.Add(24 * time.Hour)
	w.recordHeat("teething", today, 900)
	if again := w.openSpikes(); len(again) != 1 || again[0].ID != s.ID || again[0].Spike.Day != today || len(w.facts.spiked) != 1 {
		t.Errorf("the next day: %+v, %d facts", again, len(w.facts.spiked))
	}

	// It fades: two days at the usual level end it.
	w.clock = w.clock.Add(4 * 24 * time.Hour)
	w.recordHeat("teething", today.AddDays(1), 300, 150, 100, 98)
	if left := w.openSpikes(); len(left) != 0 {
		t.Errorf("still open: %+v", left)
	}
	page, err := w.ops.Topic(as(access.Planner), 1)
	if err != nil || len(page.Past) != 1 || page.Past[0].State != forecasting.SpikeEnded || page.Past[0].EndedAt == nil {
		t.Errorf("past spikes: %+v, %v", page.Past, err)
	}
}

func (w *world) checkFacts(s forecasting.SpikeRecord) {
	w.t.Helper()
	w.facts.Lock()
	defer w.facts.Unlock()
	if len(w.facts.spiked) != 1 {
		w.t.Fatalf("%d facts of the spike", len(w.facts.spiked))
	}
	f := w.facts.spiked[0]
	if f.Topic != 1 || len(f.SKUs) != 10 || f.SKUs[0] != s.SKUs[0].SKU || f.Pieces != s.Pieces || f.From != *s.From || f.To != *s.To {
		w.t.Errorf("fact %+v, spike %+v", f, s)
	}
	var refreshed int
	for _, r := range w.facts.refreshed {
		refreshed += len(r.SKUs)
	}
	if refreshed != 10 {
		w.t.Errorf("%d SKUs refreshed", refreshed)
	}
}

func TestCorrectedHeatWithdrawsTheSpike(t *testing.T) {
	w := newWorld(t, shape{skus: 24, sites: 2, days: 500, lag: 5})
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	calm := w.outlooks()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	if len(w.openSpikes()) != 1 {
		t.Fatal("no spike")
	}
	w.recordHeat("teething", today.AddDays(-4), 101, 99, 103, 100)
	page, err := w.ops.Topic(as(access.Planner), 1)
	if err != nil || page.Open != nil || len(page.Past) != 1 || page.Past[0].State != forecasting.SpikeWithdrawn {
		t.Fatalf("after the correction: %+v, %v", page, err)
	}
	if before, after := sum(calm, true), sum(w.outlooks(), true); math.Abs(after-before) > 0.05*before {
		t.Errorf("forecasts were %.0f and are %.0f after the correction", before, after)
	}
}

func TestComplaintsAlertAndMoveNothing(t *testing.T) {
	w := newWorld(t, shape{skus: 24, sites: 2, days: 500, lag: 5})
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	calm := w.outlooks()
	w.recordHeat("rash", today.AddDays(-3), 400, 600, 700)
	open := w.openSpikes()
	if len(open) != 1 || open[0].Topic.ID != 2 || open[0].Proven || len(w.facts.complaints) != 1 || len(w.facts.refreshed) != 0 {
		t.Fatalf("open %+v, %d complaints, %d refreshes", open, len(w.facts.complaints), len(w.facts.refreshed))
	}
	if f := w.facts.complaints[0]; f.SpikeID != open[0].ID || len(f.SKUs) != 6 {
		t.Errorf("fact %+v", f)
	}
	for k, o := range w.outlooks() {
		if !slices.Equal(o.Mean, calm[k].Mean) {
			t.Errorf("%s moved by complaints", k)
		}
	}
	seen, err := w.ops.TakeNote(as(access.Planner), open[0].ID, "已联系质检")
	if err != nil || seen.SeenBy != "planner" || seen.SeenNote != "已联系质检" || seen.SeenAt == nil {
		t.Errorf("%+v, %v", seen, err)
	}
	board, err := w.ops.Dashboard(as(access.Buyer), 0)
	if err != nil || board.Alerts != 1 || board.Spiking != 0 {
		t.Errorf("%+v, %v", board, err)
	}
}

// TestSpikeOfAnUnprovenTopic: heat that does not lead demand shows as a spike and changes nothing.
func TestSpikeOfAnUnprovenTopic(t *testing.T) {
	w := newWorld(t, shape{skus: 24, sites: 2, days: 500})
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	open := w.openSpikes()
	if len(open) != 1 || open[0].Proven || open[0].Pieces != 0 || len(w.facts.spiked)+len(w.facts.refreshed) != 0 {
		t.Errorf("open %+v, facts %d, %d", open, len(w.facts.spiked), len(w.facts.refreshed))
	}
}

// TestSpikeBeforeTheFirstRun: heat that comes before there is a forecast is worked out once there is.
func TestSpikeBeforeTheFirstRun(t *testing.T) {
	w := newWorld(t, shape{skus: 24, sites: 2, days: 500, lag: 5})
	w.work()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	if open := w.openSpikes(); len(open) != 1 || open[0].Proven {
		t.Fatalf("before the run: %+v", open)
	}
	w.awaitPublished(w.start().ID)
	w.idle()
	open := w.openSpikes()
	if len(open) != 1 || !open[0].Proven || len(open[0].SKUs) != 6 || len(w.facts.spiked) != 1 {
		t.Errorf("after the run: %+v, %d facts", open, len(w.facts.spiked))
	}
	if err := w.ops.CheckHeat(context.Background(), true); err != nil {
		t.Fatal(err)
	}
	w.idle()
	if len(w.facts.spiked) != 1 || len(w.facts.refreshed) != 1 {
		t.Errorf("a look without news made %d facts and %d refreshes", len(w.facts.spiked), len(w.facts.refreshed))
	}
}
