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
	members := MembersOf(d)
	if panelPays(d) {
		e = e.pooledOver(members)
		g, err := e.TrainGlobal(ctx, members, globalFor(d, workers))
		if err != nil {
			return nil, err
		}
		e = e.WithGlobal(g)
	}
	out := make([]forecasting.Forecast, len(d.Items))
	faults := make([]error, len(d.Items))
	parallel(workers, len(d.Items), func(i int) {
		if faults[i] = ctx.Err(); faults[i] != nil {
			return
		}
		if out[i], faults[i] = e.ForecastMember(members[i], d.Items[i].Horizon); faults[i] != nil {
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

// panelPays says whether the series of a set have something to teach each other: plans, days of a shop, or demand so sparse that
// one series alone says little. Economic series without anything in common have not.
func panelPays(d *backtest.Dataset) bool {
	return d.Period == backtest.Day || len(d.Plan) > 0 || OptionsFor(d).Season == 1
}

func globalFor(d *backtest.Dataset, workers int) GlobalOptions {
	o := GlobalOptions{Workers: workers}
	for _, it := range d.Items {
		o.Horizon = max(o.Horizon, it.Horizon)
	}
	if d.Period != backtest.Day {
		o.Year = float64(d.Period.Season())
	}
	return o
}

// pooledOver gives the engine with the prior of the members.
func (e *Engine) pooledOver(members []Member) *Engine {
	group, heat := make([]forecasting.Series, len(members)), make([][]forecasting.HeatDriver, len(members))
	for i, m := range members {
		group[i], heat[i] = m.Series, m.Heat
	}
	return e.WithPrior(e.Pool(group, heat))
}
