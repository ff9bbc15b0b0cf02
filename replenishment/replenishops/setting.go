package replenishops

import (
	"context"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// SetSettings stores the planner's settings and plans the range anew. replenishment.ErrSettings names a field that cannot be.
func (o *Ops) SetSettings(ctx context.Context, s replenishment.Settings) error {
	return o.setSettings(ctx, nil, s)
}

// ReplaceSettings is SetSettings for one who has seen the settings: catalog.ErrStale when they are no longer those.
func (o *Ops) ReplaceSettings(ctx context.Context, seen, s replenishment.Settings) error {
	return o.setSettings(ctx, &seen, s)
}

func (o *Ops) setSettings(ctx context.Context, seen *replenishment.Settings, s replenishment.Settings) error {
	if _, err := access.Require(ctx, access.SetPolicy); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		now := o.Clock()
		before, err := replenishdb.LockSettings(ctx, tx, now)
		if err != nil {
			return err
		}
		if seen != nil && !reflect.DeepEqual(before, *seen) {
			return catalog.ErrStale
		}
		if err := replenishdb.SaveSettings(ctx, tx, s, now); err != nil {
			return err
		}
		if err := o.Bus.Enqueue(ctx, tx, events.Job(StartArgs{Cause: "settings"})); err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "policy.set", Thing: audit.Thing{Kind: "policy", ID: "replenishment"}, Before: before, After: s})
	})
	if err != nil {
		return fmt.Errorf("replenishops: settings: %w", err)
	}
	return nil
}
