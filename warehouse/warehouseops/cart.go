package warehouseops

import (
	"cmp"
	"maps"
	"slices"

	"milkrun/warehouse"
	"milkrun/warehouse/picking"
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
	jobs := make([]picking.Job, len(order))
	area := areaOf(content)
	for i, id := range order {
		jobs[i].ID = id
		for _, p := range byShipment[id] {
			jobs[i].Places = append(jobs[i].Places, area.place(p))
		}
	}
	for _, round := range picking.Cluster(area.layout, jobs, picking.Cart{Totes: max(1, rule.Totes)}) {
		t := warehousedb.NewTask{Mode: "cluster"}
		for _, slot := range round.Slots {
			id := order[slot.Job]
			t.Totes = append(t.Totes, id)
			for _, p := range byShipment[id] {
				t.Stops = append(t.Stops, warehousedb.NewStop{ToPick: p, Place: slot.Tote})
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

// area is where the stops of a wave lie: the zones stand beside each other, each with its own aisles.
type area struct {
	layout picking.Layout
	offset map[string]int // of a zone's first aisle
}

func areaOf(content []warehousedb.ToPick) area {
	aisles := map[string]int{}
	for _, p := range content {
		aisles[p.Zone] = max(aisles[p.Zone], p.Aisle)
	}
	a := area{offset: map[string]int{}}
	next := 0
	for _, zone := range slices.Sorted(maps.Keys(aisles)) {
		a.offset[zone] = next
		next += aisles[zone]
	}
	places := make([]picking.Place, len(content))
	for i, p := range content {
		places[i] = a.place(p)
	}
	a.layout = picking.Around(places)
	return a
}

// place gives where a stop lies. One in no rack is at the bench.
func (a area) place(p warehousedb.ToPick) picking.Place {
	at := picking.Place{Bay: p.Bay, Level: p.Level, Side: p.Side}
	if p.Aisle > 0 {
		at.Aisle = a.offset[p.Zone] + p.Aisle
	}
	return at
}

// walk puts the stops of a task into the order of the shortest path, zone by zone, and adds up its length.
func walk(t warehousedb.NewTask) warehousedb.NewTask {
	slices.SortStableFunc(t.Stops, func(a, b warehousedb.NewStop) int {
		return cmp.Or(byPlace(a.ToPick, b.ToPick), cmp.Compare(a.Place, b.Place))
	})
	stops, cm := make([]warehousedb.NewStop, 0, len(t.Stops)), 0
	for from := 0; from < len(t.Stops); {
		to := from
		for to < len(t.Stops) && t.Stops[to].Zone == t.Stops[from].Zone {
			to++
		}
		zone := t.Stops[from:to]
		places := make([]picking.Place, len(zone))
		for i, s := range zone {
			places[i] = picking.Place{Aisle: s.Aisle, Bay: s.Bay, Level: s.Level, Side: s.Side}
		}
		r := picking.Plan(picking.Around(places), places)
		for _, i := range r.Order {
			stops = append(stops, zone[i])
		}
		cm += r.CM
		from = to
	}
	t.Stops, t.Metres = stops, (cm+50)/100
	return t
}
