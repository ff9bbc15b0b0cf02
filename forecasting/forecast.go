package forecasting

import (
	"math"

	"milkrun/internal/calendar"
)

// Forecast is the expected demand of the days Origin, Origin+1, … with its uncertainty. All slices have the same
// length, the horizon; every figure is finite and not negative; Q10 ≤ Q50 ≤ Q90 ≤ Q95 on each day.
type Forecast struct {
	Key
	Origin calendar.Day `json:"origin"` // first day forecast
	Mean   []float32    `json:"mean"`   // expected demand, pieces a day
	Q10    []float32    `json:"q10"`    // quantiles of the demand of that single day, pieces
	Q50    []float32    `json:"q50"`
	Q90    []float32    `json:"q90"`
	Q95    []float32    `json:"q95"`
	// CumSD[h] is the standard deviation of the error of the total of days 0..h, in pieces. It holds both the
	// scatter of the days and the error of the level, which does not average out; so it grows faster than √h.
	CumSD       []float32   `json:"cum_sd"`
	Class       Class       `json:"class"`
	Model       string      `json:"model"` // name of the chosen model or combination
	Explanation Explanation `json:"explanation"`
}

// Horizon gives the number of days forecast.
func (f Forecast) Horizon() int { return len(f.Mean) }

// Day gives the i-th day of the horizon, from 0.
func (f Forecast) Day(i int) calendar.Day { return f.Origin.AddDays(i) }

// Over gives the expected total demand of the first days of the horizon and the standard deviation of its error,
// both in pieces: the inputs of protection-interval mathematics. A span beyond the horizon is carried on at the
// mean of the last seven days, with the deviation growing in proportion to the total.
func (f Forecast) Over(days int) (mean, sd float64) {
	n := min(max(days, 0), len(f.Mean))
	if n == 0 {
		return 0, 0
	}
	for _, v := range f.Mean[:n] {
		mean += float64(v)
	}
	sd = float64(f.CumSD[n-1])
	if days <= n {
		return mean, sd
	}
	tail, k := 0.0, min(7, n)
	for _, v := range f.Mean[n-k:] {
		tail += float64(v) / float64(k)
	}
	whole := mean + tail*float64(days-n)
	if mean > 0 {
		sd *= whole / mean
	} else {
		sd *= math.Sqrt(float64(days) / float64(n))
	}
	return whole, sd
}
