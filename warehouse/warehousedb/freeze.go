package warehousedb

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlFrozenLots = `select f.sku_id, f.lot, f.status from unnest($1::int[], $2::text[]) as t (sku, lot)
	join warehouse.lot_freeze f on f.sku_id = t.sku and f.lot = t.lot and f.lifted_at is null and not f.drill`

// FrozenLots gives which of the lots are held or recalled in the whole house.
func FrozenLots(ctx context.Context, q pgdb.Querier, keys []warehouse.LotKey) (map[warehouse.LotKey]warehouse.Status, error) {
	rows, err := q.Query(ctx, sqlFrozenLots, column(keys, func(k warehouse.LotKey) int32 { return int32(k.SKU) }), column(keys, func(k warehouse.LotKey) string { return k.Code }))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: frozen lots: %w", err)
	}
	out := map[warehouse.LotKey]warehouse.Status{}
	var k warehouse.LotKey
	var sku catalog.SKUID
	var s warehouse.Status
	_, err = pgx.ForEachRow(rows, []any{&sku, &k.Code, &s}, func() error {
		out[warehouse.LotKey{SKU: sku, Code: k.Code}] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: frozen lots: %w", err)
	}
	return out, nil
}

const (
	sqlInsertFreeze = `insert into warehouse.lot_freeze (sku_id, lot, status, reason, drill, operation_id, at, actor) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (sku_id, lot) where lifted_at is null and not drill do nothing returning id`
	sqlSaveFreeze = `update warehouse.lot_freeze set positions = $2, pieces = $3, released = $4, orders = $5, shipped = $6 where id = $1`
	sqlLiftFreeze = `update warehouse.lot_freeze set lifted_at = $2, lifted_by = $3, lift_reason = $4 where id = $1`
)

// InsertFreeze stores that a lot is frozen and gives the freeze its id. warehouse.ErrFrozen when it is.
func InsertFreeze(ctx context.Context, tx pgx.Tx, f *warehouse.Freeze, op Operation) error {
	err := tx.QueryRow(ctx, sqlInsertFreeze, f.Key.SKU, f.Key.Code, f.Status, f.Reason, f.Drill, op.ID, op.At, op.Actor).Scan(&f.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return warehouse.ErrFrozen
	}
	if err != nil {
		return fmt.Errorf("warehousedb: freeze a lot: %w", err)
	}
	return nil
}

// SaveFreeze stores what a freeze has found.
func SaveFreeze(ctx context.Context, tx pgx.Tx, f *warehouse.Freeze) error {
	_, err := tx.Exec(ctx, sqlSaveFreeze, f.ID, f.Positions, f.Pieces, f.Released, f.Orders, f.Shipped)
	return err
}

// LiftFreeze ends a freeze that is locked.
func LiftFreeze(ctx context.Context, tx pgx.Tx, id int64, op Operation, reason string) error {
	_, err := tx.Exec(ctx, sqlLiftFreeze, id, op.At, op.Actor, reason)
	return err
}

const freezeColumns = ` f.id, f.sku_id, f.lot, s.code, s.name_zh, s.name_en, l.expiry, f.status, f.reason, f.drill, f.at, f.actor, f.lifted_at, f.lifted_by, f.positions, f.pieces, f.released,
	f.orders, f.shipped from warehouse.lot_freeze f join catalog.sku s on s.id = f.sku_id left join warehouse.lot l on l.sku_id = f.sku_id and l.code = f.lot`

const sqlFreezes = `select` + freezeColumns + ` where not $1 or f.lifted_at is null and not f.drill order by f.lifted_at is null desc, f.id desc limit $2`

const sqlFreeze = `select` + freezeColumns + ` where f.id = $1`

// Freezes gives freezes, the open ones first.
func Freezes(ctx context.Context, q pgdb.Querier, open bool, limit int) ([]warehouse.Freeze, error) {
	return freezes(q.Query(ctx, sqlFreezes, open, limit))
}

// Freeze gives a freeze; with lock it keeps others from changing it. warehouse.ErrNotFrozen when there is none.
func Freeze(ctx context.Context, q pgdb.Querier, id int64, lock bool) (*warehouse.Freeze, error) {
	sql := sqlFreeze
	if lock {
		sql += ` for update of f`
	}
	found, err := freezes(q.Query(ctx, sql, id))
	if err == nil && len(found) == 0 {
		err = warehouse.ErrNotFrozen
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

func freezes(rows pgx.Rows, err error) ([]warehouse.Freeze, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: freezes: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f warehouse.Freeze, err error) {
		err = row.Scan(&f.ID, &f.Key.SKU, &f.Key.Code, &f.SKUCode, &f.Name.ZH, &f.Name.EN, &f.Expiry, &f.Status, &f.Reason, &f.Drill, &f.At, &f.By, &f.Lifted, &f.LiftedBy,
			&f.Positions, &f.Pieces, &f.Released, &f.Orders, &f.Shipped)
		return f, err
	})
}

const sqlLotShipments = `select o.id, o.channel, o.number, a.site_id, o.kind, coalesce(o.to_site, 0), sum(a.pieces)::bigint, o.shipped_at, o.consignee, o.phone
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join warehouse.allocation a on a.position_id = p.id and a.state = any($3)
	join warehouse.outbound o on o.id = a.outbound_id
	where p.sku_id = $1 and l.code = $2 group by o.id, a.site_id order by o.shipped_at desc nulls first, o.id desc limit $4`

// LotShipments gives the orders that a lot went out with, or that hold it in the states of allocation asked for.
func LotShipments(ctx context.Context, q pgdb.Querier, k warehouse.LotKey, limit int, states ...string) ([]warehouse.LotShipment, error) {
	rows, err := q.Query(ctx, sqlLotShipments, k.SKU, k.Code, states, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: orders of a lot: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s warehouse.LotShipment, err error) {
		err = row.Scan((*int64)(&s.Outbound), &s.Channel, &s.Number, &s.Site, &s.Kind, &s.ToSite, &s.Pieces, &s.ShippedAt, &s.Consignee, &s.Phone)
		return s, err
	})
}

const sqlLotList = `select l.sku_id, l.code, s.code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, l.produced, l.expiry,
		coalesce((select f.status from warehouse.lot_freeze f where f.sku_id = l.sku_id and f.lot = l.code and f.lifted_at is null and not f.drill), ''),
		count(distinct p.site_id)::int, count(*)::int, sum(p.on_hand)::bigint, sum(p.reserved)::bigint, coalesce(sum(p.on_hand) filter (where p.status = 'available'), 0)::bigint,
		coalesce(sum(p.on_hand) filter (where p.status in ('held','recalled')), 0)::bigint
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = l.sku_id
	where p.on_hand > 0 and ($1 = 0 or p.site_id = $1) and ($2 = 0 or p.sku_id = $2) and ($3 = '' or l.code ilike $3 || '%') and ($4::date is null or l.expiry < $4::date)
	group by l.id, s.id order by l.expiry nulls last, s.code, l.code limit $5`

// LotList gives lots that stand somewhere, first to expire first.
func LotList(ctx context.Context, q pgdb.Querier, f warehouse.LotQuery) ([]warehouse.LotLine, error) {
	rows, err := q.Query(ctx, sqlLotList, f.Site, f.SKU, f.Find, f.ExpiresBefore, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: list of lots: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l warehouse.LotLine, err error) {
		err = row.Scan(&l.Key.SKU, &l.Key.Code, &l.SKUCode, &l.Name.ZH, &l.Name.EN, &l.Unit.ZH, &l.Unit.EN, &l.Lot.Produced, &l.Lot.Expiry, &l.Frozen, &l.Sites, &l.Bins, &l.OnHand,
			&l.Reserved, &l.Available, &l.Held)
		l.Lot.Code = l.Key.Code
		return l, err
	})
}

// History: one side of each entry, as a lot, a bin or a SKU saw it.
const sqlLedger = `select e.id, o.id, o.cause, o.at, o.made_at, o.actor, o.device, o.note, e.pieces, f.site_id, f.bin, f.status, t.site_id, t.bin, t.status, k.sku_id, s.code, s.name_zh, s.name_en, l.code, l.expiry
	from warehouse.entry e join warehouse.operation o on o.id = e.operation_id
	left join warehouse.position f on f.id = e.from_position left join warehouse.position t on t.id = e.to_position
	join warehouse.position k on k.id = coalesce(e.to_position, e.from_position) join warehouse.lot l on l.id = k.lot_id join catalog.sku s on s.id = k.sku_id
	where e.id in (select x.id from (
			select e.id from warehouse.position p join warehouse.lot l on l.id = p.lot_id join warehouse.entry e on e.from_position = p.id
			where ($1 = 0 or p.site_id = $1) and ($2 = '' or p.bin = $2) and ($3 = 0 or p.sku_id = $3) and ($4::text is null or l.code = $4) and ($5 = 0 or e.id < $5)
			union
			select e.id from warehouse.position p join warehouse.lot l on l.id = p.lot_id join warehouse.entry e on e.to_position = p.id
			where ($1 = 0 or p.site_id = $1) and ($2 = '' or p.bin = $2) and ($3 = 0 or p.sku_id = $3) and ($4::text is null or l.code = $4) and ($5 = 0 or e.id < $5)) x
		order by x.id desc limit $6)
	order by e.id desc`

// Ledger gives what moved, the newest first.
func Ledger(ctx context.Context, q pgdb.Querier, f warehouse.LedgerQuery) ([]warehouse.LedgerLine, error) {
	rows, err := q.Query(ctx, sqlLedger, f.Site, f.Bin, f.SKU, f.Lot, f.Before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: ledger: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l warehouse.LedgerLine, err error) {
		var fs, ts *catalog.SiteID
		var fb, tb *string
		var fst, tst *warehouse.Status
		var op [16]byte
		err = row.Scan(&l.ID, &op, &l.Cause, &l.At, &l.MadeAt, &l.By, &l.Device, &l.Note, &l.Pieces, &fs, &fb, &fst, &ts, &tb, &tst, &l.SKU, &l.SKUCode, &l.Name.ZH, &l.Name.EN, &l.Lot, &l.Expiry)
		l.Operation = uuid.UUID(op).String()
		if fs != nil {
			l.From = &warehouse.Place{Site: *fs, Bin: *fb, SKU: l.SKU, Lot: l.Lot, Status: *fst}
		}
		if ts != nil {
			l.To = &warehouse.Place{Site: *ts, Bin: *tb, SKU: l.SKU, Lot: l.Lot, Status: *tst}
		}
		return l, err
	})
}

// What came in from outside, what went out to customers, and what left otherwise; moves between sites come and go by a side that is
// outside of the house only when nobody expects them.
const sqlLotBalance = `with p as (select p.id, p.on_hand, p.status from warehouse.position p join warehouse.lot l on l.id = p.lot_id where p.sku_id = $1 and l.code = $2),
	e as (select e.pieces, o.cause, e.from_position is null as came from warehouse.entry e join warehouse.operation o on o.id = e.operation_id
		where e.from_position is null and e.to_position in (select id from p) or e.to_position is null and e.from_position in (select id from p))
	select coalesce((select sum(pieces) from e where came), 0)::bigint, coalesce((select sum(on_hand) from p where status <> 'in_transit'), 0)::bigint,
		coalesce((select sum(on_hand) from p where status = 'in_transit'), 0)::bigint,
		coalesce((select sum(pieces) from e where not came and cause = 'ship'), 0)::bigint, coalesce((select sum(pieces) from e where not came and cause <> 'ship'), 0)::bigint`

// LotBalance fills in the balance of a lot: received, on hand, in transit, out, written off.
func LotBalance(ctx context.Context, q pgdb.Querier, k warehouse.LotKey, r *warehouse.FreezeReport) error {
	err := q.QueryRow(ctx, sqlLotBalance, k.SKU, k.Code).Scan(&r.Received, &r.OnHand, &r.InTransit, &r.Out, &r.WrittenOff)
	if err != nil {
		return fmt.Errorf("warehousedb: balance of lot %q: %w", k.Code, err)
	}
	return nil
}

const sqlWaitingPieces = `select coalesce(sum(i.pieces - i.used_up - i.released - i.scrapped - i.returned), 0)::bigint from warehouse.inspection i
	where i.site_id = $1 and i.sku_id = $2 and i.lot = $3 and i.state in ('waiting','refused','held')`

// WaitingPieces gives how many pieces of a lot at a site wait for an inspection or for a lead's word.
func WaitingPieces(ctx context.Context, q pgdb.Querier, at warehouse.Place) (n quantity.Pieces, err error) {
	err = q.QueryRow(ctx, sqlWaitingPieces, at.Site, at.SKU, at.Lot).Scan(&n)
	return n, err
}

const sqlPositionOf = `select p.id from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.owner = $5 and p.status = $6`

// PositionOf gives the id of a place, 0 where nothing ever stood.
func PositionOf(ctx context.Context, q pgdb.Querier, p warehouse.Place) (id int64, err error) {
	err = q.QueryRow(ctx, sqlPositionOf, p.Site, p.Bin, p.SKU, p.Lot, p.Owner, p.Status).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
