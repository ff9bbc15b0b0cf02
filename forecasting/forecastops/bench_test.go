package forecastops_test

import (
	"testing"
)

// BenchmarkRun forecasts 800 series of two years with two workers and prints how many a second a run takes, from its
// start to its being in force.
func BenchmarkRun(b *testing.B) {
	w := newWorld(b, shape{skus: 200, sites: 4, days: 730, lag: 5})
	w.work()
	b.ResetTimer()
	for b.Loop() {
		w.awaitPublished(w.start().ID)
	}
	b.ReportMetric(float64(800*b.N)/b.Elapsed().Seconds(), "series/s")
	b.StopTimer()
	w.idle()
}
