package simulation

import (
	"context"
	"fmt"
	"slices"

	"milkrun/routing/dispatch"
	"milkrun/routing/solver"
)

// SameDay plays a published instance with release times as a day on which orders come in: a customer is known from the release on,
// plans are made at fixed epochs, and a trip is final when it leaves the depot. What the same instance costs to who knows
// everything beforehand is the bound of perfect information.
//
// On the 86 published instances, 100 plans a day, about 1.2 processor seconds a day for all of its plans (milkrun bench sameday --seconds 120
// for each policy, seed 1):
//
//	                           cost / bound   missed
//	everything at once            1.2126      37 (0.28 %)
//	must go or pool               1.2053      30 (0.23 %)
//	the same, but waiting even    1.2042      48 (0.37 %)
//	while somebody has no place
type SameDay struct {
	// Epoch is the time between two plans, in the problem's units.
	Epoch int64
	// Pool keeps a trip back as long as it can leave after the next epoch and still keep every window: until then more may come
	// for the same way. Without it every trip leaves as soon as it is planned and its vehicle is in: greedy.
	Pool bool
	// Pooling says when a kept trip leaves and who of it stays for company of its own, as the warehouse's plans do.
	Pooling dispatch.Pooling
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
	if len(res.LeftOut) > 0 {
		busy = 1000 // not everybody has a place: vehicles are short, whoever waits makes it worse
	}
	for _, r := range res.Routes {
		if d.free[r.Vehicle] > now {
			continue
		}
		trips := cut(r)
		trip := trips[0]
		if d.Pool {
			trip = nil
			for _, k := range d.Pooling.Leaves(now, d.Epoch, d.departure(q, r.Vehicle, trips, busy)) {
				trip = append(trip, trips[0][k])
			}
		}
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

// departure states a vehicle's first trip as Pooling judges it.
func (d *sameDay) departure(q *solver.Problem, vehicle int, trips [][]int, busy int64) dispatch.Departure {
	v, trip := q.Vehicles[vehicle], trips[0]
	return dispatch.Departure{Last: d.latest(q, vehicle, trips), Fill: fill(q, vehicle, trip), Crowded: busy, Stops: len(trip),
		Way: func(a, b int) int64 {
			from, to := v.Start, v.End
			if a >= 0 {
				from = q.Jobs[trip[a]].Delivery[0].Place
			}
			if b >= 0 {
				to = q.Jobs[trip[b]].Delivery[0].Place
			}
			_, metres := q.Profiles[v.Profile].Way(from, to, 0)
			return metres
		},
		Alone: func(k int) int64 { return d.latest(q, vehicle, [][]int{{trip[k]}}) }}
}

// busy is the share of the vehicles in thousandths that the plan and the road need.
func (d *sameDay) busy(now int64, routes []solver.Route) int64 {
	used := len(routes)
	for v, at := range d.free {
		if at > now && !slices.ContainsFunc(routes, func(r solver.Route) bool { return r.Vehicle == v }) {
			used++
		}
	}
	return int64(1000 * used / len(d.free))
}

// fill is the share of a vehicle's room that a trip takes, in thousandths.
func fill(q *solver.Problem, vehicle int, trip []int) (share int64) {
	for k, room := range q.Vehicles[vehicle].Capacity {
		var load int64
		for _, j := range trip {
			if k < len(q.Jobs[j].Load) {
				load += q.Jobs[j].Load[k]
			}
		}
		if room > 0 {
			share = max(share, 1000*load/room)
		}
	}
	return share
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
