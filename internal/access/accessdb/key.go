package accessdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

type keyRow struct {
	ID                int64
	Account           access.ID
	Name, Prefix      string
	CreatedAt         time.Time
	UsedAt, RevokedAt *time.Time
}

const sqlKeys = `select id, account_id as account, name, prefix, created_at, used_at, revoked_at from access.api_key
	where $1::bigint = 0 or account_id = $1 order by revoked_at is not null, id desc`

// Keys gives the API keys of an account, of all accounts for 0; revoked ones last.
func Keys(ctx context.Context, q pgdb.Querier, account access.ID) ([]access.Key, error) {
	return keys(ctx, q, sqlKeys, account)
}

const sqlKeyLocked = `select id, account_id as account, name, prefix, created_at, used_at, revoked_at from access.api_key where id = $1 for update`

// LockKey gives one API key and holds it to the end of the transaction; ErrNone when there is none.
func LockKey(ctx context.Context, q pgdb.Querier, id int64) (access.Key, error) {
	list, err := keys(ctx, q, sqlKeyLocked, id)
	if err != nil {
		return access.Key{}, err
	}
	if len(list) == 0 {
		return access.Key{}, ErrNone
	}
	return list[0], nil
}

func keys(ctx context.Context, q pgdb.Querier, sql string, id any) ([]access.Key, error) {
	rows, err := q.Query(ctx, sql, id)
	if err != nil {
		return nil, fmt.Errorf("accessdb: API keys: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fmt.Errorf("accessdb: API keys: %w", err)
	}
	out := make([]access.Key, len(list))
	for i, r := range list {
		out[i] = access.Key(r)
	}
	return out, nil
}

const sqlInsertKey = `insert into access.api_key (account_id, name, prefix, hash, created_at) values ($1, $2, $3, $4, $5) returning id`

// InsertKey stores an API key by its hash and gives its id.
func InsertKey(ctx context.Context, q pgdb.Querier, k access.Key, hash []byte) (int64, error) {
	var id int64
	if err := q.QueryRow(ctx, sqlInsertKey, k.Account, k.Name, k.Prefix, hash, k.CreatedAt).Scan(&id); err != nil {
		return 0, fmt.Errorf("accessdb: add an API key: %w", err)
	}
	return id, nil
}

const sqlRevokeKey = `update access.api_key set revoked_at = $2 where id = $1 and revoked_at is null`

// RevokeKey ends an API key.
func RevokeKey(ctx context.Context, q pgdb.Querier, id int64, now time.Time) error {
	if _, err := q.Exec(ctx, sqlRevokeKey, id, now); err != nil {
		return fmt.Errorf("accessdb: revoke an API key: %w", err)
	}
	return nil
}

// The time of use is kept to the minute: writing it at each call would make every read a write.
const sqlUseKey = `update access.api_key set used_at = $2::timestamptz where hash = $1 and (used_at is null or used_at < $2::timestamptz - interval '1 minute')`

// UseKey notes that a key has been used.
func UseKey(ctx context.Context, q pgdb.Querier, hash []byte, now time.Time) error {
	if _, err := q.Exec(ctx, sqlUseKey, hash, now); err != nil {
		return fmt.Errorf("accessdb: note the use of an API key: %w", err)
	}
	return nil
}
