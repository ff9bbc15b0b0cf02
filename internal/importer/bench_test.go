package importer_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/metrics"
	"testing"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// The benchmark takes a million rows of sales through the whole import and reports rows a second of each step, and the peak
// of the heap:
//
//	go test ./internal/importer -run '^$' -bench Million -benchtime 1x
func BenchmarkMillion(b *testing.B) {
	for _, format := range []string{"csv", "xlsx"} {
		b.Run(format, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "sales."+format)
			writeMillion(b, path, format)
			h := newHouse(b).work()
			h.exec(`insert into catalog.sku (code, name_zh, category_id) select 'SKU-' || lpad(g::text, 5, '0'), 'x', 1 from generate_series(1, 1400) g`)
			ctx := h.as("zhoumin")
			for b.Loop() {
				stop := peak()
				f, err := os.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				step := func(name string) {
					b.ReportMetric(million/time.Since(start).Seconds(), name+"-rows/s")
					start = time.Now()
				}
				u, err := h.ops.Take(ctx, importer.Incoming{Kind: "sales", Name: "sales", Body: f})
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
				step("upload")
				if u = h.settled(ctx, u.ID); u.State != importer.Checked || u.Good != million {
					b.Fatalf("%+v %s", u, u.Refusal.Full("en"))
				}
				step("check")
				if u = h.imported(ctx, u); u.State != importer.Done {
					b.Fatalf("%+v %s", u, u.Fault)
				}
				step("import")
				if err := h.ops.Result(ctx, u.ID, "zh", io.Discard); err != nil {
					b.Fatal(err)
				}
				step("result")
				b.ReportMetric(stop(), "peak-MB")
			}
		})
	}
}

const million = 1_000_000

func writeMillion(b *testing.B, path, format string) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	table := sheet.Table{Name: "sales", Language: "zh", Columns: []sheet.Column{
		{ID: "sku", Title: catalog.Name{ZH: "货号"}, Kind: sheet.Code}, {ID: "site", Title: catalog.Name{ZH: "仓库"}, Kind: sheet.Code},
		{ID: "day", Title: catalog.Name{ZH: "日期"}, Kind: sheet.Day}, {ID: "pieces", Title: catalog.Name{ZH: "销量"}, Kind: sheet.Pieces},
		{ID: "price", Title: catalog.Name{ZH: "单价"}, Kind: sheet.Money}, {ID: "promo", Title: catalog.Name{ZH: "促销"}, Kind: sheet.Percent},
		{ID: "out", Title: catalog.Name{ZH: "断货"}, Kind: sheet.Bool},
	}}
	var w sheet.Writer
	var book *sheet.Workbook
	if format == "xlsx" {
		book = sheet.NewWorkbook(b.TempDir())
		w, err = book.Add(table)
	} else {
		w, err = sheet.NewCSV(f, table)
	}
	if err != nil {
		b.Fatal(err)
	}
	last := day(2026, 11, 22)
	for i := range million {
		err := w.Row(fmt.Sprintf("SKU-%05d", 1+i/730), "JX-01", last.AddDays(-(i % 730)), quantity.Pieces(i%97), money.Fen(1280+i%500), i%3*1000, i%50 == 0)
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	if book != nil {
		if _, err := book.WriteTo(f); err != nil {
			b.Fatal(err)
		}
	}
}

// peak watches the live heap until stopped.
func peak() (stop func() float64) {
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
