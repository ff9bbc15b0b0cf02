package replenishdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// Brief is where the stock of a SKU stands in a few figures, for lists of SKUs.
type Brief struct {
	SKU         catalog.SKUID
	Rank        int16 // see StockFilter
	OnHand      quantity.Pieces
	CoverDays   float64
	StockoutDay *calendar.Day
	// Waiting counts the undecided suggestions, Pieces adds up what they would buy.
	Waiting int
	Pieces  quantity.Pieces
}

const briefWaiting = `
	left join lateral (select count(*)::int as n, coalesce(sum(case when g.decided > 0 then g.decided else g.pieces end) filter (where g.kind = 'buy'), 0)::bigint as pieces
		from replenish.suggestion g where g.sku_id = t.sku_id and g.state in ('open','changed')) w on true`

const (
	sqlBriefs = `select t.sku_id, t.rank, t.on_hand, t.cover_days::float8, t.stockout_day, w.n, w.pieces
		from replenish.sku_stat t` + briefWaiting + ` where t.sku_id = any($1)`
	sqlSiteBriefs = `select t.sku_id, (` + levelRank + `)::smallint, t.on_hand, t.cover_days::float8, t.stockout_day, w.n, w.pieces
		from replenish.level t` + briefWaiting + ` where t.sku_id = any($1) and t.site_id = $2`
)

// Briefs gives where the stock of the SKUs stands, over all sites or at one. A SKU that was never planned has none.
func Briefs(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, site catalog.SiteID) (map[catalog.SKUID]Brief, error) {
	sql, args := sqlBriefs, []any{skuNumbers(skus)}
	if site != 0 {
		sql, args = sqlSiteBriefs, append(args, site)
	}
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: briefs: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Brief])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: briefs: %w", err)
	}
	out := make(map[catalog.SKUID]Brief, len(list))
	for _, b := range list {
		out[b.SKU] = b
	}
	return out, nil
}

// TopicStock counts the SKUs of a topic by how urgent their stock is.
type TopicStock struct {
	Topic catalog.TopicID
	Ranks [5]int // by rank, see StockFilter
}

const sqlTopicStock = `select x.topic_id, t.rank, count(*)::int from catalog.topic_sku x join replenish.sku_stat t on t.sku_id = x.sku_id
	where x.topic_id = any($1) group by 1, 2`

// TopicStocks counts the SKUs of each topic by how urgent their stock is.
func TopicStocks(ctx context.Context, q pgdb.Querier, topics []catalog.TopicID) (map[catalog.TopicID]TopicStock, error) {
	ids := make([]int32, len(topics))
	for i, t := range topics {
		ids[i] = int32(t)
	}
	rows, err := q.Query(ctx, sqlTopicStock, ids)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: stock of topics: %w", err)
	}
	out := map[catalog.TopicID]TopicStock{}
	var topic catalog.TopicID
	var rank int16
	var n int
	_, err = pgx.ForEachRow(rows, []any{&topic, &rank, &n}, func() error {
		s := out[topic]
		s.Topic = topic
		if rank >= 0 && int(rank) < len(s.Ranks) {
			s.Ranks[rank] = n
		}
		out[topic] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replenishdb: stock of topics: %w", err)
	}
	return out, nil
}

const sqlLatest = `select ` + suggestionColumns + ` from replenish.suggestion
	where sku_id = $1 and state in ('approved','ordered','rejected') and at is not null order by at desc limit 1`

// Latest gives the suggestion of the SKU that was decided last, none before the first.
func Latest(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]replenishment.Suggestion, error) {
	rows, err := q.Query(ctx, sqlLatest, sku)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: latest decision on sku %d: %w", sku, err)
	}
	return collect(rows)
}

const sqlWaitingTallies = `select g.kind, count(*)::int,
		coalesce(sum(case when g.kind = 'transfer' then 0 else g.unit_fen * case when g.decided > 0 then g.decided else g.pieces end end), 0)::bigint
	from replenish.suggestion g where g.state in ('open','changed') and (cardinality($1::int[]) = 0 or g.site_id = any($1) or g.from_id = any($1))
	group by g.kind order by g.kind`

// WaitingTallies counts the undecided suggestions at the sites by kind, at all where none are named, and adds up their money.
func WaitingTallies(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID) ([]Tally, error) {
	ids := make([]int32, len(sites))
	for i, s := range sites {
		ids[i] = int32(s)
	}
	rows, err := q.Query(ctx, sqlWaitingTallies, ids)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: tally the waiting: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Tally])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: tally the waiting: %w", err)
	}
	return out, nil
}

const sqlWaiting = `select count(*)::int from replenish.suggestion
	where state in ('open','changed') and (cardinality($1::int[]) = 0 or site_id = any($1) or from_id = any($1))`

// Waiting counts the undecided suggestions at the sites, at all where none are named.
func Waiting(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID) (int, error) {
	ids := make([]int32, len(sites))
	for i, s := range sites {
		ids[i] = int32(s)
	}
	var n int
	if err := q.QueryRow(ctx, sqlWaiting, ids).Scan(&n); err != nil {
		return 0, fmt.Errorf("replenishdb: count the waiting: %w", err)
	}
	return n, nil
}

const sqlOrderRef = `select order_ref from replenish.suggestion where id = $1`

// OrderRef gives the number of the order that came of a suggestion, empty for none.
func OrderRef(ctx context.Context, q pgdb.Querier, id replenishment.SuggestionID) (string, error) {
	var ref string
	if err := q.QueryRow(ctx, sqlOrderRef, int64(id)).Scan(&ref); err != nil {
		return "", fmt.Errorf("replenishdb: order of suggestion %d: %w", id, err)
	}
	return ref, nil
}

// Each half walks the index of the audit; an "or" over both would read it from its end.
const sqlSKUHistory = `with ids as (select id from audit.entry where thing = 'sku' and thing_id = $1::text
		union all select e.id from replenish.suggestion g join audit.entry e on e.thing = 'suggestion' and e.thing_id = g.id::text where g.sku_id = $2)
	select e.id, e.at, e.account_id, e.actor, e.verb, e.thing, e.thing_id, e.before, e.after
	from audit.entry e where e.id in (select id from ids order by id desc limit $3) order by e.id desc`

// SKUHistory gives who changed the SKU or decided on its suggestions, the newest first.
func SKUHistory(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, limit int) ([]audit.Entry, error) {
	rows, err := q.Query(ctx, sqlSKUHistory, fmt.Sprint(sku), sku, limit)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: history of sku %d: %w", sku, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Entry])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: history of sku %d: %w", sku, err)
	}
	return list, nil
}
