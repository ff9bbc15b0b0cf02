package models

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// nbProb gives the probability of k by the gamma function, another way than the package's recursion.
func nbProb(k, mu, r float64) float64 {
	a, _ := math.Lgamma(k + r)
	b, _ := math.Lgamma(r)
	c, _ := math.Lgamma(k + 1)
	return math.Exp(a - b - c + r*math.Log(r/(r+mu)) + k*math.Log(mu/(r+mu)))
}

func TestNegativeBinomialQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mu := rapid.Float64Range(.01, 200).Draw(t, "mu")
		r := rapid.Float64Range(.2, 50).Draw(t, "r")
		p := rapid.Float64Range(.02, .98).Draw(t, "p")
		q := nbQuantile(p, mu, r)
		below := 0.0
		for k := 0.0; k < q; k++ {
			below += nbProb(k, mu, r)
		}
		if below >= p+1e-9 || below+nbProb(q, mu, r) < p-1e-9 {
			t.Fatalf("quantile %g of NB(%g, %g) at %g: %g below it", q, mu, r, p, below)
		}
	})
}

func TestCensoredMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mu := rapid.Float64Range(.01, 60).Draw(t, "mu")
		r := rapid.Float64Range(.3, 50).Draw(t, "r")
		s := float64(rapid.IntRange(0, 60).Draw(t, "sold"))
		var num, den float64
		for k := s; k < s+4000; k++ {
			p := nbProb(k, mu, r)
			num += k * p
			den += p
		}
		if den < 1e-200 {
			t.Skip("the reference sum underflows")
		}
		if got, want := censoredMean(s, mu, r), num/den; math.Abs(got-want) > 1e-4*want {
			t.Fatalf("E[D | D ≥ %g] of NB(%g, %g): %g, want %g", s, mu, r, got, want)
		}
	})
}

// TestCensoredMeanIsSane covers the approximations: never below the sales, growing with them, and joined to the sums.
func TestCensoredMeanIsSane(t *testing.T) {
	last := 0.0
	for s := 0.0; s < 5000; s += 50 {
		v := censoredMean(s, 900, 3)
		if v < s || v < last || math.IsNaN(v) {
			t.Fatalf("sold %g: %g after %g", s, v, last)
		}
		last = v
	}
	exact, normal := censoredMean(300, largeMean-1, 1e6), censoredMean(300, largeMean+1, 1e6)
	if math.Abs(exact/normal-1) > .02 {
		t.Errorf("the sums end at %g, the approximation begins at %g", exact, normal)
	}
	for _, mu := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if got := censoredMean(4, mu, 2); got != 4 {
			t.Errorf("mean %g: %g, want the sales", mu, got)
		}
	}
}

// TestGammaQuantile compares with gonum's exact quantiles.
func TestGammaQuantile(t *testing.T) {
	for _, shape := range []float64{.8, 2, 10, 300} {
		for _, p := range []float64{.1, .5, .9, .95} {
			want := distuv.Gamma{Alpha: shape, Beta: shape / 50}.Quantile(p)
			got := gammaQuantile(p, 50, 2500/shape)
			if math.Abs(got-want) > .02*(50+want) {
				t.Errorf("shape %g at %g: %g, want %g", shape, p, got, want)
			}
		}
	}
	if gammaQuantile(.9, 0, 1) != 0 || gammaQuantile(.9, 3, 0) != 3 {
		t.Error("no mean gives 0, no variance the mean")
	}
}

func TestSizeByMoments(t *testing.T) {
	// Counts of mean 10 and variance 10 + 100/4 = 35 have size 4.
	if got := nbSize(35e4, 10e4, 100e4, 4, 0); math.Abs(got-4) > 1e-9 {
		t.Errorf("size %g, want 4", got)
	}
	if got := nbSize(5e4, 10e4, 100e4, 4, 0); got != maxSize {
		t.Errorf("less scatter than Poisson: %g", got)
	}
}
