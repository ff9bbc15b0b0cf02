package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/demo"
	"milkrun/internal/importer"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// BenchImportCmd imports a large sheet of sales.
type BenchImportCmd struct {
	Rows int `help:"Rows of the sheet." default:"1000000"`
}

// Run imports the same sales as .csv and as .xlsx, each into its own days, and prints rows a second and the peak of the memory.
func (c *BenchImportCmd) Run(ctx context.Context, cfg *Config) error {
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	world := demo.Generate(h.today(), demoSeed)
	if _, err := h.demoCatalog(h.asSystem(ctx), world); err != nil {
		return err
	}
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	dir, err := os.MkdirTemp("", "milkrun-sheets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i, format := range []string{"csv", "xlsx"} {
		path := filepath.Join(dir, "sales."+format)
		if err := c.write(path, world, h.today().AddDays(-900*i)); err != nil {
			return err
		}
		if err := c.measure(ctx, h, path); err != nil {
			return err
		}
	}
	return nil
}

// measure imports one file.
func (c *BenchImportCmd) measure(ctx context.Context, h *house, path string) error {
	runtime.GC()
	resetPeak()
	before := peakMB()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	began := time.Now()
	up, err := h.Imports.Take(h.asSystem(ctx), importer.Incoming{Kind: "sales", Name: filepath.Base(path), Body: f})
	if err != nil {
		return err
	}
	taken := time.Since(began)
	if up, err = h.awaitImport(ctx, up.ID, "checking"); err != nil {
		return err
	}
	checked := time.Since(began)
	if up.State != importer.Checked || up.Bad > 0 {
		return fmt.Errorf("%s: %s, %d bad rows", path, up.State, up.Bad)
	}
	if _, err = h.Imports.Commit(h.asSystem(ctx), up.ID, up.Good); err != nil {
		return err
	}
	if up, err = h.awaitImport(ctx, up.ID, "importing"); err != nil {
		return err
	}
	took := time.Since(began)
	if up.State != importer.Done {
		return fmt.Errorf("%s: %s", path, up.State)
	}
	fmt.Printf("%-5s %9d rows, %6.1f MB: stored %.1f s, checked %.1f s, imported %.1f s = %.0f rows/s in all (import alone %.0f rows/s); memory %d → %d MB at its peak\n",
		strings.TrimPrefix(filepath.Ext(path), "."), up.Good, float64(info.Size())/1e6, taken.Seconds(), (checked - taken).Seconds(), (took - checked).Seconds(),
		float64(up.Good)/took.Seconds(), float64(up.Good)/(took-checked).Seconds(), before, peakMB())
	return nil
}

// write writes a sheet of sales that end the day before last: every SKU at every site, day by day back, until the rows are full.
func (c *BenchImportCmd) write(path string, world *demo.World, last calendar.Day) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	say := func(zh, en string) catalog.Name { return catalog.Name{ZH: zh, EN: en} }
	table := sheet.Table{Name: "销量", Language: "zh", Columns: []sheet.Column{
		{ID: "sku", Title: say("SKU", "SKU"), Kind: sheet.Code}, {ID: "site", Title: say("仓", "Site"), Kind: sheet.Code}, {ID: "day", Title: say("日期", "Day"), Kind: sheet.Day},
		{ID: "pieces", Title: say("销量", "Pieces"), Kind: sheet.Pieces}, {ID: "price", Title: say("单价", "Price"), Kind: sheet.Money},
		{ID: "promotion", Title: say("促销力度", "Promotion"), Kind: sheet.Percent}, {ID: "sold_out", Title: say("售罄", "Sold out"), Kind: sheet.Bool}}}
	buffered := bufio.NewWriterSize(f, 1<<20)
	var out sheet.Writer
	book := sheet.NewWorkbook(filepath.Dir(path))
	if strings.HasSuffix(path, ".csv") {
		out, err = sheet.NewCSV(buffered, table)
	} else {
		out, err = book.Add(table)
	}
	if err != nil {
		return err
	}
	n := 0
fill:
	for day := last.AddDays(-1); ; day-- {
		for _, site := range world.Sites {
			for i, sku := range world.SKUs {
				if n == c.Rows {
					break fill
				}
				n++
				if err := out.Row(sku.Code, site.Code, day, quantity.Pieces(1+(i+int(day))%40), money.Fen(990+i), 10*(i%3), i%50 == 0); err != nil {
					return err
				}
			}
		}
	}
	if strings.HasSuffix(path, ".csv") {
		if err := out.Close(); err != nil {
			return err
		}
		return buffered.Flush()
	}
	if _, err := book.WriteTo(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

// resetPeak begins the measure of the process's peak memory anew, where the system can (Linux).
func resetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMB gives the peak resident memory of this process in MB since resetPeak, 0 where the system does not tell.
func peakMB() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kb int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}
