package policy

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Distribution is the distribution of demand over some interval. Quantile takes 0 < p < 1; for counting distributions
// it gives the smallest whole number whose CDF reaches p. Loss gives the first-order loss function and its complement,
// over = E[(X−x)⁺] and under = E[(x−X)⁺], in pieces.
type Distribution interface {
	Mean() float64
	SD() float64
	CDF(x float64) float64
	Quantile(p float64) float64
	Loss(x float64) (over, under float64)
}

// SecondLoss is a distribution that also knows its second-order loss function and complement: ½E[((X−x)⁺)²] and
// ½E[((x−X)⁺)²]; for counting distributions ½E[(X−x)⁺(X−x−1)⁺] and ½E[(x−X)⁺(x−X+1)⁺].
type SecondLoss interface {
	Distribution
	Loss2(x float64) (over, under float64)
}

// Normal is the normal distribution with mean Mu and standard deviation Sigma > 0.
type Normal struct{ Mu, Sigma float64 }

// Mean gives Mu.
func (d Normal) Mean() float64 { return d.Mu }

// SD gives Sigma.
func (d Normal) SD() float64 { return d.Sigma }

// CDF gives P(X ≤ x).
func (d Normal) CDF(x float64) float64 { return Phi((x - d.Mu) / d.Sigma) }

// Quantile gives the p-quantile.
func (d Normal) Quantile(p float64) float64 { return d.Mu + d.Sigma*Z(p) }

// Loss: S&S (C.22): n(x) = σ[φ(z) − z(1−Φ(z))].
func (d Normal) Loss(x float64) (over, under float64) {
	z := (x - d.Mu) / d.Sigma
	return d.Sigma * StandardLoss(z), d.Sigma * StandardLoss(-z)
}

// Loss2: S&S (C.26): ½σ²[(z²+1)(1−Φ(z)) − zφ(z)].
func (d Normal) Loss2(x float64) (over, under float64) {
	z, v := (x-d.Mu)/d.Sigma, d.Sigma*d.Sigma/2
	// Far out the two terms of a side cancel to a rounding error of either sign.
	return v * max((z*z+1)*Phi(-z)-z*phi(z), 0), v * max((z*z+1)*Phi(z)+z*phi(z), 0)
}

// Phi is the standard normal distribution function.
func Phi(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func phi(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// Z is the standard normal quantile, for 0 < p < 1.
func Z(p float64) float64 {
	share("probability", p)
	return mathext.NormalQuantile(p)
}

// StandardLoss is the standard normal loss function G(k) = φ(k) − k(1−Φ(k)), SPT's G_u(k).
func StandardLoss(k float64) float64 { return max(phi(k)-k*Phi(-k), 0) }

// Gamma is the gamma distribution: mean Shape·Scale, variance Shape·Scale².
type Gamma struct{ Shape, Scale float64 }

// Mean gives Shape·Scale.
func (d Gamma) Mean() float64 { return d.Shape * d.Scale }

// SD gives √Shape·Scale.
func (d Gamma) SD() float64 { return math.Sqrt(d.Shape) * d.Scale }

// CDF gives P(X ≤ x).
func (d Gamma) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return mathext.GammaIncReg(d.Shape, x/d.Scale)
}

// Quantile gives the p-quantile.
func (d Gamma) Quantile(p float64) float64 {
	share("probability", p)
	lg, _ := math.Lgamma(d.Shape)
	x := mathext.GammaIncRegInv(d.Shape, p)
	if x < 1e-12 { // the library gives 0 there; F(x) is xᵃ/Γ(a+1) near 0
		x = math.Exp((math.Log(p*d.Shape) + lg) / d.Shape)
	}
	// The inverse is good to four digits for small shapes: Newton's steps bring it to the last.
	for range 4 {
		density := math.Exp((d.Shape-1)*math.Log(x) - x - lg)
		next := x - (mathext.GammaIncReg(d.Shape, x)-p)/density
		if !(next > 0) || math.IsInf(next, 0) {
			break
		}
		done := math.Abs(next-x) <= 1e-12*x
		if x = next; done {
			break
		}
	}
	return x * d.Scale
}

// Loss: Zipkin, appendix C.2.3: with Q the upper incomplete gamma ratio, E[(X−x)⁺] = ab·Q(a+1, x/b) − x·Q(a, x/b).
func (d Gamma) Loss(x float64) (over, under float64) {
	if x <= 0 {
		return d.Mean() - x, 0
	}
	u := x / d.Scale
	over = d.Mean()*mathext.GammaIncRegComp(d.Shape+1, u) - x*mathext.GammaIncRegComp(d.Shape, u)
	under = x*mathext.GammaIncReg(d.Shape, u) - d.Mean()*mathext.GammaIncReg(d.Shape+1, u)
	return max(over, 0), max(under, 0)
}

// Loss2 by the same identity for the second moment.
func (d Gamma) Loss2(x float64) (over, under float64) {
	m, m2 := d.Mean(), d.Shape*(d.Shape+1)*d.Scale*d.Scale
	if x <= 0 {
		return (m2 - 2*x*m + x*x) / 2, 0
	}
	u := x / d.Scale
	over = m2*mathext.GammaIncRegComp(d.Shape+2, u) - 2*x*m*mathext.GammaIncRegComp(d.Shape+1, u) + x*x*mathext.GammaIncRegComp(d.Shape, u)
	under = m2*mathext.GammaIncReg(d.Shape+2, u) - 2*x*m*mathext.GammaIncReg(d.Shape+1, u) + x*x*mathext.GammaIncReg(d.Shape, u)
	return max(over, 0) / 2, max(under, 0) / 2
}

// Lognormal is the distribution of exp(N(Mu, Sigma²)).
type Lognormal struct{ Mu, Sigma float64 }

// Mean gives exp(Mu + Sigma²/2).
func (d Lognormal) Mean() float64 { return math.Exp(d.Mu + d.Sigma*d.Sigma/2) }

// SD gives the standard deviation.
func (d Lognormal) SD() float64 { return d.Mean() * math.Sqrt(math.Expm1(d.Sigma*d.Sigma)) }

// CDF gives P(X ≤ x).
func (d Lognormal) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return Phi((math.Log(x) - d.Mu) / d.Sigma)
}

// Quantile gives the p-quantile.
func (d Lognormal) Quantile(p float64) float64 { return math.Exp(d.Mu + d.Sigma*Z(p)) }

// Loss: S&S (C.29).
func (d Lognormal) Loss(x float64) (over, under float64) {
	if x <= 0 {
		return d.Mean() - x, 0
	}
	k := (math.Log(x) - d.Mu) / d.Sigma
	over = d.Mean()*Phi(d.Sigma-k) - x*Phi(-k)
	under = x*Phi(k) - d.Mean()*Phi(k-d.Sigma)
	return max(over, 0), max(under, 0)
}

// Exponential is the exponential distribution with mean Mu.
type Exponential struct{ Mu float64 }

// Mean gives Mu.
func (d Exponential) Mean() float64 { return d.Mu }

// SD gives Mu.
func (d Exponential) SD() float64 { return d.Mu }

// CDF gives P(X ≤ x).
func (d Exponential) CDF(x float64) float64 { return -math.Expm1(-max(x, 0) / d.Mu) }

// Quantile gives the p-quantile.
func (d Exponential) Quantile(p float64) float64 {
	share("probability", p)
	return -d.Mu * math.Log1p(-p)
}

// Loss: μ·exp(−x/μ) for x ≥ 0.
func (d Exponential) Loss(x float64) (over, under float64) {
	if x <= 0 {
		return d.Mu - x, 0
	}
	over = d.Mu * math.Exp(-x/d.Mu)
	return over, max(x+d.Mu*math.Expm1(-x/d.Mu), 0)
}

// Uniform is the uniform distribution on [Lo, Hi].
type Uniform struct{ Lo, Hi float64 }

// Mean gives the middle.
func (d Uniform) Mean() float64 { return (d.Lo + d.Hi) / 2 }

// SD gives the standard deviation.
func (d Uniform) SD() float64 { return (d.Hi - d.Lo) / math.Sqrt(12) }

// CDF gives P(X ≤ x).
func (d Uniform) CDF(x float64) float64 { return min(max((x-d.Lo)/(d.Hi-d.Lo), 0), 1) }

// Quantile gives the p-quantile.
func (d Uniform) Quantile(p float64) float64 {
	share("probability", p)
	return d.Lo + p*(d.Hi-d.Lo)
}

// Loss: (Hi−x)²/2(Hi−Lo) inside the interval.
func (d Uniform) Loss(x float64) (over, under float64) {
	switch w := d.Hi - d.Lo; {
	case x <= d.Lo:
		return d.Mean() - x, 0
	case x >= d.Hi:
		return 0, x - d.Mean()
	default:
		return (d.Hi - x) * (d.Hi - x) / (2 * w), (x - d.Lo) * (x - d.Lo) / (2 * w)
	}
}
