package policy

import "math/bits"

// FairShare divides what is available among needs that exceed it, in proportion to them and in whole units: claim i
// takes multiples of units[i] (a unit below 2 means single pieces). Nobody gets more than the need rounded up to a unit;
// the sum never exceeds available. When everything fits, everybody gets the need rounded up, and what rounding up no
// longer fits is rounded down. Equal claims are served in the order given.
func FairShare(available int64, needs, units []int64) []int64 {
	must(len(needs) == len(units), "%d needs but %d units", len(needs), len(units))
	shares := make([]int64, len(needs))
	total := int64(0)
	for _, n := range needs {
		must(n >= 0, "need must not be negative, got %d", n)
		total += n
	}
	if available <= 0 || total == 0 {
		return shares
	}
	left := available
	for i, n := range needs {
		part := n
		if total > available {
			part = portion(available, n, total)
		}
		shares[i] = part - part%max(units[i], 1)
		left -= shares[i]
	}
	for left > 0 { // one more unit to whoever is furthest below the fair share
		next := neediest(available, total, left, needs, units, shares)
		if next < 0 {
			break
		}
		shares[next] += max(units[next], 1)
		left -= max(units[next], 1)
	}
	return shares
}

// neediest gives the claim that misses the largest part of its fair share among those that may still take a unit, −1
// for none.
func neediest(available, total, left int64, needs, units, shares []int64) int {
	best, gap := -1, 0.0
	ratio := min(float64(available)/float64(total), 1)
	for i, n := range needs {
		if shares[i] >= n || max(units[i], 1) > left {
			continue
		}
		if g := ratio - float64(shares[i])/float64(n); best < 0 || g > gap {
			best, gap = i, g
		}
	}
	return best
}

// portion is ⌊a·n/total⌋ without overflow, for n ≤ total.
func portion(a, n, total int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(n))
	q, _ := bits.Div64(hi, lo, uint64(total))
	return int64(q)
}
