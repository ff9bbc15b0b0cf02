package catalogxlsx

import (
	"context"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

func nameColumns() []sheet.Column {
	return []sheet.Column{
		{ID: "name_zh", Title: catalog.Name{ZH: "中文名", EN: "Chinese name"}, Names: []string{"名称", "中文名称", "品名", "商品名称", "产品名称", "name", "name zh", "product name", "item name"}, Max: catalog.MaxText},
		{ID: "name_en", Title: catalog.Name{ZH: "英文名", EN: "English name"}, Names: []string{"英文名称", "英文品名", "name en", "english"}, Max: catalog.MaxText},
	}
}

// readName notes the names of a row.
func readName[D catalog.Draft](row *sheet.Row, c *change[D], name func(*D) *catalog.Name) {
	zh, ok := row.Text("name_zh")
	set(c, zh, ok, func(d *D, v string) { name(d).ZH = v })
	en, ok := row.Text("name_en")
	set(c, en, ok, func(d *D, v string) { name(d).EN = v })
}

func codeColumn(zh, en string, names ...string) sheet.Column {
	return sheet.Column{ID: "code", Title: catalog.Name{ZH: zh, EN: en}, Names: append(names, "编码", "代码", "code"), Required: true, Kind: sheet.Code}
}

var skuKind = kind[catalog.SKUDraft]{
	spec: importer.Spec{
		Name: "sku", Title: catalog.Name{ZH: "商品", EN: "SKUs"},
		About:      catalog.Name{ZH: "商品资料：已有的按 SKU 更新，空格保持原样；新的要有名称和分类", EN: "SKUs: known ones are updated by their codes, empty cells stay as they are; new ones need a name and a category"},
		Permission: access.EditCatalog,
		Columns: append(append([]sheet.Column{
			codeColumn("SKU", "SKU", "SKU编码", "SKU code", "货号", "商品编码", "物料编码", "产品编码", "item code", "item no"),
			{ID: "gtin", Title: catalog.Name{ZH: "条形码", EN: "Barcode"}, Names: []string{"条码", "商品条码", "69码", "GTIN", "EAN", "UPC"}, Kind: sheet.GTIN},
		}, nameColumns()...),
			sheet.Column{ID: "category", Title: catalog.Name{ZH: "分类", EN: "Category"}, Names: []string{"类目", "品类", "分类编码", "商品分类", "category code"}, Kind: sheet.Code},
			sheet.Column{ID: "unit_zh", Title: catalog.Name{ZH: "单位", EN: "Unit (Chinese)"}, Names: []string{"计量单位", "中文单位", "unit", "UOM"}, Max: 8},
			sheet.Column{ID: "unit_en", Title: catalog.Name{ZH: "英文单位", EN: "Unit (English)"}, Max: 16},
			sheet.Column{ID: "core", Title: catalog.Name{ZH: "不可断货", EN: "Core"}, Names: []string{"核心", "核心商品", "必备", "core item"}, Kind: sheet.Bool},
			sheet.Column{ID: "shelf_life_days", Title: catalog.Name{ZH: "保质期天数", EN: "Shelf life days"}, Names: []string{"保质期", "保质期（天）", "shelf life"}, Kind: sheet.Number, Hint: catalog.Name{ZH: "天数；不过期的填 0", EN: "Days; 0 for goods that do not expire"}},
			sheet.Column{ID: "min_remaining_days", Title: catalog.Name{ZH: "最少剩余天数", EN: "Minimum remaining days"}, Names: []string{"最低剩余效期", "收货剩余天数", "min remaining"}, Kind: sheet.Number},
			sheet.Column{ID: "temperature", Title: catalog.Name{ZH: "温层", EN: "Temperature"}, Names: []string{"温度", "储存温度", "温区", "temperature class"}, Choices: temperatures.offered()},
			sheet.Column{ID: "carton_pieces", Title: catalog.Name{ZH: "箱规", EN: "Pieces per carton"}, Names: []string{"每箱件数", "每箱数量", "装箱数", "units per carton", "carton"}, Kind: sheet.Pieces},
			sheet.Column{ID: "weight_grams", Title: catalog.Name{ZH: "重量（克）", EN: "Weight (g)"}, Names: []string{"重量", "毛重", "单件重量", "weight", "gross weight"}, Kind: sheet.Measure, Unit: "g"},
			sheet.Column{ID: "volume_ml", Title: catalog.Name{ZH: "体积（毫升）", EN: "Volume (ml)"}, Names: []string{"体积", "单件体积", "volume"}, Kind: sheet.Measure, Unit: "ml"},
			sheet.Column{ID: "price", Title: catalog.Name{ZH: "零售价", EN: "Retail price"}, Names: []string{"售价", "价格", "单价", "标价", "price"}, Kind: sheet.Money},
			sheet.Column{ID: "launched", Title: catalog.Name{ZH: "上市日", EN: "Launched"}, Names: []string{"上市日期", "上架日期", "launch date"}, Kind: sheet.Day},
			sheet.Column{ID: "retired", Title: catalog.Name{ZH: "退市日", EN: "Retired"}, Names: []string{"退市日期", "下架日期", "停售日期", "retire date"}, Kind: sheet.Day},
			sheet.Column{ID: "successor", Title: catalog.Name{ZH: "替代品 SKU", EN: "Successor"}, Names: []string{"替代品", "后继", "successor sku"}, Kind: sheet.Code},
		),
	},
	read: readSKU,
	known: func(ctx context.Context, r *reader[catalog.SKUDraft], lines []*importer.Line[change[catalog.SKUDraft]]) (map[string]catalog.SKUDraft, error) {
		records, err := r.scope.Catalog.SKUsByCode(ctx, r.scope.Query, keys(lines))
		if err != nil {
			return nil, err
		}
		out := make(map[string]catalog.SKUDraft, len(records))
		for code, s := range records {
			out[code] = catalog.SKUDraft{SKU: s.SKU, CategoryCode: s.CategoryCode, SuccessorCode: s.SuccessorCode}
		}
		return out, nil
	},
	usual: func(d *catalog.SKUDraft) {
		d.Unit, d.Temperature, d.CartonPieces = catalog.Name{ZH: "件", EN: "pcs"}, catalog.Ambient, 1
	},
	further: otherGTINs,
	last:    func(d catalog.SKUDraft) bool { return d.SuccessorCode != "" },
}

func keys[D catalog.Draft](lines []*importer.Line[change[D]]) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Value.draft.Key()
	}
	return out
}

// SKUs is the sheet of SKUs.
func SKUs(save Save[catalog.SKUDraft]) importer.Kind { return define(&skuKind, save) }

func readSKU(r *reader[catalog.SKUDraft], row *sheet.Row, c *change[catalog.SKUDraft]) {
	type d = catalog.SKUDraft
	c.draft.Code, _ = row.Code("code")
	readName(row, c, func(d *d) *catalog.Name { return &d.Name })
	gtin, ok := row.GTIN("gtin")
	set(c, gtin, ok, func(d *d, v string) { d.GTIN = v })
	category, ok := r.look.category(row, "category")
	set(c, category, ok, func(d *d, v string) { d.CategoryCode = v })
	zh, ok := row.Text("unit_zh")
	set(c, zh, ok, func(d *d, v string) { d.Unit.ZH = v })
	en, ok := row.Text("unit_en")
	set(c, en, ok, func(d *d, v string) { d.Unit.EN = v })
	core, ok := row.Bool("core")
	set(c, core, ok, func(d *d, v bool) { d.Core = v })
	life, ok := days(row, "shelf_life_days")
	set(c, life, ok, func(d *d, v int) { d.ShelfLifeDays = v })
	rest, ok := days(row, "min_remaining_days")
	set(c, rest, ok, func(d *d, v int) { d.MinRemainingDays = v })
	temperature, ok := temperatures.read(row, "temperature")
	set(c, temperature, ok, func(d *d, v catalog.Temperature) { d.Temperature = v })
	carton, ok := row.Pieces("carton_pieces")
	set(c, carton, ok, func(d *d, v quantity.Pieces) { d.CartonPieces = v })
	grams, ok := row.Measure("weight_grams", cell.Grams)
	set(c, grams, ok, func(d *d, v int64) { d.WeightGrams = int(v) })
	ml, ok := row.Measure("volume_ml", cell.Millilitres)
	set(c, ml, ok, func(d *d, v int64) { d.VolumeML = int(v) })
	price, ok := row.Fen("price")
	set(c, price, ok, func(d *d, v money.Fen) { d.Price = v })
	launched, ok := row.Day("launched")
	set(c, launched, ok, func(d *d, v calendar.Day) { d.Launched = &v })
	retired, ok := row.Day("retired")
	set(c, retired, ok, func(d *d, v calendar.Day) { d.Retired = &v })
	successor, ok := row.Code("successor")
	set(c, successor, ok, func(d *d, v string) { d.SuccessorCode = v })
}

// days reads a whole number of days; “24个月” is not one, because months differ.
func days(row *sheet.Row, column string) (int, bool) {
	f, ok := row.Float(column)
	if ok && f != float64(int(f)) {
		row.Fail(column, cell.NotWhole.With(row.Raw(column)))
		return 0, false
	}
	return int(f), ok
}

// otherGTINs finds barcodes that belong to another SKU, in the catalog or in the same sheet.
func otherGTINs(ctx context.Context, r *reader[catalog.SKUDraft], lines []*importer.Line[change[catalog.SKUDraft]], known map[string]catalog.SKUDraft) error {
	var gtins []string
	for _, l := range lines {
		if g := l.Value.draft.GTIN; l.OK() && g != "" && known[l.Value.draft.Code].GTIN != g {
			gtins = append(gtins, g)
		}
	}
	if len(gtins) == 0 {
		return nil
	}
	owners, err := r.scope.Catalog.GTINs(ctx, r.scope.Query, gtins)
	if err != nil {
		return err
	}
	for _, l := range lines {
		d := &l.Value.draft
		if !l.OK() || d.GTIN == "" {
			continue
		}
		if owner := owners[d.GTIN]; owner != 0 && owner != known[d.Code].ID {
			l.Fail("gtin", d.GTIN, importer.OtherGTIN.With())
		} else if first := r.gtins.Row(d.GTIN, l.Number); first > 0 && first != l.Number {
			l.Fail("gtin", d.GTIN, importer.RepeatedRow.With(first, catalog.Name{ZH: "同一条码", EN: "same barcode"}))
		}
	}
	return nil
}
