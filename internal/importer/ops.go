package importer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/events"
	"milkrun/internal/importer/importerdb"
	"milkrun/internal/pgdb"
	"milkrun/internal/sheet/grid"
)

// QueueHeavy takes the jobs that keep a core busy for long.
const QueueHeavy = "heavy"

// Refusals.
var (
	// ErrNone is the answer to an upload that is not there, or not the user's to see.
	ErrNone = errors.New("importer: no such upload")
	// ErrKind is the answer to a kind of sheet that nobody has declared.
	ErrKind = errors.New("importer: no such kind of sheet")
	// ErrPurged is the answer when the file of an old upload has been taken out.
	ErrPurged = errors.New("importer: the file is no longer kept")
)

// StateError refuses a verb that does not fit the state of the upload.
type StateError struct {
	ID    int64
	State State
	Verb  string
}

// Error names the verb and the state.
func (e *StateError) Error() string {
	return fmt.Sprintf("importer: cannot %s upload %d, it is %s", e.Verb, e.ID, e.State)
}

// StaleError refuses a decision on a number of rows that is not the one that the check found.
type StaleError struct {
	ID         int64
	Want, Have int
}

// Error gives both numbers.
func (e *StaleError) Error() string {
	return fmt.Sprintf("importer: %d rows were to be imported of upload %d, but %d are ready", e.Want, e.ID, e.Have)
}

// Deps is what the importer works with. All fields but TempDir, Limits and Keep are needed.
type Deps struct {
	Pool  *pgxpool.Pool
	Bus   *events.Bus
	Clock func() time.Time
	Log   *slog.Logger
	// Account gives the user of an id as it is now: jobs act as the one who uploaded or decided.
	Account func(ctx context.Context, id access.ID) (access.User, error)
	Catalog Catalog
	// Kinds are the sheets that can be imported, in the order of the page.
	Kinds []Kind
	// TempDir takes files while they are read; empty for the system's.
	TempDir string
	Limits  grid.Limits
	// Keep is how long files are kept; 0 means 90 days.
	Keep time.Duration
}

// Ops holds the verbs of imports.
type Ops struct {
	Deps
	kinds map[string]*Kind
}

// New gives the verbs.
func New(d Deps) *Ops {
	if d.Keep == 0 {
		d.Keep = 90 * 24 * time.Hour
	}
	o := &Ops{Deps: d, kinds: map[string]*Kind{}}
	for i := range d.Kinds {
		o.kinds[d.Kinds[i].Name] = &d.Kinds[i]
	}
	return o
}

// Register adds the workers.
func (o *Ops) Register(w *river.Workers) {
	river.AddWorker(w, &checkWorker{ops: o})
	river.AddWorker(w, &commitWorker{ops: o})
	river.AddWorker(w, &purgeWorker{ops: o})
}

// Periodic gives the job that takes old files out, once a day.
func (o *Ops) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour),
		func() (river.JobArgs, *river.InsertOpts) { return PurgeArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}

// require gives the acting user when it may import sheets of the kind.
func (o *Ops) require(ctx context.Context, kind string) (access.User, *Kind, error) {
	u, err := access.Require(ctx, access.Import)
	if err != nil {
		return u, nil, err
	}
	k := o.kinds[kind]
	if k == nil {
		return u, nil, fmt.Errorf("%w: %q", ErrKind, kind)
	}
	if k.Permission != "" {
		if _, err := access.Require(ctx, k.Permission); err != nil {
			return u, nil, err
		}
	}
	return u, k, nil
}

// Kinds gives the kinds of sheet that the acting user may import.
func (o *Ops) Kinds(ctx context.Context) ([]Spec, error) {
	if _, err := access.Require(ctx, access.Import); err != nil {
		return nil, err
	}
	var out []Spec
	for _, k := range o.Deps.Kinds {
		if _, _, err := o.require(ctx, k.Name); err == nil {
			out = append(out, k.Spec)
		}
	}
	return out, nil
}

// visible tells whether the user may see an upload: its own, and those of others unless the user is bound to sites.
func visible(u access.User, row importerdb.Upload) bool {
	return len(u.Sites) == 0 || (row.AccountID != nil && *row.AccountID == int64(u.ID))
}

// locked runs f on an upload that the user may change, held to the end of the transaction.
func (o *Ops) locked(ctx context.Context, id int64, verb string, states []State, f func(tx pgx.Tx, u access.User, row *importerdb.Upload) error) (Upload, error) {
	var out Upload
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		row, err := importerdb.Lock(ctx, tx, id)
		if errors.Is(err, importerdb.ErrNone) {
			return fmt.Errorf("%w: %d", ErrNone, id)
		}
		if err != nil {
			return err
		}
		u, _, err := o.require(ctx, row.Kind)
		if err != nil {
			return err
		}
		if !visible(u, row) {
			return fmt.Errorf("%w: %d", ErrNone, id)
		}
		if !slices.Contains(states, State(row.State)) {
			return &StateError{ID: id, State: State(row.State), Verb: verb}
		}
		if err := f(tx, u, &row); err != nil {
			return err
		}
		if err := importerdb.Save(ctx, tx, row); err != nil {
			return err
		}
		if out, err = o.record(row); err != nil {
			return err
		}
		return o.tell(ctx, tx, id)
	})
	if err != nil {
		return Upload{}, err
	}
	return out, nil
}

// tell lets the pages know that an upload has changed.
func (o *Ops) tell(ctx context.Context, q pgdb.Querier, id int64) error {
	return events.Tell(ctx, q, "import/"+strconv.FormatInt(id, 10), "")
}

// trace writes what a user did into the audit.
func (o *Ops) trace(ctx context.Context, tx pgx.Tx, verb string, id int64, after any) error {
	return audit.Write(ctx, tx, o.Clock(), audit.Change{
		Verb: verb, Thing: audit.Thing{Kind: "import", ID: strconv.FormatInt(id, 10)}, After: after,
	})
}

func accountOf(u access.User) *int64 {
	if u.ID == 0 {
		return nil
	}
	n := int64(u.ID)
	return &n
}
