package forecastops

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/heatmix"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// SKUQuery asks for the demand page of a SKU.
type SKUQuery struct {
	SKU   catalog.SKUID
	Sites []catalog.SiteID // nil for all that the user may see
	Days  int              // of history; 0 = two years, at most three
}

// SKUPage gives what the demand page of a SKU shows. access.ErrForbidden for a site beyond the user's bounds. A SKU
// without sales gives an empty page.
func (o *Ops) SKUPage(ctx context.Context, query SKUQuery) (forecasting.SKUPage, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return forecasting.SKUPage{}, err
	}
	sites, err := bounded(u, query.Sites)
	if err != nil {
		return forecasting.SKUPage{}, fmt.Errorf("demand of sku %d: %w", query.SKU, err)
	}
	if query.Days <= 0 {
		query.Days = 2 * 365
	}
	p := &skuPage{ops: o, page: forecasting.SKUPage{SKU: query.SKU}, sites: sites}
	if p.page.Run, err = forecastdb.CurrentRun(ctx, o.Pool); err != nil && !errors.Is(err, forecasting.ErrNoRun) {
		return forecasting.SKUPage{}, err
	}
	if err := p.read(ctx, min(query.Days, forecastdb.HistoryDays)); err != nil {
		return forecasting.SKUPage{}, fmt.Errorf("demand of sku %d: %w", query.SKU, err)
	}
	return p.page, nil
}

// bounded gives the sites to look at: those asked for, or all that the user may see (nil for every one).
func bounded(u access.User, asked []catalog.SiteID) ([]catalog.SiteID, error) {
	for _, s := range asked {
		if !u.MayTouchSite(s) {
			return nil, fmt.Errorf("%w: site %d", access.ErrForbidden, s)
		}
	}
	if len(asked) == 0 && len(u.Sites) > 0 {
		return u.Sites, nil
	}
	if len(asked) == 0 {
		return nil, nil
	}
	return asked, nil
}

// skuPage puts a demand page together.
type skuPage struct {
	ops    *Ops
	page   forecasting.SKUPage
	sites  []catalog.SiteID
	end    calendar.Day // first day without history
	f      *forecaster
	series []forecasting.Series
	list   []forecastdb.Result
	now    running
}

func (p *skuPage) chosen(site catalog.SiteID) bool {
	return p.sites == nil || slices.Contains(p.sites, site)
}

func (p *skuPage) read(ctx context.Context, days int) error {
	q, run := p.ops.Pool, p.page.Run
	p.end = max(run.Origin, p.ops.today())
	span := forecastdb.SpanOf([]catalog.SKUID{p.page.SKU})
	span.Origin = p.end
	var err error
	if p.f, err = p.ops.newForecaster(ctx, q, run.ID, span); err != nil {
		return err
	}
	// Unlike a run, the page shows a SKU that is not sold any more.
	for s, err := range forecastdb.Histories(ctx, q, span, p.f.members, p.f.known) {
		if err != nil {
			return err
		}
		if p.chosen(s.Site) {
			p.series = append(p.series, s)
		}
	}
	results, err := forecastdb.Results(ctx, q, run, span, 0, true)
	if err != nil {
		return err
	}
	for _, r := range results {
		if p.chosen(r.Site) {
			p.list = append(p.list, r)
		}
	}
	keys := make([]forecasting.Key, len(p.list))
	for i, r := range p.list {
		keys[i] = r.Key
	}
	if p.now, err = p.ops.running(ctx, q, keys); err != nil {
		return err
	}
	p.window(days)
	p.past()
	p.future()
	if err := p.places(ctx); err != nil {
		return err
	}
	if err := p.topics(ctx); err != nil {
		return err
	}
	kept, err := forecastdb.Vintages(ctx, q, span, run.Origin.AddDays(-scoreDays-forecastdb.VintageDays-7))
	if err != nil {
		return err
	}
	if err := p.changes(ctx); err != nil {
		return err
	}
	p.running()
	p.page.Accuracy = skuAccuracy(p.series, kept, max(run.Origin, p.end))
	p.page.Spikes, err = forecastdb.SpikesOfSKU(ctx, q, p.page.SKU)
	return err
}

// window sets the first day shown: a whole number of weeks before the origin, and not before the first sale.
func (p *skuPage) window(days int) {
	origin := p.page.Run.Origin
	if p.page.Run.ID == 0 {
		origin = p.end
	}
	p.page.ForecastFrom = origin
	first := p.end
	for _, s := range p.series {
		first = min(first, s.Start)
	}
	weeks := min(days, origin.Sub(first)+6) / 7
	p.page.From = origin.AddDays(-7 * max(weeks, 0))
}

// past lays the histories of the sites on one axis.
func (p *skuPage) past() {
	p.page.Daily = make([]forecasting.DemandDay, max(p.end.Sub(p.page.From), 0))
	for _, s := range p.series {
		// A series was read before and can be un-censored; should it not, its sales stand for its demand.
		demand, err := p.f.engine(s.SKU).Uncensor(s, p.f.drivers(s.SKU))
		if err != nil {
			demand = s.Sales
		}
		for i := range s.Sales {
			at := s.Day(i).Sub(p.page.From)
			if at < 0 || at >= len(p.page.Daily) || math.IsNaN(s.Sales[i]) {
				continue
			}
			d := &p.page.Daily[at]
			d.Known = true
			d.Sold += s.Sales[i]
			d.Demand += demand[i]
			if s.SoldOut != nil && s.SoldOut[i] {
				d.SoldOut++
			}
			if s.Promo != nil && s.Promo[i] > d.Promo {
				d.Promo = s.Promo[i]
			}
		}
	}
	for i := 0; i+7 <= len(p.page.Daily); i += 7 {
		w := forecasting.DemandWeek{From: p.page.From.AddDays(i)}
		for _, d := range p.page.Daily[i : i+7] {
			w.Sold += d.Sold
			w.Demand += d.Demand
			w.SoldOutDays += d.SoldOut
			if d.Known {
				w.Known++
			}
		}
		p.page.Weekly = append(p.page.Weekly, w)
	}
}

// future adds the forecasts of the sites up.
func (p *skuPage) future() {
	var days, weeks forecasting.Band
	var plain []float64
	moved := false
	for _, r := range p.list {
		f := p.now.current(r.Forecast)
		days.Add(f, 1)
		weeks.Add(f.Weeks(), 1)
		for i, m := range f.Mean {
			if i == len(plain) {
				plain = append(plain, 0)
			}
			if v := float64(m); r.Heat != nil && r.Heat[i] > 0 {
				plain[i] += v / float64(r.Heat[i])
				moved = true
			} else {
				plain[i] += v
			}
		}
	}
	origin := p.page.ForecastFrom
	p.page.Forecast = bandWeeks(days, origin, 1)
	p.page.ForecastWeeks = bandWeeks(weeks, origin, 7)
	if moved {
		p.page.HeatPath = make([]float64, len(plain))
		for i, v := range plain {
			p.page.HeatPath[i] = 1
			if v > 0 {
				p.page.HeatPath[i] = days.Mean[i] / v
			}
		}
	}
	p.page.Events = p.events(origin.AddDays(len(days.Mean)))
}

// bandWeeks gives the days or weeks of a band of one SKU.
func bandWeeks(b forecasting.Band, from calendar.Day, step int) []forecasting.Week {
	out := make([]forecasting.Week, len(b.Mean))
	for i := range b.Mean {
		low, high := b.Bounds(i, forecasting.SiteCorrelation)
		out[i] = forecasting.Week{From: from.AddDays(step * i), Mean: b.Mean[i], P10: low, P90: high}
	}
	return out
}

func (p *skuPage) events(end calendar.Day) []forecasting.EventSpan {
	var list []forecasting.EventSpan
	for _, e := range forecasting.China().Spans(p.page.From, max(end, p.end).AddDays(-1)) {
		list = append(list, forecasting.EventSpan{Event: e, Name: forecasting.EventName(e.Code)})
	}
	return list
}

// places names the sites.
func (p *skuPage) places(ctx context.Context) error {
	places, err := forecastdb.Places(ctx, p.ops.Pool)
	if err != nil {
		return err
	}
	byID := make(map[catalog.SiteID]forecastdb.Place, len(places))
	for _, w := range places {
		byID[w.ID] = w
	}
	for _, r := range p.list {
		w := byID[r.Site]
		p.page.Sites = append(p.page.Sites, forecasting.SiteOutlook{
			Site: r.Site, Code: w.Code, Name: w.Name(), Tier: w.Tier, Class: r.Class, Model: r.Model, PerDay: float64(r.Sum(28)) / 28,
			Sold28: r.Sold28, SoldBefore28: r.SoldBefore28, SoldOut28: r.SoldOut28, Why: r.Explanation,
		})
	}
	slices.SortStableFunc(p.page.Sites, func(a, b forecasting.SiteOutlook) int {
		switch {
		case a.PerDay > b.PerDay:
			return -1
		case a.PerDay < b.PerDay:
			return 1
		}
		return 0
	})
	return nil
}

// changesShown is how many changes of one SKU are shown.
const changesShown = 50

// changes gives the planners' changes and the alarms of the chosen sites, and takes the forecast apart.
func (p *skuPage) changes(ctx context.Context) error {
	all, err := forecastdb.OverridesOf(ctx, p.ops.Pool, []catalog.SKUID{p.page.SKU}, changesShown)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Site == 0 || p.chosen(o.Site) {
			p.page.Overrides = append(p.page.Overrides, o)
		}
	}
	alarms, err := forecastdb.AlarmsOf(ctx, p.ops.Pool, p.page.SKU)
	if err != nil {
		return err
	}
	for _, a := range alarms {
		if p.chosen(a.Site) {
			p.page.Alarms = append(p.page.Alarms, a)
		}
	}
	at := map[forecasting.PieceKind]int{}
	for _, r := range p.list {
		for _, x := range r.Pieces() {
			k, ok := at[x.Kind]
			if !ok {
				k = len(p.page.Pieces)
				at[x.Kind] = k
				p.page.Pieces = append(p.page.Pieces, forecasting.Piece{Kind: x.Kind})
			}
			p.page.Pieces[k].Pieces += x.Pieces
		}
	}
	slices.SortStableFunc(p.page.Pieces, func(a, b forecasting.Piece) int {
		return forecasting.PieceOrder(a.Kind) - forecasting.PieceOrder(b.Kind)
	})
	return nil
}

// topics gives the heat of the SKU's topics, the hottest first. Complaints are among them: they show, and move nothing.
func (p *skuPage) topics(ctx context.Context) error {
	weights, err := forecastdb.Weights(ctx, p.ops.Pool, p.f.span)
	if err != nil || len(weights) == 0 {
		return err
	}
	weight := map[catalog.TopicID]float64{}
	ids := make([]catalog.TopicID, 0, len(weights))
	for _, w := range weights {
		weight[w.Topic] = w.Weight
		ids = append(ids, w.Topic)
	}
	all, err := forecastdb.Standings(ctx, p.ops.Pool)
	if err != nil {
		return err
	}
	list, err := forecastdb.HeatSeries(ctx, p.ops.Pool, ids, p.page.From, p.end.AddDays(1))
	if err != nil {
		return err
	}
	heat := byTopic(list)
	for _, s := range all {
		w, ok := weight[s.ID]
		if !ok {
			continue
		}
		line := forecasting.TopicLine{TopicStanding: s, Weight: w}
		if e, ok := p.f.effects[s.ID]; ok {
			line.Effect = &e
		}
		sources := heat[s.ID]
		if s.Kind == catalog.DemandTopic {
			sources = []forecasting.HeatSeries{heatmix.Of(sources, s.Source).Heat}
		}
		for _, h := range sources {
			if h.Source == s.Source {
				line.Heat = make([]float64, p.end.AddDays(1).Sub(p.page.From))
				for i := range line.Heat {
					line.Heat[i] = h.At(p.page.From.AddDays(i))
				}
			}
		}
		p.page.Topics = append(p.page.Topics, line)
	}
	return nil
}

// running sums the present day and week over the chosen sites that have told of it.
func (p *skuPage) running() {
	past := map[forecasting.Key]forecasting.Series{}
	for _, s := range p.series {
		past[s.Key] = s
	}
	for _, r := range p.list {
		d, ok := p.now.complete(r.Forecast)
		if !ok {
			continue
		}
		sum := p.page.Running
		if sum == nil {
			sum = &forecasting.RunningDay{Day: d.Day, Share: d.Share, WeekFrom: d.Day.AddDays(-(int(d.Day.Weekday()) + 6) % 7)}
			p.page.Running = sum
		}
		sum.Add(d, past[r.Key], r.Forecast)
	}
}

// skuAccuracy measures the past eight weeks of the chosen sites together.
func skuAccuracy(series []forecasting.Series, kept map[forecasting.Key][]forecastdb.Vintage, end calendar.Day) forecasting.SKUAccuracy {
	var a forecasting.SKUAccuracy
	var weeks [scoreWeeks]week
	first := end.AddDays(-scoreDays)
	for i := range scoreDays {
		day := first.AddDays(i)
		var band forecasting.Band
		actual, w := 0.0, &weeks[i/7]
		for _, s := range series {
			y, ok := sold(s, day)
			v := latest(kept[s.Key], day)
			if !ok || v == nil {
				continue
			}
			k := day.Sub(v.Origin)
			band.Add(forecasting.Forecast{Mean: v.Mean[k : k+1], Q10: v.Q10[k : k+1], Q90: v.Q90[k : k+1]}, 1)
			actual += y
			w.naive += naive(s, v.Origin, day)
			a.Backtest = a.Backtest || v.Backtest
		}
		if len(band.Mean) == 0 {
			continue
		}
		w.days++
		w.actual += actual
		w.forecast += band.Mean[0]
		if low, high := band.Bounds(0, forecasting.SiteCorrelation); inside(actual, low, high) {
			w.inside++
		}
	}
	var sum sums
	for _, w := range weeks {
		if w.days > 0 {
			a.Weeks++
			sum.add(w)
		}
	}
	m := sum.accuracy("")
	a.WAPE, a.Bias, a.Inside, a.Naive = m.WAPE, m.Bias, m.Inside, m.Naive
	return a
}
