package models

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAutoregressionFindsTheProcess: the changes of a long ARIMA(1, 1, 0) with drift .5 and coefficient .6 are found, and the forecast
// follows the recursion c(t+1) = .5 + .6·(c(t) − .5).
func TestAutoregressionFindsTheProcess(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	y, change := []float64{100}, .5
	for range 2000 {
		change = .5 + .6*(change-.5) + .3*rng.NormFloat64()
		y = append(y, y[len(y)-1]+change)
	}
	got, ok := Autoregression{}.Fit(Problem{Y: y, Season: 1})
	if !ok {
		t.Fatal("not fitted")
	}
	f := got.(autoregression)
	if math.Abs(f.coef[0]-.5) > .04 || math.Abs(f.coef[1]-.6) > .06 {
		t.Fatalf("coefficients %v, want about [.5 .6]", f.coef)
	}
	path := make([]float64, 3)
	f.Mean(path)
	at, last := y[len(y)-1], []float64{y[len(y)-1] - y[len(y)-2], y[len(y)-2] - y[len(y)-3]}
	for i, v := range path {
		c := f.coef[0]
		for k, b := range f.coef[1:] {
			c += b * (last[k] - f.coef[0])
		}
		if at += c; math.Abs(v-at) > 1e-9 {
			t.Errorf("step %d: %.6f, want %.6f", i+1, v, at)
		}
		last = []float64{c, last[0]}
	}
}

// TestAutoregressionExtends: rolling the origin keeps the coefficients and moves on as a series that is that much longer; scaling
// scales; holes and short series are answered.
func TestAutoregressionExtends(t *testing.T) {
	season := []float64{.8, 1.1, 1.3, .8}
	y := make([]float64, 48)
	for i := range y {
		y[i] = (100 + 2*float64(i) + 3*math.Sin(float64(i))) * season[i%4]
	}
	fit := func(y []float64) Fitted {
		f, ok := Autoregression{}.Fit(Problem{Y: y, Season: 4})
		if !ok {
			t.Fatal("not fitted")
		}
		return f
	}
	path, scaled := make([]float64, 8), make([]float64, 8)
	fit(y[:40]).Extend(y[40:]).Mean(path)
	for i, v := range path {
		want := (100 + 2*float64(48+i)) * season[i%4]
		if math.Abs(v/want-1) > .06 {
			t.Errorf("step %d: %.1f, want about %.1f", i+1, v, want)
		}
	}
	tenfold := make([]float64, len(y))
	for i, v := range y {
		tenfold[i] = 10 * v
	}
	fit(y).Mean(path)
	fit(tenfold).Mean(scaled)
	for i := range path {
		if math.Abs(scaled[i]-10*path[i]) > 1e-6*scaled[i] {
			t.Errorf("step %d: %g of ten times the series, %g of the series", i+1, scaled[i], path[i])
		}
	}
	holed := append([]float64{}, y...)
	holed[20] = nan
	fit(holed).Extend([]float64{nan, nan}).Mean(path)
	for _, v := range path {
		if math.IsNaN(v) {
			t.Fatal("a hole makes the forecast unknown")
		}
	}
	if _, ok := (Autoregression{}).Fit(Problem{Y: y[:9], Season: 4}); ok {
		t.Error("nine values were fitted")
	}
}
