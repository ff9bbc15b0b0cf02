package replenishment_test

import (
	"testing"

	"milkrun/replenishment"
)

// TestNewGoodsArePlannedLikeOthers: with half the demand of others a new SKU is bought, with more safety than a known one.
func TestNewGoodsArePlannedLikeOthers(t *testing.T) {
	known := teether()
	in := known
	in.Demand, in.Launch = nil, replenishment.Launch{Like: known.Demand, Ratio: 0.5}
	r := replenishment.Plan(in)
	b := find(r, replenishment.Buy, jiaxing)
	if len(b) != 1 || b[0].Explanation.Inputs.Model != "look_alike" {
		t.Fatalf("%s", brief(r))
	}
	was, is := levelOf(t, replenishment.Plan(known), jiaxing), levelOf(t, r, jiaxing)
	if ratio := is.PerDay / was.PerDay; ratio < 0.49 || ratio > 0.51 {
		t.Errorf("sells %v of the others'", ratio)
	}
	if is.Echelon.SafetyPieces*2 <= was.Echelon.SafetyPieces {
		t.Errorf("safety stock %d of a guess, %d of a known one twice the size", is.Echelon.SafetyPieces, was.Echelon.SafetyPieces)
	}
	// A forecast of its own goes before the likeness.
	both := known
	both.Launch = in.Launch
	if a := levelOf(t, replenishment.Plan(both), jiaxing); a.PerDay != was.PerDay {
		t.Errorf("%v a day, the forecast says %v", a.PerDay, was.PerDay)
	}
}

// TestPledgesAreBought: what is sold in advance is needed on its day. The interval ends a little sooner than before: the
// pledges leave from Jiaxing itself, without the way to a front.
func TestPledgesAreBought(t *testing.T) {
	in := teether()
	was := levelOf(t, replenishment.Plan(in), jiaxing)
	in.Launch.Pledges = []replenishment.Pledge{{Site: jiaxing, Day: in.Today.AddDays(5), Pieces: 700}, {Site: jiaxing, Day: in.Today.AddDays(6), Pieces: 300}}
	is := levelOf(t, replenishment.Plan(in), jiaxing)
	if d := is.Echelon.DemandOverProtection - was.Echelon.DemandOverProtection; d < 980 || d > 1000 {
		t.Errorf("%d pieces more are expected, 1,000 are pledged", d)
	}
}
