package main

import (
	"context"
	"math"

	"milkrun/forecasting/forecastdb"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// counterDemand tells campaigns what is expected to be sold of their goods over the counter: the means of the forecasts in force.
type counterDemand struct{ forecastdb.Reader }

func (d counterDemand) Expected(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, days int) (quantity.Pieces, bool, error) {
	all, err := d.Outlooks(ctx, q, []catalog.SKUID{sku})
	if err != nil || len(all) == 0 {
		return 0, false, err
	}
	sum := 0.0
	for _, o := range all {
		for _, mean := range o.Mean[:min(days, len(o.Mean))] {
			sum += float64(mean)
		}
	}
	return quantity.Pieces(math.Round(sum)), true, nil
}
