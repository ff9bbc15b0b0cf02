package solver

// model is a checked problem with what the search and the timetable look up.
type model struct {
	*Problem
	clash   [mostClasses]uint64 // classes that a class may not meet
	running []*Running          // by vehicle
	allowed [][]bool            // by job and vehicle: skills, fixed, forbidden
	mixing  bool
	locked  []bool // jobs with a frozen visit
}

func newModel(p *Problem) *model {
	m := &model{Problem: p, running: make([]*Running, len(p.Vehicles)), allowed: make([][]bool, len(p.Jobs)), mixing: len(p.Clashes) > 0,
		locked: make([]bool, len(p.Jobs))}
	for _, c := range p.Clashes {
		m.clash[c[0]] |= 1 << c[1]
		m.clash[c[1]] |= 1 << c[0]
	}
	for i := range p.Running {
		r := &p.Running[i]
		m.running[r.Vehicle] = r
		for _, x := range r.Visits[:r.Frozen] {
			if x.Action != Reload {
				m.locked[x.Job] = true
			}
		}
	}
	cells := make([]bool, len(p.Jobs)*len(p.Vehicles))
	for j := range p.Jobs {
		m.allowed[j] = cells[j*len(p.Vehicles) : (j+1)*len(p.Vehicles)]
		m.allow(j)
	}
	return m
}

// allow works out which vehicles may take job j by skills and fixings.
func (m *model) allow(j int) {
	job, row := &m.Jobs[j], m.allowed[j]
	for v := range row {
		row[v] = len(job.Only) == 0 && job.Skills&^m.Vehicles[v].Skills == 0
	}
	for _, v := range job.Only {
		row[v] = job.Skills&^m.Vehicles[v].Skills == 0
	}
	for _, v := range job.Never {
		row[v] = false
	}
}

// stop is the place of a visit of vehicle v with its windows.
func (m *model) stop(v int, x Visit) *Stop {
	return &m.Jobs[x.Job].stops(x.Action)[x.Stop]
}

func (m *model) place(v int, x Visit) int {
	if x.Action == Reload {
		return m.Vehicles[v].reloads()[x.Stop]
	}
	return m.stop(v, x).Place
}

// releaseOf is when the goods of the trip that starts with visit k are ready.
func (m *model) releaseOf(visits []Visit, k int) int64 {
	var at int64
	for ; k < len(visits) && visits[k].Action != Reload; k++ {
		if x := visits[k]; x.Action == Deliver {
			if j := &m.Jobs[x.Job]; len(j.Pickup) == 0 {
				at = max(at, j.Release)
			}
		}
	}
	return at
}

// done is how many of a vehicle's visits are over, frozen how many are fixed.
func (m *model) done(v int) []Span {
	if r := m.running[v]; r != nil {
		return r.Done
	}
	return nil
}

func (m *model) frozen(v int) int {
	if r := m.running[v]; r != nil {
		return r.Frozen
	}
	return 0
}

// fixed says whether visit k cannot be undone: it is frozen, or the other end
// of a frozen pickup.
func (m *model) fixed(v int, visits []Visit, k int) bool {
	return k < m.frozen(v) || visits[k].Action != Reload && m.locked[visits[k].Job]
}

// given says whether all of a round is fixed. It takes the time it needs.
func (m *model) given(v int, visits []Visit) bool {
	for k, x := range visits {
		if x.Action != Reload && !m.fixed(v, visits, k) {
			return false
		}
	}
	return len(visits) > 0 && m.frozen(v) > 0
}

// perHour is seconds at so many fen an hour, rounded.
func perHour(seconds, rate int64) int64 { return (seconds*rate + 1800) / 3600 }

// perKm is metres at so many fen a kilometre, rounded.
func perKm(metres, rate int64) int64 { return (metres*rate + 500) / 1000 }
