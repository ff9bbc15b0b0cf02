package backtest

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"milkrun/forecasting"
)

// Forecaster is what is measured: models.Engine, or another.
type Forecaster interface {
	Forecast(forecasting.Series, forecasting.Future, []forecasting.HeatDriver, int) (forecasting.Forecast, error)
}

// Case is one series with the heat that moves it. Heat may reach beyond the origins: the forecaster cuts it.
type Case struct {
	Series forecasting.Series
	Heat   []forecasting.HeatDriver
}

// Plan says from where and how far is forecast.
type Plan struct {
	Span     int // days ahead
	Origins  int // for each series, Span days apart, the last one Span days before the end
	MinTrain int // days that the first origin must have behind it
	Season   int // of the naive yardstick and of the MASE; 0 means 7
	Workers  int // forecasts made at once; 0 means one for each processor
}

// Report is the outcome: the forecaster and the seasonal naive method on the same days. Sold-out days are not scored,
// for what was wanted on them is not known.
type Report struct {
	Model, Naive forecasting.Accuracy
	Ahead        []Stretch // by distance from the origin
	Short        int       // series too short for an origin
}

// Stretch is the accuracy of some days ahead.
type Stretch struct {
	From, To int // days ahead, from 1
	Model    forecasting.Accuracy
}

// ValueAdded gives the percent by which the model's RMSSE is below that of the naive method, 0 where nothing was
// scored or the naive method was perfect.
func (r Report) ValueAdded() float64 {
	if !(r.Naive.RMSSE > 0) {
		return 0
	}
	return 100 * (r.Naive.RMSSE - r.Model.RMSSE) / r.Naive.RMSSE
}

// stretches are the ends of the distances that are reported apart.
var stretches = []int{7, 14, 30, 60, 90}

// Run measures the forecaster on all cases. The outcome does not depend on the number of workers. It stops at the first
// error, or when ctx ends.
func Run(ctx context.Context, f Forecaster, cases []Case, plan Plan) (Report, error) {
	if plan.Season == 0 {
		plan.Season = 7
	}
	if plan.Workers == 0 {
		plan.Workers = runtime.GOMAXPROCS(0)
	}
	results := make([][]outcome, len(cases))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range plan.Workers {
		wg.Go(func() {
			for i := range next {
				var err error
				if results[i], err = roll(ctx, f, cases[i], plan); err != nil {
					stop(err)
				}
			}
		})
	}
feed:
	for i := range cases {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return Report{}, fmt.Errorf("backtest: %w", context.Cause(ctx))
	}
	return gather(results, plan), nil
}

// outcome is one forecast with what came.
type outcome struct {
	train, actual []float64
	model, naive  forecasting.Path
}

// roll makes the forecasts of one case.
func roll(ctx context.Context, f Forecaster, c Case, plan Plan) ([]outcome, error) {
	s := c.Series
	var out []outcome
	for _, o := range Origins(s.Len(), plan.Span, plan.Origins, max(plan.MinTrain, 1)) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		past := s.Before(s.Day(o))
		var fut forecasting.Future
		if s.Promo != nil {
			fut.Promo = s.Promo[o:]
		}
		for _, column := range s.Extra {
			fut.Extra = append(fut.Extra, column[o:])
		}
		got, err := f.Forecast(past, fut, c.Heat, plan.Span)
		if err != nil {
			return nil, fmt.Errorf("%s from %s: %w", s.Key, s.Day(o), err)
		}
		out = append(out, outcome{
			train: past.Sales, actual: wanted(s, o, plan.Span), model: got.Path(),
			naive: forecasting.Path{Mean: repeat(past.Sales, plan.Season, plan.Span)},
		})
	}
	return out, nil
}

// wanted gives what was sold on the days from o on, NaN where the shelf was empty.
func wanted(s forecasting.Series, o, span int) []float64 {
	out := append([]float64(nil), s.Sales[o:o+span]...)
	for i := range out {
		if s.SoldOut != nil && s.SoldOut[o+i] {
			out[i] = nan
		}
		if out[i] < 0 {
			out[i] = 0
		}
	}
	return out
}

// repeat gives the seasonal naive forecast: the last known value of the same place in the season, 0 where there is
// none.
func repeat(y []float64, season, span int) []float64 {
	out := make([]float64, span)
	for i := range out {
		for t := len(y) - season + i%season; t >= 0; t -= season {
			if v := y[t]; v == v {
				out[i] = max(v, 0)
				break
			}
		}
	}
	return out
}

// gather adds the outcomes up in the order of the cases.
func gather(results [][]outcome, plan Plan) Report {
	model, naive := forecasting.Scorer{Season: plan.Season}, forecasting.Scorer{Season: plan.Season}
	var r Report
	from := 0
	for _, end := range append(append([]int(nil), stretches...), plan.Span) {
		if to := min(end, plan.Span); to > from {
			r.Ahead = append(r.Ahead, Stretch{From: from + 1, To: to})
			from = to
		}
	}
	ahead := make([]forecasting.Scorer, len(r.Ahead))
	for i := range ahead {
		ahead[i].Season = plan.Season
	}
	for _, list := range results {
		if len(list) == 0 {
			r.Short++
		}
		for _, o := range list {
			model.Add(o.train, o.actual, o.model)
			naive.Add(o.train, o.actual, o.naive)
			for i, s := range r.Ahead {
				ahead[i].Add(o.train, o.actual[s.From-1:s.To], part(o.model, s.From-1, s.To))
			}
		}
	}
	r.Model, r.Naive = model.Accuracy(), naive.Accuracy()
	for i := range ahead {
		r.Ahead[i].Model = ahead[i].Accuracy()
	}
	return r
}

// part cuts some days out of a path.
func part(p forecasting.Path, from, to int) forecasting.Path {
	cut := func(v []float64) []float64 {
		if v == nil {
			return nil
		}
		return v[from:to]
	}
	return forecasting.Path{Mean: cut(p.Mean), Q50: cut(p.Q50), Q90: cut(p.Q90), Q95: cut(p.Q95)}
}
