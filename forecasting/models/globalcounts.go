package models

import (
	"context"
	"math"
	"slices"

	"milkrun/forecasting/models/boost"
)

// Counts is the distribution of sparse demand as it was learnt over a panel: for k = 0, 1, 2 … trees for the chance that more than k
// pieces are wanted in a period, each set against the chance that a negative binomial around the level gives. The quantiles of a few
// pieces are whole numbers, and no scaling of a ratio finds a whole number.
//
// On car parts held back (two origins) wQL.9 falls from 1.005 and .996 to .998 and .974, the part covered by the .9-quantile rises from
// .863 and .875 to .881 and .893. Tried, before calibration, over three origins: trees of the quantiles of the ratio .992, rounded .983,
// negative binomials of the mean 1.064 and worse, their mixture with the trees .988, these trees .974; more, fewer, smaller trees or the
// mean of them .974 to .983.
type Counts struct {
	Chances []*boost.Model
	Size    float64 // of the negative binomial
	// Spared, for each of the probabilities: a count k of which less than this share is needed to reach the probability is not
	// covered. A count that just fails to be left out covers far more than was asked for; over many series the share that is
	// covered would be too large.
	Spared [len(probabilities)]float64
}

// Settings of the counts.
const (
	mostCounts   = 8
	countedShare = .98 // of the periods that must have at most mostCounts pieces
	leastExceeds = 150 // periods with more than k pieces below which no trees are grown
	countTrees   = 100
	justUnder    = .01   // by which a quantile stays below a count that it does not cover
	sparedSample = 8_000 // periods that the spared shares are found on
)

// trainCounts grows the trees; nil where demand is not sparse.
func trainCounts(ctx context.Context, table *boost.Table, r trainingRows, o GlobalOptions) (*Counts, error) {
	few, ss, mu, mu2 := 0, 0.0, 0.0, 0.0
	for i, y := range r.y {
		if y <= mostCounts {
			few++
		}
		ss += (y - r.due[i]) * (y - r.due[i])
		mu += r.due[i]
		mu2 += r.due[i] * r.due[i]
	}
	if float64(few) < countedShare*float64(len(r.y)) || len(r.y) == 0 {
		return nil, nil
	}
	c := &Counts{Size: nbSize(ss, mu, mu2, 1, sizeStrength)}
	offset, y := make([]float64, len(r.y)), make([]float64, len(r.y))
	for k := range mostCounts {
		n := 0
		for i, v := range r.y {
			offset[i], y[i] = math.Log(nbExceeds(k, r.due[i], c.Size)), 0
			if v > float64(k) {
				y[i] = 1
				n++
			}
		}
		if n < leastExceeds {
			break
		}
		m, err := boost.Train(ctx, table, y, nil, offset, boost.Poisson{}, boost.Options{
			Trees: countTrees, Workers: o.Workers, Seed: o.Seed + uint64(5000+k), Intercept: true,
			Rate: .05, Leaves: 12, MinRows: 100, Ridge: 10, RowShare: .5, Columns: .5,
		})
		if err != nil {
			return nil, err
		}
		c.Chances = append(c.Chances, m)
	}
	c.spare(r)
	return c, nil
}

// spare finds the shares that let the quantiles cover, by the chances themselves, what their probabilities say.
func (c *Counts) spare(r trainingRows) {
	step := len(r.x)/sparedSample + 1
	type counted struct{ needed, gained float64 }
	var chances []float64
	for p, probability := range probabilities {
		if probability <= .5 {
			continue // nobody asks how much the median covers
		}
		var list []counted
		covered, n := 0.0, 0.0
		for i := 0; i < len(r.x); i += step {
			chances = c.chances(chances, r.x[i], r.due[i])
			k, needed, ok := countQuantile(chances, probability)
			if !ok {
				continue
			}
			n++
			covered += 1 - chances[k]
			if k > 0 {
				list = append(list, counted{needed, chances[k-1] - chances[k]})
			}
		}
		slices.SortFunc(list, func(a, b counted) int {
			switch {
			case a.needed < b.needed:
				return -1
			case a.needed > b.needed:
				return 1
			}
			return 0
		})
		for _, l := range list {
			if covered -= l.gained; covered < probability*n {
				break
			}
			c.Spared[p] = l.needed
		}
	}
}

// nbExceeds gives P(D > k) for a negative binomial, at least a millionth.
func nbExceeds(k int, mu, r float64) float64 {
	q := mu / (mu + r)
	p := math.Exp(-r * math.Log1p(mu/r))
	sum := p
	for j := range k {
		p *= (float64(j) + r) / (float64(j) + 1) * q
		sum += p
	}
	return max(1-sum, 1e-6)
}

// chances fills dst with the chances of more than 0, 1, 2 … pieces in a period of the features, where due pieces are due.
func (c *Counts) chances(dst []float64, row []float32, due float64) []float64 {
	dst = dst[:0]
	last := 1.0
	for k, m := range c.Chances {
		last = min(last, nbExceeds(k, due, c.Size)*math.Exp(m.Score(row)))
		dst = append(dst, last)
	}
	return dst
}

// countQuantile gives the smallest count that is not exceeded with the probability p, and the share of its own chance that is needed
// to reach p; false where more pieces may be wanted than are counted.
func countQuantile(chances []float64, p float64) (k int, needed float64, ok bool) {
	before := 1.0
	for k, x := range chances {
		if x <= 1-p {
			return k, (before - (1 - p)) / max(before-x, 1e-9), true
		}
		before = x
	}
	return 0, 0, false
}

// quantiles gives the quantiles of a period, NaN where more pieces may be wanted than are counted.
func (c *Counts) quantiles(chances []float64) (q [len(probabilities)]float64) {
	for i, p := range probabilities {
		k, needed, ok := countQuantile(chances, p)
		switch {
		case !ok:
			q[i] = math.NaN()
		case k > 0 && needed <= c.Spared[i]:
			q[i] = float64(k) - justUnder
		default:
			q[i] = float64(k)
		}
	}
	return q
}
