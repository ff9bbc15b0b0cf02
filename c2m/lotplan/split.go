package lotplan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// ErrNotFeasible is the answer when no split can make the quantity by the day. *ShortError tells what could be made.
var ErrNotFeasible = errors.New("lotplan: the factories cannot make this much by then")

// ShortError tells how many pieces could be made at most.
type ShortError struct{ Want, Most quantity.Pieces }

func (e *ShortError) Error() string {
	return fmt.Sprintf("%v: %d wanted, at most %d", ErrNotFeasible, e.Want, e.Most)
}

// Unwrap gives ErrNotFeasible.
func (e *ShortError) Unwrap() error { return ErrNotFeasible }

// MaxFactories bounds the exact search: every subset of the factories that come into question is looked at.
const MaxFactories = 16

// Factory is what a factory offers for one SKU. Capacity is what it can make in all within its lead time.
type Factory struct {
	ID       string
	MOQ      quantity.Pieces
	Capacity quantity.Pieces
	Price    money.Fen // of a piece, where Breaks are empty
	Setup    money.Fen // once, where anything is ordered
	LeadDays int
	// Breaks are prices of all pieces from a quantity on, ascending in From; empty for one price.
	Breaks []Break
	// Grade is the quality grade, higher is better; a campaign may ask for a least one.
	Grade int
	// ShareBP is the factory's share of what is ordered of the goods, in ten-thousandths; 0 for none.
	ShareBP int
}

// Break is the price of every piece of a lot of at least From pieces.
type Break struct {
	From  quantity.Pieces
	Price money.Fen
}

// Need is what has to be made.
type Need struct {
	Pieces   quantity.Pieces
	DueDays  int
	Surplus  money.Fen // cost of a piece that nobody pledged
	MinGrade int
	// ShareSlackBP is what keeping to the factories' shares may cost above the least cost, in ten-thousandths of it. At 0 the shares decide
	// between plans of equal cost alone.
	ShareSlackBP int
}

// Part is what one factory makes.
type Part struct {
	Factory string
	Pieces  quantity.Pieces
	Price   money.Fen
	Setup   money.Fen
	Days    int
}

// Cost gives price × pieces + set-up.
func (p Part) Cost() money.Fen { return p.Price*money.Fen(p.Pieces) + p.Setup }

// Split is an optimal plan. Cost = Σ (price × pieces + set-up) + surplus cost × Surplus.
type Split struct {
	Parts   []Part
	Cost    money.Fen
	Surplus quantity.Pieces
	Days    int // the longest lead time
	// Extra is what of Cost is paid for keeping to the shares: above the least cost.
	Extra money.Fen
}

// Of gives what a factory makes.
func (s Split) Of(factory string) quantity.Pieces {
	for _, p := range s.Parts {
		if p.Factory == factory {
			return p.Pieces
		}
	}
	return 0
}

// Best gives the split of the least cost: each factory that is used makes between its MOQ and its capacity within the due days, and
// together they make at least what is needed.
//
// It is exact. For a set of (factory, price band) choices the cost is linear in the quantities, whose bounds are the band's: with the sum
// fixed, the rest above the lower bounds goes to the cheapest first (an exchange argument), so one pass fills them. The sum is the need, or
// the sum of the lower bounds where that is more; with a surplus cost of at least 0 and prices above 0 making more never pays within a
// band, and a cheaper band is a choice of its own. All choices are looked at, cut off where the lower bounds cost more than the best.
//
// Where factories have shares, the split nearest to them is taken of those that cost no more than ShareSlackBP above the least.
func Best(n Need, all []Factory) (Split, error) {
	can, err := eligible(n, all)
	if err != nil {
		return Split{}, err
	}
	if n.Pieces <= 0 {
		return Split{}, nil
	}
	s := &search{need: n, all: can, best: math.MaxInt64}
	s.rest = make([]quantity.Pieces, len(can)+1)
	for i := len(can) - 1; i >= 0; i-- {
		s.rest[i] = s.rest[i+1] + can[i].Capacity
	}
	if s.rest[0] < n.Pieces {
		return Split{}, &ShortError{n.Pieces, s.rest[0]}
	}
	s.look(0, 0, 0, 0)
	if s.best == math.MaxInt64 {
		return Split{}, &ShortError{n.Pieces, s.rest[0]}
	}
	return s.shared(), nil
}

// Most gives how many pieces the factories can make in time.
func Most(n Need, all []Factory) quantity.Pieces {
	var sum quantity.Pieces
	for _, f := range all {
		if usable(n, f) {
			sum += f.Capacity
		}
	}
	return sum
}

func usable(n Need, f Factory) bool {
	return f.LeadDays <= n.DueDays && f.Capacity > 0 && f.MOQ <= f.Capacity && f.Grade >= n.MinGrade
}

func eligible(n Need, all []Factory) ([]Factory, error) {
	var can []Factory
	for _, f := range all {
		if usable(n, f) {
			can = append(can, f)
		}
	}
	slices.SortFunc(can, func(a, b Factory) int {
		return cmp.Or(cmp.Compare(a.priceAt(a.Capacity), b.priceAt(b.Capacity)), cmp.Compare(a.ID, b.ID))
	})
	if len(can) > MaxFactories {
		return nil, fmt.Errorf("lotplan: %d factories can make it, at most %d are compared: leave some out", len(can), MaxFactories)
	}
	return can, nil
}

func (f Factory) priceAt(pieces quantity.Pieces) money.Fen {
	price := f.Price
	for _, b := range f.Breaks {
		if pieces >= b.From {
			price = b.Price
		}
	}
	return price
}

// band is a factory's quantities of one price.
type band struct {
	low, high quantity.Pieces
	price     money.Fen
}

// bands gives the price bands of a factory between its MOQ and its capacity.
func (f Factory) bands() []band {
	low := max(f.MOQ, 1)
	cuts := []quantity.Pieces{low}
	for _, b := range f.Breaks {
		if b.From > low && b.From <= f.Capacity {
			cuts = append(cuts, b.From)
		}
	}
	out := make([]band, len(cuts))
	for i, c := range cuts {
		high := f.Capacity
		if i+1 < len(cuts) {
			high = cuts[i+1] - 1
		}
		out[i] = band{c, high, f.priceAt(c)}
	}
	return out
}

// search looks at every choice of factories and bands.
type search struct {
	need  Need
	all   []Factory
	rest  []quantity.Pieces // capacity from here on
	taken []choice
	best  money.Fen
	found Split
	// near is set while the split nearest to the shares is looked for.
	near *nearest
}

type choice struct {
	factory int
	band    band
}

// look decides factory i; low and high are the bounds of the quantities taken so far, least what their lower bounds and set-ups cost.
func (s *search) look(i int, low, high quantity.Pieces, least money.Fen) {
	if least >= s.best || high+s.rest[i] < s.need.Pieces {
		return
	}
	if i == len(s.all) {
		if s.near != nil {
			s.approach(low)
		} else {
			s.settle(low)
		}
		return
	}
	f := s.all[i]
	for _, b := range f.bands() {
		s.taken = append(s.taken, choice{i, b})
		s.look(i+1, low+b.low, high+b.high, least+b.price*money.Fen(b.low)+f.Setup)
		s.taken = s.taken[:len(s.taken)-1]
	}
	s.look(i+1, low, high, least)
}

// settle fills the bands taken from their lower bounds, the cheapest first, up to the need.
func (s *search) settle(low quantity.Pieces) {
	pieces, ok := s.cheapest(low)
	if !ok {
		return
	}
	if split := s.split(pieces); split.Cost < s.best {
		s.best, s.found = split.Cost, split
	}
}

// cheapest gives the pieces of each band taken at the least cost, false where the bands cannot hold the need.
func (s *search) cheapest(low quantity.Pieces) ([]quantity.Pieces, bool) {
	order := make([]int, len(s.taken))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.taken[a].band.price, s.taken[b].band.price) })
	open := max(0, s.need.Pieces-low)
	pieces := make([]quantity.Pieces, len(s.taken))
	for _, k := range order {
		b := s.taken[k].band
		more := min(open, b.high-b.low)
		open -= more
		pieces[k] = b.low + more
	}
	return pieces, open == 0
}

// split makes a plan of so many pieces of each band taken.
func (s *search) split(pieces []quantity.Pieces) Split {
	var out Split
	var sum quantity.Pieces
	for k, c := range s.taken {
		f := s.all[c.factory]
		p := Part{Factory: f.ID, Pieces: pieces[k], Price: c.band.price, Setup: f.Setup, Days: f.LeadDays}
		out.Parts, out.Days = append(out.Parts, p), max(out.Days, p.Days)
		out.Cost += p.Cost()
		sum += p.Pieces
	}
	out.Surplus = max(0, sum-s.need.Pieces)
	out.Cost += s.need.Surplus * money.Fen(out.Surplus)
	slices.SortStableFunc(out.Parts, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Days, b.Days), cmp.Compare(a.Factory, b.Factory)) })
	return out
}

// Point is the least cost of having everything within a number of days.
type Point struct {
	Days int
	Split
}

// Frontier gives what each earlier date costs: the best split for every lead time that a factory offers up to the due days, without points
// that cost no less than an earlier one. *ShortError when nothing is feasible.
func Frontier(n Need, all []Factory) ([]Point, error) {
	var days []int
	for _, f := range all {
		if usable(n, f) {
			days = append(days, f.LeadDays)
		}
	}
	slices.Sort(days)
	var out []Point
	for _, d := range slices.Compact(days) {
		tight := n
		tight.DueDays = d
		split, err := Best(tight, all)
		if errors.Is(err, ErrNotFeasible) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(out) == 0 || split.Cost-split.Extra < out[len(out)-1].Cost-out[len(out)-1].Extra {
			out = append(out, Point{Days: split.Days, Split: split})
		}
	}
	if len(out) == 0 {
		return nil, &ShortError{n.Pieces, Most(n, all)}
	}
	return out, nil
}
