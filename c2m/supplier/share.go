package supplier

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/catalog"
)

// Holder is a supplier of a SKU with its share of what is ordered, its score and tier. One that is Barred (banned, switched off, a
// certificate lapsed) gets nothing.
type Holder struct {
	Supplier catalog.SupplierID
	Share    float64 // 0 to 1; all of a SKU add up to 1
	Score    float64 // 0 to 100
	Tier     Tier
	Barred   bool
}

// Move is what a share becomes and the steps that led there, so that it explains itself.
type Move struct {
	Holder
	Ratio  float64 // score ÷ mean score of the suppliers that may be ordered from
	Factor float64 // the ratio, bounded by MoveMost
	Next   float64 // the new share
	Why    string  // "score", "least", "trial", "barred": what decided it
}

// MoveShares moves the shares of a SKU's suppliers by their scores: each share is weighted by its supplier's score over the mean, by no more
// than MoveMost of itself; then a supplier on trial is held to TrialMost and nobody falls below ShareLeast, what is over goes to the others
// in proportion, and all add up to 1. With one supplier that may be ordered from, it gets all. None: all shares are 0.
func MoveShares(all []Holder, r Rules) []Move {
	out := make([]Move, len(all))
	mean, n := 0.0, 0
	for i, h := range all {
		out[i] = Move{Holder: h, Factor: 1, Why: "score"}
		if h.Barred {
			out[i].Factor, out[i].Why = 0, "barred"
			continue
		}
		mean, n = mean+h.Score, n+1
	}
	if n == 0 {
		return out
	}
	mean /= float64(n)
	weight := make([]float64, len(all))
	for i, h := range all {
		if h.Barred {
			continue
		}
		if mean > 0 {
			out[i].Ratio = h.Score / mean
			out[i].Factor = min(1+r.MoveMost, max(1-r.MoveMost, out[i].Ratio))
		}
		weight[i] = max(h.Share, 1e-9) * out[i].Factor
	}
	fill(out, weight, r, n)
	return out
}

// fill brings weights to shares of the sum 1 within the bounds: those that hit a bound are fixed there, the rest is shared out again.
func fill(out []Move, weight []float64, r Rules, n int) {
	low := min(r.ShareLeast, 1/float64(n))
	fixed := make([]bool, len(out))
	for range out {
		rest, sum := 1.0, 0.0
		for i := range out {
			switch {
			case out[i].Barred:
			case fixed[i]:
				rest -= out[i].Next
			default:
				sum += weight[i]
			}
		}
		if sum == 0 {
			break
		}
		worst, by := -1, 1e-12
		for i := range out {
			if out[i].Barred || fixed[i] {
				continue
			}
			out[i].Next = max(0, rest) * weight[i] / sum
			if over := max(out[i].Next-out[i].most(r, n), low-out[i].Next); over > by {
				worst, by = i, over
			}
		}
		if worst < 0 {
			break
		}
		m := &out[worst]
		fixed[worst] = true
		if m.Next < low {
			m.Next, m.Why = low, "least"
		} else {
			m.Next, m.Why = m.most(r, n), "trial"
		}
	}
	normalise(out)
}

// most is the greatest share that a supplier may have: suppliers on trial among others are held down.
func (m Move) most(r Rules, n int) float64 {
	if m.Tier == Trial && n > 1 {
		return max(r.TrialMost, 1/float64(n))
	}
	return 1
}

// normalise lets the shares add up to 1 to the last digit.
func normalise(out []Move) {
	sum := 0.0
	for _, m := range out {
		sum += m.Next
	}
	for i := range out {
		if sum > 0 {
			out[i].Next /= sum
		}
	}
}

// BasisPoints rounds shares that add up to 1 to ten-thousandths that add up to 10,000: the largest remainders are rounded up. All are 0 where
// the shares are.
func BasisPoints(shares []float64) []int {
	out, left := make([]int, len(shares)), 10_000
	type rest struct {
		at int
		of float64
	}
	var rests []rest
	sum := 0.0
	for i, s := range shares {
		sum += s
		whole := math.Floor(s * 10_000)
		out[i] = int(whole)
		left -= int(whole)
		if s > 0 {
			rests = append(rests, rest{i, s*10_000 - whole})
		}
	}
	if sum == 0 {
		return out
	}
	slices.SortStableFunc(rests, func(a, b rest) int { return cmp.Compare(b.of, a.of) })
	for i := 0; left > 0 && len(rests) > 0; i++ {
		out[rests[i%len(rests)].at]++
		left--
	}
	return out
}
