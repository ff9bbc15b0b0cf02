package c2m

import (
	"fmt"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Awaited is an order line that a delivery note may name: what it is, and how much of it may still be sent.
type Awaited struct {
	Order            OrderID
	Number           string
	State            State
	ShipTo           catalog.SiteID
	Site             catalog.Name
	Line             int
	SKU              catalog.SKU
	Open             quantity.Pieces // agreed and neither on its way nor received
	MinRemainingDays int
}

// LineKey names an order line.
type LineKey struct {
	Order string // number
	Line  int
}

// lateArrival is how far before today a planned arrival may lie: the sheet of a lorry that stands at the dock already.
const lateArrival = 3

// Check finds what is wrong with a delivery note, fills in what follows from the order lines (order, SKU, site, cartons, expiry
// by shelf life), and gives the problems by index of the line; -1 for the note as a whole. Lines without a number for the order line are
// given the one line of the order with that SKU.
//
// The rules: the line is agreed and of this supplier; all lines go to one site; lot number for goods that expire, in the form of
// GS1; production before expiry, not after arrival; shelf life left at the planned arrival as the order demands; cartons × pieces a
// carton = pieces; check digit of an SSCC; barcode of the goods; no more pieces than open, over all lines of the note together.
func (a *ASN) Check(awaited map[LineKey]Awaited, today calendar.Day) []Problem {
	a.tidy()
	c := asnChecker{asn: a, awaited: awaited, today: today, sums: map[LineKey]quantity.Pieces{}, last: map[LineKey]int{}}
	c.head()
	for i := range a.Lines {
		c.line(i, &a.Lines[i])
	}
	c.over()
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return a.Row - b.Row })
	return c.problems
}

type asnChecker struct {
	asn      *ASN
	awaited  map[LineKey]Awaited
	today    calendar.Day
	dated    bool // the planned arrival is known
	site     catalog.SiteID
	sums     map[LineKey]quantity.Pieces
	last     map[LineKey]int // the last row of each order line, where too much is reported
	problems []Problem
}

func (c *asnChecker) bad(row int, field string, reason, remedy catalog.Name) {
	c.problems = append(c.problems, Problem{Row: row, Field: field, Reason: reason, Remedy: remedy})
}

func (c *asnChecker) head() {
	if c.asn.Number == "" {
		c.bad(-1, KeyASN, words("缺送货单号", "the delivery note has no number"),
			words("请填送货单号，每车一号，不要重复使用", "give the note a number of its own for each delivery"))
	}
	switch a := c.asn.Arrives; {
	case a == 0:
		c.bad(-1, KeyArrival, words("缺计划到货日", "the planned arrival is missing"), words("请填计划到货日期", "give the planned day of arrival"))
	case a < c.today.AddDays(-lateArrival) || a > c.today.AddDays(MaxDaysAhead):
		c.bad(-1, KeyArrival, words("计划到货日 "+a.String()+" 已过或太远", "the planned arrival "+a.String()+" has passed or is too far ahead"),
			words("请填计划到货日期", "give the planned day of arrival"))
	default:
		c.dated = true
	}
	if len(c.asn.Lines) == 0 {
		c.bad(-1, "", words("送货单没有明细", "the delivery note has no lines"), words("请至少填一行", "fill in at least one line"))
	}
}

func (c *asnChecker) line(row int, l *ASNLine) {
	w, ok := c.find(row, l)
	if !ok {
		return
	}
	l.Order, l.OrderNumber, l.Line, l.SKU, l.No = w.Order, w.Number, w.Line, w.SKU.ID, row+1
	switch {
	case c.site == 0:
		c.site, c.asn.ShipTo = w.ShipTo, w.ShipTo
	case c.site != w.ShipTo:
		c.bad(row, KeyOrder, words(w.Number+" 送 "+w.Site.In("zh")+"，与本单其他行不同仓", w.Number+" goes to "+w.Site.In("en")+", other lines of this note to another site"),
			words("一张送货单只送一个仓，请分开填不同的送货单号", "one note goes to one site: give these lines a number of their own"))
	}
	if l.Barcode != "" && w.SKU.GTIN != "" && trimGTIN(l.Barcode) != trimGTIN(w.SKU.GTIN) {
		c.bad(row, KeyBarcode, words("条码 "+l.Barcode+" 不是该商品的（"+w.SKU.GTIN+"）", "the barcode "+l.Barcode+" is not the item's ("+w.SKU.GTIN+")"),
			words("请核对商品，条码列设为文本格式以免丢失前面的 0", "check the item; format the column as text, so that leading zeros stay"))
	}
	c.quantities(row, l, w)
	c.lot(row, l, w)
	if c.dated {
		c.life(row, l, w)
	}
	if l.CartonNo != "" {
		code, isSSCC, valid := ReadSSCC(l.CartonNo)
		if isSSCC && !valid {
			c.bad(row, KeySSCC, words("SSCC "+l.CartonNo+" 的校验位或长度不对", "the check digit or length of SSCC "+l.CartonNo+" is wrong"),
				words("请照标签上的 18 位数字填写，单元格设为文本格式", "give the 18 digits of the label, with the cell formatted as text"))
		}
		l.CartonNo = code
	}
}

func (c *asnChecker) find(row int, l *ASNLine) (Awaited, bool) {
	if l.Line == 0 {
		c.guess(l)
	}
	w, ok := c.awaited[LineKey{l.OrderNumber, l.Line}]
	switch {
	case !ok && l.OrderNumber != "" && !c.knows(l.OrderNumber):
		c.bad(row, KeyOrder, words("没有给贵司的订单 "+l.OrderNumber, "there is no order "+l.OrderNumber+" for you"), words("请核对订单号", "check the order number"))
		return w, false
	case !ok:
		c.bad(row, KeyLine, words(fmt.Sprintf("没有订单 %s 第 %d 行", l.OrderNumber, l.Line), fmt.Sprintf("there is no line %d in order %s", l.Line, l.OrderNumber)),
			words("请照订单表填写订单号和行号", "give order number and line as on the order sheet"))
		return w, false
	case w.State != StateConfirmed && w.State != StateProducing && w.State != StateDispatched:
		c.bad(row, KeyOrder, words(w.Number+" 还没有双方确认，或已结束", w.Number+" is not confirmed by both sides, or is over"),
			words("请先答复订单并等采购确认", "answer the order first and wait for the buyer's confirmation"))
		return w, false
	case l.SKU != 0 && l.SKU != w.SKU.ID:
		c.bad(row, KeySKU, words(fmt.Sprintf("%s 第 %d 行订的是 %s", w.Number, w.Line, w.SKU.Code), fmt.Sprintf("line %d of %s is %s", w.Line, w.Number, w.SKU.Code)),
			words("请核对行号与 SKU", "check line number and SKU"))
		return w, false
	}
	return w, true
}

// knows tells whether any line of an order is awaited from the supplier.
func (c *asnChecker) knows(order string) bool {
	for k := range c.awaited {
		if k.Order == order {
			return true
		}
	}
	return false
}

// guess gives a line without a number the one line of its order that has the SKU.
func (c *asnChecker) guess(l *ASNLine) {
	found := 0
	for k, w := range c.awaited {
		if k.Order == l.OrderNumber && w.SKU.ID == l.SKU && l.SKU != 0 {
			found++
			l.Line = k.Line
		}
	}
	if found != 1 {
		l.Line = 0
	}
}

// trimGTIN makes a GTIN of any length comparable: leading zeros only pad it.
func trimGTIN(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

func (c *asnChecker) quantities(row int, l *ASNLine, w Awaited) {
	if l.Pieces < 1 || l.Pieces > MaxPieces {
		c.bad(row, KeyPieces, words("数量须是大于 0 的整数", "the quantity must be a whole number above 0"), words("请填件数", "give the number of pieces"))
		return
	}
	key := LineKey{w.Number, w.Line}
	c.sums[key] += l.Pieces
	c.last[key] = row
	switch {
	case l.Cartons == 0 && l.PerCarton == 0:
	case l.Cartons == 0 && l.Pieces%l.PerCarton == 0:
		l.Cartons = int(l.Pieces / l.PerCarton)
	case l.PerCarton == 0 && l.Pieces%quantity.Pieces(l.Cartons) == 0:
		l.PerCarton = l.Pieces / quantity.Pieces(l.Cartons)
	case l.Cartons == 0:
		c.bad(row, KeyCartons, words(fmt.Sprintf("%d 件不是每箱 %d 件的整箱", l.Pieces, l.PerCarton), fmt.Sprintf("%d pieces are not full cartons of %d", l.Pieces, l.PerCarton)),
			words("请填箱数并改正每箱件数；尾箱另写一行", "give the cartons and mend the units per carton; give a part-filled last carton a row of its own"))
	case quantity.Pieces(l.Cartons)*l.PerCarton != l.Pieces:
		c.bad(row, KeyCartons, words(fmt.Sprintf("%d 箱 × %d 件不等于 %d 件", l.Cartons, l.PerCarton, l.Pieces), fmt.Sprintf("%d cartons of %d are not %d pieces", l.Cartons, l.PerCarton, l.Pieces)),
			words("请改正箱数、每箱件数或数量；尾箱请另写一行", "mend cartons, pieces a carton or quantity; give a part-filled last carton a row of its own"))
	}
}

func (c *asnChecker) lot(row int, l *ASNLine, w Awaited) {
	switch {
	case l.Lot == "" && w.SKU.ShelfLifeDays > 0:
		c.bad(row, KeyLot, words("缺批号", "the lot number is missing"), words("有保质期的商品须填包装上的批号", "goods that expire need the lot number printed on the pack"))
	case l.Lot != "" && !ValidLot(l.Lot):
		c.bad(row, KeyLot, words("批号“"+l.Lot+"”不能用：最多 20 位，只能是字母、数字和 - . / 等符号", "the lot “"+l.Lot+"” cannot be used: at most 20 letters, digits and signs like - . /"),
			words("请照包装上的批号填写，不要加汉字或空格", "give the lot as printed on the pack, without Chinese characters or blanks"))
	}
}

// longLife is by how many days a life may exceed the catalog's before it is taken for a slip.
const longLife = 31

func (c *asnChecker) life(row int, l *ASNLine, w Awaited) {
	arrives := c.asn.Arrives
	if l.Produced != nil && *l.Produced > max(arrives, c.today) {
		c.bad(row, KeyProduced, words("生产日期 "+l.Produced.String()+" 晚于到货", "the production date "+l.Produced.String()+" is after the arrival"),
			words("请核对生产日期", "check the production date"))
		return
	}
	if l.Expires == nil && l.Produced != nil && w.SKU.ShelfLifeDays > 0 {
		day := l.Produced.AddDays(w.SKU.ShelfLifeDays)
		l.Expires = &day
	}
	if l.Expires == nil {
		if w.SKU.ShelfLifeDays > 0 || w.MinRemainingDays > 0 {
			c.bad(row, KeyExpires, words("缺有效期至", "the expiry date is missing"), words("请填有效期至，或填生产日期", "give the expiry date, or the production date"))
		}
		return
	}
	if l.Produced != nil && *l.Expires <= *l.Produced {
		c.bad(row, KeyExpires, words("有效期至 "+l.Expires.String()+" 不晚于生产日期", "the expiry date "+l.Expires.String()+" is not after production"),
			words("生产日期与有效期可能填反了", "production and expiry may have been swapped"))
		return
	}
	if l.Produced != nil && w.SKU.ShelfLifeDays > 0 && l.Expires.Sub(*l.Produced) > w.SKU.ShelfLifeDays+longLife {
		c.bad(row, KeyExpires, words(fmt.Sprintf("生产到有效期有 %d 天，该商品保质期 %d 天", l.Expires.Sub(*l.Produced), w.SKU.ShelfLifeDays),
			fmt.Sprintf("%d days from production to expiry, the goods keep for %d", l.Expires.Sub(*l.Produced), w.SKU.ShelfLifeDays)),
			words("请核对两个日期", "check both dates"))
		return
	}
	if left := l.Expires.Sub(arrives); left < w.MinRemainingDays {
		c.bad(row, KeyExpires, words(fmt.Sprintf("到货时只剩 %d 天保质期，要求至少 %d 天", left, w.MinRemainingDays), fmt.Sprintf("%d days of shelf life left on arrival, at least %d are required", left, w.MinRemainingDays)),
			words("请换更新的批次，或先与采购商定", "send a fresher lot, or agree with the buyer first"))
	}
}

// over reports order lines of which more is sent than is open, at their last row.
func (c *asnChecker) over() {
	for key, sum := range c.sums {
		if open := c.awaited[key].Open; sum > open {
			c.bad(c.last[key], KeyPieces, words(fmt.Sprintf("共送 %d 件，%s 第 %d 行只剩 %d 件可送", sum, key.Order, key.Line, open),
				fmt.Sprintf("%d pieces in all, line %d of %s has %d left to send", sum, key.Line, key.Order, open)),
				words("请改正数量；要多送请先与采购商定并改订单", "mend the quantity; to send more, let the buyer change the order first"))
		}
	}
}
