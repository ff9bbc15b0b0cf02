package sisr

import (
	"context"
	"math"
	"slices"
)

// Options steer the search. The zero value of a number means its default.
type Options struct {
	Seed    int64
	Threads int
	// Progress is the share of the budget that is used up after so many
	// iterations; the search ends at 1. It is asked now and then.
	Progress func(iterations int64) float64
	// Mean is the mean number of customers removed (10), Longest the
	// longest string (10), Split the share of split strings (0.5), Grow how
	// likely the stretch kept inside grows by one more (0.01), Blink how likely
	// a position is overlooked (0.01).
	Mean        float64
	Longest     int
	Split, Grow float64
	Blink       float64
	// Tails is how often two routes swap their tails before the ruin (0.03
	// with windows, else never).
	Tails float64
	// Hot and Cold are the first and last temperature, in mean lengths of the
	// arcs to the five nearest neighbours (3 to 20, and 0.008 to 0.1).
	Hot, Cold float64
	blink     uint64
}

// withDefaults fills in what is not given. The temperatures and sizes are
// those that measured best on the published halves of the benchmark sets:
// plans with the fewest vehicles, or with longest durations, are rigid and
// want hotter starts.
func (o Options) withDefaults(in *Instance) Options {
	def := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	hot, cold, tails := 3.0, 0.03, 0.0
	if in.kind() == windows {
		tails = 0.03
	}
	switch {
	case in.FleetFirst:
		hot, cold = 10, 0.1
	case in.kind() == plain:
		cold = 0.008
	case in.kind() == duration:
		hot, cold = 20, 0.02
	case in.kind() == trips:
		hot, cold = 3, 0.1
	}
	def(&o.Mean, 10)
	def(&o.Hot, hot)
	def(&o.Cold, cold)
	def(&o.Tails, tails)
	def(&o.Split, 0.5)
	def(&o.Grow, 0.01)
	def(&o.Blink, 0.01)
	if o.Longest == 0 {
		o.Longest = 10
	}
	o.blink = uint64(o.Blink * (1 << 32))
	return o
}

// askEvery is how many iterations pass between two looks at the clock.
const askEvery = 32

// search is one annealing with the plans it remembers.
type search struct {
	*state
	ctx   context.Context
	count int64
	now   float64 // progress
	temp  float64
	best  snapshot
	last  snapshot // the plan at the end of a turn

	// The phase that the temperature falls over, in shares of the budget.
	from, until float64
}

// ended says whether the budget or the phase up to share is used up.
func (s *search) ended(share float64) bool {
	if s.count%askEvery == 0 {
		s.now = s.opts.Progress(s.count)
		if s.ctx.Err() != nil {
			s.now = 1
		}
	}
	s.count++
	return s.now >= share
}

// cool sets the temperature for the part of the phase that has gone.
func (s *search) cool() {
	part := min(max((s.now-s.from)/(s.until-s.from), 0), 1)
	s.temp = s.scale * s.opts.Hot * math.Pow(s.opts.Cold/s.opts.Hot, part)
}

// step is one ruin and recreate; keep decides whether it stays.
func (s *search) step() {
	s.begin()
	seed := s.customers[s.rnd.below(len(s.customers))]
	if s.opts.Tails > 0 && s.rnd.unit() < s.opts.Tails {
		s.swapTails(seed)
	}
	s.ruin(seed)
	s.recreate()
	if s.Depots > 1 {
		s.rehome()
	}
}

// anneal lowers the distance until share of the budget is used. A plan with
// more absent customers is never taken.
func (s *search) anneal(share float64) {
	s.strict = true
	defer func() { s.strict = false }()
	for !s.ended(share) {
		if s.count%askEvery == 1 {
			s.cool()
		}
		s.step()
		was, is := len(s.oldMiss), len(s.missing)
		if is > was || is == was && (s.total == s.oldTotal && s.trips == nil || float64(s.total) >= float64(s.oldTotal)-s.temp*math.Log(s.rnd.unit())) {
			s.undo()
			continue
		}
		if is < len(s.best.miss) || is == len(s.best.miss) && s.total < s.best.total {
			s.save(&s.best)
		}
	}
}

// seat finds places for the absent customers while share of the budget lasts,
// judging plans by how often their absent customers were absent before.
func (s *search) seat(share float64) bool {
	s.from, s.until = s.now, share
	for len(s.missing) > 0 && !s.ended(share) {
		if s.count%askEvery == 1 {
			s.cool()
		}
		s.step()
		was, is := s.weight(s.oldMiss), s.weight(s.missing)
		ok := is < was || len(s.missing) < len(s.oldMiss) ||
			is == was && float64(s.total) < float64(s.oldTotal)-s.temp*math.Log(s.rnd.unit())
		for _, u := range s.missing {
			s.absences[u]++
		}
		if !ok {
			s.undo()
			continue
		}
		if len(s.missing) < len(s.best.miss) {
			s.save(&s.best)
		}
	}
	return len(s.missing) == 0
}

func (s *search) weight(list []int32) int64 {
	var sum int64
	for _, u := range list {
		sum += int64(s.absences[u]) + 1
	}
	return sum
}

// saveVehicles takes out one route after the other while share of the budget
// lasts, and leaves the limit at the fewest vehicles found.
func (s *search) saveVehicles(share float64) {
	var demand int64
	for _, u := range s.customers {
		demand += int64(s.Demand[u])
	}
	least := 1
	if s.Mate == nil {
		least = int((demand + int64(s.Capacity) - 1) / int64(s.Capacity))
	}
	for !s.ended(share) {
		s.save(&s.best)
		s.limit[0] = int32(len(s.active))
		if len(s.active) <= least {
			return
		}
		s.dissolve(s.rarest())
		s.limit[0]--
		if !s.seat(share) {
			s.limit[0]++
			return
		}
	}
}

// dissolve makes all customers of route r absent.
func (s *search) dissolve(r int32) {
	s.begin()
	s.touch(r)
	for _, u := range slices.Clone(s.tour[r]) {
		s.leave(u)
	}
	s.remove(r)
}

// rarest is the route whose customers were absent least often.
func (s *search) rarest() int32 {
	best, least := int32(0), int64(math.MaxInt64)
	for _, r := range s.active {
		if w := s.weight(s.tour[r]); w < least {
			best, least = r, w
		}
	}
	return best
}

func sortBy(m, key []int32) {
	slices.SortStableFunc(m, func(a, b int32) int { return int(key[a]) - int(key[b]) })
}
