package ui

import (
	"context"
	"net/url"
	"strings"
)

// Link is one choice of a tab row, a segment or a menu.
type Link struct {
	Text    string
	Href    string
	Current bool
	Count   int // shown behind the text when above 0
}

// With gives the address of the present page with some query values replaced: pairs of name and value, an empty
// value takes the name away. The position in a list ("page", "after", "before") is dropped unless it is named,
// since another order or filter begins at the first page.
func With(ctx context.Context, pairs ...string) string {
	u := url.URL{Path: "/"}
	if here := From(ctx).URL; here != nil {
		u = url.URL{Path: here.Path, RawQuery: here.RawQuery}
	}
	q := u.Query()
	for _, k := range []string{"page", "after", "before"} {
		q.Del(k)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
			continue
		}
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// Sorted reads the order a list is asked in: the query "sort=amount" or, from large to small, "sort=-amount".
// A value that is not allowed gives the fallback, written in the same form.
func Sorted(q url.Values, fallback string, allowed ...string) (by string, descending bool) {
	s := q.Get("sort")
	by, descending = strings.TrimPrefix(s, "-"), strings.HasPrefix(s, "-")
	for _, a := range allowed {
		if by == a {
			return by, descending
		}
	}
	return strings.TrimPrefix(fallback, "-"), strings.HasPrefix(fallback, "-")
}
