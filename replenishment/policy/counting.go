package policy

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Poisson is the Poisson distribution with mean Mu > 0.
type Poisson struct{ Mu float64 }

// Mean gives Mu.
func (d Poisson) Mean() float64 { return d.Mu }

// SD gives √Mu.
func (d Poisson) SD() float64 { return math.Sqrt(d.Mu) }

// Prob gives P(X = k).
func (d Poisson) Prob(k int) float64 {
	if k < 0 {
		return 0
	}
	lg, _ := math.Lgamma(float64(k) + 1)
	return math.Exp(float64(k)*math.Log(d.Mu) - d.Mu - lg)
}

// CDF gives P(X ≤ x).
func (d Poisson) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	return mathext.GammaIncRegComp(math.Floor(x)+1, d.Mu)
}

// survival gives P(X > x), exact in the tail.
func (d Poisson) survival(x float64) float64 {
	if x < 0 {
		return 1
	}
	return mathext.GammaIncReg(math.Floor(x)+1, d.Mu)
}

// Quantile gives the smallest k with CDF(k) ≥ p.
func (d Poisson) Quantile(p float64) float64 {
	if d.Mu < scanBelow {
		share("probability", p)
		prob := math.Exp(-d.Mu)
		sum, k := prob, 0.0
		for sum < p && k < scanEnd {
			k++
			prob *= d.Mu / k
			sum += prob
		}
		return k
	}
	return countingQuantile(d, p)
}

// Loss: S&S (C.41): E[(X−x)⁺] = (μ−x)P(X>⌊x⌋) + μP(X=⌊x⌋).
func (d Poisson) Loss(x float64) (over, under float64) {
	if x <= 0 {
		return d.Mu - x, 0
	}
	over = max((d.Mu-x)*d.survival(x)+d.Mu*d.Prob(int(x)), 0)
	return over, max(x-d.Mu+over, 0)
}

// Loss2: Zipkin, appendix C.2.1: ½{[(x−μ)²+x]P(X>x) − μ(x−μ)P(X=x)} for whole x ≥ 0.
func (d Poisson) Loss2(x float64) (over, under float64) {
	x = math.Floor(x)
	whole := ((x-d.Mu)*(x-d.Mu) + x) / 2
	if x <= 0 {
		return ((x-d.Mu)*(x-d.Mu) + x) / 2, 0
	}
	over = max((whole*2*d.survival(x)-d.Mu*(x-d.Mu)*d.Prob(int(x)))/2, 0)
	return over, max(whole-over, 0)
}

// NegativeBinomial counts failures before the R-th success of trials with success probability P. R need not be whole.
type NegativeBinomial struct{ R, P float64 }

// Mean gives R(1−P)/P.
func (d NegativeBinomial) Mean() float64 { return d.R * (1 - d.P) / d.P }

// SD gives the standard deviation √(R(1−P))/P.
func (d NegativeBinomial) SD() float64 { return math.Sqrt(d.R*(1-d.P)) / d.P }

// CDF gives P(X ≤ x).
func (d NegativeBinomial) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	return mathext.RegIncBeta(d.R, math.Floor(x)+1, d.P)
}

// Quantile gives the smallest k with CDF(k) ≥ p.
func (d NegativeBinomial) Quantile(p float64) float64 {
	if d.Mean() < scanBelow {
		share("probability", p)
		prob := math.Pow(d.P, d.R)
		sum, k := prob, 0.0
		for sum < p && k < scanEnd {
			k++
			prob *= (d.R + k - 1) / k * (1 - d.P)
			sum += prob
		}
		return k
	}
	return countingQuantile(d, p)
}

// Loss: from k·f(k; R, P) = mean·f(k−1; R+1, P): E[(X−x)⁺] = mean·P(Y>⌊x⌋−1) − x·P(X>⌊x⌋) with Y ~ NB(R+1, P).
func (d NegativeBinomial) Loss(x float64) (over, under float64) {
	m := d.Mean()
	if x <= 0 {
		return m - x, 0
	}
	k := math.Floor(x)
	beyond := func(r, k float64) float64 { // P(NB(r) > k)
		if k < 0 {
			return 1
		}
		return mathext.RegIncBeta(k+1, r, 1-d.P)
	}
	over = max(m*beyond(d.R+1, k-1)-x*beyond(d.R, k), 0)
	return over, max(x-m+over, 0)
}

// Discrete is a distribution on listed values.
type Discrete struct {
	values []float64 // ascending
	probs  []float64
}

// NewDiscrete gives the distribution that takes each key with its weight; weights are scaled to add up to 1. It panics
// unless some weight is positive and none is negative.
func NewDiscrete(weights map[float64]float64) Discrete {
	var d Discrete
	total := 0.0
	for v, w := range weights {
		nonNegative("weight", w)
		if w > 0 {
			d.values = append(d.values, v)
			total += w
		}
	}
	positive("sum of weights", total)
	slices.Sort(d.values)
	for _, v := range d.values {
		d.probs = append(d.probs, weights[v]/total)
	}
	return d
}

// Mean gives the expected value.
func (d Discrete) Mean() float64 {
	m := 0.0
	for i, v := range d.values {
		m += v * d.probs[i]
	}
	return m
}

// SD gives the standard deviation.
func (d Discrete) SD() float64 {
	m, s := d.Mean(), 0.0
	for i, v := range d.values {
		s += (v - m) * (v - m) * d.probs[i]
	}
	return math.Sqrt(s)
}

// CDF gives P(X ≤ x).
func (d Discrete) CDF(x float64) float64 {
	sum := 0.0
	for i, v := range d.values {
		if v <= x {
			sum += d.probs[i]
		}
	}
	return min(sum, 1)
}

// Quantile gives the smallest value whose CDF reaches p, up to rounding.
func (d Discrete) Quantile(p float64) float64 {
	share("probability", p)
	sum := 0.0
	for i, v := range d.values {
		if sum += d.probs[i]; sum >= p-1e-12 {
			return v
		}
	}
	return d.values[len(d.values)-1]
}

// Loss gives E[(X−x)⁺] and E[(x−X)⁺].
func (d Discrete) Loss(x float64) (over, under float64) {
	for i, v := range d.values {
		over += max(v-x, 0) * d.probs[i]
		under += max(x-v, 0) * d.probs[i]
	}
	return over, under
}

const (
	scanBelow = 40  // below this mean, adding up probabilities is faster and exp(−mean) is far from underflow
	scanEnd   = 1e6 // a guard: no quantile of a mean below scanBelow lies beyond
)

// countingQuantile finds the smallest whole k with CDF(k) ≥ p by bracketing from the normal approximation.
func countingQuantile(d Distribution, p float64) float64 {
	guess := max(math.Floor(d.Mean()+d.SD()*Z(p)), 0)
	step := max(math.Ceil(d.SD()/4), 1)
	lo, hi := guess, guess
	if d.CDF(guess) >= p {
		for lo >= 0 && d.CDF(lo) >= p {
			hi, lo = lo, lo-step
			step *= 2
		}
		lo = max(lo, -1)
	} else {
		for d.CDF(hi) < p {
			lo, hi = hi, hi+step
			step *= 2
		}
	}
	for hi-lo > 1 { // CDF(lo) < p ≤ CDF(hi)
		mid := math.Floor((lo + hi) / 2)
		if d.CDF(mid) >= p {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
