package models

import "math"

// SeasonalNaive repeats the last known value of the same place in the season: the yardstick of every other model.
type SeasonalNaive struct{}

// Name implements Model.
func (SeasonalNaive) Name() string { return "snaive" }

// Fit implements Model; one known value is enough.
func (SeasonalNaive) Fit(p Problem) (Fitted, bool) {
	if observed(p.Y) == 0 {
		return nil, false
	}
	m := max(p.Season, 1)
	f := seasonalNaive{last: make([]float64, m)}
	for i := range f.last {
		f.last[i] = math.NaN()
	}
	return f.Extend(p.Y), true
}

type seasonalNaive struct {
	last []float64 // by place in the season
	next int       // place of the next period
	any  float64   // last known value of all
}

func (f seasonalNaive) Extend(y []float64) Fitted {
	f.last = append([]float64(nil), f.last...)
	for _, v := range y {
		if v == v {
			f.last[f.next] = v
			f.any = v
		}
		f.next = (f.next + 1) % len(f.last)
	}
	return f
}

func (f seasonalNaive) Mean(dst []float64) {
	for i := range dst {
		v := f.last[(f.next+i)%len(f.last)]
		if math.IsNaN(v) {
			v = f.any
		}
		dst[i] = v
	}
}
