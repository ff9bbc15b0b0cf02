package simulation

import (
	"context"
	"fmt"
	"slices"

	"milkrun/routing/solver"
)

// SameDay plays a published instance with release times as a day on which orders come in: a customer is known from the release on,
// plans are made at fixed epochs, and a trip is final when it leaves the depot. What the same instance costs to who knows
// everything beforehand is the bound of perfect information.
type SameDay struct {
	// Epoch is the time between two plans, in the problem's units.
	Epoch int64
	// Pool keeps a trip back as long as it can leave after the next epoch and still keep every window: until then more may come
	// for the same way. Without it every trip leaves as soon as it is planned and its vehicle is in.
	Pool bool
	// Margin is how much earlier than at the last moment a kept trip leaves.
	Margin int64
	// Full is the share of a vehicle's room, in thousandths, from which a trip leaves although it could wait: there is little room
	// left for what may come. 0: none does.
	Full int64
	// Busy is the share of the vehicles, in thousandths, that the plan and the road may need before trips leave at once: vehicles
	// are what is short then. 0: always wait.
	Busy int64
	// Prize is the share of a customer's own round trip, in thousandths, that a place in a leaving trip may cost while the customer
	// can still wait: a dearer one stays for company of its own. 0: everybody of the trip rides.
	Prize int64
	// Options steer the search of each plan.
	Options solver.Options
}

// SameDayResult is what a day came to.
type SameDayResult struct {
	Metres            int64
	Customers, Missed int // missed: not served any more
	Trips, Plans      int
}

// sameDay is a day while it is played.
type sameDay struct {
	SameDay
	p    *solver.Problem
	free []int64 // by vehicle: when it is in
	res  SameDayResult
}

// Play plays the day of a problem whose jobs are deliveries from one depot.
func (s SameDay) Play(ctx context.Context, p *solver.Problem) (SameDayResult, error) {
	if s.Epoch < 1 {
		return SameDayResult{}, fmt.Errorf("simulation: epochs of %d", s.Epoch)
	}
	d := sameDay{SameDay: s, p: p, free: make([]int64, len(p.Vehicles))}
	d.res.Customers = len(p.Jobs)
	var end int64
	for v, x := range p.Vehicles {
		d.free[v], end = x.From, max(end, x.To)
	}
	served := make([]bool, len(p.Jobs))
	left := len(p.Jobs)
	for now := int64(0); now <= end && left > 0; now += s.Epoch {
		var known []int
		for j := range p.Jobs {
			if !served[j] && p.Jobs[j].Release <= now {
				known = append(known, j)
			}
		}
		if len(known) == 0 {
			continue
		}
		gone, err := d.epoch(ctx, now, known)
		if err != nil {
			return d.res, err
		}
		for _, j := range gone {
			served[j] = true
			left--
		}
	}
	d.res.Missed = left
	return d.res, nil
}

// epoch plans what is known and lets go what goes; it gives the jobs that are on their way.
func (d *sameDay) epoch(ctx context.Context, now int64, known []int) ([]int, error) {
	q := &solver.Problem{Profiles: d.p.Profiles}
	for _, j := range known {
		x := d.p.Jobs[j]
		x.Release = 0
		q.Jobs = append(q.Jobs, x)
	}
	for v, x := range d.p.Vehicles {
		x.From = max(d.free[v], now)
		if x.From > x.To {
			x.From, x.MaxStops = x.To, 1 // at its end: takes nothing more
		}
		q.Vehicles = append(q.Vehicles, x)
	}
	res, err := solver.Solve(ctx, q, d.Options)
	if err != nil {
		return nil, fmt.Errorf("simulation: at %d: %w", now, err)
	}
	d.res.Plans++
	var gone []int
	busy := d.busy(now, res.Routes)
	for _, r := range res.Routes {
		trips := cut(r)
		if d.free[r.Vehicle] > now || d.Pool && !busy && !d.full(q, r.Vehicle, trips[0]) && d.latest(q, r.Vehicle, trips) >= now+d.Epoch+d.Margin {
			continue
		}
		trip := d.worth(q, r.Vehicle, now, trips[0])
		if len(trip) == 0 {
			continue
		}
		d.leave(q, r.Vehicle, now, trip)
		for _, j := range trip {
			gone = append(gone, known[j])
		}
	}
	return gone, nil
}

// busy tells whether vehicles are short.
func (d *sameDay) busy(now int64, routes []solver.Route) bool {
	if d.Busy == 0 {
		return false
	}
	used := len(routes)
	for v, at := range d.free {
		if at > now && !slices.ContainsFunc(routes, func(r solver.Route) bool { return r.Vehicle == v }) {
			used++
		}
	}
	return int64(1000*used) >= d.Busy*int64(len(d.free))
}

// full tells whether a trip has little room left.
func (d *sameDay) full(q *solver.Problem, vehicle int, trip []int) bool {
	if d.Full == 0 {
		return false
	}
	for k, room := range q.Vehicles[vehicle].Capacity {
		var load int64
		for _, j := range trip {
			if k < len(q.Jobs[j].Load) {
				load += q.Jobs[j].Load[k]
			}
		}
		if 1000*load >= d.Full*room {
			return true
		}
	}
	return false
}

// worth leaves out of a trip who can wait and costs too much of a detour, the dearest first.
func (d *sameDay) worth(q *solver.Problem, vehicle int, now int64, trip []int) []int {
	if d.Prize == 0 {
		return trip
	}
	v := q.Vehicles[vehicle]
	way := func(a, b int) int64 {
		_, metres := q.Profiles[v.Profile].Way(a, b, 0)
		return metres
	}
	trip = slices.Clone(trip)
	for {
		worst, most := -1, int64(0)
		for k, j := range trip {
			if d.latest(q, vehicle, [][]int{{j}}) < now+2*d.Epoch+d.Margin {
				continue
			}
			before, after := v.Start, v.End
			if k > 0 {
				before = q.Jobs[trip[k-1]].Delivery[0].Place
			}
			if k+1 < len(trip) {
				after = q.Jobs[trip[k+1]].Delivery[0].Place
			}
			at := q.Jobs[j].Delivery[0].Place
			detour, own := way(before, at)+way(at, after)-way(before, after), way(v.Start, at)+way(at, v.End)
			if over := 1000*detour - d.Prize*own; over > 0 && over > most {
				worst, most = k, over
			}
		}
		if worst < 0 {
			return trip
		}
		trip = slices.Delete(trip, worst, worst+1)
	}
}

// cut gives the jobs of each trip of a route.
func cut(r solver.Route) [][]int {
	trips := [][]int{nil}
	for _, v := range r.Visits {
		if v.Action == solver.Reload {
			trips = append(trips, nil)
			continue
		}
		trips[len(trips)-1] = append(trips[len(trips)-1], v.Job)
	}
	return trips
}

// latest is when the first trip must have left, so that it and those that follow it keep their windows.
func (d *sameDay) latest(q *solver.Problem, vehicle int, trips [][]int) int64 {
	v := q.Vehicles[vehicle]
	at := v.To
	for t := len(trips) - 1; t >= 0; t-- {
		next := v.Start
		for k := len(trips[t]) - 1; k >= 0; k-- {
			s := q.Jobs[trips[t][k]].Delivery[0]
			seconds, _ := q.Profiles[v.Profile].Way(s.Place, next, 0)
			at -= seconds + s.Service
			if len(s.Windows) > 0 {
				at = min(at, s.Windows[len(s.Windows)-1].Last())
			}
			next = s.Place
		}
		seconds, _ := q.Profiles[v.Profile].Way(v.Start, next, 0)
		at -= seconds
		if t > 0 {
			at -= v.ReloadTime
		}
	}
	return at
}

// leave lets a trip happen.
func (d *sameDay) leave(q *solver.Problem, vehicle int, now int64, trip []int) {
	v := q.Vehicles[vehicle]
	at, place := max(now, d.free[vehicle]), v.Start
	for _, j := range trip {
		s := q.Jobs[j].Delivery[0]
		seconds, metres := q.Profiles[v.Profile].Way(place, s.Place, at)
		d.res.Metres += metres
		at, place = at+seconds, s.Place
		if len(s.Windows) > 0 {
			at = max(at, s.Windows[0].From)
		}
		at += s.Service
	}
	seconds, metres := q.Profiles[v.Profile].Way(place, v.End, at)
	d.res.Metres += metres
	d.free[vehicle] = at + seconds + v.ReloadTime
	d.res.Trips++
}
