package solver

// trips checks each trip's loads, goods, pairs, releases and rides.
func (c *checker) trips(r *Route) {
	leave, from := r.Depart, 0
	for k := 0; k <= len(r.Visits); k++ {
		if k < len(r.Visits) && r.Visits[k].Action != Reload {
			continue
		}
		back := r.End
		if k < len(r.Visits) {
			back = r.Visits[k].Arrive
		}
		c.trip(r, from, k, leave, back)
		if k < len(r.Visits) {
			leave, from = r.Visits[k].End, k+1
		}
	}
}

func (c *checker) trip(r *Route, from, to int, leave, back int64) {
	veh := &c.p.Vehicles[r.Vehicle]
	frozen := c.running(r.Vehicle).Frozen
	aboard := map[int]int64{} // job → since when
	for k := from; k < to; k++ {
		x := r.Visits[k]
		if j := &c.p.Jobs[x.Job]; x.Action == Deliver && len(j.Pickup) == 0 {
			aboard[x.Job] = leave
			if by := j.Release - leave; by > 0 {
				c.note(Release, r.Vehicle, x.Job, k, by)
			}
		}
	}
	c.hold(veh, r, from, aboard)
	for k := from; k < to; k++ {
		x := r.Visits[k]
		j := &c.p.Jobs[x.Job]
		if x.Action == PickUp {
			aboard[x.Job] = x.End
			c.hold(veh, r, k, aboard)
			continue
		}
		since, ok := aboard[x.Job]
		if !ok {
			c.note(PairOrder, r.Vehicle, x.Job, k, 0)
			continue
		}
		delete(aboard, x.Job)
		if by := x.Begin - since - j.MaxRide; j.MaxRide > 0 && by > 0 && k >= frozen && !c.locked[x.Job] {
			c.note(MaxRide, r.Vehicle, x.Job, k, by)
		}
	}
	for job, since := range aboard {
		j := &c.p.Jobs[job]
		if len(j.Delivery) > 0 {
			c.note(PairOrder, r.Vehicle, job, to, 0)
		} else if by := back - since - j.MaxRide; j.MaxRide > 0 && by > 0 && to > frozen {
			c.note(MaxRide, r.Vehicle, job, to, by)
		}
	}
}

// hold checks what is in the vehicle at one moment.
func (c *checker) hold(veh *Vehicle, r *Route, k int, aboard map[int]int64) {
	sum := make([]int64, mostDimensions)
	goods := map[int]bool{}
	for job := range aboard {
		j := &c.p.Jobs[job]
		for d, q := range j.Load {
			sum[d] += q
		}
		goods[j.Goods] = true
	}
	for d, q := range sum {
		room := int64(0)
		if d < len(veh.Capacity) {
			room = veh.Capacity[d]
		}
		if q > room {
			c.note(Capacity, r.Vehicle, -1, k, q-room)
		}
	}
	for _, clash := range c.p.Clashes {
		if goods[clash[0]] && goods[clash[1]] {
			c.note(Mixing, r.Vehicle, -1, k, 0)
		}
	}
}

// limits checks what counts over the whole route, and its stated sums.
func (c *checker) limits(r *Route) {
	veh := &c.p.Vehicles[r.Vehicle]
	prof := &c.p.Profiles[veh.Profile]
	var metres, cost int64
	place, stops, trips := veh.Start, 0, 1
	for _, x := range r.Visits {
		if place != Open {
			metres += int64(prof.Metres[place*prof.Size+x.Place])
		}
		place = x.Place
		if x.Action == Reload {
			trips++
			continue
		}
		stops++
		s := &c.p.Jobs[x.Job].stops(x.Action)[x.Stop]
		cost += s.Cost
		if x.Late > 0 {
			// The window that the visit is late for, or the last one.
			rate := s.Windows[len(s.Windows)-1].LatePerHour
			for _, w := range s.Windows {
				if x.Begin >= w.From && x.Begin <= max(w.To, w.Until) {
					rate = w.LatePerHour
				}
			}
			cost += (x.Late*rate + 1800) / 3600
		}
	}
	if veh.End != Open && place != Open {
		metres += int64(prof.Metres[place*prof.Size+veh.End])
	}
	long := r.End - r.Depart
	cost += veh.Fixed + (long*veh.PerHour+1800)/3600 + (metres*veh.PerKm+500)/1000
	over := func(what Constraint, value, limit int64) {
		if limit > 0 && value > limit && !c.given(r) {
			c.note(what, r.Vehicle, -1, -1, value-limit)
		}
	}
	over(MaxDuration, long, veh.MaxDuration)
	over(MaxDistance, metres, veh.MaxDistance)
	over(MaxStops, int64(stops), int64(veh.MaxStops))
	over(MaxTrips, int64(trips), int64(max(veh.Trips, 1)))
	if metres != r.Metres {
		c.note(Sums, r.Vehicle, -1, -1, metres-r.Metres)
	}
	if cost != r.Cost {
		c.note(Sums, r.Vehicle, -1, -1, cost-r.Cost)
	}
}
