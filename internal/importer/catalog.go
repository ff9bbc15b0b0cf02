package importer

import (
	"context"

	"milkrun/internal/catalog"
)

// Catalog finds master data; the functions of catalogdb fit.
type Catalog struct {
	SKUCodes      func(ctx context.Context, q Querier, codes []string) (map[string]catalog.SKUID, error)
	GTINs         func(ctx context.Context, q Querier, gtins []string) (map[string]catalog.SKUID, error)
	SKUs          func(ctx context.Context, q Querier, ids []catalog.SKUID) (map[catalog.SKUID]catalog.SKURecord, error)
	SKUsByCode    func(ctx context.Context, q Querier, codes []string) (map[string]catalog.SKURecord, error)
	SupplierCodes func(ctx context.Context, q Querier, codes []string) (map[string]catalog.SupplierID, error)
	Sites         func(ctx context.Context, q Querier) ([]catalog.Site, error)
	Topics        func(ctx context.Context, q Querier) ([]catalog.TopicRecord, error)
	Categories    func(ctx context.Context, q Querier) ([]catalog.Category, error)
	Suppliers     func(ctx context.Context, q Querier, d catalog.SupplierQuery, categories []catalog.CategoryID) ([]catalog.SupplierRecord, error)
	Terms         func(ctx context.Context, q Querier, skus []catalog.SKUID) (map[catalog.SKUID][]catalog.TermRecord, error)
	Lanes         func(ctx context.Context, q Querier) ([]catalog.LaneRecord, error)
}
