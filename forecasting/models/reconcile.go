package models

import (
	"errors"
	"fmt"
)

// ErrHierarchy is the refusal of a hierarchy whose parts do not fit together.
var ErrHierarchy = errors.New("models: the hierarchy does not fit together")

// Total is a sum of bottom series with a forecast of its own: a category, a region, the whole.
type Total struct {
	Members []int // indexes of bottom series
	Mean    float64
	Var     float64 // of the error of Mean
}

// Reconcile gives the bottom forecasts of a period such that every total is the sum of its members and all forecasts, bottom and
// totals, are moved as little as their variances allow: weighted least squares (Hyndman, Lee & Wang, 2016, "Fast computation of
// reconciled forecasts for hierarchical and grouped time series", Computational Statistics & Data Analysis 97). With w the
// variances of the bottom and v those of the totals, A the sums, it is
//
//	b = y + w·Aᵀ·(A·w·Aᵀ + v)⁻¹·(totals − A·y),
//
// which needs a system of the size of the number of totals only. No result is negative: what would be is set to 0 and the rest
// is reconciled again, up to three times.
func Reconcile(bottom, variance []float64, totals []Total) ([]float64, error) {
	if len(bottom) != len(variance) {
		return nil, fmt.Errorf("%w: %d forecasts, %d variances", ErrHierarchy, len(bottom), len(variance))
	}
	for k, t := range totals {
		for _, i := range t.Members {
			if i < 0 || i >= len(bottom) {
				return nil, fmt.Errorf("%w: total %d names series %d of %d", ErrHierarchy, k, i, len(bottom))
			}
		}
	}
	w := make([]float64, len(variance))
	for i, v := range variance {
		w[i] = max(v, 0)
	}
	out := append([]float64(nil), bottom...)
	for range 3 {
		adjust(out, bottom, w, totals)
		again := false
		for i, v := range out {
			if v < 0 {
				out[i], w[i], again = 0, 0, true
			}
		}
		if !again {
			break
		}
		fixed := append([]float64(nil), bottom...)
		for i := range fixed {
			if w[i] == 0 {
				fixed[i] = max(out[i], 0)
			}
		}
		bottom = fixed
	}
	for i, v := range out {
		out[i] = finite(v)
	}
	return out, nil
}

// adjust fills out with the reconciled forecasts.
func adjust(out, y, w []float64, totals []Total) {
	m := len(totals)
	belongs := make([][]int, len(y)) // totals of a series
	for k, t := range totals {
		for _, i := range t.Members {
			belongs[i] = append(belongs[i], k)
		}
	}
	a, gap := make([]float64, m*m), make([]float64, m)
	for k, t := range totals {
		gap[k] = t.Mean
		a[k*m+k] = max(t.Var, 1e-9)
	}
	for i, in := range belongs {
		for _, k := range in {
			gap[k] -= y[i]
			for _, l := range in {
				a[k*m+l] += w[i]
			}
		}
	}
	lift := solve(a, gap)
	for i, in := range belongs {
		out[i] = y[i]
		for _, k := range in {
			out[i] += w[i] * lift[k]
		}
	}
}
