package models

import "math"

// The negative binomial of this package has mean mu and size r: variance mu + mu²/r (NB2, Cameron & Trivedi,
// Regression Analysis of Count Data, 1998). Fractional counts are met by treating the distribution as continuous
// between the integers.

// maxSize stands for "Poisson": above it the negative binomial cannot be told from it.
const maxSize = 1e6

// largeMean is where the exact sums hand over to the normal approximation.
const largeMean = 400

// censoredMean gives E[D | D ≥ s] for a negative binomial D: what a day that sold s pieces until the shelf was empty
// would have sold. It is at least s.
func censoredMean(s, mu, r float64) float64 {
	if !(mu > 0) || math.IsInf(mu, 0) {
		return max(s, 0)
	}
	if s <= 0 {
		return mu
	}
	r = min(max(r, 1e-3), maxSize)
	if mu > largeMean || s > 4*largeMean {
		return max(s, truncatedNormalMean(s, mu, math.Sqrt(mu+mu*mu/r)))
	}
	// Sum upwards from k = ⌈s⌉ by the ratio of neighbouring probabilities p(k+1)/p(k) = (k+r)/(k+1) · mu/(mu+r):
	// the probability of k itself cancels, so nothing underflows.
	k := math.Ceil(s)
	q := mu / (mu + r)
	p, sum, first := 1.0, 1.0, k
	for range 5000 {
		p *= (k + r) / (k + 1) * q
		k++
		sum += p
		first += k * p
		if p < 1e-9*sum {
			break
		}
	}
	return max(s, first/sum)
}

// truncatedNormalMean gives E[X | X ≥ s] for a normal X: mu + sd·φ(z)/(1−Φ(z)), z = (s−mu)/sd.
func truncatedNormalMean(s, mu, sd float64) float64 {
	z := (s - mu) / sd
	if z > 8 { // Mills' ratio: φ/(1−Φ) ≈ z + 1/z
		return s + sd/z
	}
	tail := 0.5 * math.Erfc(z/math.Sqrt2)
	return mu + sd*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)/tail
}

// nbQuantile gives the p-quantile of the negative binomial.
func nbQuantile(p, mu, r float64) float64 {
	if !(mu > 1e-9) {
		return 0
	}
	r = min(max(r, 1e-3), maxSize)
	if mu > largeMean {
		return gammaQuantile(p, mu, mu+mu*mu/r)
	}
	q := mu / (mu + r)
	prob := math.Exp(-r * math.Log1p(mu/r))
	if prob < 1e-280 {
		return gammaQuantile(p, mu, mu+mu*mu/r)
	}
	cum, k := prob, 0.0
	for cum < p && k < 1e6 {
		prob *= (k + r) / (k + 1) * q
		k++
		cum += prob
	}
	return k
}

// gammaQuantile gives the p-quantile of a gamma distribution of the mean and variance by the cube-root approximation
// of Wilson & Hilferty (1931), PNAS 17.
func gammaQuantile(p, mean, variance float64) float64 {
	if !(mean > 0) {
		return 0
	}
	if !(variance > 0) {
		return mean
	}
	shape := mean * mean / variance
	c := 1 / (9 * shape)
	x := 1 - c + normalQuantile(p)*math.Sqrt(c)
	if x <= 0 {
		return 0
	}
	return mean * x * x * x
}

// normalQuantile gives the p-quantile of the standard normal distribution.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// nbSize gives the moment estimate of r from Σ(y−mu)² = Σ mu + Σ mu²/r, with prior observations at priorR to keep
// short series tame.
func nbSize(ss, mu, mu2, priorR, priorWeight float64) float64 {
	over := ss - mu + priorWeight*mu2/priorR
	whole := mu2 * (1 + priorWeight)
	if !(over > 0) {
		return maxSize
	}
	return min(max(whole/over, .05), maxSize)
}
