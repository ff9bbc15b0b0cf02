package forecastdb

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/pgdb"
)

var fillColumns = []string{"sku_id", "site_id", "day", "pieces", "price_fen", "promo_bp", "sold_out", "sold_out_minutes"}

const (
	sqlFillSeries = `insert into forecast.series (sku_id, site_id, category_id, first_day, last_day)
		select s.sku_id, s.site_id, k.category_id, min(s.day), max(s.day) from forecast.sale s join catalog.sku k on k.id = s.sku_id group by 1, 2, 3`
	sqlFillDays   = `insert into forecast.site_day (site_id, day, sale_rows) select site_id, day, count(*) from forecast.sale group by 1, 2`
	sqlFillTotals = `insert into forecast.sale_total (day, site_id, category_id, pieces, revenue_fen, unpriced_pieces, sale_rows, sold_out_rows)
		select s.day, s.site_id, k.category_id, sum(s.pieces), sum(s.pieces * coalesce(s.price_fen, 0)),
			coalesce(sum(s.pieces) filter (where s.price_fen is null), 0), count(*), sum(s.sold_out::int)
		from forecast.sale s join catalog.sku k on k.id = s.sku_id group by 1, 2, 3`
)

// FillSales loads the whole history of a house that has none, each SKU, site and day once, by COPY and without comparing anything:
// some ten times as fast as MergeSales. q must be a transaction.
func FillSales(ctx context.Context, q pgdb.Querier, rows iter.Seq2[forecasting.Sale, error]) (int64, error) {
	source := newSaleSource(rows)
	defer source.stop()
	source.values = []any{&source.sku, &source.site, &source.day, &source.pieces, &source.price, &source.promo, &source.out, &source.hours}
	n, err := q.CopyFrom(ctx, pgx.Identifier{"forecast", "sale"}, fillColumns, source)
	if err != nil {
		return 0, fmt.Errorf("fill sales: %w", err)
	}
	for _, sql := range []string{sqlFillSeries, sqlFillDays, sqlFillTotals} {
		if _, err := q.Exec(ctx, sql); err != nil {
			return 0, fmt.Errorf("fill sales: %w", err)
		}
	}
	return n, nil
}
