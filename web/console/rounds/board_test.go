package rounds_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/e2e"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/rounds"
)

// carry drags a parcel over a rider's row without letting go and gives what shows under the pointer.
func carry(p *e2e.Page, parcel routing.ParcelID, rider routing.RiderID) string {
	p.Eval(fmt.Sprintf(`(() => {
		const from = document.querySelector('[data-mk-parcel="%d"]'), to = document.querySelector('[data-mk-rider="%d"]');
		from.scrollIntoView({block: "center"});
		const carried = new DataTransfer(), at = to.getBoundingClientRect();
		window.fire = (el, kind) => el.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried, clientX: at.x + 90, clientY: Math.min(at.y + 8, innerHeight - 60)}));
		window.fire(from, "dragstart");
		window.over = setInterval(() => window.fire(to, "dragover"), 60);
	})()`, parcel, rider))
	p.Until(`/[^…\s]/.test((document.querySelector(".mk-drag-price:not([hidden])")?.textContent || "").replace("…", ""))`)
	return p.Text(".mk-drag-price")
}

// letGo lets go; where that moves the parcel, it waits for the page that comes.
func letGo(p *e2e.Page, parcel routing.ParcelID, rider routing.RiderID, moves bool) {
	if moves {
		defer p.Until(`!window.stale`)
	}
	p.Eval(fmt.Sprintf(`(() => { window.stale = true; clearInterval(window.over); window.fire(document.querySelector('[data-mk-rider="%d"]'), "drop"); document.querySelector('[data-mk-parcel="%d"]')?.dispatchEvent(new DragEvent("dragend")); })()`, rider, parcel))
}

// A parcel is dragged onto a rider: the price shows first, nothing happens before letting go, and nothing on a rider who cannot take it.
// Another is pinned, a rider is called in, a rider on the road gets a next round.
func TestAParcelIsDraggedAtItsPrice(t *testing.T) {
	d := open(t, rounds.Tiles{})
	li, _ := d.rider("li", "李飞", 6, 5)
	small, _ := d.rider("sun", "孙小", 1, 5)
	off, _ := d.rider("wu", "吴丹", 6, 0)
	_, road := d.rider("he", "何路", 6, 5)
	one := d.parcel("MP1", .006, .002, 55, nil)
	two := d.parcel("MP2", -.004, .004, 60, nil)
	three := d.parcel("MP3", .005, -.003, 65, nil)
	onRoad := d.parcel("MP4", .002, .006, 40, nil)
	// One is on the road.
	var he routing.RiderID
	d.ask(&he, `select id from routing.rider where name = '何路'`)
	_, err := d.ops.Move(d.lead, onRoad, he)
	d.ok(err)
	var round routing.RoundID
	d.ask(&round, `select round_id from routing.parcel where id = $1`, onRoad)
	d.ok(d.ops.Accept(road, op(), round))
	d.ok(d.ops.Start(road, op(), round, nil))

	p := e2e.Open(t, 1440, 900)
	d.enter(p, "lead", "/rounds?site=SH-XH")
	p.WaitText("#rounds", "MP1")
	price := carry(p, one, li)
	if !strings.Contains(price, "¥") || !strings.Contains(price, "到") {
		t.Errorf("the price says %q", price)
	}
	p.Screenshot("board-drag-price")
	var state string
	if d.ask(&state, `select state from routing.parcel where id = $1`, one); state != "waiting" {
		t.Errorf("moved before letting go: %s", state)
	}
	letGo(p, one, li, true)
	d.until("the parcel is Li's", `select exists (select from routing.parcel p join routing.round r on r.id = p.round_id where p.id = $1 and r.rider_id = $2)`, one, li)
	p.WaitText("#rounds", "李飞")

	// Sun has room for one alone.
	_, err = d.ops.Move(d.lead, two, small)
	d.ok(err)
	p.Goto(d.address + "/rounds?site=SH-XH")
	p.WaitText("#rounds", "MP3")
	if said := carry(p, three, small); !strings.Contains(said, "装不下") {
		t.Errorf("a full rider says %q", said)
	}
	letGo(p, three, small, false)
	// He takes it on the next round.
	if said := carry(p, three, he); !strings.Contains(said, "回仓后") {
		t.Errorf("a rider on the road says %q", said)
	}
	letGo(p, three, he, true)
	d.until("a next round", `select exists (select from routing.parcel p join routing.round r on r.id = p.round_id where p.id = $1 and r.rider_id = $2 and r.state = 'offered')`, three, he)

	// Pin and call in.
	four := d.parcel("MP5", -.006, -.002, 90, nil)
	p.Goto(d.address + "/rounds?site=SH-XH")
	p.Click(fmt.Sprintf(`[data-mk-parcel="%d"] a.mk-btn`, four))
	p.WaitText("#drawer", "只给这位骑手")
	p.Choose(`#drawer select[name=rider]`, fmt.Sprint(int64(li)))
	p.Click(`#drawer form[action="/rounds/pin"] button`)
	d.until("the parcel is pinned", `select coalesce(pinned_rider, 0) = $2 from routing.parcel where id = $1`, four, li)
	p.Goto(d.address + "/rounds?site=SH-XH")
	p.Click(fmt.Sprintf(`form[action="/rounds/riders/%d/call"] button`, int64(off)))
	d.until("Wu is called", `select called_at is not null from routing.rider where id = $1`, off)
	p.WaitText("#rounds", "已叫")
	p.Screenshot("board-zh")
	p.Axe()
	for login, name := range map[string]string{"lead.en": "board-en", "lead.dark": "board-dark"} {
		q := e2e.Open(t, 1440, 900)
		d.enter(q, login, "/rounds?site=SH-XH")
		q.Wait("#roundmap")
		if login == "lead.en" && strings.Contains(q.Text("#rounds"), "1 stops") {
			t.Error("1 stops")
		}
		q.Screenshot(name)
		q.Axe()
	}
}

// What is changed after a rider has taken the round on stands on the board until the rider has seen it.
func TestTheBoardTellsWhatIsNotSeen(t *testing.T) {
	d := open(t, rounds.Tiles{})
	_, me := d.rider("li", "李飞", 6, 5)
	d.parcel("MP1", .010, .001, 9, nil)
	d.ok(d.ops.PlanNow(d.lead, d.site))
	var round routing.RoundID
	d.ask(&round, `select id from routing.round`)
	d.ok(d.ops.Accept(me, op(), round))
	d.parcel("MP2", .008, .001, 13, nil)
	d.ok(d.ops.PlanNow(d.lead, d.site))
	p := e2e.Open(t, 1280, 800)
	d.enter(p, "lead", "/rounds?site=SH-XH")
	p.WaitText("#rounds", "改了，骑手还没看")
	p.WaitText(".mk-round-card", "加 1 票")
	p.Screenshot("board-unseen")
	p.Axe()
	d.ok(d.ops.See(me, op(), round, 1))
	p.Goto(d.address + "/rounds?site=SH-XH")
	if strings.Contains(p.Text("#rounds"), "还没看") {
		t.Error("seen, and the board does not know")
	}
}

// Stations with parcels in time and beyond it, and vans with runs, as pictures in both languages and in the dark.
func TestStationsAndVansWithContent(t *testing.T) {
	d := open(t, rounds.Tiles{})
	_, me := d.rider("li", "李飞", 6, 5)
	d.ok(d.ops.SetPlaces(d.lead, d.station, 5))
	for i := range 3 {
		d.parcel(fmt.Sprint("MPS", i+1), 0, 0, 9, func(p *routing.Parcel) { p.Station = d.station })
	}
	d.ok(d.ops.PlanNow(d.lead, d.site))
	var round routing.RoundID
	d.ask(&round, `select id from routing.round`)
	d.ok(d.ops.Accept(me, op(), round))
	d.ok(d.ops.Start(me, op(), round, nil))
	day, err := d.ops.MyDay(me)
	d.ok(err)
	for _, s := range day.Rounds[0].Stops[:2] {
		d.ok(d.ops.Drop(me, op(), round, routingops.Visited{Parcel: s.Parcel, Photo: []byte("x"), Mime: "image/jpeg"}))
	}
	_, err = d.pool.Exec(t.Context(), `update routing.parcel set hold_until = now() - interval '3 hours' where id = $1`, day.Rounds[0].Stops[0].Parcel)
	d.ok(err)
	for i, v := range []routing.Van{{Plate: "浙F 2K318", Driver: "沈国平", Grams: 1_500_000, Millilitre: 9_000_000}, {Plate: "浙F 7C806", Driver: "陆建明", Grams: 1_000_000, Millilitre: 6_000_000, Cold: true}} {
		v.Site, v.Active, v.From, v.Until, v.PerDay, v.PerHour, v.PerKm, v.CO2PerKm = d.home, true, 300, 1020, 12_000, 4000, 150, 250
		if _, err := d.ops.SaveVan(d.lead, v); err != nil {
			t.Fatal(i, err)
		}
	}
	load := func(id int64, to catalog.SiteID, kg int64, cold bool) routing.Load {
		return routing.Load{Outbound: id, Number: fmt.Sprintf("TR-2611-%04d", id), From: d.home, To: to, Pieces: kg, Grams: kg * 1000, Millilitre: kg * 3000, Cold: cold, State: "allocated"}
	}
	d.loads = []routing.Load{load(1, d.site, 800, false), load(2, d.front, 500, true), load(3, d.front, 400, false), load(4, d.site, 30_000, false)}
	tomorrow := calendar.Of(time.Now(), time.FixedZone("CST", 8*3600)).AddDays(1)
	d.ok(d.ops.PlanVans(d.lead, d.home, tomorrow))
	for login, suffix := range map[string]string{"lead": "zh", "lead.en": "en", "lead.dark": "dark"} {
		p := e2e.Open(t, 1440, 900)
		d.enter(p, login, "/rounds/stations")
		p.WaitText("main", "MPS")
		p.Screenshot("stations-" + suffix)
		p.Axe()
		p.Goto(d.address + "/rounds/vans?site=JX&day=" + tomorrow.String())
		p.WaitText("#rounds", "浙F")
		p.Screenshot("vans-" + suffix)
		p.Axe()
	}
}

// tileServer serves one pale picture for every tile and counts them.
func tileServer(t *testing.T) (address string, asked func() []string) {
	var mu sync.Mutex
	var paths []string
	img := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for y := range 256 {
		for x := range 256 {
			c := color.RGBA{214, 226, 214, 255}
			if x < 2 || y < 2 {
				c = color.RGBA{120, 140, 120, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.Path)
		mu.Unlock()
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(b.Bytes())
	}))
	t.Cleanup(s.Close)
	return s.URL, func() []string { mu.Lock(); defer mu.Unlock(); return append([]string(nil), paths...) }
}

// With an address the map has pictures below it, the policy of its page lets their server in, and who they are by is shown. Without one
// nothing leaves the house.
func TestMapPicturesAreAChoice(t *testing.T) {
	address, asked := tileServer(t)
	d := open(t, rounds.Tiles{Address: address + "/tiles/{z}/{x}/{y}.png", By: "© Picture makers"})
	d.rider("li", "李飞", 6, 5)
	d.parcel("MP1", .010, .001, 50, nil)
	p := e2e.Open(t, 1280, 800)
	d.enter(p, "lead", "/rounds?site=SH-XH")
	p.WaitText(".mk-map-by", "© Picture makers")
	p.Until(`performance.getEntriesByType("resource").filter(e => e.name.includes("/tiles/")).length >= 4`)
	time.Sleep(300 * time.Millisecond)
	p.Screenshot("board-tiles")
	p.Axe()
	for _, path := range asked() {
		var z, x, y int
		if n, err := fmt.Sscanf(path, "/tiles/%d/%d/%d.png", &z, &x, &y); err != nil || n != 3 || z < 10 || z > 19 {
			t.Errorf("asked for %s", path)
			continue
		}
		// Xuhui: 121.43° east, 31.19° north.
		if want := int((121.43 + 180) / 360 * float64(int(1)<<z)); x < want-8 || x > want+8 {
			t.Errorf("%s is not around Xuhui: column %d", path, want)
		}
	}
	header := func(path string) string {
		res, err := p.Client(d.address).Get(d.address + path)
		d.ok(err)
		_ = res.Body.Close()
		return res.Header.Get("Content-Security-Policy")
	}
	if got := header("/rounds?site=SH-XH"); !strings.Contains(got, "img-src 'self' "+address+" data:") || strings.Count(got, address) != 1 {
		t.Errorf("the board's policy: %s", got)
	}
	if got := header("/rounds/stations"); strings.Contains(got, address) {
		t.Errorf("the policy of a page without a map: %s", got)
	}
	was := len(asked())
	d = open(t, rounds.Tiles{})
	d.enter(p, "lead", "/rounds?site=SH-XH")
	p.Wait("#roundmap")
	time.Sleep(300 * time.Millisecond)
	if len(asked()) != was || strings.Contains(p.Text("body"), "Picture makers") {
		t.Error("pictures without an address")
	}
}

func TestAddressesOfMapPictures(t *testing.T) {
	for _, x := range []rounds.Tiles{{}, {Address: "https://tiles.example/{z}/{x}/{y}.png", By: "© A"}, {Address: "http://tiles:8080/{z}/{x}/{y}@2x.png?key=1", By: "© A"}} {
		if err := x.Check(); err != nil {
			t.Errorf("%+v: %v", x, err)
		}
	}
	for _, x := range []rounds.Tiles{{Address: "https://tiles.example/{z}/{x}/{y}.png"}, {Address: "https://tiles.example/{z}/{x}.png", By: "A"}, {Address: "/tiles/{z}/{x}/{y}.png", By: "A"},
		{Address: "https://a.example; script-src *//{z}/{x}/{y}", By: "A"}, {Address: "ftp://tiles/{z}/{x}/{y}", By: "A"}, {Address: "https://u:p@tiles/{z}/{x}/{y}", By: "A"}, {Address: "https://{s}.tiles/{z}/{x}/{y}", By: "A"}} {
		if err := x.Check(); err == nil {
			t.Errorf("%+v is taken", x)
		}
	}
}
