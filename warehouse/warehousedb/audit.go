package warehousedb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const (
	sqlFaultsOfLedger = `with moved as (
			select position, sum(n) as pieces from (
				select to_position as position, pieces as n from warehouse.entry where to_position is not null
				union all
				select from_position, -pieces from warehouse.entry where from_position is not null) m
			group by position)
		select 'ledger', p.id, p.site_id, p.bin, p.sku_id, l.code, p.owner, p.status, p.on_hand, coalesce(m.pieces, 0)::bigint, 0::bigint, 0::bigint, '', 0, 0::bigint, 0::bigint
		from warehouse.position p join warehouse.lot l on l.id = p.lot_id left join moved m on m.position = p.id
		where p.on_hand <> coalesce(m.pieces, 0) order by p.id limit $1`
	sqlFaultsOfReserved = `with held as (select position_id, sum(pieces) as pieces from warehouse.allocation where state in ('reserved','picked','packed') group by position_id)
		select 'reserved', p.id, p.site_id, p.bin, p.sku_id, l.code, p.owner, p.status, p.on_hand, p.on_hand, p.reserved, coalesce(h.pieces, 0)::bigint, '', 0, 0::bigint, 0::bigint
		from warehouse.position p join warehouse.lot l on l.id = p.lot_id left join held h on h.position_id = p.id
		where p.reserved <> coalesce(h.pieces, 0) order by p.id limit $1`
	// Lines of orders that went out before the last clean proof cannot have changed since.
	sqlFaultsOfLines = `select 'allocated', 0::bigint, coalesce(l.site_id, 0), '', l.sku_id, '', '', 'available', 0::bigint, 0::bigint, 0::bigint, coalesce(a.pieces, 0)::bigint, o.number, l.no, l.allocated, 0::bigint
		from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id
		left join lateral (select sum(x.pieces) as pieces from warehouse.allocation x where x.outbound_id = l.outbound_id and x.line_no = l.no and x.state <> 'released') a on true
		where ($2::timestamptz is null or o.state not in ('shipped','delivered','cancelled','returned') or coalesce(o.shipped_at, o.cancelled_at, o.received_at) > $2 - interval '2 days')
			and l.allocated <> coalesce(a.pieces, 0) order by o.id, l.no limit $1`
	sqlFaultsOfAllocations = `select 'orphan', a.position_id, a.site_id, '', a.sku_id, '', '', 'available', 0::bigint, 0::bigint, 0::bigint, a.pieces, '', a.line_no, 0::bigint, a.id
		from warehouse.allocation a left join warehouse.outbound_line l on l.outbound_id = a.outbound_id and l.no = a.line_no left join warehouse.position p on p.id = a.position_id
		where a.state in ('reserved','picked','packed') and (l.no is null or p.id is null) order by a.id limit $1`
)

// mostFaults is how many faults of a kind one proof tells.
const mostFaults = 100

// Faults gives where the books disagree: none, in a house in order. since bounds the orders looked at to those that can have
// changed since a clean proof; nil looks at all. Call it in a snapshot.
func Faults(ctx context.Context, q pgdb.Querier, since *time.Time) ([]warehouse.Fault, error) {
	var all []warehouse.Fault
	for _, s := range []struct {
		sql  string
		args []any
	}{{sqlFaultsOfLedger, []any{mostFaults}}, {sqlFaultsOfReserved, []any{mostFaults}}, {sqlFaultsOfLines, []any{mostFaults, since}}, {sqlFaultsOfAllocations, []any{mostFaults}}} {
		rows, err := q.Query(ctx, s.sql, s.args...)
		if err != nil {
			return nil, fmt.Errorf("warehousedb: prove the books: %w", err)
		}
		found, err := pgx.CollectRows(rows, faultOf)
		if err != nil {
			return nil, fmt.Errorf("warehousedb: prove the books: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func faultOf(row pgx.CollectableRow) (f warehouse.Fault, err error) {
	var onHand, ledger, reserved, promised, allocated int64
	err = row.Scan(&f.Kind, &f.Position, &f.Place.Site, &f.Place.Bin, &f.Place.SKU, &f.Place.Lot, &f.Place.Owner, &f.Place.Status, &onHand, &ledger, &reserved, &promised,
		&f.Order, &f.Line, &allocated, &f.Allocation)
	f.OnHand, f.Ledger, f.Reserved = quantity.Pieces(onHand), quantity.Pieces(ledger), quantity.Pieces(reserved)
	f.Promised, f.Allocated = quantity.Pieces(promised), quantity.Pieces(allocated)
	return f, err
}

// The entry with which the balance of a position went below zero; else the first that touched it after an entry.
const sqlCulprit = `with e as (
		select e.id, e.operation_id, sum(case when e.to_position = $1 then e.pieces else -e.pieces end) over (order by e.id) as balance
		from warehouse.entry e where e.to_position = $1 or e.from_position = $1),
	first as (select id, operation_id, balance < 0 as negative from e where balance < 0 or id > $2 order by balance < 0 desc, id limit 1)
	select f.id, o.id, o.cause, o.at, o.actor, o.device, f.negative from first f join warehouse.operation o on o.id = f.operation_id`

// FindCulprit names the first operation that can have broken a position: see warehouse.Fault. mark is the last entry of the last
// clean proof.
func FindCulprit(ctx context.Context, q pgdb.Querier, position, mark int64) (*warehouse.Culprit, error) {
	var c warehouse.Culprit
	var op uuid.UUID
	err := q.QueryRow(ctx, sqlCulprit, position, mark).Scan(&c.Entry, &op, &c.Cause, &c.At, &c.By, &c.Device, &c.Negative)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("warehousedb: who broke position %d: %w", position, err)
	}
	c.Operation = op.String()
	return &c, nil
}

const (
	sqlBookSize  = `select (select count(*) from warehouse.position), (select coalesce(max(id), 0) from warehouse.entry)`
	sqlLastClean = `select at, entries from warehouse.audit_run where faults = 0 order by id desc limit 1`
	sqlInsertRun = `insert into warehouse.audit_run (at, took_ms, positions, entries, faults, detail) values ($1, $2, $3, $4, $5, $6) returning id`
	sqlPruneRuns = `delete from warehouse.audit_run r where r.faults = 0 and r.at < $1 and exists (select from warehouse.audit_run n where n.faults = 0 and n.id > r.id)`
	sqlAuditRuns = `select id, at, took_ms, positions, entries, faults, detail from warehouse.audit_run order by id desc limit $1`
)

// BookSize gives how many positions there are, and the last entry.
func BookSize(ctx context.Context, q pgdb.Querier) (positions, entries int64, err error) {
	err = q.QueryRow(ctx, sqlBookSize).Scan(&positions, &entries)
	return positions, entries, err
}

// LastClean gives the last clean proof and its last entry; nil when there was none.
func LastClean(ctx context.Context, q pgdb.Querier) (at *time.Time, entry int64, err error) {
	var t time.Time
	err = q.QueryRow(ctx, sqlLastClean).Scan(&t, &entry)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, 0, nil
	}
	return &t, entry, err
}

// InsertAuditRun keeps a proof, and drops clean ones older than keep.
func InsertAuditRun(ctx context.Context, tx pgx.Tx, r *warehouse.AuditRun, keep time.Time) error {
	detail, err := json.Marshal(append([]warehouse.Fault{}, r.Detail...))
	if err == nil {
		err = tx.QueryRow(ctx, sqlInsertRun, r.At, r.Took.Milliseconds(), r.Positions, r.Entries, r.Faults, detail).Scan(&r.ID)
	}
	if err == nil {
		_, err = tx.Exec(ctx, sqlPruneRuns, keep)
	}
	if err != nil {
		return fmt.Errorf("warehousedb: keep a proof: %w", err)
	}
	return nil
}

// AuditRuns gives the last proofs, the newest first.
func AuditRuns(ctx context.Context, q pgdb.Querier, limit int) ([]warehouse.AuditRun, error) {
	rows, err := q.Query(ctx, sqlAuditRuns, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: proofs: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r warehouse.AuditRun, err error) {
		var ms int64
		var detail []byte
		if err = row.Scan(&r.ID, &r.At, &ms, &r.Positions, &r.Entries, &r.Faults, &detail); err == nil {
			r.Took = time.Duration(ms) * time.Millisecond
			err = json.Unmarshal(detail, &r.Detail)
		}
		return r, err
	})
}

const sqlJourneys = `select from_site, to_site, array_agg(days order by arrived_at) from warehouse.lane_time where arrived_at >= $1 group by 1, 2 order by 1, 2`

// Journeys are the journeys of one lane in days.
type Journeys struct {
	From, To catalog.SiteID
	Days     []float64
}

// JourneysSince gives the journeys of every lane that arrived since an instant.
func JourneysSince(ctx context.Context, q pgdb.Querier, since time.Time) ([]Journeys, error) {
	rows, err := q.Query(ctx, sqlJourneys, since)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: times of lanes: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Journeys])
}
