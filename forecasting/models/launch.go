package models

import (
	"cmp"
	"math"
	"slices"
)

// Traits are what is known of a SKU before it sells.
type Traits struct {
	Category string
	Topic    string
	Stage    string  // size or age stage
	Price    float64 // yuan; 0 = unknown
}

// Launch is a SKU that was launched before: its traits and the demand of its days from the first on.
type Launch struct {
	Traits
	Demand []float64
}

// Settings of look-alikes.
const (
	likeMost    = 12   // look-alikes that are used
	priceBell   = .35  // logarithm of the price at which a look-alike counts 0.6
	likeStrange = .25  // weight of another topic or stage
	pledgeRate  = .6   // of the pieces asked for in votes that are bought, where it was not measured
	pledgeSteps = 14.0 // days in which pledges are turned into orders by half
)

// Likeness gives how alike two SKUs are, 0..1: another category counts nothing, another topic or stage a quarter each, and prices by
// the distance of their logarithms.
func Likeness(a, b Traits) float64 {
	if a.Category != b.Category {
		return 0
	}
	w := 1.0
	if a.Topic != b.Topic {
		w *= likeStrange
	}
	if a.Stage != b.Stage {
		w *= likeStrange
	}
	if a.Price > 0 && b.Price > 0 {
		z := math.Log(a.Price/b.Price) / priceBell
		w *= math.Exp(-z * z / 2)
	}
	return w
}

// LaunchCurve gives the expected demand of each of the first n days of a new SKU: the mean of its look-alikes on the same day of their
// lives, weighted by likeness, smoothed over a week. false where nothing is alike.
func LaunchCurve(t Traits, past []Launch, n int) ([]float64, bool) {
	type like struct {
		w float64
		d []float64
	}
	var list []like
	for _, p := range past {
		if w := Likeness(t, p.Traits); w > .01 && observed(p.Demand) > 0 {
			list = append(list, like{w, p.Demand})
		}
	}
	slices.SortStableFunc(list, func(a, b like) int { return cmp.Compare(b.w, a.w) })
	list = list[:min(len(list), likeMost)]
	if len(list) == 0 {
		return nil, false
	}
	out := make([]float64, n)
	for day := range out {
		sum, weight := 0.0, 0.0
		for _, l := range list {
			if m, ok := weekAround(l.d, day); ok {
				sum += l.w * m
				weight += l.w
			}
		}
		switch {
		case weight > 0:
			out[day] = sum / weight
		case day > 0:
			out[day] = out[day-1]
		}
	}
	return out, true
}

// weekAround gives the mean of the known days within three of a day.
func weekAround(d []float64, day int) (float64, bool) {
	if day >= len(d) {
		return 0, false
	}
	part := d[max(day-3, 0):min(day+4, len(d))]
	return max(meanOf(part), 0), observed(part) > 0
}

// WithPledges adds to a launch curve what was pledged in a pre-sale, which is sure, and what was asked for in votes, of which rate
// (0 = 0.6) is bought; both arrive in the first weeks, half of what is left every fortnight, and take the place of as much of
// the curve, not more than half of it a day: who has pledged does not buy again.
func WithPledges(curve []float64, pledged, votes, rate float64) []float64 {
	if !(rate > 0) {
		rate = pledgeRate
	}
	sure := max(pledged, 0) + rate*max(votes, 0)
	keep := math.Exp2(-1 / pledgeSteps)
	out := make([]float64, len(curve))
	for i, v := range curve {
		come := sure * (1 - keep)
		if i == len(curve)-1 {
			come = sure
		}
		sure -= come
		out[i] = v + come - min(come, v/2)
	}
	return out
}

// Blend carries a new SKU from its launch curve to its own forecast: the curve is scaled by what was sold against it so far, and
// counts for as much as prior days of its own.
func Blend(curve, own, sold []float64, prior float64) []float64 {
	due, n := 0.0, 0.0
	for i, v := range sold {
		if v == v && i < len(curve) {
			due += curve[i]
			n++
		}
	}
	got := meanOf(sold) * n
	scale := (got + due/max(n, 1)*prior) / max(due+due/max(n, 1)*prior, 1e-9)
	if n == 0 || due == 0 {
		scale = 1
	}
	w := n / (n + prior)
	out := make([]float64, len(own))
	for i, v := range own {
		at := curve[min(len(sold)+i, len(curve)-1)] * scale
		out[i] = finite(w*v + (1-w)*at)
	}
	return out
}

// PhaseOut hands the demand of a SKU that ends over to its successor: from day start on (may be negative: it has begun) the old one
// falls along a half cosine to nothing over span days, and share of what it loses is added to the new one.
func PhaseOut(old, successor []float64, start, span int, share float64) (ending, growing []float64) {
	ending, growing = slices.Clone(old), slices.Clone(successor)
	share = min(max(share, 0), 1)
	for i := range ending {
		stay := 1.0
		switch done := float64(i-start+1) / float64(max(span, 1)); {
		case done >= 1:
			stay = 0
		case done > 0:
			stay = .5 + .5*math.Cos(math.Pi*done)
		}
		lost := ending[i] * (1 - stay)
		ending[i] -= lost
		if i < len(growing) {
			growing[i] += share * lost
		}
	}
	return ending, growing
}
