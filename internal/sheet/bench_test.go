package sheet

import (
	"archive/zip"
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// The benchmarks read and write sales sheets of a million rows and report rows a second and the peak of the heap:
//
//	go test ./internal/sheet -run '^$' -bench Million -benchtime 1x

const million = 1_000_000

var sales = []Column{
	{ID: "sku", Title: catalog.Name{ZH: "货号", EN: "SKU"}, Kind: Code, Required: true},
	{ID: "site", Title: catalog.Name{ZH: "仓", EN: "Site"}, Kind: Code, Required: true},
	{ID: "day", Title: catalog.Name{ZH: "日期", EN: "Day"}, Kind: Day, Required: true},
	{ID: "pieces", Title: catalog.Name{ZH: "销量", EN: "Pieces"}, Kind: Pieces, Required: true},
	{ID: "price", Title: catalog.Name{ZH: "单价", EN: "Price"}, Kind: Money},
	{ID: "promotion", Title: catalog.Name{ZH: "促销", EN: "Promotion"}, Kind: Percent},
	{ID: "sold_out", Title: catalog.Name{ZH: "断货", EN: "Sold out"}, Kind: Bool},
}

func writeSales(b testing.TB, w Writer) {
	first := calendar.Date(2024, 11, 1)
	for i := range million {
		err := w.Row(fmt.Sprintf("MR-%06d", i/700), fmt.Sprintf("S-%02d", i%14), first.AddDays(i%730), quantity.Pieces(i%97), money.Fen(1280+i%500), i%3*1000, i%50 == 0)
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

func salesCSV(b testing.TB, path string) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	w, err := NewCSV(buf, Table{Columns: sales, Language: "zh"})
	if err != nil {
		b.Fatal(err)
	}
	writeSales(b, w)
	if err := buf.Flush(); err != nil {
		b.Fatal(err)
	}
}

func salesXLSX(b testing.TB, path string) {
	book := NewWorkbook(b.TempDir())
	w, err := book.Add(Table{Name: "sales", Columns: sales, Language: "zh"})
	if err != nil {
		b.Fatal(err)
	}
	writeSales(b, w)
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := book.WriteTo(f); err != nil {
		b.Fatal(err)
	}
}

// salesShared writes the sheet as Excel does, with shared strings, of which every row has one of its own.
func salesShared(b testing.TB, path string) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	part := func(name string) io.Writer {
		w, err := z.Create(name)
		if err != nil {
			b.Fatal(err)
		}
		return w
	}
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	fmt.Fprintf(part("_rels/.rels"), `<Relationships><Relationship Id="a" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>`, rel)
	fmt.Fprint(part("xl/workbook.xml"), `<workbook><sheets><sheet name="sales" sheetId="1" r:id="s"/></sheets></workbook>`)
	fmt.Fprintf(part("xl/_rels/workbook.xml.rels"), `<Relationships><Relationship Id="s" Type="%[1]s/worksheet" Target="sheet.xml"/><Relationship Id="t" Type="%[1]s/sharedStrings" Target="strings.xml"/></Relationships>`, rel)
	w := part("xl/strings.xml")
	fmt.Fprint(w, `<sst><si><t>货号</t></si><si><t>仓</t></si><si><t>日期</t></si><si><t>销量</t></si><si><t>单价</t></si><si><t>促销</t></si><si><t>断货</t></si><si><t>否</t></si>`)
	for i := range million {
		fmt.Fprintf(w, "<si><t>MR-%07d</t></si>", i)
	}
	fmt.Fprint(w, "</sst>")
	w = part("xl/sheet.xml")
	fmt.Fprint(w, `<worksheet><sheetData><row r="1">`)
	for i := range 7 {
		fmt.Fprintf(w, `<c r="%c1" t="s"><v>%d</v></c>`, 'A'+i, i)
	}
	fmt.Fprint(w, "</row>")
	for i := range million {
		fmt.Fprintf(w, `<row r="%[1]d" spans="1:7"><c r="A%[1]d" t="s"><v>%[2]d</v></c><c r="B%[1]d" t="s"><v>8</v></c><c r="C%[1]d"><v>%[3]d</v></c><c r="D%[1]d"><v>%[4]d</v></c><c r="E%[1]d"><v>12.8</v></c><c r="F%[1]d"><v>0.1</v></c><c r="G%[1]d" t="s"><v>7</v></c></row>`, i+2, i+8, 46000+i%365, i%97)
	}
	fmt.Fprint(w, `</sheetData></worksheet>`)
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
}

// peak watches the live heap until stopped.
func peak() (stop func() float64) {
	runtime.GC()
	done, out := make(chan struct{}), make(chan float64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		top := uint64(0)
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-done:
				out <- float64(top) / (1 << 20)
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(done); return <-out }
}

func readSales(b testing.TB, path string) int {
	f, err := Open(path, Options{TempDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	l, err := f.Match(sales)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for row, err := range l.Rows(context.Background()) {
		if err != nil {
			b.Fatal(err)
		}
		row.Code("sku")
		row.Code("site")
		row.Day("day")
		row.Pieces("pieces")
		row.Fen("price")
		row.Percent("promotion")
		row.Bool("sold_out")
		if !row.OK() {
			b.Fatalf("%+v", row.Problems())
		}
		n++
	}
	return n
}

func BenchmarkMillion(b *testing.B) {
	for _, c := range []struct {
		name  string
		write func(testing.TB, string)
	}{{"csv", salesCSV}, {"xlsx", salesXLSX}, {"xlsx-shared-strings", salesShared}} {
		path := filepath.Join(b.TempDir(), c.name)
		b.Run("write-"+c.name, func(b *testing.B) {
			for b.Loop() {
				stop := peak()
				c.write(b, path)
				b.ReportMetric(stop(), "peak-MB")
			}
			b.ReportMetric(million*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("read-"+c.name, func(b *testing.B) {
			for b.Loop() {
				stop := peak()
				if n := readSales(b, path); n != million {
					b.Fatal(n)
				}
				b.ReportMetric(stop(), "peak-MB")
			}
			b.ReportMetric(million*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("result-"+c.name, func(b *testing.B) {
			for b.Loop() {
				stop := peak()
				resultSales(b, path)
				b.ReportMetric(stop(), "peak-MB")
			}
			b.ReportMetric(million*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func resultSales(b testing.TB, path string) {
	f, err := Open(path, Options{TempDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	l, err := f.Match(sales)
	if err != nil {
		b.Fatal(err)
	}
	results := func(yield func(Result, error) bool) {
		for row, err := range l.All(context.Background()) {
			if err == nil {
				row.Pieces("pieces")
			}
			if err != nil || !yield(row.Result(), nil) {
				return
			}
		}
	}
	if err := l.WriteResult(context.Background(), io.Discard, "zh", results); err != nil {
		b.Fatal(err)
	}
}
