package picking

import (
	"cmp"
	"slices"
)

// Job is an order to be picked: its places, what it weighs and how much room it takes, 0 where that is not known.
type Job struct {
	ID        int64
	Due       int64 // the smaller first; any unit
	Places    []Place
	Grams, ML int64
}

// Cart is what a picker pushes: so many totes, each with room for so much; 0 is without bound.
type Cart struct {
	Totes     int
	ToteGrams int64
	ToteML    int64
}

// Slot is a job's place on a cart: it takes the tote Tote, from 1, and the next ones when it needs Totes of them.
type Slot struct {
	Job         int // the index
	Tote, Totes int
}

// Round is what one cart picks on one tour.
type Round struct {
	Slots []Slot
	CM    int // of a tour over all of its places
}

// totes gives how many totes a job needs.
func (c Cart) totes(j Job) int {
	n := int64(1)
	if c.ToteGrams > 0 {
		n = max(n, (j.Grams+c.ToteGrams-1)/c.ToteGrams)
	}
	if c.ToteML > 0 {
		n = max(n, (j.ML+c.ToteML-1)/c.ToteML)
	}
	return int(n)
}

// aheadOf bounds how many jobs are looked through for the next on a cart: none goes far ahead of its turn.
const aheadOf = 120

// Cluster puts jobs on carts, each in totes of its own. A cart begins with the job that is due first; then comes, as long as a
// tote is free, the job that makes the tour the least longer, of those due next. A job that needs more totes than a cart has
// fills one by itself. Source of the rule: De Koster, van der Poort and Wolters, Int. J. Production Research 37(7), 1999.
func Cluster(l Layout, jobs []Job, cart Cart) []Round {
	left := make([]int, len(jobs))
	for i := range left {
		left[i] = i
	}
	slices.SortFunc(left, func(a, b int) int {
		return cmp.Or(cmp.Compare(jobs[a].Due, jobs[b].Due), cmp.Compare(jobs[a].ID, jobs[b].ID))
	})
	var rounds []Round
	for len(left) > 0 {
		var r Round
		var places []Place
		for free := max(1, cart.Totes); free > 0 && len(left) > 0; {
			k := next(&l, jobs, left, places, cart, free)
			if k < 0 {
				break
			}
			n := cart.totes(jobs[left[k]])
			r.Slots = append(r.Slots, Slot{Job: left[k], Tote: max(1, cart.Totes) - free + 1, Totes: n})
			free -= n
			places = append(places, jobs[left[k]].Places...)
			left = slices.Delete(left, k, k+1)
		}
		r.CM = tourCM(&l, places)
		rounds = append(rounds, r)
	}
	return rounds
}

// measured bounds how many jobs are measured by their tours; they are chosen by the aisles that they would add.
const measured = 8

// next gives which of the jobs left comes on a cart with so many free totes: the first on an empty one.
func next(l *Layout, jobs []Job, left []int, places []Place, cart Cart, free int) int {
	if len(places) == 0 && free == max(1, cart.Totes) {
		return 0
	}
	on := make([]bool, l.Aisles+1)
	for _, p := range places {
		on[l.aisle(p)] = true
	}
	type candidate struct{ at, added int }
	var fit []candidate
	for k, j := range left[:min(len(left), aheadOf)] {
		if cart.totes(jobs[j]) <= free {
			fit = append(fit, candidate{k, newAisles(l, on, jobs[j].Places)})
		}
	}
	slices.SortStableFunc(fit, func(a, b candidate) int { return cmp.Compare(a.added, b.added) })
	best, at := 0, -1
	for _, c := range fit[:min(len(fit), measured)] {
		if cm := tourCM(l, append(slices.Clip(places), jobs[left[c.at]].Places...)); at < 0 || cm < best {
			best, at = cm, c.at
		}
	}
	return at
}

// newAisles counts the aisles of places that are not walked yet.
func newAisles(l *Layout, on []bool, places []Place) int {
	n := 0
	for i, p := range places {
		a := l.aisle(p)
		if !on[a] && !slices.ContainsFunc(places[:i], func(q Place) bool { return l.aisle(q) == a }) {
			n++
		}
	}
	return n
}

// tourCM gives the length of the shortest tour that turns at the front and the back alone.
func tourCM(l *Layout, places []Place) int {
	list := nodes(l, places)
	if len(list) == 0 {
		return 0
	}
	s := newSweep(l, list)
	_, _, cm := s.solve()
	return cm
}
