package forecastops

import (
	"context"
	"errors"
	"fmt"
	"math"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// The days of the dashboard's chart.
const (
	chartBack  = 40
	chartAhead = 14
)

// Dashboard gives what the page of the day shows of demand; its chart is of a top category, or of all for 0.
func (o *Ops) Dashboard(ctx context.Context, category catalog.CategoryID) (forecasting.Dashboard, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return forecasting.Dashboard{}, err
	}
	sites, err := bounded(u, nil)
	if err != nil {
		return forecasting.Dashboard{}, err
	}
	b := board{ops: o, sites: sites}
	for _, part := range []func(context.Context) error{b.run, b.sales, b.topics, b.categories} {
		if err := part(ctx); err != nil {
			return forecasting.Dashboard{}, fmt.Errorf("dashboard: %w", err)
		}
	}
	if b.page.Chart, err = o.chart(ctx, b.page.Run, category, sites); err != nil {
		return forecasting.Dashboard{}, fmt.Errorf("dashboard: %w", err)
	}
	return b.page, nil
}

// Chart gives the chart of the dashboard for a top category, or for all for 0.
func (o *Ops) Chart(ctx context.Context, category catalog.CategoryID) (forecasting.DemandChart, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return forecasting.DemandChart{}, err
	}
	sites, err := bounded(u, nil)
	if err != nil {
		return forecasting.DemandChart{}, err
	}
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if err != nil && !errors.Is(err, forecasting.ErrNoRun) {
		return forecasting.DemandChart{}, err
	}
	return o.chart(ctx, run, category, sites)
}

// board puts a dashboard together.
type board struct {
	ops   *Ops
	sites []catalog.SiteID
	page  forecasting.Dashboard
}

func (b *board) run(ctx context.Context) error {
	run, err := forecastdb.CurrentRun(ctx, b.ops.Pool)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil
	}
	if err != nil {
		return err
	}
	b.page.Run = run
	accuracy := run.Accuracy
	if accuracy == nil {
		// The new run's is measured after it has come into force; until then that of the run before stands.
		list, err := forecastdb.Runs(ctx, b.ops.Pool, run.ID, 10)
		if err != nil {
			return err
		}
		for _, r := range list {
			if accuracy == nil {
				accuracy = r.Accuracy
			}
		}
	}
	if accuracy != nil {
		if n := len(accuracy.Weeks); n >= 2 && accuracy.Weeks[n-1].Actual > 0 && accuracy.Weeks[n-2].Actual > 0 {
			b.page.Measured = true
			b.page.LastWeek, b.page.WeekBefore = accuracy.Weeks[n-1].WAPE, accuracy.Weeks[n-2].WAPE
		}
	}
	return nil
}

// sales gives the last reported day and the service level.
func (b *board) sales(ctx context.Context) error {
	last, ok, err := forecastdb.LastReported(ctx, b.ops.Pool, b.ops.today().AddDays(-1), b.sites)
	if err != nil || !ok {
		return err
	}
	const span = 28
	days, err := forecastdb.DayTotals(ctx, b.ops.Pool, last.AddDays(1-2*span), last.AddDays(1), b.sites, nil)
	if err != nil {
		return err
	}
	band, err := forecastdb.RunBand(ctx, b.ops.Pool, b.page.Run.ID, b.sites, 0)
	if err != nil {
		return err
	}
	out := make([]float64, 2*span)
	for _, d := range days {
		out[d.Day.Sub(last)+2*span-1] = float64(d.SoldOutRows)
		if d.Day == last {
			b.page.Day, b.page.Pieces, b.page.Revenue, b.page.Unpriced = d.Day, d.Pieces, money.Fen(d.RevenueFen), d.UnpricedPieces
		}
	}
	if band.Series == 0 {
		return nil
	}
	for i, n := range out {
		level := 100 * (1 - min(n/float64(band.Series), 1))
		if i < span {
			b.page.Service.Before += level / span
			continue
		}
		b.page.Service.Level += level / span
		b.page.Service.Trend = append(b.page.Service.Trend, level)
	}
	return nil
}

func (b *board) topics(ctx context.Context) error {
	all, err := forecastdb.Standings(ctx, b.ops.Pool)
	if err != nil {
		return err
	}
	for i, s := range all {
		switch {
		case s.Spike == 0:
		case s.Kind == catalog.ComplaintTopic:
			b.page.Alerts++
		default:
			b.page.Spiking++
			if b.page.Hottest == nil {
				b.page.Hottest = &all[i]
			}
		}
	}
	return nil
}

func (b *board) categories(ctx context.Context) error {
	list, err := forecastdb.TopTotals(ctx, b.ops.Pool, b.page.Run.ID, b.sites)
	if err != nil {
		return err
	}
	for _, c := range list {
		b.page.Categories = append(b.page.Categories, forecasting.CategoryShare{
			ID: c.ID, Code: c.Code, Name: catalog.Name{ZH: c.NameZH, EN: c.NameEN}, Sum28: c.Sum28,
		})
	}
	return nil
}

func (o *Ops) chart(ctx context.Context, run forecasting.Run, category catalog.CategoryID, sites []catalog.SiteID) (forecasting.DemandChart, error) {
	today := o.today()
	c := forecasting.DemandChart{Category: category, From: today.AddDays(-chartBack), ForecastFrom: run.Origin}
	below, err := o.below(ctx, category)
	if err != nil {
		return c, err
	}
	days, err := forecastdb.DayTotals(ctx, o.Pool, c.From, today, sites, below)
	if err != nil {
		return c, err
	}
	c.Sold = unknown(chartBack)
	for _, d := range days {
		c.Sold[d.Day.Sub(c.From)] = float64(d.Pieces)
	}
	heat, err := forecastdb.HeatDays(ctx, o.Pool, c.From, today, below)
	if err != nil {
		return c, err
	}
	c.Heat = unknown(chartBack)
	for _, h := range heat {
		c.Heat[h.Day.Sub(c.From)] = h.Value
	}
	band, err := forecastdb.RunBand(ctx, o.Pool, run.ID, sites, category)
	if err != nil {
		return c, err
	}
	for i := range min(len(band.Mean), max(today.Sub(run.Origin), 0)+chartAhead) {
		low, high := band.Bounds(i, forecasting.SKUCorrelation)
		c.Forecast = append(c.Forecast, forecasting.Week{From: run.Origin.AddDays(i), Mean: band.Mean[i], P10: low, P90: high})
	}
	for _, e := range forecasting.China().Spans(c.From, today.AddDays(chartAhead)) {
		c.Events = append(c.Events, forecasting.EventSpan{Event: e, Name: forecasting.EventName(e.Code)})
	}
	return c, nil
}

// unknown gives n days of which nothing is known.
func unknown(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}
