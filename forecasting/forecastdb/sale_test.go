package forecastdb

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

var day0 = calendar.Date(2026, 1, 5)

// house fills the catalog with three categories, six SKUs and three sites.
func house(t testing.TB, q pgdb.Querier) {
	t.Helper()
	for _, sql := range []string{
		`insert into catalog.category (code, name_zh) values ('a', '甲'), ('b', '乙'), ('c', '丙')`,
		`insert into catalog.sku (code, name_zh, category_id) select 'S' || g, '品' || g, 1 + g % 2 from generate_series(1, 6) g`,
		`insert into catalog.site (code, name_zh, tier, lat, lon) select 'W' || g, '仓' || g, 'front', 30, 120 from generate_series(1, 3) g`,
	} {
		if _, err := q.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

func rows(list []forecasting.Sale) func(func(forecasting.Sale, error) bool) {
	return func(yield func(forecasting.Sale, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

type saleRow struct {
	forecasting.Key
	Day calendar.Day
}

// TestMergeSales: batches of any kind, with repetitions within and between them, leave what a map would hold, the counts
// tell what happened, and the sums kept beside the sales are theirs.
func TestMergeSales(t *testing.T) {
	tx := dbtest.Tx(t)
	ctx := context.Background()
	house(t, tx)
	rapid.Check(t, func(t *rapid.T) {
		sub, err := tx.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Rollback(ctx)
		model := map[saleRow]forecasting.Sale{}
		for range rapid.IntRange(1, 4).Draw(t, "batches") {
			batch := rapid.SliceOfN(rapid.Custom(drawSale), 0, 40).Draw(t, "batch")
			var want forecasting.Merged
			last := map[saleRow]forecasting.Sale{}
			for _, s := range batch {
				last[saleRow{s.Key, s.Day}] = s
			}
			for k, s := range last {
				switch old, ok := model[k]; {
				case !ok:
					want.Inserted++
				case old != s:
					want.Changed++
				}
				model[k] = s
			}
			want.Unchanged = len(batch) - want.Inserted - want.Changed
			if got, err := MergeSales(ctx, sub, rows(batch)); err != nil || got != want {
				t.Fatalf("merged %+v, want %+v, %v", got, want, err)
			}
		}
		checkSales(t, sub, model)
		checkTotals(t, sub)
	})
}

func drawSale(t *rapid.T) forecasting.Sale {
	return forecasting.Sale{
		Key:     forecasting.Key{SKU: catalog.SKUID(rapid.IntRange(1, 6).Draw(t, "sku")), Site: catalog.SiteID(rapid.IntRange(1, 3).Draw(t, "site"))},
		Day:     day0.AddDays(rapid.IntRange(0, 4).Draw(t, "day")),
		Pieces:  quantity.Pieces(rapid.IntRange(-3, 20).Draw(t, "pieces")),
		Price:   money.Fen(rapid.SampledFrom([]int64{0, 1280, 2990}).Draw(t, "price")),
		PromoBP: rapid.SampledFrom([]int{0, 2000}).Draw(t, "promo"), SoldOut: rapid.Bool().Draw(t, "out"),
	}
}

func checkSales(t *rapid.T, q pgdb.Querier, model map[saleRow]forecasting.Sale) {
	res, err := q.Query(context.Background(), `select sku_id, site_id, day, pieces, coalesce(price_fen, 0), promo_bp, sold_out from forecast.sale`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var s forecasting.Sale
	_, err = pgx.ForEachRow(res, []any{&s.SKU, &s.Site, &s.Day, &s.Pieces, &s.Price, &s.PromoBP, &s.SoldOut}, func() error {
		n++
		if model[saleRow{s.Key, s.Day}] != s {
			return fmt.Errorf("%+v is stored, %+v is right", s, model[saleRow{s.Key, s.Day}])
		}
		return nil
	})
	if err != nil || n != len(model) {
		t.Fatalf("%d rows of %d: %v", n, len(model), err)
	}
}

// checkTotals fails unless every sum is that of the sales, and series and reported days are theirs.
func checkTotals(t interface{ Fatalf(string, ...any) }, q pgdb.Querier) {
	for name, sql := range map[string]string{
		"totals": `with want as (
				select s.day, s.site_id, r.category_id, sum(s.pieces)::bigint as pieces, sum(s.pieces * coalesce(s.price_fen, 0))::bigint as revenue,
					coalesce(sum(s.pieces) filter (where s.price_fen is null), 0)::bigint as unpriced, count(*)::int as n, sum(s.sold_out::int)::int as o
				from forecast.sale s join forecast.series r using (sku_id, site_id) group by 1, 2, 3),
			got as (select day, site_id, category_id, pieces, revenue_fen, unpriced_pieces, sale_rows, sold_out_rows from forecast.sale_total
				where (pieces, revenue_fen, unpriced_pieces, sale_rows, sold_out_rows) <> (0, 0, 0, 0, 0))
			select count(*) from ((select * from want except select * from got) union all (select * from got except
				select * from want where (pieces, revenue, unpriced, n, o) <> (0, 0, 0, 0, 0))) x`,
		"series": `with want as (select sku_id, site_id, min(day) as a, max(day) as b from forecast.sale group by 1, 2),
			got as (select sku_id, site_id, first_day, last_day from forecast.series)
			select count(*) from ((select * from want except select * from got) union all (select * from got except select * from want)) x`,
		"days": `with want as (select site_id, day, count(*)::int from forecast.sale group by 1, 2),
			got as (select site_id, day, sale_rows from forecast.site_day)
			select count(*) from ((select * from want except select * from got) union all (select * from got except select * from want)) x`,
	} {
		var wrong int
		if err := q.QueryRow(context.Background(), sql).Scan(&wrong); err != nil || wrong != 0 {
			t.Fatalf("%s: %d differences, %v", name, wrong, err)
		}
	}
}

// TestRecategorise: a SKU that moves to another category takes its sums along.
func TestRecategorise(t *testing.T) {
	tx := dbtest.Tx(t)
	ctx := context.Background()
	house(t, tx)
	var list []forecasting.Sale
	for sku := range 6 {
		for day := range 5 {
			list = append(list, forecasting.Sale{
				Key: forecasting.Key{SKU: catalog.SKUID(sku + 1), Site: 1}, Day: day0.AddDays(day), Pieces: quantity.Pieces(sku + day), Price: 100,
			})
		}
	}
	if _, err := MergeSales(ctx, tx, rows(list)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `update catalog.sku set category_id = 3 where id in (2, 5)`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Recategorise(ctx, tx); err != nil {
			t.Fatal(err)
		}
		checkTotals(t, tx)
		days, err := DayTotals(ctx, tx, day0, day0.AddDays(1), nil, []catalog.CategoryID{3})
		if err != nil || len(days) != 1 || days[0].Pieces != 5 || days[0].RevenueFen != 500 {
			t.Errorf("%+v, %v", days, err)
		}
	}
	// What comes in later goes to the new category too.
	if _, err := MergeSales(ctx, tx, rows(list)); err != nil {
		t.Fatal(err)
	}
	checkTotals(t, tx)
}

// TestUnknownSKU: the database itself refuses sales of what is not in the catalog.
func TestUnknownSKU(t *testing.T) {
	tx := dbtest.Tx(t)
	house(t, tx)
	_, err := MergeSales(context.Background(), tx, rows([]forecasting.Sale{{Key: forecasting.Key{SKU: 77, Site: 1}, Day: day0, Pieces: 1}}))
	if err == nil {
		t.Error("sales of an unknown SKU were taken")
	}
}

// TestHistories: series are dense from the launch or the first sale on; a day without a row is 0 where the site has
// reported, and unknown where a busy site was silent or has not reported yet.
func TestHistories(t *testing.T) {
	tx := dbtest.Tx(t)
	ctx := context.Background()
	house(t, tx)
	if _, err := tx.Exec(ctx, `update catalog.sku set launched = $1 where id = 2`, day0.AddDays(10)); err != nil {
		t.Fatal(err)
	}
	var list []forecasting.Sale
	put := func(sku catalog.SKUID, site catalog.SiteID, day int, pieces int) {
		list = append(list, forecasting.Sale{Key: forecasting.Key{SKU: sku, Site: site}, Day: day0.AddDays(day), Pieces: quantity.Pieces(pieces), Price: 250, PromoBP: 1500})
	}
	// Site 1 is busy: all SKUs but 2 every day, but for its closing on days 20 to 22, and up to day 28.
	for day := range 29 {
		if day >= 20 && day <= 22 {
			continue
		}
		for _, sku := range []catalog.SKUID{1, 3, 4, 5, 6} {
			put(sku, 1, day, 5)
		}
	}
	put(2, 1, 14, 3)
	put(2, 1, 16, 4)
	// Site 2 sells one SKU now and then: its silence means nothing.
	put(1, 2, 3, 1)
	put(1, 2, 9, 2)
	if _, err := MergeSales(ctx, tx, rows(list)); err != nil {
		t.Fatal(err)
	}
	span := Span{From: 1, To: 2, Origin: day0.AddDays(30)}
	got := histories(t, tx, span)
	if len(got) != 3 {
		t.Fatalf("%d series", len(got))
	}
	busy, rare, slow := got[0], got[2], got[1]
	if busy.Start != day0 || busy.Len() != 30 || busy.Sales[19] != 5 || !math.IsNaN(busy.Sales[20]) || !math.IsNaN(busy.Sales[22]) || busy.Sales[23] != 5 ||
		busy.Sales[28] != 5 || !math.IsNaN(busy.Sales[29]) {
		t.Errorf("busy site: %v", busy.Sales)
	}
	if busy.SoldOut != nil || busy.Promo[0] != 0.15 || busy.Price[0] != 2.5 || !math.IsNaN(busy.Price[20]) {
		t.Errorf("columns: %v %v %v", busy.SoldOut, busy.Promo, busy.Price)
	}
	if slow.Start != day0.AddDays(3) || slow.Sales[0] != 1 || slow.Sales[1] != 0 || slow.Sales[6] != 2 || slow.Sales[20] != 0 || !math.IsNaN(slow.Sales[26]) {
		t.Errorf("slow site: start %s, %v", slow.Start, slow.Sales)
	}
	if rare.Key != (forecasting.Key{SKU: 2, Site: 1}) || rare.Start != day0.AddDays(10) || rare.Sales[0] != 0 || rare.Sales[4] != 3 || rare.Sales[6] != 4 {
		t.Errorf("launched: %s from %s, %v", rare.Key, rare.Start, rare.Sales)
	}
	byList := histories(t, tx, Span{SKUs: []catalog.SKUID{2}, Origin: span.Origin})
	if len(byList) != 1 || byList[0].Key != rare.Key || !slices.EqualFunc(byList[0].Sales, rare.Sales, same) {
		t.Errorf("by list: %+v", byList)
	}
	early := histories(t, tx, Span{From: 1, To: 1, Origin: day0.AddDays(5)})
	if len(early) != 2 || early[0].Len() != 5 || early[1].Len() != 2 {
		t.Errorf("an earlier origin: %+v", early)
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func histories(t *testing.T, q pgdb.Querier, span Span) []forecasting.Series {
	t.Helper()
	members, err := Members(context.Background(), q, span)
	if err != nil {
		t.Fatal(err)
	}
	known, err := LoadReported(context.Background(), q, span.Origin.AddDays(-HistoryDays), nil)
	if err != nil {
		t.Fatal(err)
	}
	known.Cut(func(string) calendar.Day { return span.Origin })
	var list []forecasting.Series
	for s, err := range Histories(context.Background(), q, span, members, known) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// TestDayOfASite: what a site has sold of a day that is not over there is not known yet.
func TestDayOfASite(t *testing.T) {
	tx := dbtest.Tx(t)
	house(t, tx)
	var list []forecasting.Sale
	for day := range 10 {
		for sku := range 6 {
			list = append(list, forecasting.Sale{Key: forecasting.Key{SKU: catalog.SKUID(sku + 1), Site: 1}, Day: day0.AddDays(day), Pieces: 5})
		}
	}
	if _, err := MergeSales(context.Background(), tx, rows(list)); err != nil {
		t.Fatal(err)
	}
	known, err := LoadReported(context.Background(), tx, day0, nil)
	if err != nil {
		t.Fatal(err)
	}
	known.Cut(func(string) calendar.Day { return day0.AddDays(9) })
	members := map[catalog.SKUID]Member{}
	for s, err := range Histories(context.Background(), tx, Span{From: 1, To: 1, Origin: day0.AddDays(10)}, members, known) {
		if err != nil || s.Sales[8] != 5 || !math.IsNaN(s.Sales[9]) {
			t.Errorf("%v, %v", s.Sales, err)
		}
	}
}

// TestClosedWeekday: silence on the day of the week on which a busy site always is silent means nothing sold; a silent week is a
// missing delivery.
func TestClosedWeekday(t *testing.T) {
	tx := dbtest.Tx(t)
	house(t, tx)
	const days = 84
	gap := func(day int) bool { return day >= 40 && day < 50 }
	closed := func(day int) bool { return day0.AddDays(day).Weekday() == time.Saturday && day != 33 }
	var list []forecasting.Sale
	for day := range days {
		if gap(day) || closed(day) {
			continue
		}
		for sku := range 6 {
			list = append(list, forecasting.Sale{Key: forecasting.Key{SKU: catalog.SKUID(sku + 1), Site: 1}, Day: day0.AddDays(day), Pieces: 5})
		}
	}
	if _, err := MergeSales(context.Background(), tx, rows(list)); err != nil {
		t.Fatal(err)
	}
	known, err := LoadReported(context.Background(), tx, day0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for day := range days {
		got := known.Known(1, day0.AddDays(day))
		if want := closed(day) || !gap(day); got != want {
			t.Errorf("%s, a %s: known is %v", day0.AddDays(day), day0.AddDays(day).Weekday(), got)
		}
	}
}
