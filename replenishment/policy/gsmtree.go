package policy

import (
	"math"
	"slices"
)

// box is a part of the search: bounds on the service times, and the forest's optimum within them.
type box struct {
	maxOut, minIn []int
	cost          float64 // +Inf when nothing lies within the bounds
	out, in       []int
}

// boxes is a heap of boxes, cheapest first.
type boxes []*box

func (q boxes) Len() int           { return len(q) }
func (q boxes) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q boxes) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push and Pop are for container/heap.
func (q *boxes) Push(x any) { *q = append(*q, x.(*box)) }
func (q *boxes) Pop() any {
	old := *q
	b := old[len(old)-1]
	*q = old[:len(old)-1]
	return b
}

// rootBox holds the network's own bounds.
func (g *gsm) rootBox() *box {
	b := &box{maxOut: slices.Clone(g.longest), minIn: make([]int, len(g.Stages))}
	for j, s := range g.Stages {
		b.minIn[j] = s.Inbound
		if s.MaxOutbound >= 0 {
			b.maxOut[j] = min(b.maxOut[j], s.MaxOutbound)
		}
	}
	return b
}

// split divides a box whose plan breaks the relaxed arc k in two that hold every plan that keeps it, but not this plan.
func (g *gsm) split(b *box, k int) [2]*box {
	a := g.relaxed[k]
	t := (b.out[a.From] + b.in[a.To]) / 2
	low := &box{maxOut: slices.Clone(b.maxOut), minIn: b.minIn}
	low.maxOut[a.From] = min(low.maxOut[a.From], t)
	high := &box{maxOut: b.maxOut, minIn: slices.Clone(b.minIn)}
	high.minIn[a.To] = max(high.minIn[a.To], t+1)
	return [2]*box{low, high}
}

// table is what the dynamic program knows of a stage towards its parent: the least cost of its subtree by the time that
// the parent sees (the outbound time when the parent is downstream, else the inbound one), made monotone, with the
// times chosen.
type table struct {
	cost    []float64
	at      []int // the time at which the monotone cost is reached
	partner []int // the other time of the stage chosen with it
}

// solve finds the optimum of the forest within the box.
func (g *gsm) solve(b *box) {
	n := len(g.Stages)
	b.out, b.in, b.cost = make([]int, n), make([]int, n), 0
	seen := make([]bool, n)
	for root := range n {
		if seen[root] {
			continue
		}
		tables := make([]*table, n)
		g.descend(b, root, link{to: -1}, seen, tables)
		c, s, si := g.bestOf(b, root, link{to: -1}, tables)
		if b.cost += c; math.IsInf(b.cost, 1) {
			return
		}
		g.trace(b, root, link{to: -1}, s, si, tables)
	}
}

// descend fills the tables of the subtree below k, seen from its parent.
func (g *gsm) descend(b *box, k int, parent link, seen []bool, tables []*table) {
	seen[k] = true
	for _, l := range g.tree[k] {
		if l.to != parent.to {
			g.descend(b, l.to, link{k, !l.down}, seen, tables)
		}
	}
	if parent.to >= 0 {
		tables[k] = g.tabulate(b, k, parent, tables)
	}
}

// sides gives the cost of the children of k by its inbound time (those upstream) and by its outbound time (downstream).
func (g *gsm) sides(k int, parent link, tables []*table) (byIn, byOut []float64) {
	byIn = make([]float64, g.longest[k]-g.Stages[k].Time+1)
	byOut = make([]float64, g.longest[k]+1)
	for _, l := range g.tree[k] {
		if l.to == parent.to {
			continue
		}
		side := byIn
		if l.down {
			side = byOut
		}
		t := tables[l.to]
		for x := range side {
			if x < len(t.cost) {
				side[x] += t.cost[x]
			} else if l.down { // the child cannot be quoted so long a time
				side[x] = math.Inf(1)
			} else { // a child upstream never quotes more than its longest time
				side[x] += t.cost[len(t.cost)-1]
			}
		}
	}
	return byIn, byOut
}

// tabulate gives the table of k towards its parent.
func (g *gsm) tabulate(b *box, k int, parent link, tables []*table) *table {
	byIn, byOut := g.sides(k, parent, tables)
	size := len(byIn)
	if parent.down {
		size = len(byOut)
	}
	t := &table{cost: fill(size, math.Inf(1)), at: make([]int, size), partner: make([]int, size)}
	g.each(b, k, func(s, si int, own float64) {
		mine, other := si, s
		if parent.down {
			mine, other = s, si
		}
		if c := own + byIn[si] + byOut[s]; c < t.cost[mine] {
			t.cost[mine], t.partner[mine] = c, other
		}
	})
	for x := range t.at {
		t.at[x] = x
	}
	if parent.down { // the parent at inbound x lets k quote any time up to x
		for x := 1; x < size; x++ {
			if t.cost[x-1] <= t.cost[x] {
				t.cost[x], t.at[x], t.partner[x] = t.cost[x-1], t.at[x-1], t.partner[x-1]
			}
		}
	} else { // the parent quoting x lets k reckon with any inbound time from x on
		for x := size - 2; x >= 0; x-- {
			if t.cost[x+1] <= t.cost[x] {
				t.cost[x], t.at[x], t.partner[x] = t.cost[x+1], t.at[x+1], t.partner[x+1]
			}
		}
	}
	return t
}

// each visits every pair of outbound and inbound time that the box allows stage k, with the cost of its safety stock.
func (g *gsm) each(b *box, k int, visit func(s, si int, own float64)) {
	time := g.Stages[k].Time
	for si := b.minIn[k]; si <= g.longest[k]-time; si++ {
		for s := 0; s <= min(b.maxOut[k], si+time); s++ {
			visit(s, si, g.coef[k]*math.Sqrt(float64(si+time-s)))
		}
	}
}

// bestOf gives the least cost of the tree rooted at k, and the times of k in it.
func (g *gsm) bestOf(b *box, k int, parent link, tables []*table) (cost float64, s, si int) {
	byIn, byOut := g.sides(k, parent, tables)
	cost = math.Inf(1)
	g.each(b, k, func(x, y int, own float64) {
		if c := own + byIn[y] + byOut[x]; c < cost {
			cost, s, si = c, x, y
		}
	})
	return cost, s, si
}

// trace writes the chosen times of the subtree of k, given its own.
func (g *gsm) trace(b *box, k int, parent link, s, si int, tables []*table) {
	b.out[k], b.in[k] = s, si
	for _, l := range g.tree[k] {
		if l.to == parent.to {
			continue
		}
		t := tables[l.to]
		if l.down {
			x := t.at[s]
			g.trace(b, l.to, link{k, false}, t.partner[s], x, tables)
		} else {
			x := min(si, len(t.cost)-1)
			g.trace(b, l.to, link{k, true}, t.at[x], t.partner[x], tables)
		}
	}
}
