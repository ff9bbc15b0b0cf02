package solver

import (
	"cmp"
	"math"
	"slices"
)

// recreate puts absent jobs back, each at its cheapest place. With blinks a
// place is overlooked now and then.
func (g *general) recreate(blinks bool) {
	g.order(blinks)
	var left []int
	for _, j := range g.absent {
		if !g.insert(j, blinks) {
			left = append(left, j)
		}
	}
	g.absent = append(g.absent[:0], left...)
}

// order sorts the absent jobs: important ones first, then by one of several
// keys.
func (g *general) order(mixed bool) {
	g.rnd.Shuffle(len(g.absent), func(a, b int) { g.absent[a], g.absent[b] = g.absent[b], g.absent[a] })
	key := func(int) int64 { return 0 }
	which := 2
	if mixed {
		which = g.rnd.IntN(4)
	}
	switch which {
	case 1: // large first
		key = func(j int) int64 {
			if l := g.Jobs[j].Load; len(l) > 0 {
				return -l[0]
			}
			return 0
		}
	case 2: // due first
		key = func(j int) int64 { return dueOf(&g.Jobs[j]) }
	case 3: // narrow first
		key = func(j int) int64 { return dueOf(&g.Jobs[j]) - g.Jobs[j].Release }
	}
	slices.SortStableFunc(g.absent, func(a, b int) int {
		if c := cmp.Compare(g.Jobs[b].Priority, g.Jobs[a].Priority); c != 0 {
			return c
		}
		return cmp.Compare(key(a), key(b))
	})
}

// dueOf is the last promised begin of a job.
func dueOf(j *Job) int64 {
	due := int64(0)
	list := j.Delivery
	if len(list) == 0 {
		list = j.Pickup
	}
	for _, s := range list {
		if len(s.Windows) == 0 {
			return Horizon
		}
		due = max(due, s.Windows[len(s.Windows)-1].To)
	}
	return due
}

// insert puts job j at its cheapest place. A job with a penalty stays out
// where that is cheaper.
func (g *general) insert(j int, blinks bool) bool {
	best := int64(math.MaxInt64)
	if p := g.Jobs[j].Penalty; p > 0 {
		best = p
	}
	vehicle := -1
	try := func(v int) {
		if c, ok := g.cheapest(j, v, best, blinks); ok {
			best, vehicle = c, v
			g.found = append(g.found[:0], g.trial...)
		}
	}
	g.choose(j, blinks)
	for _, v := range g.vehicles {
		try(v)
	}
	if vehicle < 0 && len(g.vehicles) < len(g.routes) {
		g.choose(j, false)
		for _, v := range g.vehicles {
			try(v)
		}
	}
	if vehicle < 0 {
		return false
	}
	g.touch(vehicle)
	g.set(vehicle, slices.Clone(g.found))
	return true
}

// choose lists the vehicles worth a trial: those with neighbours of j, and one
// idle vehicle of each class. Without narrow: all but idle twins.
func (g *general) choose(j int, narrow bool) {
	g.vehicles = g.vehicles[:0]
	free := len(g.Jobs[j].Only)+len(g.Jobs[j].Never) > 0
	clear(g.seen)
	if narrow && len(g.routes) > 12 {
		for _, i := range g.near[j] {
			if v := g.at[i]; v >= 0 && !g.seen[v] {
				g.seen[v] = true
				g.vehicles = append(g.vehicles, v)
				if len(g.vehicles) == 10 {
					break
				}
			}
		}
	} else {
		for v, r := range g.routes {
			if len(r) > 0 {
				g.vehicles = append(g.vehicles, v)
			}
		}
	}
	clear(g.seen)
	for v, r := range g.routes {
		if len(r) == 0 && (free || !g.seen[g.class[v]]) && g.allowed[j][v] {
			g.seen[g.class[v]] = true
			g.vehicles = append(g.vehicles, v)
		}
	}
}

// cheapest looks for the place of j in v's route that raises the cost least,
// below limit; g.trial is then the route with it.
func (g *general) cheapest(j, v int, limit int64, blinks bool) (int64, bool) {
	if !g.allowed[j][v] || g.aboard[j] >= 0 && g.aboard[j] != v {
		return 0, false
	}
	best, ok := limit, false
	var keep []Visit
	g.each(j, v, func(trial []Visit) {
		if blinks && g.rnd.IntN(100) == 0 {
			return
		}
		c, fits := g.eval(v, trial)
		if !fits {
			return
		}
		if c -= g.cost[v]; g.Objective.FewerVehicles && len(g.routes[v]) == 0 {
			c += vehicleWeight
		}
		if c < best {
			best, ok = c, true
			keep = append(g.keepBuf[:0], trial...)
			g.keepBuf = keep
		}
	}, best)
	if ok {
		g.trial = append(g.trial[:0], keep...)
	}
	return best, ok
}
