package dispatch

import "slices"

// Join lets a parcel that waits at a door be fetched on a tour: behind the stop that the rider is on the way to, at the place where it
// costs least, lateness included. before is how the tour would go on without it; ok is false where the rider has no room for it or no
// cold box.
func (r Rules) Join(s Site, now int64, t Tour, x Parcel) (joined, before Reworked, ok bool) {
	w := &reworking{rules: r, site: s, now: now}
	before = w.time(t, t.Next)
	if !x.Pickup || x.Cold && !t.Rider.ColdBox {
		return Reworked{}, before, false
	}
	for k := min(1, len(t.Next)); k <= len(t.Next); k++ {
		order := slices.Insert(slices.Clone(t.Next), k, x)
		if !t.carries(order) {
			continue
		}
		if trial := w.time(t, order); !ok || w.price(trial) < w.price(joined) {
			joined, ok = trial, true
		}
	}
	joined.Changed, joined.Joined, joined.Saved = true, []int64{x.ID}, w.price(before)-w.price(joined)
	return joined, before, ok
}

// carries tells whether the rider never has more on board along the order than fits; what was loaded at the start is no fault of it.
func (t Tour) carries(order []Parcel) bool {
	count, grams := int64(len(t.Again)), int64(0)
	for _, p := range t.Again {
		grams += p.Grams
	}
	for _, p := range t.Done {
		if p.Pickup {
			count, grams = count+1, grams+p.Grams
		}
	}
	for _, p := range order {
		if !p.Pickup {
			count, grams = count+1, grams+p.Grams
		}
	}
	mostCount, mostGrams := max(most(t.Rider.Parcels), count), max(most(t.Rider.Grams), grams)
	for _, p := range order {
		if p.Pickup {
			count, grams = count+1, grams+p.Grams
		} else {
			count, grams = count-1, grams-p.Grams
		}
		if count > mostCount || grams > mostGrams {
			return false
		}
	}
	return true
}
