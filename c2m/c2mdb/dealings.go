package c2mdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

type scoreRow struct {
	Supplier catalog.SupplierID
	Promised json.RawMessage
	Came     json.RawMessage
}

const sqlScores = `with line as (
		select o.supplier_id, l.order_id, l.no, max(f.version) as version from c2m.order_line l
		join c2m.factory_order o on o.id = l.order_id join c2m.first_promise f on f.order_id = l.order_id and f.line = l.no
		where o.supplier_id = any($1::int[]) and o.state in ('confirmed','producing','shipped','received','closed','answered') and f.day between $2 and $3
		group by o.supplier_id, l.order_id, l.no)
	select a.supplier_id as supplier, (select jsonb_agg(jsonb_build_object('pieces', f.pieces, 'day', f.day))
			from c2m.first_promise f where f.order_id = a.order_id and f.line = a.no and f.version = a.version) as promised,
		coalesce((select jsonb_agg(jsonb_build_object('pieces', r.pieces, 'day', r.day))
			from c2m.receipt r where r.order_id = a.order_id and r.line = a.no), '[]') as came
	from line a`

const sqlScoresAnswers = `select o.supplier_id as supplier, count(*)::int as answers, count(*) filter (where f.at <= v.reply_by)::int as in_time
	from (select order_id, version, min(at) as at from c2m.answer group by order_id, version) f
	join c2m.order_version v on v.order_id = f.order_id and v.version = f.version
	join c2m.factory_order o on o.id = f.order_id
	where o.supplier_id = any($1::int[]) and f.at >= $2 and f.at < $3 group by o.supplier_id`

// Score reckons a supplier's figures over the c2m.ScoreDays days that end yesterday, by the promises as they were first made.
func Score(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, today calendar.Day) (c2m.Score, error) {
	all, err := Scores(ctx, q, []catalog.SupplierID{supplier}, today)
	return all[supplier], err
}

// Scores is Score for several suppliers; those that promised and answered nothing are missing.
func Scores(ctx context.Context, q pgdb.Querier, suppliers []catalog.SupplierID, today calendar.Day) (map[catalog.SupplierID]c2m.Score, error) {
	from, to := today.AddDays(-c2m.ScoreDays), today.AddDays(-1)
	ids := column(suppliers, func(id catalog.SupplierID) int32 { return int32(id) })
	rows, err := q.Query(ctx, sqlScores, ids, from, to)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: score: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[scoreRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: score: %w", err)
	}
	lines := map[catalog.SupplierID][]c2m.ScoreLine{}
	for _, r := range stored {
		var l c2m.ScoreLine
		if err := json.Unmarshal(r.Promised, &l.Promised); err != nil {
			return nil, fmt.Errorf("c2mdb: score: %w", err)
		}
		if err := json.Unmarshal(r.Came, &l.Came); err != nil {
			return nil, fmt.Errorf("c2mdb: score: %w", err)
		}
		lines[r.Supplier] = append(lines[r.Supplier], l)
	}
	out := make(map[catalog.SupplierID]c2m.Score, len(lines))
	for id, l := range lines {
		out[id] = c2m.ScoreOf(l, from, to)
	}
	return out, addAnswers(ctx, q, out, ids, from, today)
}

// addAnswers counts the answers given on the days from the first up to the day before the second.
func addAnswers(ctx context.Context, q pgdb.Querier, scores map[catalog.SupplierID]c2m.Score, ids []int32, from, until calendar.Day) error {
	type answers struct {
		Supplier        catalog.SupplierID
		Answers, InTime int
	}
	rows, err := q.Query(ctx, sqlScoresAnswers, ids, from.Time(), until.Time())
	if err != nil {
		return fmt.Errorf("c2mdb: score: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[answers])
	for _, a := range list {
		s := scores[a.Supplier]
		s.Answers, s.AnswersInTime = a.Answers, a.InTime
		scores[a.Supplier] = s
	}
	return wrap(err, "c2mdb: score")
}

// Standing counts what is open with a supplier: orders sent and not over, and those of them that are late.
type Standing struct{ Open, Late int }

// The condition of being late is that of the lists.
const sqlStandings = `select o.supplier_id as supplier, count(*)::int as open, count(*) filter (where
		o.next_day < $3::date and o.state <> 'draft' or o.state = 'sent' and o.reply_by < $4::timestamptz)::int as late
	from c2m.factory_order o where o.supplier_id = any($1::int[]) and o.state in ('sent','answered','confirmed','producing','shipped')
	and (cardinality($2::int[]) = 0 or o.ship_to = any($2)) group by o.supplier_id`

// Standings counts what is open with suppliers at the sites, at all of them where none are named. Suppliers without open orders are missing.
func Standings(ctx context.Context, q pgdb.Querier, suppliers []catalog.SupplierID, sites []catalog.SiteID, today calendar.Day, now time.Time) (map[catalog.SupplierID]Standing, error) {
	type row struct {
		Supplier catalog.SupplierID
		Standing
	}
	rows, err := q.Query(ctx, sqlStandings, column(suppliers, func(id catalog.SupplierID) int32 { return int32(id) }),
		column(sites, func(s catalog.SiteID) int32 { return int32(s) }), today, now)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: standings: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	out := make(map[catalog.SupplierID]Standing, len(list))
	for _, r := range list {
		out[r.Supplier] = r.Standing
	}
	return out, wrap(err, "c2mdb: standings")
}
