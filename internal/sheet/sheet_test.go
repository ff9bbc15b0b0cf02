package sheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

// delivery are the columns of a delivery note.
var delivery = []Column{
	{ID: "sku", Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Names: []string{"货号", "商品编码", "item no"}, Required: true, Kind: Code},
	{ID: "gtin", Title: catalog.Name{ZH: "条形码", EN: "Barcode"}, Names: []string{"条码", "EAN", "GTIN"}, Kind: GTIN},
	{ID: "lot", Title: catalog.Name{ZH: "批次", EN: "Lot"}, Names: []string{"批号", "batch"}, Kind: Code},
	{ID: "made", Title: catalog.Name{ZH: "生产日期", EN: "Production date"}, Kind: Day},
	{ID: "expiry", Title: catalog.Name{ZH: "有效期至", EN: "Expiry"}, Names: []string{"效期"}, Kind: Day},
	{ID: "quantity", Title: catalog.Name{ZH: "数量", EN: "Quantity"}, Names: []string{"件数", "qty", "发货数量"}, Required: true, Kind: Pieces, Carton: "per_carton"},
	{ID: "cartons", Title: catalog.Name{ZH: "箱数", EN: "Cartons"}, Kind: Pieces},
	{ID: "per_carton", Title: catalog.Name{ZH: "箱规", EN: "Pieces per carton"}, Names: []string{"每箱数量"}, Kind: Pieces},
	{ID: "price", Title: catalog.Name{ZH: "单价", EN: "Price"}, Kind: Money},
	{ID: "note", Title: catalog.Name{ZH: "备注", EN: "Remark"}, Kind: Text, Max: 20},
}

// book builds a workbook from rows of cells, each sheet with its name.
func book(t testing.TB, change func(*excelize.File), rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openBytes(t testing.TB, data []byte, o Options) *File {
	t.Helper()
	f, err := OpenReader(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func match(t testing.TB, data []byte, o Options) *Layout {
	t.Helper()
	l, err := openBytes(t, data, o).Match(delivery)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// say reads every row and says what became of it.
func say(t testing.TB, l *Layout) []string {
	t.Helper()
	var out []string
	for row, err := range l.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Skip != nil {
			out = append(out, fmt.Sprintf("%d-%d %s", row.Skip.First, row.Skip.Last, row.Skip.Why))
			continue
		}
		sku, _ := row.Code("sku")
		row.GTIN("gtin")
		lot, _ := row.Code("lot")
		made, ok := row.Day("made")
		day := ""
		if ok {
			day = made.String()
		}
		row.Day("expiry")
		n, _ := row.Pieces("quantity")
		row.Pieces("cartons")
		row.Pieces("per_carton")
		price, _ := row.Fen("price")
		row.Text("note")
		s := fmt.Sprintf("%d %s|%s|%s|%d|%d", row.Number, sku, lot, day, n, price)
		for _, m := range row.Mended() {
			s += " ~" + m.Ref() + " " + m.Note.Text("zh")
		}
		for _, p := range row.Problems() {
			s += " !" + p.Ref() + " " + p.Note.Text("zh")
		}
		out = append(out, s)
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// The sheet of the import preview.
func TestDeliveryNote(t *testing.T) {
	data := book(t, nil,
		[]any{"SKU", "条形码", "批次", "生产日期", "有效期至", "数量", "箱数", "箱规"},
		[]any{"MR-100236", "4006381333931", "MH260815", "2026-08-15", "2028-02-14", 240, 40, 6},
		[]any{"MR-530042", nil, "HC26-1102", "2026.11.02", "2027-11-01", "１２００", 50, 24},
		[]any{"MR-530088", "697530088001", "HC26-1029", "2026-10-29", "2027-04-28", 600, 25, 24},
		nil,
		[]any{"MR-610203", nil, "DD260930", 46295, "–", "96件", 4, 24},
		[]any{"MR-610204", nil, "DD260930", 46295, "–", "4箱", 4, 24},
		[]any{nil, nil, "DD260930", 46295, nil, 5},
		[]any{"合计", nil, nil, nil, nil, 7416, 381},
		[]any{"备注：请于 11 月 25 日前收货"},
	)
	l := match(t, data, Options{})
	if l.Sheet != "Sheet1" || l.HeaderRow != 1 || len(l.Found) != 8 || len(l.Unused) != 0 {
		t.Errorf("layout %+v", l)
	}
	expect(t, say(t, l),
		"2 MR-100236|MH260815|2026-08-15|240|0",
		"3 MR-530042|HC26-1102|2026-11-02|1200|0 ~D3 读作 2026-11-02 ~F3 读作 1,200",
		"4 MR-530088|HC26-1029|2026-10-29|600|0 !B4 12 位，应为 13 位",
		"5-5 blank",
		"6 MR-610203|DD260930|2026-09-30|96|0 ~D6 序号，读作 2026-09-30 ~F6 去掉“件”",
		"7 MR-610204|DD260930|2026-09-30|96|0 ~D7 序号，读作 2026-09-30 ~F7 4×24 = 96 件",
		"8 |DD260930|2026-09-30|5|0 ~D8 序号，读作 2026-09-30 !A8 “SKU”没有填",
		"9-9 total",
		"10-10 note",
	)
}

func TestHeaderForms(t *testing.T) {
	for _, c := range []struct {
		name   string
		rows   [][]any
		found  string // IDs with their columns
		unused string
		first  string
	}{
		{"any order, unused columns", [][]any{{"备注栏", "数量", "颜色", "SKU"}, {"x", 5, "红", "A"}}, "quantity=B sku=D", "备注栏 颜色", "2 A|||5|0"},
		{"titles above", [][]any{{"牧禾联合 送货单"}, {"日期：2026-11-02"}, nil, {"货号", "件数"}, {"A", 5}}, "sku=A quantity=B", "", "5 A|||5|0"},
		{"stars, blanks, brackets", [][]any{{" S K U *", "数 量（件）", "条形码\n(EAN-13)"}, {"A", 5}}, "sku=A quantity=B gtin=C", "", "2 A|||5|0"},
		{"full width, case", [][]any{{"ｓｋｕ", "ＱＴＹ", "Lot."}, {"A", 5, "L"}}, "sku=A quantity=B lot=C", "", "2 A|L||5|0"},
		{"two languages", [][]any{{"货号 Item No.", "数量/Quantity", "批次\nLot"}, {"A", 5, "L"}}, "sku=A quantity=B lot=C", "", "2 A|L||5|0"},
		{"English", [][]any{{"Quantity (pcs)", "SKU", "Production Date", "Expiry"}, {5, "A", "2026-11-02"}}, "quantity=A sku=B made=C expiry=D", "", "2 A||2026-11-02|5|0"},
		{"unit of the header", [][]any{{"SKU", "数量（箱）", "箱规"}, {"A", 5, 24}}, "sku=A quantity=B per_carton=C", "", "2 A|||120|0 ~B2 5×24 = 120 件"},
		{"unit of money", [][]any{{"SKU", "数量", "单价（分）"}, {"A", 5, 350}}, "sku=A quantity=B price=C", "", "2 A|||5|350 ~C2 读作 3.50"},
		{"two rows", [][]any{{"商品", nil, "发货", nil}, {"SKU", "批次", "数量", "日期"}, {"A", "L", 5}}, "sku=A lot=B quantity=C", "日期", "3 A|L||5|0"},
		{"two rows, the upper over the lower", [][]any{{"SKU", "生产", "有效", "发货"}, {nil, "日期", "期至", "数量"}, {"A", "2026-11-02", nil, 5}}, "sku=A made=B expiry=C quantity=D", "", "3 A||2026-11-02|5|0"},
		{"better name wins", [][]any{{"SKU", "数量(含赠品)", "数量"}, {"A", 9, 5}}, "sku=A quantity=C", "数量(含赠品)", "2 A|||5|0"},
		{"optional twin", [][]any{{"SKU", "数量", "备注", "备注"}, {"A", 5, "x", "y"}}, "sku=A quantity=B note=C", "", "2 A|||5|0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := match(t, book(t, nil, c.rows...), Options{})
			var found, unused []string
			for _, f := range l.Found {
				found = append(found, f.Column.ID+"="+string(rune('A'+f.At)))
			}
			for _, h := range l.Unused {
				unused = append(unused, h.Text)
			}
			if s := strings.Join(found, " "); s != c.found {
				t.Errorf("found %q, want %q", s, c.found)
			}
			if s := strings.Join(unused, " "); s != c.unused {
				t.Errorf("unused %q, want %q", s, c.unused)
			}
			if got := say(t, l); len(got) != 1 || got[0] != c.first {
				t.Errorf("read %q, want %q", got, c.first)
			}
		})
	}
}

func TestTwoRowHeaderTellsTwinsApart(t *testing.T) {
	cols := []Column{
		{ID: "sku", Title: catalog.Name{ZH: "SKU"}, Required: true, Kind: Code},
		{ID: "ordered", Title: catalog.Name{ZH: "订购数量"}, Required: true, Kind: Pieces},
		{ID: "confirmed", Title: catalog.Name{ZH: "确认数量"}, Required: true, Kind: Pieces},
	}
	data := book(t, func(f *excelize.File) {
		_ = f.MergeCell("Sheet1", "A1", "A2")
		_ = f.MergeCell("Sheet1", "B1", "C1")
		_ = f.MergeCell("Sheet1", "D1", "E1")
	}, []any{"SKU", "订购", nil, "确认", nil}, []any{nil, "数量", "金额", "数量", "金额"}, []any{"A", 5, 50, 4, 40})
	l, err := openBytes(t, data, Options{}).Match(cols)
	if err != nil {
		t.Fatal(err)
	}
	if l.HeaderRow != 1 || l.HeaderLast != 2 {
		t.Errorf("header in rows %d-%d", l.HeaderRow, l.HeaderLast)
	}
	for row, err := range l.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		a, _ := row.Pieces("ordered")
		b, _ := row.Pieces("confirmed")
		if a != 5 || b != 4 || row.Number != 3 {
			t.Errorf("row %d: ordered %d, confirmed %d", row.Number, a, b)
		}
	}
}

func TestHeaderRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		o    Options
		want *notice.Reason
		says string
	}{
		{"no header", book(t, nil, []any{"a", "b"}, []any{1, 2}), Options{}, notice.NoHeader, "前 30 行里没有找到表头；表头要有这些列：SKU、数量；可以先下载模板"},
		{"header too low", book(t, nil, append(slices.Repeat([][]any{{"说明"}}, 30), []any{"SKU", "数量"})...), Options{}, notice.NoHeader, ""},
		{"missing", book(t, nil, []any{"SKU", "条码", "个数", "颜色"}, []any{"A"}), Options{}, notice.MissingColumns, "工作表“Sheet1”第 1 行的表头缺少：数量；补上这些列再传；没用到的列有：个数、颜色"},
		{"required twin", book(t, nil, []any{"SKU", "数量", "批次", "数量"}, []any{"A"}), Options{}, notice.TwinColumns, "有两列都像“数量”：B “数量” 和 D “数量”；只留一列，或把另一列改名"},
		{"no such sheet", book(t, nil, []any{"SKU", "数量"}), Options{Sheet: "发货"}, notice.NoSuchSheet, "没有名为“发货”的工作表，文件里有：Sheet1；改选一个工作表"},
		{"empty sheet", book(t, nil), Options{}, notice.NoHeader, ""},
		{"csv", []byte("SKU,个数\nA,1\n"), Options{}, notice.NoHeader, ""},
		{"csv, missing", []byte("SKU,条码,个数\nA,1\n"), Options{}, notice.MissingColumns, "工作表“CSV”第 1 行的表头缺少：数量；补上这些列再传；没用到的列有：个数"},
	} {
		_, err := openBytes(t, c.data, c.o).Match(delivery)
		if !notice.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want.Code)
			continue
		}
		if r := notice.As(err); c.says != "" && r.Full("zh") != c.says {
			t.Errorf("%s says %q, want %q", c.name, r.Full("zh"), c.says)
		} else if r.Text("en") == "" || strings.Contains(r.Full("en"), "{") {
			t.Errorf("%s in English: %q", c.name, r.Full("en"))
		}
	}
}

func TestSheetsAreChosenByTheirHeader(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		for _, name := range []string{"汇总", "发货明细", "模板", "发货2"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		_ = f.SetSheetRow("汇总", "A1", &[]any{"SKU", "总数", "批次", "备注"})
		_ = f.SetSheetRow("发货明细", "A3", &[]any{"SKU", "数量", "批次"})
		_ = f.SetSheetRow("发货明细", "A4", &[]any{"A", 5, "L"})
		_ = f.SetSheetRow("模板", "A1", &[]any{"SKU", "数量", "批次", "备注", "生产日期"})
		_ = f.SetSheetRow("模板", "A2", &[]any{"H", 6})
		_ = f.SetSheetRow("发货2", "A1", &[]any{"SKU", "数量"})
		_ = f.SetSheetVisible("模板", false)
	}, []any{"封面"})
	l := match(t, data, Options{})
	if l.Sheet != "发货明细" || l.HeaderRow != 3 || !slices.Equal(l.Also, []string{"发货2"}) {
		t.Errorf("chose %s, also %q", l.Sheet, l.Also)
	}
	if l := match(t, data, Options{Sheet: " 模板 "}); l.Sheet != "模板" || say(t, l)[0] != "2 H|||6|0" {
		t.Errorf("by name: %s", l.Sheet)
	}
	all := openBytes(t, data, Options{}).Sheets()
	if len(all) != 5 || !all[3].Hidden || all[2].Hidden || all[2].Name != "发货明细" {
		t.Errorf("sheets: %+v", all)
	}
}

func TestHiddenRowsAndMergedCells(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		_ = f.SetRowVisible("Sheet1", 3, false)
		for _, m := range [][2]string{{"A4", "A6"}, {"B4", "B5"}, {"A8", "C8"}} {
			_ = f.MergeCell("Sheet1", m[0], m[1])
		}
	},
		[]any{"SKU", "数量", "批次"},
		[]any{"A", 1, "L1"},
		[]any{"B", 2, "L2"},
		[]any{"C", 3, "L3"},
		[]any{nil, nil, "L4"},
		[]any{nil, 5, "L5"},
		[]any{},
		[]any{"小计", nil, nil, 11},
		[]any{"SKU", "数量", "批次"},
		[]any{"D", 6, "L6"},
	)
	want := []string{
		"2 A|L1||1|0", "3-3 hidden", "4 C|L3||3|0",
		"5 C|L4||0|0 ~A5 合并单元格，沿用第 4 行 !B5 数字在合并单元格里（第 4 行），不知道每行各是多少",
		"6 C|L5||5|0 ~A6 合并单元格，沿用第 4 行",
		"7-7 blank", "8-8 total", "9-9 repeated", "10 D|L6||6|0",
	}
	l := match(t, data, Options{})
	if !l.Merged {
		t.Error("merged cells were not noticed")
	}
	expect(t, say(t, l), want...)
	want[1] = "3 B|L2||2|0"
	expect(t, say(t, match(t, data, Options{IncludeHidden: true})), want...)
}

func TestSkips(t *testing.T) {
	data := book(t, nil,
		[]any{"SKU", "数量", "备注"},
		[]any{"Total Care 纸尿裤", 5},
		[]any{"MR-1", 5, "合计"},
		[]any{"合 计：", 10},
		[]any{"TOTAL", 10},
		[]any{nil, 10, "总计（件）"},
		[]any{"注册商标-1", 5},
		[]any{"注：红字为加急"},
		[]any{"制表人：李建国", nil, "审核："},
		[]any{"以上货物请在到货后三日内验收，逾期视为验收合格，特此说明"},
		[]any{"MR-2"},
		[]any{nil, nil, nil, "旁注"},
	)
	expect(t, say(t, match(t, data, Options{})),
		"2 Total Care 纸尿裤|||5|0", "3 MR-1|||5|0", "4-4 total", "5-5 total", "6-6 total", "7 注册商标-1|||5|0", "8-8 note", "9-9 note", "10-10 note",
		"11 MR-2|||0|0 !B11 “数量”没有填", "12 |||0|0 !A12 “SKU”没有填 !B12 “数量”没有填")
}

func TestCSVRows(t *testing.T) {
	l := match(t, []byte("SKU,数量,备注\nA,\"1,200\",好\nB,1,200,好\n\n,,\nC,5\nD,6,,,\n"), Options{})
	expect(t, say(t, l),
		"2 A|||1200|0", "3 B|||1|0 !3 这一行比表头多 1 格", "4-5 blank", "6 C|||5|0", "7 D|||6|0")
	if f := openBytes(t, []byte("SKU;数量\nA;5\n"), Options{}); f.Format() != CSV || f.Describe() != "UTF-8 ;" {
		t.Errorf("described as %s %q", f.Format(), f.Describe())
	}
}

func TestProblemsAreSaidOnceAndSurviveTheRow(t *testing.T) {
	l := match(t, book(t, nil, []any{"SKU", "数量"}, []any{"A", "x"}), Options{})
	for row := range l.Rows(context.Background()) {
		row.Pieces("quantity")
		row.Pieces("quantity")
		row.Fail("", notice.Note{Reason: ExtraCells, Args: []any{1}})
		p := row.Problems()
		if len(p) != 2 || p[0].Raw != "x" || p[0].Header != "数量" || p[0].Column != "quantity" || p[0].Note.Reason != cell.NotNumber || p[1].Ref() != "2" {
			t.Errorf("problems %+v", p)
		}
		if row.Has("gtin") || !row.Has("sku") || row.Raw("sku") != "A" || row.OK() || row.Done() <= 0 {
			t.Errorf("row %+v", row)
		}
		if c := row.Cells(); len(c) != 2 || c[1] != (Heading{1, "x"}) {
			t.Errorf("cells %+v", c)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an undeclared column must be a panic")
		}
	}()
	l.Has("colour")
}

func TestRowsStop(t *testing.T) {
	l := match(t, book(t, nil, []any{"SKU", "数量"}, []any{"A", 1}, []any{"B", 2}), Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("closed"))
	for _, err := range l.Rows(ctx) {
		if err == nil || err.Error() != "closed" {
			t.Errorf("cancelled: %v", err)
		}
	}
	for range l.All(context.Background()) {
		break
	}
}

func TestOneColumnStandsInForAnother(t *testing.T) {
	cols := []Column{
		{ID: "sku", Title: catalog.Name{ZH: "SKU", EN: "SKU"}, Required: true, Or: "gtin", Kind: Code},
		{ID: "gtin", Title: catalog.Name{ZH: "条形码", EN: "Barcode"}, Kind: GTIN},
		{ID: "quantity", Title: catalog.Name{ZH: "数量", EN: "Quantity"}, Required: true, Kind: Pieces},
	}
	_, err := openBytes(t, []byte("名称,数量,规格\nA,1,x\n"), Options{}).Match(append(cols, Column{ID: "name", Title: catalog.Name{ZH: "名称"}}))
	if r := notice.As(err); r == nil || r.Text("zh") != "工作表“CSV”第 1 行的表头缺少：SKU 或 条形码" || r.Text("en") != "the header in row 1 of sheet “CSV” lacks: SKU or Barcode" {
		t.Errorf("%v", err)
	}
	for in, want := range map[string]string{
		"条形码,数量\n4006381333931,1\n,2\n合计,3\n":       "2 ok 3 A3 “条形码”没有填 total",
		"SKU,条形码,数量\nA,,1\n,4006381333931,2\n,,3\n": "2 ok 3 ok 4 A4 “SKU”没有填",
	} {
		l, err := openBytes(t, []byte(in), Options{}).Match(cols)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row := range l.All(context.Background()) {
			if row.Skip != nil {
				got = append(got, string(row.Skip.Why))
				continue
			}
			row.Code("sku")
			row.GTIN("gtin")
			got = append(got, fmt.Sprint(row.Number))
			if row.OK() {
				got = append(got, "ok")
			}
			for _, p := range row.Problems() {
				got = append(got, p.Ref(), p.Note.Text("zh"))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %q, want %q", in, s, want)
		}
	}
}
