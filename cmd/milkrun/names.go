package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// names finds the things behind ids and codes, for screens and the API.
type names struct{ pool *pgxpool.Pool }

func (n names) SKU(ctx context.Context, id catalog.SKUID) (catalog.SKU, error) {
	r, err := catalogdb.SKU(ctx, n.pool, id)
	return r.SKU, err
}

func (n names) SKUs(ctx context.Context, ids ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error) {
	records, err := catalogdb.SKUs(ctx, n.pool, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[catalog.SKUID]catalog.SKU, len(records))
	for id, r := range records {
		out[id] = r.SKU
	}
	return out, nil
}

func (n names) SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error) {
	records, err := catalogdb.SKUsByCode(ctx, n.pool, codes)
	if err != nil {
		return nil, err
	}
	out := make(map[string]catalog.SKU, len(records))
	for code, r := range records {
		out[code] = r.SKU
	}
	return out, nil
}

func (n names) Sites(ctx context.Context) ([]catalog.Site, error) {
	return catalogdb.Sites(ctx, n.pool)
}

func (n names) Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error) {
	out := make(map[catalog.SupplierID]catalog.Supplier, len(ids))
	for _, id := range ids {
		r, err := catalogdb.Supplier(ctx, n.pool, id)
		if err != nil {
			return nil, err
		}
		out[id] = r.Supplier
	}
	return out, nil
}

func (n names) SupplierByCode(ctx context.Context, code string) (catalog.Supplier, error) {
	ids, err := catalogdb.SupplierCodes(ctx, n.pool, []string{code})
	if err != nil {
		return catalog.Supplier{}, err
	}
	id, ok := ids[code]
	if !ok {
		return catalog.Supplier{}, fmt.Errorf("supplier %q: %w", code, catalog.ErrUnknown)
	}
	r, err := catalogdb.Supplier(ctx, n.pool, id)
	return r.Supplier, err
}

// orderSuggestions gives factory orders the suggestions that they are made of.
type orderSuggestions struct{}

func (orderSuggestions) Suggestions(ctx context.Context, q pgdb.Querier, ids []replenishment.SuggestionID) ([]replenishment.Suggestion, error) {
	return replenishdb.Suggestions(ctx, q, ids)
}
