// Package policy is the inventory mathematics of replenishment: lot sizes, service levels, safety stock, reorder
// policies, multi-echelon placement, transfers and rationing. It speaks in plain numbers: pieces, days, shares, money of
// any unit. Everything is pure and safe for concurrent use.
//
// Functions panic on arguments outside the ranges that their comments state (a negative cost, a service level of 1):
// that is a bug of the caller. Where a question can have no answer they say so with an error.
//
// Sources. S&S: Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed., Wiley 2019. Zipkin: Foundations of
// Inventory Management, McGraw-Hill 2000. SPT: Silver, Pyke & Thomas, Inventory and Production Management in Supply
// Chains, 4th ed., CRC 2017. Others are named where they are used.
package policy

import "fmt"

// must panics with the name of the argument unless ok.
func must(ok bool, format string, args ...any) {
	if !ok {
		panic("policy: " + fmt.Sprintf(format, args...))
	}
}

// positive panics unless every value is above 0 and finite.
func positive(name string, values ...float64) {
	for _, v := range values {
		must(v > 0 && v <= maxFinite, "%s must be positive, got %v", name, v)
	}
}

// nonNegative panics unless every value is 0 or more, and finite.
func nonNegative(name string, values ...float64) {
	for _, v := range values {
		must(v >= 0 && v <= maxFinite, "%s must not be negative, got %v", name, v)
	}
}

// share panics unless 0 < p < 1.
func share(name string, p float64) {
	must(p > 0 && p < 1, "%s must lie between 0 and 1, got %v", name, p)
}

const maxFinite = 1e300
