package warehouseops_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// sent makes an order of tins that was handed over.
func (h *house) sent(t *testing.T, lot string, n quantity.Pieces) (id int64, number string) {
	t.Helper()
	id = h.promise(t, h.jx, "A01-01-1", h.milk, lot, "handed_over", n)
	for _, sql := range []string{`update warehouse.allocation set state = 'shipped' where outbound_id = $1`, `update warehouse.outbound_line set shipped = allocated, state = 'shipped' where outbound_id = $1`,
		`update warehouse.outbound set state = 'shipped', shipped_at = now() where id = $1`} {
		if _, err := h.pool.Exec(t.Context(), sql, id); err != nil {
			t.Fatal(err)
		}
	}
	// What the handover does to the ledger and the position.
	if _, err := h.pool.Exec(t.Context(), `with o as (insert into warehouse.operation (id, cause, at, actor) values (gen_random_uuid(), 'ship', now(), 'test') returning id),
		p as (update warehouse.position p set on_hand = on_hand - $2, reserved = reserved - $2 from warehouse.allocation a where a.position_id = p.id and a.outbound_id = $1 returning p.id)
		insert into warehouse.entry (operation_id, from_position, pieces) select o.id, p.id, $2 from o, p`, id, n); err != nil {
		t.Fatal(err)
	}
	h.ask(t, &number, `select number from warehouse.outbound where id = $1`, id)
	return id, number
}

func TestReturnsByGrade(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id, number := h.sent(t, "L1", 10)
	found, err := h.ops.FindReturn(h.worker, " "+number)
	if err != nil || int64(found.Outbound) != id || len(found.Lines) != 1 || found.Lines[0].Out != 10 || found.Lines[0].Ware.Code != "MR-1" {
		t.Fatalf("%+v, %v", found, err)
	}
	if _, err := h.ops.FindReturn(h.worker, "NOTHING"); !errors.Is(err, warehouse.ErrNoReturn) {
		t.Errorf("%v", err)
	}
	in := warehouseops.Returning{Site: h.jx, Outbound: found.Outbound, SKU: h.milk, Lot: "L1", Pieces: 3, Grade: warehouse.GradeA, Reason: "拍错了"}
	freed := h.jobs(t, "warehouse.allocate")
	got, err := h.ops.TakeReturn(h.worker, h.command(), in)
	if err != nil || got.Bin != "RET-1" || got.Line != 1 || got.Grade != warehouse.GradeA || got.Expiry == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if h.jobs(t, "warehouse.allocate") != freed+1 {
		t.Error("nobody serves the orders that wait")
	}
	for grade, n := range map[warehouse.Grade]quantity.Pieces{warehouse.GradeB: 1, warehouse.GradeC: 2, warehouse.Ungraded: 1} {
		in.Grade, in.Pieces = grade, n
		if _, err := h.ops.TakeReturn(h.worker, h.command(), in); err != nil {
			t.Fatal(err)
		}
	}
	for status, want := range map[warehouse.Status]int64{warehouse.Available: 3, warehouse.Damaged: 1, warehouse.Returned: 1} {
		if n, _ := h.stands(t, h.jx, "RET-1", h.milk, "L1", status); n != want {
			t.Errorf("%d %s, want %d", n, status, want)
		}
	}
	in.Pieces, in.Grade = 4, warehouse.GradeA
	var over *warehouse.ReturnedError
	if _, err := h.ops.TakeReturn(h.worker, h.command(), in); !errors.As(err, &over) || over.Out != 10 || over.Back != 7 {
		t.Errorf("more than went out: %v", err)
	}
	in.Lot, in.Pieces = "L9", 1
	var scan *warehouse.ScanError
	if _, err := h.ops.TakeReturn(h.worker, h.command(), in); !errors.As(err, &scan) || scan.Wanted != "L1" || scan.Fault != warehouse.FaultLot {
		t.Errorf("a lot that did not go out: %v", err)
	}
	open, err := h.ops.Returns(h.worker, h.jx, true, 0)
	if err != nil || len(open) != 1 {
		t.Fatalf("%+v, %v", open, err)
	}
	if _, err := h.ops.GradeReturn(h.worker, h.command(), open[0].ID, warehouse.GradeA); err != nil {
		t.Error(err)
	}
	if _, err := h.ops.GradeReturn(h.worker, h.command(), open[0].ID, warehouse.GradeB); !errors.Is(err, warehouse.ErrGrade) {
		t.Errorf("graded twice: %v", err)
	}
	in.Lot, in.Pieces = "L1", 3
	if _, err := h.ops.TakeReturn(h.worker, h.command(), in); err != nil {
		t.Error(err)
	}
	var state string
	if h.ask(t, &state, `select state from warehouse.outbound where id = $1`, id); state != "returned" {
		t.Errorf("all is back, the order is %s", state)
	}
	h.inOrder(t)
}

func TestTwoCannotTakeTheSamePieceBack(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id, _ := h.sent(t, "L1", 10)
	var ok, over atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := h.ops.TakeReturn(h.worker, h.command(), warehouseops.Returning{Site: h.jx, Outbound: warehouse.OutboundID(id), SKU: h.milk, Lot: "L1", Pieces: 4, Grade: warehouse.GradeA})
			switch {
			case err == nil:
				ok.Add(1)
			case errors.Is(err, warehouse.ErrReturned):
				over.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if ok.Load() != 2 || over.Load() != 6 {
		t.Errorf("%d taken, %d refused", ok.Load(), over.Load())
	}
	h.inOrder(t)
}

func TestReturnsOfNobodyAndOfOldGoods(t *testing.T) {
	h := openHouse(t)
	in := warehouseops.Returning{Site: h.jx, SKU: h.milk, Lot: "X", Pieces: 1, Grade: warehouse.GradeA, Reason: "驿站送来，没有单"}
	if _, err := h.ops.TakeReturn(h.worker, h.command(), in); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker takes goods of nobody: %v", err)
	}
	soon := h.today().AddDays(20)
	in.Expiry = &soon
	got, err := h.ops.TakeReturn(h.lead, h.command(), in)
	if err != nil || got.Grade != warehouse.GradeB {
		t.Errorf("nearly expired goods cannot be sold again: %+v, %v", got, err)
	}
	in.Reason = ""
	if _, err := h.ops.TakeReturn(h.lead, h.command(), in); !errors.Is(err, warehouse.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	h.inOrder(t)
}
