package forecastops_test

import (
	"errors"
	"math"
	"testing"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

func TestScreensBeforeTheFirstRun(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 40})
	buyer := as(access.Buyer)
	list, err := w.ops.Demand(buyer, forecasting.DemandQuery{})
	if err != nil || list.Run.ID != 0 || len(list.Rows) != 0 {
		t.Errorf("list: %+v, %v", list, err)
	}
	page, err := w.ops.SKUPage(buyer, forecastops.SKUQuery{SKU: 1})
	if err != nil || page.Run.ID != 0 || len(page.Forecast) != 0 || len(page.Daily) == 0 || len(page.Weekly) != 6 {
		t.Errorf("sku: %d days, %d weeks, %v", len(page.Daily), len(page.Weekly), err)
	}
	board, err := w.ops.Dashboard(buyer, 0)
	if err != nil || board.Run.ID != 0 || board.Day != today.AddDays(-1) || board.Pieces == 0 || board.Measured {
		t.Errorf("dashboard: %+v, %v", board, err)
	}
	if _, _, err := w.ops.Forecasts(as(access.Integrator), []catalog.SKUID{1}); !errors.Is(err, forecasting.ErrNoRun) {
		t.Errorf("forecasts: %v", err)
	}
}

func TestDemandList(t *testing.T) {
	w := newWorld(t, shape{skus: 60, sites: 2, days: 200})
	w.exec(`update catalog.sku set search = array['蓝','蓝色','色','mr'] where id <= 10`)
	w.work()
	w.awaitPublished(w.start().ID)
	buyer := as(access.Buyer)
	for _, sort := range forecasting.DemandSorts() {
		for _, up := range []bool{false, true} {
			seen := map[catalog.SKUID]bool{}
			q := forecasting.DemandQuery{Sort: sort, Up: up, Limit: 7}
			last := math.Inf(1)
			if up {
				last = math.Inf(-1)
			}
			for {
				page, err := w.ops.Demand(buyer, q)
				if err != nil || page.Total != 60 {
					t.Fatalf("%s: %d in all, %v", sort, page.Total, err)
				}
				for _, r := range page.Rows {
					v := map[forecasting.DemandSort]float64{
						forecasting.BySold: float64(r.Sold28), forecasting.ByForecast: r.Forecast28, forecasting.ByGrowth: r.Growth,
						forecasting.ByHeat: r.Heat, forecasting.BySoldOut: float64(r.SoldOut28),
					}[sort]
					if seen[r.SKU] || up && v < last || !up && v > last {
						t.Fatalf("%s: sku %d with %g after %g, seen %v", sort, r.SKU, v, last, seen[r.SKU])
					}
					seen[r.SKU], last = true, v
				}
				if q.After = page.Next; page.Next == "" {
					break
				}
			}
			if len(seen) != 60 {
				t.Errorf("%s up=%v: %d of 60", sort, up, len(seen))
			}
		}
	}
	for name, c := range map[string]struct {
		q    forecasting.DemandQuery
		want int
	}{
		"search":              {forecasting.DemandQuery{Search: "蓝色"}, 10},
		"search for nothing":  {forecasting.DemandQuery{Search: "没有的"}, 0},
		"category":            {forecasting.DemandQuery{Category: 3}, 30},
		"category with below": {forecasting.DemandQuery{Category: 1}, 30},
		"topic":               {forecasting.DemandQuery{Topic: 1}, 15},
		"site":                {forecasting.DemandQuery{Site: 2}, 60},
		"together":            {forecasting.DemandQuery{Search: "蓝色", Category: 1, Topic: 1, Site: 1}, 2},
		"class":               {forecasting.DemandQuery{Class: forecasting.ClassDead}, 0},
	} {
		page, err := w.ops.Demand(buyer, c.q)
		if err != nil || page.Total != c.want || len(page.Rows) != min(c.want, 50) {
			t.Errorf("%s: %d of %d, %v", name, len(page.Rows), page.Total, err)
		}
	}
	w.checkBoundList()
}

func (w *world) checkBoundList() {
	w.t.Helper()
	for _, after := range []string{"x", "sold_", "sold_1", "heat_1_2", "sold_x_2", "sold_1_x", "sold_99999999999_1", "sold_1_-1"} {
		if _, err := w.ops.Demand(as(access.Buyer), forecasting.DemandQuery{After: after}); !errors.Is(err, forecasting.ErrPlace) {
			w.t.Errorf("after %q: %v", after, err)
		}
	}
	if _, err := w.ops.Demand(as(access.Buyer), forecasting.DemandQuery{Sort: "price"}); !errors.Is(err, forecasting.ErrPlace) {
		w.t.Errorf("sorted by price: %v", err)
	}
	bound := as(access.Lead, 2)
	page, err := w.ops.Demand(bound, forecasting.DemandQuery{})
	if err != nil || page.Site != 2 {
		w.t.Errorf("a lead of site 2 sees site %d, %v", page.Site, err)
	}
	if _, err := w.ops.Demand(bound, forecasting.DemandQuery{Site: 1}); !errors.Is(err, access.ErrForbidden) {
		w.t.Errorf("a lead of site 2 at site 1: %v", err)
	}
}

func TestSKUPage(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 3, days: 400, lag: 5})
	w.exec(`delete from forecast.sale where sku_id = 4 and site_id = 3`)
	w.exec(`update forecast.sale set sold_out = true, pieces = 0 where sku_id = 4 and site_id = 1 and day between $1 and $2`, today.AddDays(-20), today.AddDays(-17))
	w.work()
	run := w.awaitPublished(w.start().ID)
	w.idle()
	page, err := w.ops.SKUPage(as(access.Buyer), forecastops.SKUQuery{SKU: 4})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Sites) != 2 || page.Sites[0].PerDay < page.Sites[1].PerDay || page.Sites[0].Name.ZH == "" || page.Sites[0].Why.HistoryDays == 0 {
		t.Errorf("sites: %+v", page.Sites)
	}
	if (len(page.Weekly)) != 58 || page.ForecastFrom != today || len(page.Forecast) != run.Horizon || len(page.ForecastWeeks) != 6 {
		t.Errorf("%d weeks back, forecast from %s over %d days, %d weeks", len(page.Weekly), page.ForecastFrom, len(page.Forecast), len(page.ForecastWeeks))
	}
	if next := page.Weekly[57].From.AddDays(7); next != page.ForecastWeeks[0].From {
		t.Errorf("the last week ends before %s, the forecast begins on %s", next, page.ForecastWeeks[0].From)
	}
	for i := 380; i < 384; i++ {
		if d := page.Daily[today.AddDays(-400).Sub(page.From)+i]; d.SoldOut < 1 || d.Demand <= d.Sold {
			t.Errorf("sold-out day: %+v", d)
		}
	}
	var days float64
	for i, d := range page.Forecast[:7] {
		if !(d.P10 <= d.Mean && d.Mean <= d.P90) {
			t.Errorf("day %d: %+v", i, d)
		}
		days += d.Mean
	}
	if week := page.ForecastWeeks[0]; math.Abs(week.Mean-days) > 0.01 || !(week.P10 < week.Mean && week.Mean < week.P90) {
		t.Errorf("first week %+v, its days %g", week, days)
	}
	if len(page.Topics) != 1 || !page.Topics[0].Proven || page.Topics[0].Effect.Lag != 5 || page.HeatPath == nil {
		t.Errorf("topics: %+v", page.Topics)
	}
	if a := page.Accuracy; a.Weeks != 8 || !a.Backtest || a.WAPE <= 0 || a.WAPE > 60 || a.Inside < 50 {
		t.Errorf("accuracy: %+v", a)
	}
	w.checkSites(page)
}

// checkSites: one site shows its own figures, and together they are those of all.
func (w *world) checkSites(all forecasting.SKUPage) {
	w.t.Helper()
	sold, mean, wide := 0.0, 0.0, 0.0
	for _, site := range []catalog.SiteID{1, 2, 3} {
		page, err := w.ops.SKUPage(as(access.Lead, site), forecastops.SKUQuery{SKU: 4, Days: 28})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range page.Daily {
			sold += d.Sold
		}
		if len(page.Forecast) > 0 {
			mean += page.Forecast[0].Mean
			wide += page.Forecast[0].P90 - page.Forecast[0].P10
		}
	}
	want := 0.0
	for _, d := range all.Daily[len(all.Daily)-28:] {
		want += d.Sold
	}
	if sold != want || math.Abs(mean-all.Forecast[0].Mean) > 1e-3 {
		w.t.Errorf("sites: sold %g and %g expected, all: %g and %g", sold, mean, want, all.Forecast[0].Mean)
	}
	if together := all.Forecast[0].P90 - all.Forecast[0].P10; together >= wide {
		w.t.Errorf("the band of all is %g wide, those of the sites %g together", together, wide)
	}
	if _, err := w.ops.SKUPage(as(access.Lead, 1), forecastops.SKUQuery{SKU: 4, Sites: []catalog.SiteID{2}}); !errors.Is(err, access.ErrForbidden) {
		w.t.Errorf("another site: %v", err)
	}
	if page, err := w.ops.SKUPage(as(access.Buyer), forecastops.SKUQuery{SKU: 999}); err != nil || len(page.Daily) != 0 || len(page.Forecast) != 0 {
		w.t.Errorf("a SKU without sales: %d days, %v", len(page.Daily), err)
	}
}

func TestDashboard(t *testing.T) {
	w := newWorld(t, shape{skus: 20, sites: 2, days: 400, lag: 5})
	w.work()
	run := w.awaitPublished(w.start().ID)
	w.idle()
	w.recordHeat("teething", today.AddDays(-4), 350, 700, 900, 980)
	all, err := w.ops.Dashboard(as(access.Buyer), 0)
	if err != nil {
		t.Fatal(err)
	}
	if all.Run.ID != run.ID || all.Day != today.AddDays(-1) || int64(all.Revenue) != all.Pieces*2990 || all.Unpriced != 0 {
		t.Errorf("day %s: %d pieces, %d fen", all.Day, all.Pieces, all.Revenue)
	}
	if all.Spiking != 1 || all.Hottest == nil || all.Hottest.Code != "teething" || !all.Measured || all.LastWeek <= 0 {
		t.Errorf("%+v", all)
	}
	// One day in sixty is sold out.
	if s := all.Service; s.Level < 96 || s.Level > 99.9 || len(s.Trend) != 28 || s.Before < 96 {
		t.Errorf("service: %+v", s)
	}
	c := all.Chart
	if len(c.Sold) != 40 || c.Sold[39] != float64(all.Pieces) || len(c.Forecast) != 14 || c.ForecastFrom != today || c.Heat[39] != 980 {
		t.Errorf("chart: %+v", c)
	}
	if len(all.Categories) != 2 || all.Categories[0].Sum28 < all.Categories[1].Sum28 {
		t.Fatalf("categories: %+v", all.Categories)
	}
	// The categories are the whole.
	a, err := w.ops.Chart(as(access.Buyer), all.Categories[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.ops.Chart(as(access.Buyer), all.Categories[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Sold {
		if a.Sold[i]+b.Sold[i] != c.Sold[i] {
			t.Errorf("day %d: %g + %g is not %g", i, a.Sold[i], b.Sold[i], c.Sold[i])
		}
	}
	if d := a.Forecast[3].Mean + b.Forecast[3].Mean - c.Forecast[3].Mean; math.Abs(d) > 0.01 {
		t.Errorf("forecasts of the categories and of all differ by %g", d)
	}
	if f := c.Forecast[3]; !(f.P10 < f.Mean && f.Mean < f.P90) {
		t.Errorf("band: %+v", f)
	}
	w.checkBoundBoard(all)
}

func (w *world) checkBoundBoard(all forecasting.Dashboard) {
	w.t.Helper()
	one, err := w.ops.Dashboard(as(access.Lead, 1), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	two, err := w.ops.Dashboard(as(access.Lead, 2), 0)
	if err != nil || one.Pieces+two.Pieces != all.Pieces || one.Pieces == 0 || one.Chart.Forecast[0].Mean >= all.Chart.Forecast[0].Mean {
		w.t.Errorf("sites sold %d and %d, the house %d, %v", one.Pieces, two.Pieces, all.Pieces, err)
	}
	run, list, err := w.ops.Forecasts(as(access.Integrator, 2), []catalog.SKUID{3, 1})
	if err != nil || run.ID != all.Run.ID || len(list) != 2 || list[0].SKU != 1 || list[0].Site != 2 {
		w.t.Errorf("forecasts: %d, %v", len(list), err)
	}
}
