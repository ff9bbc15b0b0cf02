package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// Bounds of the preview: the first rows, and so many wrong and mended ones.
const (
	firstRows  = 2000
	badRows    = 20_000
	mendedRows = 5_000
	maxTallies = 20
)

// preview collects what a check finds.
type preview struct {
	ops      *Ops
	tx       pgx.Tx
	id       int64
	epoch    int
	rows     int // dealt, skipped runs counted as one
	counts   map[sheet.Status]int
	tallies  map[tallyKey]*Tally
	told     time.Time
	progress float64
}

type tallyKey struct{ column, code string }

func (p *preview) take(ctx context.Context, list []*Entry) error {
	if p.counts == nil {
		p.counts, p.tallies = map[sheet.Status]int{}, map[tallyKey]*Tally{}
	}
	var keep []importerdb.Row
	for _, e := range list {
		r := e.result()
		n := 1
		if e.Skip != nil {
			n = e.Skip.Rows()
		}
		p.rows++
		before := p.counts[r.Status]
		p.counts[r.Status] += n
		if r.Status == sheet.Bad {
			p.tally(r.Remarks)
		}
		if p.rows <= firstRows || (r.Status == sheet.Bad && before < badRows) || (r.Status == sheet.Mended && before < mendedRows) {
			keep = append(keep, stored(e, r))
		}
		p.progress = max(p.progress, e.done)
	}
	if len(keep) > 0 {
		if err := importerdb.AddRows(ctx, p.tx, p.id, keep); err != nil {
			return err
		}
	}
	return p.tell(ctx)
}

// storable takes out what PostgreSQL does not store in a text.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func stored(e *Entry, r sheet.Result) importerdb.Row {
	row := importerdb.Row{No: e.Number, LastNo: e.Number, Status: string(r.Status), Skip: string(r.Skip), Cells: e.cells}
	for i := range row.Cells {
		row.Cells[i] = storable(row.Cells[i])
	}
	if e.Skip != nil {
		row.LastNo = e.Skip.Last
	}
	// A wrong row shows what was mended in it too.
	remarks := r.Remarks
	if r.Status == sheet.Bad {
		remarks = append(slices.Clone(r.Remarks), onlyElsewhere(e.mended, r.Remarks)...)
	}
	problems := 0
	if r.Status == sheet.Bad {
		problems = len(r.Remarks)
	}
	if len(remarks) > 0 {
		row.Remarks = encode(marked(remarks, problems))
	}
	return row
}

// storedRemark is a remark with the side it is on: a wrong row may hold mended cells.
type storedRemark struct {
	sheet.Remark
	Mended bool `json:"mended,omitempty"`
}

func marked(list []sheet.Remark, problems int) []storedRemark {
	out := make([]storedRemark, len(list))
	for i, m := range list {
		m.Raw = storable(m.Raw)
		out[i] = storedRemark{m, i >= problems}
	}
	return out
}

// onlyElsewhere leaves out what was mended in cells that are wrong anyway.
func onlyElsewhere(mended, problems []sheet.Remark) []sheet.Remark {
	var out []sheet.Remark
	for _, m := range mended {
		if !slices.ContainsFunc(problems, func(p sheet.Remark) bool { return p.Column == m.Column }) {
			out = append(out, m)
		}
	}
	return out
}

func (p *preview) tally(problems []sheet.Remark) {
	for _, m := range problems {
		k := tallyKey{m.Column, m.Note.Code()}
		t := p.tallies[k]
		if t == nil {
			t = &Tally{Column: m.Column, Header: m.Header, Note: m.Note, Row: m.Row}
			p.tallies[k] = t
		}
		t.Rows++
	}
}

// tell shows the progress, once a second, outside of the transaction.
func (p *preview) tell(ctx context.Context) error {
	if now := time.Now(); now.Sub(p.told) > time.Second {
		p.told = now
		if err := importerdb.Progress(ctx, p.ops.Pool, p.id, p.epoch, p.progress); err != nil {
			return err
		}
		return p.ops.tell(ctx, p.ops.Pool, p.id)
	}
	return nil
}

// finish stores the sums and makes the upload ready for its decision.
func (p *preview) finish(ctx context.Context, l *Layout) error {
	row, err := importerdb.Lock(ctx, p.tx, p.id)
	if err != nil {
		return err
	}
	if row.Epoch != p.epoch || row.State != string(Checking) {
		return errOver
	}
	now := p.ops.Clock()
	row.State, row.Progress, row.CheckedAt = string(Checked), 1, &now
	row.Layout, row.Reasons = encode(l), p.reasons()
	row.Good = p.counts[sheet.Good] + p.counts[sheet.Mended]
	row.Mended, row.Bad, row.Skipped = p.counts[sheet.Mended], p.counts[sheet.Bad], p.counts[sheet.Skipped]
	row.Total = row.Good + row.Bad + row.Skipped
	if err := importerdb.Save(ctx, p.tx, row); err != nil {
		return err
	}
	return p.ops.tell(ctx, p.tx, p.id)
}

func (p *preview) reasons() json.RawMessage {
	list := make([]*Tally, 0, len(p.tallies))
	for _, t := range p.tallies {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *Tally) int {
		if a.Rows != b.Rows {
			return b.Rows - a.Rows
		}
		return a.Row - b.Row
	})
	if len(list) == 0 {
		return nil
	}
	return encode(list[:min(len(list), maxTallies)])
}
