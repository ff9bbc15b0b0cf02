package c2mxlsx

import (
	"fmt"
	"time"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// spareRows is how many empty rows the form for delivery notes offers below the prepared ones.
const spareRows = 200

// toSend is an order line prepared on the form.
type toSend struct {
	order   string
	line    int
	sku     string
	name    catalog.Name
	barcode string
	open    quantity.Pieces
	carton  quantity.Pieces
}

// linesToSend prepares the lines of a paper at what is agreed, else at what is asked.
func linesToSend(p c2m.Paper) []toSend {
	var lines []toSend
	for _, l := range p.Version.Lines {
		g := p.Goods[l.SKU]
		open := l.Pieces
		if a, ok := p.Agreed[l.No]; ok {
			open = 0
			for _, s := range a.Splits {
				open += s.Pieces
			}
		}
		if open > 0 {
			lines = append(lines, toSend{p.Number, l.No, g.Code, g.Name, g.GTIN, open, g.CartonPieces})
		}
	}
	return lines
}

// DeliveryNote makes the empty form for a delivery note with the lines that may be sent, in "zh" or "en". made is its date.
func DeliveryNote(awaited []c2m.Awaited, lang string, made time.Time) ([]byte, error) {
	var lines []toSend
	for _, w := range awaited {
		if w.Open > 0 {
			lines = append(lines, toSend{w.Number, w.Line, w.SKU.Code, w.SKU.Name, w.SKU.GTIN, w.Open, w.SKU.CartonPieces})
		}
	}
	b := newBook(lang)
	b.deliveryNote(lines)
	b.lists()
	return b.bytes(b.in("送货单", "Delivery note"), made)
}

func (b *book) deliveryNote(lines []toSend) {
	s := b.add(b.in("送货单", "ASN"))
	s.widths(asnColumns)
	s.put(1, 1, b.in("送货单", "Delivery note (ASN)"), "title")
	s.put(1, 2, b.in("每个批号一行；同一张送货单的单号、车牌、到货日只填第一行也可以；没有发的行留空。", "A row for each lot; number, plate and arrival may be given in the first row only; leave rows that are not sent empty."), "label")
	const header = 4
	for i, c := range asnColumns {
		style := "head ask"
		if c.ID == colName || c.ID == colOpen {
			style = "head"
		}
		s.put(i+1, header, c.Title.In(b.lang), style)
	}
	s.do(func() error { return s.f.SetRowHeight(s.name, header, 32) })
	last := header + len(lines) + spareRows
	for i, c := range asnColumns {
		s.style(i+1, header+1, i+1, last, "cell open "+formatOf[c.ID])
	}
	put := func(row int, id string, v any) { s.put(where(asnColumns, id), row, v, "") }
	for i, l := range lines {
		row := header + 1 + i
		put(row, colOrder, l.order)
		put(row, colLine, l.line)
		put(row, colSKU, l.sku)
		put(row, colName, l.name.In(b.lang))
		put(row, colBarcode, l.barcode)
		put(row, colOpen, l.open)
		if l.carton > 1 {
			put(row, colPerCarton, l.carton)
		}
	}
	s.asnRules(header+1, last)
	s.freeze(where(asnColumns, colName), header+1)
	s.protect(true)
	s.print(true, 0, fmt.Sprintf("'%s'!$%d:$%d", s.name, header, header), fmt.Sprintf("'%s'!$A$1:$%s$%d", s.name, letters(len(asnColumns)), header+len(lines)+20), "")
}

// formatOf is the number format of a delivery note's column; text where none is named.
var formatOf = map[string]string{colLine: "0", colOpen: asPieces, colProduced: asDay, colExpires: asDay, colSent: asPieces, colCartons: "0",
	colPerCarton: asPieces, colGross: asWeight, colNet: asWeight, colVolume: asWeight, colArrival: asDay}

func (s page) asnRules(first, last int) {
	title := s.in("请改正", "Please mend")
	col := func(id string) int { return where(asnColumns, id) }
	for _, id := range []string{colSent, colCartons, colPerCarton} {
		s.check(col(id), first, last, wholeFrom(1, int(c2m.MaxPieces)), title, s.in("大于 0 的整数", "A whole number above 0"))
	}
	for _, id := range []string{colProduced, colExpires, colArrival} {
		s.check(col(id), first, last, daysFrom(calendar.Date(2000, 1, 1), calendar.Date(2099, 12, 31)), title, s.in("日期，例如 2026-12-02", "A date such as 2026-12-02"))
	}
	for _, id := range []string{colGross, colNet, colVolume} {
		s.check(col(id), first, last, amountFrom(0, 1e6), title, s.in("数字", "A number"))
	}
	s.check(col(colLot), first, last, textUpTo(20), title, s.in("最多 20 位字母、数字和 - . /", "At most 20 letters, digits and - . /"))
	s.check(col(colTemp), first, last, oneOf(listOf(2, len(temperatures))), title, s.in("请从列表里选", "Choose from the list"))
}
