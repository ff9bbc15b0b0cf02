package warehouseops_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

// rows gives the rows of a figure of the last day.
func (h *house) rows(t *testing.T, kind warehouse.FigureKind) warehouse.FigureList {
	t.Helper()
	list, err := h.ops.FigureRows(h.lead, kind, h.jx, h.clock().Add(-24*time.Hour), h.clock().Add(time.Hour), 100)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return list
}

func TestEachFigureHasItsRows(t *testing.T) {
	h := openHouse(t)
	h.floorBins(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	h.put(t, h.jx, "A01-02-1", h.ring, "", 4)
	for _, kind := range warehouse.FigureKinds() {
		h.rows(t, kind) // an empty floor has none, and says so without an error
	}
	if _, err := h.ops.FigureRows(h.lead, "nothing", h.jx, h.clock(), h.clock(), 1); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("%v", err)
	}
	bound := access.WithUser(t.Context(), access.User{ID: 1, Role: access.Warehouse, Sites: []catalog.SiteID{h.xh}})
	if _, err := h.ops.FigureRows(bound, warehouse.FigureSlow, h.jx, h.clock(), h.clock(), 1); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another's site: %v", err)
	}
	// All rings leave, two months pass.
	id := h.promise(t, h.jx, "A01-02-1", h.ring, "", "ready", 4)
	h.release(t)
	h.pick(t)
	if list := h.rows(t, warehouse.FigurePick); list.Count != 1 || list.Rows[0].Who != "wang" || list.Rows[0].Values[0] != 1 || list.Rows[0].Values[1] != 4 {
		t.Errorf("pick rate: %+v", list)
	}
	var number string
	h.ask(t, &number, `select number from warehouse.outbound where id = $1`, id)
	h.packAndHandOver(t, number)
	if list := h.rows(t, warehouse.FigureStockout); list.Count != 1 || list.Rows[0].Code != "MR-2" || list.Rows[0].Values[0] != 4 {
		t.Errorf("out of stock: %+v", list)
	}
	// 4 left; on the mean 4 stood at the beginning (none: they came within the span) and none now: the mean is 0 for what came and went.
	if list := h.rows(t, warehouse.FigureTurns); list.Count != 2 {
		t.Errorf("turns: %+v", list)
	}
	if list := h.rows(t, warehouse.FigureSlow); list.Count != 0 {
		t.Errorf("slow on the first day: %+v", list)
	}
	h.pass(61 * 24 * time.Hour)
	list := h.rows(t, warehouse.FigureSlow)
	if list.Count != 1 || list.Rows[0].Code != "MR-1" || list.Rows[0].Values[0] != 10 || list.Rows[0].Values[2] != -1 || len(list.Sums) != 3 || list.Sums[0] != 10 {
		t.Errorf("slow: %+v", list)
	}
}
