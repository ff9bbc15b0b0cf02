package console_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mops"
	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
	"milkrun/web"
	"milkrun/web/console"
	"milkrun/web/console/workbench"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// shop is a small house that sells: the pages of overview before it, and in it what they show.
type shop struct {
	t         testing.TB
	pool      *pgxpool.Pool
	Catalog   *catalogops.Ops
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Stock     *warehouseops.Ops
	Orders    *c2mops.Ops
	http      *httptest.Server
	sku       map[string]catalog.SKUID
	site      map[string]catalog.SiteID
	sold      int // pieces sold yesterday
}

// shopDays is how many days the shop has been selling, up to yesterday; shopGoods how many SKUs it has.
const (
	shopDays  = 140
	shopGoods = 12
)

var shopToday = calendar.Date(2026, time.November, 23)

// staff are the users of the shop, by their role.
type staff map[access.ID]access.User

func (s staff) User(_ context.Context, id access.ID) (access.User, error) {
	u, ok := s[id]
	if !ok {
		return u, access.ErrSignedOut
	}
	return u, nil
}

func (s staff) UserByKey(context.Context, string) (access.User, error) {
	return access.User{}, access.ErrSignedOut
}

func (staff) Prefer(context.Context, access.User) error {
	return nil // what one test prefers is not for the others
}

// The planner's view of the other domains, as the program joins them.
type (
	shopGoodsPort  struct{}
	shopDemandPort struct{ forecastdb.Reader }
	shopStockPort  struct{}
)

func (shopGoodsPort) Network(ctx context.Context, q pgdb.Querier) (replenishops.Network, error) {
	sites, err := catalogdb.Sites(ctx, q)
	if err != nil {
		return replenishops.Network{}, err
	}
	lanes, err := catalogdb.Lanes(ctx, q)
	return replenishops.Network{Sites: sites, Lanes: lanes}, err
}

func (shopGoodsPort) Goods(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]replenishops.Goods, error) {
	records, err := catalogdb.SKUs(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	terms, err := catalogdb.Terms(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SKUID]replenishops.Goods{}
	for id, r := range records {
		g := replenishops.Goods{SKU: r.SKU, Class: replenishment.ClassNormal}
		for _, t := range terms[id] {
			g.Sources = append(g.Sources, replenishment.Source{Term: t.Term, Code: t.SupplierCode, Name: t.SupplierName})
		}
		out[id] = g
	}
	return out, nil
}

func (p shopDemandPort) Demand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	outlooks, err := p.Outlooks(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SKUID][]replenishment.Demand{}
	for _, o := range outlooks {
		d := replenishment.Demand{Site: o.Site, Model: o.Model, Topic: o.TopicName, TopicRatio: o.TopicRatio}
		for i := range o.Mean {
			d.Mean, d.CumSD = append(d.Mean, float64(o.Mean[i])), append(d.CumSD, float64(o.CumSD[i]))
		}
		out[o.SKU] = append(out[o.SKU], d)
	}
	return out, nil
}

func (shopStockPort) Positions(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Position, error) {
	stock, err := warehousedb.Stock(ctx, q, skus, today)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SKUID][]replenishment.Position{}
	for _, s := range stock {
		out[s.SKU] = append(out[s.SKU], replenishment.Position{Site: s.Site, OnHand: s.OnHand, Reserved: s.Reserved})
	}
	return out, nil
}

// openShop opens a shop with its goods and sites and nothing else.
func openShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{t: t, pool: dbtest.Pool(t), sku: map[string]catalog.SKUID{}, site: map[string]catalog.SiteID{}}
	log, clock, bus := slog.New(slog.DiscardHandler), func() time.Time { return morning }, events.NewBus()
	zone := time.FixedZone("Asia/Shanghai", 8*60*60)
	s.Catalog = catalogops.New(catalogops.Deps{Pool: s.pool, Bus: bus, Clock: clock, Log: log})
	s.Forecasts = forecastops.New(forecastops.Deps{Pool: s.pool, Bus: bus, Clock: clock, Log: log, Horizon: 35})
	s.Stock = warehouseops.New(warehouseops.Deps{Pool: s.pool, Bus: bus, Clock: clock, Log: log})
	s.Plan = replenishops.New(replenishops.Deps{Pool: s.pool, Bus: bus, Clock: clock, Log: log, Zone: zone, Catalog: shopGoodsPort{}, Forecasts: shopDemandPort{}, Stock: shopStockPort{}, Orders: c2mdb.Orders{}})
	s.Orders = c2mops.New(c2mops.Deps{Pool: s.pool, Bus: bus, Clock: clock, Log: log, Zone: zone})
	workers := river.NewWorkers()
	s.Forecasts.Register(workers)
	s.Plan.Register(workers)
	s.Plan.Subscribe(bus)
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{Workers: workers, Logger: log, TestOnly: true, FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 5 * time.Millisecond,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, forecastops.QueueHeavy: {MaxWorkers: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	if err := client.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := client.StopAndCancel(ctx); err != nil {
			t.Error(err)
		}
	})
	s.furnish()
	s.serve(log, clock, zone)
	return s
}

func (s *shop) system() context.Context {
	return access.WithUser(context.Background(), access.TheSystem())
}

func shopCode(i int) string { return "MR-2048" + strconv.Itoa(10+i) }

// furnish loads the master data.
func (s *shop) furnish() {
	s.t.Helper()
	name := func(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
	site := func(code, zh, en string, tier catalog.Tier) catalog.Site {
		return catalog.Site{Code: code, Name: name(zh, en), Tier: tier, Lat: 30, Lon: 120, TimeZone: "Asia/Shanghai", Active: true}
	}
	m := catalogops.Master{
		Categories: []catalog.CategoryDraft{{Code: "feed", Name: name("喂养", "Feeding")}, {Code: "teether", Name: name("牙胶", "Teethers"), Parent: "feed"},
			{Code: "sleep", Name: name("寝居", "Sleep")}, {Code: "bag", Name: name("睡袋", "Bags"), Parent: "sleep"}},
		Sites:     []catalog.Site{site("JX", "嘉兴区域仓", "Jiaxing regional", catalog.Regional), site("FS", "佛山区域仓", "Foshan regional", catalog.Regional), site("XH", "上海徐汇前置仓", "Xuhui front", catalog.Front)},
		Lanes:     []catalog.LaneDraft{{Lane: catalog.Lane{LeadMean: 1, LeadSD: 0.2, Priority: 1}, FromCode: "JX", ToCode: "XH"}},
		Suppliers: []catalog.Supplier{{Code: "S-0113", Name: name("温岭贝栗婴童用品厂", "Beili"), Active: true}},
		Topics:    []catalog.Topic{{Code: "teething", Name: name("出牙", "Teething"), Kind: catalog.DemandTopic}, {Code: "rash", Name: name("红屁屁", "Rash"), Kind: catalog.ComplaintTopic}},
	}
	for i := range shopGoods {
		category, zh, en := "teether", "牙胶 ", "Teether "
		if i%3 == 2 {
			category, zh, en = "bag", "睡袋 ", "Sleeping bag "
		}
		code := shopCode(i)
		m.SKUs = append(m.SKUs, catalog.SKUDraft{CategoryCode: category, SKU: catalog.SKU{Code: code, Name: name(zh+strconv.Itoa(i), en+strconv.Itoa(i)), Unit: name("件", "pc"),
			Temperature: catalog.Ambient, CartonPieces: 60, Price: 2990, ShelfLifeDays: 540, MinRemainingDays: 60}})
		m.Terms = append(m.Terms, catalog.TermDraft{SupplierCode: "S-0113", SKUCode: code, Term: catalog.Term{MOQ: 60, Pack: 60, LeadMean: 9, LeadSD: 1, Breaks: []catalog.PriceBreak{{From: 60, Price: 1280}}}})
		topic := "teething"
		if category == "bag" {
			topic = "rash"
		}
		m.Weights = append(m.Weights, catalog.TopicSKUDraft{TopicCode: topic, SKUCode: code, Weight: 1})
	}
	if _, err := s.Catalog.Load(s.system(), "test", m); err != nil {
		s.t.Fatal(err)
	}
	page, err := s.Catalog.SKUs(s.system(), catalog.SKUQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range page.Rows {
		s.sku[x.Code] = x.ID
	}
	sites, err := s.Catalog.Sites(s.system())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range sites {
		s.site[x.Code] = x.ID
	}
}

func (s *shop) serve(log *slog.Logger, clock func() time.Time, zone *time.Location) {
	s.t.Helper()
	sessions := route.NewSessions(memstore.NewWithCleanupInterval(0), false)
	people := staff{}
	for i, r := range access.Roles() {
		people[access.ID(i+1)] = access.User{ID: access.ID(i + 1), Login: string(r), Name: "周敏", Role: r, Language: "zh"}
	}
	for id := range access.Roles() {
		u := people[access.ID(id+1)]
		u.ID, u.Language = u.ID+englishDesk, "en"
		people[u.ID] = u
	}
	people[100] = access.User{ID: 100, Login: "jiaxing", Name: "李建国", Role: access.Lead, Language: "zh", Sites: []catalog.SiteID{s.site["JX"]}}
	enter := route.Screens{Routes: []route.Route{route.GET("/enter/{id}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
		id, err := route.ID(r, "id")
		if err == nil {
			err = sessions.SignIn(r.Context(), access.ID(id))
		}
		if err != nil {
			return err
		}
		return route.See(w, r, "/today")
	})}}
	desk := console.OrderDesk{Ops: s.Orders}
	pick := func(context.Context, access.User) ([]ui.SiteOption, error) {
		return []ui.SiteOption{{Name: "全部仓"}, {Code: "JX", Name: "嘉兴区域仓"}, {Code: "FS", Name: "佛山区域仓"}, {Code: "XH", Name: "上海徐汇前置仓"}}, nil
	}
	srv, err := web.New(web.Config{Log: log, Clock: clock, Zone: zone, Sessions: sessions, Accounts: people, Sites: pick, SearchPath: "/search"}, enter,
		console.Today{Forecasts: s.Forecasts, Plan: s.Plan, Catalog: s.Catalog, Orders: desk}.Screens(), console.Demand{Forecasts: s.Forecasts, Plan: s.Plan, Catalog: s.Catalog}.Screens(),
		console.Topics{Forecasts: s.Forecasts, Plan: s.Plan, Catalog: s.Catalog}.Screens(), console.SKU{Forecasts: s.Forecasts, Plan: s.Plan, Catalog: s.Catalog}.Screens(),
		console.Stock{Plan: s.Plan, Catalog: s.Catalog, Warehouse: s.Stock}.Screens(), console.Runs{Forecasts: s.Forecasts, Plan: s.Plan, Catalog: s.Catalog}.Screens(),
		workbench.Pages{Forecasts: s.Forecasts, Catalog: s.Catalog}.Screens(),
		console.Search{Catalog: s.Catalog, Orders: desk}.Screens(), console.Suggestions{Plan: s.Plan}.Screens())
	if err != nil {
		s.t.Fatal(err)
	}
	s.http = httptest.NewServer(srv)
	s.t.Cleanup(s.http.Close)
}

// englishDesk is how much higher the account of an English reader is than that of a Chinese one of the same role.
const englishDesk = 50

// english is the browser of a user of the role who reads English.
func (s *shop) english(role access.Role) *desk {
	s.t.Helper()
	return s.deskOf(slices.Index(access.Roles(), role) + 1 + englishDesk)
}

// desk is the browser of a user of the role.
func (s *shop) desk(role access.Role) *desk {
	s.t.Helper()
	return s.deskOf(slices.Index(access.Roles(), role) + 1)
}

func (s *shop) deskOf(id int) *desk {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	d := &desk{t: s.t, base: s.http.URL, Client: &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	d.get("/enter/"+strconv.Itoa(id), 303)
	return d
}

// sell records the sales of all the days, and heat that leaps four days before today.
func (s *shop) sell() {
	s.t.Helper()
	from := shopToday.AddDays(-shopDays)
	err := pgdb.InTx(s.system(), s.pool, func(tx pgx.Tx) error {
		if _, err := s.Forecasts.MergeSales(s.system(), tx, s.sales(from)); err != nil {
			return err
		}
		_, err := s.Forecasts.MergeHeat(s.system(), tx, func(yield func(forecasting.HeatPoint, error) bool) {
			for topic := catalog.TopicID(1); topic <= 2; topic++ {
				rng := rand.New(rand.NewPCG(3, uint64(topic)))
				for i := range shopDays {
					v := 100 * math.Exp(0.1*rng.NormFloat64())
					if i >= shopDays-4 {
						v *= 2 + 2*float64(i-shopDays+4)
					}
					if !yield(forecasting.HeatPoint{Topic: topic, Source: "xiaohongshu", Day: from.AddDays(i), Value: math.Round(v)}, nil) {
						return
					}
				}
			}
		})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) sales(from calendar.Day) func(func(forecasting.Sale, error) bool) {
	return func(yield func(forecasting.Sale, error) bool) {
		s.sold = 0
		for i := range shopGoods {
			for k, code := range []string{"JX", "FS", "XH"} {
				rng := rand.New(rand.NewPCG(uint64(i), uint64(k)))
				for d := range shopDays {
					n := 3 + i + rng.IntN(4+i)
					if d == shopDays-1 {
						s.sold += n
					}
					out := i == 1 && code == "JX" && d > shopDays-10
					sale := forecasting.Sale{Key: forecasting.Key{SKU: s.sku[shopCode(i)], Site: s.site[code]}, Day: from.AddDays(d), Pieces: quantity.Pieces(n), Price: money.Fen(2990), SoldOut: out}
					if !yield(sale, nil) {
						return
					}
				}
			}
		}
	}
}

// store opens the stock: little of everything, none of the last SKU, a lot that is about to end.
func (s *shop) store() {
	s.t.Helper()
	var counts []warehouse.Count
	for i := range shopGoods - 1 {
		for k, code := range []string{"JX", "FS", "XH"} {
			expiry := shopToday.AddDays(30 + 200*(i%3))
			counts = append(counts, warehouse.Count{Place: warehouse.Place{Site: s.site[code], Bin: "A01-0" + strconv.Itoa(k+1), SKU: s.sku[shopCode(i)], Lot: "L" + strconv.Itoa(2600+i), Status: warehouse.Available},
				Expiry: &expiry, Pieces: quantity.Pieces(20 + 10*i)})
		}
	}
	if _, err := s.Stock.Opening(s.system(), uuid.New(), "test", counts); err != nil {
		s.t.Fatal(err)
	}
}

// forecast runs the forecast, and the plan that follows from it, and waits for both.
func (s *shop) forecast() {
	s.t.Helper()
	run, err := s.Forecasts.StartRun(s.system(), forecasting.Manual, 0, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	s.await("the forecast", func() bool {
		d, err := s.Forecasts.Run(s.system(), run.ID)
		if err != nil || d.State == forecasting.RunFailed {
			s.t.Fatalf("the run: %s, %v", d.Error, err)
		}
		return d.State == forecasting.RunPublished
	})
	s.await("the plan", func() bool {
		runs, err := s.Plan.Runs(s.system(), 1)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(runs) > 0 && runs[0].State == "done"
	})
	s.idle()
	if err := s.Forecasts.CheckHeat(s.system(), true); err != nil {
		s.t.Fatal(err)
	}
	s.idle()
}

// idle waits until no job is left to do.
func (s *shop) idle() {
	s.t.Helper()
	s.await("the jobs", func() bool {
		var n int
		if err := s.pool.QueryRow(context.Background(), `select count(*) from river_job where state in ('available','running','retryable','pending')`).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		return n == 0
	})
}

func (s *shop) await(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	s.t.Fatalf("waited in vain for %s", what)
}

// whole and part tell a page from a part of one.
func whole(t testing.TB, page string) {
	t.Helper()
	if !strings.Contains(page, "<html") {
		t.Errorf("no whole page: %.200s", page)
	}
}

func partial(t testing.TB, page string) {
	t.Helper()
	if strings.Contains(page, "<html") {
		t.Errorf("a whole page where a part was asked for: %.200s", page)
	}
}
