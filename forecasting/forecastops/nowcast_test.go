package forecastops_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// pushSales records what SKUs 1 to n have sold at site 1 on a day, as another system pushes it.
func (w *world) pushSales(day calendar.Day, n int, pieces func(sku int) int) {
	w.t.Helper()
	var list []forecasting.SaleDraft
	for k := 1; k <= n; k++ {
		list = append(list, forecasting.SaleDraft{SKUCode: fmt.Sprintf("MR-%06d", k), SiteCode: "W1", Sale: forecasting.Sale{Day: day, Pieces: quantity.Pieces(pieces(k)), Price: 2990}})
	}
	if _, err := w.ops.RecordSales(as(access.Integrator), list); err != nil {
		w.t.Fatal(err)
	}
}

// TestRunningDay: what has come of the present day completes it, by the course of the day that the site has shown; the page of a SKU shows
// day and week.
func TestRunningDay(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 2, days: 300})
	ctx := context.Background()
	// Fourteen past days, each told at 10:00 with a quarter of it, and whole at its end.
	for d := today.AddDays(-14); d < today; d++ {
		whole := w.daySales(d)
		w.clock = d.Time().Add(2 * time.Hour) // ten in Shanghai
		w.pushSales(d, 8, func(k int) int { return whole[k] / 4 })
		w.clock = d.Time().Add(15*time.Hour + 30*time.Minute)
		w.pushSales(d, 8, func(k int) int { return whole[k] })
	}
	w.clock = now
	seen, err := forecastdb.Progress(ctx, w.pool, 1, today)
	if err != nil || len(seen) != 2 || seen[0].Hour != 10 || seen[0].Days != 14 || math.Abs(seen[0].Share-.22) > .05 || seen[1].Share < .999 {
		t.Fatalf("the course of the day: %+v, %v", seen, err)
	}
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	page := func() forecasting.SKUPage {
		p, err := w.ops.SKUPage(as(access.Planner), forecastops.SKUQuery{SKU: 1})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if page().Running != nil {
		t.Error("a running day before anything has been told of it")
	}
	before := page().Daily
	at := w.outlooks()[forecasting.Key{SKU: 1, Site: 1}]
	mean := float64(at.Mean[0])
	for _, c := range []struct{ sold, least, most float64 }{{0, 0, .95 * mean}, {math.Round(mean / 4), .7 * mean, 1.3 * mean}, {math.Round(3 * mean), 3.5 * mean, 9 * mean}} {
		w.pushSales(today, 8, func(k int) int { return int(c.sold) })
		r := page().Running
		if r == nil || r.Sold != c.sold || r.Expected < c.least || r.Expected > c.most || r.Forecast <= 0 {
			t.Fatalf("%g sold of %.1f: %+v, want %g to %g", c.sold, mean, r, c.least, c.most)
		}
		_, list, err := w.ops.Forecasts(as(access.Integrator), []catalog.SKUID{1})
		if err != nil || len(list) != 2 || math.Abs(float64(list[0].Mean[0])-r.Expected) > 1e-3*(1+r.Expected) || list[0].Q90[0] < list[0].Q10[0] || float64(list[0].Q10[0]) < c.sold-1e-3 {
			t.Errorf("the forecast of the day: %+v, %v, want %.2f", list, err, r.Expected)
		}
		if f := page().Forecast[0]; f.Mean < r.Expected {
			t.Errorf("the chart's first day is %.2f, %.2f are expected at one of its sites", f.Mean, r.Expected)
		}
		if r.WeekFrom != today || r.WeekExpected < r.Expected || math.Abs((r.WeekExpected-r.WeekForecast)-(r.Expected-r.Forecast)) > 1e-6 {
			t.Errorf("the week: %+v", r)
		}
	}
	// Nothing of it has entered the sales that are forecast from: the day is not over.
	if after := page().Daily; !slices.Equal(after, before) {
		t.Errorf("part of a day counts as a whole one: %+v", after[len(after)-1])
	}
}

// daySales gives what is stored of a day at site 1, by SKU.
func (w *world) daySales(d calendar.Day) map[int]int {
	w.t.Helper()
	out := map[int]int{}
	rows, err := w.pool.Query(context.Background(), `select sku_id, pieces from forecast.sale where site_id = 1 and day = $1`, d.Time())
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sku, n int
		if err := rows.Scan(&sku, &n); err != nil {
			w.t.Fatal(err)
		}
		out[sku] = n
	}
	return out
}

// TestSpikeKnowsTheRunningDay: a re-forecast after a spike starts from what has come of the day by then, not from the morning.
func TestSpikeKnowsTheRunningDay(t *testing.T) {
	results := map[bool]float64{}
	for _, busy := range []bool{false, true} {
		w := newWorld(t, shape{skus: 8, sites: 1, days: 400, lag: 5})
		w.work()
		w.awaitPublished(w.start().ID)
		w.idle()
		at := w.outlooks()[forecasting.Key{SKU: 4, Site: 1}]
		if busy {
			w.pushSales(today, 8, func(k int) int { return int(6 * at.Mean[0]) })
		}
		w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
		now := w.outlooks()[forecasting.Key{SKU: 4, Site: 1}]
		results[busy] = now.Sum(28)
	}
	if results[true] < 1.02*results[false] {
		t.Errorf("28 days after a quiet morning %.1f, after a busy one %.1f", results[false], results[true])
	}
}
