// Package catalogxlsx declares the sheets of master data that can be imported: categories, sites, lanes, suppliers, SKUs,
// terms, topics and what topics mean for SKUs.
//
// A row names its thing by its code. A thing that is there already keeps what the sheet does not say: columns that are not
// in the file, and cells that are empty. A new one gets the usual values for them.
package catalogxlsx

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet"
	"milkrun/internal/sheet/notice"
)

// Save stores records within the transaction of an import. note says where they come from. *catalog.BadRows names the
// records that cannot be stored.
type Save[D catalog.Draft] func(ctx context.Context, tx importer.Tx, note string, rows []D) (catalog.Saved, error)

// change is a row: the draft that it makes of what is there.
type change[D catalog.Draft] struct {
	draft D // the key alone, until it is settled
	patch []func(*D)
}

// set notes a value of the row; ok tells whether there is one.
func set[D catalog.Draft, V any](c *change[D], value V, ok bool, put func(*D, V)) {
	if ok {
		c.patch = append(c.patch, func(d *D) { put(d, value) })
	}
}

// kind is a kind of master data.
type kind[D catalog.Draft] struct {
	spec importer.Spec
	// read reads the key into the draft, and the rest as patches.
	read func(r *reader[D], row *sheet.Row, c *change[D])
	// known gives what is there of the drafts of a batch, by key.
	known func(ctx context.Context, r *reader[D], lines []*importer.Line[change[D]]) (map[string]D, error)
	// usual gives a new draft its usual values; its key is set.
	usual func(*D)
	// further checks what Validate cannot see; it may be nil.
	further func(ctx context.Context, r *reader[D], lines []*importer.Line[change[D]], known map[string]D) error
	// last tells which drafts must be stored behind the others, because they name them; it may be nil.
	last func(D) bool
}

// reader reads one pass over a sheet.
type reader[D catalog.Draft] struct {
	*kind[D]
	scope importer.Scope
	look  lookups
	seen  importer.Seen[string]
	gtins importer.Seen[string]
}

// Read reads the columns of a row.
func (r *reader[D]) Read(row *sheet.Row) change[D] {
	var c change[D]
	r.read(r, row, &c)
	return c
}

// Settle makes drafts of the rows and checks them.
func (r *reader[D]) Settle(ctx context.Context, lines []*importer.Line[change[D]]) error {
	known, err := r.known(ctx, r, lines)
	if err != nil {
		return err
	}
	for _, l := range lines {
		c := &l.Value
		key := c.draft.Key()
		if d, ok := known[key]; ok {
			c.draft = d
		} else {
			r.usual(&c.draft)
		}
		for _, put := range c.patch {
			put(&c.draft)
		}
		if !l.OK() {
			continue
		}
		r.validate(l)
		if first := r.seen.Row(key, l.Number); first > 0 {
			l.Fail("", "", importer.RepeatedRow.With(first, key))
		}
	}
	if r.further != nil {
		return r.further(ctx, r, lines, known)
	}
	return nil
}

// validate turns the faults of a draft into problems of its row.
func (r *reader[D]) validate(l *importer.Line[change[D]]) {
	err := l.Value.draft.Validate()
	var faults catalog.Faults
	if err == nil || !errors.As(err, &faults) {
		return
	}
	for _, f := range faults {
		if f.Problem == catalog.OutOfRange && f.Value == unplaced {
			f.Problem, f.Value = catalog.Missing, ""
		}
		l.Fail(columnOf(f.Field), f.Value, r.words(f))
	}
}

// words says what is wrong with a field.
func (k *kind[D]) words(f catalog.Fault) notice.Note {
	title := catalog.Name{ZH: f.Field, EN: f.Field}
	if i := slices.IndexFunc(k.spec.Columns, func(c sheet.Column) bool { return c.ID == columnOf(f.Field) }); i >= 0 {
		title = k.spec.Columns[i].Title
	}
	reason, ok := problems[f.Problem]
	if !ok {
		reason = problems[catalog.BadForm]
	}
	return reason.With(title, f.Value)
}

// columnOf gives the column of a field: the same name but for those that stand for two columns.
func columnOf(field string) string {
	switch field {
	case "name":
		return "name_zh"
	case "unit":
		return "unit_zh"
	}
	return field
}

// rowsAtOnce is how many records are stored at once.
const rowsAtOnce = 10_000

// define makes the kind importable.
func define[D catalog.Draft](k *kind[D], save Save[D]) importer.Kind {
	open := func(ctx context.Context, s importer.Scope) (importer.Reader[change[D]], error) {
		look, err := newLookups(ctx, s)
		if err != nil {
			return nil, err
		}
		return &reader[D]{kind: k, scope: s, look: look}, nil
	}
	return importer.Define(k.spec, open,
		func(ctx context.Context, tx importer.Tx, src importer.Source, rows iter.Seq2[importer.Good[change[D]], error]) (importer.Outcome, error) {
			first, last := &saving[D]{kind: k, save: save}, &saving[D]{kind: k, save: save}
			for g, err := range rows {
				if err != nil {
					return first.out, err
				}
				to := first
				if k.last != nil && k.last(g.Value.draft) {
					to = last
				}
				to.drafts, to.rows = append(to.drafts, g.Value.draft), append(to.rows, g.Row)
				if to == first && len(first.drafts) == rowsAtOnce {
					if err := first.flush(ctx, tx, src.Name); err != nil {
						return first.out, err
					}
				}
			}
			for _, s := range []*saving[D]{first, last} {
				if err := s.flush(ctx, tx, src.Name); err != nil {
					return first.out, err
				}
			}
			return first.out.Add(last.out), nil
		})
}

// saving stores drafts in batches.
type saving[D catalog.Draft] struct {
	*kind[D]
	save   Save[D]
	drafts []D
	rows   []int // of the sheet
	out    importer.Outcome
}

func (s *saving[D]) flush(ctx context.Context, tx importer.Tx, note string) error {
	if len(s.drafts) == 0 {
		return nil
	}
	done, err := s.save(ctx, tx, note, s.drafts)
	if err != nil {
		return s.refused(err)
	}
	s.out = s.out.Add(importer.Outcome{Inserted: done.New, Changed: done.Changed, Unchanged: done.Same})
	s.drafts, s.rows = s.drafts[:0], s.rows[:0]
	return nil
}

// refused turns the refusal of a record into words with its row.
func (s *saving[D]) refused(err error) error {
	var bad *catalog.BadRows
	var faults catalog.Faults
	switch {
	case errors.As(err, &bad) && len(bad.Rows) > 0 && bad.Rows[0].Row < len(s.rows) && len(bad.Rows[0].Faults) > 0:
		first := bad.Rows[0]
		return notice.Refuse(NotStored, err, s.rows[first.Row], note{s.words(first.Faults[0])})
	case errors.As(err, &faults) && len(faults) > 0:
		return notice.Refuse(NotStoredAtAll, err, note{s.words(faults[0])})
	}
	return fmt.Errorf("catalogxlsx: %w", err)
}

// note lets a note be an argument of another.
type note struct{ notice.Note }

// In gives the note's text.
func (n note) In(language string) string { return n.Text(language) }
