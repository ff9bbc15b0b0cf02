package instance

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"milkrun/routing/solver"
)

const tinyPairs = "2 10 1\n0 0 0 0 0 99 0 0 0\n1 1 0 5 0 99 0 0 3\n2 2 0 6 0 99 0 0 4\n3 3 0 -5 0 99 0 1 0\n4 4 0 -6 0 99 0 2 0\n"

// TestSolutionsAreReadBack solves, writes, reads and times again.
func TestSolutionsAreReadBack(t *testing.T) {
	for _, c := range []struct {
		name, text string
		conv       Convention
	}{
		{"pairs", tinyPairs, HierarchicalDouble},
		{"trips", "NAME : a\nDIMENSION : 4\nVEHICLES: 2\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 3 4\n3 6 8\n4 1 0\nDEMAND_SECTION\n1 0\n2 2\n3 2\n4 3\n" +
			"TIME_WINDOW_SECTION\n1 0 99\n2 0 99\n3 0 99\n4 0 99\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2 1\nDEPOT_SECTION\n1\n-1\nEOF\n", DistanceDIMACS10},
		{"depots", "NAME : a\nDIMENSION : 4\nVEHICLES: 3\nVEHICLES_MAX_DURATION: 50\nCAPACITY : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 30 40\n3 6 8\n4 30 41\nDEMAND_SECTION\n1 0\n2 0\n3 2\n4 3\n" +
			"TIME_WINDOW_SECTION\n1 0 99\n2 0 99\n3 0 99\n4 0 99\nVEHICLES_DEPOT_SECTION\n1 1\n2 1\n3 2\nDEPOT_SECTION\n1\n2\n-1\nEOF\n", DistanceExact},
	} {
		f, err := Read(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Problem(c.conv)
		if err != nil {
			t.Fatal(err)
		}
		res, err := solver.Solve(t.Context(), p, solver.Options{Iterations: 100})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := f.WriteSolution(&b, c.conv, f.Routes(p, res.Plan)); err != nil {
			t.Fatal(err)
		}
		routes, cost, err := f.ReadSolution(strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%s: %v in\n%s", c.name, err, b.String())
		}
		plan, err := p.Timetable(f.Rounds(routes))
		if err != nil {
			t.Fatal(err)
		}
		if broken := solver.Verify(p, plan); len(broken) > 0 || plan.Score != res.Score || c.conv.Distance(f, routes) != cost {
			t.Errorf("%s: %v, %+v where %+v was written, cost %g in\n%s", c.name, broken, plan.Score, res.Score, cost, b.String())
		}
		if c.name != "pairs" && !reflect.DeepEqual(plan.Routes, res.Routes) {
			t.Errorf("%s: %+v was %+v", c.name, plan.Routes, res.Routes)
		}
	}
}

func TestFaultsOfSolutionsNameTheLine(t *testing.T) {
	f, err := Read(strings.NewReader(tinyPairs))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"", "no line Route #1"},
		{"Route #1: 1 3\nRoute #2: 2 x\n", `line 2: customer "x" is not a number`},
		{"\nRoute #1: 1 5\n", "line 2: there is no customer 5"},
		{"Route #1: 1 0 3\n", "line 1: there is no customer 0"},
		{"Route #1 1 3\n", "line 1: no colon"},
		{"Route #1: 1\nRoute #2: 2\nRoute #3: 3\n", "line 3: route 3 of 2 vehicles"},
		{"Route #1: 1 3\nCost much\n", `line 2: the cost "much" is not a number`},
		{"Round 1\n", "line 1: \"Round 1\" where a line Route"},
	} {
		if _, _, err := f.ReadSolution(strings.NewReader(c.text)); err == nil || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// FuzzReadSolution: whatever can be read can be timed and checked.
func FuzzReadSolution(f *testing.F) {
	f.Add("Route #1: 1 3\nRoute #2: 2 4\nCost 14\n")
	f.Add("# by hand\nRoute #1: 4 4 1\n\nCost 1e3")
	file, err := Read(strings.NewReader(tinyPairs))
	if err != nil {
		f.Fatal(err)
	}
	p, err := file.Problem(HierarchicalDouble)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		routes, _, err := file.ReadSolution(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Errorf("%v is no ErrFormat", err)
			}
			return
		}
		plan, err := p.Timetable(file.Rounds(routes))
		if err != nil {
			t.Fatal(err)
		}
		solver.Verify(p, plan)
	})
}
