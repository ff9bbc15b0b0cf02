package forecastops_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func sale(sku, site string, day calendar.Day, pieces int) forecasting.SaleDraft {
	return forecasting.SaleDraft{SKUCode: sku, SiteCode: site, Sale: forecasting.Sale{Day: day, Pieces: quantity.Pieces(pieces), Price: 2990}}
}

func TestRecordSalesIsIdempotent(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 30})
	batch := []forecasting.SaleDraft{
		sale("MR-000001", "W1", today, 7), sale("MR-000001", "W2", today, 3), sale("MR-000004", "W1", today, -2),
	}
	ctx := as(access.Integrator)
	if m, err := w.ops.RecordSales(ctx, batch); err != nil || m != (forecasting.Merged{Inserted: 3}) {
		t.Fatalf("first: %+v, %v", m, err)
	}
	if m, err := w.ops.RecordSales(ctx, batch); err != nil || m != (forecasting.Merged{Unchanged: 3}) {
		t.Errorf("again: %+v, %v", m, err)
	}
	batch[1].Pieces, batch[1].SoldOut = 5, true
	if m, err := w.ops.RecordSales(ctx, batch); err != nil || m != (forecasting.Merged{Changed: 1, Unchanged: 2}) {
		t.Errorf("changed: %+v, %v", m, err)
	}
	// An item that is there twice, the same, is no fault.
	if m, err := w.ops.RecordSales(ctx, []forecasting.SaleDraft{batch[0], batch[0]}); err != nil || m != (forecasting.Merged{Unchanged: 2}) {
		t.Errorf("twice in a batch: %+v, %v", m, err)
	}
	var pieces, revenue, sold int64
	if err := w.pool.QueryRow(context.Background(), `select sum(pieces), sum(revenue_fen), sum(sold_out_rows) from forecast.sale_total where day = $1`, today).
		Scan(&pieces, &revenue, &sold); err != nil || pieces != 10 || revenue != 29_900 || sold != 1 {
		t.Errorf("totals: %d pieces, %d fen, %d sold out, %v", pieces, revenue, sold, err)
	}
	var audited int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from audit.entry where verb = 'sales.record'`).Scan(&audited); err != nil || audited != 2 {
		t.Errorf("%d audit entries for two changes, %v", audited, err)
	}
}

func TestRecordSalesNamesEveryFault(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 30})
	good := sale("MR-000001", "W1", today, 7)
	bad := []forecasting.SaleDraft{good}
	add := func(f func(*forecasting.SaleDraft)) {
		d := sale("MR-000002", "W2", today.AddDays(-len(bad)), 1)
		f(&d)
		bad = append(bad, d)
	}
	add(func(d *forecasting.SaleDraft) { d.SKUCode = "MR-999999" })
	add(func(d *forecasting.SaleDraft) { d.SKUCode = "" })
	add(func(d *forecasting.SaleDraft) { d.SiteCode = "Mars" })
	add(func(d *forecasting.SaleDraft) { d.Day = today.AddDays(1) })
	add(func(d *forecasting.SaleDraft) { d.Day = calendar.Date(1999, time.December, 31) })
	add(func(d *forecasting.SaleDraft) { d.Pieces = math.MaxInt64 })
	add(func(d *forecasting.SaleDraft) { d.Price = -1 })
	add(func(d *forecasting.SaleDraft) { d.Price = money.Fen(math.MaxInt64) })
	add(func(d *forecasting.SaleDraft) { d.PromoBP = 10_001 })
	add(func(d *forecasting.SaleDraft) { d.SKUCode, d.SiteCode, d.Day, d.Pieces = "MR-000001", "W1", today, 8 })
	add(func(d *forecasting.SaleDraft) { d.SKUCode = "\x00\xff" })
	_, err := w.ops.RecordSales(as(access.Integrator), bad)
	var batch *forecasting.BatchError
	if !errors.As(err, &batch) || !errors.Is(err, forecasting.ErrBatch) {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, f := range batch.Faults {
		got = append(got, fmt.Sprintf("%s %s", f.Pointer("items"), f.Problem))
	}
	want := []string{
		"/items/1/sku unknown", "/items/2/sku missing", "/items/3/site unknown", "/items/4/day range", "/items/5/day range",
		"/items/6/pieces range", "/items/7/price negative", "/items/8/price range", "/items/9/promo range",
		"/items/10/day repeated", "/items/11/sku unknown",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n%s", strings.Join(got, "\n"))
	}
	var n int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from forecast.sale where day = $1`, today).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows of a refused batch were stored, %v", n, err)
	}
}

func TestRecordBounds(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 30})
	item := []forecasting.SaleDraft{sale("MR-000001", "W2", today, 7)}
	if _, err := w.ops.RecordSales(context.Background(), item); !errors.Is(err, access.ErrSignedOut) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := w.ops.RecordSales(as(access.Supplier), item); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a supplier: %v", err)
	}
	if _, err := w.ops.RecordSales(as(access.Integrator, 1), item); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another site's till: %v", err)
	}
	if _, err := w.ops.RecordSales(as(access.Planner), item); err != nil {
		t.Errorf("a planner by hand: %v", err)
	}
	many := make([]forecasting.SaleDraft, forecastops.MaxBatch+1)
	if _, err := w.ops.RecordSales(as(access.Integrator), many); !errors.Is(err, forecastops.ErrTooMany) {
		t.Errorf("too many: %v", err)
	}
	if m, err := w.ops.RecordSales(as(access.Integrator), nil); err != nil || m != (forecasting.Merged{}) {
		t.Errorf("none: %+v, %v", m, err)
	}
	// Nothing but faults: the list is bounded, and says how much it leaves out.
	_, err := w.ops.RecordSales(as(access.Integrator), many[:1000])
	var batch *forecasting.BatchError
	if !errors.As(err, &batch) || len(batch.Faults) != forecasting.MaxFaults || len(batch.Faults)+batch.More != 3000 {
		t.Errorf("a thousand empty items: %v", err)
	}
}

func TestRecordHeat(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 1, days: 30})
	ctx := as(access.Integrator)
	bad := heatDrafts("teething", today.AddDays(-6), 1, 2, -3, math.NaN(), math.Inf(1), 6, 7)
	bad[0].TopicCode = "flu"
	bad[1].Source = ""
	bad[5].Source = strings.Repeat("很", 41)
	bad[6].Day = today.AddDays(1)
	_, err := w.ops.RecordHeat(ctx, bad)
	var batch *forecasting.BatchError
	if !errors.As(err, &batch) {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, f := range batch.Faults {
		got = append(got, fmt.Sprintf("%s %s", f.Pointer("items"), f.Problem))
	}
	want := []string{
		"/items/0/topic unknown", "/items/1/source missing", "/items/2/value negative", "/items/3/value range",
		"/items/4/value range", "/items/5/source too-long", "/items/6/day range",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n%s", strings.Join(got, "\n"))
	}
	good := heatDrafts("teething", today.AddDays(-1), 120, 130)
	if m, err := w.ops.RecordHeat(ctx, good); err != nil || m.Inserted != 1 || m.Changed != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := w.ops.RecordHeat(ctx, good); err != nil || m != (forecasting.Merged{Unchanged: 2}) {
		t.Errorf("again: %+v, %v", m, err)
	}
	if _, err := w.ops.RecordHeat(as(access.Courier), good); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a courier: %v", err)
	}
}

// TestSiteDays: a sale is dated by the day of its site, which may be behind the house's.
func TestSiteDays(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 30})
	w.exec(`update catalog.site set time_zone = 'America/Los_Angeles' where id = 2`) // still Sunday there
	_, err := w.ops.RecordSales(as(access.Integrator), []forecasting.SaleDraft{sale("MR-000001", "W2", today, 7)})
	var batch *forecasting.BatchError
	if !errors.As(err, &batch) || len(batch.Faults) != 1 || batch.Faults[0].Problem != catalog.OutOfRange {
		t.Errorf("tomorrow's sales: %v", err)
	}
}
