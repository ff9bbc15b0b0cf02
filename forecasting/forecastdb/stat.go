package forecastdb

import (
	"context"
	"fmt"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// The demand list of a run: a row for each SKU and site with a forecast, and one for each SKU of the catalog over all
// sites (site 0), those without a forecast included. Filled before it is attached, so that its indexes are built at
// once. A SKU has the class of its largest series.
const ddlStatFill = `insert into forecast.sku_stat_%[1]d (run_id, site_id, sku_id, category_id, series, class,
		sold_28, sold_before_28, sold_out_28, forecast_28, growth, heat)
	with hot as (
		select t.sku_id, max(s.ratio) as heat from catalog.topic_sku t join forecast.topic_stat s using (topic_id)
		join catalog.topic c on c.id = t.topic_id where c.kind = 'demand' group by 1),
	sums as (
		select coalesce(r.site_id, 0) as site_id, sku_id, count(*) as series, (array_agg(class order by sum_28 desc))[1] as class,
			sum(sold_28) as sold_28, sum(sold_before_28) as sold_before_28, sum(sold_out_28) as sold_out_28,
			sum(sum_28 * case when final then 1 else coalesce(l.factor[1], 1) end) as forecast_28
		from forecast.result r left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.run_id = %[1]d group by grouping sets ((sku_id, r.site_id), (sku_id))),
	whole as (
		select * from sums
		union all select 0, k.id, 0, 'new', 0, 0, 0, 0 from catalog.sku k
		where k.retired is null and not exists (select from forecast.result r where r.run_id = %[1]d and r.sku_id = k.id))
	select %[1]d, w.site_id, w.sku_id, k.category_id, w.series, w.class, w.sold_28, w.sold_before_28, w.sold_out_28, w.forecast_28,
		case when w.sold_28 > 0 then w.forecast_28 / w.sold_28 else 1 end, coalesce(h.heat, 0)
	from whole w join catalog.sku k on k.id = w.sku_id left join hot h on h.sku_id = w.sku_id`

// BuildStats makes the demand list of a run. q must be a transaction that holds the run.
func BuildStats(ctx context.Context, q pgdb.Querier, run int64) error {
	there, _, err := partition(ctx, q, "sku_stat", run)
	if err != nil || there {
		return err
	}
	for _, ddl := range []string{ddlDropStat, ddlStatCreate, ddlStatFill, ddlStatAttach, ddlStatAnalyze} {
		if _, err := q.Exec(ctx, fmt.Sprintf(ddl, run)); err != nil {
			return fmt.Errorf("demand list of run %d: %w", run, err)
		}
	}
	return nil
}

const (
	ddlDropStat    = `drop table if exists forecast.sku_stat_%d`
	ddlStatAnalyze = `analyze forecast.sku_stat_%d`
)

// A refresh changes what is forecast, the heat and the class; what was sold stays that of the run.
const sqlStatsRefresh = `with hot as (
		select t.sku_id, max(s.ratio) as heat from catalog.topic_sku t join forecast.topic_stat s using (topic_id)
		join catalog.topic c on c.id = t.topic_id where c.kind = 'demand' and t.sku_id = any($2) group by 1),
	sums as (
		select coalesce(r.site_id, 0) as site_id, sku_id, count(*) as series, (array_agg(class order by sum_28 desc))[1] as class,
			sum(sold_28) as sold_28, sum(sold_before_28) as sold_before_28, sum(sold_out_28) as sold_out_28,
			sum(sum_28 * case when final then 1 else coalesce(l.factor[1], 1) end) as forecast_28
		from forecast.result r left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.run_id = $1 and sku_id = any($2) group by grouping sets ((sku_id, r.site_id), (sku_id)))
	insert into forecast.sku_stat as t (run_id, site_id, sku_id, category_id, series, class,
		sold_28, sold_before_28, sold_out_28, forecast_28, growth, heat)
	select $1, w.site_id, w.sku_id, k.category_id, w.series, w.class, w.sold_28, w.sold_before_28, w.sold_out_28, w.forecast_28,
		case when w.sold_28 > 0 then w.forecast_28 / w.sold_28 else 1 end, coalesce(h.heat, 0)
	from sums w join catalog.sku k on k.id = w.sku_id left join hot h on h.sku_id = w.sku_id
	order by w.site_id, w.sku_id
	on conflict (run_id, site_id, sku_id) do update set series = excluded.series, class = excluded.class, sold_28 = excluded.sold_28,
		sold_before_28 = excluded.sold_before_28, sold_out_28 = excluded.sold_out_28, forecast_28 = excluded.forecast_28,
		growth = excluded.growth, heat = excluded.heat`

// RefreshStats works the demand list of a run out anew for some SKUs.
func RefreshStats(ctx context.Context, q pgdb.Querier, run int64, skus []catalog.SKUID) error {
	if _, err := q.Exec(ctx, sqlStatsRefresh, run, skus); err != nil {
		return fmt.Errorf("demand list of run %d: %w", run, err)
	}
	return nil
}

const sqlCompare = `with old as (
		select sku_id, r.site_id, (select coalesce(sum(v), 0) from unnest(mean[$3 + 1 : $3 + 28]) v)
			* case when final then 1 else coalesce(l.factor[1 + $3 / 28], 1) end as sum_28
		from forecast.result r left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.run_id = $2),
	new as (
		select sku_id, r.site_id, sum_28 * case when final then 1 else coalesce(l.factor[1], 1) end as sum_28, sold_28
		from forecast.result r left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.run_id = $1)
	select count(n.sku_id)::int, count(*) filter (where o.sku_id is null)::int, count(*) filter (where n.sku_id is null)::int,
		count(*) filter (where n.sum_28 = 0 and n.sold_28 > 0)::int,
		coalesce(sum(n.sum_28) filter (where o.sku_id is not null), 0)::float8,
		coalesce(sum(o.sum_28) filter (where n.sku_id is not null), 0)::float8,
		count(*) filter (where abs(n.sum_28 - o.sum_28) > greatest(0.5 * o.sum_28, 5))::int
	from new n full join old o using (sku_id, site_id)`

const sqlProblemCount = `select count(*)::int from forecast.problem where run_id = $1`

// Compare holds a run against an earlier one over the first 28 days of the new run. With no earlier run (the zero Run)
// everything is new.
func Compare(ctx context.Context, q pgdb.Querier, run, before forecasting.Run) (forecasting.RunSummary, error) {
	s := forecasting.RunSummary{Previous: before.ID}
	later := min(max(run.Origin.Sub(before.Origin), 0), before.Horizon)
	err := q.QueryRow(ctx, sqlCompare, run.ID, before.ID, later).
		Scan(&s.Series, &s.New, &s.Gone, &s.Empty, &s.Sum, &s.SumBefore, &s.Jumped)
	if err != nil {
		return s, fmt.Errorf("compare run %d with %d: %w", run.ID, before.ID, err)
	}
	if err := q.QueryRow(ctx, sqlProblemCount, run.ID).Scan(&s.Problems); err != nil {
		return s, fmt.Errorf("problems of run %d: %w", run.ID, err)
	}
	return s, nil
}
