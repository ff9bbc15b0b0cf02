package c2mxlsx

import (
	"fmt"

	"milkrun/c2m"
	"milkrun/internal/calendar"
)

// WeekText writes the ISO week of a day: 2026-W48.
func WeekText(d calendar.Day) string {
	y, w := d.ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// forecast writes the rolling forecast: a row for each SKU and week, so that it can be filtered, sorted and read back.
func (b *book) forecast(p c2m.Paper) {
	s := b.add(b.in("预测", "Forecast"))
	s.widths(forecastColumns)
	s.put(1, 1, b.in("滚动预测", "Rolling forecast"), "title")
	s.put(1, 2, b.in("全部仓的需求，未扣库存。确定的周在交期之内，请据此排产；暂定的周仅供备料，可能变化。请填黄色的列。", "Demand of all sites, before stock. Firm weeks lie within the lead time: plan production by them; tentative ones are for material and may change. Please fill in the yellow columns."), "label")
	const header = 4
	for i, c := range forecastColumns {
		style := "head"
		if c.ID == colCommitted || c.ID == colCapacity {
			style = "head ask"
		}
		s.put(i+1, header, c.Title.In(b.lang), style)
	}
	row := header + 1
	for _, r := range p.Forecast {
		for _, w := range r.Weeks {
			s.forecastWeek(row, p, r, w)
			row++
		}
	}
	if row == header+1 {
		s.put(1, row, b.in("本单没有预测数据。", "There is no forecast for this order."), "label")
	} else {
		title := b.in("请改正", "Please mend")
		for _, id := range []string{colCommitted, colCapacity} {
			s.check(where(forecastColumns, id), header+1, row-1, wholeFrom(0, int(c2m.MaxPieces)), title, b.in("整数件数", "Whole pieces"))
		}
		s.do(func() error {
			return b.f.AutoFilter(s.name, ref(1, header)+":"+ref(len(forecastColumns), row-1), nil)
		})
	}
	s.freeze(where(forecastColumns, colPartNo), header+1)
	s.protect(false)
	s.print(true, 0, fmt.Sprintf("'%s'!$%d:$%d", s.name, header, header), "", p.Number+" "+b.version(p))
}

func (s page) forecastWeek(row int, p c2m.Paper, r c2m.ForecastRow, w c2m.ForecastWeek) {
	g := p.Goods[r.SKU]
	put := func(id string, value any, style string) { s.put(where(forecastColumns, id), row, value, style) }
	firm := s.in("暂定", "tentative")
	style := "cell "
	if w.Firm {
		firm, style = s.in("确定", "firm"), "cell bold "
	}
	put(colSupplier, p.Supplier.Code, "cell "+asText)
	put(colSKU, g.Code, "cell "+asText)
	put(colPartNo, r.PartNo, "cell "+asText)
	put(colBarcode, g.GTIN, "cell "+asText)
	put(colName, g.Name.In(s.lang), "cell "+asText)
	put(colWeek, WeekText(w.Monday), "cell "+asText)
	put(colMonday, w.Monday, "cell "+asDay)
	put(colForecast, w.Pieces, style+asPieces)
	put(colFirm, firm, style+asText)
	var change any
	if w.Before != nil {
		change = w.Pieces - *w.Before
	}
	put(colLast, change, "cell "+asSigned)
	put(colMOQ, orNil(r.MOQ), "cell "+asPieces)
	put(colPack, orNil(r.Pack), "cell "+asPieces)
	var committed, capacity any
	if w.Committed != nil {
		committed = *w.Committed
	}
	if w.Capacity != nil {
		capacity = *w.Capacity
	}
	put(colCommitted, committed, "input "+asPieces)
	put(colCapacity, capacity, "input "+asPieces)
}
