package demo

import (
	"fmt"
	"math"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// item is a SKU with the truth about its demand.
type item struct {
	catalog.SKUDraft
	brand    brand
	firm     firm
	category category
	rate     float64 // pieces a day at all sites, as of today, without season and heat
	from, to float64 // months of age it is for; 0, 0 = every age
	size     float64 // of the negative binomial: small = lumpy
	growth   float64 // a year, as a logarithm
	fade     int     // days before Retired over which demand runs out
	sites    []share
	topics   []weight
	predates bool // launched before the sales history begins
}

// share is the part of an item's rate that a site sells.
type share struct {
	place int
	part  float64
}

type weight struct {
	topic int
	w     float64
}

// pinned gives the SKUs of the story and of its pictures their numbers; the second is the digit before the check digit.
var pinned = map[string][2]int{
	"牧禾 有机奶粉 3 段 800g": {100236, 1}, "朵朵羊 山羊奶粉 2 段 700g": {100412, 2}, "贝栗 硅胶牙胶 小雪糕款": {204817, 3},
	"贝栗 果蔬咬咬袋": {204833, 4}, "贝栗 牙胶收纳盒": {204840, 5}, "云柔 超薄纸尿裤 L 54 片": {310055, 6}, "云柔 拉拉裤 XL 42 片": {310061, 8},
	"小岛 PPSU 奶瓶 240ml": {420118, 7}, "禾初 高铁米粉 225g": {530042, 1}, "禾初 西梅泥 90g": {530088, 9},
	"朵朵羊 婴儿面霜 50g": {610203, 2}, "小岛 恒温睡袋 90 码": {720014, 5},
}

// codes gives out SKU numbers, block by block.
type codes struct {
	rng   *random
	next  map[int]int
	taken map[int]bool
}

func newCodes(rng *random) *codes {
	c := &codes{rng: rng, next: map[int]int{}, taken: map[int]bool{}}
	for _, p := range pinned {
		c.taken[p[0]] = true
	}
	return c
}

func (c *codes) give(name string, block int) (code, gtin string) {
	p, ok := pinned[name]
	if !ok {
		n := c.next[block]
		for {
			n += 1 + c.rng.IntN(3)
			if !c.taken[block*1000+n] {
				break
			}
		}
		c.next[block] = n
		p = [2]int{block*1000 + n, 1 + c.rng.IntN(9)}
		c.taken[p[0]] = true
	}
	body := "697" + digits(p[0], 6) + "00" + digits(p[1], 1)
	return "MR-" + digits(p[0], 6), body + digits(catalog.GTINCheck(body), 1)
}

// tails is the share of SKUs outside of the core goods that hardly sell, and how little they do.
const (
	tails     = .2
	tailShare = .06
)

// items makes the assortment: every brand of an offer in all its variants, then the newcomers and the successors.
func (w *World) items() []item {
	rng := w.random("items")
	numbers := newCodes(w.random("codes"))
	var all []item
	for _, o := range offers {
		start, sum := len(all), 0.0
		for _, zh := range strings.Fields(o.brands) {
			b := brandOf(zh)
			for _, v := range o.variants {
				it := w.item(o, b, v, rng, numbers)
				all = append(all, it)
				sum += it.rate
			}
		}
		for i := start; i < len(all); i++ {
			all[i].rate *= o.rate / sum
		}
	}
	all = w.lives(all, numbers)
	for i := range all {
		it := &all[i]
		w.tell(it)
		it.size = []float64{1.1, 3.5, 8, 16}[band(it.rate)]
		it.sites = shares(it, w.random("sites "+it.Code))
	}
	return all
}

// band sorts rates: 0 the tail, 1 slow, 2 middling, 3 fast.
func band(rate float64) int {
	switch {
	case rate < 1:
		return 0
	case rate < 5:
		return 1
	case rate < 25:
		return 2
	default:
		return 3
	}
}

func named(format, variant string) string {
	if !strings.Contains(format, "%s") {
		return format
	}
	return fmt.Sprintf(format, variant)
}

func (w *World) item(o offer, b brand, v variant, rng *random, numbers *codes) item {
	c := categoryOf(o.category)
	it := item{brand: b, firm: firmOf(b.supplier), category: c, from: v.from, to: v.to, predates: true}
	if it.to == 0 {
		it.from, it.to = o.from, o.to
	}
	it.Name = catalog.Name{ZH: b.zh + " " + named(o.zh, v.zh), EN: b.en + " " + named(o.en, v.en)}
	it.Code, it.GTIN = numbers.give(it.Name.ZH, c.block)
	it.CategoryCode, it.Unit, it.Core, it.Temperature = o.category, units[o.unit], c.core, o.temperature
	it.ShelfLifeDays = o.shelf
	it.MinRemainingDays = o.shelf * 2 / 3 // receipts need two thirds of the life, as the trade asks
	it.CartonPieces = quantity.Pieces(o.carton)
	it.WeightGrams, it.VolumeML = o.grams, o.ml
	it.Price = retail(o.yuan * v.price * math.Pow(b.popularity, .15) * rng.scatter(.06))
	it.growth = .12 + .15*rng.NormFloat64()
	it.rate = b.popularity * v.share * rng.scatter(.5)
	if tail := rng.chance(tails); tail && !c.core && !isPinned(it.Name.ZH) {
		it.rate *= tailShare
	}
	return it
}

func isPinned(name string) bool { _, ok := pinned[name]; return ok }

// retail brings a price to one that shops print: 9.90, 29.90, 268.00, 1,899.00.
func retail(yuan float64) money.Fen {
	switch {
	case yuan < 100:
		return money.Fen(math.Round(yuan))*100 - 10
	case yuan < 600:
		return money.Fen(math.Round(yuan)) * 100
	default:
		return money.Fen(math.Round(yuan/10)*10-1) * 100
	}
}

// lives gives products their beginnings and ends: most are older than the history, some came in between, some are new,
// some are going, each with a successor.
func (w *World) lives(all []item, numbers *codes) []item {
	rng := w.random("lives")
	on := func(daysAgo int) *calendar.Day { d := w.Today.AddDays(-daysAgo); return &d }
	for i := range all {
		it := &all[i]
		switch {
		case isPinned(it.Name.ZH) || it.Core || it.firm.origin != domestic:
			it.Launched = on(900 + rng.IntN(900))
		case rng.chance(.04):
			it.Launched, it.predates = on(3+rng.IntN(57)), false
		case rng.chance(.1):
			it.Launched, it.predates = on(61+rng.IntN(560)), false
		default:
			it.Launched = on(760 + rng.IntN(1200))
		}
	}
	for i := range len(all) {
		it := &all[i]
		bottle := it.Code == "MR-420118"
		if !bottle && (isPinned(it.Name.ZH) || !it.predates || it.Core || it.firm.origin != domestic || !rng.chance(.04)) {
			continue
		}
		left := 150 - rng.IntN(190) // days ago; negative is still to come
		if bottle {
			left = -35
		}
		next := *it
		next.Name.ZH += " 升级款"
		next.Name.EN += " II"
		next.Code, next.GTIN = numbers.give(next.Name.ZH, it.category.block)
		next.Launched, next.predates = on(left+60), false
		next.rate *= 1.15
		next.Price = retail(float64(it.Price) / 100 * 1.06)
		it.Retired, it.fade, it.SuccessorCode = on(left), 80, next.Code
		all = append(all, next)
	}
	return all
}

// shares spreads an item over the sites: imports sell from the bonded ones, the rest online from the regional ones and,
// when people want it at once, from fronts and stations.
func shares(it *item, rng *random) []share {
	if s, ok := storyShares[it.Code]; ok {
		return s()
	}
	var out []share
	add := func(code string, part float64) { out = append(out, share{placeOf(code), part * rng.scatter(.12)}) }
	if it.firm.origin != domestic {
		add("NGB", places[placeOf("NGB")].share)
		add("NSA", places[placeOf("NSA")].share)
		return out
	}
	switch {
	case it.rate >= 1.5:
		add("JX", .40)
		add("FS", .30)
		add("CD", .17)
	case it.rate >= .4 || rng.chance(.4):
		add("JX", .5)
		add("FS", .37)
	default:
		add("JX", .87)
	}
	if it.rate < 3.5 || strings.HasPrefix(it.CategoryCode, "travel") || strings.HasPrefix(it.CategoryCode, "clothing-outer") {
		return out
	}
	for _, p := range places {
		if p.Tier == catalog.Front && rng.chance(.8) {
			add(p.Code, p.share)
		}
		if p.Tier == catalog.Station && it.rate > 25 && rng.chance(.6) {
			add(p.Code, p.share)
		}
	}
	return out
}
