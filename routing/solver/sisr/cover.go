package sisr

import (
	"cmp"
	"math"
	"slices"
)

// cover looks for a plan of remembered routes that is better than the best
// one: a set partitioning problem. Prices of the customers come from its
// Lagrangian relaxation by subgradients (Held, Wolfe and Crowder, Mathematical
// Programming 6, 1974); what is left of the routes after fixing by reduced
// cost is enumerated, up to a number of nodes.
type cover struct {
	pool      *pool
	customers []int32
	depots    int
	fleet     []int32 // at most so many routes of each depot
	bound     float64 // cost to undercut

	price []float64 // of each node; of depots: what one of its vehicles costs
	best  []float64
	low   float64 // bound of the relaxation

	lists  [][]int32 // candidates by customer
	order  []int32
	rank   []int32
	cost   []float64 // reduced, of each route
	taken  []bool
	used   []int32
	chosen []int32
	found  []int32
	least  int64
	nodes  int
	over   func() bool
}

const (
	coverSteps = 400
	coverNodes = 400_000
)

// recombine makes the best plan of all customers that it finds in the pool out
// of the plan best, which must have them all. It says whether that is better.
func (p *pool) recombine(in *Instance, customers, fleet []int32, best *snapshot, over func() bool) bool {
	if len(best.miss) > 0 || len(p.from) == 0 {
		return false
	}
	c := &cover{pool: p, customers: customers, depots: in.Depots, fleet: fleet, bound: float64(best.total), least: best.total,
		price: make([]float64, in.Nodes), low: math.Inf(-1), taken: make([]bool, in.Nodes), used: make([]int32, in.Depots), over: over}
	for _, u := range customers {
		c.price[u] = c.bound / float64(len(customers))
	}
	c.relax()
	c.prepare()
	c.walk(0, 0, c.low)
	if debug {
		println("pool", len(p.from), "bound", int64(c.low), "was", best.total, "now", c.least, "nodes", c.nodes)
	}
	if c.found == nil {
		return false
	}
	best.clear()
	for v, k := range c.found {
		home := p.home[k]
		if in.kind() == trips {
			home = int32(v)
		}
		for _, tour := range p.trips(k) {
			best.flat = append(best.flat, tour...)
			best.ends = append(best.ends, int32(len(best.flat)))
			best.home = append(best.home, home)
		}
	}
	best.total, best.full = c.least, true
	return true
}

// relax improves the prices.
func (c *cover) relax() {
	grad := make([]float64, len(c.price))
	scale, idle := 1.0, 0
	for range coverSteps {
		for _, u := range c.customers {
			grad[u] = 1
		}
		low := 0.0
		for _, u := range c.customers {
			low += c.price[u]
		}
		for d := range c.depots {
			grad[d] = float64(c.fleet[d])
			low -= c.price[d] * grad[d]
		}
		for k := range c.pool.from {
			tour, home := c.pool.tour(int32(k)), c.pool.home[k]
			rc := float64(c.pool.cost[k]) + c.price[home]
			for _, u := range tour {
				rc -= c.price[u]
			}
			if rc < 0 {
				low += rc
				grad[home]--
				for _, u := range tour {
					grad[u]--
				}
			}
		}
		if low > c.low+1e-9*math.Abs(c.low) {
			c.low, idle = low, 0
			c.best = append(c.best[:0], c.price...)
		} else if idle++; idle == 15 {
			scale, idle = scale/2, 0
			copy(c.price, c.best)
		}
		norm := 0.0
		for d := range c.depots {
			if grad[d] > 0 && c.price[d] == 0 {
				grad[d] = 0
			}
			norm += grad[d] * grad[d]
		}
		for _, u := range c.customers {
			norm += grad[u] * grad[u]
		}
		if norm == 0 || scale < 1e-3 || c.bound-c.low < 1 {
			break
		}
		step := scale * (c.bound*1.002 - low) / norm
		for _, u := range c.customers {
			c.price[u] += step * grad[u]
		}
		for d := range c.depots {
			c.price[d] = max(c.price[d]-step*grad[d], 0)
		}
	}
	copy(c.price, c.best)
}

// prepare lowers the prices until no route has a negative reduced cost, which
// keeps the bound's meaning, and lists the routes that a better plan may have.
func (c *cover) prepare() {
	n := len(c.price)
	c.cost = make([]float64, len(c.pool.from))
	lower := make([]float64, n)
	for k := range c.cost {
		tour := c.pool.tour(int32(k))
		rc := float64(c.pool.cost[k]) + c.price[c.pool.home[k]]
		for _, u := range tour {
			rc -= c.price[u]
		}
		c.cost[k] = rc
		if rc < 0 {
			each := rc / float64(len(tour))
			for _, u := range tour {
				lower[u] = min(lower[u], each)
			}
		}
	}
	c.low = 0
	for _, u := range c.customers {
		c.low += c.price[u] + lower[u]
	}
	for d := range c.depots {
		c.low -= c.price[d] * float64(c.fleet[d])
	}
	c.lists = make([][]int32, n)
	for k := range c.cost {
		tour := c.pool.tour(int32(k))
		for _, u := range tour {
			c.cost[k] -= lower[u]
		}
		if c.low+c.cost[k] < c.bound-0.5 {
			for _, u := range tour {
				c.lists[u] = append(c.lists[u], int32(k))
			}
		}
	}
	for _, u := range c.customers {
		slices.SortFunc(c.lists[u], func(a, b int32) int { return cmp.Or(cmp.Compare(c.cost[a], c.cost[b]), cmp.Compare(a, b)) })
	}
	c.order = slices.Clone(c.customers)
	slices.SortStableFunc(c.order, func(a, b int32) int { return len(c.lists[a]) - len(c.lists[b]) })
}

// walk enumerates plans: next is where in the order the first free customer
// may be, low the bound of the routes chosen.
func (c *cover) walk(next int, total int64, low float64) {
	for next < len(c.order) && c.taken[c.order[next]] {
		next++
	}
	if next == len(c.order) {
		if total < c.least {
			c.least, c.found = total, slices.Clone(c.chosen)
		}
		return
	}
	for _, k := range c.lists[c.order[next]] {
		if low+c.cost[k] > float64(c.least)-0.5 {
			return
		}
		home := c.pool.home[k]
		if c.used[home] >= c.fleet[home] || c.nodes >= coverNodes {
			continue
		}
		if c.nodes++; c.nodes%4096 == 0 && c.over() {
			c.nodes = coverNodes
			return
		}
		tour := c.pool.tour(k)
		free := true
		for _, u := range tour {
			if c.taken[u] {
				free = false
				break
			}
		}
		if !free {
			continue
		}
		for _, u := range tour {
			c.taken[u] = true
		}
		c.used[home]++
		c.chosen = append(c.chosen, k)
		c.walk(next, total+int64(c.pool.cost[k]), low+c.cost[k])
		c.chosen = c.chosen[:len(c.chosen)-1]
		c.used[home]--
		for _, u := range tour {
			c.taken[u] = false
		}
	}
}

// over says whether the budget is used up or the search canceled.
func (s *search) over() bool {
	return s.ctx.Err() != nil || s.opts.Progress(s.count) >= 1
}
