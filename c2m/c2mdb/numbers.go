package c2mdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/pgdb"
)

const sqlNumbers = `select id, number from c2m.factory_order where id = any($1::bigint[])`

// Numbers gives the numbers of orders by id. Ids without an order are left out.
func Numbers(ctx context.Context, q pgdb.Querier, ids []c2m.OrderID) (map[c2m.OrderID]string, error) {
	rows, err := q.Query(ctx, sqlNumbers, column(ids, func(id c2m.OrderID) int64 { return int64(id) }))
	if err != nil {
		return nil, fmt.Errorf("c2mdb: numbers: %w", err)
	}
	type numbered struct {
		ID     c2m.OrderID
		Number string
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[numbered])
	out := make(map[c2m.OrderID]string, len(list))
	for _, n := range list {
		out[n.ID] = n.Number
	}
	return out, wrap(err, "c2mdb: numbers")
}
