package scanner_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/e2e"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
	"milkrun/web"
	"milkrun/web/route"
	"milkrun/web/scanner"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}

// house is a small warehouse: three SKUs in bins, totes, a worker with a badge, and a handheld's pages.
type house struct {
	t       *testing.T
	pool    *pgxpool.Pool
	ops     *warehouseops.Ops
	site    catalog.SiteID
	skus    map[string]catalog.SKUID
	worker  access.User
	address string
	handler http.Handler
	wire    *wire
	lead    context.Context
	floor   context.Context
	orders  int
}

const badge = "MKBTESTWORKER1"

// goods of the small warehouse: code, GTIN, names, weight.
var goods = []struct {
	code, gtin, zh, en, unitZH, unitEN, category string
	grams                                        int
}{
	{"MR-100001", "06971002360017", "牧禾 有机奶粉 3 段 800g", "Muhe Organic Stage 3, 800 g", "罐", "tins", "milk", 950},
	{"MR-100002", "06971002360024", "云柔 超薄纸尿裤 L 54片", "Yunrou Thin Nappies L, 54", "包", "packs", "nappies", 2100},
	{"MR-100003", "06971002360031", "贝栗 硅胶牙胶", "Beili Teether", "件", "pcs", "teethers", 60},
}

type accounts struct{ users map[access.ID]access.User }

func (a accounts) User(_ context.Context, id access.ID) (access.User, error) {
	u, ok := a.users[id]
	if !ok {
		return u, access.ErrSignedOut
	}
	return u, nil
}
func (a accounts) UserByKey(context.Context, string) (access.User, error) {
	return access.User{}, access.ErrSignedOut
}
func (a accounts) Prefer(_ context.Context, u access.User) error { a.users[u.ID] = u; return nil }

func openHouse(t *testing.T) *house {
	h := &house{t: t, pool: dbtest.Pool(t), skus: map[string]catalog.SKUID{}}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.ops = warehouseops.New(warehouseops.Deps{Pool: h.pool, Bus: events.NewBus(), Clock: time.Now, Log: log})
	h.exec(`insert into catalog.site (code, name_zh, name_en, tier, lat, lon) values ('JX', '嘉兴仓', 'Jiaxing', 'regional', 30.7, 120.7)`)
	h.ask(`select id from catalog.site`, &h.site)
	for _, g := range goods {
		var id catalog.SKUID
		h.exec(`insert into catalog.category (code, name_zh) values ($1, $1) on conflict do nothing`, g.category)
		h.exec(`insert into catalog.sku (code, gtin, name_zh, name_en, unit_zh, unit_en, category_id, shelf_life_days, weight_grams, carton_pieces)
			select $1, $2, $3, $4, $5, $6, id, 730, $7, 6 from catalog.category where code = $8`, g.code, g.gtin, g.zh, g.en, g.unitZH, g.unitEN, g.grams, g.category)
		h.ask(`select id from catalog.sku where code = $1`, &id, g.code)
		h.skus[g.code] = id
	}
	h.exec(`insert into warehouse.bin (site_id, code, kind, zone, aisle, bay, level, side) select $1, c, 'pick', 'A', a, b, l, 1 from (values ('A07-03-2', 7, 3, 2), ('A07-05-1', 7, 5, 1),
		('A08-01-3', 8, 1, 3), ('A09-02-1', 9, 2, 1)) as t (c, a, b, l)`, h.site)
	h.exec(`insert into warehouse.bin (site_id, code, kind) select $1, 'T-' || lpad(n::text, 3, '0'), 'tote' from generate_series(1, 40) n`, h.site)
	h.exec(`insert into warehouse.bin (site_id, code, kind) values ($1, 'PACK-1', 'pack')`, h.site)
	h.exec(`insert into access.account (login, name, role) values ('wangqiang', '王强', 'warehouse')`)
	var id int64
	h.ask(`select id from access.account`, &id)
	h.worker = access.User{ID: access.ID(id), Login: "wangqiang", Name: "王强", Role: access.Warehouse, Language: "zh"}
	h.lead = access.WithUser(t.Context(), access.User{ID: h.worker.ID, Name: "陈仓", Role: access.Lead})
	h.floor = access.WithUser(t.Context(), h.worker)
	h.stock("A07-03-2", "MR-100001", "MH260815", "2028-02-14", 14)
	h.stock("A08-01-3", "MR-100001", "MH260901", "2028-02-28", 20)
	h.stock("A07-05-1", "MR-100002", "YR261107", "2029-11-01", 30)
	h.stock("A09-02-1", "MR-100003", "", "", 50)
	h.serve(log)
	return h
}

func (h *house) serve(log *slog.Logger) {
	sessions := route.NewSessions(memstore.New(), false)
	people := accounts{map[access.ID]access.User{h.worker.ID: h.worker}}
	server, err := web.New(web.Config{Log: log, Clock: time.Now, Sessions: sessions, Accounts: people}, scanner.Scanner{
		Ops: h.ops, Sessions: sessions, Clock: time.Now, Parts: slices.Concat(scanner.Outbound(h.ops), scanner.Inbound(h.ops), scanner.Stock(h.ops)),
		SignIn: func(_ context.Context, login, password string) (access.User, error) {
			if login != "wangqiang" || password != "milkrun" {
				return access.User{}, access.ErrPassword
			}
			return h.worker, nil
		},
		Badge: func(_ context.Context, code string) (access.User, error) {
			if code != badge {
				return access.User{}, access.ErrPassword
			}
			return h.worker, nil
		},
		Sites: func(context.Context) ([]catalog.Site, error) {
			return []catalog.Site{{ID: h.site, Code: "JX", Name: catalog.Name{ZH: "嘉兴仓", EN: "Jiaxing"}, Tier: catalog.Regional, Active: true}}, nil
		},
	}.Screens())
	if err != nil {
		h.t.Fatal(err)
	}
	h.handler = server
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	h.wire = &wire{Listener: l, open: map[net.Conn]bool{}}
	go func() { done <- server.Serve(ctx, h.wire) }()
	h.t.Cleanup(func() { cancel(); <-done })
	h.address = "http://" + l.Addr().String()
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) ask(sql string, to any, args ...any) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(to); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

func (h *house) count(sql string, args ...any) (n int) {
	h.t.Helper()
	h.ask(sql, &n, args...)
	return n
}

// await waits until the question is answered with true.
func (h *house) await(sql string) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var yes bool
		if h.ask(sql, &yes); yes {
			return
		}
	}
	h.t.Fatalf("never true: %s", sql)
}

func (h *house) text(sql string, args ...any) (s string) {
	h.t.Helper()
	h.ask(sql, &s, args...)
	return s
}

func (h *house) stock(bin, sku, lot, expiry string, pieces int) {
	h.t.Helper()
	var e any
	if expiry != "" {
		e = expiry
	}
	h.exec(`insert into warehouse.lot (sku_id, code, expiry) values ($1, $2, $3::date) on conflict do nothing`, h.skus[sku], lot, e)
	op := uuid.New()
	err := pgdb.InTx(h.t.Context(), h.pool, func(tx pgx.Tx) error {
		if _, err := warehousedb.Begin(h.t.Context(), tx, warehousedb.Operation{ID: op, Cause: "opening", At: time.Now(), Actor: "test"}); err != nil {
			return err
		}
		to := warehouse.Place{Site: h.site, Bin: bin, SKU: h.skus[sku], Lot: lot, Status: warehouse.Available}
		_, err := warehousedb.Post(h.t.Context(), tx, op, []warehouse.Move{{To: &to, Pieces: quantity.Pieces(pieces)}})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

type line struct {
	sku, bin, lot string
	pieces        int
}

// order places an order that is allocated from the bins and ready for a wave, and gives its number.
func (h *house) order(lines ...line) string {
	h.t.Helper()
	h.orders++
	number := fmt.Sprintf("TM-%04d", h.orders)
	var id, shipment int64
	h.ask(`insert into warehouse.outbound (channel, number, content_hash, placed_at, received_at, state, consignee) values ('tmall', $1, '\x00', now(), now(), 'allocated', '李*') returning id`, &id, number)
	h.ask(`insert into warehouse.shipment (outbound_id, site_id, state, carrier, cutoff_at, ready_at) values ($1, $2, 'ready', 'SF', date_trunc('hour', now()) + interval '4 hours', now()) returning id`, &shipment, id, h.site)
	for i, l := range lines {
		h.exec(`insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, allocated, state, site_id) values ($1, $2, $3, $4, $4, 'allocated', $5)`, id, i+1, h.skus[l.sku], l.pieces, h.site)
		h.exec(`with p as (update warehouse.position p set reserved = reserved + $5 from warehouse.lot l where l.id = p.lot_id and p.site_id = $4 and p.bin = $6 and p.sku_id = $3 and l.code = $7 and p.status = 'available' returning p.id)
			insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at) select $1, $2, $4, $3, id, $5, now() from p`,
			id, i+1, h.skus[l.sku], h.site, l.pieces, l.bin, l.lot)
	}
	return number
}

// release builds waves of what is ready and releases them.
func (h *house) release() {
	h.t.Helper()
	ids, err := h.ops.ProposeWaves(h.lead, h.site)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, id := range ids {
		if err := h.ops.ReleaseWave(h.lead, id); err != nil {
			h.t.Fatal(err)
		}
	}
}

// proved fails the test where ledger, positions and reservations disagree.
func (h *house) proved() {
	h.t.Helper()
	if n := h.count(`select count(*) from warehouse.position p where p.on_hand <> coalesce((select sum(pieces) from warehouse.entry where to_position = p.id), 0)
		- coalesce((select sum(pieces) from warehouse.entry where from_position = p.id), 0)`); n > 0 {
		h.t.Errorf("%d positions are not what the ledger says", n)
	}
	if n := h.count(`select count(*) from warehouse.position p where p.reserved <> coalesce((select sum(pieces) from warehouse.allocation a where a.position_id = p.id
		and a.state in ('reserved','picked','packed')), 0)`); n > 0 {
		h.t.Errorf("%d positions are not reserved as their allocations say", n)
	}
	if n := h.count(`select count(*) from warehouse.outbound_line l where l.allocated <> coalesce((select sum(pieces) from warehouse.allocation a where a.outbound_id = l.outbound_id
		and a.line_no = l.no and a.state <> 'released'), 0)`); n > 0 {
		h.t.Errorf("%d lines are not allocated as their allocations say", n)
	}
}

// element joins a GS1 element string as scanners send it.
func element(parts ...string) string { return "]C1" + strings.Join(parts, "") }
