package replenishment_test

import (
	"testing"

	"milkrun/replenishment"
)

// TestWaysOut works the ways out by hand: 200 pieces bought at 10.00 and sold at 20.00, of which the site sells 2 a day.
func TestWaysOut(t *testing.T) {
	s := replenishment.Suggestion{Pieces: 200, Unit: 1000, Reason: replenishment.ReasonExcess}
	s.Kind, s.Site = replenishment.Clear, 1
	s.Explanation.Inputs.Price = 2000
	levels := []replenishment.WaterLevel{{Site: 1, PerDay: 2, OwnPerDay: 2}, {Site: 2, PerDay: 5, OwnPerDay: 5, Position: 100, LeadDays: 10}}
	got := map[replenishment.Way]replenishment.Exit{}
	all := replenishment.Exits(s, levels, today, replenishment.DefaultExitRates())
	for _, e := range all {
		got[e.Way] = e
	}
	// 1.2 pieces more a day for 60 days at 14.00, less 6.00 on each of the 120 that would have sold anyway.
	if e := got[replenishment.WayMarkdown]; e.Pieces != 72 || e.Recover != 72*1400-120*600 {
		t.Errorf("markdown %+v", e)
	}
	// 5 a day for the 50 days after the trip, less the 100 that are there: 150 pieces at their cost, less 1 %.
	if e := got[replenishment.WayMove]; e.Pieces != 150 || e.Site != 2 || e.Recover != 148_500 {
		t.Errorf("move %+v", e)
	}
	if e := got[replenishment.WayReturn]; e.Pieces != 200 || e.Recover != 120_000 {
		t.Errorf("return %+v", e)
	}
	if all[0].Way != replenishment.WayMove {
		t.Errorf("the best first: %+v", all)
	}
	s.Reason, s.OrderBy = replenishment.ReasonExpiry, today.AddDays(9)
	for _, e := range replenishment.Exits(s, levels, today, replenishment.DefaultExitRates()) {
		if e.Way == replenishment.WayReturn || e.Way == replenishment.WayMove || e.Days > 10 {
			t.Errorf("ten days are left: %+v", e)
		}
	}
	s.Kind = replenishment.Buy
	if e := replenishment.Exits(s, levels, today, replenishment.DefaultExitRates()); e != nil {
		t.Errorf("a purchase has no way out: %+v", e)
	}
}
