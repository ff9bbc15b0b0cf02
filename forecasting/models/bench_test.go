package models

import (
	"testing"

	"milkrun/forecasting"
)

// BenchmarkEngine forecasts 28 days of series of 730 days: sparse, middling and busy ones.
func BenchmarkEngine(b *testing.B) {
	e := New(Options{})
	var panel []forecasting.Series
	for i := range 30 {
		x, _ := newShop(uint64(i), []float64{.3, 3, 30}[i%3]).days(monday, 730)
		x.SoldOut = make([]bool, 730)
		for t := range x.SoldOut {
			x.SoldOut[t] = t%29 == 0
		}
		panel = append(panel, x)
	}
	before := cpuSeconds()
	for i := 0; b.Loop(); i++ {
		if _, err := e.Forecast(panel[i%len(panel)], forecasting.Future{}, nil, 28); err != nil {
			b.Fatal(err)
		}
	}
	// Of processor time, so that a shared machine does not spoil the figure.
	b.ReportMetric(float64(b.N)/(cpuSeconds()-before), "series/cpu-s")
}
