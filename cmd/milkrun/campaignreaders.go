package main

import (
	"context"

	"milkrun/c2m/supplier"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// counterSales tells campaigns what was sold of their goods over the counter.
type counterSales struct{}

func (counterSales) Sold(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, from, to calendar.Day) (quantity.Pieces, error) {
	return forecastdb.Sold(ctx, q, sku, from, to)
}

// rates gives what a hundredth of each currency is worth today, in millionths of a fen.
func (h *house) rates(ctx context.Context) (map[supplier.Currency]supplier.Rate, error) {
	all, err := h.Suppliers.Rates(h.asSystem(ctx))
	if err != nil {
		return nil, err
	}
	out := map[supplier.Currency]supplier.Rate{}
	for c, r := range all {
		out[c] = r.Rate
	}
	return out, nil
}
