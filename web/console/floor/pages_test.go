package floor_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web"
	"milkrun/web/console/floor"
	"milkrun/web/route"
)

// hall is a warehouse behind the whole server, with a lead and a planner at their desks.
type hall struct {
	t           testing.TB
	pool        *pgxpool.Pool
	ops         *warehouseops.Ops
	http        *httptest.Server
	boss        context.Context
	milk, set   catalog.SKUID
	jx          catalog.SiteID
	lead, plans *http.Client
}

const password = "correct horse staple"

func openHall(t testing.TB) *hall {
	t.Helper()
	h := &hall{t: t, pool: dbtest.Pool(t), boss: access.WithUser(context.Background(), access.TheSystem())}
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	log, clock, bus := slog.New(slog.DiscardHandler), func() time.Time { return now }, events.NewBus()
	h.ops = warehouseops.New(warehouseops.Deps{Pool: h.pool, Bus: bus, Clock: clock, Log: log})
	workers := river.NewWorkers()
	h.ops.Register(workers)
	h.ops.Subscribe(bus)
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Workers: workers, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	goods := catalogops.New(catalogops.Deps{Pool: h.pool, Bus: bus, Clock: clock, Log: log})
	people := accessops.New(accessops.Deps{Pool: h.pool, Clock: clock, Log: log, Cost: accessops.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	for _, u := range []access.User{{Login: "lead", Name: "李主管", Role: access.Lead, Language: "zh"}, {Login: "planner", Name: "陈计划", Role: access.Planner, Language: "en"}} {
		if _, err := people.AddUser(h.boss, u, password); err != nil {
			t.Fatal(err)
		}
	}
	h.scan(&h.jx, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴', 'Jiaxing', 'regional', 30.7, 120.7) returning id`)
	h.scan(new(int), `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('XH', '徐汇', 'Xuhui', 'front', 31.2, 121.4) returning id`)
	h.scan(new(int), `insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id`)
	h.scan(&h.milk, `insert into catalog.sku (code, name_zh, name_en, category_id, price_fen) values ('MR-1', '奶粉', 'Milk', 1, 30000) returning id`)
	h.scan(&h.set, `insert into catalog.sku (code, name_zh, name_en, category_id, price_fen) values ('SET-1', '礼盒', 'Gift set', 1, 50000) returning id`)
	h.scan(new(int), `with s as (insert into catalog.supplier (code, name_zh, name_en) values ('S-1', '贝栗', 'Beili') returning id)
		insert into catalog.term (supplier_id, sku_id, lead_mean_days, breaks) select id, $1, 9, '[{"from": 1, "price": 8800}]' from s returning 1`, h.milk)
	d := calendar.Of(now, time.UTC).AddDays(400)
	at := warehouse.Place{Site: h.jx, Bin: "A01-01-1", SKU: h.milk, Lot: "L1"}
	for status, n := range map[warehouse.Status]quantity.Pieces{warehouse.Available: 5, warehouse.Damaged: 4} {
		at.Status = status
		if _, err := h.ops.Opening(h.boss, uuid.New(), "test", []warehouse.Count{{Place: at, Pieces: n, Expiry: &d}}); err != nil {
			t.Fatal(err)
		}
	}
	sessions := route.NewSessions(memstore.NewWithCleanupInterval(0), false)
	live := events.NewLive(h.pool, log)
	srv, err := web.New(web.Config{Log: log, Clock: clock, Live: live, Zone: time.FixedZone("Asia/Shanghai", 8*60*60), Sessions: sessions, Accounts: people, ProfilePath: "/profile"},
		route.Screens{Routes: []route.Route{route.POST("/login", access.Public, func(w http.ResponseWriter, r *http.Request) error {
			u, err := people.SignIn(r.Context(), r.FormValue("login"), r.FormValue("password"))
			if err == nil {
				err = sessions.SignIn(r.Context(), u.ID)
			}
			if err != nil {
				return err
			}
			return route.See(w, r, "/warehouse")
		})}}, floor.Pages{Ops: h.ops, Catalog: goods, Clock: clock}.Screens())
	if err != nil {
		t.Fatal(err)
	}
	h.http = httptest.NewServer(srv)
	t.Cleanup(h.http.Close)
	h.lead, h.plans = h.signIn("lead"), h.signIn("planner")
	return h
}

func (h *hall) scan(to any, sql string, args ...any) {
	h.t.Helper()
	if err := h.pool.QueryRow(context.Background(), sql, args...).Scan(to); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) signIn(login string) *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	h.post(c, "/login", 303, url.Values{"login": {login}, "password": {password}})
	return c
}

func (h *hall) get(c *http.Client, path string, status int) string {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.http.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if strings.Contains(path, "/bundles/") || strings.HasPrefix(path, "/warehouse/sendbacks/RS") && !strings.HasSuffix(path, "/paper") {
		r.Header.Set("HX-Request", "true") // a drawer
	}
	return h.send(c, r, status)
}

func (h *hall) post(c *http.Client, path string, status int, form url.Values) string {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return h.send(c, r, status)
}

func (h *hall) send(c *http.Client, r *http.Request, status int) string {
	h.t.Helper()
	res, err := c.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != status {
		h.t.Fatalf("%s %s: %s, want %d\n%.3000s", r.Method, r.URL, res.Status, status, b)
	}
	return html.UnescapeString(string(b))
}

func (h *hall) has(page string, words ...string) {
	h.t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			h.t.Errorf("the page does not say %q", w)
		}
	}
}

func TestABundleIsMadeAtTheDesk(t *testing.T) {
	h := openHall(t)
	h.has(h.get(h.plans, "/warehouse/bundles", 200), "No bundles yet")
	h.get(h.lead, "/warehouse/bundles/new", 403) // a lead reads them
	h.has(h.get(h.plans, "/warehouse/bundles/new", 200), "Bundle SKU")
	form := url.Values{"new": {"1"}, "code": {"set-1"}, "part": {"MR-1", ""}, "pieces": {"2", ""}, "share": {"90", ""}}
	h.has(h.post(h.plans, "/warehouse/bundles/edit", 422, form), "The shares add up to 90.00%", `value="MR-1"`)
	form.Set("share", "")
	form["share"] = []string{"", ""}
	form["pieces"] = []string{"x", ""}
	h.post(h.plans, "/warehouse/bundles/edit", 422, form)
	form["pieces"] = []string{"2", ""}
	h.post(h.plans, "/warehouse/bundles/edit", 303, form)
	h.has(h.get(h.plans, "/warehouse/bundles?q=SET", 200), "Gift set", "Milk × 2")
	h.has(h.get(h.lead, "/warehouse/bundles?q=SET", 200), "礼盒", "奶粉 × 2")
	page := h.get(h.plans, "/warehouse/bundles/edit?code=SET-1", 200)
	h.has(page, "MR-1*2/0", "The stock makes 2 sets")
	h.post(h.plans, "/warehouse/bundles/edit", 422, url.Values{"code": {"SET-1"}, "seen": {"MR-1*9/0"}, "dissolve": {"1"}})
	h.post(h.plans, "/warehouse/bundles/edit", 303, url.Values{"code": {"SET-1"}, "seen": {"MR-1*2/0"}, "dissolve": {"1"}})
}

func TestGoodsGoBackFromTheDesk(t *testing.T) {
	h := openHall(t)
	h.get(h.plans, "/warehouse/sendbacks/new?site=JX", 403)
	page := h.get(h.lead, "/warehouse/sendbacks/new?site=JX", 200)
	h.has(page, "贝栗", "88.00", "A01-01-1")
	key := fmt.Sprintf("A01-01-1|%d|L1||damaged", h.milk)
	form := url.Values{"site": {"JX"}, "supplier": {"1"}, "reason": {"破损退厂"}, "bearer": {"supplier"}, "carriage": {"15"}, "key_0": {key}, "pieces_0": {"9"}, "cost_0": {"88.00"}}
	h.has(h.post(h.lead, "/warehouse/sendbacks", 422, form), "最多 4 件")
	form.Set("pieces_0", "3")
	form.Set("reason", "")
	h.post(h.lead, "/warehouse/sendbacks", 422, form)
	form.Set("reason", "破损退厂")
	h.post(h.lead, "/warehouse/sendbacks", 303, form)
	h.has(h.get(h.lead, "/warehouse/sendbacks", 200), "RS-2611-0001", "¥264.00", "¥15.00", "待拣")
	h.has(h.get(h.plans, "/warehouse/sendbacks/RS-2611-0001", 200), "Milk", "Supplier")
	h.has(h.get(h.lead, "/warehouse/sendbacks/RS-2611-0001/paper", 200), "退供应商单", "RS-2611-0001", "¥279.00", "供应商签收")
	h.get(h.lead, "/warehouse/sendbacks/RS-9/paper", 404)
	h.get(h.lead, "/warehouse/sendbacks.xlsx", 200)
	h.post(h.lead, "/warehouse/sendbacks/RS-2611-0001/cancel", 303, url.Values{"reason": {"不退了"}})
	h.has(h.get(h.lead, "/warehouse/sendbacks?state=cancelled", 200), "RS-2611-0001", "已取消")
}

// Who comes to a drawer by a link of their own gets a whole page that opens it.
func TestADrawerHasAPageOfItsOwn(t *testing.T) {
	h := openHall(t)
	h.scan(new(int), `insert into warehouse.bin (site_id, code, kind) values ($1, 'A01-01-1', 'pick') returning 1`, h.jx)
	h.has(h.get(h.lead, "/warehouse/bins/JX/A01-01-1", 200), "<html", `hx-get="/warehouse/bins/JX/A01-01-1"`, `id="drawer"`)
}

func TestFiguresOpenTheirRows(t *testing.T) {
	h := openHall(t)
	page := h.get(h.lead, "/warehouse/figures?site=JX", 200)
	for _, k := range warehouse.FigureKinds() {
		if !strings.Contains(page, "/warehouse/figures/"+string(k)) {
			t.Errorf("%s does not open", k)
		}
		for _, who := range []*http.Client{h.lead, h.plans} {
			h.get(who, "/warehouse/figures/"+string(k)+"?site=JX&days=1", 200)
		}
		h.get(h.lead, "/warehouse/figures/"+string(k)+"/rows.xlsx?site=JX", 200)
	}
	h.has(page, "怎么算的", "近 90 天卖出的件数")
	h.get(h.lead, "/warehouse/figures/nothing", 404)
	h.has(h.get(h.lead, "/warehouse/figures/turns?site=JX", 200), "MR-1")
}

func TestALotSaysWhereItStands(t *testing.T) {
	h := openHall(t)
	h.has(h.get(h.lead, "/warehouse/lots?sku=MR-1&lot=L1", 200), "A01-01-1", "破损", "奶粉")
	h.get(h.lead, "/warehouse/lots?sku=MR-1&lot=none", 404)
	h.get(h.lead, "/warehouse/lots", 303)
}

func TestSourcingRulesAreAForm(t *testing.T) {
	h := openHall(t)
	page := h.get(h.lead, "/warehouse/sourcing", 200)
	h.has(page, `name="minutes30_km"`, "驿站不直接发货", `name="cutoff_0"`)
	form := url.Values{"seen": {"0"}, "goal": {"on_time", "filled", "parcels", "cost"}, "parcel_fen": {"3.50"}, "piece_fen": {"0.30"}, "km_fen": {"0.01"}, "minutes30_km": {"4.5"}, "next_day_km": {"600"},
		"areas": {"1"}, "area_site_0": {"XH"}, "area_km_0": {"5"}, "steps": {"2"}, "step_km_0": {"100"}, "step_fen_0": {"6.5"}, "step_km_1": {"1000"}, "step_fen_1": {"12"},
		"carriers": {"2"}, "carrier_0": {"骑手"}, "carrier_promise_0": {"minutes30"}, "carrier_tier_0": {"front"}, "carrier_1": {"顺丰"}, "cutoff_1": {"18:00"}, "move_on": {"1"}, "move_minutes": {"5"}, "daily_JX": {"5000"},
		"rules_rows": {"3"}, "rule_at_0": {"2"}, "rule_on_0": {"1"}, "rule_zh_0": {"驿站不发"}, "rule_tier_0": {"station"}, "rule_exclude_0": {"1"},
		"rule_at_1": {"1"}, "rule_zh_1": {"大单走区域仓"}, "rule_pieces_min_1": {"20"}, "rule_tier_1": {"front"}, "rule_add_1": {"8.00"}, "note": {"双 11 前"}}
	bad := url.Values{}
	for k, v := range form {
		bad[k] = v
	}
	bad.Set("minutes30_km", "far")
	h.post(h.lead, "/warehouse/sourcing", 422, bad)
	bad.Set("minutes30_km", "4.5")
	bad.Set("goal", "cost")
	bad["goal"] = []string{"cost", "filled", "parcels", "on_time"}
	h.post(h.lead, "/warehouse/sourcing", 422, bad)
	h.post(h.plans, "/warehouse/sourcing", 403, form)
	h.has(h.post(h.lead, "/warehouse/sourcing", 200, form), "昨天的订单会怎样")
	form.Set("save", "1")
	h.post(h.lead, "/warehouse/sourcing", 303, form)
	v, err := h.ops.SourcingRules(h.boss)
	if err != nil || len(v) != 1 {
		t.Fatal(v, err)
	}
	r := v[0].Rules
	if r.Minutes30KM != 4.5 || len(r.Areas) != 1 || r.Areas[0].KM != 5 || len(r.Carriage) != 2 || r.Carriage[1].Fen != 1200 || len(r.Carriers) != 2 || r.Carriers[1].Cutoff != "18:00" ||
		r.MoveShort.Off || r.MoveShort.Minutes != 5 || r.DailyOrders["JX"] != 5000 || len(r.Rules) != 2 {
		t.Errorf("%+v", r)
	}
	if a, b := r.Rules[0], r.Rules[1]; a.Name.ZH != "大单走区域仓" || !a.Off || a.Then.AddFen != 800 || *a.When.Pieces.Min != 20 || b.Name.ZH != "驿站不发" || b.Off || !b.Then.Exclude {
		t.Errorf("%+v", r.Rules)
	}
	h.post(h.lead, "/warehouse/sourcing", 409, form) // made from the version before
	page = h.get(h.lead, "/warehouse/sourcing", 200)
	h.has(page, "v1", "李主管", "双 11 前", "minutes30_km", "<del>3</del>", "<b>4.5</b>")
	h.has(h.get(h.plans, "/warehouse/sourcing", 200), "Expert view")
	// What the form makes of the rules in force is the rules in force.
	data := url.Values{"mode": {"data"}, "seen": {"1"}, "rules": {"{"}}
	h.post(h.lead, "/warehouse/sourcing", 422, data)
}
