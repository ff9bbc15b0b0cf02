package policy

import "math"

// SS is a reorder point and an order-up-to level under periodic review, with the expected cost a period: when the
// position is at or below ReorderPoint, order up to OrderUpTo.
type SS struct{ ReorderPoint, OrderUpTo, CostRate float64 }

// ssModel is an item reviewed every period, with zero lead time and full backlog. Demand is counted in whole pieces;
// prob gives the probability of a period's demand, cost the expected holding and backlog cost of a period that starts
// with y pieces.
type ssModel struct {
	fixed float64
	prob  func(k int) float64
	cost  func(y int) float64
	m     []float64 // renewal density of the demand: m[j] = expected visits to j below the order-up-to level
	probs []float64 // prob, remembered
}

// visits gives m[0..n−1]: m[0] = 1/(1−p₀), m[j] = m[0]·Σ_{l=1..j} p_l·m[j−l] (Zheng & Federgruen 1991, (4)).
func (s *ssModel) visits(n int) []float64 {
	for j := len(s.m); j < n; j++ {
		s.probs = append(s.probs, s.prob(j))
		if j == 0 {
			s.m = append(s.m, 1/(1-s.probs[0]))
			continue
		}
		sum := 0.0
		for l := 1; l <= j; l++ {
			sum += s.probs[l] * s.m[j-l]
		}
		s.m = append(s.m, sum*s.m[0])
	}
	return s.m[:n]
}

// average is the cost a period of the policy (lo, hi).
func (s *ssModel) average(lo, hi int) float64 {
	sum, cycle := s.fixed, 0.0
	for d, m := range s.visits(hi - lo) {
		sum += m * s.cost(hi-d)
		cycle += m
	}
	return sum / cycle
}

// optimum is the algorithm of Zheng & Federgruen, Operations Research 39(4), 1991, 654–665; y minimises cost.
func (s *ssModel) optimum(y int) SS {
	lo := y - 1
	for s.average(lo, y) > s.cost(lo) {
		lo--
	}
	hi, best := y, s.average(lo, y)
	for top := y + 1; s.cost(top) <= best; top++ {
		if s.average(lo, top) >= best {
			continue
		}
		hi = top
		for s.average(lo, hi) <= s.cost(lo+1) {
			lo++
		}
		best = s.average(lo, hi)
	}
	return SS{float64(lo), float64(hi), best}
}

// PoissonSS gives the optimal (s,S) policy for Poisson demand of the given mean a period.
func PoissonSS(fixedCost, holdingCost, stockoutCost, demandMean float64) SS {
	positive("costs and demand", fixedCost, holdingCost, stockoutCost, demandMean)
	demand := Poisson{demandMean}
	costs := map[int]float64{}
	s := &ssModel{fixed: fixedCost, prob: demand.Prob, cost: func(y int) float64 {
		c, ok := costs[y]
		if !ok {
			c = NewsvendorCost(holdingCost, stockoutCost, float64(y), demand)
			costs[y] = c
		}
		return c
	}}
	return s.optimum(int(demand.Quantile(CriticalRatio(holdingCost, stockoutCost))))
}

// PowerSS is the revised power approximation of Ehrhardt & Mosier, Management Science 30, 1984, 618–622 (S&S 4.4.4) for
// normal demand of mean and sd a period and zero lead time. CostRate is not given.
func PowerSS(fixedCost, holdingCost, stockoutCost, mean, sd float64) SS {
	positive("costs and demand", fixedCost, holdingCost, stockoutCost, mean, sd)
	q := 1.30 * math.Pow(mean, 0.494) * math.Pow(fixedCost/holdingCost, 0.506) * math.Pow(1+sd*sd/(mean*mean), 0.116)
	z := math.Sqrt(q / sd * holdingCost / stockoutCost)
	s := 0.973*mean + sd*(0.183/z+1.063-2.192*z)
	return SS{ReorderPoint: s, OrderUpTo: s + q}
}
