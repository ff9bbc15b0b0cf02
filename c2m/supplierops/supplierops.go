// Package supplierops holds the use cases of judging suppliers and working with them: the scorecard and what follows from it, the capacity
// calendar that both sides write, stock kept for the house, work in progress, terms of payment, rates and the comparison of offers, and the
// reminders of certificates that lapse.
package supplierops

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// Deps is what the use cases stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Clock func() time.Time
	Log   *slog.Logger
	// Zone is where a business day begins and ends; nil means Asia/Shanghai.
	Zone *time.Location
}

// Ops holds the use cases.
type Ops struct{ Deps }

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	}
	return &Ops{d}
}

// ErrReason refuses a decision without a reason.
var ErrReason = errors.New("supplierops: a reason is needed")

// ErrUnknown is the answer to what is not there or another's.
var ErrUnknown = errors.New("supplierops: no such supplier, goods or line")

// Today is the business day of the clock.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func thing(id catalog.SupplierID) audit.Thing {
	return audit.Thing{Kind: "supplier", ID: itoa(int64(id))}
}

func name(u access.User) string {
	if u.Name == "" {
		return u.Login
	}
	return u.Name
}

// either lets the house (with a permission) and a supplier's own people through; whose gives the supplier that is meant.
func either(ctx context.Context, p access.Permission, id catalog.SupplierID) (access.User, catalog.SupplierID, error) {
	u, err := access.RequireAny(ctx, p, access.UsePortal)
	if err != nil {
		return u, 0, err
	}
	if u.Role == access.Supplier {
		id = u.Supplier
	}
	if id == 0 {
		return u, 0, ErrUnknown
	}
	return u, id, nil
}

// change runs a verb of the house with its audit entry.
func (o *Ops) change(ctx context.Context, verb string, what audit.Thing, f func(context.Context, pgx.Tx, access.User, time.Time) (after any, err error)) error {
	u, err := access.Require(ctx, access.EditSuppliers)
	if err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		after, err := f(ctx, tx, u, now)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: verb, Thing: what, After: after})
	})
}

// scoreRules names the rules of the scorecard in the table of rules.
const scoreRules = "score"

func rules(ctx context.Context, q pgdb.Querier) (supplier.Rules, error) {
	r := supplier.DefaultRules()
	err := supplierdb.Rule(ctx, q, scoreRules, &r)
	return r, err
}

// Rules gives the rules by which suppliers are judged.
func (o *Ops) Rules(ctx context.Context) (supplier.Rules, error) {
	if _, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal); err != nil {
		return supplier.Rules{}, err
	}
	return rules(ctx, o.Pool)
}

// SaveRules stores the rules. *supplier.RulesFault.
func (o *Ops) SaveRules(ctx context.Context, r supplier.Rules) error {
	if err := r.Check(); err != nil {
		return err
	}
	return o.change(ctx, "supplier.rules", audit.Thing{Kind: "policy", ID: scoreRules}, func(ctx context.Context, tx pgx.Tx, u access.User, now time.Time) (any, error) {
		return r, supplierdb.SaveRule(ctx, tx, scoreRules, r, name(u), now)
	})
}

// RemindArgs is the daily job that reminds of certificates which lapse.
type RemindArgs struct{}

// Kind names the job.
func (RemindArgs) Kind() string { return "c2m.remind" }

type remindWorker struct {
	river.WorkerDefaults[RemindArgs]
	ops *Ops
}

// Work reminds once for each certificate and distance, however often it runs.
func (w *remindWorker) Work(ctx context.Context, _ *river.Job[RemindArgs]) error {
	_, err := w.ops.Remind(access.WithUser(ctx, access.TheSystem()))
	return err
}

// Register adds the jobs' workers.
func (o *Ops) Register(w *river.Workers) { river.AddWorker(w, &remindWorker{ops: o}) }

// Periodic gives the jobs that come by themselves.
func (o *Ops) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(6*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return RemindArgs{}, nil },
		&river.PeriodicJobOpts{RunOnStart: true})}
}

// Reminded is a certificate that was reminded of just now.
type Reminded struct {
	Supplier    catalog.SupplierID
	Certificate int64
	Days        int // the distance of the rules: 60, 30 or 7
	Left        int // days that are left
}

// Remind gives the reminders that are due: at each distance of the rules once for each certificate that nothing follows. One that was missed
// at a longer distance is reminded of at the shortest that holds. The pages of both sides show them, and the supplier's history keeps them.
func (o *Ops) Remind(ctx context.Context) ([]Reminded, error) {
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return nil, err
	}
	var out []Reminded
	now, today := o.Clock(), o.Today()
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		out = nil
		r, err := rules(ctx, tx)
		if err != nil {
			return err
		}
		for i := len(r.Reminders) - 1; i >= 0; i-- { // the shortest first: it stands for the longer ones
			due, err := supplierdb.DueReminders(ctx, tx, today, r.Reminders[i])
			if err != nil {
				return err
			}
			for _, d := range due {
				fresh, err := supplierdb.Remind(ctx, tx, d.ID, r.Reminders[i], now)
				if err != nil {
					return err
				}
				if !fresh {
					continue
				}
				left := d.ValidTo.Sub(today)
				out = append(out, Reminded{Supplier: d.Supplier, Certificate: d.ID, Days: r.Reminders[i], Left: left})
				err = audit.Write(ctx, tx, now, audit.Change{Verb: "certificate.remind", Thing: thing(d.Supplier), After: map[string]any{"certificate": d.ID, "to": d.ValidTo, "days": r.Reminders[i], "left": left}})
				if err != nil {
					return err
				}
			}
		}
		if len(out) > 0 {
			return events.Tell(ctx, tx, "cards", "")
		}
		return nil
	})
	return out, err
}

// Reminders gives what was reminded of certificates, by certificate.
func (o *Ops) Reminders(ctx context.Context, certificates []int64) (map[int64][]supplierdb.Given, error) {
	if _, err := access.RequireAny(ctx, access.ViewSuppliers, access.UsePortal); err != nil {
		return nil, err
	}
	all, err := supplierdb.Reminders(ctx, o.Pool, certificates)
	out := map[int64][]supplierdb.Given{}
	for _, g := range all {
		out[g.CertificateID] = append(out[g.CertificateID], g)
	}
	return out, err
}
