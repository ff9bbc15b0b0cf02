package policy

import "math"

// LeadTimeSD is the standard deviation of the demand over an uncertain lead time: √(L·σ² + d²·σ_L²), with demand and
// lead time independent (SPT 6.7.14; S&S 4.3). demandMean and demandSD are a day's, leadTime and leadTimeSD in days.
func LeadTimeSD(demandMean, demandSD, leadTime, leadTimeSD float64) float64 {
	nonNegative("demand sd, lead time and its sd", demandSD, leadTime, leadTimeSD)
	return math.Hypot(math.Sqrt(leadTime)*demandSD, demandMean*leadTimeSD)
}

// IntervalSD is the same in the general form: errorSD is the standard deviation of the forecast error summed over the
// whole interval, which need not grow with the square root of its length, and rate the mean demand a day in it.
func IntervalSD(errorSD, rate, leadTimeSD float64) float64 {
	nonNegative("error sd and lead time sd", errorSD, leadTimeSD)
	return math.Hypot(errorSD, rate*leadTimeSD)
}

// Target is a level with the safety stock in it.
type Target struct {
	Level  float64 // reorder point or order-up-to level
	Safety float64 // Level less the mean demand over the interval
	SD     float64 // of the demand over the interval
}

// CycleService gives the reorder point of a continuously watched item so that a replenishment cycle passes without
// stock-out with the given probability: d·L + z·σ_L (SPT 6.7.5).
func CycleService(service, demandMean, demandSD, leadTime, leadTimeSD float64) Target {
	sd := LeadTimeSD(demandMean, demandSD, leadTime, leadTimeSD)
	safety := Z(service) * sd
	return Target{demandMean*leadTime + safety, safety, sd}
}

// PeriodicReview gives the order-up-to level of an item looked at every review days: the level protects lead time and
// review together (SPT 6.9.2).
func PeriodicReview(service, demandMean, demandSD, leadTime, leadTimeSD, review float64) Target {
	nonNegative("review period", review)
	return CycleService(service, demandMean, demandSD, leadTime+review, leadTimeSD)
}

// ServiceTarget gives the level at which demand stays within stock with the probability service.
func ServiceTarget(service float64, demand Distribution) Target {
	level := demand.Quantile(service)
	return Target{level, level - demand.Mean(), demand.SD()}
}

// SDFromMAD turns a mean absolute deviation into the standard deviation of normal errors: √(π/2)·MAD (SPT 3.5.2).
func SDFromMAD(mad float64) float64 {
	nonNegative("mean absolute deviation", mad)
	return math.Sqrt(math.Pi/2) * mad
}

// PooledSD is the standard deviation of the sum of demands with the given deviations and the common correlation rho,
// −1..1: √(Σσᵢ² + 2ρΣσᵢσⱼ). It is 0 where a negative rho would make the variance negative. (Eppen 1979; S&S 7.2.)
func PooledSD(sds []float64, rho float64) float64 {
	must(rho >= -1 && rho <= 1, "correlation must lie between -1 and 1, got %v", rho)
	var sum, squares float64
	for _, s := range sds {
		nonNegative("standard deviation", s)
		sum += s
		squares += s * s
	}
	return math.Sqrt(max(squares+rho*(sum*sum-squares), 0))
}

// Pooling compares safety stock held apart with safety stock held together.
type Pooling struct{ Decentral, Pooled, Reduction float64 }

// RiskPooling gives what sharing one stock saves: Reduction is the share of the decentral safety stock.
func RiskPooling(service float64, sds []float64, rho float64) Pooling {
	z, sum := Z(service), 0.0
	for _, s := range sds {
		sum += s
	}
	p := Pooling{Decentral: z * sum, Pooled: z * PooledSD(sds, rho)}
	if p.Decentral != 0 {
		p.Reduction = 1 - p.Pooled/p.Decentral
	}
	return p
}

// GammaOf gives the gamma distribution with this mean and standard deviation, both positive.
func GammaOf(mean, sd float64) Gamma {
	positive("mean and sd", mean, sd)
	return Gamma{Shape: mean * mean / (sd * sd), Scale: sd * sd / mean}
}

// NegativeBinomialOf gives the negative binomial distribution with this mean and standard deviation; the variance must
// exceed the mean.
func NegativeBinomialOf(mean, sd float64) NegativeBinomial {
	positive("mean", mean)
	must(sd*sd > mean, "variance %v does not exceed the mean %v", sd*sd, mean)
	p := mean / (sd * sd)
	return NegativeBinomial{R: mean * p / (1 - p), P: p}
}
