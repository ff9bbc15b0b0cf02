// Package milkrun plans a day's vans: which transfers go from a regional warehouse to the front warehouses in which van, in which
// order and when, within the windows of their docks. Cold goods ride in refrigerated vans alone.
//
// Instants are seconds of the day at the warehouse, distances metres, money fen, loads grams and millilitres.
package milkrun

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"milkrun/routing/solver"
)

// Dock is a place where vans are unloaded.
type Dock struct {
	Door solver.Point
	// Windows are when unloading may begin; none: all day. They are in order and do not overlap.
	Windows [][2]int64
	// Unload is the time that each van takes there at least, in seconds; goods come on top: see Handling.
	Unload int64
}

// Load is a transfer that is to be brought to a dock.
type Load struct {
	ID         int64
	Dock       int // index
	Grams      int64
	Millilitre int64
	Cold       bool
	// Priority 0 to 100: what is left out first when vans are short is what has the least.
	Priority int
}

// Van is a vehicle of the warehouse.
type Van struct {
	ID         int64
	From, To   int64 // the driver's shift
	Grams      int64
	Millilitre int64
	Cold       bool
	Fixed      int64 // fen for a day on the road
	PerHour    int64 // fen
	PerKm      int64 // fen
}

// Day is what has to be planned.
type Day struct {
	Loads []Load
	Docks []Dock
	Vans  []Van
	// Ways are between the places: 0 is the warehouse, the docks follow in order.
	Ways solver.Profile
	// Reload is the time at the warehouse between two runs of a van.
	Reload int64
	// Budget bounds the search; Iterations too where it is not 0.
	Budget     time.Duration
	Iterations int64
	Seed       int64
}

// Stop is a dock on a run.
type Stop struct {
	Dock                 int
	Arrive, Begin, Leave int64
	Loads                []int64 // of the day's, by ID
}

// Run is a van's way from the warehouse along docks and back.
type Run struct {
	Van          int64
	Leaves, Back int64
	Stops        []Stop
	Metres       int64
	Cost         int64 // fen
}

// Missed is a load that no van takes, with the constraint that is in the way on the van that misses by least. Van 0: on every van.
type Missed struct {
	Load int64
	Why  solver.Constraint
	Van  int64
	By   int64 // in the unit of the constraint
}

// Plan is the day's runs, the earliest first.
type Plan struct {
	Runs    []Run
	LeftOut []Missed
}

// Handling is how long unloading goods takes beyond a dock's own time: a roll cage of 200 kg in three minutes.
func Handling(grams int64) int64 { return (grams*180 + 199_999) / 200_000 }

// Make plans the day.
func (d Day) Make(ctx context.Context) (Plan, error) {
	var plan Plan
	if len(d.Loads) == 0 {
		return plan, nil
	}
	if len(d.Vans) == 0 {
		for _, l := range d.Loads {
			plan.LeftOut = append(plan.LeftOut, Missed{Load: l.ID, Why: solver.OtherVehicle})
		}
		return plan, nil
	}
	bundles := d.bundles()
	p := d.problem(bundles)
	res, err := solver.Solve(ctx, p, solver.Options{Seed: d.Seed, Threads: 1, Budget: d.Budget, Iterations: d.Iterations})
	if err != nil {
		return plan, fmt.Errorf("milkrun: %w", err)
	}
	for _, r := range res.Routes {
		plan.Runs = append(plan.Runs, d.runs(p, r, bundles)...)
	}
	slices.SortStableFunc(plan.Runs, func(a, b Run) int { return cmp.Or(cmp.Compare(a.Leaves, b.Leaves), cmp.Compare(a.Van, b.Van)) })
	plan.LeftOut, err = d.missed(p, res.Plan, bundles)
	return plan, err
}

// bundle is what goes to a dock together, as one job.
type bundle struct {
	dock     int
	cold     bool
	priority int
	grams    int64
	ml       int64
	loads    []Load
}

// bundles joins the loads of a dock as far as half a van takes them: the search has less to do, and each dock's own time counts
// once for them. A load larger than that stays alone.
func (d Day) bundles() []bundle {
	var room [2]struct{ grams, ml int64 } // by cold
	for _, v := range d.Vans {
		for cold := range room {
			if r := &room[cold]; (cold == 0 || v.Cold) && v.Grams+v.Millilitre > r.grams+r.ml {
				r.grams, r.ml = v.Grams, v.Millilitre
			}
		}
	}
	loads := slices.Clone(d.Loads)
	slices.SortStableFunc(loads, func(a, b Load) int { return cmp.Or(cmp.Compare(b.Grams, a.Grams), cmp.Compare(a.ID, b.ID)) })
	var out []bundle
	for _, l := range loads {
		r := room[0]
		if l.Cold {
			r = room[1]
		}
		i := slices.IndexFunc(out, func(b bundle) bool {
			return b.dock == l.Dock && b.cold == l.Cold && b.priority == l.Priority && 2*(b.grams+l.Grams) <= r.grams && 2*(b.ml+l.Millilitre) <= r.ml
		})
		if i < 0 {
			i = len(out)
			out = append(out, bundle{dock: l.Dock, cold: l.Cold, priority: l.Priority})
		}
		b := &out[i]
		b.grams, b.ml, b.loads = b.grams+l.Grams, b.ml+l.Millilitre, append(b.loads, l)
	}
	return out
}

func (d Day) problem(bundles []bundle) *solver.Problem {
	p := &solver.Problem{Profiles: []solver.Profile{d.Ways}}
	for i, b := range bundles {
		at := d.Docks[b.dock]
		stop := solver.Stop{Place: b.dock + 1, Service: at.Unload + Handling(b.grams)}
		for _, w := range at.Windows {
			stop.Windows = append(stop.Windows, solver.Window{From: w[0], To: w[1]})
		}
		j := solver.Job{ID: fmt.Sprint(i), Load: []int64{b.grams, b.ml}, Priority: b.priority, Delivery: []solver.Stop{stop}}
		if b.cold {
			j.Skills = solver.Cold
		}
		p.Jobs = append(p.Jobs, j)
	}
	for _, v := range d.Vans {
		x := solver.Vehicle{ID: fmt.Sprint(v.ID), From: v.From, To: v.To, Capacity: []int64{v.Grams, v.Millilitre}, Fixed: v.Fixed, PerHour: v.PerHour, PerKm: v.PerKm,
			Trips: 3, ReloadTime: d.Reload}
		if v.Cold {
			x.Skills = solver.Cold
		}
		p.Vehicles = append(p.Vehicles, x)
	}
	return p
}

// runs cuts a van's day at its reloads, and joins what is unloaded at one dock in a row.
func (d Day) runs(p *solver.Problem, r solver.Route, bundles []bundle) []Run {
	van := d.Vans[r.Vehicle]
	var out []Run
	start, at := r.Depart, 0
	cur := Run{Van: van.ID, Leaves: start}
	end := func(back int64, place int) {
		cur.Metres += d.metres(at, place)
		cur.Back = back
		cur.Cost = ((cur.Back-cur.Leaves)*van.PerHour+1800)/3600 + (cur.Metres*van.PerKm+500)/1000
		if len(out) == 0 {
			cur.Cost += van.Fixed
		}
		if len(cur.Stops) > 0 {
			out = append(out, cur)
		}
		at = 0
	}
	for _, v := range r.Visits {
		if v.Action == solver.Reload {
			end(v.Arrive, 0)
			cur = Run{Van: van.ID, Leaves: v.End}
			continue
		}
		b := bundles[v.Job]
		cur.Metres += d.metres(at, v.Place)
		at = v.Place
		var ids []int64
		for _, l := range b.loads {
			ids = append(ids, l.ID)
		}
		if n := len(cur.Stops); n > 0 && cur.Stops[n-1].Dock == b.dock {
			s := &cur.Stops[n-1]
			s.Leave, s.Loads = v.End, append(s.Loads, ids...)
			continue
		}
		cur.Stops = append(cur.Stops, Stop{Dock: b.dock, Arrive: v.Arrive, Begin: v.Begin, Leave: v.End, Loads: ids})
	}
	end(r.End, 0)
	return out
}

func (d Day) metres(a, b int) int64 {
	if a == b {
		return 0
	}
	return int64(d.Ways.Metres[a*d.Ways.Size+b])
}

// missed says why loads stay.
func (d Day) missed(p *solver.Problem, plan *solver.Plan, bundles []bundle) ([]Missed, error) {
	if len(plan.LeftOut) == 0 {
		return nil, nil
	}
	desk, err := solver.NewDesk(p, plan)
	if err != nil {
		return nil, fmt.Errorf("milkrun: %w", err)
	}
	var out []Missed
	for _, j := range plan.LeftOut {
		e, err := desk.Explain(j)
		if err != nil {
			return nil, fmt.Errorf("milkrun: %w", err)
		}
		why, van, by := nearest(e.Offers)
		for _, l := range bundles[j].loads {
			m := Missed{Load: l.ID, Why: why, By: by}
			if van >= 0 {
				m.Van = d.Vans[van].ID
			}
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Missed) int { return cmp.Compare(a.Load, b.Load) })
	return out, nil
}

// nearest is the constraint that a person would look at first: one of a van that could take the goods at all before a missing skill,
// and of those the one that misses by least.
func nearest(offers []solver.Offer) (solver.Constraint, int, int64) {
	var best *solver.Offer
	for i := range offers {
		o := &offers[i]
		switch {
		case o.Blocked.Constraint == solver.NoSkill && best != nil:
		case best == nil, best.Blocked.Constraint == solver.NoSkill && o.Blocked.Constraint != solver.NoSkill, o.Blocked.By < best.Blocked.By:
			best = o
		}
	}
	switch {
	case best == nil:
		return solver.OtherVehicle, -1, 0
	case best.Blocked.Constraint == solver.NoSkill:
		return solver.NoSkill, -1, 0
	}
	return best.Blocked.Constraint, best.Vehicle, best.Blocked.By
}
