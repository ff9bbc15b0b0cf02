package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// LotRecord is how many of a supplier's lots were inspected, and how many of them refused.
type LotRecord struct {
	Supplier            catalog.SupplierID
	Inspected, Rejected int
}

const sqlLotRecords = `select supplier_id, count(*)::int, (count(*) filter (where what = 'refused'))::int from c2m.lot_result
	where what in ('accepted','refused') and not void and at >= $1 group by supplier_id order by supplier_id`

// LotRecords gives each supplier's inspected lots since a moment.
func LotRecords(ctx context.Context, q pgdb.Querier, since time.Time) ([]LotRecord, error) {
	rows, err := q.Query(ctx, sqlLotRecords, since)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: lot records: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LotRecord])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: lot records: %w", err)
	}
	return out, nil
}
