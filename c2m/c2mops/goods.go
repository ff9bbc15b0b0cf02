package c2mops

import (
	"context"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// NoteGoods gives the names of the goods on delivery notes. Notes outside the user's bounds are passed over.
func (o *Ops) NoteGoods(ctx context.Context, notes []c2m.ASN) (map[catalog.SKUID]catalog.Name, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return nil, err
	}
	var ids []catalog.SKUID
	for _, n := range notes {
		for _, l := range n.Lines {
			if u.MayTouchSupplier(n.Supplier) {
				ids = append(ids, l.SKU)
			}
		}
	}
	skus, err := c2mdb.SKUs(ctx, o.Pool, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[catalog.SKUID]catalog.Name, len(skus))
	for id, k := range skus {
		names[id] = k.Name
	}
	return names, nil
}
