package policy_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/replenishment/policy"
)

// anyDistribution draws one of every kind.
func anyDistribution(t *rapid.T) policy.Distribution {
	mean := rapid.Float64Range(0.05, 5000).Draw(t, "mean")
	cv := rapid.Float64Range(0.05, 3).Draw(t, "cv")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return policy.Normal{Mu: mean, Sigma: cv * mean}
	case 1:
		return policy.GammaOf(mean, cv*mean)
	case 2:
		return policy.Poisson{Mu: mean}
	case 3:
		return policy.NegativeBinomialOf(mean, math.Sqrt(mean)*(1.01+cv))
	case 4:
		return policy.Lognormal{Mu: math.Log(mean), Sigma: cv / 2}
	case 5:
		return policy.Exponential{Mu: mean}
	default:
		return policy.Uniform{Lo: mean, Hi: mean * (1 + cv)}
	}
}

// TestDistributions checks quantile against CDF and the loss functions against each other.
func TestDistributions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDistribution(t)
		p := rapid.Float64Range(0.001, 0.999).Draw(t, "p")
		q := d.Quantile(p)
		if c := d.CDF(q); c < p-1e-6 {
			t.Errorf("%#v: the %v-quantile %v has CDF %v", d, p, q, c)
		}
		switch d.(type) {
		case policy.Poisson, policy.NegativeBinomial:
			if q != math.Trunc(q) || (q > 0 && d.CDF(q-1) >= p+1e-9) {
				t.Errorf("%#v: %v is not the smallest whole number with CDF %v", d, q, p)
			}
		}
		x := rapid.Float64Range(0, 3).Draw(t, "x") * d.Mean()
		over, under := d.Loss(x)
		if tol := 1e-6 * (d.Mean() + d.SD()); over < 0 || under < 0 || math.Abs(over-under-(d.Mean()-x)) > tol {
			t.Errorf("%#v at %v: E[(X-x)+] %v − E[(x-X)+] %v is not mean − x = %v", d, x, over, under, d.Mean()-x)
		}
		if further, _ := d.Loss(x + d.SD()); further > over+1e-9*d.Mean() {
			t.Errorf("%#v: the loss rises from %v to %v", d, over, further)
		}
		if l2, ok := d.(policy.SecondLoss); ok {
			a, b := l2.Loss2(math.Floor(x))
			if a < 0 || b < 0 {
				t.Errorf("%#v: negative second-order loss at %v", d, x)
			}
		}
	})
}

func TestMoreServiceNeverLessStock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDistribution(t)
		lo := rapid.Float64Range(0.5, 0.998).Draw(t, "low")
		hi := rapid.Float64Range(lo, 0.999).Draw(t, "high")
		if a, b := policy.ServiceTarget(lo, d), policy.ServiceTarget(hi, d); b.Safety < a.Safety-1e-9 {
			t.Errorf("%#v: %v at %v, %v at %v", d, a.Safety, lo, b.Safety, hi)
		}
		if a, b := policy.FillRateLevel(lo, d.Mean(), d), policy.FillRateLevel(hi, d.Mean(), d); b.Level < a.Level-1e-6*(1+d.SD()) {
			t.Errorf("%#v: fill rate %v needs %v, %v needs %v", d, lo, a.Level, hi, b.Level)
		}
		mean, sd, q := d.Mean(), d.SD(), d.Mean()*2
		a, b := policy.ReorderPointForFillRate(lo, q, mean, sd), policy.ReorderPointForFillRate(hi, q, mean, sd)
		if b.Level < a.Level-1e-9*(mean+sd) || math.Abs(policy.FillRateRQ(a.Level, q, mean, sd)-lo) > 1e-9 {
			t.Errorf("reorder point %v for %v, %v for %v", a.Level, lo, b.Level, hi)
		}
	})
}

func TestPooledNeverAboveTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sds []float64
		for _, v := range rapid.SliceOfN(rapid.IntRange(0, 50_000), 1, 12).Draw(t, "sds") {
			sds = append(sds, float64(v)/100)
		}
		rho := rapid.Float64Range(-1, 1).Draw(t, "rho")
		p := policy.RiskPooling(rapid.Float64Range(0.5, 0.999).Draw(t, "service"), sds, rho)
		if p.Pooled > p.Decentral*(1+1e-12)+1e-12 || p.Pooled < 0 || p.Reduction < -1e-12 || p.Reduction > 1 {
			t.Errorf("%+v", p)
		}
	})
}

func TestFairShareNeverExceedsTheSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 9).Draw(t, "claims")
		var needs, units []int64
		total := int64(0)
		for range n {
			needs = append(needs, rapid.Int64Range(0, 5000).Draw(t, "need"))
			units = append(units, rapid.Int64Range(0, 60).Draw(t, "unit"))
			total += needs[len(needs)-1]
		}
		available := rapid.Int64Range(-5, 12000).Draw(t, "available")
		got := policy.FairShare(available, needs, units)
		sum, widest := int64(0), int64(1)
		for i, s := range got {
			u := max(units[i], 1)
			widest = max(widest, u)
			if sum += s; s < 0 || s%u != 0 || s >= needs[i]+u {
				t.Errorf("claim %d of %d in units of %d gets %d", i, needs[i], u, s)
			}
		}
		if sum > max(available, 0) {
			t.Errorf("%d given of %d", sum, available)
		}
		// Nothing is kept back that somebody could still take.
		for i, s := range got {
			if s < needs[i] && available-sum >= max(units[i], 1) {
				t.Errorf("%d are left though claim %d misses %d", available-sum, i, needs[i]-s)
			}
		}
		// Single pieces are shared to the piece.
		single := policy.FairShare(available, needs, make([]int64, n))
		for i, s := range single {
			if fair := float64(max(available, 0)) * float64(needs[i]) / float64(max(total, 1)); total > available && math.Abs(float64(s)-fair) > 1.0001 {
				t.Errorf("claim %d gets %d, its fair share is %v", i, s, fair)
			}
		}
	})
}

func TestFairShareOfHugeNumbers(t *testing.T) {
	if got := policy.FairShare(3e15, []int64{4e15, 2e15}, []int64{1, 1}); got[0] != 2e15 || got[1] != 1e15 {
		t.Errorf("%v", got)
	}
}

// TestRebalancingIsOptimal compares with trying every plan of small cases, and with the conditions of any plan.
func TestRebalancingIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "sites")
		r := policy.Rebalancing{Horizon: 2}
		for range n {
			r.Stock = append(r.Stock, rapid.Int64Range(0, 4).Draw(t, "stock"))
			r.Need = append(r.Need, rapid.Int64Range(0, 4).Draw(t, "need"))
			r.Penalty = append(r.Penalty, float64(rapid.IntRange(0, 9).Draw(t, "penalty")))
			var cost []float64
			var days []int
			for range n {
				cost = append(cost, float64(rapid.IntRange(0, 9).Draw(t, "cost")))
				days = append(days, rapid.IntRange(0, 3).Draw(t, "days"))
			}
			r.UnitCost, r.TransitDays = append(r.UnitCost, cost), append(r.TransitDays, days)
		}
		if got, want := r.Solve().Cost, cheapestPlan(r, slices.Clone(r.Stock), slices.Clone(r.Need), 0); math.Abs(got-want) > 1e-9 {
			t.Errorf("cost %v, the best plan costs %v", got, want)
		}
	})
}

// cheapestPlan serves the needs piece by piece in every possible way.
func cheapestPlan(r policy.Rebalancing, stock, need []int64, from int) float64 {
	j := from
	for j < len(need) && need[j] == 0 {
		j++
	}
	if j == len(need) {
		return 0
	}
	need[j]--
	best := r.Penalty[j] + cheapestPlan(r, stock, need, j)
	for i := range stock {
		if stock[i] == 0 || (i != j && r.TransitDays[i][j] > r.Horizon) {
			continue
		}
		cost := r.UnitCost[i][j]
		if i == j {
			cost = 0
		}
		stock[i]--
		best = min(best, cost+cheapestPlan(r, stock, need, j))
		stock[i]++
	}
	need[j]++
	return best
}

// TestWagnerWhitinIsOptimal tries every set of order periods.
func TestWagnerWhitinIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "periods")
		var periods []policy.Period
		for range n {
			num := func(label string, hi int) float64 { return float64(rapid.IntRange(0, hi).Draw(t, label)) }
			periods = append(periods, policy.Period{Demand: num("demand", 20), Fixed: num("fixed", 60), Unit: num("unit", 5), Holding: num("holding", 3)})
		}
		best := math.Inf(1)
		for set := range 1 << n {
			cost, last, held, ok := 0.0, -1, 0.0, true // held: what a piece of the last order has cost so far
			used := make([]bool, n)
			for i, p := range periods {
				if set&(1<<i) != 0 {
					last, held = i, p.Unit
				}
				if p.Demand > 0 {
					if ok = ok && last >= 0; !ok {
						break
					}
					if !used[last] {
						used[last] = true
						cost += periods[last].Fixed
					}
					cost += p.Demand * held
				}
				held += p.Holding
			}
			if ok {
				best = min(best, cost)
			}
		}
		if got, _ := policy.WagnerWhitin(periods); math.Abs(got-best) > 1e-9 {
			t.Errorf("cost %v, the best plan costs %v: %+v", got, best, periods)
		}
	})
}

// TestPlacementIsOptimal tries every service time of small networks, cycles included.
func TestPlacementIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := policy.Network{Z: 2}
		size := rapid.IntRange(2, 4).Draw(t, "stages")
		for range size {
			n.Stages = append(n.Stages, policy.Stage{
				Time: rapid.IntRange(0, 3).Draw(t, "time"), HoldingCost: float64(rapid.IntRange(1, 9).Draw(t, "cost")),
				SD: float64(rapid.IntRange(0, 5).Draw(t, "sd")), Inbound: rapid.IntRange(0, 1).Draw(t, "inbound"),
				MaxOutbound: rapid.IntRange(-1, 2).Draw(t, "bound"),
			})
		}
		for i := range size {
			for j := i + 1; j < size; j++ {
				if rapid.IntRange(0, 2).Draw(t, "arc") > 0 {
					n.Arcs = append(n.Arcs, policy.Arc{From: i, To: j, Quantity: 1})
				}
			}
		}
		p, err := n.Place(0)
		if err != nil {
			t.Fatal(err)
		}
		if best := cheapestTimes(n, nil); math.Abs(p.Cost-best) > 1e-9*(1+best) || p.Bound != p.Cost {
			t.Errorf("cost %v (bound %v), the best placement costs %v: %+v", p.Cost, p.Bound, best, n)
		}
		if few, _ := n.Place(1); few.Cost < p.Cost-1e-9 || few.Bound > p.Cost*(1+1e-9) {
			t.Errorf("after one forest: cost %v, bound %v; the optimum is %v", few.Cost, few.Bound, p.Cost)
		}
	})
}

// cheapestTimes extends the service times of the first stages in every possible way.
func cheapestTimes(n policy.Network, out []int) float64 {
	if j := len(out); j < len(n.Stages) {
		in := n.Stages[j].Inbound
		for _, a := range n.Arcs {
			if a.To == j {
				in = max(in, out[a.From])
			}
		}
		most := in + n.Stages[j].Time
		if b := n.Stages[j].MaxOutbound; b >= 0 {
			most = min(most, b)
		}
		best := math.Inf(1)
		for s := 0; s <= most; s++ {
			best = min(best, cheapestTimes(n, append(slices.Clone(out), s)))
		}
		return best
	}
	sigma := make([]float64, len(out))
	cost := 0.0
	for j := len(out) - 1; j >= 0; j-- {
		v := n.Stages[j].SD * n.Stages[j].SD
		in := n.Stages[j].Inbound
		for _, a := range n.Arcs {
			if a.From == j {
				v += sigma[a.To] * sigma[a.To]
			}
			if a.To == j {
				in = max(in, out[a.From])
			}
		}
		sigma[j] = math.Sqrt(v)
		cost += n.Stages[j].HoldingCost * n.Z * sigma[j] * math.Sqrt(float64(in+n.Stages[j].Time-out[j]))
	}
	return cost
}

// TestPoliciesAreOptimal looks around each optimum for something cheaper.
func TestPoliciesAreOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, p := rapid.Float64Range(0.1, 20).Draw(t, "h"), rapid.Float64Range(1, 300).Draw(t, "p")
		k, d := rapid.Float64Range(1, 500).Draw(t, "K"), rapid.Float64Range(10, 5000).Draw(t, "demand")
		m := policy.RQModel{FixedCost: k, HoldingCost: h, StockoutCost: p, DemandMean: d, DemandSD: d / 5, LeadTime: 0.1}
		best := m.Exact()
		for _, f := range []float64{0.9, 0.98, 1.02, 1.1} {
			if c := m.Cost(best.ReorderPoint, best.Quantity*f); c < best.CostRate*(1-1e-9) {
				t.Errorf("quantity × %v is cheaper: %v < %v", f, c, best.CostRate)
			}
			if c := m.Cost(best.ReorderPoint+(f-1)*best.Quantity, best.Quantity); c < best.CostRate*(1-1e-9) {
				t.Errorf("another reorder point is cheaper: %v < %v", c, best.CostRate)
			}
		}
		for _, other := range []policy.RQ{m.EOQBackorders(), m.EOQSafety(), m.LossFunction()} {
			if other.CostRate < best.CostRate*(1-1e-9) {
				t.Errorf("an approximation costs %v, the optimum %v", other.CostRate, best.CostRate)
			}
		}
		demand := policy.GammaOf(d, d/3)
		level, cost := policy.Newsvendor(h, p, demand)
		for _, f := range []float64{0.95, 1.05} {
			if c := policy.NewsvendorCost(h, p, level*f, demand); c < cost*(1-1e-9) {
				t.Errorf("newsvendor level × %v is cheaper", f)
			}
		}
	})
}
