package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// LaneTime is how long moves over a lane took on the mean, in days.
type LaneTime struct {
	From, To catalog.SiteID
	Moves    int
	Days     float64
}

const sqlLaneTimes = `select from_site, to_site, count(*)::int, avg(days) from warehouse.lane_time where arrived_at >= $1
	group by from_site, to_site order by from_site, to_site`

// LaneTimes gives the lanes with moves that arrived since a moment.
func LaneTimes(ctx context.Context, q pgdb.Querier, since time.Time) ([]LaneTime, error) {
	rows, err := q.Query(ctx, sqlLaneTimes, since)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lane times: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LaneTime])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lane times: %w", err)
	}
	return out, nil
}

// SiteUse is how much of a site's room is used, in millilitres.
type SiteUse struct {
	Site           catalog.SiteID
	Used, Capacity float64
}

const sqlSiteUse = `select b.site_id, coalesce(sum(u.ml), 0)::float8, sum(b.capacity_ml)::float8
	from warehouse.bin b left join (select p.site_id, p.bin, sum(p.on_hand * k.volume_ml) as ml
		from warehouse.position p join catalog.sku k on k.id = p.sku_id where p.on_hand > 0 group by p.site_id, p.bin) u
		on u.site_id = b.site_id and u.bin = b.code
	where b.active and b.capacity_ml > 0 and b.kind in ('reserve','pick') group by b.site_id order by b.site_id`

// SiteUses gives how full the bins with a known volume are, by site.
func SiteUses(ctx context.Context, q pgdb.Querier) ([]SiteUse, error) {
	rows, err := q.Query(ctx, sqlSiteUse)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: use of sites: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SiteUse])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: use of sites: %w", err)
	}
	return out, nil
}
