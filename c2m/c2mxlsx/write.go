package c2mxlsx

import (
	"fmt"

	"milkrun/c2m"
	"milkrun/internal/catalog"
)

// MIME is the content type of an .xlsx.
const MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Order makes the workbook that goes to the supplier with a version of an order, in "zh" or "en".
func Order(p c2m.Paper, lang string) ([]byte, error) {
	b := newBook(lang)
	b.readMe(p)
	b.order(p)
	b.forecast(p)
	b.deliveryNote(linesToSend(p))
	b.lists()
	b.do(func() error { b.f.SetActiveSheet(1); return nil })
	return b.bytes(join(" ", p.Number, b.version(p)), p.Version.SentAt)
}

// OrderName gives the file name of an order's workbook: FO-2611-0412_v2.xlsx.
func OrderName(number string, version int) string { return fmt.Sprintf("%s_v%d.xlsx", number, version) }

func (b *book) version(p c2m.Paper) string {
	return b.in(fmt.Sprintf("第 %d 版", p.Version.No), fmt.Sprintf("version %d", p.Version.No))
}

// lists writes the hidden sheet that the drop-downs choose from.
func (b *book) lists() {
	p := b.add(listSheet)
	for i, r := range c2m.Reasons() {
		p.put(1, i+1, r.Name().In(b.lang), "")
	}
	for i, t := range temperatures {
		p.put(2, i+1, t.name.In(b.lang), "")
	}
	p.protect(false)
	p.do(func() error { return b.f.SetSheetVisible(listSheet, false) })
}

const listSheet = "lists"

// temperatures are the words for the classes.
var temperatures = []struct {
	class catalog.Temperature
	name  catalog.Name
}{
	{catalog.Ambient, both("常温", "Ambient")},
	{catalog.Cool, both("阴凉 8–15℃", "Cool 8–15 °C")},
	{catalog.Chilled, both("冷藏 2–8℃", "Chilled 2–8 °C")},
	{catalog.Frozen, both("冷冻 −18℃", "Frozen −18 °C")},
}

func listOf(col, n int) string {
	return fmt.Sprintf("%s!$%s$1:$%s$%d", listSheet, letters(col), letters(col), n)
}

// readMe writes the first sheet: what is asked, until when, and how to fill it in.
func (b *book) readMe(p c2m.Paper) {
	s := b.add(b.in("说明", "Read me"))
	s.do(func() error { return b.f.SetColWidth(s.name, "A", "A", 4) })
	s.do(func() error { return b.f.SetColWidth(s.name, "B", "B", 100) })
	s.put(1, 1, b.in("怎么用这份表", "How to use this workbook"), "title")
	until := p.Version.ReplyBy.In(p.Zone()).Format("2006-01-02 15:04")
	row := 3
	for i, text := range []string{
		b.in(fmt.Sprintf("请在 %s 前把填好的表传回：登录供应商门户 →“订单”→ 拖入文件。", until), fmt.Sprintf("Please return this workbook by %s: sign in to the supplier portal → Orders → drop the file.", until)),
		b.in("在“采购单”里只填黄色的列，其余已锁定。列的次序可以变，也可以另存为 .csv。", "On the sheet “Order” fill in the yellow columns only; the rest is locked. Columns may be moved, .csv is fine too."),
		b.in("能按要求交货：填“确认数量”，交期、单价不变可以留空。", "If you can deliver as asked: give the confirmed quantity; leave date and price empty if unchanged."),
		b.in("要分批：在同一行填第 2 批、第 3 批的数量和交期；超过三批，在合计下面的补充行照抄行号再写。", "For several deliveries: give quantity and date of the 2nd and 3rd in the same row; for more, use the rows below the total with the same line number."),
		b.in("不能交货：确认数量填 0，并选原因。数量、交期或单价有变，也请选原因并写说明。", "If you cannot deliver: confirm 0 and choose a reason. Give a reason and a remark for any change of quantity, date or price too."),
		b.in("整行留空表示还没有答复。已双方确认的行已经填好，不用改。", "A row left empty has no answer yet. Lines agreed before are filled in already and need nothing."),
		b.in("“预测”里的承诺数量和周产能请每周更新：确定的周请据此排产，暂定的周仅供备料。", "On “Forecast” please update committed quantity and weekly capacity every week: plan production by firm weeks, material by tentative ones."),
		b.in("发货时填“送货单”：每个批号一行，批号、生产日期、有效期照包装填；尾箱另写一行。一张送货单只送一个仓。", "When you ship, fill in “ASN”: a row for each lot, with lot, production and expiry date as on the pack; a part-filled carton gets a row of its own. One note goes to one site."),
		b.in("日期写 2026-12-02；数量写整数，也可以写“5箱”；条码、SSCC 的单元格保持文本格式，前面的 0 不要丢。", "Dates as 2026-12-02; whole quantities; keep barcodes and SSCC as text so that leading zeros stay."),
		b.in("同一份表传两次不会重复。传错了再传一次即可，以最后一次为准。", "Sending the same workbook twice does no harm. If something was wrong, send it again: the last one counts."),
	} {
		s.put(1, row, i+1, "label right")
		s.put(2, row, text, "plain wrap")
		s.height(row, map[string]float64{text: 100})
		row++
	}
	s.protect(false)
	s.print(false, 0, "", "", p.Number+" "+b.version(p))
}

// head writes the lines above a table, as pairs of label and text, and gives the row after them.
func (s page) head(row int, pairs [][2]string) int {
	for _, pair := range pairs {
		if pair[1] == "" {
			continue
		}
		s.put(1, row, pair[0], "label")
		s.put(3, row, pair[1], "plain")
		row++
	}
	return row
}
