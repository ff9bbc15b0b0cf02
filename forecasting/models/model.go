package models

import "milkrun/forecasting"

// Problem is what a model is asked to carry on: demand per period from which everything known in advance has been
// divided out, so that only level, trend, the short season and noise remain.
type Problem struct {
	Y      []float64 // adjusted demand, not negative; NaN = unknown
	Season int       // length of the short season that may still be in Y, 1 = none
	// Series is the series behind Y and Factors what Y was divided by (as long as Y, then the future periods).
	// A plain model needs neither; one that learns over many series finds its own inputs there. Both may be empty.
	Series  forecasting.Series
	Factors []float64
}

// Model is a way to forecast. A model is immutable and safe for concurrent use. A global model is trained by a
// Trainer and then is a Model like any other: Fit conditions it on one series.
type Model interface {
	// Name names the model in explanations: short, lower case.
	Name() string
	// Fit answers false when the problem is too short for the model or holds nothing to learn.
	Fit(p Problem) (Fitted, bool)
}

// Trainer makes a model of many series.
type Trainer interface {
	Train(panel []Problem) (Model, error)
}

// Fitted is a model with its parameters and its state at the end of a series. It is immutable.
type Fitted interface {
	// Mean fills dst with the expected demand of the next len(dst) periods. It may be negative or infinite on
	// strange data; the engine cuts it.
	Mean(dst []float64)
	// Extend gives the same parameters with the state carried on over the next periods: rolling the origin
	// without a new fit.
	Extend(y []float64) Fitted
}

// Quantiler is a Fitted with a predictive distribution of its own. The others are given one by the engine, from the
// errors they made.
type Quantiler interface {
	// Quantiles fills dst with the p-quantiles of the next len(dst) periods.
	Quantiles(p float64, dst []float64)
}

// Restarter is a Fitted that can be run anew over a slightly different view of its series without looking for its
// parameters again.
type Restarter interface {
	// Restart gives the same parameters at the end of p, false where p does not suit them.
	Restart(p Problem) (Fitted, bool)
}

// observed counts the known periods.
func observed(y []float64) int {
	n := 0
	for _, v := range y {
		if v == v {
			n++
		}
	}
	return n
}

// meanOf gives the mean of the known values, 0 without any.
func meanOf(y []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range y {
		if v == v {
			sum += v
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
