package warehouseops_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

// orderDesk is a house with two front sites and a regional one, five SKUs of which one is a bundle, and no stock.
type orderDesk struct {
	pool  *pgxpool.Pool
	bus   *events.Bus
	ops   *warehouseops.Ops
	ctx   context.Context // the house itself
	sites map[string]catalog.SiteID
	skus  map[string]catalog.SKUID
	mu    sync.Mutex
	now   time.Time
}

func (d *orderDesk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *orderDesk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func openDesk(t *testing.T) *orderDesk {
	t.Helper()
	d := &orderDesk{pool: dbtest.Pool(t), bus: events.NewBus(), sites: map[string]catalog.SiteID{}, skus: map[string]catalog.SKUID{},
		ctx: access.WithUser(t.Context(), access.TheSystem()), now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	d.exec(t, `insert into catalog.site (code, name_zh, city_zh, tier, lat, lon) values ('XH', '徐汇', '上海', 'front', 31.19, 121.43),
		('PD', '浦东', '上海', 'front', 31.22, 121.54), ('JX', '嘉兴', '嘉兴', 'regional', 30.75, 120.75)`)
	d.exec(t, `insert into catalog.category (code, name_zh) values ('c', '类')`)
	d.exec(t, `insert into catalog.sku (code, name_zh, category_id, shelf_life_days, price_fen, temperature)
		select x.code, x.code, c.id, x.life, x.price, x.temp from catalog.category c,
		(values ('MILK', 730, 30000, 'ambient'), ('RING', 0, 2990, 'ambient'), ('BIB', 0, 1000, 'ambient'), ('ICE', 0, 500, 'chilled'), ('SET', 0, 31000, 'ambient')) as x (code, life, price, temp)`)
	d.exec(t, `insert into catalog.bundle_component (bundle_id, component_id, pieces) select b.id, k.id, case k.code when 'BIB' then 2 else 1 end
		from catalog.sku b, catalog.sku k where b.code = 'SET' and k.code in ('MILK', 'BIB')`)
	for sql, put := range map[string]func(string, int32){
		`select code, id from catalog.site`: func(c string, id int32) { d.sites[c] = catalog.SiteID(id) },
		`select code, id from catalog.sku`:  func(c string, id int32) { d.skus[c] = catalog.SKUID(id) },
	} {
		rows, err := d.pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		var c string
		var id int32
		if _, err := pgx.ForEachRow(rows, []any{&c, &id}, func() error { put(c, id); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	key, err := warehouse.NewSealKey()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := warehouse.ParseSeal(key)
	if err != nil {
		t.Fatal(err)
	}
	d.ops = warehouseops.New(warehouseops.Deps{Pool: d.pool, Bus: d.bus, Clock: d.clock, Log: slog.New(slog.DiscardHandler), Seal: seal})
	workers := river.NewWorkers()
	d.ops.Register(workers)
	d.ops.Subscribe(d.bus)
	client, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.bus.Bind(client)
	return d
}

func (d *orderDesk) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, d *orderDesk, sql string, args ...any) (v T) {
	t.Helper()
	if err := d.pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// stock books pieces of a lot that expires after days; 0 is a lot that does not.
func (d *orderDesk) stock(t *testing.T, site, sku, lot string, days int, n quantity.Pieces) {
	t.Helper()
	op := uuid.New()
	to := &warehouse.Place{Site: d.sites[site], Bin: "A-01", SKU: d.skus[sku], Lot: lot, Status: warehouse.Available}
	m := warehouse.Move{To: to, Pieces: n}
	if days > 0 {
		day := d.today().AddDays(days)
		m.Expiry = &day
	}
	err := pgdb.InTx(t.Context(), d.pool, func(tx pgx.Tx) error {
		if _, err := warehousedb.Begin(t.Context(), tx, warehousedb.Operation{ID: op, Cause: "receipt", At: d.clock(), Actor: "test"}); err != nil {
			return err
		}
		_, err := warehousedb.Post(t.Context(), tx, op, []warehouse.Move{m})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *orderDesk) today() calendar.Day {
	return calendar.Of(d.clock(), time.FixedZone("", 8*3600))
}

// order is an order from beside the site XH.
func order(number string, lines ...warehouse.DraftLine) warehouse.OutboundDraft {
	lat, lon := 31.195, 121.435
	return warehouse.OutboundDraft{Channel: "tmall", Number: number, PlacedAt: time.Date(2026, 11, 23, 1, 59, 0, 0, time.UTC), Promise: warehouse.NextDay,
		Consignee: warehouse.Consignee{Name: "王小明", Phone: "13812341234", Province: "上海市", City: "上海市", District: "徐汇区", Street: "漕溪北路 1 号", Lat: &lat, Lon: &lon},
		Lines:     lines}
}

func line(sku string, n quantity.Pieces, amount money.Fen) warehouse.DraftLine {
	return warehouse.DraftLine{SKU: sku, Pieces: n, Amount: amount}
}

func (d *orderDesk) place(t *testing.T, drafts ...warehouse.OutboundDraft) []warehouseops.Placed {
	t.Helper()
	got, err := d.ops.PlaceOrders(d.ctx, drafts)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// settle sources and allocates everything.
func (d *orderDesk) settle(t *testing.T) {
	t.Helper()
	if _, err := d.ops.SourceNew(d.ctx); err != nil {
		t.Fatal(err)
	}
	for _, s := range d.sites {
		if _, err := d.ops.AllocateSite(d.ctx, s, nil); err != nil {
			t.Fatal(err)
		}
	}
	d.sound(t)
}

// sound proves what holds at every commit.
func (d *orderDesk) sound(t *testing.T) {
	t.Helper()
	for what, sql := range map[string]string{
		"ledger and positions": `select count(*) from warehouse.position p where p.on_hand <> (select coalesce(sum(case when e.to_position = p.id then e.pieces else -e.pieces end), 0)
			from warehouse.entry e where p.id in (e.to_position, e.from_position))`,
		"reservations and open allocations": `select count(*) from warehouse.position p where p.reserved <> (select coalesce(sum(a.pieces), 0)
			from warehouse.allocation a where a.position_id = p.id and a.state in ('reserved','picked','packed'))`,
		"lines and their allocations": `select count(*) from warehouse.outbound_line l where l.allocated <> (select coalesce(sum(a.pieces), 0)
			from warehouse.allocation a where a.outbound_id = l.outbound_id and a.line_no = l.no and a.state <> 'released')`,
		"shortages of lines that are not short": `select count(*) from warehouse.shortage x left join warehouse.outbound_line l on l.outbound_id = x.outbound_id and l.no = x.line_no
			where l.state is distinct from 'short'`,
		"short lines without a shortage": `select count(*) from warehouse.outbound_line l where l.state = 'short' and not exists
			(select from warehouse.shortage x where x.outbound_id = l.outbound_id and x.line_no = l.no)`,
		"ready shipments with open lines": `select count(*) from warehouse.shipment s join warehouse.outbound_line l on l.outbound_id = s.outbound_id and l.site_id = s.site_id
			where s.state = 'ready' and l.state in ('new','queued','short')`,
	} {
		if n := ask[int](t, d, sql); n != 0 {
			t.Errorf("%s disagree in %d places", what, n)
		}
	}
}

func (d *orderDesk) lineStates(t *testing.T, number string) string {
	t.Helper()
	return ask[string](t, d, `select string_agg(k.code || ' ' || l.pieces || ' ' || l.state || coalesce(' ' || s.code, ''), ', ' order by l.no)
		from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id join catalog.sku k on k.id = l.sku_id
		left join catalog.site s on s.id = l.site_id where o.number = $1`, number)
}

func TestOrdersAreTakenOnce(t *testing.T) {
	d := openDesk(t)
	good, bad := order("T1", line("RING", 2, 5980)), order("T2", line("NONE", 1, 1), line("RING", 0, 1))
	got := d.place(t, good, bad, good)
	if got[0].Outcome != warehouseops.Accepted || got[0].ID == 0 || got[2].Outcome != warehouseops.Existing || got[2].ID != got[0].ID {
		t.Errorf("%+v", got)
	}
	if f := got[1].Faults; got[1].Outcome != warehouseops.Refused || len(f) != 2 || f[0].Field != "lines/1/pieces" || f[1].Field != "lines/0/sku" || f[1].Problem != catalog.NotKnown {
		t.Errorf("the bad order: %+v", got[1])
	}
	other := good
	other.Consignee.Street, other.Lines = "别处", []warehouse.DraftLine{line("RING", 3, 5980)}
	if again := d.place(t, other)[0]; again.Outcome != warehouseops.Different || !slices.Equal(again.Fields, []string{"consignee/address", "lines/0"}) {
		t.Errorf("another content: %+v", again)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			batch := make([]warehouse.OutboundDraft, 40)
			for i := range batch {
				batch[i] = order(fmt.Sprintf("R%d", i), line("RING", 1, 1))
			}
			if _, err := d.ops.PlaceOrders(d.ctx, batch); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := ask[int](t, d, `select count(*) from warehouse.outbound`); n != 41 {
		t.Errorf("%d orders are stored, want 41", n)
	}
	if n := ask[int](t, d, `select count(*) from warehouse.outbound where consignee = '王**' and phone = '138****1234' and address not like '%漕溪%' and sealed is not null`); n != 41 {
		t.Errorf("%d orders are masked and sealed, want 41", n)
	}
	if _, err := d.ops.PlaceOrders(access.WithUser(t.Context(), access.User{Role: access.Warehouse}), nil); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("somebody from the floor sends orders: %v", err)
	}
}

func TestBundlesExplode(t *testing.T) {
	d := openDesk(t)
	d.place(t, order("B1", line("SET", 2, 60001), line("RING", 1, 2990)))
	got := ask[string](t, d, `select string_agg(k.code || ' ' || l.pieces || ' ' || l.amount_fen || ' ' || l.bundle_no, ', ' order by l.no) from warehouse.outbound_line l join catalog.sku k on k.id = l.sku_id`)
	if got != "MILK 2 56251 1, BIB 4 3750 1, RING 1 2990 0" {
		t.Errorf("lines: %s", got)
	}
}

func TestSourcingAndAllocation(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 3)
	d.stock(t, "JX", "RING", "", 0, 100)
	d.stock(t, "JX", "MILK", "L1", 60, 10)
	d.stock(t, "JX", "MILK", "L2", 400, 10)
	quick := order("Q1", line("RING", 2, 1))
	quick.Promise = warehouse.Minutes30
	fresh := order("F1", warehouse.DraftLine{SKU: "MILK", Pieces: 12, Amount: 1, MinRemainingDays: 90})
	d.place(t, quick, order("N1", line("RING", 2, 1), line("MILK", 12, 1)), fresh, order("E1", line("BIB", 1, 1)))
	d.settle(t)
	for number, want := range map[string]string{
		"Q1": "RING 2 allocated XH",                       // beside the customer
		"N1": "RING 2 allocated JX, MILK 12 allocated JX", // one parcel, though one could come from nearby
		"F1": "MILK 12 short JX",                          // L1 is too old for this customer, L2 has only 8 left
		"E1": "BIB 1 short XH",                            // nobody has it: it waits nearby
	} {
		if got := d.lineStates(t, number); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
	if got := ask[string](t, d, `select string_agg(l.code || ' ' || a.pieces, ', ' order by l.code) from warehouse.allocation a join warehouse.position p on p.id = a.position_id
		join warehouse.lot l on l.id = p.lot_id where a.sku_id = $1`, d.skus["MILK"]); got != "L1 10, L2 2" {
		t.Errorf("the first to expire does not go first, over lots: %s", got)
	}
	if got := ask[string](t, d, `select sourcing->'parcels'->0->>'site' from warehouse.outbound where number = 'N1'`); got != "JX" {
		t.Errorf("the report says %s", got)
	}
	if at := ask[time.Time](t, d, `select promise_at from warehouse.outbound where number = 'Q1'`); !at.Equal(d.clock().Add(30 * time.Minute)) {
		t.Errorf("promised at %s", at)
	}
	// Pieces come: whoever waits gets them, the first first.
	d.pass(time.Minute)
	d.place(t, order("E2", line("BIB", 1, 1)))
	d.stock(t, "XH", "BIB", "", 0, 1)
	d.settle(t)
	if e1, e2 := d.lineStates(t, "E1"), d.lineStates(t, "E2"); e1 != "BIB 1 allocated XH" || !strings.HasPrefix(e2, "BIB 1 short") {
		t.Errorf("not served in fair order: %s; %s", e1, e2)
	}
}

// A line is split over sites only when that serves more of it in time.
func TestSourcingSplitsALine(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 3)
	d.stock(t, "JX", "RING", "", 0, 4)
	d.place(t, order("S1", line("RING", 6, 601)))
	d.settle(t)
	if got := d.lineStates(t, "S1"); got != "RING 3 allocated XH, RING 3 allocated JX" && got != "RING 2 allocated XH, RING 4 allocated JX" && got != "RING 4 allocated JX, RING 2 allocated XH" {
		t.Errorf("lines: %s", got)
	}
	if n := ask[int](t, d, `select sum(amount_fen)::int from warehouse.outbound_line`); n != 601 {
		t.Errorf("the parts of the line cost %d", n)
	}
}

// Eight workers and as many senders fight for the last pieces: every piece is promised once, and every line gets an answer.
func TestRaceForTheLastPieces(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 60)
	d.stock(t, "XH", "BIB", "", 0, 25)
	const senders, each = 8, 12
	var wg sync.WaitGroup
	done := make(chan struct{})
	for w := range 8 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if w%2 == 0 {
					if _, err := d.ops.SourceNew(d.ctx); err != nil {
						t.Error(err)
						return
					}
				}
				if _, err := d.ops.AllocateSite(d.ctx, d.sites["XH"], nil); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var senderGroup sync.WaitGroup
	for s := range senders {
		senderGroup.Go(func() {
			for i := range each {
				if _, err := d.ops.PlaceOrders(d.ctx, []warehouse.OutboundDraft{order(fmt.Sprintf("S%d-%d", s, i), line("RING", 1, 1), line("BIB", 1, 1))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senderGroup.Wait()
	close(done)
	wg.Wait()
	d.settle(t)
	if n := ask[int](t, d, `select sum(reserved)::int from warehouse.position where sku_id = $1`, d.skus["BIB"]); n != 25 {
		t.Errorf("%d of 25 bibs are promised", n)
	}
	if n := ask[int](t, d, `select count(*) from warehouse.outbound_line where state not in ('allocated','short')`); n != 0 {
		t.Errorf("%d lines have no answer", n)
	}
	if n := ask[int](t, d, `select count(*) from warehouse.shipment where state = 'ready'`); n != 25 {
		t.Errorf("%d orders have all they want, want 25", n)
	}
}
