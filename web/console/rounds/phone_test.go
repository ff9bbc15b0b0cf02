package rounds_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"milkrun/internal/e2e"
	"milkrun/routing"
	"milkrun/web/console/rounds"
)

// read lets the phone find what its camera's page would have read.
func read(p *e2e.Page, address, label string) {
	p.Eval(fmt.Sprintf(`new Promise(done => { const r = indexedDB.open("milkrun-ride"); r.onsuccess = () => { const tx = r.result.transaction("state", "readwrite"); tx.objectStore("state").put(%q, "camera"); tx.oncomplete = done } })`, label))
	p.Goto(address + "/ride")
}

// The rider loads with the camera: a label of the round is ticked off, another is refused. What was changed after the round was taken on
// must be seen before it leaves, and what is not there stays behind. On the way another order, a pickup and a second try are told.
func TestTheRidersPhoneLoadsAndHearsOfChanges(t *testing.T) {
	d := open(t, rounds.Tiles{})
	_, me := d.rider("li", "李飞", 6, 5)
	d.parcel("MP1", .010, .001, 9, nil)
	d.ok(d.ops.PlanNow(d.lead, d.site))
	var round routing.RoundID
	d.ask(&round, `select id from routing.round`)
	p := e2e.Open(t, 360, 740)
	d.enter(p, "li", "/ride")
	p.Wait(`[data-do="accept"]`)
	p.Click(`[data-do="accept"]`)
	p.Wait(`[data-do="start"]`)
	d.until("taken on", `select state = 'accepted' from routing.round where id = $1`, round)
	two := d.parcel("MP2", .008, .001, 13, nil)
	three := d.parcel("MP3", .009, .001, 14, nil)
	d.ok(d.ops.PlanNow(d.lead, d.site))
	d.until("they join", `select count(*) = 3 from routing.stop where round_id = $1`, round)
	p.Goto(d.address + "/ride")
	p.WaitText(".news", "加了 2 票")
	if e2e.Eval[bool](p, `!!document.querySelector('[data-do="start"]')`) {
		t.Error("it may leave without having seen what was changed")
	}
	p.Screenshot("phone-changed-load")
	p.Axe()
	p.Click(`footer [data-do="see"]`)
	p.Wait(`[data-do="start"]`)
	d.until("seen", `select seen_version = version from routing.round where id = $1`, round)

	p.Click(`[data-do="camera"]`)
	p.WaitText("main", "扫包裹面单")
	p.Screenshot("phone-camera")
	p.Axe()
	// Without the network the camera's page is there too.
	p.Eval(`setInterval(async () => { for (const n of await caches.keys()) if (await (await caches.open(n)).match("/ride/camera")) window.kept = true }, 100)`)
	p.Until(`window.kept && navigator.serviceWorker.controller`)
	p.Allow("ERR_INTERNET_DISCONNECTED")
	p.Offline(true)
	p.Eval(`location.reload()`)
	p.Until(`document.readyState === "complete" && !window.kept`)
	p.WaitText("main", "扫包裹面单")
	p.Offline(false)
	read(p, d.address, "MP2")
	p.Wait(fmt.Sprintf(`input[data-load="%d"]:checked`, two))
	read(p, d.address, "MP999")
	p.WaitText(".rem.is-bad", "MP999 不在你这一单上")
	p.Screenshot("phone-wrong-label")
	p.Axe()
	read(p, d.address, "MP1")
	p.WaitText("footer", "只装了 2 票")
	p.Click(`[data-do="start"]`)
	p.Wait(`[data-do="arrive"]`)
	d.until("left without MP3", `select state = 'waiting' from routing.parcel where id = $1`, three)

	// On the way.
	fetch := d.parcel("R1", .0085, .0012, 120, func(x *routing.Parcel) { x.Pickup = true })
	d.ok(d.ops.PlanNow(d.lead, d.site))
	d.until("the pickup joins", `select state = 'loaded' from routing.parcel where id = $1`, fetch)
	p.Goto(d.address + "/ride")
	p.WaitText(".news", "顺路上门取件")
	p.Screenshot("phone-changed-way")
	p.Axe()
	p.Click(`.news [data-do="see"]`)
	p.Gone(".news")
	// The label opens its own stop.
	var number string
	d.ask(&number, `select p.number from routing.stop s join routing.parcel p on p.id = s.parcel_id where s.round_id = $1 and not p.pickup order by s.no desc limit 1`, round)
	read(p, d.address, number)
	p.WaitText("main", "面单对")
	if got := p.Text(".who"); !strings.HasPrefix(got, number) {
		t.Errorf("%s opens the stop of %s", number, got)
	}
	p.Screenshot("phone-label-right")
	p.Axe()
	var code string
	d.ask(&code, `select code from routing.parcel where number = $1`, number)
	p.Type("#code", code)
	p.Press("\r")
	d.until("handed over", `select state = 'delivered' from routing.parcel where number = $1`, number)
	// Nobody at the other door; the pickup cannot be fetched.
	for range 3 {
		var state string
		if d.ask(&state, `select state from routing.parcel where id = $1`, fetch); state != "loaded" {
			break
		}
		p.Wait(`[data-do="arrive"]`)
		if e2e.Eval[bool](p, `!!document.querySelector('[data-do="decline"]')`) {
			p.Screenshot("phone-pickup")
			p.Axe()
			p.Click(`[data-do="decline"]`)
			d.until("declined", `select state = 'waiting' and declined_by is not null from routing.parcel where id = $1`, fetch)
			break
		}
		p.Click(`[data-do="trouble"]`)
		p.Click(`[data-do="fail"][data-value="nobody_home"]`)
		d.until("failed", `select exists (select from routing.stop where round_id = $1 and outcome = 'failed')`, round)
	}
	// The warehouse's clock, not the phone's.
	shown := e2e.Eval[string](p, `document.querySelector("header").textContent`)
	if zone := time.FixedZone("CST", 8*3600); !strings.Contains(shown, time.Now().In(zone).Format("15:")) && !strings.Contains(shown, time.Now().Add(time.Hour).In(zone).Format("15:")) {
		t.Errorf("times are not the warehouse's: %q", shown)
	}
	_ = me
}

// The next round is offered to a rider on the road, and taken on there.
func TestTheNextRoundOnThePhone(t *testing.T) {
	d := open(t, rounds.Tiles{})
	id, me := d.rider("li", "李飞", 6, 5)
	one := d.parcel("MP1", .004, .001, 40, nil)
	_, err := d.ops.Move(d.lead, one, id)
	d.ok(err)
	var round routing.RoundID
	d.ask(&round, `select id from routing.round`)
	d.ok(d.ops.Accept(me, op(), round))
	d.ok(d.ops.Start(me, op(), round, nil))
	two := d.parcel("MP2", .005, .002, 60, nil)
	_, err = d.ops.Move(d.lead, two, id)
	d.ok(err)
	p := e2e.Open(t, 360, 740)
	d.enter(p, "li", "/ride")
	p.WaitText("main", "回仓后还有一单")
	p.Screenshot("phone-next-round")
	p.Axe()
	p.Click(`[data-do="go"][data-value="following"]`)
	p.WaitText("header", "回仓后的下一单")
	p.Screenshot("phone-next-round-offer")
	p.Axe()
	p.Click(`[data-do="accept"]`)
	d.until("taken on", `select exists (select from routing.round where rider_id = $1 and state = 'accepted')`, id)
	p.Wait(`[data-do="arrive"]`)
}

// What the shopper sees of goods that are fetched.
func TestTheShopperOfAPickup(t *testing.T) {
	d := open(t, rounds.Tiles{})
	d.parcel("R1", .004, .001, 90, func(x *routing.Parcel) { x.Pickup = true })
	var tracking string
	d.ask(&tracking, `select tracking from routing.parcel`)
	p := e2e.Open(t, 360, 740)
	p.Goto(d.address + "/t/" + tracking)
	p.WaitText("main", "约好上门取件")
	p.Screenshot("shopper-pickup")
	p.Axe()
}
