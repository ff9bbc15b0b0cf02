// Package catalogdb holds the SQL of the catalog: reading and writing categories, SKUs, sites, lanes, suppliers, terms and
// topics. Every function takes a pool or a transaction; those that write want a transaction.
//
// Constants that begin with a space are parts of statements that are put together; all others are whole ones.
package catalogdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// collect runs a query and turns each row into a T by the names of its columns.
func collect[T any](ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("catalogdb: %s: %w", what, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("catalogdb: %s: %w", what, err)
	}
	return list, nil
}

// mapped turns rows into nouns.
func mapped[T, U any](rows []T, f func(T) U) []U {
	out := make([]U, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

// fresh makes a query be planned anew with its values: a plan kept for any value would be the wrong one for most texts.
const fresh = pgx.QueryExecModeCacheDescribe
