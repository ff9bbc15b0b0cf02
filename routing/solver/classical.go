package solver

import (
	"slices"

	"milkrun/routing/solver/sisr"
)

// classic is a problem of classical shape, in the terms of the fast search.
type classic struct {
	in       *sisr.Instance
	jobs     []int // of each node, −1 for depots
	depots   []int // places of the depots
	vehicles [][]int
}

// classicOf tells whether the problem is of a shape that package sisr solves.
// Whatever is not certain is for the general search.
func classicOf(m *model) (*classic, bool) {
	if len(m.Profiles) != 1 || len(m.Profiles[0].Speed) > 0 || len(m.Running) > 0 || m.mixing || m.Objective.Balance ||
		len(m.Vehicles) == 0 || len(m.Jobs) == 0 || m.Now > m.Vehicles[0].From {
		return nil, false
	}
	first := &m.Vehicles[0]
	c := &classic{}
	for v := range m.Vehicles {
		veh := &m.Vehicles[v]
		if !plainVehicle(veh) || !alike(first, veh) {
			return nil, false
		}
		d := slices.Index(c.depots, veh.Start)
		if d < 0 {
			d = len(c.depots)
			c.depots = append(c.depots, veh.Start)
			c.vehicles = append(c.vehicles, nil)
		}
		c.vehicles[d] = append(c.vehicles[d], v)
	}
	pairs, windows, release := 0, false, false
	for j := range m.Jobs {
		job := &m.Jobs[j]
		if !plainJob(job) {
			return nil, false
		}
		if job.pair() {
			pairs++
		}
		for _, s := range append(slices.Clone(job.Pickup), job.Delivery...) {
			windows = windows || len(s.Windows) > 0
		}
		release = release || job.Release > 0
	}
	if pairs > 0 && pairs < len(m.Jobs) {
		return nil, false
	}
	if !c.build(m, pairs > 0, windows || first.To < Horizon || first.MaxDuration > 0 || first.trips() > 1 || release, release) {
		return nil, false
	}
	return c, c.in.Check() == nil
}

// plainVehicle says whether the fast search knows all that the vehicle has.
func plainVehicle(v *Vehicle) bool {
	return v.Start != Open && v.Start == v.End && len(v.Breaks) == 0 && v.Fixed == 0 && v.PerHour == 0 && v.PerKm > 0 &&
		len(v.Capacity) <= 1 && v.MaxDistance == 0 && v.MaxStops == 0 &&
		(v.trips() == 1 || v.ReloadTime == 0 && slices.Equal(v.reloads(), []int{v.Start}))
}

func alike(a, b *Vehicle) bool {
	return a.From == b.From && a.To == b.To && a.PerKm == b.PerKm && slices.Equal(a.Capacity, b.Capacity) && a.trips() == b.trips() &&
		a.MaxDuration == b.MaxDuration
}

func plainJob(j *Job) bool {
	if len(j.Pickup) > 1 || len(j.Delivery) > 1 || len(j.Delivery) == 0 || len(j.Load) > 1 || j.Priority != 0 || j.Penalty != 0 ||
		j.MaxRide != 0 || j.Skills != 0 || len(j.Only)+len(j.Never) > 0 || len(j.Pickup) == 1 && j.Release > 0 {
		return false
	}
	for _, list := range [][]Stop{j.Pickup, j.Delivery} {
		for _, s := range list {
			if len(s.Windows) > 1 || s.Cost != 0 || len(s.Windows) == 1 && s.Windows[0].Until > s.Windows[0].To {
				return false
			}
		}
	}
	return true
}

// build lays the problem out in flat arrays; false if a number is too large.
func (c *classic) build(m *model, pairs, windows, release bool) bool {
	first := &m.Vehicles[0]
	places := slices.Clone(c.depots)
	c.jobs = slices.Repeat([]int{-1}, len(c.depots))
	var stops []*Stop
	for j := range m.Jobs {
		job := &m.Jobs[j]
		for _, list := range [][]Stop{job.Pickup, job.Delivery} {
			if len(list) == 1 {
				places = append(places, list[0].Place)
				c.jobs = append(c.jobs, j)
				stops = append(stops, &list[0])
			}
		}
	}
	n, d := len(places), len(c.depots)
	in := &sisr.Instance{Nodes: n, Depots: d, Demand: make([]int32, n), FleetFirst: m.Objective.FewerVehicles, Trips: int32(min(first.trips(), n))}
	c.in = in
	in.Dist, in.Time = c.ways(&m.Profiles[0], places)
	fits := true
	narrow := func(v int64) int32 {
		fits = fits && v >= -1<<30 && v <= 1<<30
		return int32(v)
	}
	if len(first.Capacity) == 1 {
		in.Capacity = narrow(min(first.Capacity[0], 1<<29))
	}
	for _, list := range c.vehicles {
		in.Fleet = append(in.Fleet, int32(len(list)))
	}
	in.MaxDuration = narrow(min(first.MaxDuration, 1<<30))
	if windows {
		in.Ready, in.Due, in.Service = make([]int32, n), make([]int32, n), make([]int32, n)
		for k := range d {
			in.Ready[k], in.Due[k] = narrow(max(first.From, m.Now)), narrow(min(first.To, 1<<29))
		}
	}
	if release {
		in.Release = make([]int32, n)
	}
	if pairs {
		in.Mate = make([]int32, n)
	}
	for k, s := range stops {
		u := d + k
		job := &m.Jobs[c.jobs[u]]
		if len(job.Load) == 1 {
			in.Demand[u] = narrow(job.Load[0])
		}
		if pairs {
			in.Mate[u] = int32(u + 1)
			if k%2 == 1 {
				in.Mate[u] = int32(u - 1)
				in.Demand[u] = -in.Demand[u]
			}
		}
		if release {
			in.Release[u] = narrow(job.Release)
		}
		if !windows {
			continue
		}
		in.Service[u] = narrow(s.Service)
		in.Ready[u], in.Due[u] = in.Ready[0], in.Due[0]
		if len(s.Windows) == 1 {
			in.Ready[u], in.Due[u] = narrow(s.Windows[0].From), narrow(min(s.Windows[0].To, 1<<29))
		}
	}
	return fits
}

// ways picks the matrices of the nodes. One slice stays one slice.
func (c *classic) ways(p *Profile, places []int) (dist, time []int32) {
	pick := func(from []int32) []int32 {
		n := len(places)
		out := make([]int32, n*n)
		for i, a := range places {
			for j, b := range places {
				out[i*n+j] = from[a*p.Size+b]
			}
		}
		return out
	}
	same := &p.Metres[0] == &p.Seconds[0]
	for i, a := range places {
		if same = same && i == a; !same {
			break
		}
	}
	if same && len(places) == p.Size {
		return p.Metres, p.Seconds
	}
	dist = pick(p.Metres)
	if &p.Metres[0] == &p.Seconds[0] {
		return dist, dist
	}
	return dist, pick(p.Seconds)
}

// rounds turns the solution into visits by vehicle.
func (c *classic) rounds(m *model, s *sisr.Solution) map[int][]Visit {
	out := map[int][]Visit{}
	next := make([]int, len(c.depots))
	for _, r := range s.Routes {
		v := c.vehicles[r.Depot][next[r.Depot]]
		next[r.Depot]++
		var visits []Visit
		for k, trip := range r.Trips {
			if k > 0 {
				visits = append(visits, Visit{Job: -1, Action: Reload})
			}
			for _, u := range trip {
				x := Visit{Job: c.jobs[u]}
				if c.in.Mate != nil && c.in.Mate[u] > u {
					x.Action = PickUp
				}
				visits = append(visits, x)
			}
		}
		out[v] = visits
	}
	return out
}
