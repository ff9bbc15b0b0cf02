package policy

import "math"

// Rebalancing is the question which site should send how much to which other so that the cost of moving and of going
// short is least: a transportation problem. Stock and Need are by site; UnitCost[i][j] is the cost of a piece moved from i
// to j, and keeping stock where it is costs nothing; a lane with TransitDays[i][j] > Horizon comes too late and is not
// used. Penalty[j] is the cost of a piece missing at j.
type Rebalancing struct {
	Stock, Need []int64
	UnitCost    [][]float64
	TransitDays [][]int
	Horizon     int
	Penalty     []float64
}

// Move is a transfer of pieces between sites.
type Move struct {
	From, To int
	Pieces   int64
}

// Rebalanced is the best plan: moves between different sites, what stays missing at each, and the cost of both.
type Rebalanced struct {
	Moves []Move
	Short []int64
	Cost  float64
}

// Solve finds an optimal plan in whole pieces by successive shortest paths (Ahuja, Magnanti & Orlin, Network Flows,
// 1993, 9.7): each step sends as much as it can along the cheapest way, so the plan is optimal for what it has sent.
// Cheapest ways are found with node potentials in O(sites²).
func (r Rebalancing) Solve() Rebalanced {
	n := len(r.Stock)
	must(len(r.Need) == n && len(r.UnitCost) == n && len(r.TransitDays) == n && len(r.Penalty) == n, "rebalancing of unequal sizes")
	f := newTransport(n, r)
	out := Rebalanced{Short: make([]int64, n)}
	for f.augment() {
	}
	for i := range n {
		for j := range n {
			if p := f.flow[i][j]; p > 0 && i != j {
				out.Moves = append(out.Moves, Move{i, j, p})
				out.Cost += float64(p) * r.UnitCost[i][j]
			}
		}
	}
	for j := range n {
		out.Short[j] = f.flow[n][j]
		out.Cost += float64(out.Short[j]) * r.Penalty[j]
	}
	return out
}

// transport is the residual network: sources 0..n−1 are sites, source n stands for going short.
type transport struct {
	n          int
	cost       [][]float64 // [source][destination], +Inf where there is no lane
	flow       [][]int64
	left, open []int64   // what a source can still send, what a destination still wants
	up, vp     []float64 // potentials of sources and destinations
}

func newTransport(n int, r Rebalancing) *transport {
	t := &transport{n: n, up: make([]float64, n+1), vp: make([]float64, n)}
	total := int64(0)
	for j, need := range r.Need {
		must(need >= 0 && r.Stock[j] >= 0, "stock and need must not be negative")
		nonNegative("penalty", r.Penalty[j])
		total += need
	}
	t.open = append(t.open, r.Need...)
	t.left = append(append(t.left, r.Stock...), total)
	for i := range n + 1 {
		row := make([]float64, n)
		for j := range n {
			switch {
			case i == n:
				row[j] = r.Penalty[j]
			case i == j:
				row[j] = 0
			case r.TransitDays[i][j] > r.Horizon:
				row[j] = math.Inf(1)
			default:
				nonNegative("unit cost", r.UnitCost[i][j])
				row[j] = r.UnitCost[i][j]
			}
		}
		t.cost, t.flow = append(t.cost, row), append(t.flow, make([]int64, n))
	}
	return t
}

// augment sends pieces along the cheapest way from a source with stock to a destination with need; false when no
// destination wants anything any more.
func (t *transport) augment() bool {
	ds, dd, from, via := t.shortest()
	end, best := -1, math.Inf(1)
	for j, w := range t.open {
		if w > 0 && dd[j] < best {
			end, best = j, dd[j]
		}
	}
	if end < 0 {
		return false
	}
	for i := range ds { // potentials keep reduced costs at 0 or above
		t.up[i] += min(ds[i], best)
	}
	for j := range dd {
		t.vp[j] += min(dd[j], best)
	}
	push := t.open[end]
	for j := end; ; {
		i := from[j]
		if via[i] < 0 {
			push = min(push, t.left[i])
			break
		}
		push = min(push, t.flow[i][via[i]])
		j = via[i]
	}
	t.open[end] -= push
	for j := end; ; {
		i := from[j]
		t.flow[i][j] += push
		if via[i] < 0 {
			t.left[i] -= push
			return true
		}
		t.flow[i][via[i]] -= push
		j = via[i]
	}
}

// shortest runs Dijkstra over sources (0..n) and destinations (n+1..2n). from[j] is the source a destination is
// reached from, via[i] the destination a source is reached back through, −1 when the way starts there.
func (t *transport) shortest() (ds, dd []float64, from, via []int) {
	n := t.n
	ds, dd = fill(n+1, math.Inf(1)), fill(n, math.Inf(1))
	from, via = make([]int, n), make([]int, n+1)
	for i := range ds {
		if via[i] = -1; t.left[i] > 0 {
			ds[i] = 0 // its potential is still 0: only spent sources are reached at a cost
		}
	}
	doneS, doneD := make([]bool, n+1), make([]bool, n)
	for {
		node, dist := -1, math.Inf(1)
		for i, d := range ds {
			if !doneS[i] && d < dist {
				node, dist = i, d
			}
		}
		for j, d := range dd {
			if !doneD[j] && d < dist {
				node, dist = n+1+j, d
			}
		}
		if node < 0 {
			return ds, dd, from, via
		}
		if node <= n {
			doneS[node] = true
			for j := range n {
				if d := dist + max(t.cost[node][j]+t.up[node]-t.vp[j], 0); d < dd[j] {
					dd[j], from[j] = d, node
				}
			}
			continue
		}
		j := node - n - 1
		doneD[j] = true
		for i := range n + 1 {
			if t.flow[i][j] == 0 {
				continue
			}
			if d := dist + max(t.vp[j]-t.cost[i][j]-t.up[i], 0); d < ds[i] {
				ds[i], via[i] = d, j
			}
		}
	}
}

func fill(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
