package warehouseops

import (
	"context"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Standing is a lot in a bin with what the floor has to know of its goods.
type Standing struct {
	warehouse.Content
	Ware warehouse.Ware
}

// BinGoods gives a bin with the goods in it. *warehouse.UnknownBinError.
func (o *Ops) BinGoods(ctx context.Context, site catalog.SiteID, code string) (warehouse.BinRecord, []Standing, error) {
	b, content, err := o.Bin(ctx, site, code)
	if err != nil {
		return b, nil, err
	}
	var skus []catalog.SKUID
	for _, c := range content {
		skus = append(skus, c.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	if err != nil {
		return b, nil, err
	}
	out := make([]Standing, len(content))
	for i, c := range content {
		out[i] = Standing{Content: c, Ware: wares[c.SKU]}
	}
	return b, out, nil
}

// Goods reads which goods a scan names: by a code of theirs, or by a lot that only they have; lot is what the scan says of it.
// *warehouse.UnknownGoodsError.
func (o *Ops) Goods(ctx context.Context, site catalog.SiteID, scan string) (w warehouse.Ware, item warehouse.ItemScan, err error) {
	if err := o.maySee(ctx, site); err != nil {
		return w, item, err
	}
	item, err = warehouse.ReadItem(scan, o.SiteToday(ctx, site))
	if err != nil {
		return w, item, &warehouse.UnknownGoodsError{Scanned: strings.TrimSpace(scan), Cause: err}
	}
	forms, text := []string{item.Text}, item.Text
	if item.Trade() != "" {
		forms = gtinForms(item.Trade())
	}
	found, err := warehousedb.WareNamed(ctx, o.Pool, forms, text)
	if err != nil {
		return w, item, err
	}
	if found != nil {
		return *found, item, nil
	}
	if text == "" {
		return w, item, &warehouse.UnknownGoodsError{Scanned: strings.TrimSpace(scan)}
	}
	return o.goodsOfLot(ctx, site, text, item)
}

func (o *Ops) goodsOfLot(ctx context.Context, site catalog.SiteID, lot string, item warehouse.ItemScan) (w warehouse.Ware, _ warehouse.ItemScan, err error) {
	lots, err := warehousedb.LotList(ctx, o.Pool, warehouse.LotQuery{Site: site, Find: lot, Limit: 20})
	if err != nil {
		return w, item, err
	}
	var sku catalog.SKUID
	for _, l := range lots {
		if l.Key.Code != lot {
			continue
		}
		if sku != 0 && sku != l.Key.SKU { // two goods have a lot of this name: their own code must say which
			return w, item, &warehouse.UnknownGoodsError{Scanned: lot}
		}
		sku = l.Key.SKU
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, sku)
	if err != nil {
		return w, item, err
	}
	w, ok := wares[sku]
	if !ok {
		return w, item, &warehouse.UnknownGoodsError{Scanned: lot}
	}
	item.Lot = lot
	return w, item, nil
}

// WhereStands gives where goods stand at a site, the first to expire first. Lot "" is every lot.
func (o *Ops) WhereStands(ctx context.Context, site catalog.SiteID, sku catalog.SKUID, lot string) ([]warehouse.LotStock, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	all, err := warehousedb.Lots(ctx, o.Pool, sku)
	if err != nil {
		return nil, err
	}
	here := all[:0]
	for _, l := range all {
		if l.Site == site && (lot == "" || l.Lot == lot) {
			here = append(here, l)
		}
	}
	return here, nil
}
