package forecastops_test

import (
	"context"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// nightly does the nightly job of a day.
func (w *world) nightly(day calendar.Day) {
	w.t.Helper()
	if _, err := w.client(false).Insert(context.Background(), forecastops.NightlyArgs{Day: day}, nil); err != nil {
		w.t.Fatal(err)
	}
	w.idle()
}

func (w *world) runs() []forecasting.Run {
	w.t.Helper()
	list, err := w.ops.Runs(system(), 0, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// TestNightlyRun: one run a day at or after two in the morning, by the clock of Shanghai, however often the clock asks.
func TestNightlyRun(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 1, days: 60})
	w.work()
	w.clock = time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC) // 01:30 on the 23rd
	w.nightly(today)
	w.nightly(today.AddDays(-1))
	if n := len(w.runs()); n != 0 {
		t.Fatalf("%d runs before two o'clock", n)
	}
	w.clock = w.clock.Add(30 * time.Minute)
	w.nightly(today)
	w.nightly(today)
	list := w.runs()
	if len(list) != 1 || list[0].Kind != forecasting.Nightly || list[0].Origin != today || list[0].Horizon != 42 || list[0].State != forecasting.RunPublished {
		t.Fatalf("runs: %+v", list)
	}
	w.clock = w.clock.Add(24 * time.Hour)
	w.nightly(today) // yesterday's job, late
	w.nightly(today.AddDays(1))
	if list = w.runs(); len(list) != 2 || list[0].Origin != today.AddDays(1) {
		t.Fatalf("runs: %+v", list)
	}
	// Two nights: the effect of the topic was learnt once, unless it was its day of the week.
	var learnt int
	if err := w.pool.QueryRow(context.Background(), `select count(distinct learnt) from forecast.topic_effect where topic_id = 1`).Scan(&learnt); err != nil || learnt != 1 {
		t.Errorf("learnt on %d days, %v", learnt, err)
	}
}

// TestNightlyRunOfAnEmptyHouse: without sales there is nothing to do, and no job is left to complain.
func TestNightlyRunOfAnEmptyHouse(t *testing.T) {
	w := newWorld(t, shape{skus: 0, sites: 1, days: 30})
	w.work()
	w.nightly(today)
	var failed int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from river_job where errors is not null`).Scan(&failed); err != nil || failed != 0 || len(w.runs()) != 0 {
		t.Errorf("%d jobs failed, %d runs, %v", failed, len(w.runs()), err)
	}
}

// TestPeriodic: a client takes the periodic jobs, and at its start makes up for the night.
func TestPeriodic(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 1, days: 60})
	jobs := w.ops.Periodic()
	if len(jobs) != 3 {
		t.Fatalf("%d periodic jobs", len(jobs))
	}
	c := w.client(true, jobs...)
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.await("the nightly run", func() bool {
		list := w.runs()
		return len(list) == 1 && list[0].State == forecasting.RunPublished
	})
	if err := c.StopAndCancel(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestReader: other domains read the forecasts in force with topic, heat and weeks.
func TestReader(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 2, days: 400, lag: 5})
	ctx := context.Background()
	var r forecastdb.Reader
	if list, err := r.Outlooks(ctx, w.pool, []catalog.SKUID{4}); err != nil || len(list) != 0 {
		t.Errorf("before the first run: %d, %v", len(list), err)
	}
	w.work()
	run := w.awaitPublished(w.start().ID)
	w.idle()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	list, err := r.Outlooks(ctx, w.pool, []catalog.SKUID{4, 1, 4})
	if err != nil || len(list) != 4 {
		t.Fatalf("%d outlooks, %v", len(list), err)
	}
	plain, hot := list[0], list[2]
	if plain.SKU != 1 || plain.Heat != nil || plain.Topic != 0 || plain.Origin != today || plain.Horizon() != run.Horizon || plain.Model == "" || plain.Sold28 == 0 {
		t.Errorf("plain: %+v", plain)
	}
	if hot.SKU != 4 || hot.Topic != 1 || hot.TopicName.ZH != "出牙" || hot.TopicRatio < 8 || len(hot.Heat) != run.Horizon || hot.Heat[5] < 1.5 {
		t.Errorf("hot: %+v", hot)
	}
	weeks, err := r.Weekly(ctx, w.pool, []catalog.SKUID{4, 1}, 0, 99)
	if err != nil || len(weeks) != 2 || weeks[0].SKU != 1 || len(weeks[0].Weeks) != run.Horizon/7 {
		t.Fatalf("weekly: %+v, %v", weeks, err)
	}
	want := 0.0
	for _, o := range list[2:] {
		for _, v := range o.Mean[7:14] {
			want += float64(v)
		}
	}
	if k := weeks[1].Weeks[1]; k.From != today.AddDays(7) || k.Mean < want-.01 || k.Mean > want+.01 || !(k.P10 < k.Mean && k.Mean < k.P90) {
		t.Errorf("second week: %+v, the days add up to %g", k, want)
	}
	one, err := r.Weekly(ctx, w.pool, []catalog.SKUID{4}, 2, 2)
	if err != nil || len(one) != 1 || len(one[0].Weeks) != 2 || one[0].Weeks[1].Mean >= weeks[1].Weeks[1].Mean {
		t.Errorf("one site: %+v, %v", one, err)
	}
}
