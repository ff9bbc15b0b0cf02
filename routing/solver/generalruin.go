package solver

import "slices"

// Mean number of jobs removed and longest string, as in package sisr.
const (
	meanRemoved   = 10
	longestString = 10
)

// ruin takes strings of jobs out of routes near each other, and sometimes a
// whole route where vehicles count.
func (g *general) ruin() {
	if g.used == 0 {
		return
	}
	if g.Objective.FewerVehicles && g.rnd.IntN(20) == 0 {
		g.ruinRoute()
		return
	}
	visits := 0
	for _, r := range g.routes {
		visits += len(r)
	}
	string1 := min(longestString, float64(visits)/float64(g.used))
	count := int(1 + g.rnd.Float64()*max(4*meanRemoved/(1+string1)-1, 1))
	seed := g.rnd.IntN(len(g.Jobs))
	var ruined []int
	for _, j := range g.near[seed] {
		v := g.at[j]
		if count == 0 {
			break
		}
		if v < 0 || slices.Contains(ruined, v) {
			continue
		}
		g.cut(v, j, 1+int(g.rnd.Float64()*min(string1, float64(len(g.routes[v])))))
		ruined = append(ruined, v)
		count--
	}
}

// ruinRoute empties one of the shorter routes as far as it is free.
func (g *general) ruinRoute() {
	best := -1
	for range 3 {
		v := g.rnd.IntN(len(g.routes))
		if len(g.routes[v]) > 0 && (best < 0 || len(g.routes[v]) < len(g.routes[best])) {
			best = v
		}
	}
	if best >= 0 {
		g.drop(best, func(int) bool { return true })
	}
}

// cut removes up to size jobs around job j from v's route, with a split in
// half of the cases.
func (g *general) cut(v, j, size int) {
	r := g.routes[v]
	at := slices.IndexFunc(r, func(x Visit) bool { return x.Job == j && x.Action != Reload })
	lo, hi := max(at-size+1, 0), min(at, max(len(r)-size, 0))
	from := lo
	if hi > lo {
		from = lo + g.rnd.IntN(hi-lo+1)
	}
	to, hold := min(from+size, len(r)), -1
	if size > 1 && to < len(r) && g.rnd.IntN(2) == 0 {
		hold = from + 1 + g.rnd.IntN(size-1)
		to++
	}
	g.drop(v, func(k int) bool { return k >= from && k < to && k != hold })
}

// drop removes the jobs of which a visit is chosen, with all their visits, but
// not those with a frozen one.
func (g *general) drop(v int, chosen func(k int) bool) {
	r := g.routes[v]
	some := false
	for k, x := range r {
		if x.Action != Reload && chosen(k) && !g.locked[x.Job] && !g.gone[x.Job] {
			g.gone[x.Job], some = true, true
			g.absent = append(g.absent, x.Job)
		}
	}
	if !some {
		return
	}
	g.touch(v)
	kept := g.tidy(v, r, func(x Visit) bool { return x.Action != Reload && g.gone[x.Job] })
	for _, x := range r {
		if x.Action != Reload && g.gone[x.Job] {
			g.at[x.Job] = -1
		}
	}
	for _, x := range r {
		if x.Action != Reload {
			g.gone[x.Job] = false
		}
	}
	g.absent = append(g.absent, g.settle(v, kept)...)
}
