package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// LockedOutbound is an order that the transaction holds.
type LockedOutbound struct {
	ID              warehouse.OutboundID
	Kind            warehouse.OutboundKind
	Channel, Number string
	State           warehouse.OutboundState
	Revision        int
	Note            string
	Prints          []byte
	Sealed          []byte
	ErasedAt        *time.Time
	ReceivedAt      time.Time
	Priority        int
	Promise         warehouse.Promise
}

const sqlLockOutbound = `select id, kind, channel, number, state, revision, note, content_hash as prints, sealed, erased_at, received_at, priority, promise
	from warehouse.outbound where id = $1 for update`

// LockOutbound locks an order, or answers warehouse.ErrNoOutbound.
func LockOutbound(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID) (LockedOutbound, error) {
	rows, err := tx.Query(ctx, sqlLockOutbound, int64(id))
	if err != nil {
		return LockedOutbound{}, fmt.Errorf("warehousedb: lock order %d: %w", id, err)
	}
	o, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[LockedOutbound])
	if errors.Is(err, pgx.ErrNoRows) {
		return o, warehouse.ErrNoOutbound
	}
	if err != nil {
		return o, fmt.Errorf("warehousedb: lock order %d: %w", id, err)
	}
	return o, nil
}

// HeldShipment is a shipment that the transaction holds.
type HeldShipment struct {
	ID    int64
	Site  catalog.SiteID
	State string
}

// Loose tells whether the floor has not begun with it.
func (s HeldShipment) Loose() bool { return s.State == "waiting" || s.State == "ready" }

// OnFloor tells whether somebody picks it, carries it or has packed it.
func (s HeldShipment) OnFloor() bool {
	return s.State == "released" || s.State == "picking" || s.State == "picked" || s.State == "packed"
}

const sqlLockShipments = `select id, site_id as site, state from warehouse.shipment where outbound_id = $1 order by id for update`

// LockShipments locks the shipments of an order.
func LockShipments(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID) ([]HeldShipment, error) {
	rows, err := tx.Query(ctx, sqlLockShipments, int64(id))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock shipments: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[HeldShipment])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock shipments: %w", err)
	}
	return out, nil
}

// OpenAllocation is a promise to a line, with where its pieces are.
type OpenAllocation struct {
	ID       int64
	Line     int
	Site     catalog.SiteID
	SKU      catalog.SKUID
	Position int64
	Pieces   quantity.Pieces
	State    string
	Shipment int64
}

const sqlOpenAllocations = `select a.id, a.line_no as line, a.site_id as site, a.sku_id as sku, a.position_id as position, a.pieces, a.state, coalesce(a.shipment_id,
		(select max(s.id) from warehouse.shipment s where s.outbound_id = a.outbound_id and s.site_id = a.site_id)) as shipment
	from warehouse.allocation a where a.outbound_id = $1 and a.state in ('reserved','picked','packed') order by a.id`

// OpenAllocations gives what is promised to the lines of an order and has not left the house.
func OpenAllocations(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID) ([]OpenAllocation, error) {
	rows, err := tx.Query(ctx, sqlOpenAllocations, int64(id))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: open allocations: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[OpenAllocation])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: open allocations: %w", err)
	}
	return out, nil
}

const (
	sqlLockByID = `select id from warehouse.position where id = any($1) order by site_id, bin, sku_id, lot_id, owner, status for update`
	sqlRelease  = `with a as (
			update warehouse.allocation set state = 'released' where id = any($1) and state = 'reserved' returning outbound_id, line_no, position_id, pieces),
		p as (
			update warehouse.position p set reserved = p.reserved - d.n from (select position_id, sum(pieces) as n from a group by 1) d where p.id = d.position_id)
		update warehouse.outbound_line l set allocated = l.allocated - d.n
		from (select outbound_id, line_no, sum(pieces) as n from a group by 1, 2) d where l.outbound_id = d.outbound_id and l.no = d.line_no`
)

// Release takes back what was promised and nobody has touched yet: the pieces are free again. The shipments must be locked.
func Release(ctx context.Context, tx pgx.Tx, list []OpenAllocation) error {
	if len(list) == 0 {
		return nil
	}
	ids, positions := make([]int64, len(list)), make([]int64, len(list))
	for i, a := range list {
		ids[i], positions[i] = a.ID, a.Position
	}
	if _, err := tx.Exec(ctx, sqlLockByID, positions); err != nil {
		return fmt.Errorf("warehousedb: release: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlRelease, ids); err != nil {
		return fmt.Errorf("warehousedb: release: %w", err)
	}
	return nil
}

const sqlAddPutBack = `insert into warehouse.put_back (outbound_id, line_no, shipment_id, site_id, allocation_id, stage, reason, since)
	select a.outbound_id, a.line_no, a.shipment_id, a.site_id, a.id, case a.state when 'packed' then 'parcel' else 'tote' end, $2, $3
	from warehouse.allocation a where a.id = any($1) on conflict (allocation_id) do nothing`

// AddPutBacks asks for pieces that somebody carries already, or that are packed, to be put back.
func AddPutBacks(ctx context.Context, tx pgx.Tx, list []OpenAllocation, reason string, at time.Time) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]int64, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	if _, err := tx.Exec(ctx, sqlAddPutBack, ids, reason, at); err != nil {
		return fmt.Errorf("warehousedb: ask to put back: %w", err)
	}
	return nil
}

const (
	sqlDropShortages = `delete from warehouse.shortage where outbound_id = $1 and ($2::int[] is null or line_no = any($2))`
	// What no allocation holds any more is cancelled with the order.
	sqlCancelLines = `update warehouse.outbound_line set cancelled = pieces - allocated,
			state = case when allocated = 0 then 'cancelled' when shipped > 0 then 'shipped' else state end
		where outbound_id = $1 and state <> 'cancelled'`
	sqlCancelShipments = `update warehouse.shipment set state = 'cancelled', queue_rank = null, wave_id = null where id = any($1)`
	sqlCancelOutbound  = `update warehouse.outbound set state = $2, cancelled_at = $3, cancel_reason = $4, revision = revision + 1 where id = $1 returning revision`
)

// CancelRest ends the lines of an order as far as nothing is promised to them, its loose shipments, and the order itself in the
// state given. It answers the new revision.
func CancelRest(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, loose []int64, state warehouse.OutboundState, reason string, at time.Time) (revision int, err error) {
	if _, err = tx.Exec(ctx, sqlDropShortages, int64(id), nil); err != nil {
		return 0, fmt.Errorf("warehousedb: cancel: %w", err)
	}
	if _, err = tx.Exec(ctx, sqlCancelLines, int64(id)); err != nil {
		return 0, fmt.Errorf("warehousedb: cancel: %w", err)
	}
	if _, err = tx.Exec(ctx, sqlCancelShipments, loose); err != nil {
		return 0, fmt.Errorf("warehousedb: cancel: %w", err)
	}
	if err = tx.QueryRow(ctx, sqlCancelOutbound, int64(id), string(state), at, reason).Scan(&revision); err != nil {
		return 0, fmt.Errorf("warehousedb: cancel: %w", err)
	}
	return revision, nil
}

const sqlInsertEvent = `insert into warehouse.outbound_event (outbound_id, at, kind, actor, detail) values ($1, $2, $3, $4, $5)`

// AddEvent keeps what befell an order for its time line.
func AddEvent(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, at time.Time, kind, actor string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	if _, err := tx.Exec(ctx, sqlInsertEvent, int64(id), at, kind, actor, detail); err != nil {
		return fmt.Errorf("warehousedb: event of order %d: %w", id, err)
	}
	return nil
}

const sqlOutboundID = `select id from warehouse.outbound where channel = $1 and number = $2`

// OutboundID finds an order, or answers warehouse.ErrNoOutbound.
func OutboundID(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, channel, number string) (id warehouse.OutboundID, err error) {
	err = q.QueryRow(ctx, sqlOutboundID, channel, number).Scan((*int64)(&id))
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, warehouse.ErrNoOutbound
	}
	return id, err
}
