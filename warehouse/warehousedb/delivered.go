package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// RidersParcel is a parcel that a rider brings, as the floor has it.
type RidersParcel struct {
	ID         int64
	Number     string
	ShipmentID int64
	OutboundID warehouse.OutboundID
	SiteID     catalog.SiteID
	State      string
	Cancelled  bool
}

const sqlRidersParcels = `select p.id, p.number, p.shipment_id, s.outbound_id, p.site_id, p.state,
		o.state = 'cancelled' or exists (select from warehouse.put_back pb where pb.shipment_id = s.id and pb.done_at is null) as cancelled
	from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id
	where p.number = any($1) order by p.id`

// RidersParcels finds parcels by their numbers; those that are not the warehouse's are not among them.
func RidersParcels(ctx context.Context, q pgdb.Querier, numbers []string) ([]RidersParcel, error) {
	rows, err := q.Query(ctx, sqlRidersParcels, numbers)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: riders' parcels: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[RidersParcel])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: riders' parcels: %w", err)
	}
	return list, nil
}

const sqlParcelDelivered = `update warehouse.parcel set delivered_at = $2 where id = $1 and delivered_at is null and returned_at is null`

// An order is delivered when each parcel of each of its shipments is, and nothing of it has yet to leave.
const sqlOutboundDelivered = `update warehouse.outbound o set state = 'delivered', delivered_at = t.last
	from (select max(p.delivered_at) as last, bool_and(p.delivered_at is not null) as done
		from warehouse.shipment s join warehouse.parcel p on p.shipment_id = s.id and p.state <> 'opened' where s.outbound_id = $1 and s.state <> 'cancelled') t
	where o.id = $1 and o.state = 'shipped' and t.done
		and not exists (select from warehouse.shipment s where s.outbound_id = $1 and s.state not in ('handed_over','cancelled'))
	returning o.delivered_at`

// Deliver marks a parcel as handed to its consignee, and its order as delivered when it was the last of it. fresh is false for a
// parcel that was marked before, done tells whether the order is delivered by it. The order must be locked.
func Deliver(ctx context.Context, tx pgx.Tx, p RidersParcel, at time.Time) (fresh, done bool, err error) {
	tag, err := tx.Exec(ctx, sqlParcelDelivered, p.ID, at)
	if err != nil || tag.RowsAffected() == 0 {
		return false, false, err
	}
	var last time.Time
	err = tx.QueryRow(ctx, sqlOutboundDelivered, int64(p.OutboundID)).Scan(&last)
	if errors.Is(err, pgx.ErrNoRows) {
		return true, false, nil
	}
	return true, err == nil, err
}

// ParcelGoods is a lot in a parcel that went out.
type ParcelGoods struct {
	LineNo int
	SKUID  catalog.SKUID
	Lot    string
	Expiry *calendar.Day
	Pieces quantity.Pieces
}

const sqlParcelGoods = `select a.line_no, a.sku_id, l.code as lot, l.expiry, sum(i.pieces)::bigint as pieces
	from warehouse.parcel_item i join warehouse.allocation a on a.id = i.allocation_id join warehouse.position p on p.id = a.position_id
	join warehouse.lot l on l.id = p.lot_id where i.parcel_id = $1 and a.state = 'shipped' group by a.line_no, a.sku_id, l.code, l.expiry order by a.line_no, l.code`

// GoodsOf gives the lots in a parcel that was handed over.
func GoodsOf(ctx context.Context, q pgdb.Querier, parcel int64) ([]ParcelGoods, error) {
	rows, err := q.Query(ctx, sqlParcelGoods, parcel)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods of a parcel: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ParcelGoods])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods of a parcel: %w", err)
	}
	return list, nil
}

const sqlParcelReturned = `update warehouse.parcel set returned_at = $2 where id = $1 and returned_at is null and delivered_at is null`

// What was sent and has all come back makes the order a returned one.
const sqlOutboundReturned = `update warehouse.outbound o set state = 'returned' where o.id = $1 and o.state = 'shipped'
	and not exists (select from warehouse.shipment s where s.outbound_id = $1 and s.state not in ('handed_over','cancelled'))
	and not exists (select from warehouse.shipment s join warehouse.parcel p on p.shipment_id = s.id and p.state <> 'opened'
		where s.outbound_id = $1 and s.state <> 'cancelled' and p.returned_at is null)`

// BringBack marks a parcel as back at its site, and its order as returned when nothing of it was handed to the consignee. fresh is
// false for a parcel that was marked before.
func BringBack(ctx context.Context, tx pgx.Tx, p RidersParcel, at time.Time) (fresh bool, err error) {
	tag, err := tx.Exec(ctx, sqlParcelReturned, p.ID, at)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, sqlOutboundReturned, int64(p.OutboundID))
	return true, err
}

const sqlDeliveries = `select count(*)::int as delivered, count(*) filter (where o.promise_at is not null)::int as promised,
		count(*) filter (where o.delivered_at <= o.promise_at)::int as on_time,
		coalesce(avg(extract(epoch from o.delivered_at - o.promise_at) / 60) filter (where o.delivered_at > o.promise_at), 0)::float8 as late_minutes,
		coalesce(percentile_cont(.5) within group (order by extract(epoch from o.delivered_at - o.placed_at) / 60), 0)::float8 as median_minutes
	from warehouse.outbound o where o.kind = 'sale' and o.delivered_at >= $2 and o.delivered_at < $3
		and ($1::int[] is null or exists (select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = any($1)))`

// Deliveries gives how many sales were delivered in a span by sites, and how many of them in time.
func Deliveries(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to time.Time) (warehouse.Deliveries, error) {
	rows, err := q.Query(ctx, sqlDeliveries, siteIDs(sites), from, to)
	if err != nil {
		return warehouse.Deliveries{}, fmt.Errorf("warehousedb: deliveries: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[warehouse.Deliveries])
	if err != nil {
		return d, fmt.Errorf("warehousedb: deliveries: %w", err)
	}
	return d, nil
}
