package accessdb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

const sqlAccountByBadge = `select ` + accountFields + ` join access.badge h on h.account_id = a.id where h.hash = $1 and h.revoked_at is null`

// ByBadge gives the account of a badge by the hash of its code, ErrNone when there is none or it is revoked.
func ByBadge(ctx context.Context, q pgdb.Querier, hash []byte) (Stored, error) {
	return one(ctx, q, sqlAccountByBadge, hash)
}

const sqlUseBadge = `update access.badge set used_at = $2 where hash = $1`

// UseBadge notes when a badge was last used.
func UseBadge(ctx context.Context, q pgdb.Querier, hash []byte, at time.Time) error {
	_, err := q.Exec(ctx, sqlUseBadge, hash, at)
	return err
}

const sqlRevokeBadges = `update access.badge set revoked_at = $2 where account_id = $1 and revoked_at is null`

// RevokeBadges ends every badge of an account.
func RevokeBadges(ctx context.Context, q pgdb.Querier, account access.ID, at time.Time) error {
	_, err := q.Exec(ctx, sqlRevokeBadges, account, at)
	return err
}

const sqlInsertBadge = `insert into access.badge (hash, account_id, created_at) values ($1, $2, $3)`

// InsertBadge keeps the hash of a new badge.
func InsertBadge(ctx context.Context, q pgdb.Querier, account access.ID, hash []byte, at time.Time) error {
	if _, err := q.Exec(ctx, sqlInsertBadge, hash, account, at); err != nil {
		return fmt.Errorf("accessdb: badge: %w", err)
	}
	return nil
}
