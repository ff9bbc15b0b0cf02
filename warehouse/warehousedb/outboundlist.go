package warehousedb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// shownState is the state as people see it: a waiting order all of whose shipments are ready is allocated.
const shownState = `case when o.state = 'waiting' and exists (select from warehouse.shipment s where s.outbound_id = o.id and s.state = 'ready')
		and not exists (select from warehouse.shipment s where s.outbound_id = o.id and s.state = 'waiting') then 'allocated' else o.state end`

// Filters that are not set are null and match everything.
const outboundFilter = ` from warehouse.outbound o where ($1::text[] is null or ` + shownState + ` = any($1))
		and ($1::text[] is null or not $1::text[] <@ array['new','waiting','allocated','picking','packed'] or o.state not in ('shipped','delivered','cancelled','returned'))
		and ($2::text is null or o.kind = $2) and ($3::text is null or o.channel = $3) and ($4::text is null or o.promise = $4)
		and ($5::int is null or exists (select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = $5 and s.state <> 'cancelled'))
		and ($6::text is null or o.number like $6) and ($7::text is null or (o.phone <> '' and right(o.phone, 4) = $7))
		and (not $8 or (o.promise_at < $9 and o.state not in ('shipped','delivered','cancelled','returned')))
		and (not $10 or exists (select from warehouse.shortage x where x.outbound_id = o.id))
		and ($11::timestamptz is null or o.received_at < $11) and ($12::timestamptz is null or o.received_at >= $12)
		and ($13::int is null or exists (select from warehouse.outbound_line l where l.outbound_id = o.id and l.sku_id = $13 and l.state <> 'cancelled'))
		and ($14::int[] is null or not exists (select from warehouse.shipment s where s.outbound_id = o.id) or exists
			(select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = any($14)))`

const sqlOutboundPage = `select o.id, o.kind, o.channel, o.number, ` + shownState + ` as state, o.placed_at, o.received_at, o.promise, o.promise_at, o.priority,
		o.consignee, o.phone, o.area, n.lines, n.short_lines, n.pieces, o.amount_fen as amount,
		coalesce((select array_agg(distinct w.code order by w.code) from warehouse.shipment s join catalog.site w on w.id = s.site_id
			where s.outbound_id = o.id and s.state <> 'cancelled'), '{}') as sites,
		coalesce((select w.code from catalog.site w where w.id = o.to_site), '') as to_site,
		coalesce(o.promise_at < $9 and o.state not in ('shipped','delivered','cancelled','returned'), false) as late
	from (select o.*` + outboundFilter + ` and ($15::bigint is null or o.id < $15) order by o.id desc limit $16) o
	cross join lateral (select count(*)::int as lines, count(*) filter (where l.state = 'short')::int as short_lines,
		coalesce(sum(l.pieces - l.cancelled), 0)::bigint as pieces from warehouse.outbound_line l where l.outbound_id = o.id) n
	order by o.id desc`

const sqlOutboundTotal = `select count(*)::int from (select 1` + outboundFilter + ` limit 10001) t`

// OutboundPage gives a page of orders. sites bounds it to orders that these sites send (and those without a site); nil is all.
func OutboundPage(ctx context.Context, q pgdb.Querier, w warehouse.OutboundQuery, sites []catalog.SiteID, now time.Time) (warehouse.OutboundPage, error) {
	args := filterArgs(w, sites, now)
	limit := w.Limit
	if limit <= 0 {
		limit = 50
	}
	var after *int64
	if w.After != 0 {
		n := int64(w.After)
		after = &n
	}
	var page warehouse.OutboundPage
	rows, err := q.Query(ctx, sqlOutboundPage, append(args, after, limit+1)...)
	if err != nil {
		return page, fmt.Errorf("warehousedb: orders: %w", err)
	}
	if page.Rows, err = pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.OutboundRow]); err != nil {
		return page, fmt.Errorf("warehousedb: orders: %w", err)
	}
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		page.Next = page.Rows[limit-1].ID
	}
	if err := q.QueryRow(ctx, sqlOutboundTotal, args...).Scan(&page.Total); err != nil {
		return page, fmt.Errorf("warehousedb: count orders: %w", err)
	}
	return page, nil
}

func filterArgs(w warehouse.OutboundQuery, sites []catalog.SiteID, now time.Time) []any {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	var states []string
	for _, s := range w.States {
		states = append(states, string(s))
	}
	var site, sku *int32
	if w.Site != 0 {
		n := int32(w.Site)
		site = &n
	}
	if w.SKU != 0 {
		n := int32(w.SKU)
		sku = &n
	}
	var number, tail *string
	if s := strings.TrimSpace(w.Search); len(s) == 4 && strings.Trim(s, "0123456789") == "" {
		tail = &s
	} else if s != "" {
		p := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
		number = &p
	}
	var bound []int32
	for _, s := range sites {
		bound = append(bound, int32(s))
	}
	return []any{states, text(string(w.Kind)), text(w.Channel), text(string(w.Promise)), site, number, tail, w.Late, now, w.Short,
		instant(w.Older, w.To), instant(w.From, time.Time{}), sku, bound}
}

// instant gives the earlier of the times that are set, or nil.
func instant(a, b time.Time) *time.Time {
	switch {
	case a.IsZero() && b.IsZero():
		return nil
	case a.IsZero() || !b.IsZero() && b.Before(a):
		return &b
	}
	return &a
}

const sqlOutboundHead = `select o.id, o.kind, o.channel, o.number, ` + shownState + `, o.placed_at, o.received_at, o.promise, o.promise_at, o.priority,
		o.consignee, o.phone, o.area, o.amount_fen, coalesce((select w.code from catalog.site w where w.id = o.to_site), ''),
		coalesce(o.promise_at < $2 and o.state not in ('shipped','delivered','cancelled','returned'), false),
		o.address, o.note, o.revision, o.lot_day, o.erased_at, o.cancelled_at, o.cancel_reason, o.shipped_at, o.suggestion_id, o.sourcing
	from warehouse.outbound o where o.id = $1`

const sqlOutboundItems = `select l.no, l.sku_id as sku, k.code, k.name_zh, k.name_en, l.pieces - l.cancelled, l.amount_fen, l.bundle_no, coalesce(b.code, ''), l.min_remaining_days,
		coalesce(w.code, ''), l.state, l.allocated, l.shipped, l.cancelled, x.since,
		coalesce((select jsonb_agg(jsonb_build_object('lot', t.code, 'expiry', t.expiry, 'bin', p.bin, 'pieces', a.pieces, 'state', a.state) order by a.id)
			from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot t on t.id = p.lot_id
			where a.outbound_id = l.outbound_id and a.line_no = l.no and a.state <> 'released'), '[]')
	from warehouse.outbound_line l join catalog.sku k on k.id = l.sku_id left join catalog.sku b on b.id = l.bundle_sku_id left join catalog.site w on w.id = l.site_id
	left join warehouse.shortage x on x.outbound_id = l.outbound_id and x.line_no = l.no
	where l.outbound_id = $1 order by l.no`

const sqlOutboundShipments = `select s.id, s.site_id, w.code, w.name_zh, w.name_en, s.state, s.carrier, s.cutoff_at, s.cold, s.wave_id, s.tote, s.ready_at, s.picked_at,
		s.packed_at, s.handed_over_at, coalesce((select array_agg(p.number order by p.id) from warehouse.parcel p where p.shipment_id = s.id and p.state <> 'opened'), '{}'),
		case when s.queue_rank is not null then (select count(*)::int from (select 1 from warehouse.shipment q where q.site_id = s.site_id and q.queue_rank < s.queue_rank limit 10001) t) end
	from warehouse.shipment s join catalog.site w on w.id = s.site_id where s.outbound_id = $1 order by s.id`

const sqlOutboundEvents = `select at, kind, coalesce(detail->>'to', ''), actor, coalesce(detail->>'reason', '') from warehouse.outbound_event where outbound_id = $1
	union all
	select b.done_at, 'put_back', w.code, '', b.reason from warehouse.put_back b join catalog.site w on w.id = b.site_id where b.outbound_id = $1 and b.done_at is not null
	order by 1`

// OutboundDetail gives an order with all that its page shows, or answers warehouse.ErrNoOutbound.
func OutboundDetail(ctx context.Context, q pgdb.Querier, id warehouse.OutboundID, now time.Time) (d warehouse.OutboundDetail, err error) {
	var sourcing []byte
	err = q.QueryRow(ctx, sqlOutboundHead, int64(id), now).Scan((*int64)(&d.ID), &d.Kind, &d.Channel, &d.Number, &d.State, &d.PlacedAt, &d.ReceivedAt, &d.Promise,
		&d.PromiseAt, &d.Priority, &d.Consignee, &d.Phone, &d.Area, (*int64)(&d.Amount), &d.ToSite, &d.Late,
		&d.Address, &d.Note, &d.Revision, &d.LotDay, &d.Erased, &d.CancelledAt, &d.CancelReason, &d.ShippedAt, &d.Suggestion, &sourcing)
	if err != nil {
		return d, noOutbound(err)
	}
	if d.Sourcing, err = readReport(sourcing); err != nil {
		return d, err
	}
	if d.Items, err = collect(ctx, q, sqlOutboundItems, id, func(row pgx.CollectableRow) (l warehouse.OutboundLine, err error) {
		err = row.Scan(&l.No, (*int32)(&l.SKU), &l.Code, &l.Name.ZH, &l.Name.EN, (*int64)(&l.Pieces), (*int64)(&l.Amount), &l.BundleNo, &l.Bundle, &l.MinRemainingDays,
			&l.Site, &l.State, (*int64)(&l.Allocated), (*int64)(&l.Shipped), (*int64)(&l.Cancelled), &l.Since, &l.Lots)
		return l, err
	}); err != nil {
		return d, err
	}
	if d.Shipments, err = collect(ctx, q, sqlOutboundShipments, id, func(row pgx.CollectableRow) (s warehouse.OutboundShipment, err error) {
		err = row.Scan(&s.ID, (*int32)(&s.Site), &s.SiteCode, &s.SiteName.ZH, &s.SiteName.EN, &s.State, &s.Carrier, &s.CutoffAt, &s.Cold, &s.Wave, &s.Tote,
			&s.ReadyAt, &s.PickedAt, &s.PackedAt, &s.HandedOver, &s.Parcels, &s.QueuedAhead)
		return s, err
	}); err != nil {
		return d, err
	}
	events, err := collect(ctx, q, sqlOutboundEvents, id, pgx.RowToStructByPos[warehouse.OutboundEvent])
	d.Timeline = timeline(&d, events)
	sumUp(&d)
	return d, err
}

func collect[T any](ctx context.Context, q pgdb.Querier, sql string, id warehouse.OutboundID, f pgx.RowToFunc[T]) ([]T, error) {
	rows, err := q.Query(ctx, sql, int64(id))
	if err != nil {
		return nil, fmt.Errorf("warehousedb: order %d: %w", id, err)
	}
	out, err := pgx.CollectRows(rows, f)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: order %d: %w", id, err)
	}
	return out, nil
}

// sumUp fills what a list would count.
func sumUp(d *warehouse.OutboundDetail) {
	d.Lines = len(d.Items)
	var total quantity.Pieces
	for _, l := range d.Items {
		total += l.Pieces
		if l.State == "short" {
			d.ShortLines++
		}
	}
	d.Pieces = total
	for _, s := range d.Shipments {
		if s.State != "cancelled" {
			d.Sites = append(d.Sites, s.SiteCode)
		}
	}
}
