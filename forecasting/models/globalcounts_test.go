package models

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"milkrun/forecasting/models/boost"
)

// TestNBExceeds: a negative binomial of size 1 and mean 1 is geometric and exceeds k with (1/2)^(k+1); one of a huge size is a Poisson
// distribution, whose chances are exp(−mu)·mu^k/k!.
func TestNBExceeds(t *testing.T) {
	for _, c := range []struct {
		k     int
		mu, r float64
		want  float64
	}{{0, 1, 1, .5}, {1, 1, 1, .25}, {4, 1, 1, 1. / 32}, {0, .5, 1e6, 1 - math.Exp(-.5)}, {1, .5, 1e6, 1 - 1.5*math.Exp(-.5)}} {
		if got := nbExceeds(c.k, c.mu, c.r); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("P(D > %d) of mean %g, size %g: %.7f, want %.7f", c.k, c.mu, c.r, got, c.want)
		}
	}
}

func TestCountQuantile(t *testing.T) {
	chances := []float64{.3, .12, .04}
	for _, c := range []struct {
		p, needed float64
		k         int
		ok        bool
	}{{.5, .5 / .7, 0, true}, {.9, .02 / .08, 2, true}, {.88, 1, 1, true}, {.99, 0, 0, false}} {
		k, needed, ok := countQuantile(chances, c.p)
		if k != c.k || ok != c.ok || math.Abs(needed-c.needed) > 1e-9 {
			t.Errorf("p %g: %d, %.3f, %v; want %d, %.3f, %v", c.p, k, needed, ok, c.k, c.needed, c.ok)
		}
	}
}

// TestCountsLearnTheDistribution: demand is Poisson of a mean that a feature gives and the level does not know. The chances come out
// right, the quantiles cover what they say, and demand in hundreds is left alone.
func TestCountsLearnTheDistribution(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	poisson := func(mu float64) float64 {
		k, p := 0.0, rng.Float64()
		for limit := math.Exp(-mu); p > limit; k++ {
			p *= rng.Float64()
		}
		return k
	}
	var r trainingRows
	for range 6_000 {
		a := rng.Float32()
		r.x = append(r.x, []float32{a, rng.Float32()})
		r.y = append(r.y, poisson(float64(a)*float64(a)))
		r.due = append(r.due, .33)
	}
	c, err := trainCounts(context.Background(), boost.NewTable(r.x), r, GlobalOptions{Workers: 1})
	if err != nil || c == nil {
		t.Fatal(c, err)
	}
	got := c.chances(nil, []float32{.9, .5}, .33)
	mu := .81
	for k, want := range []float64{1 - math.Exp(-mu), 1 - (1+mu)*math.Exp(-mu)} {
		if math.Abs(got[k]-want) > .08 {
			t.Errorf("P(D > %d) %.3f, want %.3f", k, got[k], want)
		}
	}
	covered, counted := 0.0, 0.0
	const days = 6000
	for range days {
		a := rng.Float32()
		q := c.quantiles(c.chances(nil, []float32{a, .5}, .33))
		if math.IsNaN(q[2]) {
			continue // beyond what is counted
		}
		counted++
		if y := poisson(float64(a) * float64(a)); y <= q[2] {
			covered++
		}
	}
	if covered /= counted; math.Abs(covered-.9) > .03 || counted < .8*days {
		t.Errorf("the .9-quantile covers %.3f of %g days", covered, counted)
	}
	for i := range r.y {
		r.y[i] = 100
	}
	if c, err := trainCounts(context.Background(), boost.NewTable(r.x), r, GlobalOptions{Workers: 1}); c != nil || err != nil {
		t.Error("demand in hundreds was counted", err)
	}
}
