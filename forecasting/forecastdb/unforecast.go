package forecastdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlUnforecast = `select s.sku_id as sku, s.site_id as site from forecast.series s
	where s.sku_id = any($1) and s.last_day >= $3::date
		and not exists (select from forecast.result r where r.run_id = $2 and r.sku_id = s.sku_id and r.site_id = s.site_id)
	order by 1, 2`

// Unforecast gives the sales of the SKUs at the sites that have sold since a day but have no forecast in force, as Histories do:
// goods that came after the run, or whose series it could not forecast. Without a run in force it gives none.
func (Reader) Unforecast(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, since, origin calendar.Day) ([]forecasting.Series, error) {
	run, err := CurrentRun(ctx, q)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, sqlUnforecast, skus, run.ID, since)
	if err != nil {
		return nil, fmt.Errorf("series without a forecast: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.Key])
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	wanted := make(map[forecasting.Key]bool, len(keys))
	var list []catalog.SKUID
	for _, k := range keys {
		if wanted[k] = true; len(list) == 0 || list[len(list)-1] != k.SKU {
			list = append(list, k.SKU)
		}
	}
	span := SpanOf(list)
	span.Origin = origin
	members, err := Members(ctx, q, span)
	if err != nil {
		return nil, err
	}
	sites, err := SitesOf(ctx, q, list)
	if err != nil {
		return nil, err
	}
	known, err := LoadReported(ctx, q, origin.AddDays(-HistoryDays), sites)
	if err != nil {
		return nil, err
	}
	var out []forecasting.Series
	for s, err := range Histories(ctx, q, span, members, known) {
		if err != nil {
			return nil, err
		}
		if wanted[s.Key] {
			out = append(out, s)
		}
	}
	return out, nil
}
