package c2mxlsx

import (
	"fmt"
	"slices"
	"strings"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// where gives the place of a column among columns, from 1.
func where(columns []sheet.Column, id string) int {
	return 1 + slices.IndexFunc(columns, func(c sheet.Column) bool { return c.ID == id })
}

func at(id string) int { return where(answerColumns, id) }

func widthOf(id string) float64 { return answerColumns[at(id)-1].Width }

// fill-in columns of the order, from the first to the last.
var firstReply, lastReply = at(colPieces), at(colNote)

func (b *book) order(p c2m.Paper) {
	s := b.add(b.in("采购单", "Order"))
	s.widths(answerColumns)
	s.put(1, 1, join("  ", b.in("采购单", "Purchase order"), p.Number, b.version(p)), "title")
	s.do(func() error { return b.f.SetRowHeight(s.name, 1, 26) })
	header := s.head(2, b.conditions(p)) + 1
	s.orderHeader(header)
	row := header + 1
	var sum c2m.Totals
	for _, l := range p.Version.Lines {
		s.orderLine(row, p, l)
		sum.Pieces += l.Pieces
		sum.Gross += l.Amount()
		row++
	}
	s.totals(row, header+1, sum)
	s.spare(row+1, p.Number)
	s.replyRules(header+1, row+1+spareReplies, calendar.Of(p.Version.SentAt, p.Zone()))
	s.freeze(at(colSpec), header+1)
	s.protect(false)
	last := at(colBalance)
	sheetRef := "'" + s.name + "'!"
	s.print(true, 62, fmt.Sprintf("%s$A:$D,%s$%d:$%d", sheetRef, sheetRef, header, header),
		fmt.Sprintf("%s$A$1:$%s$%d", sheetRef, letters(last), row+1+spareReplies), p.Number+" "+b.version(p))
	s.do(func() error { return b.f.InsertPageBreak(s.name, ref(firstReply, 1)) })
}

// conditions are the lines above the table.
func (b *book) conditions(p c2m.Paper) [][2]string {
	zone := p.Zone()
	party := func(q c2m.Party) string { return join(" ", q.Name.In(b.lang), "("+q.Code+")") }
	return [][2]string{
		{b.in("供应商", "Supplier"), party(p.Supplier)},
		{b.in("收货仓", "Ship to"), join(" · ", party(p.ShipTo), p.ShipTo.City.In(b.lang))},
		{b.in("采购", "Buyer"), p.Buyer.Name},
		{b.in("发出", "Sent"), p.Version.SentAt.In(zone).Format("2006-01-02 15:04")},
		{b.in("请答复前", "Reply by"), p.Version.ReplyBy.In(zone).Format("2006-01-02 15:04")},
		{b.in("合同号", "Contract"), p.Version.Conditions.Contract},
		{b.in("条款", "Terms"), p.Version.Conditions.Payment},
		{b.in("品牌授权", "Brand licence"), p.Version.Conditions.Licence},
		{b.in("备注", "Note"), p.Version.Conditions.Note},
		{b.in("本版变更", "Changed"), b.changeNote(p)},
	}
}

// changeNote says in a line what the version changes.
func (b *book) changeNote(p c2m.Paper) string {
	if p.Version.No < 2 {
		return ""
	}
	added, moved := 0, 0
	for _, c := range p.Changed {
		if c.Before == nil {
			added++
		} else {
			moved++
		}
	}
	var gone []string
	for _, l := range p.Removed {
		gone = append(gone, fmt.Sprintf("%d (%s)", l.No, p.Goods[l.SKU].Code))
	}
	note := b.in(fmt.Sprintf("改 %d 行，加 %d 行", moved, added), fmt.Sprintf("lines changed: %d, added: %d", moved, added))
	if len(gone) > 0 {
		note += b.in("，取消第 ", ", cancelled: ") + strings.Join(gone, b.in("、", ", ")) + b.in(" 行", "")
	}
	return join("  ", note, p.Version.Reason)
}

func (s page) orderHeader(row int) {
	for i, c := range answerColumns {
		style := "head"
		if i+1 >= firstReply && i+1 <= lastReply {
			style = "head ask"
		}
		s.put(i+1, row, c.Title.In(s.lang), style)
	}
	s.do(func() error { return s.f.SetRowHeight(s.name, row, 32) })
}

// orderLine writes a line: what is asked, and in the supplier's columns what was agreed before.
func (s page) orderLine(row int, p c2m.Paper, l c2m.Line) {
	g, change := p.Goods[l.SKU], p.Changed[l.No]
	put := func(id string, value any, style string, fields ...c2m.Field) {
		for _, f := range fields {
			if slices.Contains(change.Fields, f) {
				style += " changed"
			}
		}
		s.put(at(id), row, value, "cell "+style)
	}
	put(colOrder, p.Number, asText)
	put(colLine, l.No, "0")
	put(colSKU, g.Code, asText)
	put(colName, g.Name.In(s.lang), asText)
	put(colSpec, join("；", l.Spec, l.Note), asText, c2m.FieldSpec, c2m.FieldNote)
	put(colBarcode, g.GTIN, asText)
	put(colPartNo, l.PartNo, asText)
	put(colAsked, l.Pieces, asPieces+" bold", c2m.FieldPieces)
	put(colUnit, g.Unit.In(s.lang), asText)
	put(colPriceAsk, l.Price, asMoney, c2m.FieldPrice)
	put(colAmount, l.Amount(), asMoney)
	put(colDue, l.Due, asDay+" bold", c2m.FieldDue)
	_, isChanged := p.Changed[l.No]
	changes := s.changeText(change, isChanged, l)
	put(colChanges, changes, "changed")
	s.height(row, map[string]float64{changes: widthOf(colChanges), g.Name.In(s.lang): widthOf(colName), join("；", l.Spec, l.Note): widthOf(colSpec)})
	put(colVersion, p.Version.No, "0")
	put(colMOQ, orNil(l.MOQ), asPieces)
	put(colPack, orNil(l.Pack), asPieces)
	put(colLife, orNil(quantity.Pieces(l.MinRemainingDays)), asPieces, c2m.FieldShelfLife)
	put(colNetPrice, l.NetPrice(), asMoney)
	put(colTax, float64(l.TaxBP)/10_000, asPercent, c2m.FieldTax)
	put(colCurrency, "CNY", asText)
	put(colShipTo, p.ShipTo.Name.In(s.lang), asText)
	c := p.Version.Conditions
	put(colTerms, c.Payment, asText)
	put(colContract, c.Contract, asText)
	put(colLicence, c.Licence, asText)
	s.reply(row, p, l)
}

func orNil(n quantity.Pieces) any {
	if n == 0 {
		return nil
	}
	return n
}

var batches = [][2]string{{colPieces, colDay}, {colPieces2, colDay2}, {colPieces3, colDay3}}

// reply prepares the supplier's cells; a line agreed in up to three deliveries is filled in.
func (s page) reply(row int, p c2m.Paper, l c2m.Line) {
	a, agreed := p.Agreed[l.No]
	agreed = agreed && len(a.Splits) <= len(batches)
	for i, b := range batches {
		var n, d any
		switch {
		case agreed && i < len(a.Splits):
			n, d = a.Splits[i].Pieces, a.Splits[i].Day
		case agreed && i == 0:
			n = quantity.Pieces(0)
		}
		s.put(at(b[0]), row, n, "input "+asPieces)
		s.put(at(b[1]), row, d, "input "+asDay)
	}
	var price any
	if agreed && len(a.Splits) > 0 && a.Splits[0].Price != l.Price {
		price = a.Splits[0].Price
	}
	s.put(at(colPrice), row, price, "input "+asMoney)
	s.put(at(colReason), row, nil, "input "+asText)
	s.put(at(colNote), row, nil, "input "+asText)
	n := func(id string) string { return ref(at(id), row) }
	s.formula(at(colBalance), row, fmt.Sprintf(`IF(COUNT(%s,%s,%s)=0,"",SUM(%s,%s,%s)-%s)`, n(colPieces), n(colPieces2), n(colPieces3),
		n(colPieces), n(colPieces2), n(colPieces3), n(colAsked)), "cell "+asSigned)
}

func (s page) formula(col, row int, f, style string) {
	s.do(func() error { return s.f.SetCellFormula(s.name, ref(col, row), f) })
	s.style(col, row, col, row, style)
}

// changeText says in words what changed in a line: 数量 1,800 → 2,400.
func (s page) changeText(c c2m.Change, isChanged bool, l c2m.Line) string {
	if !isChanged {
		return ""
	}
	if c.Before == nil {
		return s.in("新增", "new")
	}
	was := *c.Before
	var parts []string
	say := func(zh, en, before, after string) { parts = append(parts, s.in(zh, en)+" "+before+" → "+after) }
	for _, f := range c.Fields {
		switch f {
		case c2m.FieldPieces:
			say("数量", "qty", fmt.Sprint(was.Pieces), fmt.Sprint(l.Pieces))
		case c2m.FieldPrice:
			say("单价", "price", was.Price.Yuan(), l.Price.Yuan())
		case c2m.FieldDue:
			say("到货", "due", was.Due.String()[5:], l.Due.String()[5:])
		case c2m.FieldTax:
			say("税率", "tax", percent(was.TaxBP), percent(l.TaxBP))
		case c2m.FieldShelfLife:
			say("效期", "life", fmt.Sprint(was.MinRemainingDays), fmt.Sprint(l.MinRemainingDays))
		default:
			parts = append(parts, s.in("规格或备注", "spec or note"))
		}
	}
	return strings.Join(parts, "；")
}

func percent(bp int) string { return strings.TrimSuffix(money.Fen(bp).Yuan(), ".00") + "%" }

// totals writes the last row: sums of what is asked, and of what is answered as the supplier fills it in.
func (s page) totals(row, first int, sum c2m.Totals) {
	for i := range answerColumns[:at(colBalance)] {
		s.put(i+1, row, nil, "cell sunk "+asText)
	}
	s.put(1, row, s.in("合计", "Total"), "cell sunk bold "+asText)
	s.put(at(colAsked), row, sum.Pieces, "cell sunk bold "+asPieces)
	s.put(at(colAmount), row, sum.Gross, "cell sunk bold "+asMoney)
	for _, id := range []string{colPieces, colPieces2, colPieces3, colBalance} {
		s.formula(at(id), row, fmt.Sprintf("SUM(%s:%s)", ref(at(id), first), ref(at(id), row-1)), "cell sunk bold "+asPieces)
	}
}

// spareReplies is how many empty rows stand below the table.
const spareReplies = 8

// spare writes rows for what has no row above: a fourth delivery, or goods that the supplier offers on its own.
func (s page) spare(row int, number string) {
	s.put(1, row, s.in("补充：超过三批的交货（照抄行号），或另外报的货（填 SKU、数量、交期、单价）", "Further: deliveries beyond the third (repeat the line number), or an offer of other goods (SKU, quantity, date, price)"), "label")
	for i := range spareReplies {
		r := row + 1 + i
		s.put(1, r, number, "cell "+asText)
		s.style(at(colLine), r, at(colLine), r, "input 0")
		s.style(at(colSKU), r, at(colSKU), r, "input "+asText)
		for c := firstReply; c <= lastReply; c++ {
			s.style(c, r, c, r, "input "+replyFormats[answerColumns[c-1].ID])
		}
	}
}

var replyFormats = map[string]string{colPieces: asPieces, colPieces2: asPieces, colPieces3: asPieces, colDay: asDay, colDay2: asDay, colDay3: asDay,
	colPrice: asMoney}

// replyRules lets Excel check what the supplier types.
func (s page) replyRules(first, last int, sent calendar.Day) {
	if last < first {
		return
	}
	title := s.in("请改正", "Please mend")
	for _, b := range batches {
		s.check(at(b[0]), first, last, wholeFrom(0, int(c2m.MaxPieces)), title, s.in("整数件数；不能交货填 0", "Whole pieces; 0 if you cannot deliver"))
		s.check(at(b[1]), first, last, daysFrom(sent, sent.AddDays(c2m.MaxDaysAhead)), title, s.in("到货日期，例如 2026-12-02，不早于订单发出日", "Arrival date such as 2026-12-02, not before the order was sent"))
	}
	s.check(at(colPrice), first, last, amountFrom(0.01, float64(c2m.MaxPrice)/100), title, s.in("含税单价（元）；不变请留空", "Price per piece with tax; leave empty if unchanged"))
	s.check(at(colReason), first, last, oneOf(listOf(1, len(c2m.Reasons()))), title, s.in("请从列表里选", "Choose from the list"))
	s.check(at(colNote), first, last, textUpTo(c2m.MaxText), title, s.in("最多 500 字", "At most 500 characters"))
}
