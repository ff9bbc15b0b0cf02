package routingdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

type parcelRow struct {
	ID                        int64
	Number                    string
	SiteID                    catalog.SiteID
	ShipmentID                *int64
	OrderRef                  string
	Lat, Lon                  float64
	Address, Consignee, Phone string
	StationID                 *catalog.SiteID
	ReadyAt, DueAt            time.Time
	ServiceSeconds            int
	Grams, Millilitre         int64
	Cold                      bool
	MaxRideSeconds            int
	Proof, Code, Tracking     string
	State                     string
	RoundID                   *int64
	PinnedRider               *int64
	Attempts                  int
	Note                      string
	Pickup                    bool
	DeclinedBy                *int64
}

func (r parcelRow) parcel() routing.Parcel {
	return routing.Parcel{ID: routing.ParcelID(r.ID), Number: r.Number, Site: r.SiteID, Shipment: value(r.ShipmentID), Order: r.OrderRef,
		Door: routing.Place{Lat: r.Lat, Lon: r.Lon}, Address: r.Address, Consignee: r.Consignee, Phone: r.Phone, Station: value(r.StationID),
		Ready: r.ReadyAt, Due: r.DueAt, Service: time.Duration(r.ServiceSeconds) * time.Second, Grams: r.Grams, Millilitre: r.Millilitre,
		Cold: r.Cold, MaxRide: time.Duration(r.MaxRideSeconds) * time.Second, Proof: routing.Proof(r.Proof), Code: r.Code, Tracking: r.Tracking,
		State: routing.ParcelState(r.State), Round: routing.RoundID(value(r.RoundID)), Pinned: routing.RiderID(value(r.PinnedRider)),
		Attempts: r.Attempts, Note: r.Note, Pickup: r.Pickup, Declined: routing.RiderID(value(r.DeclinedBy))}
}

func parcels(rows []parcelRow, err error) ([]routing.Parcel, error) {
	out := make([]routing.Parcel, len(rows))
	for i, r := range rows {
		out[i] = r.parcel()
	}
	return out, err
}

const parcelFields = `select id, number, site_id, shipment_id, order_ref, lat, lon, address, consignee, phone, station_id, ready_at, due_at, service_seconds,
	grams, millilitre, cold, max_ride_seconds, proof, code, tracking, state, round_id, pinned_rider, attempts, note, pickup, declined_by from routing.parcel `

const sqlOpenParcels = parcelFields + `where site_id = $1 and state in ('waiting','offered','loaded','failed','fetched') order by due_at, id`

// OpenParcels gives the parcels of a site that are not where they should be yet, the most urgent first.
func OpenParcels(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]routing.Parcel, error) {
	return parcels(collect[parcelRow](ctx, q, "open parcels", sqlOpenParcels, int32(site)))
}

const sqlPlannedParcels = parcelFields + `where site_id = $1 and (state in ('waiting','offered','loaded','failed','fetched')
	or round_id in (select r.id from routing.round r where r.site_id = $1 and r.state = 'started')) order by due_at, id`

// PlannedParcels gives the parcels that a plan of a site stands on: those that are not where they should be yet, and those that rounds
// on their way have delivered, for a rider is where the last of them was.
func PlannedParcels(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]routing.Parcel, error) {
	return parcels(collect[parcelRow](ctx, q, "parcels of a plan", sqlPlannedParcels, int32(site)))
}

const sqlLockParcels = parcelFields + `where id = any($1) order by id for update`

// LockParcels gives the parcels in the order of their ids and holds them to the end of the transaction.
func LockParcels(ctx context.Context, tx pgx.Tx, ids []routing.ParcelID) ([]routing.Parcel, error) {
	return parcels(collect[parcelRow](ctx, tx, "lock parcels", sqlLockParcels, ids))
}

const sqlParcels = parcelFields + `where id = any($1) order by id`

// Parcels gives parcels by their ids.
func Parcels(ctx context.Context, q pgdb.Querier, ids []routing.ParcelID) ([]routing.Parcel, error) {
	return parcels(collect[parcelRow](ctx, q, "parcels", sqlParcels, ids))
}

const sqlParcelNumber = parcelFields + `where number = $1`

// ParcelByNumber gives one parcel, pgx.ErrNoRows for none.
func ParcelByNumber(ctx context.Context, q pgdb.Querier, number string) (routing.Parcel, error) {
	return first(parcels(collect[parcelRow](ctx, q, "parcel", sqlParcelNumber, number)))
}

const sqlParcelTracking = parcelFields + `where tracking = $1`

// ParcelByTracking gives the parcel of a shopper's page, pgx.ErrNoRows for none.
func ParcelByTracking(ctx context.Context, q pgdb.Querier, tracking string) (routing.Parcel, error) {
	return first(parcels(collect[parcelRow](ctx, q, "parcel", sqlParcelTracking, tracking)))
}

const sqlParcelsOfShipments = parcelFields + `where shipment_id = any($1) order by id`

// ParcelsOf gives the parcels of shipments.
func ParcelsOf(ctx context.Context, q pgdb.Querier, shipments []int64) ([]routing.Parcel, error) {
	return parcels(collect[parcelRow](ctx, q, "parcels of shipments", sqlParcelsOfShipments, shipments))
}

const sqlInsertParcels = `insert into routing.parcel (number, site_id, shipment_id, order_ref, lat, lon, address, consignee, phone, station_id, ready_at,
		due_at, service_seconds, grams, millilitre, cold, max_ride_seconds, proof, code, tracking, added_at, pickup)
	select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::float8[], $6::float8[], $7::text[], $8::text[], $9::text[], $10::int[],
		$11::timestamptz[], $12::timestamptz[], $13::int[], $14::bigint[], $15::bigint[], $16::bool[], $17::int[], $18::text[], $19::text[], $20::text[], $21::timestamptz[], $22::bool[])
	on conflict (number) do nothing returning number`

// InsertParcels adds parcels to the pool and gives the numbers of those that are new.
func InsertParcels(ctx context.Context, tx pgx.Tx, list []routing.Parcel, now time.Time) ([]string, error) {
	n := len(list)
	number, order, address, consignee, phone := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	site, station, service, ride := make([]int32, n), make([]*int32, n), make([]int32, n), make([]int32, n)
	shipment, grams, ml := make([]*int64, n), make([]int64, n), make([]int64, n)
	lat, lon, cold, pickup := make([]float64, n), make([]float64, n), make([]bool, n), make([]bool, n)
	ready, due, added := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	proof, code, tracking := make([]string, n), make([]string, n), make([]string, n)
	for i, p := range list {
		number[i], order[i], address[i], consignee[i], phone[i] = p.Number, p.Order, p.Address, p.Consignee, p.Phone
		site[i], station[i], service[i], ride[i] = int32(p.Site), known(int32(p.Station)), int32(p.Service/time.Second), int32(p.MaxRide/time.Second)
		shipment[i], grams[i], ml[i] = known(p.Shipment), p.Grams, p.Millilitre
		lat[i], lon[i], cold[i], pickup[i] = p.Door.Lat, p.Door.Lon, p.Cold, p.Pickup
		ready[i], due[i], added[i] = p.Ready, p.Due, now
		proof[i], code[i], tracking[i] = string(p.Proof), p.Code, p.Tracking
	}
	type inserted struct{ Number string }
	rows, err := collect[inserted](ctx, tx, "add parcels", sqlInsertParcels, number, site, shipment, order, lat, lon, address, consignee, phone, station, ready, due,
		service, grams, ml, cold, ride, proof, code, tracking, added, pickup)
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Number
	}
	return out, err
}

const sqlSaveParcels = `update routing.parcel p set state = v.state, round_id = v.round, pinned_rider = v.pinned, attempts = v.attempts, note = v.note,
		station_id = v.station, site_id = v.site, declined_by = v.declined,
		ended_at = case when v.state in ('delivered','collected','returned','cancelled') then coalesce(p.ended_at, $9) end,
		hold_until = case when v.state = 'stored' then coalesce(p.hold_until, $10) end
	from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::int[], $8::int[], $11::bigint[]) as v (id, state, round, pinned, attempts, note, station, site, declined)
	where p.id = v.id`

// SaveParcels stores what rules changed of locked parcels. A parcel that comes to a station is held until holdUntil.
func SaveParcels(ctx context.Context, tx pgx.Tx, list []routing.Parcel, now, holdUntil time.Time) error {
	n := len(list)
	id, state, round, pinned := make([]int64, n), make([]string, n), make([]*int64, n), make([]*int64, n)
	attempts, note, station, site, declined := make([]int32, n), make([]string, n), make([]*int32, n), make([]int32, n), make([]*int64, n)
	for i, p := range list {
		id[i], state[i], round[i], pinned[i] = int64(p.ID), string(p.State), known(int64(p.Round)), known(int64(p.Pinned))
		attempts[i], note[i], station[i], site[i] = int32(p.Attempts), p.Note, known(int32(p.Station)), int32(p.Site)
		declined[i] = known(int64(p.Declined))
	}
	_, err := exec(ctx, tx, "save parcels", sqlSaveParcels, id, state, round, pinned, attempts, note, station, site, now, holdUntil, declined)
	return err
}
