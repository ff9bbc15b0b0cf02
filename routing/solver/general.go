package solver

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// general is the search for problems of any shape: strings of jobs are removed
// and put back as in package sisr, but each trial is timed by the model's own
// timetable, which knows every rule.
type general struct {
	*model
	t        *tape
	rnd      *rand.Rand
	progress func(int64) float64
	ctx      context.Context

	routes [][]Visit // by vehicle
	cost   []int64   // of each route, 0 if empty
	ends   [][]int64 // earliest end of each visit
	at     []int     // vehicle of each job, −1
	absent []int
	used   int64
	sum    int64 // of cost

	class  []int   // vehicles that differ in their name only
	near   [][]int // jobs by distance
	aboard []int   // vehicle that carries a job already, −1

	// The running iteration.
	touched   []int
	marked    []bool
	old       [][]Visit
	oldAbsent []int

	trial, found    []Visit
	keepBuf, tryBuf []Visit
	vehicles        []int
	seen            []bool
	gone            []bool
	everywhere      bool // try even places that cannot fit, to learn why
}

// vehicleWeight is what a vehicle more weighs where vehicles count.
const vehicleWeight = 1e8

// nearJobs is how many neighbours of a job are looked at.
const nearJobs = 60

func newGeneral(ctx context.Context, m *model, o Options, progress func(int64) float64) *general {
	nv, nj := len(m.Vehicles), len(m.Jobs)
	g := &general{model: m, t: newTape(m), rnd: rand.New(rand.NewPCG(uint64(o.Seed), 0x5eed)), progress: progress, ctx: ctx,
		routes: make([][]Visit, nv), cost: make([]int64, nv), ends: make([][]int64, nv), at: make([]int, nj),
		aboard: make([]int, nj), marked: make([]bool, nv), old: make([][]Visit, nv), seen: make([]bool, nv), gone: make([]bool, nj)}
	g.class = classes(m)
	for j := range g.at {
		g.at[j], g.aboard[j] = -1, -1
	}
	for _, r := range m.Running {
		for _, j := range m.carried(&r) {
			g.aboard[j] = r.Vehicle
		}
		g.settle(r.Vehicle, slices.Clone(r.Visits))
	}
	for j := range g.at {
		if g.at[j] < 0 {
			g.absent = append(g.absent, j)
		}
	}
	return g
}

// settle makes visits the route of v as far as they hold, and gives the jobs
// that had to go: a round under way may have become late, and even a removal
// can break a longest ride.
func (g *general) settle(v int, visits []Visit) (out []int) {
	for !g.set(v, visits) {
		gone := -1
		if k := g.t.first.Visit; k >= 0 && k < len(visits) && visits[k].Action != Reload && !g.fixed(v, visits, k) {
			gone = visits[k].Job
		}
		for k := len(visits) - 1; k >= 0 && gone < 0; k-- {
			if visits[k].Action != Reload && !g.fixed(v, visits, k) {
				gone = visits[k].Job
			}
		}
		if gone < 0 {
			break
		}
		g.at[gone] = -1
		out = append(out, gone)
		visits = g.without(v, visits, gone)
	}
	return out
}

// carried are the deliveries that a vehicle under way has loaded: of its
// current trip.
func (m *model) carried(r *Running) []int {
	if !r.Left {
		return nil
	}
	var out []int
	from, to := currentTrip(r)
	for _, x := range r.Visits[from:to] {
		if x.Action == Deliver && len(m.Jobs[x.Job].Pickup) == 0 {
			out = append(out, x.Job)
		}
	}
	return out
}

// currentTrip is the range of visits of the trip that a vehicle is on.
func currentTrip(r *Running) (from, to int) {
	for k := range r.Done {
		if r.Visits[k].Action == Reload {
			from = k + 1
		}
	}
	to = from
	for to < len(r.Visits) && r.Visits[to].Action != Reload {
		to++
	}
	return from, to
}

// classes numbers vehicles so that those of equal number are exchangeable.
func classes(m *model) []int {
	out := make([]int, len(m.Vehicles))
	var kinds []int // a vehicle of each class
	for v := range m.Vehicles {
		out[v] = -1
		for c, k := range kinds {
			if m.running[v] == nil && m.running[k] == nil && sameVehicle(&m.Vehicles[v], &m.Vehicles[k]) {
				out[v] = c
				break
			}
		}
		if out[v] < 0 {
			out[v] = len(kinds)
			kinds = append(kinds, v)
		}
	}
	return out
}

func sameVehicle(a, b *Vehicle) bool {
	return a.Profile == b.Profile && a.Start == b.Start && a.End == b.End && a.From == b.From && a.To == b.To &&
		slices.Equal(a.Capacity, b.Capacity) && a.Skills == b.Skills && a.Fixed == b.Fixed && a.PerHour == b.PerHour && a.PerKm == b.PerKm &&
		slices.Equal(a.Breaks, b.Breaks) && a.trips() == b.trips() && slices.Equal(a.reloads(), b.reloads()) && a.ReloadTime == b.ReloadTime &&
		a.MaxDuration == b.MaxDuration && a.MaxDistance == b.MaxDistance && a.MaxStops == b.MaxStops
}

// neighbours lists for each job the others by the way between their first
// stops, there or back.
func (g *general) neighbours() {
	n := len(g.Jobs)
	g.near = make([][]int, n)
	place := make([]int, n)
	for j := range g.Jobs {
		if list := g.Jobs[j].Delivery; len(list) > 0 {
			place[j] = list[0].Place
		} else {
			place[j] = g.Jobs[j].Pickup[0].Place
		}
	}
	prof := &g.Profiles[0]
	all := make([]int, n)
	for j := range n {
		for i := range all {
			all[i] = i
		}
		way := func(i int) int64 {
			if i == j {
				return -1
			}
			a, b := place[i], place[j]
			return min(int64(prof.Seconds[a*prof.Size+b]), int64(prof.Seconds[b*prof.Size+a]))
		}
		slices.SortFunc(all, func(a, b int) int {
			if x, y := way(a), way(b); x != y {
				return int(x - y)
			}
			return a - b
		})
		g.near[j] = slices.Clone(all[:min(n, nearJobs)])
	}
}

// set makes visits the route of v and refreshes what is known of it. It says
// whether the route holds.
func (g *general) set(v int, visits []Visit) bool {
	if len(g.routes[v]) > 0 {
		g.used--
	}
	g.sum -= g.cost[v]
	g.routes[v] = visits
	g.cost[v] = 0
	for _, x := range visits {
		if x.Action != Reload {
			g.at[x.Job] = v
		}
	}
	if len(visits) == 0 {
		g.ends[v] = g.ends[v][:0]
		return true
	}
	g.used++
	g.simulate(v, visits, g.firstLeave(v, visits), nil, g.t, true)
	g.ends[v] = append(g.ends[v][:0], g.t.end...)
	c, ok := g.eval(v, visits)
	g.cost[v] = c
	g.sum += c
	return ok
}

// eval prices a trial route; false if it breaks a constraint. A round of
// frozen visits alone is as it is.
func (g *general) eval(v int, visits []Visit) (int64, bool) {
	given := g.given(v, visits)
	if !given {
		if _, ok := g.carry(v, visits, g.t); !ok {
			return 0, false
		}
	}
	if !g.time(v, visits, g.t, given) && !given {
		return 0, false
	}
	return g.price(v, g.t), true
}

// left weighs the absent jobs, and prices those with a penalty.
func (g *general) left(absent []int) (weight, penalty int64) {
	for _, j := range absent {
		if p := g.Jobs[j].Penalty; p > 0 {
			penalty += p
		} else {
			weight += 1 + int64(g.Jobs[j].Priority)
		}
	}
	return weight, penalty
}

// energy is the score as one number for the annealing: each level weighs more
// than the ones below can.
func (g *general) energy(weight, penalty, used, sum int64) float64 {
	e := float64(sum+penalty) + 1e12*float64(weight)
	if g.Objective.FewerVehicles {
		e += vehicleWeight * float64(used)
	}
	return e
}

func (g *general) now() float64 {
	w, p := g.left(g.absent)
	return g.energy(w, p, g.used, g.sum)
}

// copyRoutes is the plan as rounds.
func (g *general) copyRoutes() map[int][]Visit {
	out := map[int][]Visit{}
	for v, r := range g.routes {
		if len(r) > 0 {
			out[v] = slices.Clone(r)
		}
	}
	return out
}

// run searches until the budget is used and gives the best rounds.
func (g *general) run() (best map[int][]Visit, iterations int64) {
	g.neighbours()
	g.begin()
	g.recreate(false)
	best = g.copyRoutes()
	current := g.now()
	least := current
	if len(g.Jobs) == 0 || len(g.Vehicles) == 0 {
		return best, 0
	}
	hot := 0.3 * float64(g.sum+1) / float64(max(len(g.Jobs), 1))
	for share := 0.0; ; iterations++ {
		if iterations%4 == 0 {
			if share = g.progress(iterations); share >= 1 || g.ctx.Err() != nil {
				return best, iterations
			}
		}
		g.begin()
		g.ruin()
		g.recreate(true)
		e := g.now()
		temp := hot * math.Pow(0.01, share)
		if e > current-temp*math.Log(g.rnd.Float64()) {
			g.undo()
			continue
		}
		current = e
		if e < least-0.5 {
			least = e
			best = g.copyRoutes()
		}
	}
}

func (g *general) begin() {
	for _, v := range g.touched {
		g.marked[v] = false
	}
	g.touched = g.touched[:0]
	g.oldAbsent = append(g.oldAbsent[:0], g.absent...)
}

func (g *general) touch(v int) {
	if !g.marked[v] {
		g.marked[v] = true
		g.touched = append(g.touched, v)
		g.old[v] = append(g.old[v][:0], g.routes[v]...)
	}
}

func (g *general) undo() {
	for _, v := range g.touched {
		for _, x := range g.routes[v] {
			if x.Action != Reload {
				g.at[x.Job] = -1
			}
		}
	}
	for _, v := range g.touched {
		g.set(v, append(g.routes[v][:0], g.old[v]...))
	}
	g.absent = append(g.absent[:0], g.oldAbsent...)
}
