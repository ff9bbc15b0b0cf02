package policy

import "math"

// CriticalRatio is p/(h+p), the service level that balances the cost h of a piece left over and p of a piece missing.
func CriticalRatio(holdingCost, stockoutCost float64) float64 {
	positive("holding and stock-out cost", holdingCost, stockoutCost)
	return stockoutCost / (holdingCost + stockoutCost)
}

// NewsvendorCost is h·E[(S−D)⁺] + p·E[(D−S)⁺], the expected cost of starting the period with level pieces (S&S 4.6).
func NewsvendorCost(holdingCost, stockoutCost, level float64, demand Distribution) float64 {
	positive("holding and stock-out cost", holdingCost, stockoutCost)
	over, under := demand.Loss(level)
	return holdingCost*under + stockoutCost*over
}

// Newsvendor gives the level that minimises NewsvendorCost, and that cost: the critical-ratio quantile of the demand
// (S&S 4.3). For counting distributions it is the smallest whole level at which the CDF reaches the ratio.
func Newsvendor(holdingCost, stockoutCost float64, demand Distribution) (level, cost float64) {
	level = demand.Quantile(CriticalRatio(holdingCost, stockoutCost))
	return level, NewsvendorCost(holdingCost, stockoutCost, level, demand)
}

// NewsvendorLeadTime is the base stock of a periodic review with a lead time of whole periods and normal demand of mean
// and sd a period: the level protects leadTime+1 periods (S&S 4.3.4.1).
func NewsvendorLeadTime(holdingCost, stockoutCost, mean, sd, leadTime float64) (level, cost float64) {
	nonNegative("lead time", leadTime)
	n := leadTime + 1
	return Newsvendor(holdingCost, stockoutCost, Normal{n * mean, math.Sqrt(n) * sd})
}

// NewsvendorProfit gives the level that maximises the expected profit of a one-time purchase, and that profit
// (S&S 4.3.2.5): a piece costs cost, sells at revenue, and what is left over brings salvage; salvage < cost < revenue.
func NewsvendorProfit(revenue, cost, salvage float64, demand Distribution) (level, profit float64) {
	must(salvage < cost && cost < revenue, "need salvage < cost < revenue, got %v, %v, %v", salvage, cost, revenue)
	h, p := cost-salvage, revenue-cost
	level, loss := Newsvendor(h, p, demand)
	return level, p*demand.Mean() - loss
}
