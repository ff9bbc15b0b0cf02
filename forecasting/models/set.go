package models

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
)

// ForecastSet forecasts all items of a set of series, so many at a time (0 = one a processor). The outcome does not depend
// on workers.
func ForecastSet(ctx context.Context, d *backtest.Dataset, workers int) ([]forecasting.Forecast, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	e := New(OptionsFor(d))
	out := make([]forecasting.Forecast, len(d.Items))
	faults := make([]error, len(d.Items))
	parallel(workers, len(d.Items), func(i int) {
		if faults[i] = ctx.Err(); faults[i] != nil {
			return
		}
		s, fut := d.Case(d.Items[i])
		if out[i], faults[i] = e.Forecast(s, fut, nil, d.Items[i].Horizon); faults[i] != nil {
			faults[i] = fmt.Errorf("series %s: %w", d.Items[i].ID, faults[i])
		}
	})
	for _, err := range faults {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parallel calls f for 0..n−1, so many at a time.
func parallel(workers, n int, f func(i int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range min(workers, n) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
}

// OptionsFor gives the options of an engine for a set: its season, or none where most of its series have gaps in their
// demand and no week.
func OptionsFor(d *backtest.Dataset) Options {
	o := Options{Calendar: forecasting.NewCalendar(nil), Season: d.Period.Season(), Year: -1}
	var gaps []float64
	for _, it := range d.Items {
		adi, _ := forecasting.Pattern(it.Past)
		gaps = append(gaps, adi)
	}
	slices.Sort(gaps)
	if d.Period != backtest.Day && len(gaps) > 0 && (sortedQuantile(gaps, .5) >= forecasting.ADICut || len(d.Plan) > 0) {
		o.Season = 1
	}
	return o
}
