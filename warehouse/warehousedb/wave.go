package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

const sqlWaveRule = `select site_id as site, max_shipments, totes, by_zone, by_single, release_minutes, urgent, lease_minutes, weight_permille,
	updated_at, updated_by from warehouse.wave_rule where site_id = $1`

// WaveRule gives a site's rule, or the default one where nobody has set one.
func WaveRule(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (warehouse.WaveRule, error) {
	rows, err := q.Query(ctx, sqlWaveRule, site)
	if err != nil {
		return warehouse.WaveRule{}, fmt.Errorf("warehousedb: wave rule: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[warehouse.WaveRule])
	if errors.Is(err, pgx.ErrNoRows) {
		return warehouse.DefaultWaveRule(site), nil
	}
	return r, err
}

const sqlLockWaves = `insert into warehouse.wave_rule (site_id) values ($1) on conflict (site_id) do nothing`
const sqlLockWaveRule = `select site_id from warehouse.wave_rule where site_id = $1 for update`

// LockWaves lets one transaction at a time build waves at a site.
func LockWaves(ctx context.Context, tx pgx.Tx, site catalog.SiteID) error {
	if _, err := tx.Exec(ctx, sqlLockWaves, site); err != nil {
		return fmt.Errorf("warehousedb: lock waves: %w", err)
	}
	_, err := tx.Exec(ctx, sqlLockWaveRule, site)
	return err
}

const sqlSaveWaveRule = `insert into warehouse.wave_rule (site_id, max_shipments, totes, by_zone, by_single, release_minutes, urgent, lease_minutes,
	weight_permille, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	on conflict (site_id) do update set max_shipments = excluded.max_shipments, totes = excluded.totes, by_zone = excluded.by_zone,
	by_single = excluded.by_single, release_minutes = excluded.release_minutes, urgent = excluded.urgent, lease_minutes = excluded.lease_minutes,
	weight_permille = excluded.weight_permille, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

// SaveWaveRule keeps a site's rule.
func SaveWaveRule(ctx context.Context, tx pgx.Tx, r warehouse.WaveRule) error {
	_, err := tx.Exec(ctx, sqlSaveWaveRule, r.Site, r.MaxShipments, r.Totes, r.ByZone, r.BySingle, r.ReleaseMinutes, r.Urgent, r.LeaseMinutes,
		r.WeightPermille, r.UpdatedAt, r.UpdatedBy)
	return err
}

// The shipments that are ready and in no wave, with what waves tell apart. Rows that another transaction holds are left to it.
const sqlWaveCandidates = `select s.id as shipment, s.carrier, s.cutoff_at as cutoff, coalesce(z.zone, '') as zone, z.lines = 1 as single, s.cold,
		o.promise = 'minutes30' as urgent, o.priority::int as priority, coalesce(s.ready_at, o.received_at) as ready
	from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
	join lateral (select count(distinct a.line_no) as lines, case when min(b.zone) = max(b.zone) then min(b.zone) end as zone
		from warehouse.allocation a join warehouse.position p on p.id = a.position_id
		left join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
		where a.outbound_id = s.outbound_id and a.site_id = s.site_id and a.state = 'reserved' and coalesce(a.shipment_id, s.id) = s.id) z on z.lines > 0
	where s.site_id = $1 and s.state = 'ready' and s.wave_id is null and o.state <> 'cancelled'
	order by s.id limit 20000 for update of s skip locked`

// WaveCandidates locks and gives the shipments of a site that wait for a wave.
func WaveCandidates(ctx context.Context, tx pgx.Tx, site catalog.SiteID) ([]warehouse.WaveCandidate, error) {
	rows, err := tx.Query(ctx, sqlWaveCandidates, site)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: wave candidates: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.WaveCandidate])
}

const sqlSitesToWave = `select distinct site_id from warehouse.shipment where state = 'ready' and wave_id is null
	union select distinct site_id from warehouse.wave where state = 'proposed' order by 1`

// SitesToWave gives the sites with shipments that wait for a wave, or with waves that wait for their release.
func SitesToWave(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	rows, err := q.Query(ctx, sqlSitesToWave)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[catalog.SiteID])
}

const sqlNextWave = `select coalesce(max(number::bigint), 0) + 1 from warehouse.wave where site_id = $1 and number ~ '^[0-9]{1,12}$'`

const sqlInsertWave = `insert into warehouse.wave (site_id, number, carrier, cutoff_at, zone, single, cold, urgent, created_at, created_by)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`

const sqlJoinWave = `update warehouse.shipment set wave_id = $1 where id = any($2)`

const sqlTakeAllocations = `update warehouse.allocation a set shipment_id = s.id from warehouse.shipment s
	where s.id = any($1) and a.outbound_id = s.outbound_id and a.site_id = s.site_id and a.shipment_id is null and a.state = 'reserved'`

// SaveWaves keeps the plans as proposed waves. LockWaves has been called.
func SaveWaves(ctx context.Context, tx pgx.Tx, site catalog.SiteID, plans []warehouse.WavePlan, at time.Time, by string) ([]int64, error) {
	var next int64
	if err := tx.QueryRow(ctx, sqlNextWave, site).Scan(&next); err != nil {
		return nil, fmt.Errorf("warehousedb: number a wave: %w", err)
	}
	ids := make([]int64, len(plans))
	for i, p := range plans {
		var cutoff *time.Time
		if !p.Cutoff.IsZero() {
			cutoff = &p.Cutoff
		}
		err := tx.QueryRow(ctx, sqlInsertWave, site, fmt.Sprintf("%04d", next+int64(i)), p.Carrier, cutoff, p.Zone, p.Single, p.Cold, p.Fast, at, by).Scan(&ids[i])
		if err != nil {
			return nil, fmt.Errorf("warehousedb: wave: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlJoinWave, ids[i], p.Shipments); err != nil {
			return nil, fmt.Errorf("warehousedb: join wave: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlTakeAllocations, p.Shipments); err != nil {
			return nil, fmt.Errorf("warehousedb: join wave: %w", err)
		}
	}
	return ids, nil
}

const waveColumns = ` w.id, w.site_id as site, w.number, w.state, w.carrier, w.cutoff_at as cutoff, w.zone, w.single, w.cold, w.urgent, w.created_at, w.created_by,
	w.released_at, w.released_by, w.picked_at, w.handed_over_at as handed_over,
	n.shipments, n.packed, n.gone, t.stops, t.picked, t.short, coalesce(nullif(t.pieces, 0), n.pieces) as pieces, t.tasks, t.tasks_done, t.pickers
	from warehouse.wave w
	cross join lateral (select count(*) as shipments, count(*) filter (where s.state in ('packed','handed_over')) as packed,
		count(*) filter (where s.state = 'handed_over') as gone,
		coalesce(sum((select sum(a.pieces) from warehouse.allocation a where a.shipment_id = s.id and a.state <> 'released')), 0)::bigint as pieces
		from warehouse.shipment s where s.wave_id = w.id) n
	cross join lateral (select coalesce(sum(x.stops), 0)::bigint as stops, coalesce(sum(x.picked), 0)::bigint as picked, coalesce(sum(x.short), 0)::bigint as short,
		coalesce(sum(x.pieces), 0)::bigint as pieces, count(*) as tasks, count(*) filter (where k.state = 'done') as tasks_done,
		coalesce(array_agg(distinct k.actor) filter (where k.actor <> ''), '{}') as pickers
		from warehouse.pick_task k cross join lateral (select count(*) filter (where p.state not in ('cancelled','returned')) as stops,
			count(*) filter (where p.state = 'picked') as picked, count(*) filter (where p.state in ('short','damaged')) as short,
			sum(p.pieces) filter (where p.state not in ('cancelled','returned','short','damaged')) as pieces
			from warehouse.pick_stop p where p.task_id = k.id) x
		where k.wave_id = w.id and k.state <> 'cancelled') t`

const sqlWaves = `select` + waveColumns + ` where w.site_id = any($1) and ($2 or w.state in ('proposed','released','picked'))
	order by case w.state when 'released' then 0 when 'proposed' then 1 when 'picked' then 2 else 3 end, w.urgent desc, w.cutoff_at nulls last, w.id desc limit $3`

const sqlWave = `select` + waveColumns + ` where w.id = $1`

// Waves gives the sites' waves: those at work first, by the carrier's time. Old ones too where all is set.
func Waves(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, all bool, limit int) ([]warehouse.Wave, error) {
	rows, err := q.Query(ctx, sqlWaves, sites, all, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: waves: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.Wave])
}

// Wave gives one wave; catalog.ErrUnknown where there is none.
func Wave(ctx context.Context, q pgdb.Querier, id int64) (warehouse.Wave, error) {
	rows, err := q.Query(ctx, sqlWave, id)
	if err != nil {
		return warehouse.Wave{}, fmt.Errorf("warehousedb: wave: %w", err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[warehouse.Wave])
	if errors.Is(err, pgx.ErrNoRows) {
		return w, fmt.Errorf("warehousedb: wave %d: %w", id, catalog.ErrUnknown)
	}
	return w, err
}

const sqlLockWave = `select state from warehouse.wave where id = $1 for update`

// LockWave locks a wave and gives its state.
func LockWave(ctx context.Context, tx pgx.Tx, id int64) (state warehouse.WaveState, err error) {
	err = tx.QueryRow(ctx, sqlLockWave, id).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: wave %d: %w", id, catalog.ErrUnknown)
	}
	return state, err
}

const sqlWaveReleased = `update warehouse.wave set state = 'released', released_at = $2, released_by = $3 where id = $1`

const sqlShipmentsReleased = `update warehouse.shipment set state = 'released' where wave_id = $1 and state = 'ready'`

const sqlOutboundsPicking = `update warehouse.outbound set state = 'picking' where state in ('new','waiting','allocated') and id in
	(select outbound_id from warehouse.shipment where wave_id = $1 and state = 'released')`

const sqlLockWaveOutbounds = `select id from warehouse.outbound where id in (select outbound_id from warehouse.shipment where wave_id = $1)
	order by id for no key update`

// ReleaseWave marks a wave and what is in it as released.
func ReleaseWave(ctx context.Context, tx pgx.Tx, id int64, at time.Time, by string) error {
	if _, err := tx.Exec(ctx, sqlWaveReleased, id, at, by); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlShipmentsReleased, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlOutboundsPicking, id)
	return err
}

// LockWaveOutbounds locks the orders of a wave, as every verb does that changes shipments.
func LockWaveOutbounds(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, sqlLockWaveOutbounds, id)
	return err
}

const sqlWaveCancelled = `update warehouse.wave set state = 'cancelled' where id = $1`
const sqlShipmentsUnwaved = `update warehouse.shipment set wave_id = null where wave_id = $1 and state = 'ready'`

// CancelWave lets the shipments of a proposed wave wait for another.
func CancelWave(ctx context.Context, tx pgx.Tx, id int64) error {
	if _, err := tx.Exec(ctx, sqlWaveCancelled, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlShipmentsUnwaved, id)
	return err
}

// ToPick is an allocation of a wave that has to be picked.
type ToPick struct {
	Allocation, Shipment int64
	LotID                int64
	SKU                  catalog.SKUID
	Pieces               int64
	Bin                  string
	Zone                 string
	Aisle, Bay           int
	Level, Side          int
}

const sqlToPick = `select a.id as allocation, s.id as shipment, p.lot_id, p.sku_id as sku, a.pieces, p.bin, coalesce(b.zone, '') as zone,
		coalesce(b.aisle, 0) as aisle, coalesce(b.bay, 0) as bay, coalesce(b.level, 0) as level, coalesce(b.side, 0)::int as side
	from warehouse.shipment s join warehouse.allocation a on a.shipment_id = s.id and a.state = 'reserved'
	join warehouse.position p on p.id = a.position_id left join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
	where s.wave_id = $1 and s.state = 'ready' order by a.id`

// ToPickOf gives what is to be picked for a wave that is not yet released.
func ToPickOf(ctx context.Context, tx pgx.Tx, wave int64) ([]ToPick, error) {
	rows, err := tx.Query(ctx, sqlToPick, wave)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: to pick: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ToPick])
}
