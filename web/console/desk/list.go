package desk

import (
	"context"
	"milkrun/web/ui"
	"net/url"
	"strconv"
	"strings"
)

// trail is the way through a list that is paged by places: how many pages have been passed, and the places of the last of them,
// the one of the page shown at the end.
type Trail struct {
	passed int
	places []string
}

// trailMost bounds how far one can go back page by page; further back leads to the first page.
const trailMost = 30

// readTrail reads what trail.text has written; anything else is the first page.
func ReadTrail(after string) Trail {
	head, rest, ok := strings.Cut(after, "~")
	n, err := strconv.Atoi(head)
	if !ok || err != nil || n < 1 || n > 1_000_000 || rest == "" {
		return Trail{}
	}
	t := Trail{passed: n, places: strings.Split(rest, "~")}
	if len(t.places) > trailMost || len(t.places) > n {
		return Trail{}
	}
	return t
}

func (t Trail) Text() string {
	if t.passed == 0 || len(t.places) == 0 {
		return ""
	}
	return strconv.Itoa(t.passed) + "~" + strings.Join(t.places, "~")
}

// here is the place of the page shown, empty for the first.
func (t Trail) Here() string {
	if len(t.places) == 0 {
		return ""
	}
	return t.places[len(t.places)-1]
}

func (t Trail) next(place string) Trail {
	all := append(t.places[:len(t.places):len(t.places)], place)
	return Trail{t.passed + 1, all[max(0, len(all)-trailMost):]}
}

func (t Trail) back() Trail {
	if len(t.places) < 2 {
		return Trail{}
	}
	return Trail{t.passed - 1, t.places[:len(t.places)-1]}
}

// pager gives the pager of a list with so many rows a page, next being the place behind this one.
func (t Trail) Pager(ctx context.Context, size, rows int, total int64, next string) ui.Pager {
	if rows == 0 {
		return ui.Pager{}
	}
	p := ui.Pager{First: int64(t.passed*size) + 1, Total: total}
	p.Last = p.First + int64(rows) - 1
	if t.passed > 0 {
		p.Prev = ui.With(ctx, "after", t.back().Text(), "open", "")
	}
	if next != "" {
		p.Next = ui.With(ctx, "after", t.next(next).Text(), "open", "")
	}
	return p
}

const PageSize = 50

// number reads a whole number of a query, and 0 for anything else.
func Number(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int32(n)
}

// exportMost bounds an exported list.
const ExportMost = 100_000

// openedPart gives the query value "open": what the page is to show in its drawer.
func OpenedPart(ctx context.Context) string {
	if u := ui.From(ctx).URL; u != nil {
		return u.Query().Get("open")
	}
	return ""
}

// packPlace makes a place in a list fit to stand among others: codes may hold the mark that parts them.
func PackPlace(place string) string { return strings.ReplaceAll(url.QueryEscape(place), "~", "%7E") }

// unpackPlace undoes packPlace.
func UnpackPlace(packed string) string {
	place, err := url.QueryUnescape(packed)
	if err != nil {
		return ""
	}
	return place
}
