package models

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// TestReconcileReference: two series of 10 and 20 with variances 1 and 3, a total of 38 with variance 4. By hand: the gap of 8 is shared
// over 1 + 3 + 4; the series move by 1 and 3, the total by 4.
func TestReconcileReference(t *testing.T) {
	got, err := Reconcile([]float64{10, 20}, []float64{1, 3}, []Total{{[]int{0, 1}, 38, 4}})
	if err != nil || math.Abs(got[0]-11) > 1e-9 || math.Abs(got[1]-23) > 1e-9 {
		t.Errorf("%v %v", got, err)
	}
	if got, _ := Reconcile([]float64{1, 9}, []float64{10, 10}, []Total{{[]int{0, 1}, 2, 1e-6}}); got[0] != 0 || math.Abs(got[1]-2) > 1e-3 {
		t.Errorf("nothing is negative: %v", got)
	}
	if _, err := Reconcile([]float64{1}, []float64{1}, []Total{{[]int{1}, 1, 1}}); !errors.Is(err, ErrHierarchy) {
		t.Error(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(1, 50), 4, 4).Draw(t, "y")
		totals := []Total{{[]int{0, 1}, y[0] + y[1], 2}, {[]int{0, 1, 2, 3}, y[0] + y[1] + y[2] + y[3], 3}}
		got, err := Reconcile(y, []float64{1, 2, 3, 4}, totals)
		for i := range y {
			if err != nil || math.Abs(got[i]-y[i]) > 1e-6 {
				t.Fatalf("what adds up is not moved: %v → %v", y, got)
			}
		}
	})
}

func TestLaunch(t *testing.T) {
	a := Traits{"milk", "colic", "1", 100}
	past := []Launch{{a, slices.Repeat([]float64{8}, 40)}, {Traits{"nappies", "colic", "1", 100}, slices.Repeat([]float64{99}, 40)}}
	if c, ok := LaunchCurve(a, past, 50); !ok || c[0] != 8 || c[49] != 8 {
		t.Errorf("%v", c)
	}
	if _, ok := LaunchCurve(Traits{Category: "toys"}, past, 5); ok {
		t.Error("nothing is alike")
	}
	if near, far := Likeness(a, Traits{"milk", "colic", "1", 110}), Likeness(a, Traits{"milk", "colic", "1", 300}); near < .9 || far > near || Likeness(a, a) != 1 {
		t.Errorf("likeness by price: %g %g", near, far)
	}
	curve := slices.Repeat([]float64{10}, 60)
	with := WithPledges(curve, 100, 50, 0)
	if sum := meanOf(with) * 60; sum < 600 || sum > 730 || with[0] <= 10 {
		t.Errorf("pledges: %g", sum)
	}
	if got := Blend(curve, []float64{30}, slices.Repeat([]float64{20}, 40), 20); got[0] < 20 || got[0] > 30 {
		t.Errorf("blend: %v", got)
	}
	old, next := PhaseOut(slices.Repeat([]float64{10}, 30), make([]float64, 30), 5, 10, .8)
	if old[0] != 10 || old[29] != 0 || next[29] != 8 || old[10] <= 0 || old[10] >= 10 {
		t.Errorf("%v %v", old, next)
	}
}

// TestHarmonic: a week and a season of 50 days together, exactly.
func TestHarmonic(t *testing.T) {
	f := func(t int) float64 {
		return 100 + 10*math.Sin(2*math.Pi*float64(t)/7) + 20*math.Cos(2*math.Pi*float64(t)/50)
	}
	y := make([]float64, 400)
	for i := range y {
		y[i] = f(i)
	}
	m, ok := Harmonic{Periods: []float64{7, 50, 365.25}}.Fit(Problem{Y: y[:380]})
	if !ok {
		t.Fatal("no fit")
	}
	got := make([]float64, 20)
	for name, fit := range map[string]Fitted{"fit": m, "extended": mustFit(t, Harmonic{Periods: []float64{7, 50}}, y[:360]).Extend(y[360:380])} {
		fit.Mean(got)
		for i, v := range got {
			if math.Abs(v-f(380+i)) > 1.5 {
				t.Errorf("%s, day %d: %.2f, want %.2f", name, i, v, f(380+i))
			}
		}
	}
	if _, ok := (Harmonic{Periods: []float64{52}}).Fit(Problem{Y: y[:60]}); ok {
		t.Error("a season not seen twice")
	}
}

func mustFit(t *testing.T, m Model, y []float64) Fitted {
	t.Helper()
	f, ok := m.Fit(Problem{Y: y, Season: 1})
	if !ok {
		t.Fatal("no fit")
	}
	return f
}

func TestAggregated(t *testing.T) {
	got := make([]float64, 4)
	mustFit(t, Aggregated{}, slices.Repeat([]float64{5}, 60)).Mean(got)
	for _, v := range got {
		if math.Abs(v-5) > 1e-6 {
			t.Errorf("a constant: %v", got)
		}
	}
	var sparse []float64
	for i := range 90 {
		sparse = append(sparse, float64(3*(i%3/2)))
	}
	mustFit(t, Aggregated{Sparse: true}, sparse).Mean(got)
	if math.Abs(got[0]-1) > .25 {
		t.Errorf("3 pieces every third day: %v", got)
	}
	m := mustFit(t, Aggregated{}, sparse[:80]).Extend(sparse[80:])
	if m.Mean(got); !(got[0] >= 0) {
		t.Errorf("%v", got)
	}
	if b := blockMeans([]float64{9, 1, 3, 5, 7}, 2); !slices.Equal(b, []float64{2, 6}) {
		t.Errorf("blocks end with the last value: %v", b)
	}
}

// TestSteadiness: indices whose differences are noise alone are shrunk away, those that repeat exactly are kept.
func TestSteadiness(t *testing.T) {
	if s := steadiness(.04, 0, 48, 12); s != 1 {
		t.Errorf("exact: %g", s)
	}
	if s := steadiness(.04, 36*.16, 48, 12); s > .3 {
		t.Errorf("noise: %g", s)
	}
}

func TestCombineHeat(t *testing.T) {
	day := calendar.Date(2024, 1, 1)
	a, b := make([]float64, 300), make([]float64, 300)
	for i := range a {
		wave := math.Exp(.8 * math.Sin(float64(i)/15))
		a[i], b[i] = 50*wave, 900*wave
		if i >= 150 {
			b[i] *= 3 // re-based
		}
	}
	hole := slices.Clone(a)
	for i := 200; i < 214; i++ {
		hole[i] = math.NaN()
	}
	noise := make([]float64, 300)
	for i := range noise {
		noise[i] = 10 + float64(i*7919%13)
	}
	src := func(name string, v []float64) forecasting.HeatSeries {
		return forecasting.HeatSeries{Source: name, Start: day, Value: v}
	}
	got := CombineHeat([]forecasting.HeatSeries{src("search", hole), src("posts", b), src("price", noise)})
	for i, v := range got.Value {
		switch {
		case hole[i] == hole[i] && v != hole[i]:
			t.Fatalf("day %d was delivered: %g became %g", i, hole[i], v)
		case math.Abs(v/a[i]-1) > .2:
			t.Errorf("day %d: %g, want %g", i, v, a[i])
		}
	}
	if one := CombineHeat([]forecasting.HeatSeries{src("search", hole)}); one.Source != "search" || len(CombineHeat(nil).Value) != 0 {
		t.Error("one source is given back")
	}
}

// TestNowcast: a value that is last week's heat is forecast by it, and one that has nothing to do with it is not made worse; what
// comes later changes nothing.
func TestNowcast(t *testing.T) {
	n := 300
	led, idle := Signal{}, Signal{}
	for i := range n {
		r := func(k int) float64 { return math.Mod(float64((i+k)*(i+k)%997)*.6180339887, 1) }
		led.Heat = append(led.Heat, 10+10*r(0))
		led.Value = append(led.Value, 10+10*r(0))
		idle.Heat = append(idle.Heat, 10+10*r(41))
		idle.Value = append(idle.Value, 10+3*math.Sin(float64(i)/8)+r(5))
	}
	out := Nowcast([]Signal{led}, NowcastOptions{Last: 60})
	heated, off := 0, 0.0
	for _, p := range out[0] {
		if p.Ahead == 0 {
			off += math.Abs(p.Mean-led.Value[p.Origin]) / 60
			if p.Heated {
				heated++
			}
		}
		if !(p.Q50 <= p.Q90 && p.Q90 <= p.Q95) || !(p.Mean >= 0) {
			t.Fatalf("%+v", p)
		}
	}
	if heated < 60 || off > 1 {
		t.Errorf("led: %d of 60 with heat, off by %.2f", heated, off)
	}
	before := Nowcast([]Signal{idle}, NowcastOptions{Last: 60})[0]
	cut := Signal{Value: slices.Clone(idle.Value), Heat: slices.Clone(idle.Heat)}
	for i := 280; i < n; i++ {
		cut.Value[i], cut.Heat[i] = 1, 1
	}
	for i, p := range Nowcast([]Signal{cut}, NowcastOptions{Last: 60})[0] {
		if p.Origin < 280 && p != before[i] {
			t.Fatalf("origin %d: %+v and %+v", p.Origin, p, before[i])
		}
	}
}
