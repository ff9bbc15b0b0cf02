package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlCountRule = `select coalesce(site_id, 0), every_a, every_b, every_c, per_day, tolerance_pieces, tolerance_bp, lead_fen, updated_at, updated_by
	from warehouse.count_rule where site_id = $1 or site_id is null order by site_id nulls last limit 1`

// CountRule gives the rule of a site: its own, or the house's.
func CountRule(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (r warehouse.CountRule, err error) {
	err = q.QueryRow(ctx, sqlCountRule, site).Scan(&r.Site, &r.EveryA, &r.EveryB, &r.EveryC, &r.PerDay, &r.TolerancePieces, &r.ToleranceBP, &r.LeadFen, &r.UpdatedAt, &r.UpdatedBy)
	if err != nil {
		return r, fmt.Errorf("warehousedb: rule of counting: %w", err)
	}
	return r, nil
}

const sqlSaveCountRule = `insert into warehouse.count_rule (site_id, every_a, every_b, every_c, per_day, tolerance_pieces, tolerance_bp, lead_fen, updated_at, updated_by)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (site_id) do update set every_a = excluded.every_a, every_b = excluded.every_b, every_c = excluded.every_c,
	per_day = excluded.per_day, tolerance_pieces = excluded.tolerance_pieces, tolerance_bp = excluded.tolerance_bp, lead_fen = excluded.lead_fen,
	updated_at = excluded.updated_at, updated_by = excluded.updated_by`

// SaveCountRule stores the rule of a site, or the house's own (0).
func SaveCountRule(ctx context.Context, tx pgx.Tx, r warehouse.CountRule) error {
	_, err := tx.Exec(ctx, sqlSaveCountRule, some(r.Site), r.EveryA, r.EveryB, r.EveryC, r.PerDay, r.TolerancePieces, r.ToleranceBP, r.LeadFen, r.UpdatedAt, r.UpdatedBy)
	if err != nil {
		return fmt.Errorf("warehousedb: rule of counting: %w", err)
	}
	return nil
}

// CountableBin is a bin with what decides when it is counted.
type CountableBin struct {
	Code    string
	Class   string
	Counted *time.Time
	Doubt   bool
}

const sqlCountable = `select b.code, coalesce((select min(coalesce(c.class, b.velocity)) from warehouse.position p left join warehouse.sku_class c on c.site_id = p.site_id and c.sku_id = p.sku_id
			where p.site_id = b.site_id and p.bin = b.code and p.on_hand > 0), 'C'), b.counted_at,
		exists (select from warehouse.doubt d where d.site_id = b.site_id and d.bin = b.code and d.settled_at is null)
	from warehouse.bin b where b.site_id = $1 and b.active and b.kind in ('reserve','pick')
		and not exists (select from warehouse.count_task t where t.site_id = b.site_id and t.bin = b.code and t.state in ('open','recount','review'))
		and (exists (select from warehouse.position p where p.site_id = b.site_id and p.bin = b.code and p.on_hand > 0)
			or exists (select from warehouse.doubt d where d.site_id = b.site_id and d.bin = b.code and d.settled_at is null))`

// Countable gives the bins of a site that hold goods, or are in doubt, and are not on the list already.
func Countable(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]CountableBin, error) {
	rows, err := q.Query(ctx, sqlCountable, site)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bins to count: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[CountableBin])
}

const (
	sqlInsertCount  = `insert into warehouse.count_task (site_id, bin, reason, day, at, by_name, note) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id`
	sqlCountedToday = `select count(*)::int from warehouse.count_task where site_id = $1 and day = $2 and reason in ('never','due')`
)

// InsertCount puts a bin on the list; 0 when it stands there already.
func InsertCount(ctx context.Context, tx pgx.Tx, t warehouse.CountTask) (id int64, err error) {
	err = tx.QueryRow(ctx, sqlInsertCount, t.Site, t.Bin, t.Reason, t.Day, t.At, t.By, t.Note).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("warehousedb: count of bin %s: %w", t.Bin, err)
	}
	return id, nil
}

// PlannedCounts gives how many bins the plan has put on a day's list.
func PlannedCounts(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day) (n int, err error) {
	err = q.QueryRow(ctx, sqlCountedToday, site, day).Scan(&n)
	return n, err
}

const countColumns = ` t.id, t.site_id, t.bin, coalesce(b.zone, ''), coalesce(b.aisle, 0), coalesce(b.bay, 0), coalesce(b.level, 0), t.reason, t.state, t.round, t.day, t.at, t.by_name,
	case when t.taken_until > $2 then coalesce(t.taken_by, 0) else 0 end, t.decided_at, t.decided_by, t.cause, t.note, t.difference, t.value_fen
	from warehouse.count_task t left join warehouse.bin b on b.site_id = t.site_id and b.code = t.bin`

const sqlCounts = `select` + countColumns + ` where t.site_id = $1 and t.state = any($3)
	order by case t.reason when 'doubt' then 0 when 'asked' then 1 else 2 end, t.decided_at desc nulls first, b.zone, b.aisle, b.bay, b.level, t.id limit $4`

const sqlLockCount = `select` + countColumns + ` where t.id = $1 for update of t`

// Counts gives counts of a site, those in doubt first, then along the aisles.
func Counts(ctx context.Context, q pgdb.Querier, site catalog.SiteID, states []warehouse.CountState, now time.Time, limit int) ([]warehouse.CountTask, error) {
	return counts(q.Query(ctx, sqlCounts, site, now, texts(states), limit))
}

// LockCount locks a count. warehouse.ErrNoCount.
func LockCount(ctx context.Context, tx pgx.Tx, id int64, now time.Time) (*warehouse.CountTask, error) {
	found, err := counts(tx.Query(ctx, sqlLockCount, id, now))
	if err == nil && len(found) == 0 {
		err = warehouse.ErrNoCount
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

func counts(rows pgx.Rows, err error) ([]warehouse.CountTask, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: counts: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t warehouse.CountTask, err error) {
		err = row.Scan(&t.ID, &t.Site, &t.Bin, &t.Zone, &t.Aisle, &t.Bay, &t.Level, &t.Reason, &t.State, &t.Round, &t.Day, &t.At, &t.By, &t.TakenBy, &t.Decided, &t.DecidedBy,
			&t.Cause, &t.Note, &t.Difference, &t.Value)
		return t, err
	})
}

const (
	sqlTakeCount = `update warehouse.count_task set taken_by = $2, taken_until = $3 where id = $1`
	sqlSaveCount = `update warehouse.count_task set state = $2, round = $3, taken_by = null, taken_until = null, decided_at = $4, decided_by = $5, cause = $6, note = $7,
		operation_id = coalesce($8, operation_id), difference = $9, value_fen = $10 where id = $1`
	sqlBinCounted  = `update warehouse.bin set counted_at = $3 where site_id = $1 and code = $2`
	sqlSettleDoubt = `update warehouse.doubt set settled_at = $3 where site_id = $1 and bin = $2 and settled_at is null`
)

// TakeCount lets an account have a count in hand until an instant.
func TakeCount(ctx context.Context, tx pgx.Tx, id int64, account *int64, until time.Time) error {
	_, err := tx.Exec(ctx, sqlTakeCount, id, account, until)
	return err
}

// SaveCount stores a count that is locked; op is the operation that booked its difference, nil for none.
func SaveCount(ctx context.Context, tx pgx.Tx, t *warehouse.CountTask, op *Operation) error {
	var id any
	if op != nil {
		id = op.ID
	}
	_, err := tx.Exec(ctx, sqlSaveCount, t.ID, t.State, t.Round, t.Decided, t.DecidedBy, t.Cause, t.Note, id, t.Difference, t.Value)
	if err != nil {
		return fmt.Errorf("warehousedb: save count %d: %w", t.ID, err)
	}
	return nil
}

// BinCounted notes when a bin was counted, and settles what was in doubt about it.
func BinCounted(ctx context.Context, tx pgx.Tx, site catalog.SiteID, bin string, at time.Time) error {
	for _, sql := range []string{sqlBinCounted, sqlSettleDoubt} {
		if _, err := tx.Exec(ctx, sql, site, bin, at); err != nil {
			return fmt.Errorf("warehousedb: bin %s was counted: %w", bin, err)
		}
	}
	return nil
}

// Booked is what the book has of a lot in a bin, over all statuses.
type Booked struct {
	SKU    catalog.SKUID
	Lot    warehouse.Lot
	Owner  string
	Pieces quantity.Pieces
	Price  money.Fen // of a piece
}

const sqlBooked = `select p.sku_id, l.code, l.produced, l.expiry, p.owner, sum(p.on_hand)::bigint, s.price_fen
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
	where p.site_id = $1 and p.bin = $2 and p.on_hand > 0 group by 1, 2, 3, 4, 5, 7 order by 1, 2, 5`

// BookedIn gives what the book has in a bin.
func BookedIn(ctx context.Context, q pgdb.Querier, site catalog.SiteID, bin string) ([]Booked, error) {
	rows, err := q.Query(ctx, sqlBooked, site, bin)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: the book of bin %s: %w", bin, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (b Booked, err error) {
		err = row.Scan(&b.SKU, &b.Lot.Code, &b.Lot.Produced, &b.Lot.Expiry, &b.Owner, &b.Pieces, &b.Price)
		return b, err
	})
}

const (
	sqlInsertCountEntry = `insert into warehouse.count_entry (task_id, round, sku_id, lot, produced, expiry, owner, counted, booked, at, account_id, actor)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlCountEntries = `select e.round, e.sku_id, e.lot, e.produced, e.expiry, e.owner, e.counted, e.booked, e.at, e.actor, coalesce(e.account_id, 0)
		from warehouse.count_entry e where e.task_id = $1 order by e.round, e.sku_id, e.lot, e.owner`
)

// InsertCountEntries stores the counts of a round.
func InsertCountEntries(ctx context.Context, tx pgx.Tx, task int64, list []warehouse.CountEntry, account *int64) error {
	b := &pgx.Batch{}
	for _, e := range list {
		b.Queue(sqlInsertCountEntry, task, e.Round, e.SKU, e.Lot.Code, e.Lot.Produced, e.Lot.Expiry, e.Owner, e.Counted, e.Booked, e.At, account, e.By)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("warehousedb: entries of count %d: %w", task, err)
	}
	return nil
}

// CountEntries gives what was counted in each round.
func CountEntries(ctx context.Context, q pgdb.Querier, task int64) ([]warehouse.CountEntry, error) {
	rows, err := q.Query(ctx, sqlCountEntries, task)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: entries of count %d: %w", task, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e warehouse.CountEntry, err error) {
		err = row.Scan(&e.Round, &e.SKU, &e.Lot.Code, &e.Lot.Produced, &e.Lot.Expiry, &e.Owner, &e.Counted, &e.Booked, &e.At, &e.By, &e.Account)
		return e, err
	})
}

const sqlPlacesOf = `select p.id, p.status, p.on_hand, p.reserved from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.owner = $5 and p.on_hand > 0 order by p.status`

// PlacesOf gives the positions of a lot in a bin by status. With lock it keeps others from changing them.
func PlacesOf(ctx context.Context, tx pgx.Tx, at warehouse.Place, lock bool) ([]LotPosition, error) {
	sql := sqlPlacesOf
	if lock {
		sql += ` for update of p`
	}
	rows, err := tx.Query(ctx, sql, at.Site, at.Bin, at.SKU, at.Lot, at.Owner)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: places of a lot: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p LotPosition, err error) {
		p.Place = at
		err = row.Scan(&p.ID, &p.Place.Status, &p.OnHand, &p.Reserved)
		return p, err
	})
}

const sqlOpenHolds = `select exists (select from warehouse.inspection i where i.site_id = $1 and i.sku_id = $2 and i.lot = $3 and i.state in ('waiting','refused','held')
	and i.pieces > i.used_up + i.released + i.scrapped + i.returned)
	or exists (select from warehouse.lot_freeze f where f.sku_id = $2 and f.lot = $3 and f.lifted_at is null and not f.drill)`

// HeldForReason tells whether held pieces of a lot at a site wait for an inspection, a lead's word or the end of a freeze: those
// that a picker did not find wait for the count alone.
func HeldForReason(ctx context.Context, q pgdb.Querier, at warehouse.Place) (yes bool, err error) {
	err = q.QueryRow(ctx, sqlOpenHolds, at.Site, at.SKU, at.Lot).Scan(&yes)
	return yes, err
}

const sqlPrices = `select id, price_fen from catalog.sku where id = any($1)`

// Prices gives the retail prices of SKUs; those that do not exist are left out.
func Prices(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]money.Fen, error) {
	rows, err := q.Query(ctx, sqlPrices, skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: prices: %w", err)
	}
	out := map[catalog.SKUID]money.Fen{}
	var sku catalog.SKUID
	var p money.Fen
	_, err = pgx.ForEachRow(rows, []any{&sku, &p}, func() error { out[sku] = p; return nil })
	return out, err
}

const sqlCountedBy = `select distinct task_id from warehouse.count_entry where task_id = any($1) and account_id = $2`

// CountedBy gives which of the counts an account has had a part in.
func CountedBy(ctx context.Context, q pgdb.Querier, tasks []int64, account int64) (map[int64]bool, error) {
	ids, err := ints(q.Query(ctx, sqlCountedBy, tasks, account))
	out := map[int64]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}
