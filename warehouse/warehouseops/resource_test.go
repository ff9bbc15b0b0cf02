package warehouseops_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// move looks for other sites for what is short and allocates what moved.
func (d *orderDesk) move(t *testing.T) int {
	t.Helper()
	n, err := d.ops.MoveShort(d.ctx)
	if err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	return n
}

func TestShortLineGoesToTheSiteThatHasIt(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "BIB", "", 0, 9)
	d.place(t, order("M1", line("RING", 2, 4000), line("BIB", 1, 500)))
	d.settle(t)
	if got := d.lineStates(t, "M1"); got != "RING 2 short XH, BIB 1 allocated XH" {
		t.Fatal(got)
	}
	if n := d.move(t); n != 0 {
		t.Errorf("%d lines moved although no site has any", n)
	}
	d.stock(t, "PD", "RING", "", 0, 1)
	if n := d.move(t); n != 0 {
		t.Errorf("%d lines moved to a site that has a part of them", n)
	}
	d.stock(t, "PD", "RING", "", 0, 1)
	if n := d.move(t); n != 1 {
		t.Errorf("%d lines moved", n)
	}
	if got := d.lineStates(t, "M1"); got != "RING 2 allocated PD, BIB 1 allocated XH" {
		t.Errorf("%s", got)
	}
	if got := d.state(t, "M1"); got != "waiting ready,ready" {
		t.Errorf("what is left at the first site does not go out by itself: %s", got)
	}
	got, err := d.ops.Outbound(d.ctx, d.id(t, "M1"))
	if err != nil {
		t.Fatal(err)
	}
	last := got.Timeline[len(got.Timeline)-1]
	for _, e := range got.Timeline {
		if e.Kind == "moved" {
			last = e
		}
	}
	if last.Kind != "moved" || last.Detail != "RING × 2, XH → PD" || last.Site != "PD" {
		t.Errorf("the order does not tell why: %+v", got.Timeline)
	}
	if amount := ask[int](t, d, `select amount_fen::int from warehouse.outbound_line where outbound_id = $1 and no = 1`, int64(d.id(t, "M1"))); amount != 4000 {
		t.Errorf("paid %d", amount)
	}
}

func TestShortLinesKeepThePromiseOrTheNext(t *testing.T) {
	d := openDesk(t)
	soon := order("H1", line("RING", 1, 100))
	soon.Promise = warehouse.Minutes30
	far := order("N1", line("BIB", 1, 100))
	d.place(t, soon, far)
	d.settle(t)
	// JX is a day away: half an hour becomes the next day. An order for the next day does not become one without a promise … while the rules say how far a day goes.
	d.stock(t, "JX", "RING", "", 0, 5)
	if n := d.move(t); n != 1 || d.lineStates(t, "H1") != "RING 1 allocated JX" {
		t.Errorf("%d moved, %s", n, d.lineStates(t, "H1"))
	}
	if c := ask[string](t, d, `select string_agg(carrier, ',') from warehouse.shipment where outbound_id = $1 and state = 'ready'`, int64(d.id(t, "H1"))); c != "顺丰" {
		t.Errorf("a parcel of the next day goes with %q", c)
	}
	// Without MoveShort nothing moves, and a line waits as long as the rules say.
	rules := warehouse.DefaultSourcing()
	rules.MoveShort.Off = true
	if _, err := d.ops.SetSourcingRules(d.ctx, 0, rules, "不换仓"); err != nil {
		t.Fatal(err)
	}
	d.stock(t, "PD", "BIB", "", 0, 5)
	if n := d.move(t); n != 0 {
		t.Errorf("%d lines moved although it is switched off", n)
	}
	rules.MoveShort = warehouse.MoveShort{Minutes: 10}
	if _, err := d.ops.SetSourcingRules(d.ctx, 1, rules, "等 10 分钟"); err != nil {
		t.Fatal(err)
	}
	if n := d.move(t); n != 0 {
		t.Errorf("%d lines moved too early", n)
	}
	d.pass(11 * time.Minute)
	if n := d.move(t); n != 1 || d.lineStates(t, "N1") != "BIB 1 allocated PD" {
		t.Errorf("%d moved, %s", n, d.lineStates(t, "N1"))
	}
}

func TestEarlierOrdersChooseFirst(t *testing.T) {
	d := openDesk(t)
	for i := range 5 {
		d.place(t, order(fmt.Sprint("F", i), line("RING", 2, 100)))
		d.pass(time.Second)
	}
	d.settle(t)
	d.stock(t, "PD", "RING", "", 0, 3)
	d.stock(t, "JX", "RING", "", 0, 2)
	if n := d.move(t); n != 2 {
		t.Errorf("%d moved", n)
	}
	for i, want := range []string{"allocated", "allocated", "short", "short", "short"} {
		if got := d.lineStates(t, fmt.Sprint("F", i)); !strings.Contains(got, want) {
			t.Errorf("order %d: %s", i, got)
		}
	}
}

// A short pick leaves a part of a line: the rest goes from elsewhere, what is in the tote stays.
func TestRestOfAShortPickMoves(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 5)
	d.place(t, order("P1", line("RING", 5, 1000)))
	d.settle(t)
	id := int64(d.id(t, "P1"))
	// Three were found: the floor has them; two are promised no more, and wait on a further shipment.
	d.exec(t, `update warehouse.shipment set state = 'picking' where outbound_id = $1`, id)
	d.exec(t, `update warehouse.allocation set pieces = 3 where outbound_id = $1`, id)
	d.exec(t, `with p as (update warehouse.position set on_hand = 3, reserved = 3 returning id), o as (insert into warehouse.operation (id, cause, at, actor) values (gen_random_uuid(), 'count', now(), 'test') returning id)
		insert into warehouse.entry (operation_id, from_position, pieces) select o.id, p.id, 2 from o, p`)
	d.exec(t, `update warehouse.outbound_line set allocated = 3, state = 'short' where outbound_id = $1`, id)
	d.exec(t, `with s as (insert into warehouse.shipment (outbound_id, site_id, state) values ($1, $2, 'waiting') returning id)
		insert into warehouse.shortage (outbound_id, line_no, site_id, sku_id, shipment_id, pieces, whole, rank, since) select $1, 1, $2, $3, id, 2, false, 0, now() - interval '9 years' from s`,
		id, d.sites["XH"], d.skus["RING"])
	d.stock(t, "PD", "RING", "", 0, 2)
	if n, err := d.ops.MoveShort(d.ctx); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if _, err := d.ops.AllocateSite(d.ctx, d.sites["PD"], nil); err != nil {
		t.Fatal(err)
	}
	if got := d.lineStates(t, "P1"); got != "RING 3 allocated XH, RING 2 allocated PD" {
		t.Errorf("%s", got)
	}
	if got := d.state(t, "P1"); got != "waiting picking,cancelled,ready" {
		t.Errorf("%s", got)
	}
	if got := ask[string](t, d, `select string_agg(amount_fen::text, ',' order by no) from warehouse.outbound_line where outbound_id = $1`, id); got != "600,400" {
		t.Errorf("the money was split as %s", got)
	}
	d.sound(t)
}

// Many sites, few pieces, and everybody at once: nothing is promised twice, and when all is quiet no line is short that could be had in time.
func TestMovesUnderFire(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d := openDesk(t)
			r := rand.New(rand.NewPCG(seed, 7))
			skus, sites := []string{"RING", "BIB", "MILK"}, []string{"XH", "PD", "JX"}
			expiry := map[string]int{"MILK": 500}
			const orders = 120
			for i := range orders {
				n := order(fmt.Sprint("U", i))
				for range 1 + r.IntN(2) {
					n.Lines = append(n.Lines, line(skus[r.IntN(len(skus))], quantity.Pieces(1+r.IntN(4)), 100))
				}
				if r.IntN(3) == 0 {
					n.Promise = warehouse.Minutes30
				}
				d.place(t, n)
			}
			d.settle(t)
			var over atomic.Bool
			var wg sync.WaitGroup
			try := func(f func() error) {
				wg.Go(func() {
					for !over.Load() {
						if err := f(); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			for range 2 {
				try(func() error { _, err := d.ops.MoveShort(d.ctx); return err })
				for _, s := range sites {
					try(func() error { _, err := d.ops.AllocateSite(d.ctx, d.sites[s], nil); return err })
				}
			}
			for i := range 40 {
				sku := skus[r.IntN(len(skus))]
				d.stock(t, sites[r.IntN(len(sites))], sku, fmt.Sprint("L", i%3), expiry[sku], quantity.Pieces(1+r.IntN(6)))
				if i%10 == 0 {
					if _, err := d.ops.CancelOrder(d.ctx, d.id(t, fmt.Sprint("U", r.IntN(orders))), "试"); err != nil {
						t.Error(err)
					}
				}
			}
			over.Store(true)
			wg.Wait()
			for d.move(t) > 0 {
			}
			d.sound(t)
			faults, err := warehouseops.New(d.ops.Deps).Check(d.ctx)
			if err != nil || len(faults) > 0 {
				t.Errorf("%v, %v", faults, err)
			}
			if n := ask[int](t, d, `select count(*) from warehouse.position where reserved > on_hand`); n > 0 {
				t.Errorf("%d positions oversold", n)
			}
			// All three sites keep the next day: whoever is still short wants more than any way of sharing what is free would give.
			if n := ask[int](t, d, `select count(*) from warehouse.shortage x where x.pieces <= (select coalesce(sum(p.on_hand - p.reserved), 0)
				from warehouse.position p where p.sku_id = x.sku_id and p.status = 'available')`); n > 0 {
				t.Errorf("%d lines are short of what is free", n)
			}
		})
	}
}
