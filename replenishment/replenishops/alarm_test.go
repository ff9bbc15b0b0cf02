package replenishops_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

// hot is a world whose demand leaps to four times for three weeks.
type hot struct{ *world }

func (h hot) Demand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	all, err := h.world.Demand(ctx, q, skus, today)
	for _, rows := range all {
		for r := range rows {
			d := &rows[r]
			d.Heat = make([]float64, len(d.Mean))
			for i := range d.Mean {
				if d.Heat[i] = 1; i < 21 {
					d.Mean[i], d.Heat[i] = 4*d.Mean[i], 4
				}
			}
		}
	}
	return all, err
}

// Since is a record with a supplier whose lots fail, a lane nobody plans with, and a site that is full.
func (h hot) Since(context.Context, pgdb.Querier, time.Time) (replenishment.House, error) {
	return replenishment.House{Suppliers: []replenishment.SupplierRecord{{Supplier: h.supplier, Inspected: 10, Rejected: 5}},
		Lanes: []replenishment.LaneRecord{{Lane: catalog.Lane{From: 77, To: 78}, Moves: 40, Mean: 30}},
		Sites: []replenishment.SiteRecord{{Site: h.site.ID, Used: 95, Capacity: 100}}}, nil
}

func alarms(t *testing.T, w *world, f replenishops.AlarmFilter) []replenishops.AlarmLine {
	t.Helper()
	all, err := w.ops.Alarms(w.buyer, f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAlarmFromCauseToEnd raises alarms by planning, keeps them single, and closes them by doing what they propose, by
// hand, and when their cause is gone.
func TestAlarmFromCauseToEnd(t *testing.T) {
	w := newWorld(t, 3)
	w.ops.Forecasts, w.ops.Records = hot{w}, hot{w}
	w.planAll(t)
	wait(t, "the house's alarms", func() bool { return len(alarms(t, w, replenishops.AlarmFilter{})) == 5 })
	w.planAll(t)
	all := alarms(t, w, replenishops.AlarmFilter{Watch: replenishment.WatchSpike})
	if len(all) != 3 || len(alarms(t, w, replenishops.AlarmFilter{})) != 5 {
		t.Fatalf("planned twice: %d spikes of three SKUs, %d alarms", len(all), len(alarms(t, w, replenishops.AlarmFilter{})))
	}
	a := all[0]
	if a.Value != 4 || a.Suggestion == 0 || a.SKUCode == "" || a.SiteName.ZH == "" || a.Due.Sub(a.Raised) != 72*time.Hour {
		t.Errorf("%+v", a)
	}
	// Doing what it proposes closes it.
	if d, err := w.ops.Approve(w.buyer, a.Suggestion); err != nil || len(d.Done) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	closed := alarms(t, w, replenishops.AlarmFilter{Closed: true})
	if len(closed) != 1 || closed[0].ID != a.ID || closed[0].Note != "done" {
		t.Fatalf("%+v", closed)
	}
	// By hand.
	b := all[1]
	if got, err := w.ops.Acknowledge(w.buyer, b.ID); err != nil || got.State != replenishment.AlarmTaken {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := w.ops.CloseAlarm(w.buyer, b.ID, " "); !errors.Is(err, replenishment.ErrReasonNeeded) {
		t.Errorf("closed without a word: %v", err)
	}
	if _, err := w.ops.CloseAlarm(w.buyer, b.ID, "与供应商谈妥"); err != nil {
		t.Error(err)
	}
	if _, err := w.ops.CloseAlarm(w.buyer, b.ID, "again"); !errors.Is(err, replenishment.ErrAlarmClosed) {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := w.ops.Acknowledge(w.buyer, 1<<40); !errors.Is(err, replenishops.ErrNoAlarm) {
		t.Errorf("an alarm that does not exist: %v", err)
	}
	// Its cause is gone.
	w.ops.Forecasts = w
	w.planAll(t)
	if left := alarms(t, w, replenishops.AlarmFilter{Watch: replenishment.WatchSpike}); len(left) != 0 {
		t.Errorf("without a cause: %+v", left)
	}
	counts, err := w.ops.AlarmCounts(w.buyer)
	if err != nil || len(counts) != 2 {
		t.Errorf("the house's own are left: %+v, %v", counts, err)
	}
}

func TestAlarmRulesOfTheHouse(t *testing.T) {
	w := newWorld(t, 2)
	w.ops.Forecasts = hot{w}
	rules, err := w.ops.AlarmRules(w.buyer)
	if err != nil || len(rules) != len(replenishment.Watches()) {
		t.Fatalf("%+v, %v", rules, err)
	}
	rules[0].On = false
	if err := w.ops.SetAlarmRules(w.buyer, rules); err != nil {
		t.Fatal(err)
	}
	w.planAll(t)
	if got := alarms(t, w, replenishops.AlarmFilter{}); len(got) != 0 {
		t.Errorf("the rule is off: %+v", got)
	}
	rules[0].Hours = -1
	if err := w.ops.SetAlarmRules(w.buyer, rules); !errors.Is(err, replenishment.ErrAlarmRule) {
		t.Errorf("answered %v", err)
	}
	worker := access.WithUser(t.Context(), access.User{ID: 5, Role: access.Warehouse})
	if err := w.ops.SetAlarmRules(worker, nil); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker sets rules: %v", err)
	}
}

func TestWhatIfOverTheDatabase(t *testing.T) {
	w := newWorld(t, 4)
	got, err := w.ops.WhatIf(w.buyer, w.skus, replenishment.Change{Service: 0.995}, 42)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.SKUs) != 4 || got.Then.Safety <= got.Now.Safety || got.Now.Cash <= 0 || len(got.Now.Stock) != 42 {
		t.Errorf("%+v", got.Comparison)
	}
	if d := got.Now.AvgStock - 4*got.SKUs[0].Now.AvgStock; d > 400 || d < -400 {
		t.Errorf("four alike: %v against %v", got.Now.AvgStock, got.SKUs[0].Now.AvgStock)
	}
	if _, err := w.ops.WhatIf(w.buyer, w.skus, replenishment.Change{Service: 7}, 42); !errors.Is(err, replenishment.ErrChange) {
		t.Errorf("answered %v", err)
	}
}
