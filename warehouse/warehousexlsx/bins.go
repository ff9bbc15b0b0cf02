package warehousexlsx

import (
	"context"
	"errors"
	"iter"
	"math"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
	"milkrun/warehouse"
)

// LoadBins writes bins within the transaction of an import and answers how many are new, changed and the same.
type LoadBins func(ctx context.Context, tx importer.Tx, operation importer.OperationID, note string, bins []warehouse.BinDraft) (importer.Outcome, error)

// What can be wrong with bins.
var (
	// BadBinCode is a code that no label can carry.
	BadBinCode = &notice.Reason{Code: "bin.code", ZH: "库位编码“{0}”不能用", EN: "the bin code “{0}” cannot be used",
		FixZH: "用字母、数字和 - . _ /，最多 24 个字符，例如 A02-11-1", FixEN: "Use letters, digits and - . _ /, at most 24 characters, such as A02-11-1"}
	// BadBinWord is a value that is none of the choices.
	BadBinWord = &notice.Reason{Code: "bin.word", ZH: "“{0}”不是可选的值：{1}", EN: "“{0}” is not one of: {1}",
		FixZH: "从下拉列表里选", FixEN: "Pick from the list"}
	// BinHolds is a change of a bin in which pieces stand.
	BinHolds = &notice.Reason{Code: "bin.full", ZH: "{0}，所以什么都没有导入", EN: "{0}; nothing was imported",
		FixZH: "先把库位里的货移走，再停用或改温层", FixEN: "Move the goods out of the bin before switching it off or changing its temperature"}
)

// words is a list of values with the words that stand for them; the first word of a value is offered in the template.
type words[V comparable] []struct {
	value V
	names []string
}

func (w words[V]) offered() []string {
	out := make([]string, len(w))
	for i, x := range w {
		out[i] = x.names[0]
	}
	return out
}

func (w words[V]) read(row *sheet.Row, column string) *V {
	text, ok := row.Text(column)
	if !ok {
		return nil
	}
	for _, x := range w {
		for _, n := range x.names {
			if catalog.Fold(n) == catalog.Fold(text) {
				return &x.value
			}
		}
	}
	row.Fail(column, BadBinWord.With(cell.Shown(text), strings.Join(w.offered(), "、")))
	return nil
}

var binKinds = words[warehouse.BinKind]{
	{warehouse.BinPick, []string{"拣货位", "拣选位", "pick", "pick face"}},
	{warehouse.BinReserve, []string{"存储位", "高位", "备货位", "reserve", "bulk"}},
	{warehouse.BinDock, []string{"收货台", "码头", "月台", "dock"}},
	{warehouse.BinInspect, []string{"质检区", "待检区", "inspect"}},
	{warehouse.BinReturns, []string{"退货区", "returns"}},
	{warehouse.BinQuarantine, []string{"隔离区", "冻结区", "quarantine"}},
	{warehouse.BinPack, []string{"打包台", "pack"}},
	{warehouse.BinStage, []string{"集货区", "发货区", "stage"}},
	{warehouse.BinTote, []string{"周转箱", "拣货箱", "tote"}},
	{warehouse.BinScrap, []string{"报废区", "scrap"}},
}

var binTemperatures = words[catalog.Temperature]{
	{catalog.Ambient, []string{"常温", "ambient"}},
	{catalog.Cool, []string{"阴凉", "cool"}},
	{catalog.Chilled, []string{"冷藏", "chilled"}},
	{catalog.Frozen, []string{"冷冻", "frozen"}},
}

var binSides = words[int]{{0, []string{"左", "left", "0"}}, {1, []string{"右", "right", "1"}}}

var velocities = words[string]{{"A", []string{"A"}}, {"B", []string{"B"}}, {"C", []string{"C"}}}

var binSpec = importer.Spec{
	Name: "bins", Title: catalog.Name{ZH: "库位", EN: "Bins"},
	About: catalog.Name{ZH: "仓里的库位：货架、码头、打包台、周转箱。编码像 A02-11-1 时，区、巷道、列和层会自己读出来；表里没有的库位不变",
		EN: "The places of a site: racks, docks, packing benches, totes. A code such as A02-11-1 tells zone, aisle, bay and level by itself; bins that are not in the sheet stay"},
	Permission: access.LeadFloor,
	Columns: []sheet.Column{
		importer.SiteColumnOf(),
		{ID: "code", Title: catalog.Name{ZH: "库位编码", EN: "Bin code"}, Names: []string{"库位", "货位", "储位", "货位编码", "bin", "location code"}, Required: true, Kind: sheet.Code, Hint: catalog.Name{ZH: "例如 A02-11-1", EN: "Such as A02-11-1"}},
		{ID: "kind", Title: catalog.Name{ZH: "用途", EN: "Use"}, Names: []string{"库位类型", "类型", "kind", "type"}, Choices: binKinds.offered()},
		{ID: "zone", Title: catalog.Name{ZH: "库区", EN: "Zone"}, Names: []string{"区", "区域", "zone"}},
		{ID: "aisle", Title: catalog.Name{ZH: "巷道", EN: "Aisle"}, Names: []string{"通道", "排", "aisle"}, Kind: sheet.Number},
		{ID: "bay", Title: catalog.Name{ZH: "列", EN: "Bay"}, Names: []string{"货架列", "bay"}, Kind: sheet.Number},
		{ID: "level", Title: catalog.Name{ZH: "层", EN: "Level"}, Names: []string{"货架层", "level"}, Kind: sheet.Number},
		{ID: "side", Title: catalog.Name{ZH: "左右", EN: "Side"}, Names: []string{"侧", "side"}, Choices: binSides.offered()},
		{ID: "temperature", Title: catalog.Name{ZH: "温层", EN: "Temperature"}, Names: []string{"温区", "温度", "temperature"}, Choices: binTemperatures.offered()},
		{ID: "litres", Title: catalog.Name{ZH: "容积（升）", EN: "Volume (litres)"}, Names: []string{"容积", "体积", "litres", "capacity"}, Kind: sheet.Number},
		{ID: "kilograms", Title: catalog.Name{ZH: "承重（公斤）", EN: "Weight (kg)"}, Names: []string{"承重", "载重", "max weight"}, Kind: sheet.Number},
		{ID: "mixed_skus", Title: catalog.Name{ZH: "可混 SKU", EN: "Mixed SKUs"}, Names: []string{"混放SKU", "允许混放", "mix skus"}, Kind: sheet.Bool},
		{ID: "mixed_lots", Title: catalog.Name{ZH: "可混批次", EN: "Mixed lots"}, Names: []string{"混放批次", "允许混批", "mix lots"}, Kind: sheet.Bool},
		{ID: "velocity", Title: catalog.Name{ZH: "动销级", EN: "Walking class"}, Names: []string{"ABC", "等级", "velocity"}, Choices: velocities.offered()},
		{ID: "active", Title: catalog.Name{ZH: "启用", EN: "In use"}, Names: []string{"是否启用", "在用", "active"}, Kind: sheet.Bool},
	},
}

// Bins is the sheet of bins.
func Bins(load LoadBins) importer.Kind {
	return importer.Define(binSpec, openBins,
		func(ctx context.Context, tx importer.Tx, src importer.Source, rows iter.Seq2[importer.Good[warehouse.BinDraft], error]) (importer.Outcome, error) {
			var out importer.Outcome
			var part []warehouse.BinDraft
			n := 0
			flush := func() error {
				done, err := load(ctx, tx, src.Operation(n), src.Name, part)
				if errors.Is(err, warehouse.ErrBinFull) {
					return notice.Refuse(BinHolds, err, catalog.Name{ZH: "库位 " + binOf(err) + " 里有货", EN: "goods stand in bin " + binOf(err)})
				}
				out, part, n = out.Add(done), part[:0], n+1
				return err
			}
			for g, err := range rows {
				if err != nil {
					return out, err
				}
				if part = append(part, g.Value); len(part) == countsAtOnce {
					if err := flush(); err != nil {
						return out, err
					}
				}
			}
			if len(part) == 0 {
				return out, nil
			}
			return out, flush()
		})
}

// binOf takes the code out of the refusal.
func binOf(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, " ")+1:]
}

type binReader struct {
	places *importer.Places
	seen   importer.Seen[warehouse.BinKey]
}

func openBins(ctx context.Context, s importer.Scope) (importer.Reader[warehouse.BinDraft], error) {
	places, err := importer.NewPlaces(ctx, s)
	if err != nil {
		return nil, err
	}
	return &binReader{places: places}, nil
}

// Read reads the columns of a row.
func (r *binReader) Read(row *sheet.Row) warehouse.BinDraft {
	var d warehouse.BinDraft
	if p := r.places.Read(row); p != nil {
		d.Site = p.ID
	}
	text, _ := row.Code("code")
	d.Code = warehouse.CleanBinCode(text)
	probe := warehouse.UsualBin(d.Site, d.Code)
	var fault *warehouse.BinFault
	if err := probe.Check(); d.Code != "" && errors.As(err, &fault) {
		row.Fail("code", BadBinCode.With(cell.Shown(text)))
	}
	d.Kind, d.Temperature = binKinds.read(row, "kind"), binTemperatures.read(row, "temperature")
	d.Side, d.Velocity = binSides.read(row, "side"), velocities.read(row, "velocity")
	if zone, ok := row.Text("zone"); ok {
		d.Zone = &zone
	}
	d.Aisle, d.Bay, d.Level = whole(row, "aisle", 9999), whole(row, "bay", 9999), whole(row, "level", 99)
	d.CapacityML, d.CapacityGrams = thousandths(row, "litres"), thousandths(row, "kilograms")
	d.MixedSKUs, d.MixedLots, d.Active = flag(row, "mixed_skus"), flag(row, "mixed_lots"), flag(row, "active")
	return d
}

func whole(row *sheet.Row, column string, most int) *int {
	f, ok := row.Float(column)
	if !ok {
		return nil
	}
	if f != math.Trunc(f) {
		row.Fail(column, cell.NotWhole.With(row.Raw(column)))
		return nil
	}
	if f < 0 || f > float64(most) {
		row.Fail(column, importer.OutOfRange.With(0, most))
		return nil
	}
	n := int(f)
	return &n
}

// thousandths reads litres as millilitres, kilograms as grams.
func thousandths(row *sheet.Row, column string) *int64 {
	f, ok := row.Float(column)
	if !ok {
		return nil
	}
	if f < 0 || f > 1e9 {
		row.Fail(column, importer.OutOfRange.With(0, 1_000_000_000))
		return nil
	}
	n := int64(math.Round(f * 1000))
	return &n
}

func flag(row *sheet.Row, column string) *bool {
	v, ok := row.Bool(column)
	if !ok {
		return nil
	}
	return &v
}

var sameBin = catalog.Name{ZH: "同一仓的同一库位", EN: "same site and bin"}

// Settle finds repeated rows.
func (r *binReader) Settle(_ context.Context, lines []*importer.Line[warehouse.BinDraft]) error {
	for _, l := range lines {
		if !l.OK() {
			continue
		}
		if first := r.seen.Row(warehouse.BinKey{Site: l.Value.Site, Code: l.Value.Code}, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, sameBin))
		}
	}
	return nil
}
