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
	Monday     calendar.Day
	Pieces     quantity.Pieces
	Firm       bool
	SentAt     time.Time
	Committed  *quantity.Pieces
	Capacity   *quantity.Pieces
	AnsweredAt *time.Time
}

const sqlWeeks = `select sku_id, monday, pieces, firm, sent_at, committed, capacity, answered_at from c2m.forecast_week
	where supplier_id = $1 and (cardinality($2::int[]) = 0 or sku_id = any($2)) and monday >= $3
	order by sku_id, monday`

// Weeks gives what a supplier was told of the weeks from a Monday on: of these SKUs, or of all where none are named.
func Weeks(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID, from calendar.Day) ([]Week, error) {
	rows, err := q.Query(ctx, sqlWeeks, supplier, column(skus, func(id catalog.SKUID) int32 { return int32(id) }), from)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: forecast weeks: %w", err)
	}
	ws, err := pgx.CollectRows(rows, pgx.RowToStructByName[Week])
	return ws, wrap(err, "c2mdb: forecast weeks")
}

const sqlTellWeeks = `insert into c2m.forecast_week as w (supplier_id, sku_id, monday, pieces, firm, sent_at)
	select $1, n.sku, date '1970-01-01' + n.monday, n.pieces, n.firm, $2
	from unnest($3::int[], $4::int[], $5::bigint[], $6::bool[]) as n (sku, monday, pieces, firm)
	on conflict (supplier_id, sku_id, monday) do update set pieces = excluded.pieces, firm = excluded.firm, sent_at = excluded.sent_at`

// TellWeeks notes what a supplier is told of the weeks to come.
func TellWeeks(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, weeks []Week, now time.Time) error {
	_, err := tx.Exec(ctx, sqlTellWeeks, supplier, now,
		column(weeks, func(w Week) int32 { return int32(w.SKUID) }), column(weeks, func(w Week) int32 { return int32(w.Monday) }),
		column(weeks, func(w Week) int64 { return int64(w.Pieces) }), column(weeks, func(w Week) bool { return w.Firm }))
	return wrap(err, "c2mdb: tell forecast weeks")
}

const sqlToldWeeks = `select sku_id as skuid, monday from c2m.forecast_week where supplier_id = $1 and sku_id = any($2)`

// ToldWeeks gives the weeks of goods that a supplier was told a forecast of.
func ToldWeeks(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []catalog.SKUID) (map[catalog.SKUID]map[calendar.Day]bool, error) {
	ids := make([]int32, len(skus))
	for i, s := range skus {
		ids[i] = int32(s)
	}
	rows, err := q.Query(ctx, sqlToldWeeks, supplier, ids)
	if err != nil {
		return nil, wrap(err, "c2mdb: told weeks")
	}
	out := map[catalog.SKUID]map[calendar.Day]bool{}
	var sku catalog.SKUID
	var monday calendar.Day
	_, err = pgx.ForEachRow(rows, []any{&sku, &monday}, func() error {
		if out[sku] == nil {
			out[sku] = map[calendar.Day]bool{}
		}
		out[sku][monday] = true
		return nil
	})
	return out, wrap(err, "c2mdb: told weeks")
}

const sqlCommitWeek = `update c2m.forecast_week set committed = coalesce($4, committed), capacity = coalesce($5, capacity), answered_at = $6
	where supplier_id = $1 and sku_id = $2 and monday = $3
		and (committed, capacity) is distinct from (coalesce($4, committed), coalesce($5, capacity))`

// CommitWeeks notes what a supplier commits to, for weeks that it was told of; others are passed over. It gives how many changed.
func CommitWeeks(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, weeks []Week, now time.Time) (int, error) {
	b := &pgx.Batch{}
	changed := 0
	for _, w := range weeks {
		b.Queue(sqlCommitWeek, supplier, w.SKUID, w.Monday, w.Committed, w.Capacity, now).Exec(func(tag pgconn.CommandTag) error {
			changed += int(tag.RowsAffected())
			return nil
		})
	}
	err := tx.SendBatch(ctx, b).Close()
	return changed, wrap(err, "c2mdb: commit forecast weeks")
}
