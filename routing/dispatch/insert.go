package dispatch

import "slices"

// Insert gives the rider's round with one more parcel at the place where it makes the round least late, then cheapest. ok is
// false where the rider cannot carry it, or cold goods would be out of the cold room for too long wherever it stood.
func (s Site) Insert(r Rider, leaves int64, round []Parcel, p Parcel) (t Trip, order []Parcel, ok bool) {
	if !r.Takes(p, round) {
		return Trip{}, nil, false
	}
	for i := 0; i <= len(round); i++ {
		o := slices.Insert(slices.Clone(round), i, p)
		n := s.Ride(r, leaves, o)
		if n.Warm > 0 {
			continue
		}
		if !ok || n.Late() < t.Late() || n.Late() == t.Late() && n.Cost < t.Cost {
			t, order, ok = n, o, true
		}
	}
	return t, order, ok
}

// Without gives the rider's round without the parcel; ok is false where nothing is left of it.
func (s Site) Without(r Rider, leaves int64, round []Parcel, id int64) (t Trip, order []Parcel, ok bool) {
	order = slices.DeleteFunc(slices.Clone(round), func(p Parcel) bool { return p.ID == id })
	if len(order) == 0 {
		return Trip{Rider: r.ID}, nil, false
	}
	return s.Ride(r, leaves, order), order, true
}

// Late adds up the seconds that the trip's parcels are late.
func (t Trip) Late() (sum int64) {
	for _, d := range t.Parcels {
		sum += d.Late
	}
	return sum
}
