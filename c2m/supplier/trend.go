package supplier

import (
	"cmp"
	"math"
	"slices"
	"time"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// OrderLine is a line's promises as they were first made and what came of it, with its price and the cheapest one that was to be had.
type OrderLine struct {
	SKU             catalog.SKUID
	Promised, Came  []c2m.Split
	Price, Cheapest int64 // fen a piece; Cheapest 0 for not known
}

// Lot is a lot's first inspection: Defects found in a Sample of Pieces.
type Lot struct {
	SKU      catalog.SKUID
	Day      calendar.Day
	Accepted bool
	Pieces   quantity.Pieces
	Sample   int
	Defects  int
}

// Answer is how long a supplier took to answer an order.
type Answer struct {
	Day  calendar.Day // of the answer
	Took time.Duration
}

// Records are what a supplier's figures are reckoned from.
type Records struct {
	Lines   []OrderLine
	Lots    []Lot
	Answers []Answer
}

// due is one promise that fell due, as it was delivered.
type due struct {
	day  calendar.Day
	sku  catalog.SKUID
	line Line
	cost [2]int64 // as ordered and at the cheapest, fen
}

// dues matches what came with what was promised, first in first out: the n-th piece received fulfils the n-th piece promised. A promise that
// is not whole yet is late by the days up to today.
func (r Records) dues(today calendar.Day) []due {
	var out []due
	for _, l := range r.Lines {
		came := slices.Clone(l.Came)
		slices.SortStableFunc(came, func(a, b c2m.Split) int { return cmp.Compare(a.Day, b.Day) })
		promised := slices.Clone(l.Promised)
		slices.SortStableFunc(promised, func(a, b c2m.Split) int { return cmp.Compare(a.Day, b.Day) })
		for _, p := range promised {
			d := due{day: p.Day, sku: l.SKU, line: Line{Ordered: p.Pieces, DaysLate: today.Sub(p.Day)}}
			if l.Cheapest > 0 {
				d.cost = [2]int64{l.Price * int64(p.Pieces), l.Cheapest * int64(p.Pieces)}
			}
			for left := p.Pieces; left > 0 && len(came) > 0; {
				n := min(left, came[0].Pieces)
				d.line.Delivered += n
				if left -= n; left == 0 {
					d.line.DaysLate = came[0].Day.Sub(p.Day)
				}
				if came[0].Pieces -= n; came[0].Pieces == 0 {
					came = came[1:]
				}
			}
			out = append(out, d)
		}
	}
	return out
}

// Figures reckons the figures over the days from to to, both included: promises that fell due, lots inspected and answers given on them.
// The defective pieces of a lot are its pieces × defects ÷ sample, counted on the window's deliveries of its SKU.
func (r Records) Figures(from, to, today calendar.Day, rule Rule) Figures {
	in := func(d calendar.Day) bool { return d >= from && d <= to }
	var f Figures
	var lines []Line
	var skus []catalog.SKUID
	var paid, cheapest int64
	for _, d := range r.dues(today) {
		if !in(d.day) || d.day >= today && d.line.Delivered < d.line.Ordered { // not due yet
			continue
		}
		lines, skus = append(lines, d.line), append(skus, d.sku)
		if d.cost[1] > 0 {
			f.Priced++
			paid, cheapest = paid+d.cost[0], cheapest+d.cost[1]
		}
	}
	for _, l := range r.Lots {
		if !in(l.Day) {
			continue
		}
		f.Lots++
		if l.Accepted {
			f.Passed++
		}
		charge(lines, skus, l)
	}
	f.Card, _ = CardOf(lines, rule)
	if cheapest > 0 {
		f.PriceIndex = float64(paid) / float64(cheapest)
	}
	var took time.Duration
	for _, a := range r.Answers {
		if in(a.Day) {
			f.Answers++
			took += a.Took
		}
	}
	if f.Answers > 0 {
		f.AnswerHours = took.Hours() / float64(f.Answers)
	}
	return f
}

// charge counts the defective pieces of a lot on lines of its SKU, never more than were delivered.
func charge(lines []Line, skus []catalog.SKUID, l Lot) {
	if l.Sample <= 0 || l.Defects <= 0 {
		return
	}
	bad := quantity.Pieces(math.Round(float64(l.Pieces) * min(1, float64(l.Defects)/float64(l.Sample))))
	for i := range lines {
		if skus[i] != l.SKU || bad <= 0 {
			continue
		}
		n := min(bad, lines[i].Delivered-lines[i].Defective)
		lines[i].Defective += n
		bad -= n
	}
}

// Month is a month's figures: From is its first day.
type Month struct {
	From    calendar.Day
	Figures Figures
}

// Trend gives the figures of the last n calendar months, the one of today last.
func (r Records) Trend(n int, today calendar.Day, rule Rule) []Month {
	t := today.Time()
	var out []Month
	for i := n - 1; i >= 0; i-- {
		first := time.Date(t.Year(), t.Month()-time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		from := calendar.Of(first, time.UTC)
		to := calendar.Of(first.AddDate(0, 1, -1), time.UTC)
		out = append(out, Month{From: from, Figures: r.Figures(from, to, today, rule)})
	}
	return out
}
