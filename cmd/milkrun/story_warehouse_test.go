package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"milkrun/internal/demo"
	"milkrun/internal/e2e"
)

// worker plays the warehouse's side of the story on a handheld: a small browser with a keyboard wedge.
type worker struct {
	*e2e.Page
	t *testing.T
	h *served
}

func (w *worker) ask(to any, sql string, args ...any) {
	w.t.Helper()
	if err := w.h.db.Pool.QueryRow(w.t.Context(), sql, args...).Scan(to); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *worker) count(sql string, args ...any) (n int) {
	w.t.Helper()
	w.ask(&n, sql, args...)
	return n
}

func (w *worker) text(sql string, args ...any) (s string) {
	w.t.Helper()
	w.ask(&s, sql, args...)
	return s
}

// scan types a code as a keyboard wedge does, with Enter behind it.
func (w *worker) scan(code string) { w.t.Helper(); w.Press(code + "\r") }

// tap presses a key after a glove's second press has been waited off, and a green answer that would lie over it.
func (w *worker) tap(selector string) {
	w.t.Helper()
	time.Sleep(400 * time.Millisecond)
	w.Until(`!document.querySelector(".mk-answer.is-right")`)
	w.Click(selector)
}

func (w *worker) synced() { w.t.Helper(); w.WaitText(".mk-sync", "已同步") }

// until waits for the database to say so.
func (w *worker) until(what, sql string, args ...any) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		var ok bool
		w.ask(&ok, sql, args...)
		if ok {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s: not within two minutes", what)
		}
	}
}

// proved asks the house whether its books are right.
func (w *worker) proved() {
	w.t.Helper()
	faults, err := w.h.Stock.Check(w.h.asSystem(w.t.Context()))
	if err != nil || len(faults) > 0 {
		w.t.Errorf("the books: %v, %v", faults, err)
	}
}

// goods is what a barcode on the goods says: GTIN, expiry and lot.
type goods struct {
	GTIN, Lot, Expiry string
}

// code is the GS1 element string of the goods as a scanner sends it.
func (g goods) code() string {
	s := "]C101" + strings.Repeat("0", 14-len(g.GTIN)) + g.GTIN
	if g.Expiry != "" {
		s += "17" + g.Expiry
	}
	if g.Lot != "" {
		s += "10" + g.Lot
	}
	return s
}

// TestStoryOfTheWarehouse: a delivery is received at the dock, inspected and put away; 500 orders come by API, are allocated, picked
// in a wave (with a wrong scan, a short pick and a stretch without the network), packed, labelled and handed over.
func TestStoryOfTheWarehouse(t *testing.T) {
	h := serve(t, demoCopy(t))
	w := &worker{Page: e2e.Open(t, 360, 640), t: t, h: h}
	for _, calm := range []string{"401", "ERR_INTERNET_DISCONNECTED"} {
		w.Allow(calm)
	}
	var site int32
	w.ask(&site, `select id from catalog.site where code = 'JX'`)
	w.Goto(h.base + "/login?back=/scan")
	w.Press("warehouse\t" + demo.Password + "\r")
	w.ready()
	received := w.receive(site)
	w.inspect(site, received)
	w.putAway(site)
	w.orders(site)
	wave := w.wave()
	w.packAndHandOver(w.pick(wave))
	w.proved()
}

// receive scans in the first expected delivery of the site, line by line, and gives its id.
func (w *worker) receive(site int32) (id int64) {
	w.t.Helper()
	var number string
	w.ask(&number, `select number from warehouse.delivery where site_id = $1 and kind = 'supplier' and state in ('expected','receiving') order by id limit 1`, site)
	w.ask(&id, `select id from warehouse.delivery where number = $1 and site_id = $2`, number, site)
	w.scan(number)
	w.Until(`document.querySelector("[data-do=begin]") !== null || (document.querySelector(".mk-sink") || {innerText: ""}).innerText.includes("扫箱码")`)
	if e2e.Eval[bool](w.Page, `document.querySelector("[data-do=begin]") !== null`) {
		w.tap(`[data-do="begin"]`)
	}
	w.WaitText(".mk-sink", "扫箱码")
	w.synced()
	lines := w.count(`select count(*) from warehouse.delivery_line where delivery_id = $1`, id)
	for no := 1; no <= lines; no++ {
		var g goods
		var pieces int
		w.ask(&g.GTIN, `select k.gtin from warehouse.delivery_line l join catalog.sku k on k.id = l.sku_id where l.delivery_id = $1 and l.no = $2`, id, no)
		w.ask(&g.Lot, `select lot from warehouse.delivery_line where delivery_id = $1 and no = $2`, id, no)
		w.ask(&g.Expiry, `select coalesce(to_char(expiry, 'YYMMDD'), '') from warehouse.delivery_line where delivery_id = $1 and no = $2`, id, no)
		w.ask(&pieces, `select pieces from warehouse.delivery_line where delivery_id = $1 and no = $2`, id, no)
		w.scan(g.code())
		w.Until(`document.querySelector(".mk-qty") !== null`)
		if no == 1 {
			w.Screenshot("warehouse-story-01-dock")
			w.Axe()
		}
		if e2e.Eval[bool](w.Page, `document.querySelector("[data-do=pallet]") !== null`) {
			w.tap(`[data-do="pallet"]`)
		}
		w.tap(`[data-do="book"]`)
		w.WaitText(".mk-answer.is-right", "收下")
		w.synced()
	}
	w.tap(`[data-do="finish"]`)
	w.tap(`button[type="submit"]`)
	w.synced()
	w.until("the receipt", `select state = 'received' from warehouse.delivery where id = $1`, id)
	w.proved()
	return id
}

// inspect accepts what is sampled of the delivery: nothing is wrong with it.
func (w *worker) inspect(site int32, delivery int64) {
	w.t.Helper()
	for w.count(`select count(*) from warehouse.inspection where delivery_id = $1 and state = 'waiting'`, delivery) > 0 {
		var g goods
		w.ask(&g.GTIN, `select k.gtin from warehouse.inspection i join catalog.sku k on k.id = i.sku_id where i.delivery_id = $1 and i.state = 'waiting' order by i.id limit 1`, delivery)
		w.ask(&g.Lot, `select i.lot from warehouse.inspection i where i.delivery_id = $1 and i.state = 'waiting' order by i.id limit 1`, delivery)
		w.Goto(w.h.base + "/scan")
		w.ready()
		w.menu("inspect")
		w.scan(g.code())
		w.WaitText("main", "随机抽")
		w.Screenshot("warehouse-story-02-inspect")
		left := w.count(`select count(*) from warehouse.inspection where delivery_id = $1 and state = 'waiting'`, delivery)
		w.tap(`[data-do="accept"]`)
		w.synced()
		w.until("the inspection", `select count(*) < $2 from warehouse.inspection where delivery_id = $1 and state = 'waiting'`, delivery, left)
	}
}

// ready comes to the handheld's next job, out of a task that is still open, with the scan box in focus.
func (w *worker) ready() {
	w.t.Helper()
	const next = `document.title.includes("下一个任务")`
	const away = `main [data-do="next"], main [data-do="other"], main [data-do="leave"]`
	for range 4 {
		w.Until(`location.pathname === "/scan" && !document.querySelector(".mk-skel") && (` + next + ` || document.querySelector('` + away + `') !== null)`)
		if e2e.Eval[bool](w.Page, next) {
			break
		}
		w.tap(away)
		time.Sleep(400 * time.Millisecond)
	}
	w.Until(next + ` && document.activeElement && document.activeElement.id === "mk-sink" && !document.querySelector(".mk-skel")`)
}

// menu opens a part from the menu.
func (w *worker) menu(kind string) {
	w.t.Helper()
	w.tap(`[data-do="menu"]`)
	w.tap(`[data-do="part"][data-value="` + kind + `"]`)
}

// putAway carries the goods that the handheld names from the dock to the advised bin.
func (w *worker) putAway(site int32) {
	w.t.Helper()
	before := w.count(`select count(*) from warehouse.operation where cause = 'putaway'`)
	w.Goto(w.h.base + "/scan")
	w.ready()
	w.menu("putaway")
	w.WaitText(".mk-sink", "扫货")
	g := goods{Lot: e2e.Eval[string](w.Page, `document.querySelector("main .lot dd").innerText.replace(/\s/g, "")`)}
	w.ask(&g.GTIN, `select k.gtin from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku k on k.id = p.sku_id join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
		where p.site_id = $1 and b.kind = 'dock' and l.code = $2 and p.on_hand > 0 limit 1`, site, g.Lot)
	w.scan(g.code())
	w.WaitText(".mk-sink", "放好后扫库位")
	w.Screenshot("warehouse-story-03-putaway")
	w.scan(w.bin())
	w.until("the put-away", `select count(*) > $1 from warehouse.operation where cause = 'putaway'`, before)
	w.synced()
	w.proved()
}

// orders sends 500 orders by API and waits until stock is promised to them.
func (w *worker) orders(site int32) {
	w.t.Helper()
	rows, err := w.h.db.Pool.Query(w.t.Context(), `select k.code from catalog.sku k join warehouse.position p on p.sku_id = k.id and p.site_id = $1 and p.status = 'available'
		where k.gtin <> '' and k.code <> $2 group by k.code having sum(p.on_hand - p.reserved) > 200 order by k.code limit 25`, site, demo.StorySKU)
	if err != nil {
		w.t.Fatal(err)
	}
	var skus []string
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			w.t.Fatal(err)
		}
		skus = append(skus, code)
	}
	if len(skus) < 5 {
		w.t.Fatalf("only %d SKUs stand in Jiaxing in numbers", len(skus))
	}
	var orders []map[string]any
	for i := range 500 {
		lines := []map[string]any{{"sku": skus[i%len(skus)], "pieces": 1 + i%3}}
		if i%3 == 0 {
			lines = append(lines, map[string]any{"sku": skus[(i+1)%len(skus)], "pieces": 1})
		}
		orders = append(orders, map[string]any{"channel": "story", "number": fmt.Sprintf("ST-%05d", i), "promise": "next_day", "lines": lines,
			"consignee": map[string]any{"name": "王小明", "phone": fmt.Sprintf("138%08d", i), "province": "浙江省", "city": "嘉兴市", "district": "南湖区", "street": "中山东路 1 号", "lat": 30.75, "lon": 120.76}})
	}
	body, err := json.Marshal(map[string]any{"orders": orders})
	if err != nil {
		w.t.Fatal(err)
	}
	var out struct{ Accepted, Existing, Refused int }
	k := caller{w.t, visitor(w.t, w.h.base)}
	for _, want := range []struct{ accepted, existing int }{{500, 0}, {0, 500}} { // sent twice, taken once
		if status := k.ask("POST", "/orders", string(body), &out); status >= 300 || out.Accepted != want.accepted || out.Existing != want.existing || out.Refused != 0 {
			w.t.Fatalf("status %d: %+v, want %+v", status, out, want)
		}
	}
	w.until("the allocation", `select count(*) >= 450 from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
		where o.channel = 'story' and s.site_id = $1 and s.state not in ('waiting','cancelled')`, site)
	w.proved()
}

// wave lets the lead build waves at the desk and release the first one with the story's orders; it gives the wave's id.
func (w *worker) wave() (id int64) {
	w.t.Helper()
	lead := &teller{script: chinese, Page: e2e.Open(w.t, 1440, 900), t: w.t, h: w.h, pictures: new(int)}
	lead.enter("lead")
	lead.Goto(w.h.base + "/warehouse/waves?site=JX")
	lead.Click(`form[action="/warehouse/waves"] button`)
	lead.WaitText("main", "编了")
	w.ask(&id, `select w.id from warehouse.wave w join warehouse.shipment s on s.wave_id = w.id join warehouse.outbound o on o.id = s.outbound_id and o.channel = 'story'
		join warehouse.outbound_line l on l.outbound_id = o.id where w.state = 'proposed' group by w.id order by count(*) - count(distinct s.id) desc, w.id limit 1`)
	lead.Goto(w.h.base + "/warehouse?site=JX")
	lead.seen("board")
	lead.Goto(w.h.base + "/warehouse/waves?site=JX")
	lead.Click(fmt.Sprintf(`a[hx-get="/warehouse/waves/%d"]`, id))
	lead.Wait(`.mk-drawer form[action$="/release"]`)
	lead.seen("wave")
	lead.Click(`.mk-drawer form[action$="/release"] button`)
	w.until("the release", `select state = 'released' from warehouse.wave where id = $1`, id)
	return id
}

// at gives what the label of the goods at the open stop in the bin says.
func (w *worker) at(task int64, bin string) (g goods) {
	w.t.Helper()
	const open = ` from warehouse.pick_stop s join catalog.sku k on k.id = s.sku_id left join warehouse.lot l on l.id = s.lot_id
		where s.task_id = $1 and s.bin = $2 and s.state = 'open' order by s.seq limit 1`
	w.ask(&g.GTIN, `select k.gtin`+open, task, bin)
	w.ask(&g.Lot, `select coalesce(l.code, '')`+open, task, bin)
	return g
}

// pick picks the task that the house gives after the wave has been released: a wrong scan, an empty bin and a stretch without the
// network among the rest. It gives the task.
func (w *worker) pick(wave int64) int64 {
	w.t.Helper()
	w.Goto(w.h.base + "/scan")
	w.ready()
	name := "波次 " + w.text(`select right(number, 4) from warehouse.wave where id = $1`, wave) + "-"
	w.WaitText("main", name)
	w.Screenshot("warehouse-story-04-next")
	job := e2e.Eval[string](w.Page, fmt.Sprintf(`document.querySelector(".job").innerText.includes(%[1]q) ? "0" : [...document.querySelectorAll("main [data-do=start]")].find(b => b.innerText.includes(%[1]q)).dataset.value`, name))
	w.tap(`main [data-do="start"][data-value="` + job + `"]`)
	w.WaitText("main", "放空箱")
	const mine = `state = 'taken' and account_id = (select id from access.account where login = 'warehouse')`
	w.until("the task", `select exists (select from warehouse.pick_task where `+mine+`)`)
	var task int64
	w.ask(&task, `select id from warehouse.pick_task where `+mine+` order by taken_at desc limit 1`)
	totes := w.count(`select count(*) from warehouse.pick_tote where task_id = $1`, task)
	for i := range totes {
		w.scan(fmt.Sprintf("T-%03d", i+1))
	}
	w.WaitText("main", "去库位")
	w.synced()
	w.Screenshot("warehouse-story-05-pick")
	stops := w.count(`select count(*) from warehouse.pick_stop where task_id = $1`, task)
	for n := 0; n < 4*stops; n++ {
		if w.count(`select count(*) from warehouse.pick_stop where task_id = $1 and state = 'open'`, task) == 0 {
			break
		}
		switch n {
		case 0:
			w.scan("Z99-99-9")
			w.WaitText(".mk-answer.is-wrong", "库位")
			w.Screenshot("warehouse-story-06-wrong")
		case 1:
			w.short(task)
			continue
		case 2:
			w.Offline(true)
			w.WaitText(".mk-sync", "离线")
		}
		w.stop(task)
		if n == 2 {
			w.Offline(false)
		}
		w.synced()
	}
	w.Until(`/拣完了|没拿齐/.test(document.querySelector("main").innerText)`)
	w.synced()
	w.proved()
	if n := w.count(`select count(*) from warehouse.command where verdict = 'wrong_bin'`); n == 0 {
		w.t.Error("the wrong scan is not counted")
	}
	if n := w.count(`select count(*) from warehouse.operation where cause = 'pick' and made_at < at and device <> ''`); n == 0 {
		w.t.Error("no pick bears the device's own time")
	}
	if n := w.count(`select count(*) from warehouse.wave where id = $1 and state in ('released','picked')`, wave); n != 1 {
		w.t.Error("the wave is not on its way")
	}
	return task
}

// bin gives the bin that the screen shows.
func (w *worker) bin() string {
	w.t.Helper()
	w.Until(`document.querySelector("main > .body .mk-bin") !== null`)
	return strings.TrimSpace(e2e.Eval[string](w.Page, `document.querySelector("main > .body .mk-bin").innerText`))
}

// asked is what the scan box asks for once no answer lies over it.
func (w *worker) asked() string {
	w.t.Helper()
	w.Until(`!document.querySelector(".mk-answer.is-right") && document.querySelector("main > .body .mk-sink") !== null`)
	return e2e.Eval[string](w.Page, `document.querySelector("main > .body .mk-sink").innerText`)
}

// stop picks what the screen asks for: the bin and the goods, where they are not in hand from the stop before, and the tote where
// the cart has several.
func (w *worker) stop(task int64) {
	w.t.Helper()
	const done = `(((document.querySelector(".bar") || {}).innerText || "").match(/\d+\/\d+/) || [""])[0]`
	was := e2e.Eval[string](w.Page, done)
	moved := fmt.Sprintf(`!["", %q].includes(`+done+`)`, was)
	over := `/拣完了|没拿齐/.test(document.querySelector("main").innerText)`
	for range 4 {
		asked := w.asked()
		switch {
		case strings.Contains(asked, "先扫库位"):
			w.scan(w.bin())
		case strings.Contains(asked, "放进第"):
			w.scan(toteIn.FindString(asked))
		default:
			w.scan(w.at(task, w.bin()).code())
		}
		w.Until(moved + ` || ` + over + fmt.Sprintf(` || (document.querySelector("main > .body .mk-sink") || {innerText: %[1]q}).innerText !== %[1]q`, asked))
		if e2e.Eval[bool](w.Page, moved+` || `+over) {
			return
		}
	}
	w.t.Fatalf("the stop is not done: %s", w.asked())
}

var toteIn = regexp.MustCompile(`T-\d+`)

// short tells that nothing is in the bin: two taps. What is promised instead is another stop.
func (w *worker) short(task int64) {
	w.t.Helper()
	for !strings.Contains(w.asked(), "先扫库位") { // the same goods for further totes come first
		w.stop(task)
		w.synced()
	}
	w.scan(w.bin())
	w.WaitText("main > .body .mk-sink", "再扫商品")
	w.tap(`[data-do="short"]`)
	w.WaitText(".mk-answer.is-ask", "哪里不对")
	w.tap(`.mk-answer [data-do="empty"]`)
	w.WaitText(".mk-answer.is-ask", "记下了")
	w.Screenshot("warehouse-story-07-short")
	w.tap(`.mk-answer [data-do="close"]`)
	w.synced()
}

// packAndHandOver packs one tote of the task and gives its parcel to the carrier.
func (w *worker) packAndHandOver(task int64) {
	w.t.Helper()
	var shipment int64
	var tote string
	const picked = ` from warehouse.shipment s join warehouse.pick_tote t on t.shipment_id = s.id where t.task_id = $1 and s.state = 'picked' order by s.id limit 1`
	w.ask(&shipment, `select s.id`+picked, task)
	w.ask(&tote, `select t.tote`+picked, task)
	w.Goto(w.h.base + "/scan")
	w.ready()
	w.scan(tote)
	w.WaitText("main", "扫每一件")
	w.Screenshot("warehouse-story-08-pack")
	rows, err := w.h.db.Pool.Query(w.t.Context(), `select k.gtin, a.pieces from warehouse.allocation a join catalog.sku k on k.id = a.sku_id where a.shipment_id = $1 and a.state = 'picked' order by a.id`, shipment)
	if err != nil {
		w.t.Fatal(err)
	}
	var codes []string
	for rows.Next() {
		var gtin string
		var n int
		if err := rows.Scan(&gtin, &n); err != nil {
			w.t.Fatal(err)
		}
		for range n {
			codes = append(codes, gtin)
		}
	}
	for _, c := range codes {
		w.scan(c)
		w.Until(`document.querySelector(".mk-answer.is-right") !== null`)
	}
	w.WaitText("main > .body", "用什么箱子")
	expected := e2e.Eval[string](w.Page, `(document.querySelector("main > .body").innerText.match(/应重约\s*([\d,]+)\s*克/) || ["", "0"])[1].replace(/,/g, "")`)
	w.scan(expected)
	w.WaitText("main > .body", "MP")
	w.synced()
	w.Screenshot("warehouse-story-09-label")
	var parcel string
	w.ask(&parcel, `select number from warehouse.parcel where shipment_id = $1 and state = 'packed'`, shipment)
	w.Goto(w.h.base + "/scan")
	w.ready()
	w.menu("handover")
	w.WaitText("main > .body", "扫")
	w.scan(parcel) // the first parcel opens its carrier's manifest
	w.WaitText(".mk-answer.is-right", "对")
	w.WaitText("main > .body", "MF-")
	w.synced()
	w.tap(`[data-do="sign"]`)
	w.Type(`input[name="signed"]`, "赵师傅")
	w.Click(`form [type="submit"]`)
	w.until("the handover", `select state = 'handed_over' from warehouse.shipment where id = $1`, shipment)
	w.Screenshot("warehouse-story-10-handover")
	w.until("the sale in the forecast's history", `select exists (select from forecast.sale f join warehouse.allocation a on a.sku_id = f.sku_id and a.site_id = f.site_id
		where a.shipment_id = $1 and f.day = (now() at time zone 'Asia/Shanghai')::date)`, shipment)
}
