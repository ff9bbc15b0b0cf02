package accessdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

const sqlNames = `select id, name from access.account where id = any($1::bigint[])`

// Names gives the names of accounts by id.
func Names(ctx context.Context, q pgdb.Querier, ids []access.ID) (map[access.ID]string, error) {
	rows, err := q.Query(ctx, sqlNames, ids)
	if err != nil {
		return nil, fmt.Errorf("accessdb: names: %w", err)
	}
	type named struct {
		ID   access.ID
		Name string
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[named])
	if err != nil {
		return nil, fmt.Errorf("accessdb: names: %w", err)
	}
	out := make(map[access.ID]string, len(list))
	for _, n := range list {
		out[n.ID] = n.Name
	}
	return out, nil
}
