package solver

// each builds every route of v with job j in it that is worth a timetable, and
// calls try with it; the slice is used again after try returns.
func (g *general) each(j, v int, try func([]Visit), limit int64) {
	job := &g.Jobs[j]
	r := g.routes[v]
	lo, hi := g.frozen(v), len(r)
	depot := len(job.Pickup) == 0 // its goods must be loaded at a depot
	if run := g.running[v]; depot && run != nil && run.Left {
		_, end := g.span(v)
		if g.aboard[j] == v {
			hi = end
		} else {
			lo = max(lo, end+1) // the first trip that has not left
		}
	}
	switch {
	case job.pair():
		for s := range job.Pickup {
			for k := lo; k <= hi; k++ {
				g.eachDelivery(j, v, k, s, try, limit)
			}
		}
	case depot:
		g.eachStop(j, v, Deliver, lo, hi, try, limit)
	default:
		g.eachStop(j, v, PickUp, lo, hi, try, limit)
	}
	if g.aboard[j] != v && len(r) > 0 && g.Vehicles[v].trips() > 1 {
		g.eachTrip(j, v, try)
	}
}

// span is the range of the trip that a vehicle under way is on.
func (g *general) span(v int) (from, to int) {
	run := g.running[v]
	from, _ = currentTrip(run)
	r := g.routes[v]
	for to = from; to < len(r) && r[to].Action != Reload; to++ {
	}
	return from, to
}

// eachStop tries all places and alternatives of a job with one stop.
func (g *general) eachStop(j, v int, a Action, lo, hi int, try func([]Visit), limit int64) {
	r := g.routes[v]
	stops := g.Jobs[j].stops(a)
	for s := range stops {
		x := Visit{j, a, s}
		for k := lo; k <= hi; k++ {
			if g.worth(v, &stops[s], k, limit) {
				try(g.with(r, k, x))
			}
		}
	}
}

// worth rules out places that come too late or cost too much in kilometres
// alone.
func (g *general) worth(v int, s *Stop, k int, limit int64) bool {
	if g.everywhere {
		return true
	}
	veh := &g.Vehicles[v]
	prof := &g.Profiles[veh.Profile]
	r := g.routes[v]
	before, now := veh.Start, max(veh.From, g.Now)
	if k > 0 {
		before, now = g.place(v, r[k-1]), g.ends[v][k-1]
	}
	if len(prof.Speed) == 0 && len(s.Windows) > 0 {
		at := now
		if before >= 0 {
			at += int64(prof.Seconds[before*prof.Size+s.Place])
		}
		if at > s.Windows[len(s.Windows)-1].Last() {
			return false
		}
	}
	if veh.PerKm == 0 || before < 0 {
		return true
	}
	after := veh.End
	if k < len(r) {
		after = g.place(v, r[k])
	}
	detour := int64(prof.Metres[before*prof.Size+s.Place])
	if after >= 0 {
		detour += int64(prof.Metres[s.Place*prof.Size+after])
		if len(r) > 0 {
			detour -= int64(prof.Metres[before*prof.Size+after])
		}
	}
	return (detour*veh.PerKm)/1000+s.Cost-1 < limit
}

// with is r with x at place k, in the buffer.
func (g *general) with(r []Visit, k int, x Visit) []Visit {
	b := append(g.tryBuf[:0], r[:k]...)
	b = append(b, x)
	b = append(b, r[k:]...)
	g.tryBuf = b
	return b
}

// eachDelivery tries the deliveries of a pair whose pickup is at place k, up
// to the end of the trip.
func (g *general) eachDelivery(j, v, k, s int, try func([]Visit), limit int64) {
	r := g.routes[v]
	job := &g.Jobs[j]
	if !g.worth(v, &job.Pickup[s], k, limit) {
		return
	}
	for d := range job.Delivery {
		for m := k; m <= len(r); m++ {
			b := append(g.tryBuf[:0], r[:k]...)
			b = append(b, Visit{j, PickUp, s})
			b = append(b, r[k:m]...)
			b = append(b, Visit{j, Deliver, d})
			g.tryBuf = append(b, r[m:]...)
			try(g.tryBuf)
			if m < len(r) && r[m].Action == Reload {
				break
			}
		}
	}
}

// eachTrip tries a trip of its own for j: before the first, between two, or
// after the last.
func (g *general) eachTrip(j, v int, try func([]Visit)) {
	veh := &g.Vehicles[v]
	job := &g.Jobs[j]
	r := g.routes[v]
	trips := 1
	for _, x := range r {
		if x.Action == Reload {
			trips++
		}
	}
	if trips >= veh.trips() {
		return
	}
	run := g.running[v]
	for reload := range veh.reloads() {
		load := Visit{-1, Reload, reload}
		for p := range max(len(job.Pickup), 1) {
			for d := range max(len(job.Delivery), 1) {
				var own []Visit
				if len(job.Pickup) > 0 {
					own = append(own, Visit{j, PickUp, p})
				}
				if len(job.Delivery) > 0 {
					own = append(own, Visit{j, Deliver, d})
				}
				for k := g.frozen(v); k <= len(r); k++ {
					switch {
					case k == len(r) || r[k].Action == Reload && k > 0:
						b := append(g.tryBuf[:0], r[:k]...)
						b = append(append(b, load), own...)
						g.tryBuf = append(b, r[k:]...)
					case k == 0 && (run == nil || !run.Left):
						b := append(append(g.tryBuf[:0], own...), load)
						g.tryBuf = append(b, r...)
					default:
						continue
					}
					try(g.tryBuf)
				}
			}
		}
	}
}

// without is r without job j.
func (m *model) without(v int, r []Visit, j int) []Visit {
	return m.tidy(v, r, func(x Visit) bool { return x.Action != Reload && x.Job == j })
}

// tidy is r without the visits that are gone, and without reloads that serve
// nothing more. The reload that ends the trip under way stays if anything
// follows: what comes after it is not in the vehicle yet.
func (m *model) tidy(v int, r []Visit, gone func(Visit) bool) []Visit {
	var kept []Visit
	frozen, under := m.frozen(v), -1
	if run := m.running[v]; run != nil && run.Left {
		_, under = currentTrip(&Running{Visits: r, Done: run.Done})
	}
	for k, x := range r {
		idle := x.Action == Reload && k >= frozen && k != under && (len(kept) == 0 || kept[len(kept)-1].Action == Reload)
		if !idle && !gone(x) {
			kept = append(kept, x)
		}
	}
	for len(kept) > frozen && kept[len(kept)-1].Action == Reload {
		kept = kept[:len(kept)-1]
	}
	return kept
}
