package warehousedb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// nearExpiry is warehouse.NearExpiryDays in SQL.
const nearExpiry = ` (case when s.shelf_life_days >= 365 then 45 when s.shelf_life_days >= 180 then 20 when s.shelf_life_days >= 90 then 15
	when s.shelf_life_days >= 30 then 10 when s.shelf_life_days >= 16 then 5 else 1 end)`

const sqlStock = `select p.sku_id, p.site_id,
		coalesce(sum(p.on_hand) filter (where p.status = 'available'), 0)::bigint,
		coalesce(sum(p.reserved) filter (where p.status = 'available'), 0)::bigint,
		coalesce(sum(p.on_hand) filter (where p.status in ('held','damaged','recalled','returned')), 0)::bigint,
		coalesce(sum(p.on_hand) filter (where p.status = 'available' and l.expiry < $2::date +` + nearExpiry + `), 0)::bigint,
		min(l.expiry) filter (where p.status = 'available' and p.on_hand > 0)
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
	where p.sku_id = any($1) and p.on_hand > 0
	group by p.sku_id, p.site_id order by p.sku_id, p.site_id`

// Stock gives what the sites have of the SKUs; a pair without a row has nothing. today decides what is expiring.
func Stock(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) ([]warehouse.Stock, error) {
	rows, err := q.Query(ctx, sqlStock, ids(skus), today)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: stock: %w", err)
	}
	stock, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.Stock])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: stock: %w", err)
	}
	return stock, nil
}

const sqlLots = `select p.site_id, p.bin, l.code, p.status, l.produced, l.expiry, p.on_hand, p.reserved
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.sku_id = $1 and p.on_hand > 0 order by p.site_id, l.expiry nulls last, l.code, p.bin`

// Lots gives the lots of one SKU by site, first to expire first.
func Lots(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]warehouse.LotStock, error) {
	rows, err := q.Query(ctx, sqlLots, int32(sku))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lots of sku %d: %w", sku, err)
	}
	lots, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.LotStock])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lots of sku %d: %w", sku, err)
	}
	return lots, nil
}

func ids(skus []catalog.SKUID) []int32 {
	out := make([]int32, len(skus))
	for i, s := range skus {
		out[i] = int32(s)
	}
	return out
}

const sqlDated = `select p.sku_id, p.site_id, sum(p.on_hand)::bigint, l.expiry -` + nearExpiry + `
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
	where p.sku_id = any($1) and p.on_hand > 0 and p.status = 'available' and l.expiry is not null
	group by p.sku_id, p.site_id, l.expiry, s.shelf_life_days order by p.sku_id, p.site_id, l.expiry`

// Dated gives the available lots of the SKUs that expire, first to expire first.
func Dated(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) ([]warehouse.DatedStock, error) {
	rows, err := q.Query(ctx, sqlDated, ids(skus))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: dated stock: %w", err)
	}
	lots, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.DatedStock])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: dated stock: %w", err)
	}
	return lots, nil
}
