package solver

// tape is one vehicle's timetable as it is being computed, with its memory.
// One goroutine uses it at a time.
type tape struct {
	arrive, begin, end, late []int64
	rests                    []Rest
	depart, finish, metres   int64
	lateCost, placeCost      int64
	// first is the first constraint broken, "" if none; severe says that a
	// later departure cannot mend it.
	first  Breach
	severe bool
	picked []int64 // by job: end of the pickup
	pulled []int64
	trip   []int32 // by job: number of the trip it was picked up in, + 1
	tripNo int32
}

func newTape(m *model) *tape {
	return &tape{picked: make([]int64, len(m.Jobs)), trip: make([]int32, len(m.Jobs))}
}

func (t *tape) reset(n int) {
	t.arrive, t.begin = sized(t.arrive, n), sized(t.begin, n)
	t.end, t.late = sized(t.end, n), sized(t.late, n)
	t.rests = t.rests[:0]
	t.metres, t.lateCost, t.placeCost = 0, 0, 0
	t.first, t.severe = Breach{}, false
}

func sized(s []int64, n int) []int64 {
	if cap(s) < n {
		return make([]int64, n, 2*n+8)
	}
	s = s[:n]
	clear(s)
	return s
}

// breach notes a broken constraint. It says whether to stop.
func (t *tape) breach(b Breach, severe, lenient bool) bool {
	if t.first.Constraint == "" || severe && !t.severe {
		t.first = b
	}
	t.severe = t.severe || severe
	return severe && !lenient
}

// fit is when a service can begin at or after at, how late that is, and at
// what price an hour. Without any window left it begins at once, by so much too
// late.
func (s *Stop) fit(at int64) (begin, late, rate, missed int64) {
	if len(s.Windows) == 0 {
		return at, 0, 0, 0
	}
	for i := range s.Windows {
		w := &s.Windows[i]
		if at <= w.Last() {
			begin = max(at, w.From)
			return begin, max(begin-w.To, 0), w.LatePerHour, 0
		}
	}
	w := &s.Windows[len(s.Windows)-1]
	return at, at - w.To, w.LatePerHour, at - w.Last()
}

// firstLeave is the earliest instant at which vehicle v can begin visits.
func (m *model) firstLeave(v int, visits []Visit) int64 {
	if r := m.running[v]; r != nil && r.Left {
		return r.Depart
	}
	return max(m.Vehicles[v].From, m.Now, m.releaseOf(visits, 0))
}

// simulate drives vehicle v through visits, leaving at depart and beginning no
// visit before notBefore, if given. It stops at the first severe breach unless
// it is lenient.
func (m *model) simulate(v int, visits []Visit, depart int64, notBefore []int64, t *tape, lenient bool) {
	veh := &m.Vehicles[v]
	prof := &m.Profiles[veh.Profile]
	done := m.done(v)
	t.reset(len(visits))
	t.depart = depart
	if release := m.releaseOf(visits, 0); depart < release {
		if t.breach(Breach{Release, v, -1, 0, release - depart}, true, lenient) {
			return
		}
	}
	if depart < veh.From && (len(done) == 0) {
		if t.breach(Breach{Shift, v, -1, -1, veh.From - depart}, true, lenient) {
			return
		}
	}
	now, place, left := depart, veh.Start, depart
	due := int64(Horizon) * 2 // when the pickups on board must be at the depot
	rest := 0
	for rest < len(veh.Breaks) && veh.Breaks[rest].To < depart {
		rest++
	}
	for k, x := range visits {
		to := m.place(v, x)
		if k < len(done) {
			if place >= 0 {
				t.metres += int64(prof.Metres[place*prof.Size+to])
			}
			t.arrive[k], t.begin[k], t.end[k] = done[k].Begin, done[k].Begin, done[k].End
			for rest < len(veh.Breaks) && veh.Breaks[rest].To < done[k].End {
				rest++
			}
		} else {
			leave := now
			arrive := now
			if place >= 0 {
				s, metres := prof.Way(place, to, now)
				arrive += s
				t.metres += metres
			}
			if k == len(done) && arrive < m.Now {
				arrive = m.Now
			}
			earliest := arrive
			if notBefore != nil {
				earliest = max(arrive, notBefore[k])
			}
			begin, long := m.begin(v, visits, k, earliest)
			for rest < len(veh.Breaks) {
				b := &veh.Breaks[rest]
				start := max(arrive, b.From)
				switch {
				case start <= b.To && start+b.Duration <= begin: // while waiting
				case begin+long <= b.To: // it can wait until after this visit
					start = -1
				case start > b.To: // only before driving here
					start = max(leave, b.From)
					if start > b.To {
						if t.breach(Breach{BreakMissed, v, -1, k, start - b.To}, true, lenient) {
							return
						}
						rest++
						continue
					}
					leave = start + b.Duration
					arrive = leave
					if place >= 0 {
						s, _ := prof.Way(place, to, leave)
						arrive += s
					}
					t.rests = append(t.rests, Rest{rest, start, leave})
					begin, long = m.begin(v, visits, k, max(arrive, earliest))
					rest++
					continue
				}
				if start < 0 {
					break
				}
				t.rests = append(t.rests, Rest{rest, start, start + b.Duration})
				if start+b.Duration > begin {
					begin, long = m.begin(v, visits, k, max(start+b.Duration, earliest))
				}
				// Who has rested here has arrived, but can begin only now.
				earliest = max(earliest, start+b.Duration)
				leave = earliest
				rest++
			}
			t.arrive[k], t.begin[k], t.end[k] = arrive, begin, begin+long
		}
		if m.visited(v, visits, k, &left, &due, t, m.fixed(v, visits, k), lenient) {
			return
		}
		now, place = t.end[k], to
	}
	m.home(v, visits, now, place, rest, due, t, lenient)
}

// begin is when visit k can begin at or after at, and how long it lasts. A
// reload lasts until the next trip's goods are ready.
func (m *model) begin(v int, visits []Visit, k int, at int64) (begin, long int64) {
	x := visits[k]
	if x.Action == Reload {
		return at, max(m.Vehicles[v].ReloadTime, m.releaseOf(visits, k+1)-at)
	}
	s := m.stop(v, x)
	begin, _, _, _ = s.fit(at)
	return begin, s.Service
}

// visited checks visit k whose times are known: its window, its ride.
func (m *model) visited(v int, visits []Visit, k int, left, due *int64, t *tape, past, lenient bool) bool {
	x := visits[k]
	if x.Action == Reload {
		if t.arrive[k] > *due && t.breach(Breach{MaxRide, v, -1, k, t.arrive[k] - *due}, false, lenient) {
			return true
		}
		*left, *due = t.end[k], Horizon*2
		if past && k < len(m.done(v)) {
			if r := m.releaseOf(visits, k+1); r > t.end[k] {
				return t.breach(Breach{Release, v, -1, k + 1, r - t.end[k]}, true, lenient)
			}
		}
		return false
	}
	s, j := m.stop(v, x), &m.Jobs[x.Job]
	_, late, rate, missed := s.fit(t.begin[k])
	t.late[k] = late
	t.lateCost += perHour(late, rate)
	t.placeCost += s.Cost
	if missed > 0 && !past && t.breach(Breach{WindowMissed, v, x.Job, k, missed}, true, lenient) {
		return true
	}
	since := *left
	switch {
	case x.Action == PickUp:
		t.picked[x.Job] = t.end[k]
		if j.MaxRide > 0 && len(j.Delivery) == 0 {
			*due = min(*due, t.end[k]+j.MaxRide)
		}
		return false
	case len(j.Pickup) > 0:
		since = t.picked[x.Job]
	}
	if over := t.begin[k] - since - j.MaxRide; j.MaxRide > 0 && over > 0 && !past {
		return t.breach(Breach{MaxRide, v, x.Job, k, over}, false, lenient)
	}
	return false
}

// home ends the way and checks what counts for the whole of it.
func (m *model) home(v int, visits []Visit, now int64, place, rest int, due int64, t *tape, lenient bool) {
	veh := &m.Vehicles[v]
	prof := &m.Profiles[veh.Profile]
	way := func(at int64) int64 {
		if veh.End == Open || place < 0 {
			return 0
		}
		s, _ := prof.Way(place, veh.End, at)
		return s
	}
	for ; rest < len(veh.Breaks); rest++ {
		b := &veh.Breaks[rest]
		if now+way(now) <= b.To {
			break
		}
		start := max(now, b.From)
		if start > b.To {
			if t.breach(Breach{BreakMissed, v, -1, len(visits), start - b.To}, true, lenient) {
				return
			}
			continue
		}
		now = start + b.Duration
		t.rests = append(t.rests, Rest{rest, start, now})
	}
	t.finish = now + way(now)
	if veh.End != Open && place >= 0 {
		t.metres += int64(prof.Metres[place*prof.Size+veh.End])
	}
	last := len(visits) - 1
	if t.finish > due && t.breach(Breach{MaxRide, v, -1, last, t.finish - due}, false, lenient) {
		return
	}
	if t.finish > veh.To && t.breach(Breach{Shift, v, -1, last, t.finish - veh.To}, true, lenient) {
		return
	}
	if over := t.metres - veh.MaxDistance; veh.MaxDistance > 0 && over > 0 && t.breach(Breach{MaxDistance, v, -1, -1, over}, true, lenient) {
		return
	}
	if over := t.finish - t.depart - veh.MaxDuration; veh.MaxDuration > 0 && over > 0 {
		t.breach(Breach{MaxDuration, v, -1, -1, over}, false, lenient)
	}
}

// justInTime is the latest departure that begins the first visit no later than
// the earliest does.
func (m *model) justInTime(v int, visits []Visit, t *tape, early int64) int64 {
	veh := &m.Vehicles[v]
	if veh.Start == Open || len(visits) == 0 || visits[0].Action == Reload || len(m.done(v)) > 0 {
		return early
	}
	prof, s := &m.Profiles[veh.Profile], m.stop(v, visits[0])
	base := int64(prof.Seconds[veh.Start*prof.Size+s.Place])
	way, _ := prof.Way(veh.Start, s.Place, early)
	begin, _, _, _ := s.fit(early + way)
	return prof.departure(base, begin)
}

// pull fills t.pulled with the latest begins of the visits that leave the end
// of the way as it is, and gives the latest departure.
func (m *model) pull(v int, visits []Visit, t *tape) int64 {
	veh := &m.Vehicles[v]
	prof := &m.Profiles[veh.Profile]
	done := len(m.done(v))
	t.pulled = append(t.pulled[:0], t.begin...)
	for k := len(visits) - 1; k >= done; k-- {
		x := visits[k]
		place := m.place(v, x)
		var latest int64 // end of this visit
		switch {
		case k+1 < len(visits):
			next := m.place(v, visits[k+1])
			latest = prof.departure(int64(prof.Seconds[place*prof.Size+next]), t.pulled[k+1])
		case veh.End != Open:
			latest = prof.departure(int64(prof.Seconds[place*prof.Size+veh.End]), t.finish)
		default:
			latest = t.finish
		}
		if x.Action == Reload {
			t.pulled[k] = max(t.begin[k], min(latest-veh.ReloadTime, latest))
			continue
		}
		s := m.stop(v, x)
		t.pulled[k] = max(t.begin[k], s.latest(latest-s.Service, t.begin[k]))
	}
	if done > 0 || m.running[v] != nil && m.running[v].Left || len(visits) == 0 {
		return t.depart
	}
	first := t.pulled[0]
	if veh.Start != Open {
		first = prof.departure(int64(prof.Seconds[veh.Start*prof.Size+m.place(v, visits[0])]), first)
	}
	return max(first, t.depart)
}

// latest is the latest begin up to at that is no later in its window's sense
// than begin was.
func (s *Stop) latest(at, begin int64) int64 {
	if len(s.Windows) == 0 {
		return at
	}
	for i := len(s.Windows) - 1; i >= 0; i-- {
		w := &s.Windows[i]
		if at >= w.From {
			return min(at, max(w.To, min(begin, w.Last())))
		}
	}
	return begin
}

// time computes the best timetable: the end as early as can be, then the
// departure as late as can be. It reports whether all time limits hold.
func (m *model) time(v int, visits []Visit, t *tape, lenient bool) bool {
	m.simulate(v, visits, m.firstLeave(v, visits), nil, t, lenient)
	if t.severe && !lenient {
		return false
	}
	veh := &m.Vehicles[v]
	if t.first.Constraint == "" && veh.PerHour == 0 && !lenient {
		return true
	}
	return m.postpone(v, visits, t, lenient)
}

// postpone leaves later where that shortens the way, and serves later where
// that alone keeps a longest ride.
func (m *model) postpone(v int, visits []Visit, t *tape, lenient bool) bool {
	early, finish, late, was := t.depart, t.finish, t.lateCost, t.first
	depart := m.pull(v, visits, t)
	if depart > early {
		m.simulate(v, visits, depart, nil, t, lenient)
		if t.first.Constraint == "" && t.finish <= finish && t.lateCost <= late {
			return true
		}
	}
	// Breaks may forbid that; to be just in time at the first stop changes
	// nothing that follows.
	if in := m.justInTime(v, visits, t, early); was.Constraint == "" && in > early && in < depart {
		m.simulate(v, visits, in, nil, t, lenient)
		if t.first.Constraint == "" && t.finish <= finish && t.lateCost <= late {
			return true
		}
	}
	if was.Constraint == MaxRide || t.first.Constraint == MaxRide {
		m.simulate(v, visits, depart, t.pulled, t, lenient)
		if t.first.Constraint == "" {
			return true
		}
	}
	if was.Constraint == "" && t.first.Constraint == "" && t.depart == early {
		return true
	}
	m.simulate(v, visits, early, nil, t, lenient)
	return t.first.Constraint == ""
}
