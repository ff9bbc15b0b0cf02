package demo

import (
	"iter"
	"math"
	"slices"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Lot is goods of one make at one bin. Made and Expires are nil for goods that do not expire.
type Lot struct {
	Site, Bin, SKU, Code string
	Made, Expires        *calendar.Day
	Pieces               int64
	Held                 bool // in quarantine
}

// start is how a series stands today: sold out for so many days, or filled for so many.
type start struct {
	empty, filled int
	cover         float64 // of the usual time from one delivery to the next
}

// The shares of series that are out, low and overfull today.
const (
	outShare    = .006
	lowShare    = .012
	excessShare = .008
	// oldShare is the share of lots that have been forgotten at the back of a rack.
	oldShare = .01
)

// opening decides how a series stands today.
func (w *World) opening(it *item, s share) start {
	rng := w.random("opening " + it.Code + " " + places[s.place].Code)
	if it.Code == StorySKU {
		return start{filled: History, cover: 1}
	}
	o := start{filled: 3 + rng.IntN(7)}
	out, low := outShare, lowShare
	if t := places[s.place].Tier; t == catalog.Front || t == catalog.Station { // a van comes every day
		out, low = outShare*.7, lowShare*.6
	}
	switch u := rng.Float64(); {
	case u < out:
		o.empty, o.filled = 1+rng.IntN(4), 0
	case u < out+low:
		o.cover = rng.between(.12, .55)
	case u < 1-excessShare:
		o.cover = rng.between(1.1, 1.6)
	default:
		o.cover = rng.between(3, 5.5)
	}
	if it.Code == "MR-530088" && places[s.place].Code == "FS" {
		o = start{filled: 20, cover: 4} // the prunes of Foshan, too many and getting old
	}
	return o
}

// gapDays is the time from one delivery to the next that a site of the tier must bridge: lead time, review and a reserve.
func (it *item) gapDays(t catalog.Tier) float64 {
	switch t {
	case catalog.Front, catalog.Station:
		return 4
	case catalog.Bonded:
		h := it.habit(t)
		return h.lead + 14
	default:
		return it.firm.lead + 9
	}
}

// level gives the pieces of a site that sells mean a day at a cover of the gap. A healthy site has a reserve against chance on
// top, the larger the slower the good, and no more than the house lets a site of the tier hold.
func (it *item) level(mean, cover float64, t catalog.Tier) int64 {
	wanted := mean * it.gapDays(t)
	n := wanted * cover
	if cover >= 1 && cover < 2.5 {
		n += 2.6*math.Sqrt(wanted*(1+mean/it.size)+.015*wanted*wanted) + 2
		most := map[catalog.Tier]float64{catalog.Bonded: 68, catalog.Regional: 54, catalog.Front: 26, catalog.Station: 17}[t]
		n = math.Min(n, math.Max(most*mean, 3))
	}
	return int64(math.Ceil(n))
}

// Stock gives the goods of this morning, site by site: a lot that fills several bins comes once for each.
func (w *World) Stock() iter.Seq[Lot] { return slices.Values(w.standing().stock) }

func (w *World) stockOf(it *item) []Lot {
	var out []Lot
	p := w.path(it)
	own := map[string]float64{} // expected pieces a day at each site over the next two weeks
	for _, s := range it.sites {
		for _, mu := range p.at(places[s.place].Tier)[History : History+14] {
			own[places[s.place].Code] += s.part * mu / 14
		}
	}
	for _, s := range it.sites {
		place := places[s.place]
		if n, ok := storyStock[place.Code]; ok && it.Code == StorySKU {
			out = append(out, w.lots(it, place.Code, n, 1)...)
			continue
		}
		// A regional site also feeds the fronts below it.
		mean := own[place.Code]
		if place.Tier == catalog.Regional {
			for _, q := range places {
				if q.from == place.Code {
					mean += own[q.Code]
				}
			}
		}
		o := w.opening(it, s)
		if o.empty == 0 && mean > 0 {
			out = append(out, w.lots(it, place.Code, it.level(mean, o.cover, place.Tier), o.cover)...)
		}
	}
	if it.firm.origin == hub {
		mean := own["NGB"] + own["NSA"]
		days := w.random("hub "+it.Code).between(14, 23) // a hub holds what the next ships take, not what the market wants
		out = append(out, w.lots(it, it.firm.shipsTo, int64(math.Ceil(mean*days))+3, 1)...)
	}
	return out
}

// lots parts the pieces of a SKU at a site into the lots in which they came. Dated goods that are too many are old.
func (w *World) lots(it *item, site string, pieces int64, cover float64) []Lot {
	if pieces <= 0 {
		return nil
	}
	rng := w.random("lots " + it.Code + " " + site)
	n := 1
	if pieces > 2*int64(it.CartonPieces) {
		n += rng.IntN(3)
	}
	var out []Lot
	age, left := 0, pieces
	for k := range n {
		take := left
		if k < n-1 {
			take = max(1, int64(float64(left)*rng.between(.45, .8)))
		}
		left -= take
		lot := Lot{Site: site, SKU: it.Code, Pieces: take}
		rng.IntN(12) // three draws of an earlier layout: without them every figure after them would be another
		rng.IntN(18)
		rng.IntN(24)
		rng.IntN(5)
		if it.ShelfLifeDays > 0 {
			age += int(float64(it.ShelfLifeDays) * rng.between(.03, .15))
			if cover > 2.5 || rng.chance(oldShare) {
				age += int(float64(it.ShelfLifeDays) * rng.between(.3, .5))
			}
			if it.Code == "MR-530088" && site == "FS" {
				age = it.ShelfLifeDays * 69 / 100
			}
			age = min(age, it.ShelfLifeDays-1)
			made := w.Today.AddDays(-max(age, 2))
			expires := made.AddDays(it.ShelfLifeDays)
			lot.Made, lot.Expires = &made, &expires
			_, m, d := made.Time().Date()
			lot.Code = initials(it.brand.en) + digits(made.Year()%100, 2) + digits(int(m), 2) + digits(d, 2)
			if k > 0 {
				lot.Code += "-" + digits(k+1, 1)
			}
		} else {
			lot.Code = "L" + digits(w.Today.AddDays(-5-rng.IntN(90)).Sub(0)%100_000, 5) + digits(k+1, 1)
		}
		lot.Held = k == 1 && rng.chance(.04)
		out = append(out, lot)
		if left == 0 {
			break
		}
	}
	return out
}

// initials gives the two letters that a brand's lots begin with: that of its first and, as far as it shows, of its second
// syllable.
func initials(name string) string {
	name = strings.ToUpper(name)
	vowel := func(i int) bool { return i < len(name) && strings.IndexByte("AEIOUÖ", name[i]) >= 0 }
	for i := 1; i < len(name); i++ {
		if vowel(i-1) && !vowel(i) && (i+1 >= len(name) || vowel(i+1) || name[i+1] == 'H') {
			return name[:1] + name[i:i+1]
		}
		if vowel(i) && i > 1 && !vowel(i-1) && !vowel(i-2) {
			return name[:1] + name[i-1:i]
		}
	}
	return name[:2]
}
