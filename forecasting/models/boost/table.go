// Package boost holds gradient-boosted regression trees on histograms: Friedman (2001), "Greedy function approximation: a
// gradient boosting machine", Annals of Statistics 29, with the second-order steps of Chen & Guestrin (2016), "XGBoost", KDD,
// and the histograms, leaf-wise growth and histogram subtraction of Ke et al. (2017), "LightGBM", NIPS.
package boost

import (
	"math"
	"slices"
)

// maxBins is the number of bins of a feature, the one for missing values (bin 0) included.
const maxBins = 64

// Table holds the rows a model is trained on, each feature cut into bins at its own quantiles. NaN is "missing" and lies
// below every value.
type Table struct {
	rows, features int
	bins           []uint8     // row by row
	cuts           [][]float32 // by feature: bin b+1 holds the values above cuts[b−1] up to cuts[b]
}

// binSample is how many rows the cuts are taken from.
const binSample = 20_000

// NewTable bins rows of the same number of features.
func NewTable(rows [][]float32) *Table {
	t := &Table{rows: len(rows)}
	if len(rows) == 0 {
		return t
	}
	t.features = len(rows[0])
	t.bins = make([]uint8, t.rows*t.features)
	t.cuts = make([][]float32, t.features)
	step := max(len(rows)/binSample, 1)
	values := make([]float32, 0, len(rows)/step+1)
	for f := range t.features {
		values = values[:0]
		for r := 0; r < len(rows); r += step {
			if v := rows[r][f]; v == v {
				values = append(values, v)
			}
		}
		t.cuts[f] = cutsOf(values)
		for r := range rows {
			t.bins[r*t.features+f] = binOf(t.cuts[f], rows[r][f])
		}
	}
	return t
}

// cutsOf gives the upper bounds of the bins: between neighbouring values where there are few, else quantiles.
func cutsOf(values []float32) []float32 {
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	var cuts []float32
	if len(distinct) <= maxBins-2 {
		for i := 1; i < len(distinct); i++ {
			cuts = append(cuts, between(distinct[i-1], distinct[i]))
		}
		return cuts
	}
	for b := 1; b < maxBins-2; b++ {
		v := values[b*len(values)/(maxBins-2)]
		if len(cuts) == 0 || v > cuts[len(cuts)-1] {
			cuts = append(cuts, v)
		}
	}
	return cuts
}

// between gives a value that is at least a and below b.
func between(a, b float32) float32 {
	if m := a + (b-a)/2; m >= a && m < b {
		return m
	}
	return a
}

// binOf gives 0 for a missing value, else 1 + the number of cuts below the value.
func binOf(cuts []float32, v float32) uint8 {
	if v != v {
		return 0
	}
	lo, hi := 0, len(cuts)
	for lo < hi {
		m := (lo + hi) / 2
		if cuts[m] < v {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return uint8(lo + 1)
}

// threshold gives the largest value of a bin: rows up to it go left. The bin of missing values has −Inf.
func (t *Table) threshold(feature int, bin uint8) float32 {
	if bin == 0 {
		return float32(math.Inf(-1))
	}
	return t.cuts[feature][bin-1]
}
