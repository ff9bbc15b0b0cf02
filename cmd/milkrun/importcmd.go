package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// ImportCmd imports a sheet.
type ImportCmd struct {
	Kind      string `arg:"" help:"products, suppliers, terms, sales, heat, stock, categories, sites, lanes, topics, weights, bins or bundles." enum:"products,suppliers,terms,sales,heat,stock,categories,sites,lanes,topics,weights,bins,bundles"`
	File      string `arg:"" help:"An .xlsx or .csv file." type:"existingfile"`
	Worksheet string `help:"Worksheet to read; the one that fits best by default."`
	GoodRows  bool   `help:"Import the good rows although others are bad; without it, bad rows keep everything out."`
	Check     bool   `help:"Only check; nothing is imported."`
	Result    string `help:"Write the sheet with a result column to this file." placeholder:"FILE"`
	Language  string `help:"Language of the messages." default:"zh" enum:"zh,en"`
}

// importKinds are the kinds of sheet by the words of the command line.
var importKinds = map[string]string{"products": "sku", "suppliers": "supplier", "terms": "term", "sales": "sales", "heat": "heat", "stock": "opening",
	"categories": "category", "sites": "site", "lanes": "lane", "topics": "topic", "weights": "weight", "bins": "bins", "bundles": "bundles"}

// shownProblems bounds how many bad rows are printed; all of them stand in the result file.
const shownProblems = 20

// Run checks the sheet, says what is wrong with it, and imports it. Bad rows make the command fail unless --good-rows is given.
func (c *ImportCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	up, err := c.take(h.asSystem(ctx), h)
	if err != nil {
		return c.say(err)
	}
	began := time.Now()
	if up, err = h.awaitImport(ctx, up.ID, "checking"); err != nil {
		return err
	}
	checked := time.Since(began)
	if err := c.report(h.asSystem(ctx), h, up, checked); err != nil {
		return err
	}
	if c.Check || up.Good == 0 {
		return nil
	}
	if up.Bad > 0 && !c.GoodRows {
		return fmt.Errorf("%d bad rows: nothing was imported; mend them, or import the others with --good-rows", up.Bad)
	}
	began = time.Now()
	if _, err = h.Imports.Commit(h.asSystem(ctx), up.ID, up.Good); err != nil {
		return err
	}
	if up, err = h.awaitImport(ctx, up.ID, "importing"); err != nil {
		return err
	}
	if up.State != importer.Done {
		return fmt.Errorf("not imported: %s", c.words(up.Refusal, up.Fault))
	}
	took := checked + time.Since(began)
	fmt.Printf("Imported %d rows in %.1f s (%.0f rows/s with the check): %d new, %d changed, %d as before.\n", up.Good, took.Seconds(),
		float64(up.Total)/took.Seconds(), up.Outcome.Inserted, up.Outcome.Changed, up.Outcome.Unchanged)
	return nil
}

func (c *ImportCmd) take(ctx context.Context, h *house) (importer.Upload, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return importer.Upload{}, err
	}
	defer f.Close()
	return h.Imports.Take(ctx, importer.Incoming{Kind: importKinds[c.Kind], Name: filepath.Base(c.File), Body: f, Worksheet: c.Worksheet})
}

// report says how the sheet was read and what is wrong with it.
func (c *ImportCmd) report(ctx context.Context, h *house, up importer.Upload, took time.Duration) error {
	if up.State != importer.Checked {
		return fmt.Errorf("not read: %s", c.words(up.Refusal, up.Fault))
	}
	fmt.Printf("%d rows checked in %.1f s: %d good (%d mended), %d bad, %d skipped.\n", up.Total, took.Seconds(), up.Good, up.Mended, up.Bad, up.Skipped)
	rows, err := h.Imports.Rows(ctx, up.ID, sheet.Bad, 0, shownProblems)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for _, p := range r.Problems {
			fmt.Printf("  %-8s %s %q: %s\n", p.Ref(), p.Header, p.Raw, c.words(p.Note, ""))
		}
	}
	if up.Bad > len(rows) {
		fmt.Printf("  … and %d more bad rows; --result FILE gives all of them.\n", up.Bad-len(rows))
	}
	if c.Result == "" {
		return nil
	}
	f, err := os.Create(c.Result)
	if err != nil {
		return err
	}
	return errors.Join(h.Imports.Result(ctx, up.ID, c.Language, f), f.Close())
}

// words says a note with its remedy, or the fault of the house.
func (c *ImportCmd) words(n notice.Note, fault string) string {
	if fault != "" {
		return fault
	}
	return n.Full(c.Language)
}

// say puts a refusal of the file into words.
func (c *ImportCmd) say(err error) error {
	var r *notice.Refusal
	if errors.As(err, &r) {
		return fmt.Errorf("%s", c.words(r.Note, ""))
	}
	return err
}

// awaitImport waits until nothing more happens to an upload by itself.
func (h *house) awaitImport(ctx context.Context, id int64, doing string) (importer.Upload, error) {
	bar := progressbar.NewOptions(1000, progressbar.OptionSetDescription(doing), progressbar.OptionSetWriter(progressTo()), progressbar.OptionClearOnFinish())
	defer func() { _ = bar.Finish() }()
	for {
		up, err := h.Imports.Get(h.asSystem(ctx), id)
		if err != nil || up.State.Settled() {
			return up, err
		}
		_ = bar.Set(int(up.Progress * 1000))
		select {
		case <-ctx.Done():
			return up, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
