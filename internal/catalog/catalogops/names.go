package catalogops

import (
	"context"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
)

// Named gives the SKUs of the ids, for pages that name them. Ids that are not in the catalog are left out.
func (o *Ops) Named(ctx context.Context, ids []catalog.SKUID) (map[catalog.SKUID]catalog.SKURecord, error) {
	if _, err := access.Require(ctx, access.Console); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return catalogdb.SKUs(ctx, o.Pool, ids)
}
