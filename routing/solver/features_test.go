package solver

import (
	"context"
	"slices"
	"testing"
	"time"
)

// line is places 0 … n−1 on a road, 1000 m and 100 s apart.
func line(n int) Profile {
	p := Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n)}
	for a := range n {
		for b := range n {
			d := int32(max(a-b, b-a))
			p.Seconds[a*n+b], p.Metres[a*n+b] = 100*d, 1000*d
		}
	}
	return p
}

func drop(place int) []Stop { return []Stop{{Place: place}} }

func roundTrip() Vehicle {
	return Vehicle{To: 10000, Capacity: []int64{10}, PerKm: 1000, Fixed: 10000}
}

// order is the jobs of a vehicle's visits, −1 for reloads.
func order(plan *Plan, v int) []int {
	var out []int
	for _, r := range plan.Routes {
		if r.Vehicle == v {
			for _, x := range r.Visits {
				out = append(out, x.Job)
			}
		}
	}
	return out
}

// TestEachRuleOfTheModel plans problems of a few jobs whose best plan is plain
// to see, one for each rule.
func TestEachRuleOfTheModel(t *testing.T) {
	type answer struct {
		first, second []int // orders of vehicles 0 and 1
		leftOut       []int
	}
	for _, c := range []struct {
		name string
		make func(p *Problem)
		want answer
		also func(t *testing.T, plan *Plan)
	}{
		{"a second dimension of load", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].Capacity = []int64{10, 3}
			p.Jobs = []Job{{Load: []int64{1, 2}, Delivery: drop(1)}, {Load: []int64{1, 2}, Delivery: drop(2), Priority: 1}}
		}, answer{first: []int{1}, leftOut: []int{0}}, nil},
		{"several trips with reload", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].Trips, p.Vehicles[0].ReloadTime = 2, 50
			p.Jobs = []Job{{Load: []int64{8}, Delivery: []Stop{{Place: 1, Windows: []Window{{To: 200}}}}}, {Load: []int64{8}, Delivery: drop(2)}}
		}, answer{first: []int{0, -1, 1}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0].Visits[1]; r.Action != Reload || r.End-r.Begin != 50 {
				t.Errorf("reload %+v", r)
			}
		}},
		{"a reload elsewhere", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].Trips, p.Vehicles[0].Reload = 2, []int{0, 4}
			p.Jobs = []Job{{Load: []int64{8}, Delivery: []Stop{{Place: 3, Windows: []Window{{To: 300}}}}}, {Load: []int64{8}, Delivery: drop(5)}}
		}, answer{first: []int{0, -1, 1}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0].Visits[1]; r.Place != 4 || plan.Routes[0].Metres != 10000 {
				t.Errorf("reload %+v, %d m", r, plan.Routes[0].Metres)
			}
		}},
		{"release times", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1), Release: 700}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if plan.Routes[0].Depart < 700 {
				t.Errorf("left at %d", plan.Routes[0].Depart)
			}
		}},
		{"a break with a window", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].Breaks = []Break{{From: 150, To: 250, Duration: 500}}
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 1, Windows: []Window{{To: 120}}}}}, {Load: []int64{1}, Delivery: drop(3)}}
		}, answer{first: []int{0, 1}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0]; len(r.Rests) != 1 || r.Rests[0].Begin < 150 || r.Rests[0].Begin > 250 || r.Visits[1].Begin < 800 {
				t.Errorf("%+v", r)
			}
		}},
		{"soft windows at a price", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 5, Windows: []Window{{To: 100, Until: 1000, LatePerHour: 3600}}}}}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0]; r.Visits[0].Late != 400 || r.Cost != 10000+10000+400 {
				t.Errorf("%+v", r)
			}
		}},
		{"several windows", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 5, Windows: []Window{{To: 100}, {From: 900, To: 1000}}}}}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if b := plan.Routes[0].Visits[0].Begin; b != 900 {
				t.Errorf("begins at %d", b)
			}
		}},
		{"alternative places", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(2)}, {Load: []int64{1}, Delivery: []Stop{{Place: 5}, {Place: 2, Cost: 500}}}}
		}, answer{}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0]; r.Metres != 4000 || r.Cost != 10000+4000+500 {
				t.Errorf("%+v", r)
			}
		}},
		{"goods that must not mix", func(p *Problem) {
			p.Clashes = [][2]int{{1, 2}}
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(3), Goods: 1}, {Load: []int64{1}, Delivery: drop(3), Goods: 2, Only: []int{1}}}
		}, answer{first: []int{0}, second: []int{1}}, nil},
		{"the longest time since pickup", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Pickup: drop(1), Delivery: drop(3), MaxRide: 200},
				{Load: []int64{1}, Delivery: []Stop{{Place: 2, Service: 60}}}}
		}, answer{}, func(t *testing.T, plan *Plan) {
			v := plan.Routes[0].Visits
			k := slices.IndexFunc(v, func(x Timed) bool { return x.Job == 0 && x.Action == PickUp })
			if v[k+1].Job != 0 || v[k+1].Begin-v[k].End > 200 {
				t.Errorf("%+v", v)
			}
		}},
		{"fixed and forbidden vehicles", func(p *Problem) {
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1), Only: []int{1}}, {Load: []int64{1}, Delivery: drop(1), Never: []int{1}}}
		}, answer{first: []int{1}, second: []int{0}}, nil},
		{"skills", func(p *Problem) {
			p.Vehicles[1].Skills = Cold
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1), Skills: Cold}, {Load: []int64{1}, Delivery: drop(1), Skills: Heavy}}
		}, answer{second: []int{0}, leftOut: []int{1}}, nil},
		{"a penalty cheaper than the way", func(p *Problem) {
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(5), Penalty: 19999}, {Load: []int64{1}, Delivery: drop(5), Penalty: 0, Never: []int{0, 1}}}
		}, answer{leftOut: []int{0, 1}}, func(t *testing.T, plan *Plan) {
			if plan.Score.Cost != 19999 || plan.Score.LeftOut != 1 {
				t.Errorf("%+v", plan.Score)
			}
		}},
		{"own start and open end", func(p *Problem) {
			p.Vehicles[0].Start, p.Vehicles[0].End = 4, Open
			p.Jobs = []Job{{Load: []int64{1}, Pickup: drop(5), Delivery: drop(4)}}
		}, answer{first: []int{0, 0}}, func(t *testing.T, plan *Plan) {
			if plan.Routes[0].Metres != 2000 {
				t.Errorf("%d m", plan.Routes[0].Metres)
			}
		}},
		{"speeds by the hour", func(p *Problem) {
			p.Profiles[0].Speed = []SpeedStep{{From: 0, Percent: 50}}
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(3)}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0]; r.Visits[0].Begin-r.Depart != 600 {
				t.Errorf("%+v", r)
			}
		}},
		{"most stops, time and distance", func(p *Problem) {
			p.Vehicles[0].MaxStops, p.Vehicles[1].MaxDistance = 1, 4000
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(5)}, {Load: []int64{1}, Delivery: drop(2)}, {Load: []int64{1}, Delivery: drop(1)}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if len(order(plan, 1)) != 2 {
				t.Errorf("%+v", plan.Routes)
			}
		}},
		{"a frozen beginning", func(p *Problem) {
			p.Now = 50
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(3)}, {Load: []int64{1}, Delivery: drop(1)}, {Load: []int64{1}, Delivery: drop(2)}}
			p.Running = []Running{{Vehicle: 1, Visits: []Visit{{Job: 0}, {Job: 1}}, Frozen: 1, Left: true, Depart: 0}}
			p.Vehicles[0].Fixed = 1000000
			p.Jobs[2].Never = []int{0}
		}, answer{second: []int{0, 1}, leftOut: []int{2}}, nil},
		{"an hour's price", func(p *Problem) {
			p.Vehicles[0].PerHour, p.Vehicles[1].PerHour = 3600, 7200
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 2, Service: 600}}}}
		}, answer{first: []int{0}}, func(t *testing.T, plan *Plan) {
			if r := plan.Routes[0]; r.Cost != 10000+4000+1000 {
				t.Errorf("%+v", r)
			}
		}},
		{"service time", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 1, Service: 250}}}, {Load: []int64{1}, Delivery: []Stop{{Place: 2, Windows: []Window{{To: 449}}}}}}
		}, answer{first: []int{0, 1}}, func(t *testing.T, plan *Plan) {
			for _, x := range plan.Routes[0].Visits {
				if x.Job == 0 && x.End-x.Begin != 250 {
					t.Errorf("%+v", x)
				}
			}
		}},
		{"goods that are picked up come to the depot", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].Capacity = []int64{3}
			p.Jobs = []Job{{Load: []int64{3}, Pickup: drop(1)}, {Load: []int64{3}, Delivery: drop(2)}}
		}, answer{first: []int{1, 0}}, func(t *testing.T, plan *Plan) {
			// The bag is empty of one before the other comes in.
			if v := plan.Routes[0].Visits; v[0].Job != 1 || v[1].Action != PickUp || plan.Routes[0].Metres != 4000 {
				t.Errorf("%+v", plan.Routes[0])
			}
		}},
		{"several depots", func(p *Problem) {
			p.Vehicles[1].Start, p.Vehicles[1].End = 5, 5
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1)}, {Load: []int64{1}, Delivery: drop(4)}}
			p.Vehicles[0].Fixed, p.Vehicles[1].Fixed = 0, 0
		}, answer{first: []int{0}, second: []int{1}}, func(t *testing.T, plan *Plan) {
			if plan.Score.Cost != 4000 {
				t.Errorf("%+v", plan.Score)
			}
		}},
		{"a profile for each kind of vehicle", func(p *Problem) {
			slow := line(6)
			for i := range slow.Seconds {
				slow.Seconds[i] *= 3
			}
			p.Profiles = append(p.Profiles, slow)
			p.Vehicles[0].Profile = 1
			p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 5, Windows: []Window{{To: 600}}}}}}
		}, answer{second: []int{0}}, nil},
		{"the shift", func(p *Problem) {
			p.Vehicles[0].To, p.Vehicles[1].From = 900, 300
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(5)}}
		}, answer{second: []int{0}}, func(t *testing.T, plan *Plan) {
			if plan.Routes[0].Depart < 300 {
				t.Errorf("left at %d", plan.Routes[0].Depart)
			}
		}},
		{"the longest time on the road", func(p *Problem) {
			p.Vehicles[0].MaxDuration = 700
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(4)}}
		}, answer{second: []int{0}}, nil},
		{"priority", func(p *Problem) {
			p.Vehicles = p.Vehicles[:1]
			p.Vehicles[0].MaxStops = 1
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1)}, {Load: []int64{1}, Delivery: drop(5), Priority: 3}, {Load: []int64{1}, Delivery: drop(1), Priority: 2}}
		}, answer{first: []int{1}, leftOut: []int{0, 2}}, nil},
		{"nobody left out before vehicles before cost", func(p *Problem) {
			p.Objective.FewerVehicles = true
			for v := range p.Vehicles {
				p.Vehicles[v].Capacity, p.Vehicles[v].Fixed = []int64{2}, 0
			}
			p.Jobs = []Job{{Load: []int64{2}, Delivery: drop(5)}, {Load: []int64{1}, Delivery: drop(1)}, {Load: []int64{1}, Delivery: drop(1)}}
		}, answer{}, func(t *testing.T, plan *Plan) {
			if plan.Score.LeftOut != 0 || plan.Score.Vehicles != 2 {
				t.Errorf("%+v", plan.Score)
			}
		}},
		{"fewer vehicles before cost", func(p *Problem) {
			p.Objective.FewerVehicles = true
			p.Vehicles[0].Fixed, p.Vehicles[1].Fixed, p.Vehicles[1].PerKm = 0, 0, 1
			p.Vehicles[1].MaxStops = 1
			p.Jobs = []Job{{Load: []int64{1}, Delivery: drop(1)}, {Load: []int64{1}, Delivery: drop(2)}}
		}, answer{first: []int{0, 1}}, func(t *testing.T, plan *Plan) {
			if plan.Score.Vehicles != 1 {
				t.Errorf("%+v", plan.Score)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &Problem{Profiles: []Profile{line(6)}, Vehicles: []Vehicle{roundTrip(), roundTrip()}}
			c.make(p)
			res := solve(t, p, 400, 3)
			if c.want.first != nil && !sameSet(order(res.Plan, 0), c.want.first) || c.want.second != nil && !sameSet(order(res.Plan, 1), c.want.second) ||
				!slices.Equal(res.LeftOut, c.want.leftOut) {
				t.Errorf("vehicles visit %v and %v, left out %v; want %+v", order(res.Plan, 0), order(res.Plan, 1), res.LeftOut, c.want)
			}
			if c.also != nil && len(res.Routes)+len(res.LeftOut) > 0 {
				c.also(t, res.Plan)
			}
		})
	}
}

// sameSet compares orders where there and back are the same length: the first
// and last may be changed about, reloads and what is frozen may not.
func sameSet(a, b []int) bool {
	if slices.Contains(b, -1) {
		return slices.Equal(a, b)
	}
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestSlotsPriceAPromise(t *testing.T) {
	p := &Problem{Profiles: []Profile{line(6)}, Vehicles: []Vehicle{roundTrip()}}
	p.Jobs = []Job{{Load: []int64{1}, Delivery: []Stop{{Place: 4, Windows: []Window{{From: 400, To: 450}}}}}}
	res := solve(t, p, 100, 1)
	d, err := NewDesk(p, res.Plan)
	if err != nil {
		t.Fatal(err)
	}
	// On the way there or back; only after a second way out; never.
	slots, err := d.Slots(Job{Load: []int64{1}, Delivery: drop(5)}, []Window{{From: 500, To: 600}, {From: 0, To: 490}})
	if err != nil {
		t.Fatal(err)
	}
	if o := slots[0][0]; !o.Fits || o.Cost != 2000 || o.Begin != 500 {
		t.Errorf("the first slot: %+v", o)
	}
	if o := slots[1][0]; o.Fits || o.Blocked.Constraint != WindowMissed || o.Blocked.By != 10 {
		t.Errorf("the second slot: %+v", o)
	}
}

// TestAHandMadePlanIsChecked: everything that is wrong is listed, with what
// and by how much.
func TestAHandMadePlanIsChecked(t *testing.T) {
	p := &Problem{Profiles: []Profile{line(6)}, Vehicles: []Vehicle{roundTrip(), roundTrip()}}
	p.Jobs = []Job{{Load: []int64{7}, Delivery: []Stop{{Place: 5, Windows: []Window{{To: 450}}}}}, {Load: []int64{7}, Delivery: drop(1), Skills: Cold},
		{Load: []int64{1}, Delivery: drop(2)}}
	plan, err := p.Timetable(map[int][]Visit{0: {{Job: 0}, {Job: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	broken := Verify(p, plan)
	for _, want := range []Breach{{Capacity, 0, -1, 0, 4}, {WindowMissed, 0, 0, 0, 50}, {NoSkill, 0, 1, 1, 0}} {
		if !slices.Contains(broken, want) {
			t.Errorf("%v is not among %v", want, broken)
		}
	}
	if !slices.Equal(plan.LeftOut, []int{2}) {
		t.Errorf("left out %v", plan.LeftOut)
	}
	if _, err := p.Timetable(map[int][]Visit{0: {{Job: 9}}}); err == nil {
		t.Error("job 9 does not exist")
	}
}

// The same search that may go on for longer never ends worse: what it has found stays.
func TestMoreTimeIsNeverWorse(t *testing.T) {
	for seed := range int64(3) {
		last := Score{LeftOut: 1 << 40}
		for _, ticks := range []int{3, 12, 40, 120, 400} {
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			clock := func() time.Duration { // a tick each time it is looked at
				if n++; n > ticks {
					cancel()
				}
				return time.Duration(n) * time.Millisecond
			}
			res, err := Solve(ctx, city(6, 40, 11), Options{Seed: seed, Budget: 400 * time.Millisecond, Clock: clock})
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			if last.Less(res.Score) {
				t.Errorf("seed %d: %+v after %d ticks, %+v before", seed, res.Score, ticks, last)
			}
			last = res.Score
		}
	}
}

// TestCancelEndsTheSearch: the plan of that moment is given, and it holds.
func TestCancelEndsTheSearch(t *testing.T) {
	p := city(20, 150, 4)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	res, err := Solve(ctx, p, Options{Seed: 1, Budget: time.Hour})
	if err != nil || !res.Canceled || len(res.LeftOut) > 0 {
		t.Fatalf("%v, %+v", err, res)
	}
	if broken := Verify(p, res.Plan); len(broken) > 0 {
		t.Error(broken)
	}
}
