package cell

import (
	"strings"

	"milkrun/internal/money"
)

// maxFen is a hundred billion yuan.
const maxFen = 10_000_000_000_000

// currency words of yuan that may stand before or behind an amount; the value is the shift from yuan, as a power of ten.
var currency = map[string]int{
	"": 0, "¥": 0, "rmb": 0, "cny": 0, "cn¥": 0, "元": 0, "圆": 0, "块": 0, "元整": 0, "yuan": 0, "人民币": 0, "人民币元": 0, "元人民币": 0, "rmb¥": 0,
	"角": -1, "分": -2, "fen": -2, "千元": 3, "万元": 4, "万": 4, "百万元": 6, "亿元": 8, "亿": 8,
}

// perUnit are the words that say “each”: a price per piece is a price.
var perUnit = strings.NewReplacer("/件", "", "/个", "", "/罐", "", "/包", "", "/盒", "", "/瓶", "", "/pcs", "", "/pc", "", "/ea", "", "/each", "")

// Fen reads an amount in yuan with at most two decimals. The unit may be 元, 角, 分, 万元 and stand in the cell or in the
// header. Negative amounts need signed.
func Fen(v Value, signed bool) (money.Fen, Outcome) {
	if v.Format != nil && v.Format.Percent {
		return 0, fault(PercentInNumber)
	}
	s, folded, o := v.numeric()
	if !o.OK() {
		return 0, o
	}
	if perCarton(s) || perCarton(v.Unit) {
		return 0, fault(PricePerCarton, Shown(s))
	}
	number, word, ok := amount(s)
	if !ok {
		return 0, fault(NotNumber, Shown(s))
	}
	unit := word
	if unit == "" {
		if _, known := currency[strings.ToLower(v.Unit)]; known {
			unit = strings.ToLower(v.Unit)
		}
	}
	shift, known := currency[unit]
	if !known {
		return 0, fault(ForeignCurrency, Shown(s))
	}
	inner, neg := bracketed(number)
	d, ok := parseDecimal(inner)
	if !ok {
		return 0, fault(NotNumber, Shown(s))
	}
	d.neg = d.neg != neg
	n, exact, ok := d.shift(shift).times(2)
	switch {
	case !ok || n > maxFen || n < -maxFen:
		return 0, fault(OutOfRange, Shown(s), int64(maxFen/100))
	case !exact:
		return 0, fault(TooManyDecimals, Shown(s), 2+shift)
	case n < 0 && !signed:
		return 0, fault(Negative, Shown(s))
	}
	if folded || word != "" || neg || shift != 0 {
		o = mend(ReadAs, money.Fen(n).Yuan())
	}
	return money.Fen(n), o
}

// perCarton tells whether a unit is a price's per carton: 元/箱.
func perCarton(unit string) bool {
	_, per, ok := strings.Cut(unit, "/")
	return ok && IsCarton(per)
}

// amount takes the currency words off both ends.
func amount(s string) (number, word string, ok bool) {
	s = perUnit.Replace(strings.ToLower(s))
	first, last := -1, -1
	for i, c := range []byte(s) {
		if c >= '0' && c <= '9' || c == '.' {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return "", "", false
	}
	before, after := strings.TrimSpace(s[:first]), strings.TrimSpace(s[last+1:])
	number = s[first : last+1]
	sign := ""
	for _, mark := range []string{"-", "+"} {
		if t, found := strings.CutPrefix(before, mark); found {
			before, sign = strings.TrimSpace(t), mark
		} else if t, found := strings.CutSuffix(before, mark); found {
			before, sign = strings.TrimSpace(t), mark
		}
	}
	if t, found := strings.CutPrefix(before, "("); found && strings.HasSuffix(after, ")") {
		before, after, number = strings.TrimSpace(t), strings.TrimSuffix(after, ")"), "("+number+")"
	} else if after == "-" {
		after, number = "", number+"-"
	}
	// ¥12.80元 says it twice.
	if after != "" && currency[before] == 0 {
		if _, known := currency[before]; known {
			before = ""
		}
	}
	return sign + number, before + after, true
}

// Percent reads a share as hundredths of a percent (basis points): 13% is 1300. A number without a percent sign is a
// percentage if the header says so (税率（%）), else a fraction up to one and a percentage above it; 1 is refused.
func Percent(v Value) (int64, Outcome) {
	s, folded, o := v.numeric()
	if !o.OK() {
		return 0, o
	}
	t, sign := strings.CutSuffix(s, "%")
	d, ok := parseDecimal(strings.TrimSpace(t))
	if !ok {
		return 0, fault(NotNumber, Shown(s))
	}
	formatted := v.Format != nil && v.Format.Percent
	guessed := false
	switch one, exact, _ := d.times(0); {
	case sign || (strings.Contains(v.Unit, "%") && !formatted):
		d = d.shift(-2)
	case formatted || d.digits == 0:
	case exact && (one == 1 || one == -1):
		return 0, fault(PercentUnclear, Shown(s))
	case one >= 1 || one <= -1:
		d, guessed = d.shift(-2), true
	}
	n, exact, ok := d.times(4)
	switch {
	case !ok || n > 10_000_000 || n < -10_000_000:
		return 0, fault(OutOfRange, Shown(s), "100000%")
	case !exact:
		return 0, fault(TooManyDecimals, Shown(s), 2)
	}
	if folded || guessed {
		o = mend(ReadAs, d.shift(2).String()+"%")
	}
	return n, o
}
