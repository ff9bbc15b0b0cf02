package ui

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Column is a head of a table. By makes it sort the list by that key (see Sorted).
type Column struct {
	Label string
	Num   bool
	By    string
	// Class goes on the th, for widths and for columns that narrow screens drop ("mk-wide").
	Class string
	// Hidden keeps the label for screen readers only, for columns of marks or buttons.
	Hidden bool
}

// sorting gives how the list stands for this column: aria-sort and the address that turns it.
func (c Column) sorting(ctx context.Context, current string) (aria, href string) {
	by, descending := strings.TrimPrefix(current, "-"), strings.HasPrefix(current, "-")
	switch {
	case by != c.By && c.Num:
		return "none", With(ctx, "sort", "-"+c.By)
	case by != c.By:
		return "none", With(ctx, "sort", c.By)
	case descending:
		return "descending", With(ctx, "sort", c.By)
	}
	return "ascending", With(ctx, "sort", "-"+c.By)
}

// Pager is a place in a list. Addresses are empty where there is nothing more. Total below 0 is not shown; above
// Most the count stops at "10,000+".
type Pager struct {
	First, Last int64
	Total       int64
	Prev, Next  string
}

// Most is how far lists are counted when a filter makes counting dear.
const Most = 10_000

// Filter is one filter in force, and the address without it.
type Filter struct {
	Text   string
	Remove string
}

// Cell is the answered half of an asked / answered pair: only differences are tinted.
type Cell struct {
	Value string
	Note  string // what differs: 晚 3 天
	Tone  Tone   // of the note
	Diff  bool
}

// Bulk is the bar that rises when rows are selected. Checkboxes belong to the form by their form attribute; the
// sums are taken from their data-pieces and data-fen.
type Bulk struct {
	Form    string
	Pieces  bool // show the sum of pieces
	Money   bool // show the sum of money
	Actions []BulkAction
}

// BulkAction is a button of the bulk bar. Word is a message with {{.Count}}: 批准 {{.Count}} 条.
type BulkAction struct {
	Word  string
	Icon  string
	Post  string           // address the form is posted to
	Attrs templ.Attributes // for instance hx-* or data-*
}

// forms gives a message's singular and plural with {n} where the count stands, for scripts that count by themselves.
func forms(ctx context.Context, id string) (one, other string) {
	l := words().zh
	if Lang(ctx) == English {
		l = words().en
	}
	say := func(n int) string {
		s, err := l.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: map[string]any{Count: "{n}"}})
		if err != nil && s == "" {
			return id
		}
		return s
	}
	return say(1), say(2)
}

// counted gives the attributes of an element whose text js/bulk.js writes.
func counted(ctx context.Context, id, of string) templ.Attributes {
	one, other := forms(ctx, id)
	return templ.Attributes{"data-one": one, "data-other": other, "data-mk-count": of}
}

// place says where one is in the list: 1–50 / 1,204.
func place(ctx context.Context, p Pager) string {
	if p.Last == 0 {
		return T(ctx, "kit.place.none")
	}
	at := Int(p.First) + "–" + Int(p.Last)
	switch {
	case p.Total < 0:
		return at
	case p.Total > Most:
		return at + " / " + Int(Most) + "+"
	}
	return at + " / " + Int(p.Total)
}
