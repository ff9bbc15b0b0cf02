package policy_test

import (
	"math"
	"testing"

	"milkrun/replenishment/policy"
)

// answers says how each kind of each reference file is computed with this package.
var answers = map[string]map[string]answer{
	"eoq.json": {
		"eoq": func(t *testing.T, c vectorCase) map[string]any {
			return lot(policy.EOQ(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "demand_rate")))
		},
		"eoq_backorders": func(t *testing.T, c vectorCase) map[string]any {
			l, x := policy.EOQBackorders(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "demand_rate"))
			out := lot(l)
			out["stockout_fraction"] = x
			return out
		},
		"epq": func(t *testing.T, c vectorCase) map[string]any {
			return lot(policy.EPQ(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "demand_rate"), c.in(t, "production_rate")))
		},
		"eoq_all_units_discount": func(t *testing.T, c vectorCase) map[string]any {
			return tierLot(policy.EOQAllUnits(c.in(t, "fixed_cost"), c.in(t, "holding_cost_rate"), c.in(t, "demand_rate"), tiers(t, c)))
		},
		"eoq_incremental_discount": func(t *testing.T, c vectorCase) map[string]any {
			return tierLot(policy.EOQIncremental(c.in(t, "fixed_cost"), c.in(t, "holding_cost_rate"), c.in(t, "demand_rate"), tiers(t, c)))
		},
	},
	"newsvendor.json": {
		"normal": func(t *testing.T, c vectorCase) map[string]any {
			return level(policy.Newsvendor(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), normal(t, c)))
		},
		"normal_lead_time": func(t *testing.T, c vectorCase) map[string]any {
			return level(policy.NewsvendorLeadTime(c.in(t, "holding_cost"), c.in(t, "stockout_cost"),
				c.in(t, "demand_mean"), c.in(t, "demand_sd"), c.in(t, "lead_time")))
		},
		"poisson": func(t *testing.T, c vectorCase) map[string]any {
			return level(policy.Newsvendor(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), policy.Poisson{Mu: c.in(t, "demand_mean")}))
		},
		"discrete_pmf": func(t *testing.T, c vectorCase) map[string]any {
			return level(policy.Newsvendor(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), pmf(t, c.Inputs["demand_pmf"].(map[string]any))))
		},
		"continuous":        newsvendor,
		"negative_binomial": newsvendor,
		"explicit_profit": func(t *testing.T, c vectorCase) map[string]any {
			s, profit := policy.NewsvendorProfit(c.in(t, "revenue"), c.in(t, "purchase_cost"), c.in(t, "salvage_value"), normal(t, c))
			return map[string]any{"base_stock_level": s, "profit": profit}
		},
		"normal_cost_at_level": func(t *testing.T, c vectorCase) map[string]any {
			return map[string]any{"cost": policy.NewsvendorCost(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "base_stock_level"), normal(t, c))}
		},
	},
	"loss_functions.json": {
		"loss": func(t *testing.T, c vectorCase) map[string]any {
			d := distribution(t, c.Inputs)
			n, nbar := d.Loss(c.in(t, "x"))
			out := map[string]any{"n": n, "nbar": nbar}
			if d2, ok := d.(policy.SecondLoss); ok {
				out["n2"], out["n2bar"] = d2.Loss2(c.in(t, "x"))
			}
			return out
		},
	},
	"safety_stock.json": {
		"cycle_service": func(t *testing.T, c vectorCase) map[string]any {
			s := policy.CycleService(c.in(t, "cycle_service"), c.in(t, "demand_mean"), c.in(t, "demand_sd"), c.in(t, "lead_time"), c.in(t, "lead_time_sd"))
			return map[string]any{"z": policy.Z(c.in(t, "cycle_service")), "sd_lead_time_demand": s.SD, "safety_stock": s.Safety, "reorder_point": s.Level}
		},
		"periodic_review": func(t *testing.T, c vectorCase) map[string]any {
			s := policy.PeriodicReview(c.in(t, "cycle_service"), c.in(t, "demand_mean"), c.in(t, "demand_sd"), c.in(t, "lead_time"), c.in(t, "lead_time_sd"), c.in(t, "review_period"))
			return map[string]any{"sd_protection": s.SD, "safety_stock": s.Safety, "order_up_to": s.Level}
		},
		"fill_rate_rQ": func(t *testing.T, c vectorCase) map[string]any {
			mean, sd := leadDemand(t, c)
			r := policy.ReorderPointForFillRate(c.in(t, "fill_rate"), c.in(t, "order_quantity"), mean, sd)
			return map[string]any{"k": r.K, "safety_stock": r.Safety, "reorder_point": r.Level, "cycle_service": r.CycleService, "expected_units_short_per_cycle": r.ShortPerCycle}
		},
		"fill_rate_at": func(t *testing.T, c vectorCase) map[string]any {
			mean, sd := leadDemand(t, c)
			r, q := c.in(t, "reorder_point"), c.in(t, "order_quantity")
			short, _ := policy.Normal{Mu: mean, Sigma: sd}.Loss(r)
			return map[string]any{"fill_rate": policy.FillRateRQ(r, q, mean, sd), "fill_rate_simple": 1 - short/q, "cycle_service": policy.Phi((r - mean) / sd)}
		},
		"fill_rate_RS": func(t *testing.T, c vectorCase) map[string]any {
			d, sd, l, r := c.in(t, "demand_mean"), c.in(t, "demand_sd"), c.in(t, "lead_time"), c.in(t, "review_period")
			protect := policy.Normal{Mu: d * (l + r), Sigma: sd * math.Sqrt(l+r)}
			s := policy.LevelForFillRate(c.in(t, "fill_rate"), protect, policy.Normal{Mu: d * l, Sigma: sd * math.Sqrt(l)})
			return map[string]any{"order_up_to": s.Level, "safety_stock": s.Safety, "cycle_service": s.CycleService}
		},
		"gamma_lead_time_demand": func(t *testing.T, c vectorCase) map[string]any {
			mean, sd := leadDemand(t, c)
			d := policy.GammaOf(mean, sd)
			s := policy.ServiceTarget(c.in(t, "cycle_service"), d)
			return map[string]any{"shape": d.Shape, "scale": d.Scale, "reorder_point": s.Level, "safety_stock": s.Safety}
		},
		"negbin_lead_time_demand": func(t *testing.T, c vectorCase) map[string]any {
			mean, sd := leadDemand(t, c)
			d := policy.NegativeBinomialOf(mean, sd)
			s := policy.ServiceTarget(c.in(t, "cycle_service"), d)
			return map[string]any{"r": d.R, "p": d.P, "reorder_point": s.Level, "achieved_cycle_service": d.CDF(s.Level)}
		},
		"mad_based": func(t *testing.T, c vectorCase) map[string]any {
			sd := policy.SDFromMAD(c.in(t, "mad"))
			s := policy.CycleService(c.in(t, "cycle_service"), 0, sd, c.in(t, "lead_time"), 0)
			return map[string]any{"sd_from_mad": sd, "safety_stock": s.Safety}
		},
		"risk_pooling": func(t *testing.T, c vectorCase) map[string]any {
			p := policy.RiskPooling(c.in(t, "cycle_service"), c.list(t, "sds", 0), c.in(t, "rho"))
			return map[string]any{"decentral": p.Decentral, "pooled": p.Pooled, "reduction": p.Reduction}
		},
	},
	"rq_policy.json": {
		"normal": func(t *testing.T, c vectorCase) map[string]any {
			m := rqModel(t, c)
			eil, ok := m.ExpectedInventory()
			if !ok {
				t.Error("the expected-inventory approximation found nothing")
			}
			exact := rq(m.Exact())
			exact["cost"] = exact["exact_cost"]
			return map[string]any{"eil": rq(eil), "eoqb": rq(m.EOQBackorders()), "eoq_ss": rq(m.EOQSafety()), "loss_function": rq(m.LossFunction()), "exact": exact}
		},
		"normal_cost_at": func(t *testing.T, c vectorCase) map[string]any {
			return map[string]any{"cost": rqModel(t, c).Cost(c.in(t, "reorder_point"), c.in(t, "order_quantity"))}
		},
		"poisson_exact": func(t *testing.T, c vectorCase) map[string]any {
			p := policy.PoissonRQ(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "demand_mean"), c.in(t, "lead_time"))
			return map[string]any{"r": p.ReorderPoint, "Q": p.Quantity, "cost": p.CostRate}
		},
	},
	"ss_policy.json": {
		"poisson_exact": func(t *testing.T, c vectorCase) map[string]any {
			p := policy.PoissonSS(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "demand_mean"))
			return map[string]any{"s": p.ReorderPoint, "S": p.OrderUpTo, "cost": p.CostRate}
		},
		"power_approximation": func(t *testing.T, c vectorCase) map[string]any {
			p := policy.PowerSS(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "demand_mean"), c.in(t, "demand_sd"))
			return map[string]any{"s": p.ReorderPoint, "S": p.OrderUpTo}
		},
	},
	"supply_disruption.json": {
		"eoq_disruptions": func(t *testing.T, c vectorCase) map[string]any {
			return lot(policy.EOQDisruptions(c.in(t, "fixed_cost"), c.in(t, "holding_cost"), c.in(t, "stockout_cost"),
				c.in(t, "demand_rate"), c.in(t, "disruption_rate"), c.in(t, "recovery_rate")))
		},
		"newsvendor_disruptions": func(t *testing.T, c vectorCase) map[string]any {
			return level(policy.DisruptionStock(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), c.in(t, "demand"),
				c.in(t, "disruption_prob"), c.in(t, "recovery_prob")))
		},
	},
	"serial_clark_scarf.json": {
		"serial_ssm": func(t *testing.T, c vectorCase) map[string]any {
			s := policy.Serial{StockoutCost: c.in(t, "stockout_cost"), DemandMean: c.in(t, "demand_mean"), DemandSD: c.in(t, "demand_sd")}
			leads := c.list(t, "lead_time", 0)
			for i, h := range c.list(t, "echelon_holding_cost", len(leads)) {
				s.Stages = append(s.Stages, policy.SerialStage{EchelonHolding: h, LeadTime: leads[i]})
			}
			best := s.Optimize()
			return map[string]any{"echelon_base_stock": best.Levels, "cost_rate": best.CostRate, "newsvendor_heuristic_echelon": s.Heuristic().Levels}
		},
	},
	"wagner_whitin.json": {"wagner_whitin": wagnerWhitin},
	"rebalancing.json":   {"rebalance": rebalance},
	"gsm.json":           {"gsm_tree": gsmTree, "gsm_published_chain": gsmChain},
}

func lot(l policy.Lot) map[string]any {
	return map[string]any{"order_quantity": l.Quantity, "cost_rate": l.CostRate}
}

func tierLot(l policy.TierLot) map[string]any {
	return map[string]any{"order_quantity": l.Quantity, "cost_rate": l.CostRate, "region": l.Tier}
}

func level(s, cost float64) map[string]any {
	return map[string]any{"base_stock_level": s, "cost": cost}
}

func rq(p policy.RQ) map[string]any {
	return map[string]any{"r": p.ReorderPoint, "Q": p.Quantity, "exact_cost": p.CostRate}
}

func tiers(t *testing.T, c vectorCase) []policy.PriceTier {
	from := c.list(t, "breakpoints", 0)
	var out []policy.PriceTier
	for i, cost := range c.list(t, "unit_costs", len(from)) {
		out = append(out, policy.PriceTier{From: from[i], UnitCost: cost})
	}
	return out
}

func normal(t *testing.T, c vectorCase) policy.Normal {
	return policy.Normal{Mu: c.in(t, "demand_mean"), Sigma: c.in(t, "demand_sd")}
}

func newsvendor(t *testing.T, c vectorCase) map[string]any {
	return level(policy.Newsvendor(c.in(t, "holding_cost"), c.in(t, "stockout_cost"), distribution(t, c.Inputs["demand"].(map[string]any))))
}

func leadDemand(t *testing.T, c vectorCase) (mean, sd float64) {
	d, l := c.in(t, "demand_mean"), c.in(t, "lead_time")
	return d * l, policy.LeadTimeSD(d, c.in(t, "demand_sd"), l, c.in(t, "lead_time_sd"))
}

func rqModel(t *testing.T, c vectorCase) policy.RQModel {
	return policy.RQModel{
		FixedCost: c.in(t, "fixed_cost"), HoldingCost: c.in(t, "holding_cost"), StockoutCost: c.in(t, "stockout_cost"),
		DemandMean: c.in(t, "demand_mean"), DemandSD: c.in(t, "demand_sd"), LeadTime: c.in(t, "lead_time"),
	}
}

// wagnerWhitin also replays the plan: it must be feasible and cost what it says. Quantities may tie.
func wagnerWhitin(t *testing.T, c vectorCase) map[string]any {
	n := int(c.in(t, "num_periods"))
	d, k, u, h := c.list(t, "demand", n), c.list(t, "fixed_cost", n), c.list(t, "purchase_cost", n), c.list(t, "holding_cost", n)
	var periods []policy.Period
	for i := range n {
		periods = append(periods, policy.Period{Demand: d[i], Fixed: k[i], Unit: u[i], Holding: h[i]})
	}
	cost, q := policy.WagnerWhitin(periods)
	stock, sum := 0.0, 0.0
	for i := range n {
		if q[i] > 0 {
			sum += k[i] + u[i]*q[i]
		}
		if stock += q[i] - d[i]; stock < -1e-9 {
			t.Errorf("period %d ends %v short", i, -stock)
		}
		sum += h[i] * stock
	}
	if math.Abs(sum-cost) > 1e-6 {
		t.Errorf("the plan costs %v, not %v", sum, cost)
	}
	return map[string]any{"cost": cost}
}

// rebalance also checks the plan: stock, needs and forbidden lanes.
func rebalance(t *testing.T, c vectorCase) map[string]any {
	r := policy.Rebalancing{Horizon: int(c.in(t, "horizon_days")), Penalty: c.list(t, "shortage_penalty", 0)}
	n := len(r.Penalty)
	for _, v := range c.list(t, "stock", n) {
		r.Stock = append(r.Stock, int64(v))
	}
	for _, v := range c.list(t, "need_within_horizon", n) {
		r.Need = append(r.Need, int64(v))
	}
	for i := range n {
		var cost []float64
		var days []int
		for j := range n {
			cost = append(cost, c.Inputs["unit_cost"].([]any)[i].([]any)[j].(float64))
			days = append(days, int(c.Inputs["transit_days"].([]any)[i].([]any)[j].(float64)))
		}
		r.UnitCost, r.TransitDays = append(r.UnitCost, cost), append(r.TransitDays, days)
	}
	p := r.Solve()
	stock := append([]int64{}, r.Stock...)
	var short, alone int64
	aloneCost := 0.0
	for _, m := range p.Moves {
		if r.TransitDays[m.From][m.To] > r.Horizon || m.Pieces <= 0 {
			t.Errorf("move %+v is not allowed", m)
		}
		stock[m.From] -= m.Pieces
		stock[m.To] += m.Pieces
	}
	for j := range n {
		if stock[j]+p.Short[j] < r.Need[j] || stock[j] < 0 {
			t.Errorf("site %d is left with %d for a need of %d", j, stock[j], r.Need[j])
		}
		short += p.Short[j]
		miss := max(r.Need[j]-r.Stock[j], 0)
		alone += miss
		aloneCost += float64(miss) * r.Penalty[j]
	}
	return map[string]any{"min_cost": p.Cost, "total_shortage_at_optimum": short, "no_transfer_shortage": alone, "no_transfer_cost": aloneCost}
}

// network reads a network and the index of each stage.
func network(t *testing.T, c vectorCase) (n policy.Network, ids map[string]int, added []float64) {
	t.Helper()
	n.Z, ids = c.in(t, "z"), map[string]int{}
	for i, v := range c.Inputs["nodes"].([]any) {
		m := v.(map[string]any)
		num := func(key string) float64 { x, _ := m[key].(float64); return x }
		s := policy.Stage{Time: int(num("processing_time")), HoldingCost: num("holding_cost"), SD: num("external_demand_sd"), Inbound: int(num("external_inbound_service_time")), MaxOutbound: -1}
		if x, ok := m["max_outbound_service_time"].(float64); ok {
			s.MaxOutbound = int(x)
		}
		ids[m["id"].(string)] = i
		n.Stages, added = append(n.Stages, s), append(added, num("added_value"))
	}
	for _, v := range c.Inputs["arcs"].([]any) {
		a := v.([]any)
		arc := policy.Arc{From: ids[a[0].(string)], To: ids[a[1].(string)], Quantity: 1}
		if len(a) > 2 {
			arc.Quantity = a[2].(float64)
		}
		n.Arcs = append(n.Arcs, arc)
	}
	return n, ids, added
}

// place solves a network, checks the plan against every constraint, and that it is proven optimal.
func place(t *testing.T, n policy.Network) policy.Placement {
	t.Helper()
	p, err := n.Place(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range n.Arcs {
		if p.Inbound[a.To] < p.Outbound[a.From] {
			t.Errorf("arc %v: quoted %d, reckoned with %d", a, p.Outbound[a.From], p.Inbound[a.To])
		}
	}
	cost := 0.0
	for j, s := range n.Stages {
		if p.Outbound[j] < 0 || p.Inbound[j] < s.Inbound || p.Outbound[j] > p.Inbound[j]+s.Time || (s.MaxOutbound >= 0 && p.Outbound[j] > s.MaxOutbound) {
			t.Errorf("stage %d: in %d, out %d breaks its bounds %+v", j, p.Inbound[j], p.Outbound[j], s)
		}
		cost += s.HoldingCost * p.Safety[j]
	}
	if math.Abs(cost-p.Cost) > 1e-9*cost || p.Bound != p.Cost {
		t.Errorf("stock costs %v, plan says %v, bound %v", cost, p.Cost, p.Bound)
	}
	return p
}

// decoupled is the cost when every stage quotes the least it may and holds stock for it.
func decoupled(n policy.Network) float64 {
	for i := range n.Stages {
		n.Stages[i].MaxOutbound = 0
	}
	p, _ := n.Place(0)
	return p.Cost
}

func gsmTree(t *testing.T, c vectorCase) map[string]any {
	n, ids, _ := network(t, c)
	p := place(t, n)
	if times, ok := c.Expected["an_optimal_service_time"].(map[string]any); ok {
		for id := range times { // not binding: several optima exist, but the stages must be ours
			if _, ok := ids[id]; !ok {
				t.Errorf("unknown stage %s", id)
			}
		}
	}
	return map[string]any{"optimal_cost": p.Cost, "all_stages_stock_cost": decoupled(n)}
}

func gsmChain(t *testing.T, c vectorCase) map[string]any {
	n, _, added := network(t, c)
	costs, err := policy.CumulativeCosts(added, n.Arcs, c.in(t, "holding_rate"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Stages {
		n.Stages[i].HoldingCost = costs[i]
	}
	return map[string]any{"optimal_cost": place(t, n).Cost, "every_stage_decoupled_cost": decoupled(n)}
}
