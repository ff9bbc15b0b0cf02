// Package forecastxlsx declares the sheets of the demand domain that can be imported: sales and heat.
package forecastxlsx

import (
	"context"
	"iter"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
)

// MergeSales stores sales within the transaction of an import; forecastops.Ops.MergeSales fits.
type MergeSales func(context.Context, importer.Tx, iter.Seq2[forecasting.Sale, error]) (forecasting.Merged, error)

var salesSpec = importer.Spec{
	Name: "sales", Title: catalog.Name{ZH: "销售", EN: "Sales"},
	About: catalog.Name{
		ZH: "每个 SKU 每个仓每天一行：卖了几件、什么价、有没有促销和断货。同一天再传一次，以后传的为准",
		EN: "One row for each SKU, site and day: pieces sold, price, promotion, sold out. The same day again replaces what was there",
	},
	Permission: access.ViewDemand,
	Columns: append(importer.SKUColumns(), importer.SiteColumnOf(),
		sheet.Column{
			ID: "day", Title: catalog.Name{ZH: "日期", EN: "Day"}, Required: true, Kind: sheet.Day,
			Names: []string{"销售日期", "业务日期", "营业日期", "成交日期", "下单日期", "统计日期", "date", "sales date", "business date", "order date"},
		},
		sheet.Column{
			ID: "pieces", Title: catalog.Name{ZH: "销量", EN: "Pieces"}, Required: true, Kind: sheet.Pieces, Signed: true, Carton: "per_carton",
			Names: []string{"销售数量", "销售量", "数量", "件数", "售出件数", "销售件数", "成交件数", "quantity", "qty", "units", "units sold", "sales qty", "sold"},
			Hint:  catalog.Name{ZH: "整数件数；退货多于销售时填负数", EN: "Whole pieces; negative when more came back than went out"},
		},
		sheet.Column{
			ID: "price", Title: catalog.Name{ZH: "成交均价", EN: "Price"}, Kind: sheet.Money,
			Names: []string{"单价", "均价", "成交价", "售价", "销售单价", "成交单价", "实际售价", "unit price", "average price", "selling price"},
		},
		sheet.Column{
			ID: "amount", Title: catalog.Name{ZH: "销售额", EN: "Amount"}, Kind: sheet.Money, Signed: true,
			Names: []string{"金额", "销售金额", "成交金额", "实收金额", "GMV", "revenue", "sales amount", "turnover"},
			Hint:  catalog.Name{ZH: "没有均价时，用它除以销量", EN: "Divided by the pieces where there is no price"},
		},
		sheet.Column{
			ID: "promo", Title: catalog.Name{ZH: "降价幅度", EN: "Promotion depth"}, Kind: sheet.Percent,
			Names: []string{"促销", "促销幅度", "促销力度", "让利", "让利幅度", "promo", "promotion", "promo depth", "markdown"},
			Hint:  catalog.Name{ZH: "比平时便宜多少，例如 20%；没有促销留空", EN: "How much below the usual price, such as 20%; empty without promotion"},
		},
		sheet.Column{
			ID: "discount", Title: catalog.Name{ZH: "折扣", EN: "Discount"}, Kind: sheet.Text,
			Names: []string{"折扣率", "几折"},
			Hint:  catalog.Name{ZH: "例如 8折、85折", EN: "Such as 8折 (20% off)"},
		},
		sheet.Column{
			ID: "sold_out", Title: catalog.Name{ZH: "断货", EN: "Sold out"}, Kind: sheet.Bool,
			Names: []string{"售罄", "缺货", "是否断货", "是否缺货", "是否售罄", "stockout", "out of stock", "oos"},
			Hint:  catalog.Name{ZH: "打烊时货架空了填“是”", EN: "Yes if the shelf was empty at closing"},
		},
		sheet.Column{
			ID: "sold_out_minutes", Title: catalog.Name{ZH: "断货分钟", EN: "Sold out minutes"}, Kind: sheet.Number,
			Names: []string{"断货时长", "缺货时长", "缺货分钟", "断货分钟数", "stockout minutes", "oos minutes", "minutes out of stock"},
			Hint:  catalog.Name{ZH: "当天货架空了多少分钟；知道时能算出少卖了多少", EN: "How many minutes the shelf was empty that day: tells what could have sold"},
		},
		sheet.Column{ID: "per_carton", Title: catalog.Name{ZH: "箱规", EN: "Pieces per carton"}, Names: []string{"每箱数量", "每箱件数", "装箱数", "units per carton"}, Kind: sheet.Pieces},
	),
}

// Sales is the sheet of daily sales.
func Sales(merge MergeSales) importer.Kind {
	return importer.Define(salesSpec, openSales,
		func(ctx context.Context, tx importer.Tx, _ importer.Source, rows iter.Seq2[importer.Good[sale], error]) (importer.Outcome, error) {
			m, err := merge(ctx, tx, func(yield func(forecasting.Sale, error) bool) {
				for g, err := range rows {
					if !yield(g.Value.Sale, err) {
						return
					}
				}
			})
			return importer.Outcome{Inserted: m.Inserted, Changed: m.Changed, Unchanged: m.Unchanged}, err
		})
}

// sale is a row with what it names its SKU by.
type sale struct {
	forecasting.Sale
	ref importer.SKURef
}

type salesReader struct {
	places *importer.Places
	goods  *importer.Goods
	seen   importer.Seen[saleKey]
	refs   []importer.SKURef
}

type saleKey struct {
	forecasting.Key
	day calendar.Day
}

func openSales(ctx context.Context, s importer.Scope) (importer.Reader[sale], error) {
	places, err := importer.NewPlaces(ctx, s)
	if err != nil {
		return nil, err
	}
	return &salesReader{places: places, goods: importer.NewGoods(s)}, nil
}

// Read reads the columns of a row.
func (r *salesReader) Read(row *sheet.Row) sale {
	s := sale{ref: importer.ReadSKU(row)}
	place := r.places.Read(row)
	day, dated := row.Day("day")
	s.Day = day
	if place != nil {
		s.Site = place.ID
		if dated {
			importer.CheckDay(row, "day", day, forecasting.FirstRecordDay, place.Today)
		}
	}
	var counted bool
	if s.Pieces, counted = row.Pieces("pieces"); counted {
		importer.CheckSpan(row, "pieces", int64(s.Pieces), -forecasting.MaxDayPieces, forecasting.MaxDayPieces)
	}
	s.Price = priceOf(row, s.Sale)
	s.PromoBP = promoOf(row)
	s.SoldOut, _ = row.Bool("sold_out")
	if m, ok := row.Float("sold_out_minutes"); ok {
		if m < 0 || m > forecasting.DayMinutes {
			row.Fail("sold_out_minutes", cell.OutOfRange.With(row.Raw("sold_out_minutes"), forecasting.DayMinutes))
		} else if s.OutMinutes = int(m); s.OutMinutes > 0 {
			s.SoldOut = true
		}
	}
	return s
}

// priceOf reads the price, or takes it from the amount.
func priceOf(row *sheet.Row, s forecasting.Sale) money.Fen {
	price, ok := row.Fen("price")
	amount, sold := row.Fen("amount")
	if !ok && sold && s.Pieces != 0 && (amount < 0) == (s.Pieces < 0) {
		n := int64(s.Pieces)
		price = money.Fen((2*int64(amount)/n + 1) / 2) // rounded to the nearest fen
	}
	if price > catalog.MaxPriceFen {
		row.Fail("price", cell.OutOfRange.With(price.Yuan(), int64(catalog.MaxPriceFen/100)))
		return 0
	}
	return price
}

// Settle finds the SKUs and the repeated rows.
func (r *salesReader) Settle(ctx context.Context, lines []*importer.Line[sale]) error {
	r.refs = r.refs[:0]
	for _, l := range lines {
		r.refs = append(r.refs, l.Value.ref)
	}
	if err := r.goods.Load(ctx, r.refs); err != nil {
		return err
	}
	for _, l := range lines {
		v := &l.Value
		v.SKU = r.goods.Find(&l.Entry, v.ref)
		if !l.OK() {
			continue
		}
		if first := r.seen.Row(saleKey{v.Key, v.Day}, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, sameSale))
		}
	}
	return nil
}

var sameSale = catalog.Name{ZH: "同一 SKU、仓和日期", EN: "same SKU, site and day"}
