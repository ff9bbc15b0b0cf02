package replenishops

import (
	"context"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Replan plans the SKUs anew at once, without a run, and answers when their plans are stored. It is meant for a few.
func (o *Ops) Replan(ctx context.Context, skus ...catalog.SKUID) error {
	if _, err := access.Require(ctx, access.RunForecast); err != nil {
		return err
	}
	return o.plan(ctx, 0, skus, func(context.Context, pgx.Tx, planned) error { return nil })
}
