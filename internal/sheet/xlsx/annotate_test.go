package xlsx

import (
	"bytes"
	"context"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// check is what must hold for any bytes at all: a refusal or a reading, and then a copy that reads the same.
func check(t *testing.T, data []byte) {
	t.Helper()
	limits := grid.Limits{CellBytes: 64 << 10, Columns: 50, Rows: 10_000, PartBytes: 8 << 20}
	before, err := dump(data, limits)
	if err != nil {
		if notice.As(err) == nil {
			t.Fatalf("not a refusal: %v", err)
		}
		return
	}
	w, err := open(data, limits)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var out bytes.Buffer
	err = w.Annotate(context.Background(), &out, w.Sheets[0], 49, notes(Note{Row: 1, Text: "x<", Tone: Bad, Marks: []Mark{{0, Bad}}}))
	if err != nil {
		if notice.As(err) == nil {
			t.Fatalf("copy: not a refusal: %v", err)
		}
		return
	}
	after, err := dump(out.Bytes(), limits)
	if err != nil {
		t.Fatalf("copy of %q: %v", before, err)
	}
	kept := slices.DeleteFunc(strings.Fields(after), func(s string) bool { return strings.HasPrefix(s, "AX1=") || strings.HasPrefix(s, "AX1h=") })
	had := slices.DeleteFunc(strings.Fields(before), func(s string) bool { return strings.HasPrefix(s, "AX") })
	if strings.Join(kept, " ") != strings.Join(had, " ") && !strings.Contains(before, "AX") {
		t.Fatalf("copy reads\n%q, was\n%q", kept, had)
	}
}

func notes(list ...Note) iter.Seq2[Note, error] {
	return func(yield func(Note, error) bool) {
		for _, n := range list {
			if !yield(n, nil) {
				return
			}
		}
	}
}

func annotate(t *testing.T, data []byte, col int, list ...Note) []byte {
	t.Helper()
	w, err := open(data, grid.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var out bytes.Buffer
	if err := w.Annotate(context.Background(), &out, w.Sheets[0], col, notes(list...)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// rich builds a workbook of the kind that suppliers send: widths, fills, fonts, merged cells, a picture of sorts, a second
// sheet, a data validation, frozen panes, a comment.
func rich(t *testing.T) *excelize.File {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"336699"}}})
	must(err)
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14, Alignment: &excelize.Alignment{Horizontal: "center"}})
	must(err)
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"SKU", "数量", "日期"}))
	must(f.SetSheetRow("Sheet1", "A2", &[]any{"MR-1", 12, 46295}))
	must(f.SetSheetRow("Sheet1", "A3", &[]any{"MR-2", "５", 46296}))
	must(f.SetSheetRow("Sheet1", "A5", &[]any{"MR-3", nil, 46297}))
	must(f.SetCellStyle("Sheet1", "A1", "C1", head))
	must(f.SetCellStyle("Sheet1", "C2", "C5", day))
	must(f.SetColWidth("Sheet1", "A", "A", 31))
	must(f.MergeCell("Sheet1", "A3", "A4"))
	must(f.SetCellFormula("Sheet1", "D2", "B2*2"))
	must(f.AddComment("Sheet1", excelize.Comment{Cell: "B3", Author: "李", Text: "核对"}))
	_, err = f.NewSheet("说明")
	must(err)
	must(f.SetCellStr("说明", "A1", "不要改"))
	return f
}

func TestAnnotateKeepsTheWorkbook(t *testing.T) {
	f := rich(t)
	defer f.Close()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	list := []Note{
		{Row: 1, Text: "结果 / Result", Tone: Header},
		{Row: 2, Text: "可导入", Tone: Good},
		{Row: 3, Text: "已修正：数量 读作 5 <&>", Tone: Mended, Marks: []Mark{{1, Mended}}},
		{Row: 5, Text: "有错：数量没有填", Tone: Bad, Marks: []Mark{{1, Bad}, {2, Bad}}},
	}
	out := annotate(t, b.Bytes(), 4, list...)
	g, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for ref, want := range map[string]string{"A1": "SKU", "E1": "结果 / Result", "E2": "可导入", "E3": "已修正：数量 读作 5 <&>", "E5": "有错：数量没有填", "B3": "５", "C2": "09-30-26", "E4": ""} {
		if got, _ := g.GetCellValue("Sheet1", ref); got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
	if got, _ := g.GetCellValue("说明", "A1"); got != "不要改" {
		t.Errorf("the other sheet says %q", got)
	}
	if formula, _ := g.GetCellFormula("Sheet1", "D2"); formula != "B2*2" {
		t.Errorf("formula %q", formula)
	}
	if m, _ := g.GetMergeCells("Sheet1"); len(m) != 1 {
		t.Errorf("merged cells: %v", m)
	}
	if c, _ := g.GetComments("Sheet1"); len(c) != 1 {
		t.Errorf("comments: %v", c)
	}
	if w, _ := g.GetColWidth("Sheet1", "A"); w != 31 {
		t.Errorf("width %v", w)
	}
	if w, _ := g.GetColWidth("Sheet1", "E"); w != 48 {
		t.Errorf("width of the result %v", w)
	}
	style := func(ref string) *excelize.Style {
		id, err := g.GetCellStyle("Sheet1", ref)
		if err != nil {
			t.Fatal(err)
		}
		s, err := g.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	fill := func(ref string) string { return strings.Join(style(ref).Fill.Color, "") }
	for ref, want := range map[string]string{"A1": "336699", "B2": "", "B3": "E5EEF8", "B5": "FDE8E8", "C5": "FDE8E8", "C2": ""} {
		if got := fill(ref); !strings.HasSuffix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s has the ground %q, want %q", ref, got, want)
		}
	}
	if s := style("C5"); s.NumFmt != 14 || s.Alignment.Horizontal != "center" {
		t.Errorf("C5 lost its format: %+v", s)
	}
	if s := style("E5"); s.Font.Color != "B42318" || !s.Alignment.WrapText {
		t.Errorf("the result's style: %+v", s)
	}

	// A second round replaces the column and adds no second one.
	again := annotate(t, out, 4, Note{Row: 1, Text: "结果 / Result", Tone: Header}, Note{Row: 5, Text: "可导入", Tone: Good})
	if got, err := dump(again, grid.Limits{}); err != nil || got != "A1=SKU B1=数量 C1=日期 E1=结果 / Result A2=MR-1 B2=12 C2~=46295 D2p= A3=MR-2 B3=５ C3~=46296 A4^=MR-2 A5=MR-3 C5~=46297 E5=可导入" {
		t.Errorf("second round: %q, %v", got, err)
	}
}

func TestAnnotatePlainForms(t *testing.T) {
	prefixed := workbook("").with(parts{"xl/worksheets/sheet1.xml": `<x:worksheet xmlns:x="m"><x:dimension ref="A1"/><x:cols><x:col min="1" max="1"/></x:cols><x:sheetData><x:row r="2" spans="1:1"/><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`})
	for _, c := range []struct {
		name string
		book parts
		want string
	}{
		{"prefixed, self-closed", prefixed, "C2=二 A3=7 C3=三"},
		{"without references", workbook(`<row><c><v>1</v></c></row><row><c><v>2</v></c><c><v>3</v></c><c><v>4</v></c><c><v>5</v></c></row><row><c/></row>`), "A1=1 A2=2 B2=3 C2=二 D2=5 C3=三"},
		{"rows that are missing", workbook(`<row r="3"/>`), "C3=三"},
	} {
		out := annotate(t, c.book.styled("0").zip(t), 2, Note{Row: 2, Text: "二", Tone: Bad, Marks: []Mark{{1, Bad}, {2, Bad}}}, Note{Row: 3, Text: "三", Tone: Good})
		if got, err := dump(out, grid.Limits{}); got != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	// Without styles there is no colour, but a result.
	if got, err := dump(annotate(t, workbook(`<row r="2"><c r="B2"><v>1</v></c></row>`).zip(t), 2, Note{Row: 2, Text: "二", Marks: []Mark{{1, Bad}}}), grid.Limits{}); got != "B2=1 C2=二" || err != nil {
		t.Errorf("without styles: %q, %v", got, err)
	}
}

func TestAnnotateRefuses(t *testing.T) {
	data := workbook(`<row r="1"><c><v>1</v></c></row>`).zip(t)
	w, err := open(data, grid.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Annotate(context.Background(), io.Discard, w.Sheets[0], 2, notes(Note{Row: 2}, Note{Row: 1})); err != nil {
		t.Errorf("notes behind the last row are not read: %v", err)
	}
	if err := w.Annotate(context.Background(), io.Discard, w.Sheets[0], 20000, notes()); !notice.Is(err, notice.TooManyColumns) {
		t.Errorf("column beyond the sheet: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Annotate(ctx, io.Discard, w.Sheets[0], 2, notes()); err == nil {
		t.Error("a cancelled copy goes on")
	}
	fails := func(yield func(Note, error) bool) { yield(Note{}, io.ErrClosedPipe) }
	if err := w.Annotate(context.Background(), io.Discard, w.Sheets[0], 2, fails); err != io.ErrClosedPipe {
		t.Errorf("the source's fault is lost: %v", err)
	}
}

// Workbooks that others wrote, as far as the module cache has them.
func TestForeignWorkbooks(t *testing.T) {
	dir := filepath.Join(excelizeDir(t), "test")
	for name, want := range map[string]*notice.Reason{
		"Book1.xlsx": nil, "CalcChain.xlsx": nil, "MergeCell.xlsx": nil, "SharedStrings.xlsx": nil, "OverflowNumericCell.xlsx": nil, "BadWorkbook.xlsx": notice.FileDamaged,
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		before, err := dump(data, grid.Limits{})
		if want != nil || err != nil {
			if !notice.Is(err, want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		compare(t, data)
		after, err := dump(annotate(t, data, 300, Note{Row: 1, Text: "x"}), grid.Limits{})
		if err != nil || strings.Replace(after, " KO1=x", "", 1) != before && strings.Replace(after, "KO1=x ", "", 1) != before {
			t.Errorf("%s: the copy reads differently, %v", name, err)
		}
	}
}

// excelizeDir finds the module's source, which holds sample workbooks.
func excelizeDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/xuri/excelize/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
