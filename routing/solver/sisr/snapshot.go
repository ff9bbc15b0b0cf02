package sisr

import "slices"

// snapshot is a compact copy of a plan.
type snapshot struct {
	flat  []int32
	ends  []int32 // of each route in flat
	home  []int32 // depot of each route, or vehicle with trips
	miss  []int32
	total int64
	full  bool
}

func (st *state) save(s *snapshot) {
	s.flat, s.ends, s.home = s.flat[:0], s.ends[:0], s.home[:0]
	add := func(r, home int32) {
		s.flat = append(s.flat, st.tour[r]...)
		s.ends = append(s.ends, int32(len(s.flat)))
		s.home = append(s.home, home)
	}
	if st.trips != nil {
		for v, seq := range st.trips.seq {
			for _, r := range seq {
				add(r, int32(v))
			}
		}
	} else {
		for _, r := range st.active {
			add(r, st.depot[r])
		}
	}
	s.miss = append(s.miss[:0], st.missing...)
	s.total, s.full = st.total, true
}

// load makes the snapshot the current plan. Customers of other searches in it
// are left out.
func (st *state) restore(s *snapshot, customers []int32) {
	st.reset(customers)
	if st.trips != nil {
		for v := range st.trips.seq {
			st.trips.seq[v] = st.trips.seq[v][:0]
		}
		for r := range st.trips.vehicle {
			st.trips.vehicle[r] = -1
		}
	}
	lo := int32(0)
	for k, hi := range s.ends {
		tour := s.flat[lo:hi]
		lo = hi
		if st.routeOf[tour[0]] == outside {
			continue
		}
		d := s.home[k]
		if st.trips != nil {
			d = 0
		}
		r := st.free[d][len(st.free[d])-1]
		for i, u := range tour {
			st.put(u, r, int32(i))
		}
		st.enlist(r)
		if st.trips != nil {
			v := s.home[k]
			st.trips.seq[v] = append(st.trips.seq[v], r)
		} else {
			st.refresh(r)
		}
	}
	if st.trips != nil {
		for v := range st.trips.seq {
			st.refreshVehicle(int32(v))
		}
	}
	st.missing = st.missing[:0]
	for _, u := range customers {
		if st.routeOf[u] == absent && (st.Mate == nil || st.Demand[u] > 0 || st.Demand[u] == 0 && st.Mate[u] > u) {
			st.missing = append(st.missing, u)
		}
	}
}

// solution is the snapshot as the caller sees it.
func (s *snapshot) solution(in *Instance) *Solution {
	out := &Solution{Absent: slices.Clone(s.miss), Cost: s.total}
	lo, last := int32(0), int32(-1)
	for k, hi := range s.ends {
		trip := slices.Clone(s.flat[lo:hi])
		lo = hi
		home := s.home[k]
		if in.kind() == trips {
			if home == last {
				r := &out.Routes[len(out.Routes)-1]
				r.Trips = append(r.Trips, trip)
				continue
			}
			last = home
			home = 0
		}
		out.Routes = append(out.Routes, Route{Depot: int(home), Trips: [][]int32{trip}})
	}
	return out
}

func (s *snapshot) tour(k int) []int32 {
	lo := int32(0)
	if k > 0 {
		lo = s.ends[k-1]
	}
	return s.flat[lo:s.ends[k]]
}

func (s *snapshot) clear() {
	s.flat, s.ends, s.home, s.miss = s.flat[:0], s.ends[:0], s.home[:0], s.miss[:0]
	s.total, s.full = 0, false
}

func (s *snapshot) copy(o *snapshot) {
	s.clear()
	s.add(o)
}

// add joins a plan of other customers.
func (s *snapshot) add(o *snapshot) {
	at := int32(len(s.flat))
	s.flat = append(s.flat, o.flat...)
	for _, e := range o.ends {
		s.ends = append(s.ends, at+e)
	}
	s.home = append(s.home, o.home...)
	s.miss = append(s.miss, o.miss...)
	s.total += o.total
	s.full = true
}

// better says whether s is better than o, lexicographically.
func (s *snapshot) better(o *snapshot, fleetFirst bool) bool {
	switch {
	case len(s.miss) != len(o.miss):
		return len(s.miss) < len(o.miss)
	case fleetFirst && len(s.ends) != len(o.ends):
		return len(s.ends) < len(o.ends)
	}
	return s.total < o.total
}
