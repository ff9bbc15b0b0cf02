// Package notice holds what a sheet's reader says to a person: a reason with its text and its remedy in Chinese and
// English, the same everywhere (page, result column, API), kept apart from the numbers that fill it.
package notice

import (
	"fmt"
	"strconv"
	"strings"
)

// Reason is one thing that can be said. Texts may hold {0}, {1} … for the arguments of a Note.
// Reasons are declared once, as package variables, and compared by pointer.
type Reason struct {
	// Code is stable and unique: "sheet.digits_lost". Programs and translations hold on to it.
	Code string
	// ZH and EN say what is so.
	ZH, EN string
	// FixZH and FixEN say what to do about it; empty where nothing is to be done.
	FixZH, FixEN string
}

// With gives the reason with its arguments. An argument may be a string, an integer (written 1,200), or anything with
// the method In(language string) string.
func (r *Reason) With(args ...any) Note { return Note{Reason: r, Args: args} }

// Note is a reason with its arguments. The zero Note says nothing.
type Note struct {
	Reason *Reason
	Args   []any
}

// IsZero tells whether the note says nothing.
func (n Note) IsZero() bool { return n.Reason == nil }

// Code gives the reason's code, empty for the zero Note.
func (n Note) Code() string {
	if n.Reason == nil {
		return ""
	}
	return n.Reason.Code
}

// Text says what is so in "zh" or "en".
func (n Note) Text(language string) string {
	if n.Reason == nil {
		return ""
	}
	return n.fill(pick(language, n.Reason.ZH, n.Reason.EN), language)
}

// Fix says what to do about it in "zh" or "en"; it may be empty.
func (n Note) Fix(language string) string {
	if n.Reason == nil {
		return ""
	}
	return n.fill(pick(language, n.Reason.FixZH, n.Reason.FixEN), language)
}

// Full joins text and remedy into one line.
func (n Note) Full(language string) string {
	text, fix := n.Text(language), n.Fix(language)
	switch {
	case fix == "":
		return text
	case language == "en":
		return text + ". " + fix
	default:
		return text + "；" + fix
	}
}

func pick(language, zh, en string) string {
	if (language == "en" && en != "") || zh == "" {
		return en
	}
	return zh
}

// fill puts the arguments in. It walks the template once, so that braces inside an argument stay as they are.
func (n Note) fill(template, language string) string {
	if len(n.Args) == 0 || !strings.Contains(template, "{") {
		return template
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			break
		}
		b.WriteString(template[:open])
		template = template[open:]
		end := strings.IndexByte(template, '}')
		i, err := strconv.Atoi(template[1:max(end, 1)])
		if err != nil || i < 0 || i >= len(n.Args) {
			b.WriteByte('{')
			template = template[1:]
			continue
		}
		b.WriteString(word(n.Args[i], language))
		template = template[end+1:]
	}
	b.WriteString(template)
	return b.String()
}

// word writes one argument.
func word(arg any, language string) string {
	switch v := arg.(type) {
	case string:
		return v
	case interface{ In(string) string }:
		return v.In(language)
	case []string:
		return list(v, language)
	case int:
		return Thousands(int64(v))
	case int64:
		return Thousands(v)
	default:
		return fmt.Sprint(v)
	}
}

func list(items []string, language string) string {
	if language == "en" {
		return strings.Join(items, ", ")
	}
	return strings.Join(items, "、")
}

// Thousands writes an integer with separators: 1200 is "1,200".
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
