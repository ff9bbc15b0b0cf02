package simulation_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"milkrun/replenishment/simulation"
)

// seed1 loads the reference world of the test data.
func seed1(t testing.TB) *simulation.World {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	w, err := simulation.Load(filepath.Join(dir, "replenishment", "sim", "seed1"))
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("NO TEST DATA: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func play(t testing.TB, w *simulation.World, p simulation.Policy) simulation.Metrics {
	t.Helper()
	m, err := simulation.Run(context.Background(), w, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestReferenceTable holds both textbook policies against the table of SIMULATION.md of the test data, to its last digit.
func TestReferenceTable(t *testing.T) {
	w := seed1(t)
	for _, c := range []struct {
		name   string
		policy simulation.Policy
		want   map[string]float64
	}{
		{"naive", simulation.Naive{}, map[string]float64{"fill": .8144, "stockout": .1588, "core": .0727, "turns": 7.66, "slow": .152,
			"over": 714_410, "writeoff": 242_110, "restock": .716, "total": 5_070_632}},
		{"rop", simulation.ReorderPoint{}, map[string]float64{"fill": .9068, "stockout": .0395, "core": .0184, "turns": 9.11, "slow": .209,
			"over": 812_041, "writeoff": 96_153, "restock": .829, "total": 3_145_393}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := play(t, w, c.policy)
			got := map[string]float64{"fill": m.UnitFillRate, "stockout": m.StockoutRate, "core": m.CoreStockout, "turns": m.Turns,
				"slow": m.SlowShare, "over": m.AvgOverstock, "writeoff": m.WriteOff, "restock": m.RestockedShare, "total": m.TotalCost}
			for k, want := range c.want {
				digit := 1.0 // half a unit of the last digit printed
				switch k {
				case "fill", "stockout", "core":
					digit = 1e-4
				case "turns":
					digit = 1e-2
				case "slow", "restock":
					digit = 1e-3
				}
				if math.Abs(got[k]-want) > digit/2+1e-9 {
					t.Errorf("%s = %v, want %v", k, got[k], want)
				}
			}
		})
	}
}
