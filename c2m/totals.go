package c2m

import (
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Totals are the sums of an order or an answer. Gross is with tax; Net + Tax = Gross exactly.
type Totals struct {
	Lines           int
	Pieces          quantity.Pieces
	Gross, Net, Tax money.Fen
}

// TotalsOf sums the lines at what is asked. money.ErrOverflow when the amount leaves the range.
func TotalsOf(lines []Line) (Totals, error) {
	var t Totals
	for _, l := range lines {
		if err := t.addLine([]Split{{Pieces: l.Pieces, Price: l.Price}}, l.TaxBP); err != nil {
			return Totals{}, err
		}
		t.Lines++
	}
	return t, nil
}

// addLine adds one line in all its parts. The tax inside a gross amount is gross × rate ÷ (1 + rate), rounded half up to the fen once for
// the line, as on a Chinese VAT invoice: into how many deliveries a line is cut does not change its tax.
func (t *Totals) addLine(parts []Split, taxBP int) error {
	var gross money.Fen
	for _, p := range parts {
		part, err := p.Price.Times(int64(p.Pieces))
		if err != nil {
			return err
		}
		if gross += part; part > maxAmount || t.Gross+gross > maxAmount {
			return money.ErrOverflow
		}
		t.Pieces += p.Pieces
	}
	tax := taxWithin(gross, taxBP)
	t.Gross += gross
	t.Tax += tax
	t.Net += gross - tax
	return nil
}

// maxAmount keeps sums and the product with a tax rate within 64 bits: nine billion yuan × 100 % in basis points.
const maxAmount money.Fen = 900_000_000_000

func taxWithin(gross money.Fen, bp int) money.Fen {
	d := money.Fen(10_000 + bp)
	return (gross*money.Fen(bp)*2 + d) / (2 * d)
}

// NetPrice gives the unit price without tax, rounded half up to the fen.
func (l Line) NetPrice() money.Fen { return l.Price - taxWithin(l.Price, l.TaxBP) }

// Amount gives the line's amount with tax; 0 when it leaves the range, which Send refuses before.
func (l Line) Amount() money.Fen {
	a, err := l.Price.Times(int64(l.Pieces))
	if err != nil {
		return 0
	}
	return a
}
