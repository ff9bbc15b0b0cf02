package catalogdb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// batch is how many rows one statement writes.
const batch = 5000

// upsert runs a statement that answers the numbers of new and of changed rows.
func upsert(ctx context.Context, q pgdb.Querier, what, sql string, rows int, args ...any) (catalog.Saved, error) {
	var s catalog.Saved
	if err := q.QueryRow(ctx, sql, args...).Scan(&s.New, &s.Changed); err != nil {
		return s, fmt.Errorf("catalogdb: save %s: %w", what, refused(err))
	}
	s.Same = rows - s.New - s.Changed
	return s, nil
}

// refused turns a broken rule of the database into the field's fault.
func refused(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch {
	case pg.ConstraintName == "sku_gtin":
		return errors.Join(catalog.Faults{{Field: "gtin", Problem: catalog.Repeated, Value: pg.Detail}}, err)
	case pg.Code == pgerrcode.UniqueViolation:
		return errors.Join(catalog.Faults{{Field: "code", Problem: catalog.Repeated, Value: pg.Detail}}, err)
	case pg.Code == pgerrcode.CheckViolation, pg.Code == pgerrcode.NumericValueOutOfRange:
		return errors.Join(catalog.Faults{{Field: pg.ConstraintName, Problem: catalog.OutOfRange, Value: pg.Detail}}, err)
	default:
		return err
	}
}

// reference is a field of a list that names something by its code.
type reference[D any] struct {
	field string
	code  func(D) string // empty means none
	known map[string]bool
}

// resolve answers *catalog.BadRows for the rows that name what is not in the catalog.
func resolve[D catalog.Draft](rows []D, refs ...reference[D]) error {
	bad := &catalog.BadRows{}
	for i, r := range rows {
		for _, ref := range refs {
			if code := ref.code(r); code != "" && !ref.known[code] {
				bad.Add(i, r.Key(), catalog.Fault{Field: ref.field, Problem: catalog.NotKnown, Value: code})
			}
		}
	}
	return bad.OrNil()
}

const (
	sqlKnownSKUs       = `select code from catalog.sku where code = any($1)`
	sqlKnownSites      = `select code from catalog.site where code = any($1)`
	sqlKnownSuppliers  = `select code from catalog.supplier where code = any($1)`
	sqlKnownCategories = `select code from catalog.category where code = any($1)`
	sqlKnownTopics     = `select code from catalog.topic where code = any($1)`
)

// refer prepares the check of one field: which of the codes that the rows name are there.
func refer[D catalog.Draft](ctx context.Context, q pgdb.Querier, rows []D, field, sql string, code func(D) string) (reference[D], error) {
	ref := reference[D]{field: field, code: code, known: map[string]bool{}}
	var wanted []string
	for _, r := range rows {
		if c := code(r); c != "" && !ref.known[c] {
			ref.known[c] = true
			wanted = append(wanted, c)
		}
	}
	clear(ref.known)
	type row struct{ Code string }
	for part := range slices.Chunk(wanted, batch) {
		found, err := collect[row](ctx, q, "codes", sql, part)
		if err != nil {
			return ref, err
		}
		for _, f := range found {
			ref.known[f.Code] = true
		}
	}
	return ref, nil
}

// column gives one field of all rows, for unnest.
func column[D, V any](rows []D, f func(D) V) []V { return mapped(rows, f) }
