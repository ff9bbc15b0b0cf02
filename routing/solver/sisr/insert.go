package sisr

import "math"

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
	if st.around != nil {
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

// candidates collects the routes of u's neighbours.
func (st *state) candidates(u int32) {
	st.candIt++
	st.cands = st.cands[:0]
	st.candidatesMore(u)
}

func (st *state) candidatesMore(u int32) {
	for _, v := range st.around[u] {
		if r := st.routeOf[v]; r >= 0 && st.candAt[r] != st.candIt {
			st.candAt[r] = st.candIt
			st.cands = append(st.cands, r)
		}
	}
}

func (st *state) scan(u int32, routes []int32, p *place) {
	switch st.shape {
	case plain:
		st.scanPlain(u, routes, p)
	case windows:
		st.scanWindows(u, routes, p)
	case duration:
		st.scanDuration(u, routes, p)
	case pairs:
		st.scanPairs(u, routes, p)
	case trips:
		st.scanTrips(u, routes, p)
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

func (st *state) scanPlain(u int32, routes []int32, p *place) {
	n := st.Nodes
	to, from := st.distT[int(u)*n:int(u)*n+n], st.Dist[int(u)*n:int(u)*n+n]
	room := st.Capacity - st.Demand[u]
	best := p.cost
	for _, r := range routes {
		if st.load[r] > room {
			continue
		}
		tour, depot := st.tour[r], st.depot[r]
		di := to[depot]
		for k, j := range tour {
			if c := di + from[j] - st.slots[j].in; c < best && !st.blink() {
				best, p.route, p.at = c, r, int32(k)
			}
			di = to[j]
		}
		last := tour[len(tour)-1]
		if c := di + from[depot] - st.Dist[int(last)*n+int(depot)]; c < best && !st.blink() {
			best, p.route, p.at = c, r, int32(len(tour))
		}
	}
	p.cost = best
}

func (st *state) scanWindows(u int32, routes []int32, p *place) {
	n := st.Nodes
	a, b := int(u)*n, int(u)*n+n
	to, from, timeTo, timeFrom := st.distT[a:b], st.Dist[a:b], st.timeT[a:b], st.Time[a:b]
	room := st.Capacity - st.Demand[u]
	ready, due, service := st.Ready[u], st.Due[u], st.Service[u]
	best := p.cost
	for _, r := range routes {
		if st.load[r] > room {
			continue
		}
		tour, i := st.tour[r], st.depot[r]
		di, t := to[i], st.Ready[i]
		for k, j := range tour {
			s := &st.slots[j]
			if c := di + from[j] - s.in; c < best {
				at := t + timeTo[i]
				if at > due {
					goto next
				}
				if max(at, ready)+service+timeFrom[j] <= s.late && !st.blink() {
					best, p.route, p.at = c, r, int32(k)
				}
			}
			i, di, t = j, to[j], s.depart
			if t > due {
				goto next
			}
		}
		{
			depot := st.depot[r]
			if c := di + from[depot] - st.Dist[int(i)*n+int(depot)]; c < best {
				at := t + timeTo[i]
				if at <= due && max(at, ready)+service+timeFrom[depot] <= st.Due[depot] && !st.blink() {
					best, p.route, p.at = c, r, int32(len(tour))
				}
			}
		}
	next:
	}
	p.cost = best
}

func (st *state) scanDuration(u int32, routes []int32, p *place) {
	n := st.Nodes
	a, b := int(u)*n, int(u)*n+n
	to, from, timeTo, timeFrom := st.distT[a:b], st.Dist[a:b], st.timeT[a:b], st.Time[a:b]
	room := st.Capacity - st.Demand[u]
	ready, due, service := st.Ready[u], st.Due[u], st.Service[u]
	self := segment{service, ready, due}
	best := p.cost
	for _, r := range routes {
		if st.load[r] > room {
			continue
		}
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
					if join(join(head, timeTo[i], self), timeFrom[j], st.tail[j]).dur <= st.MaxDuration && !st.blink() {
						best, p.route, p.at = c, r, int32(k)
					}
				}
			}
			i, di, t = j, to[j], s.depart
			if t > due {
				goto next
			}
		}
		if c := di + from[depot] - st.Dist[int(i)*n+int(depot)]; c < best && len(tour) > 0 {
			at := t + timeTo[i]
			if at <= due && max(at, ready)+service+timeFrom[depot] <= st.Due[depot] &&
				join(join(st.head[i], timeTo[i], self), timeFrom[depot], yard).dur <= st.MaxDuration && !st.blink() {
				best, p.route, p.at = c, r, int32(len(tour))
			}
		}
	next:
	}
	p.cost = best
}
