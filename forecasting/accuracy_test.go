package forecasting

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestPinball uses the values that follow from the definition: at probability p, an actual above the quantile costs p
// a piece, one below it 1−p.
func TestPinball(t *testing.T) {
	for _, c := range []struct{ p, q, y, want float64 }{
		{.9, 10, 15, 4.5}, {.9, 10, 5, .5}, {.5, 3, 7, 2}, {.5, 7, 3, 2}, {.95, 4, 4, 0},
	} {
		if got := Pinball(c.p, c.q, c.y); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("pinball %g of %g at %g: %g, want %g", c.p, c.q, c.y, got, c.want)
		}
	}
}

// TestPinballRewardsTheQuantile: the empirical quantile of a sample has the least total loss.
func TestPinballRewardsTheQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sample := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 30).Draw(t, "sample")
		p := rapid.Float64Range(.05, .95).Draw(t, "p")
		loss := func(q float64) float64 {
			sum := 0.0
			for _, y := range sample {
				sum += Pinball(p, q, y)
			}
			return sum
		}
		best := math.Inf(1)
		for _, q := range sample {
			best = min(best, loss(q))
		}
		if other := loss(rapid.Float64Range(0, 100).Draw(t, "other")); other < best-1e-9 {
			t.Fatalf("a value outside the sample loses less: %g < %g", other, best)
		}
	})
}

// TestScorer follows a hand calculation. Training 1 3 2 6: |differences| 2 1 4 with mean 7/3, squares 4 1 16 with mean 7.
// Errors −2, +1 on actuals 4, 0 (a NaN between is skipped).
func TestScorer(t *testing.T) {
	var s Scorer
	s.Add([]float64{1, 3, 2, 6}, []float64{4, math.NaN(), 0}, Path{
		Mean: []float64{2, 9, 1}, Q50: []float64{2, 0, 1}, Q90: []float64{5, 0, 3}, Q95: []float64{6, 0, 4},
	})
	a := s.Accuracy()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"MASE", a.MASE, 1.5 / (7.0 / 3)},
		{"RMSSE", a.RMSSE, math.Sqrt(2.5 / 7)},
		{"sMAPE", a.SMAPE, (200*2.0/6 + 200) / 2},
		{"WAPE", a.WAPE, 75}, {"bias", a.Bias, -25},
		{"wQL50", a.WQL50, 2 * (1 + .5) / 4},
		{"wQL90", a.WQL90, 2 * (.1 + .3) / 4},
		{"wQL95", a.WQL95, 2 * (.1 + .2) / 4},
		{"cov90", a.Cov90, 1},
		{"points", float64(a.Points), 2}, {"series", float64(a.Series), 1},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s %g, want %g", c.name, c.got, c.want)
		}
	}
}

func TestScorerLeavesOutWhatHasNoScale(t *testing.T) {
	var s Scorer
	s.Add([]float64{5, 5, 5}, []float64{6}, Path{Mean: []float64{5}})       // constant: no scale
	s.Add([]float64{1, 2}, []float64{math.NaN()}, Path{Mean: []float64{5}}) // nothing to score
	s.Add([]float64{1, 2}, []float64{3}, Path{Mean: []float64{2}})
	a := s.Accuracy()
	if a.Series != 2 || a.MASE != 1 || a.RMSSE != 1 || math.Abs(a.WAPE-200.0/9) > 1e-12 || !math.IsNaN(a.Cov90) {
		t.Errorf("%+v", a)
	}
	if season := NaiveScale([]float64{1, 2, 4, 8}, 2); season != 4.5 {
		t.Errorf("seasonal scale %g, want (3+6)/2", season)
	}
}
