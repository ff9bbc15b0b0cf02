package ui

import (
	"context"

	"milkrun/internal/access"
)

// MenuItem is one area of the console as its screens register it. The side menu shows an area only when a screen
// has registered it and the user holds the permission, so no link leads nowhere.
type MenuItem struct {
	Key        string // one of the areas below; the word is the message "menu.<key>"
	Sub        string // a page inside the area, as "users" in "system"; the word is "menu.<key>.<sub>"
	Path       string
	Permission access.Permission
	// Count gives the number beside the word, for instance the orders that wait. nil or 0 shows none.
	Count func(context.Context) int
}

// area is the place of an item in the menu: its icon and the letter that follows g on the keyboard.
type area struct{ Key, Icon, Letter string }

// areas is the menu by job, in the order of the day.
var areas = []area{
	{"today", "home", ""},
	{"demand", "chart-line", "d"},
	{"suggestions", "bulb", ""},
	{"stock", "stack-2", "s"},
	{"campaigns", "speakerphone", "c"},
	{"factory", "building-factory-2", "f"},
	{"warehouse", "building-warehouse", "w"},
	{"rounds", "route", "r"},
	{"suppliers", "users", ""},
	{"imports", "table-import", ""},
	{"system", "settings", ""},
}

// Areas lists the keys of the side menu in their order.
func Areas() []string {
	keys := make([]string, len(areas))
	for i, a := range areas {
		keys[i] = a.Key
	}
	return keys
}

// Permitted gives the items the user may open.
func Permitted(items []MenuItem, u access.User) []MenuItem {
	var out []MenuItem
	for _, it := range items {
		if access.Can(u, it.Permission) {
			out = append(out, it)
		}
	}
	return out
}

// entry is one line of the side menu.
type entry struct {
	area
	Path  string
	Count int
}

// entries gives the lines of the side menu: an area leads to the first of its pages that the user may open.
func (v *View) entries(ctx context.Context) []entry {
	var out []entry
	for _, a := range areas {
		e := entry{area: a}
		for _, it := range v.Menu {
			if it.Key != a.Key {
				continue
			}
			if e.Path == "" {
				e.Path = it.Path
			}
			if it.Count != nil {
				e.Count += it.Count(ctx)
			}
		}
		if e.Path != "" {
			out = append(out, e)
		}
	}
	return out
}

// SubPages gives the pages of one area as tabs; current is the Sub of the page shown.
func SubPages(ctx context.Context, key, current string) []Link {
	var out []Link
	for _, it := range From(ctx).Menu {
		if it.Key == key && it.Sub != "" {
			out = append(out, Link{Text: T(ctx, "menu."+key+"."+it.Sub), Href: it.Path, Current: it.Sub == current})
		}
	}
	return out
}
