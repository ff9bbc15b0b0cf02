package warehouseops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Check proves the books now and gives where they disagree, with the first operation that can have broken each place: all orders
// are looked at. Nothing is repaired.
func (o *Ops) Check(ctx context.Context) ([]warehouse.Fault, error) {
	if _, err := access.Require(ctx, access.ViewSystem); err != nil {
		return nil, err
	}
	r, err := o.prove(ctx, true)
	return r.Detail, err
}

// Audit proves the books and keeps the result; the job does so every hour. A fault is an alarm: it is logged, and the live topic
// "audit" tells the system's page.
func (o *Ops) Audit(ctx context.Context, all bool) (warehouse.AuditRun, error) {
	if _, err := access.Require(ctx, access.ViewSystem); err != nil {
		return warehouse.AuditRun{}, err
	}
	r, err := o.prove(ctx, all)
	if err != nil {
		return r, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.InsertAuditRun(ctx, tx, &r, r.At.AddDate(0, 0, -30)); err != nil {
			return err
		}
		return events.Tell(ctx, tx, "audit", "")
	})
	for _, f := range r.Detail {
		o.Log.ErrorContext(ctx, "the books disagree", "kind", f.Kind, "fault", f.String())
	}
	return r, err
}

// maxDetail is how many faults a proof keeps.
const maxDetail = 100

func (o *Ops) prove(ctx context.Context, all bool) (r warehouse.AuditRun, err error) {
	began := time.Now()
	r.At = o.Clock()
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		clean, mark, err := warehousedb.LastClean(ctx, tx)
		if err != nil {
			return err
		}
		since := clean
		if all {
			since = nil
		}
		if r.Positions, r.Entries, err = warehousedb.BookSize(ctx, tx); err != nil {
			return err
		}
		found, err := warehousedb.Faults(ctx, tx, since)
		if err != nil {
			return err
		}
		r.Faults = len(found)
		r.Detail = found[:min(len(found), maxDetail)]
		for i := range r.Detail {
			f := &r.Detail[i]
			f.Since = clean
			if f.Position == 0 || f.Kind == warehouse.FaultOrphan {
				continue
			}
			if f.First, err = warehousedb.FindCulprit(ctx, tx, f.Position, mark); err != nil {
				return err
			}
		}
		return nil
	})
	r.Took = time.Since(began)
	return r, err
}

// AuditRuns gives the last proofs of the books, the newest first.
func (o *Ops) AuditRuns(ctx context.Context, limit int) ([]warehouse.AuditRun, error) {
	if _, err := access.RequireAny(ctx, access.ViewSystem, access.LeadFloor); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 20
	}
	return warehousedb.AuditRuns(ctx, o.Pool, min(limit, 500))
}
