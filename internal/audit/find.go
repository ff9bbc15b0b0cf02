package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// House is the account of Query for changes that the house made by itself: jobs and the command line.
const House int64 = -1

// Query asks for a page of the changes, the newest first. Zero values leave a filter out.
type Query struct {
	Before  int64 // entries below this one; 0 begins with the newest
	Kind    string
	ID      string
	Account int64     // who made them, or House
	From    time.Time // the instant of the first
	Until   time.Time // the instant after the last
	Limit   int       // 1..1000
}

const sqlFind = `select id, at, account_id, actor, verb, thing, thing_id, before, after
	from audit.entry where ($1::bigint = 0 or id < $1) and ($2::text = '' or thing = $2) and ($3::text = '' or thing_id = $3)
	and ($4::bigint = 0 or account_id = $4 or $4 = -1 and account_id is null)
	and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
	order by id desc limit $7`

// Find gives the changes that the query asks for.
func Find(ctx context.Context, q pgdb.Querier, d Query) ([]Entry, error) {
	rows, err := q.Query(ctx, sqlFind, d.Before, d.Kind, d.ID, d.Account, instant(d.From), instant(d.Until), min(max(d.Limit, 1), 1000))
	if err != nil {
		return nil, fmt.Errorf("audit: find: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, fmt.Errorf("audit: find: %w", err)
	}
	return entries, nil
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Actor is an account that has changed something, by the name it last had.
type Actor struct {
	AccountID int64
	Name      string
}

// One step of the index an account: the table may hold millions of changes by a few dozen people.
const sqlActors = `with recursive a as (
		(select account_id, actor from audit.entry where account_id is not null order by account_id, id desc limit 1)
		union all
		select n.account_id, n.actor from a, lateral (
			select account_id, actor from audit.entry where account_id > a.account_id order by account_id, id desc limit 1) n)
	select account_id, actor as name from a order by actor, account_id`

// Actors gives everybody who has ever changed anything, by name.
func Actors(ctx context.Context, q pgdb.Querier) ([]Actor, error) {
	rows, err := q.Query(ctx, sqlActors)
	if err != nil {
		return nil, fmt.Errorf("audit: actors: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Actor])
	if err != nil {
		return nil, fmt.Errorf("audit: actors: %w", err)
	}
	return out, nil
}
