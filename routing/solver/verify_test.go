package solver

import (
	"slices"
	"strings"
	"testing"
)

// sample is a problem with a plan that holds, for tests that spoil it.
func sample(t *testing.T) (*Problem, *Plan) {
	t.Helper()
	line := Profile{Size: 4, Seconds: make([]int32, 16), Metres: make([]int32, 16)}
	for a := range 4 {
		for b := range 4 {
			d := int32(max(a-b, b-a))
			line.Seconds[a*4+b], line.Metres[a*4+b] = 100*d, 1000*d
		}
	}
	p := &Problem{Profiles: []Profile{line}, Clashes: [][2]int{{1, 2}},
		Vehicles: []Vehicle{
			{Start: 0, End: 0, To: 5000, Capacity: []int64{10}, Skills: Cold, PerHour: 3600, PerKm: 10, Fixed: 7, Trips: 2, ReloadTime: 50,
				Breaks: []Break{{From: 400, To: 700, Duration: 60}}, MaxStops: 5},
			{Start: 0, End: 0, To: 5000, Capacity: []int64{10}},
		},
		Jobs: []Job{
			{Load: []int64{6}, Delivery: []Stop{{Place: 2, Service: 30, Windows: []Window{{From: 250, To: 300}}}}, Skills: Cold, MaxRide: 400, Goods: 1},
			{Load: []int64{6}, Delivery: []Stop{{Place: 1, Service: 30}}, Release: 600, Goods: 2, Only: []int{0}},
			{Load: []int64{2}, Pickup: []Stop{{Place: 2, Service: 10}}, Delivery: []Stop{{Place: 3, Service: 10}}, Only: []int{0}},
			{Load: []int64{1}, Delivery: []Stop{{Place: 3, Service: 10}}, Skills: Heavy, Priority: 4},
		},
	}
	plan, err := p.Timetable(map[int][]Visit{0: {{Job: 0}, {Job: 2, Action: PickUp}, {Job: 2}, {Job: -1, Action: Reload}, {Job: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if broken := Verify(p, plan); len(broken) > 0 {
		t.Fatalf("%v in %+v", broken, plan)
	}
	return p, plan
}

func TestTimetable(t *testing.T) {
	_, plan := sample(t)
	r := plan.Routes[0]
	// It leaves at 50 to be at place 2 when its window opens; the break's last
	// moment, 700, passes on the trip, so it is taken on arrival at the depot.
	if r.Depart != 50 || r.Visits[0].Begin != 250 || r.Metres != 8000 || plan.Score.LeftOut != 5 || !slices.Equal(plan.LeftOut, []int{3}) {
		t.Errorf("%+v", r)
	}
	if len(r.Rests) != 1 || r.Rests[0].End-r.Rests[0].Begin != 60 || r.Visits[3].End < 600 {
		t.Errorf("rests %v, reload %+v", r.Rests, r.Visits[3])
	}
	if want := 7 + (r.End - r.Depart) + 80; r.Cost != want {
		t.Errorf("cost %d, want %d", r.Cost, want)
	}
}

func TestVerifyFindsWhatIsSpoilt(t *testing.T) {
	for _, c := range []struct {
		want  Constraint
		spoil func(p *Problem, plan *Plan)
	}{
		{Capacity, func(p *Problem, _ *Plan) { p.Vehicles[0].Capacity[0] = 5 }},
		{WindowMissed, func(p *Problem, _ *Plan) {
			p.Jobs[0].Delivery[0].Windows[0].To = 249
			p.Jobs[0].Delivery[0].Windows[0].From = 0
		}},
		{Shift, func(p *Problem, plan *Plan) { p.Vehicles[0].To = plan.Routes[0].End - 1 }},
		{Shift, func(p *Problem, _ *Plan) { p.Vehicles[0].From = 51 }},
		{MaxDuration, func(p *Problem, _ *Plan) { p.Vehicles[0].MaxDuration = 100 }},
		{MaxDistance, func(p *Problem, _ *Plan) { p.Vehicles[0].MaxDistance = 7999 }},
		{MaxStops, func(p *Problem, _ *Plan) { p.Vehicles[0].MaxStops = 3 }},
		{MaxTrips, func(p *Problem, _ *Plan) { p.Vehicles[0].Trips = 1 }},
		{MaxRide, func(p *Problem, _ *Plan) { p.Jobs[0].MaxRide = 199 }},
		{Release, func(p *Problem, _ *Plan) { p.Jobs[1].Release = 3000 }},
		{Mixing, func(p *Problem, plan *Plan) {
			p.Jobs[2].Goods = 2
			v := plan.Routes[0].Visits
			v[0], v[1] = v[1], v[0]
		}},
		{NoSkill, func(p *Problem, _ *Plan) { p.Vehicles[0].Skills = 0 }},
		{OtherVehicle, func(p *Problem, _ *Plan) { p.Jobs[1].Only = []int{1} }},
		{OtherVehicle, func(p *Problem, _ *Plan) { p.Jobs[1].Never = []int{0} }},
		{BreakMissed, func(_ *Problem, plan *Plan) { plan.Routes[0].Rests = nil }},
		{BreakMissed, func(_ *Problem, plan *Plan) { plan.Routes[0].Rests[0].Begin = 200 }},
		{PairOrder, func(_ *Problem, plan *Plan) {
			v := plan.Routes[0].Visits
			v[1].Action, v[2].Action, v[1].Place, v[2].Place = Deliver, PickUp, 3, 2
		}},
		{Travel, func(_ *Problem, plan *Plan) { plan.Routes[0].Visits[4].Arrive -= 5 }},
		{Travel, func(_ *Problem, plan *Plan) { plan.Routes[0].End -= 5 }},
		{NoTime, func(_ *Problem, plan *Plan) { plan.Routes[0].Visits[4].End -= 5 }},
		{Unknown, func(_ *Problem, plan *Plan) { plan.Routes[0].Visits[4].Job = 9 }},
		{Unknown, func(_ *Problem, plan *Plan) { plan.Routes[0].Vehicle = 9 }},
		{Twice, func(_ *Problem, plan *Plan) { plan.Routes = append(plan.Routes, plan.Routes[0]) }},
		{Twice, func(_ *Problem, plan *Plan) { plan.LeftOut = append(plan.LeftOut, 0) }},
		{Lost, func(_ *Problem, plan *Plan) { plan.LeftOut = nil }},
		{Sums, func(_ *Problem, plan *Plan) { plan.Score.Cost-- }},
		{Sums, func(_ *Problem, plan *Plan) { plan.Routes[0].Metres-- }},
		{Sums, func(_ *Problem, plan *Plan) { plan.Routes[0].Visits[0].Late = 1 }},
		{Started, func(p *Problem, _ *Plan) { p.Now = 100 }},
		{Started, func(p *Problem, _ *Plan) {
			p.Running = []Running{{Vehicle: 0, Frozen: 1, Visits: []Visit{{Job: 1}}}}
		}},
		{Started, func(p *Problem, _ *Plan) {
			p.Running = []Running{{Vehicle: 0, Left: true, Depart: 50, Visits: []Visit{{Job: 2, Action: PickUp}, {Job: 2}}}}
		}},
	} {
		p, plan := sample(t)
		c.spoil(p, plan)
		broken := Verify(p, plan)
		if !slices.ContainsFunc(broken, func(b Breach) bool { return b.Constraint == c.want && b.String() != "" }) {
			t.Errorf("want %s, found %v", c.want, broken)
		}
	}
}

func TestWaysAcrossSpeedSteps(t *testing.T) {
	p := Profile{Size: 2, Seconds: []int32{0, 600, 600, 0}, Metres: []int32{0, 9, 9, 0}, Speed: []SpeedStep{{1000, 50}, {2000, 200}}}
	for _, c := range []struct{ at, want int64 }{{0, 600}, {400, 600}, {700, 300 + 600}, {1000, 1000 + 50}, {1500, 500 + 175}, {2500, 300}} {
		if s, _ := p.Way(0, 1, c.at); s != c.want {
			t.Errorf("leaving at %d takes %d, want %d", c.at, s, c.want)
		}
		if back := p.departure(600, c.at+c.want); back < c.at || back+p.stretch(600, back) > c.at+c.want {
			t.Errorf("to arrive at %d leave at %d", c.at+c.want, back)
		}
	}
	last := int64(0)
	for at := int64(0); at < 3000; at += 7 {
		s, _ := p.Way(0, 1, at)
		if at+s < last {
			t.Fatalf("who leaves at %d overtakes", at)
		}
		last = at + s
	}
}

// TestMetres: a degree of the equator on the mean sphere is π/180 · 6371008.8 m.
func TestMetres(t *testing.T) {
	if d := Metres(Point{0, 0}, Point{0, 1}); d < 111194 || d > 111196 {
		t.Errorf("a degree at the equator is %.1f m, want 111195.1", d)
	}
	roads := StraightRoads{"bike": {Detour: 1.5, KmH: 18, Lost: 30}}
	p, err := roads.Ways(t.Context(), "bike", []Point{{31.2304, 121.4737}, {31.2397, 121.4998}})
	if err != nil || p.Metres[1] != p.Metres[2] || p.Seconds[1] != (p.Metres[1]+4)/5+30 {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := roads.Ways(t.Context(), "rocket", nil); err == nil {
		t.Error("there are no rockets")
	}
}

func TestBalanceKeepsToItsSlack(t *testing.T) {
	p := city(4, 24, 2)
	for v := range p.Vehicles {
		p.Vehicles[v].Trips, p.Vehicles[v].Capacity = 1, []int64{100000}
	}
	for j := range p.Jobs {
		p.Jobs[j].Skills, p.Jobs[j].MaxRide, p.Jobs[j].Release = 0, 0, 0
		p.Jobs[j].Delivery[0].Windows = nil
		p.Jobs[j].Only = nil
	}
	p.Jobs[0].Only, p.Jobs[1].Only = []int{0}, []int{1}
	plain := solve(t, p, 300, 1)
	p.Objective = Objective{Balance: true, BalanceSlack: 100}
	even := solve(t, p, 300, 1)
	spread := func(plan *Plan) int64 {
		least, most := int64(Horizon), int64(0)
		for _, r := range plan.Routes {
			least, most = min(least, r.End-r.Depart), max(most, r.End-r.Depart)
		}
		return most - least
	}
	if even.Score.Imbalance != spread(even.Plan) || spread(even.Plan) >= spread(plain.Plan) || even.Score.Cost*1000 > plain.Score.Cost*1101 {
		t.Errorf("spread %d at cost %d, before %d at %d", spread(even.Plan), even.Score.Cost, spread(plain.Plan), plain.Score.Cost)
	}
}

func TestFaultsOfAProblemAreAllNamed(t *testing.T) {
	p, _ := sample(t)
	p.Vehicles[0].Start = 9
	p.Vehicles[1].Capacity[0] = -1
	p.Jobs[2].Delivery[0].Place = -3
	p.Jobs[3].Priority = 101
	p.Jobs[2].Release = 50
	p.Clashes[0][1] = 99
	err := p.Check()
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{"vehicle 0: start 9", "vehicle 1: capacity -1", "job 2: -3 is not a place", "job 3: priority 101", "job 2: release 50, but", "clash 0"} {
		if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if _, err := Solve(t.Context(), p, Options{}); err == nil {
		t.Error("a wrong problem is solved")
	}
	if _, err := NewDesk(p, &Plan{}); err == nil {
		t.Error("a wrong problem has a desk")
	}
}
