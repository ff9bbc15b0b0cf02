package forecastdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// TotalKey names a sum: a site and a category at the top of the tree.
type TotalKey struct {
	Site     catalog.SiteID
	Category catalog.CategoryID
}

// Totals are the sums of forecasts by site and top category.
type Totals map[TotalKey]*forecasting.Band

// Add adds a forecast to its sum, or with sign −1 takes it out.
func (t Totals) Add(f forecasting.Forecast, top catalog.CategoryID, sign float64) {
	t.at(f.Site, top).Add(f, sign)
}

// AddResult adds a result as a shard has computed it, with its history that reconciliation asks for.
func (t Totals) AddResult(r Result, s forecasting.Series) {
	b := t.at(r.Site, r.Top)
	b.Add(r.Forecast, 1)
	sold := 0.0
	for _, v := range s.Sales {
		if v > 0 {
			sold += v
		}
	}
	b.AddPast(r.Forecast, sold, r.Heat, 1)
}

func (t Totals) at(site catalog.SiteID, top catalog.CategoryID) *forecasting.Band {
	k := TotalKey{Site: site, Category: top}
	if t[k] == nil {
		t[k] = &forecasting.Band{}
	}
	return t[k]
}

const sqlTops = `with recursive tree (id, top) as (
		select id, id from catalog.category where parent_id is null
		union all select c.id, t.top from catalog.category c join tree t on c.parent_id = t.id)
	select id, top from tree`

// Tops gives for each category the category at the top of its branch.
func Tops(ctx context.Context, q pgdb.Querier) (map[catalog.CategoryID]catalog.CategoryID, error) {
	rows, err := q.Query(ctx, sqlTops)
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	tops := map[catalog.CategoryID]catalog.CategoryID{}
	var id, top catalog.CategoryID
	if _, err := pgx.ForEachRow(rows, []any{&id, &top}, func() error { tops[id] = top; return nil }); err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	return tops, nil
}

// runTotal is the number under which the sums of a whole run stand beside those of its shards.
const runTotal = -1

const sqlTotalsClear = `delete from forecast.shard_total where run_id = $1 and no = $2`

var totalColumns = []string{"run_id", "no", "site_id", "category_id", "series", "mean", "low", "low2", "high", "high2", "sold", "hidden", "calm"}

// SaveTotals replaces the sums of the shard. q must be a transaction.
func (s Shard) SaveTotals(ctx context.Context, q pgdb.Querier, t Totals) error {
	return saveTotals(ctx, q, s.Run, s.No, t)
}

func saveTotals(ctx context.Context, q pgdb.Querier, run int64, no int, t Totals) error {
	if _, err := q.Exec(ctx, sqlTotalsClear, run, no); err != nil {
		return fmt.Errorf("sums of run %d: %w", run, err)
	}
	keys := make([]TotalKey, 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	rows := pgx.CopyFromSlice(len(keys), func(i int) ([]any, error) {
		k := keys[i]
		b := t[k]
		return []any{run, int32(no), int32(k.Site), int32(k.Category), int32(b.Series), b.Mean, b.Low, b.Low2, b.High, b.High2, b.Sold, b.Hidden, calm(b.Calm)}, nil
	})
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"forecast", "shard_total"}, totalColumns, rows); err != nil {
		return fmt.Errorf("sums of run %d: %w", run, err)
	}
	return nil
}

func calm(v []float64) []float64 {
	if v == nil {
		return []float64{}
	}
	return v
}

const sqlTotals = `select no, site_id, category_id, series, mean, low, low2, high, high2, sold, hidden, calm from forecast.shard_total
	where run_id = $1 and (no = -1) = $2 and ($3::int[] is null or site_id = any($3)) and ($4::int = 0 or category_id = $4)`

// sumTotals adds up the sums that the query selects, key giving where each row is added to.
func sumTotals(ctx context.Context, q pgdb.Querier, key func(TotalKey) TotalKey, args ...any) (Totals, error) {
	rows, err := q.Query(ctx, sqlTotals, args...)
	if err != nil {
		return nil, fmt.Errorf("sums: %w", err)
	}
	t := Totals{}
	var no int
	var k TotalKey
	var b forecasting.Band
	_, err = pgx.ForEachRow(rows, []any{&no, &k.Site, &k.Category, &b.Series, &b.Mean, &b.Low, &b.Low2, &b.High, &b.High2, &b.Sold, &b.Hidden, &b.Calm}, func() error {
		to := key(k)
		if t[to] == nil {
			t[to] = &forecasting.Band{}
		}
		t[to].Merge(b)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sums: %w", err)
	}
	return t, nil
}

const sqlTotalsShards = `delete from forecast.shard_total where run_id = $1 and no >= 0`

// ShardTotals gives the sums of the shards of a run, before they are reconciled.
func ShardTotals(ctx context.Context, q pgdb.Querier, run int64) (Totals, error) {
	t, err := sumTotals(ctx, q, func(k TotalKey) TotalKey { return k }, run, false, nil, 0)
	if err != nil {
		return nil, fmt.Errorf("run %d: %w", run, err)
	}
	return t, nil
}

// SumTotals adds the sums of the shards up to those of the run, multiplied by the lifts, and drops the former. q must be a
// transaction.
func SumTotals(ctx context.Context, q pgdb.Querier, run int64, lifts Lifts) error {
	t, err := ShardTotals(ctx, q, run)
	if err != nil {
		return err
	}
	for k, b := range t {
		b.Lift(lifts[k].Factor)
	}
	if err := saveTotals(ctx, q, run, runTotal, t); err != nil {
		return err
	}
	if _, err := q.Exec(ctx, sqlTotalsShards, run); err != nil {
		return fmt.Errorf("sums of run %d: %w", run, err)
	}
	return nil
}

// MoveTotals adds the differences that a refresh of some SKUs made to the sums of the run. q must be a transaction.
func MoveTotals(ctx context.Context, q pgdb.Querier, run int64, by Totals) error {
	t, err := sumTotals(ctx, q, func(k TotalKey) TotalKey { return k }, run, true, nil, 0)
	if err != nil {
		return fmt.Errorf("run %d: %w", run, err)
	}
	for k, b := range by {
		if t[k] == nil {
			t[k] = &forecasting.Band{}
		}
		t[k].Merge(*b)
	}
	return saveTotals(ctx, q, run, runTotal, t)
}

// RunBand gives the sum of a run over sites (nil for all) and a top category (0 for all).
func RunBand(ctx context.Context, q pgdb.Querier, run int64, sites []catalog.SiteID, top catalog.CategoryID) (forecasting.Band, error) {
	t, err := sumTotals(ctx, q, func(TotalKey) TotalKey { return TotalKey{} }, run, true, sites, top)
	if err != nil {
		return forecasting.Band{}, fmt.Errorf("run %d: %w", run, err)
	}
	if b := t[TotalKey{}]; b != nil {
		return *b, nil
	}
	return forecasting.Band{}, nil
}

// DayTotal is what was sold on one day.
type DayTotal struct {
	Day            calendar.Day
	Pieces         int64
	RevenueFen     int64
	UnpricedPieces int64 // sold at a price not known: not in the revenue
	SaleRows       int64
	SoldOutRows    int64
}

const sqlDayTotals = `select day, sum(pieces)::bigint as pieces, sum(revenue_fen)::bigint as revenue_fen,
		sum(unpriced_pieces)::bigint as unpriced_pieces, sum(sale_rows)::bigint as sale_rows, sum(sold_out_rows)::bigint as sold_out_rows
	from forecast.sale_total where day >= $1 and day < $2
		and ($3::int[] is null or site_id = any($3)) and ($4::int[] is null or category_id = any($4))
	group by day order by day`

// DayTotals gives the sales of each day with any from a day up to but without another, over sites and categories (nil
// for all), by day.
func DayTotals(ctx context.Context, q pgdb.Querier, from, to calendar.Day, sites []catalog.SiteID, categories []catalog.CategoryID) ([]DayTotal, error) {
	rows, err := q.Query(ctx, sqlDayTotals, from, to, sites, categories)
	if err != nil {
		return nil, fmt.Errorf("sales by day: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[DayTotal])
	if err != nil {
		return nil, fmt.Errorf("sales by day: %w", err)
	}
	return list, nil
}

const sqlBelow = `with recursive tree (id) as (
		select $1::int union all select c.id from catalog.category c join tree t on c.parent_id = t.id)
	select id from tree order by 1`

// Below gives a category and all below it, by id.
func Below(ctx context.Context, q pgdb.Querier, category catalog.CategoryID) ([]catalog.CategoryID, error) {
	rows, err := q.Query(ctx, sqlBelow, category)
	if err != nil {
		return nil, fmt.Errorf("categories below %d: %w", category, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.CategoryID])
	if err != nil {
		return nil, fmt.Errorf("categories below %d: %w", category, err)
	}
	return list, nil
}

const sqlRecategorise = `with moved as (
		select r.sku_id, r.site_id, r.category_id as old, k.category_id as new
		from forecast.series r join catalog.sku k on k.id = r.sku_id where r.category_id <> k.category_id),
	sums as (
		select s.day, s.site_id, m.old, m.new, sum(s.pieces) as pieces, sum(s.pieces * coalesce(s.price_fen, 0)) as revenue,
			coalesce(sum(s.pieces) filter (where s.price_fen is null), 0) as unpriced, count(*) as n, sum(s.sold_out::int) as out
		from moved m join forecast.sale s using (sku_id, site_id) group by 1, 2, 3, 4),
	both_ways as (
		select day, site_id, new as category_id, pieces, revenue, unpriced, n, out from sums
		union all select day, site_id, old, -pieces, -revenue, -unpriced, -n, -out from sums),
	total as (
		insert into forecast.sale_total as t (day, site_id, category_id, pieces, revenue_fen, unpriced_pieces, sale_rows, sold_out_rows)
		select day, site_id, category_id, sum(pieces), sum(revenue), sum(unpriced), sum(n), sum(out) from both_ways group by 1, 2, 3 order by 1, 2, 3
		on conflict (day, site_id, category_id) do update set pieces = t.pieces + excluded.pieces,
			revenue_fen = t.revenue_fen + excluded.revenue_fen, unpriced_pieces = t.unpriced_pieces + excluded.unpriced_pieces,
			sale_rows = t.sale_rows + excluded.sale_rows, sold_out_rows = t.sold_out_rows + excluded.sold_out_rows)
	update forecast.series r set category_id = m.new from moved m where (r.sku_id, r.site_id) = (m.sku_id, m.site_id)`

// Recategorise moves the sums of sales of SKUs that have changed their category since. q must be a transaction.
func Recategorise(ctx context.Context, q pgdb.Querier) error {
	if _, err := q.Exec(ctx, sqlMergeLock, mergeLock); err != nil {
		return fmt.Errorf("recategorise: %w", err)
	}
	if _, err := q.Exec(ctx, sqlRecategorise); err != nil {
		return fmt.Errorf("recategorise: %w", err)
	}
	return nil
}

// TopTotal is a top category with what is expected of it.
type TopTotal struct {
	ID     catalog.CategoryID
	Code   string
	NameZH string
	NameEN string
	Sum28  float64 // pieces expected over the first 28 days
}

const sqlTopTotals = `select t.category_id as id, c.code, c.name_zh, c.name_en,
		sum((select coalesce(sum(v), 0) from unnest(t.mean[1:28]) v))::float8 as sum28
	from forecast.shard_total t join catalog.category c on c.id = t.category_id
	where t.run_id = $1 and t.no = -1 and ($2::int[] is null or t.site_id = any($2)) group by 1, 2, 3, 4 order by 5 desc, 1`

// TopTotals gives the top categories of a run over sites (nil for all), the largest first.
func TopTotals(ctx context.Context, q pgdb.Querier, run int64, sites []catalog.SiteID) ([]TopTotal, error) {
	rows, err := q.Query(ctx, sqlTopTotals, run, sites)
	if err != nil {
		return nil, fmt.Errorf("categories of run %d: %w", run, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[TopTotal])
	if err != nil {
		return nil, fmt.Errorf("categories of run %d: %w", run, err)
	}
	return list, nil
}
