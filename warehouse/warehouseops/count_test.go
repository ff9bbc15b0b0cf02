package warehouseops_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// asked puts a bin onto the list and takes it.
func (h *house) asked(t *testing.T, bin string) int64 {
	t.Helper()
	id, err := h.ops.AskCount(h.lead, h.jx, bin, "")
	if err != nil || id == 0 {
		t.Fatalf("%d, %v", id, err)
	}
	return id
}

func (h *house) counted(n quantity.Pieces) []warehouse.CountedGoods {
	return []warehouse.CountedGoods{{SKU: h.milk, Lot: "L1", Pieces: n}}
}

func TestACountThatAgreesSettlesTheBin(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.asked(t, "a01-01-1")
	if again, err := h.ops.AskCount(h.lead, h.jx, "A01-01-1", ""); err != nil || again != 0 {
		t.Errorf("on the list twice: %d, %v", again, err)
	}
	task, err := h.ops.TakeCount(h.worker, id)
	if err != nil || len(task.Known) != 1 || task.Known[0].Lot.Code != "L1" || task.Known[0].Ware.Code != "MR-1" {
		t.Fatalf("%+v, %v", task, err)
	}
	if _, err := h.ops.TakeCount(h.second, id); !errors.Is(err, warehouse.ErrTaskTaken) {
		t.Errorf("in another's hand: %v", err)
	}
	c := h.command()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if r, err := h.ops.CountBin(h.worker, c, id, h.counted(20)); err != nil || r.State != warehouse.CountDone || r.Difference != 0 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	wg.Wait()
	if b, _, _ := h.ops.Bin(h.lead, h.jx, "A01-01-1"); b.CountedAt == nil {
		t.Error("the bin does not say that it was counted")
	}
	if _, err := h.ops.CountBin(h.worker, h.command(), id, h.counted(3)); !errors.Is(err, warehouse.ErrNoCount) {
		t.Errorf("counted after the end: %v", err)
	}
	h.inOrder(t)
}

func TestADifferenceIsCountedAgainByAnother(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.asked(t, "A01-01-1")
	r, err := h.ops.CountBin(h.worker, h.command(), id, append(h.counted(17), warehouse.CountedGoods{SKU: h.ring, Lot: "R9", Pieces: 2}))
	if err != nil || r.State != warehouse.CountRecount || r.Difference != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := h.ops.TakeCount(h.worker, id); !errors.Is(err, warehouse.ErrSamePerson) {
		t.Errorf("counts again what they counted: %v", err)
	}
	// Two are picked between the rounds: the difference stays the same.
	if _, err := h.ops.Move(h.second, h.command(), h.taking("A01-01-1", h.milk, "L1", 2), "QC-1", false); err != nil {
		t.Fatal(err)
	}
	r, err = h.ops.CountBin(h.second, h.command(), id, append(h.counted(15), warehouse.CountedGoods{SKU: h.ring, Lot: "R9", Pieces: 2}))
	if err != nil || r.State != warehouse.CountDone || r.Difference != -1 {
		t.Fatalf("two agree: %+v, %v", r, err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 15 {
		t.Errorf("%d in the book", n)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.ring, "R9", warehouse.Available); n != 2 {
		t.Errorf("%d rings found", n)
	}
	if n := h.jobs(t, "warehouse.allocate"); n == 0 {
		t.Error("nobody serves what waits for the goods found")
	}
	h.inOrder(t)
}

func TestThreeDifferentCountsWaitForALead(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.asked(t, "A01-01-1")
	third := h.person(t, "qian", access.Warehouse)
	for _, turn := range []struct {
		who  context.Context
		n    quantity.Pieces
		want warehouse.CountState
	}{{h.worker, 17, warehouse.CountRecount}, {h.second, 12, warehouse.CountRecount}, {third, 14, warehouse.CountReview}} {
		if r, err := h.ops.CountBin(turn.who, h.command(), id, h.counted(turn.n)); err != nil || r.State != turn.want {
			t.Fatalf("%d counted: %+v, %v", turn.n, r, err)
		}
	}
	entries, err := h.ops.CountEntries(h.lead, id)
	if err != nil || len(entries) != 3 || entries[2].Difference() != -6 {
		t.Errorf("%+v, %v", entries, err)
	}
	if _, err := h.ops.CountEntries(h.worker, id); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker reads the numbers: %v", err)
	}
	if _, err := h.ops.SettleCount(h.lead, h.command(), id, "sun spots", ""); !errors.Is(err, warehouse.ErrCountCause) {
		t.Errorf("a cause that there is not: %v", err)
	}
	if err := h.ops.RecountBin(h.lead, id); err != nil {
		t.Fatal(err)
	}
	r, err := h.ops.CountBin(h.lead, h.command(), id, h.counted(14))
	if err != nil || r.State != warehouse.CountDone || r.Difference != -6 {
		t.Errorf("the lead counts what one had counted: %+v, %v", r, err)
	}
	h.inOrder(t)
}

func TestALargeDifferenceWaitsForALead(t *testing.T) {
	h := openHouse(t)
	if _, err := h.pool.Exec(t.Context(), `update catalog.sku set price_fen = 29800`); err != nil {
		t.Fatal(err)
	}
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.asked(t, "A01-01-1")
	for _, who := range []context.Context{h.worker, h.second} {
		if _, err := h.ops.CountBin(who, h.command(), id, h.counted(10)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.ops.Counts(h.lead, h.jx, []warehouse.CountState{warehouse.CountReview}, 0)
	if err != nil || len(list) != 1 || list[0].Value != 298000 || list[0].Difference != -10 {
		t.Fatalf("%+v, %v", list, err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 20 {
		t.Errorf("%d in the book before the lead has spoken", n)
	}
	if _, err := h.ops.SettleCount(h.lead, h.command(), id, "misplaced", "旁边库位找到 10 罐"); err != nil {
		t.Fatal(err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 10 {
		t.Errorf("%d in the book", n)
	}
	h.inOrder(t)
}

func TestTheRuleOfCounting(t *testing.T) {
	h := openHouse(t)
	rule, err := h.ops.CountRule(h.worker, h.jx)
	if err != nil || rule.Site != 0 || rule.EveryA != 30 {
		t.Fatalf("%+v, %v", rule, err)
	}
	rule.Site, rule.TolerancePieces, rule.PerDay = h.jx, 2, 1
	if err := h.ops.SetCountRule(h.lead, rule); err != nil {
		t.Fatal(err)
	}
	bad := rule
	bad.EveryB = 0
	if err := h.ops.SetCountRule(h.lead, bad); !errors.Is(err, warehouse.ErrCountRule) {
		t.Errorf("%v", err)
	}
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	h.put(t, h.jx, "A01-02-1", h.milk, "L2", 20)
	for _, want := range []int{1, 0} { // one a day
		if made, err := h.ops.PlanCounts(h.lead, h.jx); err != nil || made != want {
			t.Errorf("%d made, want %d: %v", made, want, err)
		}
	}
	list, err := h.ops.Counts(h.worker, h.jx, nil, 0)
	if err != nil || len(list) != 1 || list[0].Reason != "never" {
		t.Fatalf("%+v, %v", list, err)
	}
	// Two missing are within the tolerance: booked at once.
	lot := map[string]string{"A01-01-1": "L1", "A01-02-1": "L2"}[list[0].Bin]
	r, err := h.ops.CountBin(h.worker, h.command(), list[0].ID, []warehouse.CountedGoods{{SKU: h.milk, Lot: lot, Pieces: 18}})
	if err != nil || r.State != warehouse.CountDone || r.Difference != -2 {
		t.Errorf("%+v, %v", r, err)
	}
	h.pass(24 * 3600e9)
	if made, err := h.ops.PlanCounts(h.lead, h.jx); err != nil || made != 1 {
		t.Errorf("the next day: %d, %v", made, err)
	}
	h.inOrder(t)
}

func TestACountBelowWhatIsPromisedFreesThePromises(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	loose := h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "ready", 8)
	h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "picking", 6)
	id := h.asked(t, "A01-01-1")
	if _, err := h.ops.CountBin(h.worker, h.command(), id, h.counted(4)); err != nil {
		t.Fatal(err)
	}
	r, err := h.ops.CountBin(h.second, h.command(), id, h.counted(4))
	if err != nil || r.State != warehouse.CountDone || r.Released != 8 || r.Left != 2 {
		t.Fatalf("16 are missing, 14 can be taken off the book, 2 a picker must not find: %+v, %v", r, err)
	}
	if n, res := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 6 || res != 6 {
		t.Errorf("%d in the book, %d promised", n, res)
	}
	var state string
	var waits int
	h.ask(t, &state, `select state from warehouse.outbound_line where outbound_id = $1`, loose)
	h.ask(t, &waits, `select coalesce(sum(pieces), 0)::int from warehouse.shortage where outbound_id = $1`, loose)
	if state != "short" || waits != 8 {
		t.Errorf("the line is %s, %d pieces wait", state, waits)
	}
	list, err := h.ops.Counts(h.worker, h.jx, nil, 0)
	if err != nil || len(list) != 1 || list[0].Reason != "doubt" {
		t.Errorf("the bin is counted again when the picker has been there: %+v, %v", list, err)
	}
	h.inOrder(t)
	h.promisesHold(t)
}

// What a short pick has set apart may be promised again when the counter finds it.
func TestAFoundPieceIsPromisedAgain(t *testing.T) {
	h := openHouse(t)
	held := warehouse.Count{Place: warehouse.Place{Site: h.jx, Bin: "A01-01-1", SKU: h.milk, Lot: "L1", Status: warehouse.Held}, Pieces: 9}
	if _, err := h.ops.Opening(h.boss, uuid.New(), "", []warehouse.Count{held}); err != nil {
		t.Fatal(err)
	}
	id := h.asked(t, "A01-01-1")
	if r, err := h.ops.CountBin(h.worker, h.command(), id, h.counted(9)); err != nil || r.State != warehouse.CountDone {
		t.Fatalf("%+v, %v", r, err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 9 {
		t.Errorf("%d may be promised", n)
	}
	h.inOrder(t)
}
