package models

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
)

// weigh sets the weights: trust divided by a power of the error, the small ones dropped. Without scores trust alone.
func (c *choice) weigh(scores []backtest.Score, floor float64) {
	c.weights = make([]float64, len(c.entries))
	sum, power := 0.0, sharpness
	if c.terse {
		power = terseSharpness
	}
	for i, en := range c.entries {
		w := en.trust
		if scores != nil {
			if scores[i].Points() == 0 {
				continue
			}
			w *= math.Pow(c.loss(scores[i])+floor, -power)
		}
		c.weights[i] = w
		sum += w
	}
	c.prune(sum)
}

// loss is what a model is judged by: the error of the days and, because stock has to cover whole spans, the error of the
// totals.
func (c *choice) loss(s backtest.Score) float64 { return s.RMSE() + totalWeight*s.TotalRMSE() }

// prune scales the weights to sum 1, drops the small ones and names the outcome.
func (c *choice) prune(sum float64) {
	if !(sum > 0) || math.IsInf(sum, 0) {
		// Nothing could be fitted or told apart: trust decides.
		sum = 0
		for i, en := range c.entries {
			c.weights[i] = en.trust
			sum += en.trust
		}
	}
	kept := 0.0
	for i := range c.weights {
		c.weights[i] /= sum
		if c.weights[i] < leastWeight {
			c.weights[i] = 0
		}
		kept += c.weights[i]
	}
	type part struct {
		name string
		w    float64
	}
	var parts []part
	for i := range c.weights {
		if c.weights[i] /= kept; c.weights[i] > 0 {
			parts = append(parts, part{c.entries[i].model.Name(), c.weights[i]})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.w, a.w) })
	var names []string
	for _, p := range parts[:min(3, len(parts))] {
		names = append(names, p.name)
	}
	c.name = strings.Join(names, "+")
	if len(parts) > 3 {
		c.name += fmt.Sprintf("+%d", len(parts)-3)
	}
}

// combineErrors measures the combination itself: its error by day and the errors of its totals.
func (c *choice) combineErrors(paths [][][]float64, actual []float64, first int, origins []int, span int) {
	var naive, best backtest.Score
	for k, o := range origins {
		mix := make([]float64, span)
		for i, p := range paths {
			for j := range mix {
				if c.weights[i] > 0 {
					mix[j] += c.weights[i] * p[k][j]
				}
			}
		}
		y := actual[first+o : first+o+span]
		best.Add(mix, y)
		if paths[0] != nil {
			naive.Add(paths[0][k], y)
		}
		var sum spanError
		for j, v := range y {
			if v == v && mix[j] > 0 {
				c.daily = append(c.daily, dayError{j + 1, (v - mix[j]) / mix[j]})
			}
			if v == v {
				sum.err += mix[j] - v
				sum.mean += mix[j]
				sum.mean2 += mix[j] * mix[j]
				sum.days++
			}
			if j+1 == span || j+1 == span/2 || j+1 == span/4 {
				c.errors = append(c.errors, sum)
			}
		}
	}
	c.naive, c.best = naive.RMSE(), best.RMSE()
}

// annotate writes the measures for the explanation, best first.
func (c *choice) annotate(scores []backtest.Score, d *demand, season int) {
	y := d.y[d.first:]
	square, plain := math.Sqrt(forecasting.NaiveSquareScale(y)), forecasting.NaiveScale(y, season)
	for i, en := range c.entries {
		if scores[i].Points() == 0 {
			continue
		}
		c.notes = append(c.notes, forecasting.CandidateNote{
			Model: en.model.Name(), Weight: c.weights[i],
			RMSSE: ratio(scores[i].RMSE(), square), MASE: ratio(scores[i].MAE(), plain), Bias: ratio(scores[i].Bias(), 1),
		})
	}
	slices.SortStableFunc(c.notes, func(a, b forecasting.CandidateNote) int { return cmp.Compare(a.RMSSE, b.RMSSE) })
}

// ratio gives a/b, 0 where it has no finite value: explanations are stored as JSON, which knows no NaN.
func ratio(a, b float64) float64 {
	if r := a / b; r == r && !math.IsInf(r, 0) {
		return r
	}
	return 0
}
