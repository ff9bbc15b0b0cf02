package sheet

import (
	"context"
	"errors"
	"io"
	"iter"

	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/grid"
)

// Rows gives the rows with data below the header, one after the other. The *Row is the same every time and valid until the
// next step. Rows that hold no data are left out; All gives them too.
func (l *Layout) Rows(ctx context.Context) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		for row, err := range l.All(ctx) {
			if err == nil && row.Skip != nil {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// All gives every row below the header: those with data, and those to be skipped, whose Skip says why. Empty rows at the
// end are not given. After an error nothing follows.
func (l *Layout) All(ctx context.Context) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		src, err := l.file.source(l.sheet)
		if err != nil {
			yield(nil, err)
			return
		}
		defer src.Close()
		w := walker{layout: l, src: grid.Unmerge(src, l.merges), next: l.HeaderLast + 1, yield: yield}
		if err := w.walk(ctx); err != nil {
			yield(nil, err)
		}
	}
}

var errStopped = errors.New("sheet: stopped")

// walker goes down the sheet once.
type walker struct {
	layout *Layout
	src    grid.Source
	row    Row
	next   int // the row that should come now
	blank  int // first of the empty rows that are held back, 0 for none
	yield  func(*Row, error) bool
}

func (w *walker) walk(ctx context.Context) error {
	w.row.layout = w.layout
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := w.src.Next(&w.row.raw)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if w.row.raw.Number <= w.layout.HeaderLast {
			continue
		}
		if err := w.step(); errors.Is(err, errStopped) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (w *walker) step() error {
	raw := &w.row.raw
	if raw.Number > w.next && w.blank == 0 {
		w.blank = w.next
	}
	w.next = raw.Number + 1
	if raw.Blank() {
		if w.blank == 0 {
			w.blank = raw.Number
		}
		return nil
	}
	if w.blank > 0 {
		blank := Row{layout: w.layout, Number: w.blank, Skip: &Skip{Blank, w.blank, raw.Number - 1}}
		w.blank = 0
		if !w.yield(&blank, nil) {
			return errStopped
		}
	}
	w.row.reset(w.src.Done())
	if why := w.layout.classify(raw); why != "" {
		w.row.Skip = &Skip{why, raw.Number, raw.Number}
	} else {
		w.row.extra()
	}
	if !w.yield(&w.row, nil) {
		return errStopped
	}
	return nil
}

// Row is one row of the sheet. Its accessors read a column by its ID; what is wrong with a cell is collected in Problems,
// what was mended in Mended.
type Row struct {
	// Number is the row's number as the user sees it.
	Number int
	// Skip says why the row holds no data; nil for a row with data.
	Skip *Skip

	layout   *Layout
	raw      grid.Row
	done     float64
	problems []Remark
	mended   []Remark
}

func (r *Row) reset(done float64) {
	r.Number, r.Skip, r.done = r.raw.Number, nil, done
	r.problems, r.mended = r.problems[:0], r.mended[:0]
}

// extra reports the fields of a CSV's line beyond the header.
func (r *Row) extra() {
	w := r.layout.width
	if w == 0 || r.raw.Width <= w {
		return
	}
	n := 0
	for _, c := range r.raw.Cells {
		if c.Col >= w {
			n++
		}
	}
	if n > 0 {
		r.Fail("", ExtraCells.With(n))
	}
}

// Done is the share of the sheet that has been read, 0..1.
func (r *Row) Done() float64 { return r.done }

// Problems are the faults found so far, in the order in which they were found.
func (r *Row) Problems() []Remark { return r.problems }

// Mended are the cells that were read in a form other than the written one.
func (r *Row) Mended() []Remark { return r.mended }

// OK tells whether nothing is wrong so far.
func (r *Row) OK() bool { return len(r.problems) == 0 }

// Has tells whether the column is in the file and filled in this row.
func (r *Row) Has(id string) bool {
	c, f := r.cell(id)
	return c != nil && !r.absent(c, f)
}

// Raw gives what stands in the cell, as the user sees it: a day as 2026-11-02.
func (r *Row) Raw(id string) string {
	c, f := r.cell(id)
	if c == nil {
		return ""
	}
	return r.shown(c, f)
}

func (r *Row) shown(c *grid.Cell, f *Found) string {
	v := r.value(c, f)
	switch c.Kind {
	case grid.Bool:
		if string(c.Text) == "1" {
			return "TRUE"
		}
		return "FALSE"
	case grid.Number:
		if s, o := cell.Text(v, 1000); o.OK() {
			return s
		}
	}
	return cell.Shown(c.Text)
}

func (r *Row) cell(id string) (*grid.Cell, *Found) {
	i := r.layout.index(id)
	if i < 0 {
		return nil, nil
	}
	f := &r.layout.Found[i]
	return r.raw.At(f.At), f
}

func (r *Row) value(c *grid.Cell, f *Found) cell.Value {
	return cell.Value{
		Cell: c, Unit: f.Unit, Epoch1904: r.layout.file.book != nil && r.layout.file.book.Epoch1904,
		Order: r.layout.orders[f.At],
	}
}

func (r *Row) absent(c *grid.Cell, f *Found) bool {
	k := f.Column.Kind
	return c.Kind == grid.Text && k != Text && k != Bool && cell.Absent(c.Text, k != Code)
}
