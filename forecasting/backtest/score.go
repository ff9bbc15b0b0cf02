package backtest

import "math"

var nan = math.NaN()

// Score gathers the errors of one model on one series over several origins. Unknown actuals (NaN) are skipped.
type Score struct {
	abs, sq, err, actual float64
	points               int
	totals               float64 // squared errors of the totals over the spans, per period
	spans                int
}

// Add takes one span: the forecast and what came.
func (s *Score) Add(forecast, actual []float64) {
	total, n := 0.0, 0
	for i, y := range actual {
		if y != y {
			continue
		}
		e := forecast[i] - y
		s.abs += math.Abs(e)
		s.sq += e * e
		s.err += e
		s.actual += y
		total += e
		n++
	}
	s.points += n
	if n > 0 {
		m := total / float64(n)
		s.totals += m * m
		s.spans++
	}
}

// Points gives the number of scored periods.
func (s Score) Points() int { return s.points }

// RMSE gives the root of the mean squared error of a period, NaN without points.
func (s Score) RMSE() float64 { return math.Sqrt(s.sq / float64(s.points)) }

// MAE gives the mean absolute error of a period, NaN without points.
func (s Score) MAE() float64 { return s.abs / float64(s.points) }

// Bias gives 100·Σ(f−y)/Σy, NaN without points or demand.
func (s Score) Bias() float64 {
	if s.actual == 0 {
		return math.NaN()
	}
	return 100 * s.err / s.actual
}

// TotalRMSE gives the root mean squared error of the mean over a span: what stock that covers the span feels. Errors
// of single days that even out do not count here, a bias counts in full.
func (s Score) TotalRMSE() float64 { return math.Sqrt(s.totals / float64(s.spans)) }
