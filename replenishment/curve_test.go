package replenishment

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"milkrun/replenishment/policy"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestCurve(t *testing.T) {
	a := &arena{block: make([]float64, 10)}
	c, ok := newCurve(a, &Demand{Mean: []float64{10, 20, 30}, CumSD: []float64{3, 5, 6}, Heat: []float64{2, 1, 1}}, 6)
	if !ok {
		t.Error("sound figures were refused")
	}
	near(t, "over 2.5 days", c.over(2.5), 45)
	near(t, "base over 2.5 days", c.baseOver(2.5), 40)
	near(t, "beyond the forecast: the mean of its days", c.over(5), 60+2*20)
	near(t, "beyond the curve", c.over(8), 60+5*20)
	near(t, "no days", c.over(0), 0)
	near(t, "sd of 2 days", c.sd(2, 0), 5)
	near(t, "sd of 1.5 days", c.sd(1.5, 0), 4)
	near(t, "sd grows with the total", c.sd(5, 0), 6*100.0/60)
	near(t, "sd beyond the curve", c.sd(8, 0), 6*160.0/60)
	near(t, "how long 45 last", c.lasts(45), 2.5)
	near(t, "how long 160 last", c.lasts(160), 8)
	near(t, "how long nothing lasts", c.lasts(0), 0)
	c.stopAt(1)
	near(t, "after the end of sales", c.over(9), 10)
	near(t, "for ever", c.lasts(11), CoverForever)

	bad, ok := newCurve(a, &Demand{Mean: []float64{10, math.NaN(), -5, math.Inf(1), 10}}, 5)
	if ok {
		t.Error("figures that are none were taken")
	}
	near(t, "faults count as 0", bad.over(5), 20)
	near(t, "an error nobody gave is guessed", bad.sd(1, 0), math.Sqrt(10+9))
	none, _ := newCurve(a, &Demand{Mean: []float64{0, 0}, CumSD: []float64{1, 2}}, 8)
	near(t, "sd without demand grows with the root", none.sd(8, 0), 4)
}

// TestPooledNeverAboveSum: one stock for several sites needs no more than they need apart.
func TestPooledNeverAboveSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &arena{}
		all, sum := blankCurve(a, 20), 0.0
		days := rapid.Float64Range(0.1, 30).Draw(t, "days")
		rho := rapid.Float64Range(0, 1).Draw(t, "rho")
		for range rapid.IntRange(1, 5).Draw(t, "sites") {
			d := Demand{}
			sd := 0.0
			for range 20 {
				d.Mean = append(d.Mean, rapid.Float64Range(0, 50).Draw(t, "mean"))
				sd += rapid.Float64Range(0, 9).Draw(t, "sd")
				d.CumSD = append(d.CumSD, sd)
			}
			c, _ := newCurve(a, &d, 20)
			if days <= 20 { // beyond, each grows with its own demand
				sum += c.sd(days, rho)
				all.add(a, c)
			}
		}
		if pooled := all.sd(days, rho); pooled > sum*(1+1e-9) {
			t.Errorf("pooled %v, apart %v", pooled, sum)
		}
	})
}

func TestShape(t *testing.T) {
	for _, c := range []struct {
		mean, sd float64
		want     Distribution
	}{
		{0, 3, Certain}, {5, 0, Certain}, {4712, 600, Normal}, {60, 40, Gamma}, {30, 5, Gamma}, {4, 3, NegativeBinomial}, {4, 2, Poisson}, {4, 1, Poisson},
	} {
		d, got := shape(c.mean, c.sd)
		if got != c.want {
			t.Errorf("%v ± %v is %s, want %s", c.mean, c.sd, got, c.want)
		}
		if d != nil && math.Abs(d.Mean()-c.mean) > 1e-9*c.mean {
			t.Errorf("%s has the mean %v, not %v", got, d.Mean(), c.mean)
		}
	}
}

// TestProtect compares a level with the textbook: d(L+R) + z·√((L+R)σ² + d²σ_L²).
func TestProtect(t *testing.T) {
	a := &arena{}
	d := Demand{}
	for i := range 60 {
		d.Mean, d.CumSD = append(d.Mean, 286.7), append(d.CumSD, 65.95*math.Sqrt(float64(i+1)))
	}
	c, _ := newCurve(a, &d, 60)
	s := WeeklySettings()
	iv := protect(&c, interval{lead: 2, leadSD: 0.1, review: 14, service: 0.97}, &s, Cover{}, 0)
	want := policy.PeriodicReview(0.97, 286.7, 65.95, 2, 0.1, 14)
	near(t, "sd", iv.sd, want.SD)
	near(t, "quantile", iv.quantile, want.Level)
	if iv.upTo != ceilPieces(want.Level) || iv.demand != 4587 || iv.safety != iv.upTo-4587 || iv.reorder != 573+iv.safety {
		t.Errorf("%+v", iv)
	}
	near(t, "z", iv.z(), policy.Z(0.97))
}

func TestArenaIsCleanAndGrows(t *testing.T) {
	a := &arena{block: make([]float64, 4)}
	first := a.take(3)
	first[0] = 7
	second := a.take(9)
	second[8] = 1
	if first[0] != 7 || len(second) != 9 || cap(first) != 3 {
		t.Error("a part was overwritten")
	}
	a.used = 0
	for _, v := range a.take(9) {
		if v != 0 {
			t.Fatal("old numbers in a new part")
		}
	}
}
