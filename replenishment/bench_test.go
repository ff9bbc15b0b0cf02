package replenishment_test

import (
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// fourteen is one item over the fourteen sites of a house of five tiers, with gaps, transfers and purchases to find.
func fourteen() replenishment.Snapshot {
	in := teether()
	in.Sites, in.Lanes, in.Demand, in.Positions = nil, nil, nil, nil
	add := func(id catalog.SiteID, tier catalog.Tier, rate float64, stock quantity.Pieces, froms ...catalog.SiteID) {
		in.Sites = append(in.Sites, site(id, "S", "仓", tier))
		if rate > 0 {
			in.Demand = append(in.Demand, flat(id, 90, rate, rate/3))
		}
		in.Positions = append(in.Positions, replenishment.Position{Site: id, OnHand: stock, Reserved: stock / 20})
		for i, f := range froms {
			in.Lanes = append(in.Lanes, lane(f, id, float64(1+i), 0.3, i+1))
		}
	}
	add(1, catalog.Overseas, 0, 0)
	add(2, catalog.Overseas, 0, 0)
	add(3, catalog.Bonded, 0, 0, 1, 2)
	add(4, catalog.Bonded, 0, 0, 2, 1)
	add(10, catalog.Regional, 40, 300, 3, 4, 11)
	add(11, catalog.Regional, 30, 2500, 4, 3, 10)
	add(12, catalog.Regional, 25, 150, 3, 4, 11)
	for i := range catalog.SiteID(5) {
		add(20+i, catalog.Front, 12+float64(i), 30+40*quantity.Pieces(i), 10+i%3, 10+(i+1)%3)
	}
	add(30, catalog.Station, 4, 3, 20)
	add(31, catalog.Station, 3, 40, 21)
	return in
}

func BenchmarkPlanFourteenSites(b *testing.B) {
	in := fourteen()
	b.ReportAllocs()
	for b.Loop() {
		replenishment.Plan(in)
	}
}

// BenchmarkPlanCalm is the usual case: nothing to do.
func BenchmarkPlanCalm(b *testing.B) {
	in := fourteen()
	for i := range in.Positions {
		in.Positions[i].OnHand = 120
	}
	for i := range in.Demand {
		for k := range in.Demand[i].Mean {
			in.Demand[i].Mean[k] /= 10
			in.Demand[i].CumSD[k] /= 10
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		replenishment.Plan(in)
	}
}
