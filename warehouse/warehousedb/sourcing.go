package warehousedb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// NewOrder is an order that has no site yet. It is locked.
type NewOrder struct {
	ID         warehouse.OutboundID
	Channel    string
	Promise    warehouse.Promise
	PromiseAt  *time.Time
	LotDay     *calendar.Day
	Priority   int
	ReceivedAt time.Time
	Lat, Lon   *float64
	Area       string
	Amount     money.Fen
	Kind       warehouse.OutboundKind
}

const sqlClaimNew = `select id, channel, promise, promise_at, lot_day, priority, received_at, lat, lon, area, amount_fen as amount, kind
	from warehouse.outbound where state = 'new' and kind = 'sale' order by id limit $1 for update skip locked`

// ClaimNew takes orders that no site has been chosen for, oldest first.
func ClaimNew(ctx context.Context, tx pgx.Tx, limit int) ([]NewOrder, error) {
	rows, err := tx.Query(ctx, sqlClaimNew, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim orders: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[NewOrder])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: claim orders: %w", err)
	}
	return out, nil
}

const sqlOrdersOf = `select id, channel, promise, promise_at, lot_day, priority, received_at, lat, lon, area, amount_fen as amount, kind
	from warehouse.outbound where kind = 'sale' and received_at >= $1 and received_at < $2 order by id limit $3`

// OrdersOf gives customers' orders of a span of time as they came in, without locking them.
func OrdersOf(ctx context.Context, q pgdb.Querier, from, to time.Time, limit int) ([]NewOrder, error) {
	rows, err := q.Query(ctx, sqlOrdersOf, from, to, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: orders of a span: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[NewOrder])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: orders of a span: %w", err)
	}
	return out, nil
}

// WantedLine is a line that needs a site.
type WantedLine struct {
	Outbound         warehouse.OutboundID
	No               int
	SKU              catalog.SKUID
	Pieces           quantity.Pieces
	MinRemainingDays int
	ShelfLifeDays    int
	Temperature      catalog.Temperature
}

const sqlWantedLines = `select l.outbound_id as outbound, l.no, l.sku_id as sku, l.pieces - l.cancelled as pieces, l.min_remaining_days, k.shelf_life_days, k.temperature
	from warehouse.outbound_line l join catalog.sku k on k.id = l.sku_id
	where l.outbound_id = any($1) and ($2 or l.state = 'new') and l.pieces > l.cancelled order by l.outbound_id, l.no`

// WantedLines gives the lines of the orders that need a site; all of them, with or without one, for all.
func WantedLines(ctx context.Context, q pgdb.Querier, orders []int64, all bool) ([]WantedLine, error) {
	rows, err := q.Query(ctx, sqlWantedLines, orders, all)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines to source: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[WantedLine])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: lines to source: %w", err)
	}
	return out, nil
}

// SiteLot is what a site can promise of one SKU, by expiry.
type SiteLot struct {
	Site   catalog.SiteID
	SKU    catalog.SKUID
	Expiry *calendar.Day
	Free   quantity.Pieces
}

const sqlSiteLots = `select p.site_id, p.sku_id, (l.expiry - date '1970-01-01')::int, sum(p.on_hand - p.reserved)::bigint
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.sku_id = any($1) and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved and` + takeable + `
	group by 1, 2, 3`

// SiteLots gives what all sites can promise of the SKUs.
func SiteLots(ctx context.Context, q pgdb.Querier, skus []int32) ([]SiteLot, error) {
	rows, err := q.Query(ctx, sqlSiteLots, skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: free stock of sites: %w", err)
	}
	var out []SiteLot
	var s SiteLot
	var expiry *int32
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&s.Site), (*int32)(&s.SKU), &expiry, (*int64)(&s.Free)}, func() error {
		s.Expiry = nil
		if expiry != nil {
			d := calendar.Day(*expiry)
			s.Expiry = &d
		}
		expiry = nil
		out = append(out, s)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: free stock of sites: %w", err)
	}
	return out, nil
}

// Promised are pieces that so many lines already wait for at a site.
type Promised struct {
	Site   catalog.SiteID
	SKU    catalog.SKUID
	Pieces quantity.Pieces
	Lines  int
}

const sqlBacklog = `select s.site_id, l.sku_id, sum(l.pieces - l.allocated - l.cancelled)::bigint, count(*)::int
	from warehouse.shipment s join warehouse.outbound_line l on l.outbound_id = s.outbound_id and l.site_id = s.site_id
	where s.queue_rank is not null and l.state = 'queued' group by 1, 2
	union all
	select site_id, sku_id, sum(pieces)::bigint, count(*)::int from warehouse.shortage group by 1, 2`

// Backlog gives the pieces that queued and short lines wait for. It reads the whole queue.
func Backlog(ctx context.Context, q pgdb.Querier) ([]Promised, error) {
	rows, err := q.Query(ctx, sqlBacklog)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: backlog: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Promised])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: backlog: %w", err)
	}
	return out, nil
}

// Sender is a site that may send orders, with its share of the day's work.
type Sender struct {
	catalog.Site
	Zone *time.Location
	Open int // shipments that wait or are being worked on
}

const sqlSenders = `select s.id, s.code, s.name_zh, s.name_en, s.city_zh, s.city_en, s.tier, s.lat, s.lon, s.time_zone,
		(select count(*) from warehouse.shipment h where h.site_id = s.id and h.state not in ('handed_over','cancelled'))::int
	from catalog.site s where s.active order by s.id`

// Senders gives the sites in use.
func Senders(ctx context.Context, q pgdb.Querier) ([]Sender, error) {
	rows, err := q.Query(ctx, sqlSenders)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Sender, err error) {
		if err = row.Scan((*int32)(&s.ID), &s.Code, &s.Name.ZH, &s.Name.EN, &s.City.ZH, &s.City.EN, &s.Tier, &s.Lat, &s.Lon, &s.TimeZone, &s.Open); err != nil {
			return s, err
		}
		s.Active = true
		s.Zone, err = time.LoadLocation(s.TimeZone)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites: %w", err)
	}
	return out, nil
}

// Sourced is what sourcing decided about orders, ready to be written.
type Sourced struct {
	orders struct {
		ids       []int64
		report    []string
		promiseAt []*time.Time
	}
	ships struct {
		outbound, rank []int64
		site           []int32
		carrier        []string
		cutoff         []*time.Time
		cold, partial  []bool
	}
	lines struct {
		outbound, pieces []int64
		no, site         []int32
	}
	parts struct {
		outbound, pieces []int64
		no, site         []int32
	}
	sites map[catalog.SiteID]struct{}
}

// Order notes why the order goes from where it goes.
func (s *Sourced) Order(id warehouse.OutboundID, report []byte, promiseAt *time.Time) {
	s.orders.ids, s.orders.report = append(s.orders.ids, int64(id)), append(s.orders.report, string(report))
	s.orders.promiseAt = append(s.orders.promiseAt, promiseAt)
}

// Shipment lets a site send a part of an order; partial takes what there is of its lines.
func (s *Sourced) Shipment(id warehouse.OutboundID, site catalog.SiteID, rank int64, carrier string, cutoff time.Time, cold, partial bool) {
	p := &s.ships
	p.outbound, p.site, p.rank = append(p.outbound, int64(id)), append(p.site, int32(site)), append(p.rank, rank)
	var at *time.Time
	if !cutoff.IsZero() {
		at = &cutoff
	}
	p.carrier, p.cutoff, p.cold = append(p.carrier, carrier), append(p.cutoff, at), append(p.cold, cold)
	p.partial = append(p.partial, partial)
	if s.sites == nil {
		s.sites = map[catalog.SiteID]struct{}{}
	}
	s.sites[site] = struct{}{}
}

// Line gives a line, or what remains of it after its parts, to a site.
func (s *Sourced) Line(id warehouse.OutboundID, no int, site catalog.SiteID, pieces quantity.Pieces) {
	l := &s.lines
	l.outbound, l.no, l.site, l.pieces = append(l.outbound, int64(id)), append(l.no, int32(no)), append(l.site, int32(site)), append(l.pieces, int64(pieces))
}

// Part splits pieces off a line into one of their own at another site.
func (s *Sourced) Part(id warehouse.OutboundID, no int, site catalog.SiteID, pieces quantity.Pieces) {
	l := &s.parts
	l.outbound, l.no, l.site, l.pieces = append(l.outbound, int64(id)), append(l.no, int32(no)), append(l.site, int32(site)), append(l.pieces, int64(pieces))
}

// Sites gives the sites that have got something to send.
func (s *Sourced) Sites() []catalog.SiteID {
	out := make([]catalog.SiteID, 0, len(s.sites))
	for id := range s.sites {
		out = append(out, id)
	}
	return out
}

// The part's amount is its share by pieces, rounded down; the rest stays with the line.
const sqlSplitLines = `with d as (
		select t.o, t.n, t.site, t.c, row_number() over (partition by t.o order by t.n, t.site) as k
		from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[]) as t (o, n, site, c)),
	top as (select l.outbound_id as o, max(l.no) as no from warehouse.outbound_line l where l.outbound_id in (select o from d) group by 1),
	ins as (
		insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, amount_fen, bundle_no, bundle_sku_id, bundle_pieces, min_remaining_days, site_id, state, queued_at)
		select d.o, top.no + d.k, l.sku_id, d.c, l.amount_fen * d.c / l.pieces, l.bundle_no, l.bundle_sku_id, l.bundle_pieces, l.min_remaining_days, d.site, 'queued', $5
		from d join top on top.o = d.o join warehouse.outbound_line l on l.outbound_id = d.o and l.no = d.n),
	s as (select d.o, d.n, sum(d.c)::bigint as c, sum(l.amount_fen * d.c / l.pieces)::bigint as a
		from d join warehouse.outbound_line l on l.outbound_id = d.o and l.no = d.n group by 1, 2)
	update warehouse.outbound_line l set pieces = l.pieces - s.c, amount_fen = l.amount_fen - s.a
	from s where l.outbound_id = s.o and l.no = s.n`

const sqlSource = `with l as (
		update warehouse.outbound_line l set site_id = d.site, state = 'queued', queued_at = $1
		from unnest($2::bigint[], $3::int[], $4::int[]) as d (o, n, site) where l.outbound_id = d.o and l.no = d.n),
	h as (
		insert into warehouse.shipment (outbound_id, site_id, queue_rank, carrier, cutoff_at, cold, partial)
		select * from unnest($5::bigint[], $6::int[], $7::bigint[], $8::text[], $9::timestamptz[], $10::boolean[], $15::boolean[])
		on conflict (outbound_id, site_id) where state in ('waiting','ready') do update
		set queue_rank = excluded.queue_rank, state = 'waiting', wave_id = null, cold = shipment.cold or excluded.cold)
	update warehouse.outbound o set state = 'waiting', rule_version = $11, sourcing = d.report::jsonb, promise_at = coalesce(o.promise_at, d.promise_at)
	from unnest($12::bigint[], $13::text[], $14::timestamptz[]) as d (id, report, promise_at) where o.id = d.id`

// Write stores what was decided: shipments in the queue, lines with their sites, orders with the report.
func (s *Sourced) Write(ctx context.Context, tx pgx.Tx, version int, at time.Time) error {
	if p := &s.parts; len(p.outbound) > 0 {
		if _, err := tx.Exec(ctx, sqlSplitLines, p.outbound, p.no, p.site, p.pieces, at); err != nil {
			return fmt.Errorf("warehousedb: split lines: %w", err)
		}
	}
	l, h, o := &s.lines, &s.ships, &s.orders
	if _, err := tx.Exec(ctx, sqlSource, at, l.outbound, l.no, l.site, h.outbound, h.site, h.rank, h.carrier, h.cutoff, h.cold,
		version, o.ids, o.report, o.promiseAt, h.partial); err != nil {
		return fmt.Errorf("warehousedb: source: %w", err)
	}
	return nil
}

// RuleVersion is a version of the sourcing rules.
type RuleVersion struct {
	Version int
	Rules   warehouse.SourcingRules
	Note    string
	Actor   string
	At      time.Time
}

const sqlSourcingRules = `select version, body, note, actor, at from warehouse.sourcing_rule order by version desc limit $1`

// SourcingRules gives the versions of the rules, the one in force first; none where nobody has set any.
func SourcingRules(ctx context.Context, q pgdb.Querier, limit int) ([]RuleVersion, error) {
	rows, err := q.Query(ctx, sqlSourcingRules, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sourcing rules: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v RuleVersion, err error) {
		var body []byte
		if err = row.Scan(&v.Version, &body, &v.Note, &v.Actor, &v.At); err == nil {
			err = json.Unmarshal(body, &v.Rules)
		}
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sourcing rules: %w", err)
	}
	return out, nil
}

const sqlInsertRules = `insert into warehouse.sourcing_rule (version, body, note, account_id, actor, at)
	select $1, $2, $3, $4, $5, $6 where $1 = (select coalesce(max(version), 0) + 1 from warehouse.sourcing_rule) on conflict do nothing`

// ErrRuleVersion tells that another version was stored meanwhile.
var ErrRuleVersion = errors.New("warehousedb: the rules were changed meanwhile")

// InsertRules stores the next version of the rules, or answers ErrRuleVersion.
func InsertRules(ctx context.Context, tx pgx.Tx, v RuleVersion, account *int64) error {
	body, err := json.Marshal(v.Rules)
	if err != nil {
		return fmt.Errorf("warehousedb: sourcing rules: %w", err)
	}
	tag, err := tx.Exec(ctx, sqlInsertRules, v.Version, body, v.Note, account, v.Actor, v.At)
	if err != nil {
		return fmt.Errorf("warehousedb: sourcing rules: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrRuleVersion
	}
	return nil
}

const sqlRetryUnsourced = `update warehouse.outbound o set state = 'new' where o.state = 'waiting' and o.kind = 'sale'
	and exists (select from warehouse.outbound_line l where l.outbound_id = o.id and l.state = 'new')
	and not exists (select from warehouse.shipment s where s.outbound_id = o.id and s.state <> 'cancelled')`

// RetryUnsourced lets sourcing look again at the orders that no site could serve, and answers how many they are.
func RetryUnsourced(ctx context.Context, tx pgx.Tx) (int64, error) {
	tag, err := tx.Exec(ctx, sqlRetryUnsourced)
	if err != nil {
		return 0, fmt.Errorf("warehousedb: orders without a site: %w", err)
	}
	return tag.RowsAffected(), nil
}
