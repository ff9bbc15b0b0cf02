package replenishops

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// Likenesses tells which goods a SKU is likened to while it has no past, by hand or by the catalogue.
func (o *Ops) Likenesses(ctx context.Context, sku catalog.SKUID) ([]replenishment.Likeness, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return nil, err
	}
	all, err := replenishdb.Likes(ctx, o.Pool, []catalog.SKUID{sku}, o.Today())
	return all[sku], err
}

// Liken says that a SKU without a past will sell like another one, times ratio; like 0 takes it back. The SKU is planned anew.
// replenishment.ErrLikeness.
func (o *Ops) Liken(ctx context.Context, sku, like catalog.SKUID, ratio float64) error {
	u, err := access.Require(ctx, access.DecideSuggestions)
	if err != nil {
		return err
	}
	l := replenishment.Likeness{SKU: sku, Like: like, Ratio: ratio, ByHand: true}
	if like != 0 {
		if err := l.Check(); err != nil {
			return err
		}
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := replenishdb.Liken(ctx, tx, l, int64(u.ID), o.Clock()); err != nil {
			return err
		}
		if err := o.Bus.Enqueue(ctx, tx, news("likeness", []catalog.SKUID{sku})...); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "sku.liken", Thing: audit.Thing{Kind: "sku", ID: strconv.Itoa(int(sku))},
			After: map[string]any{"like": like, "ratio": ratio}})
	})
	if err != nil {
		return fmt.Errorf("replenishops: liken sku %d: %w", sku, err)
	}
	return nil
}
