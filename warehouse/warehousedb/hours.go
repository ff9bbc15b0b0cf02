package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

const sqlHoursOut = `with gone as (
		select extract(epoch from s.handed_over_at - $2)::int / 3600 as hour, sum(a.pieces) as pieces
		from warehouse.shipment s join warehouse.allocation a on a.outbound_id = s.outbound_id and a.site_id = s.site_id and a.state = 'shipped'
		where s.site_id = $1 and s.handed_over_at >= $2 and s.handed_over_at < $2 + interval '1 day' group by 1
	), due as (
		select extract(epoch from s.cutoff_at - $2)::int / 3600 as hour, sum(a.pieces) as pieces
		from warehouse.shipment s join warehouse.allocation a on a.outbound_id = s.outbound_id and a.site_id = s.site_id and a.state in ('reserved','picked','packed')
		where s.site_id = $1 and s.state not in ('handed_over','cancelled') and s.cutoff_at >= $2 and s.cutoff_at < $2 + interval '1 day' group by 1
	)
	select h.hour, coalesce(g.pieces, 0)::bigint as out, coalesce(d.pieces, 0)::bigint as due
	from generate_series(0, 23) as h (hour) left join gone g using (hour) left join due d using (hour) order by h.hour`

// HoursOut gives the pieces that left a site in each hour of the day that begins at the instant, and those that have yet to leave
// before the carrier of that hour does.
func HoursOut(ctx context.Context, q pgdb.Querier, site catalog.SiteID, midnight time.Time) ([]warehouse.HourOut, error) {
	rows, err := q.Query(ctx, sqlHoursOut, int32(site), midnight)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: hours: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.HourOut])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: hours: %w", err)
	}
	return list, nil
}

// FloorFigures are what a site's floor did in a span.
type FloorFigures struct {
	// DockHours is the median from the begin of a receipt to its goods' first put-away, of Deliveries that have both.
	DockHours  *float64
	Deliveries int
	// Moves are put-aways, Counts positions counted, Adjusted pieces by which counts were off.
	Moves, Counts int
	Adjusted      int64
}

const sqlFloorFigures = `with done as (
		select o.id, o.cause, e.pieces from warehouse.operation o join warehouse.entry e on e.operation_id = o.id join warehouse.position p on p.id = coalesce(e.to_position, e.from_position)
		where o.cause in ('putaway','count') and o.at >= $2 and o.at < $3 and ($1 = 0 or p.site_id = $1)
	), landed as (
		select d.id, d.started_at, (select min(o.at) from warehouse.arrival a
			join warehouse.position p on p.lot_id = (select l.id from warehouse.lot l where l.sku_id = a.sku_id and l.code = a.lot) and p.site_id = d.site_id
			join warehouse.entry e on e.from_position = p.id join warehouse.operation o on o.id = e.operation_id and o.cause = 'putaway' and o.at > d.started_at
			where a.delivery_id = d.id) as put
		from warehouse.delivery d where ($1 = 0 or d.site_id = $1) and d.started_at >= $2 and d.started_at < $3
	)
	select (select percentile_cont(.5) within group (order by extract(epoch from put - started_at) / 3600) from landed where put is not null) as dock_hours,
		(select count(*) from landed where put is not null)::int as deliveries,
		(select count(distinct o.id) from done o where o.cause = 'putaway')::int as moves, (select count(distinct o.id) from done o where o.cause = 'count')::int as counts,
		(select coalesce(sum(o.pieces), 0) from done o where o.cause = 'count')::bigint as adjusted`

// Floor gives what a site's floor did in a span; site 0 stands for all.
func Floor(ctx context.Context, q pgdb.Querier, site catalog.SiteID, from, to time.Time) (f FloorFigures, err error) {
	rows, err := q.Query(ctx, sqlFloorFigures, int32(site), from, to)
	if err != nil {
		return f, fmt.Errorf("warehousedb: floor figures: %w", err)
	}
	f, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[FloorFigures])
	if err != nil {
		return f, fmt.Errorf("warehousedb: floor figures: %w", err)
	}
	return f, nil
}
