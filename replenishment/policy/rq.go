package policy

import "math"

// RQ is a reorder point, an order quantity and the expected cost per time unit.
type RQ struct{ ReorderPoint, Quantity, CostRate float64 }

// RQModel is a continuously watched item with normal demand of mean and sd a time unit, fixed cost an order, holding and
// backorder cost a piece and time unit, and a fixed lead time. All fields are positive.
type RQModel struct {
	FixedCost, HoldingCost, StockoutCost, DemandMean, DemandSD, LeadTime float64
}

func (m RQModel) leadDemand() Normal {
	positive("costs, demand and lead time", m.FixedCost, m.HoldingCost, m.StockoutCost, m.DemandMean, m.DemandSD, m.LeadTime)
	return Normal{m.DemandMean * m.LeadTime, m.DemandSD * math.Sqrt(m.LeadTime)}
}

// rate is the cost per time unit at inventory position y.
func (m RQModel) rate(y float64, lead Normal) float64 {
	over, under := lead.Loss(y)
	return m.HoldingCost*under + m.StockoutCost*over
}

// area is the integral of rate from r to r+q, by the second-order loss function (S&S 5.3; Zipkin 6.2).
func (m RQModel) area(r, q float64, lead Normal) float64 {
	over0, under0 := lead.Loss2(r)
	over1, under1 := lead.Loss2(r + q)
	return m.HoldingCost*(under1-under0) + m.StockoutCost*(over0-over1)
}

// Cost is the exact expected cost per time unit of ordering q at the reorder point r (S&S (5.7)).
func (m RQModel) Cost(r, q float64) float64 {
	positive("order quantity", q)
	lead := m.leadDemand()
	return (m.FixedCost*m.DemandMean + m.area(r, q, lead)) / q
}

func (m RQModel) at(r, q float64) RQ { return RQ{r, q, m.Cost(r, q)} }

// ReorderPoint is the best reorder point for the quantity q: the r at which being at r costs as much as at r+q (S&S 5.9).
func (m RQModel) ReorderPoint(q float64) float64 {
	positive("order quantity", q)
	lead := m.leadDemand()
	best := lead.Quantile(CriticalRatio(m.HoldingCost, m.StockoutCost))
	// rate(r+q) − rate(r) rises with r; the root lies in [best−q, best].
	return root(func(r float64) float64 { return m.rate(r+q, lead) - m.rate(r, lead) }, best-q, best)
}

// Exact gives the optimal policy. With H(q) = rate(r(q)), q·H(q) − area rises in q and equals the fixed cost rate at the
// optimum (Zheng, Management Science 38(1), 1992, 87–103).
func (m RQModel) Exact() RQ {
	lead := m.leadDemand()
	rise := func(q float64) float64 {
		r := m.ReorderPoint(q)
		return q*m.rate(r, lead) - m.area(r, q, lead) - m.FixedCost*m.DemandMean
	}
	lo := EOQ(m.FixedCost, m.HoldingCost, m.DemandMean).Quantity
	for rise(lo) > 0 {
		lo /= 2
	}
	q := root(rise, lo, 2*lo)
	return m.at(m.ReorderPoint(q), q)
}

// EOQBackorders takes the quantity of the EOQ with backorders and the best reorder point for it (Zheng 1992: at most
// 11.8 % above the optimum, Axsäter 1996).
func (m RQModel) EOQBackorders() RQ {
	lot, _ := EOQBackorders(m.FixedCost, m.HoldingCost, m.StockoutCost, m.DemandMean)
	return m.at(m.ReorderPoint(lot.Quantity), lot.Quantity)
}

// EOQSafety takes the EOQ and the critical-ratio quantile of the demand over the lead time (S&S 5.4.3).
func (m RQModel) EOQSafety() RQ {
	r := m.leadDemand().Quantile(CriticalRatio(m.HoldingCost, m.StockoutCost))
	return m.at(r, EOQ(m.FixedCost, m.HoldingCost, m.DemandMean).Quantity)
}

// ExpectedInventory is the classical approximation of Whitin and of Hadley and Whitin 1963 (S&S 5.4.1), which charges
// StockoutCost once a piece: 1−F(r) = Qh/(pλ), Q = √(2λ[K + p·n(r)]/h). ok is false when it has no solution, which
// happens where stock-outs are cheap against holding.
func (m RQModel) ExpectedInventory() (policy RQ, ok bool) {
	lead := m.leadDemand()
	q, r := EOQ(m.FixedCost, m.HoldingCost, m.DemandMean).Quantity, 0.0
	for range 10_000 {
		out := q * m.HoldingCost / (m.StockoutCost * m.DemandMean)
		if out >= 1 {
			return RQ{}, false
		}
		r0, q0 := r, q
		r = lead.Quantile(1 - out)
		over, _ := lead.Loss(r)
		q = math.Sqrt(2 * m.DemandMean * (m.FixedCost + m.StockoutCost*over) / m.HoldingCost)
		if math.Abs(q-q0) <= 1e-10*q && math.Abs(r-r0) <= 1e-10*(1+math.Abs(r)) {
			break
		}
	}
	return m.at(r, q), true
}

// LossFunction is Hadley and Whitin's approximation by loss functions (S&S 5.4.4): n(r) = hQ/(h+p) and
// Q = √(2[Kλ + (h+p)n₂(r)]/h). It neglects only the stock at r that is above all demand, and is nearly exact.
func (m RQModel) LossFunction() RQ {
	lead := m.leadDemand()
	h, p := m.HoldingCost, m.StockoutCost
	q, r := EOQ(m.FixedCost, h, m.DemandMean).Quantity, 0.0
	for range 10_000 {
		q0 := q
		want := h * q / (h + p)
		r = root(func(x float64) float64 {
			over, _ := lead.Loss(x)
			return want - over
		}, lead.Mu-lead.Sigma, lead.Mu+lead.Sigma)
		over2, _ := lead.Loss2(r)
		q = math.Sqrt(2 * (m.FixedCost*m.DemandMean + (h+p)*over2) / h)
		if math.Abs(q-q0) <= 1e-11*q {
			break
		}
	}
	return m.at(r, q)
}

// PoissonRQ gives the optimal whole reorder point and quantity for Poisson demand: the interval of positions r+1..r+q is
// widened on its cheaper side for as long as that lowers the average cost (Federgruen & Zheng, Operations Research 40(4),
// 1992, 808–813).
func PoissonRQ(fixedCost, holdingCost, stockoutCost, demandMean, leadTime float64) RQ {
	positive("costs, demand and lead time", fixedCost, holdingCost, stockoutCost, demandMean, leadTime)
	lead := Poisson{demandMean * leadTime}
	rate := func(y float64) float64 { return NewsvendorCost(holdingCost, stockoutCost, y, lead) }
	level := lead.Quantile(CriticalRatio(holdingCost, stockoutCost))
	sum, r, top := fixedCost*demandMean+rate(level), level-1, level
	below, above := rate(r), rate(top+1)
	for q := 1.0; ; q++ {
		next := min(below, above)
		if next*q >= sum {
			return RQ{r, q, sum / q}
		}
		sum += next
		if below <= above {
			r--
			below = rate(r)
		} else {
			top++
			above = rate(top + 1)
		}
	}
}
