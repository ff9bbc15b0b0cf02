package c2mdb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// FileKind says what a kept file is.
type FileKind string

// The kinds: the sheet of an order, an answer, a delivery note, a reply to the forecast, and an upload given back with its result column.
const (
	OrderFile     FileKind = "order"
	AnswerFile    FileKind = "answer"
	ASNFile       FileKind = "asn"
	ForecastFile  FileKind = "forecast"
	AnnotatedFile FileKind = "annotated"
)

// File is a kept file. Content is nil in lists.
type File struct {
	ID         int64
	Kind       FileKind
	SupplierID catalog.SupplierID
	Name       string
	MIME       string
	Size       int
	Content    []byte
	At         time.Time
	ByID       int64
	ByName     string
}

const sqlInsertFile = `insert into c2m.file (kind, supplier_id, name, mime, size, sha256, content, at, by_id, by_name)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`

// InsertFile keeps a file and gives it its id.
func InsertFile(ctx context.Context, tx pgx.Tx, f *File) error {
	f.Size = len(f.Content)
	sum := sha256.Sum256(f.Content)
	err := tx.QueryRow(ctx, sqlInsertFile, f.Kind, f.SupplierID, f.Name, f.MIME, f.Size, sum[:], f.Content, f.At, f.ByID, f.ByName).Scan(&f.ID)
	return wrap(err, "c2mdb: keep "+f.Name)
}

const fileColumns = `f.id, f.kind, f.supplier_id, f.name, f.mime, f.size, f.at, f.by_id, f.by_name`

const sqlFile = `select ` + fileColumns + `, f.content from c2m.file f where f.id = $1`

// ReadFile gives a kept file with its content. c2m.ErrUnknown when there is none.
func ReadFile(ctx context.Context, q pgdb.Querier, id int64) (File, error) {
	return oneFile(ctx, q, fmt.Sprintf("file %d", id), sqlFile, id)
}

const sqlOrderSheet = `select ` + fileColumns + `, f.content from c2m.order_sheet s join c2m.file f on f.id = s.file_id
	where s.order_id = $1 and s.version = $2 and s.language = $3`

// OrderSheet gives the sheet of a version in a language. c2m.ErrUnknown when none was made yet.
func OrderSheet(ctx context.Context, q pgdb.Querier, id c2m.OrderID, version int, language string) (File, error) {
	return oneFile(ctx, q, fmt.Sprintf("sheet %d of order %d", version, id), sqlOrderSheet, id, version, language)
}

func oneFile(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) (File, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return File{}, fmt.Errorf("c2mdb: %s: %w", what, err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[File])
	if errors.Is(err, pgx.ErrNoRows) {
		return File{}, fmt.Errorf("%w: %s", c2m.ErrUnknown, what)
	}
	return f, wrap(err, "c2mdb: "+what)
}

const sqlKeepOrderSheet = `insert into c2m.order_sheet (order_id, version, language, file_id) values ($1, $2, $3, $4)
	on conflict do nothing`

// KeepOrderSheet notes that the file is the sheet of a version in a language. It tells whether it was the first; when it was not, the
// earlier sheet stays the one.
func KeepOrderSheet(ctx context.Context, tx pgx.Tx, id c2m.OrderID, version int, language string, file int64) (bool, error) {
	tag, err := tx.Exec(ctx, sqlKeepOrderSheet, id, version, language, file)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "c2mdb: keep the sheet")
}

// Outcome says what became of an upload.
type Outcome string

// The outcomes: its content was taken, it said the same as an earlier one, or it was refused whole.
const (
	Taken    Outcome = "taken"
	Repeated Outcome = "repeated"
	Refused  Outcome = "refused"
)

// UploadProblem is something wrong with a sheet that came in, where it stands and what to do.
type UploadProblem struct {
	Sheet  string       `json:"sheet,omitempty"`
	Row    int          `json:"row,omitempty"`    // as the supplier counts: the first is 1; 0 for the whole file
	Cell   string       `json:"cell,omitempty"`   // "E5"
	Header string       `json:"header,omitempty"` // of the column
	Value  string       `json:"value,omitempty"`  // what stands in the cell
	Reason catalog.Name `json:"reason"`
	Remedy catalog.Name `json:"remedy"`
}

// Upload is a sheet that came in.
type Upload struct {
	ID          int64
	SupplierID  catalog.SupplierID
	Kind        FileKind // AnswerFile, ASNFile or ForecastFile
	Outcome     Outcome
	Name        string
	FileID      *int64
	AnnotatedID *int64
	RowCount    int
	Problems    []UploadProblem
	Orders      []int64
	ASNs        []int64
	At          time.Time
	ByID        int64
	ByName      string
}

const sqlInsertUpload = `insert into c2m.upload (supplier_id, kind, outcome, name, file_id, annotated_id, row_count, problems, orders, asns, at, by_id, by_name)
	values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9::bigint[], '{}'), coalesce($10::bigint[], '{}'), $11, $12, $13) returning id`

// InsertUpload notes an upload and gives it its id.
func InsertUpload(ctx context.Context, tx pgx.Tx, u *Upload) error {
	if u.Problems == nil {
		u.Problems = []UploadProblem{}
	}
	err := tx.QueryRow(ctx, sqlInsertUpload, u.SupplierID, u.Kind, u.Outcome, u.Name, u.FileID, u.AnnotatedID, u.RowCount, u.Problems,
		u.Orders, u.ASNs, u.At, u.ByID, u.ByName).Scan(&u.ID)
	return wrap(err, "c2mdb: note the upload "+u.Name)
}

const uploadColumns = `id, supplier_id, kind, outcome, name, file_id, annotated_id, row_count, problems, orders, asns, at, by_id, by_name`

const sqlUploads = `select ` + uploadColumns + ` from c2m.upload where supplier_id = $1 and ($2::bigint = 0 or orders @> array[$2::bigint]) order by id desc limit $3`

// Uploads gives a supplier's last uploads, the newest first: of one order, or of all when order is 0.
func Uploads(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, order c2m.OrderID, limit int) ([]Upload, error) {
	rows, err := q.Query(ctx, sqlUploads, supplier, order, limit)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: uploads: %w", err)
	}
	us, err := pgx.CollectRows(rows, pgx.RowToStructByName[Upload])
	return us, wrap(err, "c2mdb: uploads")
}

const sqlUpload = `select ` + uploadColumns + ` from c2m.upload where id = $1`

// ReadUpload gives an upload. c2m.ErrUnknown when there is none.
func ReadUpload(ctx context.Context, q pgdb.Querier, id int64) (Upload, error) {
	rows, err := q.Query(ctx, sqlUpload, id)
	if err != nil {
		return Upload{}, fmt.Errorf("c2mdb: upload %d: %w", id, err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Upload])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, fmt.Errorf("%w: upload %d", c2m.ErrUnknown, id)
	}
	return u, wrap(err, fmt.Sprintf("c2mdb: upload %d", id))
}

const sqlAnswerFile = `select coalesce(a.file_id, 0) from c2m.factory_order o join c2m.answer a on a.id = o.answer_id where o.id = $1`

// AnswerFileID gives the sheet that the order's current answer came in, 0 when it came by a form or there is no answer.
func AnswerFileID(ctx context.Context, q pgdb.Querier, id c2m.OrderID) (int64, error) {
	var file int64
	err := q.QueryRow(ctx, sqlAnswerFile, id).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return file, wrap(err, "c2mdb: sheet of the answer")
}
