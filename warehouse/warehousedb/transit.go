package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlLanePromise = `select lead_mean_days::float8, s.time_zone from catalog.site s left join catalog.lane l on l.to_site = s.id and l.from_site = $1 where s.id = $2`

// LanePromise gives the day on which the lane between two sites lets goods arrive that were shipped at an instant; nil where
// there is no lane.
func LanePromise(ctx context.Context, tx pgx.Tx, from, to catalog.SiteID, shipped time.Time) (*calendar.Day, error) {
	var lead *float64
	var name string
	if err := tx.QueryRow(ctx, sqlLanePromise, from, to).Scan(&lead, &name); err != nil {
		return nil, fmt.Errorf("warehousedb: lane %d to %d: %w", from, to, err)
	}
	if lead == nil {
		return nil, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: zone of site %d: %w", to, err)
	}
	d := calendar.Of(shipped, zone).AddDays(int(math.Ceil(*lead)))
	return &d, nil
}

const sqlInsertLaneTime = `insert into warehouse.lane_time (delivery_id, from_site, to_site, shipped_at, promised, arrived_at, days)
	values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`

// InsertLaneTime keeps how long a transfer was on its way, once.
func InsertLaneTime(ctx context.Context, tx pgx.Tx, d *warehouse.Delivery, arrived time.Time) error {
	took := max(0, arrived.Sub(*d.Shipped).Hours()/24)
	if _, err := tx.Exec(ctx, sqlInsertLaneTime, d.ID, d.FromSite, d.Site, d.Shipped, d.Arrives, arrived, took); err != nil {
		return fmt.Errorf("warehousedb: time of lane %d to %d: %w", d.FromSite, d.Site, err)
	}
	return nil
}

const sqlLockFree = `select p.on_hand - p.reserved from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.owner = $5 and p.status = $6 for update of p`

// LockFree locks one place and gives how many of its pieces are not reserved.
func LockFree(ctx context.Context, tx pgx.Tx, p warehouse.Place) (n quantity.Pieces, err error) {
	err = tx.QueryRow(ctx, sqlLockFree, p.Site, p.Bin, p.SKU, p.Lot, p.Owner, p.Status).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("warehousedb: lock a position: %w", err)
	}
	return n, nil
}

const sqlReversal = `select e.pieces, f.site_id, f.bin, f.sku_id, fl.code, f.owner, f.status, t.site_id, t.bin, t.sku_id, tl.code, t.owner, t.status
	from warehouse.entry e left join warehouse.position f on f.id = e.from_position left join warehouse.lot fl on fl.id = f.lot_id
	left join warehouse.position t on t.id = e.to_position left join warehouse.lot tl on tl.id = t.lot_id
	where e.operation_id = $1 order by e.id`

// Reversal gives the moves that take back what an operation did. They take free pieces only.
func Reversal(ctx context.Context, tx pgx.Tx, op uuid.UUID) ([]warehouse.Move, error) {
	rows, err := tx.Query(ctx, sqlReversal, op)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: entries of %s: %w", op, err)
	}
	type side struct {
		site, sku               *int32
		bin, lot, owner, status *string
	}
	place := func(s side) *warehouse.Place {
		if s.site == nil {
			return nil
		}
		return &warehouse.Place{Site: catalog.SiteID(*s.site), Bin: *s.bin, SKU: catalog.SKUID(*s.sku), Lot: *s.lot, Owner: *s.owner, Status: warehouse.Status(*s.status)}
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.Move, error) {
		var m warehouse.Move
		var f, t side
		err := row.Scan(&m.Pieces, &f.site, &f.bin, &f.sku, &f.lot, &f.owner, &f.status, &t.site, &t.bin, &t.sku, &t.lot, &t.owner, &t.status)
		m.From, m.To = place(t), place(f)
		return m, err
	})
}

const sqlSetReverses = `update warehouse.operation set reverses = $2 where id = $1`

// SetReverses notes which operation one takes back.
func SetReverses(ctx context.Context, tx pgx.Tx, op, was uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlSetReverses, op, was); err != nil {
		return fmt.Errorf("warehousedb: note what %s takes back: %w", op, err)
	}
	return nil
}
