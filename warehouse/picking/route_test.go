package picking

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWalk(t *testing.T) {
	l := Layout{Aisles: 4, Bays: 10, Bench: 1, AisleCM: 300, BayCM: 100, CrossCM: 200}
	m := l
	m.Crossings = []int{5}
	for _, c := range []struct {
		l    Layout
		a, b Place
		want int
	}{
		{l, Place{1, 1, 1, 0}, Place{1, 1, 3, 1}, 0},
		{l, Place{Aisle: 1, Bay: 2}, Place{Aisle: 1, Bay: 9}, 700},
		{l, Place{Aisle: 1, Bay: 1}, Place{Aisle: 2, Bay: 1}, 300 + 150 + 150},  // round the front
		{l, Place{Aisle: 1, Bay: 10}, Place{Aisle: 3, Bay: 9}, 600 + 150 + 250}, // round the back
		{l, Place{}, Place{Aisle: 2, Bay: 4}, 300 + 450},                        // from the bench
		{m, Place{Aisle: 1, Bay: 5}, Place{Aisle: 2, Bay: 6}, 300 + 150 + 150},  // through the middle
		{m, Place{Aisle: 1, Bay: 5}, Place{Aisle: 1, Bay: 6}, 100 + 200},        // across it
		{m, Place{}, Place{Aisle: 1, Bay: 10}, 100 + 950 + 200},
	} {
		if got, back := c.l.Walk(c.a, c.b), c.l.Walk(c.b, c.a); got != c.want || back != got {
			t.Errorf("%v to %v: %d and back %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
	for _, bad := range []Layout{{}, {Aisles: 1, Bays: 1, AisleCM: 1, BayCM: 1}, {Aisles: 2, Bays: 9, Bench: 3, AisleCM: 1, BayCM: 1},
		{Aisles: 2, Bays: 9, Bench: 1, AisleCM: 1, BayCM: 1, Crossings: []int{9}}, {Aisles: 2, Bays: 9, Bench: 1, AisleCM: 1, BayCM: 1, Crossings: []int{4, 4}}} {
		if err := bad.Check(); !errors.Is(err, ErrLayout) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if l := Around([]Place{{Aisle: 3, Bay: 7}, {Aisle: 1, Bay: 12}}); l.Aisles != 3 || l.Bays != 12 || l.Check() != nil {
		t.Errorf("%+v", l)
	}
}

// heldKarp gives the length of a shortest tour through the places by dynamic programming over their subsets.
// Source: Held and Karp, Journal of SIAM 10(1), 1962, 196–210.
func heldKarp(l Layout, places []Place) int {
	n := len(places)
	if n == 0 {
		return 0
	}
	best := make([][]int, 1<<n)
	for set := range best {
		best[set] = make([]int, n)
		for i := range best[set] {
			best[set][i] = math.MaxInt32
		}
	}
	for i, p := range places {
		best[1<<i][i] = l.Walk(Place{}, p)
	}
	for set := range best {
		for i := range n {
			if best[set][i] == math.MaxInt32 {
				continue
			}
			for j := range n {
				if set>>j&1 == 0 {
					next := set | 1<<j
					best[next][j] = min(best[next][j], best[set][i]+l.Walk(places[i], places[j]))
				}
			}
		}
	}
	shortest := math.MaxInt32
	for i, p := range places {
		shortest = min(shortest, best[1<<n-1][i]+l.Walk(p, Place{}))
	}
	return shortest
}

func somePlaces(rng *rand.Rand, l Layout, n int) []Place {
	list := make([]Place, n)
	for i := range list {
		list[i] = Place{1 + rng.IntN(l.Aisles), 1 + rng.IntN(l.Bays), rng.IntN(4), rng.IntN(2)}
	}
	return list
}

// Shortest is as short as the exact tour over all orders of up to nine places, for areas of any shape and place of the bench.
func TestShortestAgainstHeldKarp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Layout{Aisles: rapid.IntRange(1, 6).Draw(t, "aisles"), Bays: rapid.IntRange(1, 12).Draw(t, "bays"),
			AisleCM: rapid.IntRange(100, 900).Draw(t, "aisle cm"), BayCM: rapid.IntRange(50, 300).Draw(t, "bay cm"), CrossCM: rapid.IntRange(0, 400).Draw(t, "cross cm")}
		l.Bench = rapid.IntRange(1, l.Aisles).Draw(t, "bench")
		n := rapid.IntRange(0, 9).Draw(t, "places")
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 7))
		places := somePlaces(rng, l, n)
		if n > 0 && rapid.Bool().Draw(t, "one in no rack") {
			places[0] = Place{}
		}
		want := heldKarp(l, places)
		r := Shortest(l, places)
		if r.CM != want || Plan(l, places).CM != want {
			t.Fatalf("%+v %v: %d by %v, exact %d", l, places, r.CM, r.Order, want)
		}
	})
}

type rule struct {
	name string
	plan func(Layout, []Place) Route
}

var rules = []rule{{"serpentine", Serpentine}, {"largest gap", LargestGap}, {"nearest neighbour", NearestNeighbour}, {"improved", Improved}, {"shortest", Shortest}, {"plan", Plan}}

// Every rule visits each place once, says the true length of its tour, and is never shorter than the shortest there is.
func TestRoutesAreTours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Usual(rapid.IntRange(1, 8).Draw(t, "aisles"), rapid.IntRange(2, 20).Draw(t, "bays"))
		if rapid.Bool().Draw(t, "crossing") {
			l.Crossings = []int{rapid.IntRange(1, l.Bays-1).Draw(t, "behind")}
		}
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 7))
		places := somePlaces(rng, l, rapid.IntRange(0, 8).Draw(t, "places"))
		exact := heldKarp(l, places)
		for _, rule := range rules {
			r := rule.plan(l, places)
			var tour []Place
			for _, i := range r.Order {
				tour = append(tour, places[i])
			}
			sorted := slices.Sorted(slices.Values(r.Order))
			for i := range places {
				if len(sorted) != len(places) || sorted[i] != i {
					t.Fatalf("%s: %v of %d places", rule.name, r.Order, len(places))
				}
			}
			if r.CM != l.Tour(tour) || r.CM < exact {
				t.Fatalf("%s: says %d, walks %d, exact %d", rule.name, r.CM, l.Tour(tour), exact)
			}
		}
		again := Plan(l, places)
		if !slices.Equal(again.Order, Plan(l, places).Order) {
			t.Fatal("the same input, another tour")
		}
	})
}

func TestSerpentineTurns(t *testing.T) {
	places := []Place{{Aisle: 2, Bay: 1}, {Aisle: 1, Bay: 9, Level: 2}, {Aisle: 1, Bay: 9, Level: 1}, {Aisle: 2, Bay: 8}, {Aisle: 1, Bay: 2}}
	if got := fmt.Sprint(Serpentine(Usual(2, 10), places).Order); got != "[4 2 1 3 0]" {
		t.Error(got)
	}
}

// TestRulesCompared prints how much longer than the shortest tour each rule's tours are, and holds the figures to bounds.
func TestRulesCompared(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 5))
	for _, c := range []struct {
		name   string
		layout Layout
		picks  int
		rounds int
	}{
		{"10 aisles × 20 bays, 8 picks", Usual(10, 20), 8, 300},
		{"10 aisles × 20 bays, 20 picks", Usual(10, 20), 20, 300},
		{"10 aisles × 20 bays, 60 picks", Usual(10, 20), 60, 100},
		{"20 aisles × 30 bays, 40 picks", Usual(20, 30), 40, 100},
	} {
		sum := map[string]float64{}
		for range c.rounds {
			places := somePlaces(rng, c.layout, c.picks)
			exact := float64(Shortest(c.layout, places).CM)
			for _, rule := range rules[:4] {
				sum[rule.name] += float64(rule.plan(c.layout, places).CM) / exact / float64(c.rounds)
			}
		}
		t.Logf("%s: serpentine %.3f, largest gap %.3f, nearest neighbour %.3f, improved %.3f of the shortest", c.name,
			sum["serpentine"], sum["largest gap"], sum["nearest neighbour"], sum["improved"])
		if sum["improved"] > 1.05 {
			t.Errorf("%s: improved tours are %.3f of the shortest", c.name, sum["improved"])
		}
	}
	// With a cross-aisle in the middle, against all orders of nine places.
	l, sum := Usual(10, 20), map[string]float64{}
	l.Crossings = []int{10}
	const rounds = 60
	for range rounds {
		places := somePlaces(rng, l, 9)
		exact := float64(heldKarp(l, places))
		for _, rule := range rules {
			sum[rule.name] += float64(rule.plan(l, places).CM) / exact / rounds
		}
	}
	t.Logf("10 aisles × 20 bays with a middle cross-aisle, 9 picks: serpentine %.3f, largest gap %.3f, nearest neighbour %.3f, improved %.3f of the shortest",
		sum["serpentine"], sum["largest gap"], sum["nearest neighbour"], sum["improved"])
	if sum["plan"] > 1.03 {
		t.Errorf("planned tours are %.3f of the shortest", sum["plan"])
	}
}

func BenchmarkPlan(b *testing.B) {
	rng := rand.New(rand.NewPCG(11, 5))
	for _, picks := range []int{20, 60, 200} {
		l := Usual(20, 30)
		places := somePlaces(rng, l, picks)
		for _, rule := range rules[:5] {
			b.Run(fmt.Sprintf("%s/%d", rule.name, picks), func(b *testing.B) {
				for b.Loop() {
					rule.plan(l, places)
				}
			})
		}
	}
}
