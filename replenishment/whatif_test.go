package replenishment_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

func compare(t testing.TB, in replenishment.Snapshot, c replenishment.Change, days int) replenishment.Comparison {
	t.Helper()
	got, err := replenishment.WhatIf(in, c, days, 12)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var closely = cmp.Options{cmpopts.IgnoreUnexported(replenishment.Scenario{})}

// TestNothingChangedIsTheSame: without a change both sides agree, at every call.
func TestNothingChangedIsTheSame(t *testing.T) {
	got := compare(t, teether(), replenishment.Change{}, 42)
	if d := cmp.Diff(got.Now, got.Then, closely); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(got, compare(t, teether(), replenishment.Change{}, 42), closely); d != "" {
		t.Error("another call answers something else:", d)
	}
	if len(got.Now.Stock) != 42 || got.Now.AvgStock <= 0 || got.Now.Cash <= 0 {
		t.Errorf("%+v", got.Now)
	}
}

func TestWhatIfMovesTheRightWay(t *testing.T) {
	base := compare(t, teether(), replenishment.Change{}, 56).Now
	more := compare(t, teether(), replenishment.Change{Service: 0.995}, 56)
	less := compare(t, teether(), replenishment.Change{Service: 0.7}, 56)
	if !(more.Then.Safety > base.Safety && base.Safety > less.Then.Safety) || more.Then.AvgStock < less.Then.AvgStock {
		t.Errorf("safety stock %v < %v < %v, stock %v, %v", less.Then.Safety, base.Safety, more.Then.Safety, less.Then.AvgStock, more.Then.AvgStock)
	}
	if less.Then.StockoutRate < more.Then.StockoutRate {
		t.Errorf("a lower target runs out less: %v, %v", less.Then.StockoutRate, more.Then.StockoutRate)
	}
	slow := compare(t, teether(), replenishment.Change{LeadDays: 20}, 56)
	if slow.Then.Safety <= base.Safety || slow.Then.LostMoney < base.LostMoney {
		t.Errorf("longer leads: %+v", slow.Then)
	}
	big := quantity.Pieces(20000)
	if c := compare(t, teether(), replenishment.Change{MOQ: &big}, 56); c.Then.Buys > base.Buys {
		t.Errorf("a greater minimum is ordered more often: %v against %v", c.Then.Buys, base.Buys)
	}
	out := compare(t, milk(), replenishment.Change{OutageFrom: 0, OutageDays: 60}, 56)
	if out.Then.Cash >= out.Now.Cash || out.Then.LostMoney <= out.Now.LostMoney {
		t.Errorf("an outage of all suppliers: cash %v of %v, lost %v of %v", out.Then.Cash, out.Now.Cash, out.Then.LostMoney, out.Now.LostMoney)
	}
	hot := compare(t, milk(), replenishment.Change{HeatPeak: 4, HeatFrom: 7, HeatDays: 10}, 56)
	if hot.Then.Cash <= hot.Now.Cash || hot.Then.LostMoney < hot.Now.LostMoney {
		t.Errorf("heat: cash %v of %v, lost %v of %v", hot.Then.Cash, hot.Now.Cash, hot.Then.LostMoney, hot.Now.LostMoney)
	}
}

func TestBadChangesAreRefused(t *testing.T) {
	moq := quantity.Pieces(-1)
	for field, c := range map[string]replenishment.Change{
		"service": {Service: 1}, "lead_days": {LeadDays: 1000}, "moq": {MOQ: &moq}, "outage_days": {OutageDays: -2}, "heat_peak": {HeatPeak: 1e9},
	} {
		if _, err := replenishment.WhatIf(milk(), c, 30, 1); !errors.Is(err, replenishment.ErrChange) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestWhatIfOfAnything: no snapshot breaks it, stock is never negative, and shares lie between 0 and 1.
func TestWhatIfOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		c := replenishment.Change{LeadDays: rapid.Float64Range(-5, 30).Draw(t, "lead"), OutageDays: rapid.IntRange(0, 20).Draw(t, "outage"),
			HeatPeak: rapid.Float64Range(0.5, 5).Draw(t, "heat"), HeatDays: 5}
		got, err := replenishment.WhatIf(in, c, 14, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []replenishment.Scenario{got.Now, got.Then} {
			if !(s.StockoutRate >= 0 && s.StockoutRate <= 1 && s.FillRate >= -1e-9 && s.FillRate <= 1) {
				t.Errorf("stock-out rate %v, fill rate %v", s.StockoutRate, s.FillRate)
			}
			for _, v := range s.Stock {
				if v < 0 {
					t.Errorf("stock %v", s.Stock)
				}
			}
		}
	})
}

func BenchmarkWhatIf(b *testing.B) {
	for b.Loop() {
		if _, err := replenishment.WhatIf(teether(), replenishment.Change{Service: 0.99}, 56, 12); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWhatIfAnotherSupplierIsUsual: a dearer supplier without a minimum costs more cash and less stock.
func TestWhatIfAnotherSupplierIsUsual(t *testing.T) {
	in := teether()
	other := in.Sources[0]
	other.Supplier, other.Code, other.Backup = quick, "quick", true
	other.LeadMean, other.LeadSD, other.MOQ, other.Pack = 3, 0.5, 0, 1
	other.Breaks = []catalog.PriceBreak{{From: 1, Price: 16_00}}
	in.Sources = []replenishment.Source{in.Sources[0], other}
	if u := replenishment.UsualSource(in.Sources); u != beili {
		t.Fatalf("usual: %d", u)
	}
	got, err := replenishment.WhatIf(in, replenishment.Change{Usual: quick}, 84, 4)
	if err != nil {
		t.Fatal(err)
	}
	if got.Then.AvgStock >= got.Now.AvgStock || got.Then.Safety >= got.Now.Safety {
		t.Errorf("stock %.0f after %.0f, safety %.0f after %.0f", got.Then.AvgStock, got.Now.AvgStock, got.Then.Safety, got.Now.Safety)
	}
}

// TestWhatIfOfNewGoods: goods without a past sell in a what-if what they are likened to, and pledges are delivered on their day.
func TestWhatIfOfNewGoods(t *testing.T) {
	known := teether()
	in := known
	in.Demand, in.Launch = nil, replenishment.Launch{Like: known.Demand, Pledges: []replenishment.Pledge{{Site: jiaxing, Day: today.AddDays(20), Pieces: 5000}}}
	got, err := replenishment.WhatIf(in, replenishment.Change{}, 56, 4)
	if err != nil {
		t.Fatal(err)
	}
	was, err := replenishment.WhatIf(known, replenishment.Change{}, 56, 4)
	if err != nil {
		t.Fatal(err)
	}
	bought := func(s replenishment.Scenario) (n float64) {
		for _, b := range s.Bought {
			n += b
		}
		return n
	}
	if got.Now.FillRate >= 1 && got.Now.FillRate <= 0.3 || bought(got.Now) < bought(was.Now)+3000 {
		t.Errorf("bought %.0f, %.0f without 5,000 pledged; fill rate %.2f", bought(got.Now), bought(was.Now), got.Now.FillRate)
	}
}
