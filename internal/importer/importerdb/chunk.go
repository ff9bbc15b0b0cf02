package importerdb

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// chunkBytes is the size of a stored piece of a file.
const chunkBytes = 1 << 20

// PutFile stores the content of an upload in pieces.
func PutFile(ctx context.Context, q pgdb.Querier, id int64, r io.Reader) error {
	buf := make([]byte, chunkBytes)
	no := int32(0)
	source := pgx.CopyFromFunc(func() ([]any, error) {
		n, err := io.ReadFull(r, buf)
		if n == 0 {
			if err == io.EOF {
				err = nil
			}
			return nil, err
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		no++
		return []any{id, no, buf[:n]}, nil
	})
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"importer", "chunk"}, []string{"upload_id", "no", "data"}, source); err != nil {
		return fmt.Errorf("importerdb: store the file of upload %d: %w", id, err)
	}
	return nil
}

const sqlFile = `select data from importer.chunk where upload_id = $1 order by no`

// GetFile writes the content of an upload to w, piece by piece, and gives its size; ErrNone when it is no longer there.
func GetFile(ctx context.Context, q pgdb.Querier, id int64, w io.Writer) (int64, error) {
	rows, err := q.Query(ctx, sqlFile, id)
	if err != nil {
		return 0, fmt.Errorf("importerdb: file of upload %d: %w", id, err)
	}
	var size int64
	var data []byte
	_, err = pgx.ForEachRow(rows, []any{&data}, func() error {
		n, err := w.Write(data)
		size += int64(n)
		return err
	})
	if err != nil {
		return size, fmt.Errorf("importerdb: file of upload %d: %w", id, err)
	}
	if size == 0 {
		return 0, fmt.Errorf("%w: the file of %d", ErrNone, id)
	}
	return size, nil
}
