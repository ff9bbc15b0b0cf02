package solver

// balance evens out the vehicles' hours: jobs of the longest round go to
// others while the cost stays within the slack and nothing above it in the
// objective gets worse.
func (g *general) balance(rounds map[int][]Visit) map[int][]Visit {
	for v := range g.routes {
		for _, x := range g.routes[v] {
			if x.Action != Reload {
				g.at[x.Job] = -1
			}
		}
	}
	for v := range g.routes {
		g.set(v, rounds[v])
	}
	limit := g.sum + g.sum*int64(g.Objective.BalanceSlack)/1000
	for range 200 {
		if g.ctx.Err() != nil || !g.lighten(limit) {
			break
		}
	}
	return g.copyRoutes()
}

// long is the seconds of a round as its final timetable has them.
func (g *general) long(v int, visits []Visit) int64 {
	g.simulate(v, visits, g.firstLeave(v, visits), nil, g.t, true)
	g.postpone(v, visits, g.t, true)
	return g.t.finish - g.t.depart
}

// spread is the longest less the shortest round, with the vehicle of the
// longest.
func (g *general) spread() (most, at int64) {
	least := int64(Horizon)
	at = -1
	for v, r := range g.routes {
		if len(r) == 0 {
			continue
		}
		l := g.long(v, r)
		least = min(least, l)
		if l > most {
			most, at = l, int64(v)
		}
	}
	return most - least, at
}

// lighten moves one job out of the longest round so that the spread shrinks;
// false if no job can.
func (g *general) lighten(limit int64) bool {
	before, at := g.spread()
	if at < 0 {
		return false
	}
	v := int(at)
	was := g.routes[v]
	for _, x := range was {
		if x.Action == Reload || g.locked[x.Job] || x.Action == Deliver && g.Jobs[x.Job].pair() {
			continue
		}
		rest := g.without(v, was, x.Job)
		if len(rest) == 0 {
			continue
		}
		g.at[x.Job] = -1
		if g.set(v, rest) {
			for w, other := range g.routes {
				if w == v || len(other) == 0 {
					continue
				}
				cost, ok := g.cheapest(x.Job, w, limit-g.sum+1, false)
				if !ok || g.sum+cost > limit {
					continue
				}
				g.set(w, append([]Visit(nil), g.trial...))
				if after, _ := g.spread(); after < before {
					return true
				}
				g.at[x.Job] = -1
				g.set(w, other)
			}
		}
		g.set(v, was)
	}
	return false
}
