package solver

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// exact enumerates every plan that serves all jobs, and gives the least cost,
// −1 if none holds. Steps are visits; a plan is an order of the steps with
// separators between vehicles and, with trips, reloads.
func exact(p *Problem, reloads int) int64 {
	var steps []Visit
	for j := range p.Jobs {
		if len(p.Jobs[j].Pickup) > 0 {
			steps = append(steps, Visit{Job: j, Action: PickUp})
		}
		if len(p.Jobs[j].Delivery) > 0 {
			steps = append(steps, Visit{Job: j, Action: Deliver})
		}
	}
	for range reloads {
		steps = append(steps, Visit{Job: -1, Action: Reload})
	}
	for range len(p.Vehicles) - 1 {
		steps = append(steps, Visit{Job: -2})
	}
	best := int64(-1)
	used := make([]bool, len(steps))
	order := make([]Visit, 0, len(steps))
	m := newModel(p)
	t := newTape(m)
	var walk func()
	walk = func() {
		if len(order) == len(steps) {
			if c := exactCost(m, t, order); c >= 0 && (best < 0 || c < best) {
				best = c
			}
			return
		}
		for i, s := range steps {
			// Steps alike are taken in their order.
			if used[i] || i > 0 && !used[i-1] && s == steps[i-1] {
				continue
			}
			used[i] = true
			order = append(order, s)
			walk()
			order = order[:len(order)-1]
			used[i] = false
		}
	}
	walk()
	return best
}

func exactCost(m *model, t *tape, order []Visit) int64 {
	rounds := map[int][]Visit{}
	v := 0
	for _, s := range order {
		if s.Job == -2 {
			v++
			continue
		}
		rounds[v] = append(rounds[v], s)
	}
	for _, r := range rounds {
		for k, x := range r {
			if x.Action == Reload && (k == 0 || k == len(r)-1 || r[k-1].Action == Reload) {
				return -1
			}
		}
	}
	plan := m.plan(rounds)
	if len(Verify(m.Problem, plan)) > 0 || len(plan.LeftOut) > 0 {
		return -1
	}
	return plan.Score.Cost
}

// small draws a problem of one of the shapes with few jobs.
func small(rnd *rand.Rand, shape string) (p *Problem, reloads int) {
	jobs := 6
	if shape == "pairs" {
		jobs = 3
	}
	if shape == "trips" {
		jobs = 4
	}
	n := 2*jobs + 2
	prof := Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n)}
	x, y := make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i] = rnd.Float64()*1000, rnd.Float64()*1000
	}
	for i := range n {
		for j := range n {
			d := math.Hypot(x[i]-x[j], y[i]-y[j])
			prof.Metres[i*n+j], prof.Seconds[i*n+j] = int32(d), int32(d)
		}
	}
	p = &Problem{Profiles: []Profile{prof}}
	for range 2 {
		p.Vehicles = append(p.Vehicles, Vehicle{To: Horizon, Capacity: []int64{12}, PerKm: 1000})
	}
	window := func() []Window {
		if shape == "plain" {
			return nil
		}
		from := rnd.Int64N(2500)
		return []Window{{From: from, To: from + 500 + rnd.Int64N(2000)}}
	}
	for j := range jobs {
		job := Job{Load: []int64{1 + rnd.Int64N(4)}, Delivery: []Stop{{Place: 2 + 2*j, Windows: window(), Service: 50}}}
		if shape == "pairs" {
			job.Pickup = []Stop{{Place: 3 + 2*j, Service: 30, Windows: []Window{{To: 3000}}}}
			job.Delivery[0].Windows[0].To += 2000
		}
		p.Jobs = append(p.Jobs, job)
	}
	switch shape {
	case "depots":
		p.Vehicles[1].Start, p.Vehicles[1].End = 1, 1
		p.Vehicles[0].MaxDuration, p.Vehicles[1].MaxDuration = 4000, 4000
	case "trips":
		reloads = 4
		for v := range p.Vehicles {
			p.Vehicles[v].Trips, p.Vehicles[v].Capacity = 3, []int64{7}
		}
		for j := range p.Jobs {
			p.Jobs[j].Release = rnd.Int64N(1500)
			p.Jobs[j].Delivery[0].Windows[0].To += 3000
		}
	case "rich":
		p.Vehicles[0].PerHour, p.Vehicles[1].Fixed, p.Vehicles[1].End = 3600, 300, Open
		p.Vehicles[0].Breaks = []Break{{From: 500, To: 1500, Duration: 200}}
		for j := range p.Jobs {
			w := &p.Jobs[j].Delivery[0].Windows[0]
			w.Until, w.LatePerHour = w.To+2000, 3600
		}
	}
	return p, reloads
}

func TestSmallProblemsAreSolvedExactly(t *testing.T) {
	for _, shape := range []string{"plain", "windows", "pairs", "depots", "trips", "rich"} {
		rnd := rand.New(rand.NewPCG(11, 1))
		held := 0
		for k := range 12 {
			p, reloads := small(rnd, shape)
			if _, ok := classicOf(newModel(p)); ok != (shape != "rich") {
				t.Fatalf("%s goes to the wrong search", shape)
			}
			res := solve(t, p, 2000, int64(k))
			want := int64(-1)
			for r := range reloads + 1 {
				if c := exact(p, r); c >= 0 && (want < 0 || c < want) {
					want = c
				}
			}
			got := res.Score.Cost
			if len(res.LeftOut) > 0 {
				got = -1
			}
			if got != want {
				t.Errorf("%s %d: cost %d, the best is %d", shape, k, got, want)
			}
			if want >= 0 {
				held++
			}
		}
		if held < 4 {
			t.Errorf("%s: only %d problems have a plan", shape, held)
		}
	}
}

func TestThreadsAreRepeatable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	p, _ := small(rnd, "windows")
	n := 350
	p.Jobs = nil
	prof := Straight(randomPoints(rnd, n+1), 1, 30, 0)
	prof.Metres = prof.Seconds
	p.Profiles[0] = prof
	p.Vehicles = nil
	for j := range n {
		from := rnd.Int64N(20000)
		p.Jobs = append(p.Jobs, Job{Load: []int64{1}, Delivery: []Stop{{Place: j + 1, Service: 60, Windows: []Window{{From: from, To: from + 8000}}}}})
		p.Vehicles = append(p.Vehicles, Vehicle{To: 40000, Capacity: []int64{20}, PerKm: 1000})
	}
	for _, first := range []bool{false, true} {
		p.Objective.FewerVehicles = first
		var seen string
		for range 3 {
			res, err := Solve(t.Context(), p, Options{Seed: 4, Threads: 3, Iterations: 3000})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.LeftOut) > 0 {
				t.Fatalf("%d jobs are left out", len(res.LeftOut))
			}
			if s := fmt.Sprint(res.Score, res.Routes); seen == "" {
				seen = s
			} else if s != seen {
				t.Fatal("the same seed gives another plan")
			}
		}
	}
}

func randomPoints(rnd *rand.Rand, n int) []Point {
	var out []Point
	for range n {
		out = append(out, Point{31 + rnd.Float64()*0.2, 121 + rnd.Float64()*0.2})
	}
	return out
}
