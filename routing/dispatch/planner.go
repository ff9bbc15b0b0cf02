package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"milkrun/routing/solver"
)

// Rules say how a warehouse plans. They are data: a lead reads and changes them.
type Rules struct {
	// Margin is how many seconds before its last moment a round leaves, for rides that take longer than planned.
	Margin int64 `json:"margin"`
	// Crowded is the share of riders in use, in thousandths, from which a round that fills half of its rider leaves without
	// waiting for company: riders are what is short then.
	Crowded int `json:"crowded"`
	// LatePerHour is what an hour of lateness of one parcel is held to cost, in fen.
	LatePerHour int64 `json:"late_per_hour"`
	// Budget bounds the search of one plan, Iterations too where it is not 0.
	Budget     time.Duration `json:"budget"`
	Iterations int64         `json:"iterations"`
	Seed       int64         `json:"-"`
}

// DefaultRules are what a warehouse plans by that has set nothing.
var DefaultRules = Rules{Margin: 240, Crowded: 900, LatePerHour: 60_000, Budget: 200 * time.Millisecond, Iterations: 4000}

// Plan is the rounds of one epoch: those that leave now, and those that wait, as they would ride today.
type Plan struct {
	Leave, Wait []Trip
	// LeftOut are parcels that no rider on shift can take.
	LeftOut []int64
}

// Decide plans all open parcels over the riders and says which rounds leave now. Parcels on the road are not among them.
func (r Rules) Decide(ctx context.Context, s Site, now int64, parcels []Parcel, riders []Rider) (Plan, error) {
	if len(parcels) == 0 || len(riders) == 0 {
		return Plan{LeftOut: ids(parcels)}, nil
	}
	riders = r.useful(now, parcels, riders)
	p := r.problem(s, now, parcels, riders)
	res, err := solver.Solve(ctx, p, solver.Options{Seed: r.Seed, Threads: 1, Budget: r.Budget, Iterations: r.Iterations})
	if err != nil {
		return Plan{}, fmt.Errorf("dispatch: %w", err)
	}
	var plan Plan
	for _, j := range res.LeftOut {
		plan.LeftOut = append(plan.LeftOut, parcels[j].ID)
	}
	crowded := r.crowded(now, riders, res.Routes)
	for _, route := range res.Routes {
		rider := riders[route.Vehicle]
		for i, round := range rounds(route, parcels) {
			t := s.Ride(rider, max(now, rider.Free)+s.Load, round)
			if i == 0 && rider.Free <= now && ready(round, now) && r.must(t, rider, round, crowded) {
				plan.Leave = append(plan.Leave, t)
				continue
			}
			plan.Wait = append(plan.Wait, t)
		}
	}
	return plan, nil
}

// must tells whether a round that could leave now has to.
func (r Rules) must(t Trip, rider Rider, round []Parcel, crowded bool) bool {
	full := rider.Parcels > 0 && len(round) >= rider.Parcels
	half := rider.Parcels > 0 && 2*len(round) >= rider.Parcels
	return t.Slack <= r.Margin || full || crowded && half
}

// crowded tells whether riders are short: nearly all are on the road or needed by the plan.
func (r Rules) crowded(now int64, riders []Rider, routes []solver.Route) bool {
	used := map[int]bool{}
	for _, route := range routes {
		used[route.Vehicle] = true
	}
	for i, rider := range riders {
		if rider.Free > now {
			used[i] = true
		}
	}
	return 1000*len(used) >= r.Crowded*len(riders)
}

// useful leaves out idle riders beyond the number of parcels among those who can carry the same: each makes the search longer.
func (r Rules) useful(now int64, parcels []Parcel, riders []Rider) []Rider {
	type ability struct {
		parcels int
		grams   int64
		cold    bool
	}
	idle, out := map[ability]int{}, make([]Rider, 0, len(riders))
	pinned := map[int64]bool{}
	for _, p := range parcels {
		pinned[p.Rider] = true
	}
	sorted := slices.Clone(riders)
	slices.SortStableFunc(sorted, func(a, b Rider) int { return cmp.Compare(max(a.Free, now), max(b.Free, now)) })
	for _, rider := range sorted {
		if rider.Until <= now {
			continue
		}
		if rider.Free <= now && !pinned[rider.ID] {
			a := ability{rider.Parcels, rider.Grams, rider.ColdBox}
			if idle[a] >= len(parcels) {
				continue
			}
			idle[a]++
		}
		out = append(out, rider)
	}
	return out
}

// problem states the pool as a routing problem. Its kilometres are the fen that a way costs in time and distance: an hour
// that a rider on shift waits at the warehouse costs nothing more, so hours as such are not priced.
func (r Rules) problem(s Site, now int64, parcels []Parcel, riders []Rider) *solver.Problem {
	points := make([]solver.Point, 1, len(parcels)+1)
	points[0] = s.Door
	for _, p := range parcels {
		points = append(points, p.Door)
	}
	p := &solver.Problem{Profiles: []solver.Profile{r.profile(s, points, riders[0])}}
	for i, x := range parcels {
		j := solver.Job{ID: fmt.Sprint(x.ID), Load: []int64{1, x.Grams}, Release: max(x.Ready, now) + s.Load, MaxRide: x.MaxRide,
			Delivery: []solver.Stop{{Place: i + 1, Service: x.Service, Windows: []solver.Window{{To: x.Due - r.Margin/2, Until: max(x.Due, now) + 6*3600, LatePerHour: r.LatePerHour}}}}}
		if x.Cold {
			j.Skills = solver.Cold
		}
		if k := slices.IndexFunc(riders, func(rd Rider) bool { return rd.ID == x.Rider }); x.Rider != 0 && k >= 0 {
			j.Only = []int{k}
		}
		p.Jobs = append(p.Jobs, j)
	}
	for _, rd := range riders {
		v := solver.Vehicle{ID: fmt.Sprint(rd.ID), From: max(rd.Free, now) + s.Load, To: max(rd.Until, now) + 3600, PerKm: 1000, Trips: 3, ReloadTime: s.Load,
			Capacity: []int64{most(rd.Parcels), most(rd.Grams)}}
		if rd.ColdBox {
			v.Skills = solver.Cold
		}
		p.Vehicles = append(p.Vehicles, v)
	}
	return p
}

func (r Rules) profile(s Site, points []solver.Point, rider Rider) solver.Profile {
	n := len(points)
	p := solver.Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n), Speed: s.Speed}
	for i := range n {
		for j := range n {
			seconds, metres := s.way(points[i], points[j])
			p.Seconds[i*n+j] = int32(seconds)
			p.Metres[i*n+j] = int32((seconds*rider.PerHour + metres*rider.PerKm*36/10) / 3600)
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

// rounds cuts a route at its reloads.
func rounds(route solver.Route, parcels []Parcel) [][]Parcel {
	var out [][]Parcel
	var round []Parcel
	for _, v := range route.Visits {
		if v.Action == solver.Reload {
			out, round = append(out, round), nil
			continue
		}
		round = append(round, parcels[v.Job])
	}
	out = append(out, round)
	return slices.DeleteFunc(out, func(r []Parcel) bool { return len(r) == 0 })
}

func ready(round []Parcel, now int64) bool {
	return !slices.ContainsFunc(round, func(p Parcel) bool { return p.Ready > now })
}

func ids(parcels []Parcel) []int64 {
	out := make([]int64, len(parcels))
	for i, p := range parcels {
		out[i] = p.ID
	}
	return out
}
