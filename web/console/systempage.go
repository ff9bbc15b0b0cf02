package console

import (
	"context"
	"net/url"
	"strings"

	"milkrun/web/ui"
)

// openedPart gives the query value "open": what the page is to show in its drawer.
func openedPart(ctx context.Context) string {
	if u := ui.From(ctx).URL; u != nil {
		return u.Query().Get("open")
	}
	return ""
}

// packPlace makes a place in a list fit to stand among others: codes may hold the mark that parts them.
func packPlace(place string) string { return strings.ReplaceAll(url.QueryEscape(place), "~", "%7E") }

// unpackPlace undoes packPlace.
func unpackPlace(packed string) string {
	place, err := url.QueryUnescape(packed)
	if err != nil {
		return ""
	}
	return place
}
