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

const sqlWaveTasks = `select k.id, k.no, k.mode, k.state, k.actor, k.device, k.leased_until as until, k.taken_at, k.done_at, n.stops, n.done, n.short, n.pieces,
		(select count(*) from warehouse.pick_tote pt where pt.task_id = k.id) as totes, n.late, k.path_metres as metres
	from warehouse.pick_task k cross join lateral (select count(*) as stops, count(*) filter (where st.state not in ('open','putback')) as done,
		count(*) filter (where st.state in ('short','damaged')) as short, coalesce(sum(st.pieces), 0)::bigint as pieces,
		count(*) filter (where st.state = 'putback') as late
		from warehouse.pick_stop st where st.task_id = k.id and st.state not in ('cancelled','returned')) n
	where k.wave_id = $1 order by k.no`

// WaveTasks gives the picking tasks of a wave.
func WaveTasks(ctx context.Context, q pgdb.Querier, wave int64) ([]warehouse.WaveTask, error) {
	rows, err := q.Query(ctx, sqlWaveTasks, wave)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: tasks of a wave: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.WaveTask])
}

const sqlWaveShipments = `select s.id, s.outbound_id as outbound, o.channel, o.number, s.state, s.tote, o.promise, o.promise_at, n.lines, n.pieces, n.picked,
		(select count(*) from warehouse.parcel p where p.shipment_id = s.id and p.state <> 'opened') as parcels
	from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
	cross join lateral (select count(distinct a.line_no) as lines, coalesce(sum(a.pieces), 0)::bigint as pieces,
		coalesce(sum(a.pieces) filter (where a.state in ('picked','packed','shipped')), 0)::bigint as picked
		from warehouse.allocation a where a.shipment_id = s.id and a.state <> 'released') n
	where s.wave_id = $1 order by s.id limit 2000`

// WaveShipments gives the shipments of a wave.
func WaveShipments(ctx context.Context, q pgdb.Querier, wave int64) ([]warehouse.WaveShipment, error) {
	rows, err := q.Query(ctx, sqlWaveShipments, wave)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: shipments of a wave: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.WaveShipment])
}

// What past shipments held stands in the stops that were made for them.
const sqlPastCandidates = `select s.id as shipment, s.carrier, s.cutoff_at as cutoff, coalesce(z.zone, '') as zone, z.lines = 1 as single, s.cold,
		o.promise = 'minutes30' as urgent, o.priority::int as priority, coalesce(s.ready_at, o.received_at) as ready
	from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
	join lateral (select count(distinct a.line_no) as lines, case when min(b.zone) = max(b.zone) then min(b.zone) end as zone
		from warehouse.pick_stop st join warehouse.allocation a on a.id = st.allocation_id
		left join warehouse.bin b on b.site_id = s.site_id and b.code = st.bin where st.shipment_id = s.id) z on z.lines > 0
	where s.site_id = $1 and coalesce(s.ready_at, o.received_at) >= $2 and coalesce(s.ready_at, o.received_at) < $3 order by s.id limit 50000`

const sqlPastPicks = `select st.allocation_id as allocation, st.shipment_id as shipment, st.lot_id, st.sku_id as sku, st.pieces, st.bin, coalesce(b.zone, '') as zone,
		coalesce(b.aisle, 0) as aisle, coalesce(b.bay, 0) as bay, coalesce(b.level, 0) as level, coalesce(b.side, 0)::int as side
	from warehouse.pick_stop st join warehouse.shipment s on s.id = st.shipment_id left join warehouse.bin b on b.site_id = s.site_id and b.code = st.bin
	where s.id = any($1) order by st.id`

// PastCandidates gives the shipments that became ready in a span of time, and what was picked for them.
func PastCandidates(ctx context.Context, q pgdb.Querier, site catalog.SiteID, from, to time.Time) ([]warehouse.WaveCandidate, map[int64][]ToPick, error) {
	rows, err := q.Query(ctx, sqlPastCandidates, site, from, to)
	if err != nil {
		return nil, nil, fmt.Errorf("warehousedb: past shipments: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.WaveCandidate])
	if err != nil {
		return nil, nil, err
	}
	if rows, err = q.Query(ctx, sqlPastPicks, column(all, func(c warehouse.WaveCandidate) int64 { return c.Shipment })); err != nil {
		return nil, nil, fmt.Errorf("warehousedb: past picks: %w", err)
	}
	picks, err := pgx.CollectRows(rows, pgx.RowToStructByName[ToPick])
	if err != nil {
		return nil, nil, err
	}
	byShipment := map[int64][]ToPick{}
	for _, p := range picks {
		byShipment[p.Shipment] = append(byShipment[p.Shipment], p)
	}
	return all, byShipment, nil
}
