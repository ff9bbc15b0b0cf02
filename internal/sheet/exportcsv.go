package sheet

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet/delimited"
)

// NewCSV writes a table as CSV: UTF-8 with a byte order mark, so that a spreadsheet reads it rightly; commas. Close does
// not close w.
func NewCSV(w io.Writer, t Table) (Writer, error) {
	out, err := delimited.NewWriter(w, delimited.UTF8BOM, ',')
	if err != nil {
		return nil, err
	}
	c := &csvWriter{out, &t}
	for i := range t.Columns {
		out.Field(t.header(&t.Columns[i]), true)
	}
	return c, out.Line()
}

type csvWriter struct {
	w *delimited.Writer
	t *Table
}

func (c *csvWriter) Row(values ...any) error {
	for i, v := range values {
		kind := Text
		if i < len(c.t.Columns) {
			kind = c.t.Columns[i].Kind
		}
		text, isText := c.t.plain(kind, v)
		c.w.Field(text, isText)
	}
	return c.w.Line()
}

func (c *csvWriter) Close() error { return c.w.Close() }

// plain writes a value as text; isText tells it from numbers and days, which need no guard.
func (t *Table) plain(kind Kind, value any) (s string, isText bool) {
	switch v := deref(value).(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case catalog.Name:
		return v.In(t.Language), true
	case bool:
		return t.yes(v), false
	case money.Fen:
		return v.Yuan(), false
	case calendar.Day:
		return dayText(kind, v), false
	case time.Time:
		return t.moment(v).Format("2006-01-02 15:04"), false
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), false
	default:
		if n, ok := integer(v); ok && kind == Percent {
			return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) + "%", false
		} else if ok {
			return strconv.FormatInt(n, 10), false
		}
		return fmt.Sprint(v), true
	}
}

func dayText(kind Kind, d calendar.Day) string {
	if kind == Week {
		y, w := d.ISOWeek()
		return fmt.Sprintf("%d-W%02d", y, w)
	}
	return d.String()
}

// deref follows the optional values and named strings that callers have.
func deref(value any) any {
	switch v := value.(type) {
	case *calendar.Day:
		if v == nil {
			return nil
		}
		return *v
	case *time.Time:
		if v == nil {
			return nil
		}
		return *v
	case *quantity.Pieces:
		if v == nil {
			return nil
		}
		return *v
	case *money.Fen:
		if v == nil {
			return nil
		}
		return *v
	case catalog.Temperature:
		return string(v)
	case catalog.Tier:
		return string(v)
	}
	return value
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case quantity.Pieces:
		return int64(v), true
	}
	return 0, false
}
