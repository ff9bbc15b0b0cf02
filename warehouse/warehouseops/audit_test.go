package warehouseops_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

func TestTheMonitorNamesTheFirstOperationThatBrokeTheBooks(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 20)
	id := h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "ready", 5)
	clean, err := h.ops.Audit(h.boss, true)
	if err != nil || clean.Faults != 0 || clean.Positions == 0 {
		t.Fatalf("%+v, %v", clean, err)
	}
	h.pass(time.Hour)
	// Somebody moves goods by the verbs, and then changes a balance by hand.
	c := h.command()
	if _, err := h.ops.Move(h.worker, c, h.taking("A01-01-1", h.milk, "L1", 2), "QC-1", false); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`update warehouse.position set on_hand = on_hand - 3 where bin = 'A01-01-1'`, `update warehouse.position set reserved = 4 where bin = 'A01-01-1'`,
		`update warehouse.outbound_line set allocated = 4`, `insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at) values (99, 1, 1, 1, 999999, 7, now())`} {
		if _, err := h.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	bad, err := h.ops.Audit(h.boss, false)
	if err != nil || bad.Faults != 4 {
		t.Fatalf("%+v, %v", bad, err)
	}
	byKind := map[warehouse.BookFault]warehouse.Fault{}
	for _, f := range bad.Detail {
		byKind[f.Kind] = f
	}
	ledger := byKind[warehouse.FaultLedger]
	if ledger.OnHand != 15 || ledger.Ledger != 18 || ledger.First == nil || ledger.First.Operation != c.Op.String() || ledger.First.By != "wang" || ledger.Since == nil {
		t.Errorf("%+v", ledger)
	}
	if f := byKind[warehouse.FaultReserved]; f.Reserved != 4 || f.Promised != 5 {
		t.Errorf("%+v", f)
	}
	if f := byKind[warehouse.FaultAllocated]; f.Allocated != 4 || f.Promised != 5 || f.Line != 1 {
		t.Errorf("%+v of order %d", f, id)
	}
	if f := byKind[warehouse.FaultOrphan]; f.Promised != 7 {
		t.Errorf("%+v", f)
	}
	if text := ledger.String(); !strings.Contains(text, c.Op.String()) || !strings.Contains(text, "15 on hand, the ledger says 18") {
		t.Error(text)
	}
	runs, err := h.ops.AuditRuns(h.boss, 0)
	if err != nil || len(runs) != 2 || runs[0].Faults != 4 || len(runs[0].Detail) != 4 || runs[1].Faults != 0 {
		t.Errorf("%+v, %v", runs, err)
	}
	if _, err := h.ops.Audit(h.worker, true); err == nil {
		t.Error("a worker proves the books")
	}
	// An entry that takes a balance below zero is named wherever it lies.
	if _, err := h.pool.Exec(t.Context(), `with o as (insert into warehouse.operation (id, cause, at, actor) values (gen_random_uuid(), 'adjustment', now(), 'mallory') returning id)
		insert into warehouse.entry (operation_id, from_position, pieces) select o.id, p.id, 50 from o, warehouse.position p where p.bin = 'QC-1'`); err != nil {
		t.Fatal(err)
	}
	all, err := h.ops.Check(h.boss)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range all {
		found = found || f.First != nil && f.First.Negative && f.First.By == "mallory" && f.Place.Bin == "QC-1"
	}
	if !found {
		t.Errorf("%+v", all)
	}
}

// roads are lanes as a test sets them.
type roads struct{ now, was catalog.Lane }

func (r *roads) Lane(context.Context, pgx.Tx, catalog.SiteID, catalog.SiteID) (catalog.Lane, error) {
	return r.now, nil
}

func (r *roads) ObserveLane(_ context.Context, _ pgx.Tx, from, to catalog.SiteID, mean, sd float64, _ int) error {
	r.was, r.now = r.now, catalog.Lane{From: from, To: to, LeadMean: mean, LeadSD: sd}
	return nil
}

// send puts a transfer of tins on its way to the front.
func (h *house) send(t *testing.T, order int64, shipped time.Time, n int64) warehouse.DeliveryID {
	t.Helper()
	expiry := h.today().AddDays(500)
	tx, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	id, err := h.ops.ExpectTransfer(h.boss, tx, order, fmt.Sprintf("TR-2611-%04d", order), h.jx, h.xh, shipped, nil, "城配", []warehouseops.TransferGoods{{SKU: h.milk, Lot: "L1", Expiry: &expiry, Pieces: 12, Carton: "P-1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `insert into warehouse.lot (sku_id, code, expiry) values ($1, 'L1', $2) on conflict do nothing`, h.milk, expiry); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `with p as (insert into warehouse.position (site_id, sku_id, lot_id, status, on_hand) select $1, $2, id, 'in_transit', $3 from warehouse.lot
			on conflict (site_id, bin, sku_id, lot_id, owner, status) do update set on_hand = warehouse.position.on_hand + $3 returning id),
		o as (insert into warehouse.operation (id, cause, at, actor) values (gen_random_uuid(), 'transfer_out', now(), 'test') returning id)
		insert into warehouse.entry (operation_id, to_position, pieces) select o.id, p.id, $3 from o, p`, h.xh, h.milk, n); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTransfersArriveAndTeachTheirLane(t *testing.T) {
	r := &roads{now: catalog.Lane{LeadMean: 1, LeadSD: .2}}
	h := openHouse(t, func(d *warehouseops.Deps) { d.Lanes = r })
	for i := range 8 {
		shipped := h.clock()
		id := h.send(t, int64(100+i), shipped, 12)
		h.pass(time.Duration(36+6*(i%3)) * time.Hour)
		got, err := h.ops.StartReceipt(h.worker, h.command(), id, "")
		if err != nil || got.Delivery.Arrives == nil || got.Delivery.Arrives.Sub(h.dayOf(shipped)) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		p, err := h.ops.ScanDock(h.worker, id, "P-1")
		if err != nil || p.Pieces != 12 || p.Lot != "L1" || p.Fault != nil {
			t.Fatalf("%+v, %v", p, err)
		}
		n := p.Pieces
		if i == 7 {
			n = 10 // two are lost on the way
		}
		if _, err := h.ops.Receive(h.worker, h.command(), warehouseops.Arrive{Delivery: id, SKU: h.milk, Lot: "L1", Expiry: p.Expiry, Pieces: n, Carton: "P-1"}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.ops.CloseReceipt(h.worker, h.command(), id, ""); err != nil {
			t.Fatal(err)
		}
		changed, err := h.ops.RefreshLanes(h.boss)
		if err != nil || (changed == 1) != (i == 7) {
			t.Fatalf("after %d journeys %d lanes changed: %v", i+1, changed, err)
		}
	}
	if n, _ := h.stands(t, h.xh, "DOCK-1", h.milk, "L1", warehouse.Available); n != 94 {
		t.Errorf("%d arrived; a transfer is not inspected again", n)
	}
	if n, _ := h.stands(t, h.xh, "", h.milk, "L1", warehouse.InTransit); n != 2 {
		t.Errorf("%d are still on their way", n)
	}
	if math.Abs(r.now.LeadMean-1.71875) > 1e-9 || r.now.LeadSD <= 0 {
		t.Errorf("%+v", r.now)
	}
	if changed, err := h.ops.RefreshLanes(h.boss); err != nil || changed != 0 {
		t.Errorf("the same again: %d, %v", changed, err)
	}
	lost := warehouseops.Taking{Site: h.xh, SKU: h.milk, Lot: "L1", Status: warehouse.InTransit, Pieces: 2}
	if _, err := h.ops.Scrap(h.lead, h.command(), lost, "在途丢失"); err != nil {
		t.Error(err)
	}
	h.inOrder(t)
}

func (h *house) dayOf(at time.Time) calendar.Day {
	return calendar.Of(at, time.FixedZone("Asia/Shanghai", 8*3600))
}

// What a manifest took away is expected at its target, each parcel once.
func TestHandedOverTransfersAreExpected(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 40)
	id := h.promise(t, h.jx, "A01-01-1", h.milk, "L1", "packed", 12)
	for _, sql := range []string{`update warehouse.outbound set kind = 'transfer', to_site = $2, number = 'TR-2611-0007' where id = $1`} {
		if _, err := h.pool.Exec(t.Context(), sql, id, h.xh); err != nil {
			t.Fatal(err)
		}
	}
	supply := func() []warehouse.TransferSupply {
		got, err := warehousedb.TransferSupply(t.Context(), h.pool, []catalog.SKUID{h.milk}, h.today())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := supply(); len(got) != 1 || got[0].Pieces != 12 || !got[0].Shipped || got[0].Site != h.xh || got[0].From != h.jx || got[0].Arrives != h.today().AddDays(1) {
		t.Errorf("promised pieces are to come: %+v", got)
	}
	parcel := func(number string, n int) {
		if _, err := h.pool.Exec(t.Context(), `with c as (insert into warehouse.parcel (number, shipment_id, site_id, state, bin, op, packed_at, packed_by, handed_over_at)
				select $2, s.id, s.site_id, 'handed_over', 'S-1', gen_random_uuid(), now(), 'test', now() from warehouse.shipment s where s.outbound_id = $1 returning id),
			a as (update warehouse.allocation set state = 'shipped' where outbound_id = $1 returning id)
			insert into warehouse.parcel_item (parcel_id, allocation_id, pieces) select c.id, a.id, $3 from c, a`, id, number, n); err != nil {
			t.Fatal(err)
		}
	}
	parcel("P-1", 8)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := h.ops.ExpectSent(h.boss, []int64{id}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	parcel("P-2", 4)
	if err := h.ops.ExpectSent(h.boss, []int64{id}); err != nil {
		t.Fatal(err)
	}
	docks, err := h.ops.Docks(h.worker, warehouse.DockQuery{Site: h.xh})
	if err != nil || len(docks) != 1 || docks[0].LineCount != 2 || docks[0].Announced != 12 || docks[0].Kind != warehouse.TransferDelivery || docks[0].Number != "TR-2611-0007" {
		t.Errorf("%+v, %v", docks, err)
	}
}
