package heatmix

import (
	"math"
	"slices"
)

// agreement gives the correlation of the weekly means of two sources over the days that both know, and their number.
func agreement(x, y []float64) (float64, int) {
	m := momentsOf(weekly(x), weekly(y))
	if m.n < 2 || !(m.xx > 0 && m.yy > 0) {
		return 0, int(m.n)
	}
	return m.xy / math.Sqrt(m.xx*m.yy), int(m.n)
}

// moments are the central second moments of the pairs that are known.
type moments struct{ n, xx, yy, xy float64 }

func momentsOf(x, y []float64) moments {
	var n, sx, sy float64
	for t := range x {
		if d := x[t] + y[t]; d == d {
			n++
			sx += x[t]
			sy += y[t]
		}
	}
	m := moments{n: n}
	for t := range x {
		if d := x[t] + y[t]; d == d {
			a, b := x[t]-sx/n, y[t]-sy/n
			m.xx += a * a
			m.yy += b * b
			m.xy += a * b
		}
	}
	return m
}

// weekly gives the mean of the seven days around each day; NaN where fewer than four are known.
func weekly(x []float64) []float64 {
	out := make([]float64, len(x))
	for t := range x {
		sum, n := 0.0, 0.0
		for _, v := range x[max(t-3, 0):min(t+4, len(x))] {
			if v == v {
				sum += v
				n++
			}
		}
		out[t] = math.NaN()
		if n >= 4 {
			out[t] = sum / n
		}
	}
	return out
}

// aligned brings x to the scale of lead: the spread of the weekly means, then the median difference of the days around, carried on
// where the leading source is silent.
func aligned(x, lead []float64) []float64 {
	m := momentsOf(weekly(x), weekly(lead))
	scale := min(max(math.Sqrt(m.yy/m.xx), .2), 5)
	diff := make([]float64, len(x))
	for t := range diff {
		diff[t] = lead[t] - scale*x[t]
	}
	offsets := make([]float64, len(x))
	last := math.NaN()
	for t := range offsets {
		if t%7 == 0 { // how a source stands to another does not change by the day
			near := known(diff[max(t-alignDays/2, 0):min(t+alignDays/2+1, len(diff))])
			if len(near) >= 14 {
				last = median(near)
			}
		}
		offsets[t] = last
	}
	for t := len(offsets) - 1; t >= 0; t-- { // the days before the first common ones
		if offsets[t] == offsets[t] {
			last = offsets[t]
		} else {
			offsets[t] = last
		}
	}
	out := make([]float64, len(x))
	for t, v := range x {
		out[t] = scale*v + offsets[t]
	}
	return out
}

// jitter gives the robust standard deviation of a source around the mean of its neighbours: 1.4826 times the median absolute
// deviation, of a difference with variance 3/2.
func jitter(x []float64) float64 {
	var d []float64
	for t := 1; t+1 < len(x); t++ {
		if v := x[t] - (x[t-1]+x[t+1])/2; v == v {
			d = append(d, math.Abs(v))
		}
	}
	if len(d) == 0 {
		return 1
	}
	return 1.4826 * median(d) / math.Sqrt(1.5)
}

// known gives the values that are known, in a slice of their own.
func known(x []float64) []float64 {
	out := make([]float64, 0, len(x))
	for _, v := range x {
		if v == v {
			out = append(out, v)
		}
	}
	return out
}

// median sorts the values and gives the middle one, or the mean of the two; NaN without any.
func median(v []float64) float64 {
	n := len(v)
	if n == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// weightedMedian gives the value that has half of the weight on either side; between two, the heavier one.
func weightedMedian(v, w []float64) float64 {
	order := make([]int, len(v))
	total := 0.0
	for i := range order {
		order[i] = i
		total += w[i]
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return a - b
	})
	sum := 0.0
	for _, i := range order {
		if sum += w[i]; sum >= total/2 {
			return v[i]
		}
	}
	return v[order[len(order)-1]]
}
