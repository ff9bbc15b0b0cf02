package forecastdb

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlCohorts = `select region, month, babies from forecast.cohort order by region, month`

// Cohorts gives the babies of all regions and months.
func Cohorts(ctx context.Context, q pgdb.Querier) ([]forecasting.Cohort, error) {
	rows, err := q.Query(ctx, sqlCohorts)
	if err != nil {
		return nil, fmt.Errorf("cohorts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.Cohort])
	if err != nil {
		return nil, fmt.Errorf("cohorts: %w", err)
	}
	return list, nil
}

const sqlCohortsMerge = `with fresh as (
		select distinct on (region, month) region, month, babies from unnest($1::text[], $2::int[], $3::float8[]) with ordinality as t(region, month, babies, ord)
		order by region, month, ord desc),
	put as (
		insert into forecast.cohort as old (region, month, babies) select region, month, babies from fresh
		on conflict (region, month) do update set babies = excluded.babies where old.babies <> excluded.babies
		returning xmax = 0 as added)
	select count(*) filter (where added)::int, count(*) filter (where not added)::int from put`

// MergeCohorts records babies by region and month; the same again changes nothing.
func MergeCohorts(ctx context.Context, q pgdb.Querier, list iter.Seq2[forecasting.Cohort, error]) (forecasting.Merged, error) {
	var m forecasting.Merged
	var regions []string
	var months []int32
	var babies []float64
	for c, err := range list {
		if err != nil {
			return m, err
		}
		regions, months, babies = append(regions, c.Region), append(months, int32(c.Month)), append(babies, c.Babies)
	}
	if err := q.QueryRow(ctx, sqlCohortsMerge, regions, months, babies).Scan(&m.Inserted, &m.Changed); err != nil {
		return m, fmt.Errorf("merge cohorts: %w", err)
	}
	m.Unchanged = len(regions) - m.Inserted - m.Changed
	return m, nil
}

const sqlStagesMerge = `with fresh as (
		select distinct on (sku_id) sku_id, from_month, to_month from unnest($1::int[], $2::int[], $3::int[]) with ordinality as t(sku_id, from_month, to_month, ord)
		order by sku_id, ord desc),
	put as (
		insert into forecast.sku_stage as old (sku_id, from_month, to_month) select sku_id, from_month, to_month from fresh
		on conflict (sku_id) do update set from_month = excluded.from_month, to_month = excluded.to_month
		where (old.from_month, old.to_month) <> (excluded.from_month, excluded.to_month)
		returning xmax = 0 as added)
	select count(*) filter (where added)::int, count(*) filter (where not added)::int from put`

// MergeStages records the months of age that SKUs are for; the same again changes nothing.
func MergeStages(ctx context.Context, q pgdb.Querier, list iter.Seq2[forecasting.SKUStage, error]) (forecasting.Merged, error) {
	var m forecasting.Merged
	var skus, from, to []int32
	for s, err := range list {
		if err != nil {
			return m, err
		}
		skus, from, to = append(skus, int32(s.SKU)), append(from, int32(s.From)), append(to, int32(s.To))
	}
	if err := q.QueryRow(ctx, sqlStagesMerge, skus, from, to).Scan(&m.Inserted, &m.Changed); err != nil {
		return m, fmt.Errorf("merge stages: %w", err)
	}
	m.Unchanged = len(skus) - m.Inserted - m.Changed
	return m, nil
}

const sqlStagesColumns = `select sku_id as sku, from_month::int as "from", to_month::int as "to" from forecast.sku_stage `

const (
	sqlStages   = sqlStagesColumns + `where sku_id between $1 and $2`
	sqlStagesOf = sqlStagesColumns + `where sku_id = any($1)`
)

// Stages gives the stages of the SKUs of a span, by SKU.
func Stages(ctx context.Context, q pgdb.Querier, span Span) (map[catalog.SKUID]forecasting.SKUStage, error) {
	rows, err := span.query(ctx, q, sqlStages, sqlStagesOf)
	if err != nil {
		return nil, fmt.Errorf("stages: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.SKUStage])
	if err != nil {
		return nil, fmt.Errorf("stages: %w", err)
	}
	m := make(map[catalog.SKUID]forecasting.SKUStage, len(list))
	for _, s := range list {
		m[s.SKU] = s
	}
	return m, nil
}

const sqlRegions = `select site_id, region from forecast.site_region`

// Regions gives the region of each site that has one.
func Regions(ctx context.Context, q pgdb.Querier) (map[catalog.SiteID]string, error) {
	rows, err := q.Query(ctx, sqlRegions)
	if err != nil {
		return nil, fmt.Errorf("regions: %w", err)
	}
	m := map[catalog.SiteID]string{}
	var site catalog.SiteID
	var region string
	if _, err := pgx.ForEachRow(rows, []any{&site, &region}, func() error { m[site] = region; return nil }); err != nil {
		return nil, fmt.Errorf("regions: %w", err)
	}
	return m, nil
}

const (
	sqlRegionPut  = `insert into forecast.site_region (site_id, region) values ($1, $2) on conflict (site_id) do update set region = excluded.region`
	sqlRegionDrop = `delete from forecast.site_region where site_id = $1`
)

// SetRegion puts a site into a region, or for "" into none.
func SetRegion(ctx context.Context, q pgdb.Querier, site catalog.SiteID, region string) error {
	var err error
	if region == "" {
		_, err = q.Exec(ctx, sqlRegionDrop, site)
	} else {
		_, err = q.Exec(ctx, sqlRegionPut, site, region)
	}
	if err != nil {
		return fmt.Errorf("region of site %d: %w", site, err)
	}
	return nil
}

const sqlStageCounts = `select g.from_month::int as "from", g.to_month::int as "to", count(*)::int as skus, coalesce(sum(t.sold_28), 0)::bigint as sold28,
		coalesce(sum(t.forecast_28), 0)::float8 as forecast28
	from forecast.sku_stage g left join forecast.sku_stat t on t.run_id = $1 and t.site_id = 0 and t.sku_id = g.sku_id
	group by 1, 2 order by 1, 2`

// StageCounts gives the ages that SKUs are for, with what a run has forecast for them.
func StageCounts(ctx context.Context, q pgdb.Querier, run int64) ([]forecasting.StageCount, error) {
	rows, err := q.Query(ctx, sqlStageCounts, run)
	if err != nil {
		return nil, fmt.Errorf("stages: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.StageCount])
	if err != nil {
		return nil, fmt.Errorf("stages: %w", err)
	}
	return list, nil
}
