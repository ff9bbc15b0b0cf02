package solver

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a problem with some of every rule of the model.
func drawn(t *rapid.T) *Problem {
	n := rapid.IntRange(3, 14).Draw(t, "places")
	p := &Problem{}
	var x, y []int
	for range n {
		x = append(x, rapid.IntRange(0, 5000).Draw(t, "x"))
		y = append(y, rapid.IntRange(0, 5000).Draw(t, "y"))
	}
	for k := range rapid.IntRange(1, 2).Draw(t, "profiles") {
		prof := Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n)}
		for i := range n {
			for j := range n {
				d := math.Hypot(float64(x[i]-x[j]), float64(y[i]-y[j]))
				prof.Metres[i*n+j] = int32(d)
				prof.Seconds[i*n+j] = int32(math.Ceil(d / float64(5+5*k)))
			}
		}
		if rapid.Bool().Draw(t, "rush") {
			prof.Speed = []SpeedStep{{3600, 50}, {7200, 130}}
		}
		p.Profiles = append(p.Profiles, prof)
	}
	place := func(name string) int { return rapid.IntRange(0, n-1).Draw(t, name) }
	for range rapid.IntRange(1, 5).Draw(t, "vehicles") {
		v := Vehicle{ID: fmt.Sprint("v", len(p.Vehicles)), Profile: rapid.IntRange(0, len(p.Profiles)-1).Draw(t, "profile"),
			Start: place("start"), End: Open, From: rapid.Int64Range(0, 3000).Draw(t, "from"), To: rapid.Int64Range(9000, 20000).Draw(t, "to"),
			Capacity: []int64{rapid.Int64Range(3, 20).Draw(t, "cap"), rapid.Int64Range(3, 20).Draw(t, "cap2")},
			Skills:   Skills(rapid.IntRange(0, 3).Draw(t, "skills")), Fixed: rapid.Int64Range(0, 500).Draw(t, "fixed"),
			PerHour: rapid.SampledFrom([]int64{0, 3000}).Draw(t, "hour"), PerKm: rapid.SampledFrom([]int64{0, 200}).Draw(t, "km"),
			Trips: rapid.IntRange(1, 3).Draw(t, "trips"), ReloadTime: rapid.Int64Range(0, 300).Draw(t, "reload"),
			MaxStops: rapid.SampledFrom([]int{0, 4}).Draw(t, "stops"), MaxDistance: rapid.SampledFrom([]int64{0, 20000}).Draw(t, "metres"),
			MaxDuration: rapid.SampledFrom([]int64{0, 6000}).Draw(t, "duration")}
		if rapid.Bool().Draw(t, "returns") {
			v.End = place("end")
		}
		if rapid.IntRange(0, 2).Draw(t, "rests") == 0 {
			v.Breaks = []Break{{4000, 6000, 600}, {9000, 9500, 300}}
		}
		if v.Trips > 1 && rapid.Bool().Draw(t, "elsewhere") {
			v.Reload = []int{place("reload"), place("reload")}
		}
		p.Vehicles = append(p.Vehicles, v)
	}
	for range rapid.IntRange(0, 12).Draw(t, "jobs") {
		p.Jobs = append(p.Jobs, drawnJob(t, p, place))
	}
	p.Clashes = [][2]int{{1, 2}}
	p.Objective = Objective{FewerVehicles: rapid.Bool().Draw(t, "fewer"), Balance: rapid.Bool().Draw(t, "balance"), BalanceSlack: 50}
	return p
}

func drawnJob(t *rapid.T, p *Problem, place func(string) int) Job {
	stops := func(name string) []Stop {
		var out []Stop
		for range rapid.IntRange(1, 2).Draw(t, name) {
			s := Stop{Place: place(name), Service: rapid.Int64Range(0, 200).Draw(t, "service"), Cost: rapid.Int64Range(0, 50).Draw(t, "cost")}
			for k := range int64(rapid.IntRange(0, 2).Draw(t, "windows")) {
				from := 5000*k + rapid.Int64Range(0, 2000).Draw(t, "from")
				w := Window{From: from, To: from + rapid.Int64Range(0, 1500).Draw(t, "width")}
				if rapid.Bool().Draw(t, "soft") {
					w.Until, w.LatePerHour = w.To+rapid.Int64Range(0, 1000).Draw(t, "soft"), 1000
				}
				s.Windows = append(s.Windows, w)
			}
			out = append(out, s)
		}
		return out
	}
	j := Job{ID: fmt.Sprint("j", len(p.Jobs)), Load: []int64{rapid.Int64Range(0, 6).Draw(t, "load"), rapid.Int64Range(0, 3).Draw(t, "load2")},
		Priority: rapid.IntRange(0, 3).Draw(t, "priority"), Goods: rapid.IntRange(0, 2).Draw(t, "goods"),
		Penalty: rapid.SampledFrom([]int64{0, 0, 800}).Draw(t, "penalty"), MaxRide: rapid.SampledFrom([]int64{0, 0, 1200}).Draw(t, "ride")}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		j.Pickup = stops("pickup")
	case 1:
		j.Pickup, j.Delivery = stops("pickup"), stops("delivery")
	default:
		j.Delivery = stops("delivery")
		j.Release = rapid.SampledFrom([]int64{0, 0, 3500}).Draw(t, "release")
	}
	if rapid.IntRange(0, 3).Draw(t, "cold") == 0 {
		j.Skills = Cold
	}
	some := func(name string) []int {
		if rapid.IntRange(0, 5).Draw(t, name) > 0 {
			return nil
		}
		return []int{rapid.IntRange(0, len(p.Vehicles)-1).Draw(t, name)}
	}
	j.Only, j.Never = some("only"), some("never")
	return j
}

// solve runs a short search and insists on a plan that holds.
func solve(t interface {
	Fatalf(string, ...any)
	Helper()
}, p *Problem, iterations int64, seed int64) *Result {
	t.Helper()
	res, err := Solve(context.Background(), p, Options{Seed: seed, Iterations: iterations})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if broken := Verify(p, res.Plan); len(broken) > 0 {
		t.Fatalf("broken: %v", broken)
	}
	return res
}

func TestEveryPlanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		a := solve(t, p, 60, 7)
		b := solve(t, p, 60, 7)
		if fmt.Sprint(a.Routes, a.LeftOut, a.Score) != fmt.Sprint(b.Routes, b.LeftOut, b.Score) {
			t.Fatalf("the same seed gives %v and %v", a.Plan, b.Plan)
		}
		if first := solve(t, p, 1, 7); !p.Objective.Balance && first.Score.Less(a.Score) {
			t.Fatalf("1 iteration gives %v, 60 %v", first.Score, a.Score)
		}
	})
}

// TestRunningRounds takes a plan to a moment of its execution and plans on.
func TestRunningRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		all := p.Jobs
		known := rapid.IntRange(0, len(all)).Draw(t, "known")
		p.Jobs = all[:known]
		plan := solve(t, p, 20, 3)
		p.Now = rapid.Int64Range(0, 9000).Draw(t, "now")
		for _, r := range plan.Routes {
			run := Running{Vehicle: r.Vehicle, Left: r.Depart < p.Now, Depart: r.Depart}
			for _, x := range r.Visits {
				run.Visits = append(run.Visits, x.Visit)
				if run.Left && x.End <= p.Now {
					run.Done = append(run.Done, Span{x.Begin, x.End})
				}
			}
			run.Frozen = rapid.IntRange(len(run.Done), len(run.Visits)).Draw(t, "frozen")
			p.Running = append(p.Running, run)
		}
		p.Jobs = all
		solve(t, p, 40, 5)
	})
}
