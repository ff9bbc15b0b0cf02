package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Week is a week of the rolling forecast as a supplier was told it last, and what it committed to.
type Week struct {
	SKUID      catalog.SKUID
	SiteID     catalog.SiteID
	Monday     calendar.Day
	Pieces     quantity.Pieces
	Firm       bool
	SentAt     time.Time
	Committed  *quantity.Pieces
	Capacity   *quantity.Pieces
	AnsweredAt *time.Time
}

const sqlWeeks = `select sku_id, site_id, monday, pieces, firm, sent_at, committed, capacity, answered_at from c2m.forecast_week
	where supplier_id = $1 and ($2::int = 0 or site_id = $2) and (cardinality($3::int[]) = 0 or sku_id = any($3)) and monday >= $4
	order by site_id, sku_id, monday`

// Weeks gives what a supplier was told of the weeks from a Monday on: for one site or all (0), for these SKUs or all.
func Weeks(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, site catalog.SiteID, skus []catalog.SKUID, from calendar.Day) ([]Week, error) {
	rows, err := q.Query(ctx, sqlWeeks, supplier, site, column(skus, func(id catalog.SKUID) int32 { return int32(id) }), from)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: forecast weeks: %w", err)
	}
	ws, err := pgx.CollectRows(rows, pgx.RowToStructByName[Week])
	return ws, wrap(err, "c2mdb: forecast weeks")
}

const sqlTellWeeks = `insert into c2m.forecast_week as w (supplier_id, site_id, sku_id, monday, pieces, firm, sent_at)
	select $1, $2, n.sku, date '1970-01-01' + n.monday, n.pieces, n.firm, $3
	from unnest($4::int[], $5::int[], $6::bigint[], $7::bool[]) as n (sku, monday, pieces, firm)
	on conflict (supplier_id, site_id, sku_id, monday) do update set pieces = excluded.pieces, firm = excluded.firm, sent_at = excluded.sent_at`

// TellWeeks notes what a supplier is told of the weeks to come.
func TellWeeks(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, site catalog.SiteID, weeks []Week, now time.Time) error {
	_, err := tx.Exec(ctx, sqlTellWeeks, supplier, site, now,
		column(weeks, func(w Week) int32 { return int32(w.SKUID) }), column(weeks, func(w Week) int32 { return int32(w.Monday) }),
		column(weeks, func(w Week) int64 { return int64(w.Pieces) }), column(weeks, func(w Week) bool { return w.Firm }))
	return wrap(err, "c2mdb: tell forecast weeks")
}

const sqlCommitWeek = `update c2m.forecast_week set committed = coalesce($5, committed), capacity = coalesce($6, capacity), answered_at = $7
	where supplier_id = $1 and ($2::int = 0 or site_id = $2) and sku_id = $3 and monday = $4
		and (committed, capacity) is distinct from (coalesce($5, committed), coalesce($6, capacity))`

// CommitWeeks notes what a supplier commits to, for weeks that it was told of (at a site, or at all with 0);
// others are passed over. It gives how many changed.
func CommitWeeks(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, site catalog.SiteID, weeks []Week, now time.Time) (int, error) {
	b := &pgx.Batch{}
	changed := 0
	for _, w := range weeks {
		b.Queue(sqlCommitWeek, supplier, site, w.SKUID, w.Monday, w.Committed, w.Capacity, now).Exec(func(tag pgconn.CommandTag) error {
			changed += int(tag.RowsAffected())
			return nil
		})
	}
	err := tx.SendBatch(ctx, b).Close()
	return changed, wrap(err, "c2mdb: commit forecast weeks")
}
