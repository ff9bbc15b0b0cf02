package warehousedb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

func noOutbound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return warehouse.ErrNoOutbound
	}
	return fmt.Errorf("warehousedb: order: %w", err)
}

func readReport(body []byte) (*warehouse.SourcingReport, error) {
	if body == nil {
		return nil, nil
	}
	var r warehouse.SourcingReport
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("warehousedb: sourcing of an order: %w", err)
	}
	return &r, nil
}

// timeline puts what befell an order in order: the marks of its shipments and what was written down.
func timeline(d *warehouse.OutboundDetail, written []warehouse.OutboundEvent) []warehouse.OutboundEvent {
	out := []warehouse.OutboundEvent{{At: d.ReceivedAt, Kind: "received", Detail: d.Channel}}
	for _, s := range d.Shipments {
		for _, m := range []struct {
			at   *time.Time
			kind string
		}{{s.ReadyAt, "ready"}, {s.PickedAt, "picked"}, {s.PackedAt, "packed"}, {s.HandedOver, "handed_over"}} {
			if m.at != nil {
				out = append(out, warehouse.OutboundEvent{At: *m.at, Kind: m.kind, Site: s.SiteCode, Detail: s.Carrier})
			}
		}
	}
	out = append(out, written...)
	slices.SortStableFunc(out, func(a, b warehouse.OutboundEvent) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return out
}

const sqlShortages = `select x.site_id as site, x.sku_id as sku, k.code, k.name_zh, k.name_en, w.code as site_code, count(*)::int as lines,
		count(distinct x.outbound_id)::int as orders, sum(x.pieces)::bigint as pieces, min(x.since) as oldest
	from warehouse.shortage x join catalog.sku k on k.id = x.sku_id join catalog.site w on w.id = x.site_id
	where ($1::int[] is null or x.site_id = any($1)) group by x.site_id, x.sku_id, k.code, k.name_zh, k.name_en, w.code
	order by sum(x.pieces) desc, k.code limit $2`

const sqlFreeOf = `select p.sku_id, p.site_id, sum(p.on_hand - p.reserved)::bigint from warehouse.position p
	where p.sku_id = any($1) and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved group by 1, 2`

// Shortages gives what sites are short of, most pieces first.
func Shortages(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, limit int) ([]warehouse.Shortage, error) {
	rows, err := q.Query(ctx, sqlShortages, siteIDs(sites), limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: shortages: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s warehouse.Shortage, err error) {
		err = row.Scan((*int32)(&s.Site), (*int32)(&s.SKU), &s.Code, &s.Name.ZH, &s.Name.EN, &s.SiteCode, &s.Lines, &s.Orders, (*int64)(&s.Pieces), &s.Oldest)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: shortages: %w", err)
	}
	skus := make([]int32, len(out))
	for i, s := range out {
		skus[i] = int32(s.SKU)
	}
	if rows, err = q.Query(ctx, sqlFreeOf, skus); err != nil {
		return nil, fmt.Errorf("warehousedb: shortages: %w", err)
	}
	var sku, site int32
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&sku, &site, &n}, func() error {
		for i := range out {
			if int32(out[i].SKU) != sku {
				continue
			}
			if int32(out[i].Site) == site {
				out[i].Here += quantity.Pieces(n)
			} else {
				out[i].Elsewhere += quantity.Pieces(n)
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: shortages: %w", err)
	}
	return out, nil
}

func siteIDs(sites []catalog.SiteID) []int32 {
	var out []int32
	for _, s := range sites {
		out = append(out, int32(s))
	}
	return out
}

const sqlOpenOrders = `select state, age, late, count(*)::int from (
		select ` + shownState + ` as state, case when o.received_at > $1::timestamptz - interval '1 hour' then 0 when o.received_at > $1::timestamptz - interval '4 hours' then 1
			when o.received_at > $1::timestamptz - interval '1 day' then 2 else 3 end as age, coalesce(o.promise_at < $1, false) as late
		from warehouse.outbound o where o.state not in ('shipped','delivered','cancelled','returned')
			and ($2::int[] is null or exists (select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = any($2)))) t
	group by 1, 2, 3`

const sqlSpanOrders = `select count(*)::int, count(*) filter (where o.shipped_at is not null)::int, count(*) filter (where o.state = 'cancelled')::int,
		count(*) filter (where coalesce(o.delivered_at, o.shipped_at) <= o.promise_at)::int, count(*) filter (where o.promise_at is not null and (o.shipped_at is not null or o.promise_at < $4))::int,
		coalesce(sum(n.lines), 0)::int, coalesce(sum(n.filled), 0)::int
	from warehouse.outbound o
	cross join lateral (select count(*) as lines, count(*) filter (where l.state in ('allocated','shipped')) as filled
		from warehouse.outbound_line l where l.outbound_id = o.id and l.state <> 'cancelled' and ($3::int[] is null or l.site_id = any($3))) n
	where o.kind = 'sale' and o.received_at >= $1 and o.received_at < $2 and ($3::int[] is null or n.lines > 0)`

const sqlShortCount = `select count(*)::int, count(distinct sku_id)::int from warehouse.shortage where $1::int[] is null or site_id = any($1)`

// OrderFigures gives the figures of open orders now, and of those received in a span.
func OrderFigures(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to, now time.Time) (f warehouse.OrderFigures, err error) {
	f.Open = map[warehouse.OutboundState]int{}
	ids := siteIDs(sites)
	rows, err := q.Query(ctx, sqlOpenOrders, now, ids)
	if err != nil {
		return f, fmt.Errorf("warehousedb: open orders: %w", err)
	}
	var state warehouse.OutboundState
	var age, n int
	var late bool
	if _, err = pgx.ForEachRow(rows, []any{&state, &age, &late, &n}, func() error {
		f.Open[state] += n
		f.Ages[age] += n
		if late {
			f.Late += n
		}
		return nil
	}); err != nil {
		return f, fmt.Errorf("warehousedb: open orders: %w", err)
	}
	if err = q.QueryRow(ctx, sqlSpanOrders, from, to, ids, now).Scan(&f.Received, &f.Shipped, &f.Cancelled, &f.OnTime, &f.Promised, &f.Lines, &f.Filled); err != nil {
		return f, fmt.Errorf("warehousedb: orders of a span: %w", err)
	}
	if err = q.QueryRow(ctx, sqlShortCount, ids).Scan(&f.ShortLines, &f.ShortSKUs); err != nil {
		return f, fmt.Errorf("warehousedb: shortages: %w", err)
	}
	return f, nil
}
