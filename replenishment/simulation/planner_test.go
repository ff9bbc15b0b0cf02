package simulation_test

import (
	"math"
	"testing"

	"milkrun/replenishment"
	"milkrun/replenishment/simulation"
)

// limits are what a run of the planner must keep.
type limits struct{ out, core, turns, slow, over, restock, cost float64 }

func (l limits) check(t *testing.T, naive, rop, m simulation.Metrics) {
	t.Helper()
	over, cost := m.AvgOverstock/naive.AvgOverstock-1, m.TotalCost/naive.TotalCost
	t.Logf("stock-out %.2f %%, core %.2f %%, turns %.2f, slow %.2f %%, overstock %+.0f %%, 72 h %.1f %%, cost %.1f %% (rop %.1f %%)", 100*m.StockoutRate,
		100*m.CoreStockout, m.Turns, 100*m.SlowShare, 100*over, 100*m.RestockedShare, 100*cost, 100*rop.TotalCost/naive.TotalCost)
	for _, c := range []struct {
		name     string
		got, max float64
	}{
		{"stock-out rate", m.StockoutRate, l.out}, {"core stock-out", m.CoreStockout, l.core}, {"turns (negative)", -m.Turns, -l.turns},
		{"slow share", m.SlowShare, l.slow}, {"overstock against naive", over, l.over},
		{"restocked in 72 h (negative)", -m.RestockedShare, -l.restock}, {"cost against naive", cost, l.cost},
		{"cost against rop", m.TotalCost / rop.TotalCost, 1},
	} {
		if c.got > c.max {
			t.Errorf("%s: %.4f, at most %.4f", c.name, c.got, c.max)
		}
	}
}

// goal is what the planner is built to reach.
var goal = limits{out: .02, core: .015, turns: 14, slow: .08, over: -.4, restock: .9, cost: .52}

func TestPlannerOnTheReferenceWorld(t *testing.T) {
	w := seed1(t)
	goal.check(t, play(t, w, simulation.Naive{}), play(t, w, simulation.ReorderPoint{}), play(t, w, simulation.NewPlanner(w, replenishment.DefaultSettings())))
}

func TestPlannerOnAGeneratedWorld(t *testing.T) {
	w := simulation.Generate(simulation.DefaultParams(206))
	goal.check(t, play(t, w, simulation.Naive{}), play(t, w, simulation.ReorderPoint{}), play(t, w, simulation.NewPlanner(w, replenishment.DefaultSettings())))
}

func TestWorldSurvivesItsFiles(t *testing.T) {
	w := simulation.Generate(simulation.DefaultParams(7))
	dir := t.TempDir()
	if err := w.Save(dir); err != nil {
		t.Fatal(err)
	}
	back, err := simulation.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, b := play(t, w, simulation.ReorderPoint{}), play(t, back, simulation.ReorderPoint{})
	if a.TotalCost != b.TotalCost || a.StockoutRate != b.StockoutRate {
		t.Errorf("before %+v, after %+v", a, b)
	}
}

// TestGeneratedWorldsAreWhatTheyShouldBe looks at what a generated world shows from outside: one heat signal in four
// without demand after it is drawn per signal, so the share of the whole is near it.
func TestGeneratedWorldsAreWhatTheyShouldBe(t *testing.T) {
	w := simulation.Generate(simulation.DefaultParams(11))
	again := simulation.Generate(simulation.DefaultParams(11))
	other := simulation.Generate(simulation.DefaultParams(12))
	if w.Demand[3][1][77] != again.Demand[3][1][77] || len(w.Promo) == 0 {
		t.Error("the same seed gives another world")
	}
	same := true
	for d := range 50 {
		same = same && w.Demand[0][0][d] == other.Demand[0][0][d]
	}
	if same {
		t.Error("another seed gives the same demand")
	}
	for l := range w.Lead {
		sum := 0
		for _, d := range w.Lead[l] {
			sum += d
		}
		if mean, want := float64(sum)/float64(len(w.Lead[l])), [...]float64{28, 8, 9, 2, 2, 3}[l]; math.Abs(mean-want) > 0.1*want {
			t.Errorf("%s takes %.2f days, want about %.0f", simulation.Lane(l), mean, want)
		}
	}
}

// spy checks at each step that a policy sees no day that has not come.
type spy struct{ t *testing.T }

func (s spy) Act(d *simulation.Desk) {
	n := d.Day() + 1
	for f := range simulation.Fronts {
		if len(d.Sales(f)) != n || len(d.SoldOut(f)) != n {
			s.t.Errorf("day %d: %d days of sales, %d of sold out", d.Day(), len(d.Sales(f)), len(d.SoldOut(f)))
		}
	}
	if len(d.Heat()) != n || len(d.Cleared()) != n {
		s.t.Errorf("day %d: heat of %d days", d.Day(), len(d.Heat()))
	}
	for l := range simulation.Lane(simulation.Lanes) {
		if st := d.Lead(l); !(st.Mean >= 1) || st.Remaining(400) != 1 || st.Remaining(0) < 1 {
			s.t.Errorf("day %d, %s: %+v", d.Day(), l, st)
		}
	}
}

func TestPolicySeesOnlyThePast(t *testing.T) {
	w := simulation.Generate(simulation.DefaultParams(3))
	play(t, w, spy{t})
	// What lies ahead does not change what was decided before it: the first weeks cost the same in a world whose end differs.
	short := *w
	short.SimDays = 120
	long := short
	long.Demand = append([][simulation.Fronts][]int(nil), w.Demand...)
	long.Heat = append([][]float64(nil), w.Heat...)
	for i := range long.Demand {
		for f := range long.Demand[i] {
			days := append([]int(nil), long.Demand[i][f]...)
			for d := short.WarmDays + short.SimDays; d < len(days); d++ {
				days[d] = 0
			}
			long.Demand[i][f] = days
		}
		heat := append([]float64(nil), long.Heat[i]...)
		for d := short.WarmDays + short.SimDays; d < len(heat); d++ {
			heat[d] = 9
		}
		long.Heat[i] = heat
	}
	if a, b := play(t, &short, simulation.NewPlanner(&short, replenishment.DefaultSettings())), play(t, &long, simulation.NewPlanner(&long, replenishment.DefaultSettings())); a.TotalCost != b.TotalCost {
		t.Errorf("the future changes the past: %v, %v", a.TotalCost, b.TotalCost)
	}
}
