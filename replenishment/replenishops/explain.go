package replenishops

import (
	"context"
	"errors"
	"fmt"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
)

// Explained is a SKU's plan as it would be made this moment, with all that went into it. Nothing of it is stored.
type Explained struct {
	replenishment.Snapshot
	replenishment.Result
	Alarms   []replenishment.Alarm
	MinMaxes []replenishment.MinMax
	Likes    []replenishment.Likeness // what it is likened to, where it has no past
}

// ErrNoSKU is the answer to a SKU that does not exist.
var ErrNoSKU = errors.New("replenishops: no such sku")

// Explain plans a SKU without saving anything and tells what it saw. ErrNoSKU.
func (o *Ops) Explain(ctx context.Context, sku catalog.SKUID) (Explained, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return Explained{}, err
	}
	seen, err := o.look(ctx, o.Today(), []catalog.SKUID{sku})
	if err != nil {
		return Explained{}, err
	}
	if len(seen.items) == 0 {
		return Explained{}, fmt.Errorf("%w: %d", ErrNoSKU, sku)
	}
	e := Explained{Snapshot: seen.items[0]}
	e.Result = replenishment.Plan(e.Snapshot)
	e.Alarms = replenishment.WatchSKU(e.Snapshot, e.Result, seen.rules)
	e.MinMaxes = replenishment.MinMaxes(e.Snapshot, e.Result)
	if len(e.Launch.Like) > 0 {
		e.Likes, err = o.Likenesses(ctx, sku)
	}
	return e, err
}
