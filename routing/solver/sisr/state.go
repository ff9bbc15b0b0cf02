package sisr

import "slices"

// Values of routeOf for customers without one.
const (
	absent  = -1 // no vehicle has it
	outside = -2 // another search has it
)

// slot is a customer's place in the current plan.
type slot struct {
	in     int32 // cost of the arc that leads here
	depart int32 // earliest end of the service
	late   int32 // latest begin of the service
	load   int32 // with pairs: on board after the service
}

// segment sums up a chain of visits: how long it takes at best, and the
// earliest and latest begin that takes no longer (Vidal et al. 2013, eq. 6–11,
// without time warp: only feasible chains are kept).
type segment struct{ dur, early, late int32 }

// shared is what searches on the same instance read and never write.
type shared struct {
	*Instance
	shape     kind
	symmetric bool
	distT     []int32   // transposed Dist, and
	timeT     []int32   // transposed Time; the same slices if symmetric
	near      [][]int16 // customers by distance, itself first
	around    [][]int16 // customers whose routes are tried for an insertion; nil: all routes are
	keys      [][]int32 // sort keys of the insertion orders
	weights   []int     // cumulated weights of the orders
	routesMax int
	scale     float64 // mean length of an arc between neighbours
}

// state is one search's plan with all it needs to change and restore it.
type state struct {
	*shared
	rnd  random
	opts Options

	slots          []slot
	version        []uint32 // of each route: the same only as long as its customers are
	versions       uint32
	recall         []recalled // recallMask+1 for each customer, by route
	recallMask     int
	seek           seeker
	todo           []int32
	routeOf, posOf []int32
	tour           [][]int32
	load           []int32 // delivered by the route
	depot          []int32
	cost           []int32 // of the route
	active         []int32 // routes with customers
	where          []int32 // index in active, −1
	free           [][]int32
	limit          []int32 // vehicles allowed at each depot
	used           []int32 // vehicles with a route
	total          int64

	customers []int32 // of this search
	missing   []int32 // absent customers (pickups for pairs)
	absences  []int32 // how often a customer was left out

	head, tail []segment // kind duration: of the customers before and after, itself included
	trips      *tripState

	// The running iteration.
	touched    []int32
	oldVersion []uint32
	stamp      []int32
	iter       int32
	backup     [][]int32
	oldLoad    []int32
	oldMiss    []int32
	oldTotal   int64
	strict     bool // plans with more absent customers are given up at once

	tails [2][]int32

	ruined []int32 // stamp of routes ruined in this iteration
	cands  []int32
	candAt []int32
	candIt int32
}

func newShared(in *Instance) *shared {
	s := &shared{Instance: in, shape: in.kind()}
	n := in.Nodes
	s.symmetric = true
	for i := 0; i < n && s.symmetric; i++ {
		for j := range i {
			if in.Dist[i*n+j] != in.Dist[j*n+i] || in.Time[i*n+j] != in.Time[j*n+i] {
				s.symmetric = false
				break
			}
		}
	}
	s.distT, s.timeT = in.Dist, in.Time
	if !s.symmetric {
		s.distT, s.timeT = transposed(in.Dist, n), transposed(in.Time, n)
	}
	for _, f := range in.Fleet {
		s.routesMax += int(f)
	}
	if s.shape == trips {
		s.routesMax *= int(max(in.Trips, 1))
	}
	s.routesMax = min(s.routesMax, n+in.Depots) + 1
	s.neighbours()
	s.orders()
	return s
}

func transposed(a []int32, n int) []int32 {
	t := make([]int32, len(a))
	for i := range n {
		for j := range n {
			t[j*n+i] = a[i*n+j]
		}
	}
	return t
}

// nearMost is how many neighbours a ruin may walk through.
const nearMost = 500

func (s *shared) neighbours() {
	n, d := s.Nodes, s.Depots
	s.near = make([][]int16, n)
	var sum, count float64
	var list []uint64
	for u := d; u < n; u++ {
		row := s.Dist[u*n : u*n+n]
		list = s.sorted(list, u, func(v int) int64 { return int64(row[v]) })
		s.near[u] = append([]int16{int16(u)}, nodes(list, nearMost)...)
		for _, v := range s.near[u][1:min(len(s.near[u]), 6)] {
			sum += float64(row[v])
			count++
		}
	}
	if count > 0 {
		s.scale = max(sum/count, 1)
	}
	if n-d <= aroundFrom {
		return
	}
	s.around = make([][]int16, n)
	for u := d; u < n; u++ {
		list = s.sorted(list, u, func(v int) int64 {
			c := int64(s.Dist[u*n+v])
			if s.Due != nil {
				c += int64(min(s.gap(u, v), s.gap(v, u)))
			}
			return c
		})
		s.around[u] = nodes(list, aroundMost)
	}
}

// sorted lists the other customers by key, packed with their numbers.
func (s *shared) sorted(list []uint64, u int, key func(v int) int64) []uint64 {
	list = list[:0]
	for v := s.Depots; v < s.Nodes; v++ {
		if v != u {
			list = append(list, uint64(key(v))<<16|uint64(v))
		}
	}
	slices.Sort(list)
	return list
}

func nodes(list []uint64, most int) []int16 {
	list = list[:min(len(list), most)]
	out := make([]int16, len(list))
	for i, x := range list {
		out[i] = int16(x & 0xffff)
	}
	return out
}

// With more customers than aroundFrom an insertion tries only the routes of
// the aroundMost nearest customers.
const (
	aroundFrom = 150
	aroundMost = 40
)

// gap is the waiting and lateness, weighted, that v directly after u has at
// best (Vidal et al. 2013, eq. 13).
func (s *shared) gap(u, v int) float64 {
	go1 := float64(s.Service[u] + s.Time[u*s.Nodes+v])
	wait := max(float64(s.Ready[v])-go1-float64(s.Due[u]), 0)
	warp := max(float64(s.Ready[u])+go1-float64(s.Due[v]), 0)
	return 0.2*wait + warp
}

func newState(s *shared, opts Options, customers []int32) *state {
	n, m := s.Nodes, s.routesMax
	st := &state{shared: s, opts: opts, rnd: newRandom(opts.Seed),
		slots: make([]slot, n), routeOf: make([]int32, n), posOf: make([]int32, n), tour: make([][]int32, m), load: make([]int32, m), depot: make([]int32, m), cost: make([]int32, m),
		where: make([]int32, m), free: make([][]int32, s.Depots), limit: slices.Clone(s.Fleet), used: make([]int32, s.Depots), absences: make([]int32, n),
		stamp: make([]int32, m), ruined: make([]int32, m), candAt: make([]int32, m)}
	if s.shape != trips {
		st.version = make([]uint32, m)
		width := 1
		for width < m && width*n < recallMost {
			width *= 2
		}
		st.recall, st.recallMask = make([]recalled, n*width), width-1
	}
	st.reset(customers)
	if s.shape == duration {
		st.head, st.tail = make([]segment, n), make([]segment, n)
	}
	if s.shape == trips {
		st.trips = newTripState(s)
	}
	return st
}

// recallMost bounds how many cheapest places are recalled.
const recallMost = 2 << 20

// reset empties the plan: all customers are absent, all routes free.
func (st *state) reset(customers []int32) {
	st.customers = customers
	for u := range st.routeOf {
		st.routeOf[u] = outside
	}
	st.missing = st.missing[:0]
	for _, u := range customers {
		st.routeOf[u] = absent
		if st.Mate == nil || st.Demand[u] > 0 || st.Demand[u] == 0 && st.Mate[u] > u {
			st.missing = append(st.missing, u)
		}
	}
	st.active, st.total = st.active[:0], 0
	for d := range st.free {
		st.free[d], st.used[d] = st.free[d][:0], 0
	}
	for r := len(st.tour) - 1; r >= 0; r-- {
		st.tour[r], st.where[r], st.load[r], st.cost[r] = st.tour[r][:0], -1, 0, 0
	}
	// The routes are dealt to the depots as their fleets are.
	r := int32(0)
	for d := range st.free {
		count := st.Fleet[d]
		if st.shape == trips {
			count = int32(st.routesMax)
		}
		for k := int32(0); k < count && int(r) < len(st.tour); k++ {
			st.depot[r] = int32(d)
			st.free[d] = append(st.free[d], r)
			r++
		}
		slices.Reverse(st.free[d])
	}
}

// enlist keeps the list of routes with customers, and the free ones.
func (st *state) enlist(r int32) {
	at := st.where[r]
	switch {
	case len(st.tour[r]) > 0 && at < 0:
		st.where[r] = int32(len(st.active))
		st.used[st.depot[r]]++
		st.active = append(st.active, r)
		f := st.free[st.depot[r]]
		if f[len(f)-1] == r {
			st.free[st.depot[r]] = f[:len(f)-1]
		} else {
			i := slices.Index(f, r)
			st.free[st.depot[r]] = slices.Delete(f, i, i+1)
		}
	case len(st.tour[r]) == 0 && at >= 0:
		last := st.active[len(st.active)-1]
		st.active[at] = last
		st.where[last] = at
		st.active = st.active[:len(st.active)-1]
		st.where[r] = -1
		st.used[st.depot[r]]--
		st.free[st.depot[r]] = append(st.free[st.depot[r]], r)
	}
}
