package importerdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// Row is a row of the preview. Cells are what stands in the wanted columns, in the order of the layout.
type Row struct {
	No, LastNo int
	Status     string
	Skip       string
	Cells      []string
	Remarks    json.RawMessage
}

const sqlClearRows = `delete from importer.row where upload_id = $1`

// ClearRows takes the rows of an earlier check out.
func ClearRows(ctx context.Context, q pgdb.Querier, id int64) error {
	if _, err := q.Exec(ctx, sqlClearRows, id); err != nil {
		return fmt.Errorf("importerdb: rows of upload %d: %w", id, err)
	}
	return nil
}

// AddRows stores rows of the preview.
func AddRows(ctx context.Context, q pgdb.Querier, id int64, list []Row) error {
	source := pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		r := &list[i]
		if r.Cells == nil {
			r.Cells = []string{}
		}
		return []any{id, int32(r.No), int32(r.LastNo), r.Status, r.Skip, r.Cells, nilIfEmpty(r.Remarks)}, nil
	})
	columns := []string{"upload_id", "no", "last_no", "status", "skip", "cells", "remarks"}
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"importer", "row"}, columns, source); err != nil {
		return fmt.Errorf("importerdb: store rows of upload %d: %w", id, err)
	}
	return nil
}

const sqlRows = `select no, last_no, status, skip, cells, remarks from importer.row
	where upload_id = $1 and ($2 = '' or status = $2) and no > $3 order by no limit $4`

// Rows gives rows of the preview with a status (” for all) behind the row number after.
func Rows(ctx context.Context, q pgdb.Querier, id int64, status string, after, limit int) ([]Row, error) {
	rows, err := q.Query(ctx, sqlRows, id, status, after, limit)
	if err != nil {
		return nil, fmt.Errorf("importerdb: rows of upload %d: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("importerdb: rows of upload %d: %w", id, err)
	}
	return list, nil
}
