package warehouseops_test

import (
	"errors"
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

func (d *orderDesk) id(t *testing.T, number string) warehouse.OutboundID {
	t.Helper()
	id, err := d.ops.FindOutbound(d.ctx, "tmall", number)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d *orderDesk) state(t *testing.T, number string) string {
	t.Helper()
	return ask[string](t, d, `select o.state || coalesce(' ' || string_agg(s.state, ',' order by s.id), '') from warehouse.outbound o
		left join warehouse.shipment s on s.outbound_id = o.id where o.number = $1 group by o.state`, number)
}

func (d *orderDesk) reserved(t *testing.T) int {
	t.Helper()
	return ask[int](t, d, `select coalesce(sum(reserved), 0)::int from warehouse.position`)
}

func TestCancelBeforeThePick(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 2)
	d.place(t, order("C1", line("RING", 2, 1)), order("C2", line("RING", 2, 1)), order("C3", line("BIB", 1, 1)))
	if _, err := d.ops.CancelOrder(d.ctx, d.id(t, "C3"), "买家取消"); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	if got := d.state(t, "C3"); got != "cancelled" {
		t.Errorf("cancelled before it had a site: %s", got)
	}
	got, err := d.ops.CancelOrder(d.ctx, d.id(t, "C1"), "买家取消")
	if err != nil || got.Released != 2 || got.State != warehouse.OutboundCancelled || got.Revision != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if again, err := d.ops.CancelOrder(d.ctx, d.id(t, "C1"), ""); err != nil || again.Released != 0 || again.Revision != 2 {
		t.Errorf("cancelled twice: %+v, %v", again, err)
	}
	if n := ask[int](t, d, `select count(*) from river_job where kind = 'warehouse.allocate' and args::jsonb->'freed' is not null`); n != 1 {
		t.Errorf("%d jobs serve those who wait for the freed pieces", n)
	}
	d.settle(t)
	if got := d.lineStates(t, "C2"); got != "RING 2 allocated XH" {
		t.Errorf("the freed pieces did not go to who waited: %s", got)
	}
	if got := d.state(t, "C1"); got != "cancelled cancelled" {
		t.Errorf("%s", got)
	}
	if _, err := d.ops.ChangeOrder(d.ctx, d.id(t, "C1"), warehouse.OutboundChange{}); !errors.Is(err, warehouse.ErrCancelled) {
		t.Errorf("a cancelled order is changed: %v", err)
	}
}

func TestCancelOnTheFloor(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 5)
	d.place(t, order("P1", line("RING", 2, 1)), order("P2", line("RING", 1, 1)))
	d.settle(t)
	d.exec(t, `update warehouse.shipment set state = 'picked' where outbound_id = $1`, int64(d.id(t, "P1")))
	d.exec(t, `update warehouse.allocation set state = 'picked' where outbound_id = $1`, int64(d.id(t, "P1")))
	got, err := d.ops.CancelOrder(d.ctx, d.id(t, "P1"), "地址错误")
	if err != nil || got.PutBack != 2 || got.Released != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if s := d.state(t, "P1"); s != "cancelled picked" || d.reserved(t) != 3 {
		t.Errorf("what is in the tote stays promised until it is put back: %s, %d reserved", s, d.reserved(t))
	}
	d.sound(t)
	d.exec(t, `update warehouse.outbound set state = 'shipped' where number = 'P2'`)
	if _, err := d.ops.CancelOrder(d.ctx, d.id(t, "P2"), ""); !errors.Is(err, warehouse.ErrShipped) {
		t.Errorf("a shipped order is cancelled: %v", err)
	}
	if _, err := d.ops.ChangeOrder(d.ctx, d.id(t, "P2"), warehouse.OutboundChange{}); !errors.Is(err, warehouse.ErrShipped) {
		t.Errorf("a shipped order is changed: %v", err)
	}
}

func TestChangeBeforeThePick(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 5)
	d.stock(t, "XH", "BIB", "", 0, 5)
	d.place(t, order("H1", line("RING", 2, 200)))
	d.settle(t)
	id := d.id(t, "H1")
	c := warehouse.OutboundChange{Revision: 1, Reason: "加购", Lines: []warehouse.LineChange{{No: 1, Pieces: 4, Amount: 400}, {SKU: "BIB", Pieces: 1, Amount: 100}}}
	got, err := d.ops.ChangeOrder(d.ctx, id, c)
	if err != nil || got.Revision != 2 || got.Released != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := d.ops.ChangeOrder(d.ctx, id, c); !errors.Is(err, warehouse.ErrRevision) {
		t.Errorf("changed on an old reading: %v", err)
	}
	d.settle(t)
	if got := d.lineStates(t, "H1"); got != "RING 4 allocated XH, BIB 1 allocated XH" {
		t.Errorf("%s", got)
	}
	if got := d.state(t, "H1"); got != "waiting cancelled,ready" {
		t.Errorf("%s", got)
	}
	if _, err := d.ops.ChangeOrder(d.ctx, id, warehouse.OutboundChange{Lines: []warehouse.LineChange{{No: 1, Pieces: 0}}}); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	if got := d.lineStates(t, "H1"); got != "RING 4 cancelled, BIB 1 allocated XH" || d.reserved(t) != 1 {
		t.Errorf("%s, %d reserved", got, d.reserved(t))
	}
	var fault *warehouseops.LineError
	if _, err := d.ops.ChangeOrder(d.ctx, id, warehouse.OutboundChange{Lines: []warehouse.LineChange{{No: 9, Pieces: 1}}}); !errors.As(err, &fault) || fault.Field != "no" {
		t.Errorf("a line that is not there: %v", err)
	}
	var faults catalog.Faults
	if _, err := d.ops.ChangeOrder(d.ctx, id, warehouse.OutboundChange{Lines: []warehouse.LineChange{{Pieces: -1}}}); !errors.As(err, &faults) || len(faults) != 2 {
		t.Errorf("a bad line: %v", err)
	}
}

func TestChangeOnTheFloor(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 9)
	d.place(t, order("G1", line("RING", 2, 200)), order("G2", line("RING", 3, 300)))
	d.settle(t)
	d.exec(t, `update warehouse.shipment set state = 'picking'`)
	if got, err := d.ops.ChangeOrder(d.ctx, d.id(t, "G1"), warehouse.OutboundChange{Lines: []warehouse.LineChange{{No: 1, Pieces: 3, Amount: 300}}}); err != nil || got.PutBack != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := d.ops.ChangeOrder(d.ctx, d.id(t, "G2"), warehouse.OutboundChange{Lines: []warehouse.LineChange{{No: 1, Pieces: 1, Amount: 100}}}); err != nil || got.PutBack != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	d.settle(t)
	if a, b := d.lineStates(t, "G1"), d.lineStates(t, "G2"); a != "RING 2 allocated XH, RING 1 allocated XH" || b != "RING 3 allocated XH, RING 1 allocated XH" {
		t.Errorf("%s; %s", a, b)
	}
	if n := ask[int](t, d, `select count(*) from warehouse.put_back where done_at is null and stage = 'tote'`); n != 1 {
		t.Errorf("%d put-backs", n)
	}
	if n := ask[int](t, d, `select sum(amount_fen)::int from warehouse.outbound`); n != 400 {
		t.Errorf("the orders cost %d", n)
	}
	d.sound(t)
}

func TestConsigneesAreReadAndErased(t *testing.T) {
	d := openDesk(t)
	d.place(t, order("K1", line("RING", 1, 1)))
	id := d.id(t, "K1")
	c, err := d.ops.Consignee(d.ctx, id)
	if err != nil || c.Street != "漕溪北路 1 号" {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := d.ops.Consignee(access.WithUser(t.Context(), access.User{Role: access.Warehouse}), id); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("the floor reads a consignee: %v", err)
	}
	if err := d.ops.EraseConsignee(d.ctx, id, "用户申请"); !errors.Is(err, warehouseops.ErrStillOpen) {
		t.Errorf("erased before it is delivered: %v", err)
	}
	moved := c
	moved.Street, moved.Phone = "淮海路 2 号", "13900005678"
	if _, err := d.ops.ChangeOrder(d.ctx, id, warehouse.OutboundChange{Consignee: &moved}); err != nil {
		t.Fatal(err)
	}
	if c, err = d.ops.Consignee(d.ctx, id); err != nil || c.Street != moved.Street {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := d.ops.CancelOrder(d.ctx, id, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.ops.EraseConsignee(d.ctx, id, "用户申请"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.ops.Consignee(d.ctx, id); !errors.Is(err, warehouse.ErrErased) {
		t.Errorf("read after it was erased: %v", err)
	}
	if left := ask[string](t, d, `select consignee || phone || address || area || coalesce(lat::text, '') || coalesce(sealed::text, '') from warehouse.outbound`); left != "上海市" {
		t.Errorf("left: %s", left)
	}
	if again := d.place(t, order("K1", line("RING", 1, 1)))[0]; again.Outcome != warehouseops.Existing {
		t.Errorf("the same order after it was erased: %+v", again)
	}
	if verbs := ask[string](t, d, `select string_agg(verb, ' ' order by id) from audit.entry where thing = 'outbound'`); !strings.Contains(verbs, "consignee.read") || !strings.Contains(verbs, "consignee.erase") {
		t.Errorf("audit: %s", verbs)
	}
}

func TestSealsAreMadeAnewUnderANewKey(t *testing.T) {
	d := openDesk(t)
	d.place(t, order("K1", line("RING", 1, 1)), order("K2", line("RING", 1, 1)))
	if n, err := d.ops.Reseal(d.ctx, 10); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	stranger, err := warehouse.NewSealKey()
	if err != nil {
		t.Fatal(err)
	}
	alone, err := warehouse.ParseSeal(stranger)
	if err != nil {
		t.Fatal(err)
	}
	d.ops.Seal = alone
	if _, err := d.ops.Reseal(d.ctx, 10); !errors.Is(err, warehouse.ErrSealKey) {
		t.Errorf("sealed anew without the old key: %v", err)
	}
}
