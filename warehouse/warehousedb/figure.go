package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// Every list has the parameters sites, from, to and now, and gives id, code, names, site, who, at, values and the order in which it
// is shown, the highest first.
const (
	figureFill = `select o.id, o.number as code, k.name_zh as zh, k.name_en as en, w.code as site, k.code as who, o.received_at as at,
			array[(l.pieces - l.cancelled)::float8, l.allocated::float8] as v, extract(epoch from $4::timestamptz - o.received_at)::float8 as o
		from warehouse.outbound o join warehouse.outbound_line l on l.outbound_id = o.id join catalog.sku k on k.id = l.sku_id join catalog.site w on w.id = l.site_id
		where o.kind = 'sale' and o.received_at >= $2 and o.received_at < $3 and l.site_id = any($1) and l.state in ('queued','short')`
	figureOnTime = `select o.id, o.number as code, ''::text as zh, ''::text as en, coalesce((select string_agg(distinct w.code, ' ') from warehouse.shipment s join catalog.site w on w.id = s.site_id where s.outbound_id = o.id), '') as site,
			o.channel as who, o.promise_at as at, array[extract(epoch from coalesce(o.shipped_at, $4::timestamptz) - o.promise_at)::float8 / 3600,
			(select coalesce(sum(l.pieces - l.cancelled), 0) from warehouse.outbound_line l where l.outbound_id = o.id)::float8] as v, extract(epoch from coalesce(o.shipped_at, $4::timestamptz) - o.promise_at)::float8 as o
		from warehouse.outbound o where o.kind = 'sale' and o.received_at >= $2 and o.received_at < $3 and o.state <> 'cancelled' and o.promise_at < coalesce(o.shipped_at, $4::timestamptz)
			and exists (select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = any($1))`
	figureDock = `select d.id, d.number as code, coalesce(s.name_zh, f.name_zh, '') as zh, coalesce(s.name_en, f.name_en, '') as en, w.code as site, ''::text as who, d.started_at as at,
			array[coalesce(extract(epoch from p.at - d.started_at)::float8 / 3600, -1), (select coalesce(sum(a.pieces), 0) from warehouse.arrival a where a.delivery_id = d.id and a.undone_by is null)::float8] as v,
			coalesce(extract(epoch from p.at - d.started_at)::float8, 1e12) as o
		from warehouse.delivery d join catalog.site w on w.id = d.site_id left join catalog.supplier s on s.id = d.supplier_id left join catalog.site f on f.id = d.from_site
		cross join lateral (select min(o.at) as at from warehouse.arrival a join warehouse.lot l on l.sku_id = a.sku_id and l.code = a.lot
			join warehouse.position p on p.lot_id = l.id and p.site_id = d.site_id join warehouse.entry e on e.from_position = p.id
			join warehouse.operation o on o.id = e.operation_id and o.cause = 'putaway' and o.at > d.started_at where a.delivery_id = d.id) p
		where d.site_id = any($1) and d.started_at >= $2 and d.started_at < $3 and $4::timestamptz is not null`
	figurePick = `select k.wave_id as id, v.number || '-' || k.no as code, ''::text as zh, ''::text as en, w.code as site, k.actor as who, k.done_at as at,
			array[n.stops::float8, n.pieces::float8, extract(epoch from k.done_at - k.taken_at)::float8 / 60,
				case when k.done_at > k.taken_at then n.stops * 3600 / extract(epoch from k.done_at - k.taken_at)::float8 else 0 end] as v, extract(epoch from k.done_at)::float8 as o
		from warehouse.pick_task k join warehouse.wave v on v.id = k.wave_id join catalog.site w on w.id = k.site_id
		cross join lateral (select count(*) as stops, coalesce(sum(st.pieces), 0) as pieces from warehouse.pick_stop st where st.task_id = k.id and st.state = 'picked') n
		where k.site_id = any($1) and k.state = 'done' and k.done_at >= $2 and k.done_at < $3 and k.taken_at is not null and $4::timestamptz is not null`
	figureMisscan = `select 0::bigint as id, c.screen as code, c.verdict as zh, c.verdict as en, w.code as site, c.actor as who, max(c.at) as at, array[count(*)::float8] as v, count(*)::float8 as o
		from warehouse.command c join catalog.site w on w.id = c.site_id
		where c.site_id = any($1) and c.at >= $2 and c.at < $3 and c.verdict not in ('right','') and c.screen <> '' and $4::timestamptz is not null group by c.screen, c.verdict, w.code, c.actor`
	figureStockout = `with out as (
			select p.sku_id, p.site_id, sum(e.pieces) as n, max(o.at) as at from warehouse.operation o join warehouse.entry e on e.operation_id = o.id and e.to_position is null
				join warehouse.position p on p.id = e.from_position where o.cause = 'ship' and o.at >= $4::timestamptz - interval '28 days' and p.site_id = any($1) group by 1, 2),
		wait as (select sku_id, site_id, sum(pieces) as n from warehouse.shortage where site_id = any($1) group by 1, 2)
		select k.id::bigint as id, k.code, k.name_zh as zh, k.name_en as en, w.code as site, ''::text as who, out.at, array[coalesce(out.n, 0)::float8, coalesce(wait.n, 0)::float8] as v,
			coalesce(wait.n, 0) * 1e9 + coalesce(out.n, 0) as o
		from out full join wait using (sku_id, site_id) join catalog.sku k on k.id = sku_id join catalog.site w on w.id = site_id
		where not exists (select from warehouse.position p where p.sku_id = k.id and p.site_id = w.id and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved)
			and $2::timestamptz <= $3::timestamptz`
	figureSlow = `with here as (select p.sku_id, p.site_id, sum(p.on_hand) as n from warehouse.position p where p.site_id = any($1) and p.on_hand > 0 group by 1, 2),
		last as (select p.sku_id, p.site_id, max(o.at) as at from warehouse.position p join warehouse.entry e on e.from_position = p.id and e.to_position is null
				join warehouse.operation o on o.id = e.operation_id and o.cause = 'ship' where p.site_id = any($1) group by 1, 2),
		came as (select p.sku_id, p.site_id, min(o.at) as at from warehouse.position p join warehouse.entry e on e.to_position = p.id join warehouse.operation o on o.id = e.operation_id
				where p.site_id = any($1) and e.from_position is null group by 1, 2)
		select k.id::bigint as id, k.code, k.name_zh as zh, k.name_en as en, w.code as site, ''::text as who, last.at, array[here.n::float8, (here.n * k.price_fen)::float8,
			coalesce(floor(extract(epoch from $4::timestamptz - last.at) / 86400), -1)::float8] as v, (here.n * k.price_fen)::float8 as o
		from here join catalog.sku k on k.id = here.sku_id join catalog.site w on w.id = here.site_id left join last using (sku_id, site_id) left join came using (sku_id, site_id)
		where coalesce(last.at, came.at, '-infinity') < $4::timestamptz - interval '60 days' and $2::timestamptz <= $3::timestamptz`
	figureTurns = `with moved as (
			select p.sku_id, p.site_id, sum(case when e.to_position is null and o.cause = 'ship' then e.pieces else 0 end) as gone, sum(case when e.from_position = p.id then e.pieces else -e.pieces end) as less
			from warehouse.operation o join warehouse.entry e on e.operation_id = o.id join warehouse.position p on p.id in (e.from_position, e.to_position)
			where o.at >= $4::timestamptz - interval '90 days' and p.site_id = any($1) group by 1, 2),
		here as (select p.sku_id, p.site_id, sum(p.on_hand) as n from warehouse.position p where p.site_id = any($1) and p.on_hand > 0 group by 1, 2),
		mean as (select sku_id, site_id, coalesce(gone, 0)::float8 as gone, greatest((coalesce(here.n, 0) + coalesce(here.n, 0) + coalesce(less, 0))::float8 / 2, 0) as mean from here full join moved using (sku_id, site_id))
		select k.id::bigint as id, k.code, k.name_zh as zh, k.name_en as en, w.code as site, ''::text as who, null::timestamptz as at,
			array[m.gone, m.mean, case when m.mean > 0 then m.gone * 365 / 90 / m.mean else 0 end] as v, -case when m.mean > 0 then m.gone * 365 / 90 / m.mean else 0 end as o
		from mean m join catalog.sku k on k.id = m.sku_id join catalog.site w on w.id = m.site_id where (m.gone > 0 or m.mean > 0) and $2::timestamptz <= $3::timestamptz`
)

const (
	figureHead = `with r as materialized (`
	figureTail = `) select r.id, r.code, r.zh, r.en, r.site, r.who, r.at, r.v, (select count(*) from r),
		(select coalesce(array_agg(s.x order by s.i), '{}') from (select u.i, sum(greatest(u.x, 0)) as x from r, unnest(r.v) with ordinality as u (x, i) group by u.i) s)
	from r order by r.o desc, r.code, r.site limit $5`
)

const (
	sqlFigureFillRows     = figureHead + figureFill + figureTail
	sqlFigureOnTimeRows   = figureHead + figureOnTime + figureTail
	sqlFigureDockRows     = figureHead + figureDock + figureTail
	sqlFigurePickRows     = figureHead + figurePick + figureTail
	sqlFigureMisscanRows  = figureHead + figureMisscan + figureTail
	sqlFigureStockoutRows = figureHead + figureStockout + figureTail
	sqlFigureSlowRows     = figureHead + figureSlow + figureTail
	sqlFigureTurnsRows    = figureHead + figureTurns + figureTail
)

// FigureRows gives the rows behind a figure at the sites, those that need somebody first, with how many there are and their sums.
func FigureRows(ctx context.Context, q pgdb.Querier, kind warehouse.FigureKind, sites []catalog.SiteID, from, to, now time.Time, limit int) (warehouse.FigureList, error) {
	list := warehouse.FigureList{Kind: kind}
	sql := map[warehouse.FigureKind]string{warehouse.FigureFill: sqlFigureFillRows, warehouse.FigureOnTime: sqlFigureOnTimeRows, warehouse.FigureDock: sqlFigureDockRows,
		warehouse.FigurePick: sqlFigurePickRows, warehouse.FigureMisscan: sqlFigureMisscanRows, warehouse.FigureStockout: sqlFigureStockoutRows, warehouse.FigureSlow: sqlFigureSlowRows,
		warehouse.FigureTurns: sqlFigureTurnsRows}[kind]
	rows, err := q.Query(ctx, sql, sites, from, to, now, limit)
	if err != nil {
		return list, fmt.Errorf("warehousedb: rows of %s: %w", kind, err)
	}
	if list.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r warehouse.FigureRow, err error) {
		err = row.Scan(&r.ID, &r.Code, &r.Name.ZH, &r.Name.EN, &r.Site, &r.Who, &r.At, &r.Values, &list.Count, &list.Sums)
		return r, err
	}); err != nil {
		return list, fmt.Errorf("warehousedb: rows of %s: %w", kind, err)
	}
	return list, nil
}
