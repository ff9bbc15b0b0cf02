package ui

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

func other(ctx context.Context) Language {
	if Lang(ctx) == English {
		return Chinese
	}
	return English
}

func (v *View) siteName(ctx context.Context) string {
	for _, s := range v.Sites {
		if s.Code == v.Site && s.Code != "" {
			return s.Name
		}
	}
	return T(ctx, "shell.allsites")
}

// initials gives what stands in the circle of a user: the first character of a Chinese name, up to two initials of
// any other.
func initials(name string) string {
	first, _ := utf8.DecodeRuneInString(name)
	if unicode.Is(unicode.Han, first) {
		return string(first)
	}
	var out []rune
	for _, w := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(w)
		out = append(out, unicode.ToUpper(r))
	}
	return string(out[:min(2, len(out))])
}

func themeValue(t Theme) string {
	if t == "" {
		return "device"
	}
	return string(t)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// keyRow is one line of the list of shortcuts.
type keyRow struct {
	Keys []string
	Word string
}

// keyRows lists the shortcuts; the g ones only for areas the user's menu has.
func keyRows(v *View) []keyRow {
	rows := []keyRow{
		{[]string{"/"}, "keys.search"}, {[]string{"J", "K"}, "keys.move"}, {[]string{"Enter"}, "keys.open"},
		{[]string{"Esc"}, "keys.close"}, {[]string{"A"}, "keys.approve"}, {[]string{"E"}, "keys.edit"},
		{[]string{"X"}, "keys.reject"}, {[]string{"Space"}, "keys.select"}, {[]string{"U"}, "keys.undo"},
		{[]string{"N"}, "keys.bad"}, {[]string{"?"}, "keys.list"},
	}
	for _, a := range areas {
		for _, it := range v.Menu {
			if it.Key == a.Key && a.Letter != "" {
				rows = append(rows, keyRow{[]string{"G", strings.ToUpper(a.Letter)}, "menu." + a.Key})
				break
			}
		}
	}
	return rows
}
