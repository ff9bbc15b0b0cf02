package replenishment

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"milkrun/internal/catalog"
)

// Likeness says which goods a SKU without a past is expected to sell like, and how much of them.
type Likeness struct {
	SKU, Like catalog.SKUID
	// Ratio is how much of the other's demand is expected, 0.05 to 20.
	Ratio float64
	// ByHand is true where a buyer has said so; else it follows from the catalogue.
	ByHand bool
}

// ErrLikeness is the answer to a likeness that makes no sense; the message names the field.
var ErrLikeness = errors.New("replenishment: likeness")

// Check answers ErrLikeness with the field that makes no sense.
func (l Likeness) Check() error {
	switch {
	case l.SKU == 0 || l.Like == 0 || l.SKU == l.Like:
		return fmt.Errorf("%w: like = %d", ErrLikeness, l.Like)
	case !(l.Ratio >= 0.05 && l.Ratio <= 20):
		return fmt.Errorf("%w: ratio = %v", ErrLikeness, l.Ratio)
	}
	return nil
}

// Scaled gives the demand times a factor; deviations grow with it. What heat and events did to the original is not carried over:
// whether the newcomer shares its topics is not known.
func Scaled(demand []Demand, factor float64) []Demand {
	out := make([]Demand, len(demand))
	times := func(v []float64) []float64 {
		if v == nil {
			return nil
		}
		w := make([]float64, len(v))
		for i := range v {
			w[i] = v[i] * factor
		}
		return w
	}
	for i, d := range demand {
		out[i] = Demand{Site: d.Site, Class: d.Class, Mean: times(d.Mean), CumSD: times(d.CumSD), SharedSD: times(d.SharedSD), Model: d.Model}
		for k, h := range d.Heat {
			if k < len(out[i].Mean) && h > 0 {
				out[i].Mean[k] /= h
			}
		}
	}
	return out
}

// Together adds up demand rows of the same site, for parts of one mean: their errors are taken to go together. The result is
// ordered by site.
func Together(demand []Demand) []Demand {
	slices.SortStableFunc(demand, func(a, b Demand) int { return cmp.Compare(a.Site, b.Site) })
	var out []Demand
	add := func(to *[]float64, from []float64) {
		for i, v := range from {
			if i == len(*to) {
				*to = append(*to, 0)
			}
			(*to)[i] += v
		}
	}
	for _, d := range demand {
		if n := len(out); n == 0 || out[n-1].Site != d.Site {
			out = append(out, Demand{Site: d.Site, Class: d.Class, Model: d.Model})
		}
		o := &out[len(out)-1]
		add(&o.Mean, d.Mean)
		add(&o.CumSD, d.CumSD)
	}
	for i := range out { // a deviation never falls as days are added
		for k := 1; k < len(out[i].CumSD); k++ {
			out[i].CumSD[k] = math.Max(out[i].CumSD[k], out[i].CumSD[k-1])
		}
	}
	return out
}
