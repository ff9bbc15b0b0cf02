package partners_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/c2m/financeops/payport"
	"milkrun/c2m/quality"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
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
	"milkrun/web"
	"milkrun/web/console/desk"
	"milkrun/web/console/partners"
	"milkrun/web/route"
	portal "milkrun/web/supplier"
	"milkrun/web/supplier/books"
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

// house is the console and the portal over a small business; the clock is the test's.
type house struct {
	t                    *testing.T
	pool                 *pgxpool.Pool
	now                  time.Time
	desk                 books.Desk
	http                 *httptest.Server
	buyer, supplier, sys context.Context
	firm                 catalog.SupplierID
	site                 catalog.SiteID
	sku                  catalog.SKUID
	ids                  map[string]access.ID
	order                *c2m.FactoryOrder
}

func (h *house) clock() time.Time { return h.now }
func (h *house) at(d string)      { h.now = day(d).In(zone).Add(10 * time.Hour) }
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) Suggestions(context.Context, pgdb.Querier, []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return nil, nil
}
func (h *house) OnHand(context.Context, pgdb.Querier, []catalog.SKUID, calendar.Day) (map[catalog.SKUID]quantity.Pieces, error) {
	return map[catalog.SKUID]quantity.Pieces{h.sku: 10_000}, nil
}
func (h *house) SKUsByCode(_ context.Context, codes ...string) (map[string]catalog.SKU, error) {
	if codes[0] != "MR-1" {
		return nil, nil
	}
	return map[string]catalog.SKU{"MR-1": {ID: h.sku, Code: "MR-1"}}, nil
}
func (h *house) Suppliers(_ context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error) {
	out := map[catalog.SupplierID]catalog.Supplier{}
	for _, id := range ids {
		out[id] = catalog.Supplier{ID: id, Code: "S-0107", Name: catalog.Name{ZH: "温岭贝栗婴童用品厂", EN: "Wenling Beili"}}
	}
	return out, nil
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, pool: dbtest.Pool(t), ids: map[string]access.ID{}}
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := h.pool.QueryRow(t.Context(), sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	one(&h.site, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴区域仓', 'Jiaxing', 'regional', 30.7, 120.7) returning id`)
	one(&h.firm, `insert into catalog.supplier (code, name_zh, name_en, search) values ('S-0107', '温岭贝栗婴童用品厂', 'Wenling Beili', $1) returning id`, catalog.SearchTerms("S-0107", "温岭贝栗婴童用品厂"))
	var second catalog.SupplierID
	one(&second, `insert into catalog.supplier (code, name_zh, name_en, search) values ('S-0203', '余姚小岛塑业', 'Yuyao Island', $1) returning id`, catalog.SearchTerms("S-0203"))
	var category, n int
	one(&category, `insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`)
	one(&h.sku, `insert into catalog.sku (code, name_zh, name_en, category_id, weight_grams, price_fen) values ('MR-1', '小雪糕牙胶 粉', 'Ice-cream teether', $1, 100, 2990) returning id`, category)
	for _, s := range []catalog.SupplierID{h.firm, second} {
		one(&n, `insert into catalog.term (supplier_id, sku_id, moq, pack, lead_mean_days, capacity_day, breaks) values ($1, $2, 60, 60, 10, 600, '[{"from":1,"price":1280}]') returning 1`, s, h.sku)
	}
	for login, role := range map[string]access.Role{"zhoumin": access.Buyer, "boss": access.Admin, "planner": access.Planner, "courier": access.Courier} {
		var id access.ID
		one(&id, `insert into access.account (login, name, role) values ($1, $1, $2) returning id`, login, string(role))
		h.ids[login] = id
	}
	for login, id := range map[string]catalog.SupplierID{"beili": h.firm, "xiaodao": second} {
		var account access.ID
		one(&account, `insert into access.account (login, name, role, supplier_id) values ($1, $1, 'supplier', $2) returning id`, login, id)
		h.ids[login] = account
	}
	h.buyer = access.WithUser(t.Context(), access.User{ID: h.ids["zhoumin"], Name: "周敏", Role: access.Buyer, Language: "zh"})
	h.supplier = access.WithUser(t.Context(), access.User{Name: "王姐", Role: access.Supplier, Supplier: h.firm, Language: "zh"})
	h.sys = access.WithUser(t.Context(), access.TheSystem())
	h.at("2026-11-23")
	h.serve()
	h.play()
	return h
}

func (h *house) serve() {
	bus, log := events.NewBus(), slog.New(slog.DiscardHandler)
	d := &h.desk
	d.Orders = c2mops.New(c2mops.Deps{Pool: h.pool, Bus: bus, Clock: h.clock, Log: log, Zone: zone, Suggestions: h})
	d.Suppliers = supplierops.New(supplierops.Deps{Pool: h.pool, Clock: h.clock, Log: log, Zone: zone})
	d.Finance = financeops.New(financeops.Deps{Pool: h.pool, Clock: h.clock, Log: log, Zone: zone, Suppliers: d.Suppliers, Stock: h, Payments: payport.Sandbox{}, Secret: []byte("0123456789abcdef")})
	d.Statements = statementops.New(statementops.Deps{Pool: h.pool, Clock: h.clock, Log: log, Zone: zone, Settler: d.Finance})
	workers := river.NewWorkers()
	d.Orders.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Workers: workers, Logger: log, TestOnly: true, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}})
	h.must(err)
	bus.Bind(client)
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
	srv, err := web.New(web.Config{Log: log, Clock: h.clock, Zone: zone, Sessions: sessions, Accounts: accounts}, enter, portal.Portal{Ops: d.Orders, Firms: goods, Books: d}.Screens(),
		partners.Pages{Directory: desk.Directory{Catalog: goods, Accounts: accounts}, Books: *d, Goods: h}.Screens())
	h.must(err)
	h.http = httptest.NewServer(srv)
	h.t.Cleanup(h.http.Close)
}

// play delivers ten orders in three months, one late, accounts for October with a dispute, and applies for an advance.
func (h *house) play() {
	h.must(h.desk.Suppliers.SetTier(h.buyer, h.firm, supplier.Standard, "合作两年"))
	deliver := func(sent, due, came string) *c2m.FactoryOrder {
		h.at(sent)
		d, n := day(due), quantity.Pieces(1200)
		o, err := h.desk.Orders.CreateDraft(h.buyer, c2mops.NewOrder{Supplier: h.firm, ShipTo: h.site, Lines: []c2mops.NewLine{{SKU: h.sku, Pieces: n, Due: &d}}})
		h.must(err)
		o, err = h.desk.Orders.Send(h.buyer, o.ID, c2mops.Sending{Revision: o.Revision})
		h.must(err)
		o, _, _, err = h.desk.Orders.AnswerOnline(h.supplier, o.ID, o.Version(), []c2m.Reply{{Line: 1, SKU: h.sku, Batches: []c2m.ReplyBatch{{Pieces: &n, Day: &d}}}})
		h.must(err)
		if came != "" {
			h.at(came)
			_, err = h.desk.Orders.Receive(h.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: n}})
			h.must(err)
		}
		return o
	}
	for _, d := range []string{"2026-09-08", "2026-09-20", "2026-10-06", "2026-10-12", "2026-10-20", "2026-11-05"} {
		deliver("2026-09-01", d, d)
	}
	deliver("2026-10-01", "2026-10-24", "2026-10-28")
	h.order = deliver("2026-11-20", "2026-12-05", "")
	h.at("2026-11-23")
	s, err := h.desk.Statements.Make(h.buyer, h.firm, day("2026-10-01"), day("2026-10-31"))
	h.must(err)
	_, err = h.desk.Statements.Send(h.buyer, s.Number, 0)
	h.must(err)
	for _, c := range []c2m.Certificate{{Kind: quality.ISO22000, Number: "FSMS-1", To: day("2026-12-01")}, {Kind: quality.InfantFood, Number: "SC-2", To: day("2027-12-01")}} {
		c.Supplier, c.From = h.firm, day("2025-12-01")
		_, err := h.desk.Orders.AddCertificate(h.buyer, c, nil)
		h.must(err)
	}
	_, err = h.desk.Suppliers.Remind(h.sys)
	h.must(err)
	h.must(h.desk.Suppliers.SaveRate(h.buyer, "USD", 7_108_000))
	_, err = h.desk.Finance.Apply(h.supplier, financeops.Application{Base: finance.OnOrder, Document: h.order.Number, Amount: 200_000, Note: "备料"})
	h.must(err)
}

// visitor is a browser without scripts.
type visitor struct {
	t    *testing.T
	base string
	http *http.Client
}

func (h *house) as(login string) *visitor {
	h.t.Helper()
	jar, _ := cookiejar.New(nil)
	v := &visitor{h.t, h.http.URL, &http.Client{Jar: jar}}
	if status, _ := v.get("/enter/" + strconv.FormatInt(int64(h.ids[login]), 10)); status != http.StatusOK {
		h.t.Fatalf("cannot enter as %s: %d", login, status)
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
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

func (v *visitor) get(path string) (int, string) {
	r, _ := http.NewRequest(http.MethodGet, v.base+path, nil)
	return v.do(r)
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	r, _ := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", v.base+"/portal/statements")
	return v.do(r)
}

func (v *visitor) sees(path string, want ...string) string {
	v.t.Helper()
	status, body := v.get(path)
	if status != http.StatusOK {
		v.t.Errorf("GET %s: %d", path, status)
	}
	for _, w := range want {
		if !strings.Contains(body, w) {
			v.t.Errorf("%s does not show %q", path, w)
		}
	}
	return body
}

func TestBothSidesOfTheBooks(t *testing.T) {
	h := open(t)
	beili, zhou, boss, planner, other, courier := h.as("beili"), h.as("zhoumin"), h.as("boss"), h.as("planner"), h.as("xiaodao"), h.as("courier")
	number, advance := "ST-2611-001", "AD-2611-001"
	for _, v := range []*visitor{zhou, planner} {
		v.sees("/suppliers/S-0107/standing", "FSMS-1", "剩 8 天", "逐月走势")
		v.sees("/suppliers/S-0107/work", "产能日历", h.order.Number)
		v.sees("/suppliers/S-0107/statements/"+number, "延误扣款", "货款")
		v.sees("/suppliers/S-0107/credit/"+advance, "额度", h.order.Number)
		v.sees("/statements", number)
		v.sees("/advances", advance, "预期损失")
		v.sees("/papers", "FSMS-1")
		v.sees("/offers?sku=MR-1&pieces=2000", "到岸成本", "余姚小岛塑业")
		v.sees("/supplier-rules", "评分权重")
	}
	for _, path := range []string{"/portal/standing", "/portal/work", "/portal/statements", "/portal/credit"} {
		beili.sees(path, "温岭贝栗")
		if status, _ := courier.get(path); status != http.StatusForbidden {
			t.Errorf("a rider opens %s: %d", path, status)
		}
	}
	for _, path := range []string{"/portal/statements/" + number, "/portal/credit/" + advance, "/portal/statements/" + number + "/sheet"} {
		if status, _ := other.get(path); status != http.StatusNotFound {
			t.Errorf("another supplier opens %s: %d", path, status)
		}
	}
	if status, _ := planner.post("/suppliers/S-0107/credit/"+advance+"/approve", nil); status != http.StatusForbidden {
		t.Errorf("a planner approves: %d", status)
	}
	// The late line is disputed without a reason, then with one; the house accepts; the supplier agrees with the rest; the house closes.
	s, err := h.desk.Statements.Get(h.buyer, number)
	h.must(err)
	late := ""
	for _, l := range s.Lines {
		if l.Kind == statement.Late {
			late = strconv.Itoa(l.No)
		}
	}
	if status, body := beili.post("/portal/statements/"+number+"/say", url.Values{"line": {late}}); status != http.StatusConflict || !strings.Contains(body, "请写原因") {
		t.Errorf("disputed without a reason: %d", status)
	}
	if status, body := beili.post("/portal/statements/"+number+"/say", url.Values{"line": {late}, "reason": {"仓库排队"}, "claim": {"-1.00"}}); status != http.StatusOK || !strings.Contains(body, "仓库排队") {
		t.Errorf("dispute: %d", status)
	}
	zhou.sees("/statements?state=disputed", number, "1 行有异议")
	if status, _ := zhou.post("/suppliers/S-0107/statements/"+number+"/answer/"+late, url.Values{"accept": {"1"}, "reply": {"属实"}}); status != http.StatusOK {
		t.Errorf("answer: %d", status)
	}
	if status, _ := beili.post("/portal/statements/"+number+"/say", nil); status != http.StatusOK {
		t.Errorf("agree: %d", status)
	}
	if status, body := zhou.post("/suppliers/S-0107/statements/"+number+"/agree", nil); status != http.StatusOK || !strings.Contains(body, "已锁定") {
		t.Errorf("close: %d", status)
	}
	if status, body := beili.post("/portal/statements/"+number+"/say", url.Values{"line": {"1"}, "reason": {"x"}}); status != http.StatusConflict || !strings.Contains(body, "双方已同意") {
		t.Errorf("spoke on a closed statement: %d", status)
	}
	// Two people approve, the supplier draws, twice with the same button.
	at := "/suppliers/S-0107/credit/" + advance + "/approve"
	zhou.post(at, nil)
	if status, body := zhou.post(at, nil); status != http.StatusConflict || !strings.Contains(body, "另一个人") {
		t.Errorf("one person approved twice: %d", status)
	}
	boss.post(at, nil)
	for range 2 {
		if status, _ := beili.post("/portal/credit/"+advance+"/draw", url.Values{"amount": {"2,000.00"}, "key": {"d1"}}); status != http.StatusOK {
			t.Errorf("draw: %d", status)
		}
	}
	_, err = h.desk.Finance.SendPayments(h.sys)
	h.must(err)
	beili.sees("/portal/credit/"+advance, "已放款", "预支款")
	if d, err := h.desk.Finance.Advance(h.buyer, advance); err != nil || d.Drawn != 200_000 {
		t.Errorf("%+v, %v", d, err)
	}
	if status, body := beili.post("/portal/credit", url.Values{"on": {"order|" + h.order.Number}, "amount": {"999999"}}); status != http.StatusConflict || !strings.Contains(body, "最多可预支") {
		t.Errorf("more than is lent: %d", status)
	}
	res, err := http.Post(h.http.URL+"/hooks/supplier-payments", "application/json", strings.NewReader(`{"id":"1"}`))
	h.must(err)
	if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("an unsigned message of the provider: %d", res.StatusCode)
	}
}

// The pages pass axe, and are photographed where a browser is at hand.
func TestPagesInABrowser(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		login string
		pages map[string]string
	}{
		{"zhoumin", map[string]string{"standing": "/suppliers/S-0107/standing", "work": "/suppliers/S-0107/work", "statement": "/suppliers/S-0107/statements/ST-2611-001", "statements": "/statements", "credit": "/suppliers/S-0107/credit",
			"advance": "/suppliers/S-0107/credit/AD-2611-001", "advances": "/advances", "papers": "/papers", "offers": "/offers?sku=MR-1&pieces=2000", "rules": "/supplier-rules"}},
		{"beili", map[string]string{"portal-standing": "/portal/standing", "portal-work": "/portal/work", "portal-statement": "/portal/statements/ST-2611-001", "portal-statements": "/portal/statements", "portal-credit": "/portal/credit"}},
	} {
		p := e2e.Open(t, 1440, 900)
		p.Goto(h.http.URL + "/enter/" + strconv.FormatInt(int64(h.ids[c.login]), 10))
		for name, path := range c.pages {
			p.Goto(h.http.URL + path)
			p.Wait("main")
			p.Screenshot("books-" + name)
			p.Axe()
		}
	}
}
