package policy

import (
	"container/heap"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Stage is a stage of a supply network under the guaranteed-service model: it quotes a whole number of periods within
// which it always delivers.
type Stage struct {
	Time        int     // processing time, periods
	HoldingCost float64 // a piece and period, on all value added so far
	SD          float64 // of its own customers' demand a period
	Inbound     int     // the time its outside suppliers quote
	// MaxOutbound is the longest time it may quote; negative for no bound.
	MaxOutbound int
}

// Arc says that stage From supplies stage To, which uses Quantity pieces for one of its own.
type Arc struct {
	From, To int
	Quantity float64
}

// Network is an acyclic supply network. Z is the safety factor: each stage holds Z standard deviations of the demand
// over its net replenishment time, and demand beyond that bound is met by other means.
type Network struct {
	Stages []Stage
	Arcs   []Arc
	Z      float64
}

// Placement says where safety stock should stand: the service time each stage quotes (Outbound), the longest quoted to it
// (Inbound), and the safety stock that follows, in pieces. Bound is a proven lower bound on the least cost: equal to Cost
// when the plan is optimal.
type Placement struct {
	Outbound, Inbound []int
	Safety            []float64
	Cost, Bound       float64
}

// ErrNetwork is the answer to a network with a directed cycle or an arc to nowhere.
var ErrNetwork = errors.New("policy: not a supply network")

// CumulativeCosts gives the holding cost of each stage from the value that each adds: rate × (own + all that comes in).
func CumulativeCosts(added []float64, arcs []Arc, rate float64) ([]float64, error) {
	order, err := topological(len(added), arcs)
	if err != nil {
		return nil, err
	}
	value := slices.Clone(added)
	for _, j := range order {
		for _, a := range arcs {
			if a.To == j {
				value[j] += value[a.From] * a.Quantity
			}
		}
	}
	for j := range value {
		value[j] *= rate
	}
	return value, nil
}

// Place finds the service times of least safety-stock cost: min Σ hⱼ·Z·σⱼ·√(SIⱼ+Tⱼ−Sⱼ) with SIⱼ ≥ Sᵢ on every arc
// (Graves & Willems, M&SOM 2(1), 2000; S&S 6.3). On a tree (or forest) it is one dynamic program. Otherwise some arcs
// are relaxed so that a forest remains, whose optimum is a lower bound; where that breaks a relaxed arc i→j with
// Sᵢ > SIⱼ, the search splits at a time t between them into Sᵢ ≤ t and SIⱼ > t. It is exact when it ends; after limit
// forests (0: no limit) the best plan so far is given with the Bound that was proven.
func (n Network) Place(limit int) (Placement, error) {
	g, err := newGSM(n)
	if err != nil {
		return Placement{}, err
	}
	best := Placement{Cost: math.Inf(1)}
	queue := &boxes{}
	root := g.rootBox()
	g.solve(root)
	heap.Push(queue, root)
	for count := 1; queue.Len() > 0; {
		b := heap.Pop(queue).(*box)
		best.Bound = min(b.cost, best.Cost)
		if b.cost >= best.Cost*(1-1e-12) {
			break
		}
		if p := g.repair(b); p.Cost < best.Cost {
			p.Bound = best.Bound
			best = p
		}
		arc := g.broken(b)
		if arc < 0 || (limit > 0 && count >= limit) {
			break
		}
		for _, child := range g.split(b, arc) {
			if g.solve(child); child.cost < best.Cost {
				heap.Push(queue, child)
			}
			count++
		}
		if queue.Len() == 0 {
			best.Bound = best.Cost
		}
	}
	if best.Bound > best.Cost*(1-1e-12) {
		best.Bound = best.Cost
	}
	return best, nil
}

// gsm is a network made ready.
type gsm struct {
	Network
	order   []int     // topological
	coef    []float64 // h·Z·σ
	sigma   []float64
	longest []int // longest replenishment time: no stage quotes more
	tree    [][]link
	relaxed []Arc
}

// link is a tree neighbour; down is true when it is downstream.
type link struct {
	to   int
	down bool
}

func newGSM(n Network) (*gsm, error) {
	nonNegative("safety factor", n.Z)
	order, err := topological(len(n.Stages), n.Arcs)
	if err != nil {
		return nil, err
	}
	g := &gsm{
		Network: n, order: order, coef: make([]float64, len(order)), sigma: make([]float64, len(order)),
		longest: make([]int, len(order)), tree: make([][]link, len(order)),
	}
	for _, j := range order {
		s := n.Stages[j]
		must(s.Time >= 0 && s.Inbound >= 0, "times of stage %d must not be negative", j)
		nonNegative("holding cost and sd", s.HoldingCost, s.SD)
		in := s.Inbound
		for _, a := range n.Arcs {
			if a.To == j {
				in = max(in, g.longest[a.From])
			}
		}
		g.longest[j] = in + s.Time
	}
	for _, j := range slices.Backward(order) {
		v := n.Stages[j].SD * n.Stages[j].SD
		for _, a := range n.Arcs {
			if a.From == j {
				v += a.Quantity * g.sigma[a.To] * a.Quantity * g.sigma[a.To]
			}
		}
		g.sigma[j] = math.Sqrt(v)
		g.coef[j] = n.Stages[j].HoldingCost * n.Z * g.sigma[j]
	}
	g.spanningForest()
	return g, nil
}

// spanningForest keeps the arcs between the dearest stages, so that the relaxation loses little, and relaxes the others.
func (g *gsm) spanningForest() {
	arcs := slices.Clone(g.Arcs)
	slices.SortStableFunc(arcs, func(a, b Arc) int {
		return -cmpFloat(g.coef[a.From]+g.coef[a.To], g.coef[b.From]+g.coef[b.To])
	})
	group := make([]int, len(g.Stages))
	for i := range group {
		group[i] = i
	}
	for _, a := range arcs {
		x, y := group[a.From], group[a.To]
		if x == y {
			g.relaxed = append(g.relaxed, a)
			continue
		}
		for i, v := range group {
			if v == y {
				group[i] = x
			}
		}
		g.tree[a.From] = append(g.tree[a.From], link{a.To, true})
		g.tree[a.To] = append(g.tree[a.To], link{a.From, false})
	}
}

// repair makes a plan for the whole network of a box's: inbound times follow from the outbound ones.
func (g *gsm) repair(b *box) Placement {
	n := len(g.Stages)
	p := Placement{Outbound: slices.Clone(b.out), Inbound: make([]int, n), Safety: make([]float64, n)}
	for _, j := range g.order {
		p.Inbound[j] = g.Stages[j].Inbound
		for _, a := range g.Arcs {
			if a.To == j {
				p.Inbound[j] = max(p.Inbound[j], p.Outbound[a.From])
			}
		}
		p.Outbound[j] = min(p.Outbound[j], p.Inbound[j]+g.Stages[j].Time)
		root := math.Sqrt(float64(p.Inbound[j] + g.Stages[j].Time - p.Outbound[j]))
		p.Safety[j] = g.Z * g.sigma[j] * root
		p.Cost += g.coef[j] * root
	}
	return p
}

// broken gives the relaxed arc that a box's plan breaks most, −1 for none.
func (g *gsm) broken(b *box) int {
	best, by := -1, 0
	for k, a := range g.relaxed {
		if d := b.out[a.From] - b.in[a.To]; d > by {
			best, by = k, d
		}
	}
	return best
}

// topological orders the stages so that every arc leads forward.
func topological(n int, arcs []Arc) ([]int, error) {
	waits := make([]int, n)
	for _, a := range arcs {
		if a.From < 0 || a.From >= n || a.To < 0 || a.To >= n || a.From == a.To {
			return nil, fmt.Errorf("%w: arc %d→%d", ErrNetwork, a.From, a.To)
		}
		waits[a.To]++
	}
	var order []int
	for i, w := range waits {
		if w == 0 {
			order = append(order, i)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, a := range arcs {
			if a.From != order[i] {
				continue
			}
			if waits[a.To]--; waits[a.To] == 0 {
				order = append(order, a.To)
			}
		}
	}
	if len(order) < n {
		return nil, fmt.Errorf("%w: a cycle of arcs", ErrNetwork)
	}
	return order, nil
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
