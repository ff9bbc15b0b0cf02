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
	Pooling
	// LatePerHour is what an hour of lateness of one parcel is held to cost, in fen.
	LatePerHour int64 `json:"late_per_hour"`
	// Ahead is how many seconds before a rider is back the next round may be promised.
	Ahead int64 `json:"ahead"`
	// Worth is how many fen another order of stops must save before a rider is told of it.
	Worth int64 `json:"worth"`
	// Again is after how many seconds a door where nobody was is tried once more on the same round.
	Again int64 `json:"again"`
	// Budget bounds the search of one plan, Iterations too where it is not 0.
	Budget     time.Duration `json:"budget"`
	Iterations int64         `json:"iterations"`
	Seed       int64         `json:"-"`
}

// DefaultRules are what a warehouse plans by that has set nothing.
var DefaultRules = Rules{Pooling: Pooling{Margin: 240, Full: 1000, Crowded: 900, Half: 500, Prize: 1000, Patience: 300},
	LatePerHour: 60_000, Ahead: 300, Worth: 100, Again: 900, Budget: 200 * time.Millisecond, Iterations: 4000}

// Pool is what a plan is made from: all of one warehouse at one instant.
type Pool struct {
	Now int64
	// Open are the parcels that nobody has taken on.
	Open []Parcel
	// Riders are those on shift.
	Riders []Rider
	// Held are rounds that riders have taken on and that have not left.
	Held []Held
}

// Held is a round that its rider has taken on and not loaded: parcels may join it, and change to another held round.
type Held struct {
	Round, Rider int64
	Leaves       int64 // should leave
	Parcels      []Parcel
}

// Plan is the rounds of one epoch.
type Plan struct {
	// Leave are the rounds that leave now, with riders who are in.
	Leave []Trip
	// Next are the rounds that must leave as soon as their riders, who are on the road, are back.
	Next []Trip
	// Wait are those that wait, as they would ride today.
	Wait []Trip
	// Changed are held rounds that ride otherwise than before.
	Changed []Change
	// LeftOut are parcels that no rider on shift can take.
	LeftOut []int64
}

// Change is a round that rides otherwise than before.
type Change struct {
	Round int64
	Trip  Trip
}

// Decide plans all open parcels over the riders and says which rounds leave now. Parcels on the road are not among them.
func (r Rules) Decide(ctx context.Context, s Site, now int64, parcels []Parcel, riders []Rider) (Plan, error) {
	return r.Plan(ctx, s, Pool{Now: now, Open: parcels, Riders: riders})
}

// Plan plans a pool. A held round keeps its rider's word: what the rider has taken on stays with a rider who has taken a round
// on, and its way is changed only where parcels join or the change is worth it.
func (r Rules) Plan(ctx context.Context, s Site, pool Pool) (Plan, error) {
	if len(pool.Open)+len(pool.Held) == 0 || len(pool.Riders) == 0 {
		return Plan{LeftOut: ids(pool.Open)}, nil
	}
	plan, kept, err := r.try(ctx, s, pool, false)
	if err == nil && !kept {
		plan, _, err = r.try(ctx, s, pool, true)
	}
	return plan, err
}

// try plans with held rounds as they are, or free to change. kept is false where a held round lost a parcel to one that is not.
func (r Rules) try(ctx context.Context, s Site, pool Pool, frozen bool) (plan Plan, kept bool, err error) {
	d := newDraft(r, s, pool, frozen)
	res, err := solver.Solve(ctx, d.problem, solver.Options{Seed: r.Seed, Threads: 1, Budget: r.Budget, Iterations: r.Iterations})
	if err != nil {
		return Plan{}, false, fmt.Errorf("dispatch: %w", err)
	}
	for _, j := range res.LeftOut {
		plan.LeftOut = append(plan.LeftOut, d.parcels[j].ID)
	}
	crowded := d.crowded(res.Routes)
	first := map[int64][]Parcel{} // of held rounds
	for _, route := range res.Routes {
		rider := d.riders[route.Vehicle]
		for i, round := range rounds(route, d.parcels) {
			if i == 0 && d.held[rider.ID] != nil {
				first[rider.ID] = round
				continue
			}
			t := s.Ride(rider, max(pool.Now, rider.Free)+s.Load, round)
			if i > 0 || rider.Free > pool.Now+r.Ahead || !ready(round, max(pool.Now, rider.Free)) {
				plan.Wait = append(plan.Wait, t)
				continue
			}
			gone, stay := d.split(rider, t, round, crowded)
			if len(stay) > 0 {
				plan.Wait = append(plan.Wait, s.Ride(rider, max(pool.Now, rider.Free)+s.Load, stay))
			}
			switch {
			case len(gone) == 0:
			case rider.Free > pool.Now:
				plan.Next = append(plan.Next, s.Ride(rider, rider.Free+s.Load, gone))
			default:
				plan.Leave = append(plan.Leave, s.Ride(rider, pool.Now+s.Load, gone))
			}
		}
	}
	plan.Changed, kept = d.changes(first)
	return plan, kept, nil
}

// split tells who of a planned round leaves and who waits.
func (d *draft) split(rider Rider, t Trip, round []Parcel, crowded int64) (leaves, stay []Parcel) {
	begin := max(d.pool.Now, rider.Free)
	gone := d.rules.Leaves(begin, 0, d.departure(rider, t, round, crowded))
	for k, p := range round {
		if slices.Contains(gone, k) {
			leaves = append(leaves, p)
		} else {
			stay = append(stay, p)
		}
	}
	return leaves, stay
}

// departure states a round as Pooling judges it.
func (d *draft) departure(rider Rider, t Trip, round []Parcel, crowded int64) Departure {
	place := func(k int) int {
		if k < 0 {
			return 0
		}
		return d.place[round[k].ID]
	}
	prof := &d.problem.Profiles[0]
	begin := max(d.pool.Now, rider.Free)
	return Departure{Last: begin + t.Slack, Fill: rider.fill(round), Crowded: crowded, Stops: len(round),
		Way: func(a, b int) int64 { return int64(prof.Metres[place(a)*prof.Size+place(b)]) },
		Alone: func(k int) int64 {
			return begin + d.site.Ride(rider, begin+d.site.Load, round[k:k+1]).Slack
		}}
}

// fill is the share of the rider's room that the parcels take, in thousandths; 0 where it has no bound.
func (r Rider) fill(round []Parcel) (share int64) {
	var grams int64
	for _, p := range round {
		grams += p.Grams
	}
	if r.Parcels > 0 {
		share = int64(1000 * len(round) / r.Parcels)
	}
	if r.Grams > 0 {
		share = max(share, 1000*grams/r.Grams)
	}
	return share
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
	return !slices.ContainsFunc(round, func(p Parcel) bool { return !p.Pickup && p.Ready > now })
}

func ids(parcels []Parcel) []int64 {
	out := make([]int64, len(parcels))
	for i, p := range parcels {
		out[i] = p.ID
	}
	return out
}

// useful leaves out idle riders beyond the number of parcels among those who can carry the same: each makes the search longer.
func useful(now int64, parcels []Parcel, riders []Rider, held map[int64]*Held) []Rider {
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
		if rider.Until <= now && held[rider.ID] == nil {
			continue
		}
		if rider.Free <= now && !pinned[rider.ID] && held[rider.ID] == nil {
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
