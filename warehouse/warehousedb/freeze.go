package warehousedb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

const sqlFrozenLots = `select f.sku_id, f.lot, f.status from unnest($1::int[], $2::text[]) as t (sku, lot)
	join warehouse.lot_freeze f on f.sku_id = t.sku and f.lot = t.lot and f.lifted_at is null and not f.drill`

// FrozenLots gives which of the lots are held or recalled in the whole house.
func FrozenLots(ctx context.Context, q pgdb.Querier, keys []warehouse.LotKey) (map[warehouse.LotKey]warehouse.Status, error) {
	rows, err := q.Query(ctx, sqlFrozenLots, column(keys, func(k warehouse.LotKey) int32 { return int32(k.SKU) }), column(keys, func(k warehouse.LotKey) string { return k.Code }))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: frozen lots: %w", err)
	}
	out := map[warehouse.LotKey]warehouse.Status{}
	var k warehouse.LotKey
	var sku catalog.SKUID
	var s warehouse.Status
	_, err = pgx.ForEachRow(rows, []any{&sku, &k.Code, &s}, func() error {
		out[warehouse.LotKey{SKU: sku, Code: k.Code}] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: frozen lots: %w", err)
	}
	return out, nil
}
