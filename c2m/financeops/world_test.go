package financeops_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// world is a house with two suppliers of one kind of goods, a clock that the test moves, and a payment provider that it answers for.
type world struct {
	t          *testing.T
	pool       *pgxpool.Pool
	orders     *c2mops.Ops
	suppliers  *supplierops.Ops
	statements *statementops.Ops
	finance    *financeops.Ops
	buyer      context.Context
	boss       context.Context
	beili      context.Context
	other      context.Context
	system     context.Context
	supplier   catalog.SupplierID
	second     catalog.SupplierID
	site       catalog.SiteID
	sku        catalog.SKUID

	mu    sync.Mutex
	now   time.Time
	word  financeops.PaymentAnswer
	fails error
	asked []financeops.PaymentRequest
}

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func newWorld(t *testing.T) *world {
	ctx := t.Context()
	w := &world{t: t, pool: dbtest.Pool(t), now: time.Date(2026, 9, 1, 10, 0, 0, 0, zone), word: financeops.PaymentAnswer{Outcome: financeops.Done, Reference: "P-1"}}
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := w.pool.QueryRow(ctx, sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	one(&w.site, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('JX', '嘉兴区域仓', 'regional', 30.7, 120.7) returning id`)
	one(&w.supplier, `insert into catalog.supplier (code, name_zh) values ('S-BEILI', '温岭贝栗婴童用品厂') returning id`)
	one(&w.second, `insert into catalog.supplier (code, name_zh) values ('S-OTHER', '别家') returning id`)
	var category, n int
	one(&category, `insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`)
	one(&w.sku, `insert into catalog.sku (code, name_zh, category_id, weight_grams, price_fen) values ('MR-1', '牙胶', $1, 100, 2990) returning id`, category)
	for _, s := range []catalog.SupplierID{w.supplier, w.second} {
		one(&n, `insert into catalog.term (supplier_id, sku_id, moq, pack, lead_mean_days, capacity_day, breaks) values ($1, $2, 60, 60, 10, 600, '[{"from":1,"price":1000}]') returning 1`, s, w.sku)
	}
	person := func(login, name string, role access.Role) context.Context {
		var id int64
		one(&id, `insert into access.account (login, name, role) values ($1, $2, $3) returning id`, login, name, string(role))
		return access.WithUser(ctx, access.User{ID: access.ID(id), Login: login, Name: name, Role: role, Language: "zh"})
	}
	w.buyer, w.boss = person("zhoumin", "周敏", access.Buyer), person("boss", "陈总", access.Admin)
	w.beili = access.WithUser(ctx, access.User{Name: "贝栗 王姐", Role: access.Supplier, Supplier: w.supplier, Language: "zh"})
	w.other = access.WithUser(ctx, access.User{Name: "别家", Role: access.Supplier, Supplier: w.second, Language: "zh"})
	w.system = access.WithUser(ctx, access.TheSystem())
	bus, log := events.NewBus(), slog.New(slog.DiscardHandler)
	w.orders = c2mops.New(c2mops.Deps{Pool: w.pool, Bus: bus, Clock: w.clock, Log: log, Zone: zone, Suggestions: w})
	w.suppliers = supplierops.New(supplierops.Deps{Pool: w.pool, Clock: w.clock, Log: log, Zone: zone})
	w.finance = financeops.New(financeops.Deps{Pool: w.pool, Clock: w.clock, Log: log, Zone: zone, Suppliers: w.suppliers, Payments: w, Stock: w, Secret: []byte("secret")})
	w.statements = statementops.New(statementops.Deps{Pool: w.pool, Clock: w.clock, Log: log, Zone: zone, Settler: w.finance})
	w.orders.Subscribe(bus)
	workers := river.NewWorkers()
	w.orders.Register(workers)
	w.suppliers.Register(workers)
	w.finance.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Workers: workers, Logger: log, TestOnly: true, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(d string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = day(d).In(zone).Add(10 * time.Hour)
}

func (w *world) Suggestions(context.Context, pgdb.Querier, []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return nil, nil
}

func (w *world) OnHand(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID]quantity.Pieces, error) {
	return map[catalog.SKUID]quantity.Pieces{w.sku: 150}, nil
}

func (w *world) Ask(_ context.Context, r financeops.PaymentRequest) (financeops.PaymentAnswer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r)
	return w.word, w.fails
}

func (w *world) answers(o financeops.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word.Outcome = o
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// order sends, confirms and (for came above 0, on a day) receives an order.
func (w *world) order(pieces quantity.Pieces, sent, due string, came quantity.Pieces, on string) *c2m.FactoryOrder {
	w.t.Helper()
	w.at(sent)
	d := day(due)
	o, err := w.orders.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: w.site, Lines: []c2mops.NewLine{{SKU: w.sku, Pieces: pieces, Due: &d}}})
	w.must(err)
	o, err = w.orders.Send(w.buyer, o.ID, c2mops.Sending{Revision: o.Revision})
	w.must(err)
	o, _, problems, err := w.orders.AnswerOnline(w.beili, o.ID, o.Version(), []c2m.Reply{{Line: 1, SKU: w.sku, Batches: []c2m.ReplyBatch{{Pieces: &pieces, Day: &d}}}})
	w.must(err)
	if len(problems) > 0 || o.State != c2m.StateConfirmed {
		w.t.Fatal(problems, o.State)
	}
	if came > 0 {
		w.at(on)
		o, err = w.orders.Receive(w.buyer, o.ID, c2mops.Receiving{Pieces: map[int]quantity.Pieces{1: came}})
		w.must(err)
	}
	return o
}

type receiving = c2mops.Receiving

func uploading(name, content string) c2mops.Uploading {
	return c2mops.Uploading{Name: name, Content: []byte(content)}
}
