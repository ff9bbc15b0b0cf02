package demo

import (
	"strings"
	"testing"

	"milkrun/warehouse"
)

// Everything stands in a bin of its site, of its temperature, with room for it, and apart from other goods and lots.
func TestStockStandsInBins(t *testing.T) {
	bins := map[warehouse.BinKey]SiteBin{}
	sites := map[string]map[warehouse.BinKind]int{}
	key := func(site, code string) warehouse.BinKey { return warehouse.BinKey{Code: site + "/" + code} }
	for _, b := range world.Bins() {
		if err := b.Check(); err != nil {
			t.Fatalf("%s %+v: %v", b.Site, b.Bin, err)
		}
		if strings.ContainsAny(b.Code, "IO") {
			t.Fatalf("%s: the letters I and O are misread", b.Code)
		}
		if _, twice := bins[key(b.Site, b.Code)]; twice {
			t.Fatalf("%s %s is there twice", b.Site, b.Code)
		}
		bins[key(b.Site, b.Code)] = b
		if sites[b.Site] == nil {
			sites[b.Site] = map[warehouse.BinKind]int{}
		}
		sites[b.Site][b.Kind]++
	}
	for _, p := range places {
		for _, k := range warehouse.BinKinds() {
			if sites[p.Code][k] == 0 {
				t.Errorf("%s has no bin of kind %s", p.Code, k)
			}
		}
	}
	inside := map[warehouse.BinKey]Lot{}
	for l := range world.Stock() {
		b, ok := bins[key(l.Site, l.Bin)]
		if !ok {
			t.Fatalf("%+v stands in no bin", l)
		}
		if l.Held != (b.Kind == warehouse.BinQuarantine) {
			t.Errorf("%+v stands in %s", l, b.Kind)
		}
		if l.Held {
			continue
		}
		it := world.find(l.SKU)
		if b.Temperature != it.Temperature || !b.Kind.Stores() {
			t.Errorf("%s (%s) stands in %s %s of %s", l.SKU, it.Temperature, b.Kind, b.Code, b.Temperature)
		}
		if l.Pieces > 1 && l.Pieces*int64(it.VolumeML) > b.CapacityML {
			t.Errorf("%+v is more than %s holds", l, b.Code)
		}
		if was, taken := inside[key(l.Site, l.Bin)]; taken {
			t.Errorf("%+v and %+v stand together", l, was)
		}
		inside[key(l.Site, l.Bin)] = l
	}
	if l := inside[key(StorySite, storyBin)]; l.SKU != StorySKU {
		t.Errorf("%s holds %+v", storyBin, l)
	}
	for _, f := range world.PickFaces() {
		if b := bins[key(f.Site, f.Bin)]; b.Kind != warehouse.BinPick || f.Min < 1 || f.Max < f.Min || inside[key(f.Site, f.Bin)].SKU != f.SKU {
			t.Errorf("%+v in %+v", f, b)
		}
	}
}

// The racks have not moved a piece from site to site.
func TestTheStoryStillHasItsPieces(t *testing.T) {
	have := map[string]int64{}
	for l := range world.Stock() {
		if l.SKU == StorySKU {
			have[l.Site] += l.Pieces
		}
	}
	for site, n := range storyStock {
		if have[site] != n {
			t.Errorf("%s has %d of the story's goods, want %d", site, have[site], n)
		}
	}
}
