package warehouseops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// CountEntries gives what was counted in each round beside what the book said: for a lead, who may know.
func (o *Ops) CountEntries(ctx context.Context, id int64) ([]warehouse.CountEntry, error) {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return nil, err
	}
	return warehousedb.CountEntries(ctx, o.Pool, id)
}

// SettleCount ends a count that waits for a lead: the last round is booked with its cause. warehouse.ErrNoCount, ErrCountCause.
func (o *Ops) SettleCount(ctx context.Context, c warehouse.Command, id int64, cause, note string) (warehouse.CountResult, error) {
	return once(ctx, o, access.LeadFloor, c, "count.settle", "count", func(ctx context.Context, x *deed) (warehouse.CountResult, error) {
		t, err := warehousedb.LockCount(ctx, x.tx, id, x.now)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		if err := within(x.user, t.Site); err != nil {
			return warehouse.CountResult{}, err
		}
		if t.State != warehouse.CountReview {
			return warehouse.CountResult{}, warehouse.ErrNoCount
		}
		if !slices.Contains(warehouse.CountCauses(), cause) {
			return warehouse.CountResult{}, warehouse.ErrCountCause
		}
		t.Cause, t.Note = cause, strings.TrimSpace(note)
		all, err := warehousedb.CountEntries(ctx, x.tx, id)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		last := slices.DeleteFunc(all, func(e warehouse.CountEntry) bool { return e.Round != t.Round })
		return o.settleCount(ctx, x, t, last)
	})
}

// RecountBin sends a count that waits for a lead back to the floor, to be counted once more. warehouse.ErrNoCount.
func (o *Ops) RecountBin(ctx context.Context, id int64) error {
	return o.changeCount(ctx, id, "count.again", func(t *warehouse.CountTask) error {
		if t.State != warehouse.CountReview {
			return warehouse.ErrNoCount
		}
		t.State, t.Round = warehouse.CountRecount, t.Round+1
		return nil
	})
}

// CancelCount strikes a count from the list. warehouse.ErrNoCount.
func (o *Ops) CancelCount(ctx context.Context, id int64) error {
	return o.changeCount(ctx, id, "count.cancel", func(t *warehouse.CountTask) error {
		if t.State == warehouse.CountDone || t.State == warehouse.CountCancelled {
			return warehouse.ErrNoCount
		}
		t.State = warehouse.CountCancelled
		return nil
	})
}

func (o *Ops) changeCount(ctx context.Context, id int64, verb string, f func(*warehouse.CountTask) error) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		t, err := warehousedb.LockCount(ctx, tx, id, o.Clock())
		if err != nil {
			return err
		}
		if err := within(u, t.Site); err != nil {
			return err
		}
		if err := f(t); err != nil {
			return err
		}
		if err := warehousedb.SaveCount(ctx, tx, t, nil); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: audit.Thing{Kind: "count", ID: fmt.Sprint(id)}, After: map[string]any{"bin": t.Bin}})
		if err != nil {
			return err
		}
		return events.Tell(ctx, tx, "floor", fmt.Sprint(t.Site))
	})
}
