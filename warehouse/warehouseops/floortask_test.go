package warehouseops_test

import (
	"testing"

	"milkrun/warehouse"
)

func TestNextTasksLeaveOutWhatOthersHave(t *testing.T) {
	h, p := openDock(t)
	d := h.receive(t, p)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.asked(t, "A01-01-1")
	h.asked(t, "A01-02-1")
	if _, err := h.ops.CountBin(h.worker, h.command(), id, h.counted(17)); err != nil {
		t.Fatal(err)
	}
	next := func() map[string]warehouse.FloorTask {
		all, err := h.ops.NextTasks(h.worker, h.jx)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]warehouse.FloorTask{}
		for _, x := range all {
			out[x.Kind] = x
		}
		return out
	}
	got := next()
	if c := got["count"]; c.Waiting != 1 || c.Bin != "A01-02-1" {
		t.Errorf("a worker is offered to count again what they counted: %+v", c)
	}
	if r := got["receive"]; r.Waiting != 1 || r.ID != int64(d) || !r.Urgent || r.Text != "SH-5521" {
		t.Errorf("%+v", r)
	}
	if len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := h.ops.Receive(h.worker, h.command(), h.tins(d, 240)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.CloseReceipt(h.worker, h.command(), d, ""); err != nil {
		t.Fatal(err)
	}
	if got := next(); got["inspect"].Waiting != 1 || got["inspect"].Ware != "MR-1" || got["receive"].Waiting != 0 {
		t.Errorf("%+v", got)
	}
}
