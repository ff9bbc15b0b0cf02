package campaigns_test

import (
	"context"
	"errors"
	"fmt"
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
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/payport"
	"milkrun/c2m/supplier"
	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/e2e"
	"milkrun/internal/events"
	"milkrun/web"
	"milkrun/web/console/campaigns"
	"milkrun/web/console/desk"
	"milkrun/web/public"
	"milkrun/web/route"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// house is the console's campaigns over a small business; the clock is the test's.
type house struct {
	t         *testing.T
	pool      *pgxpool.Pool
	now       time.Time
	ops       *campaignops.Ops
	orders    *c2mops.Ops
	http      *httptest.Server
	buyer     context.Context
	shop      context.Context
	sys       context.Context
	sku       catalog.SKUID
	site      catalog.SiteID
	suppliers []catalog.SupplierID
	ids       map[string]access.ID
}

func (h *house) clock() time.Time { return h.now }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// names finds things as the program does.
type names struct{ pool *pgxpool.Pool }

func (n names) SKUs(ctx context.Context, ids ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error) {
	records, err := catalogdb.SKUs(ctx, n.pool, ids)
	out := map[catalog.SKUID]catalog.SKU{}
	for id, r := range records {
		out[id] = r.SKU
	}
	return out, err
}

func (n names) SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error) {
	records, err := catalogdb.SKUsByCode(ctx, n.pool, codes)
	out := map[string]catalog.SKU{}
	for code, r := range records {
		out[code] = r.SKU
	}
	return out, err
}

func (n names) Sites(ctx context.Context) ([]catalog.Site, error) {
	return catalogdb.Sites(ctx, n.pool)
}

func (n names) Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error) {
	out := map[catalog.SupplierID]catalog.Supplier{}
	for _, id := range ids {
		r, err := catalogdb.Supplier(ctx, n.pool, id)
		if err != nil {
			return nil, err
		}
		out[id] = r.Supplier
	}
	return out, nil
}

func (n names) SupplierByCode(ctx context.Context, code string) (catalog.Supplier, error) {
	ids, err := catalogdb.SupplierCodes(ctx, n.pool, []string{code})
	if err != nil {
		return catalog.Supplier{}, err
	}
	id, ok := ids[code]
	if !ok {
		return catalog.Supplier{}, catalog.ErrUnknown
	}
	r, err := catalogdb.Supplier(ctx, n.pool, id)
	return r.Supplier, err
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, pool: dbtest.Pool(t), ids: map[string]access.ID{}, now: time.Date(2026, 11, 20, 10, 0, 0, 0, zone)}
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := h.pool.QueryRow(t.Context(), sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	one(&h.site, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('FS', '佛山区域仓', 'Foshan', 'regional', 23, 113.1) returning id`)
	var category int
	one(&category, `insert into catalog.category (code, name_zh) values ('S', '睡眠') returning id`)
	one(&h.sku, `insert into catalog.sku (code, name_zh, name_en, category_id, weight_grams, price_fen) values ('MR-300001', '恒温睡袋', 'Sleeping bag', $1, 400, 29900) returning id`, category)
	for i, name := range []string{"南通睡袋厂", "绍兴睡袋厂"} {
		var s catalog.SupplierID
		one(&s, `insert into catalog.supplier (code, name_zh, name_en, search) values ($1, $2, $2, $3) returning id`, fmt.Sprintf("S-010%d", i+1), name, catalog.SearchTerms(name))
		h.suppliers = append(h.suppliers, s)
	}
	for login, role := range map[string]access.Role{"zhoumin": access.Buyer, "planner": access.Planner, "courier": access.Courier, "admin": access.Admin} {
		var id access.ID
		one(&id, `insert into access.account (login, name, role) values ($1, $1, $2) returning id`, login, string(role))
		h.ids[login] = id
	}
	h.buyer = access.WithUser(t.Context(), access.User{ID: h.ids["zhoumin"], Name: "周敏", Role: access.Buyer, Language: "zh"})
	h.shop = access.WithUser(t.Context(), access.User{Name: "shop", Role: access.Integrator, Language: "zh"})
	h.sys = access.WithUser(t.Context(), access.TheSystem())
	h.serve()
	return h
}

func (h *house) serve() {
	bus, log := events.NewBus(), slog.New(slog.DiscardHandler)
	h.orders = c2mops.New(c2mops.Deps{Pool: h.pool, Bus: bus, Clock: h.clock, Log: log, Zone: zone})
	h.ops = campaignops.New(campaignops.Deps{Pool: h.pool, Bus: bus, Clock: h.clock, Log: log, Payments: payport.Sandbox{}, Orders: h.orders, Secret: []byte("secret"), Zone: zone})
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Logger: log, TestOnly: true})
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
	pages := campaigns.Pages{Directory: desk.Directory{Catalog: goods, Accounts: accounts, Orders: h.orders}, Ops: h.ops, Codes: names{h.pool}, Orders: h.orders, Public: public.CampaignPath,
		Rates: func(context.Context) (map[supplier.Currency]supplier.Rate, error) {
			return map[supplier.Currency]supplier.Rate{"USD": 7_100_000, "JPY": 4_800_000}, nil
		}}
	srv, err := web.New(web.Config{Log: log, Clock: h.clock, Zone: zone, Sessions: sessions, Accounts: accounts}, enter, pages.Screens(), campaigns.Votes{Ops: h.ops}.Screens(), public.Campaigns{Ops: h.ops}.Screens())
	h.must(err)
	h.http = httptest.NewServer(srv)
	h.t.Cleanup(h.http.Close)
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
	return v.do(r)
}

// sees opens a page and wants texts on it.
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

// sends posts a form and wants its status and texts.
func (v *visitor) sends(path string, form url.Values, status int, want ...string) string {
	v.t.Helper()
	got, body := v.post(path, form)
	if got != status {
		v.t.Errorf("POST %s: %d, want %d", path, got, status)
	}
	for _, w := range want {
		if !strings.Contains(body, w) {
			v.t.Errorf("POST %s does not show %q", path, w)
		}
	}
	return body
}

func fields(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// with gives a copy of a form with other values.
func with(form url.Values, pairs ...string) url.Values {
	v := url.Values{}
	for k, x := range form {
		v[k] = x
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// pledge lets members pledge and pay.
func (h *house) pledge(id campaign.ID, members int) {
	h.t.Helper()
	for i := range members {
		_, err := h.ops.Pledge(h.shop, id, campaignops.NewPledge{Key: fmt.Sprintf("k%04d", i), Request: campaign.Request{Member: fmt.Sprintf("m%04d", i), Tier: "t1", Units: 1}})
		h.must(err)
	}
	_, err := h.ops.SendPayments(h.sys)
	h.must(err)
}

// pass moves the clock and lets it do its work.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(d)
	_, err := h.ops.Tick(h.sys)
	h.must(err)
	_, err = h.ops.SendPayments(h.sys)
	h.must(err)
}

// confirm lets the factories of the lots confirm their draft orders as they were asked.
func (h *house) confirm(id campaign.ID) {
	h.t.Helper()
	lots, err := campaigndb.Lots(h.t.Context(), h.pool, id)
	h.must(err)
	for _, l := range lots {
		if l.Order == 0 {
			continue
		}
		d, err := h.orders.Detail(h.buyer, c2m.OrderID(l.Order))
		h.must(err)
		if d.Order.State != c2m.StateDraft {
			continue
		}
		sent, err := h.orders.Send(h.buyer, d.Order.ID, c2mops.Sending{Revision: d.Order.Revision, Prices: c2mops.KeepPrices})
		h.must(err)
		var replies []c2m.Reply
		for _, line := range sent.Lines {
			pieces, day := line.Pieces, line.Due
			replies = append(replies, c2m.Reply{Line: line.No, SKU: line.SKU, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &day}}})
		}
		factory := access.WithUser(h.t.Context(), access.User{Name: "厂", Role: access.Supplier, Supplier: l.Supplier, Language: "zh"})
		_, _, problems, err := h.orders.AnswerOnline(factory, sent.ID, sent.Version(), replies)
		if err != nil || len(problems) > 0 {
			h.t.Fatal(errors.Join(err), problems)
		}
	}
}
