// Package cell reads the text of single cells the way people write them: “100件”, “５箱”, ￥12.80, 2026.11.02, 6.97E+12.
// Every function gives the value with an Outcome that says what was mended or why the cell is refused; it never guesses
// between two readings.
package cell

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Value is a cell that is not blank, with what its surroundings say about it.
type Value struct {
	*grid.Cell
	// Unit is the unit in the header's brackets: 数量（箱）.
	Unit string
	// Epoch1904 says that day numbers count from 1904.
	Epoch1904 bool
	// Order is how the column writes dates that put the year last, where its other rows show it.
	Order DateOrder
}

// Outcome says how the reading went. At most one of the two notes speaks.
type Outcome struct {
	Mend, Fault notice.Note
}

// OK tells whether there is a value.
func (o Outcome) OK() bool { return o.Fault.IsZero() }

func fault(r *notice.Reason, args ...any) Outcome { return Outcome{Fault: r.With(args...)} }

func mend(r *notice.Reason, args ...any) Outcome { return Outcome{Mend: r.With(args...)} }

// content gives the cell's text trimmed and folded, or the reason why there is none.
func (v Value) content() (s string, folded bool, o Outcome) {
	switch v.Kind {
	case grid.Failed:
		return "", false, fault(FormulaFailed, Shown(v.Text))
	case grid.Pending:
		return "", false, fault(FormulaPending)
	}
	s, folded = fold(v.Text)
	if strings.ContainsRune(s, utf8.RuneError) {
		return "", false, fault(Garbled)
	}
	return s, folded, Outcome{}
}

// Shown gives a cell's text as a message shows it: one line, at most 60 characters.
func Shown[T string | []byte](text T) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "\uFFFD")), " ")
	if utf8.RuneCountInString(s) <= 60 {
		return s
	}
	r := []rune(s)
	return string(r[:59]) + "…"
}

// fold trims a text and brings its digits, letters, signs and blanks to half width. folded says that more than blanks at
// the ends was changed.
func fold(b []byte) (s string, folded bool) {
	plain := true
	for _, c := range b {
		if c < 0x20 || c >= 0x7F {
			plain = false
			break
		}
	}
	if plain {
		return strings.Trim(string(b), " "), false
	}
	var out strings.Builder
	out.Grow(len(b))
	for _, r := range string(b) {
		f := foldRune(r)
		if f >= 0 {
			out.WriteRune(f)
		}
		folded = folded || (f != r && r > 0x20 && !unicode.IsSpace(r) && f >= 0)
	}
	return strings.TrimSpace(out.String()), folded
}

// foldRune gives the half-width form of a character, -1 for the ones that do not show.
func foldRune(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == '￥':
		return '¥'
	case r == '−' || r == '–' || r == '—' || r == '﹣' || r == '‐' || r == '‑':
		return '-'
	case r == '\uFEFF' || r >= 0x200B && r <= 0x200F || r == 0x2060 || r == 0xAD || r >= 0x202A && r <= 0x202E:
		return -1
	case unicode.IsSpace(r) || r == 0x2007 || r == 0x202F:
		return ' '
	case unicode.IsControl(r):
		return -1
	}
	return r
}

// Absent tells whether the text is one of the marks people put where there is nothing to say: – / 无 N/A. With words also
// those that might be a code: NA, none, null.
func Absent(text []byte, words bool) bool {
	if len(text) > 16 {
		return false
	}
	s, _ := fold(text)
	switch strings.ToLower(s) {
	case "", "-", "--", "---", "/", "\\", "n/a", "#n/a", "无", "暂无", "空", "待定":
		return true
	case "na", "null", "none", "nil", "tbd":
		return words
	}
	return false
}
