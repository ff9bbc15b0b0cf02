package replenishment_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/internal/catalog"
	"milkrun/replenishment"
)

func alarmsOf(all []replenishment.Alarm, w replenishment.Watch) (out []replenishment.Alarm) {
	for _, a := range all {
		if a.Watch == w {
			out = append(out, a)
		}
	}
	return out
}

// TestSpikeProposesThePurchase: demand leaps and its stock is short; what to do is the purchase suggested.
func TestSpikeProposesThePurchase(t *testing.T) {
	in := heated()
	r := replenishment.Plan(in)
	rules := replenishment.DefaultAlarmRules()
	rules[0].Limit = 1.2
	a := alarmsOf(replenishment.WatchSKU(in, r, rules), replenishment.WatchSpike)
	if len(a) != 1 || a[0].SKU != in.SKU.ID || a[0].Value < 1.2 || a[0].Pieces <= 0 || a[0].Do.Kind == "" || !a[0].Grave {
		t.Fatalf("%+v", a)
	}
	found := false
	for _, s := range r.Suggestions {
		found = found || s.Key == a[0].Do
	}
	if !found {
		t.Errorf("the remedy %+v is not among the suggestions", a[0].Do)
	}
	rules[0].On = false
	if a := alarmsOf(replenishment.WatchSKU(in, r, rules), replenishment.WatchSpike); len(a) != 0 {
		t.Errorf("a rule that is off: %+v", a)
	}
}

func TestLateOrdersAreWatched(t *testing.T) {
	in := milk()
	in.Supply = append(in.Supply,
		replenishment.Supply{Kind: replenishment.SupplyOrder, Ref: "FO-1", Site: in.Sites[0].ID, Pieces: 40, Arrives: in.Today.AddDays(-3)},
		replenishment.Supply{Kind: replenishment.SupplyOrder, Ref: "FO-1", Site: in.Sites[0].ID, Pieces: 20, Arrives: in.Today.AddDays(-5)},
		replenishment.Supply{Kind: replenishment.SupplyOrder, Ref: "FO-2", Site: in.Sites[0].ID, Pieces: 20, Arrives: in.Today.AddDays(-1)})
	a := alarmsOf(replenishment.WatchSKU(in, replenishment.Plan(in), replenishment.DefaultAlarmRules()), replenishment.WatchLate)
	if len(a) != 1 || a[0].Ref != "FO-1" || a[0].Value != 5 || a[0].Pieces != 60 {
		t.Errorf("%+v", a)
	}
}

func TestOneSourceIsWatched(t *testing.T) {
	in := milk()
	in.SKU.Core = true
	in.Sources = in.Sources[:1]
	rules := []replenishment.AlarmRule{{Watch: replenishment.WatchOneSource, On: true, Limit: 1, Hours: 72}}
	one := alarmsOf(replenishment.WatchSKU(in, replenishment.Plan(in), rules), replenishment.WatchOneSource)
	if len(one) != 1 || one[0].Supplier != in.Sources[0].Supplier || one[0].Remedy != replenishment.RemedySource {
		t.Errorf("%+v", one)
	}
	other := in.Sources[0]
	other.Supplier += 100
	in.Sources = append(in.Sources, other)
	if two := alarmsOf(replenishment.WatchSKU(in, replenishment.Plan(in), rules), replenishment.WatchOneSource); len(two) != 0 {
		t.Errorf("with two sources: %+v", two)
	}
}

func TestHouseIsWatched(t *testing.T) {
	lane := func(moves int, mean float64) replenishment.LaneRecord {
		return replenishment.LaneRecord{Lane: catalog.Lane{From: 1, To: 2, LeadMean: 5, LeadSD: 2}, Moves: moves, Mean: mean}
	}
	for _, c := range []struct {
		name  string
		h     replenishment.House
		want  int
		grave bool
	}{
		{"good lots", replenishment.House{Suppliers: []replenishment.SupplierRecord{{1, 20, 2}}}, 0, false},
		{"bad lots", replenishment.House{Suppliers: []replenishment.SupplierRecord{{1, 10, 3}}}, 1, false},
		{"worse lots", replenishment.House{Suppliers: []replenishment.SupplierRecord{{1, 10, 4}}}, 1, true},
		{"too few lots", replenishment.House{Suppliers: []replenishment.SupplierRecord{{1, 2, 2}}}, 0, false},
		{"slow lane", replenishment.House{Lanes: []replenishment.LaneRecord{lane(9, 7.5)}}, 1, false},
		{"slow by chance", replenishment.House{Lanes: []replenishment.LaneRecord{lane(3, 7.1)}}, 0, false},
		{"lane in time", replenishment.House{Lanes: []replenishment.LaneRecord{lane(50, 5.4)}}, 0, false},
		{"room", replenishment.House{Sites: []replenishment.SiteRecord{{4, 80, 100}}}, 0, false},
		{"full", replenishment.House{Sites: []replenishment.SiteRecord{{4, 101, 100}}}, 1, true},
		{"no capacity known", replenishment.House{Sites: []replenishment.SiteRecord{{4, 101, 0}}}, 0, false},
	} {
		got := replenishment.WatchHouse(c.h, replenishment.DefaultAlarmRules())
		if len(got) != c.want || len(got) > 0 && got[0].Grave != c.grave {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAlarmLife(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	a := replenishment.Alarm{State: replenishment.AlarmOpen, Due: now.Add(72 * time.Hour)}
	if a.Overdue(now) || !a.Overdue(now.Add(73*time.Hour)) {
		t.Error("the clock of 72 hours")
	}
	if err := a.Close("", 7, now); !errors.Is(err, replenishment.ErrReasonNeeded) {
		t.Errorf("closed without a word: %v", err)
	}
	if err := a.Acknowledge(7, now); err != nil || a.Owner != 7 || a.State != replenishment.AlarmTaken {
		t.Errorf("%+v, %v", a, err)
	}
	if err := a.Close("备用供应商已下单", 8, now); err != nil || a.By != 8 || a.Overdue(now.Add(100*time.Hour)) {
		t.Errorf("%+v, %v", a, err)
	}
	if err := errors.Join(a.Close("again", 7, now)); !errors.Is(err, replenishment.ErrAlarmClosed) {
		t.Errorf("closed twice: %v", err)
	}
	if err := a.Acknowledge(7, now); !errors.Is(err, replenishment.ErrAlarmClosed) {
		t.Errorf("taken after it was closed: %v", err)
	}
}

func TestAlarmRulesAreChecked(t *testing.T) {
	for _, r := range replenishment.DefaultAlarmRules() {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, r := range []replenishment.AlarmRule{{Watch: "weather", Hours: 1}, {Watch: replenishment.WatchFull, Limit: 1.2, Hours: 1},
		{Watch: replenishment.WatchLate, Limit: -1, Hours: 1}, {Watch: replenishment.WatchLate, Limit: 1}} {
		if err := r.Check(); !errors.Is(err, replenishment.ErrAlarmRule) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
