package picking

import "slices"

// Improved takes the shortest of serpentine, largest gap and nearest neighbour and improves it until neither turning a part of
// it round (2-opt) nor moving up to three stops elsewhere (Or-opt) makes it shorter.
func Improved(l Layout, places []Place) Route {
	list := nodes(&l, places)
	if len(list) == 0 {
		return Route{Order: []int{}}
	}
	t := newTour(&l, list)
	best := t.from(Serpentine(l, places))
	for _, r := range []Route{LargestGap(l, places), NearestNeighbour(l, places)} {
		if o := t.from(r); t.length(o) < t.length(best) {
			best = o
		}
	}
	for t.turn(best) || t.shift(&best) {
	}
	walk := make([]node, len(best))
	for i, n := range best {
		walk[i] = list[n-1]
	}
	return route(&l, places, walk)
}

// tour holds the ways between nodes: 0 is the bench, node i of the list is i+1.
type tour struct {
	ways [][]int
	node map[int]int // of the index of a place
}

func newTour(l *Layout, list []node) *tour {
	all := append([]node{{aisle: l.Bench}}, list...)
	t := &tour{ways: make([][]int, len(all)), node: map[int]int{}}
	for i, a := range all {
		t.ways[i] = make([]int, len(all))
		for j, b := range all {
			t.ways[i][j] = l.between(a, b)
		}
		for _, s := range a.stops {
			t.node[s] = i
		}
	}
	return t
}

// from gives the order of nodes of a route.
func (t *tour) from(r Route) []int {
	var order []int
	for _, s := range r.Order {
		if n := t.node[s]; len(order) == 0 || order[len(order)-1] != n {
			order = append(order, n)
		}
	}
	return order
}

func (t *tour) length(order []int) int {
	at, sum := 0, 0
	for _, n := range order {
		sum += t.ways[at][n]
		at = n
	}
	return sum + t.ways[at][0]
}

// at gives the node at a place of the order; the bench stands before and behind it.
func at(order []int, i int) int {
	if i < 0 || i >= len(order) {
		return 0
	}
	return order[i]
}

// turn turns the part round that shortens the tour most, if any does: the ways are the same in both directions.
func (t *tour) turn(order []int) bool {
	best, from, to := 0, 0, 0
	for i := range order {
		for j := i + 1; j < len(order); j++ {
			a, b, c, d := at(order, i-1), order[i], order[j], at(order, j+1)
			if g := t.ways[a][b] + t.ways[c][d] - t.ways[a][c] - t.ways[b][d]; g > best {
				best, from, to = g, i, j
			}
		}
	}
	if best > 0 {
		slices.Reverse(order[from : to+1])
	}
	return best > 0
}

// shift moves the run of up to three nodes that shortens the tour most, either way round, if any does.
func (t *tour) shift(order *[]int) bool {
	o := *order
	best, from, size, to, flip := 0, 0, 0, 0, false
	for n := 1; n <= 3 && n < len(o); n++ {
		for i := 0; i+n <= len(o); i++ {
			a, first, last, b := at(o, i-1), o[i], o[i+n-1], at(o, i+n)
			saved := t.ways[a][first] + t.ways[last][b] - t.ways[a][b]
			rest := append(slices.Clone(o[:i]), o[i+n:]...)
			for k := 0; k <= len(rest); k++ {
				c, d := at(rest, k-1), at(rest, k)
				gap := t.ways[c][d]
				if g := saved + gap - t.ways[c][first] - t.ways[last][d]; g > best {
					best, from, size, to, flip = g, i, n, k, false
				}
				if g := saved + gap - t.ways[c][last] - t.ways[first][d]; g > best {
					best, from, size, to, flip = g, i, n, k, true
				}
			}
		}
	}
	if best == 0 {
		return false
	}
	run := slices.Clone(o[from : from+size])
	if flip {
		slices.Reverse(run)
	}
	rest := append(slices.Clone(o[:from]), o[from+size:]...)
	*order = slices.Insert(rest, to, run...)
	return true
}
