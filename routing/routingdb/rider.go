package routingdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

type riderRow struct {
	ID              int64
	AccountID       *int64
	SiteID          catalog.SiteID
	Name, Phone     string
	Kind            string
	Parcels         int
	Grams           int64
	ColdBox         bool
	PerHourFen      money.Fen
	PerKmFen        money.Fen
	Active          bool
	CalledAt        *time.Time
	OnFrom, OnUntil *time.Time
	Lat, Lon        *float64
	SeenAt          *time.Time
}

func (r riderRow) rider() routing.Rider {
	return routing.Rider{ID: routing.RiderID(r.ID), Account: value(r.AccountID), Name: r.Name, Phone: r.Phone, Site: r.SiteID,
		Kind: routing.RiderKind(r.Kind), Parcels: r.Parcels, Grams: r.Grams, ColdBox: r.ColdBox, PerHour: r.PerHourFen, PerKm: r.PerKmFen,
		Active: r.Active, OnFrom: instant(r.OnFrom), OnUntil: instant(r.OnUntil), Called: instant(r.CalledAt),
		Seen: routing.Place{Lat: value(r.Lat), Lon: value(r.Lon)}, SeenAt: instant(r.SeenAt)}
}

func riders(rows []riderRow, err error) ([]routing.Rider, error) {
	out := make([]routing.Rider, len(rows))
	for i, r := range rows {
		out[i] = r.rider()
	}
	return out, err
}

const riderFields = `select id, account_id, site_id, name, phone, kind, parcels, grams, cold_box, per_hour_fen, per_km_fen, active, on_from, on_until, called_at,
	lat, lon, seen_at from routing.rider `

const sqlRiders = riderFields + `where ($1 = 0 or site_id = $1) and active order by site_id, name, id`

// Riders gives the riders in use of a site, of every site for 0.
func Riders(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]routing.Rider, error) {
	return riders(collect[riderRow](ctx, q, "riders", sqlRiders, int32(site)))
}

const sqlRider = riderFields + `where id = $1`

// Rider gives one rider, pgx.ErrNoRows for none.
func Rider(ctx context.Context, q pgdb.Querier, id routing.RiderID) (routing.Rider, error) {
	return first(riders(collect[riderRow](ctx, q, "rider", sqlRider, int64(id))))
}

const sqlRiderOfAccount = riderFields + `where account_id = $1`

// RiderOf gives the rider of an account, pgx.ErrNoRows for none.
func RiderOf(ctx context.Context, q pgdb.Querier, account int64) (routing.Rider, error) {
	return first(riders(collect[riderRow](ctx, q, "rider", sqlRiderOfAccount, account)))
}

func first[T any](list []T, err error) (one T, _ error) {
	if err != nil {
		return one, err
	}
	if len(list) == 0 {
		return one, pgx.ErrNoRows
	}
	return list[0], nil
}

const sqlInsertRider = `insert into routing.rider (account_id, site_id, name, phone, kind, parcels, grams, cold_box, per_hour_fen, per_km_fen, active)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`

// InsertRider adds a rider and gives its id.
func InsertRider(ctx context.Context, tx pgx.Tx, r routing.Rider) (id routing.RiderID, err error) {
	err = tx.QueryRow(ctx, sqlInsertRider, known(r.Account), int32(r.Site), r.Name, r.Phone, r.Kind, r.Parcels, r.Grams, r.ColdBox,
		int64(r.PerHour), int64(r.PerKm), r.Active).Scan(&id)
	return id, err
}

const sqlUpdateRider = `update routing.rider set site_id = $2, name = $3, phone = $4, kind = $5, parcels = $6, grams = $7, cold_box = $8,
	per_hour_fen = $9, per_km_fen = $10, active = $11, account_id = $12 where id = $1`

// UpdateRider stores what may be edited of a rider.
func UpdateRider(ctx context.Context, tx pgx.Tx, r routing.Rider) error {
	_, err := exec(ctx, tx, "update rider", sqlUpdateRider, int64(r.ID), int32(r.Site), r.Name, r.Phone, r.Kind, r.Parcels, r.Grams, r.ColdBox,
		int64(r.PerHour), int64(r.PerKm), r.Active, known(r.Account))
	return err
}

const sqlShift = `update routing.rider set on_from = $2, on_until = $3, called_at = null where id = $1`

// SetShift stores the shift that runs; zero instants end it.
func SetShift(ctx context.Context, tx pgx.Tx, id routing.RiderID, from, until time.Time) error {
	_, err := exec(ctx, tx, "shift", sqlShift, int64(id), stored(from), stored(until))
	return err
}

const sqlSeen = `update routing.rider set lat = $2, lon = $3, seen_at = $4 where id = $1 and (seen_at is null or seen_at < $4)`

// Seen stores where a rider was.
func Seen(ctx context.Context, q pgdb.Querier, id routing.RiderID, at routing.Place, when time.Time) error {
	_, err := exec(ctx, q, "position", sqlSeen, int64(id), at.Lat, at.Lon, when)
	return err
}

const sqlSilent = `select count(*) = $2 and bool_and(state = 'expired') from (select state from routing.round where rider_id = $1 order by offered_at desc limit $2) r`

// Silent tells whether the rider let each of the last offers run out.
func Silent(ctx context.Context, q pgdb.Querier, id routing.RiderID, offers int) (silent bool, err error) {
	err = q.QueryRow(ctx, sqlSilent, int64(id), offers).Scan(&silent)
	return silent, err
}

const sqlCall = `update routing.rider set called_at = $2 where id = $1`

// Call notes that a dispatcher asks the rider in.
func Call(ctx context.Context, tx pgx.Tx, id routing.RiderID, at time.Time) error {
	_, err := exec(ctx, tx, "call rider", sqlCall, int64(id), at)
	return err
}
