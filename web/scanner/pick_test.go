package scanner_test

import (
	"fmt"
	"testing"
	"time"

	"milkrun/internal/e2e"
)

// hand is a handheld: a small browser with a keyboard wedge.
type hand struct {
	*e2e.Page
	h *house
}

func (h *house) hand(t *testing.T) hand {
	p := e2e.Open(t, 360, 640)
	p.Allow("401")
	p.Allow("ERR_INTERNET_DISCONNECTED")
	p.Goto(h.address + "/scan")
	p.Until(`document.activeElement && document.activeElement.id === "mk-sink"`)
	return hand{p, h}
}

// scan types a code as a keyboard wedge does, with Enter behind it.
func (h hand) scan(code string) { h.Press(code + "\r") }

func (h hand) signIn() {
	h.scan(badge)
	h.Until(`!document.querySelector(".mk-skel") && document.title.includes("下一个任务")`)
}

// offline cuts or mends the wire and tells the tab so, which the pages hear as an event. What was being sent when the wire was cut the
// browser calls a reset connection or an empty answer.
func (h hand) offline(cut bool) {
	h.Allow("ERR_CONNECTION_RESET")
	h.Allow("ERR_EMPTY_RESPONSE")
	h.h.wire.set(cut)
	h.Offline(cut)
	h.Until(fmt.Sprintf("navigator.onLine === %t", !cut))
}

// right waits for the green answer.
func (h hand) right(text string) { h.WaitText(".mk-answer.is-right", text) }

// synced waits until nothing is left to send.
func (h hand) synced() { h.WaitText(".mk-sync", "已同步") }

var milk = element("01", "06971002360017", "17280214", "10", "MH260815")

func TestPickWithAScanner(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.hand(t)
	p.Axe()
	p.signIn()
	p.WaitText(".job", "拣货 · 波次 0001-1")
	p.Screenshot("hand-next")
	p.Axe()
	p.Click(".go")
	p.WaitText("main", "第 1 格放空箱")
	p.Screenshot("hand-tote")
	p.scan("T-001")
	p.WaitText(".mk-bin", "A07-03-2")
	p.Screenshot("hand-pick")
	p.Axe()

	p.scan("A07-05-1")
	p.WaitText(".mk-answer.is-wrong", "库位不对")
	p.scan("A07-03-2")
	p.WaitText(".mk-sink", "再扫商品")
	p.scan("6971002360024")
	p.WaitText(".mk-answer.is-wrong", "货不对")
	p.scan(element("01", "06971002360017", "17280228", "10", "MH260901"))
	p.WaitText(".mk-answer.is-wrong", "批次不对")
	p.WaitText(".cmp", "0901")
	p.Screenshot("hand-wrong")
	p.Axe()
	p.scan(milk)
	p.right("2 罐，对")
	p.Screenshot("hand-right")
	p.WaitText(".mk-bin", "A07-05-1")
	p.synced()
	if n := h.count(`select on_hand from warehouse.position where bin = 'T-001'`); n != 2 {
		t.Errorf("%d pieces in the tote", n)
	}
	p.scan("A07-05-1")
	p.scan("6971002360024")
	p.WaitText("main", "拣完了")
	p.synced()
	p.Screenshot("hand-done")
	p.Axe()
	h.proved()
	if s := h.text(`select state from warehouse.shipment`); s != "picked" {
		t.Errorf("the shipment is %s", s)
	}
	// The wrong scans are counted by screen.
	if n := h.count(`select count(*) from warehouse.command where screen = 'pick' and verdict in ('wrong_bin','wrong_sku','wrong_lot')`); n != 3 {
		t.Errorf("%d wrong scans kept", n)
	}
}

// A scan after Undo, with a second pick in between.
func TestUndoTheLastScan(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.started(t)
	p.scan("A07-03-2")
	p.scan(milk)
	p.right("2 罐，对")
	p.Click(`.mk-answer [data-do="undo"]`)
	p.WaitText(".mk-answer.is-ask", "撤销了")
	p.Click(`[data-do="close"]`)
	p.WaitText(".mk-sink", "再扫商品")
	p.synced()
	if n := h.count(`select on_hand from warehouse.position where bin = 'A07-03-2'`); n != 14 {
		t.Errorf("%d pieces in the bin", n)
	}
	h.proved()
	p.scan(milk)
	p.right("2 罐，对")
	p.synced()
	h.proved()
	if n := h.count(`select count(*) from warehouse.operation where reverses is not null`); n != 1 {
		t.Errorf("%d reversals", n)
	}
}

// Two taps from the stop to the short pick; another lot of the same goods is promised at once.
func TestShortPickIsPromisedAgain(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 3}, line{"MR-100003", "A09-02-1", "", 1})
	h.release()
	p := h.started(t)
	p.scan("A07-03-2")
	p.WaitText(".mk-sink", "再扫商品")
	p.Click(`[data-do="short"]`)
	p.WaitText(".mk-answer.is-ask", "哪里不对")
	p.Axe()
	p.Screenshot("hand-why")
	time.Sleep(400 * time.Millisecond) // a glove's second press would be the same press
	p.Click(`.mk-answer [data-do="short"]`)
	p.WaitText(".mk-answer.is-ask", "拿到几件")
	time.Sleep(400 * time.Millisecond)
	p.Click(`.mk-answer [data-do="n"][data-value="1"]`)
	p.WaitText(".mk-qty", "1")
	p.scan(milk)
	p.right("1 罐，对")
	p.synced()
	p.Until(`document.querySelector(".bar").innerText.includes("2/4")`) // the other lot is on the way now
	h.proved()
	if n := h.count(`select sum(on_hand) from warehouse.position where status = 'held' and bin = 'A07-03-2'`); n != 13 {
		t.Errorf("%d pieces of the doubted bin are held, want 13: 2 that were missing and 11 free ones", n)
	}
	if n := h.count(`select count(*) from warehouse.doubt where bin = 'A07-03-2' and reason = 'short' and missing = 2`); n != 1 {
		t.Errorf("%d doubts", n)
	}
	if first := p.bin(); first != "A08-01-3" && first != "A09-02-1" {
		t.Errorf("the next stop is %s", first)
	}
	p.stop()
	p.stop()
	p.WaitText("main", "拣完了")
	p.synced()
	h.proved()
	if n := h.count(`select sum(on_hand) from warehouse.position p join warehouse.lot l on l.id = p.lot_id where bin = 'T-001' and l.code = 'MH260901'`); n != 2 {
		t.Errorf("%d pieces of the other lot in the tote", n)
	}
}

// Nothing is left of the goods: the line waits in the queue again, the rest of the order goes on.
func TestEmptyBinWithoutOtherStock(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100002", "A07-05-1", "YR261107", 1}, line{"MR-100003", "A09-02-1", "", 1})
	h.release()
	p := h.started(t)
	p.scan("A07-05-1")
	p.WaitText(".mk-sink", "再扫商品")
	p.Click(`[data-do="short"]`)
	time.Sleep(400 * time.Millisecond)
	p.Click(`.mk-answer [data-do="empty"]`)
	p.WaitText(".mk-answer.is-ask", "记下了")
	p.scan("A09-02-1")
	p.scan("6971002360031")
	p.WaitText("main", "1 站没拿齐")
	p.synced()
	h.proved()
	if n := h.count(`select pieces from warehouse.shortage`); n != 1 {
		t.Errorf("%d pieces in the queue of shortages", n)
	}
	if s := h.text(`select string_agg(state, ',' order by id) from warehouse.shipment`); s != "picked,waiting" {
		t.Errorf("shipments %s", s)
	}
}

// Without the network the worker goes on; the battery dies; with the network everything is sent, in order, once.
func TestOfflineStretchAndDeadBattery(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1}, line{"MR-100003", "A09-02-1", "", 4})
	h.release()
	p := h.started(t)
	p.Until(`navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)`)
	p.offline(true)
	p.WaitText(".mk-sync", "离线")
	p.scan("A07-03-2")
	p.WaitText(".mk-sink", "再扫商品")
	p.scan(element("01", "06971002360017", "10", "MH260901")) // judged without the server
	p.WaitText(".mk-answer.is-wrong", "批次不对")
	p.scan(milk)
	p.right("2 罐，对")
	p.scan("A07-05-1")
	p.WaitText(".mk-sync", "离线 · 4")
	p.Click(".mk-sync")
	p.WaitText("main", "次扫描在本机")
	p.WaitText(".qs", "拣货 A07-03-2 · 2 罐")
	p.Screenshot("hand-queue")
	p.Axe()
	// The battery is changed: the page opens from the device, at the step where it was.
	p.Reopen(h.address + "/scan")
	p.WaitText("main", "继续干活")
	p.Click(`[data-do="back"]`)
	p.WaitText(".mk-bin", "A07-05-1")
	p.WaitText(".mk-sink", "再扫商品")
	p.WaitText(".mk-sync", "离线 · 4")
	p.scan("6971002360024")
	p.right("1 包，对")
	if n := h.count(`select count(*) from warehouse.pick_stop where state = 'picked'`); n != 0 {
		t.Errorf("%d stops picked while offline", n)
	}
	p.offline(false)
	p.synced()
	if n := h.count(`select count(*) from warehouse.pick_stop where state = 'picked'`); n != 2 {
		t.Errorf("%d stops picked after the network came back", n)
	}
	if n := h.count(`select count(*) from warehouse.operation where cause = 'pick' and made_at < at and device <> ''`); n != 2 {
		t.Errorf("%d picks with the device's own time", n)
	}
	h.proved()
}

// The order is cancelled while the picker is offline: what was taken goes back, by a decision of the worker.
func TestCancelledWhileOffline(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2})
	h.order(line{"MR-100003", "A09-02-1", "", 1}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.exec(`update warehouse.shipment set cold = false`)
	h.exec(`insert into warehouse.wave_rule (site_id, by_single) values ($1, false)`, h.site)
	h.release()
	p := h.started(t)
	for p.bin() != "A07-03-2" {
		p.stop()
	}
	p.synced()
	p.offline(true)
	p.stop()
	h.exec(`update warehouse.outbound set state = 'cancelled', cancelled_at = now() where number = 'TM-0001'`)
	p.offline(false)
	p.WaitText(".mk-answer.is-wrong", "TM-0001 取消了")
	p.Screenshot("hand-putback")
	p.Axe()
	p.Click(`.mk-answer [data-do="done"]`)
	p.Gone(".mk-answer.is-wrong")
	h.await(`select count(*) = 0 from warehouse.stuck_command where decided_at is null`)
	h.await(`select reserved = 0 from warehouse.position where bin = 'A07-03-2' and status = 'available'`)
	p.synced()
	h.proved()
	if n := h.count(`select count(*) from warehouse.stuck_command where decided_at is not null and decision = 'done'`); n != 1 {
		t.Errorf("%d decided commands", n)
	}
}

// The same press twice, the same command twice: it happens once.
func TestDoublePress(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 1}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.started(t)
	p.scan("A07-03-2")
	p.WaitText(".mk-sink", "再扫商品")
	p.Eval(`(() => { const b = document.querySelector('[data-do="short"]'); b.click(); b.click(); })()`)
	p.WaitText(".mk-answer.is-ask", "哪里不对")
	time.Sleep(400 * time.Millisecond)
	p.Eval(`(() => { const b = document.querySelector('.mk-answer [data-do="damaged"]'); b.click(); b.click(); b.click(); })()`)
	p.WaitText(".mk-answer.is-ask", "记下了")
	p.synced()
	if n := h.count(`select count(*) from warehouse.operation where cause = 'pick'`); n != 1 {
		t.Errorf("%d short picks", n)
	}
	h.proved()
}

// Scans by injected text, with what scanners add, and many at once: none is lost.
func TestInjectedText(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	p := h.started(t)
	p.Insert("A07-03-2\n" + milk + "\r\nA07-05-1\t")
	p.WaitText(".mk-bin", "A07-05-1")
	p.WaitText(".mk-sink", "再扫商品")
	p.Insert("\x1d0106971002360024" + "10YR261107\x1d17291101\n")
	p.WaitText("main", "拣完了")
	p.synced()
	h.proved()
	if n := h.count(`select count(*) from warehouse.command where kind in ('pick','scan') and verdict = 'right'`); n != 4 {
		t.Errorf("%d scans kept", n)
	}
}

// codes are what stands in the bins of the house.
var codes = map[string]string{"A07-03-2": milk, "A07-05-1": "6971002360024", "A08-01-3": element("01", "06971002360017", "10", "MH260901"), "A09-02-1": "6971002360031"}

// bin gives the bin that the screen shows, under a green answer that may still stand over it.
func (h hand) bin() string { return h.Text("main > .body .mk-bin") }

// stop picks what the screen asks for: the bin, the goods, the tote where the cart has several.
func (h hand) stop() {
	was := e2e.Eval[string](h.Page, `document.querySelector(".bar").innerText`)
	bin := h.bin()
	h.scan(bin)
	h.WaitText("main > .body .mk-sink", "再扫商品")
	h.scan(codes[bin])
	h.Until(`!document.querySelector("main > .body .mk-sink") || !document.querySelector("main > .body .mk-sink").innerText.includes("再扫商品")`)
	if tote := e2e.Eval[string](h.Page, `((document.querySelector("main > .body .mk-sink") || {}).innerText || "").match(/T-\d+/)?.[0] || ""`); tote != "" {
		h.scan(tote)
	}
	h.Until(fmt.Sprintf(`document.querySelector(".bar").innerText.split(" ")[1] !== %q.split(" ")[1]`, was))
}

// started gives a handheld that has taken its task, with totes on every place.
func (h *house) started(t *testing.T) hand {
	p := h.hand(t)
	p.signIn()
	p.Click(".go")
	p.WaitText("main", "第 1 格放空箱")
	for i := range h.count(`select count(*) from warehouse.pick_tote pt join warehouse.pick_task k on k.id = pt.task_id where k.state = 'taken'`) {
		p.scan(fmt.Sprintf("T-%03d", i+1))
	}
	p.WaitText("main", "去库位")
	p.synced()
	return p
}
