package importer

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/sheet"
)

// What the *xlsx packages need to name without knowing the database.
type (
	// Tx is the transaction of an import.
	Tx = pgx.Tx
	// Querier reads.
	Querier = pgdb.Querier
	// OperationID identifies a command that must happen once.
	OperationID = uuid.UUID
)

// Spec describes a kind of sheet.
type Spec struct {
	// Name is the kind in addresses and tables: "sales".
	Name string
	// Title and About are for the pages: Sales, and in a line what the sheet is for.
	Title, About catalog.Name
	// Permission is what a user needs beside access.Import; empty for no more.
	Permission access.Permission
	Columns    []sheet.Column
}

// Scope is what a pass over a file works with.
type Scope struct {
	// User is who acts: sites beyond the user's bounds are problems of their rows.
	User access.User
	Now  time.Time
	// Query reads the committed state.
	Query Querier
	// Catalog finds what the rows name.
	Catalog Catalog
	// Layout tells which columns the file has.
	Layout *sheet.Layout
}

// Reader turns the rows of one pass over a file into records. It is not used by two goroutines.
type Reader[T any] interface {
	// Read reads the columns of a row; its problems are collected in the row.
	Read(row *sheet.Row) T
	// Settle looks up what the rows of a batch name, and fails those that name what is not there, or that repeat an
	// earlier one. It sees rows with problems too: they may get further ones.
	Settle(ctx context.Context, lines []*Line[T]) error
}

// Good is a record of a row without problems.
type Good[T any] struct {
	Row   int
	Value T
}

// Values leaves the row numbers out.
func Values[T any](rows iter.Seq2[Good[T], error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for g, err := range rows {
			if !yield(g.Value, err) {
				return
			}
		}
	}
}

// Outcome counts what an import did with its rows.
type Outcome struct{ Inserted, Changed, Unchanged int }

// Add adds the counts of a further part.
func (o Outcome) Add(p Outcome) Outcome {
	return Outcome{o.Inserted + p.Inserted, o.Changed + p.Changed, o.Unchanged + p.Unchanged}
}

// Source is the upload that an import comes from.
type Source struct {
	ID   int64
	Name string
	// Epoch rises with each attempt that a user asks for.
	Epoch int
}

// Operation gives the id of the n-th command of an import: the same one whenever the import is tried again.
func (s Source) Operation(n int) OperationID {
	space := uuid.MustParse("6b1f9a52-5b2e-4d0e-9a63-6a2f1f4a7d10")
	return uuid.NewSHA1(space, fmtKey(s.ID, s.Epoch, n))
}

// Kind is a kind of sheet that can be imported; Define makes one.
type Kind struct {
	Spec
	walk   func(ctx context.Context, s Scope, capture bool, deal func([]*Entry) error) error
	commit func(ctx context.Context, tx Tx, s Scope, src Source, done func(share float64)) (out Outcome, good int, err error)
}

// Define makes a kind of sheet. open gives the Reader of one pass. store takes the records of the good rows into the house,
// within the transaction of the import, in which rows may be read lazily; if it answers a *notice.Refusal the import is
// undone and the user told.
func Define[T any](spec Spec, open func(context.Context, Scope) (Reader[T], error),
	store func(ctx context.Context, tx Tx, src Source, rows iter.Seq2[Good[T], error]) (Outcome, error),
) Kind {
	return Kind{
		Spec: spec,
		walk: func(ctx context.Context, s Scope, capture bool, deal func([]*Entry) error) error {
			return batches(ctx, s, open, capture, func(lines []*Line[T]) error {
				entries := make([]*Entry, len(lines))
				for i, l := range lines {
					entries[i] = &l.Entry
				}
				return deal(entries)
			})
		},
		commit: func(ctx context.Context, tx Tx, s Scope, src Source, done func(float64)) (Outcome, int, error) {
			good := 0
			out, err := store(ctx, tx, src, func(yield func(Good[T], error) bool) {
				err := batches(ctx, s, open, false, func(lines []*Line[T]) error {
					for _, l := range lines {
						if l.Skip != nil || !l.OK() {
							continue
						}
						good++
						if !yield(Good[T]{l.Number, l.Value}, nil) {
							return errEnough
						}
					}
					if n := len(lines); n > 0 {
						done(lines[n-1].done)
					}
					return nil
				})
				if err != nil && err != errEnough {
					yield(Good[T]{}, err)
				}
			})
			return out, good, err
		},
	}
}
