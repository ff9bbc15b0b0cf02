package models

import (
	"math"
	"testing"
)

// TestTSBByHand follows equations 1 and 2 of Teunter, Syntetos & Babai (2011) over 0, 6, 0 from p = .5, z = 4 with
// α = .2, β = .5: p = .4, .52, .416; z = 4, 5, 5. The forecast is .416·5 = 2.08; the errors are −2, 6−1.6, −2.6.
func TestTSBByHand(t *testing.T) {
	s, sse := tsb{alpha: .2, beta: .5, p: .5, z: 4}.run([]float64{0, 6, math.NaN(), 0})
	if math.Abs(s.p-.416) > 1e-12 || s.z != 5 {
		t.Errorf("p %g, z %g", s.p, s.z)
	}
	if want := 4 + 4.4*4.4 + 2.6*2.6; math.Abs(sse-want) > 1e-12 {
		t.Errorf("squared error %g, want %g", sse, want)
	}
	got := make([]float64, 2)
	s.Mean(got)
	if math.Abs(got[0]-2.08) > 1e-12 || got[1] != got[0] {
		t.Errorf("forecast %v", got)
	}
}

func TestTSBForgetsWhatStoppedSelling(t *testing.T) {
	var y []float64
	for i := range 120 {
		y = append(y, float64(i%3/2*5))
	}
	f, ok := TSB{}.Fit(Problem{Y: y})
	if !ok {
		t.Fatal("not fitted")
	}
	alive, dead := make([]float64, 1), make([]float64, 1)
	f.Mean(alive)
	f.Extend(make([]float64, 600)).Mean(dead)
	if math.Abs(alive[0]-5.0/3) > .4 {
		t.Errorf("forecast %g, want about 5/3", alive[0])
	}
	if dead[0] > .1*alive[0] {
		t.Errorf("after 600 empty days still %g", dead[0])
	}
	if _, ok := (TSB{}).Fit(Problem{Y: make([]float64, 9)}); ok {
		t.Error("a series without demand was fitted")
	}
}

func TestWindow(t *testing.T) {
	f, ok := Window{4}.Fit(Problem{Y: []float64{100, 1, 2, math.NaN(), 3, 6}})
	if !ok {
		t.Fatal("not fitted")
	}
	got := make([]float64, 1)
	if f.Mean(got); got[0] != 3 {
		t.Errorf("mean %g, want 3", got[0])
	}
	// Type 7 of Hyndman & Fan: between 1 2 3 6 the median is 2.5, the 90 % quantile 3 + .7·3.
	q := f.(Quantiler)
	if q.Quantiles(.5, got); got[0] != 2.5 {
		t.Errorf("median %g", got[0])
	}
	if q.Quantiles(.9, got); math.Abs(got[0]-5.1) > 1e-12 {
		t.Errorf("90 %% quantile %g, want 5.1", got[0])
	}
	if f.Extend([]float64{9, 9}).Mean(got); got[0] != 6.75 {
		t.Errorf("moved on: %g, want (3+6+9+9)/4", got[0])
	}
}

func TestSeasonalNaive(t *testing.T) {
	f, ok := SeasonalNaive{}.Fit(Problem{Y: []float64{1, 2, 3, 4, math.NaN()}, Season: 3})
	if !ok {
		t.Fatal("not fitted")
	}
	got := make([]float64, 4)
	f.Mean(got)
	for i, want := range []float64{3, 4, 2, 3} {
		if got[i] != want {
			t.Errorf("step %d: %g, want %g", i+1, got[i], want)
		}
	}
	if _, ok := (SeasonalNaive{}).Fit(Problem{Y: []float64{math.NaN()}, Season: 3}); ok {
		t.Error("nothing known was fitted")
	}
}

// TestMinimise uses Rosenbrock's valley, whose minimum is at (1, 1), and a minimum outside the box.
func TestMinimise(t *testing.T) {
	x := []float64{-1.2, 1}
	v := minimise(func(x []float64) float64 {
		return 100*math.Pow(x[1]-x[0]*x[0], 2) + math.Pow(1-x[0], 2)
	}, x, []float64{-5, -5}, []float64{5, 5}, 2000)
	if v > 1e-5 || math.Abs(x[0]-1) > .02 || math.Abs(x[1]-1) > .02 {
		t.Errorf("minimum %g at %v", v, x)
	}
	x = []float64{.5}
	minimise(func(x []float64) float64 { return (x[0] - 3) * (x[0] - 3) }, x, []float64{0}, []float64{1}, 100)
	if x[0] < .999 || x[0] > 1 {
		t.Errorf("the edge of the box is 1, got %g", x[0])
	}
}
