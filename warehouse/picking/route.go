package picking

import (
	"cmp"
	"slices"
)

// Route is a tour from the bench and back: Order holds the indices of the places in the order of the walk.
type Route struct {
	Order []int
	CM    int
}

// node is a spot of the area where the picker stops, for one or several bins.
type node struct {
	aisle, depth int
	stops        []int // indices of the places, in the order in which hands take them
}

// nodes groups places by the spot before them, sorted by aisle and depth.
func nodes(l *Layout, places []Place) []node {
	index := make([]int, len(places))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(i, j int) int {
		a, b := places[i], places[j]
		return cmp.Or(cmp.Compare(l.aisle(a), l.aisle(b)), cmp.Compare(l.depth(a), l.depth(b)), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Level, b.Level))
	})
	var list []node
	for _, i := range index {
		a, d := l.aisle(places[i]), l.depth(places[i])
		if n := len(list); n == 0 || list[n-1].aisle != a || list[n-1].depth != d {
			list = append(list, node{aisle: a, depth: d})
		}
		list[len(list)-1].stops = append(list[len(list)-1].stops, i)
	}
	return list
}

// route makes the route of nodes in the order of a walk.
func route(l *Layout, places []Place, walk []node) Route {
	r := Route{Order: make([]int, 0, len(places))}
	tour := make([]Place, 0, len(places))
	for _, n := range walk {
		for _, i := range n.stops {
			r.Order = append(r.Order, i)
			tour = append(tour, places[i])
		}
	}
	r.CM = l.Tour(tour)
	return r
}

// byAisle cuts sorted nodes into those of each aisle.
func byAisle(list []node) [][]node {
	var aisles [][]node
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].aisle == list[i].aisle {
			j++
		}
		aisles = append(aisles, list[i:j])
		i = j
	}
	return aisles
}

func reversed(list []node) []node {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// Serpentine walks each aisle with picks from end to end, the next one the other way: the S-shape rule that pickers know.
func Serpentine(l Layout, places []Place) Route {
	var walk []node
	for i, aisle := range byAisle(nodes(&l, places)) {
		if i%2 == 1 {
			aisle = reversed(aisle)
		}
		walk = append(walk, aisle...)
	}
	return route(&l, places, walk)
}

// LargestGap walks the first aisle through to the back, picks from the back and then from the front what lies on either side of
// each aisle's largest gap, and goes through the last one. Source: Hall, IIE Transactions 25(4), 1993, 76–87.
func LargestGap(l Layout, places []Place) Route {
	aisles := byAisle(nodes(&l, places))
	if len(aisles) < 2 {
		return Serpentine(l, places)
	}
	walk := slices.Clone(aisles[0])
	var front [][]node
	for _, a := range aisles[1 : len(aisles)-1] {
		cut := gap(&l, a)
		walk = append(walk, reversed(a[cut:])...)
		front = append(front, a[:cut])
	}
	walk = append(walk, reversed(aisles[len(aisles)-1])...)
	for i := len(front) - 1; i >= 0; i-- {
		walk = append(walk, front[i]...)
	}
	return route(&l, places, walk)
}

// gap gives the index of the node behind the largest stretch of an aisle without picks, its ends among them.
func gap(l *Layout, aisle []node) int {
	best, at, last := -1, 0, 0
	for i, n := range aisle {
		if n.depth-last > best {
			best, at = n.depth-last, i
		}
		last = n.depth
	}
	if l.back()-last > best {
		at = len(aisle)
	}
	return at
}

// NearestNeighbour goes to the nearest place that is left.
func NearestNeighbour(l Layout, places []Place) Route {
	left := nodes(&l, places)
	at := node{aisle: l.Bench}
	var walk []node
	for len(left) > 0 {
		next := 0
		for i := range left {
			if l.between(at, left[i]) < l.between(at, left[next]) {
				next = i
			}
		}
		at = left[next]
		walk = append(walk, at)
		left = slices.Delete(left, next, next+1)
	}
	return route(&l, places, walk)
}

// between gives the way between two nodes.
func (l *Layout) between(a, b node) int {
	across := abs(a.aisle-b.aisle) * l.AisleCM
	if across == 0 {
		return abs(a.depth - b.depth)
	}
	along := min(a.depth+b.depth, 2*l.back()-a.depth-b.depth)
	for i := range l.Crossings {
		c := l.crossDepth(i)
		along = min(along, abs(a.depth-c)+abs(b.depth-c))
	}
	return across + along
}

// Plan gives the tour to walk: the shortest there is where front and back are the only cross-aisles, else the best of the
// rules, improved. The layout must be sound (Check).
func Plan(l Layout, places []Place) Route {
	if len(l.Crossings) == 0 {
		return Shortest(l, places)
	}
	return Improved(l, places)
}
