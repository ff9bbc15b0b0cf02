package catalogops

import (
	"context"

	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogxlsx"
	"milkrun/internal/importer"
)

// Imports gives the sheets of master data that can be imported, in the order in which a new house needs them.
func (o *Ops) Imports() []importer.Kind {
	return []importer.Kind{
		catalogxlsx.Categories(saved(o, "category", func(rows []catalog.CategoryDraft) Master { return Master{Categories: rows} })),
		catalogxlsx.Sites(saved(o, "site", func(rows []catalog.Site) Master { return Master{Sites: rows} })),
		catalogxlsx.Lanes(saved(o, "lane", func(rows []catalog.LaneDraft) Master { return Master{Lanes: rows} })),
		catalogxlsx.Suppliers(saved(o, "supplier", func(rows []catalog.Supplier) Master { return Master{Suppliers: rows} })),
		catalogxlsx.SKUs(saved(o, "sku", func(rows []catalog.SKUDraft) Master { return Master{SKUs: rows} })),
		catalogxlsx.Terms(saved(o, "term", func(rows []catalog.TermDraft) Master { return Master{Terms: rows} })),
		catalogxlsx.Topics(saved(o, "topic", func(rows []catalog.Topic) Master { return Master{Topics: rows} })),
		catalogxlsx.Weights(saved(o, "weight", func(rows []catalog.TopicSKUDraft) Master { return Master{Weights: rows} })),
	}
}

func saved[D catalog.Draft](o *Ops, kind string, master func([]D) Master) catalogxlsx.Save[D] {
	return func(ctx context.Context, tx importer.Tx, note string, rows []D) (catalog.Saved, error) {
		done, err := o.LoadIn(ctx, tx, note, master(rows))
		return done[kind], err
	}
}

// Lookups gives imports what they need to find in the catalog.
func Lookups() importer.Catalog {
	return importer.Catalog{
		SKUCodes: catalogdb.SKUCodes, GTINs: catalogdb.GTINs, SKUs: catalogdb.SKUs, SKUsByCode: catalogdb.SKUsByCode,
		SupplierCodes: catalogdb.SupplierCodes, Suppliers: catalogdb.Suppliers, Sites: catalogdb.Sites, Topics: catalogdb.Topics,
		Categories: catalogdb.Categories, Terms: catalogdb.Terms, Lanes: catalogdb.LaneRecords,
	}
}
