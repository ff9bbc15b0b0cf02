package importer

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"milkrun/internal/sheet"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

// batchRows is how many rows are looked up at once.
const batchRows = 1000

var errEnough = errors.New("importer: no more rows wanted")

// Entry is a row that has been read, apart from its file.
type Entry struct {
	Number int
	// Skip says why the row holds no data; nil for a row with data.
	Skip *sheet.Skip

	layout   *sheet.Layout
	done     float64
	problems []sheet.Remark
	mended   []sheet.Remark
	cells    []string
}

// Line is a row with its record.
type Line[T any] struct {
	Entry
	Value T
}

// OK tells whether nothing is wrong with the row so far.
func (e *Entry) OK() bool { return len(e.problems) == 0 }

// Fail reports a problem with the cell of the column id, where raw stands; with the row where id is empty.
func (e *Entry) Fail(id, raw string, n notice.Note) {
	e.problems = append(e.problems, e.remark(id, raw, n))
}

// Mend reports that the cell of the column id, where raw stands, was read in another form.
func (e *Entry) Mend(id, raw string, n notice.Note) {
	if !slices.ContainsFunc(e.mended, func(m sheet.Remark) bool { return m.Column == id && m.Note.Reason == n.Reason }) {
		e.mended = append(e.mended, e.remark(id, raw, n))
	}
}

func (e *Entry) remark(id, raw string, n notice.Note) sheet.Remark {
	m := sheet.Remark{Row: e.Number, Column: id, Col: -1, Raw: cell.Shown(raw), Note: n}
	for i := range e.layout.Found {
		if f := &e.layout.Found[i]; f.Column.ID == id {
			m.Col, m.Header = f.At, cell.Shown(f.Header)
		}
	}
	return m
}

// result tells how the row fared.
func (e *Entry) result() sheet.Result {
	switch {
	case e.Skip != nil:
		return sheet.Result{Row: e.Number, Status: sheet.Skipped, Skip: e.Skip.Why}
	case len(e.problems) > 0:
		return sheet.Result{Row: e.Number, Status: sheet.Bad, Remarks: e.problems}
	case len(e.mended) > 0:
		return sheet.Result{Row: e.Number, Status: sheet.Mended, Remarks: e.mended}
	default:
		return sheet.Result{Row: e.Number, Status: sheet.Good}
	}
}

// batches reads the file once and deals its rows out in batches, looked up. capture keeps what stands in the cells. The
// lines are used again for the next batch.
func batches[T any](ctx context.Context, s Scope, open func(context.Context, Scope) (Reader[T], error), capture bool, deal func([]*Line[T]) error) error {
	reader, err := open(ctx, s)
	if err != nil {
		return err
	}
	store := make([]Line[T], batchRows)
	lines, data := make([]*Line[T], 0, batchRows), make([]*Line[T], 0, batchRows)
	flush := func() error {
		if len(data) > 0 {
			if err := reader.Settle(ctx, data); err != nil {
				return err
			}
		}
		err := deal(lines)
		lines, data = lines[:0], data[:0]
		return err
	}
	for row, err := range s.Layout.All(ctx) {
		if err != nil {
			return err
		}
		l := &store[len(lines)]
		*l = Line[T]{Entry: Entry{Number: row.Number, Skip: row.Skip, layout: s.Layout, done: row.Done()}}
		if capture {
			l.cells = cellsOf(row, s.Layout)
		}
		if row.Skip == nil {
			l.Value = reader.Read(row)
			l.problems, l.mended = slices.Clone(row.Problems()), slices.Clone(row.Mended())
			data = append(data, l)
		} else {
			skip := *row.Skip
			l.Skip = &skip
		}
		if lines = append(lines, l); len(lines) == batchRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// cellsOf gives what stands in the wanted columns, in the order of the file.
func cellsOf(row *sheet.Row, l *sheet.Layout) []string {
	if row.Skip != nil && row.Skip.Why == sheet.Blank {
		return nil
	}
	out := make([]string, len(l.Found))
	for i := range l.Found {
		out[i] = row.Raw(l.Found[i].Column.ID)
	}
	return out
}

func fmtKey(id int64, epoch, n int) []byte {
	b := strconv.AppendInt(nil, id, 10)
	b = strconv.AppendInt(append(b, '/'), int64(epoch), 10)
	return strconv.AppendInt(append(b, '/'), int64(n), 10)
}
