package forecastdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Lifts say what the forecasts of each site and top category are multiplied by so that they agree with those of the totals.
type Lifts map[TotalKey]forecasting.Lift

var liftColumns = []string{"run_id", "site_id", "category_id", "factor", "bottom", "top", "agreed"}

const sqlLiftClear = `delete from forecast.lift where run_id = $1`

// SaveLifts replaces the lifts of a run. q must be a transaction.
func SaveLifts(ctx context.Context, q pgdb.Querier, run int64, lifts Lifts) error {
	if _, err := q.Exec(ctx, sqlLiftClear, run); err != nil {
		return fmt.Errorf("lifts of run %d: %w", run, err)
	}
	var rows [][]any
	for k, l := range lifts {
		rows = append(rows, []any{run, int32(k.Site), int32(k.Category), l.Factor, l.Bottom, l.Top, l.Agreed})
	}
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"forecast", "lift"}, liftColumns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("lifts of run %d: %w", run, err)
	}
	return nil
}

const sqlLifts = `select site_id, category_id, factor, bottom, top, agreed from forecast.lift where run_id = $1`

// LiftsOf gives the lifts of a run.
func LiftsOf(ctx context.Context, q pgdb.Querier, run int64) (Lifts, error) {
	rows, err := q.Query(ctx, sqlLifts, run)
	if err != nil {
		return nil, fmt.Errorf("lifts of run %d: %w", run, err)
	}
	lifts := Lifts{}
	var k TotalKey
	var l forecasting.Lift
	if _, err := pgx.ForEachRow(rows, []any{&k.Site, &k.Category, &l.Factor, &l.Bottom, &l.Top, &l.Agreed}, func() error {
		lifts[k] = l
		l.Factor = nil
		return nil
	}); err != nil {
		return nil, fmt.Errorf("lifts of run %d: %w", run, err)
	}
	return lifts, nil
}

// Lifted gives the result as it is in force: multiplied by the factors of its site and top category.
func (r Result) Lifted(factor []float32) Result {
	if !r.Final && len(factor) > 0 {
		before := r.Forecast
		r.Forecast = before.Scaled(func(i int) float64 { return float64(factor[min(i/forecasting.BlockDays, len(factor)-1)]) })
		r.Forecast = r.Forecast.Step(forecasting.StepReconcile, before, 0, "")
	}
	r.Final = true
	return r
}

// TopDay is what a site has sold of a top category on a day.
type TopDay struct {
	TotalKey
	Day    calendar.Day
	Pieces int64
}

const sqlTopDays = `with recursive tree (id, top) as (
		select id, id from catalog.category where parent_id is null
		union all select c.id, t.top from catalog.category c join tree t on c.parent_id = t.id)
	select t.site_id, tree.top, (t.day - date '1970-01-01')::int4, sum(t.pieces)::bigint
	from forecast.sale_total t join tree on tree.id = t.category_id where t.day >= $1 and t.day < $2 group by 1, 2, 3 order by 1, 2, 3`

// TopDays gives the sales of each site and top category from a day up to but without another, in that order.
func TopDays(ctx context.Context, q pgdb.Querier, from, to calendar.Day) ([]TopDay, error) {
	rows, err := q.Query(ctx, sqlTopDays, from, to)
	if err != nil {
		return nil, fmt.Errorf("sales of the top categories: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d TopDay, err error) {
		var site, top, day int32
		err = row.Scan(&site, &top, &day, &d.Pieces)
		d.TotalKey = TotalKey{catalog.SiteID(site), catalog.CategoryID(top)}
		d.Day = calendar.Day(day)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("sales of the top categories: %w", err)
	}
	return list, nil
}
