package picking

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestJoin(t *testing.T) {
	l := Usual(5, 10)
	rest := []Place{{Aisle: 2, Bay: 3}, {Aisle: 2, Bay: 9}, {Aisle: 4, Bay: 8}}
	from := Place{Aisle: 1, Bay: 5}
	for _, c := range []struct {
		from    *Place
		further []Place
		want    string
	}{
		{nil, nil, "[0 1 2]"},
		{nil, []Place{{Aisle: 2, Bay: 6}}, "[0 3 1 2]"},
		{nil, []Place{{Aisle: 3, Bay: 9}, {Aisle: 2, Bay: 6}}, "[0 4 1 3 2]"},
		{&from, []Place{{Aisle: 1, Bay: 4}}, "[3 0 1 2]"},
		{&from, []Place{{}}, "[3 0 1 2]"}, // the bench lies on the way to the next aisle
	} {
		if got := fmt.Sprint(Join(l, c.from, rest, c.further)); got != c.want {
			t.Errorf("%v: %s, want %s", c.further, got, c.want)
		}
	}
	if got := Join(l, nil, nil, nil); len(got) != 0 {
		t.Error(got)
	}
}

// Everything is walked to once, and the way so far keeps its order.
func TestJoinKeepsTheWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Usual(6, 12)
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 1))
		rest, further := somePlaces(rng, l, rapid.IntRange(0, 8).Draw(t, "rest")), somePlaces(rng, l, rapid.IntRange(0, 5).Draw(t, "further"))
		order := Join(l, nil, rest, further)
		if got := slices.Sorted(slices.Values(order)); len(got) != len(rest)+len(further) || len(slices.Compact(got)) != len(order) {
			t.Fatalf("%v", order)
		}
		kept := slices.DeleteFunc(slices.Clone(order), func(i int) bool { return i >= len(rest) })
		if !slices.IsSorted(kept) {
			t.Fatalf("%v", order)
		}
	})
}
