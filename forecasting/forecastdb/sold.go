package forecastdb

import (
	"context"
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

const sqlSold = `select coalesce(sum(pieces), 0)::bigint from forecast.sale where sku_id = $1 and day between $2 and $3`

// Sold gives the pieces of a SKU that were sold at all sites from a day to a day, both included.
func Sold(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, from, to calendar.Day) (n quantity.Pieces, err error) {
	if err := q.QueryRow(ctx, sqlSold, int32(sku), from, to).Scan(&n); err != nil {
		return 0, fmt.Errorf("forecastdb: sold: %w", err)
	}
	return n, nil
}
