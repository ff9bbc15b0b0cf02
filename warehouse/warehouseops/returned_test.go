package warehouseops_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/events"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// handOver lets everything that is promised to an order leave the house, as the floor would.
func (d *orderDesk) handOver(t *testing.T, number string) warehouse.OutboundID {
	t.Helper()
	id := d.id(t, number)
	op := uuid.New()
	d.exec(t, `insert into warehouse.operation (id, cause, at, actor) values ($1, 'ship', now(), 'test')`, op)
	d.exec(t, `with a as (select position_id, sum(pieces)::bigint as n from warehouse.allocation where outbound_id = $1 and state = 'reserved' group by 1),
		p as (update warehouse.position p set on_hand = on_hand - a.n, reserved = reserved - a.n from a where p.id = a.position_id)
		insert into warehouse.entry (operation_id, from_position, pieces) select $2, position_id, n from a`, int64(id), op)
	d.exec(t, `update warehouse.allocation set state = 'shipped' where outbound_id = $1 and state = 'reserved'`, int64(id))
	d.exec(t, `update warehouse.outbound_line set shipped = allocated, state = 'shipped' where outbound_id = $1`, int64(id))
	d.exec(t, `update warehouse.shipment set state = 'handed_over', handed_over_at = now() where outbound_id = $1`, int64(id))
	d.exec(t, `update warehouse.outbound set state = 'shipped', shipped_at = now() where id = $1`, int64(id))
	return id
}

// What a customer sends back comes off the sales of the site that had sent it, and goes at once to the order that waits for it.
func TestReturnedPiecesServeWhoWaitsAndComeOffTheSales(t *testing.T) {
	d := openDesk(t)
	d.exec(t, `insert into warehouse.bin (site_id, code, kind) values ($1, 'RET-1', 'returns')`, d.sites["PD"])
	var back []warehouse.CameBack
	events.Subscribe(d.bus, func(f warehouse.CameBack) []river.InsertManyParams {
		back = append(back, f)
		return nil
	})
	d.stock(t, "PD", "RING", "", 0, 3)
	d.place(t, order("R1", line("RING", 3, 9000)))
	d.settle(t)
	id := d.handOver(t, "R1")
	d.place(t, order("R2", line("RING", 2, 6000)))
	d.settle(t)
	if got := d.lineStates(t, "R2"); got != "RING 2 short XH" {
		t.Fatalf("%s", got)
	}
	// It waits where the goods come in.
	d.exec(t, `update warehouse.outbound_line set site_id = $2 where outbound_id = $1`, int64(d.id(t, "R2")), d.sites["PD"])
	d.exec(t, `update warehouse.shortage set site_id = $2 where outbound_id = $1`, int64(d.id(t, "R2")), d.sites["PD"])
	d.exec(t, `update warehouse.shipment set site_id = $2 where outbound_id = $1`, int64(d.id(t, "R2")), d.sites["PD"])
	worker := access.WithUser(t.Context(), access.User{ID: access.ID(ask[int64](t, d, `insert into access.account (login, name, role) values ('w', 'w', 'warehouse') returning id`)),
		Name: "w", Role: access.Warehouse})
	cmd := warehouse.Command{Op: uuid.New(), Device: "hand-1", MadeAt: d.clock()}
	in := warehouseops.Returning{Site: d.sites["PD"], Outbound: id, SKU: d.skus["RING"], Pieces: 2, Grade: warehouse.GradeA}
	for range 2 { // sent twice, it happens once
		if _, err := d.ops.TakeReturn(worker, cmd, in); err != nil {
			t.Fatal(err)
		}
	}
	d.work(t)
	if got := d.lineStates(t, "R2"); got != "RING 2 allocated PD" {
		t.Errorf("the returned pieces did not go to who waits: %s", got)
	}
	d.sound(t)
	if len(back) != 1 || len(back[0].Pieces) != 1 {
		t.Fatalf("%+v", back)
	}
	if s := back[0].Pieces[0]; s.Pieces != -2 || s.Amount != -6000 || s.Site != d.sites["PD"] || s.Day != d.today() || s.Source == "" {
		t.Errorf("%+v", s)
	}
	// Taken in at another site than it came from: the sale was the other's.
	if _, err := d.ops.TakeReturn(worker, warehouse.Command{Op: uuid.New(), MadeAt: d.clock()},
		warehouseops.Returning{Site: d.sites["XH"], Outbound: id, SKU: d.skus["RING"], Pieces: 1, Grade: warehouse.GradeB}); err != nil {
		t.Fatal(err)
	}
	if len(back) != 2 || back[1].Pieces[0].Site != d.sites["PD"] || back[1].Site != d.sites["PD"] {
		t.Errorf("%+v", back)
	}
}
