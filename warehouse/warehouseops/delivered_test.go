package warehouseops_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/routing"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

// boxed makes an order of tins that is packed in one parcel for each number.
func (h *house) boxed(t *testing.T, lot string, each quantity.Pieces, numbers ...string) (outbound, shipment int64) {
	t.Helper()
	all := each * quantity.Pieces(len(numbers))
	outbound = h.promise(t, h.xh, "A01-01-1", h.milk, lot, "packed", all)
	h.ask(t, &shipment, `select id from warehouse.shipment where outbound_id = $1`, outbound)
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := h.pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`update warehouse.outbound set state = 'packed', promise = 'minutes30', placed_at = $2, promise_at = $3 where id = $1`, outbound, h.clock().Add(-10*time.Minute), h.clock().Add(20*time.Minute))
	run(`update warehouse.allocation set state = 'packed' where outbound_id = $1`, outbound)
	for i, n := range numbers {
		if i > 0 { // an allocation for each parcel
			run(`insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, state, at, shipment_id)
				select outbound_id, line_no, site_id, sku_id, position_id, $2, 'packed', at, shipment_id from warehouse.allocation where outbound_id = $1 order by id limit 1`, outbound, each)
		}
		run(`with p as (insert into warehouse.parcel (number, shipment_id, site_id, bin, op, packed_at, packed_by) values ($1, $2, $3, 'A01-01-1', gen_random_uuid(), now(), 'wang') returning id)
			insert into warehouse.parcel_item (parcel_id, allocation_id, pieces) select p.id, (select max(id) from warehouse.allocation where outbound_id = $4), $5 from p`, n, shipment, h.xh, outbound, each)
	}
	run(`update warehouse.allocation set pieces = $2 where outbound_id = $1`, outbound, each)
	return outbound, shipment
}

func (h *house) stateOf(t *testing.T, outbound int64) (state string) {
	t.Helper()
	h.ask(t, &state, `select state from warehouse.outbound where id = $1`, outbound)
	return state
}

func TestWhatRidersBringIsDelivered(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.xh, "A01-01-1", h.milk, "L1", 10)
	id, shipment := h.boxed(t, "L1", 2, "PA", "PB")
	first := routing.Delivered{Site: h.xh, Number: "PA", Shipment: shipment, At: h.clock().Add(12 * time.Minute)}
	// The first is told before anybody told that the round has left, and twice.
	for range 2 {
		if err := h.ops.Delivered(h.boss, first); err != nil {
			t.Fatal(err)
		}
	}
	if s := h.stateOf(t, id); s != "packed" {
		t.Errorf("%s with a parcel at the warehouse", s)
	}
	if n, reserved := h.stands(t, h.xh, "A01-01-1", h.milk, "L1", "available"); n != 8 || reserved != 2 {
		t.Errorf("%d stand, %d reserved", n, reserved)
	}
	if err := h.ops.Delivered(h.boss, routing.Delivered{Site: h.xh, Number: "PB", Shipment: shipment, At: h.clock().Add(18 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if s := h.stateOf(t, id); s != "delivered" {
		t.Errorf("%s when both are at the door", s)
	}
	if n := h.jobs(t, "warehouse.round_left"); n != 0 {
		t.Errorf("%d jobs from nowhere", n)
	}
	late, other := h.boxed(t, "L1", 1, "PC")
	h.pass(30 * time.Minute)
	if err := h.ops.Delivered(h.boss, routing.Delivered{Site: h.xh, Number: "PC", Shipment: other, At: h.clock()}); err != nil || h.stateOf(t, late) != "delivered" {
		t.Errorf("%s, %v", h.stateOf(t, late), err)
	}
	d, err := h.ops.Deliveries(h.boss, []catalog.SiteID{h.xh, h.jx}, h.clock().Add(-time.Hour), h.clock().Add(time.Hour))
	if err != nil || d.Delivered != 2 || d.Promised != 2 || d.OnTime != 1 || d.LateMinutes != 10 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := h.ops.Deliveries(h.boss, []catalog.SiteID{h.jx}, h.clock().Add(-time.Hour), h.clock().Add(time.Hour)); err != nil || d.Delivered != 0 {
		t.Errorf("another site delivered %+v, %v", d, err)
	}
	h.inOrder(t)
	h.promisesHold(t)
}

func TestWhatRidersBringBackWaitsToBeGraded(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.xh, "A01-01-1", h.milk, "L1", 10)
	id, shipment := h.boxed(t, "L1", 2, "PA")
	f := routing.Failed{Site: h.xh, Number: "PA", Shipment: shipment, Reason: routing.Declined, At: h.clock()}
	for range 2 {
		if err := h.ops.Undelivered(h.boss, f); err != nil {
			t.Fatal(err)
		}
	}
	if s := h.stateOf(t, id); s != "returned" {
		t.Errorf("the order is %s", s)
	}
	if n, _ := h.stands(t, h.xh, "RET-1", h.milk, "L1", "returned"); n != 2 {
		t.Errorf("%d wait to be graded", n)
	}
	list, err := h.ops.Returns(h.lead, h.xh, true, 10)
	if err != nil || len(list) != 1 || list[0].Pieces != 2 || list[0].Reason != "没送到：顾客拒收" || list[0].Note != "PA" {
		t.Fatalf("%+v, %v", list, err)
	}
	// A parcel that is no warehouse's, and one told as delivered after all, change nothing.
	for _, err := range []error{h.ops.Undelivered(h.boss, routing.Failed{Site: h.xh, Number: "NOBODY"}), h.ops.Delivered(h.boss, routing.Delivered{Site: h.xh, Number: "PA", At: h.clock()})} {
		if err != nil || h.stateOf(t, id) != "returned" {
			t.Errorf("%s, %v", h.stateOf(t, id), err)
		}
	}
	if _, err := h.ops.GradeReturn(h.worker, h.command(), list[0].ID, "A"); err != nil {
		t.Fatal(err)
	}
	h.inOrder(t)
	h.promisesHold(t)
}

func TestATransferByHandIsCarried(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 30)
	in := warehouseops.HandTransfer{From: h.jx, To: h.xh, Due: h.clock().Add(24 * time.Hour), Lines: []warehouseops.HandLine{{SKU: h.milk, Pieces: 12}, {SKU: h.ring, Pieces: 60}}}
	number, err := h.ops.PlaceTransfer(h.lead, in)
	if err != nil || number != "TR-2611-0001" {
		t.Fatal(number, err)
	}
	list, err := warehousedb.TransfersToCarry(t.Context(), h.pool, h.jx, nil)
	if err != nil || len(list) != 1 || list[0].Grams != 12*1000+60*50 || list[0].Millilitre != 12*2000+60*100 || list[0].Cold || list[0].ToSite != h.xh || list[0].Pieces != 72 {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, err := h.ops.PlaceTransfer(h.worker, in); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a picker ordered a transfer: %v", err)
	}
	in.Lines[0].Pieces = 0
	if _, err := h.ops.PlaceTransfer(h.lead, in); !errors.Is(err, warehouse.ErrNoPieces) {
		t.Error(err)
	}
	if list, err := warehousedb.TransfersToCarry(t.Context(), h.pool, h.xh, nil); err != nil || len(list) != 0 {
		t.Errorf("another site sends %+v, %v", list, err)
	}
}
