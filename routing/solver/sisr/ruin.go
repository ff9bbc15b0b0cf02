package sisr

// ruin takes strings of adjacent customers out of routes near a customer.
func (st *state) ruin(seed int32) {
	if len(st.active) == 0 {
		return
	}
	longest := st.opts.Longest
	mean := float64(len(st.customers)-len(st.missing)) / float64(len(st.active))
	ls := min(float64(longest), mean)
	ks := 4*st.opts.Mean/(1+ls) - 1
	count := int(st.rnd.unit()*ks + 1)
	for _, w := range st.near[seed] {
		if count <= 0 {
			return
		}
		c := int32(w)
		r := st.routeOf[c]
		if r < 0 || st.ruined[r] == st.iter {
			continue
		}
		size := len(st.tour[r])
		l := int(st.rnd.unit()*min(float64(size), ls)) + 1
		if l > size {
			l = size
		}
		st.touch(r)
		if l > 1 && l < size && st.rnd.unit() < st.opts.Split {
			st.split(r, c, l)
		} else {
			st.cut(r, c, l)
		}
		st.ruined[r] = st.iter
		st.remove(r)
		count--
	}
}

// cut marks a string of l customers with c among them.
func (st *state) cut(r, c int32, l int) {
	tour := st.tour[r]
	at := int(st.posOf[c])
	lo, hi := max(at-l+1, 0), min(at, len(tour)-l)
	from := lo + st.rnd.below(hi-lo+1)
	for _, u := range tour[from : from+l] {
		st.leave(u)
	}
}

// split marks a string like cut, with a stretch inside it that stays.
func (st *state) split(r, c int32, l int) {
	tour := st.tour[r]
	stay := 1
	for l+stay < len(tour) && st.rnd.unit() < st.opts.Grow {
		stay++
	}
	at := int(st.posOf[c])
	lo, hi := max(at-l-stay+1, 0), min(at, len(tour)-l-stay)
	from := lo + st.rnd.below(hi-lo+1)
	hold := from + 1 + st.rnd.below(l-1)
	for k := from; k < from+l+stay; k++ {
		if k < hold || k >= hold+stay {
			st.leave(tour[k])
		}
	}
}

// leave marks a customer, and its mate, as absent.
func (st *state) leave(u int32) {
	if st.routeOf[u] < 0 {
		return
	}
	st.routeOf[u] = absent
	if st.Mate == nil {
		st.missing = append(st.missing, u)
		return
	}
	v := st.Mate[u]
	st.routeOf[v] = absent
	if st.Demand[u] < 0 || st.Demand[u] == 0 && u > v {
		u = v
	}
	st.missing = append(st.missing, u)
}
