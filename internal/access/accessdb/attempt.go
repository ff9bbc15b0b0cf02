package accessdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

// An attempt counts as failed until it has succeeded, so that many at once cannot all be the first. From the fifth on the
// login rests for 1, 2, 4, 8 and at most 15 minutes; a day without attempts forgets them. No row comes back while it rests.
const sqlBegin = `insert into access.attempt as a (login, failures, wait_until, at) values ($1, 1, null, $2::timestamptz)
	on conflict (login) do update set
		failures = case when a.at < $2::timestamptz - interval '1 day' then 1 else a.failures + 1 end,
		wait_until = case when a.at >= $2::timestamptz - interval '1 day' and a.failures + 1 >= 5
			then $2::timestamptz + least(15, power(2, least(a.failures - 4, 10))) * interval '1 minute' end,
		at = $2::timestamptz
	where a.wait_until is null or a.wait_until <= $2::timestamptz
	returning failures, wait_until`

const sqlResting = `select wait_until from access.attempt where login = $1 and wait_until > $2`

// Begin counts an attempt to sign in. It answers the number of failures in a row should this one fail too, and until when
// the login would then rest (nil for not at all); allowed is false while it rests.
func Begin(ctx context.Context, q pgdb.Querier, login string, now time.Time) (failures int, until *time.Time, allowed bool, err error) {
	err = q.QueryRow(ctx, sqlBegin, login, now).Scan(&failures, &until)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = q.QueryRow(ctx, sqlResting, login, now).Scan(&until); errors.Is(err, pgx.ErrNoRows) {
			until, err = &now, nil // the rest has just ended
		}
		if err == nil {
			return 0, until, false, nil
		}
	}
	if err != nil {
		return 0, nil, false, fmt.Errorf("accessdb: count the attempt: %w", err)
	}
	return failures, until, true, nil
}

const (
	sqlForget    = `delete from access.attempt where login = $1`
	sqlForgetOld = `delete from access.attempt where at < $1::timestamptz - interval '2 days'`
	sqlSignedIn  = `update access.account set signed_in_at = $2 where id = $1`
)

// Forget takes the failures of a login back.
func Forget(ctx context.Context, q pgdb.Querier, login string) error {
	if _, err := q.Exec(ctx, sqlForget, login); err != nil {
		return fmt.Errorf("accessdb: forget failures: %w", err)
	}
	return nil
}

// ForgetOld removes the failures of all logins that nobody has tried for two days.
func ForgetOld(ctx context.Context, q pgdb.Querier, now time.Time) error {
	if _, err := q.Exec(ctx, sqlForgetOld, now); err != nil {
		return fmt.Errorf("accessdb: forget old failures: %w", err)
	}
	return nil
}

// SignedIn notes when an account last signed in.
func SignedIn(ctx context.Context, q pgdb.Querier, id access.ID, now time.Time) error {
	if _, err := q.Exec(ctx, sqlSignedIn, id, now); err != nil {
		return fmt.Errorf("accessdb: note the sign-in: %w", err)
	}
	return nil
}
