package c2mops_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/xuri/excelize/v2"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// world is a small house: one supplier with four kinds of goods, two sites, a clock that the test moves.
type world struct {
	t        *testing.T
	pool     *pgxpool.Pool
	bus      *events.Bus
	ops      *c2mops.Ops
	buyer    context.Context
	beili    context.Context // the supplier
	other    context.Context // another supplier
	system   context.Context
	supplier catalog.SupplierID
	site     catalog.SiteID
	far      catalog.SiteID
	skus     []catalog.SKUID

	mu          sync.Mutex
	now         time.Time
	suggestions map[replenishment.SuggestionID]replenishment.Suggestion
	facts       []any
}

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

func newWorld(t *testing.T) *world {
	ctx := t.Context()
	w := &world{t: t, pool: dbtest.Pool(t), bus: events.NewBus(), now: time.Date(2026, 11, 20, 16, 2, 0, 0, zone),
		suggestions: map[replenishment.SuggestionID]replenishment.Suggestion{}}
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := w.pool.QueryRow(ctx, sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	one(&w.site, `insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴区域仓', 'Jiaxing', 'regional', 30.7, 120.7) returning id`)
	one(&w.far, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('FS', '佛山区域仓', 'regional', 23, 113.1) returning id`)
	one(&w.supplier, `insert into catalog.supplier (code, name_zh, search) values ('S-BEILI', '温岭贝栗婴童用品厂', $1) returning id`, catalog.SearchTerms("温岭贝栗婴童用品厂"))
	var second catalog.SupplierID
	one(&second, `insert into catalog.supplier (code, name_zh) values ('S-OTHER', '别家') returning id`)
	var category int
	one(&category, `insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`)
	for i, g := range []struct {
		code, name string
		price      int64
		life, left int
	}{{"MR-204817-P", "小雪糕牙胶 粉", 1280, 0, 0}, {"MR-204817-B", "小雪糕牙胶 蓝", 1280, 0, 0}, {"MR-204833", "果蔬咬咬袋", 890, 720, 360}, {"MR-204840", "牙胶收纳盒", 450, 0, 0}} {
		var id catalog.SKUID
		one(&id, `insert into catalog.sku (code, name_zh, category_id, shelf_life_days, min_remaining_days, carton_pieces, price_fen, search)
			values ($1, $2, $3, $4, $5, 60, 2990, $6) returning id`, g.code, g.name, category, g.life, g.left, catalog.SearchTerms(g.code, g.name))
		w.skus = append(w.skus, id)
		var n int
		one(&n, `insert into catalog.term (supplier_id, sku_id, part_no, moq, pack, lead_mean_days, capacity_day, breaks)
			values ($1, $2, $3, 1200, 60, 10, 600, jsonb_build_array(jsonb_build_object('from', 1, 'price', $4::bigint))) returning 1`,
			w.supplier, id, "BL-"+string(rune('A'+i)), g.price)
	}
	var account int64
	one(&account, `insert into access.account (login, name, role) values ('zhoumin', '周敏', 'buyer') returning id`)
	w.buyer = access.WithUser(ctx, access.User{ID: access.ID(account), Name: "周敏", Role: access.Buyer, Language: "zh"})
	w.beili = access.WithUser(ctx, access.User{Name: "贝栗 王姐", Role: access.Supplier, Supplier: w.supplier, Language: "zh"})
	w.other = access.WithUser(ctx, access.User{Name: "别家", Role: access.Supplier, Supplier: second, Language: "zh"})
	w.system = access.WithUser(ctx, access.TheSystem())
	w.ops = c2mops.New(c2mops.Deps{Pool: w.pool, Bus: w.bus, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Suggestions: w, Forecasts: w, Zone: zone})
	w.listen()
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// listen remembers the facts that are published, and binds a queue without workers.
func (w *world) listen() {
	remember[c2m.Drafted](w)
	remember[c2m.OrderSent](w)
	remember[c2m.OrderAnswered](w)
	remember[c2m.OrderConfirmed](w)
	remember[c2m.Dispatched](w)
	remember[c2m.OrderReceived](w)
	remember[c2m.OrderClosed](w)
	remember[c2m.OrderCancelled](w)
	remember[c2m.SupplyChanged](w)
	w.ops.Subscribe(w.bus)
	workers := river.NewWorkers()
	w.ops.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), TestOnly: true,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.bus.Bind(client)
	w.t.Cleanup(func() { _ = client.Stop(context.Background()) })
}

func remember[F any](w *world) {
	events.Subscribe(w.bus, func(f F) []river.InsertManyParams {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.facts = append(w.facts, f)
		return nil
	})
}

func count[F any](w *world) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, f := range w.facts {
		if _, ok := f.(F); ok {
			n++
		}
	}
	return n
}

func (w *world) Suggestions(_ context.Context, _ pgdb.Querier, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []replenishment.Suggestion
	for _, id := range slices.Sorted(maps.Keys(w.suggestions)) {
		if slices.Contains(ids, id) {
			out = append(out, w.suggestions[id])
		}
	}
	return out, nil
}

// Weekly gives the first SKU 700 pieces a week more each week, from Friday 2026-11-20 on.
func (w *world) Weekly(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ catalog.SiteID, weeks int) ([]forecasting.WeeklyOutlook, error) {
	out := forecasting.WeeklyOutlook{SKU: skus[0]}
	for i := range weeks {
		out.Weeks = append(out.Weeks, forecasting.Week{From: day("2026-11-20").AddDays(7 * i), Mean: 700 * float64(i+1)})
	}
	return []forecasting.WeeklyOutlook{out}, nil
}

func (w *world) suggest(id replenishment.SuggestionID, s replenishment.Suggestion) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.ID = id
	w.suggestions[id] = s
}

// story makes and sends the order of the pictures.
func (w *world) story() *c2m.FactoryOrder {
	w.t.Helper()
	n := c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site, Conditions: c2m.Conditions{Contract: "HT-2026-018", Payment: "月结 30 天"}}
	for i, pieces := range []quantity.Pieces{2400, 1800, 2400, 1200} {
		due := day("2026-12-02")
		if i == 2 {
			due++
		}
		n.Lines = append(n.Lines, c2mops.NewLine{SKU: w.skus[i], Pieces: pieces, Due: &due})
	}
	o, err := w.ops.CreateDraft(w.buyer, n)
	if err != nil {
		w.t.Fatal(err)
	}
	w.pass(time.Minute)
	return w.send(o, "")
}

func (w *world) send(o *c2m.FactoryOrder, reason string) *c2m.FactoryOrder {
	w.t.Helper()
	o, err := w.ops.Send(w.buyer, o.ID, c2mops.Sending{Revision: o.Revision, Reason: reason})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// sheet downloads the order's workbook as the supplier and lets fill change cells of the order sheet: cell → value.
func (w *world) sheet(id c2m.OrderID, page string, cells map[string]any) []byte {
	w.t.Helper()
	f, err := w.ops.OrderSheet(w.beili, id, 0, "zh")
	if err != nil {
		w.t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(f.Content))
	if err != nil {
		w.t.Fatal(err)
	}
	defer book.Close()
	for at, v := range cells {
		if err := book.SetCellValue(page, at, v); err != nil {
			w.t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

// The order's table begins at row 11: seven lines of conditions, one empty, the header at row 10.
func storyCells() map[string]any {
	return map[string]any{
		"N11": 2400,
		"N12": "1,200件", "O12": "2026-12-02", "P12": 600, "Q12": "2026.12.9", "V12": "蓝色母料 12-05 到",
		"N13": 2400, "O13": "2026-12-06", "T13": 9.2, "U13": "成本上涨", "V13": "网兜涨价，丝印排期",
		"N14": 0, "O14": "2026-12-20", "U14": "缺料",
	}
}

func (w *world) answer(id c2m.OrderID, cells map[string]any) c2mops.Uploaded {
	w.t.Helper()
	u, err := w.ops.UploadAnswer(w.beili, c2mops.Uploading{Name: "答复_v1.xlsx", Content: w.sheet(id, "采购单", cells)})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func (w *world) detail(id c2m.OrderID) c2mops.Detail {
	w.t.Helper()
	d, err := w.ops.Detail(w.buyer, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
