package picking

import (
	"cmp"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Class is how often goods are walked to: A most.
type Class string

// The classes.
const (
	A Class = "A"
	B Class = "B"
	C Class = "C"
)

// Moved is how often an SKU was picked in some time: lines, not pieces, as a walk is a walk.
type Moved struct {
	SKU   catalog.SKUID
	Lines int64
}

// Shares of the lines that the classes A, and A and B together, hold: the usual 80 and 95 of a hundred.
const (
	shareA = 80
	shareB = 95
)

// Classes sorts SKUs into classes: the most picked that make up 80 % of the lines are A, those up to 95 % are B, the rest and
// all that were not picked are C. An SKU on the border belongs to the better class.
func Classes(moved []Moved) map[catalog.SKUID]Class {
	moved = slices.Clone(moved)
	slices.SortFunc(moved, func(a, b Moved) int { return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.SKU, b.SKU)) })
	var total, before int64
	for _, m := range moved {
		total += max(0, m.Lines)
	}
	classes := make(map[catalog.SKUID]Class, len(moved))
	for _, m := range moved {
		switch {
		case m.Lines <= 0 || before*100 >= total*shareB:
			classes[m.SKU] = C
		case before*100 >= total*shareA:
			classes[m.SKU] = B
		default:
			classes[m.SKU] = A
		}
		before += max(0, m.Lines)
	}
	return classes
}

// Countable is a bin that may be counted.
type Countable struct {
	Bin     string
	Class   Class // of the best class that stands in it
	Counted *calendar.Day
	Doubt   bool // a picker found less there, or something else
}

// CountReason says why a bin is to be counted.
type CountReason string

// The reasons, from the most pressing.
const (
	CountDoubt CountReason = "doubt"
	CountNever CountReason = "never"
	CountDue   CountReason = "due"
)

// DueCount is a bin whose turn it is. Late is by how many days its turn has passed.
type DueCount struct {
	Index  int // of the bin
	Reason CountReason
	Late   int
}

// CountEvery is after how many days a bin of a class is counted again.
type CountEvery struct{ A, B, C int }

// UsualCounts counts A once a month, B once a quarter, C twice a year.
func UsualCounts() CountEvery { return CountEvery{A: 30, B: 90, C: 180} }

func (e CountEvery) of(c Class) int {
	switch c {
	case A:
		return max(1, e.A)
	case B:
		return max(1, e.B)
	default:
		return max(1, e.C)
	}
}

// CountPlan gives the bins to count on a day, at most so many: those in doubt, then those never counted, by class, then
// those whose turn it is, the latest by the measure of their class first.
func CountPlan(bins []Countable, every CountEvery, today calendar.Day, most int) []DueCount {
	var due []DueCount
	for i, b := range bins {
		turn := every.of(b.Class)
		switch {
		case b.Doubt:
			due = append(due, DueCount{Index: i, Reason: CountDoubt})
		case b.Counted == nil:
			due = append(due, DueCount{Index: i, Reason: CountNever})
		case today.Sub(*b.Counted) >= turn:
			due = append(due, DueCount{Index: i, Reason: CountDue, Late: today.Sub(*b.Counted) - turn})
		}
	}
	rank := map[CountReason]int{CountDoubt: 0, CountNever: 1, CountDue: 2}
	slices.SortFunc(due, func(x, y DueCount) int {
		p, q := bins[x.Index], bins[y.Index]
		// Late by half of its time is as pressing in each class.
		late := cmp.Compare(y.Late*every.of(p.Class), x.Late*every.of(q.Class))
		return cmp.Or(cmp.Compare(rank[x.Reason], rank[y.Reason]), late, cmp.Compare(p.Class, q.Class), cmp.Compare(p.Bin, q.Bin))
	})
	return due[:min(len(due), max(0, most))]
}

// CountDecision is what blind counts of a bin come to.
type CountDecision string

// The decisions: the count agrees; it is booked; another person counts again.
const (
	CountAgrees CountDecision = "agrees"
	CountBook   CountDecision = "book"
	CountAgain  CountDecision = "again"
)

// JudgeCounts decides on the blind counts of a bin, each by another person, in their order: a count that the stock agrees with
// settles it; a difference up to the tolerance in pieces is booked at once; a larger one is booked when two counts agree.
func JudgeCounts(stock int64, counts []int64, tolerance int64) CountDecision {
	if len(counts) == 0 {
		return CountAgain
	}
	last := counts[len(counts)-1]
	switch {
	case last == stock:
		return CountAgrees
	case max(last-stock, stock-last) <= tolerance, slices.Contains(counts[:len(counts)-1], last):
		return CountBook
	default:
		return CountAgain
	}
}
