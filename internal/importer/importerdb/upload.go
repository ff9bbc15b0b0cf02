package importerdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// ErrNone is the answer to an id that no upload has.
var ErrNone = errors.New("importerdb: no such upload")

// Upload is a row of importer.upload.
type Upload struct {
	ID            int64
	Kind          string
	Name          string
	Size          int64
	SHA256        []byte `db:"sha256"`
	AccountID     *int64
	Actor         string
	UploadedAt    time.Time
	State         string
	Epoch         int
	Worksheet     string
	IncludeHidden bool
	Progress      float64
	Layout        json.RawMessage
	Refusal       json.RawMessage
	Reasons       json.RawMessage
	Total         int
	Good          int
	Mended        int
	Bad           int
	Skipped       int
	Inserted      int
	Changed       int
	Unchanged     int
	Fault         string
	CheckedAt     *time.Time
	DeciderID     *int64
	DecidedBy     string
	FinishedAt    *time.Time
	PurgedAt      *time.Time
}

const uploadFields = `id, kind, name, size, sha256, account_id, actor, uploaded_at, state, epoch, worksheet, include_hidden,
	progress::float8 as progress, layout, refusal, reasons, total, good, mended, bad, skipped, inserted, changed, unchanged, fault,
	checked_at, decider_id, decided_by, finished_at, purged_at from importer.upload`

const sqlInsert = `insert into importer.upload (kind, name, size, sha256, account_id, actor, uploaded_at, worksheet, include_hidden)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`

// Insert stores a new upload, waiting for its check, and gives its id.
func Insert(ctx context.Context, q pgdb.Querier, u Upload) (id int64, err error) {
	err = q.QueryRow(ctx, sqlInsert, u.Kind, u.Name, u.Size, u.SHA256, u.AccountID, u.Actor, u.UploadedAt, u.Worksheet, u.IncludeHidden).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("importerdb: store the upload: %w", err)
	}
	return id, nil
}

const sqlGet = `select ` + uploadFields + ` where id = $1`

// Get gives an upload, ErrNone when there is none.
func Get(ctx context.Context, q pgdb.Querier, id int64) (Upload, error) {
	return one(ctx, q, sqlGet, id)
}

const sqlLock = `select ` + uploadFields + ` where id = $1 for update`

// Lock gives an upload and holds it to the end of the transaction.
func Lock(ctx context.Context, q pgdb.Querier, id int64) (Upload, error) {
	return one(ctx, q, sqlLock, id)
}

func one(ctx context.Context, q pgdb.Querier, sql string, id int64) (Upload, error) {
	rows, err := q.Query(ctx, sql, id)
	if err != nil {
		return Upload{}, fmt.Errorf("importerdb: upload %d: %w", id, err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Upload])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, fmt.Errorf("%w: %d", ErrNone, id)
	}
	if err != nil {
		return u, fmt.Errorf("importerdb: upload %d: %w", id, err)
	}
	return u, nil
}

const sqlList = `select ` + uploadFields + `
	where ($1::text[] is null or kind = any($1)) and ($2::bigint is null or account_id = $2) and ($3::bigint = 0 or id < $3)
	order by id desc limit $4`

// List gives uploads of the kinds (nil for all) and of one account (nil for all) below the id before (0 for the newest).
func List(ctx context.Context, q pgdb.Querier, kinds []string, account *int64, before int64, limit int) ([]Upload, error) {
	rows, err := q.Query(ctx, sqlList, kinds, account, before, limit)
	if err != nil {
		return nil, fmt.Errorf("importerdb: list: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Upload])
	if err != nil {
		return nil, fmt.Errorf("importerdb: list: %w", err)
	}
	return list, nil
}

const sqlTwin = `select ` + uploadFields + ` where sha256 = $1 and kind = $2 and state = 'done' and id < $3 order by id desc limit 1`

// Twin gives the last import of the same content before the upload id, nil if there is none.
func Twin(ctx context.Context, q pgdb.Querier, sha []byte, kind string, id int64) (*Upload, error) {
	rows, err := q.Query(ctx, sqlTwin, sha, kind, id)
	if err != nil {
		return nil, fmt.Errorf("importerdb: same content: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Upload])
	if err != nil {
		return nil, fmt.Errorf("importerdb: same content: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}

const sqlSave = `update importer.upload set state = $2, epoch = $3, worksheet = $4, include_hidden = $5, progress = $6, layout = $7,
	refusal = $8, reasons = $9, total = $10, good = $11, mended = $12, bad = $13, skipped = $14, inserted = $15, changed = $16,
	unchanged = $17, fault = $18, checked_at = $19, decider_id = $20, decided_by = $21, finished_at = $22 where id = $1`

// Save stores the state and the findings of an upload that is locked.
func Save(ctx context.Context, q pgdb.Querier, u Upload) error {
	_, err := q.Exec(ctx, sqlSave, u.ID, u.State, u.Epoch, u.Worksheet, u.IncludeHidden, u.Progress, nilIfEmpty(u.Layout), nilIfEmpty(u.Refusal),
		nilIfEmpty(u.Reasons), u.Total, u.Good, u.Mended, u.Bad, u.Skipped, u.Inserted, u.Changed, u.Unchanged, u.Fault, u.CheckedAt,
		u.DeciderID, u.DecidedBy, u.FinishedAt)
	if err != nil {
		return fmt.Errorf("importerdb: save upload %d: %w", u.ID, err)
	}
	return nil
}

func nilIfEmpty(b json.RawMessage) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

const sqlProgress = `update importer.upload set progress = least(1, greatest(0, $3::float8)) where id = $1 and epoch = $2 and state in ('checking', 'committing')`

// Progress notes how far a check or import has come, for the eyes of others: outside of the transaction that does it.
func Progress(ctx context.Context, q pgdb.Querier, id int64, epoch int, share float64) error {
	if _, err := q.Exec(ctx, sqlProgress, id, epoch, share); err != nil {
		return fmt.Errorf("importerdb: progress of upload %d: %w", id, err)
	}
	return nil
}

// holdClass is the class of the advisory locks of uploads.
const holdClass = 7_246_500

const sqlHold = `select pg_try_advisory_xact_lock($1, ($2::bigint % 2147483647)::int)`

// Hold makes sure, to the end of the transaction, that no other process checks or imports the upload. It does not wait:
// false means that another does. The row itself stays free, so that the progress can be seen.
func Hold(ctx context.Context, q pgdb.Querier, id int64) (held bool, err error) {
	if err := q.QueryRow(ctx, sqlHold, holdClass, id).Scan(&held); err != nil {
		return false, fmt.Errorf("importerdb: hold upload %d: %w", id, err)
	}
	return held, nil
}

const sqlPurge = `with old as (
		update importer.upload set purged_at = $2
		where id in (select id from importer.upload where purged_at is null and uploaded_at < $1
			and state not in ('checking', 'committing') order by id limit 200)
		returning id),
	chunks as (delete from importer.chunk c using old where c.upload_id = old.id),
	lines as (delete from importer.row r using old where r.upload_id = old.id)
	select count(*)::int from old`

// Purge takes the files and rows of old uploads out; what became of them stays. It answers how many there were, at most
// 200.
func Purge(ctx context.Context, q pgdb.Querier, before, now time.Time) (n int, err error) {
	if err := q.QueryRow(ctx, sqlPurge, before, now).Scan(&n); err != nil {
		return 0, fmt.Errorf("importerdb: purge: %w", err)
	}
	return n, nil
}
