package dispatch_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/routing/dispatch"
)

// onALine is a trip to places on a line through the warehouse at 0; each could leave alone until the instant given.
func onALine(at, alone []int64) dispatch.Departure {
	pos := func(k int) int64 {
		if k < 0 {
			return 0
		}
		return at[k]
	}
	return dispatch.Departure{Stops: len(at), Way: func(a, b int) int64 { return max(pos(a)-pos(b), pos(b)-pos(a)) }, Alone: func(k int) int64 { return alone[k] }}
}

func TestWhenATripLeaves(t *testing.T) {
	p := dispatch.Pooling{Margin: 240, Full: 1000, Crowded: 900, Half: 500}
	for _, c := range []struct {
		name                string
		last, fill, crowded int64
		next                int64
		leaves              bool
	}{
		{"may wait", 2000, 300, 100, 0, false},
		{"at its last moment", 1240, 100, 100, 0, true},
		{"a second before", 1241, 100, 100, 0, false},
		{"the next decision comes too late", 1270, 100, 100, 30, true},
		{"full", 9000, 1000, 100, 0, true},
		{"half full while riders are short", 9000, 500, 900, 0, true},
		{"nearly empty while riders are short", 9000, 499, 900, 0, false},
		{"late already", 10, 100, 100, 0, true},
	} {
		d := onALine([]int64{100}, []int64{c.last})
		d.Last, d.Fill, d.Crowded = c.last, c.fill, c.crowded
		if got := p.Leaves(1000, c.next, d); (len(got) > 0) != c.leaves {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Two in the east and one in the west: the detour to the west is as long as a way of its own.
func TestThePriceOfAPlace(t *testing.T) {
	d := onALine([]int64{100, 110, -60}, []int64{9000, 9000, 9000})
	for _, c := range []struct {
		prize, patience int64
		want            []int
	}{
		{0, 0, []int{0, 1, 2}},        // everybody rides
		{1000, 0, []int{0, 1, 2}},     // not dearer than alone
		{999, 0, []int{0, 1}},         // dearer, and can wait
		{999, 20_000, []int{0, 1, 2}}, // dearer, and cannot wait for so long
		{50, 0, []int{0}},             // a place is worth next to nothing: one rides
	} {
		p := dispatch.Pooling{Prize: c.prize, Patience: c.patience}
		if got := p.Leaves(0, 0, d); !slices.Equal(got, c.want) {
			t.Errorf("prize %d, patience %d: %v ride, want %v", c.prize, c.patience, got, c.want)
		}
	}
}

// Whoever cannot wait rides, somebody rides, and nobody stays whose place is cheap.
func TestWhoStaysCanWaitAndIsDear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "stops")
		at, alone := make([]int64, n), make([]int64, n)
		for k := range n {
			at[k], alone[k] = rapid.Int64Range(-500, 500).Draw(t, "at"), rapid.Int64Range(0, 2000).Draw(t, "alone")
		}
		p := dispatch.Pooling{Margin: rapid.Int64Range(0, 300).Draw(t, "margin"), Prize: rapid.Int64Range(0, 1500).Draw(t, "prize"), Patience: rapid.Int64Range(0, 600).Draw(t, "patience")}
		d := onALine(at, alone)
		got := p.Leaves(100, 0, d) // Last is 0: it must go
		if len(got) == 0 || !slices.IsSorted(got) {
			t.Fatalf("%v", got)
		}
		for k := range n {
			if !slices.Contains(got, k) && alone[k] < 100+p.Margin+p.Patience {
				t.Fatalf("%d stays and cannot wait", k)
			}
		}
	})
}
