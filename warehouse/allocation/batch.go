package allocation

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// Line asks for pieces of one SKU.
type Line struct {
	Order    int64 // with No the name of the line, unique in a batch
	No       int
	Priority int   // the larger first
	Queued   int64 // since when the line waits, in any unit: the smaller first
	SKU      SKU
	Want     quantity.Pieces
	// MinRemainingDays is the shelf life promised to the customer, NearExpiryDays what the goods must have left anyway: see
	// Sellable.
	MinRemainingDays, NearExpiryDays int
	// Whole takes all pieces or none.
	Whole bool
}

// before is the fair order: priority, then who has waited longest, then the order's and the line's number.
func (l *Line) before(m *Line) int {
	// One comparison mostly decides: cmp.Or would make all four.
	switch {
	case l.Priority != m.Priority:
		return cmp.Compare(m.Priority, l.Priority)
	case l.Queued != m.Queued:
		return cmp.Compare(l.Queued, m.Queued)
	case l.Order != m.Order:
		return cmp.Compare(l.Order, m.Order)
	}
	return cmp.Compare(l.No, m.No)
}

// Position is stock that may be promised: available pieces of one lot in one bin.
type Position struct {
	ID     int64 // unique in a batch
	SKU    SKU
	Lot    int64
	Expiry *calendar.Day // nil for goods without
	Rank   int           // of the bin, among lots of the same expiry: the smaller first
	Free   quantity.Pieces
}

// Take gives pieces of Positions[Position] to Lines[Line].
type Take struct {
	Line, Position int
	Pieces         quantity.Pieces
}

// Shortage is what a line did not get.
type Shortage struct {
	Line    int
	Missing quantity.Pieces
	// TooOld are the pieces that were left of the SKU but expire too soon for this line.
	TooOld quantity.Pieces
}

// Result is what a batch comes to: takes line by line, and shortages, both in fair order.
type Result struct {
	Takes     []Take
	Shortages []Shortage
}

// Batch allocates the stock of one site to lines, on the day of today. Lines are served in fair order: by priority, then by the
// time they wait. Each takes the lot that expires first of those that are sellable to it, from one place if one can cover what
// it wants among equal expiries, else from as many as it needs. No position gives more than is free; lines that ask for nothing
// and positions without free pieces are passed over. Of n lines and m positions it costs O(n log n + m log m).
func Batch(lines []Line, positions []Position, today calendar.Day) Result {
	s := arrange(positions)
	order := make([]int32, len(lines))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return lines[a].before(&lines[b]) })
	r := Result{Takes: make([]Take, 0, len(lines)+len(lines)/8)}
	for _, i := range order {
		l := &lines[i]
		if l.Want <= 0 {
			continue
		}
		good, left := firstGood(today, l.MinRemainingDays, l.NearExpiryDays), l.Want
		if !l.Whole || s.enough(l.SKU, good, l.Want) {
			left = s.serve(int(i), l, good, &r.Takes)
		}
		if left > 0 {
			r.Shortages = append(r.Shortages, Shortage{Line: int(i), Missing: left, TooOld: s.older(l.SKU, good)})
		}
	}
	return r
}

// shelf is the stock of a batch, by SKU and then in the order in which it is to be taken.
type shelf struct {
	slots []slot
	group map[SKU]span
	// next leads from a slot to itself or, once it is empty, towards the next that may not be.
	next []int32
}

type slot struct {
	at     int32 // the index of the position
	expiry calendar.Day
	free   quantity.Pieces
}

type span struct{ from, to int32 }

// never is the expiry of what does not expire.
const never = calendar.Day(math.MaxInt32)

func arrange(positions []Position) *shelf {
	s := &shelf{slots: make([]slot, 0, len(positions))}
	for i := range positions {
		if p := &positions[i]; p.Free > 0 {
			e := never
			if p.Expiry != nil {
				e = *p.Expiry
			}
			s.slots = append(s.slots, slot{int32(i), e, p.Free})
		}
	}
	slices.SortFunc(s.slots, func(a, b slot) int {
		p, q := &positions[a.at], &positions[b.at]
		switch {
		case p.SKU != q.SKU:
			return cmp.Compare(p.SKU, q.SKU)
		case a.expiry != b.expiry:
			return cmp.Compare(a.expiry, b.expiry)
		case p.Rank != q.Rank:
			return cmp.Compare(p.Rank, q.Rank)
		case p.Lot != q.Lot:
			return cmp.Compare(p.Lot, q.Lot)
		}
		return cmp.Compare(p.ID, q.ID)
	})
	s.group = make(map[SKU]span)
	s.next = make([]int32, len(s.slots)+1)
	for i := range s.next {
		s.next[i] = int32(i)
	}
	for i := 0; i < len(s.slots); {
		sku, from := positions[s.slots[i].at].SKU, i
		for i < len(s.slots) && positions[s.slots[i].at].SKU == sku {
			i++
		}
		s.group[sku] = span{int32(from), int32(i)}
	}
	return s
}

// stocked gives the first slot from i on that is not empty, shortening the way for the next who asks.
func (s *shelf) stocked(i int32) int32 {
	root := i
	for s.next[root] != root {
		root = s.next[root]
	}
	for s.next[i] != root {
		s.next[i], i = root, s.next[i]
	}
	return root
}

// first gives the first slot of the group that is good for a line.
func (s *shelf) first(g span, good calendar.Day) int32 {
	if i := s.stocked(g.from); i >= g.to || s.slots[i].expiry >= good {
		return i
	}
	n, _ := slices.BinarySearchFunc(s.slots[g.from:g.to], good, func(a slot, d calendar.Day) int { return cmp.Compare(a.expiry, d) })
	return s.stocked(g.from + int32(n))
}

// serve takes for a line and gives what is missing.
func (s *shelf) serve(line int, l *Line, good calendar.Day, takes *[]Take) quantity.Pieces {
	g := s.group[l.SKU]
	left := l.Want
	for i := s.first(g, good); i < g.to && left > 0; i = s.stocked(i) {
		if s.slots[i].free < left {
			i = s.cover(i, g.to, left)
		}
		n := min(left, s.slots[i].free)
		*takes = append(*takes, Take{line, int(s.slots[i].at), n})
		left -= n
		if s.slots[i].free -= n; s.slots[i].free == 0 {
			s.next[i] = i + 1
		}
	}
	return left
}

// coverWithin bounds how many places are looked at for one that can cover a line alone.
const coverWithin = 16

// cover gives the first slot of the same expiry that covers the want alone, or i itself.
func (s *shelf) cover(i, to int32, want quantity.Pieces) int32 {
	for k, seen := s.stocked(i+1), 0; k < to && s.slots[k].expiry == s.slots[i].expiry && seen < coverWithin; k, seen = s.stocked(k+1), seen+1 {
		if s.slots[k].free >= want {
			return k
		}
	}
	return i
}

// enough tells whether the SKU's stock that is good covers the want.
func (s *shelf) enough(sku SKU, good calendar.Day, want quantity.Pieces) bool {
	g := s.group[sku]
	for i := s.first(g, good); i < g.to && want > 0; i = s.stocked(i + 1) {
		want -= s.slots[i].free
	}
	return want <= 0
}

// older counts what is left of the SKU before the day.
func (s *shelf) older(sku SKU, good calendar.Day) quantity.Pieces {
	g := s.group[sku]
	var n quantity.Pieces
	for i := s.stocked(g.from); i < g.to && s.slots[i].expiry < good; i = s.stocked(i + 1) {
		n += s.slots[i].free
	}
	return n
}
