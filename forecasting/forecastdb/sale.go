package forecastdb

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"milkrun/forecasting"
	"milkrun/internal/pgdb"
)

// mergeLock is the advisory lock under which sales are merged: two merges that touch the same rows would otherwise
// both take the old state for the base of the sums.
const mergeLock = 7_246_101

const sqlMergeLock = `select pg_advisory_xact_lock($1)`

const sqlSaleStage = `create temp table if not exists sale_stage (
	price_fen bigint, ord int, sku_id int, site_id int, day date, pieces int, promo_bp smallint, sold_out boolean, sold_out_minutes smallint) on commit drop`

const sqlSaleStageClear = `truncate sale_stage`

const sqlSaleStageAnalyze = `analyze sale_stage`

const sqlSeriesMerge = `insert into forecast.series as old (sku_id, site_id, category_id, first_day, last_day)
	select n.sku_id, n.site_id, k.category_id, n.first_day, n.last_day
	from (select sku_id, site_id, min(day) as first_day, max(day) as last_day from sale_stage group by 1, 2) n
	left join catalog.sku k on k.id = n.sku_id
	order by 1, 2
	on conflict (sku_id, site_id) do update
	set first_day = least(old.first_day, excluded.first_day), last_day = greatest(old.last_day, excluded.last_day)
	where old.first_day > excluded.first_day or old.last_day < excluded.last_day`

// The sums move by the difference of new and old. Of several rows with the same key the last one counts.
const sqlSaleMerge = `with fresh as (
		select distinct on (sku_id, site_id, day) * from sale_stage order by sku_id, site_id, day, ord desc),
	diff as materialized (
		select n.*, o.sku_id is null as added, coalesce(o.pieces, 0) as old_pieces, o.price_fen as old_price, coalesce(o.sold_out, false) as old_out
		from fresh n left join forecast.sale o using (sku_id, site_id, day)
		where o.sku_id is null or (o.pieces, o.promo_bp, o.sold_out) <> (n.pieces, n.promo_bp, n.sold_out)
			or o.price_fen is distinct from n.price_fen or o.sold_out_minutes is distinct from n.sold_out_minutes),
	ins as (
		insert into forecast.sale (sku_id, site_id, day, pieces, price_fen, promo_bp, sold_out, sold_out_minutes)
		select sku_id, site_id, day, pieces, price_fen, promo_bp, sold_out, sold_out_minutes from diff where added),
	upd as (
		update forecast.sale s set pieces = d.pieces, price_fen = d.price_fen, promo_bp = d.promo_bp, sold_out = d.sold_out, sold_out_minutes = d.sold_out_minutes
		from diff d where not d.added and (s.sku_id, s.site_id, s.day) = (d.sku_id, d.site_id, d.day)),
	total as (
		insert into forecast.sale_total as t (day, site_id, category_id, pieces, revenue_fen, unpriced_pieces, sale_rows, sold_out_rows)
		select d.day, d.site_id, r.category_id, sum(d.pieces - d.old_pieces),
			sum(d.pieces * coalesce(d.price_fen, 0) - d.old_pieces * coalesce(d.old_price, 0)),
			coalesce(sum(d.pieces) filter (where d.price_fen is null), 0) - coalesce(sum(d.old_pieces) filter (where d.old_price is null), 0),
			count(*) filter (where d.added), sum(d.sold_out::int - d.old_out::int)
		from diff d join forecast.series r using (sku_id, site_id)
		group by 1, 2, 3 order by 1, 2, 3
		on conflict (day, site_id, category_id) do update set pieces = t.pieces + excluded.pieces,
			revenue_fen = t.revenue_fen + excluded.revenue_fen, unpriced_pieces = t.unpriced_pieces + excluded.unpriced_pieces,
			sale_rows = t.sale_rows + excluded.sale_rows, sold_out_rows = t.sold_out_rows + excluded.sold_out_rows),
	days as (
		insert into forecast.site_day as t (site_id, day, sale_rows)
		select site_id, day, count(*) from diff where added group by 1, 2 order by 1, 2
		on conflict (site_id, day) do update set sale_rows = t.sale_rows + excluded.sale_rows)
	select count(*) filter (where added)::int as inserted, count(*) filter (where not added)::int as changed from diff`

// MergeSales records rows of any number, set-based: new ones are inserted, those that differ are changed, the rest stays
// untouched; so the same rows twice change nothing. Of several rows for one SKU, site and day the last one counts, and
// the others count as unchanged. q must be a transaction. An unknown SKU or site breaks a constraint.
func MergeSales(ctx context.Context, q pgdb.Querier, rows iter.Seq2[forecasting.Sale, error]) (forecasting.Merged, error) {
	var m forecasting.Merged
	for _, sql := range []string{sqlSaleStage, sqlSaleStageClear} {
		if _, err := q.Exec(ctx, sql); err != nil {
			return m, fmt.Errorf("merge sales: %w", err)
		}
	}
	source := newSaleSource(rows)
	defer source.stop()
	n, err := q.CopyFrom(ctx, pgx.Identifier{"sale_stage"}, saleColumns, source)
	if err != nil {
		return m, fmt.Errorf("merge sales: copy: %w", err)
	}
	if n == 0 {
		return m, nil
	}
	if _, err := q.Exec(ctx, sqlSaleStageAnalyze); err != nil {
		return m, fmt.Errorf("merge sales: %w", err)
	}
	if _, err := q.Exec(ctx, sqlMergeLock, mergeLock); err != nil {
		return m, fmt.Errorf("merge sales: %w", err)
	}
	if _, err := q.Exec(ctx, sqlSeriesMerge); err != nil {
		return m, fmt.Errorf("merge sales: series: %w", err)
	}
	if err := q.QueryRow(ctx, sqlSaleMerge).Scan(&m.Inserted, &m.Changed); err != nil {
		return m, fmt.Errorf("merge sales: %w", err)
	}
	m.Unchanged = int(n) - m.Inserted - m.Changed
	return m, nil
}

var saleColumns = []string{"ord", "sku_id", "site_id", "day", "pieces", "price_fen", "promo_bp", "sold_out", "sold_out_minutes"}

// saleSource feeds COPY from an iterator without an allocation a row beyond those of the encoder.
type saleSource struct {
	next   func() (forecasting.Sale, error, bool)
	stop   func()
	ord    pgtype.Int4
	sku    pgtype.Int4
	site   pgtype.Int4
	day    pgtype.Date
	pieces pgtype.Int4
	price  pgtype.Int8
	promo  pgtype.Int2
	out    pgtype.Bool
	hours  pgtype.Int2
	values []any
	err    error
}

func newSaleSource(rows iter.Seq2[forecasting.Sale, error]) *saleSource {
	s := &saleSource{}
	s.next, s.stop = iter.Pull2(rows)
	s.values = []any{&s.ord, &s.sku, &s.site, &s.day, &s.pieces, &s.price, &s.promo, &s.out, &s.hours}
	s.ord.Valid, s.sku.Valid, s.site.Valid, s.day.Valid = true, true, true, true
	s.pieces.Valid, s.promo.Valid, s.out.Valid = true, true, true
	return s
}

func (s *saleSource) Next() bool {
	v, err, ok := s.next()
	if !ok || err != nil {
		s.err = err
		return false
	}
	s.ord.Int32++
	s.sku.Int32, s.site.Int32, s.day.Time = int32(v.SKU), int32(v.Site), v.Day.Time()
	s.pieces.Int32, s.promo.Int16, s.out.Bool = int32(v.Pieces), int16(v.PromoBP), v.SoldOut
	s.hours.Int16, s.hours.Valid = int16(v.OutMinutes), v.OutMinutes > 0
	s.price.Int64, s.price.Valid = int64(v.Price), v.Price != 0
	return true
}

func (s *saleSource) Values() ([]any, error) { return s.values, nil }

func (s *saleSource) Err() error { return s.err }
