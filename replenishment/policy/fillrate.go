package policy

import "math"

// FillRateRQ is the share of demand met from stock when quantity is ordered at the reorder point and the demand over
// the lead time is normal with mean and sd (SPT 6.7.6, with the term for stock-outs that outlast a cycle):
// β = 1 − σ[G(k) − G(k + Q/σ)]/Q, k = (r − mean)/σ.
func FillRateRQ(reorderPoint, quantity, mean, sd float64) float64 {
	positive("order quantity and sd", quantity, sd)
	k := (reorderPoint - mean) / sd
	return 1 - sd*(StandardLoss(k)-StandardLoss(k+quantity/sd))/quantity
}

// FillRateTarget is a reorder point or level that reaches a fill rate.
type FillRateTarget struct {
	Target
	K             float64 // safety stock in standard deviations; may be negative
	CycleService  float64 // the cycle service that goes with it
	ShortPerCycle float64 // expected pieces short in a cycle
}

// ReorderPointForFillRate finds the reorder point at which FillRateRQ is fillRate.
func ReorderPointForFillRate(fillRate, quantity, mean, sd float64) FillRateTarget {
	share("fill rate", fillRate)
	k := root(func(k float64) float64 { return FillRateRQ(mean+k*sd, quantity, mean, sd) - fillRate }, -1, 1)
	return FillRateTarget{
		Target: Target{mean + k*sd, k * sd, sd}, K: k, CycleService: Phi(k), ShortPerCycle: (1 - fillRate) * quantity,
	}
}

// FillRateRS is the fill rate of an order-up-to level under periodic review with backorders (SPT 6.9.3, with the
// correction for backlog at the start of the interval): protection and lead are the normal demands over lead time plus
// review and over the lead time, the difference of their means is the demand of a review period.
func FillRateRS(level float64, protection, lead Normal) float64 {
	demand := protection.Mu - lead.Mu
	positive("demand over the review period", demand)
	short, _ := protection.Loss(level)
	before := max(lead.Mu-level, 0)
	if lead.Sigma > 0 {
		before, _ = lead.Loss(level)
	}
	return 1 - (short-before)/demand
}

// LevelForFillRate finds the order-up-to level at which FillRateRS is fillRate.
func LevelForFillRate(fillRate float64, protection, lead Normal) FillRateTarget {
	share("fill rate", fillRate)
	positive("sd", protection.Sigma)
	k := root(func(k float64) float64 {
		return FillRateRS(protection.Mu+k*protection.Sigma, protection, lead) - fillRate
	}, -1, 1)
	return FillRateTarget{
		Target: Target{protection.Mu + k*protection.Sigma, k * protection.Sigma, protection.Sigma},
		K:      k, CycleService: Phi(k), ShortPerCycle: (1 - fillRate) * (protection.Mu - lead.Mu),
	}
}

// FillRateLevel finds the smallest level at which the expected shortage over the interval is at most (1−fillRate) times
// the demand of a cycle, for any distribution of demand over the interval: the simple form of the
// fill rate, which counts a backlog that outlasts a cycle twice and so errs on the safe side.
func FillRateLevel(fillRate, cycleDemand float64, demand Distribution) Target {
	share("fill rate", fillRate)
	positive("demand of a cycle", cycleDemand)
	allowed := (1 - fillRate) * cycleDemand
	excess := func(x float64) float64 {
		over, _ := demand.Loss(x)
		return allowed - over
	}
	m, s := demand.Mean(), max(demand.SD(), 1e-9)
	level := root(func(k float64) float64 { return excess(m + k*s) }, -1, 1)*s + m
	return Target{level, level - m, demand.SD()}
}

// root finds a zero of the rising function f by widening [lo, hi] until it brackets one and bisecting to the last bit.
func root(f func(float64) float64, lo, hi float64) float64 {
	for i := 0; f(lo) > 0 && i < 200; i++ {
		lo -= hi - lo
	}
	for i := 0; f(hi) < 0 && i < 200; i++ {
		hi += hi - lo
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// minimum finds the minimiser of a unimodal function on [lo, hi] by golden section, to a relative width of 1e-12.
func minimum(f func(float64) float64, lo, hi float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 300 {
		if hi-lo <= 1e-12*(math.Abs(lo)+math.Abs(hi)) {
			break
		}
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
