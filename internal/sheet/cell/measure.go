package cell

import (
	"strings"

	"milkrun/internal/sheet/notice"
)

// Scale is a table of units of one measure. The values are the size of the unit in thousandths of the base unit.
type Scale map[string]int64

// The measures of parcels and cartons.
var (
	// Grams: 克 千克 公斤 斤 吨.
	Grams = Scale{"g": 1e3, "克": 1e3, "gram": 1e3, "grams": 1e3, "kg": 1e6, "kgs": 1e6, "千克": 1e6, "公斤": 1e6, "斤": 5e5, "市斤": 5e5, "t": 1e9, "吨": 1e9, "mg": 1, "毫克": 1}
	// Millimetres: 毫米 厘米 米.
	Millimetres = Scale{"mm": 1e3, "毫米": 1e3, "cm": 1e4, "厘米": 1e4, "公分": 1e4, "dm": 1e5, "分米": 1e5, "m": 1e6, "米": 1e6}
	// Millilitres: 毫升 升 立方米 (CBM).
	Millilitres = Scale{"ml": 1e3, "毫升": 1e3, "cm3": 1e3, "cm³": 1e3, "cc": 1e3, "l": 1e6, "升": 1e6, "dm3": 1e6, "m3": 1e9, "m³": 1e9, "cbm": 1e9, "立方米": 1e9, "立方": 1e9, "方": 1e9}
)

// Measure reads a measure in the base unit of the scale, rounded to the nearest whole one. The unit is the cell's, else
// the header's, else the default. Negative measures are refused.
func Measure(v Value, s Scale, unit string) (int64, Outcome) {
	text, folded, o := v.numeric()
	if !o.OK() {
		return 0, o
	}
	number, written, rest := split(text)
	if rest != "" && written != "" { // cm3: the digit belongs to the unit
		written, rest = written+rest, ""
	}
	d, ok := parseDecimal(number)
	if !ok || rest != "" {
		return 0, fault(NotNumber, Shown(text))
	}
	if d.neg && d.digits != 0 {
		return 0, fault(Negative, Shown(text))
	}
	factor, known := s[strings.ToLower(written)]
	switch {
	case written != "" && !known:
		return 0, fault(UnknownUnit, Shown(written))
	case written == "":
		if factor = s[strings.ToLower(strings.TrimSpace(v.Unit))]; factor == 0 {
			factor = s[unit]
		}
	}
	thousandths, ok := d.product(factor)
	if !ok || thousandths > 1e15 {
		return 0, fault(OutOfRange, Shown(text), int64(1e12))
	}
	n := (thousandths + 500) / 1000
	switch {
	case folded || n*1000 != thousandths:
		o.Mend = ReadAs.With(n)
	case written != "":
		o.Mend = notice.Note{}
	}
	return n, o
}

// product multiplies by an integer and rounds to a whole number; false when it leaves int64.
func (d decimal) product(factor int64) (int64, bool) {
	for d.scale > 0 && factor%10 == 0 {
		factor /= 10
		d.scale--
	}
	if factor > 0 && d.digits > uint64(1<<62)/uint64(factor) {
		return 0, false
	}
	n := int64(d.digits) * factor
	div := int64(1)
	for ; d.scale > 0; d.scale-- {
		if div > 1<<58 {
			return 0, true
		}
		div *= 10
	}
	return (n + div/2) / div, true
}
