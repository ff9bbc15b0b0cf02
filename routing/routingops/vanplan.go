package routingops

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/milkrun"
	"milkrun/routing/routingdb"
	"milkrun/routing/solver"
)

// How vans get along without a road network: motorways are straighter than a city's streets.
const (
	VanDetour = 1.25
	VanKmh    = 55
)

const (
	van = "van"
	// vanReload is the time between two runs of a van.
	vanReload = 40 * time.Minute
	// vanBudget is how long the plan of a day is searched for.
	vanBudget = time.Second
	// evening is the hour from which the next day is planned.
	evening = 18
)

// VansArgs asks to plan the vans of every site that has some.
type VansArgs struct{}

// Kind names the job.
func (VansArgs) Kind() string { return "routing.vans" }

func (o *Ops) registerVans(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[VansArgs]) error { return o.PlanAllVans(asSystem(ctx)) }))
}

func periodicVans() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return VansArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}

// PlanAllVans plans the vans of every site: from the evening on those of the next day, in the early morning those of the day. In
// between a plan is made when a dispatcher asks for it.
func (o *Ops) PlanAllVans(ctx context.Context) error {
	now := o.Clock().In(o.Zone)
	day := calendar.Of(now, o.Zone)
	switch h := now.Hour(); {
	case h >= evening:
		day = day.AddDays(1)
	case h >= 5:
		return nil
	}
	sites, err := routingdb.VanSites(ctx, o.Pool)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if err := o.PlanVans(ctx, s, day); err != nil {
			return fmt.Errorf("vans of site %d: %w", s, err)
		}
	}
	return nil
}

// PlanVans plans the runs of a site's day anew, but for those that were released. What no run carries yet is planned.
func (o *Ops) PlanVans(ctx context.Context, site catalog.SiteID, day calendar.Day) error {
	if _, err := within(ctx, access.Dispatch, site); err != nil {
		return err
	}
	in, err := o.readVans(ctx, site, day)
	if err != nil {
		return err
	}
	plan, err := in.day.Make(ctx)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := routingdb.LockVanDay(ctx, tx, site); err != nil {
			return err
		}
		if err := routingdb.DropPlanned(ctx, tx, site, day); err != nil {
			return err
		}
		busy, err := routingdb.OnRuns(ctx, tx, site, day)
		if err != nil {
			return err
		}
		for _, r := range plan.Runs {
			run, ok := in.run(r, busy)
			if !ok {
				continue // somebody released what it carries while it was planned: the next plan sees it
			}
			if err := routingdb.InsertRun(ctx, tx, &run); err != nil {
				return err
			}
		}
		left, err := json.Marshal(in.left(plan.LeftOut))
		if err != nil {
			return err
		}
		if err := routingdb.SaveVanPlan(ctx, tx, site, day, o.Clock(), left); err != nil {
			return err
		}
		return o.tell(ctx, tx, site)
	})
}

// vanInput is what a plan of vans is made from.
type vanInput struct {
	site  catalog.SiteID
	date  calendar.Day
	dawn  time.Time // midnight of the day
	day   milkrun.Day
	loads map[int64]routing.Load
	docks []catalog.SiteID
	vans  map[int64]routing.Van
}

func (o *Ops) readVans(ctx context.Context, site catalog.SiteID, day calendar.Day) (in vanInput, err error) {
	in = vanInput{site: site, date: day, dawn: day.In(o.Zone), loads: map[int64]routing.Load{}, vans: map[int64]routing.Van{}}
	var points []solver.Point
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		d := VanDay{Day: day, Now: o.Clock()}
		if err := o.vanDay(ctx, tx, site, &d); err != nil {
			return err
		}
		points = append(points, solver.Point{Lat: d.Site.Lat, Lon: d.Site.Lon})
		in.fill(d, &points)
		return nil
	})
	if err != nil {
		return in, err
	}
	in.day.Ways, err = o.vanWays(ctx, points)
	return in, err
}

// fill takes what is not on a released run, and the vans with what is left of their shifts.
func (in *vanInput) fill(d VanDay, points *[]solver.Point) {
	in.day.Reload, in.day.Budget = int64(vanReload/time.Second), vanBudget
	in.day.Iterations, in.day.Seed = 20_000, 1
	index := map[catalog.SiteID]int{}
	take := func(l routing.Load) {
		at, known := index[l.To]
		if !known {
			s, dock := d.Sites[l.To], d.Docks[l.To]
			at = len(in.day.Docks)
			index[l.To] = at
			door := solver.Point{Lat: s.Lat, Lon: s.Lon}
			*points, in.docks = append(*points, door), append(in.docks, l.To)
			md := milkrun.Dock{Door: door, Unload: int64(dock.Unload) * 60}
			for _, w := range dock.Windows {
				md.Windows = append(md.Windows, [2]int64{int64(w[0]) * 60, int64(w[1]) * 60})
			}
			in.day.Docks = append(in.day.Docks, md)
		}
		in.loads[l.Outbound] = l
		x := milkrun.Load{ID: l.Outbound, Dock: at, Grams: l.Grams, Millilitre: l.Millilitre, Cold: l.Cold}
		if !l.Due.IsZero() && l.Due.Before(in.dawn.AddDate(0, 0, 1)) {
			x.Priority = 50 // due on the day, or overdue
		}
		in.day.Loads = append(in.day.Loads, x)
	}
	for _, l := range d.Open {
		take(l)
	}
	until := map[routing.VanID]time.Time{}
	for _, r := range d.Runs {
		if r.State != routing.RunPlanned {
			if at := r.Back.Add(vanReload); at.After(until[r.Van]) && r.State != routing.RunDone {
				until[r.Van] = at
			}
			continue
		}
		for _, s := range r.Stops {
			for _, l := range s.Loads {
				if d.States[l.Outbound] != "" && d.States[l.Outbound] != "cancelled" && d.States[l.Outbound] != "shipped" {
					take(l)
				}
			}
		}
	}
	for _, v := range d.Vans {
		x := milkrun.Van{ID: int64(v.ID), From: int64(v.From) * 60, To: int64(v.Until) * 60, Grams: v.Grams, Millilitre: v.Millilitre, Cold: v.Cold,
			Fixed: int64(v.PerDay), PerHour: int64(v.PerHour), PerKm: int64(v.PerKm)}
		for _, t := range []time.Time{until[v.ID], d.Now} {
			if s := int64(t.Sub(in.dawn) / time.Second); !t.IsZero() {
				x.From = max(x.From, s)
			}
		}
		if x.From < x.To {
			in.vans[x.ID] = v
			in.day.Vans = append(in.day.Vans, x)
		}
	}
}

func (o *Ops) vanWays(ctx context.Context, points []solver.Point) (solver.Profile, error) {
	if o.Roads == nil {
		return solver.Straight(points, VanDetour, VanKmh, 0), nil
	}
	return o.Roads.Ways(ctx, van, points)
}

func (in vanInput) at(s int64) time.Time { return in.dawn.Add(time.Duration(s) * time.Second) }

// run gives a planned run as it is stored; ok is false where a load is taken.
func (in vanInput) run(r milkrun.Run, busy map[int64]bool) (out routing.Run, ok bool) {
	v := in.vans[r.Van]
	out = routing.Run{Site: in.site, Day: in.date, Van: v.ID, State: routing.RunPlanned, Leaves: in.at(r.Leaves), Back: in.at(r.Back), Metres: r.Metres, Cost: money.Fen(r.Cost),
		CO2: (r.Metres*v.CO2PerKm + 500) / 1000}
	for i, s := range r.Stops {
		stop := routing.RunStop{No: i + 1, Site: in.docks[s.Dock], Arrive: in.at(s.Arrive), Begin: in.at(s.Begin), Leave: in.at(s.Leave)}
		for _, id := range s.Loads {
			if busy[id] {
				return out, false
			}
			stop.Loads = append(stop.Loads, in.loads[id])
		}
		out.Stops = append(out.Stops, stop)
	}
	return out, true
}

func (in vanInput) left(missed []milkrun.Missed) []LeftBehind {
	out := []LeftBehind{}
	for _, m := range missed {
		out = append(out, LeftBehind{Load: in.loads[m.Load], Why: string(m.Why), Van: routing.VanID(m.Van), By: m.By})
	}
	return out
}
