package sheet

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// results reads a sheet and gives what became of its rows.
func results(t testing.TB, l *Layout) []Result {
	t.Helper()
	var out []Result
	for row, err := range l.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Skip == nil {
			row.Code("sku")
			row.Pieces("quantity")
			row.Day("made")
		} else if row.Skip.Why == Blank {
			continue
		}
		r := row.Result()
		r.Remarks = slices.Clone(r.Remarks)
		out = append(out, r)
	}
	return out
}

func writeBack(t testing.TB, l *Layout, language string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.WriteResult(context.Background(), &b, language, ResultsOf(results(t, l))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteResultXLSX(t *testing.T) {
	data := book(t, func(f *excelize.File) { _ = f.SetCellStr("Sheet1", "F2", "旁注") },
		[]any{"SKU", "数量", "生产日期"}, []any{"A", 5, "2026-11-02"}, []any{"B", "６", "2026.11.02"}, []any{"C", "x", "2026-11-31"}, nil, []any{"合计", 11})
	back := writeBack(t, match(t, data, Options{}), "zh")
	f, err := excelize.OpenReader(bytes.NewReader(back))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for ref, want := range map[string]string{
		"G1": ResultHeader, "G2": "可导入", "G3": "已修正：数量 读作 6。生产日期 读作 2026-11-02",
		"G4": "有错：数量 “x”不是数字；只填数字，例如 1200。生产日期 没有 2026-11-31 这一天；检查月和日", "G6": "合计行，跳过", "F2": "旁注",
	} {
		if got, _ := f.GetCellValue("Sheet1", ref); got != want {
			t.Errorf("%s = %q, want %q", ref, got, want)
		}
	}
	// It comes back, mended by hand, and the column is used again.
	if err := f.SetSheetRow("Sheet1", "A4", &[]any{"C", 7, "2026-11-30"}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	l := match(t, b.Bytes(), Options{})
	if len(l.Unused) != 0 {
		t.Errorf("the result column is unused: %+v", l.Unused)
	}
	again := writeBack(t, l, "en")
	g, err := excelize.OpenReader(bytes.NewReader(again))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for ref, want := range map[string]string{"G4": "Ready", "G3": "Mended: 数量 read as 6; 生产日期 read as 2026-11-02", "H1": "", "G6": "Total, skipped"} {
		if got, _ := g.GetCellValue("Sheet1", ref); got != want {
			t.Errorf("second round %s = %q, want %q", ref, got, want)
		}
	}
}

func TestWriteResultCSV(t *testing.T) {
	in := "SKU;数量;备注\r\nA;5;\"甲;乙\"\r\nB;６;;多\r\nC;x;\r\n"
	data, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	back := writeBack(t, match(t, data, Options{}), "zh")
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(back)
	if err != nil {
		t.Fatal(err)
	}
	want := "SKU;数量;备注;;结果 / Result\r\nA;5;\"甲;乙\";;可导入\r\nB;６;;多;有错：这一行比表头多 1 格；内容里有逗号的要加引号，或另存为 .xlsx 再传\r\nC;x;;;有错：数量 “x”不是数字；只填数字，例如 1200\r\n"
	if string(text) != want {
		t.Errorf("got\n%q, want\n%q", text, want)
	}
	l := match(t, back, Options{})
	if len(l.Unused) != 0 {
		t.Errorf("second round leaves unused %+v", l.Unused)
	}
	again, err := simplifiedchinese.GB18030.NewDecoder().Bytes(writeBack(t, l, "en"))
	if err != nil || !strings.HasPrefix(string(again), "SKU;数量;备注;;结果 / Result\r\nA;5;甲;乙;;Ready\r\n") && !strings.HasPrefix(string(again), "SKU;数量;备注;;结果 / Result\r\nA;5;\"甲;乙\";;Ready\r\n") {
		t.Errorf("second round %q", again)
	}
}

func TestResultsBesideMissingRows(t *testing.T) {
	l := match(t, []byte("SKU,数量\nA,5\n"), Options{})
	var b bytes.Buffer
	err := l.WriteResult(context.Background(), &b, "zh", ResultsOf([]Result{{Row: 2, Status: Good}, {Row: 9, Status: Bad}}))
	if err != nil || !strings.HasSuffix(b.String(), "A,5,可导入\r\n") {
		t.Errorf("%q, %v", b.String(), err)
	}
	failing := func(yield func(Result, error) bool) { yield(Result{}, context.Canceled) }
	for _, data := range [][]byte{[]byte("SKU,数量\nA,5\n"), book(t, nil, []any{"SKU", "数量"}, []any{"A", 5})} {
		if err := match(t, data, Options{}).WriteResult(context.Background(), &b, "zh", failing); err == nil {
			t.Error("a failing source of results goes unnoticed")
		}
	}
}

// Whatever bytes come in: a refusal or a reading, never a panic; what is read can be written back.
func FuzzOpen(f *testing.F) {
	f.Add(book(f, nil, []any{"SKU", "数量", "生产日期"}, []any{"A", "5箱", 46295}, []any{"合计", 1}))
	f.Add([]byte("SKU,数量,箱规\nA,5箱,24\n,,\n合计,5\n"))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	f.Add([]byte("<html>"))
	limits := grid.Limits{CellBytes: 4 << 10, Columns: 40, Rows: 2000, PartBytes: 4 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := OpenReader(bytes.NewReader(data), int64(len(data)), Options{Limits: limits})
		if err != nil {
			return
		}
		defer file.Close()
		l, err := file.Match(delivery)
		if err != nil {
			return
		}
		var out []Result
		for row, err := range l.All(context.Background()) {
			if err != nil {
				return
			}
			if row.Skip == nil {
				row.Code("sku")
				row.GTIN("gtin")
				row.Pieces("quantity")
				row.Day("made")
				row.Fen("price")
				row.Text("note")
				row.Cells()
			}
			r := row.Result()
			r.Remarks = slices.Clone(r.Remarks)
			_ = r.Text("en")
			out = append(out, r)
		}
		var b bytes.Buffer
		if err := l.WriteResult(context.Background(), &b, "zh", ResultsOf(out)); err != nil && notice.As(err) == nil {
			t.Fatalf("writing back: %v", err)
		}
	})
}
