package warehousedb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// What is promised to a transfer is reserved at its source already, as if it had left; the rest binds stock of the source. Pieces on
// their way stand in transit at their target. A day that has passed is still to come: tomorrow.
const sqlTransferSupply = `select o.number, l.sku_id, o.to_site, coalesce(l.site_id, 0), x.pieces,
		greatest(coalesce((o.promise_at at time zone 'Asia/Shanghai')::date, $2::date + coalesce(ceil(n.lead_mean_days)::int, 1)), $2::date + 1), x.bound, coalesce(o.suggestion_id, 0)
	from warehouse.outbound o join warehouse.outbound_line l on l.outbound_id = o.id left join catalog.lane n on n.from_site = l.site_id and n.to_site = o.to_site
	cross join lateral (values ((l.allocated - l.shipped)::bigint, true), ((l.pieces - l.cancelled - l.allocated)::bigint, false)) as x (pieces, bound)
	where o.kind = 'transfer' and o.state in ('new','waiting','allocated','picking','packed') and l.sku_id = any($1) and x.pieces > 0
	union all
	select coalesce(d.number, ''), p.sku_id, p.site_id, coalesce(d.from_site, 0), p.on_hand, greatest(coalesce(d.arrives, $2::date + 1), $2::date + 1), true, 0
	from warehouse.position p join warehouse.lot x on x.id = p.lot_id
	left join lateral (select d.number, d.from_site, d.arrives from warehouse.delivery d join warehouse.delivery_line l on l.delivery_id = d.id
		where d.site_id = p.site_id and d.kind = 'transfer' and d.state in ('expected','receiving') and l.sku_id = p.sku_id and l.lot = x.code order by d.id desc limit 1) d on true
	where p.status = 'in_transit' and p.on_hand > 0 and p.sku_id = any($1)`

// TransferSupply gives the pieces of SKUs that are to come from other sites.
func TransferSupply(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) ([]warehouse.TransferSupply, error) {
	rows, err := q.Query(ctx, sqlTransferSupply, ids(skus), today)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: transfers to come: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.TransferSupply])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: transfers to come: %w", err)
	}
	return out, nil
}

const sqlSentGoods = `select o.id, o.number, o.to_site, a.site_id, coalesce(max(c.handed_over_at), o.shipped_at), coalesce(max(m.carrier), ''), a.sku_id, l.code, l.produced, l.expiry,
		sum(i.pieces)::bigint, c.number
	from warehouse.outbound o join warehouse.allocation a on a.outbound_id = o.id and a.state = 'shipped' join warehouse.parcel_item i on i.allocation_id = a.id
	join warehouse.parcel c on c.id = i.parcel_id and c.state = 'handed_over' join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
	left join warehouse.manifest m on m.id = c.manifest_id
	where o.id = any($1) and o.kind = 'transfer' group by o.id, a.site_id, a.sku_id, l.id, c.id order by o.id, a.site_id, c.number, a.sku_id, l.code`

// SentGoods gives what transfers' parcels that were handed over hold, by parcel and lot.
func SentGoods(ctx context.Context, q pgdb.Querier, outbounds []int64) ([]warehouse.SentGoods, error) {
	rows, err := q.Query(ctx, sqlSentGoods, outbounds)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods of transfers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (g warehouse.SentGoods, err error) {
		var pieces int64
		err = row.Scan(&g.Outbound, &g.Number, &g.To, &g.From, &g.Shipped, &g.Carrier, &g.SKU, &g.Lot.Code, &g.Lot.Produced, &g.Lot.Expiry, &pieces, &g.Parcel)
		g.Pieces = quantity.Pieces(pieces)
		return g, err
	})
}
