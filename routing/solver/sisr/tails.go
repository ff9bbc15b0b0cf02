package sisr

// swapTails lets the route of u go on as another route near it does, and the
// other as this one did (2-opt*): strings alone cannot exchange the halves of
// long routes. Customers that come too late or are too much behind their new
// heads leave. For instances with windows.
func (st *state) swapTails(u int32) {
	r := st.routeOf[u]
	if r < 0 {
		return
	}
	list := st.near[u]
	v := int32(list[st.rnd.below(min(len(list), tailNear))])
	q := st.routeOf[v]
	if q < 0 || q == r {
		return
	}
	st.touch(r)
	st.touch(q)
	a, b := st.tour[r], st.tour[q]
	i, j := st.posOf[u]+1, st.posOf[v]
	st.tails[0], st.tails[1] = append(st.tails[0][:0], a[i:]...), append(st.tails[1][:0], b[j:]...)
	st.tour[r] = append(a[:i], st.tails[1]...)
	st.tour[q] = append(b[:j], st.tails[0]...)
	st.fit(r)
	st.fit(q)
}

// tailNear is among how many neighbours the other route is looked for.
const tailNear = 20

// fit takes out of route r, from its begin on, whoever comes too late or is
// too much, and refreshes it.
func (st *state) fit(r int32) {
	depot, n := int(st.depot[r]), st.Nodes
	tour := st.tour[r]
	kept, i, t, load := tour[:0], depot, st.Ready[depot], int32(0)
	for _, u := range tour {
		at := t + st.Time[i*n+int(u)]
		end := max(at, st.Ready[u]) + st.Service[u]
		if load+st.Demand[u] > st.Capacity || at > st.Due[u] || end+st.Time[int(u)*n+depot] > st.Due[depot] {
			st.leave(u)
			continue
		}
		kept = append(kept, u)
		i, t, load = int(u), end, load+st.Demand[u]
	}
	st.tour[r], st.load[r] = kept, load
	st.enlist(r)
	st.refresh(r)
}
