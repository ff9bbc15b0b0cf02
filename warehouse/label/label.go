package label

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// mm is the dots of a millimetre.
const mm = 8

// ErrField is the refusal of data that cannot stand on a label; a *FieldError names them.
var ErrField = errors.New("label: this cannot be printed")

// FieldError names the field and what stands in it. It unwraps to ErrField.
type FieldError struct {
	Field, Value string
	Cause        error
}

func (e *FieldError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%v: %s %q: %v", ErrField, e.Field, e.Value, e.Cause)
	}
	return fmt.Sprintf("%v: %s %q", ErrField, e.Field, e.Value)
}

// Unwrap gives ErrField and the cause.
func (e *FieldError) Unwrap() []error { return []error{ErrField, e.Cause} }

// Label is a laid-out label, Width by Height dots of an eighth of a millimetre.
type Label struct {
	Width, Height int
	Title         string // what it is, for screen readers
	marks         []mark
}

type markKind int

const (
	textMark markKind = iota
	boxMark
	code128Mark
	qrMark
	dataMatrixMark
)

// align is where a text stands in its width.
type align int

const (
	left align = iota
	centre
	right
)

// mark is one thing on a label. Codes have module as the dots of a module.
type mark struct {
	kind         markKind
	x, y, w, h   int // of a text: its box; the size of its letters is h
	text         string
	bold, filled bool
	at           align
	module       int
}

// text adds one line in a box of the width, in letters of the height, made narrower where it is too long.
func (l *Label) text(x, y, w, h int, s string, bold bool, at align) {
	if s = clean(s); s != "" {
		l.marks = append(l.marks, mark{kind: textMark, x: x, y: y, w: w, h: h, text: s, bold: bold, at: at})
	}
}

// lines adds a text over at most n lines and gives the height of those used. What does not fit ends in an ellipsis.
func (l *Label) lines(x, y, w, h, n int, s string, bold bool) int {
	used := wrap(clean(s), w, h, n)
	for i, line := range used {
		l.text(x, y+i*(h+h/4), w, h, line, bold, left)
	}
	return len(used) * (h + h/4)
}

func (l *Label) box(x, y, w, h int, filled bool) {
	l.marks = append(l.marks, mark{kind: boxMark, x: x, y: y, w: w, h: h, filled: filled})
}

// clean takes out what cannot be printed and makes one line of a text.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// wide tells whether a letter is as wide as it is high: Chinese, Japanese, Korean and full-width forms.
func wide(r rune) bool { return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80) }

// advance gives the width of a letter in percent of its height, as wide as common sans-serif faces are.
func advance(r rune) int {
	switch {
	case wide(r):
		return 100
	case strings.ContainsRune(" .,:;'|!ijl()[]", r):
		return 32
	case r == 'm' || r == 'M' || r == 'w' || r == 'W' || r == '@' || r == '%':
		return 88
	case unicode.IsUpper(r):
		return 68
	default:
		return 57
	}
}

// width gives the dots that a text of the height takes.
func width(s string, h int) int {
	sum := 0
	for _, r := range s {
		sum += advance(r)
	}
	return sum * h / 100
}

// wrap cuts a text into at most n lines of the width: between words where it can, anywhere in Chinese.
func wrap(s string, w, h, n int) []string {
	var lines []string
	rest := []rune(s)
	for len(rest) > 0 {
		end, sum, brk := 0, 0, 0
		for end < len(rest) && sum+advance(rest[end])*h <= w*100 {
			sum += advance(rest[end]) * h
			if end++; end == len(rest) || rest[end] == ' ' || wide(rest[end]) || wide(rest[end-1]) {
				brk = end
			}
		}
		switch {
		case end == len(rest) || brk == 0:
			brk = max(end, 1)
		}
		lines = append(lines, strings.TrimSpace(string(rest[:brk])))
		rest = []rune(strings.TrimSpace(string(rest[brk:])))
	}
	if len(lines) <= n {
		return lines
	}
	lines = lines[:n]
	last := []rune(lines[n-1])
	for len(last) > 1 && width(string(last)+"…", h) > w {
		last = last[:len(last)-1]
	}
	lines[n-1] = strings.TrimRight(string(last), " ，,、") + "…"
	return lines
}
