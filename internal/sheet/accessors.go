package sheet

import (
	"slices"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/notice"
)

// read does what all accessors have in common. ok is false when the column is not in the file, the cell is empty (a problem
// if it is required) or its content is refused (a problem).
func read[T any](r *Row, id string, parse func(cell.Value, *Column) (T, cell.Outcome)) (value T, ok bool) {
	c, f := r.cell(id)
	if f == nil || c == nil || r.absent(c, f) {
		r.missing(id)
		return value, false
	}
	if c.From > 0 && f.Column.Kind.additive() {
		r.Fail(id, cell.MergedNumber.With(c.From))
		return value, false
	}
	v, o := parse(r.value(c, f), f.Column)
	if !o.OK() {
		r.Fail(id, o.Fault)
		return value, false
	}
	switch {
	case !o.Mend.IsZero():
		r.Mend(id, o.Mend)
	case c.From > 0:
		r.Mend(id, cell.Merged.With(c.From))
	}
	return v, true
}

// missing reports an empty cell that must be filled, at the column or at the one that stands in for it.
func (r *Row) missing(id string) {
	c := r.layout.column(id)
	if !c.Required || c.BlankOK {
		return
	}
	if c.Or == "" {
		r.Fail(id, Missing.With(c.Title))
		return
	}
	if r.Has(c.Or) {
		return
	}
	if r.layout.index(id) < 0 {
		id = c.Or
	}
	r.Fail(id, Missing.With(r.layout.column(id).Title))
}

// Pieces reads a quantity. Cartons are turned into pieces by the column that Column.Carton names.
func (r *Row) Pieces(id string) (quantity.Pieces, bool) { return r.PiecesPer(id, 0) }

// PiecesPer is Pieces with the pieces per carton that the caller knows, which serves where the row does not say.
func (r *Row) PiecesPer(id string, perCarton quantity.Pieces) (quantity.Pieces, bool) {
	return read(r, id, func(v cell.Value, c *Column) (quantity.Pieces, cell.Outcome) {
		if c.Carton != "" {
			if own, f := r.cell(c.Carton); own != nil && own.From == 0 {
				if n, o := cell.Pieces(r.value(own, f), 0, false); o.OK() && n > 0 {
					perCarton = n
				}
			}
		}
		return cell.Pieces(v, perCarton, c.Signed)
	})
}

// Fen reads an amount of money.
func (r *Row) Fen(id string) (money.Fen, bool) {
	return read(r, id, func(v cell.Value, c *Column) (money.Fen, cell.Outcome) { return cell.Fen(v, c.Signed) })
}

// Percent reads a share in hundredths of a percent: 13% is 1300.
func (r *Row) Percent(id string) (int64, bool) {
	return read(r, id, func(v cell.Value, c *Column) (int64, cell.Outcome) {
		n, o := cell.Percent(v)
		if o.OK() && n < 0 && !c.Signed {
			o = cell.Outcome{Fault: cell.Negative.With(string(v.Text))}
		}
		return n, o
	})
}

// Float reads a number as it is.
func (r *Row) Float(id string) (float64, bool) {
	return read(r, id, func(v cell.Value, c *Column) (float64, cell.Outcome) {
		f, o := cell.Float(v)
		if o.OK() && f < 0 && !c.Signed {
			o = cell.Outcome{Fault: cell.Negative.With(string(v.Text))}
		}
		return f, o
	})
}

// Measure reads a weight, length or volume in the base unit of the scale.
func (r *Row) Measure(id string, s cell.Scale) (int64, bool) {
	return read(r, id, func(v cell.Value, c *Column) (int64, cell.Outcome) { return cell.Measure(v, s, c.Unit) })
}

// Day reads a date.
func (r *Row) Day(id string) (calendar.Day, bool) {
	return read(r, id, func(v cell.Value, _ *Column) (calendar.Day, cell.Outcome) { return cell.Day(v) })
}

// Week reads a week and gives its Monday.
func (r *Row) Week(id string) (calendar.Day, bool) {
	return read(r, id, func(v cell.Value, _ *Column) (calendar.Day, cell.Outcome) { return cell.Week(v) })
}

// Moment reads a date with a time of day in the zone loc.
func (r *Row) Moment(id string, loc *time.Location) (time.Time, bool) {
	return read(r, id, func(v cell.Value, _ *Column) (time.Time, cell.Outcome) { return cell.Moment(v, loc) })
}

// Bool reads yes or no.
func (r *Row) Bool(id string) (value, ok bool) {
	return read(r, id, func(v cell.Value, _ *Column) (bool, cell.Outcome) { return cell.Bool(v) })
}

// Code reads an identifier.
func (r *Row) Code(id string) (string, bool) {
	return read(r, id, func(v cell.Value, _ *Column) (string, cell.Outcome) { return cell.Code(v) })
}

// GTIN reads a barcode number and proves its check digit.
func (r *Row) GTIN(id string) (string, bool) {
	return read(r, id, func(v cell.Value, _ *Column) (string, cell.Outcome) { return cell.GTIN(v) })
}

// Text reads a text.
func (r *Row) Text(id string) (string, bool) {
	return read(r, id, func(v cell.Value, c *Column) (string, cell.Outcome) { return cell.Text(v, c.max()) })
}

// Fail reports a problem with a cell, or with the row where id is empty. The same is reported once.
func (r *Row) Fail(id string, n notice.Note) { r.problems = r.remark(r.problems, id, n) }

// Mend reports that a cell was read in another form.
func (r *Row) Mend(id string, n notice.Note) { r.mended = r.remark(r.mended, id, n) }

func (r *Row) remark(list []Remark, id string, n notice.Note) []Remark {
	if slices.ContainsFunc(list, func(x Remark) bool { return x.Column == id && x.Note.Reason == n.Reason }) {
		return list
	}
	m := Remark{Row: r.Number, Column: id, Col: -1, Note: n}
	if id != "" {
		if c, f := r.cell(id); f != nil {
			m.Col, m.Header = f.At, cell.Shown(f.Header)
			if c != nil {
				m.Raw = r.shown(c, f)
			}
		}
	}
	return append(list, m)
}

// Cells gives every cell of the row that is not empty, mapped or not, in the order of the file: its place and what the
// user sees in it.
func (r *Row) Cells() []Heading {
	out := make([]Heading, 0, len(r.raw.Cells))
	for i := range r.raw.Cells {
		c := &r.raw.Cells[i]
		out = append(out, Heading{c.Col, r.shown(c, &Found{})})
	}
	return out
}
