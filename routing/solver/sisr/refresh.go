package sisr

// refresh recomputes what the insertion tests read of a route's customers,
// and the route's cost. It must be called after each change.
func (st *state) refresh(r int32) {
	if st.versions++; st.versions == 0 {
		clear(st.recall) // all numbers are used up
		st.versions = 1
	}
	st.version[r] = st.versions
	old := st.cost[r]
	switch st.shape {
	case plain:
		st.refreshPlain(r)
	case windows:
		st.refreshWindows(r)
	case duration:
		st.refreshWindows(r)
		st.refreshSegments(r)
	case pairs:
		st.refreshWindows(r)
		st.refreshLoads(r)
	case trips:
		panic("sisr: trips are refreshed by vehicle")
	}
	st.total += int64(st.cost[r] - old)
}

func (st *state) refreshPlain(r int32) {
	tour, depot := st.tour[r], int(st.depot[r])
	n, i, sum := st.Nodes, depot, int32(0)
	for k, j := range tour {
		s := &st.slots[j]
		s.in = st.Dist[i*n+int(j)]
		st.routeOf[j], st.posOf[j] = r, int32(k)
		sum += s.in
		i = int(j)
	}
	if len(tour) > 0 {
		sum += st.Dist[i*n+depot]
	}
	st.cost[r] = sum
}

func (st *state) refreshWindows(r int32) {
	tour, depot := st.tour[r], int(st.depot[r])
	n, i, sum, t := st.Nodes, depot, int32(0), st.Ready[depot]
	for k, j := range tour {
		s := &st.slots[j]
		at := i*n + int(j)
		s.in = st.Dist[at]
		st.routeOf[j], st.posOf[j] = r, int32(k)
		sum += s.in
		t = max(t+st.Time[at], st.Ready[j]) + st.Service[j]
		s.depart = t
		i = int(j)
	}
	if len(tour) == 0 {
		st.cost[r] = 0
		return
	}
	st.cost[r] = sum + st.Dist[i*n+depot]
	l, next := st.Due[depot], depot
	for k := len(tour) - 1; k >= 0; k-- {
		j := int(tour[k])
		l = min(l-st.Time[j*n+next]-st.Service[j], st.Due[j])
		st.slots[j].late = l
		next = j
	}
}

func (st *state) refreshLoads(r int32) {
	on := int32(0)
	for _, j := range st.tour[r] {
		on += st.Demand[j]
		st.slots[j].load = on
	}
}

func (st *state) refreshSegments(r int32) {
	tour, depot := st.tour[r], int(st.depot[r])
	n := st.Nodes
	seg, i := segment{0, st.Ready[depot], st.Due[depot]}, depot
	for _, j := range tour {
		seg = join(seg, st.Time[i*n+int(j)], segment{st.Service[j], st.Ready[j], st.Due[j]})
		st.head[j] = seg
		i = int(j)
	}
	seg, i = segment{0, st.Ready[depot], st.Due[depot]}, depot
	for k := len(tour) - 1; k >= 0; k-- {
		j := int(tour[k])
		seg = join(segment{st.Service[j], st.Ready[j], st.Due[j]}, st.Time[j*n+i], seg)
		st.tail[j] = seg
		i = j
	}
}

// join is the segment of a, a way of so long, and b. It is right only if b
// can be reached in time.
func join(a segment, way int32, b segment) segment {
	shift := a.dur + way
	wait := max(b.early-shift-a.late, 0)
	return segment{
		dur:   shift + b.dur + wait,
		early: max(b.early-shift, a.early) - wait,
		late:  min(b.late-shift, a.late),
	}
}
