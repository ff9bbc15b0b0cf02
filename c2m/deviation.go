package c2m

import (
	"slices"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// DeviationKind says in what an answer differs from what was asked or agreed.
type DeviationKind string

// The kinds. A line has at most one deviation of each.
const (
	DeviationPieces     DeviationKind = "pieces"
	DeviationDay        DeviationKind = "day"
	DeviationPrice      DeviationKind = "price"
	DeviationPack       DeviationKind = "pack"       // the answered pieces are not whole packs, or below the minimum: Unit
	DeviationUnknown    DeviationKind = "unknown"    // an offer of goods that were not asked for
	DeviationUnanswered DeviationKind = "unanswered" // nothing was said about the line
)

// Decision is what the buyer said to a deviation.
type Decision string

// The decisions.
const (
	DecisionOpen     Decision = "open"
	DecisionAccepted Decision = "accepted"
	DecisionRefused  Decision = "refused"
)

// Deviation is one difference between answer and ask, and what became of it. Asked values are those agreed where the line had
// been agreed before.
type Deviation struct {
	Line int
	SKU  catalog.SKUID
	Kind DeviationKind

	AskedPieces, Pieces quantity.Pieces
	AskedDay, Day       calendar.Day // the last day of either schedule
	// Days is by how much the latest part comes late; negative when all parts come on time or early and one is early.
	// Moved are the pieces concerned.
	Days              int
	Moved             quantity.Pieces
	AskedPrice, Price money.Fen
	Unit              quantity.Pieces
	// BelowMOQ is true when a DeviationPack concerns the minimum.
	BelowMOQ bool

	Decision Decision
	By       Person
	At       *time.Time
	Why      string // the buyer's reason
}

// compare lists where an answer differs from what is expected of each line: what was agreed, else what the version asks.
// The order is by line, then kind.
func compare(v Version, agreed map[int]Agreement, a Answer) []Deviation {
	var ds []Deviation
	for _, l := range v.Lines {
		expected := []Split{{Pieces: l.Pieces, Day: l.Due, Price: l.Price}}
		had, isAgreed := agreed[l.No]
		if isAgreed {
			expected = had.Splits
		}
		al, answered := a.Line(l.No)
		switch {
		case answered:
			ds = append(ds, compareLine(l, expected, al.Splits)...)
		case !isAgreed:
			ds = append(ds, Deviation{Line: l.No, SKU: l.SKU, Kind: DeviationUnanswered, AskedPieces: l.Pieces,
				AskedDay: l.Due, Day: l.Due, AskedPrice: l.Price, Price: l.Price, Decision: DecisionOpen})
		}
	}
	for _, al := range a.Lines {
		if _, ok := v.Line(al.Line); !ok && al.Pieces() > 0 {
			last := al.Splits[len(al.Splits)-1]
			ds = append(ds, Deviation{Line: al.Line, SKU: al.SKU, Kind: DeviationUnknown, Pieces: al.Pieces(),
				AskedDay: last.Day, Day: last.Day, Price: last.Price, Decision: DecisionOpen})
		}
	}
	return ds
}

func compareLine(l Line, expected, answered []Split) []Deviation {
	want, got := sorted(expected), sorted(answered)
	base := Deviation{Line: l.No, SKU: l.SKU, AskedPieces: splitPieces(want), Pieces: splitPieces(got),
		AskedDay: lastDay(want, l.Due), Day: lastDay(got, lastDay(want, l.Due)),
		AskedPrice: priceOf(want, l.Price), Price: priceOf(got, priceOf(want, l.Price)), Decision: DecisionOpen}
	var ds []Deviation
	add := func(kind DeviationKind, differs bool) {
		if differs {
			d := base
			d.Kind = kind
			ds = append(ds, d)
		}
	}
	add(DeviationPieces, base.Pieces != base.AskedPieces)
	base.Days, base.Moved = shift(want, got)
	add(DeviationDay, base.Moved > 0)
	base.Days, base.Moved = 0, 0
	add(DeviationPrice, base.Price != base.AskedPrice && base.Pieces > 0)
	if base.Pieces != base.AskedPieces || len(got) > len(want) {
		base.Unit, base.BelowMOQ = broken(l, got, base.AskedPieces)
		add(DeviationPack, base.Unit > 0)
	}
	return ds
}

// shift matches the answered pieces to the wanted ones first in, first out, and gives by how many days the worst part
// moves and how many pieces move that way: late before early. Pieces beyond those wanted are measured against the last day.
func shift(want, got []Split) (days int, moved quantity.Pieces) {
	var late, early quantity.Pieces
	worst, soonest := 0, 0
	queue := slices.Clone(want)
	for _, g := range got {
		for left := g.Pieces; left > 0; {
			if len(queue) > 1 && queue[0].Pieces == 0 {
				queue = queue[1:]
				continue
			}
			if len(queue) == 0 {
				return 0, 0 // nothing was wanted: a matter of quantity alone
			}
			n := left
			if queue[0].Pieces > 0 {
				n = min(left, queue[0].Pieces)
				queue[0].Pieces -= n
			}
			left -= n
			switch d := g.Day.Sub(queue[0].Day); {
			case d > 0:
				late, worst = late+n, max(worst, d)
			case d < 0:
				early, soonest = early+n, min(soonest, d)
			}
		}
	}
	if late > 0 {
		return worst, late
	}
	return soonest, early
}

// broken gives the minimum or the pack that an answered schedule breaks, 0 for none.
func broken(l Line, got []Split, asked quantity.Pieces) (unit quantity.Pieces, belowMOQ bool) {
	lim := Limits{MOQ: l.MOQ, Pack: l.Pack}
	total := splitPieces(got)
	moq, pack := lim.Breaks(total)
	if total != asked && moq && asked >= l.MOQ {
		return l.MOQ, true
	}
	if total != asked && pack {
		return l.Pack, false
	}
	for _, s := range got[:max(0, len(got)-1)] {
		if _, pack := lim.Breaks(s.Pieces); pack {
			return l.Pack, false
		}
	}
	return 0, false
}

func lastDay(ss []Split, none calendar.Day) calendar.Day {
	if len(ss) == 0 {
		return none
	}
	return ss[len(ss)-1].Day
}

// priceOf gives the dearest price of a schedule.
func priceOf(ss []Split, none money.Fen) money.Fen {
	if len(ss) == 0 {
		return none
	}
	price := ss[0].Price
	for _, s := range ss[1:] {
		price = max(price, s.Price)
	}
	return price
}
