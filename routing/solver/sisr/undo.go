package sisr

// begin opens an iteration: what touch saves from now on, undo restores.
func (st *state) begin() {
	st.iter++
	st.touched = st.touched[:0]
	st.oldMiss = append(st.oldMiss[:0], st.missing...)
	st.oldTotal = st.total
	if st.trips != nil {
		st.trips.touched = st.trips.touched[:0]
	}
}

// touch saves a route before its first change in an iteration.
func (st *state) touch(r int32) {
	if st.stamp[r] == st.iter {
		return
	}
	st.stamp[r] = st.iter
	k := len(st.touched)
	st.touched = append(st.touched, r)
	if k == len(st.backup) {
		st.backup = append(st.backup, nil)
		st.oldLoad = append(st.oldLoad, 0)
		st.oldVersion = append(st.oldVersion, 0)
	}
	st.backup[k] = append(st.backup[k][:0], st.tour[r]...)
	st.oldLoad[k] = st.load[r]
	if st.version != nil {
		st.oldVersion[k] = st.version[r]
	}
	if st.trips != nil {
		st.trips.touch(st, r, k)
	}
}

// undo restores the plan as it was at begin.
func (st *state) undo() {
	for _, u := range st.missing {
		st.routeOf[u] = absent
	}
	for k, r := range st.touched {
		for _, u := range st.tour[r] {
			st.routeOf[u] = absent
		}
		st.tour[r] = append(st.tour[r][:0], st.backup[k]...)
		st.load[r] = st.oldLoad[k]
	}
	if st.trips != nil {
		st.trips.undo(st)
	}
	for k, r := range st.touched {
		st.enlist(r)
		if st.trips == nil {
			st.refresh(r)
			st.version[r] = st.oldVersion[k]
		}
	}
	st.missing = append(st.missing[:0], st.oldMiss...)
}

// remove takes the customers whose slot says absent out of a route and
// refreshes it. Their absence was noted by the caller.
func (st *state) remove(r int32) {
	tour := st.tour[r]
	kept := tour[:0]
	for _, u := range tour {
		if st.routeOf[u] == r {
			kept = append(kept, u)
		} else {
			st.load[r] -= st.Demand[u]
		}
	}
	st.tour[r] = kept
	if st.trips != nil {
		st.trips.removed(st, r)
		return
	}
	st.enlist(r)
	st.refresh(r)
}

// put inserts customer u at place k of route r, without refreshing.
func (st *state) put(u, r, k int32) {
	t := append(st.tour[r], 0)
	copy(t[k+1:], t[k:])
	t[k] = u
	st.tour[r] = t
	st.load[r] += st.Demand[u]
	st.routeOf[u] = r
}
