package forecasting

import (
	"errors"
	"math"
	"slices"
	"testing"

	"milkrun/internal/calendar"
)

func kinds(list []Alarm) []AlarmKind {
	var out []AlarmKind
	for _, a := range list {
		out = append(out, a.Kind)
	}
	return out
}

// series gives n days of f(i), alternately a little above and below.
func around(n int, f func(int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i) + 2*float64(i%2) - 1
	}
	return out
}

func TestMonitor(t *testing.T) {
	forecast := slices.Repeat([]float64{10}, 60)
	calm := around(60, func(int) float64 { return 10 })
	if got := Monitor(forecast, calm, nil); got != nil {
		t.Errorf("a calm series: %v", got)
	}
	low := kinds(Monitor(forecast, around(60, func(int) float64 { return 14 }), nil))
	if !slices.Contains(low, AlarmBias) || !slices.Contains(low, AlarmTracking) {
		t.Errorf("a forecast that is always too low: %v", low)
	}
	shifted := Monitor(forecast, around(60, func(i int) float64 {
		if i < 40 {
			return 10
		}
		return 16
	}), nil)
	at := slices.IndexFunc(shifted, func(a Alarm) bool { return a.Kind == AlarmDrift })
	if at < 0 || shifted[at].From < 36 || shifted[at].From > 44 {
		t.Errorf("a shift on day 40: %+v", shifted)
	}
	hole := slices.Clone(calm)
	hole[20], hole[21], hole[22] = math.NaN(), math.NaN(), math.NaN()
	if got := Monitor(forecast, hole, nil); len(got) != 1 || got[0] != (Alarm{AlarmHole, 3, 2, 20}) {
		t.Errorf("a hole: %+v", got)
	}
	silent := slices.Clone(calm)
	clear(silent[50:])
	if got := kinds(Monitor(forecast, silent, nil)); !slices.Contains(got, AlarmSilence) {
		t.Errorf("ten days without a sale: %v", got)
	}
	sold := make([]bool, 60)
	for i := 50; i < 60; i++ {
		sold[i] = true
	}
	if got := Monitor(forecast, silent, sold); got != nil {
		t.Errorf("the shelf was empty: %v", got)
	}
	if got := Monitor(nil, nil, nil); got != nil {
		t.Errorf("nothing: %v", got)
	}
}

// TestCohortIndex: a stage used at ages 2 and 3 alike. Births of 100 a month, but 200 in month 10: the need is half as high again in
// months 12 and 13.
func TestCohortIndex(t *testing.T) {
	var list []Cohort
	for m := range 24 {
		n := 100.0
		if m == 10 {
			n = 200
		}
		list = append(list, Cohort{"east", m, n})
	}
	stage := Stage{"2", 2, []float64{1, 1}}
	got := CohortIndex(list, "east", stage, 11, 4, 4)
	for i, want := range []float64{1, 1.5, 1.5, 1} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("month %d: %g, want %g", 11+i, got[i], want)
		}
	}
	// Births after month 23 are not known: those of the year before stand in, the 200 of month 10 for month 22 + 12.
	if got := CohortIndex(list, "east", stage, 26, 2, 2); math.Abs(got[0]-1) > 1e-9 {
		t.Errorf("unknown births: %v", got)
	}
	if got := CohortIndex(list, "west", stage, 11, 2, 4); !slices.Equal(got, []float64{1, 1}) {
		t.Errorf("a region without births: %v", got)
	}
	if got := SpreadMonths([]float64{1, 2}, []float64{-1, 0, .5, 7}); !slices.Equal(got, []float64{1, 1, 1.5, 2}) {
		t.Errorf("by day: %v", got)
	}
}

func TestOverride(t *testing.T) {
	day := calendar.Date(2025, 3, 1)
	one := func() []float32 { return []float32{10, 10, 10} }
	f := Forecast{Origin: day, Mean: one(), Q10: one(), Q50: one(), Q90: []float32{20, 20, 20}, Q95: []float32{30, 30, 30}, CumSD: []float32{3, 4, 5}}
	o := Override{From: day.AddDays(1), To: day.AddDays(1), Factor: 2, Reason: "school starts", Expiry: day.AddDays(30)}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	got := o.Apply(f, day)
	if !slices.Equal(got.Mean, []float32{10, 20, 10}) || got.Q90[1] != 40 || f.Mean[1] != 10 || got.CumSD[2] < got.CumSD[1] {
		t.Errorf("%+v", got)
	}
	if late := o.Apply(f, o.Expiry); late.Mean[1] != 10 {
		t.Error("it has expired")
	}
	pieces := Override{From: day, To: day, Pieces: 7, Reason: "x", Expiry: day.AddDays(9)}
	if got := pieces.Apply(f, day); got.Mean[0] != 7 || got.Q90[0] != 14 {
		t.Errorf("pieces: %+v", got)
	}
	s := ScoreOverride(o, f, got, []float64{10, 18, math.NaN()})
	if s != (OverrideScore{1, 8, 2}) || !s.Helped() {
		t.Errorf("%+v", s)
	}
	for name, bad := range map[string]Override{
		"no reason": {From: day, To: day, Factor: 2, Expiry: day.AddDays(1)},
		"backwards": {From: day, To: day.AddDays(-1), Factor: 2, Reason: "x", Expiry: day.AddDays(1)},
		"huge":      {From: day, To: day, Factor: 21, Reason: "x", Expiry: day.AddDays(1)},
		"negative":  {From: day, To: day, Pieces: -1, Reason: "x", Expiry: day.AddDays(1)},
		"expired":   {From: day, To: day, Factor: 1, Reason: "x", Expiry: day},
	} {
		if err := bad.Validate(); !errors.Is(err, ErrOverride) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
