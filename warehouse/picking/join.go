package picking

import "slices"

// Join puts further places on a way that is being walked: the rest of the way keeps its order, and each further place comes in
// where the detour is the least, the nearest to the way first. from is where the picker stands, or nil where that is not known;
// the way ends at the bench. It gives the indices of the way's places, and of the further ones counted on from them.
func Join(l Layout, from *Place, rest, further []Place) []int {
	all := append(slices.Clone(rest), further...)
	order := make([]int, len(rest), len(all))
	for i := range order {
		order[i] = i
	}
	left := make([]int, 0, len(further))
	for i := range further {
		left = append(left, len(rest)+i)
	}
	// leg gives the way into the k-th place of the order: to a place, or to the bench behind the last.
	leg := func(k int, to Place) int {
		switch {
		case k > 0:
			return l.Walk(all[order[k-1]], to)
		case from != nil:
			return l.Walk(*from, to)
		}
		return 0
	}
	at := func(k int) Place {
		if k < len(order) {
			return all[order[k]]
		}
		return l.bench()
	}
	for len(left) > 0 {
		best, which, where := -1, 0, 0
		for i, p := range left {
			for k := 0; k <= len(order); k++ {
				if detour := leg(k, all[p]) + l.Walk(all[p], at(k)) - leg(k, at(k)); best < 0 || detour < best {
					best, which, where = detour, i, k
				}
			}
		}
		order = slices.Insert(order, where, left[which])
		left = slices.Delete(left, which, which+1)
	}
	return order
}
