package warehouseops

import (
	"context"
	"strings"

	"milkrun/internal/access"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// shortestFind is how many characters a search of numbers and codes needs: below it everything would be found.
const shortestFind = 2

// Find gives the orders, parcels, lots, bins and deliveries whose number or code begins with the text, in capitals or as typed, at most
// limit of each kind; of those, what the user may see.
func (o *Ops) Find(ctx context.Context, text string, limit int) ([]warehouse.Hit, error) {
	u, err := access.Require(ctx, access.Console)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	if len(text) < shortestFind || len(text) > 64 {
		return nil, nil
	}
	var kinds []warehouse.HitKind
	if access.Can(u, access.ViewSales) {
		kinds = append(kinds, warehouse.OrderHit, warehouse.ParcelHit)
	}
	if access.Can(u, access.ViewStock) {
		kinds = append(kinds, warehouse.DeliveryHit, warehouse.LotHit, warehouse.BinHit)
	}
	found, err := warehousedb.Find(ctx, o.Pool, text, u.Sites, kinds, limit)
	if up := strings.ToUpper(text); err == nil && len(found) == 0 && up != text {
		found, err = warehousedb.Find(ctx, o.Pool, up, u.Sites, kinds, limit)
	}
	return found, err
}

// LotSheet gives a lot of a SKU (by its code) with where it stands at the sites that the user may see. warehouse.ErrNoLot.
func (o *Ops) LotSheet(ctx context.Context, sku, lot string) (warehouse.LotSheet, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return warehouse.LotSheet{}, err
	}
	return warehousedb.LotSheet(ctx, o.Pool, sku, lot, u.Sites)
}
