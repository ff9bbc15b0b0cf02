package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
)

// CombinedSource is the source of a heat that was made of several.
const CombinedSource = "combined"

// Settings of the combination.
const (
	alignDays   = 91  // days that say how a source stands to the first one
	leastAgree  = .4  // correlation with the first source below which another one speaks of something else
	agreeDays   = 120 // days without which nothing is said of agreement
	leastJitter = .03
)

// CombineHeat makes one heat of several sources of a topic (search index, posts, comments …), the most trusted one first. On the
// days that the first one was delivered it stands; its holes are filled from the others: bursts are taken out, each source is brought
// to the scale of the first one by the days around, so that a re-based index does no harm, and the logarithms are averaged, the
// calmer source counting more. A source that does not move with the first one is left out. (To average the sources on all days
// was tried where the truth is known, and lost more by their spam than it won.)
func CombineHeat(sources []forecasting.HeatSeries) forecasting.HeatSeries {
	if len(sources) == 0 {
		return forecasting.HeatSeries{}
	}
	first := sources[0]
	if len(sources) == 1 || len(first.Value) == 0 {
		return first
	}
	own := logHeat(first, first)
	sum, weight := make([]float64, len(own)), make([]float64, len(own))
	used := 0
	for i, s := range sources {
		x := logHeat(s, first)
		if i > 0 {
			if x = aligned(x, own); x == nil {
				continue
			}
		}
		used++
		w := 1 / math.Pow(max(jitter(x), leastJitter), 2)
		for t, v := range x {
			if v == v {
				sum[t] += w * v
				weight[t] += w
			}
		}
	}
	if used < 2 {
		return first
	}
	out := forecasting.HeatSeries{Topic: first.Topic, Source: CombinedSource, Start: first.Start, Value: make([]float64, len(own))}
	for t := range out.Value {
		if out.Value[t] = first.Value[t]; out.Value[t] != out.Value[t] && weight[t] > 0 {
			out.Value[t] = max(math.Exp(sum[t]/weight[t])-heatOffset, 0)
		}
	}
	return out
}

// logHeat gives the logarithm of a cleaned heat over the days of another, NaN where it was not delivered.
func logHeat(s, over forecasting.HeatSeries) []float64 {
	clean := cleanHeat(s.Value)
	out := make([]float64, len(over.Value))
	for t := range out {
		out[t] = math.NaN()
		if k := over.Start.AddDays(t).Sub(s.Start); k >= 0 && k < len(clean) && s.Value[k] == s.Value[k] {
			out[t] = math.Log(clean[k] + heatOffset)
		}
	}
	return out
}

// aligned brings x to the scale of own: the spread of weekly means, then the median difference of the days around. nil where the two do
// not go together.
func aligned(x, own []float64) []float64 {
	a, b := centredAverage(x, 7), centredAverage(own, 7)
	var n, sa, sb, saa, sbb, sab float64
	for t := range a {
		if d := a[t] + b[t]; d == d {
			n++
			sa += a[t]
			sb += b[t]
			saa += a[t] * a[t]
			sbb += b[t] * b[t]
			sab += a[t] * b[t]
		}
	}
	va, vb := saa-sa*sa/n, sbb-sb*sb/n
	if !(n >= agreeDays && va > 0 && vb > 0) || (sab-sa*sb/n)/math.Sqrt(va*vb) < leastAgree {
		return nil
	}
	scale := min(max(math.Sqrt(vb/va), .2), 5)
	out := make([]float64, len(x))
	var near []float64
	offset := math.NaN()
	for t := range out {
		if t%7 == 0 || offset != offset { // the standing of a source does not change by the day
			near = near[:0]
			for k := max(t-alignDays/2, 0); k < min(t+alignDays/2, len(x)); k++ {
				if d := own[k] - scale*x[k]; d == d {
					near = append(near, d)
				}
			}
			if len(near) >= 14 {
				slices.Sort(near)
				offset = sortedQuantile(near, .5)
			}
		}
		out[t] = scale*x[t] + offset
	}
	return out
}

// jitter gives the robust standard deviation of a source around the mean of its neighbours.
func jitter(x []float64) float64 {
	var d []float64
	for t := 1; t+1 < len(x); t++ {
		if v := x[t] - (x[t-1]+x[t+1])/2; v == v {
			d = append(d, math.Abs(v))
		}
	}
	slices.Sort(d)
	return 1.4826 * sortedQuantile(d, .5) / math.Sqrt(1.5)
}
