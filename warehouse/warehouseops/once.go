package warehouseops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// deed is a command while it is carried out, in its transaction.
type deed struct {
	tx   pgx.Tx
	user access.User
	op   warehousedb.Operation
	now  time.Time
}

// once carries a command out once, however often it comes: it records the operation with its cause, lets f do the work and
// keeps f's answer for when the command comes again. The answer must survive JSON.
func once[T any](ctx context.Context, o *Ops, p access.Permission, c warehouse.Command, verb, cause string, f func(context.Context, *deed) (T, error)) (T, error) {
	var answer T
	u, err := access.Require(ctx, p)
	if err != nil {
		return answer, err
	}
	if err := c.Check(); err != nil {
		return answer, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var none T
		answer = none
		d := &deed{tx: tx, user: u, now: o.Clock()}
		d.op = warehousedb.Operation{ID: c.Op, Cause: cause, At: d.now, Account: account(u), Actor: u.Name, Device: c.Device, Note: verb}
		if !c.MadeAt.IsZero() {
			d.op.MadeAt = &c.MadeAt
		}
		fresh, err := warehousedb.Begin(ctx, tx, d.op)
		if err != nil {
			return err
		}
		if !fresh {
			return warehousedb.Reply(ctx, tx, c.Op, verb, &answer)
		}
		if answer, err = f(ctx, d); err != nil {
			return err
		}
		return warehousedb.SaveReply(ctx, tx, c.Op, verb, answer)
	})
	return answer, err
}

// post books moves of the deed.
func (d *deed) post(ctx context.Context, moves ...warehouse.Move) error {
	_, err := warehousedb.Post(ctx, d.tx, d.op.ID, moves)
	return err
}
