package c2mops

import (
	"context"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// CommitForecast takes a supplier's commitments to the rolling forecast from the portal's form: quantities and capacities of weeks that it
// was told of; nil leaves a value as it was. It gives how many weeks changed. c2m.ErrPieces for a quantity out of range, and then nothing
// is taken.
func (o *Ops) CommitForecast(ctx context.Context, weeks []Week) (changed int, err error) {
	u, err := access.Require(ctx, access.UsePortal)
	if err != nil {
		return 0, err
	}
	if u.Supplier == 0 {
		return 0, c2m.ErrUnknown
	}
	for _, w := range weeks {
		for _, n := range []*quantity.Pieces{w.Committed, w.Capacity} {
			if n != nil && (*n < 0 || *n > c2m.MaxPieces) {
				return 0, c2m.ErrPieces
			}
		}
	}
	now := o.Clock()
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if changed, err = c2mdb.CommitWeeks(ctx, tx, u.Supplier, weeks, now); err != nil || changed == 0 {
			return err
		}
		entry := audit.Change{Verb: "forecast.commit", Thing: audit.Thing{Kind: "supplier", ID: itoa(int64(u.Supplier))}, After: weeks}
		return audit.Write(ctx, tx, now, entry)
	})
	return changed, err
}
