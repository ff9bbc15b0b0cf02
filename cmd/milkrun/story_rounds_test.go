package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/demo"
	"milkrun/internal/e2e"
	"milkrun/routing"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// rideStory is a day of one front warehouse: its customers' orders are packed, planned, ridden and delivered.
type rideStory struct {
	t      *testing.T
	h      *served
	system context.Context
	lead   context.Context
	site   catalog.Site
	other  routing.RiderID // on shift beside the account that rides
	off    routing.RiderID
	sites  map[string]catalog.SiteID
}

func (s *rideStory) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *rideStory) ask(to any, sql string, args ...any) {
	s.t.Helper()
	s.ok(s.h.db.Pool.QueryRow(s.t.Context(), sql, args...).Scan(to))
}

// until waits for the house's jobs to bring something about.
func (s *rideStory) until(what string, reached func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !reached(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within two minutes; open jobs:%s", what, openJobs(s.h.house))
		}
	}
}

// openRideStory loads the demo's catalog, shelves, stock and people, without forecasts, and serves it.
func openRideStory(t *testing.T) *rideStory {
	t.Helper()
	url := dbtest.EmptyURL(t)
	ctx := t.Context()
	h, err := openHouse(ctx, testConfig(url), quiet())
	if err != nil {
		t.Fatal(err)
	}
	world := demo.Generate(h.today(), demoSeed)
	for _, load := range []func(context.Context, *demo.World) (string, error){h.demoCatalog, h.demoBins, h.demoStock, h.demoUsers} {
		if _, err := load(h.asSystem(ctx), world); err != nil {
			h.close()
			t.Fatal(err)
		}
	}
	h.close()
	s := &rideStory{t: t, h: serve(t, url), sites: map[string]catalog.SiteID{}}
	s.system = s.h.asSystem(ctx)
	lead, err := s.h.Access.UserByLogin(s.system, "lead")
	s.ok(err)
	s.lead = access.WithUser(ctx, lead)
	all, err := roundSites{}.Sites(ctx, s.h.db.Pool)
	s.ok(err)
	for _, x := range all {
		s.sites[x.Code] = x.ID
		if x.Code == "SH-XH" {
			s.site = x
		}
	}
	for i := range 6 {
		b := warehouse.UsualBin(s.site.ID, fmt.Sprintf("T-S0%d", i+1))
		b.Kind = warehouse.BinTote
		_, err := s.h.Stock.AddBin(s.system, b)
		s.ok(err)
	}
	now := time.Now()
	add := func(login, name string, r routing.Rider) routing.RiderID {
		if login != "courier" {
			_, err := s.h.addUser(s.system, demo.User{Login: login, Name: name, Role: access.Courier, Sites: []string{"SH-XH"}, Language: "zh"}, demo.Password)
			s.ok(err)
		}
		u, err := s.h.Access.UserByLogin(s.system, login)
		s.ok(err)
		r.Account, r.Name, r.Site, r.Active, r.Parcels, r.Grams, r.ColdBox, r.PerHour, r.PerKm, r.Phone = int64(u.ID), name, s.site.ID, true, 10, 30_000, true, 3000, 60, "13800000001"
		id, err := s.h.Rounds.AddRider(s.system, r)
		s.ok(err)
		return id
	}
	add("courier", "赵鹏", routing.Rider{Kind: routing.FullTime})
	s.other = add("courier2", "陈立", routing.Rider{Kind: routing.Crowd, OnFrom: now.Add(-time.Hour), OnUntil: now.Add(5 * time.Hour)})
	s.off = add("courier3", "吴丹", routing.Rider{Kind: routing.Crowd})
	_, err = s.h.addUser(s.system, demo.User{Login: "lead.en", Name: "Lee", Role: access.Lead, Sites: []string{"JX", "SH-XH"}, Language: "en"}, demo.Password)
	s.ok(err)
	return s
}

// order places a customer's order near the warehouse, promised in so many minutes.
func (s *rideStory) order(number string, north, east float64, minutes int) {
	s.t.Helper()
	var sku string
	s.ask(&sku, `select k.code from warehouse.position p join catalog.sku k on k.id = p.sku_id where p.site_id = $1 and p.status = 'available' and p.on_hand - p.reserved >= 4
		and k.temperature = 'ambient' order by k.code limit 1`, s.site.ID)
	lat, lon := s.site.Lat+north, s.site.Lon+east
	done, err := s.h.Stock.PlaceOrders(s.system, []warehouse.OutboundDraft{{Channel: "miniapp", Number: number, PlacedAt: time.Now().Add(-time.Minute), Promise: warehouse.Minutes30,
		PromiseAt: time.Now().Add(time.Duration(minutes) * time.Minute), Consignee: warehouse.Consignee{Name: "林女士", Phone: "13912345678", City: "上海市", Street: "天钥桥路 88 号 " + number, Lat: &lat, Lon: &lon},
		Lines: []warehouse.DraftLine{{SKU: sku, Pieces: 1, Amount: 9900}}}})
	s.ok(err)
	if len(done) != 1 || done[0].Outcome == warehouseops.Refused {
		s.t.Fatalf("%+v", done)
	}
}

// pack walks, picks and packs what is allocated, as a handheld does.
func (s *rideStory) pack(orders int) {
	s.t.Helper()
	count := func(sql string) (n int) {
		s.ask(&n, sql, s.site.ID)
		return n
	}
	s.until("orders have their stock", func() bool {
		return count(`select count(*) from warehouse.shipment where site_id = $1 and state <> 'waiting'`) == orders
	})
	cmd := func() warehouse.Command {
		return warehouse.Command{Op: uuid.New(), Device: "story", MadeAt: time.Now()}
	}
	for packed := 0; packed < orders; packed = count(`select count(*) from warehouse.shipment where site_id = $1 and state = 'packed'`) {
		s.ok(s.h.Stock.AdvanceWaves(s.system))
		jobs, err := s.h.Stock.PickJobs(s.system, s.site.ID, 20)
		s.ok(err)
		for _, j := range jobs {
			s.pick(cmd, j.ID)
		}
	}
}

func (s *rideStory) pick(cmd func() warehouse.Command, id int64) {
	s.t.Helper()
	task, err := s.h.Stock.TakePick(s.lead, cmd(), id)
	s.ok(err)
	totes := map[int]string{}
	for _, p := range task.Totes {
		var tote string
		s.ask(&tote, `select code from warehouse.bin b where site_id = $1 and kind = 'tote' and active and code like 'T-S%' and not exists (select from warehouse.pick_tote t join warehouse.pick_task k on k.id = t.task_id
			where t.tote = b.code and k.site_id = b.site_id and k.state <> 'cancelled') and not exists (select from warehouse.position p where p.site_id = b.site_id and p.bin = b.code and p.on_hand > 0)
			order by code limit 1`, s.site.ID)
		task, err = s.h.Stock.PlaceTote(s.lead, cmd(), id, p.Place, tote)
		s.ok(err)
		totes[p.Place] = tote
	}
	for _, stop := range task.Stops {
		_, err := s.h.Stock.Pick(s.lead, cmd(), warehouseops.PickScans{Task: id, Stops: []int64{stop.ID}, Bin: stop.Bin, Code: cmp.Or(stop.Goods.GTIN, stop.Goods.Code), Lot: stop.Lot, Tote: totes[stop.Place]})
		s.ok(err)
	}
	for _, stop := range task.Stops {
		// Orders of one piece share a tote: the piece chooses.
		p, err := s.h.Stock.ToPack(s.lead, s.site.ID, totes[stop.Place], "")
		if err == nil && p.ID == 0 {
			p, err = s.h.Stock.ToPack(s.lead, s.site.ID, totes[stop.Place], cmp.Or(stop.Goods.GTIN, stop.Goods.Code))
		}
		s.ok(err)
		in := warehouseops.Packing{Shipment: p.ID, Box: p.Boxes[0].Code, Accepted: "称坏了"}
		for _, l := range p.Lines {
			in.Items = append(in.Items, warehouseops.PackedItem{SKU: l.Goods.ID, Pieces: l.Want - l.Packed})
		}
		_, err = s.h.Stock.ClosePack(s.lead, cmd(), in)
		s.ok(err)
	}
}

// picture is a photo of a parcel at a door, as a phone takes it.
func (s *rideStory) picture() string {
	img := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			c := color.RGBA{R: 190, G: 186, B: 178, A: 255} // wall
			switch {
			case y > 850:
				c = color.RGBA{R: 120, G: 110, B: 100, A: 255} // floor
			case x > 900 && x < 1400:
				c = color.RGBA{R: 96, G: 60, B: 40, A: 255} // door
			}
			if x > 350 && x < 800 && y > 620 && y < 980 {
				c = color.RGBA{R: 201, G: 160, B: 110, A: 255} // box
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	s.ok(jpeg.Encode(&b, img, nil))
	path := filepath.Join(s.t.TempDir(), "drop.jpg")
	s.ok(os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

// parcel gives the parcel of an order.
func (s *rideStory) parcel(order string) (id int64, code, tracking, state string) {
	s.t.Helper()
	s.ok(s.h.db.Pool.QueryRow(s.t.Context(), `select id, code, tracking, state from routing.parcel where order_ref = 'miniapp ' || $1`, order).Scan(&id, &code, &tracking, &state))
	return id, code, tracking, state
}

// of gives a parcel's order and the secret of its shopper's page.
func (s *rideStory) of(parcel int64) (order, tracking string) {
	s.t.Helper()
	s.ok(s.h.db.Pool.QueryRow(s.t.Context(), `select replace(order_ref, 'miniapp ', ''), tracking from routing.parcel where id = $1`, parcel).Scan(&order, &tracking))
	return order, tracking
}

// left gives the parcel of the round that nobody has been to yet.
func (s *rideStory) left(visited []int64) (id int64) {
	s.t.Helper()
	s.ask(&id, `select id from routing.parcel where state = 'loaded' and round_id = (select round_id from routing.parcel where id = $1)`, visited[0])
	return id
}

func (s *rideStory) outbound(order string) (state string) {
	s.ask(&state, `select state from warehouse.outbound where number = $1`, order)
	return state
}

func signIn(s *rideStory, p *e2e.Page, login, back string) {
	s.t.Helper()
	p.Goto(s.h.base + "/login?back=" + back)
	p.Type("input[name=login]", login)
	p.Type("input[name=password]", demo.Password)
	p.Press("\r")
	p.Until(`location.pathname !== "/login"`)
	p.Goto(s.h.base + back)
}

// drag carries a parcel over a rider's row without letting go, and gives the price that shows under the pointer.
func drag(p *e2e.Page, parcel, rider int64) string {
	p.Eval(fmt.Sprintf(`(() => {
		const from = document.querySelector('[data-mk-parcel="%d"]'), to = document.querySelector('[data-mk-rider="%d"]');
		from.scrollIntoView({block: "center"});
		const carried = window.carried = new DataTransfer(), at = to.getBoundingClientRect();
		const fire = window.fire = (el, kind) => el.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried, clientX: at.x + 90, clientY: Math.min(at.y + 8, innerHeight - 60)}));
		fire(from, "dragstart");
		window.over = setInterval(() => fire(to, "dragover"), 100);
	})()`, parcel, rider))
	p.Until(`/¥/.test(document.querySelector(".mk-drag-price:not([hidden])")?.textContent || "")`)
	return p.Text(".mk-drag-price")
}

func letGo(p *e2e.Page, rider int64) {
	p.Eval(fmt.Sprintf(`(() => { clearInterval(window.over); window.fire(document.querySelector('[data-mk-rider="%d"]'), "drop"); })()`, rider))
}

// A story of dispatcher, rider and shopper over the whole program: orders are packed and come into the pool, a round is planned,
// offered, taken on and ridden, for a while without the network; one parcel goes by code, one by photo, one comes back; the
// dispatcher gives another parcel to a rider at a price seen before, keeps one for a rider, and calls a third one in.
func TestStoryOfRounds(t *testing.T) {
	s := openRideStory(t)
	s.order("MP1001", .004, .002, 45)
	s.order("MP1002", .005, .003, 45)
	s.order("MP1003", .006, .002, 46)
	s.order("MP1004", -.010, -.004, 58)
	s.pack(4)
	var waiting int
	s.until("packed parcels join the pool", func() bool {
		s.ask(&waiting, `select count(*) from routing.parcel where site_id = $1 and state = 'waiting'`, s.site.ID)
		return waiting == 4
	})
	first, code, trackFirst, _ := s.parcel("MP1001")
	second, _, _, _ := s.parcel("MP1002")
	fourth, _, _, _ := s.parcel("MP1004")

	phone := e2e.Open(t, 360, 740)
	phone.Allow("ERR_INTERNET_DISCONNECTED")
	phone.Allow("401")
	signIn(s, phone, "courier", "/ride")
	phone.Wait(`[data-do="on"]`)
	phone.Screenshot("rounds-01-phone-off")
	phone.Axe()
	phone.Click(`[data-do="on"][data-value="8"]`)
	phone.WaitText("main", "等下一单")
	phone.Screenshot("rounds-02-phone-idle")
	s.until("the rider is on shift", func() bool {
		var on bool
		s.ask(&on, `select on_until is not null from routing.rider where name = '赵鹏'`)
		return on
	})

	board := e2e.Open(t, 1440, 900)
	signIn(s, board, "lead", "/rounds?site=SH-XH")
	board.WaitText("#rounds", "未出的票")
	board.Screenshot("rounds-03-board-pool")
	board.Axe()
	// Two parcels are kept for the rider on the phone: one by the drawer, one by the verb behind it.
	var me int64
	s.ask(&me, `select id from routing.rider where name = '赵鹏'`)
	board.Click(fmt.Sprintf(`[data-mk-parcel="%d"] a.mk-btn`, first))
	board.WaitText("#drawer", "转给")
	board.Screenshot("rounds-04-board-offers")
	board.Axe()
	board.Choose(`#drawer select[name=rider]`, fmt.Sprint(me))
	board.Click(`#drawer form[action="/rounds/pin"] button`)
	s.until("the parcel is pinned", func() bool {
		var pinned int64
		s.ask(&pinned, `select coalesce(pinned_rider, 0) from routing.parcel where id = $1`, first)
		return pinned == me
	})
	for _, n := range []string{"MP1002", "MP1003"} {
		id, _, _, _ := s.parcel(n)
		s.ok(s.h.Rounds.Pin(s.system, routing.ParcelID(id), routing.RiderID(me)))
	}
	board.Goto(s.h.base + "/rounds?site=SH-XH")
	board.Click(`form[action="/rounds/plan"] button`)
	s.until("a round is offered or known", func() bool {
		s.ok(s.h.Rounds.Plan(s.system, s.site.ID))
		var n int
		s.ask(&n, `select count(*) from routing.round where rider_id = $1 and state = 'offered'`, me)
		if n == 0 {
			// Not yet a must: the dispatcher sends it on its way.
			for _, x := range []int64{first, second} {
				_, err := s.h.Rounds.Move(s.system, routing.ParcelID(x), routing.RiderID(me))
				s.ok(err)
			}
			third, _, _, _ := s.parcel("MP1003")
			_, err := s.h.Rounds.Move(s.system, routing.ParcelID(third), routing.RiderID(me))
			s.ok(err)
		}
		return true
	})
	phone.Goto(s.h.base + "/ride")
	phone.Wait(`[data-do="accept"]`)
	phone.Screenshot("rounds-05-phone-offer")
	phone.Axe()
	phone.Click(`[data-do="accept"]`)
	phone.Wait(`[data-do="start"]`)
	phone.Screenshot("rounds-06-phone-load")
	phone.Axe()
	phone.Click(`[data-do="start"]`)
	phone.Wait(`[data-do="arrive"]`)
	phone.Screenshot("rounds-07-phone-next")
	phone.Axe()
	if e2e.Eval[string](phone, `document.querySelector('a[href^="tel:"]').getAttribute("href")`) != "tel:13912345678" {
		t.Error("the rider cannot call the customer")
	}
	if e2e.Eval[bool](phone, `!document.querySelector('a[href^="geo:"]')`) {
		t.Error("the rider has no way to a map")
	}
	s.until("the warehouse has handed the round over", func() bool { return s.outbound("MP1001") == "shipped" })

	shopper := e2e.Open(t, 360, 740)
	shopper.Goto(s.h.base + "/t/" + trackFirst)
	shopper.WaitText("main", code)
	shopper.Screenshot("rounds-08-shopper-way")
	shopper.Axe()

	// Without the network: the parcel by code, the next with a photo.
	visited := s.byCodeAndPhoto(phone)
	_, photographed := s.of(visited[1])
	byCode, _ := s.of(visited[0])
	byPhoto, _ := s.of(visited[1])
	left, trackLeft := s.of(s.left(visited))
	shopper.Goto(s.h.base + "/t/" + photographed)
	shopper.WaitText("main", "送到")
	shopper.Wait("figure img")
	shopper.Until(`document.querySelector("figure img").naturalWidth > 0`)
	shopper.Screenshot("rounds-12-shopper-photo")
	shopper.Axe()

	s.dispatch(board, fourth)

	// The third is turned down and comes back with the rider.
	phone.Wait(`[data-do="trouble"]`)
	phone.Click(`[data-do="trouble"]`)
	phone.Wait(`[data-do="fail"][data-value="declined"]`)
	phone.Screenshot("rounds-16-phone-trouble")
	phone.Axe()
	phone.Click(`[data-do="fail"][data-value="declined"]`)
	phone.Wait(`[data-do="finish"]`)
	phone.Screenshot("rounds-17-phone-back")
	phone.Axe()
	phone.Click(`[data-do="finish"]`)
	phone.WaitText("main", "等下一单")

	s.until("the orders are delivered, and one is back", func() bool {
		return s.outbound(byCode) == "delivered" && s.outbound(byPhoto) == "delivered" && s.outbound(left) == "returned"
	})
	var back int
	s.ask(&back, `select count(*) from warehouse.return_line where grade = '' and reason like '没送到%'`)
	if back != 1 {
		t.Errorf("%d returns wait to be graded", back)
	}
	faults, err := s.h.Stock.Check(s.system)
	if err != nil || len(faults) > 0 {
		t.Errorf("the ledger does not hold: %v, %v", faults, err)
	}
	shopper.Goto(s.h.base + "/t/" + trackLeft)
	shopper.WaitText("main", "没有送成")
	shopper.Screenshot("rounds-18-shopper-back")
	shopper.Goto(s.h.base + "/t/" + photographed + "?lang=en")
	shopper.Screenshot("rounds-19-shopper-done-en")
	shopper.Axe()
	board.Goto(s.h.base + "/rounds?site=SH-XH")
	board.WaitText("#rounds", "今天跑完的")
	board.Click(`.mk-rounds-rows a[hx-get*="round="]`)
	board.Screenshot("rounds-20-board-finished")
	s.vans(board)
	s.english()
}

// byCodeAndPhoto hands two parcels over while the phone has no network, and lets it catch up.
func (s *rideStory) byCodeAndPhoto(phone *e2e.Page) (visited []int64) {
	s.t.Helper()
	picture := s.picture()
	phone.Offline(true)
	for i := range 2 {
		phone.Wait(`[data-do="arrive"]`)
		phone.Click(`[data-do="arrive"]`)
		phone.Wait("#code, input[type=file]")
		number := phone.Text(".who")
		var id int64
		var code string
		s.ok(s.h.db.Pool.QueryRow(s.t.Context(), `select id, code from routing.parcel where $1 like number || '%'`, number).Scan(&id, &code))
		visited = append(visited, id)
		if i == 1 {
			phone.Screenshot("rounds-10-phone-photo")
			phone.Upload("input[type=file]", picture)
		} else {
			phone.Type("#code", "0")
			phone.Press("\r")
			phone.Wait(".rem.is-bad")
			phone.Type("#code", code)
			phone.Screenshot("rounds-09-phone-code-offline")
			phone.Axe()
			phone.Press("\r")
		}
		phone.Until(fmt.Sprintf(`!document.querySelector("#code") && !document.querySelector("main").textContent.includes(%q + "·")`, number))
	}
	phone.WaitText("header", "离线")
	phone.Click(`[data-do="go"][data-value="queue"]`)
	phone.Screenshot("rounds-11-phone-queue")
	phone.Axe()
	phone.Offline(false)
	phone.WaitText("header", "已同步")
	phone.Click(`[data-do="go"][data-value="home"]`)
	s.until("both drops are with the house", func() bool {
		var n int
		s.ask(&n, `select count(*) from routing.parcel where id = any($1) and state = 'delivered'`, visited)
		return n == 2
	})
	return visited
}

// dispatch drags a parcel onto a rider and calls another in.
func (s *rideStory) dispatch(board *e2e.Page, parcel int64) {
	s.t.Helper()
	board.Goto(s.h.base + "/rounds?site=SH-XH")
	board.Wait(fmt.Sprintf(`[data-mk-parcel="%d"]`, parcel))
	price := drag(board, parcel, int64(s.other))
	board.Screenshot("rounds-13-board-drag")
	letGo(board, int64(s.other))
	s.until("the parcel is the other rider's", func() bool {
		var rider int64
		s.ask(&rider, `select coalesce((select r.rider_id from routing.parcel p join routing.round r on r.id = p.round_id where p.id = $1), 0)`, parcel)
		return rider == int64(s.other)
	})
	if price == "" {
		s.t.Error("no price before letting go")
	}
	board.WaitText("#rounds", "陈立")
	board.Click(fmt.Sprintf(`form[action="/rounds/riders/%d/call"] button`, s.off))
	board.WaitText("#rounds", "已叫")
	board.Screenshot("rounds-14-board-called")
	board.Axe()
	called := e2e.Open(s.t, 360, 740)
	signIn(s, called, "courier3", "/ride")
	called.WaitText("main", "请你来上班")
	called.Screenshot("rounds-15-phone-called")
	called.Axe()
}

// vans plans tomorrow's vans for transfers that a lead has ordered, and prints a run's sheet.
func (s *rideStory) vans(board *e2e.Page) {
	s.t.Helper()
	s.ok(s.h.demoTransfers(s.system, s.sites["JX"], s.sites))
	for _, v := range []routing.Van{{Plate: "浙F 2K318", Driver: "沈国平", Grams: 1_800_000, Millilitre: 11_000_000}, {Plate: "浙F 7C806", Driver: "陆建明", Grams: 1_200_000, Millilitre: 7_000_000, Cold: true}} {
		v.Site, v.Active, v.From, v.Until, v.PerHour, v.PerKm, v.CO2PerKm = s.sites["JX"], true, 300, 1080, 4000, 160, 250
		_, err := s.h.Rounds.SaveVan(s.system, v)
		s.ok(err)
	}
	// Nanjing is five hours away: its dock is open when a van that left at five is there.
	s.ok(s.h.Rounds.SetDock(s.system, routing.Dock{Site: s.sites["NJ-JY"], Windows: [][2]int{{8 * 60, 12 * 60}}, Unload: 20}))
	day := calendar.Of(time.Now(), s.h.cfg.zone()).AddDays(1)
	board.Goto(s.h.base + "/rounds/vans?site=JX&day=" + day.String())
	board.Screenshot("rounds-21-vans-open")
	board.Axe()
	board.Click(`form[action="/rounds/vans/plan"] button`)
	board.Wait(".mk-round-card")
	board.Screenshot("rounds-22-vans-planned")
	board.Axe()
	d, err := s.h.Rounds.VanDay(s.system, s.sites["JX"], day)
	s.ok(err)
	if len(d.Runs) == 0 || len(d.Left) > 0 {
		s.t.Fatalf("%d runs, left %+v", len(d.Runs), d.Left)
	}
	board.Click(`form[action$="/release"] button`)
	board.WaitText("#rounds", "已交司机")
	board.Goto(fmt.Sprintf("%s/rounds/vans/%d/sheet", s.h.base, d.Runs[0].ID))
	board.Screenshot("rounds-23-van-sheet")
	board.Axe()
	board.Goto(s.h.base + "/rounds/stations")
	board.Screenshot("rounds-24-stations")
	board.Axe()
}

// english looks at the same pages in English, on a smaller screen.
func (s *rideStory) english() {
	s.t.Helper()
	board := e2e.Open(s.t, 1280, 800)
	signIn(s, board, "lead.en", "/rounds?site=SH-XH")
	for i, path := range []string{"/rounds?site=SH-XH", "/rounds/vans?site=JX", "/rounds/stations"} {
		board.Goto(s.h.base + path)
		board.Screenshot(fmt.Sprintf("rounds-en-%d", i+1))
		board.Axe()
	}
}
