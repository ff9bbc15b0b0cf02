package statement

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"milkrun/c2m"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Terms are how a supplier is paid, and what is taken off. Rates are in basis points (hundredths of a percent).
type Terms struct {
	Currency    supplier.Currency
	Incoterm    supplier.Incoterm
	PaymentDays int // after the statement is agreed
	// LateBP of the value is taken off for each day late after Grace days, at most LateMostBP.
	LateBP, LateMostBP, Grace int
	// ShortBP of the value of what did not come of an order that was closed short.
	ShortBP int
	// RebateBP of the period's goods, from RebateFrom on.
	RebateBP   int
	RebateFrom money.Fen
}

// DefaultTerms are those of a supplier with which none were agreed: 30 days, half a percent a day late from the second day on, at most five
// percent, two percent of what did not come, no rebate.
func DefaultTerms() Terms {
	return Terms{Currency: supplier.CNY, Incoterm: supplier.Domestic, PaymentDays: 30, LateBP: 50, LateMostBP: 500, Grace: 1, ShortBP: 200}
}

// ErrTerms refuses terms with a field that cannot be; *TermsFault names it.
var ErrTerms = errors.New("statement: the terms cannot be")

// TermsFault says which field of the terms is wrong.
type TermsFault struct{ Field string }

func (e *TermsFault) Error() string { return fmt.Sprintf("%v: %s", ErrTerms, e.Field) }

// Unwrap gives ErrTerms.
func (e *TermsFault) Unwrap() error { return ErrTerms }

// Check tells by *TermsFault what is wrong.
func (t Terms) Check() error {
	for _, c := range []struct {
		field string
		bad   bool
	}{
		{"currency", !slices.Contains(supplier.Currencies(), t.Currency)},
		{"incoterm", !slices.Contains(supplier.Incoterms(), t.Incoterm)},
		{"payment_days", t.PaymentDays < 0 || t.PaymentDays > 365},
		{"late_bp", t.LateBP < 0 || t.LateBP > 1000},
		{"late_most", t.LateMostBP < 0 || t.LateMostBP > 10_000},
		{"grace", t.Grace < 0 || t.Grace > 60},
		{"short_bp", t.ShortBP < 0 || t.ShortBP > 10_000},
		{"rebate_bp", t.RebateBP < 0 || t.RebateBP > 5000},
		{"rebate_from", t.RebateFrom < 0},
	} {
		if c.bad {
			return &TermsFault{c.field}
		}
	}
	return nil
}

// Delivered is an order line with all its receipts and promises: those of the period are accounted for, the earlier ones are needed to match
// them with the promises.
type Delivered struct {
	Order    c2m.OrderID
	Number   string
	Line     int
	SKU      catalog.SKUID
	Price    money.Fen // agreed, tax included
	TaxBP    int
	Promised []c2m.Split
	Receipts []Came
	// ClosedShort is the day on which the order was closed without all that was agreed, Missing what did not come.
	ClosedShort *calendar.Day
	Missing     quantity.Pieces
}

// Came is a receipt.
type Came struct {
	ID     int64
	Pieces quantity.Pieces
	Day    calendar.Day
}

// Refused is a lot of which pieces went back or were scrapped.
type Refused struct {
	Inspection int64
	SKU        catalog.SKUID
	Lot        string
	Day        calendar.Day
	Pieces     quantity.Pieces // sent back or scrapped
	Price      money.Fen
	TaxBP      int
	Number     string // of the order that brought it, "" for not known
}

// Make gives the lines of a period from what was delivered and refused. had tells of a source whether it stands on a live statement; such a
// line is left out. What came earlier than the period and stands on none is taken along. Amounts are rounded half up to the fen.
func Make(from, to calendar.Day, t Terms, delivered []Delivered, refused []Refused, had func(source string) bool) []Line {
	m := maker{from: from, to: to, terms: t, had: had}
	for _, d := range delivered {
		m.deliveries(d)
	}
	for _, r := range refused {
		if r.Pieces > 0 && r.Day <= to {
			amount := -r.Price * money.Fen(r.Pieces)
			m.put(Line{Kind: Quality, Source: fmt.Sprintf("inspection:%d", r.Inspection), Number: r.Number, SKU: r.SKU, Day: r.Day, Pieces: r.Pieces, Price: r.Price, TaxBP: r.TaxBP, Amount: amount,
				Why: catalog.Name{ZH: fmt.Sprintf("批次 %s 质检不合格：退货 / 报废 %d 件 × %s", r.Lot, r.Pieces, r.Price.Yuan()),
					EN: fmt.Sprintf("lot %s refused: %d returned or scrapped × %s", r.Lot, r.Pieces, r.Price.Yuan())}})
		}
	}
	m.rebate()
	s := Statement{Lines: m.lines}
	s.Sort()
	return s.Lines
}

type maker struct {
	from, to calendar.Day
	terms    Terms
	had      func(string) bool
	lines    []Line
	goods    money.Fen
	tax      int
}

func (m *maker) put(l Line) {
	if l.Amount != 0 && !m.had(l.Source) {
		l.Word = Unsaid
		m.lines = append(m.lines, l)
	}
}

// deliveries accounts for an order line: its receipts, their lateness and what did not come.
func (m *maker) deliveries(d Delivered) {
	base := Line{Order: d.Order, Number: d.Number, OrderLine: d.Line, SKU: d.SKU, Price: d.Price, TaxBP: d.TaxBP}
	late := lateness(d, m.terms.Grace)
	for _, r := range d.Receipts {
		if r.Day > m.to {
			continue
		}
		l := base
		l.Kind, l.Source, l.Receipt, l.Day, l.Pieces, l.Amount = Receipt, fmt.Sprintf("receipt:%d", r.ID), r.ID, r.Day, r.Pieces, d.Price*money.Fen(r.Pieces)
		if !m.had(l.Source) {
			m.goods, m.tax = m.goods+l.Amount, d.TaxBP
		}
		m.put(l)
		m.late(l, late[r.ID])
	}
	if d.ClosedShort != nil && *d.ClosedShort <= m.to && d.Missing > 0 {
		l := base
		l.Kind, l.Source, l.Day, l.Pieces = Short, fmt.Sprintf("short:%d:%d", d.Order, d.Line), *d.ClosedShort, d.Missing
		l.Amount = -bp(d.Price*money.Fen(d.Missing), m.terms.ShortBP)
		l.Why = catalog.Name{ZH: fmt.Sprintf("少交 %d 件 × %s × %s", d.Missing, d.Price.Yuan(), percent(m.terms.ShortBP)),
			EN: fmt.Sprintf("%d pieces short × %s × %s", d.Missing, d.Price.Yuan(), percent(m.terms.ShortBP))}
		m.put(l)
	}
}

// part is a number of pieces that came a number of days late.
type part struct {
	pieces quantity.Pieces
	days   int
}

// lateness matches receipts with promises, first in first out, and gives by receipt the pieces that came late beyond the days of grace.
func lateness(d Delivered, grace int) map[int64][]part {
	promised, came := slices.Clone(d.Promised), slices.Clone(d.Receipts)
	slices.SortStableFunc(promised, func(a, b c2m.Split) int { return cmp.Compare(a.Day, b.Day) })
	slices.SortStableFunc(came, func(a, b Came) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID)) })
	out := map[int64][]part{}
	for _, r := range came {
		for left := r.Pieces; left > 0 && len(promised) > 0; {
			n := min(left, promised[0].Pieces)
			if days := r.Day.Sub(promised[0].Day); days > grace {
				out[r.ID] = append(out[r.ID], part{n, days})
			}
			left -= n
			if promised[0].Pieces -= n; promised[0].Pieces == 0 {
				promised = promised[1:]
			}
		}
	}
	return out
}

// late takes off for what of a receipt came late: each part's value × days × LateBP, at most LateMostBP.
func (m *maker) late(receipt Line, parts []part) {
	var sum money.Fen
	var pieces quantity.Pieces
	most := 0
	for _, p := range parts {
		sum += bp(receipt.Price*money.Fen(p.pieces), min(p.days*m.terms.LateBP, m.terms.LateMostBP))
		pieces, most = pieces+p.pieces, max(most, p.days)
	}
	if sum == 0 {
		return
	}
	l := receipt
	l.Kind, l.Source, l.Pieces, l.Amount = Late, "late:"+receipt.Source, pieces, -sum
	l.Why = catalog.Name{ZH: fmt.Sprintf("%d 件晚到，最多 %d 天，每天 %s，上限 %s", pieces, most, percent(m.terms.LateBP), percent(m.terms.LateMostBP)),
		EN: fmt.Sprintf("%d pieces late, up to %d days, %s a day, at most %s", pieces, most, percent(m.terms.LateBP), percent(m.terms.LateMostBP))}
	m.put(l)
}

// rebate takes off the supplier's rebate on the goods of the period.
func (m *maker) rebate() {
	if m.terms.RebateBP == 0 || m.goods < max(1, m.terms.RebateFrom) {
		return
	}
	m.put(Line{Kind: Rebate, Source: fmt.Sprintf("rebate:%s:%s", m.from, m.to), Day: m.to, TaxBP: m.tax, Amount: -bp(m.goods, m.terms.RebateBP),
		Why: catalog.Name{ZH: fmt.Sprintf("本期货款 %s × 返利 %s", m.goods.Yuan(), percent(m.terms.RebateBP)),
			EN: fmt.Sprintf("rebate on goods of %s × %s", m.goods.Yuan(), percent(m.terms.RebateBP))}})
}

// bp gives so many basis points of an amount that is not negative, rounded half up.
func bp(f money.Fen, points int) money.Fen { return (f*money.Fen(points) + 5000) / 10_000 }

// percent writes basis points: 50 is "0.5%".
func percent(points int) string {
	switch {
	case points%100 == 0:
		return fmt.Sprintf("%d%%", points/100)
	case points%10 == 0:
		return fmt.Sprintf("%d.%d%%", points/100, points%100/10)
	}
	return fmt.Sprintf("%d.%02d%%", points/100, points%100)
}
