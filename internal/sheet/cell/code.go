package cell

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/grid"
)

// maxCode is the longest code in characters.
const maxCode = 64

// Code reads an identifier: a SKU, a document number, a lot. Leading zeros stay. Numbers are restored when that is exact:
// 6.971002360017E+12 is 6971002360017, but 6.97E+12 in a text has lost its digits and is refused; so is a number of more
// than 15 digits, which Excel has rounded. Full-width characters become half-width, blanks at the ends, an apostrophe
// before and ="…" around it fall away.
func Code(v Value) (string, Outcome) {
	switch v.Kind {
	case grid.Number:
		return v.numberCode()
	case grid.Bool:
		s := "FALSE" // Excel turns the text TRUE into a boolean
		if string(v.Text) == "1" {
			s = "TRUE"
		}
		return s, Outcome{}
	}
	s, folded, o := v.content()
	if !o.OK() {
		return "", o
	}
	bare := strings.TrimPrefix(unwrap(s), "'")
	bare = strings.Join(strings.Fields(bare), " ")
	if whole, exact, ok := scientific(bare); ok {
		if !exact {
			return "", fault(DigitsLost, bare)
		}
		return whole, mend(ReadAs, whole)
	}
	if n := utf8.RuneCountInString(bare); n > maxCode {
		return "", fault(TooLong, n, maxCode)
	}
	if digits, ok := strings.CutSuffix(bare, ".0"); ok && allDigits(digits) {
		return digits, mend(ReadAs, digits)
	}
	if folded {
		o.Mend = ReadAs.With(bare)
	}
	return bare, o
}

// unwrap takes ="0012" apart, the trick by which a CSV keeps leading zeros.
func unwrap(s string) string {
	if t, ok := strings.CutPrefix(s, `="`); ok && strings.HasSuffix(t, `"`) {
		return t[:len(t)-1]
	}
	return s
}

func (v Value) numberCode() (string, Outcome) {
	if v.Format != nil && v.Format.Date {
		return "", fault(DateInNumber)
	}
	s := string(v.Text)
	if !simple(v.Text) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return "", fault(NotNumber, Shown(s))
		}
		if math.Abs(f) >= 1e15 && f == math.Trunc(f) {
			return "", fault(DigitsLost, strconv.FormatFloat(f, 'E', -1, 64))
		}
		s = plainNumber(v.Text)
	}
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if v.Format != nil && len(s) < v.Format.Digits && allDigits(s) {
		s = strings.Repeat("0", v.Format.Digits-len(s)) + s
	}
	return s, Outcome{}
}

// scientific takes 6.971002360017E+12 apart. exact says that every digit of the whole number is written.
func scientific(s string) (whole string, exact, ok bool) {
	mantissa, exp, found := strings.Cut(strings.ToUpper(s), "E")
	exp, plus := strings.CutPrefix(exp, "+")
	if !found || !plus && !strings.Contains(mantissa, ".") || len(exp) < 1 || len(exp) > 2 || !allDigits(exp) {
		return "", false, false
	}
	first, rest, _ := strings.Cut(mantissa, ".")
	if len(first) != 1 || !allDigits(first) || rest != "" && !allDigits(rest) {
		return "", false, false
	}
	n, _ := strconv.Atoi(exp)
	if len(rest) != n {
		return "", false, true
	}
	return first + rest, true, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// GTIN reads a barcode number of 8, 12, 13 or 14 digits and proves its check digit (GS1 General Specifications, 7.9).
// Leading zeros that a number cell has lost are restored if the check digit then agrees.
func GTIN(v Value) (string, Outcome) {
	s, o := Code(v)
	if !o.OK() {
		return "", o
	}
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	if !allDigits(digits) {
		return "", fault(GTINDigits, Shown(s))
	}
	if digits != s {
		o = mend(ReadAs, digits)
	}
	n := len(digits)
	if n == 8 || n >= 12 && n <= 14 {
		if catalog.ValidGTIN(digits) {
			return digits, o
		}
		// A Chinese number (69…) of twelve digits is a number of thirteen that lacks one.
		if n != 12 || !strings.HasPrefix(digits, "69") {
			return "", fault(GTINCheck, digits[n-1:], strconv.Itoa(catalog.GTINCheck(digits[:n-1])))
		}
	}
	if v.Kind == grid.Number && n < 12 {
		for _, full := range []int{8, 12, 13} {
			if n < full {
				padded := strings.Repeat("0", full-n) + digits
				if full-n <= 3 && catalog.ValidGTIN(padded) {
					return padded, mend(Padded, padded)
				}
			}
		}
	}
	return "", fault(GTINLength, n, nearest(n))
}

func nearest(n int) int {
	switch {
	case n <= 9:
		return 8
	case n <= 13:
		return 13
	default:
		return 14
	}
}

// Text reads a text as it is, without blanks at its ends and with at most limit characters. A number is written plainly.
func Text(v Value, limit int) (string, Outcome) {
	var s string
	switch v.Kind {
	case grid.Failed, grid.Pending:
		_, _, o := v.content()
		return "", o
	case grid.Number:
		if v.Format != nil && v.Format.Date {
			if d, o := Day(v); o.OK() {
				return d.String(), o
			}
		}
		s, _ = v.numberCode()
		if s == "" {
			s = string(v.Text)
		}
	default:
		s = strings.ReplaceAll(strings.TrimSpace(string(v.Text)), "\x00", "")
		if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
			return "", fault(Garbled)
		}
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return "", fault(TooLong, n, limit)
	}
	return s, Outcome{}
}

var truths = map[string]bool{}

func init() {
	for _, w := range strings.Fields("是 有 对 真 正确 y yes true t 1 √ ✓ ✔ ☑ v on 要 开") {
		truths[w] = true
	}
	for _, w := range strings.Fields("否 无 没有 错 假 不 不是 n no false f 0 × ✗ ✘ x ☐ off 不要 关 - / —") {
		truths[w] = false
	}
}

// Bool reads yes or no: 是 否 有 无 Y N 1 0 TRUE FALSE √ ×.
func Bool(v Value) (bool, Outcome) {
	if v.Kind == grid.Bool {
		return string(v.Text) == "1" || string(v.Text) == "true", Outcome{}
	}
	s, _, o := v.content()
	if !o.OK() {
		return false, o
	}
	if v.Kind == grid.Number {
		s = strings.TrimSuffix(plainNumber(v.Text), ".0")
	}
	b, ok := truths[strings.ToLower(strings.TrimPrefix(s, "'"))]
	if !ok {
		return false, fault(NotBool, Shown(s))
	}
	return b, Outcome{}
}
