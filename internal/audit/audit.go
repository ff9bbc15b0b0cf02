// Package audit keeps who changed what, when, from what and to what, in the same transaction as the change.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

// Thing names what a change concerns: a kind ("suggestion", "order", "user") and its id.
type Thing struct{ Kind, ID string }

// Change is one change by the acting user of the context. Before and After are stored as JSON; nil stands for nothing.
type Change struct {
	Verb          string
	Thing         Thing
	Before, After any
}

// Entry is a stored change.
type Entry struct {
	ID            int64
	At            time.Time
	AccountID     *int64
	Actor         string
	Verb          string
	Thing         string
	ThingID       string
	Before, After json.RawMessage
}

const sqlWrite = `insert into audit.entry (at, account_id, actor, verb, thing, thing_id, before, after)
	select $1, $2, $3, v, k, i, b, a
	from unnest($4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[]) as t (v, k, i, b, a)`

// Write stores the changes in the transaction of the change itself. now is the instant of the verb's clock.
func Write(ctx context.Context, tx pgx.Tx, now time.Time, changes ...Change) error {
	if len(changes) == 0 {
		return nil
	}
	u, ok := access.FromContext(ctx)
	if !ok {
		return fmt.Errorf("audit: %w", access.ErrSignedOut)
	}
	var id *int64
	if u.ID != 0 {
		n := int64(u.ID)
		id = &n
	}
	var verbs, kinds, ids []string
	var before, after []*string
	for _, c := range changes {
		b, err := encode(c.Before)
		if err != nil {
			return fmt.Errorf("audit: %s %s: %w", c.Verb, c.Thing.Kind, err)
		}
		a, err := encode(c.After)
		if err != nil {
			return fmt.Errorf("audit: %s %s: %w", c.Verb, c.Thing.Kind, err)
		}
		verbs, kinds, ids = append(verbs, c.Verb), append(kinds, c.Thing.Kind), append(ids, c.Thing.ID)
		before, after = append(before, b), append(after, a)
	}
	if _, err := tx.Exec(ctx, sqlWrite, now, id, u.Name, verbs, kinds, ids, before, after); err != nil {
		return fmt.Errorf("audit: write: %w", err)
	}
	return nil
}

func encode(v any) (*string, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	s := string(b)
	return &s, nil
}

const sqlHistory = `select id, at, account_id, actor, verb, thing, thing_id, before, after
	from audit.entry where thing = $1 and thing_id = $2 order by id desc limit $3`

// History gives the changes of one thing, the newest first.
func History(ctx context.Context, q pgdb.Querier, t Thing, limit int) ([]Entry, error) {
	rows, err := q.Query(ctx, sqlHistory, t.Kind, t.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("audit: history of %s %s: %w", t.Kind, t.ID, err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, fmt.Errorf("audit: history of %s %s: %w", t.Kind, t.ID, err)
	}
	return entries, nil
}

const sqlRecent = `select id, at, account_id, actor, verb, thing, thing_id, before, after
	from audit.entry where ($1 = 0 or id < $1) and ($2 = '' or thing = $2) order by id desc limit $3`

// Recent gives the changes of the whole house below the id before (0 for the newest), of one kind of thing or of all.
func Recent(ctx context.Context, q pgdb.Querier, before int64, kind string, limit int) ([]Entry, error) {
	rows, err := q.Query(ctx, sqlRecent, before, kind, limit)
	if err != nil {
		return nil, fmt.Errorf("audit: recent: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, fmt.Errorf("audit: recent: %w", err)
	}
	return entries, nil
}
