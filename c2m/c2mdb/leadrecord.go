package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// LeadRecord is how a supplier's deliveries of a SKU have come: days from the sending of the order to what came of it.
type LeadRecord struct {
	Supplier catalog.SupplierID
	Lines    int // order lines of which something came
	Mean, SD float64
}

const sqlLeadRecords = `select o.supplier_id, count(distinct (o.id, l.no))::int,
		(sum(r.pieces * (r.day - o.sent_at::date)) / sum(r.pieces))::float8,
		sqrt(greatest(sum(r.pieces * (r.day - o.sent_at::date)::float8 ^ 2) / sum(r.pieces) - (sum(r.pieces * (r.day - o.sent_at::date)) / sum(r.pieces)::float8) ^ 2, 0))::float8
	from c2m.order_line l join c2m.factory_order o on o.id = l.order_id join c2m.receipt r on r.order_id = o.id and r.line = l.no
	where l.sku_id = $1 and o.sent_at >= $2 group by 1 order by 1`

// LeadRecords gives how a SKU was delivered on orders sent since a moment, by supplier; days are weighed by the pieces that came.
func LeadRecords(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, since time.Time) ([]LeadRecord, error) {
	rows, err := q.Query(ctx, sqlLeadRecords, sku, since)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: deliveries of sku %d: %w", sku, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LeadRecord])
	return out, wrap(err, "c2mdb: deliveries")
}
