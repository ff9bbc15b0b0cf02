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

// progressDays is how many days the course of a day is learnt from; older ones are dropped.
const progressDays = 42

const sqlProgressNote = `insert into forecast.day_progress as p (site_id, day, hour, pieces)
	select site_id, day, $3, greatest(sum(pieces), 0) from forecast.sale_total where site_id = $1 and day = $2 group by 1, 2
	on conflict (site_id, day, hour) do update set pieces = excluded.pieces where p.pieces <> excluded.pieces`

const sqlProgressDrop = `delete from forecast.day_progress where site_id = $1 and day < $2`

// NoteProgress keeps how much of a site's running day has come by an hour.
func NoteProgress(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day, hour int) error {
	if _, err := q.Exec(ctx, sqlProgressNote, site, day, hour); err != nil {
		return fmt.Errorf("progress of the day of site %d: %w", site, err)
	}
	if _, err := q.Exec(ctx, sqlProgressDrop, site, day.AddDays(-progressDays)); err != nil {
		return fmt.Errorf("progress of the day of site %d: %w", site, err)
	}
	return nil
}

const sqlProgress = `select p.hour::int4 as hour, avg(least(p.pieces::float8 / t.pieces, 1)) as share, count(*)::int as days
	from forecast.day_progress p
	join lateral (select sum(pieces)::float8 as pieces from forecast.sale_total s where s.site_id = p.site_id and s.day = p.day) t on t.pieces > 0
	where p.site_id = $1 and p.day < $2 and p.day >= $3 group by 1 order by 1`

// Progress gives, for the hours at which a site has told its sales, the share of the day that had come by then, over the days before one.
func Progress(ctx context.Context, q pgdb.Querier, site catalog.SiteID, before calendar.Day) ([]forecasting.HourShare, error) {
	rows, err := q.Query(ctx, sqlProgress, site, before, before.AddDays(-progressDays))
	if err != nil {
		return nil, fmt.Errorf("course of the day of site %d: %w", site, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[forecasting.HourShare])
	if err != nil {
		return nil, fmt.Errorf("course of the day of site %d: %w", site, err)
	}
	return list, nil
}

const sqlProgressLast = `select hour::int4 from forecast.day_progress where site_id = $1 and day = $2 order by hour desc limit 1`

// ToldAt gives the hour in which a site has last told of the sales of a day, false when it has not.
func ToldAt(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day) (int, bool, error) {
	var hour int
	err := q.QueryRow(ctx, sqlProgressLast, site, day).Scan(&hour)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("progress of the day of site %d: %w", site, err)
	}
	return hour, true, nil
}

// SalesOf gives the sales that are stored under the keys, without holding them.
func SalesOf(ctx context.Context, q pgdb.Querier, keys []forecasting.Sale) ([]forecasting.Sale, error) {
	return salesAt(ctx, q, keys)
}
