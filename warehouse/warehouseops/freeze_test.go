package warehouseops_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

func TestARecallFreezesALotEverywhere(t *testing.T) {
	h := openHouse(t)
	key := warehouse.LotKey{SKU: h.milk, Code: "L1"}
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 40)
	h.put(t, h.xh, "A01-01-1", h.milk, "L1", 9)
	h.put(t, h.jx, "A01-02-1", h.milk, "L2", 30)
	waits := h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "ready", 5)
	h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "picking", 7)
	_, number := h.sent(t, "L1", 6)
	picked := h.tote(t, "L1", 3)

	drill, err := h.ops.Freeze(h.lead, h.command(), warehouseops.Freezing{Key: key, Status: warehouse.Recalled, Reason: "演练", Drill: true})
	if err != nil || drill.Freeze.Pieces != 46 || len(drill.Shipped) != 1 || len(drill.OnFloor) != 3 {
		t.Fatalf("%+v, %v", drill, err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Recalled); n != 0 {
		t.Error("a drill moved goods")
	}
	if _, err := h.ops.Freeze(h.worker, h.command(), warehouseops.Freezing{Key: key, Status: warehouse.Recalled, Reason: "x"}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker recalls: %v", err)
	}
	if _, err := h.ops.Freeze(h.lead, h.command(), warehouseops.Freezing{Key: warehouse.LotKey{SKU: h.milk, Code: "NONE"}, Status: warehouse.Held, Reason: "x"}); !errors.Is(err, warehouse.ErrNoLot) {
		t.Errorf("a lot that never was: %v", err)
	}
	c := h.command()
	for range 2 { // the command again gets the same answer
		r, err := h.ops.Freeze(h.lead, c, warehouseops.Freezing{Key: key, Status: warehouse.Recalled, Reason: "供应商通知"})
		if err != nil || r.Freeze.Released != 12 || r.Freeze.Pieces != 46 || r.Freeze.Orders != 1 || r.Freeze.Shipped != 6 || !r.Balanced() {
			t.Fatalf("%+v, %v", r, err)
		}
		if len(r.Shipped) != 1 || r.Shipped[0].Number != number || len(r.Places) != 3 {
			t.Errorf("%+v", r)
		}
	}
	if _, err := h.ops.Freeze(h.lead, h.command(), warehouseops.Freezing{Key: key, Status: warehouse.Held, Reason: "again"}); !errors.Is(err, warehouse.ErrFrozen) {
		t.Errorf("frozen twice: %v", err)
	}
	for site, want := range map[string]int64{"JX": 34, "XH": 9} {
		at := h.jx
		if site == "XH" {
			at = h.xh
		}
		if n, r := h.stands(t, at, "A01-01-1", h.milk, "L1", warehouse.Recalled); n != want || r != 0 {
			t.Errorf("%s: %d recalled, %d promised; want %d, 0", site, n, r, want)
		}
	}
	var state string
	if h.ask(t, &state, `select state from warehouse.outbound_line where outbound_id = $1`, waits); state != "short" {
		t.Errorf("the order that lost its lot is %s", state)
	}
	// What a picker carries cannot be packed or handed over, and is pulled out of the tote.
	place := warehouse.Place{Site: h.jx, Bin: "T-1", SKU: h.milk, Lot: "L1", Status: warehouse.Recalled}
	err = pgdb.InTx(t.Context(), h.pool, func(tx pgx.Tx) error {
		c := h.command()
		if _, err := warehousedb.Begin(t.Context(), tx, warehousedb.Operation{ID: c.Op, Cause: "ship", At: h.clock(), Actor: "x"}); err != nil {
			return err
		}
		_, err := warehousedb.Post(t.Context(), tx, c.Op, []warehouse.Move{{From: &place, Pieces: 3, FromReserved: true}})
		return err
	})
	if !errors.Is(err, warehouse.ErrFrozen) {
		t.Errorf("recalled goods are handed over: %v", err)
	}
	taking := h.taking("T-1", h.milk, "L1", 3)
	taking.Status = warehouse.Recalled
	if done, err := h.ops.PullFrozen(h.worker, h.command(), taking, "HOLD-1"); err != nil || done.Pieces != 3 {
		t.Errorf("%+v, %v", done, err)
	}
	if h.ask(t, &state, `select state from warehouse.outbound_line where outbound_id = $1`, picked); state != "short" {
		t.Errorf("the order whose tote was emptied is %s", state)
	}
	h.inOrder(t)
	h.promisesHold(t)

	list, err := h.ops.Freezes(h.lead, true)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := h.ops.Lift(h.lead, h.command(), list[0].ID, "复检合格"); err != nil {
		t.Fatal(err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 34 {
		t.Errorf("%d available after the lift", n)
	}
	if _, err := h.ops.Lift(h.lead, h.command(), list[0].ID, "again"); !errors.Is(err, warehouse.ErrNotFrozen) {
		t.Errorf("lifted twice: %v", err)
	}
	h.inOrder(t)
	h.promisesHold(t)
}

// tote makes an order whose pieces are in the tote T-1.
func (h *house) tote(t *testing.T, lot string, n int64) int64 {
	t.Helper()
	b := warehouse.UsualBin(h.jx, "T-1")
	b.Kind, b.MixedSKUs, b.MixedLots = warehouse.BinTote, true, true
	if _, err := h.ops.AddBin(h.lead, b); err != nil {
		t.Fatal(err)
	}
	h.put(t, h.jx, "T-1", h.milk, lot, 3)
	id := h.promise(t, h.jx, "T-1", h.milk, lot, "picking", 3)
	if _, err := h.pool.Exec(t.Context(), `update warehouse.allocation set state = 'picked' where outbound_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWhatArrivesOfAFrozenLotIsHeld(t *testing.T) {
	h, p := openDock(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "MH260815", 1)
	if _, err := h.ops.Freeze(h.lead, h.command(), warehouseops.Freezing{Key: warehouse.LotKey{SKU: h.milk, Code: "MH260815"}, Status: warehouse.Held, Reason: "投诉"}); err != nil {
		t.Fatal(err)
	}
	i := h.came(t, p, 240)
	done, err := h.ops.Inspect(h.worker, h.command(), i.ID, warehouseops.Findings{Examined: 32})
	if err != nil || done.State != warehouse.InspectionHeld || done.Reasons[0] != warehouse.HoldRecall {
		t.Fatalf("%+v, %v", done, err)
	}
	if _, err := h.ops.SettleLot(h.lead, h.command(), i.ID, warehouseops.Settling{How: warehouse.SettleRelease, Reason: "急"}); !errors.Is(err, warehouse.ErrFrozen) {
		t.Errorf("released while frozen: %v", err)
	}
	h.inOrder(t)
}

func TestScrapAndReclass(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "ready", 6)
	var short *warehouse.ShortError
	if _, err := h.ops.Reclass(h.worker, h.command(), h.taking("A01-01-1", h.milk, "L1", 5), warehouse.Damaged, "压坏"); !errors.As(err, &short) || short.Have != 4 {
		t.Errorf("promised pieces are set apart: %v", err)
	}
	if _, err := h.ops.Reclass(h.worker, h.command(), h.taking("A01-01-1", h.milk, "L1", 2), warehouse.Damaged, "压坏"); err != nil {
		t.Error(err)
	}
	back := h.taking("A01-01-1", h.milk, "L1", 1)
	back.Status = warehouse.Damaged
	if _, err := h.ops.Reclass(h.worker, h.command(), back, warehouse.Available, "其实好的"); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker makes damaged goods good: %v", err)
	}
	if _, err := h.ops.Scrap(h.worker, h.command(), back, "x"); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker scraps: %v", err)
	}
	if _, err := h.ops.Scrap(h.lead, h.command(), back, "报废"); err != nil {
		t.Error(err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Damaged); n != 1 {
		t.Errorf("%d damaged are left", n)
	}
	lines, err := h.ops.Ledger(h.lead, warehouse.LedgerQuery{SKU: h.milk})
	if err != nil || len(lines) != 3 || lines[0].Cause != "scrap" || lines[0].To != nil || lines[1].To.Status != warehouse.Damaged {
		t.Errorf("%+v, %v", lines, err)
	}
	lots, err := h.ops.LotList(h.lead, warehouse.LotQuery{Site: h.jx, Find: "l"})
	if err != nil || len(lots) != 1 || lots[0].OnHand != 9 || lots[0].Available != 8 {
		t.Errorf("%+v, %v", lots, err)
	}
	h.inOrder(t)
}
