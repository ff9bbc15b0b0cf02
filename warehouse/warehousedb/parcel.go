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

const parcelColumns = `select p.id, p.number, p.shipment_id as shipment, p.site_id as site, p.state, o.number as "order", o.channel, s.carrier, p.box, p.weight_grams, p.expected_grams,
		coalesce((select sum(i.pieces) from warehouse.parcel_item i where i.parcel_id = p.id), 0)::bigint as pieces, p.packed_at, p.packed_by,
		coalesce(m.number, '') as manifest, p.handed_over_at
	from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id
	left join warehouse.manifest m on m.id = p.manifest_id`

func parcels(rows pgx.Rows, err error) ([]warehouse.Parcel, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: parcels: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.Parcel])
}

const sqlShipmentParcels = parcelColumns + ` where p.shipment_id = $1 and p.state <> 'opened' order by p.id`

// ShipmentParcels gives the parcels of a shipment.
func ShipmentParcels(ctx context.Context, q pgdb.Querier, shipment int64) ([]warehouse.Parcel, error) {
	return parcels(q.Query(ctx, sqlShipmentParcels, shipment))
}

const sqlParcels = parcelColumns + ` where p.site_id = any($1) and p.packed_at >= $2 and p.packed_at < $3 and ($4 = '' or p.state = $4) order by p.packed_at desc, p.id desc limit $5`

// Parcels gives the parcels packed in a span of time, the latest first; state "" is every state.
func Parcels(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to time.Time, state string, limit int) ([]warehouse.Parcel, error) {
	return parcels(q.Query(ctx, sqlParcels, sites, from, to, state, limit))
}

const sqlParcelByNumber = parcelColumns + ` where p.number = $1`
const sqlParcelByID = parcelColumns + ` where p.id = $1`

// ParcelByNumber gives a parcel; catalog.ErrUnknown where there is none of the number.
func ParcelByNumber(ctx context.Context, q pgdb.Querier, number string) (warehouse.Parcel, error) {
	return oneParcel(parcels(q.Query(ctx, sqlParcelByNumber, number)))
}

// ParcelByID gives a parcel; catalog.ErrUnknown where there is none.
func ParcelByID(ctx context.Context, q pgdb.Querier, id int64) (warehouse.Parcel, error) {
	return oneParcel(parcels(q.Query(ctx, sqlParcelByID, id)))
}

func oneParcel(all []warehouse.Parcel, err error) (warehouse.Parcel, error) {
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("warehousedb: parcel: %w", catalog.ErrUnknown)
	}
	if err != nil {
		return warehouse.Parcel{}, err
	}
	return all[0], nil
}

// ParcelLock is a locked parcel.
type ParcelLock struct {
	ID, Shipment  int64
	Number        string
	Site          catalog.SiteID
	State         string
	Manifest      *int64
	Carrier       string
	Order         string
	Cancelled     bool
	ShipmentState string
}

const sqlLockParcel = `select p.id, p.shipment_id as shipment, p.number, p.site_id as site, p.state, p.manifest_id as manifest, s.carrier, o.number as "order",
		o.state = 'cancelled' or exists (select from warehouse.put_back pb where pb.shipment_id = s.id and pb.done_at is null) as cancelled, s.state as shipment_state
	from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id`

const sqlLockParcelByNumber = sqlLockParcel + ` where p.number = $1 for no key update of p`
const sqlLockLoaded = sqlLockParcel + ` where p.manifest_id = $1 and p.state = 'loaded' order by p.id for no key update of p`

// LockParcel locks a parcel by its number; catalog.ErrUnknown where there is none.
func LockParcel(ctx context.Context, tx pgx.Tx, number string) (ParcelLock, error) {
	rows, err := tx.Query(ctx, sqlLockParcelByNumber, number)
	if err != nil {
		return ParcelLock{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ParcelLock])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: parcel %s: %w", number, catalog.ErrUnknown)
	}
	return p, err
}

// LockLoaded locks the parcels that stand on a manifest.
func LockLoaded(ctx context.Context, tx pgx.Tx, manifest int64) ([]ParcelLock, error) {
	rows, err := tx.Query(ctx, sqlLockLoaded, manifest)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ParcelLock])
}

const sqlParcelShipment = `select shipment_id from warehouse.parcel where number = $1`

// ShipmentOfParcel gives the shipment of a parcel's number; catalog.ErrUnknown for none.
func ShipmentOfParcel(ctx context.Context, q pgdb.Querier, number string) (id int64, err error) {
	err = q.QueryRow(ctx, sqlParcelShipment, number).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: parcel %s: %w", number, catalog.ErrUnknown)
	}
	return id, err
}

const sqlOpenManifest = `insert into warehouse.manifest (site_id, number, carrier, opened_at, opened_by)
	select $1, 'MF-' || to_char($3::timestamptz at time zone 'Asia/Shanghai', 'YYMMDD') || '-' || lpad(nextval(pg_get_serial_sequence('warehouse.manifest', 'id'))::text, 4, '0'), $2, $3, $4
	on conflict (site_id, carrier) where state = 'open' do nothing`

const sqlOpenManifestID = `select id from warehouse.manifest where site_id = $1 and carrier = $2 and state = 'open'`

// OpenManifest gives the open manifest of a carrier at a site, a new one where there is none.
func OpenManifest(ctx context.Context, tx pgx.Tx, site catalog.SiteID, carrier string, at time.Time, by string) (id int64, err error) {
	if _, err := tx.Exec(ctx, sqlOpenManifest, site, carrier, at, by); err != nil {
		return 0, fmt.Errorf("warehousedb: open a manifest: %w", err)
	}
	err = tx.QueryRow(ctx, sqlOpenManifestID, site, carrier).Scan(&id)
	return id, err
}

const manifestColumns = `select 'handover' as kind, m.id, m.site_id as site, m.number, m.carrier, m.state, m.opened_at, m.opened_by, m.closed_at, m.closed_by, m.signed,
		(select count(*) from warehouse.parcel p where p.manifest_id = m.id) as loaded,
		case when m.state = 'open' then (select count(*) from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id
			where p.site_id = m.site_id and p.state = 'packed' and s.carrier = m.carrier and s.state = 'packed') else 0 end as waiting
	from warehouse.manifest m`

type manifestRow struct {
	Kind     string
	ID       int64
	Site     catalog.SiteID
	Number   string
	Carrier  string
	State    string
	OpenedAt time.Time
	OpenedBy string
	ClosedAt *time.Time
	ClosedBy string
	Signed   string
	Loaded   int64
	Waiting  int64
}

func (r manifestRow) manifest() warehouse.Manifest {
	return warehouse.Manifest{Kind: r.Kind, ID: r.ID, Site: r.Site, Number: r.Number, Carrier: r.Carrier, State: r.State, OpenedAt: r.OpenedAt, OpenedBy: r.OpenedBy,
		ClosedAt: r.ClosedAt, ClosedBy: r.ClosedBy, Signed: r.Signed, Loaded: r.Loaded, Waiting: r.Waiting, Parcels: []warehouse.Parcel{}}
}

const sqlManifest = manifestColumns + ` where m.id = $1`

const sqlManifestParcels = parcelColumns + ` where p.manifest_id = $1 or $2 and p.state = 'packed' and p.site_id = $3 and s.carrier = $4 and s.state = 'packed' order by p.loaded_at nulls last, p.id limit 2000`

// Manifest gives a manifest with its parcels, those too that still wait for its carrier; catalog.ErrUnknown where there is none.
func Manifest(ctx context.Context, q pgdb.Querier, id int64) (warehouse.Manifest, error) {
	rows, err := q.Query(ctx, sqlManifest, id)
	if err != nil {
		return warehouse.Manifest{}, fmt.Errorf("warehousedb: manifest: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[manifestRow])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: manifest %d: %w", id, catalog.ErrUnknown)
	}
	if err != nil {
		return warehouse.Manifest{}, err
	}
	m := r.manifest()
	m.Parcels, err = parcels(q.Query(ctx, sqlManifestParcels, id, r.State == "open", r.Site, r.Carrier))
	return m, err
}

const sqlManifests = manifestColumns + ` where m.site_id = any($1) and (m.state = 'open' or m.closed_at >= $2) order by m.state desc, m.opened_at desc limit $3`

// Manifests gives the open manifests of sites and those closed since, without their parcels.
func Manifests(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, since time.Time, limit int) ([]warehouse.Manifest, error) {
	rows, err := q.Query(ctx, sqlManifests, sites, since, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: manifests: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.Manifest, error) {
		r, err := pgx.RowToStructByName[manifestRow](row)
		return r.manifest(), err
	})
}

const sqlLockManifest = `select site_id, carrier, state from warehouse.manifest where id = $1 for no key update`

// LockManifest locks a manifest and gives its site, carrier and state.
func LockManifest(ctx context.Context, tx pgx.Tx, id int64) (site catalog.SiteID, carrier, state string, err error) {
	err = tx.QueryRow(ctx, sqlLockManifest, id).Scan(&site, &carrier, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: manifest %d: %w", id, catalog.ErrUnknown)
	}
	return site, carrier, state, err
}

const sqlCarrierLoads = `select s.carrier, count(*) as parcels, min(s.cutoff_at) as due from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id
	where p.site_id = $1 and p.state in ('packed','loaded') and s.state = 'packed' group by s.carrier order by min(s.cutoff_at) nulls last, s.carrier`

// CarrierLoads gives what waits for each carrier at a site.
func CarrierLoads(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]warehouse.CarrierLoad, error) {
	rows, err := q.Query(ctx, sqlCarrierLoads, site)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: carriers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.CarrierLoad])
}

const sqlCloseManifest = `update warehouse.manifest set state = 'closed', closed_at = $2, closed_by = $3, signed = $4 where id = $1`
const sqlHandOver = `update warehouse.parcel set state = 'handed_over', handed_over_at = $2 where manifest_id = $1 and state = 'loaded'`
const sqlShippedLines = `update warehouse.outbound_line l set shipped = l.shipped + t.n, state = case when l.shipped + t.n >= l.pieces - l.cancelled then 'shipped' else l.state end
	from (select outbound_id, line_no, sum(pieces) as n from warehouse.allocation where id = any($1) group by outbound_id, line_no) t
	where l.outbound_id = t.outbound_id and l.no = t.line_no`
const sqlShippedAllocations = `update warehouse.allocation set state = 'shipped' where id = any($1)`
const sqlHandedOver = `update warehouse.shipment s set state = 'handed_over', handed_over_at = $2 where s.id = any($1) and s.state = 'packed'
	and not exists (select from warehouse.parcel p where p.shipment_id = s.id and p.state in ('packed','loaded')) returning s.id, s.outbound_id`
const sqlShippedOutbounds = `update warehouse.outbound o set state = 'shipped', shipped_at = $2 where o.id = any($1) and o.state <> 'cancelled'
	and not exists (select from warehouse.shipment s where s.outbound_id = o.id and s.state not in ('handed_over','cancelled'))`
const sqlHandedOverWaves = `update warehouse.wave w set state = 'handed_over', handed_over_at = $2
	where w.state in ('released','picked') and w.id in (select wave_id from warehouse.shipment where id = any($1))
	and not exists (select from warehouse.shipment s where s.wave_id = w.id and s.state not in ('handed_over','cancelled'))`

// HandOver closes a manifest: its parcels have left. It gives the shipments that are wholly gone, with their orders.
func HandOver(ctx context.Context, tx pgx.Tx, manifest int64, allocations, shipments []int64, at time.Time, by, signed string) (gone, outbounds []int64, err error) {
	for _, step := range []struct {
		sql  string
		args []any
	}{{sqlCloseManifest, []any{manifest, at, by, signed}}, {sqlHandOver, []any{manifest, at}}, {sqlShippedLines, []any{allocations}}, {sqlShippedAllocations, []any{allocations}}} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return nil, nil, fmt.Errorf("warehousedb: hand over: %w", err)
		}
	}
	rows, err := tx.Query(ctx, sqlHandedOver, shipments, at)
	if err != nil {
		return nil, nil, fmt.Errorf("warehousedb: hand over: %w", err)
	}
	type pair struct{ Shipment, Outbound int64 }
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pair])
	if err != nil {
		return nil, nil, err
	}
	for _, p := range pairs {
		gone, outbounds = append(gone, p.Shipment), append(outbounds, p.Outbound)
	}
	for _, sql := range []string{sqlShippedOutbounds, sqlHandedOverWaves} {
		ids := outbounds
		if sql == sqlHandedOverWaves {
			ids = gone
		}
		if _, err := tx.Exec(ctx, sql, ids, at); err != nil {
			return nil, nil, fmt.Errorf("warehousedb: hand over: %w", err)
		}
	}
	return gone, outbounds, nil
}

const sqlLabel = `select p.number, s.carrier, o.number as "order", s.tote, o.consignee, o.phone, o.address, st.name_zh as site_zh, st.name_en as site_en, o.area, s.cutoff_at as due,
		coalesce((select sum(i.pieces) from warehouse.parcel_item i where i.parcel_id = p.id), 0)::bigint as pieces, case when p.weight_grams > 0 then p.weight_grams else p.expected_grams end as grams,
		(select count(*) from warehouse.parcel x where x.shipment_id = p.shipment_id and x.state <> 'opened' and x.id <= p.id) as no,
		(select count(*) from warehouse.parcel x where x.shipment_id = p.shipment_id and x.state <> 'opened') as of, s.cold, p.site_id as site, p.state
	from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id join catalog.site st on st.id = p.site_id where p.id = $1`

// Label gives what stands on a parcel's label; catalog.ErrUnknown where there is none.
func Label(ctx context.Context, q pgdb.Querier, parcel int64) (warehouse.ParcelLabel, error) {
	rows, err := q.Query(ctx, sqlLabel, parcel)
	if err != nil {
		return warehouse.ParcelLabel{}, fmt.Errorf("warehousedb: label: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[warehouse.ParcelLabel])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: parcel %d: %w", parcel, catalog.ErrUnknown)
	}
	return r, err
}
