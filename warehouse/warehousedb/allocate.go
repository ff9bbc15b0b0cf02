package warehousedb

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Claimed is a shipment that this transaction allocates: nobody else touches it before the transaction ends.
type Claimed struct {
	Shipment int64
	Outbound warehouse.OutboundID
	Rank     int64
	Whole    bool // of the order's kind: a customer's line is allocated whole or not at all
}

// Only the queue is passed over where another works on it; balances are waited for.
const sqlClaim = `select s.id, s.outbound_id, s.queue_rank, not s.partial from warehouse.shipment s
	where s.site_id = $1 and s.queue_rank is not null order by s.queue_rank, s.id limit $2 for update skip locked`

// Claim takes the first shipments from the site's queue, in fair order.
func Claim(ctx context.Context, tx pgx.Tx, site catalog.SiteID, limit int) ([]Claimed, error) {
	rows, err := tx.Query(ctx, sqlClaim, int32(site), limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim shipments: %w", err)
	}
	out := make([]Claimed, 0, limit)
	var c Claimed
	if _, err := pgx.ForEachRow(rows, []any{&c.Shipment, (*int64)(&c.Outbound), &c.Rank, &c.Whole}, func() error { out = append(out, c); return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: claim shipments: %w", err)
	}
	return out, nil
}

// OpenLine is a line that waits for stock.
type OpenLine struct {
	Shipment         int64
	Outbound         warehouse.OutboundID
	No               int
	SKU              catalog.SKUID
	Want             quantity.Pieces
	MinRemainingDays int
	Whole            bool
	Short            bool // it was refused before
	Rank             int64
}

const sqlOpenLines = `select c.no, l.no, l.sku_id, l.pieces - l.allocated - l.cancelled, l.min_remaining_days, l.state = 'short'
	from unnest($2::bigint[]) with ordinality as c (outbound_id, no)
	join warehouse.outbound_line l on l.outbound_id = c.outbound_id
	where l.site_id = $1 and l.state in ('queued','short') and l.pieces > l.allocated + l.cancelled
	order by c.no, l.no`

// OpenLines gives the lines of the claimed shipments that wait for stock, in the order of claimed.
func OpenLines(ctx context.Context, tx pgx.Tx, site catalog.SiteID, claimed []Claimed) ([]OpenLine, error) {
	outbounds := make([]int64, len(claimed))
	for i, c := range claimed {
		outbounds[i] = int64(c.Outbound)
	}
	rows, err := tx.Query(ctx, sqlOpenLines, int32(site), outbounds)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: open lines: %w", err)
	}
	out := make([]OpenLine, 0, len(claimed)*2)
	var at int64
	var l OpenLine
	if _, err := pgx.ForEachRow(rows, []any{&at, &l.No, (*int32)(&l.SKU), (*int64)(&l.Want), &l.MinRemainingDays, &l.Short}, func() error {
		c := claimed[at-1]
		l.Shipment, l.Outbound, l.Rank, l.Whole = c.Shipment, c.Outbound, c.Rank, c.Whole
		out = append(out, l)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: open lines: %w", err)
	}
	return out, nil
}

// takeable says from which bins pieces may be promised: not from carts, benches and places of doubt. What stands available where
// returns come in was graded good: it goes straight to whoever waits for it.
const takeable = ` not exists (select from warehouse.bin b where b.site_id = p.site_id and b.code = p.bin
		and (not b.active or b.kind in ('tote','stage','pack','inspect','quarantine','scrap')))`

const sqlWanted = `select k.sku, s.shelf_life_days, exists (select from warehouse.shortage x where x.site_id = $1 and x.sku_id = k.sku)
		and exists (select from warehouse.position p where p.site_id = $1 and p.sku_id = k.sku and p.on_hand > p.reserved
			and p.status = 'available' and p.owner = '')
	from unnest($2::int[]) as k (sku) join catalog.sku s on s.id = k.sku`

// Wanted is a SKU that lines ask for. Late tells that lines of the site already wait for it although pieces are there now.
type Wanted struct {
	ShelfLifeDays int
	Late          bool
}

// WantedSKUs gives what allocation has to know of the SKUs at the site.
func WantedSKUs(ctx context.Context, tx pgx.Tx, site catalog.SiteID, skus []int32) (map[catalog.SKUID]Wanted, error) {
	rows, err := tx.Query(ctx, sqlWanted, int32(site), skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: wanted SKUs: %w", err)
	}
	out := make(map[catalog.SKUID]Wanted, len(skus))
	var sku int32
	var w Wanted
	if _, err := pgx.ForEachRow(rows, []any{&sku, &w.ShelfLifeDays, &w.Late}, func() error { out[catalog.SKUID(sku)] = w; return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: wanted SKUs: %w", err)
	}
	return out, nil
}

// The SKUs of the shortages are found by stepping from one to the next on the index.
const sqlShortSKUsOf = `with recursive k as (
		(select sku_id from warehouse.shortage where site_id = $1 order by sku_id limit 1)
		union all
		select (select x.sku_id from warehouse.shortage x where x.site_id = $1 and x.sku_id > k.sku_id order by x.sku_id limit 1)
		from k where k.sku_id is not null)
	select k.sku_id from k where k.sku_id is not null
		and exists (select from warehouse.position p where p.site_id = $1 and p.sku_id = k.sku_id and p.on_hand > p.reserved
			and p.status = 'available' and p.owner = '')`

// ShortSKUsOf gives the SKUs that lines of the site wait for although pieces are there.
func ShortSKUsOf(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]int32, error) {
	rows, err := q.Query(ctx, sqlShortSKUsOf, int32(site))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: short SKUs: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: short SKUs: %w", err)
	}
	return out, nil
}

const sqlClaimShort = `select s.id, x.outbound_id, x.line_no, x.sku_id, l.pieces - l.allocated - l.cancelled, x.min_remaining_days, x.whole, x.rank
	from warehouse.shortage x
	join warehouse.shipment s on s.id = x.shipment_id
	join warehouse.outbound_line l on l.outbound_id = x.outbound_id and l.no = x.line_no
	where x.site_id = $1 and x.sku_id = $2 and (x.rank, x.outbound_id, x.line_no) > ($3, $4, $5) and s.queue_rank is null
	order by x.rank, x.outbound_id, x.line_no limit $6 for update of s, x skip locked`

// ClaimShort takes lines of the SKU that the site was short of, in fair order, beginning behind a line; nil is the head.
func ClaimShort(ctx context.Context, tx pgx.Tx, site catalog.SiteID, sku int32, after *OpenLine, limit int) ([]OpenLine, error) {
	if after == nil {
		after = &OpenLine{Rank: math.MinInt64}
	}
	rows, err := tx.Query(ctx, sqlClaimShort, int32(site), sku, after.Rank, int64(after.Outbound), int32(after.No), limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim shortages: %w", err)
	}
	var out []OpenLine
	l := OpenLine{Short: true}
	if _, err := pgx.ForEachRow(rows, []any{&l.Shipment, (*int64)(&l.Outbound), &l.No, (*int32)(&l.SKU), (*int64)(&l.Want), &l.MinRemainingDays,
		&l.Whole, &l.Rank}, func() error { out = append(out, l); return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: claim shortages: %w", err)
	}
	return out, nil
}

// FreeStock is a position with pieces that may be promised. It is locked.
type FreeStock struct {
	Position int64
	SKU      catalog.SKUID
	Lot      int64
	Expiry   *calendar.Day
	Free     quantity.Pieces
	Reserve  bool // the bin is a reserve above the picking face
}

// The balances are locked in the order of their key, and waited for: another's decision about them must be seen.
const sqlLockStock = `select p.id, p.sku_id, p.lot_id, (l.expiry - date '1970-01-01')::int, p.on_hand - p.reserved, coalesce(b.kind <> 'pick', false)
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id left join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
	where p.site_id = $1 and p.sku_id = any($2) and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved
		and (b.kind is null or b.active and b.kind not in ('tote','stage','pack','inspect','quarantine','scrap'))
	order by p.site_id, p.bin, p.sku_id, p.lot_id, p.owner, p.status for update of p`

// LockStock gives and locks what the site can promise of the SKUs.
func LockStock(ctx context.Context, tx pgx.Tx, site catalog.SiteID, skus []int32) ([]FreeStock, error) {
	rows, err := tx.Query(ctx, sqlLockStock, int32(site), skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock stock: %w", err)
	}
	out := make([]FreeStock, 0, len(skus)*2)
	var s FreeStock
	var expiry *int32
	if _, err := pgx.ForEachRow(rows, []any{&s.Position, (*int32)(&s.SKU), &s.Lot, &expiry, (*int64)(&s.Free), &s.Reserve}, func() error {
		s.Expiry = nil
		if expiry != nil {
			d := calendar.Day(*expiry)
			s.Expiry = &d
		}
		expiry = nil
		out = append(out, s)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: lock stock: %w", err)
	}
	return out, nil
}

// Decision is what a batch of lines comes to, ready to be written.
type Decision struct {
	takes  takeColumns
	lines  lineChanges
	stock  map[int64]int64
	short  shortColumns
	served struct{ outbound, no []int64 }
	ships  struct {
		ids   []int64
		ready []bool
	}
}

type takeColumns struct {
	outbound, position, pieces, shipment []int64
	no, sku                              []int32
}

type lineChanges struct {
	outbound, pieces []int64
	no               []int32
	state            []string
}

type shortColumns struct {
	outbound, shipment, pieces, rank []int64
	no, sku, minRemaining            []int32
	whole                            []bool
}

// NewDecision gives an empty decision about so many lines.
func NewDecision(lines int) *Decision {
	d := &Decision{stock: map[int64]int64{}}
	d.takes.outbound, d.takes.position = make([]int64, 0, lines), make([]int64, 0, lines)
	d.takes.pieces, d.takes.shipment = make([]int64, 0, lines), make([]int64, 0, lines)
	d.takes.no, d.takes.sku = make([]int32, 0, lines), make([]int32, 0, lines)
	d.lines.outbound, d.lines.pieces, d.lines.no, d.lines.state = make([]int64, 0, lines), make([]int64, 0, lines), make([]int32, 0, lines), make([]string, 0, lines)
	return d
}

// Take promises pieces of a position to a line.
func (d *Decision) Take(l *OpenLine, position int64, n quantity.Pieces) {
	t := &d.takes
	t.outbound, t.no, t.sku = append(t.outbound, int64(l.Outbound)), append(t.no, int32(l.No)), append(t.sku, int32(l.SKU))
	t.position, t.pieces, t.shipment = append(t.position, position), append(t.pieces, int64(n)), append(t.shipment, l.Shipment)
	d.stock[position] += int64(n)
}

// Line sets what a line has got: missing are the pieces that it still waits for.
func (d *Decision) Line(l *OpenLine, got, missing quantity.Pieces) {
	if missing > 0 {
		s := &d.short
		s.outbound, s.no, s.sku = append(s.outbound, int64(l.Outbound)), append(s.no, int32(l.No)), append(s.sku, int32(l.SKU))
		s.shipment, s.pieces, s.rank = append(s.shipment, l.Shipment), append(s.pieces, int64(missing)), append(s.rank, l.Rank)
		s.minRemaining, s.whole = append(s.minRemaining, int32(l.MinRemainingDays)), append(s.whole, l.Whole)
		if l.Short && got == 0 {
			return // it stays what it was
		}
	} else if l.Short {
		d.served.outbound, d.served.no = append(d.served.outbound, int64(l.Outbound)), append(d.served.no, int64(l.No))
	}
	state := "allocated"
	if missing > 0 {
		state = "short"
	}
	c := &d.lines
	c.outbound, c.no, c.pieces, c.state = append(c.outbound, int64(l.Outbound)), append(c.no, int32(l.No)), append(c.pieces, int64(got)), append(c.state, state)
}

// Shipment takes a claimed shipment out of the queue; ready tells that all its lines have their pieces.
func (d *Decision) Shipment(id int64, ready bool) {
	d.ships.ids, d.ships.ready = append(d.ships.ids, id), append(d.ships.ready, ready)
}

// Short counts the lines that were refused.
func (d *Decision) Short() int { return len(d.short.outbound) }

const sqlAllocate = `with a as (
		insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at, shipment_id)
		select o, n, $1, k, p, c, $2, s from unnest($3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[]) as t (o, n, k, p, c, s)),
	l as (
		update warehouse.outbound_line l set allocated = l.allocated + d.c, state = d.state
		from unnest($9::bigint[], $10::int[], $11::bigint[], $12::text[]) as d (o, n, c, state)
		where l.outbound_id = d.o and l.no = d.n),
	p as (
		update warehouse.position p set reserved = p.reserved + d.c
		from unnest($13::bigint[], $14::bigint[]) as d (id, c) where p.id = d.id)
	update warehouse.shipment s set queue_rank = null, state = case when d.ready then 'ready' else s.state end,
		ready_at = case when d.ready then $2 else s.ready_at end
	from unnest($15::bigint[], $16::boolean[]) as d (id, ready) where s.id = d.id`

const sqlShort = `insert into warehouse.shortage as x (outbound_id, line_no, site_id, sku_id, shipment_id, pieces, min_remaining_days, whole, rank, since)
	select o, n, $1, k, s, c, m, w, r, $2
	from unnest($3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::int[], $9::boolean[], $10::bigint[]) as t (o, n, k, s, c, m, w, r)
	on conflict (outbound_id, line_no) do update set pieces = excluded.pieces, shipment_id = excluded.shipment_id, site_id = excluded.site_id
	where (x.pieces, x.shipment_id, x.site_id) is distinct from (excluded.pieces, excluded.shipment_id, excluded.site_id)`

const sqlServed = `delete from warehouse.shortage x using unnest($1::bigint[], $2::int[]) as d (o, n) where x.outbound_id = d.o and x.line_no = d.n`

// A shipment that was short is ready when none of its lines is any more.
const sqlServedReady = `update warehouse.shipment s set state = 'ready', ready_at = $2
	where s.id = any($1) and s.state = 'waiting' and s.queue_rank is null
		and not exists (select from warehouse.shortage x where x.outbound_id = s.outbound_id and x.site_id = s.site_id)`

// Write stores the decision: allocations, what lines have got, what positions have reserved, and the shipments, in one
// statement; shortages, of which there are few or none, in others.
func (d *Decision) Write(ctx context.Context, tx pgx.Tx, site catalog.SiteID, at time.Time) error {
	positions, reserved := make([]int64, 0, len(d.stock)), make([]int64, 0, len(d.stock))
	for id, n := range d.stock {
		positions, reserved = append(positions, id), append(reserved, n)
	}
	t, c := &d.takes, &d.lines
	if _, err := tx.Exec(ctx, sqlAllocate, int32(site), at, t.outbound, t.no, t.sku, t.position, t.pieces, t.shipment,
		c.outbound, c.no, c.pieces, c.state, positions, reserved, d.ships.ids, d.ships.ready); err != nil {
		return fmt.Errorf("warehousedb: allocate: %w", err)
	}
	if s := &d.short; len(s.outbound) > 0 {
		if _, err := tx.Exec(ctx, sqlShort, int32(site), at, s.outbound, s.no, s.sku, s.shipment, s.pieces, s.minRemaining, s.whole, s.rank); err != nil {
			return fmt.Errorf("warehousedb: note shortages: %w", err)
		}
	}
	if len(d.served.outbound) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlServed, d.served.outbound, d.served.no); err != nil {
		return fmt.Errorf("warehousedb: end shortages: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlServedReady, t.shipment, at); err != nil {
		return fmt.Errorf("warehousedb: end shortages: %w", err)
	}
	return nil
}
