package warehousedb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/warehouse"
)

// transferLock is the advisory lock under which transfers get their numbers.
const transferLock = 7_246_431

const (
	sqlTransferLock   = `select pg_advisory_xact_lock($1)`
	sqlLastTransfer   = `select coalesce(max(substring(number from 9)::int), 0) from warehouse.outbound where channel = 'transfer' and number ~ ('^TR-' || $1 || '-\d{4,9}$')`
	sqlTransfersPlace = `select suggestion_id, id, state from warehouse.outbound where suggestion_id = any($1)`
)

// LockTransfers lets one transaction at a time make transfers: of two that hear of the same suggestion the second sees the order
// of the first, and numbers follow each other.
func LockTransfers(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlTransferLock, transferLock); err != nil {
		return fmt.Errorf("warehousedb: lock transfers: %w", err)
	}
	return nil
}

// LastTransferNo gives the last number of a month (YYMM). Transfers must be locked.
func LastTransferNo(ctx context.Context, tx pgx.Tx, month string) (n int, err error) {
	if err = tx.QueryRow(ctx, sqlLastTransfer, month).Scan(&n); err != nil {
		return 0, fmt.Errorf("warehousedb: number of a transfer: %w", err)
	}
	return n, nil
}

// PlacedTransfer is the order that a suggestion became.
type PlacedTransfer struct {
	ID    warehouse.OutboundID
	State warehouse.OutboundState
}

// PlacedTransfers gives the orders of the suggestions; those without one are absent.
func PlacedTransfers(ctx context.Context, tx pgx.Tx, suggestions []int64) (map[int64]PlacedTransfer, error) {
	rows, err := tx.Query(ctx, sqlTransfersPlace, suggestions)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: transfers of suggestions: %w", err)
	}
	out := map[int64]PlacedTransfer{}
	var s int64
	var p PlacedTransfer
	if _, err := pgx.ForEachRow(rows, []any{&s, (*int64)(&p.ID), &p.State}, func() error { out[s] = p; return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: transfers of suggestions: %w", err)
	}
	return out, nil
}
