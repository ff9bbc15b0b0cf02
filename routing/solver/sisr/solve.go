package sisr

import (
	"context"
	"sync"
)

// Shares of the budget that may be spent on seating everybody, and on saving
// vehicles.
const (
	seatShare  = 0.5
	fleetShare = 0.3
)

// Solve searches until the budget is used or ctx ends, and gives the best
// plan found.
func Solve(ctx context.Context, in *Instance, opts Options) (*Solution, error) {
	if err := in.Check(); err != nil {
		return nil, err
	}
	opts = opts.withDefaults(in)
	sh := newShared(in)
	t := &team{shared: sh}
	for u := in.Depots; u < in.Nodes; u++ {
		t.customers = append(t.customers, int32(u))
	}
	for k := range max(opts.Threads, 1) {
		own := opts
		own.Seed += int64(k) * 1_000_003
		t.searches = append(t.searches, &search{state: newState(sh, own, t.customers), ctx: ctx})
	}
	if len(t.customers) > 0 {
		t.each(func(s *search) { s.start() })
		t.choose()
		t.anneal(t.searches[0].now)
	}
	out := t.best.solution(in)
	for _, s := range t.searches {
		out.Iterations += s.count
	}
	return out, nil
}

// start makes a first plan, seats everybody, and saves vehicles if they count.
func (s *search) start() {
	s.begin()
	s.recreate()
	s.save(&s.best)
	s.now = s.opts.Progress(0)
	if len(s.missing) > 0 {
		s.seat(seatShare)
	}
	if s.FleetFirst && len(s.missing) == 0 {
		s.saveVehicles(fleetShare)
	}
}

// team is the searches of all threads with the plans they share.
type team struct {
	*shared
	customers []int32
	searches  []*search
	best, now snapshot
}

// each runs f on every search, each on its own thread.
func (t *team) each(f func(*search)) {
	if len(t.searches) == 1 {
		f(t.searches[0])
		return
	}
	var wg sync.WaitGroup
	for _, s := range t.searches {
		wg.Go(func() { f(s) })
	}
	wg.Wait()
}

// choose takes the best of the searches' plans.
func (t *team) choose() {
	for _, s := range t.searches {
		if !t.best.full || s.best.better(&t.best, t.FleetFirst) {
			t.best.copy(&s.best)
		}
	}
}

// With more customers than partFrom the threads work on parts of the plan,
// cut anew partTurns times; with fewer each on a plan of its own.
const (
	partFrom  = 300
	partTurns = 60
)

func (t *team) anneal(from float64) {
	for _, s := range t.searches {
		from = min(from, s.now)
	}
	for _, s := range t.searches {
		s.from, s.until = from, 1
		s.restore(&t.best, t.customers)
		if t.FleetFirst {
			s.limit[0] = int32(len(t.best.ends))
		}
		s.best.copy(&t.best)
	}
	if len(t.searches) == 1 || t.shape == trips || len(t.customers) < partFrom || len(t.best.miss) > 0 {
		t.each(func(s *search) { s.cycles(from) })
		t.choose()
		return
	}
	t.now.copy(&t.best)
	turns := partTurns
	for turn := range turns {
		until := from + (1-from)*float64(turn+1)/float64(turns)
		t.turn(until)
		if t.searches[0].ctx.Err() != nil {
			return
		}
	}
}

// times is how often a plan is annealed, each time from another first one:
// small plans are so rigid that much depends on it.
func (s *search) times() int {
	n := len(s.customers)
	switch {
	case len(s.missing) > 0 || s.shape != windows && s.shape != pairs:
		return 1
	case n <= 130:
		return 3
	case s.shape == pairs && n <= 250:
		return 2
	}
	return 1
}

// cycles anneals from the share from on, once or several times, and leaves the
// best plan of all in s.best.
func (s *search) cycles(from float64) {
	times := s.times()
	fleet := s.limit[0]
	var best snapshot
	best.copy(&s.best)
	for k := range times {
		until := from + (1-from)*float64(k+1)/float64(times)
		if k > 0 {
			s.again(fleet, s.now+(until-s.now)/2, &best)
		}
		s.from, s.until = s.now, until
		s.save(&s.best)
		s.anneal(until)
		if s.best.better(&best, s.FleetFirst) {
			best.copy(&s.best)
		}
	}
	s.best.copy(&best)
}

// again makes another plan of at most fleet vehicles, or takes the best one
// where that does not succeed by share of the budget.
func (s *search) again(fleet int32, share float64, best *snapshot) {
	s.limit[0] = s.Fleet[0]
	s.reset(s.customers)
	s.begin()
	s.recreate()
	s.best.clear()
	for s.used[0] > fleet && len(s.missing) == 0 {
		s.dissolve(s.rarest())
		s.limit[0] = s.used[0]
		s.save(&s.best)
		if !s.seat(share) {
			break
		}
	}
	s.limit[0] = fleet
	if len(s.missing) > 0 || s.used[0] > fleet {
		s.restore(best, s.customers)
	}
}

// turn deals the routes of the current plan to the searches, lets them work
// until so much of the budget is used, and joins what they made.
func (t *team) turn(until float64) {
	parts := t.split(&t.now, &t.searches[0].rnd)
	spare := make([]int32, t.Depots)
	copy(spare, t.Fleet)
	if t.FleetFirst {
		spare[0] = int32(len(t.now.ends))
	}
	for _, d := range t.now.home {
		spare[d]--
	}
	for i, s := range t.searches {
		s.restore(&t.now, parts[i])
		for d := range s.limit {
			s.limit[d] = s.used[d] + spare[d]/int32(len(t.searches))
		}
	}
	t.each(func(s *search) {
		s.best.full = false
		s.save(&s.best)
		s.anneal(until)
		s.save(&s.last)
	})
	var best snapshot
	t.now.clear()
	for _, s := range t.searches {
		t.now.add(&s.last)
		best.add(&s.best)
	}
	if best.total < t.best.total {
		t.best.copy(&best)
	}
}

// split deals the customers to as many parts as there are searches, whole
// routes together, by a line through the plan in a direction drawn by chance:
// routes are sorted by how much nearer they are to one customer than to the
// one farthest from it.
func (t *team) split(s *snapshot, rnd *random) [][]int32 {
	a := int(t.customers[rnd.below(len(t.customers))])
	b := a
	for _, u := range t.customers {
		if t.Dist[a*t.Nodes+int(u)] > t.Dist[a*t.Nodes+b] {
			b = int(u)
		}
	}
	keys := make([]int32, len(s.ends))
	order := make([]int32, len(s.ends))
	for k := range s.ends {
		order[k] = int32(k)
		var sum int64
		tour := s.tour(k)
		for _, u := range tour {
			sum += int64(t.Dist[a*t.Nodes+int(u)]) - int64(t.Dist[b*t.Nodes+int(u)])
		}
		keys[k] = int32(sum / int64(len(tour)))
	}
	sortBy(order, keys)
	parts := make([][]int32, len(t.searches))
	dealt := 0
	for _, k := range order {
		i := min(dealt*len(parts)/len(t.customers), len(parts)-1)
		parts[i] = append(parts[i], s.tour(int(k))...)
		dealt += len(s.tour(int(k)))
	}
	return parts
}
