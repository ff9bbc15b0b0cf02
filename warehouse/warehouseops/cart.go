package warehouseops

import (
	"cmp"
	"slices"

	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// batchStops bounds a task in which all shipments of one line share a tote.
const batchStops = 40

// carts cuts what a wave holds into picking tasks. Shipments of one line are picked together into one tote and told apart at
// the bench; the others each get a tote, and those that walk to the same bins stand on the same cart.
func carts(rule warehouse.WaveRule, single bool, content []warehousedb.ToPick) []warehousedb.NewTask {
	if len(content) == 0 {
		return nil
	}
	var tasks []warehousedb.NewTask
	if single {
		slices.SortStableFunc(content, byPlace)
		for part := range slices.Chunk(content, batchStops) {
			t := warehousedb.NewTask{Mode: "batch", Totes: []int64{0}}
			for _, p := range part {
				t.Stops = append(t.Stops, warehousedb.NewStop{ToPick: p, Place: 1})
			}
			tasks = append(tasks, walk(t))
		}
		return tasks
	}
	byShipment := map[int64][]warehousedb.ToPick{}
	var order []int64
	for _, p := range content {
		if _, seen := byShipment[p.Shipment]; !seen {
			order = append(order, p.Shipment)
		}
		byShipment[p.Shipment] = append(byShipment[p.Shipment], p)
	}
	for _, s := range byShipment {
		slices.SortStableFunc(s, byPlace)
	}
	slices.SortStableFunc(order, func(a, b int64) int {
		return cmp.Or(byPlace(byShipment[a][0], byShipment[b][0]), cmp.Compare(a, b))
	})
	for part := range slices.Chunk(order, max(1, rule.Totes)) {
		t := warehousedb.NewTask{Mode: "cluster", Totes: part}
		for place, id := range part {
			for _, p := range byShipment[id] {
				t.Stops = append(t.Stops, warehousedb.NewStop{ToPick: p, Place: place + 1})
			}
		}
		tasks = append(tasks, walk(t))
	}
	return tasks
}

// byPlace is the order of an S through the aisles: up one, down the next.
func byPlace(a, b warehousedb.ToPick) int {
	along := cmp.Compare(a.Bay, b.Bay)
	if a.Aisle == b.Aisle && a.Aisle%2 == 0 {
		along = -along
	}
	return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Aisle, b.Aisle), along, cmp.Compare(a.Bin, b.Bin), cmp.Compare(a.LotID, b.LotID), cmp.Compare(a.SKU, b.SKU))
}

// walk puts the stops of a task into the order of the path, and adds up its length.
func walk(t warehousedb.NewTask) warehousedb.NewTask {
	slices.SortStableFunc(t.Stops, func(a, b warehousedb.NewStop) int {
		return cmp.Or(byPlace(a.ToPick, b.ToPick), cmp.Compare(a.Place, b.Place))
	})
	for i, s := range t.Stops {
		if i == 0 {
			continue
		}
		was := t.Stops[i-1]
		t.Metres += 3*abs(s.Aisle-was.Aisle) + abs(s.Bay-was.Bay)
	}
	return t
}

func abs(n int) int { return max(n, -n) }
