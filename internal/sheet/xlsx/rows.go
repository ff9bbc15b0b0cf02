package xlsx

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

var errOrder = errors.New("xlsx: rows or cells out of order")

// Rows reads one sheet row by row. It is a grid.Source.
type Rows struct {
	*part
	styles  styles
	strings *stringReader
	limits  grid.Limits

	number int // of the row last read
	inside bool
	done   bool
	arena  []byte
	attrs  cellAttrs
}

// Rows opens the sheet for reading.
func (w *Workbook) Rows(s Sheet) (*Rows, error) {
	p, err := w.zip.scan(s.part)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notice.Refuse(notice.FileDamaged, nil)
	}
	return &Rows{part: p, styles: w.styles, strings: w.strings.reader(), limits: w.limits}, nil
}

// Done is the share of the sheet that has been read.
func (r *Rows) Done() float64 {
	if r.done || r.size <= 0 {
		return 1
	}
	return min(1, float64(r.in.out.Load())/float64(r.size))
}

// Next fills row with the next row of the sheet that stands in the file; numbers may leap over empty rows.
func (r *Rows) Next(row *grid.Row) error {
	for !r.done {
		if err := r.next(); err == io.EOF {
			r.done = true
			if !r.inside {
				return xmlFault(errXML)
			}
			break
		} else if err != nil {
			return r.fault(err)
		}
		switch {
		case r.is(startTag, "sheetData"):
			r.inside = true
		case r.is(endTag, "sheetData"):
			r.done = true
		case r.inside && r.is(startTag, "row"):
			return r.fault(r.row(row))
		}
	}
	return io.EOF
}

func (r *Rows) fault(err error) error {
	if errors.Is(err, errLong) {
		return notice.Refuse(notice.CellTooLong, err, r.number, r.limits.CellBytes)
	}
	return xmlFault(err)
}

func (r *Rows) row(row *grid.Row) error {
	row.Number, row.Hidden, row.Width, row.Cells = r.number+1, false, 0, row.Cells[:0]
	for rest := r.part.attrs; ; {
		name, value, more, ok := nextAttr(rest)
		if !ok {
			break
		}
		switch rest = more; string(name) {
		case "r":
			n, err := strconv.Atoi(string(value))
			if err != nil || n <= r.number {
				return errOrder
			}
			row.Number = n
		case "hidden":
			row.Hidden = string(value) == "1" || string(value) == "true"
		}
	}
	if r.number = row.Number; r.number > r.limits.Rows || r.number > 1<<20 {
		return notice.Refuse(notice.TooManyRows, nil, min(r.limits.Rows, 1<<20))
	}
	r.arena = r.arena[:0]
	return r.cells(row)
}

// cells reads up to the end of the row.
func (r *Rows) cells(row *grid.Row) error {
	col, sorted := -1, true
	for {
		if err := r.inner(); err != nil {
			return err
		}
		if r.is(endTag, "row") {
			break
		}
		if !r.is(startTag, "c") {
			continue
		}
		if err := r.attrs.read(r.part.attrs); err != nil {
			return err
		}
		if r.attrs.col < 0 {
			r.attrs.col = col + 1
		}
		sorted = sorted && r.attrs.col > col
		cell := grid.Cell{Col: r.attrs.col}
		col = cell.Col
		if err := r.cell(&cell); err != nil {
			return err
		}
		if cell.Kind == grid.Blank {
			continue
		}
		if cell.Col >= r.limits.Columns {
			return notice.Refuse(notice.TooManyColumns, nil, r.limits.Columns, row.Number)
		}
		row.Cells = append(row.Cells, cell)
	}
	if sorted {
		return nil
	}
	slices.SortFunc(row.Cells, func(a, b grid.Cell) int { return a.Col - b.Col })
	for i := 1; i < len(row.Cells); i++ {
		if row.Cells[i].Col == row.Cells[i-1].Col {
			return errOrder
		}
	}
	return nil
}

// inner is next within an element, where the input must not end.
func (r *Rows) inner() error {
	err := r.next()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// cellAttrs are the attributes of a cell that matter.
type cellAttrs struct {
	col   int // -1 without a reference
	style int
	kind  byte // first letter of the type that tells it from the others; n for none
}

func (a *cellAttrs) read(attrs []byte) error {
	*a = cellAttrs{col: -1, kind: 'n'}
	for rest := attrs; ; {
		name, value, more, ok := nextAttr(rest)
		if !ok {
			return nil
		}
		rest = more
		if len(name) != 1 {
			continue
		}
		switch name[0] {
		case 'r':
			_, col, ok := grid.ParseRef(value)
			if !ok {
				return errOrder
			}
			a.col = col
		case 's':
			for _, d := range value {
				if d < '0' || d > '9' || a.style > 1<<20 {
					return errXML
				}
				a.style = a.style*10 + int(d-'0')
			}
		case 't':
			switch string(value) {
			case "s", "b", "e", "d", "n":
				a.kind = value[0]
			case "str":
				a.kind = 'f'
			case "inlineStr":
				a.kind = 'i'
			}
		}
	}
}

// cell reads up to the cell's end and decides what it holds.
func (r *Rows) cell(cell *grid.Cell) error {
	start := len(r.arena)
	formula, valued, inValue := false, false, false
	for {
		if err := r.inner(); err != nil {
			return err
		}
		switch r.kind {
		case startTag:
			switch string(r.name) {
			case "v":
				inValue, valued = true, true
			case "f":
				formula = true
			case "is":
				var err error
				if r.arena, err = richText(r.scanner, r.arena, "is", r.limits.CellBytes); err != nil {
					return err
				}
				valued = true
			}
		case endTag:
			if string(r.name) == "c" {
				return r.decide(cell, r.arena[start:len(r.arena):len(r.arena)], formula, valued)
			}
			inValue = false
		case charData:
			if inValue {
				text, err := r.text()
				if err != nil {
					return err
				}
				if r.arena = append(r.arena, text...); len(r.arena)-start > r.limits.CellBytes {
					return errLong
				}
			}
		}
	}
}

// decide gives the cell its kind from the type attribute, its number format from the style.
func (r *Rows) decide(cell *grid.Cell, text []byte, formula, valued bool) error {
	if len(text) == 0 {
		if formula && !valued {
			cell.Kind = grid.Pending
		}
		return nil
	}
	cell.Text = text
	switch r.attrs.kind {
	case 's':
		i, err := strconv.Atoi(string(bytes.TrimSpace(text)))
		if err != nil {
			return errString
		}
		if cell.Text, err = r.strings.get(i); err != nil {
			return err
		}
		cell.Kind = grid.Text
	case 'f':
		cell.Text = unescapeHex(text, 0)
		cell.Kind = grid.Text
	case 'i':
		cell.Kind = grid.Text
	case 'b':
		cell.Kind = grid.Bool
	case 'e':
		cell.Kind = grid.Failed
	case 'd':
		cell.Kind = grid.Date
	default:
		cell.Kind = grid.Number
		cell.Text = bytes.TrimSpace(text)
		cell.Format = r.styles.of(r.attrs.style)
	}
	if len(bytes.TrimSpace(cell.Text)) == 0 {
		cell.Kind = grid.Blank
	}
	return nil
}
