package desk

import (
	"context"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/ui"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// siteByCode gives the site of a code among those the user may see, false for none.
func SiteByCode(sites []catalog.SiteRecord, code string) (catalog.Site, bool) {
	for _, s := range sites {
		if s.Code == code && code != "" {
			return s.Site, true
		}
	}
	return catalog.Site{}, false
}

func SiteByID(sites []catalog.SiteRecord, id catalog.SiteID) (catalog.Site, bool) {
	for _, s := range sites {
		if s.ID == id {
			return s.Site, true
		}
	}
	return catalog.Site{}, false
}

// askedSite gives the code of the site that a list is of: what its own choice says, also when that is "all", else the one
// picked in the top bar.
func AskedSite(ctx context.Context, query url.Values) string {
	if query.Has("site") {
		return query.Get("site")
	}
	return ui.From(ctx).Site
}

// can tells whether the reader holds a permission.
func Can(ctx context.Context, p access.Permission) bool {
	u, ok := access.FromContext(ctx)
	return ok && access.Can(u, p)
}

// categoryChoices lists the tree of categories, each below its parent, with a first choice for all.
func CategoryChoices(ctx context.Context, all []catalog.CategoryRecord, first string) []ui.Choice {
	children := map[catalog.CategoryID][]catalog.CategoryRecord{}
	for _, c := range all {
		children[c.Parent] = append(children[c.Parent], c)
	}
	out := []ui.Choice{{Text: first}}
	var add func(catalog.CategoryID, int)
	add = func(parent catalog.CategoryID, depth int) {
		if depth > 8 { // a ring in the data must not end the page
			return
		}
		for _, c := range children[parent] {
			out = append(out, ui.Choice{Value: strconv.Itoa(int(c.ID)), Text: indent(depth) + ui.Name(ctx, c.Name)})
			add(c.ID, depth+1)
		}
	}
	add(0, 0)
	return out
}

// indent sets a category below its parent in a list of choices.
func indent(depth int) string { return strings.Repeat("　", depth) }

func ZoneOf(ctx context.Context) *time.Location {
	if z := ui.From(ctx).Zone; z != nil {
		return z
	}
	return time.FixedZone("Asia/Shanghai", 8*60*60)
}
