package main

import (
	"context"
	"time"
)

// intakeFigures are the times in which single orders were answered by API while allocation ran.
type intakeFigures struct {
	Orders      int
	Median, P99 time.Duration
}

func (b *allocateBench) intake(ctx context.Context) (intakeFigures, error) {
	return intakeFigures{}, nil
}
