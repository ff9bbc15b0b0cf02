package console_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/xuri/excelize/v2"

	"milkrun/c2m/c2mops"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/importer"
	"milkrun/replenishment/replenishops"
	"milkrun/warehouse/warehouseops"
	"milkrun/web"
	"milkrun/web/console"
	pages "milkrun/web/console/desk"
	"milkrun/web/console/records"
	"milkrun/web/route"
)

// morning is ten in the morning in Shanghai on the day of the story.
var morning = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

const password = "correct horse staple"

// office is the administration of a small house, with the whole server before it.
type office struct {
	t        testing.TB
	pool     *pgxpool.Pool
	Catalog  *catalogops.Ops
	Accounts *accessops.Ops
	Imports  *importer.Ops
	Plan     *replenishops.Ops
	http     *httptest.Server
	client   *river.Client[pgx.Tx]
	ids      map[string]access.ID
}

func openOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, pool: dbtest.Pool(t), ids: map[string]access.ID{}}
	log, clock, bus := slog.New(slog.DiscardHandler), func() time.Time { return morning }, events.NewBus()
	o.Catalog = catalogops.New(catalogops.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log})
	o.Accounts = accessops.New(accessops.Deps{Pool: o.pool, Clock: clock, Log: log, Cost: accessops.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	o.Plan = replenishops.New(replenishops.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log, Zone: time.UTC})
	forecasts := forecastops.New(forecastops.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log})
	stock := warehouseops.New(warehouseops.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log})
	orders := c2mops.New(c2mops.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log, Zone: time.UTC})
	o.Imports = importer.New(importer.Deps{Pool: o.pool, Bus: bus, Clock: clock, Log: log, TempDir: t.TempDir(), Account: o.Accounts.User, Catalog: catalogops.Lookups(),
		Kinds: slices.Concat(o.Catalog.Imports(), forecasts.Imports(), stock.Imports())})
	workers := river.NewWorkers()
	o.Imports.Register(workers)
	o.Plan.Register(workers)
	forecasts.Register(workers)
	orders.Register(workers)
	var err error
	o.client, err = river.NewClient(riverpgxv5.New(o.pool), &river.Config{Workers: workers, Logger: log, TestOnly: true, FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 5 * time.Millisecond,
		Queues: map[string]river.QueueConfig{importer.QueueHeavy: {MaxWorkers: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(o.client)
	o.fill()
	o.serve(log, clock, orders)
	return o
}

func (o *office) system() context.Context {
	return access.WithUser(context.Background(), access.TheSystem())
}

// fill makes a catalog of a few things, and a user of each role.
func (o *office) fill() {
	o.t.Helper()
	name := func(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
	sku := func(code, zh, en string, price int64) catalog.SKUDraft {
		return catalog.SKUDraft{SKU: catalog.SKU{Code: code, Name: name(zh, en), Unit: name("件", "pc"), Temperature: catalog.Ambient, CartonPieces: 60, Price: catalogFen(price)}, CategoryCode: "teether"}
	}
	m := catalogops.Master{
		Categories: []catalog.CategoryDraft{{Code: "feed", Name: name("喂养", "Feeding")}, {Code: "teether", Name: name("牙胶", "Teethers"), Parent: "feed"}},
		Sites: []catalog.Site{{Code: "JX", Name: name("嘉兴区域仓", "Jiaxing regional"), Tier: catalog.Regional, Lat: 30.7522, Lon: 120.7585, TimeZone: "Asia/Shanghai", Active: true},
			{Code: "XH", Name: name("上海徐汇前置仓", "Xuhui front"), Tier: catalog.Front, Lat: 31.1886, Lon: 121.4365, TimeZone: "Asia/Shanghai", Active: true}},
		Lanes: []catalog.LaneDraft{{Lane: catalog.Lane{LeadMean: 1, LeadSD: 0.2, Priority: 1, CostFen: 35}, FromCode: "JX", ToCode: "XH"}},
		Suppliers: []catalog.Supplier{{Code: "S-0113", Name: name("温岭贝栗婴童用品厂", "Beili"), City: name("温岭", "Wenling"), Active: true, Contact: catalog.Contact{Person: "林阿珍", Email: "orders@beili.example"}},
			{Code: "S-0101", Name: name("牧禾乳业", "Muhe Dairy"), Active: true}},
		SKUs: []catalog.SKUDraft{sku("MR-204817", "贝栗 硅胶牙胶 小雪糕款", "Teether Ice Pop", 2990), sku("MR-204001", "贝栗 硅胶牙胶 小香蕉款", "Teether Banana", 3290)},
		Terms: []catalog.TermDraft{{Term: catalog.Term{MOQ: 1200, Pack: 60, LeadMean: 9, LeadSD: 1.4, CapacityDay: 520, Breaks: []catalog.PriceBreak{{From: 1200, Price: 1280}, {From: 6000, Price: 1216}}},
			SupplierCode: "S-0113", SKUCode: "MR-204817"}},
		Topics:  []catalog.Topic{{Code: "teething", Name: name("出牙", "Teething"), Kind: catalog.DemandTopic}},
		Weights: []catalog.TopicSKUDraft{{TopicCode: "teething", SKUCode: "MR-204817", Weight: 1}},
	}
	if _, err := o.Catalog.Load(o.system(), "test", m); err != nil {
		o.t.Fatal(err)
	}
	suppliers, err := o.Catalog.Suppliers(o.system(), catalog.SupplierQuery{Text: "S-0113"})
	if err != nil || len(suppliers) != 1 {
		o.t.Fatal(suppliers, err)
	}
	for _, u := range []access.User{{Login: "admin", Name: "系统管理员", Role: access.Admin}, {Login: "zhoumin", Name: "周敏", Role: access.Buyer}, {Login: "planner", Name: "陈嘉禾", Role: access.Planner},
		{Login: "warehouse", Name: "吴桂芳", Role: access.Warehouse}, {Login: "beili", Name: "林阿珍", Role: access.Supplier, Supplier: suppliers[0].ID}, {Login: "shop", Name: "商城接口", Role: access.Integrator}} {
		u.Language = "zh"
		a, err := o.Accounts.AddUser(o.system(), u, password)
		if err != nil {
			o.t.Fatal(err)
		}
		o.ids[u.Login] = a.ID
	}
}

func (o *office) serve(log *slog.Logger, clock func() time.Time, orders *c2mops.Ops) {
	o.t.Helper()
	sessions := route.NewSessions(memstore.NewWithCleanupInterval(0), false)
	people := pages.Directory{Catalog: o.Catalog, Accounts: o.Accounts, Orders: orders}
	facts := func(context.Context) (records.SystemFacts, error) {
		return records.SystemFacts{Version: "v1", Bytes: 342_000_000, Database: "17.2", Started: morning, Largest: []records.TableSize{{Name: "forecast.sale", Rows: 9, Bytes: 222_000_000}},
			Queues: []records.QueueCount{{Name: "heavy", Waiting: 3, Failed: 1}}}, nil
	}
	live := events.NewLive(o.pool, log)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); live.Run(ctx) }()
	o.t.Cleanup(func() { cancel(); <-done })
	srv, err := web.New(web.Config{Log: log, Clock: clock, Live: live, Zone: time.FixedZone("Asia/Shanghai", 8*60*60), Sessions: sessions, Accounts: o.Accounts, ProfilePath: "/profile"},
		console.SignIn{Check: o.Accounts.SignIn, Sessions: sessions, Home: func(access.Role) string { return "/profile" }}.Screens(),
		records.Suppliers{Directory: people, Orders: orders}.Screens(), records.Products{Directory: people}.Screens(), records.Network{Directory: people}.Screens(),
		records.Users{Directory: people}.Screens(), records.Keys{Directory: people}.Screens(), records.Audit{Directory: people}.Screens(),
		console.Policy{Directory: people, Plan: o.Plan}.Screens(), records.System{Facts: facts, Jobs: "/jobs/"}.Screens(), records.Profile{Accounts: o.Accounts}.Screens(),
		records.Imports{Directory: people, Importer: o.Imports}.Screens())
	if err != nil {
		o.t.Fatal(err)
	}
	o.http = httptest.NewServer(srv)
	o.t.Cleanup(o.http.Close)
}

// speak sets the language of a user.
func (o *office) speak(login, language string) {
	o.t.Helper()
	u, err := o.Accounts.User(o.system(), o.ids[login])
	if err != nil {
		o.t.Fatal(err)
	}
	u.Language = language
	if err := o.Accounts.Prefer(access.WithUser(context.Background(), u), u); err != nil {
		o.t.Fatal(err)
	}
}

// work works off the jobs until the test ends.
func (o *office) work() {
	o.t.Helper()
	if err := o.client.Start(context.Background()); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := o.client.StopAndCancel(ctx); err != nil {
			o.t.Error(err)
		}
	})
}

// desk is a browser of one user, which does not follow redirects.
type desk struct {
	*http.Client
	t    testing.TB
	base string
}

func (o *office) desk(login string) *desk {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	d := &desk{t: o.t, base: o.http.URL, Client: &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	d.post("/login", 303, "login", login, "password", password)
	return d
}

// english makes the reader's language English.
func (d *desk) english() *desk {
	d.t.Helper()
	d.post("/preferences", 303, "language", "en")
	return d
}

func (d *desk) send(r *http.Request, status int) string {
	d.t.Helper()
	res, err := d.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if res.StatusCode != status {
		d.t.Fatalf("%s %s: %s, want %d\n%.2000s", r.Method, r.URL.Path, res.Status, status, seen(string(b)))
	}
	if to := res.Header.Get("Location"); to != "" {
		return to
	}
	return string(b)
}

func (d *desk) get(path string, status int) string {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.base+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	return d.send(r, status)
}

// part asks for a part of a page, as htmx does.
func (d *desk) part(path string, status int) string {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.base+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("HX-Request", "true")
	return d.send(r, status)
}

// post sends a form of pairs of name and value and gives the page, or where it leads.
func (d *desk) post(path string, status int, pairs ...string) string {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, d.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.send(r, status)
}

func (d *desk) upload(kind, name string, content []byte, status int) string {
	d.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("kind", kind); err != nil {
		d.t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || w.Close() != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, d.base+"/imports", &b)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return d.send(r, status)
}

// rows gives the cells of a downloaded workbook's first sheet.
func (d *desk) rows(path string) [][]string {
	d.t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(d.get(path, 200)))
	if err != nil {
		d.t.Fatalf("%s: %v", path, err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		d.t.Fatal(err)
	}
	return rows
}

var (
	tags   = regexp.MustCompile(`(?s)<script.*?</script>|<svg.*?</svg>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// seen gives what a reader sees of a page.
func seen(page string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(page, " ")), " "))
}

// holds wants the page to say all of the texts.
func holds(t testing.TB, page string, texts ...string) {
	t.Helper()
	visible := seen(page)
	for _, x := range texts {
		if !strings.Contains(visible, x) {
			t.Errorf("the page does not say %q:\n%.3000s", x, visible)
		}
	}
}

// lacks wants the page to say none of the texts.
func lacks(t testing.TB, page string, texts ...string) {
	t.Helper()
	visible := seen(page)
	for _, x := range texts {
		if strings.Contains(visible, x) {
			t.Errorf("the page says %q", x)
		}
	}
}

var (
	inputs = regexp.MustCompile(`<input[^>]*>`)
	values = regexp.MustCompile(`([\w-]+)="([^"]*)"`)
)

// hidden gives the value of the page's first field of that name.
func hidden(t testing.TB, page, name string) string {
	t.Helper()
	for _, tag := range inputs.FindAllString(page, -1) {
		of := map[string]string{}
		for _, m := range values.FindAllStringSubmatch(tag, -1) {
			of[m[1]] = html.UnescapeString(m[2])
		}
		if of["name"] == name {
			return of["value"]
		}
	}
	t.Fatalf("the page has no field %s", name)
	return ""
}
