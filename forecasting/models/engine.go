// Package models turns series into forecasts: it recovers the demand of sold-out days, takes out what is known in
// advance (festivals, promotions, heat, the seasons), lets several models compete on what remains, and puts
// everything together again with quantiles that are calibrated on the series' own errors.
package models

import (
	"fmt"
	"math"

	"milkrun/forecasting"
)

// Options set up an Engine. The zero Options are those of daily retail demand in China.
type Options struct {
	// Calendar holds the events known in advance; nil means forecasting.China(). An empty calendar holds none.
	Calendar *forecasting.Calendar
	// Season is the length of the short season in periods; 0 means 7 (days), 1 none. Only a season of 7 is a week:
	// its places are weekdays and can be pooled over series.
	Season int
	// Year is the length of the long season in periods; 0 means 365.25, negative none.
	Year float64
	// MaxHistory is the number of periods looked at, counted back from the origin; 0 means 1,500.
	MaxHistory int
	// Extra models take part in the choice beside the built-in ones: the place of a trained global model.
	Extra []Model
}

// levelHalfLife gives the half-life of the local level in periods: a month of days, or eight weeks or months.
func (o Options) levelHalfLife() float64 {
	if o.Season == 7 {
		return 28
	}
	return 8
}

// Engine forecasts series. It is immutable and safe for concurrent use; the same input gives the same output.
type Engine struct {
	options Options
	prior   *Prior
	global  *Global
}

// New gives an engine with a neutral prior.
func New(o Options) *Engine {
	if o.Calendar == nil {
		o.Calendar = forecasting.China()
	}
	if o.Season == 0 {
		o.Season = 7
	}
	if o.Year == 0 {
		o.Year = 365.25
	}
	if o.MaxHistory == 0 {
		o.MaxHistory = 1500
	}
	return &Engine{options: o, prior: neutral(len(o.Calendar.Codes()))}
}

// WithPrior gives an engine that shrinks the drivers of a series towards those of its group. nil is the neutral prior;
// so are the parts of a prior that make no sense here, as after a change of the calendar.
func (e *Engine) WithPrior(p *Prior) *Engine {
	return &Engine{options: e.options, prior: p.mended(len(e.options.Calendar.Codes())), global: e.global}
}

// WithGlobal gives an engine that also uses what was learnt over a panel, for the classes of demand where that paid. nil takes it
// away.
func (e *Engine) WithGlobal(g *Global) *Engine {
	return &Engine{options: e.options, prior: e.prior, global: g}
}

// Forecast gives the demand of the h days after the series. Heat may be given up to any day; what lies after
// origin−forecasting.HeatDelay is not used. It answers an error that wraps forecasting.ErrSeries, ErrHeat or
// ErrHorizon for an input that cannot be read; any series that can be read is answered, also an empty one.
func (e *Engine) Forecast(s forecasting.Series, fut forecasting.Future, heat []forecasting.HeatDriver, h int) (forecasting.Forecast, error) {
	return e.ForecastMember(Member{Series: s, Future: fut, Heat: heat}, h)
}

// ForecastMember is Forecast for a series whose groups are known to the global model.
func (e *Engine) ForecastMember(m Member, h int) (forecasting.Forecast, error) {
	s, fut, heat := m.Series, m.Future, m.Heat
	if err := s.Validate(); err != nil {
		return forecasting.Forecast{}, fmt.Errorf("forecast: %w", err)
	}
	if h < 1 || h > forecasting.MaxHorizon {
		return forecasting.Forecast{}, fmt.Errorf("forecast %s: %w: %d is not in 1..%d", s.Key, forecasting.ErrHorizon, h, forecasting.MaxHorizon)
	}
	for _, d := range heat {
		if err := d.Heat.Validate(); err != nil {
			return forecasting.Forecast{}, fmt.Errorf("forecast %s: %w", s.Key, err)
		}
	}
	s = withPromo(e.recent(s))
	paths := heatPaths(s, heat, h)
	d := e.decompose(&s, &fut, paths)
	c := e.choose(d, h)
	mean := c.forecast(d, h)
	f := forecasting.Forecast{Key: s.Key, Origin: s.End(), Class: forecasting.Classify(d.y), Model: c.name}
	e.spread(&f, d, c, mean)
	f.Explanation = e.explain(d, c, paths, mean)
	if e.global != nil {
		e.global.refine(e, &f, &m, d)
	}
	return f, nil
}

// Uncensor gives the demand of each day of the series: the sales, except on sold-out days, where it is the expected
// demand given that at least the sales were wanted. NaN where the sales are unknown. An engine with a prior and the
// heat of the topic recover more; a heat that follows demand helps here as well.
func (e *Engine) Uncensor(s forecasting.Series, heat []forecasting.HeatDriver) ([]float64, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("uncensor: %w", err)
	}
	s = withPromo(s)
	d := e.decompose(&s, &forecasting.Future{}, heatPaths(s, heat, 0))
	out := append([]float64(nil), s.Sales...)
	for t := d.first; t < d.n; t++ {
		if d.isCensored(t) && s.Sales[t] == s.Sales[t] {
			out[t] = max(d.y[t], s.Sales[t])
		}
	}
	return out, nil
}

// Uncensor recovers the demand of sold-out days with the defaults of daily retail; a series that cannot be read is
// given back as it is. See Engine.Uncensor.
func Uncensor(s forecasting.Series) []float64 {
	out, err := New(Options{}).Uncensor(s, nil)
	if err != nil {
		return append([]float64(nil), s.Sales...)
	}
	return out
}

// recent cuts the series to the history that is looked at.
func (e *Engine) recent(s forecasting.Series) forecasting.Series {
	skip := s.Len() - e.options.MaxHistory
	if skip <= 0 {
		return s
	}
	s.Start = s.Start.AddDays(skip)
	s.Sales = s.Sales[skip:]
	if s.SoldOut != nil {
		s.SoldOut = s.SoldOut[skip:]
	}
	if s.OutShare != nil {
		s.OutShare = s.OutShare[skip:]
	}
	if s.Promo != nil {
		s.Promo = s.Promo[skip:]
	}
	if s.Price != nil {
		s.Price = s.Price[skip:]
	}
	for c := range s.Extra {
		if c == 0 {
			s.Extra = append([][]float64(nil), s.Extra...)
		}
		s.Extra[c] = s.Extra[c][skip:]
	}
	return s
}

// finite cuts a forecast to what a demand can be.
func finite(v float64) float64 {
	if !(v > 1e-9) {
		return 0
	}
	return math.Min(v, forecasting.MaxPieces)
}
