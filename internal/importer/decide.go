package importer

import (
	"context"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/events"
	"milkrun/internal/importer/importerdb"
)

// Commit has the good rows of a checked upload imported. rows is the number that the user has seen: *StaleError when it is no
// longer that one. An import without any good row is a *StateError.
func (o *Ops) Commit(ctx context.Context, id int64, rows int) (Upload, error) {
	return o.locked(ctx, id, "import", []State{Checked}, func(tx pgx.Tx, u access.User, row *importerdb.Upload) error {
		if row.PurgedAt != nil {
			return ErrPurged
		}
		if row.Good == 0 {
			return &StateError{ID: id, State: Checked, Verb: "import no rows of"}
		}
		if rows != row.Good {
			return &StaleError{ID: id, Want: rows, Have: row.Good}
		}
		row.State, row.Progress, row.Refusal = string(Committing), 0, nil
		row.Epoch++
		row.DeciderID, row.DecidedBy = accountOf(u), u.Name
		if err := o.trace(ctx, tx, "import.commit", id, map[string]any{"kind": row.Kind, "name": row.Name, "rows": rows, "left_out": row.Bad}); err != nil {
			return err
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(CommitArgs{Upload: id, Epoch: row.Epoch}))
	})
}

// Choice is how a user wants the sheet read.
type Choice struct {
	// Worksheet names the worksheet; empty chooses the best.
	Worksheet     string
	IncludeHidden bool
}

// Recheck has an upload read anew: another worksheet, hidden rows too, or just again, after the catalog was mended.
func (o *Ops) Recheck(ctx context.Context, id int64, c Choice) (Upload, error) {
	return o.locked(ctx, id, "check", []State{Waiting, Checking, Checked, Refused, Failed, Cancelled}, func(tx pgx.Tx, _ access.User, row *importerdb.Upload) error {
		if row.PurgedAt != nil {
			return ErrPurged
		}
		row.Worksheet, row.IncludeHidden = c.Worksheet, c.IncludeHidden
		row.State, row.Progress, row.Refusal, row.Fault = string(Waiting), 0, nil, ""
		row.Epoch++
		return o.Bus.Enqueue(ctx, tx, events.Job(CheckArgs{Upload: id, Epoch: row.Epoch}))
	})
}

// Cancel puts an upload aside. One that is being imported is left to its transaction: *StateError.
func (o *Ops) Cancel(ctx context.Context, id int64) (Upload, error) {
	return o.locked(ctx, id, "cancel", []State{Waiting, Checking, Checked, Refused, Failed}, func(tx pgx.Tx, _ access.User, row *importerdb.Upload) error {
		row.State, row.Progress = string(Cancelled), 0
		row.Epoch++
		return o.trace(ctx, tx, "import.cancel", id, map[string]any{"kind": row.Kind, "name": row.Name})
	})
}
