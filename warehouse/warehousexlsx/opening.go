// Package warehousexlsx declares the sheets of the warehouse domain that can be imported: counted stock.
package warehousexlsx

import (
	"context"
	"errors"
	"iter"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
	"milkrun/warehouse"
)

// SetOpening books counts as the stock that the positions hold, within the transaction of an import;
// warehouseops.Ops.SetOpening fits.
type SetOpening func(ctx context.Context, tx importer.Tx, operation importer.OperationID, note string, counts []warehouse.Count) (int, error)

// What can be wrong with counted stock.
var (
	// ExpiresBefore is a lot that expires before it was produced.
	ExpiresBefore = &notice.Reason{Code: "stock.expires_before", ZH: "效期早于生产日", EN: "expires before it was produced",
		FixZH: "核对两个日期", FixEN: "Check both dates"}
	// ExpiryMissing is a lot of perishable goods without a date.
	ExpiryMissing = &notice.Reason{Code: "stock.expiry_missing", ZH: "这个商品有保质期，要填效期或生产日期", EN: "the goods expire: give the expiry or the production date",
		FixZH: "对照包装补上日期", FixEN: "Take the date from the pack"}
	// ExpiryDerived is an expiry that follows from the production date.
	ExpiryDerived = &notice.Reason{Code: "stock.expiry_derived", ZH: "按保质期 {0} 天推算为 {1}", EN: "{1}, from the shelf life of {0} days"}
	// UnknownStatus is a status of stock that is not known.
	UnknownStatus = &notice.Reason{Code: "stock.unknown_status", ZH: "不认识状态“{0}”", EN: "the status “{0}” is unknown",
		FixZH: "填 可用、冻结、破损、召回、在途 或 退货", FixEN: "Write available, held, damaged, recalled, in_transit or returned"}
	// BelowReserved is a count below what is promised to orders.
	BelowReserved = &notice.Reason{Code: "stock.below_reserved", ZH: "第 {0} 行盘到 {1} 件，但已有 {2} 件预留给订单，所以什么都没有导入", EN: "row {0} counts {1} pieces, but {2} are reserved for orders; nothing was imported",
		FixZH: "先释放预留或核对盘点数，再导入", FixEN: "Release the reservation or check the count, then import again"}
)

var openingSpec = importer.Spec{
	Name: "opening", Title: catalog.Name{ZH: "库存", EN: "Stock"},
	About: catalog.Name{
		ZH: "期初或盘点库存：每个仓、库位、SKU、批次一行，导入后该位置的在库数就是表里的数；表里没有的位置不变",
		EN: "Opening or counted stock: one row for each site, bin, SKU and lot. A position holds its count afterwards; positions that are not in the sheet stay",
	},
	Permission: access.ViewStock,
	Columns: append([]sheet.Column{importer.SiteColumnOf()}, append(importer.SKUColumns(),
		sheet.Column{
			ID: "pieces", Title: catalog.Name{ZH: "在库数量", EN: "On hand"}, Required: true, Kind: sheet.Pieces, Carton: "per_carton",
			Names: []string{"数量", "库存", "库存数量", "在库", "在库数", "实盘数", "实盘数量", "盘点数量", "期初数量", "期初库存", "可用库存", "现存量", "件数", "quantity", "qty", "stock", "count", "counted", "pieces"},
		},
		sheet.Column{ID: "lot", Title: catalog.Name{ZH: "批次", EN: "Lot"}, Names: []string{"批号", "批次号", "生产批号", "batch", "lot no", "batch no"}, Kind: sheet.Code},
		sheet.Column{ID: "produced", Title: catalog.Name{ZH: "生产日期", EN: "Production date"}, Names: []string{"生产日", "制造日期", "produced", "manufactured", "MFG"}, Kind: sheet.Day},
		sheet.Column{ID: "expiry", Title: catalog.Name{ZH: "有效期至", EN: "Expiry"}, Names: []string{"效期", "有效期", "失效日期", "到期日", "过期日期", "保质期至", "expiry date", "expires", "best before", "EXP"}, Kind: sheet.Day},
		sheet.Column{ID: "bin", Title: catalog.Name{ZH: "库位", EN: "Bin"}, Names: []string{"货位", "储位", "库位编码", "bin code", "shelf"}, Kind: sheet.Code},
		sheet.Column{
			ID: "status", Title: catalog.Name{ZH: "状态", EN: "Status"}, Names: []string{"库存状态", "品质", "质量状态", "stock status", "condition"}, Kind: sheet.Text,
			Choices: []string{"可用", "冻结", "破损", "召回", "在途", "退货"}, Hint: catalog.Name{ZH: "留空是可用", EN: "Empty is available"},
		},
		sheet.Column{ID: "owner", Title: catalog.Name{ZH: "货主", EN: "Owner"}, Names: []string{"货主编码", "owner code"}, Kind: sheet.Code},
		sheet.Column{ID: "per_carton", Title: catalog.Name{ZH: "箱规", EN: "Pieces per carton"}, Names: []string{"每箱数量", "每箱件数", "装箱数", "units per carton"}, Kind: sheet.Pieces},
	)...),
}

// countsAtOnce is how many positions one operation books.
const countsAtOnce = 20_000

// Opening is the sheet of opening or counted stock.
func Opening(set SetOpening) importer.Kind {
	return importer.Define(openingSpec, openOpening,
		func(ctx context.Context, tx importer.Tx, src importer.Source, rows iter.Seq2[importer.Good[count], error]) (importer.Outcome, error) {
			b := booking{ctx: ctx, tx: tx, src: src, set: set}
			for g, err := range rows {
				if err != nil {
					return b.out, err
				}
				b.counts, b.rows = append(b.counts, g.Value.Count), append(b.rows, g.Row)
				if len(b.counts) == countsAtOnce {
					if err := b.flush(); err != nil {
						return b.out, err
					}
				}
			}
			return b.out, b.flush()
		})
}

// booking books counts in operations.
type booking struct {
	ctx    context.Context
	tx     importer.Tx
	src    importer.Source
	set    SetOpening
	counts []warehouse.Count
	rows   []int // of the sheet
	n      int
	out    importer.Outcome
}

func (b *booking) flush() error {
	if len(b.counts) == 0 {
		return nil
	}
	changed, err := b.set(b.ctx, b.tx, b.src.Operation(b.n), b.src.Name, b.counts)
	if err != nil {
		return b.refused(err)
	}
	b.out = b.out.Add(importer.Outcome{Changed: changed, Unchanged: len(b.counts) - changed})
	b.n++
	b.counts, b.rows = b.counts[:0], b.rows[:0]
	return nil
}

// refused turns the refusal of a count into words with its row.
func (b *booking) refused(err error) error {
	var reserved *warehouse.ReservedError
	if !errors.As(err, &reserved) {
		return err
	}
	row := 0
	for i, c := range b.counts {
		if c.Place == reserved.Place {
			row = b.rows[i]
		}
	}
	return notice.Refuse(BelowReserved, err, row, int64(reserved.Counted), int64(reserved.Reserved))
}

// count is a row with what it names its SKU by.
type count struct {
	warehouse.Count
	ref importer.SKURef
}

type openingReader struct {
	scope  importer.Scope
	places *importer.Places
	goods  *importer.Goods
	seen   importer.Seen[warehouse.Place]
	lives  map[catalog.SKUID]int // shelf life in days, of the SKUs asked for so far
}

func openOpening(ctx context.Context, s importer.Scope) (importer.Reader[count], error) {
	places, err := importer.NewPlaces(ctx, s)
	if err != nil {
		return nil, err
	}
	return &openingReader{scope: s, places: places, goods: importer.NewGoods(s), lives: map[catalog.SKUID]int{}}, nil
}

// Read reads the columns of a row.
func (r *openingReader) Read(row *sheet.Row) count {
	c := count{ref: importer.ReadSKU(row)}
	if p := r.places.Read(row); p != nil {
		c.Site = p.ID
	}
	c.Pieces, _ = row.Pieces("pieces")
	c.Lot, _ = row.Code("lot")
	c.Bin, _ = row.Code("bin")
	c.Owner, _ = row.Code("owner")
	c.Produced, c.Expiry = optionalDay(row, "produced"), optionalDay(row, "expiry")
	c.Status = statusOf(row)
	if c.Produced != nil && c.Expiry != nil && *c.Expiry < *c.Produced {
		row.Fail("expiry", ExpiresBefore.With())
	}
	if c.Produced != nil && *c.Produced > calendar.Of(r.scope.Now, importer.China) {
		row.Fail("produced", importer.DayInFuture.With(c.Produced.String()))
	}
	return c
}

func optionalDay(row *sheet.Row, column string) *calendar.Day {
	d, ok := row.Day(column)
	if !ok {
		return nil
	}
	return &d
}

var statuses = map[string]warehouse.Status{
	"": warehouse.Available, "可用": warehouse.Available, "正常": warehouse.Available, "良品": warehouse.Available, "正品": warehouse.Available, "合格": warehouse.Available, "available": warehouse.Available, "good": warehouse.Available,
	"冻结": warehouse.Held, "待检": warehouse.Held, "锁定": warehouse.Held, "held": warehouse.Held, "hold": warehouse.Held, "onhold": warehouse.Held, "quarantine": warehouse.Held,
	"破损": warehouse.Damaged, "残": warehouse.Damaged, "残次": warehouse.Damaged, "残次品": warehouse.Damaged, "不良": warehouse.Damaged, "不良品": warehouse.Damaged, "次品": warehouse.Damaged, "damaged": warehouse.Damaged,
	"召回": warehouse.Recalled, "recalled": warehouse.Recalled, "recall": warehouse.Recalled,
	"在途": warehouse.InTransit, "intransit": warehouse.InTransit, "退货": warehouse.Returned, "退回": warehouse.Returned, "returned": warehouse.Returned, "return": warehouse.Returned,
}

func statusOf(row *sheet.Row) warehouse.Status {
	text, _ := row.Text("status")
	s, ok := statuses[catalog.Fold(text)]
	if !ok {
		row.Fail("status", UnknownStatus.With(cell.Shown(text)))
		return warehouse.Available
	}
	return s
}

// Settle finds the SKUs, the dates that follow from their shelf lives, and the repeated rows.
func (r *openingReader) Settle(ctx context.Context, lines []*importer.Line[count]) error {
	refs := make([]importer.SKURef, len(lines))
	for i, l := range lines {
		refs[i] = l.Value.ref
	}
	if err := r.goods.Load(ctx, refs); err != nil {
		return err
	}
	for _, l := range lines {
		l.Value.SKU = r.goods.Find(&l.Entry, l.Value.ref)
	}
	if err := r.loadLives(ctx, lines); err != nil {
		return err
	}
	for _, l := range lines {
		if l.OK() {
			r.date(l)
		}
		if !l.OK() {
			continue
		}
		if first := r.seen.Row(l.Value.Place, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, samePlace))
		}
	}
	return nil
}

var samePlace = catalog.Name{ZH: "同一仓、库位、SKU、批次、货主和状态", EN: "same site, bin, SKU, lot, owner and status"}

// loadLives asks for the shelf lives of the SKUs of a batch.
func (r *openingReader) loadLives(ctx context.Context, lines []*importer.Line[count]) error {
	if len(r.lives) > 100_000 {
		clear(r.lives)
	}
	var wanted []catalog.SKUID
	for _, l := range lines {
		if _, known := r.lives[l.Value.SKU]; !known && l.Value.SKU != 0 {
			r.lives[l.Value.SKU] = 0
			wanted = append(wanted, l.Value.SKU)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	records, err := r.scope.Catalog.SKUs(ctx, r.scope.Query, wanted)
	if err != nil {
		return err
	}
	for id, s := range records {
		r.lives[id] = s.ShelfLifeDays
	}
	return nil
}

// date gives a lot of perishable goods the date that it lacks.
func (r *openingReader) date(l *importer.Line[count]) {
	c := &l.Value
	life := r.lives[c.SKU]
	if life == 0 || c.Expiry != nil || c.Pieces == 0 {
		return
	}
	if c.Produced == nil {
		l.Fail("expiry", "", ExpiryMissing.With())
		return
	}
	d := c.Produced.AddDays(life)
	c.Expiry = &d
	l.Mend("produced", c.Produced.String(), ExpiryDerived.With(life, d.String()))
}
