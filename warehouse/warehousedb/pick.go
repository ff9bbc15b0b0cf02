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

const sqlLockStopOutbounds = `select o.id from warehouse.outbound o where o.id in (select a.outbound_id from warehouse.pick_stop st
	join warehouse.allocation a on a.id = st.allocation_id where st.task_id = $1 and st.id = any($2)) order by o.id for no key update`

const sqlLockStopLines = `select l.outbound_id from warehouse.outbound_line l join (select distinct a.outbound_id, a.line_no from warehouse.pick_stop st
	join warehouse.allocation a on a.id = st.allocation_id where st.task_id = $1 and st.id = any($2)) x on x.outbound_id = l.outbound_id and x.line_no = l.no
	order by l.outbound_id, l.no for no key update of l`

const sqlLockStopShipments = `select s.id from warehouse.shipment s where s.id in (select shipment_id from warehouse.pick_stop where task_id = $1 and id = any($2))
	order by s.id for no key update`

// LockStops locks what stops stand for, in the order of the house: orders, lines, shipments. The task is locked already.
func LockStops(ctx context.Context, tx pgx.Tx, task int64, stops []int64) error {
	for _, sql := range []string{sqlLockStopOutbounds, sqlLockStopLines, sqlLockStopShipments} {
		if _, err := tx.Exec(ctx, sql, task, stops); err != nil {
			return fmt.Errorf("warehousedb: lock stops: %w", err)
		}
	}
	return nil
}

// StopLock is a stop with the allocation that it takes and where its pieces stand.
type StopLock struct {
	ID         int64
	State      warehouse.StopState
	Allocation int64
	AllocState string
	Shipment   int64
	Outbound   int64
	LineNo     int
	Kind       string // of the outbound
	Order      string
	Cancelled  bool
	Place      int
	Tote       string
	Bin        string // where it was to be taken from
	Position   int64
	At         warehouse.Place // where the pieces stand now
	Expiry     *calendar.Day
	Pieces     quantity.Pieces
	MinDays    int
	ShelfLife  int // days
	Goods      warehouse.Goods
	Mixed      bool
}

const sqlStopLocks = `select st.id, st.state, a.id as allocation, a.state as alloc_state, st.shipment_id as shipment, a.outbound_id as outbound, a.line_no, o.kind, o.number as "order",
		o.state = 'cancelled' or exists (select from warehouse.put_back pb where pb.allocation_id = a.id and pb.done_at is null) as cancelled,
		st.place, pt.tote, st.bin, p.id as position, p.site_id as site, p.bin as at_bin, p.owner, p.status, l.code as lot, l.expiry, a.pieces, ol.min_remaining_days as min_days, k.shelf_life_days as shelf_life,` + goodsColumns + `,
		(select count(distinct x.lot_id) from warehouse.position x where x.site_id = p.site_id and x.bin = p.bin and x.sku_id = p.sku_id and x.on_hand > 0) > 1 as mixed
	from warehouse.pick_stop st
	join warehouse.pick_tote pt on pt.task_id = st.task_id and pt.place = st.place
	join warehouse.allocation a on a.id = st.allocation_id
	join warehouse.outbound o on o.id = a.outbound_id
	join warehouse.outbound_line ol on ol.outbound_id = a.outbound_id and ol.no = a.line_no
	join warehouse.position p on p.id = a.position_id
	join warehouse.lot l on l.id = p.lot_id
	join catalog.sku k on k.id = p.sku_id join catalog.category c on c.id = k.category_id`

const sqlStopLocksByID = sqlStopLocks + ` where st.task_id = $1 and st.id = any($2) order by array_position($2, st.id)`
const sqlStopLocksByOp = sqlStopLocks + ` where st.op = $1 order by st.seq, st.id`

type stopLockRow struct {
	goodsRow
	ID         int64
	State      warehouse.StopState
	Allocation int64
	AllocState string
	Shipment   int64
	Outbound   int64
	LineNo     int
	Kind       string
	Order      string
	Cancelled  bool
	Place      int
	Tote       string
	Bin        string
	Position   int64
	Site       catalog.SiteID
	AtBin      string
	Owner      string
	Status     warehouse.Status
	Lot        string
	Expiry     *calendar.Day
	Pieces     int64
	MinDays    int
	ShelfLife  int
	Mixed      bool
}

func stopLocks(rows pgx.Rows, err error) ([]StopLock, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: stops: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (StopLock, error) {
		r, err := pgx.RowToStructByName[stopLockRow](row)
		return StopLock{ID: r.ID, State: r.State, Allocation: r.Allocation, AllocState: r.AllocState, Shipment: r.Shipment, Outbound: r.Outbound, LineNo: r.LineNo,
			Kind: r.Kind, Order: r.Order, Cancelled: r.Cancelled, Place: r.Place, Tote: r.Tote, Bin: r.Bin, Position: r.Position,
			At:     warehouse.Place{Site: r.Site, Bin: r.AtBin, SKU: r.SKUID, Lot: r.Lot, Owner: r.Owner, Status: r.Status},
			Expiry: r.Expiry, Pieces: quantity.Pieces(r.Pieces), MinDays: r.MinDays, ShelfLife: r.ShelfLife, Goods: r.goods(), Mixed: r.Mixed}, err
	})
}

// Stops gives stops of a task in the order of ids, after LockStops.
func Stops(ctx context.Context, tx pgx.Tx, task int64, ids []int64) ([]StopLock, error) {
	return stopLocks(tx.Query(ctx, sqlStopLocksByID, task, ids))
}

// StopsOf gives the stops that an operation picked.
func StopsOf(ctx context.Context, tx pgx.Tx, op uuid.UUID) ([]StopLock, error) {
	return stopLocks(tx.Query(ctx, sqlStopLocksByOp, op))
}

const sqlTaskOfOp = `select task_id from warehouse.pick_stop where op = $1 limit 1`

// TaskOfOp gives the task in which an operation picked; pgx.ErrNoRows for none.
func TaskOfOp(ctx context.Context, tx pgx.Tx, op uuid.UUID) (id int64, err error) {
	err = tx.QueryRow(ctx, sqlTaskOfOp, op).Scan(&id)
	return id, err
}

const sqlMoveAllocations = `update warehouse.allocation a set position_id = t.position, state = t.state
	from unnest($1::bigint[], $2::bigint[], $3::text[]) as t (id, position, state) where a.id = t.id`

// MoveAllocations lets allocations follow their pieces.
func MoveAllocations(ctx context.Context, tx pgx.Tx, ids, positions []int64, state string) error {
	states := make([]string, len(ids))
	for i := range states {
		states[i] = state
	}
	_, err := tx.Exec(ctx, sqlMoveAllocations, ids, positions, states)
	return err
}

const sqlSetStops = `update warehouse.pick_stop set state = $2, op = $3, at = $4 where id = any($1)`

// SetStops writes how stops ended, and by which operation; nil for none.
func SetStops(ctx context.Context, tx pgx.Tx, ids []int64, state warehouse.StopState, op *uuid.UUID, at *time.Time) error {
	_, err := tx.Exec(ctx, sqlSetStops, ids, state, op, at)
	return err
}

const sqlPickedShipments = `update warehouse.shipment s set state = 'picked', picked_at = $2
	where s.state in ('released','picking') and s.id in (select shipment_id from warehouse.pick_stop where task_id = $1)
	and not exists (select from warehouse.pick_stop st where st.shipment_id = s.id and st.state in ('open','putback'))
	and exists (select from warehouse.pick_stop st where st.shipment_id = s.id and st.state = 'picked')`

// A shipment of which nothing was found or everything was cancelled has nothing to send.
const sqlEmptyShipments = `update warehouse.shipment s set state = 'cancelled'
	where s.state in ('released','picking','picked') and s.id in (select shipment_id from warehouse.pick_stop where task_id = $1)
	and not exists (select from warehouse.allocation a where a.shipment_id = s.id and a.state in ('reserved','picked','packed'))`

const sqlDoneTask = `update warehouse.pick_task k set done_at = $2, state = case when k.state = 'taken' or exists (select from warehouse.pick_stop st
		where st.task_id = k.id and st.state = 'picked') then 'done' else 'cancelled' end
	where k.id = $1 and k.state in ('open','taken')
	and not exists (select from warehouse.pick_stop st where st.task_id = k.id and st.state in ('open','putback'))`

const sqlPickedWave = `update warehouse.wave w set state = 'picked', picked_at = $2
	where w.id = (select wave_id from warehouse.pick_task where id = $1) and w.state = 'released'
	and not exists (select from warehouse.pick_task k where k.wave_id = w.id and k.state in ('open','taken'))`

// SettleTask brings shipments, task and wave to the state that the stops say.
func SettleTask(ctx context.Context, tx pgx.Tx, task int64, at time.Time) error {
	for _, sql := range []string{sqlPickedShipments, sqlDoneTask, sqlPickedWave} {
		if _, err := tx.Exec(ctx, sql, task, at); err != nil {
			return fmt.Errorf("warehousedb: settle a task: %w", err)
		}
	}
	_, err := tx.Exec(ctx, sqlEmptyShipments, task)
	return err
}

const sqlReopenTask = `update warehouse.pick_task set state = 'taken', done_at = null where id = $1 and state = 'done'`
const sqlReopenShipments = `update warehouse.shipment set state = 'picking', picked_at = null where id = any($1) and state = 'picked'`
const sqlReopenWave = `update warehouse.wave set state = 'released', picked_at = null where state = 'picked' and id = (select wave_id from warehouse.pick_task where id = $1)`

// ReopenTask brings back to picking what an undone pick had ended.
func ReopenTask(ctx context.Context, tx pgx.Tx, task int64, shipments []int64) error {
	if _, err := tx.Exec(ctx, sqlReopenTask, task); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlReopenShipments, shipments); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlReopenWave, task)
	return err
}

const sqlOpenCancelled = `select st.id from warehouse.pick_stop st join warehouse.allocation a on a.id = st.allocation_id
	join warehouse.outbound o on o.id = a.outbound_id
	where st.task_id = $1 and st.state = 'open' and (o.state = 'cancelled' or a.state <> 'reserved') order by st.id`

// OpenCancelled gives the open stops of a task whose orders were cancelled, or whose promise somebody released.
func OpenCancelled(ctx context.Context, tx pgx.Tx, task int64) ([]int64, error) {
	rows, err := tx.Query(ctx, sqlOpenCancelled, task)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

const sqlTasksWithCancelled = `select distinct st.task_id from warehouse.pick_stop st join warehouse.pick_task k on k.id = st.task_id
	join warehouse.allocation a on a.id = st.allocation_id join warehouse.outbound o on o.id = a.outbound_id
	where k.site_id = $1 and k.state = 'open' and st.state = 'open' and (o.state = 'cancelled' or a.state <> 'reserved') order by 1`

// TasksWithCancelled gives the tasks that nobody has taken and of which an order was cancelled.
func TasksWithCancelled(ctx context.Context, q pgx.Tx, site catalog.SiteID) ([]int64, error) {
	rows, err := q.Query(ctx, sqlTasksWithCancelled, site)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
