package demo

import (
	"hash/fnv"
	"math"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

var today = calendar.Date(2026, 11, 23)

// world is generated once: the tests only read it.
var world = Generate(today, 1)

// fingerprint depends on every figure that a loader reads.
func fingerprint(w *World) uint64 {
	h := fnv.New64a()
	put := func(parts ...int64) {
		var b [8]byte
		for _, p := range parts {
			for i := range b {
				b[i] = byte(p >> (8 * i))
			}
			h.Write(b[:])
		}
	}
	for s := range w.Sales() {
		h.Write([]byte(s.SKU + s.Site))
		for _, d := range s.Days {
			put(int64(d.Day), int64(d.Pieces), int64(d.Price), int64(d.PromoBP))
		}
	}
	for s := range w.Stock() {
		h.Write([]byte(s.SKU + s.Site + s.Bin + s.Code))
		put(s.Pieces)
	}
	for _, s := range w.HeatSeries() {
		for _, v := range s.Values {
			put(int64(math.Float64bits(v)))
		}
	}
	for _, t := range w.Terms {
		put(int64(t.MOQ), int64(t.Pack), int64(t.Breaks[0].Price))
	}
	return h.Sum64()
}

func TestTheSameDayAndSeedGiveTheSameWorld(t *testing.T) {
	a, b := fingerprint(world), fingerprint(Generate(today, 1))
	if a != b {
		t.Error("two worlds of one seed differ")
	}
	if c := fingerprint(Generate(today, 2)); c == a {
		t.Error("two seeds give one world")
	}
}

func TestMasterDataKeepTheRules(t *testing.T) {
	for _, w := range []*World{world, Generate(calendar.Date(2028, 2, 29), 7), Generate(calendar.Date(2027, 7, 1), 3)} {
		codes := map[string]map[string]bool{}
		seen := func(kind, code string) {
			if codes[kind] == nil {
				codes[kind] = map[string]bool{}
			}
			if codes[kind][code] {
				t.Errorf("%s %s twice", kind, code)
			}
			codes[kind][code] = true
		}
		known := func(kind, code string) {
			if code != "" && !codes[kind][code] {
				t.Errorf("%s %q is not there", kind, code)
			}
		}
		good := func(what string, err error) {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, c := range w.Categories {
			known("category", c.Parent)
			seen("category", c.Code)
			good(c.Code, c.Validate())
		}
		for _, s := range w.Sites {
			seen("site", s.Code)
			good(s.Code, s.Validate())
		}
		for _, l := range w.Lanes {
			known("site", l.FromCode)
			known("site", l.ToCode)
			seen("lane", l.FromCode+" "+l.ToCode)
			good("lane", l.Validate())
		}
		for _, s := range w.Suppliers {
			seen("supplier", s.Code)
			good(s.Code, s.Validate())
		}
		for _, s := range w.SKUs {
			seen("sku", s.Code)
			seen("gtin", s.GTIN)
			seen("sku name", s.Name.ZH)
			seen("sku name", s.Name.EN)
			known("category", s.CategoryCode)
			good(s.Code, s.Validate())
			if len(s.GTIN) != 13 || s.GTIN[:2] != "69" {
				t.Errorf("%s: GTIN %s", s.Code, s.GTIN)
			}
		}
		for _, s := range w.SKUs {
			known("sku", s.SuccessorCode)
		}
		for _, d := range w.Terms {
			known("supplier", d.SupplierCode)
			known("sku", d.SKUCode)
			known("site", d.ShipsToCode)
			seen("term", d.SupplierCode+" "+d.SKUCode)
			good(d.SupplierCode+" "+d.SKUCode, d.Validate())
			if d.MOQ%d.Pack != 0 {
				t.Errorf("%s: MOQ %d in packs of %d", d.SKUCode, d.MOQ, d.Pack)
			}
		}
		for _, p := range w.Topics {
			seen("topic", p.Code)
			good(p.Code, p.Validate())
		}
		for _, x := range w.Weights {
			known("topic", x.TopicCode)
			known("sku", x.SKUCode)
			seen("weight", x.TopicCode+" "+x.SKUCode)
			good("weight", x.Validate())
		}
		for _, u := range w.Users {
			seen("user", u.Login)
			known("supplier", u.Supplier)
			for _, s := range u.Sites {
				known("site", s)
			}
		}
	}
}

func TestTheSizeOfTheHouse(t *testing.T) {
	if n := len(world.SKUs); n < 1100 || n > 1300 {
		t.Errorf("%d SKUs", n)
	}
	if len(world.Sites) != 14 || len(world.Suppliers) != 40 || len(world.Topics) < 28 {
		t.Errorf("%d sites, %d suppliers, %d topics", len(world.Sites), len(world.Suppliers), len(world.Topics))
	}
	tiers := map[catalog.Tier]int{}
	for _, s := range world.Sites {
		tiers[s.Tier]++
	}
	if len(tiers) != 5 {
		t.Errorf("tiers: %v", tiers)
	}
	roles := map[access.Role]bool{}
	for _, u := range world.Users {
		roles[u.Role] = true
	}
	for _, r := range access.Roles() {
		if !roles[r] {
			t.Errorf("nobody is %s", r)
		}
	}
	newcomers, leavers := 0, 0
	for _, s := range world.SKUs {
		if world.Today.Sub(*s.Launched) <= 60 {
			newcomers++
		}
		if s.SuccessorCode != "" {
			leavers++
		}
	}
	if newcomers < 15 || leavers < 15 {
		t.Errorf("%d newcomers, %d with a successor", newcomers, leavers)
	}
	for _, topic := range world.Topics {
		n := 0
		for _, x := range world.Weights {
			if x.TopicCode == topic.Code {
				n++
			}
		}
		if n == 0 {
			t.Errorf("%s concerns nothing", topic.Code)
		}
	}
}

// Every site that sells a SKU must be reachable from where the SKU's supplier delivers.
func TestEverySeriesCanBeSupplied(t *testing.T) {
	regional := map[string]bool{}
	for _, s := range world.Sites {
		regional[s.Code] = s.Tier == catalog.Regional
	}
	ships := map[string][]string{}
	for _, d := range world.Terms {
		if !d.Backup {
			ships[d.SKUCode] = append(ships[d.SKUCode], d.ShipsToCode)
		}
	}
	for i := range world.list {
		it := &world.list[i]
		if len(ships[it.Code]) != 1 {
			t.Errorf("%s has %d main suppliers", it.Code, len(ships[it.Code]))
			continue
		}
		reached := map[string]bool{}
		for code, yes := range regional {
			reached[code] = yes && ships[it.Code][0] == ""
		}
		reached[ships[it.Code][0]] = true
		for range world.Lanes {
			for _, l := range world.Lanes {
				if reached[l.FromCode] {
					reached[l.ToCode] = true
				}
			}
		}
		for _, s := range it.sites {
			if !reached[places[s.place].Code] {
				t.Errorf("%s cannot come to %s", it.Code, places[s.place].Code)
			}
		}
	}
}

func TestTail(t *testing.T) {
	known := map[string]bool{}
	for _, c := range world.Categories {
		known[c.Code] = true
	}
	codes, gtins, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range world.SKUs {
		codes[s.Code], gtins[s.GTIN] = true, true
	}
	n := 0
	for d := range Tail(30_000) {
		n++
		if codes[d.Code] || gtins[d.GTIN] || names[d.Name.ZH] {
			t.Fatalf("%s, %s or %s twice", d.Code, d.GTIN, d.Name.ZH)
		}
		codes[d.Code], gtins[d.GTIN], names[d.Name.ZH] = true, true, true
		if err := d.Validate(); err != nil || !known[d.CategoryCode] {
			t.Fatalf("%s: %v", d.Code, err)
		}
	}
	if n != 30_000 {
		t.Errorf("%d of them", n)
	}
}
