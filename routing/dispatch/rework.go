package dispatch

import (
	"context"
	"fmt"
	"slices"

	"milkrun/routing/solver"
)

// Tour is a round on its way. What is in the rider's bag stays there: single-trip goods cannot join it. Stops that nobody has been
// to may change their order behind the one the rider is on the way to, which the shopper was told; goods may be fetched at doors on
// the way, and a door where nobody was may be tried again.
type Tour struct {
	Round int64
	Rider Rider
	Left  int64
	// Done are the stops that are over, Next those that are not, in their order.
	Done []Past
	Next []Parcel
	// Again are parcels in the bag whose door nobody opened: Ready is when it may be tried again.
	Again []Parcel
}

// Past is a stop that is over.
type Past struct {
	Parcel
	Begin, End int64
}

// Reworked is how a tour goes on.
type Reworked struct {
	Round int64
	// Order are the stops to come, Drops when and how late; Back is when the rider is at the warehouse again.
	Order []Parcel
	Drops []Drop
	Back  int64
	// Metres and Cost are those of the whole round.
	Metres, Cost int64
	// Changed says that the order is not the one before, Joined and Again whom it has more: fetched on the way, tried again.
	Changed       bool
	Joined, Again []int64
	// Saved is how many fen less it costs than the order before, lateness included; of a tour that somebody joined less the detour.
	Saved int64
}

// Rework plans anew how tours go on, from where they are: what is done and the next stop are frozen, the bag stays whole. fetch are
// parcels at doors that wait to be fetched: they join where it is worth the place. Every tour is answered, with its expected times.
func (r Rules) Rework(ctx context.Context, s Site, now int64, tours []Tour, fetch []Parcel) ([]Reworked, error) {
	if len(tours) == 0 {
		return nil, nil
	}
	w := newReworking(r, s, now, tours, fetch)
	if len(fetch) == 0 && !slices.ContainsFunc(tours, func(t Tour) bool { return len(t.Next) > 2 || len(t.Again) > 0 }) {
		out := make([]Reworked, len(tours))
		for i, t := range tours {
			out[i] = w.time(t, t.Next) // nothing can change about the order: only the times do
		}
		return out, nil
	}
	res, err := solver.Solve(ctx, w.problem, solver.Options{Seed: r.Seed, Threads: 1, Budget: r.Budget, Iterations: r.Iterations})
	if err != nil {
		return nil, fmt.Errorf("dispatch: rework: %w", err)
	}
	out := make([]Reworked, len(tours))
	for i, t := range tours {
		var order []Parcel
		for _, route := range res.Routes {
			if route.Vehicle == i {
				for _, x := range route.Visits[len(t.Done):] {
					order = append(order, w.jobs[x.Job])
				}
			}
		}
		out[i] = w.judge(t, order)
	}
	return out, nil
}

// reworking is tours stated as a routing problem.
type reworking struct {
	rules   Rules
	site    Site
	now     int64
	problem *solver.Problem
	jobs    []Parcel
}

func newReworking(r Rules, s Site, now int64, tours []Tour, fetch []Parcel) *reworking {
	w := &reworking{rules: r, site: s, now: now, problem: &solver.Problem{Now: now}}
	points := []solver.Point{s.Door}
	var optional []int
	add := func(p Parcel) int {
		points = append(points, p.Door)
		w.jobs = append(w.jobs, p)
		w.problem.Jobs = append(w.problem.Jobs, r.job(p, len(points)-1, now, 0))
		j := &w.problem.Jobs[len(w.jobs)-1]
		j.Release = 0
		return len(w.jobs) - 1
	}
	for v, t := range tours {
		w.problem.Vehicles = append(w.problem.Vehicles, w.vehicle(t))
		run := solver.Running{Vehicle: v, Left: true, Depart: t.Left, Frozen: len(t.Done)}
		for _, p := range t.Done {
			job := add(p.Parcel)
			w.over(job, p.Pickup)
			run.Visits = append(run.Visits, visit(p.Parcel, job))
			run.Done = append(run.Done, solver.Span{Begin: p.Begin, End: p.End})
		}
		if len(t.Next) > 0 {
			run.Frozen++
		}
		for k, p := range slices.Concat(t.Next, t.Again) {
			job := add(p)
			if k >= len(t.Next) {
				optional = append(optional, job)
			}
			run.Visits = append(run.Visits, visit(p, job))
			w.problem.Jobs[job].Only = []int{v}
			// Who cannot be in time any more is late, and cold goods that are out too long come back: neither is left behind here.
			w.problem.Jobs[job].MaxRide = 0
		}
		w.problem.Running = append(w.problem.Running, run)
	}
	for _, p := range fetch {
		optional = append(optional, add(p))
	}
	w.problem.Profiles = []solver.Profile{s.profile(points, tours[0].Rider)}
	for _, job := range optional {
		w.place(job)
	}
	return w
}

// over states that a job is done: when it was and how late is as it is, and what was handed over is not in the bag.
func (w *reworking) over(job int, fetched bool) {
	j := &w.problem.Jobs[job]
	j.MaxRide = 0
	for _, list := range [][]solver.Stop{j.Pickup, j.Delivery} {
		for i := range list {
			list[i].Windows = nil
		}
	}
	if !fetched {
		j.Load = nil
	}
}

// place prices a job that need not be on these tours: a place is worth a share of a trip of its own, less what a change must save.
func (w *reworking) place(job int) {
	prof := &w.problem.Profiles[0]
	out, back := prof.Metres[job+1], prof.Metres[(job+1)*prof.Size]
	w.problem.Jobs[job].Penalty = max(1, w.rules.Place(int64(out)+int64(back))-w.rules.Worth)
}

func (w *reworking) vehicle(t Tour) solver.Vehicle {
	rd := t.Rider
	v := solver.Vehicle{ID: fmt.Sprint(rd.ID), From: min(t.Left, w.now), To: max(rd.Until, w.now) + 3*3600, PerKm: 1000, Capacity: []int64{most(rd.Parcels), most(rd.Grams)}}
	// What it has loaded is no fault of the plan.
	bag := slices.Concat(t.Next, t.Again)
	for _, p := range t.Done {
		bag = append(bag, p.Parcel)
	}
	grams := int64(0)
	for _, p := range bag {
		grams += p.Grams
		if rd.ColdBox || p.Cold {
			v.Skills = solver.Cold
		}
	}
	v.Capacity[0], v.Capacity[1] = max(v.Capacity[0], int64(len(bag))), max(v.Capacity[1], grams)
	return v
}

// judge holds a tour's new order against the one before: it is taken if somebody joined or is tried again, or it saves enough.
func (w *reworking) judge(t Tour, order []Parcel) Reworked {
	old := w.time(t, t.Next)
	new := w.time(t, order)
	again := map[int64]bool{}
	for _, p := range t.Again {
		again[p.ID] = true
	}
	for _, p := range order {
		switch {
		case again[p.ID]:
			new.Again = append(new.Again, p.ID)
		case !slices.ContainsFunc(t.Next, func(q Parcel) bool { return q.ID == p.ID }):
			new.Joined = append(new.Joined, p.ID)
		}
	}
	new.Saved = w.price(old) - w.price(new)
	new.Changed = !slices.Equal(ids(order), ids(t.Next))
	if new.Changed && len(new.Joined)+len(new.Again) == 0 && new.Saved < w.rules.Worth {
		old.Saved = 0
		return old
	}
	return new
}

func (w *reworking) price(x Reworked) int64 {
	late := int64(0)
	for _, d := range x.Drops {
		late += d.Late
	}
	return x.Cost + late*w.rules.LatePerHour/3600
}

// time lets a tour go on along the order.
func (w *reworking) time(t Tour, order []Parcel) Reworked {
	out := Reworked{Round: t.Round, Order: order}
	at, now := w.site.Door, t.Left
	for _, p := range t.Done {
		_, metres := w.site.way(at, p.Door)
		at, now, out.Metres = p.Door, p.End, out.Metres+metres
	}
	for _, p := range order {
		seconds, metres := w.site.wayAt(at, p.Door, now)
		begin := now + seconds
		if len(out.Drops) == 0 {
			begin = max(begin, w.now)
		}
		if p.Pickup || p.Again {
			begin = max(begin, p.Ready)
		}
		out.Drops = append(out.Drops, Drop{Parcel: p.ID, At: begin, Late: max(0, begin-p.Due)})
		at, now, out.Metres = p.Door, begin+p.Service, out.Metres+metres
	}
	seconds, metres := w.site.wayAt(at, w.site.Door, now)
	out.Back, out.Metres = max(now+seconds, w.now), out.Metres+metres
	out.Cost = ((out.Back-t.Left)*t.Rider.PerHour+1800)/3600 + (out.Metres*t.Rider.PerKm+500)/1000
	return out
}
