package sheet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"milkrun/internal/catalog"
)

// The order of day and month is taken from the dates of the column that have one reading only.
func TestOrderOfDates(t *testing.T) {
	columns := []Column{
		{ID: "code", Title: catalog.Name{ZH: "货号", EN: "Item"}, Kind: Code, Required: true},
		{ID: "day", Title: catalog.Name{ZH: "日期", EN: "Date"}, Kind: Day, Required: true},
		{ID: "due", Title: catalog.Name{ZH: "交期", EN: "Due"}, Kind: Day},
	}
	many := slices.Repeat([]string{"2026-11-02,"}, 300)
	for name, c := range map[string]struct {
		rows []string // date,due
		want string
	}{
		"day first":        {[]string{"01/02/2026,", "25/02/2026,", "3.2.2026,", "03-02-2026 10:30,"}, "2026-02-01 2026-02-25 2026-02-03 2026-02-03"},
		"month first":      {[]string{"01/02/2026,", "02/25/2026,", "3/2/2026,"}, "2026-01-02 2026-02-25 2026-03-02"},
		"no evidence":      {[]string{"01/02/2026,", "04/02/2026,", "11/11/2026,"}, "sheet.date_unclear sheet.date_unclear 2026-11-11"},
		"both":             {[]string{"01/02/2026,", "25/02/2026,", "02/25/2026,"}, "sheet.date_unclear 2026-02-25 2026-02-25"},
		"of its own only":  {[]string{"01/02/2026,25/02/2026"}, "sheet.date_unclear"},
		"two digit years":  {[]string{"25/02/2026,", "01/02/26,"}, "2026-02-25 sheet.date_unclear"},
		"year first stays": {[]string{"25/02/2026,", "2026/02/01,", "1 Feb 2026,"}, "2026-02-25 2026-02-01 2026-02-01"},
		"found late":       {append(slices.Repeat([]string{"01/02/2026,"}, 300), "25/02/2026,"), strings.Repeat("2026-02-01 ", 300) + "2026-02-25"},
		"after many plain": {append(slices.Clone(many), "25/02/2026,", "01/02/2026,"), strings.Repeat("2026-11-02 ", 300) + "2026-02-25 sheet.date_unclear"},
	} {
		text := "Item,Date,Due\n"
		for i, r := range c.rows {
			text += fmt.Sprintf("A%d,%s\n", i, r)
		}
		f, err := OpenReader(strings.NewReader(text), int64(len(text)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := f.Match(columns)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row, err := range l.Rows(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if d, ok := row.Day("day"); ok {
				got = append(got, d.String())
			} else {
				got = append(got, row.Problems()[0].Note.Code())
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s[max(0, len(s)-80):], c.want[max(0, len(c.want)-80):])
		}
		f.Close()
	}
}

// A date that goes against the order of its column is refused.
func TestDateAgainstItsColumn(t *testing.T) {
	text := "Item,Date\n" + strings.Repeat("A,25/02/2026\n", orderRows) + "A,02/25/2026\n"
	f, err := OpenReader(strings.NewReader(text), int64(len(text)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	l, err := f.Match([]Column{{ID: "code", Title: catalog.Name{ZH: "货号", EN: "Item"}, Kind: Code}, {ID: "day", Title: catalog.Name{ZH: "日期", EN: "Date"}, Kind: Day}})
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for row, err := range l.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := row.Day("day"); !ok {
			bad++
			if row.Number != orderRows+2 || row.Problems()[0].Note.Code() != "sheet.no_such_date" {
				t.Errorf("row %d: %s", row.Number, row.Problems()[0].Note.Full("en"))
			}
		}
	}
	if bad != 1 {
		t.Errorf("%d bad rows", bad)
	}
}
