package milkrun_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/routing/milkrun"
	"milkrun/routing/solver"
)

const hour = 3600

// day is a regional warehouse with three docks 20, 40 and 60 km to the north.
func day() milkrun.Day {
	d := milkrun.Day{Reload: 1800, Budget: 200 * time.Millisecond, Iterations: 300, Seed: 1}
	points := []solver.Point{{Lat: 30.75, Lon: 120.75}}
	for i := range 3 {
		at := solver.Point{Lat: 30.75 + .18*float64(i+1), Lon: 120.75}
		points = append(points, at)
		d.Docks = append(d.Docks, milkrun.Dock{Door: at, Windows: [][2]int64{{6 * hour, 10 * hour}, {14 * hour, 16 * hour}}, Unload: 600})
	}
	d.Ways = solver.Straight(points, 1.3, 50, 0)
	d.Vans = []milkrun.Van{{ID: 1, From: 5 * hour, To: 17 * hour, Grams: 1_500_000, Millilitre: 8_000_000, Fixed: 20_000, PerHour: 4000, PerKm: 180},
		{ID: 2, From: 5 * hour, To: 17 * hour, Grams: 1_000_000, Millilitre: 6_000_000, Cold: true, Fixed: 30_000, PerHour: 4500, PerKm: 220}}
	return d
}

func make1(t interface{ Fatal(...any) }, d milkrun.Day) milkrun.Plan {
	p, err := d.Make(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOneRunBringsWhatFits(t *testing.T) {
	d := day()
	d.Loads = []milkrun.Load{{ID: 11, Dock: 0, Grams: 200_000, Millilitre: 500_000}, {ID: 12, Dock: 1, Grams: 300_000, Millilitre: 900_000}, {ID: 13, Dock: 2, Grams: 100_000, Millilitre: 300_000},
		{ID: 14, Dock: 1, Grams: 50_000, Millilitre: 90_000}}
	p := make1(t, d)
	if len(p.Runs) != 1 || len(p.LeftOut) != 0 || len(p.Runs[0].Stops) != 3 || p.Runs[0].Van != 1 {
		t.Fatalf("%+v", p)
	}
	r := p.Runs[0]
	for _, s := range r.Stops {
		if s.Begin < 6*hour || s.Begin > 10*hour || s.Leave <= s.Begin || s.Arrive > s.Begin {
			t.Errorf("%+v is outside of its window", s)
		}
	}
	if i := slices.IndexFunc(r.Stops, func(s milkrun.Stop) bool { return s.Dock == 1 }); len(r.Stops[i].Loads) != 2 {
		t.Errorf("the loads of a dock are not together: %+v", r.Stops)
	}
	// Out and back along one line: twice 60 km with the detour.
	if far := 2 * 1.3 * 60_045.; float64(r.Metres) < far-200 || float64(r.Metres) > far+200 {
		t.Errorf("%d m", r.Metres)
	}
	if r.Cost != 20_000+((r.Back-r.Leaves)*4000+1800)/3600+(r.Metres*180+500)/1000 {
		t.Errorf("%d fen", r.Cost)
	}
}

func TestColdGoodsRideCold(t *testing.T) {
	d := day()
	d.Loads = []milkrun.Load{{ID: 1, Dock: 0, Grams: 900_000, Millilitre: 900_000, Cold: true}, {ID: 2, Dock: 0, Grams: 900_000, Millilitre: 900_000, Cold: true}, {ID: 3, Dock: 2, Grams: 1_400_000, Millilitre: 1}}
	p := make1(t, d)
	if len(p.LeftOut) != 0 || len(p.Runs) != 3 {
		t.Fatalf("%+v", p)
	}
	for _, r := range p.Runs {
		for _, s := range r.Stops {
			for _, l := range s.Loads {
				if (l == 3) != (r.Van == 1) {
					t.Errorf("load %d in van %d", l, r.Van)
				}
			}
		}
	}
	d.Vans = d.Vans[:1]
	p = make1(t, d)
	if len(p.LeftOut) != 2 || p.LeftOut[0].Why != solver.NoSkill || p.LeftOut[0].Van != 0 {
		t.Errorf("%+v", p.LeftOut)
	}
}

func TestWhatStaysSaysWhy(t *testing.T) {
	d := day()
	d.Loads = []milkrun.Load{{ID: 1, Dock: 0, Grams: 1_700_000, Millilitre: 1}}
	p := make1(t, d)
	if len(p.LeftOut) != 1 || p.LeftOut[0].Why != solver.Capacity || p.LeftOut[0].Van != 1 || p.LeftOut[0].By != 200_000 {
		t.Errorf("%+v", p.LeftOut)
	}
	d = day()
	d.Loads = []milkrun.Load{{ID: 1, Dock: 2, Grams: 1, Millilitre: 1}}
	d.Docks[2].Windows = [][2]int64{{5 * hour, 6 * hour}}
	if p = make1(t, d); len(p.LeftOut) != 1 || p.LeftOut[0].Why != solver.WindowMissed || p.LeftOut[0].By <= 0 {
		t.Errorf("%+v", p.LeftOut)
	}
	d.Vans = nil
	if p = make1(t, d); len(p.LeftOut) != 1 || len(p.Runs) != 0 {
		t.Errorf("%+v", p)
	}
	d.Loads = nil
	if p = make1(t, d); len(p.LeftOut) != 0 {
		t.Errorf("%+v", p)
	}
}

// Every load is brought once or left out with a reason, no run carries more than its van takes, no stop lies outside of its windows.
func TestEveryPlanHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := day()
		d.Iterations, d.Seed = 60, rapid.Int64().Draw(t, "seed")
		n := rapid.IntRange(1, 14).Draw(t, "loads")
		for i := range n {
			d.Loads = append(d.Loads, milkrun.Load{ID: int64(i + 1), Dock: rapid.IntRange(0, 2).Draw(t, "dock"), Grams: rapid.Int64Range(1, 1_200_000).Draw(t, "grams"),
				Millilitre: rapid.Int64Range(1, 3_000_000).Draw(t, "ml"), Cold: rapid.Bool().Draw(t, "cold"), Priority: rapid.IntRange(0, 2).Draw(t, "priority")})
		}
		p := make1(t, d)
		seen := map[int64]int{}
		for _, m := range p.LeftOut {
			seen[m.Load]++
			if m.Why == "" {
				t.Fatalf("load %d stays without a reason", m.Load)
			}
		}
		for _, r := range p.Runs {
			van := d.Vans[r.Van-1]
			var grams, ml int64
			at := r.Leaves
			for _, s := range r.Stops {
				if s.Arrive < at || s.Begin < s.Arrive || s.Leave < s.Begin || !slices.ContainsFunc(d.Docks[s.Dock].Windows, func(w [2]int64) bool { return w[0] <= s.Begin && s.Begin <= w[1] }) {
					t.Fatalf("%+v after %d", s, at)
				}
				at = s.Leave
				for _, id := range s.Loads {
					seen[id]++
					l := d.Loads[id-1]
					grams, ml = grams+l.Grams, ml+l.Millilitre
					if l.Dock != s.Dock || l.Cold && !van.Cold {
						t.Fatalf("load %+v at dock %d in van %d", l, s.Dock, r.Van)
					}
				}
			}
			if grams > van.Grams || ml > van.Millilitre || r.Back < at || r.Leaves < van.From || r.Back > van.To {
				t.Fatalf("run %+v of van %+v", r, van)
			}
		}
		for i := range n {
			if seen[int64(i+1)] != 1 {
				t.Fatalf("load %d stands %d times", i+1, seen[int64(i+1)])
			}
		}
	})
}
