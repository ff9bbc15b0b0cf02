package warehouseops_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"milkrun/c2m/quality"
	"milkrun/internal/access"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// came receives and closes a delivery of tins alone and gives their inspection.
func (h *house) came(t *testing.T, p *paper, n quantity.Pieces) *warehouse.Inspection {
	t.Helper()
	d := h.receive(t, p)
	if _, err := h.ops.Receive(h.worker, h.command(), h.tins(d, n)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.CloseReceipt(h.worker, h.command(), d, ""); err != nil {
		t.Fatal(err)
	}
	all, wares, err := h.ops.Inspections(h.worker, warehouse.InspectionQuery{Site: h.jx})
	if err != nil || len(all) != 1 || wares[h.milk].Code != "MR-1" {
		t.Fatalf("%+v, %v", all, err)
	}
	return &all[0]
}

func (h *house) milkAt(t *testing.T, s warehouse.Status) int64 {
	t.Helper()
	n, _ := h.stands(t, h.jx, "DOCK-1", h.milk, "MH260815", s)
	return n
}

func TestAnAcceptedLotBecomesAvailable(t *testing.T) {
	h, p := openDock(t)
	i := h.came(t, p, 240) // 151…280, level II: letter G, 32 pieces
	if i.Sample != 32 || h.milkAt(t, warehouse.Held) != 240 {
		t.Fatalf("%+v", i)
	}
	part, err := h.ops.Inspect(h.worker, h.command(), i.ID, warehouseops.Findings{Examined: 20, Major: 1, UsedUp: 1, Defects: []warehouse.Defect{{Class: "major", What: "封口不严", Pieces: 1}}})
	if err != nil || part.State != warehouse.InspectionWaiting || part.Examined != 20 {
		t.Fatalf("%+v, %v", part, err)
	}
	c := h.command()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			done, err := h.ops.Inspect(h.worker, c, i.ID, warehouseops.Findings{Examined: 12})
			if err != nil || done.State != warehouse.InspectionAccepted {
				t.Errorf("%+v, %v", done, err)
			}
		})
	}
	wg.Wait()
	if h.milkAt(t, warehouse.Available) != 239 || h.milkAt(t, warehouse.Held) != 0 {
		t.Error("239 are available, one was used up")
	}
	if _, err := h.ops.Inspect(h.worker, h.command(), i.ID, warehouseops.Findings{Examined: 1}); !errors.Is(err, warehouse.ErrInspectionOver) {
		t.Errorf("inspected after the decision: %v", err)
	}
	one, _, err := h.ops.Inspection(h.lead, i.ID)
	if err != nil || len(one.Defects) != 1 || one.Defects[0].By != "wang" {
		t.Errorf("%+v, %v", one, err)
	}
	h.inOrder(t)
}

func TestARefusedLotWaitsForALead(t *testing.T) {
	h, p := openDock(t)
	i := h.came(t, p, 240)
	for name, f := range map[string]warehouseops.Findings{"more than the lot": {Examined: 241}, "more defects than pieces": {Examined: 1, Major: 2}, "below zero": {Minor: -1},
		"a defect without words": {Examined: 1, Defects: []warehouse.Defect{{Class: "major", Pieces: 1}}}} {
		if _, err := h.ops.Inspect(h.worker, h.command(), i.ID, f); !errors.Is(err, warehouse.ErrFindings) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.ops.SettleLot(h.lead, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleRelease, Reason: "急"}); !errors.Is(err, warehouse.ErrInspectionWaits) {
		t.Errorf("released before its inspection: %v", err)
	}
	// One safety defect refuses the lot, whatever else was found.
	done, err := h.ops.Inspect(h.worker, h.command(), i.ID, warehouseops.Findings{Examined: 1, Critical: 1, Defects: []warehouse.Defect{{Class: "critical", What: "异物", Pieces: 1}}})
	if err != nil || done.State != warehouse.InspectionRefused || h.milkAt(t, warehouse.Available) != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	if n := h.heldFree(t); n != 240 {
		t.Errorf("%d held", n)
	}
	if _, err := h.ops.SettleLot(h.worker, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleScrap, Reason: "x"}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker decides: %v", err)
	}
	if _, err := h.ops.SettleLot(h.lead, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleScrap}); !errors.Is(err, warehouse.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	var ok, not atomic.Int32
	var wg sync.WaitGroup
	for range 3 { // three leads want 100 of 240 each
		wg.Go(func() {
			if _, err := h.ops.SettleLot(h.lead, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleReturn, Pieces: 100, Reason: "退厂"}); err == nil {
				ok.Add(1)
			} else if errors.Is(err, warehouse.ErrSettlement) {
				not.Add(1)
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ok.Load() != 2 || not.Load() != 1 {
		t.Errorf("%d settled, %d refused", ok.Load(), not.Load())
	}
	rest, err := h.ops.SettleLot(h.lead, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleRelease, Reason: "挑选后合格"})
	if err != nil || rest.Released != 40 || rest.Held() != 0 || h.milkAt(t, warehouse.Available) != 40 {
		t.Errorf("%+v, %v", rest, err)
	}
	h.inOrder(t)
}

func (h *house) heldFree(t *testing.T) int64 { return h.milkAt(t, warehouse.Held) }

func TestALotWithoutCertificateIsHeldTillItIsThere(t *testing.T) {
	h, p := openDock(t)
	last := quality.Certificate{Kind: quality.InfantFood, Number: "SC-1", From: h.today().AddDays(-400), To: h.today().AddDays(-1)}
	p.lacks[h.milk] = []quality.Lack{{Kind: quality.InfantFood, Last: &last}}
	i := h.came(t, p, 240)
	if len(i.Lacks) != 1 || i.Lacks[0].Number != "SC-1" || i.Reasons[0] != warehouse.HoldCertificate {
		t.Fatalf("%+v", i)
	}
	if p.asked[0] != h.today() {
		t.Errorf("asked for %s, not for the day of receipt", p.asked[0])
	}
	done, err := h.ops.Inspect(h.worker, h.command(), i.ID, warehouseops.Findings{Examined: 32})
	if err != nil || done.State != warehouse.InspectionHeld || h.milkAt(t, warehouse.Available) != 0 {
		t.Fatalf("a good lot without its certificate: %+v, %v", done, err)
	}
	received := h.today()
	h.pass(48 * 3600e9)
	if again, err := h.ops.RecheckLot(h.lead, h.command(), i.ID); err != nil || again.State != warehouse.InspectionHeld {
		t.Errorf("still missing: %+v, %v", again, err)
	}
	delete(p.lacks, h.milk)
	again, err := h.ops.RecheckLot(h.lead, h.command(), i.ID)
	if err != nil || again.State != warehouse.InspectionAccepted || h.milkAt(t, warehouse.Available) != 240 {
		t.Errorf("handed in: %+v, %v", again, err)
	}
	if day := p.asked[len(p.asked)-1]; day != received {
		t.Errorf("asked for %s, the day of receipt was %s", day, received)
	}
	h.inOrder(t)
}

func TestStoppedLotsAreNotInspected(t *testing.T) {
	h, p := openDock(t)
	s := quality.Standing{IsStopped: true}
	p.standings[h.milk] = s
	i := h.came(t, p, 240)
	if i.State != warehouse.InspectionHeld || len(i.Plans) != 0 || i.Reasons[0] != warehouse.HoldStopped {
		t.Fatalf("%+v", i)
	}
	p.standings[h.milk] = s.Resume()
	again, err := h.ops.RecheckLot(h.lead, h.command(), i.ID)
	if err != nil || again.State != warehouse.InspectionWaiting || again.Severity != "tightened" || again.Sample == 0 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestRulesOfInspectionFollowTheTree(t *testing.T) {
	h := openHouse(t)
	if err := h.ops.SetInspectionRule(h.lead, warehouse.InspectionRule{Level: "II", Major: "1.7", Minor: "4"}); !errors.Is(err, quality.ErrAQL) {
		t.Errorf("an AQL that no table has: %v", err)
	}
	if err := h.ops.SetInspectionRule(h.lead, warehouse.InspectionRule{Level: "IV", Major: "1", Minor: "4"}); !errors.Is(err, quality.ErrLevel) {
		t.Errorf("a level that no table has: %v", err)
	}
	milk := h.category(t, "milk")
	if err := h.ops.SetInspectionRule(h.lead, warehouse.InspectionRule{Category: milk, Inspect: true, Level: "III", Major: "1", Minor: "2.5"}); err != nil {
		t.Fatal(err)
	}
	rules, err := h.ops.InspectionRules(h.lead)
	if err != nil || len(rules) != 2 || rules[1].CategoryCode != "milk" || rules[1].Major != "1.0" {
		t.Errorf("%+v, %v", rules, err)
	}
	if err := h.ops.DropInspectionRule(h.lead, milk); err != nil {
		t.Error(err)
	}
	if rules, _ := h.ops.InspectionRules(h.lead); len(rules) != 1 {
		t.Errorf("%+v", rules)
	}
}
