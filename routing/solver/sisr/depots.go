package sisr

// rehome gives each route changed in this iteration the depot that suits it
// best, as far as that has a vehicle free. Strings alone seldom do: a route's
// depot is that of its first customer's choice.
func (st *state) rehome() {
	n := st.Nodes
	for _, r := range st.touched[:len(st.touched):len(st.touched)] {
		tour := st.tour[r]
		if len(tour) == 0 {
			continue
		}
		first, last := int(tour[0]), int(tour[len(tour)-1])
		home := int(st.depot[r])
		best, least := home, st.Dist[home*n+first]+st.Dist[last*n+home]
		for d := range st.Depots {
			if c := st.Dist[d*n+first] + st.Dist[last*n+d]; c < least && st.used[d] < st.limit[d] && len(st.free[d]) > 0 && st.startsAt(d, tour) {
				best, least = d, c
			}
		}
		if best != home {
			st.move(r, st.free[best][len(st.free[best])-1])
		}
	}
}

// startsAt says whether the tour is possible from depot d.
func (st *state) startsAt(d int, tour []int32) bool {
	if st.shape == plain {
		return true
	}
	n := st.Nodes
	seg, i := segment{0, st.Ready[d], st.Due[d]}, d
	for _, j := range tour {
		way := st.Time[i*n+int(j)]
		if seg.early+seg.dur+way > st.Due[j] {
			return false
		}
		seg = join(seg, way, segment{st.Service[j], st.Ready[j], st.Due[j]})
		i = int(j)
	}
	way := st.Time[i*n+d]
	if seg.early+seg.dur+way > st.Due[d] {
		return false
	}
	seg = join(seg, way, segment{0, st.Ready[d], st.Due[d]})
	return st.MaxDuration == 0 || seg.dur <= st.MaxDuration
}

// move gives all customers of route r to the empty route to.
func (st *state) move(r, to int32) {
	st.touch(r)
	st.touch(to)
	st.tour[to] = append(st.tour[to][:0], st.tour[r]...)
	st.load[to] = st.load[r]
	st.tour[r], st.load[r] = st.tour[r][:0], 0
	for _, u := range st.tour[to] {
		st.routeOf[u] = to
	}
	st.enlist(r)
	st.enlist(to)
	st.refresh(r)
	st.refresh(to)
}
