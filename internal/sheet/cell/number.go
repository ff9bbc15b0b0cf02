package cell

import (
	"math"
	"strconv"
	"strings"

	"milkrun/internal/sheet/grid"
)

// decimal is digits / 10^scale.
type decimal struct {
	neg    bool
	digits uint64
	scale  int
}

// maxDigits keeps every decimal, and its product with a unit of 10,000, within int64.
const maxDigits = 15

// parseDecimal reads a plain decimal with optional thousands separators (1,234.50). It refuses what it cannot hold
// exactly: more than 15 digits.
func parseDecimal(s string) (d decimal, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.neg = s[0] == '-'
		s = strings.TrimLeft(s[1:], " ")
	}
	if s == "" || len(s) > 64 {
		return d, false
	}
	whole, part, dot := strings.Cut(s, ".")
	if whole, ok = ungroup(whole); !ok || (whole == "" && part == "") {
		return d, false
	}
	if dot {
		part = strings.TrimRight(part, "0")
	}
	count := 0
	for _, c := range []byte(whole + part) {
		if c < '0' || c > '9' {
			return d, false
		}
		if c != '0' || count > 0 {
			count++
		}
		if count > maxDigits {
			return d, false
		}
		d.digits = d.digits*10 + uint64(c-'0')
	}
	d.scale = len(part)
	return d, true
}

// ungroup takes separators out of the whole part if they stand where they belong: between groups of three digits.
func ungroup(s string) (string, bool) {
	if strings.IndexByte(s, ',') < 0 && strings.IndexByte(s, ' ') < 0 {
		return s, true
	}
	sep := ","
	if strings.IndexByte(s, ',') < 0 {
		sep = " "
	}
	groups := strings.Split(s, sep)
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// times multiplies by a power of ten and gives the integer; exact says that nothing was cut off.
func (d decimal) times(scale int) (n int64, exact, ok bool) {
	v := d.digits
	exact = true
	for ; scale > d.scale; scale-- {
		if v > math.MaxInt64/10 {
			return 0, false, false
		}
		v *= 10
	}
	for ; scale < d.scale; scale++ {
		exact = exact && v%10 == 0
		v /= 10
	}
	if v > math.MaxInt64 {
		return 0, false, false
	}
	if n = int64(v); d.neg {
		n = -n
	}
	return n, exact, true
}

// shift multiplies the decimal by 10^n.
func (d decimal) shift(n int) decimal {
	d.scale -= n
	return d
}

// String gives the plain form.
func (d decimal) String() string {
	f := strconv.FormatUint(d.digits, 10)
	if d.scale < 0 {
		f += strings.Repeat("0", -d.scale)
	}
	if d.scale > 0 {
		for len(f) <= d.scale {
			f = "0" + f
		}
		f = f[:len(f)-d.scale] + "." + f[len(f)-d.scale:]
	}
	if d.neg {
		f = "-" + f
	}
	return f
}

// plainNumber brings the number of a workbook's cell to the decimal that Excel shows for it: 15 significant digits, so
// that 1199.9999999999998 is 1200. It gives "" for what is no finite number.
func plainNumber(text []byte) string {
	if simple(text) {
		return string(text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || math.Abs(f) >= 1e18 || (f != 0 && math.Abs(f) < 1e-12) {
		if err == nil && math.Abs(f) < 1e-12 {
			return "0"
		}
		return ""
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// simple tells whether the text is digits with at most one dot, 15 in all.
func simple(text []byte) bool {
	dots := 0
	for i, c := range text {
		switch {
		case c == '.':
			dots++
		case c == '-' && i == 0:
		case c < '0' || c > '9':
			return false
		}
	}
	return len(text) > 0 && dots <= 1 && len(text) <= maxDigits
}

// numeric gives the text of a number, of whatever kind the cell is. folded says that it was not written as a plain number.
func (v Value) numeric() (s string, folded bool, o Outcome) {
	switch v.Kind {
	case grid.Number:
		if v.Format != nil && v.Format.Date {
			return "", false, fault(DateInNumber)
		}
		if s = plainNumber(v.Text); s == "" {
			return "", false, fault(NotNumber, Shown(v.Text))
		}
		return s, false, Outcome{}
	case grid.Bool, grid.Date:
		return "", false, fault(NotNumber, Shown(v.Text))
	}
	s, folded, o = v.content()
	if o.OK() && strings.HasPrefix(s, "'") {
		s, folded = s[1:], true
	}
	return s, folded, o
}

// Float reads a plain number as it is; a percent sign divides by 100.
func Float(v Value) (float64, Outcome) {
	s, _, o := v.numeric()
	if !o.OK() {
		return 0, o
	}
	t, percent := strings.CutSuffix(s, "%")
	d, ok := parseDecimal(strings.TrimSpace(t))
	if !ok {
		return 0, fault(NotNumber, Shown(s))
	}
	if percent {
		d = d.shift(-2)
	}
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		return 0, fault(NotNumber, Shown(s))
	}
	return f, Outcome{}
}
