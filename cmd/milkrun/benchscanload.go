package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/warehouse"
)

// Size of the warehouse: bins, and what one cart holds.
const (
	scanSKUs      = 600
	scanTotes     = 6
	scanLines     = 3
	scanShipments = 3 * scanTotes // a handheld: three carts of work
)

// load makes a site with bins and stock, orders that are allocated, waves that are released, and workers with badges.
func (b *scanBench) load(ctx context.Context) error {
	pool, system := b.h.db.Pool, b.h.asSystem(ctx)
	run := func(sql string, args ...any) error {
		_, err := pool.Exec(ctx, sql, args...)
		return err
	}
	err := pool.QueryRow(ctx, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('BENCH', '压测仓', 'regional', 31, 121) returning id`).Scan(&b.site)
	if err != nil {
		return err
	}
	orders := b.cmd.Handhelds * scanShipments
	op := uuid.New()
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`insert into catalog.category (code, name_zh) values ('bench', '压测')`, nil},
		// GTINs with their check digit: the weights 3 and 1 from the right.
		{`insert into catalog.sku (code, name_zh, category_id, shelf_life_days, weight_grams, gtin)
			select 'K-' || i, '压测品 ' || i, c.id, 730, 500, d || (10 - (select sum(substr(d, n, 1)::int * case when n % 2 = 1 then 3 else 1 end) from generate_series(1, 13) n) % 10) % 10
			from generate_series(1, $1) i cross join lateral (select '0' || (690000000000 + i)::text as d) x cross join catalog.category c where c.code = 'bench'`, []any{scanSKUs}},
		{`insert into warehouse.bin (site_id, code, kind, zone, aisle, bay, level, side)
			select $1, 'A' || lpad((i % 20 + 1)::text, 2, '0') || '-' || lpad((i / 20 % 30 + 1)::text, 2, '0') || '-' || i / 600 + 1, 'pick', 'A', i % 20 + 1, i / 20 % 30 + 1, i / 600 + 1, i % 2
			from generate_series(0, 1799) i`, []any{b.site}},
		{`insert into warehouse.bin (site_id, code, kind) select $1, 'T-' || t || '-' || p, 'tote' from generate_series(1, $2) t, generate_series(1, $3) p`,
			[]any{b.site, b.cmd.Handhelds * 8, scanTotes}},
		{`insert into warehouse.lot (sku_id, code, expiry) select id, 'L260815', current_date + 400 from catalog.sku`, nil},
		{`insert into warehouse.operation (id, cause, at, actor) values ($1, 'opening', now(), 'bench')`, []any{op}},
		{`with k as (select id, row_number() over (order by id) - 1 as i from catalog.sku), p as (
			insert into warehouse.position (site_id, bin, sku_id, lot_id, on_hand)
			select $1, 'A' || lpad((n % 20 + 1)::text, 2, '0') || '-' || lpad((n / 20 % 30 + 1)::text, 2, '0') || '-' || n / 600 + 1, k.id, l.id, 100000
			from k join warehouse.lot l on l.sku_id = k.id cross join lateral (select k.i * 3 as n) x returning id, on_hand)
			insert into warehouse.entry (operation_id, to_position, pieces) select $2, id, on_hand from p`, []any{b.site, op}},
		{`insert into warehouse.outbound (channel, number, content_hash, placed_at, received_at, state) select 'bench', 'B-' || i, '\x00', now(), now(), 'allocated' from generate_series(1, $1) i`, []any{orders}},
		{`insert into warehouse.shipment (outbound_id, site_id, state, carrier, cutoff_at, ready_at) select id, $1, 'ready', 'SF', date_trunc('hour', now()) + interval '6 hours', now() from warehouse.outbound`, []any{b.site}},
		{`insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, allocated, state, site_id)
			select o.id, n, k.id, 1 + (o.id + n) % 3, 1 + (o.id + n) % 3, 'allocated', $1 from warehouse.outbound o cross join generate_series(1, $2) n
			join (select id, row_number() over (order by id) - 1 as i from catalog.sku) k on k.i = (o.id * 37 + n * 211) % $3`, []any{b.site, scanLines, scanSKUs}},
		{`insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at)
			select l.outbound_id, l.no, $1, l.sku_id, p.id, l.pieces, now() from warehouse.outbound_line l join warehouse.position p on p.sku_id = l.sku_id`, []any{b.site}},
		{`update warehouse.position p set reserved = a.n from (select position_id, sum(pieces) as n from warehouse.allocation group by position_id) a where a.position_id = p.id`, nil},
	} {
		if err := run(s.sql, s.args...); err != nil {
			return err
		}
	}
	if err := run("analyze"); err != nil {
		return err
	}
	if err := b.release(system); err != nil {
		return err
	}
	return b.people(system)
}

func (b *scanBench) release(ctx context.Context) error {
	rule := warehouse.DefaultWaveRule(b.site)
	rule.MaxShipments, rule.Totes, rule.BySingle = 300, scanTotes, false
	if err := b.h.Stock.SetWaveRule(ctx, rule); err != nil {
		return err
	}
	ids, err := b.h.Stock.ProposeWaves(ctx, b.site)
	if err != nil {
		return err
	}
	began := time.Now()
	for _, id := range ids {
		if err := b.h.Stock.ReleaseWave(ctx, id); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.say, "%d waves of %d shipments released in %.1f s\n", len(ids), b.cmd.Handhelds*scanShipments, time.Since(began).Seconds())
	return nil
}

// people gives every handheld its worker with a badge.
func (b *scanBench) people(ctx context.Context) error {
	for i := range b.cmd.Handhelds {
		a, err := b.h.Access.AddUser(ctx, access.User{Login: fmt.Sprintf("bench-%03d", i+1), Name: fmt.Sprintf("工人 %d", i+1), Role: access.Warehouse, Language: "zh"}, "")
		if err != nil {
			return err
		}
		code, err := b.h.Access.AddBadge(ctx, a.ID)
		if err != nil {
			return err
		}
		b.badges = append(b.badges, code)
	}
	return nil
}

// proof counts the positions whose reservations are not those of their allocations, and the pieces in totes.
func (b *scanBench) proof(ctx context.Context) (wrong, picked int, err error) {
	err = b.h.db.Pool.QueryRow(ctx, `select count(*) filter (where p.reserved <> coalesce((select sum(a.pieces) from warehouse.allocation a
			where a.position_id = p.id and a.state in ('reserved','picked','packed')), 0)), coalesce(sum(p.on_hand) filter (where p.bin like 'T-%'), 0)
		from warehouse.position p`).Scan(&wrong, &picked)
	return wrong, picked, err
}
