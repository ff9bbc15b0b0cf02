package warehouseops

import (
	"context"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// Fits tells whether goods may go to a bin, before they are carried there: nil, or the refusal that PutAway (store) or Move would
// answer. Nothing is booked.
func (o *Ops) Fits(ctx context.Context, t Taking, to string, store, force bool) error {
	if err := o.maySee(ctx, t.Site); err != nil {
		return err
	}
	if t.Pieces < 1 || t.Pieces > warehouse.MaxArrival {
		return warehouse.ErrNoPieces
	}
	target := t.place()
	target.Bin = warehouse.CleanBinCode(to)
	if target.Bin == warehouse.CleanBinCode(t.From) {
		return warehouse.ErrNoMove
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.fits(ctx, &deed{tx: tx, now: o.Clock()}, t, target, store, force) })
}
