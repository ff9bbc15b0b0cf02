package catalogdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const (
	sqlSKUCodes      = `select code, id from catalog.sku where $1::text[] is null or code = any($1)`
	sqlSiteCodes     = `select code, id from catalog.site where $1::text[] is null or code = any($1)`
	sqlSupplierCodes = `select code, id from catalog.supplier where $1::text[] is null or code = any($1)`
	sqlCategoryCodes = `select code, id from catalog.category where $1::text[] is null or code = any($1)`
	sqlTopicCodes    = `select code, id from catalog.topic where $1::text[] is null or code = any($1)`
	sqlGTINs         = `select gtin, id from catalog.sku where gtin <> '' and ($1::text[] is null or gtin = any($1))`
)

// SKUCodes gives the ids of the SKUs with the codes, of all SKUs for nil codes. Unknown codes are absent.
// Half a million take about a second and 50 MB.
func SKUCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SKUID, error) {
	return ids[catalog.SKUID](ctx, q, "codes of SKUs", sqlSKUCodes, codes)
}

// GTINs gives the ids of the SKUs with the GTINs, of all SKUs that have one for nil.
func GTINs(ctx context.Context, q pgdb.Querier, gtins []string) (map[string]catalog.SKUID, error) {
	return ids[catalog.SKUID](ctx, q, "GTINs", sqlGTINs, gtins)
}

// SiteCodes gives the ids of the sites with the codes, of all sites for nil.
func SiteCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SiteID, error) {
	return ids[catalog.SiteID](ctx, q, "codes of sites", sqlSiteCodes, codes)
}

// SupplierCodes gives the ids of the suppliers with the codes, of all suppliers for nil.
func SupplierCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SupplierID, error) {
	return ids[catalog.SupplierID](ctx, q, "codes of suppliers", sqlSupplierCodes, codes)
}

// CategoryCodes gives the ids of the categories with the codes, of all categories for nil.
func CategoryCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.CategoryID, error) {
	return ids[catalog.CategoryID](ctx, q, "codes of categories", sqlCategoryCodes, codes)
}

// TopicCodes gives the ids of the topics with the codes, of all topics for nil.
func TopicCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.TopicID, error) {
	return ids[catalog.TopicID](ctx, q, "codes of topics", sqlTopicCodes, codes)
}

func ids[ID ~int32](ctx context.Context, q pgdb.Querier, what, sql string, codes []string) (map[string]ID, error) {
	rows, err := q.Query(ctx, sql, fresh, codes)
	if err != nil {
		return nil, fmt.Errorf("catalogdb: %s: %w", what, err)
	}
	out := make(map[string]ID, len(codes))
	var code string
	var id ID
	if _, err := pgx.ForEachRow(rows, []any{&code, &id}, func() error { out[code] = id; return nil }); err != nil {
		return nil, fmt.Errorf("catalogdb: %s: %w", what, err)
	}
	return out, nil
}
