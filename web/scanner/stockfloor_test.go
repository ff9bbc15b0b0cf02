package scanner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/e2e"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// came puts goods onto the dock as a closed receipt leaves them.
func (h *house) came(sku, lot, expiry string, pieces int) { h.stock("D-01", sku, lot, expiry, pieces) }

// in gives the available pieces of a lot in a bin.
func (h *house) in(bin, lot string) int {
	return h.count(`select coalesce(sum(p.on_hand), 0)::int from warehouse.position p join warehouse.lot l on l.id = p.lot_id where p.bin = $1 and l.code = $2 and p.status = 'available'`, bin, lot)
}

// menu opens a part from the menu.
func (h hand) menu(kind string) {
	h.tap(`[data-do="menu"]`)
	h.tap(`[data-do="part"][data-value="` + kind + `"]`)
}

func TestPutAwayWithAWrongBin(t *testing.T) {
	h := openHouse(t)
	h.dock()
	h.came("MR-100001", "MH261001", "2028-09-30", 90)
	p := h.hand(t)
	p.signIn()
	p.menu("putaway")
	p.WaitText("main", "从 D-01 拿")
	p.Screenshot("hand-putaway-take")
	p.scan("6971002360024") // other goods, which do not wait here
	p.WaitText(".mk-answer.is-wrong", "它不用上架")
	p.scan(element("01", "06971002360017", "10", "MH261001"))
	p.WaitText("main", "放到")
	p.Screenshot("hand-putaway")
	p.Axe()
	// Milk powder of ambient storage must not go into the fridge.
	p.scan("K01-01-1")
	p.WaitText(".mk-answer.is-wrong", "温度不对")
	p.Screenshot("hand-putaway-temperature")
	p.Axe()
	p.scan("A07-05-1")
	p.WaitText(".mk-answer.is-wrong", "里面是别的货")
	p.scan("Z99-01-1")
	p.WaitText(".mk-answer.is-wrong", "没有这个库位")
	// The bin holds 40 tins of 1.5 litres: the rest goes on.
	p.scan("A02-01-3")
	p.WaitText(".mk-answer", "放")
	if ok := p.Text(".mk-answer .head"); ok == "放不下" {
		p.Screenshot("hand-putaway-no-room")
		p.tap(`.mk-answer [data-do="less"]`)
	}
	p.right("40 罐，放好了")
	p.WaitText(".mk-answer", "还有 50 罐")
	p.Screenshot("hand-putaway-rest")
	p.WaitText(".mk-qty", "50")
	p.synced()
	p.scan("A02-03-3")
	p.right("50 罐，放好了")
	p.WaitText("main", "都上架了")
	p.synced()
	if a, b := h.in("A02-01-3", "MH261001"), h.in("A02-03-3", "MH261001"); a != 40 || b != 50 {
		t.Errorf("%d and %d tins in the bins", a, b)
	}
	p.tap(`[data-do="undo"]`)
	p.WaitText(".mk-answer.is-ask", "放回 D-01")
	p.synced()
	if n := h.in("D-01", "MH261001"); n != 50 {
		t.Errorf("%d tins back at the dock", n)
	}
	h.proved()
}

func TestPutAwayOffline(t *testing.T) {
	h := openHouse(t)
	h.dock()
	h.came("MR-100001", "MH261001", "2028-09-30", 12)
	p := h.hand(t)
	p.signIn()
	p.menu("putaway")
	p.WaitText("main", "从 D-01 拿")
	p.offline(true)
	p.scan(element("01", "06971002360017", "10", "MH261001"))
	p.WaitText(".mk-sink", "放好后扫库位")
	bin := p.Text(".mk-bin")
	p.scan(bin)
	p.right("12 罐，放好了")
	p.offline(false)
	p.synced()
	if n := h.in(bin, "MH261001"); n != 12 {
		t.Errorf("%d tins in %s", n, bin)
	}
}

func TestCountAndRecountByAnother(t *testing.T) {
	h := openHouse(t)
	h.dock()
	id, err := h.ops.AskCount(h.lead, h.site, "A07-05-1", "")
	if err != nil {
		t.Fatal(err)
	}
	p := h.hand(t)
	p.signIn()
	p.WaitText(".job", "盘点")
	p.Click(".go")
	p.WaitText(".mk-bin", "A07-05-1")
	p.scan("A07-03-2")
	p.WaitText(".mk-answer.is-wrong", "库位不对")
	p.scan("A07-05-1")
	p.WaitText("main", "云柔")
	for _, d := range "22" {
		p.Click(`[data-do="digit"][data-value="` + string(d) + `"]`)
	}
	p.WaitText(".entry", "22")
	if strings.Contains(p.Text("main"), "30") {
		t.Error("the screen tells what the book has")
	}
	p.Screenshot("hand-count")
	p.Axe()
	p.tap(`[data-do="pad-ok"]`)
	p.right("记下了")
	p.WaitText("main", "1 个库位盘完了")
	p.synced()
	if s := h.text(`select state from warehouse.count_task where id = $1`, id); s != "recount" {
		t.Errorf("the count is %s", s)
	}
	// The same worker may not count it again.
	p.tap(`[data-do="leave"]`)
	p.WaitText(".job", "盘点")
	p.Click(".go")
	p.WaitText(".mk-answer.is-wrong", "要换一个人盘")
	p.Screenshot("hand-count-same")
	// Another one counts the same: it is booked.
	var other int64
	h.ask(`insert into access.account (login, name, role) values ('zhaomin', '赵敏', 'warehouse') returning id`, &other)
	second := access.WithUser(t.Context(), access.User{ID: access.ID(other), Name: "赵敏", Role: access.Warehouse})
	if _, err := h.ops.TakeCount(second, id); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.CountBin(second, warehouse.Command{Op: uuid.New(), Device: "H-2"}, id, []warehouse.CountedGoods{{SKU: h.skus["MR-100002"], Lot: "YR261107", Pieces: 22}}); err != nil {
		t.Fatal(err)
	}
	if n := h.in("A07-05-1", "YR261107"); n != 22 && h.text(`select state from warehouse.count_task where id = $1`, id) != "review" {
		t.Errorf("%d packs in the book", n)
	}
	h.proved()
}

func TestMoveAndLookUp(t *testing.T) {
	h := openHouse(t)
	h.dock()
	p := h.hand(t)
	p.signIn()
	p.menu("move")
	p.scan("6971002360017")
	p.WaitText(".lines", "A07-03-2")
	p.WaitText(".lines", "A08-01-3")
	p.Screenshot("hand-look-goods")
	p.Axe()
	p.scan("A07-03-2")
	p.WaitText(".mk-bin", "A07-03-2")
	p.Screenshot("hand-look-bin")
	p.Axe()
	p.scan(milk)
	p.WaitText(".mk-sink", "扫要放的库位")
	p.scan("5")
	p.WaitText(".mk-qty", "5")
	p.Screenshot("hand-move")
	p.Axe()
	p.scan("K01-01-1")
	p.WaitText(".mk-answer.is-wrong", "温度不对")
	p.scan("A02-01-3")
	p.right("5 罐，搬好了")
	p.synced()
	if n := h.in("A02-01-3", "MH260815"); n != 5 {
		t.Errorf("%d tins moved", n)
	}
	// Set apart with a reason.
	p.scan(milk)
	p.scan("2")
	p.WaitText(".mk-qty", "2")
	p.tap(`[data-do="aside"]`)
	p.WaitText(".mk-answer.is-ask", "2 罐 怎么了")
	p.tap(`.mk-answer [data-do="damaged"]`)
	p.WaitText(".mk-answer.is-ask", "为什么")
	p.tap(`.mk-answer [data-value="broken"]`)
	p.right("2 罐，记破损")
	p.synced()
	if n := h.count(`select sum(on_hand)::int from warehouse.position where bin = 'A07-03-2' and status = 'damaged'`); n != 2 {
		t.Errorf("%d tins damaged", n)
	}
	h.proved()
}

func TestRefillAPickFace(t *testing.T) {
	h := openHouse(t)
	h.dock()
	h.stock("A02-03-3", "MR-100003", "", "", 200)
	if err := h.ops.SetPickFaces(h.lead, []warehouse.PickFace{{Site: h.site, SKU: h.skus["MR-100003"], Bin: "A09-02-1", Min: 60, Max: 120}}); err != nil {
		t.Fatal(err)
	}
	if n, err := h.ops.PlanRefills(h.lead, h.site); err != nil || n != 1 {
		t.Fatalf("%d refills, %v", n, err)
	}
	p := h.hand(t)
	p.signIn()
	p.WaitText(".job", "补货")
	p.Click(".go")
	p.WaitText(".mk-bin", "A02-03-3")
	p.Screenshot("hand-refill")
	p.Axe()
	p.scan("A02-03-3")
	p.scan("6971002360024")
	p.WaitText(".mk-answer.is-wrong", "货不对")
	p.scan("6971002360031")
	p.WaitText(".mk-bin", "A09-02-1")
	p.scan("A09-02-1")
	p.right("补好了")
	p.WaitText("main", "下一个任务")
	p.synced()
	if n := h.in("A09-02-1", ""); n != 120 {
		t.Errorf("%d pieces in the face", n)
	}
	h.proved()
}

func TestInspectBySample(t *testing.T) {
	h := openHouse(t)
	h.dock()
	id := h.note("ASN-5530")
	c := func() warehouse.Command { return warehouse.Command{Op: uuid.New(), Device: "H-1", MadeAt: time.Now()} }
	if _, err := h.ops.StartReceipt(h.floor, c(), warehouse.DeliveryID(id), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.Receive(h.floor, c(), arrive(id, 1, h.skus["MR-100001"], "MH260815", 240)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.CloseReceipt(h.floor, c(), warehouse.DeliveryID(id), ""); err != nil {
		t.Fatal(err)
	}
	p := h.hand(t)
	p.signIn()
	p.scan(milk)
	p.WaitText("main", "随机抽")
	p.Screenshot("hand-inspect")
	p.Axe()
	p.tap(`[data-do="defect"][data-value="minor"]`)
	p.WaitText(".mk-answer.is-ask", "是什么缺陷")
	p.Axe()
	p.tap(`.mk-answer [data-value="dent"]`)
	p.WaitText(".classes [data-value=minor] b", "1")
	p.Screenshot("hand-inspect-one")
	p.tap(`[data-do="accept"]`)
	p.WaitText("main", "收：合格")
	p.synced()
	p.Screenshot("hand-inspect-done")
	p.Axe()
	if s := h.text(`select state from warehouse.inspection`); s != "accepted" {
		t.Errorf("the inspection is %s", s)
	}
	if n := h.count(`select count(*) from warehouse.inspection_defect where class = 'minor'`); n != 1 {
		t.Errorf("%d defects kept", n)
	}
	h.proved()
}

func arrive(delivery int64, line int, sku catalog.SKUID, lot string, pieces quantity.Pieces) warehouseops.Arrive {
	return warehouseops.Arrive{Delivery: warehouse.DeliveryID(delivery), Line: line, SKU: sku, Lot: lot, Pieces: pieces}
}

func TestReturnWithAGrade(t *testing.T) {
	h := openHouse(t)
	h.dock()
	number := h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100003", "A09-02-1", "", 1})
	h.exec(`update warehouse.position p set reserved = 0 from warehouse.allocation a where a.position_id = p.id`)
	h.exec(`update warehouse.allocation set state = 'shipped'`)
	h.exec(`update warehouse.outbound set state = 'shipped', shipped_at = now()`)
	p := h.hand(t)
	p.signIn()
	p.menu("returns")
	p.scan("TM-9999")
	p.WaitText(".mk-answer.is-wrong", "没有发过这个包裹")
	p.scan(number)
	p.WaitText(".lines", "牧禾")
	p.Screenshot("hand-returns")
	p.Axe()
	p.scan(element("01", "06971002360017", "10", "MH260901"))
	p.WaitText(".mk-answer.is-wrong", "批次不对")
	p.scan("6971002360024")
	p.WaitText(".mk-answer.is-wrong", "这单没有发过它")
	p.scan(milk)
	p.WaitText("main", "成色怎么样")
	p.scan(milk)
	p.WaitText(".mk-qty", "2")
	p.Screenshot("hand-returns-grade")
	p.Axe()
	p.tap(`[data-do="grade"][data-value="A"]`)
	p.WaitText(".mk-answer.is-ask", "为什么退")
	p.tap(`.mk-answer [data-value="unwanted"]`)
	p.right("2 罐，退回了")
	p.synced()
	if n := h.count(`select sum(on_hand)::int from warehouse.position where bin = 'RT-01' and status = 'available'`); n != 2 {
		t.Errorf("%d tins came back for sale", n)
	}
	p.scan(milk)
	p.WaitText(".mk-answer.is-wrong", "都退过了")
	h.proved()
}

// The screens in English fit 360 px, and no key is smaller than a finger.
func TestInboundInEnglish(t *testing.T) {
	h := openHouse(t)
	h.dock()
	h.note("ASN-5540")
	h.came("MR-100001", "MH261001", "2028-09-30", 90)
	p := h.hand(t)
	p.signIn()
	p.Click(`[data-do="menu"]`)
	p.tap(`[data-do="language"]`)
	p.WaitText("main", "Receive")
	p.fit(t, "en-menu")
	p.tap(`[data-do="part"][data-value="receive"]`)
	p.WaitText("main", "Choose a delivery")
	p.fit(t, "en-receive-list")
	p.scan("ASN-5540")
	p.WaitText("main", "Start receiving")
	p.tap(`[data-do="begin"]`)
	p.WaitText(".mk-sink", "Scan a carton")
	p.scan(milk)
	p.WaitText(".ok", "Goods read")
	p.fit(t, "en-receive")
	p.tap(`[data-do="bad"]`)
	p.WaitText(".mk-answer", "What is wrong?")
	p.fit(t, "en-receive-bad")
	p.Click(`[data-do="close"]`)
	p.tap(`[data-do="leave"]`)
	p.WaitText("main", "Next job")
	p.menu("putaway")
	p.scan(element("01", "06971002360017", "10", "MH261001"))
	p.WaitText(".mk-sink", "scan the bin")
	p.fit(t, "en-putaway")
	p.tap(`[data-do="leave"]`)
	p.WaitText("main", "Next job")
	p.menu("move")
	p.scan("A07-05-1")
	p.WaitText(".mk-bin", "A07-05-1")
	p.fit(t, "en-bin")
	p.tap(`[data-do="tocount"]`)
	p.WaitText(".mk-sink", "bin")
	p.scan("A07-05-1")
	p.WaitText(".entry", "Counted")
	p.fit(t, "en-count")
}

// fit fails the test where something sticks out of the screen or a key is too small.
func (h hand) fit(t *testing.T, name string) {
	t.Helper()
	h.Axe()
	h.Screenshot("hand-" + name)
	out := e2e.Eval[string](h.Page, `Array.from(document.querySelectorAll("main button, main a, main p, main dd, main h1, main .mk-sink")).filter(e => e.offsetWidth && !e.closest(".mk-vh") && !e.classList.contains("mk-vh"))
		.filter(e => { const r = e.getBoundingClientRect(); return r.right > 361 || r.left < -6 || e.matches("button, a.mk-key") && (r.height < 47.5 || e.scrollWidth > e.clientWidth + 1) }).map(e => e.className + ":" + e.innerText + ":" + Math.round(e.getBoundingClientRect().width)).join(" | ")`)
	if out != "" {
		t.Errorf("%s: does not fit: %s", name, out)
	}
}
