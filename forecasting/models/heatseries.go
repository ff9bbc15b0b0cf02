package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
)

// usualHeat gives the median of the known heat.
func usualHeat(h forecasting.HeatSeries) float64 {
	var known []float64
	for _, v := range h.Value {
		if v == v {
			known = append(known, v)
		}
	}
	slices.Sort(known)
	return sortedQuantile(known, .5)
}

// topHeat gives the hottest believed day.
func topHeat(h forecasting.HeatSeries) float64 {
	top := 0.0
	for _, v := range cleanHeat(h.Value) {
		if v > top {
			top = v
		}
	}
	return top
}

// heatHalfLife gives the days in which an excess of heat over usual halves: from the mean of excess to excess a week
// later, over the days that are at least half again as hot as usual. Bounded to 1..60; 7 where there is too little.
func heatHalfLife(h forecasting.HeatSeries, usual float64) float64 {
	clean := cleanHeat(h.Value)
	var now, later float64
	n := 0
	for t := 0; t+7 < len(clean); t++ {
		if x := clean[t]/usual - 1; x > .5 && clean[t+7] == clean[t+7] {
			now += x
			later += max(clean[t+7]/usual-1, 0)
			n++
		}
	}
	if n < 14 || later <= 0 {
		return 7
	}
	if later >= now {
		return 60
	}
	return min(max(-7/math.Log2(later/now), 1), 60)
}
