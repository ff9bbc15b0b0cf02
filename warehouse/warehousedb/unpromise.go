package warehousedb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/quantity"
)

// The latest orders give way first.
const sqlLoosePromises = `select a.id, a.line_no as line, a.site_id as site, a.sku_id as sku, a.position_id as position, a.pieces, a.state, a.shipment_id as shipment, a.outbound_id as outbound
	from warehouse.allocation a join warehouse.shipment h on h.id = a.shipment_id join warehouse.outbound o on o.id = a.outbound_id
	where a.position_id = any($1) and a.state = 'reserved' and h.state in ('waiting','ready') order by a.position_id, o.priority, o.received_at desc, a.id desc`

type loosePromise struct {
	OpenAllocation
	Outbound int64
}

const (
	sqlHoldOutbounds = `select id from warehouse.outbound where id = any($1) order by id for update`
	sqlHoldLines     = `select 1 from warehouse.outbound_line where outbound_id = any($1) order by outbound_id, no for update`
	sqlHoldShipments = `select id from warehouse.shipment where id = any($1) and state in ('waiting','ready') order by id for update`
	sqlLineWaits     = `update warehouse.outbound_line set state = 'short', queued_at = coalesce(queued_at, $3) where outbound_id = $1 and no = $2`
	sqlShipmentWaits = `update warehouse.shipment set state = 'waiting', wave_id = null, ready_at = null where id = any($1)`
	sqlOutboundsWait = `update warehouse.outbound set state = 'waiting' where id = any($1) and state = 'allocated'`
)

// Unpromise ends promises on positions that no wave has taken up, and queues their lines anew: at least so many pieces by position
// (nil for all that are loose). It gives the pieces released. Orders, lines and shipments are locked before positions: it is
// called before the transaction locks any of them.
func Unpromise(ctx context.Context, tx pgx.Tx, positions []int64, need map[int64]quantity.Pieces, at time.Time) (quantity.Pieces, error) {
	rows, err := tx.Query(ctx, sqlLoosePromises, positions)
	if err != nil {
		return 0, fmt.Errorf("warehousedb: loose promises: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[loosePromise])
	if err != nil {
		return 0, fmt.Errorf("warehousedb: loose promises: %w", err)
	}
	got := map[int64]quantity.Pieces{}
	all = slices.DeleteFunc(all, func(p loosePromise) bool {
		if need != nil && got[p.Position] >= need[p.Position] {
			return true
		}
		got[p.Position] += p.Pieces
		return false
	})
	if len(all) == 0 {
		return 0, nil
	}
	outbounds := unique(all, func(p loosePromise) int64 { return p.Outbound })
	for _, sql := range []string{sqlHoldOutbounds, sqlHoldLines} {
		if _, err := tx.Exec(ctx, sql, outbounds); err != nil {
			return 0, fmt.Errorf("warehousedb: hold orders: %w", err)
		}
	}
	held, err := ints(tx.Query(ctx, sqlHoldShipments, unique(all, func(p loosePromise) int64 { return p.Shipment })))
	if err != nil {
		return 0, err
	}
	all = slices.DeleteFunc(all, func(p loosePromise) bool { return !slices.Contains(held, p.Shipment) })
	return requeue(ctx, tx, all, held, outbounds, at)
}

func unique[T any](in []T, f func(T) int64) []int64 {
	out := column(in, f)
	slices.Sort(out)
	return slices.Compact(out)
}

// requeue releases promises that are held and lets their lines wait.
func requeue(ctx context.Context, tx pgx.Tx, all []loosePromise, shipments, outbounds []int64, at time.Time) (n quantity.Pieces, err error) {
	list := column(all, func(p loosePromise) OpenAllocation { return p.OpenAllocation })
	if err := Release(ctx, tx, list); err != nil {
		return 0, err
	}
	for _, p := range all {
		n += p.Pieces
		if _, err := tx.Exec(ctx, sqlLineWaits, p.Outbound, p.Line, at); err != nil {
			return 0, fmt.Errorf("warehousedb: a line waits: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlShortage, p.Outbound, p.Line, p.Site, p.Shipment, int64(p.Pieces), at); err != nil {
			return 0, fmt.Errorf("warehousedb: a line waits: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, sqlShipmentWaits, shipments); err != nil {
		return 0, fmt.Errorf("warehousedb: shipments wait: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlOutboundsWait, outbounds); err != nil {
		return 0, fmt.Errorf("warehousedb: orders wait: %w", err)
	}
	return n, nil
}
