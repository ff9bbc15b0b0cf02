package dispatch

import (
	"slices"
	"testing"
)

// What is fetched joins behind the next stop where it is on the way, and only where there is room.
func TestJoin(t *testing.T) {
	x := Parcel{ID: 9, Door: door(.011, .0002), Pickup: true, Ready: noon - 60, Due: noon + 3600, Service: 60, Grams: 500}
	tour := Tour{Round: 7, Rider: biker(1), Left: noon - 60,
		Next: []Parcel{{ID: 1, Door: door(.012, 0), Due: noon + 3600, Service: 60, Grams: 400}, {ID: 2, Door: door(.010, 0), Due: noon + 3600, Service: 60, Grams: 400}}}
	joined, before, ok := quick().Join(home, noon, tour, x)
	if !ok || !slices.Equal(ids(joined.Order), []int64{1, 9, 2}) || joined.Cost <= before.Cost || len(joined.Drops) != 3 || !joined.Changed || !slices.Equal(joined.Joined, []int64{9}) {
		t.Fatalf("%v %+v", ok, joined)
	}
	// Beside another thing to fetch there is no room left for it.
	full := tour
	full.Rider.Parcels = 1
	full.Next = slices.Insert(slices.Clone(tour.Next), 1, Parcel{ID: 3, Door: door(.011, 0), Due: noon + 3600, Pickup: true, Ready: noon - 60, Grams: 400})
	if joined, _, ok = quick().Join(home, noon, full, x); !ok || slices.Index(ids(joined.Order), 9) != 3 {
		t.Errorf("with room for two rides %v", ids(joined.Order))
	}
	full.Next = append(full.Next, Parcel{ID: 4, Door: door(.010, 0), Due: noon + 3600, Pickup: true, Ready: noon - 60, Grams: 400})
	if _, _, ok := quick().Join(home, noon, full, x); ok {
		t.Error("a third thing to fetch with room for two")
	}
	cold := x
	cold.Cold = true
	tour.Rider.ColdBox = false
	if _, _, ok := quick().Join(home, noon, tour, cold); ok {
		t.Error("cold goods without a cold box")
	}
	if _, _, ok := quick().Join(home, noon, tour, Parcel{ID: 9, Door: x.Door, Due: x.Due}); ok {
		t.Error("goods of the warehouse join on the road")
	}
}
