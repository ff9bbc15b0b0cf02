package warehousedb

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// StuckLine is a line that is short at its site, with its order. The order, the shipment and the shortage are locked.
type StuckLine struct {
	NewOrder
	Ripe             bool // it has waited long enough
	Whole            bool
	No               int
	SKU              catalog.SKUID
	Code             string
	Site             catalog.SiteID
	SiteCode         string
	Shipment         int64
	Missing          quantity.Pieces
	Allocated        quantity.Pieces
	Rank             int64
	MinRemainingDays int
	ShelfLifeDays    int
	Temperature      catalog.Temperature
}

const sqlMovableSKUs = `select t.sku_id from (select sku_id, array_agg(distinct site_id) as sites from warehouse.shortage where since <= $1 group by 1) t
	where exists (select from warehouse.position p where p.sku_id = t.sku_id and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved
		and not (p.site_id = any(t.sites) and cardinality(t.sites) = 1)) order by 1`

// MovableSKUs gives the SKUs that a site has been short of since before a time while another has some.
func MovableSKUs(ctx context.Context, q pgdb.Querier, before time.Time) ([]int32, error) {
	rows, err := q.Query(ctx, sqlMovableSKUs, before)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: short SKUs with stock elsewhere: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: short SKUs with stock elsewhere: %w", err)
	}
	return out, nil
}

// Nothing is waited for: what another transaction works on is looked at in the next round.
const sqlStuckLines = `select o.id, o.channel, o.promise, o.promise_at, o.lot_day, o.priority, o.received_at, o.lat, o.lon, o.area, o.amount_fen as amount, o.kind,
		x.line_no as no, x.sku_id as sku, k.code, x.site_id as site, w.code as site_code, x.shipment_id as shipment, l.pieces - l.allocated - l.cancelled as missing, l.allocated, x.rank,
		x.min_remaining_days, k.shelf_life_days, k.temperature, x.since <= $1 as ripe, x.whole
	from warehouse.shortage x
	join warehouse.outbound o on o.id = x.outbound_id and o.kind = 'sale' and o.state not in ('new','cancelled','shipped','delivered','returned')
	join warehouse.shipment s on s.id = x.shipment_id and s.state = 'waiting' and s.queue_rank is null
	join warehouse.outbound_line l on l.outbound_id = x.outbound_id and l.no = x.line_no and l.state = 'short'
	join catalog.sku k on k.id = x.sku_id join catalog.site w on w.id = x.site_id
	where x.sku_id = any($2) and (x.rank, x.outbound_id, x.line_no) > ($3, $4, $5)
	order by x.rank, x.outbound_id, x.line_no limit $6 for update of o, s, x skip locked`

// ClaimStuck takes short lines of the SKUs, over all sites, in fair order, beginning behind a line; nil is the head. Those that have
// been short since before the time are ripe.
func ClaimStuck(ctx context.Context, tx pgx.Tx, before time.Time, skus []int32, after *StuckLine, limit int) ([]StuckLine, error) {
	if after == nil {
		after = &StuckLine{Rank: math.MinInt64}
	}
	rows, err := tx.Query(ctx, sqlStuckLines, before, skus, after.Rank, int64(after.ID), int32(after.No), limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim short lines: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[StuckLine])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim short lines: %w", err)
	}
	return out, nil
}

const sqlQueued = `select s.site_id, l.sku_id, sum(l.pieces - l.allocated - l.cancelled)::bigint, count(*)::int
	from warehouse.shipment s join warehouse.outbound_line l on l.outbound_id = s.outbound_id and l.site_id = s.site_id
	where s.queue_rank is not null and l.state = 'queued' and l.sku_id = any($1) group by 1, 2`

// Queued gives the pieces of the SKUs that lines wait for which allocation has not looked at yet.
func Queued(ctx context.Context, q pgdb.Querier, skus []int32) ([]Promised, error) {
	rows, err := q.Query(ctx, sqlQueued, skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: queued pieces: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Promised])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: queued pieces: %w", err)
	}
	return out, nil
}

const sqlAloneAt = `select pg_try_advisory_xact_lock(hashtextextended($1, 0))`

// Alone tells whether this transaction is the only one that does a work of the name; it stays so until it ends.
func Alone(ctx context.Context, tx pgx.Tx, name string) (alone bool, err error) {
	if err = tx.QueryRow(ctx, sqlAloneAt, "milkrun "+name).Scan(&alone); err != nil {
		err = fmt.Errorf("warehousedb: be alone with %s: %w", name, err)
	}
	return alone, err
}

const sqlSendingSites = `select distinct h.outbound_id, h.site_id, h.state in ('waiting','ready') from warehouse.shipment h
	where h.outbound_id = any($1) and h.state <> 'cancelled'
		and exists (select from warehouse.outbound_line l where l.outbound_id = h.outbound_id and l.site_id = h.site_id and (l.state <> 'short' or l.allocated > 0) and l.state <> 'cancelled')`

// Sends tells that a site sends something of an order anyway; Open that its parcel is not being picked yet.
type Sends struct {
	Outbound warehouse.OutboundID
	Site     catalog.SiteID
	Open     bool
}

// SendingSites gives the sites that send something of the orders besides what is short.
func SendingSites(ctx context.Context, q pgdb.Querier, orders []int64) ([]Sends, error) {
	rows, err := q.Query(ctx, sqlSendingSites, orders)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites that send: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Sends])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites that send: %w", err)
	}
	return out, nil
}

const (
	sqlMovedShortages = `delete from warehouse.shortage x using unnest($1::bigint[], $2::int[]) as d (o, n) where x.outbound_id = d.o and x.line_no = d.n`
	// A line whose missing pieces became lines of their own has what is promised to it.
	sqlRestHasAll = `update warehouse.outbound_line l set state = case when l.shipped > 0 and l.shipped = l.allocated then 'shipped' else 'allocated' end
		from unnest($1::bigint[], $2::int[]) as d (o, n) where l.outbound_id = d.o and l.no = d.n and l.state = 'short' and l.allocated > 0 and l.pieces = l.allocated + l.cancelled`
	sqlDropLeft = `update warehouse.shipment s set state = 'cancelled', queue_rank = null, wave_id = null where s.outbound_id = any($1) and s.state in ('waiting','ready') and s.queue_rank is null
		and not exists (select from warehouse.outbound_line l where l.outbound_id = s.outbound_id and l.site_id = s.site_id and l.state in ('queued','short','allocated')
			and (l.allocated = 0 or l.state = 'short' or exists (select from warehouse.allocation a where a.outbound_id = l.outbound_id and a.line_no = l.no and a.shipment_id = s.id and a.state = 'reserved')))`
	sqlWholeLeft = `update warehouse.shipment s set state = 'ready', ready_at = $2 where s.outbound_id = any($1) and s.state = 'waiting' and s.queue_rank is null
		and not exists (select from warehouse.shortage x where x.outbound_id = s.outbound_id and x.site_id = s.site_id)`
)

// WriteMoves stores lines that go from where they were short to other sites: out holds their new places, lines names them. The
// shipments they leave are ready when nothing else is missing, or end when nothing is left.
func WriteMoves(ctx context.Context, tx pgx.Tx, out *Sourced, lines []StuckLine, version int, at time.Time) error {
	orders, nos := make([]int64, len(lines)), make([]int32, len(lines))
	for i, l := range lines {
		orders[i], nos[i] = int64(l.ID), int32(l.No)
	}
	if _, err := tx.Exec(ctx, sqlMovedShortages, orders, nos); err != nil {
		return fmt.Errorf("warehousedb: move short lines: %w", err)
	}
	if err := out.Write(ctx, tx, version, at); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlRestHasAll, orders, nos); err != nil {
		return fmt.Errorf("warehousedb: move short lines: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDropLeft, orders); err != nil {
		return fmt.Errorf("warehousedb: move short lines: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlWholeLeft, orders, at); err != nil {
		return fmt.Errorf("warehousedb: move short lines: %w", err)
	}
	return nil
}
