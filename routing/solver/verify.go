package solver

import "slices"

// Verify checks a plan against the model and lists everything that is broken.
// It shares no computation with the search and the timetable: it takes the
// stated times and asks the model whether they are possible, and recomputes
// loads, distances and sums.
func Verify(p *Problem, plan *Plan) []Breach {
	c := &checker{p: p, seen: make([]int, len(p.Jobs)), vehicles: map[int]bool{}, locked: map[int]bool{}}
	for _, r := range p.Running {
		for _, x := range r.Visits[:r.Frozen] {
			c.locked[x.Job] = x.Action != Reload
		}
	}
	for i := range plan.Routes {
		c.route(&plan.Routes[i])
	}
	c.jobs(plan)
	c.started(plan)
	c.sums(plan)
	return c.broken
}

type checker struct {
	p        *Problem
	broken   []Breach
	seen     []int // visits of each job
	vehicles map[int]bool
	locked   map[int]bool // jobs with a frozen visit
}

func (c *checker) note(what Constraint, vehicle, job, visit int, by int64) {
	c.broken = append(c.broken, Breach{what, vehicle, job, visit, by})
}

func (c *checker) route(r *Route) {
	if r.Vehicle < 0 || r.Vehicle >= len(c.p.Vehicles) {
		c.note(Unknown, r.Vehicle, -1, -1, 0)
		return
	}
	if c.vehicles[r.Vehicle] {
		c.note(Twice, r.Vehicle, -1, -1, 0)
	}
	c.vehicles[r.Vehicle] = true
	for k, x := range r.Visits {
		if !c.p.exists(r.Vehicle, x.Visit) || x.Place != c.placeOf(r.Vehicle, x.Visit) {
			c.note(Unknown, r.Vehicle, x.Job, k, 0)
			return
		}
		if x.Action != Reload {
			c.seen[x.Job]++
			c.suits(r, k)
		}
	}
	c.clockwork(r)
	c.rests(r)
	c.trips(r)
	c.limits(r)
}

func (c *checker) placeOf(v int, x Visit) int {
	veh := &c.p.Vehicles[v]
	switch {
	case x.Action != Reload:
		return c.p.Jobs[x.Job].stops(x.Action)[x.Stop].Place
	case len(veh.Reload) > 0:
		return veh.Reload[x.Stop]
	}
	return veh.Start
}

// suits checks skills and fixings of one visit.
func (c *checker) suits(r *Route, k int) {
	j := &c.p.Jobs[r.Visits[k].Job]
	if j.Skills&^c.p.Vehicles[r.Vehicle].Skills != 0 {
		c.note(NoSkill, r.Vehicle, r.Visits[k].Job, k, 0)
	}
	if len(j.Only) > 0 && !slices.Contains(j.Only, r.Vehicle) || slices.Contains(j.Never, r.Vehicle) {
		c.note(OtherVehicle, r.Vehicle, r.Visits[k].Job, k, 0)
	}
}

// past is how many visits of a vehicle were already done.
func (c *checker) running(v int) *Running {
	for i := range c.p.Running {
		if c.p.Running[i].Vehicle == v {
			return &c.p.Running[i]
		}
	}
	return &Running{}
}

// clockwork checks that the stated times follow each other: travel, windows,
// service, shift, and rests between.
func (c *checker) clockwork(r *Route) {
	veh := &c.p.Vehicles[r.Vehicle]
	prof := &c.p.Profiles[veh.Profile]
	run := c.running(r.Vehicle)
	if r.Depart < veh.From && !run.Left {
		c.note(Shift, r.Vehicle, -1, -1, veh.From-r.Depart)
	}
	if !run.Left && r.Depart < c.p.Now && len(r.Visits) > 0 {
		c.note(Started, r.Vehicle, -1, -1, c.p.Now-r.Depart)
	}
	now, place := r.Depart, veh.Start
	for k, x := range r.Visits {
		past := k < len(run.Done)
		if !past {
			if by := c.reach(prof, r, now, place, x.Place) - x.Arrive; by > 0 {
				c.note(Travel, r.Vehicle, x.Job, k, by)
			}
		}
		if x.Begin < x.Arrive || x.End < x.Begin || !past && k >= len(run.Done) && x.Begin < c.p.Now {
			c.note(NoTime, r.Vehicle, x.Job, k, 0)
		}
		c.service(r, k, past, k < run.Frozen || c.locked[x.Job])
		now, place = x.End, x.Place
	}
	if veh.End != Open && place != Open {
		now = c.reach(prof, r, now, place, veh.End)
	}
	if r.End < now {
		c.note(Travel, r.Vehicle, -1, len(r.Visits), now-r.End)
	}
	// A round that is frozen to its last visit takes the time it needs.
	if r.End > veh.To && !c.given(r) {
		c.note(Shift, r.Vehicle, -1, -1, r.End-veh.To)
	}
}

// given says whether all of a route was frozen.
func (c *checker) given(r *Route) bool {
	for k, x := range r.Visits {
		if x.Action != Reload && k >= c.running(r.Vehicle).Frozen && !c.locked[x.Job] {
			return false
		}
	}
	return len(r.Visits) > 0 && c.running(r.Vehicle).Frozen > 0
}

// reach is when the vehicle can be at b that may leave a at now: it drives
// before, between or after the rests that were stated, never during one.
func (c *checker) reach(prof *Profile, r *Route, now int64, a, b int) int64 {
	if a == Open {
		return now
	}
	s, _ := prof.Way(a, b, now)
	arrive := now + s
	for _, rest := range r.Rests {
		// A rest that began before the arrival was taken before driving.
		if rest.Begin >= now && rest.Begin < arrive {
			s, _ = prof.Way(a, b, rest.End)
			arrive = rest.End + s
		}
	}
	return arrive
}

// service checks the window, the length and the stated lateness of a visit.
// What is done is as it is; what is promised may be late without a remedy.
func (c *checker) service(r *Route, k int, past, frozen bool) {
	x := r.Visits[k]
	for _, rest := range r.Rests {
		if !past && rest.Begin < x.End && rest.End > x.Begin && x.Action != Reload {
			c.note(BreakMissed, r.Vehicle, x.Job, k, 0)
		}
	}
	if x.Action == Reload {
		if by := c.p.Vehicles[r.Vehicle].ReloadTime - (x.End - x.Begin); by > 0 && !past {
			c.note(NoTime, r.Vehicle, -1, k, by)
		}
		return
	}
	s := &c.p.Jobs[x.Job].stops(x.Action)[x.Stop]
	if by := s.Service - (x.End - x.Begin); by > 0 && !past {
		c.note(NoTime, r.Vehicle, x.Job, k, by)
	}
	if len(s.Windows) == 0 {
		return
	}
	late, ok := int64(0), false
	for _, w := range s.Windows {
		if x.Begin >= w.From && x.Begin <= max(w.To, w.Until) {
			late, ok = max(0, x.Begin-w.To), true
		}
	}
	last := s.Windows[len(s.Windows)-1]
	if !ok {
		late = max(0, x.Begin-last.To)
	}
	switch {
	case !ok && !frozen:
		c.note(WindowMissed, r.Vehicle, x.Job, k, max(0, x.Begin-max(last.To, last.Until)))
	case late != x.Late:
		c.note(Sums, r.Vehicle, x.Job, k, late-x.Late)
	}
}

// rests checks the breaks: each in its window, once, and there if it was due.
func (c *checker) rests(r *Route) {
	veh := &c.p.Vehicles[r.Vehicle]
	run := c.running(r.Vehicle)
	taken := make([]bool, len(veh.Breaks))
	for i, rest := range r.Rests {
		if rest.Break < 0 || rest.Break >= len(veh.Breaks) || taken[rest.Break] {
			c.note(BreakMissed, r.Vehicle, -1, -1, 0)
			continue
		}
		taken[rest.Break] = true
		b := veh.Breaks[rest.Break]
		if rest.Begin < b.From || rest.Begin > b.To || rest.End-rest.Begin < b.Duration || i > 0 && rest.Begin < r.Rests[i-1].End {
			c.note(BreakMissed, r.Vehicle, -1, -1, 0)
		}
	}
	begin := r.Depart
	if n := len(run.Done); n > 0 {
		begin = run.Done[n-1].End
	}
	for i, b := range veh.Breaks {
		// Who is at home before the break's last moment rests at home.
		if !taken[i] && b.To >= begin && b.To < r.End && !c.given(r) {
			c.note(BreakMissed, r.Vehicle, -1, -1, 0)
		}
	}
}

// jobs checks that each job is done once or left out.
func (c *checker) jobs(plan *Plan) {
	out := map[int]bool{}
	for _, j := range plan.LeftOut {
		if j < 0 || j >= len(c.p.Jobs) {
			c.note(Unknown, -1, j, -1, 0)
			continue
		}
		if out[j] || c.seen[j] > 0 {
			c.note(Twice, -1, j, -1, 0)
		}
		out[j] = true
	}
	for j, n := range c.seen {
		want := 1
		if c.p.Jobs[j].pair() {
			want = 2
		}
		switch {
		case n > want:
			c.note(Twice, -1, j, -1, 0)
		case n < want && !out[j]:
			c.note(Lost, -1, j, -1, 0)
		}
	}
}

// started checks that rounds under way go on as they began.
func (c *checker) started(plan *Plan) {
	for _, run := range c.p.Running {
		i := slices.IndexFunc(plan.Routes, func(r Route) bool { return r.Vehicle == run.Vehicle })
		if i < 0 {
			if run.Frozen > 0 {
				c.note(Started, run.Vehicle, -1, -1, 0)
			}
			continue
		}
		r := &plan.Routes[i]
		if run.Left && r.Depart != run.Depart {
			c.note(Started, run.Vehicle, -1, -1, r.Depart-run.Depart)
		}
		c.carried(&run, r)
		for k := range run.Frozen {
			switch {
			case k >= len(r.Visits) || r.Visits[k].Visit != run.Visits[k]:
				c.note(Started, run.Vehicle, run.Visits[k].Job, k, 0)
			case k < len(run.Done) && (r.Visits[k].Begin != run.Done[k].Begin || r.Visits[k].End != run.Done[k].End):
				c.note(Started, run.Vehicle, run.Visits[k].Job, k, r.Visits[k].Begin-run.Done[k].Begin)
			}
		}
	}
}

// carried checks that a trip under way carries what was loaded: no other
// delivery can join it, and what is in the vehicle cannot be in another.
func (c *checker) carried(run *Running, r *Route) {
	if !run.Left {
		return
	}
	loaded := func(visits []Visit) map[int]bool {
		out, from := map[int]bool{}, 0
		for k := range run.Done {
			if run.Visits[k].Action == Reload {
				from = k + 1
			}
		}
		for k := from; k < len(visits) && visits[k].Action != Reload; k++ {
			if x := visits[k]; x.Action == Deliver && len(c.p.Jobs[x.Job].Pickup) == 0 {
				out[x.Job] = true
			}
		}
		return out
	}
	var visits []Visit
	for _, x := range r.Visits {
		visits = append(visits, x.Visit)
	}
	was, is := loaded(run.Visits), loaded(visits)
	for j := range is {
		if !was[j] {
			c.note(Started, run.Vehicle, j, -1, 0)
		}
	}
	for j := range was {
		if !is[j] && c.seen[j] > 0 {
			c.note(Started, run.Vehicle, j, -1, 0)
		}
	}
}

// sums recomputes the score.
func (c *checker) sums(plan *Plan) {
	var want Score
	for _, j := range plan.LeftOut {
		if j < 0 || j >= len(c.p.Jobs) {
			continue
		}
		if job := &c.p.Jobs[j]; job.Penalty > 0 {
			want.Cost += job.Penalty
		} else {
			want.LeftOut += 1 + int64(job.Priority)
		}
	}
	short, long := int64(1)<<60, int64(0)
	for i := range plan.Routes {
		r := &plan.Routes[i]
		want.Cost += r.Cost
		short, long = min(short, r.End-r.Depart), max(long, r.End-r.Depart)
	}
	if c.p.Objective.FewerVehicles {
		want.Vehicles = int64(len(plan.Routes))
	}
	if c.p.Objective.Balance && len(plan.Routes) > 1 {
		want.Imbalance = long - short
	}
	if plan.Score != want {
		c.note(Sums, -1, -1, -1, plan.Score.Cost-want.Cost)
	}
}
