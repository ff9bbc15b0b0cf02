package lotplan

import (
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// nearest is what is known while the split nearest to the shares is looked for: what each factory should make of the need, the least cost
// and what may be spent, and the distance of the best found so far.
type nearest struct {
	target []quantity.Pieces
	least  money.Fen
	budget money.Fen
	away   quantity.Pieces
	cost   money.Fen
}

// shared gives, of the splits that cost no more than the need's slack above the least, the one nearest to the factories' shares; the cheapest
// of equals, and the split of the least cost where no factory has a share. It looks at every choice of factories and bands. Within a choice
// it goes from the cheapest filling towards the one by shares as far as the money reaches: cost is linear in between.
func (s *search) shared() Split {
	target, ok := s.targets()
	if !ok {
		return s.found
	}
	budget := s.best + s.best*money.Fen(max(s.need.ShareSlackBP, 0))/10_000
	s.near = &nearest{target: target, least: s.best, budget: budget, cost: s.best}
	s.near.away = s.distance(s.found)
	s.best, s.taken = budget+1, nil
	s.look(0, 0, 0, 0)
	return s.found
}

// targets gives what each factory should make of the need by its share among those that can make it, false without shares.
func (s *search) targets() ([]quantity.Pieces, bool) {
	sum := int64(0)
	for _, f := range s.all {
		sum += int64(max(f.ShareBP, 0))
	}
	if sum == 0 {
		return nil, false
	}
	out := make([]quantity.Pieces, len(s.all))
	for i, f := range s.all {
		out[i] = quantity.Pieces((int64(s.need.Pieces)*int64(max(f.ShareBP, 0)) + sum/2) / sum)
	}
	return out, true
}

// distance gives by how many pieces a split differs from the targets, over all factories.
func (s *search) distance(split Split) quantity.Pieces {
	var away quantity.Pieces
	for i, f := range s.all {
		d := split.Of(f.ID) - s.near.target[i]
		away += max(d, -d)
	}
	return away
}

// approach looks at one choice of factories and bands.
func (s *search) approach(low quantity.Pieces) {
	cheap, ok := s.cheapest(low)
	if !ok {
		return
	}
	from := s.split(cheap)
	if from.Cost > s.near.budget {
		return
	}
	s.consider(from)
	if want := s.byShare(low); want != nil {
		s.consider(s.toward(cheap, want, from.Cost))
	}
}

// consider keeps a split that is nearer than the best so far, or as near and cheaper.
func (s *search) consider(split Split) {
	away := s.distance(split)
	if split.Cost > s.near.budget || away > s.near.away || away == s.near.away && split.Cost >= s.near.cost {
		return
	}
	split.Extra = split.Cost - s.near.least
	s.found, s.near.away, s.near.cost = split, away, split.Cost
}

// byShare fills the bands taken as near to the targets as their bounds let it, and the rest of the need where there is room; nil where the
// lower bounds alone hold the need.
func (s *search) byShare(low quantity.Pieces) []quantity.Pieces {
	if low >= s.need.Pieces {
		return nil
	}
	out := make([]quantity.Pieces, len(s.taken))
	open := s.need.Pieces
	for k, c := range s.taken {
		out[k] = min(c.band.high, max(c.band.low, s.near.target[c.factory]))
		open -= out[k]
	}
	for k, c := range s.taken { // too few: where there is room; too many: where it is above the lower bound
		switch {
		case open > 0:
			n := min(open, c.band.high-out[k])
			out[k], open = out[k]+n, open-n
		case open < 0:
			n := min(-open, out[k]-c.band.low)
			out[k], open = out[k]-n, open+n
		}
	}
	if open != 0 {
		return nil
	}
	return out
}

// toward goes from the cheapest filling to the wanted one as far as the budget reaches, in whole pieces.
func (s *search) toward(cheap, want []quantity.Pieces, cost money.Fen) Split {
	full := s.split(want)
	dearer, left := int64(full.Cost-cost), int64(s.near.budget-cost)
	if dearer <= left {
		return full
	}
	out := make([]quantity.Pieces, len(cheap))
	open := s.need.Pieces
	for k := range cheap {
		step := int64(want[k] - cheap[k])
		out[k] = cheap[k] + quantity.Pieces(step*left/dearer) // towards zero: never beyond either end
		open -= out[k]
	}
	for k := range out { // what rounding left over goes back towards the cheapest
		n := cheap[k] - out[k]
		if open > 0 {
			n = min(max(n, 0), open)
		} else {
			n = max(min(n, 0), open)
		}
		out[k], open = out[k]+n, open-n
	}
	return s.split(out)
}

// Why says what decided about a factory in a split.
type Why string

// The reasons.
const (
	WhyLate     Why = "late"     // its lead time is longer than the due days
	WhyGrade    Why = "grade"    // its quality grade is below the one asked for
	WhyCapacity Why = "capacity" // it can make nothing, or less than its MOQ
	WhyDear     Why = "dear"     // others make it for less
	WhyCheapest Why = "cheapest" // it is part of the cheapest split
	WhyShare    Why = "share"    // its share gave it more or less than the cheapest split would
)

// Reason tells of one factory what it makes and why.
type Reason struct {
	Factory  string
	Pieces   quantity.Pieces // that it makes
	Cheapest quantity.Pieces // that it would make in the cheapest split
	// ShareBP is its share, MadeBP its part of what is made, in ten-thousandths.
	ShareBP, MadeBP int
	Why             Why
}

// Reasons tells of every factory why it makes what it makes in a split of the need, in their order.
func Reasons(n Need, all []Factory, s Split) []Reason {
	plain := make([]Factory, len(all))
	var sum quantity.Pieces
	shared := false
	for i, f := range all {
		shared = shared || f.ShareBP > 0
		plain[i] = f
		plain[i].ShareBP = 0
		sum += s.Of(f.ID)
	}
	tight := n
	tight.DueDays = min(n.DueDays, max(s.Days, 1))
	cheapest := s
	if shared {
		cheapest, _ = Best(tight, plain) // the split itself is feasible, so there is one
	}
	out := make([]Reason, len(all))
	for i, f := range all {
		r := Reason{Factory: f.ID, Pieces: s.Of(f.ID), Cheapest: cheapest.Of(f.ID), ShareBP: f.ShareBP}
		if sum > 0 {
			r.MadeBP = int(r.Pieces * 10_000 / sum)
		}
		switch {
		case r.Pieces != r.Cheapest:
			r.Why = WhyShare
		case r.Pieces > 0:
			r.Why = WhyCheapest
		case f.LeadDays > tight.DueDays:
			r.Why = WhyLate
		case f.Grade < n.MinGrade:
			r.Why = WhyGrade
		case f.Capacity <= 0 || f.MOQ > f.Capacity:
			r.Why = WhyCapacity
		default:
			r.Why = WhyDear
		}
		out[i] = r
	}
	return out
}
