package simulation_test

import (
	"testing"

	"milkrun/routing/dispatch"
	"milkrun/routing/simulation"
	"milkrun/routing/solver"
)

// sameDayProblem has a depot, three customers in the east of whom one is known late, and one in the west.
func sameDayProblem() *solver.Problem {
	at := []int32{0, 100, 102, 104, -80}
	n := len(at)
	p := &solver.Problem{Profiles: []solver.Profile{{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n)}}}
	for i := range n {
		for j := range n {
			d := max(at[i]-at[j], at[j]-at[i])
			p.Profiles[0].Seconds[i*n+j], p.Profiles[0].Metres[i*n+j] = d, d
		}
	}
	for i, release := range []int64{0, 0, 50, 0} {
		p.Jobs = append(p.Jobs, solver.Job{Load: []int64{1}, Release: release, Delivery: []solver.Stop{{Place: i + 1, Windows: []solver.Window{{From: 0, To: 400}}}}})
	}
	for range 2 {
		p.Vehicles = append(p.Vehicles, solver.Vehicle{To: 1000, Capacity: []int64{3}, PerKm: 1000, Trips: 3})
	}
	return p
}

func play(t *testing.T, d simulation.SameDay) simulation.SameDayResult {
	t.Helper()
	d.Epoch, d.Options = 10, solver.Options{Seed: 1, Iterations: 200}
	r, err := d.Play(t.Context(), sameDayProblem())
	if err != nil {
		t.Fatal(err)
	}
	if r.Customers != 4 {
		t.Errorf("%+v", r)
	}
	return r
}

// Who sends at once rides to the east twice; who waits takes the late one along.
func TestWaitingPools(t *testing.T) {
	now, pooled := play(t, simulation.SameDay{}), play(t, simulation.SameDay{Pool: true})
	if now.Missed != 0 || pooled.Missed != 0 {
		t.Errorf("%+v, %+v", now, pooled)
	}
	if pooled.Metres != 2*104+2*80 || now.Metres <= pooled.Metres {
		t.Errorf("%d metres at once, %d pooled", now.Metres, pooled.Metres)
	}
	// With little room or few vehicles nothing is won by waiting.
	for name, d := range map[string]simulation.SameDay{"full": {Pool: true, Pooling: dispatch.Pooling{Full: 600}}, "busy": {Pool: true, Pooling: dispatch.Pooling{Crowded: 500}}} {
		if r := play(t, d); r.Metres < pooled.Metres || r.Missed != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if _, err := (simulation.SameDay{}).Play(t.Context(), sameDayProblem()); err == nil {
		t.Error("epochs of nothing")
	}
}

// A day whose customers are known too late says whom it missed.
func TestWhoIsKnownTooLateIsMissed(t *testing.T) {
	p := sameDayProblem()
	p.Jobs[2].Release = 350
	r, err := simulation.SameDay{Epoch: 10, Options: solver.Options{Iterations: 100}}.Play(t.Context(), p)
	if err != nil || r.Missed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
