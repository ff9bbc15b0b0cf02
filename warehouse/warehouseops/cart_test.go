package warehouseops

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// content makes what a wave of so many shipments wants, in two zones whose aisles are numbered alike.
func content(shipments int) []warehousedb.ToPick {
	rng := rand.New(rand.NewPCG(5, uint64(shipments)))
	var all []warehousedb.ToPick
	for s := range shipments {
		for range 1 + rng.IntN(4) {
			p := warehousedb.ToPick{Allocation: int64(len(all) + 1), Shipment: int64(s + 1), SKU: catalog.SKUID(rng.IntN(50)), Pieces: 1,
				Zone: []string{"A", "C"}[rng.IntN(2)], Aisle: 1 + rng.IntN(6), Bay: 1 + rng.IntN(15), Level: rng.IntN(4), Side: rng.IntN(2)}
			p.Bin = fmt.Sprintf("%s%02d-%02d-%d%d", p.Zone, p.Aisle, p.Bay, p.Level, p.Side)
			all = append(all, p)
		}
	}
	all = append(all, warehousedb.ToPick{Allocation: int64(len(all) + 1), Shipment: 1, Pieces: 1, Bin: "FLOOR"})
	return all
}

// Every piece is picked once, a shipment has one tote of one cart, a bin is walked to once a task, and the zones are not mixed.
func TestCarts(t *testing.T) {
	rule := warehouse.DefaultWaveRule(1)
	for _, n := range []int{1, 5, 60} {
		want := content(n)
		seen := map[int64]bool{}
		cartOf := map[int64]int{}
		metres := 0
		for i, task := range carts(rule, false, slices.Clone(want)) {
			if len(task.Totes) == 0 || len(task.Totes) > rule.Totes {
				t.Fatalf("%d totes", len(task.Totes))
			}
			for _, s := range task.Totes {
				if _, twice := cartOf[s]; twice {
					t.Errorf("shipment %d is on two carts", s)
				}
				cartOf[s] = i
			}
			var bins, zones []string
			for _, s := range task.Stops {
				if seen[s.Allocation] || task.Totes[s.Place-1] != s.Shipment {
					t.Fatalf("stop %+v on totes %v", s, task.Totes)
				}
				seen[s.Allocation] = true
				if len(bins) == 0 || bins[len(bins)-1] != s.Bin {
					bins = append(bins, s.Bin)
				}
				if len(zones) == 0 || zones[len(zones)-1] != s.Zone {
					zones = append(zones, s.Zone)
				}
			}
			for _, list := range [][]string{bins, zones} {
				sorted := slices.Sorted(slices.Values(list))
				if len(slices.Compact(sorted)) != len(list) {
					t.Errorf("walked to twice in %v", list)
				}
			}
			metres += task.Metres
		}
		if len(seen) != len(want) || len(cartOf) != n || metres == 0 && n > 1 {
			t.Errorf("%d of %d stops, %d of %d shipments, %d m", len(seen), len(want), len(cartOf), n, metres)
		}
	}
	for _, task := range carts(rule, true, content(30)) {
		if task.Mode != "batch" || len(task.Stops) > batchStops || len(task.Totes) != 1 {
			t.Errorf("%+v", task)
		}
	}
	if carts(rule, false, nil) != nil {
		t.Error("tasks of nothing")
	}
}
