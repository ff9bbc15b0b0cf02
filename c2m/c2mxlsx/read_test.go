package c2mxlsx

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/c2m"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// filled opens a workbook the way a supplier does, lets fill change it, and gives the saved file.
func filled(t *testing.T, content []byte, fill func(f *excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fill(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func order(t *testing.T, p c2m.Paper, lang string) []byte {
	t.Helper()
	content, err := Order(p, lang)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func set(t *testing.T, f *excelize.File, sheet, id string, row int, v any) {
	t.Helper()
	columns := answerColumns
	switch sheet {
	case "送货单", "ASN":
		columns = asnColumns
	case "预测", "Forecast":
		columns = forecastColumns
	}
	if err := f.SetCellValue(sheet, ref(where(columns, id), row), v); err != nil {
		t.Fatal(err)
	}
}

func readAnswer(t *testing.T, content []byte) *Answer {
	t.Helper()
	a, err := ReadAnswer(context.Background(), content)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func wantReply(t *testing.T, r AnswerRow, line int, batches string, price money.Fen) {
	t.Helper()
	var parts []string
	for _, b := range r.Reply.Batches {
		if b.Pieces != nil || b.Day != nil {
			n, d := "-", "-"
			if b.Pieces != nil {
				n = fmt.Sprint(*b.Pieces)
			}
			if b.Day != nil {
				d = b.Day.String()
			}
			parts = append(parts, n+"@"+d)
		}
	}
	var got money.Fen
	if r.Reply.Price != nil {
		got = *r.Reply.Price
	}
	if r.Reply.Line != line || strings.Join(parts, " ") != batches || got != price {
		t.Errorf("line %d: %v at %d, want line %d: %s at %d", r.Reply.Line, parts, got, line, batches, price)
	}
}

// What a supplier does to the workbook: numbers as text with units, days in other forms, a reason in own words.
func TestAFilledWorkbookComesBack(t *testing.T) {
	for lang, name := range map[string]string{"zh": "采购单", "en": "Order"} {
		content := filled(t, order(t, firstPaper(), lang), func(f *excelize.File) {
			first := headerRow(t, f, name) + 1
			set(t, f, name, colPieces, first, 2400)
			set(t, f, name, colPieces, first+1, "１，２００件")
			set(t, f, name, colDay, first+1, "2026.12.2")
			set(t, f, name, colPieces2, first+1, "10箱") // 60 a carton
			set(t, f, name, colDay2, first+1, 46365)    // a day number: 2026-12-09
			set(t, f, name, colNote, first+1, "蓝色母料 12-05 到")
			set(t, f, name, colDay, first+2, "2026年12月6日")
			set(t, f, name, colPrice, first+2, "¥9.20")
			set(t, f, name, colReason, first+2, "网兜涨价")
			set(t, f, name, colPieces, first+3, 0)
			set(t, f, name, colReason, first+3, map[string]string{"zh": "缺料", "en": "Material shortage"}[lang])
		})
		a := readAnswer(t, content)
		if len(a.Problems()) != 0 || len(a.Replies) != 4 {
			t.Fatalf("%s: %d rows, %+v", lang, len(a.Replies), a.Problems())
		}
		for _, r := range a.Replies {
			if r.Order != "FO-2611-0412" || r.Version != 1 || r.SKU == "" {
				t.Errorf("%s: %+v", lang, r)
			}
		}
		wantReply(t, a.Replies[0], 1, "2400@-", 0)
		wantReply(t, a.Replies[1], 2, "1200@2026-12-02 600@2026-12-09", 0)
		wantReply(t, a.Replies[2], 3, "-@2026-12-06", 920)
		wantReply(t, a.Replies[3], 4, "0@-", 0)
		if r := a.Replies[2].Reply; r.Reason != c2m.ReasonOtherCause || r.Note != "网兜涨价" {
			t.Errorf("%s: a reason in own words: %+v", lang, r)
		}
		if a.Replies[3].Reply.Reason != c2m.ReasonMaterial {
			t.Errorf("%s: %+v", lang, a.Replies[3].Reply)
		}
	}
}

func TestAgreedLinesComeBackAsTheyWereAgreed(t *testing.T) {
	a := readAnswer(t, order(t, secondPaper(), "zh"))
	if len(a.Replies) != 2 {
		t.Fatalf("%+v", a.Replies)
	}
	wantReply(t, a.Replies[0], 1, "2400@2026-12-02", 0)
	wantReply(t, a.Replies[1], 2, "1200@2026-12-02 600@2026-12-09", 1300)
	results, err := a.Annotated(context.Background(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(results))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _ := f.GetRows("采购单")
	if row := strings.Join(got[headerRow(t, f, "采购单")+2], "|"); !strings.Contains(row, "没有填答复") {
		t.Errorf("an empty row says %q", row)
	}
}

// A supplier's own table: protection gone, columns moved, English and Chinese mixed, title above, sums below, as CSV.
func TestOwnTablesAreRead(t *testing.T) {
	csv := "温岭贝栗 交期答复,,,,\n" +
		"答复数量,备注,line no,采购单号,可交日期\n" +
		"2400,,1,fo26110412,2026/12/2\n" +
		"1200,先发,２,FO-2611-0412,20261202\n" +
		"600,第二批,2,FO-2611-0412,2026-12-09\n" +
		"合计,,,,\n"
	a := readAnswer(t, []byte(csv))
	if len(a.Problems()) != 0 || len(a.Replies) != 3 || a.Sheet() != "" {
		t.Fatalf("%+v, %+v", a.Replies, a.Problems())
	}
	wantReply(t, a.Replies[1], 2, "1200@2026-12-02", 0)
	if a.Replies[0].Order != "FO-2611-0412" || a.Replies[2].Reply.Note != "第二批" || a.Replies[0].Version != 0 {
		t.Errorf("%+v", a.Replies)
	}
}

func TestBadCellsAreNamed(t *testing.T) {
	content := filled(t, order(t, firstPaper(), "zh"), func(f *excelize.File) {
		first := headerRow(t, f, "采购单") + 1
		set(t, f, "采购单", colDay, first, "2026-02-30")
		set(t, f, "采购单", colPieces, first+1, "约 800")
		set(t, f, "采购单", colPrice, first+2, "面议")
		set(t, f, "采购单", colPieces, first+3, 1200)
	})
	a := readAnswer(t, content)
	ps := a.Problems()
	if len(ps) != 3 {
		t.Fatalf("%+v", ps)
	}
	for i, want := range []struct{ cell, header, value string }{{"O13", "确认交期", "2026-02-30"}, {"N14", "确认数量", "约 800"}, {"T15", "确认单价（含税，元）", "面议"}} {
		p := ps[i]
		if p.Cell != want.cell || p.Header != want.header || p.Value != want.value || p.Reason.ZH == "" || p.Reason.EN == "" || p.Remedy.ZH == "" {
			t.Errorf("got %+v, want %+v", p, want)
		}
	}
	a.Fail(c2m.Problem{Row: 3, Field: c2m.KeyDay, Reason: both("交期太早", "too early"), Remedy: both("改", "mend")})
	a.Fail(c2m.Problem{Row: 0, Field: c2m.KeyDay, Reason: both("重复", "again"), Remedy: both("改", "mend")})
	if got := a.Problems(); len(got) != 4 || got[3].Cell != "O16" {
		t.Errorf("a rule's problem: %+v", got)
	}
	out, err := a.Annotated(context.Background(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, _ := f.GetRows("采购单")
	if last := rows[12][len(rows[12])-1]; !strings.Contains(last, "有错") || !strings.Contains(last, "确认交期") {
		t.Errorf("result of row 13: %q", last)
	}
	// Sent again with its result column, the file is read like before.
	if again := readAnswer(t, out); len(again.Problems()) != 3 {
		t.Errorf("the annotated file reads otherwise: %+v", again.Problems())
	}
}

func TestHostileFilesAreRefusedWithAReason(t *testing.T) {
	good := order(t, firstPaper(), "zh")
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "picture": []byte("\x89PNG\r\n\x1a\n0000"), "half a workbook": good[:len(good)/2],
		"old Excel": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), "no such columns": []byte("a,b,c\n1,2,3\n"),
		"web page": []byte("<html><table><tr><td>确认数量</td></tr></table></html>"),
	} {
		_, err := ReadAnswer(context.Background(), content)
		p, ok := Refused(err)
		if !ok || p.Reason.ZH == "" || p.Reason.EN == "" || p.Remedy.ZH == "" || p.Remedy.EN == "" {
			t.Errorf("%s: %v, %+v", name, err, p)
		}
	}
}

func TestTheWrongSheetOfTheRightWorkbookIsNotTaken(t *testing.T) {
	if d, err := ReadDeliveries(context.Background(), order(t, firstPaper(), "zh")); err != nil || len(d.Notes) != 0 {
		t.Errorf("an empty form gives %+v, %v", d, err)
	}
	if _, err := ReadDeliveries(context.Background(), []byte("订单号,行号,确认数量\nFO-2611-0412,1,5\n")); err == nil {
		t.Error("an answer was taken for a delivery note")
	}
}

func TestDeliveriesOfSeveralOrdersAndLots(t *testing.T) {
	content := filled(t, order(t, firstPaper(), "zh"), func(f *excelize.File) {
		const first = 5
		row := func(row int, values map[string]any) {
			for id, v := range values {
				set(t, f, "送货单", id, row, v)
			}
		}
		row(first, map[string]any{colASN: "SH-1201", colLot: "L2611-07", colSent: "600件", colCartons: "10箱", colPerCarton: 60, colTracking: "浙J12345",
			colCarrier: "德邦", colArrival: "2026-12-02", colProduced: "2026.11.1", colGross: 55.5, colVolume: "0.3", colTemp: "常温", colSSCC: "(00)106141412345678908"})
		row(first+1, map[string]any{colLot: "00123", colSent: 1200, colPerCarton: nil})
		// rows 3 and 4 of the form stay empty; a spare row names another order and another note
		row(first+8, map[string]any{colASN: "SH-1202", colOrder: "FO-2611-0999", colLine: 3, colSent: 70, colArrival: "2026-12-05"})
	})
	d, err := ReadDeliveries(context.Background(), content)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if ps := d.Problems(); len(ps) != 0 || len(d.Notes) != 2 {
		t.Fatalf("%+v, %+v", d.Notes, ps)
	}
	n := d.Notes[0]
	if n.Note.Number != "SH-1201" || n.Note.Tracking != "浙J12345" || n.Note.Arrives != day("2026-12-02") || len(n.Note.Lines) != 2 || n.SKUs[1] != "MR-204817-B" {
		t.Fatalf("%+v", n)
	}
	l := n.Note.Lines[0]
	if l.OrderNumber != "FO-2611-0412" || l.Line != 1 || l.Pieces != 600 || l.Cartons != 10 || l.PerCarton != 60 || l.GrossGrams != 55_500 ||
		l.VolumeML != 300_000 || *l.Produced != day("2026-11-01") || l.Temperature != "ambient" || l.Lot != "L2611-07" {
		t.Errorf("%+v", l)
	}
	if n.Note.Lines[1].Lot != "00123" {
		t.Errorf("leading zeros are lost: %q", n.Note.Lines[1].Lot)
	}
	second := d.Notes[1]
	if second.Note.Number != "SH-1202" || second.Note.Lines[0].OrderNumber != "FO-2611-0999" || second.Note.Tracking != "" {
		t.Errorf("%+v", second)
	}
	d.FailLine(1, c2m.Problem{Row: -1, Field: c2m.KeyASN, Reason: both("号", "no"), Remedy: both("改", "mend")})
	d.FailLine(0, c2m.Problem{Row: 1, Field: c2m.KeyLot, Reason: both("批", "lot"), Remedy: both("改", "mend")})
	ps := d.Problems()
	if len(ps) != 2 || ps[0].Row != 6 || ps[1].Row != 13 || ps[1].Header != "送货单号" {
		t.Errorf("%+v", ps)
	}
}

func TestOneNoteArrivesOnce(t *testing.T) {
	csv := "送货单号,订单号,行号,数量,计划到货\nS1,FO-2611-0412,1,10,2026-12-02\nS1,FO-2611-0412,2,10,2026-12-03\nS1,FO-2611-0412,3,10,2026-12-04\n"
	d, err := ReadDeliveries(context.Background(), []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if ps := d.Problems(); len(ps) != 1 || !strings.Contains(ps[0].Reason.EN, "two planned arrivals") {
		t.Errorf("%+v", ps)
	}
}

func TestNumbersThatLostTheirDigitsAreRefused(t *testing.T) {
	csv := "送货单号,订单号,行号,数量,SSCC,条码\nS1,FO-2611-0412,1,10,1.06141E+17,6972048170035\n"
	d, err := ReadDeliveries(context.Background(), []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if ps := d.Problems(); len(ps) != 1 || ps[0].Cell != "E2" {
		t.Errorf("%+v", ps)
	}
}

func TestCommitmentsComeBack(t *testing.T) {
	content := filled(t, order(t, firstPaper(), "zh"), func(f *excelize.File) {
		set(t, f, "预测", colCommitted, 5, 4000)
		set(t, f, "预测", colCapacity, 5, "3,600件")
	})
	c, err := ReadCommitments(context.Background(), content)
	if err != nil || c == nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Bad() || len(c.Weeks) != 2 { // the second week was committed to before
		t.Fatalf("%+v", c.Weeks)
	}
	w := c.Weeks[0]
	if w.SKU != "MR-204817-P" || w.Monday != day("2026-11-23") || *w.Committed != 4000 || *w.Capacity != quantity.Pieces(3600) {
		t.Errorf("%+v", w)
	}
	if c, err := ReadCommitments(context.Background(), []byte("a,b\n1,2\n")); c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte("订单号,行号,确认数量,确认交期\nFO-2611-0412,1,2400,2026-12-02\n"))
	f.Add([]byte("PO,line,confirmed qty,confirmed date,reason\nfo26110412,2,5箱,12/02/2026,holiday\n合计,,5,,\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		a, err := ReadAnswer(context.Background(), content)
		if err != nil {
			return
		}
		defer a.Close()
		for _, p := range a.Problems() {
			if p.Reason.ZH == "" || p.Reason.EN == "" {
				t.Errorf("a problem without words: %+v", p)
			}
		}
		if _, err := a.Annotated(context.Background(), "zh"); err != nil {
			t.Errorf("no annotated copy: %v", err)
		}
	})
}
