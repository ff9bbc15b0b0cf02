package forecastops_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// putSource stores the heat of topic 1 at a source, without the days that are NaN.
func (w *world) putSource(source string, from calendar.Day, values []float64) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		_, err := w.ops.MergeHeat(context.Background(), tx, func(yield func(forecasting.HeatPoint, error) bool) {
			for i, v := range values {
				if v == v && !yield(forecasting.HeatPoint{Topic: 1, Source: source, Day: from.AddDays(i), Value: math.Round(v)}, nil) {
					return
				}
			}
		})
		return err
	})
}

// TestSeveralSources: a run learns from the sources of a topic together: one that has gone silent, one that was re-based, one that is spam.
func TestSeveralSources(t *testing.T) {
	const days = 500
	w := newWorld(t, shape{skus: 24, sites: 2, days: days, lag: 5})
	from := today.AddDays(-days)
	heat := w.pastHeat(days)
	rng := rand.New(rand.NewPCG(3, 3))
	search, silent, spam := make([]float64, days), make([]float64, days), make([]float64, days)
	level := 300.0
	for i, v := range heat {
		search[i] = 9 * v * math.Exp(.1*rng.NormFloat64())
		if i >= 320 {
			search[i] *= 3
		}
		silent[i] = .8 * v * math.Exp(.1*rng.NormFloat64())
		if i >= days-40 {
			silent[i] = math.NaN()
		}
		if rng.IntN(10) == 0 {
			level = 100 * math.Exp(3*rng.Float64())
		}
		spam[i] = level * math.Exp(.3*rng.NormFloat64())
	}
	w.putSource("baidu", from, search)
	w.putSource("douyin", from, silent)
	w.putSource("weibo", from, spam)
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	page, err := w.ops.Topic(as(access.Planner), 1)
	if err != nil || page.Effect == nil {
		t.Fatal(page, err)
	}
	e := *page.Effect
	if !e.Gate || e.Lag < 4 || e.Lag > 6 || len(e.Horizons) == 0 || !e.OpenAt(0) {
		t.Errorf("lag %d, gate %v, horizons %+v", e.Lag, e.Gate, e.Horizons)
	}
	for _, list := range [][]forecasting.SourceNote{e.Sources, page.Mix.Sources} {
		got := map[string]forecasting.SourceNote{}
		for _, n := range list {
			got[n.Source] = n
		}
		if len(got) != 4 || got["xiaohongshu"].State != forecasting.SourceUsed || got["douyin"].State != forecasting.SourceSilent || got["weibo"].State != forecasting.SourceApart {
			t.Fatalf("sources: %+v", list)
		}
		if n := got["baidu"]; n.State != forecasting.SourceUsed || len(n.Rebased) != 1 || math.Abs(math.Log(n.Rebased[0].Factor/3)) > .15 || math.Abs(float64(n.Rebased[0].Day.Sub(from.AddDays(320)))) > 1 {
			t.Errorf("the re-based source: %+v", n)
		}
		if got["weibo"].Weight != 0 || got["baidu"].Weight < .15 || got["xiaohongshu"].Weight < .15 {
			t.Errorf("weights: %+v", list)
		}
	}
	// A leap of spam alone is no leap of the topic; one that the good sources show is, with its forecasts.
	calm := w.outlooks()
	w.putSource("weibo", today.AddDays(-3), []float64{90_000, 120_000, 150_000})
	w.idle()
	if open := w.openSpikes(); len(open) != 0 {
		t.Errorf("spam has raised a spike: %+v", open[0].Spike)
	}
	w.putSource("baidu", today.AddDays(-4), []float64{27 * 350, 27 * 700, 27 * 900, 27 * 980})
	w.putSource("xiaohongshu", today.AddDays(-4), []float64{350, 700, 900, 980})
	w.idle()
	if open := w.openSpikes(); len(open) != 1 || !open[0].Proven || open[0].Spike.Ratio < 5 {
		t.Fatalf("open spikes: %+v", open)
	}
	if before, after := sum(calm, true), sum(w.outlooks(), true); after < 1.15*before {
		t.Errorf("the topic's forecasts went from %.0f to %.0f", before, after)
	}
}

// TestRebaseAfterTheEffectWasLearnt: a source that begins to count three times as much between two nights moves no forecast.
func TestRebaseAfterTheEffectWasLearnt(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 2, days: 500, lag: 5})
	from := today.AddDays(-500)
	heat := w.pastHeat(500)
	w.putSource("baidu", from, heat)
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	calm := w.outlooks()
	// The whole of the past is delivered anew, on the new scale, as search indices are.
	scaled := make([]float64, len(heat))
	for i, v := range heat {
		scaled[i] = 3 * v
	}
	w.putSource("baidu", from, scaled)
	w.putSource("xiaohongshu", from, scaled)
	w.idle()
	if err := w.ops.Refresh(context.Background(), []catalog.SKUID{4, 8}); err != nil {
		t.Fatal(err)
	}
	w.idle()
	if before, after := sum(calm, true), sum(w.outlooks(), true); math.Abs(after-before) > .05*before {
		t.Errorf("the new scale has moved the forecasts from %.0f to %.0f", before, after)
	}
}

// TestGateByDistance: where the backtest says that heat does not pay so far ahead, it stays out of these days; the pieces of the forecast
// still add up, and the page of the topic and the spike tell nothing of those days.
func TestGateByDistance(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 2, days: 500, lag: 5})
	w.work()
	run := w.awaitPublished(w.start().ID)
	w.idle()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	key := forecasting.Key{SKU: 4, Site: 1}
	open := w.outlooks()[key]
	effects, err := forecastdb.Effects(context.Background(), w.pool, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	e := effects[1]
	e.Horizons = []forecasting.HorizonGate{{From: 1, To: 7, Open: true}, {From: 8}}
	text, _ := json.Marshal(e)
	w.exec(`update forecast.topic_effect set effect = $1 where topic_id = 1`, text)
	if err := w.ops.Refresh(context.Background(), []catalog.SKUID{4, 8}); err != nil {
		t.Fatal(err)
	}
	w.idle()
	shut := w.outlooks()[key]
	moved := false
	for i := range shut.Mean {
		switch {
		case i >= 8 && shut.Heat[i] != 1:
			t.Fatalf("day %d: heat multiplies by %g though it is shut out", i+1, shut.Heat[i])
		case i < 7 && shut.Heat[i] > 1.1:
			moved = true
		}
	}
	if !moved || open.Heat[9] <= 1.05 {
		t.Errorf("heat near %v, and far before %v", shut.Heat[:7], open.Heat[7:12])
	}
	if s := shut.Explanation.Steps; len(s) == 0 || s[0].Step != forecasting.StepHorizon {
		t.Errorf("steps %+v", s)
	}
	w.addsUp()
}

// TestASourceOfAnotherMatter: where the calmest source says nothing of demand and another one, which moves otherwise, leads it (a rival's
// price, say), the effect is found there.
func TestASourceOfAnotherMatter(t *testing.T) {
	const days = 500
	w := newWorld(t, shape{skus: 16, sites: 2, days: days, lag: 5})
	rng := rand.New(rand.NewPCG(8, 8))
	calm, level := make([]float64, days), 0.0
	for i := range calm {
		level = .98*level + .05*rng.NormFloat64()
		calm[i] = 2000 * math.Exp(level)
	}
	w.putSource("baidu", today.AddDays(-days), calm)
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	page, err := w.ops.Topic(as(access.Planner), 1)
	if err != nil || page.Effect == nil {
		t.Fatal(page, err)
	}
	if e := page.Effect; e.Source != "xiaohongshu" || !e.Gate || e.Lag < 4 || e.Lag > 6 || e.Sources[0].Source != "xiaohongshu" || e.Sources[1].State != forecasting.SourceApart {
		t.Errorf("source %s, gate %v, lag %d, sources %+v", e.Source, e.Gate, e.Lag, e.Sources)
	}
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	if open := w.openSpikes(); len(open) != 1 || !open[0].Proven || open[0].Spike.Source != "xiaohongshu" {
		t.Errorf("open spikes: %+v", open)
	}
}
