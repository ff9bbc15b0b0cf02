package cell

import (
	"strings"
	"unicode"

	"milkrun/internal/quantity"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// maxPieces is beyond every order and short of every barcode.
const maxPieces = 1_000_000_000

// unitKind tells what a unit counts.
type unitKind uint8

const (
	noUnit unitKind = iota
	pieceUnit
	cartonUnit
	dozenUnit
)

var units = map[string]unitKind{}

func init() {
	for kind, words := range map[unitKind]string{
		pieceUnit:  "件 个 只 罐 盒 包 瓶 袋 支 片 套 条 听 桶 双 枚 把 张 块 台 本 提 组 粒 根 对 pcs pc piece pieces ea each unit units tin tins can cans pack packs bottle bottles box boxes bag bags set sets pair pairs",
		cartonUnit: "箱 整箱 大箱 外箱 ctn ctns carton cartons case cases cs",
		dozenUnit:  "打 dozen dozens doz dz",
	} {
		for _, w := range strings.Fields(words) {
			units[w] = kind
		}
	}
}

// IsCarton tells whether a unit (of a header, say) counts cartons.
func IsCarton(unit string) bool { return units[strings.ToLower(strings.TrimSpace(unit))] == cartonUnit }

// UnitIn finds the unit in what stands in a header's brackets: 箱, 单位：箱, 元/件, %; empty if there is none.
func UnitIn(text string) string {
	s, _ := fold([]byte(text))
	s = strings.ToLower(s)
	if _, after, ok := strings.Cut(s, ":"); ok {
		s = strings.TrimSpace(after)
	}
	known := func(u string) bool {
		_, isMoney := currency[u]
		return u != "" && (isMoney || units[u] != noUnit || Grams[u] > 0 || Millimetres[u] > 0 || Millilitres[u] > 0 || u == "%")
	}
	of, per, _ := strings.Cut(s, "/")
	switch of = strings.TrimSpace(of); {
	case known(s):
		return s
	case known(of) && IsCarton(per):
		return of + "/" + strings.TrimSpace(per)
	case known(of):
		return of
	}
	return ""
}

// Pieces reads a whole number of pieces. Cartons (in the cell, in its number format or in the header) are turned into
// pieces by perCarton; 0 means that it is not known. “5箱3件” is both. Negative numbers need signed.
func Pieces(v Value, perCarton quantity.Pieces, signed bool) (quantity.Pieces, Outcome) {
	if v.Format != nil && v.Format.Percent {
		return 0, fault(PercentInNumber)
	}
	s, folded, o := v.numeric()
	if !o.OK() {
		return 0, o
	}
	p := piecesReader{raw: s, perCarton: perCarton, unit: v.Unit}
	if v.Format != nil && units[strings.ToLower(v.Format.Unit)] != noUnit {
		p.unit = v.Format.Unit
	}
	inner, neg := bracketed(s)
	n, o := p.read(inner)
	if neg {
		n, p.rewritten = -n, true
	}
	switch {
	case !o.OK():
		return 0, o
	case n < 0 && !signed:
		return 0, fault(Negative, n)
	case n > maxPieces || n < -maxPieces:
		return 0, fault(OutOfRange, Shown(s), maxPieces)
	}
	switch {
	case p.note.IsZero() && v.Kind == grid.Text && (folded || p.rewritten):
		o.Mend = ReadAs.With(n)
	default:
		o.Mend = p.note
	}
	return quantity.Pieces(n), o
}

type piecesReader struct {
	raw, unit string
	perCarton quantity.Pieces
	note      notice.Note
	rewritten bool
}

// read takes the parts of “5箱3件” one after the other.
func (p *piecesReader) read(s string) (int64, Outcome) {
	var sum int64
	parts := 0
	for rest := s; rest != ""; parts++ {
		number, unit, more := split(rest)
		if number == "" || parts == 2 || (parts == 1 && strings.HasPrefix(number, "-")) {
			return 0, fault(NotNumber, Shown(p.raw))
		}
		n, o := p.one(number, unit, parts > 0 || more != "")
		if !o.OK() {
			return 0, o
		}
		sum += n
		rest = strings.TrimLeft(more, "+零又 ")
	}
	if parts == 0 {
		return 0, fault(NotNumber, Shown(p.raw))
	}
	if parts > 1 {
		p.note = ReadAs.With(sum)
	}
	return sum, Outcome{}
}

// one reads a number with its unit. Each part of a pair needs a unit of its own.
func (p *piecesReader) one(number, unit string, paired bool) (int64, Outcome) {
	d, ok := parseDecimal(number)
	if !ok {
		return 0, fault(NotNumber, Shown(p.raw))
	}
	p.rewritten = p.rewritten || strings.ContainsAny(number, ". ")
	if per, of, ok := strings.Cut(unit, "/"); ok && IsCarton(of) { // 24件/箱
		unit = strings.TrimSpace(per)
	}
	d, unit, scaled := multiplier(d, unit)
	p.rewritten = p.rewritten || scaled
	written := unit
	if unit == "" {
		if paired {
			return 0, fault(NotNumber, Shown(p.raw))
		}
		unit = p.unit
	}
	n, exact, ok := d.times(0)
	if !ok || n > maxPieces || n < -maxPieces {
		return 0, fault(OutOfRange, Shown(p.raw), maxPieces)
	}
	kind := units[strings.ToLower(unit)]
	switch {
	case kind == noUnit && written != "":
		return 0, fault(UnknownUnit, Shown(written))
	case !exact:
		return 0, fault(NotWhole, d.String())
	case kind == cartonUnit:
		return p.cartons(n)
	case kind == dozenUnit:
		p.note = ReadAs.With(n * 12)
		return n * 12, Outcome{}
	case written != "" && !scaled:
		p.note = Unit.With(written)
	}
	return n, Outcome{}
}

func (p *piecesReader) cartons(n int64) (int64, Outcome) {
	per := int64(p.perCarton)
	if per < 1 {
		return 0, fault(CartonSizeUnknown, Shown(p.raw))
	}
	if per > maxPieces || n > maxPieces/per {
		return 0, fault(OutOfRange, Shown(p.raw), maxPieces)
	}
	if per > 1 {
		p.note = Carton.With(n, per, n*per)
	} else {
		p.note = Unit.With("箱")
	}
	return n * per, Outcome{}
}

// bracketed undoes the bookkeeper's minus: (100) is -100, 100- too.
func bracketed(s string) (string, bool) {
	if len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' {
		return strings.TrimSpace(s[1 : len(s)-1]), true
	}
	if n := len(s) - 1; n > 0 && s[n] == '-' && s[n-1] >= '0' && s[n-1] <= '9' {
		return s[:n], true
	}
	return s, false
}

// split takes the leading number and the unit behind it off.
func split(s string) (number, unit, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' || s[i] == ',' || s[i] == ' ' || i == 0 && (s[i] == '-' || s[i] == '+')) {
		i++
	}
	number = strings.TrimSpace(s[:i])
	for j, r := range s[i:] {
		if unicode.IsDigit(r) || r == '+' || r == '零' || r == '又' {
			return number, strings.TrimSpace(s[i : i+j]), s[i+j:]
		}
	}
	return number, strings.TrimSpace(strings.TrimSuffix(s[i:], ".")), ""
}

// multiplier takes 千, 万, 亿 off the front of the unit.
func multiplier(d decimal, unit string) (decimal, string, bool) {
	for word, zeros := range map[string]int{"千": 3, "万": 4, "亿": 8} {
		if after, ok := strings.CutPrefix(unit, word); ok {
			return d.shift(zeros), strings.TrimSpace(after), true
		}
	}
	return d, unit, false
}
