package sisr

import (
	"math"
	"slices"
)

// place is where a customer can be inserted and what that costs. For pairs at
// is the pickup's place and then the delivery's, counted in the route as it is
// without both: the delivery stands before the customer at then.
type place struct {
	cost     int32
	route    int32 // −1: none
	at, then int32
	vehicle  int32 // of a new trip; −1: the route exists
}

const never = math.MaxInt32

// blink says whether a position is overlooked this time.
func (st *state) blink() bool {
	return st.rnd.next()>>32 < st.opts.blink
}

// best is the cheapest place found for customer u.
func (st *state) best(u int32) place {
	p := place{cost: never, route: -1, vehicle: -1}
	if st.around != nil && len(st.active) > fewRoutes {
		st.candidates(u)
		if st.shape == pairs {
			st.candidatesMore(st.Mate[u])
		}
		st.scan(u, st.cands, &p)
		if p.route >= 0 {
			return p
		}
	}
	st.scan(u, st.active, &p)
	if p.route < 0 || !st.FleetFirst {
		st.fresh(u, &p)
	}
	return p
}

// fewRoutes are so few that trying all of them costs less than finding out which are near.
const fewRoutes = 24

// candidates collects the routes of u's neighbours.
func (st *state) candidates(u int32) {
	st.candIt++
	st.cands = st.cands[:0]
	st.candidatesMore(u)
}

// candidatesMore is written without a branch that depends on whether a route was met before: no processor foresees it.
func (st *state) candidatesMore(u int32) {
	at, routeOf, it := st.candAt, st.routeOf, st.candIt
	k, near := len(st.cands), st.around[u]
	list := slices.Grow(st.cands, len(near)+1)[:k+len(near)+1]
	for _, v := range near {
		r := routeOf[v]
		if r < 0 {
			continue
		}
		list[k] = r
		more := 0
		if at[r] != it {
			more = 1
		}
		at[r] = it
		k += more
	}
	st.cands = list[:k]
}

// scan looks for the cheapest place of u on the routes. What was found on a route before is recalled as long as the route is as it was.
func (st *state) scan(u int32, routes []int32, p *place) {
	if st.shape == trips {
		st.scanTrips(u, routes, p)
		return
	}
	st.look(u)
	short := recallFrom
	if st.shape == pairs {
		short = recallPairs
	}
	row := st.recall[int(u)*(st.recallMask+1):][:st.recallMask+1]
	st.todo = st.todo[:0]
	for i, r := range routes {
		switch {
		case st.load[r] > st.seek.room && st.shape != pairs:
		case st.stamp[r] == st.iter || len(st.tour[r]) < short:
			st.todo = append(st.todo, r)
		default:
			e := &row[int(r)&st.recallMask]
			if e.version != st.version[r] {
				q := place{cost: never, route: -1}
				st.scanRoutes(u, routes[i:i+1], &q, true)
				*e = recalled{st.version[r], q.cost, int16(q.at), int16(q.then)}
			}
			if e.cost < p.cost && !st.blink() {
				p.cost, p.route, p.at, p.then = e.cost, r, int32(e.at), int32(e.then)
			}
		}
	}
	st.scanRoutes(u, st.todo, p, false)
}

// scanRoutes looks for the cheapest place of u on the routes; all says that none is to be overlooked.
func (st *state) scanRoutes(u int32, routes []int32, p *place, all bool) {
	switch st.shape {
	case plain:
		st.scanPlain(u, routes, p, all)
	case windows:
		st.scanWindows(u, routes, p, all)
	case duration:
		st.scanDuration(u, routes, p, all)
	case pairs:
		st.scanPairs(u, routes, p, all)
	}
}

// recalled is the cheapest place of a customer on a route as it was at a version.
type recalled struct {
	version  uint32
	cost     int32
	at, then int16
}

// Routes with fewer customers are looked through again instead: that is as fast.
const (
	recallFrom  = 7
	recallPairs = 4
)

// seeker is what the tests read of the customer that a place is looked for.
type seeker struct {
	to, from, timeTo, timeFrom []int32
	room, ready, due, service  int32
}

func (st *state) look(u int32) {
	n := st.Nodes
	a, b := int(u)*n, int(u)*n+n
	st.seek.to, st.seek.from, st.seek.room = st.distT[a:b], st.Dist[a:b], st.Capacity-st.Demand[u]
	if st.shape != plain {
		st.seek.timeTo, st.seek.timeFrom = st.timeT[a:b], st.Time[a:b]
		st.seek.ready, st.seek.due, st.seek.service = st.Ready[u], st.Due[u], st.Service[u]
	}
}

// fresh considers a route of its own.
func (st *state) fresh(u int32, p *place) {
	if st.shape == trips {
		st.freshTrip(u, p)
		return
	}
	for d := range st.Depots {
		if len(st.free[d]) == 0 || st.used[d] >= st.limit[d] {
			continue
		}
		if cost, ok := st.alone(int32(d), u); ok && cost < p.cost {
			f := st.free[d]
			*p = place{cost: cost, route: f[len(f)-1], vehicle: -1}
		}
	}
}

// alone is what a route from depot d to u (and its delivery) and back costs,
// and whether it is possible.
func (st *state) alone(d, u int32) (int32, bool) {
	n := int32(st.Nodes)
	if st.Mate != nil {
		v := st.Mate[u]
		cost := st.Dist[d*n+u] + st.Dist[u*n+v] + st.Dist[v*n+d]
		t := max(st.Ready[d]+st.Time[d*n+u], st.Ready[u])
		if t > st.Due[u] || st.Demand[u] > st.Capacity {
			return 0, false
		}
		t = max(t+st.Service[u]+st.Time[u*n+v], st.Ready[v])
		return cost, t <= st.Due[v] && t+st.Service[v]+st.Time[v*n+d] <= st.Due[d]
	}
	cost := st.Dist[d*n+u] + st.Dist[u*n+d]
	if st.Demand[u] > st.Capacity {
		return 0, false
	}
	if st.shape == plain {
		return cost, true
	}
	t := max(st.Ready[d]+st.Time[d*n+u], st.Ready[u])
	if t > st.Due[u] || t+st.Service[u]+st.Time[u*n+d] > st.Due[d] {
		return 0, false
	}
	long := st.Time[d*n+u] + st.Service[u] + st.Time[u*n+d]
	return cost, st.MaxDuration == 0 || long <= st.MaxDuration
}

// insert puts customer u at p.
func (st *state) insert(u int32, p place) {
	if st.shape == trips {
		st.insertTrip(u, p)
		return
	}
	st.touch(p.route)
	if st.Mate != nil {
		st.put(st.Mate[u], p.route, p.then)
	}
	st.put(u, p.route, p.at)
	st.enlist(p.route)
	st.refresh(p.route)
}

func (st *state) scanPlain(u int32, routes []int32, p *place, all bool) {
	n, to, from := st.Nodes, st.seek.to, st.seek.from
	best := p.cost
	for _, r := range routes {
		tour, depot := st.tour[r], st.depot[r]
		di := to[depot]
		for k, j := range tour {
			if c := di + from[j] - st.slots[j].in; c < best && (all || !st.blink()) {
				best, p.route, p.at = c, r, int32(k)
			}
			di = to[j]
		}
		last := tour[len(tour)-1]
		if c := di + from[depot] - st.Dist[int(last)*n+int(depot)]; c < best && (all || !st.blink()) {
			best, p.route, p.at = c, r, int32(len(tour))
		}
	}
	p.cost = best
}

func (st *state) scanWindows(u int32, routes []int32, p *place, all bool) {
	q := &st.seek
	to, from, timeTo, timeFrom := q.to, q.from, q.timeTo, q.timeFrom
	ready, due, service := q.ready, q.due, q.service
	best := p.cost
	for _, r := range routes {
		tour, depot := st.tour[r], st.depot[r]
		i, di, t := depot, to[depot], st.Ready[depot]
		for k, j := range tour {
			s := &st.slots[j]
			if c := di + from[j] - s.in; c < best {
				at := t + timeTo[i]
				if at > due {
					goto next
				}
				if max(at, ready)+service+timeFrom[j] <= s.late && (all || !st.blink()) {
					best, p.route, p.at = c, r, int32(k)
				}
			}
			i, di, t = j, to[j], s.depart
			if t > due {
				goto next
			}
		}
		if c := di + from[depot] - st.Dist[int(i)*st.Nodes+int(depot)]; c < best {
			at := t + timeTo[i]
			if at <= due && max(at, ready)+service+timeFrom[depot] <= st.Due[depot] && (all || !st.blink()) {
				best, p.route, p.at = c, r, int32(len(tour))
			}
		}
	next:
	}
	p.cost = best
}

func (st *state) scanDuration(u int32, routes []int32, p *place, all bool) {
	q := &st.seek
	to, from, timeTo, timeFrom := q.to, q.from, q.timeTo, q.timeFrom
	ready, due, service := q.ready, q.due, q.service
	self := segment{service, ready, due}
	best := p.cost
	for _, r := range routes {
		tour, depot := st.tour[r], st.depot[r]
		yard := segment{0, st.Ready[depot], st.Due[depot]}
		i, di, t := depot, to[depot], st.Ready[depot]
		for k, j := range tour {
			s := &st.slots[j]
			if c := di + from[j] - s.in; c < best {
				at := t + timeTo[i]
				if at > due {
					goto next
				}
				if max(at, ready)+service+timeFrom[j] <= s.late {
					head := yard
					if k > 0 {
						head = st.head[i]
					}
					if join(join(head, timeTo[i], self), timeFrom[j], st.tail[j]).dur <= st.MaxDuration && (all || !st.blink()) {
						best, p.route, p.at = c, r, int32(k)
					}
				}
			}
			i, di, t = j, to[j], s.depart
			if t > due {
				goto next
			}
		}
		if c := di + from[depot] - st.Dist[int(i)*st.Nodes+int(depot)]; c < best && len(tour) > 0 {
			at := t + timeTo[i]
			if at <= due && max(at, ready)+service+timeFrom[depot] <= st.Due[depot] &&
				join(join(st.head[i], timeTo[i], self), timeFrom[depot], yard).dur <= st.MaxDuration && (all || !st.blink()) {
				best, p.route, p.at = c, r, int32(len(tour))
			}
		}
	next:
	}
	p.cost = best
}
