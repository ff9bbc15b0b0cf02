// Package backtest measures forecasts the only honest way: from origins in the past, with nothing that was not known
// then (rolling-origin evaluation, Tashman, 2000, International Journal of Forecasting 16).
package backtest

// Origins gives the indexes of the first periods to be forecast, oldest first, in a series of n periods: up to count of
// them, span periods apart, the last one span before the end, none before minTrain. It is nil when the series is too
// short for one.
func Origins(n, span, count, minTrain int) []int {
	if span < 1 {
		return nil
	}
	var out []int
	for o := n - span; o >= max(minTrain, 1) && len(out) < count; o -= span {
		out = append(out, o)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
