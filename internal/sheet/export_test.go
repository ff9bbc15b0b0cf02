package sheet

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

var exported = []Column{
	{ID: "sku", Title: catalog.Name{ZH: "货号", EN: "SKU"}, Kind: Code, Required: true},
	{ID: "name", Title: catalog.Name{ZH: "名称", EN: "Name"}, Width: 30},
	{ID: "day", Title: catalog.Name{ZH: "日期", EN: "Day"}, Kind: Day},
	{ID: "week", Title: catalog.Name{ZH: "周", EN: "Week"}, Kind: Week},
	{ID: "pieces", Title: catalog.Name{ZH: "件数", EN: "Pieces"}, Kind: Pieces, Signed: true, Required: true},
	{ID: "price", Title: catalog.Name{ZH: "单价（元）", EN: "Price (yuan)"}, Kind: Money, Signed: true},
	{ID: "rate", Title: catalog.Name{ZH: "折扣", EN: "Discount"}, Kind: Percent},
	{ID: "at", Title: catalog.Name{ZH: "时间", EN: "Time"}, Kind: Moment},
	{ID: "sold_out", Title: catalog.Name{ZH: "断货", EN: "Sold out"}, Kind: Bool},
}

var cst = time.FixedZone("CST", 8*3600)

var exportedRows = [][]any{
	{"00123", "=HYPERLINK(\"x\")", calendar.Date(2026, 11, 2), calendar.Date(2026, 11, 2), quantity.Pieces(1200), money.Fen(1280), 1300, time.Date(2026, 11, 2, 0, 30, 0, 0, time.UTC), true},
	{"+86", catalog.Name{ZH: "牙胶", EN: "Teether"}, (*calendar.Day)(nil), nil, quantity.Pieces(-5), money.Fen(-99), nil, nil, false},
}

// readBack reads an export with the house's own reader.
func readBack(t *testing.T, data []byte) []string {
	t.Helper()
	l, err := openBytes(t, data, Options{}).Match(exported)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Found) != len(exported) {
		t.Errorf("found %d columns of %d", len(l.Found), len(exported))
	}
	var out []string
	for row, err := range l.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		sku, _ := row.Code("sku")
		name, _ := row.Text("name")
		day, _ := row.Day("day")
		week, _ := row.Week("week")
		n, _ := row.Pieces("pieces")
		price, _ := row.Fen("price")
		rate, _ := row.Percent("rate")
		at, _ := row.Moment("at", cst)
		sold, _ := row.Bool("sold_out")
		for _, p := range append(row.Problems(), row.Mended()...) {
			t.Errorf("row %d %s: %s", row.Number, p.Column, p.Note.Full("zh"))
		}
		out = append(out, strings.Join([]string{sku, name, day.String(), week.String(), string(rune('0' + n%10)), price.Yuan(), string(rune('0' + rate/1300)), at.Format("15:04"), map[bool]string{true: "y"}[sold]}, "|"))
	}
	return out
}

func export(t *testing.T, language string) []byte {
	t.Helper()
	b := NewWorkbook(t.TempDir())
	for _, name := range []string{"销售: 11/2", "second"} {
		w, err := b.Add(Table{Name: name, Columns: exported, Language: language, Notes: []string{"导出于 2026-11-23"}, Zone: cst})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range exportedRows {
			if err := w.Row(r...); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if _, err := b.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestExportIsReadBack(t *testing.T) {
	for language, name := range map[string]string{"zh": "牙胶", "en": "Teether", "": "牙胶"} {
		got := readBack(t, export(t, language))
		expect(t, got, `00123|=HYPERLINK("x")|2026-11-02|2026-11-02|0|12.80|1|08:30|y`, "+86|"+name+"|1970-01-01|1970-01-01|+|-0.99|0|00:00|")
	}
}

func TestExportAsExcelSeesIt(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(export(t, "zh")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s := f.GetSheetList(); len(s) != 2 || s[0] != "销售  11 2" {
		t.Fatalf("sheets %q", s)
	}
	sheet := f.GetSheetList()[0]
	for ref, want := range map[string]string{"A1": "导出于 2026-11-23", "A2": "货号", "A3": "00123", "B3": `=HYPERLINK("x")`, "C3": "2026-11-02", "D3": "2026-W45", "E3": "1,200", "F3": "12.80", "G3": "13.00%", "H3": "2026-11-02 08:30", "I3": "是", "C4": "", "F4": "-0.99"} {
		if got, _ := f.GetCellValue(sheet, ref); got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
	if formula, _ := f.GetCellFormula(sheet, "B3"); formula != "" {
		t.Errorf("a text became the formula %q", formula)
	}
	if kind, _ := f.GetCellType(sheet, "A3"); kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		t.Errorf("the code is of type %v", kind)
	}
	if p, err := f.GetPanes(sheet); err != nil || !p.Freeze || p.YSplit != 2 {
		t.Errorf("panes %+v, %v", p, err)
	}
	if w, _ := f.GetColWidth(sheet, "B"); w != 30 {
		t.Errorf("width %v", w)
	}
}

func TestCSVExport(t *testing.T) {
	var b bytes.Buffer
	w, err := NewCSV(&b, Table{Columns: exported, Language: "en", Zone: cst})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range exportedRows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "\uFEFFSKU,Name,Day,Week,Pieces,Price (yuan),Discount,Time,Sold out\r\n" +
		"00123,\"'=HYPERLINK(\"\"x\"\")\",2026-11-02,2026-W45,1200,12.80,13%,2026-11-02 08:30,Yes\r\n" +
		"'+86,Teether,,,-5,-0.99,,,No\r\n"
	if b.String() != want {
		t.Errorf("got\n%q, want\n%q", b.String(), want)
	}
}

func TestTemplate(t *testing.T) {
	for _, language := range []string{"zh", "en", ""} {
		cols := append([]Column{{ID: "site", Title: catalog.Name{ZH: "仓", EN: "Site"}, Choices: []string{"JX-01", "FS-01"}, Hint: catalog.Name{ZH: "仓库编码", EN: "The site's code"}}}, exported...)
		var b bytes.Buffer
		if err := WriteTemplate(&b, Table{Name: "销售", Columns: cols, Language: language}); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if v, err := f.GetDataValidations("销售"); err != nil || len(v) != 2 {
			t.Errorf("%d lists, %v", len(v), err)
		}
		guide, err := f.GetRows(f.GetSheetList()[1])
		if err != nil || len(guide) != len(cols)+1 || guide[2][1] == "" || guide[1][2] == "" {
			t.Errorf("guide %q, %v", guide, err)
		}
		// Filled in, it is read; empty, it has no rows.
		if err := f.SetSheetRow("销售", "A2", &[]any{"JX-01", "00123", "牙胶", "2026-11-02", "2026-W45", 5}); err != nil {
			t.Fatal(err)
		}
		out, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		l, err := openBytes(t, out.Bytes(), Options{}).Match(cols)
		if err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		n := 0
		for row, err := range l.All(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if code, ok := row.Code("sku"); !ok || code != "00123" {
				t.Errorf("row %d: %q", row.Number, code)
			}
			n++
		}
		if n != 1 || len(l.Found) != len(cols) || l.Sheet != "销售" {
			t.Errorf("%q: %d rows, %d columns of %d", language, n, len(l.Found), len(cols))
		}
	}
}
