package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"milkrun/internal/access"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/pgdb"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// CheckArgs asks for the check of an upload.
type CheckArgs struct {
	Upload int64 `json:"upload"`
	Epoch  int   `json:"epoch"`
}

// Kind names the job.
func (CheckArgs) Kind() string { return "import.check" }

// InsertOpts puts the check into the queue of the long jobs, before those that nobody waits for.
func (CheckArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, Priority: 1, MaxAttempts: 4}
}

type checkWorker struct {
	river.WorkerDefaults[CheckArgs]
	ops *Ops
}

// Timeout is none: a sheet of a million rows takes as long as it takes.
func (*checkWorker) Timeout(*river.Job[CheckArgs]) time.Duration { return -1 }

func (w *checkWorker) Work(ctx context.Context, job *river.Job[CheckArgs]) error {
	err := w.ops.check(ctx, job.Args.Upload, job.Args.Epoch)
	return w.ops.attempted(ctx, job.JobRow, job.Args.Upload, job.Args.Epoch, err)
}

// errBusy says that another process is at the upload.
var errBusy = errors.New("importer: another process is at it")

// attempted decides what follows from a job's error: nothing, another attempt, or a failed upload.
func (o *Ops) attempted(ctx context.Context, job *rivertype.JobRow, id int64, epoch int, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errBusy):
		return river.JobSnooze(5 * time.Second)
	case errors.Is(err, ErrNone):
		return river.JobCancel(err)
	case ctx.Err() != nil || job.Attempt < job.MaxAttempts:
		return err
	}
	o.Log.ErrorContext(ctx, "import failed", "upload", id, "error", err)
	return errors.Join(err, o.update(ctx, id, epoch, func(row *importerdb.Upload) {
		row.State, row.Fault = string(Failed), err.Error()
	}))
}

// update changes an upload that is still in the epoch.
func (o *Ops) update(ctx context.Context, id int64, epoch int, f func(row *importerdb.Upload)) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		row, err := importerdb.Lock(ctx, tx, id)
		if err != nil || row.Epoch != epoch || State(row.State).Settled() {
			return err
		}
		f(&row)
		if err := importerdb.Save(ctx, tx, row); err != nil {
			return err
		}
		return o.tell(ctx, tx, id)
	})
}

// begin gives the upload of a job and its kind, after noting that the job is at it; nil when there is nothing to do any
// more.
func (o *Ops) begin(ctx context.Context, id int64, epoch int, from, to State) (*importerdb.Upload, *Kind, error) {
	var found *importerdb.Upload
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		found = nil
		row, err := importerdb.Lock(ctx, tx, id)
		if errors.Is(err, importerdb.ErrNone) {
			return fmt.Errorf("%w: %d", ErrNone, id)
		}
		if err != nil || row.Epoch != epoch || (row.State != string(from) && row.State != string(to)) {
			return err
		}
		row.State, row.Progress = string(to), 0
		found = &row
		if err := importerdb.Save(ctx, tx, row); err != nil {
			return err
		}
		return o.tell(ctx, tx, id)
	})
	if err != nil || found == nil {
		return nil, nil, err
	}
	k := o.kinds[found.Kind]
	if k == nil {
		return nil, nil, fmt.Errorf("%w: %q", ErrKind, found.Kind)
	}
	return found, k, nil
}

// scope gives what a pass works with, the user being the one of the account (nil for the house).
func (o *Ops) scope(ctx context.Context, account *int64, l *sheet.Layout) (Scope, error) {
	u := access.TheSystem()
	if account != nil {
		var err error
		if u, err = o.Account(ctx, access.ID(*account)); err != nil {
			return Scope{}, fmt.Errorf("importer: account %d: %w", *account, err)
		}
	}
	return Scope{User: u, Now: o.Clock(), Query: o.Pool, Catalog: o.Catalog, Layout: l}, nil
}

// check reads a whole upload and stores what it finds.
func (o *Ops) check(ctx context.Context, id int64, epoch int) error {
	row, k, err := o.begin(ctx, id, epoch, Waiting, Checking)
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
	scope, err := o.scope(ctx, row.AccountID, f.layout)
	if err != nil {
		return err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		held, err := importerdb.Hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if !held {
			return errBusy
		}
		p := &preview{ops: o, tx: tx, id: id, epoch: epoch}
		if err := importerdb.ClearRows(ctx, tx, id); err != nil {
			return err
		}
		if err := k.walk(ctx, scope, true, func(list []*Entry) error { return p.take(ctx, list) }); err != nil {
			return err
		}
		return p.finish(ctx, layoutOf(f.file, f.layout))
	})
	if r := notice.As(err); r != nil {
		return o.refuse(ctx, id, epoch, r)
	}
	if errors.Is(err, errOver) {
		return nil
	}
	return err
}

// errOver undoes the work of a job whose upload has been cancelled, or asked for anew, in the meantime.
var errOver = errors.New("importer: no longer wanted")

// refuse notes that the file cannot be read.
func (o *Ops) refuse(ctx context.Context, id int64, epoch int, r *notice.Refusal) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		row, err := importerdb.Lock(ctx, tx, id)
		if err != nil || row.Epoch != epoch || State(row.State).Settled() {
			return err
		}
		now := o.Clock()
		row.State, row.Refusal, row.CheckedAt = string(Refused), encode(r.Note), &now
		row.Layout, row.Reasons = nil, nil
		row.Total, row.Good, row.Mended, row.Bad, row.Skipped = 0, 0, 0, 0, 0
		if err := importerdb.ClearRows(ctx, tx, id); err != nil {
			return err
		}
		if err := importerdb.Save(ctx, tx, row); err != nil {
			return err
		}
		return o.tell(ctx, tx, id)
	})
}
