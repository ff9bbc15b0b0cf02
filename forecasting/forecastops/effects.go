package forecastops

import (
	"context"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Effects gives what the run in force has found that the heat of each topic does to demand; empty before the first run.
func (o *Ops) Effects(ctx context.Context) (map[catalog.TopicID]forecasting.TopicEffect, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return nil, err
	}
	return o.currentEffects(ctx)
}
