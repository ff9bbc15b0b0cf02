package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlReturnableOrder = `select o.id, o.channel, o.number, coalesce((select min(h.site_id) from warehouse.shipment h where h.outbound_id = o.id and h.state = 'handed_over'), 0),
		o.shipped_at, o.consignee
	from warehouse.outbound o where o.kind = 'sale' and (o.number = $1 or o.id = (select h.outbound_id from warehouse.parcel p join warehouse.shipment h on h.id = p.shipment_id where p.number = $1))
		and exists (select from warehouse.allocation a where a.outbound_id = o.id and a.state = 'shipped')
	order by o.shipped_at desc nulls last, o.id desc limit 1`

const sqlReturnableLines = `select a.line_no, a.sku_id, l.code, l.produced, l.expiry, sum(a.pieces)::bigint,
		coalesce((select sum(r.pieces) from warehouse.return_line r where r.outbound_id = a.outbound_id and r.line_no = a.line_no and r.lot = l.code), 0)::bigint
	from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
	where a.outbound_id = $1 and a.state = 'shipped' group by a.outbound_id, a.line_no, a.sku_id, l.code, l.produced, l.expiry order by a.line_no, l.code`

// Returnable finds an order that was handed over by its number or that of one of its parcels. warehouse.ErrNoReturn.
func Returnable(ctx context.Context, q pgdb.Querier, code string) (r warehouse.Returnable, err error) {
	err = q.QueryRow(ctx, sqlReturnableOrder, code).Scan(&r.Outbound, &r.Channel, &r.Number, &r.Site, &r.ShippedAt, &r.Consignee)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, warehouse.ErrNoReturn
	}
	if err == nil {
		r.Lines, err = ReturnableLines(ctx, q, r.Outbound)
	}
	if err != nil {
		return r, fmt.Errorf("warehousedb: what may come back of %q: %w", code, err)
	}
	return r, nil
}

const sqlSenderOf = `select a.site_id, sum(l.amount_fen * a.pieces / l.pieces)::bigint / sum(a.pieces)::bigint
	from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot t on t.id = p.lot_id
	join warehouse.outbound_line l on l.outbound_id = a.outbound_id and l.no = a.line_no
	where a.outbound_id = $1 and a.line_no = $2 and t.code = $3 and a.state = 'shipped' group by a.site_id order by sum(a.pieces) desc, a.site_id limit 1`

// SenderOf gives the site that sent a lot of an order's line, and what was paid for a piece of it.
func SenderOf(ctx context.Context, q pgdb.Querier, id warehouse.OutboundID, line int, lot string) (site catalog.SiteID, price money.Fen, err error) {
	if err = q.QueryRow(ctx, sqlSenderOf, int64(id), line, lot).Scan((*int32)(&site), (*int64)(&price)); err != nil {
		err = fmt.Errorf("warehousedb: who sent a line: %w", err)
	}
	return site, price, err
}

// ReturnableLines gives the lots of an order that went out, and how much of them has come back.
func ReturnableLines(ctx context.Context, q pgdb.Querier, id warehouse.OutboundID) ([]warehouse.ReturnableLine, error) {
	rows, err := q.Query(ctx, sqlReturnableLines, int64(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l warehouse.ReturnableLine, err error) {
		err = row.Scan(&l.Line, &l.Ware.SKU, &l.Lot.Code, &l.Lot.Produced, &l.Lot.Expiry, &l.Out, &l.Back)
		return l, err
	})
}

const (
	sqlInsertReturn = `insert into warehouse.return_line (site_id, outbound_id, line_no, sku_id, lot, expiry, pieces, grade, reason, note, bin, operation_id, at, actor, graded_at, graded_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning id`
	sqlGradeReturn  = `update warehouse.return_line set grade = $2, graded_at = $3, graded_by = $4 where id = $1`
	sqlOutboundBack = `update warehouse.outbound o set state = 'returned' where o.id = $1 and o.state in ('shipped','delivered')
		and (select coalesce(sum(pieces), 0) from warehouse.return_line r where r.outbound_id = o.id)
			>= (select coalesce(sum(pieces), 0) from warehouse.allocation a where a.outbound_id = o.id and a.state = 'shipped')`
)

// InsertReturn stores what came back and gives it its id; an order of which all has come back is returned.
func InsertReturn(ctx context.Context, tx pgx.Tx, r *warehouse.Return, op Operation) error {
	var line any
	if r.Outbound != 0 {
		line = r.Line
	}
	err := tx.QueryRow(ctx, sqlInsertReturn, r.Site, some(int64(r.Outbound)), line, r.Ware.SKU, r.Lot, r.Expiry, r.Pieces, r.Grade, r.Reason, r.Note, r.Bin, op.ID, op.At, op.Actor,
		r.Graded, r.GradedBy).Scan(&r.ID)
	if err == nil && r.Outbound != 0 {
		_, err = tx.Exec(ctx, sqlOutboundBack, int64(r.Outbound))
	}
	if err != nil {
		return fmt.Errorf("warehousedb: a return: %w", err)
	}
	return nil
}

// GradeReturn stores the grade of a return that is locked.
func GradeReturn(ctx context.Context, tx pgx.Tx, id int64, g warehouse.Grade, at time.Time, by string) error {
	_, err := tx.Exec(ctx, sqlGradeReturn, id, g, at, by)
	return err
}

const returnColumns = ` r.id, r.site_id, coalesce(r.outbound_id, 0), coalesce(o.number, ''), coalesce(r.line_no, 0), r.sku_id, r.lot, r.expiry, r.pieces, r.grade, r.reason, r.note, r.bin,
	r.at, r.actor, r.graded_at, r.graded_by from warehouse.return_line r left join warehouse.outbound o on o.id = r.outbound_id`

const sqlReturns = `select` + returnColumns + ` where r.site_id = $1 and (not $2 or r.grade = '') order by r.grade = '' desc, r.id desc limit $3`

const sqlLockReturn = `select` + returnColumns + ` where r.id = $1 for update of r`

// Returns gives what came back to a site, the ungraded first, then the latest.
func Returns(ctx context.Context, q pgdb.Querier, site catalog.SiteID, open bool, limit int) ([]warehouse.Return, error) {
	return returns(q.Query(ctx, sqlReturns, site, open, limit))
}

// LockReturn locks a return. warehouse.ErrNoReturn.
func LockReturn(ctx context.Context, tx pgx.Tx, id int64) (warehouse.Return, error) {
	found, err := returns(tx.Query(ctx, sqlLockReturn, id))
	if err == nil && len(found) == 0 {
		err = warehouse.ErrNoReturn
	}
	if err != nil {
		return warehouse.Return{}, err
	}
	return found[0], nil
}

func returns(rows pgx.Rows, err error) ([]warehouse.Return, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: returns: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r warehouse.Return, err error) {
		err = row.Scan(&r.ID, &r.Site, (*int64)(&r.Outbound), &r.Number, &r.Line, &r.Ware.SKU, &r.Lot, &r.Expiry, &r.Pieces, &r.Grade, &r.Reason, &r.Note, &r.Bin, &r.At, &r.By,
			&r.Graded, &r.GradedBy)
		return r, err
	})
}

const sqlLot = `select l.code, l.produced, l.expiry from warehouse.lot l where l.sku_id = $1 and l.code = $2`

// Lot gives a lot. warehouse.ErrNoLot when the house has never had it.
func Lot(ctx context.Context, q pgdb.Querier, k warehouse.LotKey) (l warehouse.Lot, err error) {
	err = q.QueryRow(ctx, sqlLot, k.SKU, k.Code).Scan(&l.Code, &l.Produced, &l.Expiry)
	if errors.Is(err, pgx.ErrNoRows) {
		err = warehouse.ErrNoLot
	}
	return l, err
}

type flying struct {
	loosePromise
	Task *int64
}

const sqlFlying = `select a.id, a.line_no as line, a.site_id as site, a.sku_id as sku, a.position_id as position, a.pieces, a.state, a.shipment_id as shipment, a.outbound_id as outbound,
		(select st.task_id from warehouse.pick_stop st where st.allocation_id = a.id and st.state = 'open' limit 1) as task
	from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
	where p.sku_id = $1 and l.code = $2 and a.state = 'reserved' and a.shipment_id is not null order by a.id`

const sqlStrikeStops = `update warehouse.pick_stop set state = 'cancelled' where allocation_id = any($1) and state = 'open'`

// CallOff ends all promises of a lot that nobody has picked yet, in waves too: the pickers' stops are struck and the lines queued
// anew. It gives the pieces released and the picking tasks that lost stops. Call it before the transaction locks positions.
func CallOff(ctx context.Context, tx pgx.Tx, k warehouse.LotKey, at time.Time) (n quantity.Pieces, tasks []int64, err error) {
	rows, err := tx.Query(ctx, sqlFlying, k.SKU, k.Code)
	if err != nil {
		return 0, nil, fmt.Errorf("warehousedb: promises of a lot: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[flying])
	if err != nil || len(all) == 0 {
		return 0, nil, err
	}
	promises := column(all, func(f flying) loosePromise { return f.loosePromise })
	outbounds := unique(promises, func(p loosePromise) int64 { return p.Outbound })
	for _, sql := range []string{sqlHoldOutbounds, sqlHoldLines} {
		if _, err := tx.Exec(ctx, sql, outbounds); err != nil {
			return 0, nil, fmt.Errorf("warehousedb: hold orders: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sqlHoldAnyShipments, unique(promises, func(p loosePromise) int64 { return p.Shipment })); err != nil {
		return 0, nil, fmt.Errorf("warehousedb: hold shipments: %w", err)
	}
	promises, err = stillReserved(ctx, tx, promises)
	if err != nil {
		return 0, nil, err
	}
	if _, err := tx.Exec(ctx, sqlStrikeStops, unique(promises, func(p loosePromise) int64 { return p.ID })); err != nil {
		return 0, nil, fmt.Errorf("warehousedb: strike stops: %w", err)
	}
	for _, f := range all {
		if f.Task != nil {
			tasks = append(tasks, *f.Task)
		}
	}
	n, err = requeueLate(ctx, tx, promises, outbounds, at)
	return n, tasks, err
}

const (
	sqlHoldAnyShipments = `select id from warehouse.shipment where id = any($1) order by id for update`
	sqlStillReserved    = `select id from warehouse.allocation where id = any($1) and state = 'reserved' order by id for update`
)

func stillReserved(ctx context.Context, tx pgx.Tx, promises []loosePromise) ([]loosePromise, error) {
	ids, err := ints(tx.Query(ctx, sqlStillReserved, unique(promises, func(p loosePromise) int64 { return p.ID })))
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	for _, id := range ids {
		known[id] = true
	}
	var out []loosePromise
	for _, p := range promises {
		if known[p.ID] {
			out = append(out, p)
		}
	}
	return out, nil
}

// requeueLate releases promises and lets their lines wait on the shipment that still gathers, or on a further one.
func requeueLate(ctx context.Context, tx pgx.Tx, promises []loosePromise, outbounds []int64, at time.Time) (n quantity.Pieces, err error) {
	if err := Release(ctx, tx, column(promises, func(p loosePromise) OpenAllocation { return p.OpenAllocation })); err != nil {
		return 0, err
	}
	for _, p := range promises {
		n += p.Pieces
		if err := waitLate(ctx, tx, p, at); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, sqlOutboundsWait, outbounds)
	return n, err
}

func waitLate(ctx context.Context, tx pgx.Tx, p loosePromise, at time.Time) error {
	if _, err := tx.Exec(ctx, sqlLineWaits, p.Outbound, p.Line, at); err != nil {
		return fmt.Errorf("warehousedb: a line waits: %w", err)
	}
	var late int64
	if err := tx.QueryRow(ctx, sqlLateShipment, p.Shipment).Scan(&late); err != nil {
		return fmt.Errorf("warehousedb: late shipment: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlShortage, p.Outbound, p.Line, p.Site, late, int64(p.Pieces), at); err != nil {
		return fmt.Errorf("warehousedb: a line waits: %w", err)
	}
	return nil
}

const sqlCarryHeld = `update warehouse.allocation set position_id = $2 where position_id = $1 and state in ('picked','packed')`

// CarryPicked lets the promises of picked and packed pieces follow them to another position.
func CarryPicked(ctx context.Context, tx pgx.Tx, from, to int64) error {
	_, err := tx.Exec(ctx, sqlCarryHeld, from, to)
	return err
}

const sqlPickedAt = `select a.id, a.line_no as line, a.site_id as site, a.sku_id as sku, a.position_id as position, a.pieces, a.state, a.shipment_id as shipment, a.outbound_id as outbound
	from warehouse.allocation a where a.position_id = $1 and a.state in ('picked','packed') order by a.id`

const (
	sqlDropPicked   = `update warehouse.allocation set state = 'released' where id = any($1)`
	sqlDropLine     = `update warehouse.outbound_line set allocated = allocated - $3 where outbound_id = $1 and no = $2`
	sqlStrikePicked = `update warehouse.pick_stop set state = 'returned' where allocation_id = any($1) and state in ('picked','putback')`
)

// PullPicked ends the promises of picked pieces at a position, whose reserved the caller changes with the move, and queues their
// lines anew. packed tells that some of them are in a closed parcel: nothing is done then.
func PullPicked(ctx context.Context, tx pgx.Tx, position int64, at time.Time) (n quantity.Pieces, packed bool, err error) {
	rows, err := tx.Query(ctx, sqlPickedAt, position)
	if err != nil {
		return 0, false, fmt.Errorf("warehousedb: picked pieces: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[loosePromise])
	if err != nil {
		return 0, false, fmt.Errorf("warehousedb: picked pieces: %w", err)
	}
	for _, p := range all {
		if p.State == "packed" {
			return 0, true, nil
		}
	}
	outbounds := unique(all, func(p loosePromise) int64 { return p.Outbound })
	for _, sql := range []string{sqlHoldOutbounds, sqlHoldLines} {
		if _, err := tx.Exec(ctx, sql, outbounds); err != nil {
			return 0, false, fmt.Errorf("warehousedb: hold orders: %w", err)
		}
	}
	ids := unique(all, func(p loosePromise) int64 { return p.ID })
	for _, sql := range []string{sqlDropPicked, sqlStrikePicked} {
		if _, err := tx.Exec(ctx, sql, ids); err != nil {
			return 0, false, fmt.Errorf("warehousedb: pull picked pieces: %w", err)
		}
	}
	for _, p := range all {
		n += p.Pieces
		if _, err := tx.Exec(ctx, sqlDropLine, p.Outbound, p.Line, int64(p.Pieces)); err != nil {
			return 0, false, fmt.Errorf("warehousedb: pull picked pieces: %w", err)
		}
		if err := waitLate(ctx, tx, p, at); err != nil {
			return 0, false, err
		}
	}
	return n, false, nil
}
