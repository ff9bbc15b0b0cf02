package picking

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

func shelf(bin string, change func(*Shelf)) Shelf {
	s := Shelf{Bin: bin, Temperature: catalog.Ambient, Class: B, FreeGrams: -1, FreeML: -1, Place: Place{Aisle: 1, Bay: 1}}
	if change != nil {
		change(&s)
	}
	return s
}

func TestPutAway(t *testing.T) {
	l := Usual(4, 10)
	g := Goods{SKU: 7, Lot: "L2", Temperature: catalog.Ambient, Class: A, Pieces: 20, Grams: 900, ML: 1000}
	holds := func(sku catalog.SKUID, lot string) func(*Shelf) {
		return func(s *Shelf) { s.Content = []Content{{sku, lot, 5}} }
	}
	shelves := []Shelf{
		shelf("same lot", holds(7, "L2")),
		shelf("other lot", holds(7, "L1")),
		shelf("other lot, may mix", func(s *Shelf) { holds(7, "L1")(s); s.MixedLots = true }),
		shelf("other goods", holds(8, "L1")),
		shelf("other goods, may mix", func(s *Shelf) { holds(8, "L1")(s); s.MixedSKUs = true }),
		shelf("empty, near the bench", func(s *Shelf) { s.Class = A }),
		shelf("empty, far", func(s *Shelf) { s.Class = C; s.Place = Place{Aisle: 4, Bay: 10} }),
		shelf("cold", func(s *Shelf) { s.Temperature = catalog.Chilled }),
		shelf("full", func(s *Shelf) { s.FreeML = 999 }),
		shelf("half", func(s *Shelf) { s.FreeML = 10_500; s.Class = A }),
		shelf("off", func(s *Shelf) { s.Inactive = true }),
		shelf("emptied", func(s *Shelf) { s.Content = []Content{{8, "L1", 0}} }),
	}
	advice, refused := PutAway(l, g, shelves)
	var good, bad []string
	for _, a := range advice {
		good = append(good, fmt.Sprintf("%s %d", shelves[a.Index].Bin, a.Pieces))
		sum := 0
		for _, r := range a.Reasons {
			sum += r.Points
		}
		if sum != a.Score || len(a.Reasons) == 0 {
			t.Errorf("%s: score %d, reasons %+v", shelves[a.Index].Bin, a.Score, a.Reasons)
		}
	}
	for _, r := range refused {
		bad = append(bad, fmt.Sprintf("%s: %s", shelves[r.Index].Bin, r.Against))
	}
	if want := "same lot 20, empty, near the bench 20, other lot, may mix 20, half 10, emptied 20, other goods, may mix 20, empty, far 20"; strings.Join(good, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(good, ", "), want)
	}
	if want := "other lot: other_lot, other goods: other_sku, cold: temperature, full: no_room, off: closed"; strings.Join(bad, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(bad, ", "), want)
	}
	list, left := Spread(advice[3:4], 20)
	if len(list) != 1 || list[0].Pieces != 10 || left != 10 {
		t.Errorf("%+v %d", list, left)
	}
	if list, left := Spread(advice, 25); len(list) != 2 || list[1].Pieces != 5 || left != 0 {
		t.Errorf("%+v %d", list, left)
	}
}

// No bin is advised against its rules, none is lost, and the order of the bins makes no difference.
func TestPutAwayProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Usual(5, 10)
		g := Goods{SKU: 1, Lot: "A", Temperature: rapid.SampledFrom(catalog.Temperatures()).Draw(t, "class"), Class: rapid.SampledFrom([]Class{A, B, C}).Draw(t, "velocity"),
			Pieces: quantity.Pieces(rapid.IntRange(1, 40).Draw(t, "pieces")), Grams: int64(rapid.IntRange(0, 900).Draw(t, "grams")), ML: int64(rapid.IntRange(0, 900).Draw(t, "ml"))}
		var shelves []Shelf
		for i := range rapid.IntRange(0, 12).Draw(t, "bins") {
			s := Shelf{Bin: fmt.Sprint(i), Place: Place{1 + i%5, 1 + i%10, 0, 0}, Temperature: rapid.SampledFrom(catalog.Temperatures()).Draw(t, "bin class"),
				Class: rapid.SampledFrom([]Class{A, B, C}).Draw(t, "bin velocity"), FreeGrams: int64(rapid.IntRange(-1, 9000).Draw(t, "free grams")), FreeML: int64(rapid.IntRange(-1, 9000).Draw(t, "free ml")),
				MixedSKUs: rapid.Bool().Draw(t, "mixed SKUs"), MixedLots: rapid.Bool().Draw(t, "mixed lots")}
			for range rapid.IntRange(0, 2).Draw(t, "content") {
				s.Content = append(s.Content, Content{catalog.SKUID(rapid.IntRange(1, 2).Draw(t, "SKU")), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "lot"), quantity.Pieces(rapid.IntRange(0, 2).Draw(t, "there"))})
			}
			shelves = append(shelves, s)
		}
		advice, refused := PutAway(l, g, shelves)
		if len(advice)+len(refused) != len(shelves) {
			t.Fatalf("%d and %d of %d", len(advice), len(refused), len(shelves))
		}
		for _, a := range advice {
			s := shelves[a.Index]
			n := int64(a.Pieces)
			if s.Temperature != g.Temperature || n < 1 || a.Pieces > g.Pieces || s.FreeGrams >= 0 && n*g.Grams > s.FreeGrams || s.FreeML >= 0 && n*g.ML > s.FreeML {
				t.Fatalf("%+v in %+v", a, s)
			}
			for _, c := range s.Content {
				if c.Pieces > 0 && (c.SKU != g.SKU && !s.MixedSKUs || c.SKU == g.SKU && c.Lot != g.Lot && !s.MixedLots) {
					t.Fatalf("%+v is mixed into %+v", g, s)
				}
			}
		}
		order := func() (names string) {
			advice, _ := PutAway(l, g, shelves)
			for _, a := range advice {
				names += shelves[a.Index].Bin + " "
			}
			return names
		}
		want := order()
		rand.New(rand.NewPCG(uint64(len(shelves)), 1)).Shuffle(len(shelves), func(i, j int) { shelves[i], shelves[j] = shelves[j], shelves[i] })
		if got := order(); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
