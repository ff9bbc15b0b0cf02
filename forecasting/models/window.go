package models

import (
	"fmt"
	"slices"
)

// Window forecasts the mean of the last Periods known values, and their empirical quantiles: hard to beat on sparse
// demand, where there is little more to learn than how often and how much.
type Window struct{ Periods int }

// Name implements Model.
func (w Window) Name() string { return fmt.Sprintf("window%d", w.Periods) }

// Fit implements Model; one known value is enough.
func (w Window) Fit(p Problem) (Fitted, bool) {
	f := window{size: w.Periods}
	f = f.extend(p.Y)
	return f, len(f.last) > 0
}

type window struct {
	size int
	last []float64 // known values, oldest first, at most size
}

func (f window) extend(y []float64) window {
	last := make([]float64, 0, f.size)
	for i := len(y) - 1; i >= 0 && len(last) < f.size; i-- {
		if v := y[i]; v == v {
			last = append(last, v)
		}
	}
	for i := len(f.last) - 1; i >= 0 && len(last) < f.size; i-- {
		last = append(last, f.last[i])
	}
	slices.Reverse(last)
	f.last = last
	return f
}

func (f window) Extend(y []float64) Fitted { return f.extend(y) }

func (f window) Mean(dst []float64) {
	m := meanOf(f.last)
	for i := range dst {
		dst[i] = m
	}
}

func (f window) Quantiles(p float64, dst []float64) {
	sorted := slices.Clone(f.last)
	slices.Sort(sorted)
	q := sortedQuantile(sorted, p)
	for i := range dst {
		dst[i] = q
	}
}

// sortedQuantile gives the p-quantile of sorted values, interpolated linearly between order statistics (type 7 of
// Hyndman & Fan, 1996, The American Statistician 50).
func sortedQuantile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
	at := p * float64(len(v)-1)
	i := int(at)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}
