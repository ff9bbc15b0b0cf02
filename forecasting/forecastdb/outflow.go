package forecastdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
)

const sqlNewOutflow = `insert into forecast.outflow (source, at) select distinct s, $2::timestamptz from unnest($1::text[]) as s order by 1 on conflict do nothing returning source`

// NewOutflow notes shipments and returns, and gives those that had not been counted.
func NewOutflow(ctx context.Context, tx pgx.Tx, sources []string, at time.Time) (map[string]bool, error) {
	rows, err := tx.Query(ctx, sqlNewOutflow, sources, at)
	if err != nil {
		return nil, fmt.Errorf("note the outflow: %w", err)
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("note the outflow: %w", err)
	}
	out := make(map[string]bool, len(fresh))
	for _, s := range fresh {
		out[s] = true
	}
	return out, nil
}

const sqlSalesAt = `select s.sku_id, s.site_id, (s.day - date '1970-01-01')::int, s.pieces, coalesce(s.price_fen, 0), s.promo_bp, s.sold_out, coalesce(s.sold_out_minutes, 0)
	from forecast.sale s join unnest($1::int[], $2::int[], $3::date[]) as k (sku, site, day) on (s.sku_id, s.site_id, s.day) = (k.sku, k.site, k.day)`

// SalesAt gives the sales that are stored under the keys, under the lock that merges of sales take: they stay so until the end of
// the transaction.
func SalesAt(ctx context.Context, tx pgx.Tx, keys []forecasting.Sale) ([]forecasting.Sale, error) {
	if _, err := tx.Exec(ctx, sqlMergeLock, mergeLock); err != nil {
		return nil, fmt.Errorf("sales under keys: %w", err)
	}
	return salesAt(ctx, tx, keys)
}

func salesAt(ctx context.Context, q pgdb.Querier, keys []forecasting.Sale) ([]forecasting.Sale, error) {
	skus, sites, days := make([]int32, len(keys)), make([]int32, len(keys)), make([]time.Time, len(keys))
	for i, k := range keys {
		skus[i], sites[i], days[i] = int32(k.SKU), int32(k.Site), k.Day.Time()
	}
	rows, err := q.Query(ctx, sqlSalesAt, skus, sites, days)
	if err != nil {
		return nil, fmt.Errorf("sales under keys: %w", err)
	}
	var out []forecasting.Sale
	var s forecasting.Sale
	var day int32
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&s.SKU), (*int32)(&s.Site), &day, (*int64)(&s.Pieces), (*int64)(&s.Price), &s.PromoBP, &s.SoldOut, &s.OutMinutes}, func() error {
		s.Day = calendar.Day(day)
		out = append(out, s)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("sales under keys: %w", err)
	}
	return out, nil
}
