package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// ToCarry is a transfer that has yet to leave its site, or that is on its way, with what it weighs and takes up.
type ToCarry struct {
	OutboundID int64
	Number     string
	FromSite   catalog.SiteID
	ToSite     catalog.SiteID
	Pieces     int64
	Grams      int64
	Millilitre int64
	Cold       bool
	DueAt      *time.Time
	State      string
}

const sqlToCarry = `select o.id as outbound_id, o.number, l.site_id as from_site, o.to_site, sum(l.pieces - l.cancelled)::bigint as pieces,
		sum((l.pieces - l.cancelled) * k.weight_grams)::bigint as grams, sum((l.pieces - l.cancelled) * k.volume_ml)::bigint as millilitre,
		bool_or(k.temperature <> 'ambient') as cold, o.promise_at as due_at, o.state
	from warehouse.outbound o join warehouse.outbound_line l on l.outbound_id = o.id and l.state <> 'cancelled' join catalog.sku k on k.id = l.sku_id
	where o.kind = 'transfer' and o.to_site is not null and (o.state in ('waiting','allocated','picking','packed') or o.id = any($2)) and l.site_id = $1 and l.pieces > l.cancelled
	group by o.id, l.site_id order by o.promise_at nulls last, o.id`

// TransfersToCarry gives the transfers that a site has yet to send, the earliest due first, and those of the ids whatever their state.
func TransfersToCarry(ctx context.Context, q pgdb.Querier, from catalog.SiteID, ids []int64) ([]ToCarry, error) {
	rows, err := q.Query(ctx, sqlToCarry, int32(from), ids)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: transfers to carry: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ToCarry])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: transfers to carry: %w", err)
	}
	return list, nil
}
