// Package warehousedb holds the SQL of stock: lots, positions, the ledger.
package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Operation is one command: its id is made by whoever commands, so that the same command twice happens once.
type Operation struct {
	ID      uuid.UUID
	Cause   string // one of the causes that the table checks: opening, receipt, pick, count …
	At      time.Time
	Account *int64
	Actor   string
	Note    string
	// Device names the handheld, MadeAt is its own time: a command made without the network arrives later.
	Device string
	MadeAt *time.Time
	// Reverses is the operation whose entries this one takes back.
	Reverses *uuid.UUID
}

const sqlInsertOperation = `insert into warehouse.operation (id, cause, at, account_id, actor, note, device, made_at, reverses)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing`

// Begin records the operation and tells whether it is new: false means that it was done before and nothing is to be done.
func Begin(ctx context.Context, tx pgx.Tx, op Operation) (bool, error) {
	tag, err := tx.Exec(ctx, sqlInsertOperation, op.ID, op.Cause, op.At, op.Account, op.Actor, op.Note, op.Device, op.MadeAt, op.Reverses)
	if err != nil {
		return false, fmt.Errorf("warehousedb: begin operation: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

const sqlUpsertLots = `insert into warehouse.lot (sku_id, code, produced, expiry)
	select distinct on (s, c) s, c, p, e from unnest($1::int[], $2::text[], $3::date[], $4::date[]) as t (s, c, p, e)
	order by s, c, e nulls last
	on conflict (sku_id, code) do update
	set produced = coalesce(excluded.produced, lot.produced), expiry = coalesce(excluded.expiry, lot.expiry)
	where (excluded.produced, excluded.expiry) is distinct from (lot.produced, lot.expiry)`

const sqlUpsertPositions = `insert into warehouse.position (site_id, bin, sku_id, lot_id, owner, status)
	select t.site, t.bin, t.sku, l.id, t.owner, t.status
	from unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) as t (site, bin, sku, lot, owner, status)
	join warehouse.lot l on l.sku_id = t.sku and l.code = t.lot
	order by t.site, t.bin, t.sku, l.id, t.owner, t.status
	on conflict do nothing`

// Positions are locked in the order of their key, so that two operations never wait for each other in a ring.
const sqlLockPositions = `select p.id, t.no, p.on_hand, p.reserved
	from unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) with ordinality as t (site, bin, sku, lot, owner, status, no)
	join warehouse.lot l on l.sku_id = t.sku and l.code = t.lot
	join warehouse.position p on p.site_id = t.site and p.bin = t.bin and p.sku_id = t.sku and p.lot_id = l.id
		and p.owner = t.owner and p.status = t.status
	order by p.site_id, p.bin, p.sku_id, p.lot_id, p.owner, p.status
	for update of p`

type locked struct {
	ID       int64
	No       int64
	OnHand   int64
	Reserved int64
}

const sqlInsertEntries = `insert into warehouse.entry (operation_id, from_position, to_position, pieces)
	select $1, f, t, n from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as e (f, t, n)`

const sqlMovePositions = `update warehouse.position p set on_hand = p.on_hand + d.delta
	from unnest($1::bigint[], $2::bigint[]) as d (id, delta) where p.id = d.id`

type columns struct {
	sites, skus                  []int32
	bins, lots, owners, statuses []string
	produced, expiry             []*calendar.Day
	counts                       []warehouse.Count
}

func split(counts []warehouse.Count) columns {
	c := columns{counts: counts}
	for _, x := range counts {
		c.sites, c.skus = append(c.sites, int32(x.Site)), append(c.skus, int32(x.SKU))
		c.bins, c.lots, c.owners = append(c.bins, x.Bin), append(c.lots, x.Lot), append(c.owners, x.Owner)
		c.statuses = append(c.statuses, string(x.Status))
		c.produced, c.expiry = append(c.produced, x.Produced), append(c.expiry, x.Expiry)
	}
	return c
}

// lock makes the positions of the counts where they are missing and locks them. The answer is in the order of counts.
func lock(ctx context.Context, tx pgx.Tx, counts []warehouse.Count) ([]locked, error) {
	c := split(counts)
	if _, err := tx.Exec(ctx, sqlUpsertLots, c.skus, c.lots, days(c.produced), days(c.expiry)); err != nil {
		return nil, fmt.Errorf("warehousedb: lots: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlUpsertPositions, c.sites, c.bins, c.skus, c.lots, c.owners, c.statuses); err != nil {
		return nil, fmt.Errorf("warehousedb: positions: %w", err)
	}
	rows, err := tx.Query(ctx, sqlLockPositions, c.sites, c.bins, c.skus, c.lots, c.owners, c.statuses)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock positions: %w", err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[locked])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lock positions: %w", err)
	}
	if len(got) != len(counts) {
		return nil, fmt.Errorf("warehousedb: %d of %d positions found: %w", len(got), len(counts), catalog.ErrUnknown)
	}
	inOrder := make([]locked, len(counts))
	for _, l := range got {
		inOrder[l.No-1] = l
	}
	return inOrder, nil
}

// SetCounts books the difference between what stands in the positions and what was counted, so that each position holds its
// count: the same counts twice book nothing the second time. It answers how many positions changed, and
// *warehouse.ReservedError for a count below what is reserved. The operation must have begun in the same transaction.
func SetCounts(ctx context.Context, tx pgx.Tx, op uuid.UUID, counts []warehouse.Count) (int, error) {
	if len(counts) == 0 {
		return 0, nil
	}
	if err := warehouse.CheckCounts(counts); err != nil {
		return 0, err
	}
	at, err := lock(ctx, tx, counts)
	if err != nil {
		return 0, err
	}
	var e entries
	for i, c := range counts {
		if int64(c.Pieces) < at[i].Reserved {
			return 0, &warehouse.ReservedError{Place: c.Place, Counted: c.Pieces, Reserved: quantity.Pieces(at[i].Reserved)}
		}
		e.change(at[i].ID, int64(c.Pieces)-at[i].OnHand)
	}
	return len(e.ids), e.write(ctx, tx, op)
}

// Receive books pieces that come in from outside, such as a supplier's delivery, and answers how many positions changed.
// The same place may stand in counts several times.
func Receive(ctx context.Context, tx pgx.Tx, op uuid.UUID, counts []warehouse.Count) (int, error) {
	sum := map[warehouse.Place]warehouse.Count{}
	var order []warehouse.Place
	for _, c := range counts {
		if err := c.Check(); err != nil {
			return 0, err
		}
		have, seen := sum[c.Place]
		if !seen {
			order = append(order, c.Place)
			have = c
			have.Pieces = 0
		}
		have.Pieces += c.Pieces
		sum[c.Place] = have
	}
	merged := make([]warehouse.Count, len(order))
	for i, p := range order {
		merged[i] = sum[p]
	}
	if len(merged) == 0 {
		return 0, nil
	}
	at, err := lock(ctx, tx, merged)
	if err != nil {
		return 0, err
	}
	var e entries
	for i, c := range merged {
		e.change(at[i].ID, int64(c.Pieces))
	}
	return len(e.ids), e.write(ctx, tx, op)
}

// entries collects ledger lines against the outside and the changes of the positions that follow from them.
type entries struct {
	from, to    []*int64
	pieces      []int64
	ids, deltas []int64
}

func (e *entries) change(position, delta int64) {
	if delta == 0 {
		return
	}
	if delta > 0 {
		e.from, e.to, e.pieces = append(e.from, nil), append(e.to, &position), append(e.pieces, delta)
	} else {
		e.from, e.to, e.pieces = append(e.from, &position), append(e.to, nil), append(e.pieces, -delta)
	}
	e.ids, e.deltas = append(e.ids, position), append(e.deltas, delta)
}

func (e *entries) write(ctx context.Context, tx pgx.Tx, op uuid.UUID) error {
	if len(e.ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlInsertEntries, op, e.from, e.to, e.pieces); err != nil {
		return fmt.Errorf("warehousedb: entries: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlMovePositions, e.ids, e.deltas); err != nil {
		return fmt.Errorf("warehousedb: positions: %w", err)
	}
	return nil
}

func days(in []*calendar.Day) []*time.Time {
	out := make([]*time.Time, len(in))
	for i, d := range in {
		if d != nil {
			t := d.Time()
			out[i] = &t
		}
	}
	return out
}
