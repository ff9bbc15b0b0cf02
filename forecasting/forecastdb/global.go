package forecastdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
)

const sqlGlobalPut = `insert into forecast.global (run_id, series, seconds, lessons, model) values ($1, $2, $3, $4, $5)
	on conflict (run_id) do update set series = excluded.series, seconds = excluded.seconds, lessons = excluded.lessons, model = excluded.model`

// SaveGlobal stores what was learnt over many series for a run: the bytes of the model (empty for none) and what is shown of it.
func SaveGlobal(ctx context.Context, q pgdb.Querier, run int64, note forecasting.GlobalNote, model []byte) error {
	if model == nil {
		model = []byte{}
	}
	lessons, err := json.Marshal(note.Lessons)
	if err != nil {
		return fmt.Errorf("global model of run %d: %w", run, err)
	}
	if _, err := q.Exec(ctx, sqlGlobalPut, run, note.Series, note.Seconds, lessons, model); err != nil {
		return fmt.Errorf("global model of run %d: %w", run, err)
	}
	return nil
}

const sqlGlobalModel = `select model from forecast.global where run_id = $1`

// GlobalModel gives the bytes that SaveGlobal has stored for a run; false when it has stored none, nil bytes when there was nothing
// to learn.
func GlobalModel(ctx context.Context, q pgdb.Querier, run int64) (model []byte, done bool, err error) {
	err = q.QueryRow(ctx, sqlGlobalModel, run).Scan(&model)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("global model of run %d: %w", run, err)
	}
	return model, true, nil
}

const sqlGlobalNote = `select series, seconds, octet_length(model), lessons from forecast.global where run_id = $1`

// GlobalNote gives what is shown of the global model of a run; nil when there is none.
func GlobalNote(ctx context.Context, q pgdb.Querier, run int64) (*forecasting.GlobalNote, error) {
	var n forecasting.GlobalNote
	var lessons []byte
	err := q.QueryRow(ctx, sqlGlobalNote, run).Scan(&n.Series, &n.Seconds, &n.Bytes, &lessons)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(lessons, &n.Lessons)
	}
	if err != nil {
		return nil, fmt.Errorf("global model of run %d: %w", run, err)
	}
	return &n, nil
}

const sqlPanel = `select sku_id as sku, site_id as site from forecast.series
	where first_day < $1::date - 200 and last_day >= $1::date - 60
	order by hashint8(sku_id * 4096::bigint + site_id), sku_id, site_id limit $2`

// Panel gives series with half a year of history from everywhere in the house, always the same ones.
func Panel(ctx context.Context, q pgdb.Querier, day calendar.Day, limit int) ([]forecasting.Key, error) {
	rows, err := q.Query(ctx, sqlPanel, day, limit)
	if err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.Key])
	if err != nil {
		return nil, fmt.Errorf("panel: %w", err)
	}
	return list, nil
}
