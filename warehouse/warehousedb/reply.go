package warehousedb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

const sqlSaveReply = `insert into warehouse.reply (operation_id, verb, body) values ($1, $2, $3)`

// SaveReply keeps the answer of a command for when it comes again.
func SaveReply(ctx context.Context, tx pgx.Tx, op uuid.UUID, verb string, body any) error {
	text, err := json.Marshal(body)
	if err == nil {
		_, err = tx.Exec(ctx, sqlSaveReply, op, verb, text)
	}
	if err != nil {
		return fmt.Errorf("warehousedb: keep the answer of %s: %w", verb, err)
	}
	return nil
}

const sqlReply = `select verb, body from warehouse.reply where operation_id = $1`

// Reply reads the answer of a command that was done before into body. warehouse.ErrOtherCommand when another verb was done under the id.
func Reply(ctx context.Context, q pgdb.Querier, op uuid.UUID, verb string, body any) error {
	var was string
	var text []byte
	err := q.QueryRow(ctx, sqlReply, op).Scan(&was, &text)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && was != verb:
		return fmt.Errorf("%w: %s", warehouse.ErrOtherCommand, op)
	case err != nil:
		return fmt.Errorf("warehousedb: answer of %s: %w", op, err)
	}
	return json.Unmarshal(text, body)
}

// datedLot is a lot as queries give it.
type datedLot struct {
	Lot      string
	Produced *calendar.Day
	Expiry   *calendar.Day
}

func (l datedLot) lot() warehouse.Lot {
	return warehouse.Lot{Code: l.Lot, Produced: l.Produced, Expiry: l.Expiry}
}
