package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/web/api"
)

// TestTheLastPiecesGoOnce lets many customers, the server and two more worker processes fight for the last pieces of a SKU: more
// is ordered than there is, and some cancel meanwhile. Every piece is promised at most once and every order is accounted for.
func TestTheLastPiecesGoOnce(t *testing.T) {
	database := demoCopy(t)
	h := serve(t, database)
	process(t, "--database-url="+database, "work")
	process(t, "--database-url="+database, "work")
	number := func(sql string, args ...any) (n int) {
		t.Helper()
		if err := h.db.Pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return n
	}
	const open = `status = 'available' and owner = ''`
	var sku string
	var id, free int
	if err := h.db.Pool.QueryRow(t.Context(), `select k.code, k.id, sum(p.on_hand - p.reserved) from catalog.sku k join warehouse.position p on p.sku_id = k.id and p.`+open+`
		join catalog.site s on s.id = p.site_id and s.tier in ('front','regional')
		where k.retired is null group by 1, 2 having sum(p.on_hand - p.reserved) >= 60 order by 3, 2 limit 1`).Scan(&sku, &id, &free); err != nil {
		t.Fatal(err)
	}
	if free > 1000 { // enough of it is taken away to make it scarce
		t.Fatalf("the scarcest SKU %s has %d free pieces", sku, free)
	}
	before := number(`select coalesce(sum(reserved), 0)::int from warehouse.position where sku_id = $1`, id)
	const buyers = 16
	each := (free+100)/buyers + 1
	var wg sync.WaitGroup
	key := sample.key
	send := func(path, body string, good ...int) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+api.Prefix+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		defer res.Body.Close()
		for _, g := range good {
			if res.StatusCode == g {
				return
			}
		}
		t.Errorf("%s answered %s", path, res.Status)
	}
	for b := range buyers {
		wg.Go(func() {
			for i := range each {
				name := fmt.Sprintf("last-%d-%d", b, i)
				send("/orders", fmt.Sprintf(`{"channel":"race","number":%q,"promise":"next_day","consignee":{"name":"王小明","phone":"13812341234","province":"上海市",
					"city":"上海市","district":"徐汇区","street":"漕溪北路 1 号","lat":31.19,"lon":121.43},"lines":[{"sku":%q,"pieces":%d}]}`, name, sku, 1+i%2), http.StatusCreated)
				if i%7 == 3 {
					send("/orders/race/"+name+"/cancel", `{"reason":"changed my mind"}`, http.StatusOK)
				}
			}
		})
	}
	wg.Wait()
	sent := buyers * each
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if number(`select count(*) from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id where o.channel = 'race' and l.state in ('new','queued')`) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not all orders are decided within two minutes")
		}
	}
	if n := number(`select count(*) from warehouse.outbound where channel = 'race'`); n != sent {
		t.Errorf("%d orders stand, %d were sent", n, sent)
	}
	if n := number(`select count(*) from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id where o.channel = 'race' and l.state not in ('allocated','short','cancelled')`); n != 0 {
		t.Errorf("%d lines are neither promised, short nor cancelled", n)
	}
	if n := number(`select count(*) from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id where o.channel = 'race' and l.state = 'short'`); n == 0 {
		t.Error("nobody went short although more was ordered than there is")
	}
	given := number(`select coalesce(sum(a.pieces), 0)::int from warehouse.allocation a join warehouse.outbound o on o.id = a.outbound_id where o.channel = 'race' and a.state <> 'released'`)
	if given == 0 || given > free {
		t.Errorf("%d pieces are promised of %d", given, free)
	}
	if n := number(`select coalesce(sum(reserved), 0)::int from warehouse.position where sku_id = $1`, id); n != before+given {
		t.Errorf("%d pieces are reserved, %d before and %d given", n, before, given)
	}
	if n := number(`select count(distinct by) from river_job, unnest(attempted_by) as by where kind in ('warehouse.allocate','warehouse.source')`); n < 2 {
		t.Errorf("%d processes worked on the orders", n)
	}
	faults, err := h.Stock.Check(h.asSystem(t.Context()))
	if err != nil || len(faults) > 0 {
		t.Errorf("the books: %v, %v", faults, err)
	}
}
