package catalogxlsx

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/grid"
)

var supplierKind = kind[catalog.Supplier]{
	spec: importer.Spec{
		Name: "supplier", Title: catalog.Name{ZH: "供应商", EN: "Suppliers"},
		About:      catalog.Name{ZH: "工厂和进口商，联系人和停用原因", EN: "Factories and importers, their contacts, and why nothing may be ordered from them"},
		Permission: access.EditSuppliers,
		Columns: append(append([]sheet.Column{codeColumn("供应商编码", "Supplier code", "供应商", "厂商编码", "supplier", "vendor code", "vendor")}, nameColumns()...),
			sheet.Column{ID: "city_zh", Title: catalog.Name{ZH: "城市", EN: "City (Chinese)"}, Names: []string{"所在城市", "city"}},
			sheet.Column{ID: "city_en", Title: catalog.Name{ZH: "英文城市", EN: "City (English)"}},
			sheet.Column{ID: "contact", Title: catalog.Name{ZH: "联系人", EN: "Contact"}, Names: []string{"联系人姓名", "contact person"}},
			sheet.Column{ID: "phone", Title: catalog.Name{ZH: "电话", EN: "Phone"}, Names: []string{"联系电话", "手机", "mobile", "telephone"}, Kind: sheet.Code},
			sheet.Column{ID: "email", Title: catalog.Name{ZH: "邮箱", EN: "Email"}, Names: []string{"电子邮箱", "e-mail"}, Max: 254},
			sheet.Column{ID: "active", Title: catalog.Name{ZH: "启用", EN: "Active"}, Names: []string{"是否启用"}, Kind: sheet.Bool},
			sheet.Column{ID: "banned", Title: catalog.Name{ZH: "停止采购原因", EN: "Banned because"}, Names: []string{"停用原因", "禁用原因"}},
		),
	},
	read:  readSupplier,
	known: knownSuppliers,
	usual: func(s *catalog.Supplier) { s.Active = true },
}

// Suppliers is the sheet of suppliers.
func Suppliers(save Save[catalog.Supplier]) importer.Kind { return define(&supplierKind, save) }

func readSupplier(_ *reader[catalog.Supplier], row *sheet.Row, c *change[catalog.Supplier]) {
	type d = catalog.Supplier
	c.draft.Code, _ = row.Code("code")
	readName(row, c, func(s *d) *catalog.Name { return &s.Name })
	for column, put := range map[string]func(*d, string){
		"city_zh": func(s *d, v string) { s.City.ZH = v },
		"city_en": func(s *d, v string) { s.City.EN = v },
		"contact": func(s *d, v string) { s.Contact.Person = v },
		"email":   func(s *d, v string) { s.Contact.Email = v },
		"banned":  func(s *d, v string) { s.Banned = v },
	} {
		text, ok := row.Text(column)
		set(c, text, ok, put)
	}
	phone, ok := row.Code("phone")
	set(c, phone, ok, func(s *d, v string) { s.Contact.Phone = v })
	active, ok := row.Bool("active")
	set(c, active, ok, func(s *d, v bool) { s.Active = v })
}

func knownSuppliers(ctx context.Context, r *reader[catalog.Supplier], _ []*importer.Line[change[catalog.Supplier]]) (map[string]catalog.Supplier, error) {
	records, err := r.scope.Catalog.Suppliers(ctx, r.scope.Query, catalog.SupplierQuery{}, nil)
	if err != nil {
		return nil, err
	}
	out := make(map[string]catalog.Supplier, len(records))
	for _, s := range records {
		out[s.Code] = s.Supplier
	}
	return out, nil
}

var termKind = kind[catalog.TermDraft]{
	spec: importer.Spec{
		Name: "term", Title: catalog.Name{ZH: "供货条款", EN: "Terms"},
		About:      catalog.Name{ZH: "哪个供应商供哪个 SKU：起订量、装箱、交期、产能和阶梯价", EN: "Which supplier makes which SKU: MOQ, pack, lead time, capacity and price breaks"},
		Permission: access.EditSuppliers,
		Columns: []sheet.Column{
			{ID: "supplier", Title: catalog.Name{ZH: "供应商", EN: "Supplier"}, Names: []string{"供应商编码", "supplier code", "vendor", "vendor code"}, Required: true, Kind: sheet.Code},
			{ID: "sku", Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Names: []string{"SKU编码", "货号", "商品编码", "item code"}, Required: true, Kind: sheet.Code},
			{ID: "part_no", Title: catalog.Name{ZH: "供应商货号", EN: "Supplier part no."}, Names: []string{"厂家货号", "工厂货号", "part no", "vendor item"}, Kind: sheet.Code},
			{ID: "moq", Title: catalog.Name{ZH: "起订量", EN: "MOQ"}, Names: []string{"最小起订量", "最小订量"}, Kind: sheet.Pieces, Carton: "pack"},
			{ID: "pack", Title: catalog.Name{ZH: "装箱数", EN: "Pack"}, Names: []string{"箱规", "订货倍数", "每箱件数", "pack size"}, Kind: sheet.Pieces},
			{ID: "lead_days", Title: catalog.Name{ZH: "交期天数", EN: "Lead time days"}, Names: []string{"交期", "交货期", "生产周期", "lead time"}, Kind: sheet.Number},
			{ID: "lead_sd_days", Title: catalog.Name{ZH: "交期波动天数", EN: "Lead time deviation"}, Names: []string{"交期标准差", "lead sd"}, Kind: sheet.Number},
			{ID: "capacity_day", Title: catalog.Name{ZH: "日产能", EN: "Capacity per day"}, Names: []string{"产能", "每日产能", "daily capacity"}, Kind: sheet.Pieces},
			{ID: "backup", Title: catalog.Name{ZH: "备选", EN: "Backup"}, Names: []string{"备选供应商", "是否备选"}, Kind: sheet.Bool},
			{ID: "ships_to", Title: catalog.Name{ZH: "送货仓", EN: "Ships to"}, Names: []string{"收货仓", "送到", "ship to"}, Kind: sheet.Code},
			{ID: "price", Title: catalog.Name{ZH: "单价", EN: "Price"}, Names: []string{"采购价", "含税单价", "进价", "unit price"}, Kind: sheet.Money, Hint: catalog.Name{ZH: "只有一个价时填；有阶梯价填下一列", EN: "Where there is one price; otherwise use the price breaks"}},
			{ID: "breaks", Title: catalog.Name{ZH: "阶梯价", EN: "Price breaks"}, Names: []string{"阶梯报价", "tier price", "breaks"}, Max: 500, Hint: catalog.Name{ZH: "例如 1200:12.80; 5000:11.90", EN: "Such as 1200:12.80; 5000:11.90"}},
		},
	},
	read:    readTerm,
	known:   knownTerms,
	usual:   func(t *catalog.TermDraft) { t.MOQ, t.Pack = 1, 1 },
	further: unknownTermParts,
}

// Terms is the sheet of terms.
func Terms(save Save[catalog.TermDraft]) importer.Kind { return define(&termKind, save) }

func readTerm(r *reader[catalog.TermDraft], row *sheet.Row, c *change[catalog.TermDraft]) {
	type d = catalog.TermDraft
	c.draft.SupplierCode, _ = row.Code("supplier")
	c.draft.SKUCode, _ = row.Code("sku")
	part, ok := row.Code("part_no")
	set(c, part, ok, func(t *d, v string) { t.PartNo = v })
	for column, put := range map[string]func(*d, quantity.Pieces){
		"moq":          func(t *d, v quantity.Pieces) { t.MOQ = v },
		"pack":         func(t *d, v quantity.Pieces) { t.Pack = v },
		"capacity_day": func(t *d, v quantity.Pieces) { t.CapacityDay = v },
	} {
		n, ok := row.Pieces(column)
		set(c, n, ok, put)
	}
	mean, ok := row.Float("lead_days")
	set(c, mean, ok, func(t *d, v float64) { t.LeadMean = v })
	sd, ok := row.Float("lead_sd_days")
	set(c, sd, ok, func(t *d, v float64) { t.LeadSD = v })
	backup, ok := row.Bool("backup")
	set(c, backup, ok, func(t *d, v bool) { t.Backup = v })
	to, ok := r.look.place(row, "ships_to")
	set(c, to, ok, func(t *d, v string) { t.ShipsToCode = v })
	// One price holds from the first piece on.
	price, ok := row.Fen("price")
	set(c, price, ok, func(t *d, v money.Fen) { t.Breaks = []catalog.PriceBreak{{From: 1, Price: v}} })
	breaks, ok := readBreaks(row)
	set(c, breaks, ok, func(t *d, v []catalog.PriceBreak) { t.Breaks = v })
}

var priceBreak = regexp.MustCompile(`^\s*(?:>=|≥)?\s*([\d,]+)\s*(?:件|个|pcs)?\s*(?:\+|以上|起|up)?\s*[:=@/ ]\s*(\S.*)$`)

// readBreaks reads 1200:12.80; 5000:11.90, one below the other or beside each other.
func readBreaks(row *sheet.Row) ([]catalog.PriceBreak, bool) {
	text, ok := row.Text("breaks")
	if !ok {
		return nil, false
	}
	var out []catalog.PriceBreak
	parts := strings.FieldsFunc(width.Fold.String(text), func(r rune) bool { return r == ';' || r == '\n' || r == '|' || r == '、' })
	for _, part := range parts {
		if strings.TrimSpace(part) == "" {
			continue
		}
		m := priceBreak.FindStringSubmatch(part)
		if m == nil {
			row.Fail("breaks", BadBreaks.With(cell.Shown(part)))
			return nil, false
		}
		from, o1 := cell.Pieces(textValue(m[1]), 0, false)
		price, o2 := cell.Fen(textValue(m[2]), false)
		if !o1.OK() || !o2.OK() {
			row.Fail("breaks", BadBreaks.With(cell.Shown(part)))
			return nil, false
		}
		out = append(out, catalog.PriceBreak{From: from, Price: price})
	}
	slices.SortFunc(out, func(a, b catalog.PriceBreak) int { return int(a.From - b.From) })
	return out, len(out) > 0
}

func textValue(s string) cell.Value {
	return cell.Value{Cell: &grid.Cell{Kind: grid.Text, Text: []byte(s)}}
}

// knownTerms reads the terms of the batch's SKUs.
func knownTerms(ctx context.Context, r *reader[catalog.TermDraft], lines []*importer.Line[change[catalog.TermDraft]]) (map[string]catalog.TermDraft, error) {
	ids, err := r.scope.Catalog.SKUCodes(ctx, r.scope.Query, skusOf(lines))
	if err != nil {
		return nil, err
	}
	list := make([]catalog.SKUID, 0, len(ids))
	for _, id := range ids {
		list = append(list, id)
	}
	records, err := r.scope.Catalog.Terms(ctx, r.scope.Query, list)
	if err != nil {
		return nil, err
	}
	out := map[string]catalog.TermDraft{}
	for _, terms := range records {
		for _, t := range terms {
			d := catalog.TermDraft{Term: t.Term, SupplierCode: t.SupplierCode, SKUCode: t.SKUCode, ShipsToCode: t.ShipsToCode}
			out[d.Key()] = d
		}
	}
	return out, nil
}

func skusOf(lines []*importer.Line[change[catalog.TermDraft]]) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Value.draft.SKUCode
	}
	return out
}

// unknownTermParts finds terms of suppliers or SKUs that are not there.
func unknownTermParts(ctx context.Context, r *reader[catalog.TermDraft], lines []*importer.Line[change[catalog.TermDraft]], _ map[string]catalog.TermDraft) error {
	suppliers := make([]string, len(lines))
	for i, l := range lines {
		suppliers[i] = l.Value.draft.SupplierCode
	}
	makers, err := r.scope.Catalog.SupplierCodes(ctx, r.scope.Query, suppliers)
	if err != nil {
		return err
	}
	skus, err := r.scope.Catalog.SKUCodes(ctx, r.scope.Query, skusOf(lines))
	if err != nil {
		return err
	}
	for _, l := range lines {
		d := &l.Value.draft
		if d.SupplierCode != "" && makers[d.SupplierCode] == 0 {
			l.Fail("supplier", d.SupplierCode, importer.NoSuchSupplier.With())
		}
		if d.SKUCode != "" && skus[d.SKUCode] == 0 {
			l.Fail("sku", d.SKUCode, importer.NoSuchSKU.With())
		}
	}
	return nil
}
