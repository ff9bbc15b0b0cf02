package xlsx

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"milkrun/internal/sheet/grid"
)

// What excelize writes is read back as excelize reads it.
func TestLikeExcelize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := excelize.NewFile()
		defer f.Close()
		cells := rapid.IntRange(0, 40).Draw(t, "cells")
		for range cells {
			ref := grid.Ref(rapid.IntRange(1, 12).Draw(t, "row"), rapid.IntRange(0, 30).Draw(t, "col"))
			var v any
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				v = rapid.StringMatching(`[ -~货号，\n"<&_x0-9]{0,12}`).Draw(t, "text")
			case 1:
				v = rapid.Int64Range(-1e14, 1e14).Draw(t, "int")
			case 2:
				v = rapid.Float64Range(-1e6, 1e6).Draw(t, "float")
			case 3:
				v = rapid.Bool().Draw(t, "bool")
			}
			if err := f.SetCellValue("Sheet1", ref, v); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		compare(t, b.Bytes())
	})
}

// compare reads a workbook with both readers.
func compare(t interface{ Fatalf(string, ...any) }, data []byte) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatalf("excelize: %v", err)
	}
	defer f.Close()
	w, err := open(data, grid.Limits{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer w.Close()
	for i, name := range f.GetSheetList() {
		if w.Sheets[i].Name != name {
			t.Fatalf("sheet %d is %q, excelize says %q", i, w.Sheets[i].Name, name)
		}
		want := map[string]string{}
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatalf("excelize: %v", err)
		}
		for r, row := range rows {
			for c, v := range row {
				if strings.TrimSpace(v) != "" {
					want[grid.Ref(r+1, c)] = v
				}
			}
		}
		for ref, got := range cellsOf(t, w, i) {
			if !same(got, want[ref]) {
				t.Fatalf("%s = %q, excelize says %q", ref, got, want[ref])
			}
			delete(want, ref)
		}
		if len(want) > 0 {
			t.Fatalf("not read: %q", want)
		}
	}
}

func same(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && x == y
}

func cellsOf(t interface{ Fatalf(string, ...any) }, w *Workbook, sheet int) map[string]string {
	rows, err := w.Rows(w.Sheets[sheet])
	if err != nil {
		t.Fatalf("rows: %v", err)
	}
	defer rows.Close()
	out := map[string]string{}
	var row grid.Row
	for {
		if err := rows.Next(&row); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatalf("next: %v", err)
		}
		for _, c := range row.Cells {
			out[grid.Ref(row.Number, c.Col)] = string(c.Text)
		}
	}
}

// Strings beyond the bound go to a file and come back the same, in any order.
func TestSharedStringsSpill(t *testing.T) {
	const n = 5000
	var items, cells strings.Builder
	text := func(i int) string { return fmt.Sprintf("第 %d 个 %s", i, strings.Repeat("x", i%200)) }
	for i := range n {
		fmt.Fprintf(&items, "<si><t>%s</t></si>", text(i))
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i * 2477 % n // 2477 and 5000 have no common divisor
		fmt.Fprintf(&cells, `<row><c t="s"><v>%d</v></c></row>`, order[i])
	}
	dir := t.TempDir()
	data := workbook(cells.String()).shared(items.String()).zip(t)
	for _, memory := range []int64{1, 40 << 10, 1 << 20} {
		w, err := Open(bytes.NewReader(data), int64(len(data)), Options{Limits: grid.Limits{MemoryBytes: memory}, TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if spilled := w.strings.file != nil; spilled != (memory < 1<<20) || w.strings.held > memory {
			t.Errorf("%d bytes allowed: %d held, spilled %v", memory, w.strings.held, spilled)
		}
		got := cellsOf(t, w, 0)
		for i, s := range order {
			if got[grid.Ref(i+1, 0)] != text(s) {
				t.Fatalf("row %d: %q, want %q", i+1, got[grid.Ref(i+1, 0)], text(s))
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1" hidden="1"><c r="A1" s="1" t="s"><v>0</v></c><c><f>1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:A3"/></mergeCells></worksheet>`)
	f.Add(`<?xml version="1.0" encoding="GBK"?><x:worksheet><x:sheetData/></x:worksheet>`)
	f.Add(`<worksheet><sheetData><row><c t="inlineStr"><is><r><t><![CDATA[a]]>&amp;_x000D_</t></r></is></c></row></sheetData>`)
	f.Add("\xff\xfe<\x00a\x00>\x00")
	f.Fuzz(func(t *testing.T, sheet string) {
		p := workbook("").shared(`<si><t>a</t></si>`).styled("yyyy", "0%")
		p["xl/worksheets/sheet1.xml"] = sheet
		check(t, p.zip(t))
	})
}

func FuzzParts(f *testing.F) {
	p := workbook(`<row><c t="s" s="1"><v>0</v></c></row>`).shared(`<si><t>a</t></si>`).styled("yyyy", "0%")
	f.Add(p["xl/workbook.xml"], p["xl/_rels/workbook.xml.rels"], p["xl/styles.xml"], p["xl/sharedStrings.xml"])
	f.Fuzz(func(t *testing.T, book, rels, styles, strings string) {
		check(t, p.with(parts{"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels, "xl/styles.xml": styles, "xl/sharedStrings.xml": strings}).zip(t))
	})
}

func FuzzZip(f *testing.F) {
	f.Add(workbook(`<row><c><v>1</v></c></row>`).zip(f))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}
