package sisr

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// drawn makes an instance of a shape with n customers on a square.
func drawn(shape string, n int, seed int64) *Instance {
	rnd := newRandom(seed)
	depots := 1
	if shape == "depots" {
		depots = 3
	}
	if shape == "pairs" {
		n += n % 2
	}
	size := n + depots
	in := &Instance{Nodes: size, Depots: depots, Dist: make([]int32, size*size), Demand: make([]int32, size), Capacity: 30}
	x, y := make([]int, size), make([]int, size)
	for i := range size {
		x[i], y[i] = rnd.below(1000), rnd.below(1000)
	}
	for i := range size {
		for j := range size {
			in.Dist[i*size+j] = int32(max(x[i]-x[j], x[j]-x[i]) + max(y[i]-y[j], y[j]-y[i]))
		}
	}
	in.Time = in.Dist
	for range depots {
		in.Fleet = append(in.Fleet, int32(n))
	}
	for u := depots; u < size; u++ {
		in.Demand[u] = int32(1 + rnd.below(9))
	}
	if shape == "plain" {
		return in
	}
	in.Ready, in.Due, in.Service = make([]int32, size), make([]int32, size), make([]int32, size)
	for u := range size {
		in.Due[u] = 20000
		if u >= depots {
			in.Ready[u] = int32(rnd.below(8000))
			in.Due[u] = in.Ready[u] + 4000 + int32(rnd.below(4000))
			in.Service[u] = 20
		}
	}
	switch shape {
	case "depots":
		in.MaxDuration = 6000
	case "trips":
		in.Trips, in.Fleet, in.Release = 9, []int32{8}, make([]int32, size)
		for u := 1; u < size; u++ {
			in.Release[u] = int32(rnd.below(3000))
		}
	case "pairs":
		in.Mate = make([]int32, size)
		for u := int32(1); int(u) < size; u += 2 {
			in.Mate[u], in.Mate[u+1], in.Demand[u+1] = u+1, u, -in.Demand[u]
			in.Due[u+1] = in.Due[u] + 6000
		}
	}
	return in
}

var shapes = []string{"plain", "windows", "depots", "trips", "pairs"}

// facts is all that the tests for insertion read, in a form to compare.
func (st *state) facts() string {
	var routes []string
	for _, r := range st.active {
		s := fmt.Sprint(st.depot[r], st.load[r], st.cost[r], " ")
		for _, u := range st.tour[r] {
			s += fmt.Sprint(u, st.slots[u])
			if st.routeOf[u] != r || st.tour[r][st.posOf[u]] != u {
				s += "misplaced"
			}
			if st.shape == duration {
				s += fmt.Sprint(st.head[u], st.tail[u])
			}
			if st.trips != nil {
				t := st.trips
				s += fmt.Sprint(t.prefix[u], t.start[r], t.end[r], t.lastGo[r], t.lastBack[r])
			}
		}
		routes = append(routes, s)
	}
	slices.Sort(routes)
	missing := slices.Sorted(slices.Values(st.missing))
	return fmt.Sprint(st.total, missing, routes)
}

// TestChangesAndUndoKeepTheFacts compares what was updated step by step with
// what a fresh state computes from the same plan.
func TestChangesAndUndoKeepTheFacts(t *testing.T) {
	for _, shape := range shapes {
		in := drawn(shape, 60, 3)
		if err := in.Check(); err != nil {
			t.Fatal(err)
		}
		opts := Options{Seed: 1}.withDefaults(in)
		if shape == "windows" {
			opts.Tails = 0.5
		}
		sh := newShared(in)
		var customers []int32
		for u := in.Depots; u < in.Nodes; u++ {
			customers = append(customers, int32(u))
		}
		s := &search{state: newState(sh, opts, customers), ctx: context.Background()}
		fresh := newState(sh, opts, customers)
		var snap snapshot
		s.begin()
		s.recreate()
		for k := range 300 {
			before := s.facts()
			s.step()
			if k%3 == 0 {
				s.undo()
				if now := s.facts(); now != before {
					t.Fatalf("%s, step %d: undone is\n%s\nbefore it was\n%s", shape, k, now, before)
				}
				continue
			}
			s.save(&snap)
			fresh.restore(&snap, customers)
			if a, b := s.facts(), fresh.facts(); a != b {
				t.Fatalf("%s, step %d: kept\n%s\nfresh\n%s", shape, k, a, b)
			}
		}
	}
}

// TestSearchImproves: the best plan met is kept. Two budgets cool at different
// speeds, so that of two long ones the longer need not be the better.
func TestSearchImproves(t *testing.T) {
	for _, shape := range shapes {
		for _, first := range []bool{false, true} {
			if first && (shape == "depots" || shape == "trips") {
				continue
			}
			in := drawn(shape, 80, 5)
			in.FleetFirst = first
			run := func(n, threads int) *Solution {
				s, err := Solve(t.Context(), in, Options{Seed: 2, Threads: threads, Progress: func(k int64) float64 { return float64(k) / float64(n) }})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			short, long, again := run(1, 1), run(4000, 2), run(4000, 2)
			if long.Cost > short.Cost && len(long.Routes) >= len(short.Routes) || len(long.Absent) > len(short.Absent) {
				t.Errorf("%s: %d with %d routes, before %d with %d", shape, long.Cost, len(long.Routes), short.Cost, len(short.Routes))
			}
			if fmt.Sprint(long) != fmt.Sprint(again) {
				t.Errorf("%s: the same seed gives two plans", shape)
			}
		}
	}
}

func TestCanceledSearchAnswers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := drawn("windows", 60, 1)
	s, err := Solve(ctx, in, Options{Seed: 1, Progress: func(int64) float64 { return 0 }})
	if err != nil || len(s.Routes) == 0 || len(s.Absent) > 0 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestCheckRefusesOtherShapes(t *testing.T) {
	for name, change := range map[string]func(*Instance){
		"negative way":     func(in *Instance) { in.Dist[3] = -1 },
		"short matrix":     func(in *Instance) { in.Dist = in.Dist[1:] },
		"no windows":       func(in *Instance) { in.Ready = nil },
		"trips and depots": func(in *Instance) { in.Trips, in.Depots, in.Fleet = 2, 2, []int32{1, 1} },
		"no depot":         func(in *Instance) { in.Depots = 0 },
	} {
		in := drawn("windows", 6, 1)
		change(in)
		if in.Check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
