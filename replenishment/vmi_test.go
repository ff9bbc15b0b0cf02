package replenishment_test

import (
	"testing"

	"pgregory.net/rapid"

	"milkrun/replenishment"
)

// TestSupplierSendsWhatThePlanBuys: where nothing but the minimum and packs shapes the purchase, a supplier who keeps to
// the bounds sends what the plan would order.
func TestSupplierSendsWhatThePlanBuys(t *testing.T) {
	in := teether()
	r := replenishment.Plan(in)
	b := only(t, r, replenishment.Buy, jiaxing)
	for _, m := range replenishment.MinMaxes(in, r) {
		if m.Site != jiaxing {
			continue
		}
		if m.Supplier != b.Supplier || m.Send != b.Pieces || m.Min <= 0 || m.Max < m.Min {
			t.Errorf("%+v, the plan buys %d", m, b.Pieces)
		}
		return
	}
	t.Error("no bounds for Jiaxing")
}

func TestBoundsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		for _, m := range replenishment.MinMaxes(in, replenishment.Plan(in)) {
			if m.Min > m.Max || m.Send < 0 || m.Send > 0 && m.Position > m.Min {
				t.Errorf("%+v", m)
			}
		}
	})
}
