// Package catalogops holds the use cases of the catalog: its lists and pages, the search over it, and every change of it,
// each with its trace in the audit.
package catalogops

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// Deps is what the use cases of the catalog stand on. Bus may be nil where nobody listens.
type Deps struct {
	Pool  *pgxpool.Pool
	Bus   *events.Bus
	Clock func() time.Time
	Log   *slog.Logger
	// Zone is the house's own zone, by which "retired today" is meant; nil is Asia/Shanghai.
	Zone *time.Location
}

// Ops holds the use cases of the catalog.
type Ops struct{ Deps }

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60) // China has one zone and no summer time
	}
	return &Ops{d}
}

// Today gives the house's day.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }

// changed publishes that plans for the SKUs may be out of date.
func (o *Ops) changed(ctx context.Context, tx pgx.Tx, skus ...catalog.SKUID) error {
	if o.Bus == nil {
		return nil
	}
	return o.Bus.Publish(ctx, tx, catalog.SKUsChanged{SKUs: skus})
}

func (o *Ops) inTx(ctx context.Context, f func(pgx.Tx) error) error { return pgdb.InTx(ctx, o.Pool, f) }

// trace writes a change into the audit: of two records only the fields that differ.
func (o *Ops) trace(ctx context.Context, tx pgx.Tx, verb, kind, id string, before, after any) error {
	b, a := differing(before, after)
	return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: audit.Thing{Kind: kind, ID: id}, Before: b, After: a})
}

// differing gives both sides as JSON objects without the fields that are alike. What is no object stays as it is.
func differing(before, after any) (b, a any) {
	bf, af := fields(before), fields(after)
	if bf == nil || af == nil {
		return before, after
	}
	for k, v := range bf {
		if w, ok := af[k]; ok && reflect.DeepEqual(v, w) {
			delete(bf, k)
			delete(af, k)
		}
	}
	delete(bf, "UpdatedAt")
	delete(af, "UpdatedAt")
	return bf, af
}

func fields(v any) map[string]any {
	if v == nil {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var m map[string]any
	if json.Unmarshal(text, &m) != nil {
		return nil
	}
	return m
}

func number[T ~int32](id T) string { return strconv.Itoa(int(id)) }

// sameVersion tells whether a record is still the one that a change was made from. Pages carry versions in microseconds.
func sameVersion(stored, seen time.Time) bool {
	return stored.Truncate(time.Microsecond).Equal(seen.Truncate(time.Microsecond))
}
