package warehouseops_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

type stockroom struct {
	pool *pgxpool.Pool
	ops  *warehouseops.Ops
	ctx  context.Context
	site catalog.SiteID
	sku  catalog.SKUID
}

var today = calendar.Date(2026, time.November, 23)

func open(t *testing.T) stockroom {
	s := stockroom{pool: dbtest.Pool(t), ctx: access.WithUser(t.Context(), access.User{Name: "计划", Role: access.Planner})}
	ask := func(sql string, to any) {
		t.Helper()
		if err := s.pool.QueryRow(t.Context(), sql).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	ask(`insert into catalog.site (code, name_zh, tier, lat, lon) values ('JX', '嘉兴', 'regional', 30.7, 120.7) returning id`, &s.site)
	ask(`with c as (insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id)
		insert into catalog.sku (code, name_zh, category_id, shelf_life_days, min_remaining_days) select 'MR-1', '奶粉', id, 730, 180 from c returning id`, &s.sku)
	s.ops = warehouseops.New(warehouseops.Deps{Pool: s.pool, Bus: events.NewBus(), Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	return s
}

func (s stockroom) count(lot string, pieces quantity.Pieces, expiry *calendar.Day) warehouse.Count {
	return warehouse.Count{Place: warehouse.Place{Site: s.site, Bin: "A-01", SKU: s.sku, Lot: lot, Status: warehouse.Available}, Expiry: expiry, Pieces: pieces}
}

func (s stockroom) set(t *testing.T, counts ...warehouse.Count) int {
	t.Helper()
	n, err := s.ops.Opening(s.ctx, uuid.New(), "test", counts)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s stockroom) inOrder(t *testing.T) {
	t.Helper()
	faults, err := s.ops.Check(access.WithUser(t.Context(), access.TheSystem()))
	if err != nil || len(faults) > 0 {
		t.Fatalf("the ledger and the positions disagree: %+v, %v", faults, err)
	}
}

func TestOpeningBooksTheDifference(t *testing.T) {
	s := open(t)
	if n := s.set(t, s.count("L1", 100, nil), s.count("L2", 40, nil)); n != 2 {
		t.Errorf("%d positions changed, want 2", n)
	}
	if n := s.set(t, s.count("L1", 100, nil), s.count("L2", 40, nil)); n != 0 {
		t.Errorf("the same counts again changed %d positions", n)
	}
	if n := s.set(t, s.count("L1", 70, nil), s.count("L2", 0, nil)); n != 2 {
		t.Errorf("%d positions changed, want 2", n)
	}
	s.inOrder(t)
	stock, err := s.ops.Stock(s.ctx, []catalog.SKUID{s.sku}, today)
	if err != nil || len(stock) != 1 || stock[0].OnHand != 70 || stock[0].Free() != 70 {
		t.Errorf("stock %+v, %v", stock, err)
	}
	var entries int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from warehouse.entry`).Scan(&entries); err != nil || entries != 4 {
		t.Errorf("%d ledger entries, want 4: %v", entries, err)
	}
}

func TestTheSameOperationHappensOnce(t *testing.T) {
	s := open(t)
	id := uuid.New()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			err := pgdb.InTx(t.Context(), s.pool, func(tx pgx.Tx) error {
				fresh, err := warehousedb.Begin(t.Context(), tx, warehousedb.Operation{ID: id, Cause: "receipt", At: time.Now(), Actor: "dock"})
				if err != nil || !fresh {
					return err
				}
				_, err = warehousedb.Receive(t.Context(), tx, id, []warehouse.Count{s.count("L1", 30, nil), s.count("L1", 30, nil)})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	stock, err := s.ops.Stock(s.ctx, []catalog.SKUID{s.sku}, today)
	if err != nil || len(stock) != 1 || stock[0].OnHand != 60 {
		t.Errorf("received six times over: %+v, %v", stock, err)
	}
	s.inOrder(t)
}

func TestCountBelowWhatIsReservedIsRefused(t *testing.T) {
	s := open(t)
	s.set(t, s.count("L1", 50, nil))
	if _, err := s.pool.Exec(t.Context(), `update warehouse.position set reserved = 20`); err != nil {
		t.Fatal(err)
	}
	_, err := s.ops.Opening(s.ctx, uuid.New(), "", []warehouse.Count{s.count("L1", 19, nil)})
	var short *warehouse.ReservedError
	if !errors.As(err, &short) || short.Reserved != 20 || short.Counted != 19 {
		t.Errorf("counted below the reserved: %v", err)
	}
	if n := s.set(t, s.count("L1", 20, nil)); n != 1 {
		t.Errorf("%d changed", n)
	}
	faults, err := s.ops.Check(access.WithUser(t.Context(), access.TheSystem()))
	if err != nil || len(faults) != 1 || faults[0].Kind != warehouse.FaultReserved || faults[0].Reserved != 20 || faults[0].Promised != 0 {
		t.Errorf("reserved for no order: %+v, %v", faults, err)
	}
}

func TestTheLedgerCannotBeRewritten(t *testing.T) {
	s := open(t)
	s.set(t, s.count("L1", 5, nil))
	for _, sql := range []string{`update warehouse.entry set pieces = 6`, `delete from warehouse.entry`} {
		if _, err := s.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was let through", sql)
		}
	}
	if _, err := s.pool.Exec(t.Context(), `update warehouse.position set on_hand = 9`); err != nil {
		t.Fatal(err)
	}
	faults, err := s.ops.Check(access.WithUser(t.Context(), access.TheSystem()))
	if err != nil || len(faults) != 1 || faults[0].OnHand != 9 || faults[0].Ledger != 5 {
		t.Errorf("a position changed behind the ledger's back: %+v, %v", faults, err)
	}
}

func TestShortDatedAndHeldStock(t *testing.T) {
	s := open(t)
	soon, late := today.AddDays(40), today.AddDays(400)
	held := s.count("L3", 7, &late)
	held.Status = warehouse.Held
	s.set(t, s.count("L1", 10, &soon), s.count("L2", 20, &late), held)
	stock, err := s.ops.Stock(s.ctx, []catalog.SKUID{s.sku}, today)
	if err != nil || len(stock) != 1 {
		t.Fatalf("%+v, %v", stock, err)
	}
	if g := stock[0]; g.OnHand != 30 || g.Held != 7 || g.Expiring != 10 || g.NextExpiry == nil || *g.NextExpiry != soon {
		t.Errorf("stock %+v", g)
	}
	dated, err := warehousedb.Dated(t.Context(), s.pool, []catalog.SKUID{s.sku})
	if err != nil || len(dated) != 2 || dated[0].LastDay != soon.AddDays(-warehouse.NearExpiryDays(730)) || dated[0].Pieces != 10 {
		t.Errorf("dated %+v, %v", dated, err)
	}
	lots, err := s.ops.Lots(s.ctx, s.sku)
	if err != nil || len(lots) != 3 || lots[0].Lot != "L1" {
		t.Errorf("lots are not first to expire first: %+v, %v", lots, err)
	}
}

func TestNearExpiryIsTheSameInBothLanguages(t *testing.T) {
	s := open(t)
	expiry := today.AddDays(500)
	s.set(t, s.count("L1", 10, &expiry))
	for _, life := range []int{0, 15, 16, 29, 30, 89, 90, 179, 180, 364, 365, 730} {
		if _, err := s.pool.Exec(t.Context(), `update catalog.sku set shelf_life_days = $1, min_remaining_days = 0`, life); err != nil {
			t.Fatal(err)
		}
		dated, err := warehousedb.Dated(t.Context(), s.pool, []catalog.SKUID{s.sku})
		if err != nil || len(dated) != 1 || expiry.Sub(dated[0].LastDay) != warehouse.NearExpiryDays(life) {
			t.Errorf("a life of %d days: %+v, %v", life, dated, err)
		}
	}
}

func TestSitesBoundTheStock(t *testing.T) {
	s := open(t)
	s.set(t, s.count("L1", 5, nil))
	elsewhere := access.WithUser(t.Context(), access.User{Role: access.Lead, Sites: []catalog.SiteID{s.site + 1}})
	if stock, err := s.ops.Stock(elsewhere, []catalog.SKUID{s.sku}, today); err != nil || len(stock) != 0 {
		t.Errorf("another site's stock is shown: %+v, %v", stock, err)
	}
	if _, err := s.ops.Opening(elsewhere, uuid.New(), "", []warehouse.Count{s.count("L1", 1, nil)}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another site's stock was set: %v", err)
	}
}
