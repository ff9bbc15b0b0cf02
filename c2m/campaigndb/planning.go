package campaigndb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Promised is pieces that members have pledged for, to be delivered from a site by a day.
type Promised struct {
	SKU    catalog.SKUID
	Site   catalog.SiteID
	Day    calendar.Day
	Pieces quantity.Pieces
}

// promiseDays after the deadline members expect their goods where no day is promised.
const promiseDays = 30

const sqlPromised = `select c.sku_id as sku, c.ship_to as site, coalesce(p.promise, c.promise, c.deadline::date + $2::int) as day, sum(p.pieces)::bigint as pieces
	from c2m.campaign c join c2m.pledge p on p.campaign_id = c.id
	where c.sku_id = any($1) and c.ship_to is not null and p.state in ('accepted','confirmed')
		and (c.state in ('succeeded','producing') or c.state in ('open','paused','balance') and (c.mode = 'keep_it_all' or c.reserved >= c.goal))
		and not exists (select from c2m.campaign_lot l where l.campaign_id = c.id and l.no = p.lot and l.state = 'held')
	group by 1, 2, 3 order by 1, 2, 3`

// PromisedOf gives what is to be delivered of the SKUs for campaigns that are won or sure to be: those that have reached their
// goal, and those without one. Pledges of a lot that is planned but not ordered are left out: it will bring its own goods.
func PromisedOf(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) ([]Promised, error) {
	rows, err := q.Query(ctx, sqlPromised, column(skus, func(s catalog.SKUID) int32 { return int32(s) }), promiseDays)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: promised pieces: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Promised])
	return out, wrap(err, "campaigndb: promised pieces")
}
