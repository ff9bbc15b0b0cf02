package dispatch

import (
	"fmt"
	"slices"

	"milkrun/routing/solver"
)

// draft is a pool stated as a routing problem.
type draft struct {
	rules   Rules
	site    Site
	pool    Pool
	problem *solver.Problem
	parcels []Parcel // by job
	riders  []Rider  // by vehicle
	held    map[int64]*Held
	place   map[int64]int // by parcel
}

func newDraft(r Rules, s Site, pool Pool, frozen bool) *draft {
	d := &draft{rules: r, site: s, pool: pool, held: map[int64]*Held{}, place: map[int64]int{}}
	// A round of a rider who is not on shift is left alone.
	d.pool.Held = slices.DeleteFunc(slices.Clone(pool.Held), func(h Held) bool {
		return !slices.ContainsFunc(pool.Riders, func(rd Rider) bool { return rd.ID == h.Rider })
	})
	d.parcels = slices.Clone(pool.Open)
	for i := range d.pool.Held {
		h := &d.pool.Held[i]
		d.held[h.Rider] = h
		d.parcels = append(d.parcels, h.Parcels...)
	}
	d.riders = useful(pool.Now, d.parcels, pool.Riders, d.held)
	points := make([]solver.Point, 1, len(d.parcels)+1)
	points[0] = s.Door
	for i, p := range d.parcels {
		points = append(points, p.Door)
		d.place[p.ID] = i + 1
	}
	d.problem = &solver.Problem{Profiles: []solver.Profile{s.profile(points, d.rates())}}
	for _, rd := range d.riders {
		d.problem.Vehicles = append(d.problem.Vehicles, d.vehicle(rd))
	}
	for i, x := range d.parcels {
		d.problem.Jobs = append(d.problem.Jobs, r.job(x, i+1, pool.Now, s.Load))
		if k := d.rider(x.Rider); x.Rider != 0 && k >= 0 {
			d.problem.Jobs[i].Only = []int{k}
		}
	}
	d.hold(frozen)
	return d
}

// rates are those of the first rider: ways are priced alike for all, so that nobody's pay decides who rides.
func (d *draft) rates() Rider {
	if len(d.riders) == 0 {
		return Rider{}
	}
	return d.riders[0]
}

// rider gives a rider's vehicle, −1 for none.
func (d *draft) rider(id int64) int {
	return slices.IndexFunc(d.riders, func(r Rider) bool { return r.ID == id })
}

// hold states the held rounds: the search starts from them, and their parcels stay with riders who have taken a round on.
func (d *draft) hold(frozen bool) {
	var holders []int
	for k, rd := range d.riders {
		if d.held[rd.ID] != nil {
			holders = append(holders, k)
		}
	}
	job := len(d.pool.Open)
	for i := range d.pool.Held {
		h := &d.pool.Held[i]
		run := solver.Running{Vehicle: d.rider(h.Rider)}
		for range h.Parcels {
			run.Visits = append(run.Visits, visit(d.parcels[job], job))
			if d.problem.Jobs[job].Only == nil {
				d.problem.Jobs[job].Only = holders
			}
			job++
		}
		if frozen {
			run.Frozen = len(run.Visits)
		}
		d.problem.Running = append(d.problem.Running, run)
	}
}

func visit(p Parcel, job int) solver.Visit {
	if p.Pickup {
		return solver.Visit{Job: job, Action: solver.PickUp}
	}
	return solver.Visit{Job: job, Action: solver.Deliver}
}

// job states a parcel whose door is a place of the problem.
func (r Rules) job(x Parcel, place int, now, load int64) solver.Job {
	stop := solver.Stop{Place: place, Service: x.Service, Windows: []solver.Window{{To: max(0, x.Due-r.Margin/2), Until: max(x.Due, now) + 6*3600, LatePerHour: r.LatePerHour}}}
	j := solver.Job{ID: fmt.Sprint(x.ID), Load: []int64{1, x.Grams}, MaxRide: x.MaxRide}
	if x.Pickup || x.Again {
		stop.Windows[0].From, stop.Windows[0].To = max(0, x.Ready), max(stop.Windows[0].To, x.Ready)
	}
	if x.Pickup {
		j.Pickup = []solver.Stop{stop}
	} else {
		j.Release = max(x.Ready, now) + load
		j.Delivery = []solver.Stop{stop}
	}
	if x.Cold {
		j.Skills = solver.Cold
	}
	return j
}

// vehicle states a rider. The problem's kilometres are the fen that a way costs in time and distance: an hour that a rider on
// shift waits at the warehouse costs nothing more, so hours as such are not priced.
func (d *draft) vehicle(rd Rider) solver.Vehicle {
	from := max(rd.Free, d.pool.Now) + d.site.Load
	if h := d.held[rd.ID]; h != nil {
		from = max(rd.Free, d.pool.Now, h.Leaves)
	}
	v := solver.Vehicle{ID: fmt.Sprint(rd.ID), From: from, To: max(rd.Until, d.pool.Now) + 3600, PerKm: 1000, Trips: 3, ReloadTime: d.site.Load,
		Capacity: []int64{most(rd.Parcels), most(rd.Grams)}}
	if rd.ColdBox {
		v.Skills = solver.Cold
	}
	v.To = max(v.To, from)
	return v
}

func (s Site) profile(points []solver.Point, rates Rider) solver.Profile {
	n := len(points)
	p := solver.Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n), Speed: s.Speed}
	for i := range n {
		for j := range n {
			seconds, metres := s.way(points[i], points[j])
			p.Seconds[i*n+j] = int32(seconds)
			p.Metres[i*n+j] = int32((seconds*rates.PerHour + metres*rates.PerKm*36/10) / 3600)
		}
	}
	return p
}

func most[T int | int64](bound T) int64 {
	if bound == 0 {
		return 1 << 40
	}
	return int64(bound)
}

// crowded is the share of riders in thousandths who are on the road or needed by the plan.
func (d *draft) crowded(routes []solver.Route) int64 {
	used := map[int]bool{}
	for _, route := range routes {
		used[route.Vehicle] = true
	}
	for i, rider := range d.riders {
		if rider.Free > d.pool.Now {
			used[i] = true
		}
	}
	return int64(1000 * len(used) / max(1, len(d.riders)))
}

// changes compares the held rounds with what the search made of them. Those that ride otherwise are given if parcels joined or
// the change is worth it; kept is false if a held parcel would ride with nobody who has taken a round on.
func (d *draft) changes(first map[int64][]Parcel) (out []Change, kept bool) {
	taken, was := map[int64]bool{}, map[int64]bool{}
	joined, saved := false, int64(0)
	for _, h := range d.held {
		for _, p := range h.Parcels {
			was[p.ID] = true
		}
	}
	for i := range d.pool.Held {
		h := &d.pool.Held[i]
		k := d.rider(h.Rider)
		round := d.joins(d.riders[k], first[h.Rider], was)
		leaves := d.problem.Vehicles[k].From
		for _, p := range round {
			taken[p.ID] = true
			joined = joined || !was[p.ID]
		}
		if slices.Equal(ids(round), ids(h.Parcels)) {
			continue
		}
		t := d.site.Ride(d.riders[k], leaves, round)
		old := d.site.Ride(d.riders[k], leaves, h.Parcels)
		saved += d.rules.price(old) - d.rules.price(t)
		out = append(out, Change{Round: h.Round, Trip: t})
	}
	for id := range was {
		if !taken[id] {
			return nil, false
		}
	}
	if !joined && saved < d.rules.Worth {
		return nil, true
	}
	return out, true
}

// joins gives a held round's new way: of those that are new on it only who is ready, and is worth the place or cannot wait.
func (d *draft) joins(rider Rider, round []Parcel, was map[int64]bool) []Parcel {
	now := d.pool.Now
	round = slices.DeleteFunc(slices.Clone(round), func(p Parcel) bool { return !was[p.ID] && !p.Pickup && p.Ready > now })
	t := d.site.Ride(rider, max(now, rider.Free)+d.site.Load, round)
	worth := d.rules.worth(max(now, rider.Free), d.departure(rider, t, round, 0))
	var out []Parcel
	for k, p := range round {
		if was[p.ID] || slices.Contains(worth, k) {
			out = append(out, p)
		}
	}
	return out
}

// price is what a trip costs with its lateness.
func (r Rules) price(t Trip) int64 { return t.Cost + t.Late()*r.LatePerHour/3600 }
