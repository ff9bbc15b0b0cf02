package models

import "math"

// minimise looks for the minimum of f inside the box lo..hi from start by the simplex method of Nelder & Mead (1965),
// The Computer Journal 7, with the coefficients of Lagarias et al. (1998); points outside the box are moved to its edge.
// It spends at most evals evaluations and stops when the simplex is flat. start holds the best point on return.
//
// gonum's optimize.NelderMead allocates and carries statistics; this one is for thousands of small fits a second.
func minimise(f func([]float64) float64, start, lo, hi []float64, evals int) float64 {
	n := len(start)
	pts := make([][]float64, n+1)
	val := make([]float64, n+1)
	store := make([]float64, (n+1)*n+3*n)
	cut := func() []float64 { p := store[:n:n]; store = store[n:]; return p }
	clamp := func(p []float64) {
		for i := range p {
			p[i] = min(max(p[i], lo[i]), hi[i])
		}
	}
	count := 0
	eval := func(p []float64) float64 {
		count++
		v := f(p)
		if math.IsNaN(v) {
			return math.Inf(1)
		}
		return v
	}
	for i := range pts {
		pts[i] = cut()
		copy(pts[i], start)
		if i > 0 {
			step := .25 * (hi[i-1] - lo[i-1])
			if pts[i][i-1]+step > hi[i-1] {
				step = -step
			}
			pts[i][i-1] += step
		}
		clamp(pts[i])
		val[i] = eval(pts[i])
	}
	centre, try, far := cut(), cut(), cut()
	along := func(dst, from []float64, t float64) float64 {
		for i := range dst {
			dst[i] = centre[i] + t*(from[i]-centre[i])
		}
		clamp(dst)
		return eval(dst)
	}
	order := func() {
		for i := 1; i <= n; i++ {
			for j := i; j > 0 && val[j] < val[j-1]; j-- {
				val[j], val[j-1] = val[j-1], val[j]
				pts[j], pts[j-1] = pts[j-1], pts[j]
			}
		}
	}
	for order(); count < evals && val[n]-val[0] > 1e-7*(math.Abs(val[0])+1e-12); order() {
		for i := range centre {
			centre[i] = 0
			for _, p := range pts[:n] {
				centre[i] += p[i] / float64(n)
			}
		}
		r := along(try, pts[n], -1)
		switch {
		case r < val[0]:
			if e := along(far, pts[n], -2); e < r {
				copy(pts[n], far)
				val[n] = e
			} else {
				copy(pts[n], try)
				val[n] = r
			}
		case r < val[n-1]:
			copy(pts[n], try)
			val[n] = r
		default:
			t, limit := .5, val[n]
			if r < val[n] {
				t, limit = -.5, r
			}
			if c := along(far, pts[n], t); c < limit {
				copy(pts[n], far)
				val[n] = c
				continue
			}
			for i := 1; i <= n; i++ {
				for j := range pts[i] {
					pts[i][j] = pts[0][j] + .5*(pts[i][j]-pts[0][j])
				}
				val[i] = eval(pts[i])
			}
		}
	}
	copy(start, pts[0])
	return val[0]
}
