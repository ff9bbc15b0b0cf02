package c2mxlsx

import (
	"context"
	"fmt"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// capacityColumns are the columns of the capacity calendar; colCapacity is the supplier's. The version says which entry the sheet was made
// from: what another has written since is shown as a conflict and not overwritten.
var capacityColumns = []sheet.Column{
	required(skuColumn), partNoColumn, nameColumn,
	{ID: colWeek, Title: both("周", "Week"), Names: []string{"周次", "ISO 周", "ISO week"}, Kind: sheet.Week, Required: true, BlankOK: true, Width: 10},
	{ID: colMonday, Title: both("周一", "Monday"), Names: []string{"周起始日", "week of"}, Kind: sheet.Day, Width: 12},
	{ID: colForecast, Title: both("现有产能", "Capacity now"), Names: []string{"当前产能", "current capacity"}, Kind: sheet.Pieces, Width: 10},
	{ID: colCapacity, Title: both("周产能", "Weekly capacity"), Names: []string{"产能", "capacity"}, Kind: sheet.Pieces, Required: true, BlankOK: true, Width: 11},
	versionColumn,
}

// CapacityPaper is what the sheet of a capacity calendar says.
type CapacityPaper struct {
	Supplier catalog.Name
	Made     time.Time
	Rows     []CapacityRow
}

// CapacityRow is one week of one SKU.
type CapacityRow struct {
	Code, PartNo string
	Name         catalog.Name
	Monday       calendar.Day
	Pieces       quantity.Pieces
	Version      int // 0 for a week that only the terms speak of
}

// Capacity makes the workbook of a capacity calendar, in "zh" or "en".
func Capacity(p CapacityPaper, lang string) ([]byte, error) {
	b := newBook(lang)
	s := b.add(b.in("产能", "Capacity"))
	s.widths(capacityColumns)
	s.put(1, 1, join(" · ", b.in("产能日历", "Capacity calendar"), p.Supplier.In(lang)), "title")
	s.put(1, 2, b.in("请在黄色的列填每周能做的件数，不填的周不变。版本列请勿改：门户里别人已经改过的周会列为冲突，不会被覆盖。",
		"Fill in the pieces of a week in the yellow column; empty weeks stay. Leave the version alone: weeks that were changed in the portal meanwhile become conflicts and are not overwritten."), "label")
	const header = 4
	for i, c := range capacityColumns {
		style := "head"
		if c.ID == colCapacity {
			style = "head ask"
		}
		s.put(i+1, header, c.Title.In(lang), style)
	}
	for i, r := range p.Rows {
		row := header + 1 + i
		put := func(id string, value any, style string) { s.put(where(capacityColumns, id), row, value, style) }
		put(colSKU, r.Code, "cell "+asText)
		put(colPartNo, r.PartNo, "cell "+asText)
		put(colName, r.Name.In(lang), "cell "+asText)
		put(colWeek, WeekText(r.Monday), "cell "+asText)
		put(colMonday, r.Monday, "cell "+asDay)
		put(colForecast, r.Pieces, "cell "+asPieces)
		put(colCapacity, nil, "input "+asPieces)
		put(colVersion, r.Version, "cell "+asPieces)
	}
	if last := header + len(p.Rows); last > header {
		s.check(where(capacityColumns, colCapacity), header+1, last, wholeFrom(0, int(supplier.MaxCapacity)), b.in("请改正", "Please mend"), b.in("整数件数", "Whole pieces"))
		s.do(func() error { return b.f.AutoFilter(s.name, ref(1, header)+":"+ref(len(capacityColumns), last), nil) })
	}
	s.freeze(where(capacityColumns, colWeek), header+1)
	s.protect(false)
	s.print(true, 0, fmt.Sprintf("'%s'!$%d:$%d", s.name, header, header), "", b.in("产能日历", "Capacity calendar"))
	return b.bytes(b.in("产能日历", "Capacity calendar"), p.Made)
}

// CapacityEntry is one row that was filled in.
type CapacityEntry struct {
	Index   int // for Fail
	SKU     string
	Monday  calendar.Day
	Pieces  quantity.Pieces
	Version int
}

// Capacities is a filled capacity calendar.
type Capacities struct {
	*upload
	Entries []CapacityEntry
}

var noCapacity = &notice.Reason{Code: "c2m.no_capacity", ZH: "没有填产能", EN: "no capacity was filled in"}

// ReadCapacity reads a filled capacity calendar. Close it when done. For a file that cannot be read, or that lacks a column, the error is told
// by Refused. Codes of goods are not looked up.
func ReadCapacity(ctx context.Context, content []byte) (*Capacities, error) {
	u, err := open(content, capacityColumns, map[string]string{c2m.KeySKU: colSKU, KeyWeek: colWeek, KeyCapacity: colCapacity}, noCapacity)
	if err != nil {
		return nil, err
	}
	c := &Capacities{upload: u}
	if err := u.read(ctx, c.row); err != nil {
		_ = u.Close()
		return nil, err
	}
	return c, nil
}

// Fields of a capacity calendar that a rule may point at.
const (
	KeyWeek     = "week"
	KeyCapacity = "capacity"
)

func (c *Capacities) row(r *sheet.Row) bool {
	if !anyOf(r, colCapacity) {
		return false
	}
	e := CapacityEntry{Index: c.Rows(), SKU: code(r, colSKU)}
	if n, ok := r.Pieces(colVersion); ok { // 0 for a week that nobody has written yet
		e.Version = int(min(n, 1_000_000))
	}
	monday, ok1 := r.Week(colWeek)
	n, ok2 := r.Pieces(colCapacity)
	if ok1 && ok2 {
		e.Monday, e.Pieces = monday, n
		c.Entries = append(c.Entries, e)
	}
	return true
}
