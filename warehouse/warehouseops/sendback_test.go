package warehouseops_test

import (
	"errors"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// floorBins adds what picking and packing need.
func (h *house) floorBins(t *testing.T) {
	t.Helper()
	for code, kind := range map[string]warehouse.BinKind{"T-01": warehouse.BinTote, "P-01": warehouse.BinPack, "S-01": warehouse.BinStage} {
		b := warehouse.UsualBin(h.jx, code)
		b.Kind, b.MixedSKUs, b.MixedLots = kind, true, true
		if _, err := h.ops.AddBin(h.lead, b); err != nil {
			t.Fatal(err)
		}
	}
}

// release proposes the waves of the site and releases them all.
func (h *house) release(t *testing.T) {
	t.Helper()
	ids, err := h.ops.ProposeWaves(h.lead, h.jx)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := h.ops.ReleaseWave(h.lead, id); err != nil {
			t.Fatal(err)
		}
	}
}

// pick does the one task of the site to its end.
func (h *house) pick(t *testing.T) warehouse.PickTask {
	t.Helper()
	jobs, err := h.ops.PickJobs(h.worker, h.jx, 10)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("%+v, %v", jobs, err)
	}
	task, err := h.ops.TakePick(h.worker, h.command(), jobs[0].ID)
	if err == nil {
		task, err = h.ops.PlaceTote(h.worker, h.command(), task.ID, 1, "T-01")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range task.Stops {
		if task, err = h.ops.Pick(h.worker, h.command(), warehouseops.PickScans{Task: task.ID, Stops: []int64{s.ID}, Bin: s.Bin, Code: s.Goods.Code, Lot: s.Lot, Tote: "T-01"}); err != nil {
			t.Fatal(err)
		}
	}
	if !task.Over() {
		t.Fatalf("%+v", task)
	}
	return task
}

// pickAndPack picks, packs and hands over the one order that waits.
func (h *house) pickAndPack(t *testing.T, number string) {
	t.Helper()
	h.pick(t)
	h.packAndHandOver(t, number)
}

// packAndHandOver packs what is in the tote and hands it over.
func (h *house) packAndHandOver(t *testing.T, number string) {
	t.Helper()
	pack, err := h.ops.ToPack(h.worker, h.jx, "T-01", "")
	if err != nil || pack.Order != number || len(pack.Lines) == 0 {
		t.Fatalf("%+v, %v", pack, err)
	}
	var items []warehouseops.PackedItem
	for _, l := range pack.Lines {
		items = append(items, warehouseops.PackedItem{SKU: l.Goods.ID, Pieces: l.Want})
	}
	if pack, err = h.ops.ClosePack(h.worker, h.command(), warehouseops.Packing{Shipment: pack.ID, Items: items, Accepted: "没有秤"}); err != nil || len(pack.Parcels) != 1 {
		t.Fatalf("%+v, %v", pack, err)
	}
	m, err := h.ops.OpenManifest(h.worker, h.command(), h.jx, pack.Parcels[0].Number)
	if err == nil {
		m, err = h.ops.LoadParcel(h.worker, h.command(), m.ID, pack.Parcels[0].Number)
	}
	if err == nil {
		_, err = h.ops.CloseManifest(h.worker, h.command(), m.ID, "贝栗 司机")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// hold makes pieces that stand somewhere held.
func (h *house) hold(t *testing.T, bin, lot string, to warehouse.Status, n quantity.Pieces) {
	t.Helper()
	if _, err := h.ops.Reclass(h.lead, h.command(), warehouseops.Taking{Site: h.jx, From: bin, SKU: h.milk, Lot: lot, Pieces: n}, to, "试"); err != nil {
		t.Fatal(err)
	}
}

// Goods for the supplier are reserved where they stand, picked in a wave, packed and handed over, and what they cost is kept.
func TestGoodsGoBackToTheirSupplier(t *testing.T) {
	h := openHouse(t)
	if _, err := h.pool.Exec(t.Context(), `insert into catalog.term (supplier_id, sku_id, lead_mean_days, breaks) values ($1, $2, 10, '[{"from": 1, "price": 8800}]')`, h.supplier, h.milk); err != nil {
		t.Fatal(err)
	}
	h.floorBins(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	h.hold(t, "A01-01-1", "L1", warehouse.Damaged, 4)
	at := warehouse.Place{Site: h.jx, Bin: "A01-01-1", SKU: h.milk, Lot: "L1", Status: warehouse.Damaged}
	list, err := h.ops.Sendable(h.lead, h.jx)
	if err != nil || len(list) != 1 || list[0].Free != 4 || list[0].Supplier != h.supplier || list[0].Cost != 8800 {
		t.Fatalf("%+v, %v", list, err)
	}
	in := warehouse.SendBack{Site: h.jx, Supplier: h.supplier, Reason: "破损退厂", Bearer: warehouse.BearerSupplier, Carriage: 1500,
		Lines: []warehouse.SendBackLine{{Place: at, Pieces: 3, UnitCost: -1}}}
	if _, err := h.ops.SendBack(h.worker, h.command(), in); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker sends back: %v", err)
	}
	cmd := h.command()
	got, err := h.ops.SendBack(h.lead, cmd, in)
	if err != nil || got.Number != "RS-2611-0001" || got.State != "open" || got.Goods() != 26400 || got.Carriage != 1500 || len(got.Lines) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := h.ops.SendBack(h.lead, cmd, in); err != nil || again.Number != got.Number {
		t.Errorf("sent twice: %+v, %v", again, err)
	}
	if n, r := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Damaged); n != 4 || r != 3 {
		t.Errorf("%d damaged, %d reserved", n, r)
	}
	h.inOrder(t)
	var short *warehouse.ShortError
	more := in
	more.Lines = []warehouse.SendBackLine{{Place: at, Pieces: 2}}
	if _, err := h.ops.SendBack(h.lead, h.command(), more); !errors.As(err, &short) || short.Have != 1 {
		t.Errorf("more than is free: %v", err)
	}
	h.release(t)
	h.pickAndPack(t, got.Number)
	h.inOrder(t)
	if got, err = h.ops.SentBack(h.lead, got.Number); err != nil || got.State != "sent" || got.Closed == nil || len(got.Parcels) != 1 || got.Lines[0].Sent != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Damaged); n != 1 {
		t.Errorf("%d damaged are left", n)
	}
	var sold int
	if h.ask(t, &sold, `select count(*)::int from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id where o.kind = 'sale'`); sold != 0 {
		t.Error("it counts as a sale")
	}
}

// A return that is taken back leaves the goods held for another decision.
func TestReturnToTheSupplierIsCancelled(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	h.hold(t, "A01-01-1", "L1", warehouse.Held, 4)
	at := warehouse.Place{Site: h.jx, Bin: "A01-01-1", SKU: h.milk, Lot: "L1", Status: warehouse.Held}
	got, err := h.ops.SendBack(h.lead, h.command(), warehouse.SendBack{Site: h.jx, Supplier: h.supplier, Reason: "退厂", Bearer: warehouse.BearerHouse,
		Lines: []warehouse.SendBackLine{{Place: at, Pieces: 4, UnitCost: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.CancelOrder(h.lead, got.Outbound, "供应商不收"); err != nil {
		t.Fatal(err)
	}
	if got, err = h.ops.SentBack(h.lead, got.Number); err != nil || got.State != "cancelled" {
		t.Errorf("%+v, %v", got, err)
	}
	if n, r := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Held); n != 4 || r != 0 {
		t.Errorf("%d held, %d reserved", n, r)
	}
	h.inOrder(t)
	var fault *warehouse.SendBackError
	for field, change := range map[string]func(*warehouse.SendBack){
		"supplier": func(s *warehouse.SendBack) { s.Supplier = 0 }, "reason": func(s *warehouse.SendBack) { s.Reason = " " },
		"bearer": func(s *warehouse.SendBack) { s.Bearer = "nobody" }, "lines": func(s *warehouse.SendBack) { s.Lines = nil },
		"status":   func(s *warehouse.SendBack) { s.Lines[0].Place.Status = warehouse.Recalled },
		"pieces":   func(s *warehouse.SendBack) { s.Lines[0].Pieces = 0 },
		"carriage": func(s *warehouse.SendBack) { s.Carriage = -1 },
	} {
		in := warehouse.SendBack{Site: h.jx, Supplier: h.supplier, Reason: "退厂", Bearer: warehouse.BearerHouse, Lines: []warehouse.SendBackLine{{Place: at, Pieces: 1}}}
		change(&in)
		if _, err := h.ops.SendBack(h.lead, h.command(), in); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
