package picking

import (
	"cmp"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Goods are pieces to be put away.
type Goods struct {
	SKU         catalog.SKUID
	Lot         string
	Expiry      *calendar.Day
	Temperature catalog.Temperature
	Class       Class
	Pieces      quantity.Pieces
	Grams, ML   int64 // of one piece; 0 where not known
}

// Shelf is a bin as put-away sees it.
type Shelf struct {
	Bin         string
	Place       Place
	Pick        bool // pieces are picked from it; else a reserve
	Temperature catalog.Temperature
	Class       Class // of the place: A nearest to the bench
	// FreeGrams and FreeML are the room left; negative is without bound.
	FreeGrams, FreeML     int64
	MixedSKUs, MixedLots  bool
	Content               []Content
	Inactive, Quarantined bool
}

// Content is what stands in a bin.
type Content struct {
	SKU    catalog.SKUID
	Lot    string
	Pieces quantity.Pieces
}

// Against says why a bin cannot take goods.
type Against string

// The reasons against a bin.
const (
	AgainstClosed      Against = "closed"      // switched off, or not for good stock
	AgainstTemperature Against = "temperature" // of another temperature class
	AgainstSKU         Against = "other_sku"   // holds other goods and may not mix
	AgainstLot         Against = "other_lot"   // holds another lot and may not mix
	AgainstRoom        Against = "no_room"     // not one piece fits
)

// For says why a bin is good for goods, each with its points.
type For string

// The reasons for a bin.
const (
	ForSameLot  For = "same_lot"  // the lot stands there already
	ForSameSKU  For = "same_sku"  // the goods stand there already, of another lot
	ForVelocity For = "velocity"  // the place is of the goods' class, or next to it
	ForAll      For = "all_fit"   // all pieces fit
	ForEmpty    For = "empty"     // an empty bin stays one lot, easy to count
	ForNear     For = "near_same" // next to where the goods stand
	ForFullest  For = "tight"     // little room would be left over
	ForClose    For = "short_way" // near the bench
)

// Reason is a reason for a bin with its points.
type Reason struct {
	For    For
	Points int
}

// Advice is a bin that goods could go to: how many pieces fit, and why it is good.
type Advice struct {
	Index   int // of the shelf
	Pieces  quantity.Pieces
	Score   int
	Reasons []Reason
}

// Refused is a bin that goods cannot go to, and why.
type Refused struct {
	Index   int
	Against Against
}

// Points of the reasons: filling up the lot's own bin comes first, then the walking class, then room and way.
const (
	pointsSameLot  = 50
	pointsSameSKU  = 25
	pointsVelocity = 20
	pointsAll      = 15
	pointsEmpty    = 10
	pointsNear     = 8
	pointsTight    = 6
	pointsClose    = 6
)

// PutAway gives where goods may go, the best bin first, and why the other bins may not take them. The temperature class, the
// rules of mixing and the room left are not negotiable; the score weighs the rest, and each point has its reason.
func PutAway(l Layout, g Goods, shelves []Shelf) ([]Advice, []Refused) {
	var advice []Advice
	var refused []Refused
	homes := homes(g, shelves)
	for i := range shelves {
		s := &shelves[i]
		if why := s.against(g); why != "" {
			refused = append(refused, Refused{i, why})
			continue
		}
		advice = append(advice, weigh(&l, g, shelves, i, homes))
	}
	slices.SortFunc(advice, func(a, b Advice) int {
		p, q := shelves[a.Index], shelves[b.Index]
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(l.Walk(Place{}, p.Place), l.Walk(Place{}, q.Place)), cmp.Compare(p.Bin, q.Bin))
	})
	return advice, refused
}

// homes gives the places where the goods stand.
func homes(g Goods, shelves []Shelf) []Place {
	var list []Place
	for _, s := range shelves {
		if slices.ContainsFunc(s.Content, func(c Content) bool { return c.SKU == g.SKU && c.Pieces > 0 }) {
			list = append(list, s.Place)
		}
	}
	return list
}

// against gives what speaks against the bin, or "".
func (s *Shelf) against(g Goods) Against {
	if s.Inactive || s.Quarantined {
		return AgainstClosed
	}
	if s.Temperature != g.Temperature {
		return AgainstTemperature
	}
	for _, c := range s.Content {
		switch {
		case c.Pieces <= 0:
		case c.SKU != g.SKU && !s.MixedSKUs:
			return AgainstSKU
		case c.SKU == g.SKU && c.Lot != g.Lot && !s.MixedLots:
			return AgainstLot
		}
	}
	if s.fits(g) == 0 {
		return AgainstRoom
	}
	return ""
}

// fits gives how many pieces the bin has room for.
func (s *Shelf) fits(g Goods) quantity.Pieces {
	n := g.Pieces
	if s.FreeGrams >= 0 && g.Grams > 0 {
		n = min(n, quantity.Pieces(s.FreeGrams/g.Grams))
	}
	if s.FreeML >= 0 && g.ML > 0 {
		n = min(n, quantity.Pieces(s.FreeML/g.ML))
	}
	return max(0, n)
}

func weigh(l *Layout, g Goods, shelves []Shelf, i int, homes []Place) Advice {
	s := &shelves[i]
	a := Advice{Index: i, Pieces: s.fits(g)}
	add := func(why For, points int) {
		if points > 0 {
			a.Reasons = append(a.Reasons, Reason{why, points})
			a.Score += points
		}
	}
	same := func(lot bool) bool {
		return slices.ContainsFunc(s.Content, func(c Content) bool { return c.Pieces > 0 && c.SKU == g.SKU && (!lot || c.Lot == g.Lot) })
	}
	empty := !slices.ContainsFunc(s.Content, func(c Content) bool { return c.Pieces > 0 })
	switch {
	case same(true):
		add(ForSameLot, pointsSameLot)
	case same(false):
		add(ForSameSKU, pointsSameSKU)
	case empty:
		add(ForEmpty, pointsEmpty)
	}
	add(ForVelocity, pointsVelocity*(2-s.Class.apart(g.Class))/2)
	if a.Pieces == g.Pieces {
		add(ForAll, pointsAll)
		add(ForFullest, s.tightness(g))
	} else {
		add(ForAll, pointsAll*int(a.Pieces)/int(g.Pieces))
	}
	if len(homes) > 0 && !same(false) {
		way := l.Walk(s.Place, homes[0])
		for _, h := range homes[1:] {
			way = min(way, l.Walk(s.Place, h))
		}
		add(ForNear, pointsNear*max(0, 1000-way)/1000)
	}
	if g.Class == A {
		far := l.back() + l.Aisles*l.AisleCM
		add(ForClose, pointsClose*max(0, far-l.Walk(Place{}, s.Place))/far)
	}
	return a
}

// apart gives how many classes lie between two, 2 at most.
func (c Class) apart(d Class) int {
	rank := func(c Class) int {
		switch c {
		case A:
			return 0
		case B:
			return 1
		default:
			return 2
		}
	}
	return abs(rank(c) - rank(d))
}

// tightness gives points for a bin in which the goods leave little room unused.
func (s *Shelf) tightness(g Goods) int {
	if s.FreeML <= 0 || g.ML <= 0 {
		return 0
	}
	return int(int64(pointsTight) * min(s.FreeML, int64(g.Pieces)*g.ML) / s.FreeML)
}

// Spread fills the best bins one after the other until all pieces have a place, and gives the pieces that no bin takes.
func Spread(advice []Advice, pieces quantity.Pieces) (list []Advice, left quantity.Pieces) {
	for _, a := range advice {
		if pieces <= 0 {
			break
		}
		a.Pieces = min(a.Pieces, pieces)
		pieces -= a.Pieces
		list = append(list, a)
	}
	return list, max(0, pieces)
}
