package planning_test

import (
	"bytes"
	"context"
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
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/xuri/excelize/v2"

	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web"
	"milkrun/web/console/planning"
	"milkrun/web/route"
)

// desk is a house with a usual and a backup supplier of one SKU that sells, and one that nothing is known of.
type desk struct {
	t             *testing.T
	pool          *pgxpool.Pool
	plan          *replenishops.Ops
	http          *httptest.Server
	boss          context.Context
	sold, fresh   catalog.SKUID
	site          catalog.Site
	usual, backup catalog.SupplierID
	planner       *http.Client
	reader        *http.Client
}

const password = "correct horse staple"

var now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func (d *desk) Network(context.Context, pgdb.Querier) (replenishops.Network, error) {
	return replenishops.Network{Sites: []catalog.Site{d.site}}, nil
}

func (d *desk) Goods(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]replenishops.Goods, error) {
	out := map[catalog.SKUID]replenishops.Goods{}
	for _, id := range skus {
		source := func(s catalog.SupplierID, code string, lead float64, moq quantity.Pieces, price money.Fen, backup bool) replenishment.Source {
			src := replenishment.Source{Code: code, Name: catalog.Name{ZH: "厂 " + code, EN: "Works " + code}}
			src.Supplier, src.SKU, src.LeadMean, src.LeadSD, src.Backup = s, id, lead, 1, backup
			src.MOQ, src.Pack, src.PartNo, src.Breaks = moq, 12, "P-"+code, []catalog.PriceBreak{{From: 1, Price: price}}
			return src
		}
		out[id] = replenishops.Goods{SKU: catalog.SKU{ID: id, Code: "MR-1", Price: 30000, CartonPieces: 12}, Class: replenishment.ClassHot,
			Sources: []replenishment.Source{source(d.usual, "S-1", 21, 600, 8800, false), source(d.backup, "S-2", 4, 60, 10000, true)}}
	}
	return out, nil
}

func (d *desk) Demand(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	out := map[catalog.SKUID][]replenishment.Demand{}
	for _, id := range skus {
		if id != d.sold {
			continue
		}
		x := replenishment.Demand{Site: d.site.ID, Model: "ETS"}
		for h := range 90 {
			x.Mean, x.CumSD = append(x.Mean, 12), append(x.CumSD, 4*float64(h+1))
		}
		out[id] = []replenishment.Demand{x}
	}
	return out, nil
}

func (d *desk) Positions(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Position, error) {
	out := map[catalog.SKUID][]replenishment.Position{}
	for _, id := range skus {
		out[id] = []replenishment.Position{{Site: d.site.ID, OnHand: 100}}
	}
	return out, nil
}

func (d *desk) Supply(context.Context, pgdb.Querier, []catalog.SKUID, calendar.Day) (map[catalog.SKUID][]replenishment.Supply, error) {
	return nil, nil
}

func (d *desk) Leads(context.Context, pgdb.Querier, catalog.SKUID, time.Time) (map[catalog.SupplierID]replenishops.LeadRecord, error) {
	return map[catalog.SupplierID]replenishops.LeadRecord{d.usual: {Lines: 4, Mean: 26.5, SD: 3}}, nil
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, pool: dbtest.Pool(t), boss: access.WithUser(context.Background(), access.TheSystem())}
	log, clock, bus, zone := slog.New(slog.DiscardHandler), func() time.Time { return now }, events.NewBus(), time.FixedZone("Asia/Shanghai", 8*60*60)
	d.scan(&d.site.ID, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴', 'Jiaxing', 'regional', 30.7, 120.7) returning id`)
	d.site.Code, d.site.Tier, d.site.Active, d.site.Name = "JX", catalog.Regional, true, catalog.Name{ZH: "嘉兴", EN: "Jiaxing"}
	d.scan(new(int), `insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id`)
	d.scan(&d.sold, `insert into catalog.sku (code, name_zh, name_en, category_id, price_fen) values ('MR-1', '奶粉', 'Milk', 1, 30000) returning id`)
	d.scan(&d.fresh, `insert into catalog.sku (code, name_zh, name_en, category_id, price_fen) values ('MR-2', '新奶粉', 'New milk', 1, 30000) returning id`)
	for code, id := range map[string]*catalog.SupplierID{"S-1": &d.usual, "S-2": &d.backup} {
		d.scan(id, `insert into catalog.supplier (code, name_zh, name_en) values ($1, '厂 ' || $1, 'Works ' || $1) returning id`, code)
		d.scan(new(int), `insert into catalog.term (supplier_id, sku_id, part_no, lead_mean_days, breaks, backup) values ($1, $2, 'P', 9, '[{"from": 1, "price": 8800}]', $3) returning 1`, *id, d.sold, code == "S-2")
	}
	d.plan = replenishops.New(replenishops.Deps{Pool: d.pool, Bus: bus, Clock: clock, Log: log, Zone: zone, Catalog: d, Forecasts: d, Stock: d, Orders: d, LeadsOf: d})
	workers := river.NewWorkers()
	d.plan.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{Workers: workers, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	goods := catalogops.New(catalogops.Deps{Pool: d.pool, Bus: bus, Clock: clock, Log: log, Zone: zone})
	firms := supplierops.New(supplierops.Deps{Pool: d.pool, Clock: clock, Log: log, Zone: zone})
	if err := firms.SaveRate(d.boss, "USD", 7_100_000); err != nil {
		t.Fatal(err)
	}
	if err := firms.SaveOffer(d.boss, supplier.Offer{Supplier: d.backup, SKU: d.sold, Currency: "USD", Incoterm: supplier.FOB, From: 1, Price: 1200, Freight: 2000, DutyBP: 500, VATBP: 1300, LeadDays: 40, MOQ: 500}); err != nil {
		t.Fatal(err)
	}
	people := accessops.New(accessops.Deps{Pool: d.pool, Clock: clock, Log: log, Cost: accessops.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	for _, u := range []access.User{{Login: "planner", Name: "陈计划", Role: access.Planner, Language: "zh"}, {Login: "reader", Name: "Ann", Role: access.Planner, Language: "en"}} {
		if _, err := people.AddUser(d.boss, u, password); err != nil {
			t.Fatal(err)
		}
	}
	sessions := route.NewSessions(memstore.NewWithCleanupInterval(0), false)
	srv, err := web.New(web.Config{Log: log, Clock: clock, Live: events.NewLive(d.pool, log), Zone: zone, Sessions: sessions, Accounts: people, ProfilePath: "/profile"},
		route.Screens{Routes: []route.Route{route.POST("/login", access.Public, func(w http.ResponseWriter, r *http.Request) error {
			u, err := people.SignIn(r.Context(), r.FormValue("login"), r.FormValue("password"))
			if err == nil {
				err = sessions.SignIn(r.Context(), u.ID)
			}
			if err != nil {
				return err
			}
			return route.See(w, r, "/vmi")
		})}}, planning.Pages{Plan: d.plan, Catalog: goods, Suppliers: firms}.Screens())
	if err != nil {
		t.Fatal(err)
	}
	d.http = httptest.NewServer(srv)
	t.Cleanup(d.http.Close)
	d.planner, d.reader = d.signIn("planner"), d.signIn("reader")
	return d
}

func (d *desk) scan(to any, sql string, args ...any) {
	d.t.Helper()
	if err := d.pool.QueryRow(context.Background(), sql, args...).Scan(to); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func (d *desk) signIn(login string) *http.Client {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	d.ask(c, http.MethodPost, "/login", 303, url.Values{"login": {login}, "password": {password}})
	return c
}

// ask sends a request and gives the body of the answer, which must have the status.
func (d *desk) ask(c *http.Client, method, path string, status int, form url.Values) string {
	d.t.Helper()
	r, err := http.NewRequest(method, d.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if res.StatusCode != status {
		d.t.Fatalf("%s %s: %d, want %d\n%s", method, path, res.StatusCode, status, b)
	}
	if strings.Contains(res.Header.Get("Content-Type"), "html") {
		return html.UnescapeString(string(b))
	}
	return string(b)
}

func (d *desk) shows(body string, want ...string) {
	d.t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			d.t.Errorf("the page does not say %q", w)
		}
	}
}

// TestSuppliersStandSideBySide: landed cost in its parts, promised and real lead, minimum, grade and what would come of it; the
// same in a workbook; a number that cannot be read is said.
func TestSuppliersStandSideBySide(t *testing.T) {
	d := openDesk(t)
	// 12 dollars at 7.1 are 85.20 yuan; 5 % duty on it (a piece weighs nothing here) 4.26: 89.46 landed. At home 88 yuan hold 13 % VAT.
	d.shows(d.ask(d.planner, http.MethodGet, "/alternatives/MR-1", 200, nil),
		"厂 S-1", "厂 S-2", "¥77.88", "¥89.46", "关税 ¥4.26", "约定 21.0 ± 1.0 天", "实际 26.5 ± 3.0 天（4 行）", "还没收过货", "起订 600", "常用", "备用", "断货")
	d.shows(d.ask(d.reader, http.MethodGet, "/alternatives/MR-1?pieces=1,200", 200, nil), "Works S-1", "Actual 26.5 ± 3.0 d (4 lines)", "duty ¥4.26", `value="1200"`, "Stock-out")
	d.shows(d.ask(d.planner, http.MethodGet, "/alternatives/MR-1?pieces=many", 200, nil), "请填 1 到", `value="many"`)
	d.ask(d.planner, http.MethodGet, "/alternatives/NO-SUCH", 404, nil)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(d.ask(d.planner, http.MethodGet, "/alternatives/MR-1/table.xlsx?pieces=600", 200, nil))))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(book.GetSheetList()[0])
	if err != nil || len(rows) < 3 || !strings.Contains(strings.Join(rows[0], " "), "到岸成本") {
		t.Errorf("%v, %v", rows, err)
	}
}

// TestNewGoodsAreLikenedOnThePage: a SKU that nothing is known of asks for its like; what is wrong is said; then it is planned.
func TestNewGoodsAreLikenedOnThePage(t *testing.T) {
	d := openDesk(t)
	page := d.ask(d.planner, http.MethodGet, "/alternatives/MR-2", 200, nil)
	d.shows(page, "参照哪个商品", "没有预测")
	for _, c := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"like": {""}}, "请填一个商品编码"}, {url.Values{"like": {"NO"}}, "没有编码为 NO 的商品"}, {url.Values{"like": {"MR-2"}}, "不能参照自己"},
		{url.Values{"like": {"MR-1"}, "ratio": {"99"}}, "0.05 到 20"},
	} {
		d.shows(d.ask(d.planner, http.MethodPost, "/alternatives/MR-2/likeness", 422, c.form), c.says)
	}
	d.ask(d.planner, http.MethodPost, "/alternatives/MR-2/likeness", 303, url.Values{"like": {"MR-1"}, "ratio": {"0.5"}})
	d.shows(d.ask(d.reader, http.MethodGet, "/alternatives/MR-2", 200, nil), "Planned like MR-1, times 0.50", "Stock-out")
	d.ask(d.planner, http.MethodPost, "/alternatives/MR-2/likeness", 303, url.Values{"forget": {"1"}})
	if page := d.ask(d.planner, http.MethodGet, "/alternatives/MR-2", 200, nil); strings.Contains(page, "照 MR-1") {
		t.Error("the likeness is still there")
	}
}

// TestBoundsOfAVendorOnThePage: a supplier taken into the list has bounds after the plan, in a workbook too, and none when out.
func TestBoundsOfAVendorOnThePage(t *testing.T) {
	d := openDesk(t)
	d.shows(d.ask(d.planner, http.MethodGet, "/vmi", 200, nil), "没有供应商自管库存", "厂 S-1")
	d.ask(d.planner, http.MethodPost, "/vmi", 404, url.Values{"supplier": {"NO"}})
	d.ask(d.planner, http.MethodPost, "/vmi", 303, url.Values{"supplier": {"S-1"}})
	d.shows(d.ask(d.planner, http.MethodGet, "/vmi?supplier=S-1", 200, nil), "还没算出上下限")
	if err := d.plan.Replan(d.boss, d.sold); err != nil {
		t.Fatal(err)
	}
	d.shows(d.ask(d.reader, http.MethodGet, "/vmi?supplier=S-1", 200, nil), "Works S-1", "MR-1", "Jiaxing", "1 of 1 lines", "2026-11-23")
	book, err := excelize.OpenReader(bytes.NewReader([]byte(d.ask(d.planner, http.MethodGet, "/vmi.xlsx?supplier=S-1", 200, nil))))
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := book.GetRows(book.GetSheetList()[0]); err != nil || len(rows) < 2 || rows[1][0] != "MR-1" {
		t.Errorf("%v, %v", rows, err)
	}
	d.ask(d.planner, http.MethodPost, "/vmi", 303, url.Values{"supplier": {"S-1"}, "off": {"1"}})
	d.shows(d.ask(d.planner, http.MethodGet, "/vmi", 200, nil), "没有供应商自管库存")
}
