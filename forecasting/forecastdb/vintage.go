package forecastdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Vintage is a forecast made in the past, kept for measuring: its first days from Origin on.
type Vintage struct {
	forecasting.Key
	Origin calendar.Day
	// Backtest is true when it was not in force at its time but worked out later from what was known then.
	Backtest       bool
	Mean, Q10, Q90 []float32
}

// VintageDays is how many days of a forecast are kept.
const VintageDays = 28

const sqlVintagesColumns = `select sku_id as sku, site_id as site, origin, backtest, mean, q10, q90 from forecast.vintage `

const (
	sqlVintages   = sqlVintagesColumns + `where sku_id between $1 and $2 and origin >= $3 order by 1, 2, 3`
	sqlVintagesOf = sqlVintagesColumns + `where sku_id = any($1) and origin >= $2 order by 1, 2, 3`
)

// Vintages gives the kept forecasts of a span with an origin on or after a day, by series, the oldest first.
func Vintages(ctx context.Context, q pgdb.Querier, span Span, from calendar.Day) (map[forecasting.Key][]Vintage, error) {
	rows, err := span.query(ctx, q, sqlVintages, sqlVintagesOf, from)
	if err != nil {
		return nil, fmt.Errorf("past forecasts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Vintage])
	if err != nil {
		return nil, fmt.Errorf("past forecasts: %w", err)
	}
	m := map[forecasting.Key][]Vintage{}
	for _, v := range list {
		m[v.Key] = append(m[v.Key], v)
	}
	return m, nil
}

const sqlVintageStage = `create temp table if not exists vintage_stage (like forecast.vintage) on commit drop`

const sqlVintageStageClear = `truncate vintage_stage`

const sqlVintageMerge = `insert into forecast.vintage select * from vintage_stage on conflict (sku_id, site_id, origin) do update
	set backtest = excluded.backtest, mean = excluded.mean, q10 = excluded.q10, q90 = excluded.q90`

const sqlVintagesOld = `delete from forecast.vintage where sku_id between $1 and $2 and origin < $3`

// SaveVintages keeps forecasts and drops those of the shard's SKUs with an origin before a day. q must be a transaction.
func (s Shard) SaveVintages(ctx context.Context, q pgdb.Querier, list []Vintage, before calendar.Day) error {
	for _, sql := range []string{sqlVintageStage, sqlVintageStageClear} {
		if _, err := q.Exec(ctx, sql); err != nil {
			return fmt.Errorf("keep forecasts: %w", err)
		}
	}
	rows := pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		v := &list[i]
		return []any{int32(v.SKU), int32(v.Site), v.Origin.Time(), v.Backtest, v.Mean, v.Q10, v.Q90}, nil
	})
	columns := []string{"sku_id", "site_id", "origin", "backtest", "mean", "q10", "q90"}
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"vintage_stage"}, columns, rows); err != nil {
		return fmt.Errorf("keep forecasts: %w", err)
	}
	if _, err := q.Exec(ctx, sqlVintageMerge); err != nil {
		return fmt.Errorf("keep forecasts: %w", err)
	}
	if _, err := q.Exec(ctx, sqlVintagesOld, s.From, s.To, before); err != nil {
		return fmt.Errorf("drop old forecasts: %w", err)
	}
	return nil
}

const sqlTallySave = `update forecast.shard set tally = $4 where run_id = $1 and phase = $2 and no = $3`

// SaveTally stores what a scoring shard has measured.
func (s Shard) SaveTally(ctx context.Context, q pgdb.Querier, tally any) error {
	if _, err := q.Exec(ctx, sqlTallySave, s.Run, s.Phase, s.No, tally); err != nil {
		return fmt.Errorf("tally of shard %d of run %d: %w", s.No, s.Run, err)
	}
	return nil
}

const sqlTallies = `select tally from forecast.shard where run_id = $1 and phase = 'score' and tally is not null order by no`

// Tallies gives what the scoring shards of a run have measured.
func Tallies[T any](ctx context.Context, q pgdb.Querier, run int64) ([]T, error) {
	rows, err := q.Query(ctx, sqlTallies, run)
	if err != nil {
		return nil, fmt.Errorf("tallies of run %d: %w", run, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t T, err error) {
		var text []byte
		if err = row.Scan(&text); err == nil {
			err = json.Unmarshal(text, &t)
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("tallies of run %d: %w", run, err)
	}
	return list, nil
}

const sqlPriorPut = `insert into forecast.prior (run_id, category_id, prior) values ($1, $2, $3)
	on conflict (run_id, category_id) do update set prior = excluded.prior`

// SavePrior stores what the series of a category have in common, as JSON; category 0 stands for the whole house.
func SavePrior(ctx context.Context, q pgdb.Querier, run int64, category catalog.CategoryID, prior json.RawMessage) error {
	if _, err := q.Exec(ctx, sqlPriorPut, run, category, prior); err != nil {
		return fmt.Errorf("prior of category %d: %w", category, err)
	}
	return nil
}

const sqlPriors = `select category_id, prior from forecast.prior where run_id = $1`

// Priors gives what SavePrior has stored for a run, by category.
func Priors(ctx context.Context, q pgdb.Querier, run int64) (map[catalog.CategoryID]json.RawMessage, error) {
	rows, err := q.Query(ctx, sqlPriors, run)
	if err != nil {
		return nil, fmt.Errorf("priors of run %d: %w", run, err)
	}
	m := map[catalog.CategoryID]json.RawMessage{}
	var id catalog.CategoryID
	var text []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error { m[id] = append(json.RawMessage(nil), text...); return nil }); err != nil {
		return nil, fmt.Errorf("priors of run %d: %w", run, err)
	}
	return m, nil
}

const sqlSample = `select sku_id as sku, site_id as site from (
		select r.sku_id, r.site_id, row_number() over (partition by r.category_id order by hashint4(r.sku_id * 31 + r.site_id), r.sku_id, r.site_id) as n
		from forecast.series r where r.category_id = $1 and r.first_day < $2::date - 200 and r.last_day >= $2::date - 60) s
	where n <= $3 order by 1, 2`

// Sample gives series of a category with half a year of history, spread evenly over them and always the same ones.
func Sample(ctx context.Context, q pgdb.Querier, category catalog.CategoryID, day calendar.Day, limit int) ([]forecasting.Key, error) {
	rows, err := q.Query(ctx, sqlSample, category, day, limit)
	if err != nil {
		return nil, fmt.Errorf("sample of category %d: %w", category, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.Key])
	if err != nil {
		return nil, fmt.Errorf("sample of category %d: %w", category, err)
	}
	return list, nil
}

const sqlSeriesCategories = `select distinct category_id from forecast.series order by 1`

// SeriesCategories gives the categories that have sales.
func SeriesCategories(ctx context.Context, q pgdb.Querier) ([]catalog.CategoryID, error) {
	rows, err := q.Query(ctx, sqlSeriesCategories)
	if err != nil {
		return nil, fmt.Errorf("categories with sales: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.CategoryID])
	if err != nil {
		return nil, fmt.Errorf("categories with sales: %w", err)
	}
	return list, nil
}
