package warehousedb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// A part of a line pays its share of the line by pieces.
const sqlSoldByShipment = `select 'shipment ' || s.id, a.sku_id, s.site_id, ((s.handed_over_at at time zone w.time_zone)::date - date '1970-01-01')::int,
		sum(a.pieces)::bigint, sum(l.amount_fen * a.pieces / l.pieces)::bigint
	from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id and o.kind = 'sale' join catalog.site w on w.id = s.site_id
	join warehouse.allocation a on a.shipment_id = s.id and a.state = 'shipped'
	join warehouse.outbound_line l on l.outbound_id = a.outbound_id and l.no = a.line_no
	where s.id = any($1) and s.handed_over_at is not null group by 1, 2, 3, 4 order by 3, 2`

// SoldByShipment gives what customers' shipments have taken out, by SKU; transfers and shipments that have not left are absent.
func SoldByShipment(ctx context.Context, q pgdb.Querier, shipments []int64) ([]warehouse.Sold, error) {
	return sold(ctx, q, sqlSoldByShipment, shipments)
}

func sold(ctx context.Context, q pgdb.Querier, sql string, ids []int64) ([]warehouse.Sold, error) {
	rows, err := q.Query(ctx, sql, ids)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sold pieces: %w", err)
	}
	var out []warehouse.Sold
	var s warehouse.Sold
	var day int32
	if _, err := pgx.ForEachRow(rows, []any{&s.Source, (*int32)(&s.SKU), (*int32)(&s.Site), &day, (*int64)(&s.Pieces), (*int64)(&s.Amount)}, func() error {
		s.Day = calendar.Day(day)
		out = append(out, s)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: sold pieces: %w", err)
	}
	return out, nil
}

// Outflow reads what has left the sites for customers. The zero value is ready.
type Outflow struct{}

// Sold gives what the shipments have taken out.
func (Outflow) Sold(ctx context.Context, q pgdb.Querier, shipments []int64) ([]warehouse.Sold, error) {
	return SoldByShipment(ctx, q, shipments)
}
