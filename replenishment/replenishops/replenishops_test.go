package replenishops_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

// world is a house with one supplier, one regional site and n teethers that sell ten a day.
type world struct {
	pool     *pgxpool.Pool
	ops      *replenishops.Ops
	bus      *events.Bus
	client   *river.Client[pgx.Tx]
	skus     []catalog.SKUID
	site     catalog.Site
	supplier catalog.SupplierID
	mu       sync.Mutex
	approved []replenishment.SuggestionID
	supply   map[catalog.SKUID][]replenishment.Supply
	perDay   float64
	buyer    context.Context
}

func (w *world) Network(context.Context, pgdb.Querier) (replenishops.Network, error) {
	return replenishops.Network{Sites: []catalog.Site{w.site}}, nil
}

func (w *world) Goods(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]replenishops.Goods, error) {
	out := map[catalog.SKUID]replenishops.Goods{}
	for _, id := range skus {
		out[id] = replenishops.Goods{SKU: catalog.SKU{ID: id, Code: "MR", CartonPieces: 60, Price: 2990}, Class: replenishment.ClassNormal, Cost: 1280,
			Sources: []replenishment.Source{{Code: "S", Name: catalog.Name{ZH: "贝栗"}, Term: catalog.Term{Supplier: w.supplier, SKU: id, MOQ: 60, Pack: 60,
				LeadMean: 9, LeadSD: 1, Breaks: []catalog.PriceBreak{{From: 1, Price: 1280}}}}}}
	}
	return out, nil
}

func (w *world) Demand(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	out := map[catalog.SKUID][]replenishment.Demand{}
	for _, id := range skus {
		d := replenishment.Demand{Site: w.site.ID, Model: "ETS"}
		for h := range 60 {
			d.Mean = append(d.Mean, w.perDay)
			d.CumSD = append(d.CumSD, 3*float64(h+1))
		}
		out[id] = []replenishment.Demand{d}
	}
	return out, nil
}

func (w *world) Positions(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Position, error) {
	out := map[catalog.SKUID][]replenishment.Position{}
	for _, id := range skus {
		out[id] = []replenishment.Position{{Site: w.site.ID, OnHand: 30}}
	}
	return out, nil
}

func (w *world) Supply(_ context.Context, _ pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Supply, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[catalog.SKUID][]replenishment.Supply{}
	for _, id := range skus {
		out[id] = w.supply[id]
	}
	return out, nil
}

// approvedArgs is the job of a subscriber that only remembers what it was told.
type approvedArgs struct {
	IDs []replenishment.SuggestionID `json:"ids"`
}

func (approvedArgs) Kind() string { return "test.approved" }

func newWorld(t *testing.T, n int) *world {
	ctx := t.Context()
	w := &world{pool: dbtest.Pool(t), bus: events.NewBus(), supply: map[catalog.SKUID][]replenishment.Supply{}, perDay: 10,
		buyer: access.WithUser(ctx, access.User{Name: "周敏", Role: access.Admin})}
	exec := func(sql string, to ...any) {
		t.Helper()
		if err := w.pool.QueryRow(ctx, sql).Scan(to...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	w.site = catalog.Site{Code: "JX", Tier: catalog.Regional, Active: true, Name: catalog.Name{ZH: "嘉兴区域仓"}}
	exec(`insert into catalog.site (code, name_zh, tier, lat, lon) values ('JX', '嘉兴区域仓', 'regional', 30.7, 120.7) returning id`, &w.site.ID)
	exec(`insert into catalog.supplier (code, name_zh) values ('S', '贝栗') returning id`, &w.supplier)
	var category int
	exec(`insert into catalog.category (code, name_zh) values ('T', '喂养') returning id`, &category)
	rows, err := w.pool.Query(ctx, `insert into catalog.sku (code, name_zh, category_id, search)
		select 'MR-' || g, '牙胶', $1, '{牙,胶,牙胶}' from generate_series(1, $2) g returning id`, category, n)
	if err != nil {
		t.Fatal(err)
	}
	if w.skus, err = pgx.CollectRows(rows, pgx.RowTo[catalog.SKUID]); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	w.ops = replenishops.New(replenishops.Deps{Pool: w.pool, Bus: w.bus, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Catalog: w, Forecasts: w,
		Stock: w, Orders: w, Zone: zone, ShardSKUs: 7})
	workers := river.NewWorkers()
	w.ops.Register(workers)
	events.Subscribe(w.bus, func(f replenishment.Approved) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(approvedArgs{IDs: f.SuggestionIDs})}
	})
	river.AddWorker(workers, river.WorkFunc(func(_ context.Context, j *river.Job[approvedArgs]) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.approved = append(w.approved, j.Args.IDs...)
		return nil
	}))
	w.client, err = river.NewClient(riverpgxv5.New(w.pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), TestOnly: true,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, "heavy": {MaxWorkers: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	w.bus.Bind(w.client)
	if err := w.client.Start(context.WithoutCancel(ctx)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.client.Stop(context.Background()) })
	return w
}

// wait asks until the answer is yes.
func wait(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for range 300 {
		if yes() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func (w *world) planAll(t *testing.T) {
	t.Helper()
	run, err := w.ops.PlanNow(w.buyer)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the run", func() bool {
		runs, err := w.ops.Runs(w.buyer, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			if r.ID == run.ID && r.State == "done" {
				if r.SKUsDone != len(w.skus) {
					t.Fatalf("planned %d of %d SKUs", r.SKUsDone, len(w.skus))
				}
				return true
			}
		}
		return false
	})
}

func (w *world) open(t *testing.T) []replenishops.Line {
	t.Helper()
	l, err := w.ops.List(w.buyer, replenishops.Filter{View: "open", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return l.Lines
}

func TestRunSuggestsEachNeedOnce(t *testing.T) {
	w := newWorld(t, 20)
	w.planAll(t)
	first := w.open(t)
	if len(first) != 20 {
		t.Fatalf("%d suggestions for 20 needs", len(first))
	}
	w.planAll(t)
	second := w.open(t)
	if len(second) != 20 || second[0].ID != first[0].ID {
		t.Errorf("planned again: %d suggestions, first id %d was %d", len(second), second[0].ID, first[0].ID)
	}
	g, err := w.ops.Get(w.buyer, first[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	sum := quantity.Pieces(0)
	for _, s := range g.Explanation.Steps {
		switch s.Op {
		case replenishment.OpPlus:
			sum += s.Pieces
		case replenishment.OpMinus:
			sum -= s.Pieces
		default:
			if sum != s.Pieces || sum != g.Pieces {
				t.Errorf("the steps give %d, the last says %d, suggested are %d", sum, s.Pieces, g.Pieces)
			}
		}
	}
	levels, err := w.ops.Levels(w.buyer, w.skus[0])
	if err != nil || len(levels) != 1 || levels[0].SafetyPieces <= 0 || levels[0].ReorderPoint <= levels[0].SafetyPieces {
		t.Errorf("levels: %+v, %v", levels, err)
	}
	stock, err := w.ops.StockList(w.buyer, replenishops.StockFilter{Sort: "cover", Limit: 100})
	if err != nil || len(stock) != 20 || stock[0].OnHand != 30 || stock[0].Waiting != 1 {
		t.Errorf("stock list: %d lines, %v", len(stock), err)
	}
}

func TestApprovedNeedIsNotSuggestedAgain(t *testing.T) {
	w := newWorld(t, 3)
	w.planAll(t)
	line := w.open(t)[0]
	if _, err := w.ops.Change(w.buyer, line.ID, 4000, ""); !errors.Is(err, replenishment.ErrReasonNeeded) {
		t.Errorf("changed without a reason: %v", err)
	}
	if _, err := w.ops.Change(w.buyer, line.ID, 4000, "预算"); err != nil {
		t.Fatal(err)
	}
	w.planAll(t)
	for _, l := range w.open(t) {
		if l.ID == line.ID && (l.Decided != 4000 || l.State != replenishment.StateChanged) {
			t.Errorf("the buyer's number was overwritten: %+v", l)
		}
	}
	d, err := w.ops.Approve(w.buyer, line.ID, 999999)
	if err != nil || len(d.Done) != 1 || len(d.Refused) != 1 || !errors.Is(d.Refused[0].Err, replenishops.ErrUnknown) {
		t.Fatalf("approve: %+v, %v", d, err)
	}
	wait(t, "the fact", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return len(w.approved) == 1 })
	w.planAll(t)
	for _, l := range w.open(t) {
		if l.SKU == line.SKU {
			t.Errorf("suggested again while approved: %+v", l)
		}
	}
	changes, err := w.ops.Changes(w.buyer, line.ID)
	if err != nil || len(changes) != 2 || changes[0].Verb != "suggestion.approve" || changes[0].Actor != "周敏" {
		t.Errorf("audit: %+v, %v", changes, err)
	}
	// Once ordered it is supply, and can no longer be taken back.
	w.mu.Lock()
	w.supply[line.SKU] = []replenishment.Supply{{Kind: replenishment.SupplyOrder, Ref: "FO-1", Site: w.site.ID, Pieces: 4000, Arrives: w.ops.Today().AddDays(9), Suggestion: line.ID}}
	w.mu.Unlock()
	if err := pgdb.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		return w.ops.Ordered(w.buyer, tx, "FO-1", []replenishment.SuggestionID{line.ID})
	}); err != nil {
		t.Fatal(err)
	}
	if d, err := w.ops.TakeBack(w.buyer, line.ID); err != nil || len(d.Refused) != 1 || !errors.Is(d.Refused[0].Err, replenishment.ErrOrdered) {
		t.Errorf("took back an order: %+v, %v", d, err)
	}
}

func TestTwoBuyersApproveOnce(t *testing.T) {
	w := newWorld(t, 1)
	w.planAll(t)
	id := w.open(t)[0].ID
	var wg sync.WaitGroup
	done := make(chan int, 8)
	for range 8 {
		wg.Go(func() {
			d, err := w.ops.Approve(w.buyer, id)
			if err != nil {
				t.Error(err)
			}
			done <- len(d.Done)
		})
	}
	wg.Wait()
	close(done)
	total := 0
	for n := range done {
		total += n
	}
	if total != 1 {
		t.Errorf("approved %d times", total)
	}
}

func TestNeedThatIsGoneExpires(t *testing.T) {
	w := newWorld(t, 2)
	w.planAll(t)
	if len(w.open(t)) != 2 {
		t.Fatal("no needs")
	}
	w.perDay = 0.01
	w.planAll(t)
	for _, l := range w.open(t) {
		if l.Kind == replenishment.Buy {
			t.Errorf("still suggested without demand: %+v", l)
		}
	}
}

func TestRightsAreChecked(t *testing.T) {
	w := newWorld(t, 1)
	courier := access.WithUser(t.Context(), access.User{ID: 5, Role: access.Courier})
	if _, err := w.ops.List(courier, replenishops.Filter{}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a courier reads suggestions: %v", err)
	}
	if _, err := w.ops.Approve(t.Context(), 1); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("nobody approves: %v", err)
	}
	w.planAll(t)
	elsewhere := access.WithUser(t.Context(), access.User{ID: 6, Name: "x", Role: access.Buyer, Sites: []catalog.SiteID{w.site.ID + 1}})
	d, err := w.ops.Approve(elsewhere, w.open(t)[0].ID)
	if err != nil || len(d.Refused) != 1 || !errors.Is(d.Refused[0].Err, access.ErrForbidden) {
		t.Errorf("another site's buyer: %+v, %v", d, err)
	}
}
