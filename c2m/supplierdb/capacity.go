package supplierdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

func pieces(n int64) quantity.Pieces { return quantity.Pieces(n) }

const capacityColumns = `sku_id as sku, monday, pieces, version, via, by_name as by, at`

const (
	sqlCapacity = `select ` + capacityColumns + ` from c2m.capacity where supplier_id = $1 and monday between $2 and $3 order by sku_id, monday`
	// The lock on the supplier's row lets one writer at a time look and write.
	sqlLockCalendar = `select pg_advisory_xact_lock(hashtextextended('c2m.capacity:' || $1::int, 0))`
	sqlPutCapacity  = `insert into c2m.capacity (supplier_id, sku_id, monday, pieces, version, via, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (supplier_id, sku_id, monday) do update set pieces = excluded.pieces, version = excluded.version, via = excluded.via, by_name = excluded.by_name, at = excluded.at`
	sqlLogCapacity = `insert into c2m.capacity_version (supplier_id, sku_id, monday, version, pieces, via, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlAddConflict = `insert into c2m.capacity_conflict (supplier_id, sku_id, monday, base, pieces, via, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// Calendar gives a supplier's capacity of the weeks whose Monday lies between two days.
func Calendar(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, from, to calendar.Day) ([]supplier.Capacity, error) {
	return collect[supplier.Capacity](ctx, q, "capacity", sqlCapacity, id, from, to)
}

// LockCalendar lets one transaction at a time write a supplier's calendar.
func LockCalendar(ctx context.Context, tx pgx.Tx, id catalog.SupplierID) error {
	_, err := tx.Exec(ctx, sqlLockCalendar, id)
	return wrap(err, "lock the capacity calendar")
}

// PutCapacity queues a new version of a cell.
func PutCapacity(b *pgx.Batch, id catalog.SupplierID, c supplier.Capacity) {
	b.Queue(sqlPutCapacity, id, c.SKU, c.Monday, c.Pieces, c.Version, c.Via, c.By, c.At)
	b.Queue(sqlLogCapacity, id, c.SKU, c.Monday, c.Version, c.Pieces, c.Via, c.By, c.At)
}

// AddConflict queues an entry that met a newer one.
func AddConflict(b *pgx.Batch, id catalog.SupplierID, e supplier.Entry, via supplier.Via, by string, now time.Time) {
	b.Queue(sqlAddConflict, id, e.SKU, e.Monday, e.Base, e.Pieces, via, by, now)
}

// Run sends a batch.
func Run(ctx context.Context, tx pgx.Tx, b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	return wrap(tx.SendBatch(ctx, b).Close(), "save")
}

const (
	conflictColumns = `k.id, k.supplier_id as supplier, k.sku_id as sku, k.monday, k.base, k.pieces as wants, k.via, k.by_name as by, k.at, k.settled_at as settled, k.settled_by as settle_by, k.taken,
		coalesce(c.pieces, 0) as stands, coalesce(c.version, 0) as version, coalesce(c.via, '') as stands_via, coalesce(c.by_name, '') as stands_by, coalesce(c.at, k.at) as stands_at
		from c2m.capacity_conflict k left join c2m.capacity c on c.supplier_id = k.supplier_id and c.sku_id = k.sku_id and c.monday = k.monday`
	sqlConflicts = `select ` + conflictColumns + ` where k.settled_at is null and ($1::int = 0 or k.supplier_id = $1) order by k.monday, k.id limit 500`
	sqlConflict  = `select ` + conflictColumns + ` where k.settled_at is null and k.id = $1`
	sqlSettle    = `update c2m.capacity_conflict set settled_at = $2, settled_by = $3, taken = $4 where id = $1 and settled_at is null`
)

type conflictRow struct {
	ID       int64
	Supplier catalog.SupplierID
	SKU      catalog.SKUID
	Monday   calendar.Day
	Base     int
	Wants    quantity.Pieces
	Via      supplier.Via
	By       string
	At       time.Time
	Settled  *time.Time
	SettleBy string
	Taken    bool
	Stands   quantity.Pieces
	Version  int

	StandsVia supplier.Via
	StandsBy  string
	StandsAt  time.Time
}

func (r conflictRow) clash() supplier.Clash {
	return supplier.Clash{ID: r.ID, SKU: r.SKU, Monday: r.Monday, Base: r.Base, Wants: r.Wants, Via: r.Via, By: r.By, At: r.At, Settled: r.Settled, SettleBy: r.SettleBy, Taken: r.Taken,
		Stands: supplier.Capacity{SKU: r.SKU, Monday: r.Monday, Pieces: r.Stands, Version: r.Version, Via: r.StandsVia, By: r.StandsBy, At: r.StandsAt}}
}

// Conflicts gives the open conflicts of a supplier, or of all (0).
func Conflicts(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]supplier.Clash, error) {
	rows, err := collect[conflictRow](ctx, q, "conflicts", sqlConflicts, id)
	out := make([]supplier.Clash, len(rows))
	for i, r := range rows {
		out[i] = r.clash()
	}
	return out, err
}

// OpenConflict gives an open conflict and whose it is. supplier.ErrConflict.
func OpenConflict(ctx context.Context, q pgdb.Querier, id int64) (supplier.Clash, catalog.SupplierID, error) {
	rows, err := collect[conflictRow](ctx, q, "conflict", sqlConflict, id)
	if err == nil && len(rows) == 0 {
		err = supplier.ErrConflict
	}
	if err != nil {
		return supplier.Clash{}, 0, err
	}
	return rows[0].clash(), rows[0].Supplier, nil
}

// SettleConflict closes a conflict.
func SettleConflict(ctx context.Context, tx pgx.Tx, id int64, taken bool, by string, now time.Time) error {
	tag, err := tx.Exec(ctx, sqlSettle, id, now, by, taken)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %d", supplier.ErrConflict, id)
	}
	return wrap(err, "settle a conflict")
}

// Terms is a SKU that a supplier makes.
type Terms struct {
	SKU         catalog.SKUID
	Code        string
	NameZH      string
	NameEN      string
	PartNo      string
	CapacityDay quantity.Pieces
	MOQ         quantity.Pieces
	Pack        quantity.Pieces
	LeadMean    float64
	Asked       quantity.Pieces // what the coming 13 weeks' forecast and open orders ask of it, for the order of the list
}

const sqlTermsOf = `select t.sku_id as sku, k.code, k.name_zh, k.name_en, t.part_no, t.capacity_day, t.moq, t.pack, t.lead_mean_days::float8 as lead_mean,
		coalesce((select sum(w.pieces) from c2m.forecast_week w where w.supplier_id = t.supplier_id and w.sku_id = t.sku_id and w.monday between $2 and $2 + 90), 0)::bigint
		+ coalesce((select sum(l.pieces) from c2m.sent_line l join c2m.factory_order o on o.id = l.order_id where l.sku_id = t.sku_id and o.supplier_id = t.supplier_id
			and o.state in ('sent','answered','confirmed','producing')), 0)::bigint as asked
	from catalog.term t join catalog.sku k on k.id = t.sku_id where t.supplier_id = $1 order by asked desc, k.code limit $3`

// TermsOf gives the SKUs that a supplier makes, those most asked for first.
func TermsOf(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, monday calendar.Day, limit int) ([]Terms, error) {
	return collect[Terms](ctx, q, "terms", sqlTermsOf, id, monday, limit)
}

const sqlCellsOf = `select supplier_id as supplier, sku_id as sku, monday, pieces from c2m.capacity where sku_id = any($1) and monday between $2 and $3`

// CellsOf gives the weeks' capacity of SKUs by supplier and SKU, for planners.
func CellsOf(ctx context.Context, q pgdb.Querier, of []catalog.SKUID, from, to calendar.Day) (map[catalog.SupplierID]map[catalog.SKUID][]supplier.Capacity, error) {
	type row struct {
		Supplier catalog.SupplierID
		SKU      catalog.SKUID
		Monday   calendar.Day
		Pieces   quantity.Pieces
	}
	rows, err := collect[row](ctx, q, "capacity of goods", sqlCellsOf, skus(of), supplier.Monday(from), to)
	out := map[catalog.SupplierID]map[catalog.SKUID][]supplier.Capacity{}
	for _, r := range rows {
		if out[r.Supplier] == nil {
			out[r.Supplier] = map[catalog.SKUID][]supplier.Capacity{}
		}
		out[r.Supplier][r.SKU] = append(out[r.Supplier][r.SKU], supplier.Capacity{SKU: r.SKU, Monday: r.Monday, Pieces: r.Pieces})
	}
	return out, err
}

// isNone tells whether a query found no row.
func isNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
