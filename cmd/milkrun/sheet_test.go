package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/e2e"
)

// paper is a worksheet of a workbook as a clerk sees it: columns have headings, rows stand below them.
type paper struct {
	t      *testing.T
	book   *excelize.File
	page   string
	header int            // row of the headings, from 1
	column map[string]int // from 1, by heading
}

// download fetches a file with the cookies of the tab, as its link does.
func download(t *testing.T, p *e2e.Page, base, path string) []byte {
	t.Helper()
	res, err := p.Client(base).Get(base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("download %s: %s %v", path, res.Status, err)
	}
	if d := res.Header.Get("Content-Disposition"); !strings.Contains(d, "attachment") {
		t.Errorf("%s is not sent as a file: %q", path, d)
	}
	return b
}

// unfold opens a worksheet and finds its headings: the first row that holds the one given.
func unfold(t *testing.T, content []byte, page, heading string) *paper {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("not a workbook: %v", err)
	}
	t.Cleanup(func() { book.Close() })
	rows, err := book.GetRows(page)
	if err != nil {
		t.Fatalf("%v; the workbook has %v", err, book.GetSheetList())
	}
	for i, row := range rows {
		if !slices.Contains(row, heading) {
			continue
		}
		s := &paper{t: t, book: book, page: page, header: i + 1, column: map[string]int{}}
		for j, title := range row {
			if _, taken := s.column[title]; !taken && title != "" {
				s.column[title] = j + 1
			}
		}
		return s
	}
	t.Fatalf("no heading %q on %s", heading, page)
	return nil
}

// rowOf finds the row below the headings that has the value in the column.
func (s *paper) rowOf(heading, value string) int {
	s.t.Helper()
	rows, err := s.book.GetRows(s.page)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := s.header; i < len(rows); i++ {
		if c := s.column[heading]; c > 0 && c <= len(rows[i]) && rows[i][c-1] == value {
			return i + 1
		}
	}
	s.t.Fatalf("no row with %s %q on %s", heading, value, s.page)
	return 0
}

func (s *paper) at(row int, heading string) string {
	s.t.Helper()
	c, ok := s.column[heading]
	if !ok {
		s.t.Fatalf("%s has no column %q", s.page, heading)
	}
	name, err := excelize.CoordinatesToCellName(c, row)
	if err != nil {
		s.t.Fatal(err)
	}
	return name
}

func (s *paper) get(row int, heading string) string {
	s.t.Helper()
	v, err := s.book.GetCellValue(s.page, s.at(row, heading), excelize.Options{RawCellValue: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

func (s *paper) set(row int, heading string, value any) {
	s.t.Helper()
	if err := s.book.SetCellValue(s.page, s.at(row, heading), value); err != nil {
		s.t.Fatal(err)
	}
}

// locked tells whether a cell cannot be changed while the sheet is protected.
func (s *paper) locked(row int, heading string) bool {
	s.t.Helper()
	id, err := s.book.GetCellStyle(s.page, s.at(row, heading))
	if err != nil {
		s.t.Fatal(err)
	}
	style, err := s.book.GetStyle(id)
	if err != nil {
		s.t.Fatal(err)
	}
	return style.Protection == nil || style.Protection.Locked
}

// save writes the workbook into a file of that name.
func (s *paper) save(name string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	f, err := os.Create(path)
	if err == nil {
		err = s.book.Write(f)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// marked tells whether a cell of a row has a background of its own.
func marked(t *testing.T, book *excelize.File, page string, row int) bool {
	t.Helper()
	for c := 1; c <= 60; c++ {
		name, err := excelize.CoordinatesToCellName(c, row)
		if err != nil {
			t.Fatal(err)
		}
		id, err := book.GetCellStyle(page, name)
		if err != nil {
			t.Fatal(err)
		}
		style, err := book.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		if style.Fill.Pattern == 1 && len(style.Fill.Color) > 0 {
			return true
		}
	}
	return false
}
