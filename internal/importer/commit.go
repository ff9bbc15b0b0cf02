package importer

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/events"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/pgdb"
	"milkrun/internal/sheet/notice"
)

// CommitArgs asks for the import of a checked upload.
type CommitArgs struct {
	Upload int64 `json:"upload"`
	Epoch  int   `json:"epoch"`
}

// Kind names the job.
func (CommitArgs) Kind() string { return "import.commit" }

// InsertOpts puts the import into the queue of the long jobs, before those that nobody waits for.
func (CommitArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, Priority: 1, MaxAttempts: 4}
}

type commitWorker struct {
	river.WorkerDefaults[CommitArgs]
	ops *Ops
}

// Timeout is none: a sheet of a million rows takes as long as it takes.
func (*commitWorker) Timeout(*river.Job[CommitArgs]) time.Duration { return -1 }

func (w *commitWorker) Work(ctx context.Context, job *river.Job[CommitArgs]) error {
	err := w.ops.commit(ctx, job.Args.Upload, job.Args.Epoch)
	return w.ops.attempted(ctx, job.JobRow, job.Args.Upload, job.Args.Epoch, err)
}

// staleError says that other rows are good now than when the user decided.
type staleError struct{ now, then int }

func (*staleError) Error() string { return "importer: other rows are good now" }

// commit takes the good rows of a checked upload into the house: all of them in one transaction, or none.
func (o *Ops) commit(ctx context.Context, id int64, epoch int) error {
	row, k, err := o.begin(ctx, id, epoch, Committing, Committing)
	if err != nil || row == nil {
		return err
	}
	f, err := o.open(ctx, *row, k)
	if r := notice.As(err); r != nil {
		return o.refuse(ctx, id, epoch, r)
	}
	if err != nil {
		return err
	}
	defer f.close()
	scope, err := o.scope(ctx, row.DeciderID, f.layout)
	if err != nil {
		return err
	}
	ctx = access.WithUser(ctx, scope.User)
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.store(ctx, tx, *row, k, scope) })
	var stale *staleError
	switch r := notice.As(err); {
	case r != nil:
		return o.undone(ctx, id, epoch, r.Note, false)
	case errors.As(err, &stale):
		return o.undone(ctx, id, epoch, Changed.With(stale.now, stale.then), true)
	case errors.Is(err, errOver):
		return nil
	}
	return err
}

// store is the transaction of an import.
func (o *Ops) store(ctx context.Context, tx pgx.Tx, row importerdb.Upload, k *Kind, scope Scope) error {
	held, err := importerdb.Hold(ctx, tx, row.ID)
	if err != nil {
		return err
	}
	if !held {
		return errBusy
	}
	told := time.Time{}
	progress := func(share float64) {
		if now := time.Now(); now.Sub(told) > time.Second {
			told = now
			// What is seen of the progress does not matter to the import.
			if err := importerdb.Progress(ctx, o.Pool, row.ID, row.Epoch, share*0.95); err == nil {
				_ = o.tell(ctx, o.Pool, row.ID)
			}
		}
	}
	out, good, err := k.commit(ctx, tx, scope, Source{ID: row.ID, Name: row.Name, Epoch: row.Epoch}, progress)
	if err != nil {
		return err
	}
	if good != row.Good {
		return &staleError{now: good, then: row.Good}
	}
	now, err := importerdb.Lock(ctx, tx, row.ID)
	if err != nil {
		return err
	}
	if now.Epoch != row.Epoch || now.State != string(Committing) {
		return errOver
	}
	at := o.Clock()
	now.State, now.Progress, now.FinishedAt, now.Refusal = string(Done), 1, &at, nil
	now.Inserted, now.Changed, now.Unchanged = out.Inserted, out.Changed, out.Unchanged
	if err := importerdb.Save(ctx, tx, now); err != nil {
		return err
	}
	if err := o.trace(ctx, tx, "import.done", row.ID, map[string]any{"kind": row.Kind, "name": row.Name, "rows": good, "outcome": out}); err != nil {
		return err
	}
	return o.tell(ctx, tx, row.ID)
}

// undone notes why an import did not happen, and brings the upload back to where it can be decided; again has it checked
// anew.
func (o *Ops) undone(ctx context.Context, id int64, epoch int, why notice.Note, again bool) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		row, err := importerdb.Lock(ctx, tx, id)
		if err != nil || row.Epoch != epoch || row.State != string(Committing) {
			return err
		}
		row.State, row.Refusal, row.Progress = string(Checked), encode(why), 1
		if again {
			row.State, row.Progress = string(Waiting), 0
			row.Epoch++
			if err := o.Bus.Enqueue(ctx, tx, events.Job(CheckArgs{Upload: id, Epoch: row.Epoch})); err != nil {
				return err
			}
		}
		if err := importerdb.Save(ctx, tx, row); err != nil {
			return err
		}
		return o.tell(ctx, tx, id)
	})
}
