package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// HeldLine is a line of an order that the transaction holds.
type HeldLine struct {
	No                                    int
	SKU                                   catalog.SKUID
	Pieces, Allocated, Shipped, Cancelled quantity.Pieces
	Amount                                money.Fen
	MinRemainingDays                      int
	State                                 string
}

const sqlHeldLines = `select no, sku_id as sku, pieces, allocated, shipped, cancelled, amount_fen as amount, min_remaining_days, state
	from warehouse.outbound_line where outbound_id = $1 order by no`

// HeldLines gives the lines of a locked order.
func HeldLines(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID) ([]HeldLine, error) {
	rows, err := tx.Query(ctx, sqlHeldLines, int64(id))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[HeldLine])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines: %w", err)
	}
	return out, nil
}

const (
	// A line of which nothing is promised asks for another number of pieces, from any site again.
	sqlSetLine = `update warehouse.outbound_line set pieces = case when $3 = 0 then pieces else cancelled + $3 end, cancelled = case when $3 = 0 then pieces else cancelled end,
			amount_fen = $4, min_remaining_days = $5, site_id = null, state = case when $3 = 0 then 'cancelled' else 'new' end, queued_at = null
		where outbound_id = $1 and no = $2`
	sqlLineTerms = `update warehouse.outbound_line set amount_fen = $3, min_remaining_days = $4 where outbound_id = $1 and no = $2`
	sqlAddLine   = `insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, amount_fen, min_remaining_days)
		select $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5 from warehouse.outbound_line where outbound_id = $1`
)

// SetLine sets what is wanted of a line to which nothing is promised: 0 pieces cancel it. It waits for a site again.
func SetLine(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, no int, pieces quantity.Pieces, amount money.Fen, minRemaining int) error {
	if _, err := tx.Exec(ctx, sqlDropShortages, int64(id), []int32{int32(no)}); err != nil {
		return fmt.Errorf("warehousedb: change line %d: %w", no, err)
	}
	if _, err := tx.Exec(ctx, sqlSetLine, int64(id), no, int64(pieces), int64(amount), minRemaining); err != nil {
		return fmt.Errorf("warehousedb: change line %d: %w", no, err)
	}
	return nil
}

// SetLineTerms changes the amount and the shelf life of a line and leaves its pieces.
func SetLineTerms(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, no int, amount money.Fen, minRemaining int) error {
	if _, err := tx.Exec(ctx, sqlLineTerms, int64(id), no, int64(amount), minRemaining); err != nil {
		return fmt.Errorf("warehousedb: change line %d: %w", no, err)
	}
	return nil
}

// AddLine adds a line that waits for a site.
func AddLine(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, l NewLine) error {
	if _, err := tx.Exec(ctx, sqlAddLine, int64(id), int32(l.SKU), int64(l.Pieces), int64(l.Amount), l.MinRemainingDays); err != nil {
		return fmt.Errorf("warehousedb: add a line: %w", err)
	}
	return nil
}

const (
	sqlDropEmptyShipments = `update warehouse.shipment s set state = 'cancelled', queue_rank = null, wave_id = null where s.outbound_id = $1 and s.state in ('waiting','ready')
		and not exists (select from warehouse.outbound_line l where l.outbound_id = s.outbound_id and l.site_id = s.site_id and l.state in ('queued','short','allocated')
			and (l.allocated = 0 or exists (select from warehouse.allocation a where a.outbound_id = l.outbound_id and a.line_no = l.no and a.shipment_id = s.id and a.state = 'reserved')))`
	sqlWholeShipments = `update warehouse.shipment s set state = 'ready', ready_at = $2 where s.outbound_id = $1 and s.state = 'waiting' and s.queue_rank is null
		and not exists (select from warehouse.shortage x where x.outbound_id = s.outbound_id and x.site_id = s.site_id)`
	sqlChangedOutbound = `update warehouse.outbound o set revision = revision + 1, note = coalesce($2, note), amount_fen = $3::bigint,
			state = case when $4 then 'new' else state end where id = $1 returning revision, state`
	sqlOrderAmount = `select coalesce(sum(amount_fen) filter (where state <> 'cancelled'), 0)::bigint from warehouse.outbound_line where outbound_id = $1`
)

// SettleChange puts the shipments of a changed order right and writes the order; source tells that lines wait for a site.
func SettleChange(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, note *string, source bool, at time.Time) (revision int, state warehouse.OutboundState, err error) {
	if _, err = tx.Exec(ctx, sqlDropEmptyShipments, int64(id)); err != nil {
		return 0, "", fmt.Errorf("warehousedb: settle the change: %w", err)
	}
	if _, err = tx.Exec(ctx, sqlWholeShipments, int64(id), at); err != nil {
		return 0, "", fmt.Errorf("warehousedb: settle the change: %w", err)
	}
	var amount int64
	if err = tx.QueryRow(ctx, sqlOrderAmount, int64(id)).Scan(&amount); err != nil {
		return 0, "", fmt.Errorf("warehousedb: settle the change: %w", err)
	}
	if err = tx.QueryRow(ctx, sqlChangedOutbound, int64(id), note, amount, source).Scan(&revision, &state); err != nil {
		return 0, "", fmt.Errorf("warehousedb: settle the change: %w", err)
	}
	return revision, state, nil
}

const sqlSetConsignee = `update warehouse.outbound set consignee = $2, phone = $3, address = $4, area = $5, lat = $6, lon = $7, sealed = $8, content_hash = $9, erased_at = $10 where id = $1`

// SetConsignee replaces what is known of an order's consignee. A nil sealed with a time erases it.
func SetConsignee(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, m warehouse.Masked, sealed []byte, prints warehouse.Prints, erased *time.Time) error {
	if _, err := tx.Exec(ctx, sqlSetConsignee, int64(id), m.Name, m.Phone, m.Address, m.Area, m.Lat, m.Lon, sealed, []byte(prints), erased); err != nil {
		return fmt.Errorf("warehousedb: consignee of order %d: %w", id, err)
	}
	return nil
}

// The city stays: it is the area up to its first district.
const sqlEraseConsignee = `update warehouse.outbound set consignee = '', phone = '', address = '', area = coalesce(substring(area from '^.*?市'), ''), lat = null, lon = null,
	sealed = null, content_hash = $2, erased_at = $3, note = '' where id = $1`

// EraseConsignee forgets what is known of an order's consignee but the city.
func EraseConsignee(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, prints warehouse.Prints, at time.Time) error {
	if _, err := tx.Exec(ctx, sqlEraseConsignee, int64(id), []byte(prints), at); err != nil {
		return fmt.Errorf("warehousedb: erase the consignee of order %d: %w", id, err)
	}
	return nil
}

// Sealed is an order's sealed consignee.
type Sealed struct {
	ID              warehouse.OutboundID
	Channel, Number string
	Sealed          []byte
}

const sqlSealedOtherwise = `select id, channel, number, sealed from warehouse.outbound where sealed is not null and substring(sealed from 1 for 4) <> $1
	order by id limit $2 for update skip locked`

// SealedOtherwise gives orders that are sealed under another key than the one of the id.
func SealedOtherwise(ctx context.Context, tx pgx.Tx, key []byte, limit int) ([]Sealed, error) {
	rows, err := tx.Query(ctx, sqlSealedOtherwise, key, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: old seals: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Sealed])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: old seals: %w", err)
	}
	return out, nil
}

const sqlSetSealed = `update warehouse.outbound set sealed = $2 where id = $1`

// SetSealed replaces the sealed consignee of an order.
func SetSealed(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, sealed []byte) error {
	if _, err := tx.Exec(ctx, sqlSetSealed, int64(id), sealed); err != nil {
		return fmt.Errorf("warehousedb: seal order %d: %w", id, err)
	}
	return nil
}
