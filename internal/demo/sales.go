package demo

import (
	"iter"
	"math"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Sale is one day of a SKU at a site. SoldOut is true when the shelf was empty at closing: Pieces is then a lower bound.
type Sale struct {
	Day     calendar.Day
	Pieces  int32
	Price   money.Fen // what was asked, promotion taken off
	PromoBP int16     // the cut in basis points
	SoldOut bool
}

// Series is the sales of one SKU at one site: the days on which something was sold or the shelf was empty, ascending.
type Series struct {
	SKU, Site string
	Days      []Sale
}

// Sales gives every series, SKU by SKU. Days is valid until the next one.
func (w *World) Sales() iter.Seq[Series] {
	return func(yield func(Series) bool) {
		buffer := make([]Sale, 0, History)
		for i := range w.list {
			it := &w.list[i]
			p := w.path(it)
			for _, s := range it.sites {
				buffer = w.simulate(it, s, p, buffer[:0])
				if !yield(Series{SKU: it.Code, Site: places[s.place].Code, Days: buffer}) {
					return
				}
			}
		}
	}
}

// SalesOf gives one series, and false where the SKU is not sold at the site.
func (w *World) SalesOf(sku, site string) (Series, bool) {
	if it := w.find(sku); it != nil {
		for _, s := range it.sites {
			if places[s.place].Code == site {
				return Series{SKU: sku, Site: site, Days: w.simulate(it, s, w.pathOf(it), nil)}, true
			}
		}
	}
	return Series{}, false
}

// habit is how a site was run before Milkrun: a look at the stock every so many days, an order up to what the average of
// the past sales says, and sometimes nobody looks.
type habit struct {
	lead, spread float64 // days until an order is there
	every        int     // days between two looks
	margin       float64 // share on top of the average
	missed       float64 // chance of a look that does not happen
	late         float64 // chance of an order that takes twice as long
}

func (it *item) habit(tier catalog.Tier) habit {
	h := habit{lead: it.firm.lead, spread: it.firm.spread, every: 7, margin: .34, missed: .1, late: .06}
	switch tier {
	case catalog.Front, catalog.Station:
		h = habit{lead: 1.5, spread: .4, every: 2, margin: .42, missed: .14, late: .05}
	case catalog.Bonded:
		h.margin = .27
		if it.firm.origin == hub {
			h.lead += 28
		}
	}
	if it.Core {
		h.margin += .1
	}
	if band(it.rate) == 0 {
		h.margin += .5
	}
	return h
}

// storyEmpty are the four days, so many days before today, on which the story's SKU was sold out everywhere.
var storyEmpty = [2]int{232, 229}

// simulate runs the site day by day: what comes in, what is asked for, what is there to be sold, what is ordered.
func (w *World) simulate(it *item, s share, p path, out []Sale) []Sale {
	place := places[s.place]
	rng := w.random("sales " + it.Code + " " + place.Code)
	mean := p.at(place.Tier)
	h := it.habit(place.Tier)
	start := w.opening(it, s)
	stock := newShelf(h, s.part*mean[0], rng)
	story := it.Code == StorySKU
	for i := range History {
		mu := s.part * mean[i]
		stock.receive(i)
		wanted := rng.count(mu, it.size)
		ago := History - i
		switch {
		case story:
			stock.pieces = wanted + 1
			if ago <= storyEmpty[0] && ago >= storyEmpty[1] {
				stock.pieces = wanted * (storyEmpty[0] - ago) / 8
				if ago == storyEmpty[1] {
					stock.pieces = 0
				}
			}
		case start.empty > 0 && ago <= start.empty:
			stock.pieces = 0
			if ago == start.empty {
				stock.pieces = wanted / 2
			}
		case start.empty == 0 && ago <= start.filled:
			stock.pieces = max(stock.pieces, wanted+1)
		}
		sold := min(wanted, stock.pieces)
		stock.pieces -= sold
		empty := stock.pieces == 0 && (mu > 0 || sold > 0)
		if it.Launched != nil && w.First.AddDays(i) < *it.Launched {
			empty = false
		}
		if sold > 0 || empty {
			out = append(out, Sale{Day: w.First.AddDays(i), Pieces: int32(sold), Price: p.price[i], PromoBP: p.promo[i], SoldOut: empty})
		}
		stock.look(i, sold, mu, rng)
	}
	return out
}

// shelf is the stock of a series in the simulation.
type shelf struct {
	habit
	pieces, coming int
	due            []int // arrivals by day
	usual          float64
	phase          int
}

func newShelf(h habit, mu float64, rng *random) *shelf {
	return &shelf{
		habit: h, due: make([]int, History), usual: mu, phase: rng.IntN(h.every),
		pieces: int(mu*(h.lead/2+float64(h.every)+3)*rng.between(.8, 1.5)) + 2,
	}
}

func (s *shelf) receive(day int) {
	s.pieces += s.due[day]
	s.coming -= s.due[day]
}

// look updates the average and orders when it is time: a buyer reads sales, not demand, so shortages feed themselves.
func (s *shelf) look(day, sold int, mu float64, rng *random) {
	if mu > 0 {
		s.usual += .045 * (float64(sold) - s.usual)
	}
	if mu == 0 || day%s.every != s.phase || rng.chance(s.missed) {
		return
	}
	// Nobody lets the order die out altogether: a third of the true mean is always seen.
	guess := math.Max(s.usual, mu/3)
	target := int(math.Ceil(guess*(s.lead+float64(s.every))*(1+s.margin)*rng.scatter(.2))) + 1
	n := target - s.pieces - s.coming
	if n <= 0 {
		return
	}
	lead := math.Max(1, s.lead+s.spread*rng.NormFloat64())
	if rng.chance(s.late) {
		lead *= 2
	}
	if at := day + int(math.Round(lead)); at < History {
		s.due[at] += n
	}
	s.coming += n
}
