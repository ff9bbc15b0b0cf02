package scanner_test

import (
	"fmt"
	"testing"
	"time"
)

// dock gives the house a dock, racks and quarantine, and goods with a wanted life.
func (h *house) dock() {
	h.t.Helper()
	h.exec(`insert into warehouse.bin (site_id, code, kind, mixed_skus, mixed_lots) select $1, c, k, true, true from (values ('D-01', 'dock'), ('Q-01', 'inspect'), ('RT-01', 'returns'), ('H-01', 'quarantine'), ('X-01', 'scrap')) as t (c, k)`, h.site)
	h.exec(`insert into warehouse.bin (site_id, code, kind, zone, aisle, bay, level, temperature, capacity_ml) values ($1, 'A02-01-3', 'reserve', 'A', 2, 1, 3, 'ambient', 60000), ($1, 'A02-03-3', 'reserve', 'A', 2, 3, 3, 'ambient', 900000), ($1, 'K01-01-1', 'reserve', 'K', 1, 1, 1, 'chilled', 0)`, h.site)
	h.exec(`update catalog.sku set min_remaining_days = 180, volume_ml = 1500`)
	h.exec(`update catalog.sku set shelf_life_days = 0, min_remaining_days = 0 where code = 'MR-100003'`)
}

// note expects a delivery of 240 tins in 40 cartons, 60 packs and 120 teethers, and gives its id.
func (h *house) note(number string) (id int64) {
	h.t.Helper()
	h.exec(`insert into catalog.supplier (code, name_zh, name_en) values ('S-MH', '牧禾乳业', 'Muhe Dairy') on conflict do nothing`)
	h.ask(`insert into warehouse.delivery (kind, number, site_id, supplier_id, arrives, expected_at) select 'supplier', $1, $2, id, current_date, now() from catalog.supplier returning id`, &id, number, h.site)
	h.exec(`insert into warehouse.delivery_line (delivery_id, no, sku_id, lot, produced, expiry, pieces, cartons, per_carton, carton_no) values ($1, 1, $2, 'MH260815', '2026-08-15', '2028-02-14', 240, 40, 6, 'C001-C040'),
		($1, 2, $3, 'YR261107', null, '2029-11-01', 60, 10, 6, ''), ($1, 3, $4, '', null, null, 120, 2, 60, '106971002360038999')`, id, h.skus["MR-100001"], h.skus["MR-100002"], h.skus["MR-100003"])
	return id
}

// tap presses a key after a glove's second press has been waited off, and a green answer that would lie over it.
func (h hand) tap(selector string) {
	time.Sleep(400 * time.Millisecond)
	h.Until(`!document.querySelector(".mk-answer.is-right")`)
	h.Click(selector)
}

// receiving gives a handheld that has begun to receive a delivery.
func (h *house) receiving(t *testing.T, number string) hand {
	p := h.hand(t)
	p.signIn()
	p.scan(number)
	p.WaitText("main", "开始收货")
	p.tap(`[data-do="begin"]`)
	p.WaitText(".mk-sink", "扫箱码")
	p.synced()
	return p
}

func TestReceiveAtTheDock(t *testing.T) {
	h := openHouse(t)
	h.dock()
	id := h.note("ASN-5521")
	p := h.receiving(t, "ASN-5521")
	p.Screenshot("hand-receive-waiting")
	p.scan("C001")
	p.WaitText(".ok", "箱码已读")
	p.WaitText(".gs", "MH260815")
	p.scan(element("01", "06971002360017", "17280214", "10", "MH260815"))
	p.WaitText(".tot", "12")
	p.WaitText(".left", "要求 ≥ 25%")
	p.Screenshot("hand-receive")
	p.Axe()

	// A whole pallet at once.
	p.tap(`[data-do="pallet"]`)
	p.WaitText(".mk-qty", "234")
	p.tap(`[data-do="book"]`)
	p.right("234 罐，收下")
	p.synced()
	if n := h.count(`select good from warehouse.delivery_line where delivery_id = $1 and no = 1`, id); n != 240 {
		t.Errorf("%d tins received", n)
	}

	// One carton too many: blocked, taken in with one tap.
	p.scan(milk)
	p.WaitText(".mk-answer.is-wrong", "多了")
	p.Screenshot("hand-receive-over")
	p.Axe()
	p.tap(`.mk-answer [data-do="take"]`)
	p.right("6 罐，收下")

	// Too short a life: held.
	soon := time.Now().AddDate(0, 0, 100)
	p.scan(element("01", "06971002360024", "17"+soon.Format("060102"), "10", "YR261107"))
	p.WaitText(".mk-answer.is-wrong", "效期太短")
	p.WaitText(".mk-answer", "要求 180 天")
	p.Screenshot("hand-receive-short-life")
	p.tap(`.mk-answer [data-do="take"]`)
	p.right("6 包，收下")

	// A lot that was not announced goes back; damaged pieces are two taps.
	p.scan(element("01", "06971002360024", "17291201", "10", "YR261299"))
	p.WaitText(".mk-answer.is-wrong", "批次不对")
	p.WaitText(".cmp", "1299")
	p.Screenshot("hand-receive-wrong-lot")
	p.tap(`.mk-answer [data-do="refuse"]`)
	p.right("6 包，拒收")
	p.scan("6971002360031")
	p.WaitText(".mk-qty", "1")
	p.tap(`[data-do="bad"]`)
	p.WaitText(".mk-answer.is-ask", "哪里不对")
	p.tap(`.mk-answer [data-do="damaged"]`)
	p.right("1 件，记破损")
	p.synced()

	p.tap(`[data-do="finish"]`)
	p.WaitText("main", "行不一样")
	p.WaitText(".lines", "多 6")
	p.Screenshot("hand-receive-differences")
	p.Axe()
	p.tap(`button[type="submit"]`)
	p.WaitText("main", "收了 253 件")
	p.synced()
	p.Screenshot("hand-receive-closed")
	p.Axe()
	if s := h.text(`select state from warehouse.delivery where id = $1`, id); s != "received" {
		t.Errorf("the delivery is %s", s)
	}
	if n := h.count(`select count(*) from warehouse.arrival where 'short_life' = any(faults) and outcome = 'good' and pieces = 6`); n != 1 {
		t.Errorf("%d arrivals of too short a life", n)
	}
	if n := h.count(`select refused from warehouse.delivery_line where delivery_id = $1 and no = 2`, id); n != 6 {
		t.Errorf("%d packs refused", n)
	}
	h.proved()
}

// Without the network cartons are read from the note; everything arrives afterwards, in order, once.
func TestReceiveOffline(t *testing.T) {
	h := openHouse(t)
	h.dock()
	id := h.note("ASN-5522")
	p := h.receiving(t, "ASN-5522")
	p.Until(`navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)`)
	p.offline(true)
	for i := range 4 {
		p.scan(fmt.Sprintf("C%03d", i+1))
	}
	p.WaitText(".tot", "24")
	p.scan("C004")
	p.WaitText(".mk-answer.is-wrong", "这箱扫过了")
	p.Click(`[data-do="close"]`)
	p.scan("6971002360018")
	p.WaitText(".mk-answer", "读不出来")
	p.scan(element("01", "06971002360024", "10", "YR261107"))
	p.WaitText(".gs", "YR261107")
	p.tap(`[data-do="undo"]`)
	p.WaitText(".mk-answer.is-ask", "这一箱不算")
	p.Reopen(h.address + "/scan")
	p.WaitText("main", "24")
	p.tap(`[data-do="undo"]`)
	p.WaitText(".mk-answer.is-ask", "6 件不算了")
	if n := h.count(`select count(*) from warehouse.arrival`); n != 0 {
		t.Errorf("%d arrivals while offline", n)
	}
	p.offline(false)
	p.synced()
	if n := h.count(`select good from warehouse.delivery_line where delivery_id = $1 and no = 1`, id); n != 18 {
		t.Errorf("%d tins received, want 18", n)
	}
	if n := h.count(`select count(*) from warehouse.arrival where undone_by is null and carton in ('C001', 'C002', 'C003')`); n != 3 {
		t.Errorf("%d cartons", n)
	}
	h.proved()
}

// A lost separator glues the date to the lot: the worker is asked.
func TestReceiveAsksAboutAGluedLot(t *testing.T) {
	h := openHouse(t)
	h.dock()
	h.note("ASN-5523")
	p := h.receiving(t, "ASN-5523")
	p.scan("]C1010697100236001710MH26081517280214")
	p.WaitText(".mk-answer.is-ask", "批次读长了")
	p.Screenshot("hand-receive-glued")
	p.tap(`.mk-answer [data-do="cut"]`)
	p.WaitText(".gs", "2028-02-14")
	p.tap(`[data-do="book"]`)
	p.right("6 罐，收下")
	p.synced()
	if n := h.count(`select count(*) from warehouse.arrival where lot = 'MH260815' and expiry = '2028-02-14'`); n != 1 {
		t.Errorf("%d arrivals of the lot", n)
	}
}

func TestBlindReceipt(t *testing.T) {
	h := openHouse(t)
	h.dock()
	p := h.hand(t)
	p.signIn()
	p.Click(`[data-do="menu"]`)
	p.tap(`[data-do="part"][data-value="receive"]`)
	p.tap(`[data-do="blind"]`)
	p.WaitText("main", "无单收货")
	p.Screenshot("hand-blind")
	p.Axe()
	p.tap(`button[type="submit"]`)
	p.WaitText(".mk-sink", "扫箱码")
	p.scan("6971002360017")
	p.WaitText(".mk-answer.is-ask", "效期是哪天")
	p.Click(`[data-do="close"]`)
	p.Type(`[name="lot"]`, "MH270101")
	p.Type(`[name="expiry"]`, "20290101")
	p.Axe()
	p.tap(`button[type="submit"]`)
	p.WaitText(".gs", "MH270101")
	p.tap(`[data-do="book"]`)
	p.right("收下")
	p.synced()
	if n := h.count(`select count(*) from warehouse.arrival where lot = 'MH270101' and expiry = '2029-01-01'`); n != 1 {
		t.Errorf("%d arrivals", n)
	}
	if s := h.text(`select reason from warehouse.delivery`); s != "供应商没有发送货通知" {
		t.Errorf("reason %q", s)
	}
	h.proved()
}
