package xlsx

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/sheet/grid"
)

// book builds a workbook of n sales rows.
func book(tb testing.TB, n int) []byte {
	tb.Helper()
	f := excelize.NewFile(excelize.Options{TmpDir: os.TempDir()})
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	_ = w.SetRow("A1", []any{"SKU", "仓库", "日期", "销量", "单价", "促销", "断货"})
	for i := range n {
		ref, _ := excelize.CoordinatesToCellName(1, i+2)
		row := []any{"MR-" + string(rune('0'+i%10)) + "00236", "SH-01", 46000 + i%365, i % 300, float64(i%1000) + 0.8, i % 2, "否"}
		if err := w.SetRow(ref, row); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkRows(b *testing.B) {
	data := book(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		w, err := Open(bytes.NewReader(data), int64(len(data)), Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Merges(w.Sheets[0]); err != nil {
			b.Fatal(err)
		}
		rows, err := w.Rows(w.Sheets[0])
		if err != nil {
			b.Fatal(err)
		}
		var row grid.Row
		n := 0
		for {
			if err := rows.Next(&row); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			n += len(row.Cells)
		}
		if n != 7*100_001 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
}

func BenchmarkExcelizeRows(b *testing.B) {
	data := book(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		rows, err := f.Rows("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			cells, err := rows.Columns()
			if err != nil {
				b.Fatal(err)
			}
			n += len(cells)
		}
		if n != 7*100_001 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/row")
}
