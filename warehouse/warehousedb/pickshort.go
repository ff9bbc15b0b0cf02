package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlLockGoods = `select p.id from warehouse.position p where p.site_id = $1 and p.sku_id = $2
	order by p.site_id, p.bin, p.sku_id, p.lot_id, p.owner, p.status for update`

// LockGoods makes the places where they are missing and locks every position of the SKU at the site, in the order of their key:
// what follows in the transaction may take from any of them.
func LockGoods(ctx context.Context, tx pgx.Tx, site catalog.SiteID, sku catalog.SKUID, places []warehouse.Place) error {
	counts := make([]warehouse.Count, len(places))
	for i, p := range places {
		counts[i] = warehouse.Count{Place: p}
	}
	c := split(counts)
	if _, err := tx.Exec(ctx, sqlUpsertPositions, c.sites, c.bins, c.skus, c.lots, c.owners, c.statuses); err != nil {
		return fmt.Errorf("warehousedb: positions: %w", err)
	}
	_, err := tx.Exec(ctx, sqlLockGoods, site, sku)
	return err
}

// FreeLot is stock that may be promised instead of what was not found.
type FreeLot struct {
	Position int64
	Bin      string
	LotID    int64
	Lot      string
	Expiry   *calendar.Day
	Free     int64
	Zone     string
	Aisle    int
	Bay      int
	Level    int
	Side     int
}

// First what expires first, then the picking bins before the reserve.
const sqlFreeLots = `select p.id as position, p.bin, p.lot_id, l.code as lot, l.expiry, p.on_hand - p.reserved as free, coalesce(b.zone, '') as zone,
		coalesce(b.aisle, 0) as aisle, coalesce(b.bay, 0) as bay, coalesce(b.level, 0) as level, coalesce(b.side, 0)::int as side
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id left join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
	where p.site_id = $1 and p.sku_id = $2 and p.owner = $3 and p.status = 'available' and p.on_hand > p.reserved
		and (b.code is null or b.active and b.kind in ('reserve','pick')) and (l.expiry is null or l.expiry >= $4::date)
	order by l.expiry nulls last, coalesce(b.kind = 'pick', false) desc, p.bin, p.id`

// FreeLots gives what is free of a SKU at a site and expires on or after a day, earliest first. LockGoods has been called.
func FreeLots(ctx context.Context, tx pgx.Tx, at warehouse.Place, goodUntil calendar.Day) ([]FreeLot, error) {
	rows, err := tx.Query(ctx, sqlFreeLots, at.Site, at.SKU, at.Owner, goodUntil.Time())
	if err != nil {
		return nil, fmt.Errorf("warehousedb: free lots: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[FreeLot])
}

const sqlFreeAt = `select on_hand - reserved from warehouse.position where id = $1`

// FreeAt gives the pieces of a position that nobody has reserved.
func FreeAt(ctx context.Context, tx pgx.Tx, position int64) (n quantity.Pieces, err error) {
	err = tx.QueryRow(ctx, sqlFreeAt, position).Scan(&n)
	return n, err
}

const sqlSplitAllocation = `with was as (update warehouse.allocation set pieces = pieces - $2 where id = $1 and pieces > $2
		returning outbound_id, line_no, site_id, sku_id, position_id, state, at, shipment_id)
	insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, state, at, shipment_id)
	select outbound_id, line_no, site_id, sku_id, position_id, $2, state, at, shipment_id from was returning id`

// SplitAllocation takes pieces off an allocation into one of their own.
func SplitAllocation(ctx context.Context, tx pgx.Tx, id int64, pieces quantity.Pieces) (rest int64, err error) {
	if err = tx.QueryRow(ctx, sqlSplitAllocation, id, int64(pieces)).Scan(&rest); err != nil {
		err = fmt.Errorf("warehousedb: split allocation %d: %w", id, err)
	}
	return rest, err
}

const sqlShrinkStop = `update warehouse.pick_stop set pieces = pieces - $2 where id = $1`

const sqlAddStop = `insert into warehouse.pick_stop (task_id, seq, allocation_id, shipment_id, place, bin, sku_id, lot_id, pieces, state, op, at)
	select st.task_id, st.seq, $2, st.shipment_id, st.place, p.bin, p.sku_id, p.lot_id, a.pieces, $3, $4, $5
	from warehouse.pick_stop st join warehouse.allocation a on a.id = $2 join warehouse.position p on p.id = a.position_id where st.id = $1 returning id`

// AddStop makes a further stop beside another, for an allocation.
func AddStop(ctx context.Context, tx pgx.Tx, beside, allocation int64, state warehouse.StopState, op *uuid.UUID, at *time.Time) (id int64, err error) {
	if err = tx.QueryRow(ctx, sqlAddStop, beside, allocation, state, op, at).Scan(&id); err != nil {
		err = fmt.Errorf("warehousedb: further stop: %w", err)
	}
	return id, err
}

// ShrinkStop takes pieces off a stop.
func ShrinkStop(ctx context.Context, tx pgx.Tx, id int64, pieces quantity.Pieces) error {
	_, err := tx.Exec(ctx, sqlShrinkStop, id, int64(pieces))
	return err
}

const sqlReserve = `update warehouse.position set reserved = reserved + $2 where id = $1`

// Reserve changes what is reserved of a locked position, together with an allocation.
func Reserve(ctx context.Context, tx pgx.Tx, position int64, pieces quantity.Pieces) error {
	if _, err := tx.Exec(ctx, sqlReserve, position, int64(pieces)); err != nil {
		return fmt.Errorf("warehousedb: reserve: %w", err)
	}
	return nil
}

const sqlPromise = `insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, state, at, shipment_id)
	select outbound_id, line_no, site_id, sku_id, $2, $3, 'reserved', $4, shipment_id from warehouse.allocation where id = $1 returning id`

// Promise makes an allocation at another position in the place of a released one.
func Promise(ctx context.Context, tx pgx.Tx, instead, position int64, pieces quantity.Pieces, at time.Time) (id int64, err error) {
	if err = tx.QueryRow(ctx, sqlPromise, instead, position, int64(pieces), at).Scan(&id); err != nil {
		err = fmt.Errorf("warehousedb: promise again: %w", err)
	}
	return id, err
}

const sqlReleaseAllocations = `update warehouse.allocation set state = 'released' where id = any($1)`

// ReleaseAllocations ends allocations; the positions' reserved is the caller's to change.
func ReleaseAllocations(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, sqlReleaseAllocations, ids)
	return err
}

// What could not be found waits again in the fair queue, on a further shipment of the order. Its rank is warehouse.Rank.
const sqlLineShort = `update warehouse.outbound_line set allocated = allocated - $3, state = 'short', queued_at = coalesce(queued_at, $4)
	where outbound_id = $1 and no = $2`

const sqlLateShipment = `insert into warehouse.shipment (outbound_id, site_id, state, carrier, cutoff_at, cold)
	select outbound_id, site_id, 'waiting', carrier, cutoff_at, cold from warehouse.shipment where id = $1
	on conflict (outbound_id, site_id) where state in ('waiting','ready') do update set state = 'waiting', wave_id = null returning id`

const sqlShortage = `insert into warehouse.shortage (outbound_id, line_no, site_id, sku_id, shipment_id, pieces, min_remaining_days, whole, rank, since)
	select l.outbound_id, l.no, $3, l.sku_id, $4, $5, l.min_remaining_days, false,
		(extract(epoch from o.received_at) * 1000000)::bigint - (o.priority + case o.promise when 'minutes30' then 10 else 0 end)::bigint * 100000000000000000, $6
	from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id where l.outbound_id = $1 and l.no = $2
	on conflict (outbound_id, line_no) do update set pieces = shortage.pieces + excluded.pieces, shipment_id = excluded.shipment_id`

// LineShort takes pieces that nobody can find off a line's promise and queues them.
func LineShort(ctx context.Context, tx pgx.Tx, s StopLock, pieces quantity.Pieces, at time.Time) error {
	if _, err := tx.Exec(ctx, sqlLineShort, s.Outbound, s.LineNo, int64(pieces), at); err != nil {
		return fmt.Errorf("warehousedb: short line: %w", err)
	}
	var late int64
	if err := tx.QueryRow(ctx, sqlLateShipment, s.Shipment).Scan(&late); err != nil {
		return fmt.Errorf("warehousedb: late shipment: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlShortage, s.Outbound, s.LineNo, s.At.Site, late, int64(pieces), at); err != nil {
		return fmt.Errorf("warehousedb: shortage: %w", err)
	}
	return nil
}

const sqlDoubt = `insert into warehouse.doubt (site_id, bin, sku_id, lot_id, reason, missing, op, at, actor)
	select $1, $2, $3, l.id, $5, $6, $7, $8, $9 from warehouse.lot l where l.sku_id = $3 and l.code = $4`

// Doubt puts a bin on the list of those that are counted next.
func Doubt(ctx context.Context, tx pgx.Tx, at warehouse.Place, reason warehouse.ShortReason, missing quantity.Pieces, op uuid.UUID, when time.Time, actor string) error {
	if _, err := tx.Exec(ctx, sqlDoubt, at.Site, at.Bin, at.SKU, at.Lot, string(reason), int64(missing), op, when, actor); err != nil {
		return fmt.Errorf("warehousedb: doubt: %w", err)
	}
	return nil
}

const sqlLineReleased = `update warehouse.outbound_line set allocated = allocated - $3, cancelled = cancelled + $3,
	state = case when shipped = 0 and allocated - $3 = 0 and cancelled + $3 = pieces then 'cancelled' else state end
	where outbound_id = $1 and no = $2 and allocated >= $3`

const sqlPutBackDone = `update warehouse.put_back set done_at = $2, operation_id = $3 where allocation_id = any($1) and done_at is null returning id`

// LineReleased takes cancelled pieces off a line's promise.
func LineReleased(ctx context.Context, tx pgx.Tx, outbound int64, line int, pieces quantity.Pieces) error {
	_, err := tx.Exec(ctx, sqlLineReleased, outbound, line, int64(pieces))
	return err
}

// PutBackDone ends the waiting put-backs of allocations, and tells how many there were: what they took off the lines was done
// when the order was changed.
func PutBackDone(ctx context.Context, tx pgx.Tx, allocations []int64, at time.Time, op uuid.UUID) (int64, error) {
	tag, err := tx.Exec(ctx, sqlPutBackDone, allocations, at, op)
	return tag.RowsAffected(), err
}

const sqlOpenStops = `select st.id, st.place, st.allocation_id as allocation, st.shipment_id as shipment, st.lot_id, st.sku_id as sku, st.pieces, st.bin,
		coalesce(b.zone, '') as zone, coalesce(b.aisle, 0) as aisle, coalesce(b.bay, 0) as bay, coalesce(b.level, 0) as level, coalesce(b.side, 0)::int as side
	from warehouse.pick_stop st join warehouse.pick_task k on k.id = st.task_id left join warehouse.bin b on b.site_id = k.site_id and b.code = st.bin
	where st.task_id = $1 and st.state = 'open' order by st.seq, st.id`

// OpenStop is a stop still to be walked to.
type OpenStop struct {
	ID    int64
	Place int
	ToPick
}

// OpenStops gives what is left of a task.
func OpenStops(ctx context.Context, tx pgx.Tx, task int64) ([]OpenStop, error) {
	rows, err := tx.Query(ctx, sqlOpenStops, task)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[OpenStop])
}

const sqlOrderStops = `update warehouse.pick_stop st set seq = t.seq + (select count(*) from warehouse.pick_stop x where x.task_id = st.task_id)
	from unnest($1::bigint[]) with ordinality as t (id, seq) where st.id = t.id`

// OrderStops puts the stops in this order behind those that are done.
func OrderStops(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, sqlOrderStops, ids)
	return err
}
