package boost

import (
	"math"
	"slices"
)

// Loss is what a model makes small. score is the sum of the trees with the offset of the row.
type Loss interface {
	// Gradient gives the first and the second derivative of the loss of one row by its score.
	Gradient(y, score float64) (g, h float64)
	// Leaf gives the step of a leaf from its rows, or NaN for Newton's step.
	Leaf(residuals, weights []float64) float64
	// Value gives the loss of one row.
	Value(y, score float64) float64
}

// Squared is the squared error of a mean.
type Squared struct{}

// Gradient implements Loss.
func (Squared) Gradient(y, score float64) (g, h float64) { return score - y, 1 }

// Leaf implements Loss.
func (Squared) Leaf(_, _ []float64) float64 { return math.NaN() }

// Value implements Loss: half of the squared error.
func (Squared) Value(y, score float64) float64 { return .5 * (score - y) * (score - y) }

// maxScore bounds the logarithm of a mean.
const maxScore = 25

// Poisson is half the deviance of a Poisson mean, whose logarithm is the score.
type Poisson struct{}

// Gradient implements Loss.
func (Poisson) Gradient(y, score float64) (g, h float64) {
	mu := math.Exp(min(max(score, -maxScore), maxScore))
	return mu - y, mu
}

// Leaf implements Loss.
func (Poisson) Leaf(_, _ []float64) float64 { return math.NaN() }

// Value implements Loss: mu − y·log mu, without the part that depends on y alone.
func (Poisson) Value(y, score float64) float64 {
	score = min(max(score, -maxScore), maxScore)
	return math.Exp(score) - y*score
}

// Tweedie is half the deviance of a Tweedie mean of variance mu^Power, 1 < Power < 2: a Poisson number of gamma-sized orders.
// The score is the logarithm of the mean.
type Tweedie struct{ Power float64 }

// Gradient implements Loss.
func (l Tweedie) Gradient(y, score float64) (g, h float64) {
	score = min(max(score, -maxScore), maxScore)
	a, b := math.Exp((1-l.Power)*score), math.Exp((2-l.Power)*score)
	return b - y*a, (2-l.Power)*b - (1-l.Power)*y*a
}

// Leaf implements Loss.
func (Tweedie) Leaf(_, _ []float64) float64 { return math.NaN() }

// Value implements Loss, without the part that depends on y alone.
func (l Tweedie) Value(y, score float64) float64 {
	score = min(max(score, -maxScore), maxScore)
	return math.Exp((2-l.Power)*score)/(2-l.Power) - y*math.Exp((1-l.Power)*score)/(1-l.Power)
}

// Quantile is the pinball loss of the P-quantile (Koenker & Bassett, 1978, Econometrica 46).
type Quantile struct{ P float64 }

// Gradient implements Loss; the second derivative is that of a parabola of the same width.
func (l Quantile) Gradient(y, score float64) (g, h float64) {
	if y >= score {
		return -l.P, 1
	}
	return 1 - l.P, 1
}

// Leaf implements Loss: the weighted quantile of the residuals.
func (l Quantile) Leaf(residuals, weights []float64) float64 {
	return weightedQuantile(residuals, weights, l.P)
}

// Value implements Loss.
func (l Quantile) Value(y, score float64) float64 {
	if y >= score {
		return l.P * (y - score)
	}
	return (1 - l.P) * (score - y)
}

// weightedQuantile gives the smallest value up to which the weights make the share p of all, 0 without values.
func weightedQuantile(v, w []float64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
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
		if sum += w[i]; sum >= p*total {
			return v[i]
		}
	}
	return v[order[len(order)-1]]
}
