package warehouseops_test

import (
	"context"
	"log/slog"
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
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// house is a warehouse with a dock, racks and people, and a clock that stands still until it is moved.
type house struct {
	pool              *pgxpool.Pool
	bus               *events.Bus
	ops               *warehouseops.Ops
	mu                sync.Mutex
	now               time.Time
	jx, xh            catalog.SiteID // a regional site and a front that it feeds
	milk, ring        catalog.SKUID  // dated tins and undated rings
	supplier          catalog.SupplierID
	worker, second    context.Context
	lead, boss, buyer context.Context
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

func (h *house) today() calendar.Day {
	return calendar.Of(h.clock(), time.FixedZone("Asia/Shanghai", 8*3600))
}

func openHouse(t *testing.T, change ...func(*warehouseops.Deps)) *house {
	t.Helper()
	h := &house{pool: dbtest.Pool(t), bus: events.NewBus(), now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	id := func(sql string, args ...any) (n int64) {
		t.Helper()
		if err := h.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	h.jx = catalog.SiteID(id(`insert into catalog.site (code, name_zh, tier, lat, lon) values ('JX', '嘉兴', 'regional', 30.7, 120.7) returning id`))
	h.xh = catalog.SiteID(id(`insert into catalog.site (code, name_zh, tier, lat, lon) values ('SH-XH', '徐汇', 'front', 31.2, 121.4) returning id`))
	id(`insert into catalog.lane (from_site, to_site, lead_mean_days, lead_sd_days) values ($1, $2, 1, 0.2) returning 1`, h.jx, h.xh)
	milk := id(`insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id`)
	toys := id(`insert into catalog.category (code, name_zh) values ('toys', '玩具') returning id`)
	h.milk = catalog.SKUID(id(`insert into catalog.sku (code, name_zh, gtin, category_id, shelf_life_days, min_remaining_days, carton_pieces, weight_grams, volume_ml)
		values ('MR-1', '奶粉', '6971002360017', $1, 730, 180, 6, 1000, 2000) returning id`, milk))
	h.ring = catalog.SKUID(id(`insert into catalog.sku (code, name_zh, category_id, carton_pieces, weight_grams, volume_ml) values ('MR-2', '牙胶', $1, 60, 50, 100) returning id`, toys))
	h.supplier = catalog.SupplierID(id(`insert into catalog.supplier (code, name_zh) values ('S-1', '贝栗') returning id`))
	account := func(login string, role access.Role) context.Context {
		n := id(`insert into access.account (login, name, role) values ($1, $1, $2) returning id`, login, string(role))
		return access.WithUser(context.Background(), access.User{ID: access.ID(n), Login: login, Name: login, Role: role, Language: "zh"})
	}
	h.worker, h.second, h.lead = account("wang", access.Warehouse), account("zhao", access.Warehouse), account("li", access.Lead)
	h.boss, h.buyer = access.WithUser(context.Background(), access.TheSystem()), account("zhou", access.Buyer)
	deps := warehouseops.Deps{Pool: h.pool, Bus: h.bus, Clock: h.clock, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&deps)
	}
	h.ops = warehouseops.New(deps)
	h.racks(t, h.jx)
	h.racks(t, h.xh)
	h.bind(t)
	return h
}

// person makes an account with a role.
func (h *house) person(t *testing.T, login string, role access.Role) context.Context {
	t.Helper()
	var id int64
	h.ask(t, &id, `insert into access.account (login, name, role) values ($1, $1, $2) returning id`, login, string(role))
	return access.WithUser(context.Background(), access.User{ID: access.ID(id), Login: login, Name: login, Role: role, Language: "zh"})
}

// bind gives the bus a queue that takes jobs and works none off.
func (h *house) bind(t *testing.T) {
	t.Helper()
	workers := river.NewWorkers()
	h.ops.Register(workers)
	h.ops.Subscribe(h.bus)
	client, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h.bus.Bind(client)
}

func (h *house) racks(t *testing.T, site catalog.SiteID) {
	t.Helper()
	add := func(code string, kind warehouse.BinKind, change ...func(*warehouse.Bin)) {
		t.Helper()
		b := warehouse.UsualBin(site, code)
		b.Kind = kind
		for _, c := range change {
			c(&b)
		}
		if _, err := h.ops.AddBin(h.lead, b); err != nil {
			t.Fatal(err)
		}
	}
	mixed := func(b *warehouse.Bin) { b.MixedSKUs, b.MixedLots = true, true }
	add("DOCK-1", warehouse.BinDock, mixed)
	add("QC-1", warehouse.BinInspect, mixed)
	add("RET-1", warehouse.BinReturns, mixed)
	add("HOLD-1", warehouse.BinQuarantine, mixed)
	add("A01-01-1", warehouse.BinPick, func(b *warehouse.Bin) { b.Velocity, b.CapacityML = "A", 100_000 })
	add("A01-02-1", warehouse.BinPick, func(b *warehouse.Bin) { b.Velocity = "B" })
	add("A01-01-4", warehouse.BinReserve)
	add("A01-02-4", warehouse.BinReserve)
	add("K01-01-1", warehouse.BinPick, func(b *warehouse.Bin) { b.Temperature = catalog.Chilled })
}

// command makes a command of a handheld.
func (h *house) command() warehouse.Command {
	return warehouse.Command{Op: uuid.New(), Device: "hand-7", MadeAt: h.clock()}
}

// put books pieces as standing in a bin.
func (h *house) put(t *testing.T, site catalog.SiteID, bin string, sku catalog.SKUID, lot string, n quantity.Pieces) {
	t.Helper()
	c := warehouse.Count{Place: warehouse.Place{Site: site, Bin: bin, SKU: sku, Lot: lot, Status: warehouse.Available}, Pieces: n}
	if sku == h.milk {
		d := h.today().AddDays(500)
		c.Expiry = &d
	}
	if _, err := h.ops.Opening(h.boss, uuid.New(), "test", []warehouse.Count{c}); err != nil {
		t.Fatal(err)
	}
}

// stands gives the pieces and the reserved ones at a place, over all owners.
func (h *house) stands(t *testing.T, site catalog.SiteID, bin string, sku catalog.SKUID, lot string, s warehouse.Status) (onHand, reserved int64) {
	t.Helper()
	err := h.pool.QueryRow(t.Context(), `select coalesce(sum(p.on_hand), 0)::bigint, coalesce(sum(p.reserved), 0)::bigint from warehouse.position p
		join warehouse.lot l on l.id = p.lot_id where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.status = $5`,
		site, bin, sku, lot, string(s)).Scan(&onHand, &reserved)
	if err != nil {
		t.Fatal(err)
	}
	return onHand, reserved
}

func (h *house) ask(t *testing.T, to any, sql string, args ...any) {
	t.Helper()
	if err := h.pool.QueryRow(t.Context(), sql, args...).Scan(to); err != nil && err != pgx.ErrNoRows {
		t.Fatal(err)
	}
}

// jobs counts the queued jobs of a kind.
func (h *house) jobs(t *testing.T, kind string) (n int) {
	t.Helper()
	h.ask(t, &n, `select count(*)::int from public.river_job where kind = $1`, kind)
	return n
}

// inOrder fails when the ledger, the positions and the promises disagree.
func (h *house) inOrder(t *testing.T) {
	t.Helper()
	faults, err := h.ops.Check(h.boss)
	if err != nil || len(faults) > 0 {
		t.Fatalf("ledger and positions disagree: %+v, %v", faults, err)
	}
}
