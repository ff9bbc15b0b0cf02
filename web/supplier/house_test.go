package supplier_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/xuri/excelize/v2"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/e2e"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web"
	"milkrun/web/console/desk"
	"milkrun/web/console/orders"
	"milkrun/web/route"
	"milkrun/web/supplier"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// house is a buyer's and two suppliers' side of a small business, with the whole server between them. The clock is the test's.
type house struct {
	t    *testing.T
	pool *pgxpool.Pool
	ops  *c2mops.Ops
	srv  *web.Server
	http *httptest.Server

	buyer                        context.Context
	site, far                    catalog.SiteID
	supplier                     catalog.SupplierID
	skus                         []catalog.SKUID
	zhoumin, lead, beili, others access.ID

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, pool: dbtest.Pool(t), now: time.Date(2026, 11, 20, 16, 2, 0, 0, zone)}
	h.fill()
	bus := events.NewBus()
	h.ops = c2mops.New(c2mops.Deps{Pool: h.pool, Bus: bus, Clock: h.clock, Log: slog.New(slog.DiscardHandler), Suggestions: h, Forecasts: h, Zone: zone})
	workers := river.NewWorkers()
	h.ops.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), TestOnly: true,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	h.serve(bus)
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) scan(to any, sql string, args ...any) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(to); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// fill makes the master data: the goods and people of the pictures.
func (h *house) fill() {
	h.scan(&h.site, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴区域仓', 'Jiaxing', 'regional', 30.7, 120.7) returning id`)
	h.scan(&h.far, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('FS', '佛山区域仓', 'Foshan', 'regional', 23, 113.1) returning id`)
	h.scan(&h.supplier, `insert into catalog.supplier (code, name_zh, name_en, contact, phone, search) values ('S-0107', '温岭贝栗婴童用品厂', 'Wenling Beili', '王姐', '0576-1', $1) returning id`,
		catalog.SearchTerms("S-0107", "温岭贝栗婴童用品厂"))
	var other catalog.SupplierID
	h.scan(&other, `insert into catalog.supplier (code, name_zh, name_en, search) values ('S-0203', '余姚小岛塑业', 'Yuyao Island', '{}') returning id`)
	var category int
	h.scan(&category, `insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`)
	for i, g := range []struct {
		code, zh, en string
		price        int64
		life, left   int
	}{{"MR-204817-P", "小雪糕牙胶 粉", "Ice-cream teether, pink", 1280, 0, 0}, {"MR-204817-B", "小雪糕牙胶 蓝", "Ice-cream teether, blue", 1280, 0, 0},
		{"MR-204833", "果蔬咬咬袋", "Fruit feeder", 890, 720, 360}, {"MR-204840", "牙胶收纳盒", "Teether box", 450, 0, 0}} {
		var id catalog.SKUID
		h.scan(&id, `insert into catalog.sku (code, name_zh, name_en, unit_zh, unit_en, category_id, shelf_life_days, min_remaining_days, carton_pieces, price_fen, search)
			values ($1, $2, $3, '件', 'pc', $4, $5, $6, 60, 2990, $7) returning id`, g.code, g.zh, g.en, category, g.life, g.left, catalog.SearchTerms(g.code, g.zh, g.en))
		h.skus = append(h.skus, id)
		var n int
		h.scan(&n, `insert into catalog.term (supplier_id, sku_id, part_no, moq, pack, lead_mean_days, lead_sd_days, capacity_day, breaks)
			values ($1, $2, $3, 1200, 60, 10, 1, 600, jsonb_build_array(jsonb_build_object('from', 1, 'price', $4::bigint))) returning 1`,
			h.supplier, id, "BL-"+string(rune('A'+i)), g.price)
	}
	h.scan(&h.zhoumin, `insert into access.account (login, name, role) values ('zhoumin', '周敏', 'buyer') returning id`)
	h.scan(&h.lead, `insert into access.account (login, name, role) values ('lead', '老陈', 'lead') returning id`)
	h.scan(&h.beili, `insert into access.account (login, name, role, supplier_id) values ('beili', '贝栗 王姐', 'supplier', $1) returning id`, h.supplier)
	h.scan(&h.others, `insert into access.account (login, name, role, supplier_id) values ('xiaodao', '小岛', 'supplier', $1) returning id`, other)
	h.buyer = access.WithUser(h.t.Context(), access.User{ID: h.zhoumin, Name: "周敏", Role: access.Buyer, Language: "zh"})
}

func (h *house) serve(bus *events.Bus) {
	log := slog.New(slog.DiscardHandler)
	accounts := accessops.New(accessops.Deps{Pool: h.pool, Clock: h.clock, Log: log})
	goods := catalogops.New(catalogops.Deps{Pool: h.pool, Bus: bus, Clock: h.clock, Log: log, Zone: zone})
	sessions := route.NewSessions(memstore.NewWithCleanupInterval(0), false)
	enter := route.Screens{Routes: []route.Route{route.GET("/enter/{id}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
		id, err := route.ID(r, "id")
		if err != nil {
			return err
		}
		if err := sessions.SignIn(r.Context(), access.ID(id)); err != nil {
			return err
		}
		return route.See(w, r, "/entered")
	}), route.GET("/entered", access.SignedIn, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "in")
		return err
	})}}
	live := events.NewLive(h.pool, log)
	srv, err := web.New(web.Config{Log: log, Clock: h.clock, Zone: zone, Sessions: sessions, Accounts: accounts, Live: live}, enter,
		orders.Pages{Directory: desk.Directory{Catalog: goods, Accounts: accounts}, Ops: h.ops, Outlook: h}.Screens(), supplier.Portal{Ops: h.ops, Firms: goods}.Screens())
	if err != nil {
		h.t.Fatal(err)
	}
	h.srv = srv
	h.http = httptest.NewServer(srv)
	h.t.Cleanup(h.http.Close)
	ctx, stop := context.WithCancel(context.WithoutCancel(h.t.Context()))
	done := make(chan struct{})
	go func() { defer close(done); live.Run(ctx) }()
	h.t.Cleanup(func() { stop(); <-done })
}

// Suggestions, Weekly, Levels, Get and Of are the planning half as far as orders look at it.
func (h *house) Suggestions(context.Context, pgdb.Querier, []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return nil, nil
}

func (h *house) Weekly(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ catalog.SiteID, weeks int) ([]forecasting.WeeklyOutlook, error) {
	means := []float64{4200, 3141, 2121, 1734, 1587, 1533, 1514, 1506, 1502, 1560, 1710, 1420}
	var out []forecasting.WeeklyOutlook
	for i, id := range skus[:min(2, len(skus))] {
		w := forecasting.WeeklyOutlook{SKU: id}
		for j := range weeks {
			w.Weeks = append(w.Weeks, forecasting.Week{From: day("2026-11-23").AddDays(7 * j), Mean: means[j%len(means)] / float64(i+1)})
		}
		out = append(out, w)
	}
	return out, nil
}

// Levels: the blue teether sells 220 a day and has 1,200 left, the other goods stand for months.
func (h *house) Levels(_ context.Context, skus ...catalog.SKUID) ([]replenishment.WaterLevel, error) {
	var out []replenishment.WaterLevel
	for _, id := range skus {
		l := replenishment.WaterLevel{SKU: id, Site: h.site, PerDay: 10, Echelon: replenishment.Echelon{Available: 9000}}
		if id == h.skus[1] {
			l.PerDay, l.Echelon.Available = 220, 1200
		}
		out = append(out, l)
	}
	return out, nil
}

func (h *house) Get(context.Context, replenishment.SuggestionID) (replenishment.Suggestion, error) {
	return replenishment.Suggestion{}, replenishops.ErrUnknown
}

func (h *house) Of(_ context.Context, sku catalog.SKUID) ([]replenishment.Suggestion, error) {
	if sku != h.skus[1] {
		return nil, nil
	}
	return []replenishment.Suggestion{{ID: 77, SKU: sku, Key: replenishment.Key{Kind: replenishment.Transfer, Site: h.site, From: h.far}, Pieces: 420}}, nil
}

// story drafts and sends the order of the pictures, and gives it.
func (h *house) story() *c2m.FactoryOrder {
	h.t.Helper()
	n := c2mops.NewOrder{Supplier: h.supplier, ShipTo: h.site, Conditions: c2m.Conditions{Contract: "HT-2026-018", Payment: "月结 30 天"}}
	for i, pieces := range []quantity.Pieces{2400, 1800, 2400, 1200} {
		due := day("2026-12-02")
		if i == 2 {
			due++
		}
		n.Lines = append(n.Lines, c2mops.NewLine{SKU: h.skus[i], Pieces: pieces, Due: &due})
	}
	o, err := h.ops.CreateDraft(h.buyer, n)
	if err != nil {
		h.t.Fatal(err)
	}
	h.pass(time.Minute)
	if o, err = h.ops.Send(h.buyer, o.ID, c2mops.Sending{Revision: o.Revision}); err != nil {
		h.t.Fatal(err)
	}
	return o
}

// storyCells is the answer of the pictures; the table of the order sheet begins at row 11.
func storyCells() map[string]any {
	return map[string]any{
		"N11": 2400,
		"N12": "1,200件", "O12": "2026-12-02", "P12": 600, "Q12": "2026.12.9", "V12": "蓝色母料 12-05 到",
		"N13": 2400, "O13": "2026-12-06", "T13": 9.2, "U13": "成本上涨", "V13": "网兜涨价，丝印排期",
		"N14": 0, "O14": "2026-12-20", "U14": "缺料",
	}
}

// filled changes cells of a sheet of a workbook.
func filled(t *testing.T, content []byte, page string, cells map[string]any) []byte {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, at := range slices.Sorted(maps.Keys(cells)) {
		if err := book.SetCellValue(page, at, cells[at]); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// visitor is a browser without scripts.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

func (h *house) as(id access.ID) *visitor {
	h.t.Helper()
	jar, _ := cookiejar.New(nil)
	v := &visitor{h.t, h.http.URL, &http.Client{Jar: jar}}
	if status, _ := v.get("/enter/" + strconv.FormatInt(int64(id), 10)); status != http.StatusOK {
		h.t.Fatalf("cannot enter as %d: %d", id, status)
	}
	return v
}

func (v *visitor) do(r *http.Request) (int, string) {
	v.t.Helper()
	r.Header.Set("Accept", "text/html")
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func (v *visitor) request(method, path string, body io.Reader) *http.Request {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	return v.do(v.request(http.MethodGet, path, nil))
}

// part asks as htmx does.
func (v *visitor) part(path, target string) (int, string) {
	v.t.Helper()
	r := v.request(http.MethodGet, path, nil)
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", target)
	return v.do(r)
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	r := v.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func (v *visitor) upload(path, name string, content []byte, fields url.Values) (int, string) {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k := range fields {
		if err := form.WriteField(k, fields.Get(k)); err != nil {
			v.t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = file.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	r := v.request(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return v.do(r)
}

var tags = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)

// words gives the text of a page.
func words(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

// says checks that a page's text holds everything wanted.
func says(t *testing.T, page string, wanted ...string) {
	t.Helper()
	text := words(page)
	missing := false
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q", w)
			missing = true
		}
	}
	if missing {
		t.Logf("%.4000s", text)
	}
}

// cellsOf gives the text of a worksheet.
func cellsOf(t *testing.T, content []byte, page string) string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(page)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range rows {
		out.WriteString(strings.Join(r, "\t") + "\n")
	}
	return out.String()
}

var revisionField = regexp.MustCompile(`name="revision" value="(\d+)"`)

// revisionOf gives the revision that a page's forms carry.
func revisionOf(t *testing.T, page string) string {
	t.Helper()
	m := revisionField.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page carries no revision")
	}
	return m[1]
}
