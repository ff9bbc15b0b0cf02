package sisr

import "slices"

// chain is what a trip's prefix up to a customer does to a departure at s: it
// ends at max(s+way, early), if s is not after late.
type chain struct{ way, early, late int32 }

// tripState keeps which vehicle makes which trips when. A route of state is
// then a trip.
type tripState struct {
	seq      [][]int32 // trips of each vehicle in order
	vehicle  []int32   // of a trip, −1
	rank     []int32   // of a trip in its vehicle's sequence
	release  []int32   // of a trip: of the last of its customers' goods
	ready    []int32   // when a trip's vehicle is back from the trip before
	start    []int32   // earliest departure of a trip: ready and released
	end      []int32   // earliest return of a trip
	lastBack []int32   // latest return that keeps the later trips in time
	lastGo   []int32   // latest departure
	prefix   []chain   // by customer
	touched  []int32   // vehicles changed in this iteration
	backup   [][]int32
}

func newTripState(s *shared) *tripState {
	m, v := s.routesMax, int(s.Fleet[0])
	t := &tripState{seq: make([][]int32, v), vehicle: make([]int32, m), rank: make([]int32, m), release: make([]int32, m),
		ready: make([]int32, m), start: make([]int32, m), end: make([]int32, m), lastBack: make([]int32, m), lastGo: make([]int32, m),
		prefix: make([]chain, s.Nodes)}
	for i := range t.vehicle {
		t.vehicle[i] = -1
	}
	return t
}

// touch saves the vehicle of a trip. Trips of one vehicle hang together, so
// the others of it need no saving: only their times change.
func (t *tripState) touch(_ *state, r int32, _ int) {
	if v := t.vehicle[r]; v >= 0 {
		t.save(v)
	}
}

func (t *tripState) save(v int32) {
	if slices.Contains(t.touched, v) {
		return
	}
	k := len(t.touched)
	t.touched = append(t.touched, v)
	if k == len(t.backup) {
		t.backup = append(t.backup, nil)
	}
	t.backup[k] = append(t.backup[k][:0], t.seq[v]...)
}

func (t *tripState) undo(st *state) {
	for _, v := range t.touched {
		for _, r := range t.seq[v] {
			t.vehicle[r] = -1
		}
	}
	for k, v := range t.touched {
		t.seq[v] = append(t.seq[v][:0], t.backup[k]...)
	}
	for _, r := range st.touched {
		if len(st.tour[r]) == 0 {
			st.total -= int64(st.cost[r])
			st.cost[r] = 0
		}
	}
	for _, v := range t.touched {
		st.refreshVehicle(v)
	}
}

// removed refreshes after customers left trip r, and drops it if it is empty.
func (t *tripState) removed(st *state, r int32) {
	v := t.vehicle[r]
	if len(st.tour[r]) == 0 {
		t.seq[v] = slices.Delete(t.seq[v], int(t.rank[r]), int(t.rank[r])+1)
		t.vehicle[r] = -1
		st.total -= int64(st.cost[r])
		st.cost[r] = 0
	}
	st.enlist(r)
	st.refreshVehicle(v)
}

// refreshVehicle recomputes the times of all trips of a vehicle.
func (st *state) refreshVehicle(v int32) {
	t := st.trips
	now := st.Ready[0]
	for k, r := range t.seq[v] {
		t.vehicle[r], t.rank[r], t.ready[r] = v, int32(k), now
		st.forward(r)
		now = t.end[r]
	}
	back := st.Due[0]
	for k := len(t.seq[v]) - 1; k >= 0; k-- {
		r := t.seq[v][k]
		t.lastBack[r] = back
		st.backward(r)
		back = t.lastGo[r]
	}
}

func (st *state) forward(r int32) {
	t, tour, n := st.trips, st.tour[r], st.Nodes
	release := int32(0)
	if st.Release != nil {
		for _, j := range tour {
			release = max(release, st.Release[j])
		}
	}
	t.release[r] = release
	t.start[r] = max(release, t.ready[r])
	now, i, sum := t.start[r], 0, int32(0)
	c := chain{0, 0, never}
	for k, j := range tour {
		at := i*n + int(j)
		s := &st.slots[j]
		st.routeOf[j], st.posOf[j], s.in = r, int32(k), st.Dist[at]
		sum += s.in
		w := st.Time[at]
		now = max(now+w, st.Ready[j]) + st.Service[j]
		s.depart = now
		c.late = min(c.late, st.Due[j]-c.way-w)
		c.way += w + st.Service[j]
		c.early = max(c.early+w, st.Ready[j]) + st.Service[j]
		t.prefix[j] = c
		i = int(j)
	}
	sum += st.Dist[i*n]
	t.end[r] = now + st.Time[i*n]
	st.total += int64(sum - st.cost[r])
	st.cost[r] = sum
}

func (st *state) backward(r int32) {
	t, tour, n := st.trips, st.tour[r], st.Nodes
	l, next := t.lastBack[r], 0
	for k := len(tour) - 1; k >= 0; k-- {
		j := int(tour[k])
		l = min(l-st.Time[j*n+next]-st.Service[j], st.Due[j])
		st.slots[j].late = l
		next = j
	}
	t.lastGo[r] = l - st.Time[next]
}

func (st *state) scanTrips(u int32, routes []int32, p *place) {
	n, t := st.Nodes, st.trips
	a, b := int(u)*n, int(u)*n+n
	to, from, timeTo, timeFrom := st.distT[a:b], st.Dist[a:b], st.timeT[a:b], st.Time[a:b]
	room := st.Capacity - st.Demand[u]
	ready, due, service, release := st.Ready[u], st.Due[u], st.Service[u], int32(0)
	if st.Release != nil {
		release = st.Release[u]
	}
	for _, r := range routes {
		if st.load[r] > room {
			continue
		}
		start := max(t.start[r], release)
		if start > t.lastGo[r] {
			continue
		}
		later := start > t.start[r]
		tour := st.tour[r]
		i, now := int32(0), start
		for k := 0; k <= len(tour); k++ {
			j, in, late := int32(0), int32(0), t.lastBack[r]
			if k < len(tour) {
				j = tour[k]
				in, late = st.slots[j].in, st.slots[j].late
			} else {
				in = st.Dist[int(i)*n]
			}
			if c := to[i] + from[j] - in; c < p.cost {
				at := now + timeTo[i]
				if at > due {
					break
				}
				if max(at, ready)+service+timeFrom[j] <= late && !st.blink() {
					p.cost, p.route, p.at, p.vehicle = c, r, int32(k), -1
				}
			}
			if k == len(tour) {
				break
			}
			i, now = j, st.slots[j].depart
			if later {
				c := &t.prefix[j]
				now = max(start+c.way, c.early)
			}
			if now > due {
				break
			}
		}
	}
}

// freshTrip considers a trip of its own for u, in every gap of every vehicle.
func (st *state) freshTrip(u int32, p *place) {
	n, t := int32(st.Nodes), st.trips
	cost := st.Dist[u] + st.Dist[u*n]
	if cost >= p.cost || st.Demand[u] > st.Capacity || len(st.free[0]) == 0 {
		return
	}
	release := int32(0)
	if st.Release != nil {
		release = st.Release[u]
	}
	found, idle := 0, false
	for v := range t.seq {
		seq := t.seq[v]
		if len(seq) == 0 {
			if idle {
				continue
			}
			idle = true
		}
		if len(seq) >= int(max(st.Trips, 1)) {
			continue
		}
		for k := 0; k <= len(seq); k++ {
			from, until := st.Ready[0], st.Due[0]
			if k > 0 {
				from = t.end[seq[k-1]]
			}
			if k < len(seq) {
				until = t.lastGo[seq[k]]
			}
			at := max(from, release) + st.Time[u]
			if at > st.Due[u] {
				break
			}
			if max(at, st.Ready[u])+st.Service[u]+st.Time[u*n] > until {
				continue
			}
			// All gaps cost the same: one of them at random.
			if found++; found == 1 || st.rnd.below(found) == 0 {
				*p = place{cost: cost, route: st.free[0][len(st.free[0])-1], at: int32(k), vehicle: int32(v)}
			}
		}
	}
}

func (st *state) insertTrip(u int32, p place) {
	t := st.trips
	if p.vehicle < 0 {
		st.touch(p.route)
		st.put(u, p.route, p.at)
		st.refreshVehicle(t.vehicle[p.route])
		return
	}
	st.touch(p.route)
	t.save(p.vehicle)
	st.put(u, p.route, 0)
	st.enlist(p.route)
	t.seq[p.vehicle] = slices.Insert(t.seq[p.vehicle], int(p.at), p.route)
	st.refreshVehicle(p.vehicle)
}
