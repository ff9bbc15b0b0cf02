package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// random is a source of chance of its own for each subject, so that a change in one leaves the others as they are.
type random struct{ *rand.Rand }

func (w *World) random(subject string) *random {
	h := fnv.New64a()
	h.Write([]byte(subject))
	return &random{rand.New(rand.NewPCG(w.Seed, h.Sum64()))}
}

// between gives a number of the interval, evenly.
func (r *random) between(low, high float64) float64 { return low + (high-low)*r.Float64() }

// chance is true with the probability p.
func (r *random) chance(p float64) bool { return r.Float64() < p }

// scatter gives a factor around 1 whose logarithm has the standard deviation sd; its mean is 1.
func (r *random) scatter(sd float64) float64 { return math.Exp(sd*r.NormFloat64() - sd*sd/2) }

// gamma draws from the gamma distribution of the shape a and the mean 1, by Marsaglia & Tsang (2000), "A simple method
// for generating gamma variables", ACM TOMS 26(3); below 1 by their boost U^(1/a).
func (r *random) gamma(a float64) float64 {
	boost := 1.0
	shape := a
	if a < 1 {
		boost = math.Pow(r.Float64(), 1/a)
		shape = a + 1
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := r.Float64()
		if u < 1-.0331*x*x*x*x || math.Log(u) < x*x/2+d*(1-v+math.Log(v)) {
			return boost * d * v / a
		}
	}
}

// poisson draws a count of the mean m: by the product of uniforms below 30, by the rounded normal above.
func (r *random) poisson(m float64) int {
	if m <= 0 {
		return 0
	}
	if m > 30 {
		return max(0, int(math.Round(m+math.Sqrt(m)*r.NormFloat64())))
	}
	limit, k := math.Exp(-m), 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		k++
	}
	return k
}

// count draws from the negative binomial distribution of the mean m and the variance m + m²/size.
func (r *random) count(m, size float64) int {
	if m <= 0 {
		return 0
	}
	return r.poisson(m * r.gamma(size))
}

// digits gives n in at least width digits.
func digits(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}
