package sheet

import (
	"errors"
	"io"

	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/grid"
)

// Settings of the search for the order of dates. A column whose first plainCells cells put no year last is not searched
// further.
const (
	orderRows  = 20_000
	plainCells = 200
)

// dateOrders finds, for each column of dates, whether 02/11/2026 means the second of November or the eleventh of February:
// the dates of the column that have one reading only (25/11/2026) show it. A column that shows both orders, or none, has
// none, and its dates with two readings are refused. Every pass over a file finds the same.
func (l *Layout) dateOrders() (map[int]cell.DateOrder, error) {
	watched := map[int]*orderWatch{}
	for _, f := range l.Found {
		switch f.Column.Kind {
		case Day, Moment, Week:
			watched[f.At] = &orderWatch{}
		}
	}
	if len(watched) == 0 {
		return nil, nil
	}
	src, err := l.file.source(l.sheet)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var row grid.Row
	for n := 0; n < orderRows; n++ {
		if err := src.Next(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if row.Number <= l.HeaderLast {
			continue
		}
		going := false
		for at, w := range watched {
			if c := row.At(at); c != nil && w.searching() {
				w.see(cell.Value{Cell: c})
			}
			going = going || w.searching()
		}
		if !going {
			break
		}
	}
	out := map[int]cell.DateOrder{}
	for at, w := range watched {
		out[at] = w.order()
	}
	return out, nil
}

// orderWatch is what a column has shown so far.
type orderWatch struct {
	plain, yearLast, dayFirst, monthFirst int
}

func (w *orderWatch) see(v cell.Value) {
	order, yearLast := cell.OrderOf(v)
	switch {
	case order == cell.DayFirst:
		w.dayFirst++
	case order == cell.MonthFirst:
		w.monthFirst++
	case yearLast:
		w.yearLast++
	default:
		w.plain++
	}
}

// searching tells whether more rows may change what is known: one that shows the other order would.
func (w *orderWatch) searching() bool {
	both := w.dayFirst > 0 && w.monthFirst > 0
	return !both && (w.plain < plainCells || w.dayFirst+w.monthFirst+w.yearLast > 0)
}

func (w *orderWatch) order() cell.DateOrder {
	switch {
	case w.dayFirst > 0 && w.monthFirst == 0:
		return cell.DayFirst
	case w.monthFirst > 0 && w.dayFirst == 0:
		return cell.MonthFirst
	}
	return cell.OrderUnknown
}
