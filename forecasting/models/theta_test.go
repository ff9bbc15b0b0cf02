package models

import (
	"math"
	"testing"
)

// TestThetaIsSmoothingWithHalfTheSlope checks the state-space form against the original recipe of Assimakopoulos &
// Nikolopoulos (2000): draw the trend line a + b·t, smooth the theta line 2y − (a + b·t), carry both on, and take the
// mean of the two.
func TestThetaIsSmoothingWithHalfTheSlope(t *testing.T) {
	const alpha, first = .4, 16.0
	a, b := line(air)
	z := 2 * first // the theta line's level at the start, where the smoothed trend line is 0
	for i, y := range air {
		z += alpha * (2*y - (a + b*float64(i+1)) - z)
	}
	f := theta{alpha: alpha, theta: 2, l: first, a: a, b: b}
	f.run(air)
	got := make([]float64, 6)
	f.Mean(got)
	for h := range got {
		want := (z + a + b*float64(len(air)+h+1)) / 2
		if math.Abs(got[h]-want) > 1e-9 {
			t.Errorf("step %d: %.6f, want %.6f", h+1, got[h], want)
		}
	}
}

// TestThetaDrift: Hyndman & Billah (2003) show that the forecasts of the Theta method rise by half the slope.
func TestThetaDrift(t *testing.T) {
	f, ok := Theta{Fixed: true}.Fit(Problem{Y: air, Season: 1})
	if !ok {
		t.Fatal("not fitted")
	}
	got := make([]float64, 5)
	f.Mean(got)
	_, slope := line(air)
	for h := 1; h < len(got); h++ {
		if math.Abs(got[h]-got[h-1]-slope/2) > 1e-9 {
			t.Errorf("step %d rises by %g, want %g", h+1, got[h]-got[h-1], slope/2)
		}
	}
}

func TestThetaPutsTheSeasonBack(t *testing.T) {
	var y []float64
	for i := range 72 {
		y = append(y, (100+float64(i))*[]float64{.8, 1, 1.3, .9}[i%4])
	}
	for _, m := range []Model{Theta{}, Theta{Fixed: true}, Deseasonal{ETS{Plain: true}}} {
		f, ok := m.Fit(Problem{Y: y[:64], Season: 4})
		if !ok {
			t.Fatalf("%s: not fitted", m.Name())
		}
		got := make([]float64, 8)
		f.Mean(got)
		for i, v := range got {
			if math.Abs(v/y[64+i]-1) > .06 {
				t.Errorf("%s step %d: %.1f, want %.1f", m.Name(), i+1, v, y[64+i])
			}
		}
	}
}

func TestSeasonIsTested(t *testing.T) {
	var week, noise []float64
	state := uint32(7)
	for i := range 140 {
		state = state*1664525 + 1013904223
		e := float64(state>>16) / 65536
		week = append(week, 10+e+[]float64{0, 0, 0, 0, 0, 5, 5}[i%7])
		noise = append(noise, 10+e)
	}
	if !isSeasonal(week, 7) {
		t.Error("a plain week was not seen")
	}
	if isSeasonal(noise, 7) || isSeasonal(week, 1) || isSeasonal(week[:15], 7) {
		t.Error("a season was seen where there is none")
	}
	idx, ok := seasonIndex(week, 7, false)
	if !ok || math.Abs(idx[5]-idx[0]-5) > .5 {
		t.Errorf("indices %v", idx)
	}
	sum := 0.0
	for _, v := range idx {
		sum += v
	}
	if math.Abs(sum) > 1e-9 {
		t.Errorf("additive indices sum to %g", sum)
	}
}
