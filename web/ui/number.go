package ui

import (
	"context"
	"math"
	"strconv"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Nothing is what a cell shows that has no value; zero is shown as 0.
const Nothing = "–"

const minus = "−" // U+2212, as wide as a digit

// Int writes an integer with thousands commas and a true minus sign.
func Int(n int64) string {
	s := strconv.FormatInt(n, 10)
	s, neg := strings.CutPrefix(s, "-")
	s = group(s)
	if neg {
		return minus + s
	}
	return s
}

// group puts a comma before every third digit from the right.
func group(digits string) string {
	if len(digits) < 4 {
		return digits
	}
	var b strings.Builder
	first := len(digits) % 3
	b.WriteString(digits[:first])
	for i := first; i < len(digits); i += 3 {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// Pieces writes a number of pieces: 4,200.
func Pieces(p quantity.Pieces) string { return Int(int64(p)) }

// PiecesOr writes a number of pieces, or – when there is none.
func PiecesOr(p *quantity.Pieces) string {
	if p == nil {
		return Nothing
	}
	return Pieces(*p)
}

// SignedInt writes an integer with its sign, also when positive: +20, −1,200, 0.
func SignedInt(n int64) string {
	if n > 0 {
		return "+" + Int(n)
	}
	return Int(n)
}

// Yuan writes money for documents, details and anything paid: ¥53,760.00.
func Yuan(f money.Fen) string { return signed(f, "¥"+Amount(abs(f))) }

// YuanRound writes money for lists and figures, rounded half away from zero to whole yuan: ¥53,760.
func YuanRound(f money.Fen) string {
	a := abs(f)
	yuan := a / 100
	if a%100 >= 50 {
		yuan++
	}
	if yuan == 0 {
		return "¥0"
	}
	return signed(f, "¥"+Int(int64(yuan)))
}

// Amount writes yuan with two decimals and no sign of currency, for columns whose header says 元: 12.80.
func Amount(f money.Fen) string {
	whole, part, _ := strings.Cut(abs(f).Yuan(), ".")
	return signed(f, group(whole)+"."+part)
}

func abs(f money.Fen) money.Fen {
	if f < 0 {
		return -f
	}
	return f
}

func signed(f money.Fen, s string) string {
	if f < 0 {
		return minus + strings.TrimPrefix(s, minus)
	}
	return s
}

// Percent writes a ratio as a percentage with the given decimals: Percent(0.975, 1) is 97.5%.
// Not a number is –.
func Percent(ratio float64, decimals int) string {
	return Decimal(ratio*100, decimals) + unless(ratio, "%")
}

// PercentSigned writes a ratio as a percentage with its sign: +2.1%.
func PercentSigned(ratio float64, decimals int) string {
	s := Percent(ratio, decimals)
	if ratio > 0 && strings.Trim(s, "0.,%") != "" {
		return "+" + s
	}
	return s
}

func unless(v float64, s string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return s
}

// Times writes a multiplier: ×2.6.
func Times(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Nothing
	}
	return "×" + Decimal(v, 1)
}

// Decimal writes a number with thousands commas and a fixed number of decimals. Not a number is –.
func Decimal(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Nothing
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, part, dot := strings.Cut(s, ".")
	s = group(whole)
	if dot {
		s += "." + part
	}
	if v < 0 && strings.Trim(s, "0.,") != "" {
		return minus + s
	}
	return s
}

// Days writes a cover in days: one decimal below ten, none above, as on the cover matrix.
func Days(v float64) string {
	if v < 10 {
		return Decimal(v, 1)
	}
	return Decimal(v, 0)
}

// Axis writes a tick of a chart's axis: zh 8,000 then 2.4 万 and 1.2 亿; en 8k, 24k, 1.2M.
func Axis(ctx context.Context, v float64) string {
	a := math.Abs(v)
	if Lang(ctx) == English {
		switch {
		case a >= 1e6:
			return short(v/1e6) + "M"
		case a >= 1e3:
			return short(v/1e3) + "k"
		}
		return short(v)
	}
	switch {
	case a >= 1e8:
		return short(v/1e8) + " 亿"
	case a >= 1e4:
		return short(v/1e4) + " 万"
	}
	return short(v)
}

// short writes at most one decimal, and none when it would be 0.
func short(v float64) string { return strings.TrimSuffix(Decimal(v, 1), ".0") }

// Quantity writes a number with its SKU's own unit: 4,200 件, 1 tin, 4,200 tins.
func Quantity(ctx context.Context, p quantity.Pieces, unit catalog.Name) string {
	return strings.TrimSpace(Pieces(p) + " " + Unit(ctx, p, unit))
}

// Unit gives the unit's name as it follows the number p. English units are data in the singular; their plural is the
// regular one.
func Unit(ctx context.Context, p quantity.Pieces, unit catalog.Name) string {
	name := Name(ctx, unit)
	if Lang(ctx) != English || name != unit.EN || p == 1 || name == "" {
		return name
	}
	switch last := name[len(name)-1]; {
	case last == 's':
		return name
	case last == 'x' || strings.HasSuffix(name, "ch") || strings.HasSuffix(name, "sh"):
		return name + "es"
	}
	return name + "s"
}

// Name gives a name of the catalog in the language of the context.
func Name(ctx context.Context, n catalog.Name) string { return n.In(string(Lang(ctx))) }
