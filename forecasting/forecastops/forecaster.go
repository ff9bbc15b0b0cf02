package forecastops

import (
	"context"
	"encoding/json"
	"fmt"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// forecaster holds what the series of a span of SKUs share: the engines of their categories and the heat of their topics.
type forecaster struct {
	span    forecastdb.Span
	members map[catalog.SKUID]forecastdb.Member
	tops    map[catalog.CategoryID]catalog.CategoryID
	known   forecastdb.Reported
	effects map[catalog.TopicID]forecasting.TopicEffect
	heat    map[catalog.TopicID]forecasting.HeatSeries // over all sources, as the effect knows it
	weights map[catalog.SKUID][]catalog.TopicSKU
	past    map[carriedKey][]float64 // what heat has multiplied demand by on the days before one

	cohorts *cohorts
	life    *life

	base    *models.Engine
	engines map[catalog.CategoryID]*models.Engine // under 0 that of the whole house
}

// newForecaster reads what is needed to forecast the SKUs of a span with the findings of a run.
func (o *Ops) newForecaster(ctx context.Context, q pgdb.Querier, run int64, span forecastdb.Span) (*forecaster, error) {
	f := &forecaster{span: span, base: o.Engine, heat: map[catalog.TopicID]forecasting.HeatSeries{}, weights: map[catalog.SKUID][]catalog.TopicSKU{}, past: map[carriedKey][]float64{}}
	var err error
	if f.members, err = forecastdb.Members(ctx, q, span); err != nil {
		return nil, err
	}
	if f.tops, err = forecastdb.Tops(ctx, q); err != nil {
		return nil, err
	}
	// A range of SKUs is sold anywhere; of a few the sites are looked up, for there may be a thousand others.
	var sites []catalog.SiteID
	if span.SKUs != nil {
		if sites, err = forecastdb.SitesOf(ctx, q, span.SKUs); err != nil {
			return nil, err
		}
	}
	if f.known, err = o.reported(ctx, q, span.Origin, sites); err != nil {
		return nil, err
	}
	if f.effects, err = forecastdb.Effects(ctx, q, run); err != nil {
		return nil, err
	}
	if err = f.readHeat(ctx, q); err != nil {
		return nil, err
	}
	if f.cohorts, err = readCohorts(ctx, q, span); err != nil {
		return nil, err
	}
	if f.life, err = readLife(ctx, q, run, span); err != nil {
		return nil, err
	}
	g, err := o.global(ctx, q, run)
	if err != nil {
		return nil, err
	}
	f.base = f.base.WithGlobal(g)
	return f, f.readEngines(ctx, q, run)
}

// reported gives the days that the sites (nil for all) have reported before the origin. A site whose own day before the origin is
// not over yet has not.
func (o *Ops) reported(ctx context.Context, q pgdb.Querier, origin calendar.Day, sites []catalog.SiteID) (forecastdb.Reported, error) {
	known, err := forecastdb.LoadReported(ctx, q, origin.AddDays(-forecastdb.HistoryDays), sites)
	if err != nil {
		return nil, err
	}
	known.Cut(func(zone string) calendar.Day { return min(origin, o.todayIn(zone)) })
	return known, nil
}

func (f *forecaster) readHeat(ctx context.Context, q pgdb.Querier) error {
	weights, err := forecastdb.Weights(ctx, q, f.span)
	if err != nil {
		return err
	}
	wanted := map[catalog.TopicID]struct{}{}
	for _, w := range weights {
		if _, ok := f.effects[w.Topic]; ok {
			f.weights[w.SKU] = append(f.weights[w.SKU], w)
			wanted[w.Topic] = struct{}{}
		}
	}
	// Heat up to the day of the run is read; the engine decides what of it was known in time.
	list, err := forecastdb.HeatSeries(ctx, q, keys(wanted), f.span.Origin.AddDays(-forecastdb.HistoryDays), f.span.Origin.AddDays(1))
	if err != nil {
		return err
	}
	for topic, sources := range byTopic(list) {
		if h, ok := effectHeat(sources, f.effects[topic]); ok {
			f.heat[topic] = h
		}
	}
	return nil
}

func (f *forecaster) readEngines(ctx context.Context, q pgdb.Querier, run int64) error {
	priors, err := forecastdb.Priors(ctx, q, run)
	if err != nil {
		return err
	}
	f.engines = map[catalog.CategoryID]*models.Engine{0: f.base.WithPrior(withCohort(nil))}
	for id, text := range priors {
		p := &models.Prior{}
		if err := json.Unmarshal(text, p); err != nil {
			return fmt.Errorf("prior of category %d: %w", id, err)
		}
		f.engines[id] = f.base.WithPrior(withCohort(p))
	}
	return nil
}

// engine gives the engine for a SKU: that of its category, or of the whole house where the category has none.
func (f *forecaster) engine(sku catalog.SKUID) *models.Engine {
	if e := f.engines[f.members[sku].Category]; e != nil {
		return e
	}
	return f.engines[0]
}

// drivers gives the topics that may move a SKU.
func (f *forecaster) drivers(sku catalog.SKUID) []forecasting.HeatDriver {
	var list []forecasting.HeatDriver
	for _, w := range f.weights[sku] {
		if h, ok := f.heat[w.Topic]; ok {
			list = append(list, forecasting.HeatDriver{Effect: f.effects[w.Topic], Heat: h, Weight: w.Weight})
		}
	}
	return list
}

// top gives the top category of a SKU.
func (f *forecaster) top(sku catalog.SKUID) catalog.CategoryID {
	return f.tops[f.members[sku].Category]
}

// member gives a series with what is known of the h days after it.
func (f *forecaster) member(s forecasting.Series, h int) models.Member {
	m := models.Member{Series: s, Heat: f.drivers(s.SKU), Groups: groupOf(f.members[s.SKU].Category), Site: placeOf(s.Site)}
	f.cohorts.drive(&m, h)
	return m
}

// forecast gives the forecast of the h days after the series. A fault of the mathematics fails this series alone.
func (f *forecaster) forecast(s forecasting.Series, h int) (out forecasting.Forecast, err error) {
	if out, err = f.plain(s, h); err == nil {
		out = f.grow(out, s)
	}
	return out, err
}

// Settings of slow series.
const (
	slowDays = 400 // looked at, a year and what a season needs beside
	slowSold = .4  // pieces a day in the last year
)

// recent cuts a series that sells little to its last year: what lies before tells next to nothing of it, and half of all series are such.
func recent(s forecasting.Series) forecasting.Series {
	skip := s.Len() - slowDays
	if skip <= 0 {
		return s
	}
	sum, n := 0.0, 0.0
	for _, v := range s.Sales[s.Len()-365:] {
		if v == v {
			sum += max(v, 0)
			n++
		}
	}
	if n == 0 || sum >= slowSold*n {
		return s
	}
	return since(s, skip)
}

// since gives the series without its first days.
func since(s forecasting.Series, skip int) forecasting.Series {
	s.Start, s.Sales = s.Start.AddDays(skip), s.Sales[skip:]
	if s.SoldOut != nil {
		s.SoldOut = s.SoldOut[skip:]
	}
	for _, column := range []*[]float64{&s.OutShare, &s.Promo, &s.Price} {
		if *column != nil {
			*column = (*column)[skip:]
		}
	}
	if s.Extra != nil {
		extra := make([][]float64, len(s.Extra))
		for i, c := range s.Extra {
			extra[i] = c[skip:]
		}
		s.Extra = extra
	}
	return s
}

// plain gives the forecast by the models alone, without what is known of the beginning and the end of a SKU's life.
func (f *forecaster) plain(s forecasting.Series, h int) (out forecasting.Forecast, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("forecast %s: broke off: %v", s.Key, p)
		}
	}()
	m := f.member(recent(s), h)
	if out, err = f.engine(s.SKU).ForecastMember(m, h); err == nil {
		f.cohorts.explain(&out)
		out = f.closed(out, m.Heat)
	}
	return out, err
}
