package picking

import (
	"errors"
	"fmt"
)

// ErrLayout is the refusal of a layout that cannot be walked.
var ErrLayout = errors.New("picking: not a layout")

// Place is where a bin stands: the aisle and the bay from 1, the level from the floor, and the side of the aisle. The aisle 0
// stands for places in no rack, next to the bench.
type Place struct{ Aisle, Bay, Level, Side int }

// Layout is a picking area of parallel aisles, with a cross-aisle in front of the first bays, one behind the last, and others
// between. The bench, where tours begin and end, stands at the front of the aisle Bench.
type Layout struct {
	Aisles, Bays int
	Bench        int
	AisleCM      int   // from the middle of an aisle to that of the next
	BayCM        int   // the length of a bay along the aisle
	CrossCM      int   // the width of a cross-aisle
	Crossings    []int // further cross-aisles lie behind these bays, in rising order
}

// Usual gives a layout of the size with the measures of shelves for hands: aisles 2.4 m apart, bays of 1 m, cross-aisles of 2 m.
func Usual(aisles, bays int) Layout {
	return Layout{Aisles: aisles, Bays: bays, Bench: 1, AisleCM: 240, BayCM: 100, CrossCM: 200}
}

// Around gives the usual layout that holds all of the places.
func Around(places []Place) Layout {
	l := Usual(1, 1)
	for _, p := range places {
		l.Aisles, l.Bays = max(l.Aisles, p.Aisle), max(l.Bays, p.Bay)
	}
	return l
}

// Check answers ErrLayout for measures below 1 and crossings out of order.
func (l Layout) Check() error {
	if l.Aisles < 1 || l.Bays < 1 || l.AisleCM < 1 || l.BayCM < 1 || l.CrossCM < 0 || l.Bench < 1 || l.Bench > l.Aisles {
		return fmt.Errorf("%w: %+v", ErrLayout, l)
	}
	last := 0
	for _, c := range l.Crossings {
		if c <= last || c >= l.Bays {
			return fmt.Errorf("%w: a cross-aisle behind bay %d of %d", ErrLayout, c, l.Bays)
		}
		last = c
	}
	return nil
}

// depth gives how far a place lies behind the middle of the front cross-aisle.
func (l *Layout) depth(p Place) int {
	if p.Aisle < 1 {
		return 0
	}
	bay := min(max(p.Bay, 1), l.Bays)
	d := l.CrossCM/2 + (bay-1)*l.BayCM + l.BayCM/2
	for _, c := range l.Crossings {
		if bay > c {
			d += l.CrossCM
		}
	}
	return d
}

// back gives the depth of the last cross-aisle.
func (l *Layout) back() int {
	return l.CrossCM + l.Bays*l.BayCM + len(l.Crossings)*l.CrossCM
}

// crossDepth gives the depth of the i-th further cross-aisle.
func (l *Layout) crossDepth(i int) int {
	return l.CrossCM + l.Crossings[i]*l.BayCM + i*l.CrossCM
}

// aisle gives the aisle of a place; one in no rack is at the bench.
func (l *Layout) aisle(p Place) int {
	if p.Aisle < 1 {
		return l.Bench
	}
	return min(p.Aisle, l.Aisles)
}

// bench is the place of the bench.
func (l *Layout) bench() Place { return Place{} }

// Walk gives the shortest way between two places in centimetres: along the aisle, or through the cross-aisle that is nearest
// on the way. Levels and sides cost no steps.
func (l *Layout) Walk(a, b Place) int {
	across := abs(l.aisle(a)-l.aisle(b)) * l.AisleCM
	x, y := l.depth(a), l.depth(b)
	if across == 0 {
		return abs(x - y)
	}
	along := min(x+y, 2*l.back()-x-y)
	for i := range l.Crossings {
		c := l.crossDepth(i)
		along = min(along, abs(x-c)+abs(y-c))
	}
	return across + along
}

// Tour gives the length of a tour from the bench through the places in their order and back.
func (l *Layout) Tour(places []Place) int {
	at, sum := l.bench(), 0
	for _, p := range places {
		sum += l.Walk(at, p)
		at = p
	}
	return sum + l.Walk(at, l.bench())
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
