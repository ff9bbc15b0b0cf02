package demo

import (
	"math"
	"sync"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// tables are what all items share, by day from First to the end of the horizon.
type tables struct {
	week    [2][]float64 // online, local
	festive []float64
	sale    []bool
	push    [][]float64 // by topic
	babies  map[[2]float64][]float64
}

func (w *World) makeTables() {
	n := History + Horizon
	t := tables{festive: make([]float64, n), sale: make([]bool, n), babies: map[[2]float64][]float64{}}
	for kind := range t.week {
		t.week[kind] = make([]float64, n)
	}
	for i := range n {
		d := w.First.AddDays(i)
		t.festive[i], t.sale[i] = festive(d)
		t.week[0][i], t.week[1][i] = onlineWeek[d.Weekday()], localWeek[d.Weekday()]
	}
	for i := range topics {
		w.excite = append(w.excite, w.excitement(i))
		t.push = append(t.push, w.push(i))
	}
	for i := range w.list {
		span := [2]float64{w.list[i].from, w.list[i].to}
		if t.babies[span] == nil {
			t.babies[span] = babies(-History, Horizon-1, span[0], span[1])
		}
	}
	w.shared = t
}

// seasonal gives the logarithm of a season's factor; its mean over the year is about 0.
func seasonal(s season, d calendar.Day) float64 {
	if s.swing == 0 {
		return 0
	}
	return s.swing * math.Cos(2*math.Pi*float64(d.Time().YearDay()-s.peak)/365.25)
}

// path is an item's demand and price by day, in pieces a day of the share 1.
type path struct {
	online, local []float64 // expected demand
	price         []money.Fen
	promo         []int16 // basis points
}

// priceReply is how strongly demand falls with a lasting rise in price, promoReply how strongly it rises with a cut.
const (
	priceReply = 1.2
	promoReply = 2.6
)

func (w *World) path(it *item) path {
	n := History + Horizon
	p := path{online: make([]float64, n), local: make([]float64, n), price: make([]money.Fen, n), promo: make([]int16, n)}
	rng := w.random("path " + it.Code)
	w.offers(it, &p, rng)
	oldPrice, until := 1.0, -1
	if rng.chance(.25) { // a price that has risen once
		oldPrice, until = rng.between(.9, .97), rng.IntN(History-60)
	}
	ages := w.shared.babies[[2]float64{it.from, it.to}]
	wobble := 0.0
	calm := it.Code == StorySKU
	for i := range n {
		d := w.First.AddDays(i)
		if i < History {
			wobble = .97*wobble + .028*rng.NormFloat64()
		} else {
			wobble *= .97
		}
		x := it.growth*float64(i-History)/365 + seasonal(it.category.season, d) + promoReply*float64(p.promo[i])/10_000
		if !calm {
			x += wobble
		}
		p.price[i] = it.Price
		if i < until {
			p.price[i] = retail(float64(it.Price) / 100 * oldPrice)
			x -= priceReply * math.Log(oldPrice)
		}
		if p.promo[i] > 0 {
			p.price[i] = p.price[i] * money.Fen(10_000-int64(p.promo[i])) / 10_000
		}
		for _, t := range it.topics {
			if push := w.shared.push[t.topic]; push != nil {
				x += t.w * push[i]
			}
		}
		mean := it.rate * ages[i] * life(it, d) * math.Exp(x)
		p.online[i] = mean * w.shared.week[0][i] * math.Exp(it.category.festive*w.shared.festive[i])
		p.local[i] = mean * w.shared.week[1][i] * math.Exp(.35*it.category.festive*w.shared.festive[i])
	}
	return p
}

// offers places an item's price cuts: on the great shopping days, and a few weeks of its own a year.
func (w *World) offers(it *item, p *path, rng *random) {
	depth := func(low, high int) int16 { return int16(500 * (low + rng.IntN(high-low+1))) }
	joins := rng.chance(.75)
	great := depth(2, 4)
	for i, sale := range w.shared.sale {
		if sale && joins {
			p.promo[i] = great
		}
	}
	if it.rate < 1 || it.Code == StorySKU {
		return
	}
	for i := rng.IntN(90); i < History; i += 50 + rng.IntN(90) {
		cut := depth(1, 4)
		for j := i; j < min(i+3+rng.IntN(5), History); j++ {
			p.promo[j] = max(p.promo[j], cut)
		}
	}
}

// life gives the factor of a product's age: newcomers are found out about within weeks, leavers fade.
func life(it *item, d calendar.Day) float64 {
	f := 1.0
	if it.Launched != nil && !it.predates {
		age := d.Sub(*it.Launched)
		if age < 0 {
			return 0
		}
		f = 1 - .85*math.Exp(-float64(age)/14)
	}
	if it.Retired != nil {
		left := it.Retired.Sub(d)
		if left <= 0 {
			return 0
		}
		f *= math.Min(1, .08+.92*float64(left)/float64(it.fade))
	}
	return f
}

// at gives the part of a path that a site of the tier follows.
func (p path) at(t catalog.Tier) []float64 {
	if t == catalog.Front || t == catalog.Station {
		return p.local
	}
	return p.online
}

// paths keeps the last path made, for readers that ask day after day of one SKU.
type paths struct {
	mu   sync.Mutex
	code string
	path path
}

func (w *World) pathOf(it *item) path {
	w.last.mu.Lock()
	defer w.last.mu.Unlock()
	if w.last.code != it.Code {
		w.last.code, w.last.path = it.Code, w.path(it)
	}
	return w.last.path
}

// Mean gives the true expected demand of a SKU at a site on a day, in pieces: over the history as it was, over the
// Horizon days from today on as it will be if nothing new happens. It is 0 where the SKU is not sold.
func (w *World) Mean(sku, site string, d calendar.Day) float64 {
	i := d.Sub(w.First)
	it := w.find(sku)
	if it == nil || i < 0 || i >= History+Horizon {
		return 0
	}
	for _, s := range it.sites {
		if places[s.place].Code == site {
			return s.part * w.pathOf(it).at(places[s.place].Tier)[i]
		}
	}
	return 0
}
