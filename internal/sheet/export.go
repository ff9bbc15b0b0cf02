package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

// Table describes a sheet to be written.
type Table struct {
	// Name is the worksheet's name; a CSV has none.
	Name    string
	Columns []Column
	// Language of the header and of yes and no: "zh", "en", or "" for headers in both.
	Language string
	// Notes are lines above the header; a CSV leaves them out.
	Notes []string
	// Zone is the zone in which moments are written; nil for UTC.
	Zone *time.Location
}

// Writer takes the rows of a table one by one. The values of a row stand in the order of the columns: nil and the zero
// string for an empty cell, string, catalog.Name, bool, quantity.Pieces, money.Fen, calendar.Day and *calendar.Day,
// time.Time, integers (a Percent is in hundredths of a percent) and float64. Text is written as text, whatever it begins
// with, and is never taken for a formula.
type Writer interface {
	Row(values ...any) error
	Close() error
}

// header is what the table calls a column.
func (t *Table) header(c *Column) string {
	switch {
	case t.Language != "":
		return c.Title.In(t.Language)
	case c.Title.ZH == "" || c.Title.EN == "" || c.Title.ZH == c.Title.EN:
		return c.Title.In("zh")
	default:
		return c.Title.ZH + " / " + c.Title.EN
	}
}

func (t *Table) yes(b bool) string {
	words := map[bool]string{true: "是", false: "否"}
	if t.Language == "en" {
		words = map[bool]string{true: "Yes", false: "No"}
	}
	return words[b]
}

func (t *Table) moment(v time.Time) time.Time {
	if t.Zone != nil {
		return v.In(t.Zone)
	}
	return v.UTC()
}

// Workbook is an .xlsx being written, sheet by sheet. Rows go to a temporary file once they are many; memory does not
// grow with them.
type Workbook struct {
	f      *excelize.File
	sheets []*tableWriter
	styles map[string]int
}

// NewWorkbook begins an .xlsx. tempDir takes what does not fit in memory; empty for the system's.
func NewWorkbook(tempDir string) *Workbook {
	return &Workbook{f: excelize.NewFile(excelize.Options{TmpDir: tempDir}), styles: map[string]int{}}
}

// Add begins a sheet: its notes, then its header, which stays in view when the rows are scrolled. Close the Writer when
// its rows are done.
func (b *Workbook) Add(t Table) (Writer, error) {
	name := sheetName(t.Name, len(b.sheets)+1)
	var err error
	if len(b.sheets) == 0 {
		err = b.f.SetSheetName("Sheet1", name)
	} else {
		_, err = b.f.NewSheet(name)
	}
	if err != nil {
		return nil, fmt.Errorf("sheet %q: %w", name, err)
	}
	w := &tableWriter{book: b, t: &t, formats: make([]int, len(t.Columns))}
	if w.stream, err = b.f.NewStreamWriter(name); err != nil {
		return nil, err
	}
	b.sheets = append(b.sheets, w)
	return w, w.begin()
}

// WriteTo writes the finished workbook and releases its temporary files.
func (b *Workbook) WriteTo(w io.Writer) (int64, error) {
	for _, s := range b.sheets {
		if err := s.Close(); err != nil {
			return 0, err
		}
	}
	// Left to itself, excelize would put the whole file together in memory first.
	out := &counting{w: w}
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(out) })
	_, err := b.f.WriteToBuffer()
	if cerr := b.f.Close(); err == nil {
		err = cerr
	}
	return out.n, err
}

type counting struct {
	w io.Writer
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Discard releases the temporary files of a workbook that is not to be written.
func (b *Workbook) Discard() error { return b.f.Close() }

// tableWriter writes one sheet of a workbook.
type tableWriter struct {
	book    *Workbook
	t       *Table
	stream  *excelize.StreamWriter
	formats []int
	row     int
	cells   []any
	closed  bool
}

func (w *tableWriter) begin() error {
	for i := range w.t.Columns {
		c := &w.t.Columns[i]
		id, err := w.book.style(c.Kind)
		if err != nil {
			return err
		}
		w.formats[i] = id
		if err := w.stream.SetColWidth(i+1, i+1, c.width(w.t.header(c))); err != nil {
			return err
		}
	}
	head := len(w.t.Notes) + 1
	err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: "A" + strconv.Itoa(head+1), ActivePane: "bottomLeft"})
	if err != nil {
		return err
	}
	note, err := w.book.named("note")
	if err != nil {
		return err
	}
	for _, line := range w.t.Notes {
		if err := w.write([]any{excelize.Cell{StyleID: note, Value: line}}); err != nil {
			return err
		}
	}
	titles := make([]any, len(w.t.Columns))
	for i := range w.t.Columns {
		c := &w.t.Columns[i]
		style, err := w.book.named(headStyle(c))
		if err != nil {
			return err
		}
		titles[i] = excelize.Cell{StyleID: style, Value: w.t.header(c)}
	}
	return w.write(titles)
}

func (w *tableWriter) write(cells []any) error {
	w.row++
	return w.stream.SetRow("A"+strconv.Itoa(w.row), cells)
}

// Row writes one row.
func (w *tableWriter) Row(values ...any) error {
	w.cells = w.cells[:0]
	for i, v := range values {
		kind, style := Text, 0
		if i < len(w.formats) {
			kind, style = w.t.Columns[i].Kind, w.formats[i]
		}
		v = w.t.value(kind, v)
		if v != nil {
			v = excelize.Cell{StyleID: style, Value: v}
		}
		w.cells = append(w.cells, v)
	}
	return w.write(w.cells)
}

// value turns a value into what the cell holds.
func (t *Table) value(kind Kind, value any) any {
	switch v := deref(value).(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return v
	case money.Fen:
		return float64(v) / 100
	case calendar.Day:
		if kind == Week {
			return dayText(kind, v)
		}
		return v.Sub(calendar.Date(1899, time.December, 30))
	case time.Time:
		m := t.moment(v)
		day := calendar.Of(m, m.Location())
		h, minute, s := m.Clock()
		return float64(day.Sub(calendar.Date(1899, time.December, 30))) + float64(h*3600+minute*60+s)/86400
	case float64:
		return v
	default:
		if n, ok := integer(v); ok && kind == Percent {
			return float64(n) / 10000
		} else if ok {
			return n
		}
		s, _ := t.plain(kind, v)
		return s
	}
}

// Close ends the sheet.
func (w *tableWriter) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	return w.stream.Flush()
}
