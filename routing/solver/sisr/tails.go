package sisr

// swapTails lets the route of u go on as another route near it does, and the
// other as this one did (2-opt*), which strings alone cannot do where routes
// are long. Customers that do not fit behind their new heads leave. It says
// whether there was anything to swap.
func (st *state) swapTails(u int32) bool {
	r := st.routeOf[u]
	if r < 0 {
		return false
	}
	list := st.near[u]
	v := int32(list[st.rnd.below(min(len(list), tailNear))])
	q := st.routeOf[v]
	if q < 0 || q == r {
		return false
	}
	st.touch(r)
	st.touch(q)
	a, b := st.tour[r], st.tour[q]
	i, j := st.posOf[u]+1, st.posOf[v]
	st.tail1, st.tail2 = append(st.tail1[:0], a[i:]...), append(st.tail2[:0], b[j:]...)
	st.tour[r] = append(a[:i], st.tail2...)
	st.tour[q] = append(b[:j], st.tail1...)
	for _, w := range st.tail2 {
		st.routeOf[w] = r
	}
	for _, w := range st.tail1 {
		st.routeOf[w] = q
	}
	if st.Mate != nil {
		st.part(r)
		st.part(q)
	}
	st.fit(r)
	st.fit(q)
	return true
}

// tailNear is among how many neighbours the other route is looked for.
const tailNear = 20

// part takes out the pairs that are no longer in one route.
func (st *state) part(r int32) {
	for _, u := range st.tour[r] {
		if v := st.Mate[u]; st.routeOf[u] == r && st.routeOf[v] != r {
			st.leave(u)
		}
	}
}

// fit takes out of route r, from its begin on, whoever comes too late or too
// much, and refreshes it.
func (st *state) fit(r int32) {
	tour, depot, n := st.tour[r], int(st.depot[r]), st.Nodes
	kept, i, load := tour[:0], depot, int32(0)
	var t int32
	var seg, yard segment
	if st.shape != plain {
		t = st.Ready[depot]
		yard = segment{0, t, st.Due[depot]}
		seg = yard
	}
	for _, u := range tour {
		if st.routeOf[u] != r {
			continue
		}
		ok := load+st.Demand[u] <= st.Capacity
		if ok && st.shape != plain {
			way, back := st.Time[i*n+int(u)], st.Time[int(u)*n+depot]
			end := max(t+way, st.Ready[u]) + st.Service[u]
			ok = t+way <= st.Due[u] && end+back <= st.Due[depot]
			if ok && st.shape == duration {
				next := join(seg, way, segment{st.Service[u], st.Ready[u], st.Due[u]})
				if ok = join(next, back, yard).dur <= st.MaxDuration; ok {
					seg = next
				}
			}
			if ok {
				t = end
			}
		}
		if !ok {
			st.leave(u)
			continue
		}
		load += st.Demand[u]
		kept = append(kept, u)
		i = int(u)
	}
	st.tour[r], st.load[r] = kept, load
	if st.Mate != nil {
		st.remove(r)
		return
	}
	st.enlist(r)
	st.refresh(r)
}
