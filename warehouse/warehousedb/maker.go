package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

const (
	sqlAddMaker = `insert into warehouse.maker (account_id, day) values ($1, $2::date) on conflict (account_id, day) do nothing`
	sqlMakerOf  = `select id from warehouse.maker where account_id = $1 and day = $2::date`
	sqlMaker    = `select account_id from warehouse.maker where id = $1 and day >= $2::date`
)

// MakerOf gives the sign by which commands that an account makes on a day name it.
func MakerOf(ctx context.Context, q pgdb.Querier, id access.ID, day time.Time) (sign uuid.UUID, err error) {
	if _, err = q.Exec(ctx, sqlAddMaker, int64(id), day); err == nil {
		err = q.QueryRow(ctx, sqlMakerOf, int64(id), day).Scan(&sign)
	}
	if err != nil {
		err = fmt.Errorf("warehousedb: sign of account %d: %w", id, err)
	}
	return sign, err
}

// Maker gives the account of a sign that was given on a day or later, 0 for none.
func Maker(ctx context.Context, q pgdb.Querier, sign uuid.UUID, since time.Time) (id access.ID, err error) {
	err = q.QueryRow(ctx, sqlMaker, sign, since).Scan((*int64)(&id))
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		err = fmt.Errorf("warehousedb: account of a sign: %w", err)
	}
	return id, err
}
