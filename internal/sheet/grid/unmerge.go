package grid

import (
	"bytes"
	"slices"
)

// Unmerge gives the rows of a source with merged cells expanded downward: a cell that a merge covers from above carries
// the value of the merge's top left cell, and From says where it stands. Ranges are expanded down, never to the right:
// a title over five columns is not five values. merges must be sorted by Top.
func Unmerge(s Source, merges []Merge) Source {
	merges = slices.DeleteFunc(slices.Clone(merges), func(m Merge) bool { return m.Bottom == m.Top })
	if len(merges) == 0 {
		return s
	}
	return &unmerged{Source: s, merges: merges}
}

type unmerged struct {
	Source
	merges []Merge
	open   []carried
}

// carried is a merge that reaches below the current row, with its value.
type carried struct {
	bottom int
	cell   Cell
}

func (u *unmerged) Next(row *Row) error {
	if err := u.Source.Next(row); err != nil {
		return err
	}
	own := len(row.Cells)
	kept := u.open[:0]
	for _, c := range u.open {
		if c.bottom < row.Number {
			continue
		}
		if find(row.Cells[:own], c.cell.Col) < 0 {
			row.Cells = append(row.Cells, c.cell)
		}
		kept = append(kept, c)
	}
	clear(u.open[len(kept):])
	u.open = kept
	u.start(row, own)
	if len(row.Cells) > own {
		slices.SortFunc(row.Cells, func(a, b Cell) int { return a.Col - b.Col })
	}
	return nil
}

// start takes up the merges whose top row this is.
func (u *unmerged) start(row *Row, own int) {
	for len(u.merges) > 0 && int(u.merges[0].Top) <= row.Number {
		m := u.merges[0]
		u.merges = u.merges[1:]
		i := find(row.Cells[:own], int(m.Left))
		if i < 0 || int(m.Top) < row.Number {
			continue // nothing in its corner
		}
		cell := row.Cells[i]
		cell.Text = bytes.Clone(cell.Text)
		cell.From = row.Number
		// Ranges must not overlap; where they do the later one counts, so that no more are open than there are columns.
		u.open = slices.DeleteFunc(u.open, func(c carried) bool { return c.cell.Col == cell.Col })
		u.open = append(u.open, carried{int(m.Bottom), cell})
	}
}

// At finds the cell of a column, nil if it is blank.
func (r *Row) At(col int) *Cell {
	if i := find(r.Cells, col); i >= 0 {
		return &r.Cells[i]
	}
	return nil
}

// find gives the index of a column's cell, -1 if it is blank. Most rows are dense: the cell is where it would be
// without gaps, or a little before.
func find(cells []Cell, col int) int {
	for i := min(col, len(cells)-1); i >= 0 && cells[i].Col >= col; i-- {
		if cells[i].Col == col {
			return i
		}
	}
	return -1
}

// Blank tells whether the row has no cell of its own.
func (r *Row) Blank() bool {
	for i := range r.Cells {
		if r.Cells[i].From == 0 {
			return false
		}
	}
	return true
}
