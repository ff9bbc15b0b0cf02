package warehousexlsx

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
	"milkrun/warehouse"
)

// LookBundles tells what is wrong with bundles, by code; LoadBundles writes them within the transaction of an import, all or none.
type (
	LookBundles func(ctx context.Context, q importer.Querier, bundles []warehouse.BundleDraft) (map[string]*warehouse.BundleFault, error)
	LoadBundles func(ctx context.Context, tx importer.Tx, operation importer.OperationID, note string, bundles []warehouse.BundleDraft) (importer.Outcome, error)
)

// What can be wrong with bundles.
var (
	// BadBundle is a row of a bundle of which another row cannot be read: half a bundle is none.
	BadBundle = &notice.Reason{Code: "bundle.row", ZH: "套装 {0} 的第 {1} 行有错，整套都不会导入", EN: "row {1} of bundle {0} is wrong: none of the bundle goes in",
		FixZH: "改好那一行", FixEN: "Mend that row"}
	badBundles = map[warehouse.BundleProblem]*notice.Reason{
		warehouse.BundleUnknown: {Code: "bundle.unknown", ZH: "没有 SKU {0}", EN: "there is no SKU {0}", FixZH: "先导入商品，或核对编码", FixEN: "Import the products first, or check the code"},
		warehouse.BundleItself:  {Code: "bundle.itself", ZH: "套装 {0} 不能包含自己", EN: "bundle {0} cannot contain itself", FixZH: "填组件的 SKU", FixEN: "Give the component's SKU"},
		warehouse.BundleTwice:   {Code: "bundle.twice", ZH: "组件 {0} 在同一套装里出现两次", EN: "component {0} comes twice in the bundle", FixZH: "合成一行，数量相加", FixEN: "Make it one row with the sum of the pieces"},
		warehouse.BundleNested:  {Code: "bundle.nested", ZH: "{0} 已经是套装或别的套装的组件，套装不能套套装", EN: "{0} is a bundle, or a component of another: bundles do not contain bundles", FixZH: "把里面的组件直接列出来", FixEN: "List its components themselves"},
		warehouse.BundlePieces:  {Code: "bundle.pieces", ZH: "{0} 的件数要在 1 到 1000 之间", EN: "the pieces of {0} must be from 1 to 1,000"},
		warehouse.BundleShare:   {Code: "bundle.share", ZH: "{0} 的价格占比要在 0% 到 100% 之间", EN: "the share of {0} must be from 0 % to 100 %"},
		warehouse.BundleShares:  {Code: "bundle.shares", ZH: "套装 {0} 的价格占比合计 {1}%，要么都不填，要么合计 100%", EN: "the shares of bundle {0} add up to {1} %: leave all empty or make them 100 %"},
		warehouse.BundleTooMany: {Code: "bundle.many", ZH: "套装 {0} 超过 50 个组件", EN: "bundle {0} has more than 50 components"},
		warehouse.BundleStock: {Code: "bundle.stock", ZH: "{0} 自己还有 {1} 件在库，不能变成套装", EN: "{1} pieces of {0} itself stand in the house: it cannot become a bundle",
			FixZH: "先把库存卖完、拆套或报废", FixEN: "Sell, take apart or scrap them first"},
		warehouse.BundleOpenLines: {Code: "bundle.open", ZH: "还有 {1} 行未完成的订单要 {0} 本身", EN: "{1} open order lines ask for {0} itself", FixZH: "等这些订单发完", FixEN: "Wait until they have been sent"},
	}
)

var bundleSpec = importer.Spec{
	Name: "bundles", Title: catalog.Name{ZH: "套装", EN: "Bundles"},
	About: catalog.Name{ZH: "套装由哪些 SKU 组成：每个组件一行，同一套装的行放在一起算。导入后该套装就是表里的组件；表里没有的套装不变",
		EN: "What bundles consist of: a row for each component. A bundle has the components of the sheet afterwards; bundles that are not in the sheet stay"},
	Permission: access.EditCatalog,
	Columns: append([]sheet.Column{
		{ID: "bundle", Title: catalog.Name{ZH: "套装 SKU", EN: "Bundle SKU"}, Names: []string{"套装", "套装编码", "组合商品", "组合编码", "礼盒", "礼盒编码", "父件", "bundle", "bundle code", "kit", "parent"}, Required: true, Kind: sheet.Code},
	}, append(componentColumns(),
		sheet.Column{ID: "pieces", Title: catalog.Name{ZH: "每套件数", EN: "Pieces in each"}, Names: []string{"件数", "数量", "用量", "单套数量", "组件数量", "pieces", "quantity", "qty"}, Required: true, Kind: sheet.Pieces},
		sheet.Column{
			ID: "share", Title: catalog.Name{ZH: "价格占比", EN: "Share of the price"}, Names: []string{"占比", "分摊比例", "金额占比", "share", "price share"}, Kind: sheet.Percent,
			Hint: catalog.Name{ZH: "留空按零售价分摊", EN: "Empty: divided by retail prices"},
		})...),
}

// componentColumns are those of a SKU, named as components.
func componentColumns() []sheet.Column {
	out := importer.SKUColumns()
	out[0].Title = catalog.Name{ZH: "组件 SKU", EN: "Component SKU"}
	out[0].Names = append(slices.Clone(out[0].Names), "SKU", "组件", "组件编码", "子件", "子件编码", "component", "component code", "child")
	return out
}

// Bundles is the sheet of bundles.
func Bundles(look LookBundles, load LoadBundles) importer.Kind {
	open := func(ctx context.Context, s importer.Scope) (importer.Reader[bundleRow], error) {
		return openBundles(ctx, s, look)
	}
	return importer.Define(bundleSpec, open,
		func(ctx context.Context, tx importer.Tx, src importer.Source, rows iter.Seq2[importer.Good[bundleRow], error]) (importer.Outcome, error) {
			var drafts []warehouse.BundleDraft
			at := map[string]int{}
			for g, err := range rows {
				if err != nil {
					return importer.Outcome{}, err
				}
				i, seen := at[g.Value.bundle]
				if !seen {
					i = len(drafts)
					at[g.Value.bundle], drafts = i, append(drafts, warehouse.BundleDraft{Code: g.Value.bundle})
				}
				drafts[i].Parts = append(drafts[i].Parts, g.Value.BundlePart)
			}
			if len(drafts) == 0 {
				return importer.Outcome{}, nil
			}
			out, err := load(ctx, tx, src.Operation(0), src.Name, drafts)
			var fault *warehouse.BundleFault
			if errors.As(err, &fault) && badBundles[fault.Problem] != nil {
				n := bundleNote(fault)
				return out, notice.Refuse(n.Reason, err, n.Args...)
			}
			return out, err
		})
}

// bundleRow is a component of a bundle as a row gives it; Code is the component's.
type bundleRow struct {
	warehouse.BundlePart
	bundle string
	ref    importer.SKURef
	bad    bool // its cells cannot be read
}

// bundleReader knows of each bundle of the sheet what is wrong with it before the first row is judged.
type bundleReader struct {
	goods  *importer.Goods
	faults map[string]*warehouse.BundleFault
	broken map[string]int    // bundle → the first row that cannot be read or found
	codes  map[string]string // as written → as the catalog has it
	gtins  map[string]string // barcode → code
}

func openBundles(ctx context.Context, s importer.Scope, look LookBundles) (importer.Reader[bundleRow], error) {
	r := &bundleReader{goods: importer.NewGoods(s), broken: map[string]int{}, codes: map[string]string{}, gtins: map[string]string{}}
	type found struct {
		bundleRow
		number int
	}
	var rows []found
	for row, err := range s.Layout.All(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Skip != nil {
			continue
		}
		v := r.Read(row)
		rows = append(rows, found{v, row.Number})
		for _, c := range []string{v.bundle, v.ref.Code} {
			if c != "" {
				r.codes[c] = ""
			}
		}
		if v.ref.GTIN != "" {
			r.gtins[v.ref.GTIN] = ""
		}
	}
	if err := r.resolve(ctx, s); err != nil {
		return nil, err
	}
	var drafts []warehouse.BundleDraft
	at := map[string]int{}
	for _, v := range rows {
		r.name(&v.bundleRow)
		if other := r.gtins[v.ref.GTIN]; v.bad || v.Code == "" || v.ref.GTIN != "" && v.ref.Code != "" && other != "" && other != v.Code {
			if r.broken[v.bundle] == 0 {
				r.broken[v.bundle] = v.number
			}
			continue
		}
		i, seen := at[v.bundle]
		if !seen {
			i = len(drafts)
			at[v.bundle], drafts = i, append(drafts, warehouse.BundleDraft{Code: v.bundle})
		}
		drafts[i].Parts = append(drafts[i].Parts, v.BundlePart)
	}
	// Of a bundle that is broken anyway the sums say nothing.
	drafts = slices.DeleteFunc(drafts, func(d warehouse.BundleDraft) bool { return r.broken[d.Code] != 0 })
	var err error
	r.faults, err = look(ctx, s.Query, drafts)
	return r, err
}

// resolve finds the codes as the catalog has them: one in small letters is taken for that in capitals where only that is known.
func (r *bundleReader) resolve(ctx context.Context, s importer.Scope) error {
	var ask []string
	for c := range r.codes {
		ask = append(ask, c, strings.ToUpper(c))
	}
	known, err := s.Catalog.SKUCodes(ctx, s.Query, ask)
	if err != nil {
		return err
	}
	for c := range r.codes {
		if r.codes[c] = c; known[c] == 0 && known[strings.ToUpper(c)] != 0 {
			r.codes[c] = strings.ToUpper(c)
		}
	}
	ids, err := s.Catalog.GTINs(ctx, s.Query, slices.Collect(maps.Keys(r.gtins)))
	if err != nil || len(ids) == 0 {
		return err
	}
	skus, err := s.Catalog.SKUs(ctx, s.Query, slices.Collect(maps.Values(ids)))
	for gtin, id := range ids {
		r.gtins[gtin] = skus[id].Code
	}
	return err
}

// name puts the catalog's codes into a row.
func (r *bundleReader) name(v *bundleRow) {
	v.bundle = r.codes[v.bundle]
	if v.Code = r.codes[v.ref.Code]; v.ref.Code == "" {
		v.Code = r.gtins[v.ref.GTIN]
	}
}

// Read reads the columns of a row.
func (r *bundleReader) Read(row *sheet.Row) bundleRow {
	v := bundleRow{ref: importer.ReadSKU(row)}
	v.bundle, _ = row.Code("bundle")
	v.Pieces, _ = row.Pieces("pieces")
	share, _ := row.Percent("share")
	v.ShareBP = int(share)
	v.bad = len(row.Problems()) > 0
	return v
}

// Settle finds the components, and says of every row of a bundle what keeps the bundle out.
func (r *bundleReader) Settle(ctx context.Context, lines []*importer.Line[bundleRow]) error {
	refs := make([]importer.SKURef, len(lines))
	for i, l := range lines {
		refs[i] = l.Value.ref
	}
	if err := r.goods.Load(ctx, refs); err != nil {
		return err
	}
	for _, l := range lines {
		v := &l.Value
		r.name(v)
		if !l.OK() {
			continue
		}
		if r.goods.Find(&l.Entry, v.ref) == 0 {
			continue
		}
		fault := r.faults[v.bundle]
		switch {
		case fault != nil && (fault.Component == "" || fault.Component == v.Code):
			column := "bundle"
			switch {
			case fault.Component == "":
			case fault.Problem == warehouse.BundlePieces:
				column = "pieces"
			case fault.Problem == warehouse.BundleShare:
				column = "share"
			default:
				column = importer.SKUColumn
			}
			l.Fail(column, v.Code, bundleNote(fault))
		case fault != nil:
			l.Fail("bundle", v.bundle, bundleNote(fault))
		case r.broken[v.bundle] != 0:
			l.Fail("bundle", v.bundle, BadBundle.With(v.bundle, r.broken[v.bundle]))
		}
	}
	return nil
}

func bundleNote(f *warehouse.BundleFault) notice.Note {
	reason := badBundles[f.Problem]
	subject := f.Component
	if subject == "" {
		subject = f.Bundle
	}
	switch f.Problem {
	case warehouse.BundleShares:
		return reason.With(subject, fmt.Sprintf("%d.%02d", f.Value/100, f.Value%100))
	case warehouse.BundleStock, warehouse.BundleOpenLines:
		return reason.With(subject, f.Value)
	}
	return reason.With(subject)
}
