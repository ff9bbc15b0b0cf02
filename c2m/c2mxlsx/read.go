package c2mxlsx

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// limits of a supplier's workbook: 16 MiB, 20,000 rows, 256 columns.
var limits = grid.Limits{FileBytes: 16 << 20, PartBytes: 256 << 20, Rows: 20_000, Columns: 256}

// Problem is one thing wrong with a sheet that came in, where it stands and what to do.
type Problem struct {
	Sheet  string
	Row    int    // as a person counts; 0 for the whole file
	Cell   string // "E5", empty for the whole row or file
	Header string // of the column
	Value  string // what stands in the cell
	Reason catalog.Name
	Remedy catalog.Name
}

// Refused gives the problem that a file that cannot be read at all has; false when err is another error.
func Refused(err error) (Problem, bool) {
	r := notice.As(err)
	if r == nil {
		return Problem{}, false
	}
	return Problem{Reason: both(r.Text("zh"), r.Text("en")), Remedy: both(r.Fix("zh"), r.Fix("en"))}, true
}

// upload is a sheet that came in, read row by row, with what was found in each.
type upload struct {
	file    *sheet.File
	layout  *sheet.Layout
	results []sheet.Result // of every row below the header
	rows    []rowPlace     // of the rows with data, by the index that the caller sees
	fields  map[string]string
	idle    *notice.Reason // what is said of a row in which nothing was filled in
	whole   []Problem      // problems of the whole document
}

// rowPlace says where a row stands and what its cells hold.
type rowPlace struct {
	result int // index in results
	cells  map[string]sheet.Remark
}

// open reads a file and finds the columns. A *notice.Refusal (see Refused) for one that cannot be read.
func open(content []byte, columns []sheet.Column, fields map[string]string, idle *notice.Reason) (*upload, error) {
	f, err := sheet.OpenReader(bytes.NewReader(content), int64(len(content)), sheet.Options{Limits: limits})
	if err != nil {
		return nil, err
	}
	l, err := f.Match(columns)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &upload{file: f, layout: l, fields: fields, idle: idle}, nil
}

// Close releases the file.
func (u *upload) Close() error { return u.file.Close() }

// read goes through the rows; take tells whether something was filled in.
func (u *upload) read(ctx context.Context, take func(*sheet.Row) bool) error {
	for r, err := range u.layout.All(ctx) {
		if err != nil {
			return err
		}
		if r.Skip == nil && take(r) {
			u.rows = append(u.rows, rowPlace{len(u.results), u.cells(r)})
		} else if r.Skip == nil && r.OK() {
			u.results = append(u.results, sheet.Result{Row: r.Number, Status: sheet.Skipped, Remarks: []sheet.Remark{{Row: r.Number, Col: -1, Note: u.idle.With()}}})
			continue
		}
		res := r.Result()
		res.Remarks = slices.Clone(res.Remarks)
		u.results = append(u.results, res)
	}
	return nil
}

// cells keeps where the row's cells stand, so that problems found later can point at them.
func (u *upload) cells(r *sheet.Row) map[string]sheet.Remark {
	cells := map[string]sheet.Remark{}
	for _, f := range u.layout.Found {
		cells[f.Column.ID] = sheet.Remark{Row: r.Number, Column: f.Column.ID, Col: f.At, Header: f.Header, Raw: r.Raw(f.Column.ID)}
	}
	return cells
}

// Rows counts the rows that hold something.
func (u *upload) Rows() int { return len(u.rows) }

// Sheet is the name of the worksheet that was read, empty for a CSV.
func (u *upload) Sheet() string { return u.layout.Sheet }

// Fail notes a problem that a rule found: p.Row is the index of the row, -1 for the whole document.
func (u *upload) Fail(p c2m.Problem) {
	if p.Row < 0 || p.Row >= len(u.rows) {
		u.whole = append(u.whole, Problem{Sheet: u.layout.Sheet, Reason: p.Reason, Remedy: p.Remedy})
		return
	}
	place := u.rows[p.Row]
	res := &u.results[place.result]
	remark, ok := place.cells[u.fields[p.Field]]
	if !ok {
		remark = sheet.Remark{Row: res.Row, Col: -1}
	}
	if remark.Col >= 0 && slices.ContainsFunc(res.Remarks, func(m sheet.Remark) bool { return res.Status == sheet.Bad && m.Col == remark.Col }) {
		return // the cell itself could not be read: what a rule makes of it says nothing new
	}
	remark.Note = (&notice.Reason{Code: "c2m." + p.Field, ZH: p.Reason.ZH, EN: p.Reason.EN, FixZH: p.Remedy.ZH, FixEN: p.Remedy.EN}).With()
	if res.Status != sheet.Bad { // what was mended no longer matters
		res.Status, res.Remarks = sheet.Bad, nil
	}
	res.Remarks = append(res.Remarks, remark)
}

// OK tells whether nothing is wrong with the row of an index up to now.
func (u *upload) OK(row int) bool { return u.results[u.rows[row].result].Status != sheet.Bad }

// Problems lists everything wrong, by row.
func (u *upload) Problems() []Problem {
	ps := slices.Clone(u.whole)
	for _, r := range u.results {
		if r.Status != sheet.Bad {
			continue
		}
		for _, m := range r.Remarks {
			p := Problem{Sheet: u.layout.Sheet, Row: r.Row, Header: strings.TrimSpace(m.Header), Value: m.Raw,
				Reason: both(m.Note.Text("zh"), m.Note.Text("en")), Remedy: both(m.Note.Fix("zh"), m.Note.Fix("en"))}
			if m.Col >= 0 {
				p.Cell = m.Ref()
			}
			ps = append(ps, p)
		}
	}
	return ps
}

// Annotated gives the file back with a result column in which every row says what became of it.
func (u *upload) Annotated(ctx context.Context, lang string) ([]byte, error) {
	var out bytes.Buffer
	if err := u.layout.WriteResult(ctx, &out, lang, sheet.ResultsOf(u.results)); err != nil {
		return nil, fmt.Errorf("c2mxlsx: write the result column: %w", err)
	}
	return out.Bytes(), nil
}

// MIME is the content type of the file that came in, and of its annotated copy.
func (u *upload) MIME() string {
	if u.file.Format() == sheet.CSV {
		return "text/csv"
	}
	return MIME
}

// AnnotatedName gives the name of the annotated copy: 答复.xlsx becomes 答复_结果.xlsx. The ending follows the content.
func AnnotatedName(name, mime string) string {
	base := name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		base = name[:i]
	}
	if mime == MIME {
		return base + "_结果.xlsx"
	}
	return base + "_结果.csv"
}
