package picking

import "slices"

// Shortest gives a shortest tour of those that turn in the cross-aisles at the front and at the back alone. It decides aisle by
// aisle how to walk it and how to go on to the next, and keeps for each of seven kinds of unfinished walk the shortest one: the
// work grows with the number of aisles and picks alone. Source: Ratliff and Rosenthal, Operations Research 31(3), 1983, 507–521.
func Shortest(l Layout, places []Place) Route {
	list := nodes(&l, places)
	if len(list) == 0 {
		return Route{Order: []int{}}
	}
	s := newSweep(&l, list)
	through, onward, _ := s.solve()
	walk := s.walk(through, onward)
	// Both directions are as long; people begin with what is near.
	bench := node{aisle: l.Bench}
	if l.between(bench, walk[len(walk)-1]) < l.between(bench, walk[0]) {
		slices.Reverse(walk)
	}
	return route(&l, places, walk)
}

// state is what is known of an unfinished walk at the last aisle done: how many ways end at its back and its front (none, an
// even or an odd number of them), and in how many pieces the walk is.
type state int

const (
	nothing   state = iota // no way yet
	oddOdd                 // an odd number at both ends, one piece
	evenBack               // an even number at the back alone
	evenFront              // an even number at the front alone
	evenOne                // even at both ends, one piece
	evenTwo                // even at both ends, two pieces
	done                   // closed; nothing may follow
	states
)

// none marks a step that cannot be taken.
const none = state(-1)

// Ways through one aisle.
const (
	through  = iota // once from end to end
	fromBack        // in and out at the back
	fromFront
	around // in and out at both ends, leaving out the largest gap
	twice  // there and back
	past   // not at all
	ways
)

// inAisle says which state follows from which by each way through an aisle (Ratliff and Rosenthal, table I).
var inAisle = [states][ways]state{
	nothing:   {oddOdd, evenBack, evenFront, evenTwo, evenOne, nothing},
	oddOdd:    {evenOne, oddOdd, oddOdd, oddOdd, oddOdd, oddOdd},
	evenBack:  {oddOdd, evenBack, evenTwo, evenTwo, evenOne, evenBack},
	evenFront: {oddOdd, evenTwo, evenFront, evenTwo, evenOne, evenFront},
	evenOne:   {oddOdd, evenOne, evenOne, evenOne, evenOne, evenOne},
	evenTwo:   {oddOdd, evenTwo, evenTwo, evenTwo, evenOne, evenTwo},
	done:      {none, none, none, none, none, done},
}

// Ways on to the next aisle: how often along the back and along the front.
var steps = [5]struct{ back, front int }{{1, 1}, {2, 0}, {0, 2}, {2, 2}, {0, 0}}

// toNext says which state follows by each step to the next aisle (table II).
var toNext = [states][len(steps)]state{
	nothing:   {none, none, none, none, nothing},
	oddOdd:    {oddOdd, none, none, none, none},
	evenBack:  {none, evenBack, none, evenTwo, done},
	evenFront: {none, none, evenFront, evenTwo, done},
	evenOne:   {none, evenBack, evenFront, evenOne, done},
	evenTwo:   {none, none, none, evenTwo, none},
	done:      {none, none, none, none, done},
}

// sweep is the search over the aisles from first to last, the bench among their spots.
type sweep struct {
	l     *Layout
	nodes []node
	first int      // the first aisle that is walked
	spots [][]spot // by aisle from the first on, in rising depth
}

// spot is a node or, with node −1, the bench.
type spot struct{ depth, node int }

func newSweep(l *Layout, list []node) *sweep {
	s := &sweep{l: l, nodes: list, first: min(l.Bench, list[0].aisle)}
	s.spots = make([][]spot, max(l.Bench, list[len(list)-1].aisle)-s.first+1)
	s.spots[l.Bench-s.first] = []spot{{0, -1}}
	for i, n := range list {
		a := n.aisle - s.first
		s.spots[a] = append(s.spots[a], spot{n.depth, i})
	}
	return s
}

// cost gives the length of a way through an aisle, and false where it does not reach all of its spots.
func (s *sweep) cost(aisle, way int) (int, bool) {
	spots, long := s.spots[aisle], s.l.back()
	switch {
	case way == through:
		return long, true
	case way == twice:
		return 2 * long, true
	case way == past || len(spots) == 0:
		return 0, way == past && len(spots) == 0
	case way == fromBack:
		return 2 * (long - spots[0].depth), true
	case way == fromFront:
		return 2 * spots[len(spots)-1].depth, true
	}
	cut := s.gap(aisle)
	if cut == 0 {
		return 0, false
	}
	return 2 * (long - spots[cut].depth + spots[cut-1].depth), true
}

// gap gives the index of the spot behind the largest gap between two spots of an aisle, 0 where there is none.
func (s *sweep) gap(aisle int) int {
	spots, best, at := s.spots[aisle], 0, 0
	for i := 1; i < len(spots); i++ {
		if g := spots[i].depth - spots[i-1].depth; g > best {
			best, at = g, i
		}
	}
	return at
}

// choice is how a state was reached: the state before, and the way or step taken.
type choice struct {
	cm   int
	from state
	by   int
	ok   bool
}

// stage is the best way to each state, after the ways through an aisle and after the step to the next.
type stage struct{ inside, beyond [states]choice }

// solve gives the ways through the aisles and the steps between them of a shortest walk, and its length.
func (s *sweep) solve() (through, onward []int, cm int) {
	stages := make([]stage, len(s.spots))
	before := [states]choice{nothing: {ok: true}}
	for a := range s.spots {
		st := &stages[a]
		for way := range ways {
			if cm, ok := s.cost(a, way); ok {
				relax(&st.inside, &before, way, cm, func(f state) state { return inAisle[f][way] })
			}
		}
		for k, step := range steps {
			relax(&st.beyond, &st.inside, k, (step.back+step.front)*s.l.AisleCM, func(f state) state { return toNext[f][k] })
		}
		before = st.beyond
	}
	last := &stages[len(stages)-1].inside
	end := none
	for _, st := range []state{evenBack, evenFront, evenOne, done} {
		if last[st].ok && (end == none || last[st].cm < last[end].cm) {
			end = st
		}
	}
	cm = last[end].cm
	through, onward = make([]int, len(stages)), make([]int, len(stages))
	for a := len(stages) - 1; a >= 0; a-- {
		through[a] = stages[a].inside[end].by
		if end = stages[a].inside[end].from; a > 0 {
			onward[a-1] = stages[a-1].beyond[end].by
			end = stages[a-1].beyond[end].from
		}
	}
	return through, onward, cm
}

// relax takes one way from every state that was reached.
func relax(to, from *[states]choice, by, cm int, next func(state) state) {
	for f := range states {
		if !from[f].ok {
			continue
		}
		if n := next(f); n != none && (!to[n].ok || from[f].cm+cm < to[n].cm) {
			to[n] = choice{from[f].cm + cm, f, by, true}
		}
	}
}

// graph is the ways of a walk as edges between its corners and spots: an aisle's front is 2a, its back 2a+1, and its spots
// follow all corners.
type graph struct {
	edges [][]int // by vertex: the edges that end there
	ends  [][2]int
}

func (g *graph) join(a, b, times int) {
	for range times {
		g.edges[a] = append(g.edges[a], len(g.ends))
		g.edges[b] = append(g.edges[b], len(g.ends))
		g.ends = append(g.ends, [2]int{a, b})
	}
}

// walk gives the nodes in the order of a walk over all of its ways, each once (Euler; Hierholzer's method).
func (s *sweep) walk(through, onward []int) []node {
	corners := 2 * len(s.spots)
	var at []spot
	bench := 0
	g := &graph{}
	first := make([]int, len(s.spots))
	for a, spots := range s.spots {
		first[a] = corners + len(at)
		for i, sp := range spots {
			if sp.node < 0 {
				bench = first[a] + i
			}
		}
		at = append(at, spots...)
	}
	g.edges = make([][]int, corners+len(at))
	for a := range s.spots {
		s.lay(g, a, first[a], through[a])
		if a+1 < len(s.spots) {
			g.join(2*a+1, 2*a+3, steps[onward[a]].back)
			g.join(2*a, 2*a+2, steps[onward[a]].front)
		}
	}
	var walk []node
	seen := make([]bool, len(g.edges))
	for _, v := range g.circuit(bench) {
		if v >= corners && !seen[v] && at[v-corners].node >= 0 {
			walk = append(walk, s.nodes[at[v-corners].node])
		}
		seen[v] = true
	}
	return walk
}

// lay adds the edges of a way through an aisle whose spots are the vertices from first on.
func (s *sweep) lay(g *graph, aisle, first, way int) {
	n := len(s.spots[aisle])
	line := make([]int, 0, n+2)
	line = append(line, 2*aisle)
	for i := range n {
		line = append(line, first+i)
	}
	line = append(line, 2*aisle+1)
	from, to, times, skip := 0, n+1, 2, -1
	switch way {
	case through:
		times = 1
	case fromBack:
		from = 1
	case fromFront:
		to = n
	case around:
		skip = s.gap(aisle)
	case past:
		return
	}
	for i := from; i < to; i++ {
		if i != skip {
			g.join(line[i], line[i+1], times)
		}
	}
}

// circuit gives the vertices of a closed walk from start over every edge once.
func (g *graph) circuit(start int) []int {
	used := make([]bool, len(g.ends))
	next := make([]int, len(g.edges))
	stack, walk := []int{start}, []int(nil)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		for next[v] < len(g.edges[v]) && used[g.edges[v][next[v]]] {
			next[v]++
		}
		if next[v] == len(g.edges[v]) {
			walk = append(walk, v)
			stack = stack[:len(stack)-1]
			continue
		}
		e := g.edges[v][next[v]]
		used[e] = true
		stack = append(stack, g.ends[e][0]+g.ends[e][1]-v)
	}
	slices.Reverse(walk)
	return walk
}
