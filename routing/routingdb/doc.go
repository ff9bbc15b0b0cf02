// Package routingdb holds the SQL of the last mile: riders, parcels, rounds, pools.
package routingdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

func collect[T any](ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("routingdb: %s: %w", what, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("routingdb: %s: %w", what, err)
	}
	return list, nil
}

func exec(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) (int64, error) {
	tag, err := q.Exec(ctx, sql, args...)
	if err != nil {
		return 0, fmt.Errorf("routingdb: %s: %w", what, err)
	}
	return tag.RowsAffected(), nil
}

// instant gives a stored instant, zero for null.
func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// stored gives an instant to store, null for zero.
func stored(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// known gives a number to store, null for 0.
func known[T ~int | ~int32 | ~int64](v T) *T {
	if v == 0 {
		return nil
	}
	return &v
}
