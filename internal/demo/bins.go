package demo

import (
	"cmp"
	"fmt"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// SiteBin is a bin with the code of its site.
type SiteBin struct {
	Site string
	warehouse.Bin
}

// PickFace is the bin from which a SKU is picked at a site, with the pieces at which it is refilled and up to which.
type PickFace struct {
	Site, SKU, Bin string
	Min, Max       quantity.Pieces
}

// rack is how the racks of a site of a tier are built: how many levels are picked from and how many lie above, and what a place holds.
type rack struct {
	bays, pick, reserve int // bays a side, levels
	pickML, reserveML   int64
	docks, benches      int
	totes               int
}

var racks = map[catalog.Tier]rack{
	catalog.Overseas: {bays: 12, pick: 2, reserve: 3, pickML: 480_000, reserveML: 1_500_000, docks: 2, benches: 2, totes: 10},
	catalog.Bonded:   {bays: 12, pick: 2, reserve: 3, pickML: 480_000, reserveML: 1_500_000, docks: 3, benches: 6, totes: 40},
	catalog.Regional: {bays: 12, pick: 2, reserve: 3, pickML: 360_000, reserveML: 1_500_000, docks: 4, benches: 8, totes: 120},
	catalog.Front:    {bays: 8, pick: 4, reserve: 1, pickML: 90_000, reserveML: 240_000, docks: 1, benches: 3, totes: 40},
	catalog.Station:  {bays: 6, pick: 4, reserve: 1, pickML: 60_000, reserveML: 120_000, docks: 1, benches: 1, totes: 6},
}

// zoneOf gives the letter of the racks of a temperature class.
var zoneOf = map[catalog.Temperature]string{catalog.Ambient: "A", catalog.Cool: "C", catalog.Chilled: "K", catalog.Frozen: "F"}

// storyBin is where the story's goods stand at the story's site.
const storyBin = "A02-11-1"

// layout is where everything stands: the bins of all sites, the stock in them and the pick faces.
type layout struct {
	bins  []SiteBin
	stock []Lot
	faces []PickFace
}

// Bins gives the bins of every site.
func (w *World) Bins() []SiteBin { return w.standing().bins }

// PickFaces gives from where each SKU is picked.
func (w *World) PickFaces() []PickFace { return w.standing().faces }

func (w *World) standing() layout {
	w.places.Do(func() {
		lots := map[string][]Lot{}
		for i := range w.list {
			for _, l := range w.stockOf(&w.list[i]) {
				if l.Pieces > 0 {
					lots[l.Site] = append(lots[l.Site], l)
				}
			}
		}
		for _, p := range places {
			f := &filler{world: w, site: p, rack: racks[p.Tier], next: map[string]int{}, used: map[string]bool{}}
			f.fill(lots[p.Code])
			w.stood.bins = append(w.stood.bins, f.bins...)
			w.stood.stock = append(w.stood.stock, f.stock...)
			w.stood.faces = append(w.stood.faces, f.faces...)
		}
	})
	return w.stood
}

// filler puts the goods of one site into racks that it builds as it goes: the fast goods into the first aisles, each SKU's lot
// that expires first into a pick face, the rest above.
type filler struct {
	world *World
	site  place
	rack  rack
	next  map[string]int // by zone and kind: the next free place
	used  map[string]bool
	bins  []SiteBin
	stock []Lot
	faces []PickFace
}

// group is the lots of one SKU, first to expire first.
type group struct {
	it   *item
	lots []Lot
	rank string // velocity
}

func (f *filler) fill(lots []Lot) {
	f.floor()
	for _, g := range f.ranked(lots) {
		f.store(g)
	}
	f.spare()
}

// ranked groups lots by SKU, the fastest SKU first: the first fifth is A, the next third B.
func (f *filler) ranked(lots []Lot) []group {
	index := map[string]int{}
	var groups []group
	for _, l := range lots {
		i, known := index[l.SKU]
		if !known {
			i = len(groups)
			index[l.SKU] = i
			groups = append(groups, group{it: f.world.find(l.SKU)})
		}
		groups[i].lots = append(groups[i].lots, l)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(b.it.rate, a.it.rate) })
	for i := range groups {
		switch share := float64(i) / float64(len(groups)); {
		case share < .2:
			groups[i].rank = "A"
		case share < .53:
			groups[i].rank = "B"
		default:
			groups[i].rank = "C"
		}
		slices.SortStableFunc(groups[i].lots, func(a, b Lot) int {
			if a.Expires == nil || b.Expires == nil {
				return 0
			}
			return cmp.Compare(*a.Expires, *b.Expires)
		})
	}
	return groups
}

// store puts the lots of a SKU away.
func (f *filler) store(g group) {
	size := int64(max(g.it.VolumeML, 1))
	face := ""
	for _, l := range g.lots {
		if l.Held {
			l.Bin = "H-01"
			f.stock = append(f.stock, l)
			continue
		}
		left := l.Pieces
		if face == "" {
			face = f.face(g)
			most := max(f.rack.pickML/size, 1)
			part := l
			part.Bin, part.Pieces = face, min(left, most)
			f.stock = append(f.stock, part)
			left -= part.Pieces
			top := quantity.Pieces(min(most, max(part.Pieces, int64(g.it.CartonPieces))))
			f.faces = append(f.faces, PickFace{Site: f.site.Code, SKU: g.it.Code, Bin: face, Min: max(1, top/4), Max: top})
		}
		for left > 0 {
			part := l
			part.Bin, part.Pieces = f.place(g, false), min(left, max(f.rack.reserveML/size, 1))
			f.stock = append(f.stock, part)
			left -= part.Pieces
		}
	}
}

// face gives the pick face of a SKU: a place at hand height, for the story's goods the one of the story.
func (f *filler) face(g group) string {
	if g.it.Code == StorySKU && f.site.Code == StorySite {
		f.add(f.racked(g, storyBin, warehouse.BinPick))
		return storyBin
	}
	return f.place(g, true)
}

// place opens the next free place of the SKU's zone.
func (f *filler) place(g group, pick bool) string {
	kind := warehouse.BinReserve
	if pick {
		kind = warehouse.BinPick
	}
	zone := zoneOf[g.it.Temperature]
	for {
		key := zone + string(kind)
		code := f.code(zone, pick, f.next[key])
		f.next[key]++
		if !f.used[code] && (code != storyBin || f.site.Code != StorySite) {
			f.add(f.racked(g, code, kind))
			return code
		}
	}
}

// code gives the n-th place of a zone: level by level up a bay, bay by bay along the aisle.
func (f *filler) code(zone string, pick bool, n int) string {
	levels, base := f.rack.pick, 1
	if !pick {
		levels, base = f.rack.reserve, f.rack.pick+1
	}
	perAisle := 2 * f.rack.bays * levels
	return fmt.Sprintf("%s%02d-%02d-%d", zone, n/perAisle+1, n%perAisle/levels+1, n%levels+base)
}

func (f *filler) racked(g group, code string, kind warehouse.BinKind) warehouse.Bin {
	b := warehouse.UsualBin(0, code)
	b.Kind, b.Temperature, b.Velocity = kind, g.it.Temperature, g.rank
	b.CapacityML, b.CapacityGrams = f.rack.pickML, 500_000
	if kind == warehouse.BinReserve {
		b.CapacityML, b.CapacityGrams = f.rack.reserveML, 1_500_000
	}
	return b
}

func (f *filler) add(b warehouse.Bin) {
	f.used[b.Code] = true
	f.bins = append(f.bins, SiteBin{Site: f.site.Code, Bin: b})
}

// floor makes the places that are in no rack: docks, inspection, returns, quarantine, benches, stages, totes.
func (f *filler) floor() {
	put := func(kind warehouse.BinKind, prefix string, n, width int) {
		for i := range n {
			b := warehouse.UsualBin(0, fmt.Sprintf("%s-%0*d", prefix, width, i+1))
			b.Kind, b.MixedSKUs, b.MixedLots, b.Velocity = kind, true, true, "A"
			f.add(b)
		}
	}
	put(warehouse.BinDock, "D", f.rack.docks, 2)
	put(warehouse.BinInspect, "Q", 1, 2)
	put(warehouse.BinReturns, "RT", 1, 2)
	put(warehouse.BinQuarantine, "H", 1, 2)
	put(warehouse.BinPack, "P", f.rack.benches, 2)
	put(warehouse.BinStage, "S", f.rack.benches, 2)
	put(warehouse.BinScrap, "X", 1, 2)
	put(warehouse.BinTote, "T", f.rack.totes, 3)
}

// spare finishes the aisles that were begun: the places still free in them.
func (f *filler) spare() {
	for _, t := range catalog.Temperatures() {
		zone := zoneOf[t]
		g := group{it: &item{}, rank: "C"}
		g.it.Temperature = t
		for _, pick := range []bool{true, false} {
			kind, levels := warehouse.BinReserve, f.rack.reserve
			if pick {
				kind, levels = warehouse.BinPick, f.rack.pick
			}
			n, perAisle := f.next[zone+string(kind)], 2*f.rack.bays*levels
			if n == 0 && t != catalog.Ambient {
				continue
			}
			for end := (n + perAisle/8 + perAisle) / perAisle * perAisle; n < end; n++ {
				if code := f.code(zone, pick, n); !f.used[code] {
					f.add(f.racked(g, code, kind))
				}
			}
		}
	}
}
