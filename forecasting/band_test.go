package forecasting

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
)

// flat gives a forecast of the same normal day n times: mean m, standard deviation s, a level error of t a day.
func flat(n int, m, s, t float64) Forecast {
	var f Forecast
	for i := range n {
		f.Mean = append(f.Mean, float32(m))
		f.Q10 = append(f.Q10, float32(m-z10*s))
		f.Q50 = append(f.Q50, float32(m))
		f.Q90 = append(f.Q90, float32(m+z10*s))
		k := float64(i + 1)
		f.CumSD = append(f.CumSD, float32(math.Sqrt(k*s*s+k*k*t*t)))
	}
	return f
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s = %g, want %g", what, got, want)
	}
}

// TestBandOfCorrelatedErrors compares the band with the standard deviation of a sum that is simulated: a shared and an
// own part of the error, in the shares ρ and 1−ρ.
func TestBandOfCorrelatedErrors(t *testing.T) {
	const parts, rho, rounds = 8, .3, 200_000
	var b Band
	sd := make([]float64, parts)
	for i := range sd {
		sd[i] = 2 + float64(i)
		b.Add(flat(1, 50, sd[i], 0), 1)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var sum2 float64
	for range rounds {
		shared, sum := rng.NormFloat64(), 0.0
		for _, s := range sd {
			sum += s * (math.Sqrt(rho)*shared + math.Sqrt(1-rho)*rng.NormFloat64())
		}
		sum2 += sum * sum
	}
	want := z10 * math.Sqrt(sum2/rounds)
	low, high := b.Bounds(0, rho)
	near(t, "below", 8*50-low, want, .01*want)
	near(t, "above", high-8*50, want, .01*want)
	if b.Series != parts {
		t.Errorf("%d series", b.Series)
	}
}

func TestBandProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "forecasts")
		var whole, left, right Band
		var single float64
		for i := range n {
			m := rapid.Float64Range(0, 100).Draw(t, "mean")
			f := Forecast{
				Mean: []float32{float32(m)}, Q10: []float32{float32(m * rapid.Float64Range(0, 1).Draw(t, "low"))},
				Q90: []float32{float32(m * rapid.Float64Range(.8, 3).Draw(t, "high"))},
			}
			whole.Add(f, 1)
			single += math.Max(float64(f.Q90[0]-f.Mean[0]), 0)
			if i%2 == 0 {
				left.Add(f, 1)
			} else {
				right.Add(f, 1)
			}
			whole.Add(f, 1)
			whole.Add(f, -1)
		}
		left.Merge(right)
		for _, rho := range []float64{0, .25, 1} {
			p10, p90 := whole.Bounds(0, rho)
			q10, q90 := left.Bounds(0, rho)
			if math.Abs(p10-q10) > 1e-6*(1+p10) || math.Abs(p90-q90) > 1e-6*(1+p90) {
				t.Fatalf("in parts %g..%g, at once %g..%g", q10, q90, p10, p90)
			}
			if p10 < 0 || p10 > whole.Mean[0]+1e-9 || p90 < whole.Mean[0]-1e-9 || p90-whole.Mean[0] > single+1e-6 {
				t.Fatalf("ρ %g: %g ≤ %g ≤ %g, singly %g above", rho, p10, whole.Mean[0], p90, single)
			}
		}
	})
}

// TestSpan: the total of some days has their scatter, and their share of the error of the level.
func TestSpan(t *testing.T) {
	f := flat(28, 10, 3, .5)
	mean, sd := f.Span(7, 7)
	near(t, "mean", mean, 70, 1e-4)
	near(t, "sd", sd, math.Sqrt(7*9+49*.25), 1e-3)
	mean, sd = f.Span(0, 28)
	near(t, "whole mean", mean, 280, 1e-3)
	near(t, "whole sd", sd, float64(f.CumSD[27]), 1e-3)
	if mean, sd := f.Span(28, 7); mean != 0 || sd != 0 {
		t.Errorf("beyond the horizon: %g, %g", mean, sd)
	}
	if mean, sd := (Forecast{}).Span(0, 7); mean != 0 || sd != 0 {
		t.Errorf("nothing: %g, %g", mean, sd)
	}
	w := flat(30, 10, 3, .5).Weeks()
	if len(w.Mean) != 4 {
		t.Fatalf("%d weeks in 30 days", len(w.Mean))
	}
	near(t, "week", float64(w.Mean[2]), 70, 1e-3)
	if !(w.Q10[2] < w.Mean[2] && w.Mean[2] < w.Q90[2]) {
		t.Errorf("week: %g %g %g", w.Q10[2], w.Mean[2], w.Q90[2])
	}
}

func TestCalendarSpans(t *testing.T) {
	day := func(n int) calendar.Day { return calendar.Date(2026, 6, n) }
	c := NewCalendar([]Event{{"a", day(1), day(5)}, {"b", day(4), day(6)}, {"a", day(10), day(12)}, {"a", day(13), day(14)}})
	got := c.Spans(day(3), day(13))
	want := []Event{{"a", day(3), day(5)}, {"b", day(4), day(6)}, {"a", day(10), day(13)}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %v, want %v", i, got[i], want[i])
		}
	}
	if n := len((*Calendar)(nil).Spans(day(1), day(9))); n != 0 {
		t.Errorf("no calendar: %d events", n)
	}
}

func TestRunRules(t *testing.T) {
	s := RunSummary{Series: 110, New: 10, Jumped: 5, Sum: 90, SumBefore: 100}
	near(t, "shift", s.Shift(), -10, 1e-9)
	near(t, "share", s.JumpedShare(), 5, 1e-9)
	if (RunSummary{}).Shift() != 0 || (RunSummary{Series: 3, New: 3}).JumpedShare() != 0 {
		t.Error("a first run has moved nothing")
	}
	near(t, "fva", ClassAccuracy{WAPE: 15, Naive: 20}.FVA(), 25, 1e-9)
	if (ClassAccuracy{WAPE: 15}).FVA() != 0 {
		t.Error("no value added without a measure of the naive forecast")
	}
	for state, open := range map[RunState]bool{RunQueued: true, RunEffects: true, RunShards: true, RunFinishing: true, RunPublished: false, RunFailed: false} {
		if (Run{State: state}).Open() != open {
			t.Errorf("%s: open is %v", state, !open)
		}
	}
}
