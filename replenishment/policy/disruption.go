package policy

import "math"

// EOQDisruptions is the EOQ when the supplier fails now and then and sales are lost meanwhile: up times are exponential
// with rate disruption, down times with rate recovery, stockoutCost is per piece lost (Parlar & Berkin 1991; Berk &
// Arreola-Risa 1994; S&S 9.2):
// g(Q) = (K + hQ²/2d + pdψ/μ)/(Q/d + ψ/μ), ψ = λ/(λ+μ)·(1 − exp(−(λ+μ)Q/d)).
func EOQDisruptions(fixedCost, holdingCost, stockoutCost, demandRate, disruption, recovery float64) Lot {
	positive("costs and rates", fixedCost, holdingCost, stockoutCost, demandRate, disruption, recovery)
	g := func(q float64) float64 {
		psi := -disruption / (disruption + recovery) * math.Expm1(-(disruption+recovery)*q/demandRate)
		return (fixedCost + holdingCost*q*q/(2*demandRate) + stockoutCost*demandRate*psi/recovery) / (q/demandRate + psi/recovery)
	}
	// Snyder's approximation (ψ without its exponential) is within a few percent: the search starts around it.
	psi, d, h, mu := disruption/(disruption+recovery), demandRate, holdingCost, recovery
	near := (math.Sqrt(psi*d*h*psi*d*h+2*h*mu*(fixedCost*d*mu+d*d*stockoutCost*psi)) - psi*d*h) / (h * mu)
	q := minimum(g, near/10, near*10)
	return Lot{q, g(q)}
}

// DisruptionStock is the base stock against outages with a known demand a period: disruption is the probability that a
// working supplier is down in the next period, recovery that a failed one is up again. The level covers the critical-ratio
// quantile of the periods down in a row (S&S 9.3): S = d + d·F⁻¹(p/(p+h)), F(n) = 1 − α/(α+β)·(1−β)ⁿ.
func DisruptionStock(holdingCost, stockoutCost, demand, disruption, recovery float64) (level, cost float64) {
	positive("costs and demand", holdingCost, stockoutCost, demand)
	share("disruption probability", disruption)
	share("recovery probability", recovery)
	ratio := CriticalRatio(holdingCost, stockoutCost)
	down := disruption / (disruption + recovery)
	n := 0
	for tail := down; 1-tail < ratio; tail *= 1 - recovery {
		n++
	}
	level = demand * float64(n+1)
	// Expected cost over the periods k in a row that the supplier has been down, probability π_k.
	prob := 1 - down
	for k, rest := 0, 1.0; rest > 1e-14; k++ {
		gap := level - float64(k+1)*demand
		cost += prob * (holdingCost*max(gap, 0) + stockoutCost*max(-gap, 0))
		rest -= prob
		if k == 0 {
			prob = down * recovery
		} else {
			prob *= 1 - recovery
		}
	}
	return level, cost
}
