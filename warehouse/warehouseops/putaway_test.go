package warehouseops_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

func (h *house) taking(from string, sku catalog.SKUID, lot string, n quantity.Pieces) warehouseops.Taking {
	return warehouseops.Taking{Site: h.jx, From: from, SKU: sku, Lot: lot, Pieces: n}
}

// promise makes an order of which pieces at a place are allocated, its shipment in the state.
func (h *house) promise(t *testing.T, site catalog.SiteID, bin string, sku catalog.SKUID, lot, shipment string, n quantity.Pieces) (outbound int64) {
	t.Helper()
	err := h.pool.QueryRow(t.Context(), `with o as (insert into warehouse.outbound (channel, number, content_hash, placed_at, received_at, state)
			values ('test', gen_random_uuid()::text, '', now(), now(), 'allocated') returning id),
		l as (insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, site_id, allocated, state) select id, 1, $3, $6, $1, $6, 'allocated' from o),
		h as (insert into warehouse.shipment (outbound_id, site_id, state) select id, $1, $5 from o returning id),
		p as (update warehouse.position p set reserved = reserved + $6 from warehouse.lot l where l.id = p.lot_id and p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4
			and p.status = 'available' returning p.id)
		insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, state, at, shipment_id)
		select o.id, 1, $1, $3, p.id, $6, 'reserved', now(), h.id from o, h, p returning outbound_id`, site, bin, sku, lot, shipment, n).Scan(&outbound)
	if err != nil {
		t.Fatal(err)
	}
	return outbound
}

func TestPutAwayAdviceHasReasons(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "DOCK-1", h.milk, "L1", 30)
	h.put(t, h.jx, "A01-02-4", h.milk, "L1", 5)
	h.put(t, h.jx, "A01-01-4", h.ring, "R1", 5)
	if err := h.ops.SetPickFaces(h.lead, []warehouse.PickFace{{Site: h.jx, SKU: h.milk, Bin: "a01-01-1", Min: 10, Max: 40}}); err != nil {
		t.Fatal(err)
	}
	if err := h.ops.SetPickFaces(h.lead, []warehouse.PickFace{{Site: h.jx, SKU: h.milk, Bin: "A01-01-4", Min: 1, Max: 4}}); !errors.Is(err, warehouse.ErrFace) {
		t.Errorf("a reserve as a pick face: %v", err)
	}
	advice, err := h.ops.PutAdvice(h.worker, h.taking("DOCK-1", h.milk, "L1", 30), 10)
	if err != nil || len(advice) != 3 {
		t.Fatalf("%+v, %v", advice, err)
	}
	if advice[0].Bin != "A01-01-1" || advice[0].Pieces != 30 || advice[0].Reasons[0].Why != "pick_face" || advice[1].Bin != "A01-02-4" || advice[1].Reasons[0].Why != "same_lot" {
		t.Errorf("%+v", advice)
	}
	tasks, err := h.ops.PutTasks(h.worker, h.jx, 0)
	if err != nil || len(tasks) != 1 || tasks[0].Pieces != 30 || tasks[0].Ware.Code != "MR-1" {
		t.Errorf("%+v, %v", tasks, err)
	}
}

func TestPutAwayRefusesTheWrongBin(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "DOCK-1", h.milk, "L1", 300)
	h.put(t, h.jx, "A01-02-1", h.ring, "R1", 5)
	h.put(t, h.jx, "A01-02-4", h.milk, "L2", 5)
	refuse := func(to string, n quantity.Pieces, against string) *warehouse.BinRefusal {
		t.Helper()
		var r *warehouse.BinRefusal
		if _, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", n), to, false); !errors.As(err, &r) || r.Against != against {
			t.Fatalf("to %s: %v, want %s", to, err, against)
		}
		return r
	}
	if r := refuse("K01-01-1", 6, "temperature"); r.Wanted != "ambient" || r.Has != "chilled" {
		t.Errorf("%+v", r)
	}
	if r := refuse("a01-02-1", 6, "other_sku"); r.Has != "MR-2" {
		t.Errorf("%+v", r)
	}
	if r := refuse("A01-02-4", 6, "other_lot"); r.Has != "L2" || r.Wanted != "L1" {
		t.Errorf("%+v", r)
	}
	if r := refuse("A01-01-1", 60, "no_room"); r.Fits != 50 { // 100 litres, 2 litres a tin
		t.Errorf("%+v", r)
	}
	refuse("QC-1", 6, "kind")
	if _, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 6), "Z99-01-1", false); !errors.Is(err, warehouse.ErrUnknownBin) {
		t.Errorf("an unknown bin: %v", err)
	}
	var short *warehouse.ShortError
	if _, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 301), "A01-01-4", false); !errors.As(err, &short) || short.Have != 300 {
		t.Errorf("more than there is: %v", err)
	}
	if _, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "LX", 1), "A01-01-4", false); !errors.As(err, &short) || short.Have != 0 {
		t.Errorf("a lot that is not there: %v", err)
	}
	done, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 60), "A01-01-1", true)
	if err != nil || done.Left != 240 {
		t.Errorf("the worker sees that they fit: %+v, %v", done, err)
	}
	var lots int
	if h.ask(t, &lots, `select count(*)::int from warehouse.lot where code = 'LX'`); lots != 0 {
		t.Error("a slip of the scanner made a lot")
	}
	h.inOrder(t)
}

func TestPutAwayTakesPromisesAlong(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "DOCK-1", h.milk, "L1", 30)
	h.promise(t, h.jx, "DOCK-1", h.milk, "L1", "waiting", 12)
	h.promise(t, h.jx, "DOCK-1", h.milk, "L1", "picking", 8)
	done, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 15), "A01-01-1", false)
	if err != nil || done.Reserved != 5 {
		t.Fatalf("10 are free, so 5 take their promise along: %+v, %v", done, err)
	}
	var busy *warehouse.InPickingError
	if _, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 15), "A01-01-1", false); !errors.As(err, &busy) || busy.Free != 7 || busy.Picking != 8 {
		t.Errorf("8 are in a wave: %v", err)
	}
	c := h.command()
	var wg sync.WaitGroup
	for range 4 { // sent again by the device
		wg.Go(func() {
			if done, err := h.ops.PutAway(h.worker, c, h.taking("DOCK-1", h.milk, "L1", 7), "A01-01-1", false); err != nil || done.Reserved != 7 {
				t.Errorf("%+v, %v", done, err)
			}
		})
	}
	wg.Wait()
	if n, r := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 22 || r != 12 {
		t.Errorf("%d stand in the rack, %d promised; want 22 and 12", n, r)
	}
	h.inOrder(t)
	h.promisesHold(t)
}

// promisesHold fails when what positions have reserved is not what is promised of them.
func (h *house) promisesHold(t *testing.T) {
	t.Helper()
	var bad int
	h.ask(t, &bad, `select count(*)::int from warehouse.position p left join (select position_id, sum(pieces) as n from warehouse.allocation where state in ('reserved','picked','packed') group by 1) a
		on a.position_id = p.id where p.reserved <> coalesce(a.n, 0)`)
	if bad > 0 {
		t.Errorf("%d positions have other pieces reserved than are promised", bad)
	}
	h.ask(t, &bad, `select count(*)::int from warehouse.outbound_line l where l.allocated <> (select coalesce(sum(pieces), 0) from warehouse.allocation a
		where a.outbound_id = l.outbound_id and a.line_no = l.no and a.state <> 'released')`)
	if bad > 0 {
		t.Errorf("%d lines have other pieces allocated than their allocations say", bad)
	}
}

func TestTwoPutTheSamePiecesAway(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "DOCK-1", h.milk, "L1", 30)
	var done, short atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			to := "A01-01-1"
			if i%2 == 0 {
				to = "A01-01-4"
			}
			_, err := h.ops.PutAway(h.worker, h.command(), h.taking("DOCK-1", h.milk, "L1", 10), to, false)
			var s *warehouse.ShortError
			switch {
			case err == nil:
				done.Add(1)
			case errors.As(err, &s):
				short.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 3 || short.Load() != 5 {
		t.Errorf("%d done, %d refused", done.Load(), short.Load())
	}
	h.inOrder(t)
}

func TestRefillsBringDownWhatExpiresFirst(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 5)
	h.put(t, h.jx, "A01-01-4", h.milk, "L1", 50)
	if err := h.ops.SetPickFaces(h.lead, []warehouse.PickFace{{Site: h.jx, SKU: h.milk, Bin: "A01-01-1", Min: 10, Max: 40}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // planned again, nothing is made twice
		if _, err := h.ops.PlanRefills(h.lead, h.jx); err != nil {
			t.Fatal(err)
		}
	}
	all, err := h.ops.Refills(h.worker, h.jx, 0)
	if err != nil || len(all) != 1 || all[0].Pieces != 35 || all[0].Urgent {
		t.Fatalf("%+v, %v", all, err)
	}
	id := all[0].ID
	if _, err := h.ops.TakeRefill(h.worker, id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.DoRefill(h.second, h.command(), id, 35, false); !errors.Is(err, warehouse.ErrTaskTaken) {
		t.Errorf("another's task: %v", err)
	}
	h.pass(31 * 60e9)
	if _, err := h.ops.DoRefill(h.second, h.command(), id, 30, false); err != nil {
		t.Errorf("left lying for half an hour: %v", err)
	}
	if _, err := h.ops.DoRefill(h.second, h.command(), id, 5, false); !errors.Is(err, warehouse.ErrNoRefill) {
		t.Errorf("done twice: %v", err)
	}
	if n, _ := h.stands(t, h.jx, "A01-01-1", h.milk, "L1", warehouse.Available); n != 35 {
		t.Errorf("%d stand in the face", n)
	}
	if made, err := h.ops.PlanRefills(h.lead, h.jx); err != nil || made != 0 {
		t.Errorf("%d made, %v", made, err)
	}
	h.inOrder(t)
}
