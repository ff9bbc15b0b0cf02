// Package supplierdb is the SQL of how suppliers are judged and worked with: records for the scorecard, rules, tiers, shares, the capacity
// calendar, stock kept for the house, work in progress, terms, rates and offers.
package supplierdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/supplier"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("supplierdb: %s: %w", what, err)
}

// collect runs a query and gives its rows by the names of the columns.
func collect[T any](ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(err, what)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return out, wrap(err, what)
}

const (
	sqlRule     = `select value from c2m.supply_rule where name = $1`
	sqlSaveRule = `insert into c2m.supply_rule (name, value, at, by_name) values ($1, $2, $3, $4)
		on conflict (name) do update set value = excluded.value, at = excluded.at, by_name = excluded.by_name`
)

// Rule reads a set of rules into to; it stays as it is when none is stored.
func Rule(ctx context.Context, q pgdb.Querier, name string, to any) error {
	var value json.RawMessage
	err := q.QueryRow(ctx, sqlRule, name).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return wrap(err, "rules "+name)
	}
	return wrap(json.Unmarshal(value, to), "rules "+name)
}

// SaveRule stores a set of rules.
func SaveRule(ctx context.Context, tx pgx.Tx, name string, value any, by string, now time.Time) error {
	_, err := tx.Exec(ctx, sqlSaveRule, name, value, now, by)
	return wrap(err, "save rules "+name)
}

// SetTier is a tier that a person has set.
type SetTier struct {
	Supplier catalog.SupplierID
	Tier     supplier.Tier
	Reason   string
	ByName   string
	At       time.Time
}

const (
	sqlTiers    = `select supplier_id as supplier, tier, reason, by_name, at from c2m.tier where cardinality($1::int[]) = 0 or supplier_id = any($1)`
	sqlSaveTier = `insert into c2m.tier (supplier_id, tier, reason, by_name, at) values ($1, $2, $3, $4, $5)
		on conflict (supplier_id) do update set tier = excluded.tier, reason = excluded.reason, by_name = excluded.by_name, at = excluded.at`
	sqlDropTier = `delete from c2m.tier where supplier_id = $1`
)

// Tiers gives the tiers that people have set: of these suppliers, or all.
func Tiers(ctx context.Context, q pgdb.Querier, of ...catalog.SupplierID) (map[catalog.SupplierID]SetTier, error) {
	list, err := collect[SetTier](ctx, q, "tiers", sqlTiers, ids(of))
	out := map[catalog.SupplierID]SetTier{}
	for _, t := range list {
		out[t.Supplier] = t
	}
	return out, err
}

// SaveTier stores a tier; the empty tier leaves it to the score again.
func SaveTier(ctx context.Context, tx pgx.Tx, t SetTier) error {
	if t.Tier == "" {
		_, err := tx.Exec(ctx, sqlDropTier, t.Supplier)
		return wrap(err, "drop tier")
	}
	_, err := tx.Exec(ctx, sqlSaveTier, t.Supplier, t.Tier, t.Reason, t.ByName, t.At)
	return wrap(err, "save tier")
}

func ids(all []catalog.SupplierID) []int32 {
	out := make([]int32, len(all))
	for i, id := range all {
		out[i] = int32(id)
	}
	return out
}

func skus(all []catalog.SKUID) []int32 {
	out := make([]int32, len(all))
	for i, id := range all {
		out[i] = int32(id)
	}
	return out
}
