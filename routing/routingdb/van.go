package routingdb

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
	"milkrun/routing"
)

type vanRow struct {
	ID                              int64
	SiteID                          catalog.SiteID
	Plate, Driver, Phone            string
	Grams, Millilitre               int64
	Cold                            bool
	FromMinute, UntilMinute         int
	PerDayFen, PerHourFen, PerKmFen money.Fen
	CO2PerKm                        int64 `db:"co2_per_km"`
	Active                          bool
}

const vanFields = `select id, site_id, plate, driver, phone, grams, millilitre, cold, from_minute, until_minute, per_day_fen, per_hour_fen, per_km_fen, co2_per_km, active from routing.van `

const sqlVans = vanFields + `where site_id = $1 and active order by plate`

// Vans gives the vans in use of a site.
func Vans(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]routing.Van, error) {
	return vans(collect[vanRow](ctx, q, "vans", sqlVans, int32(site)))
}

const sqlVan = vanFields + `where id = $1`

// Van gives one van, pgx.ErrNoRows for none.
func Van(ctx context.Context, q pgdb.Querier, id routing.VanID) (routing.Van, error) {
	return first(vans(collect[vanRow](ctx, q, "van", sqlVan, int64(id))))
}

func vans(rows []vanRow, err error) ([]routing.Van, error) {
	out := make([]routing.Van, len(rows))
	for i, r := range rows {
		out[i] = routing.Van{ID: routing.VanID(r.ID), Site: r.SiteID, Plate: r.Plate, Driver: r.Driver, Phone: r.Phone, Grams: r.Grams, Millilitre: r.Millilitre, Cold: r.Cold,
			From: r.FromMinute, Until: r.UntilMinute, PerDay: r.PerDayFen, PerHour: r.PerHourFen, PerKm: r.PerKmFen, CO2PerKm: r.CO2PerKm, Active: r.Active}
	}
	return out, err
}

const sqlVanSites = `select distinct site_id from routing.van where active order by site_id`

// VanSites gives the sites that have vans.
func VanSites(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	type row struct{ SiteID catalog.SiteID }
	list, err := collect[row](ctx, q, "sites with vans", sqlVanSites)
	out := make([]catalog.SiteID, len(list))
	for i, r := range list {
		out[i] = r.SiteID
	}
	return out, err
}

const sqlInsertVan = `insert into routing.van (site_id, plate, driver, phone, grams, millilitre, cold, from_minute, until_minute, per_day_fen, per_hour_fen, per_km_fen, co2_per_km, active)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id`

const sqlUpdateVan = `update routing.van set site_id = $1, plate = $2, driver = $3, phone = $4, grams = $5, millilitre = $6, cold = $7, from_minute = $8, until_minute = $9,
	per_day_fen = $10, per_hour_fen = $11, per_km_fen = $12, co2_per_km = $13, active = $14 where id = $15 returning id`

const sqlPlateTaken = `select count(*) from routing.van where plate = $1 and id <> $2`

// PlateTaken tells whether another van has the number plate.
func PlateTaken(ctx context.Context, q pgdb.Querier, plate string, but routing.VanID) (bool, error) {
	var n int
	err := q.QueryRow(ctx, sqlPlateTaken, plate, int64(but)).Scan(&n)
	return n > 0, err
}

// SaveVan stores a van, a new one for ID 0, and gives its id.
func SaveVan(ctx context.Context, tx pgx.Tx, v routing.Van) (id routing.VanID, err error) {
	args := []any{int32(v.Site), v.Plate, v.Driver, v.Phone, v.Grams, v.Millilitre, v.Cold, v.From, v.Until, int64(v.PerDay), int64(v.PerHour), int64(v.PerKm), v.CO2PerKm, v.Active}
	sql := sqlInsertVan
	if v.ID != 0 {
		sql, args = sqlUpdateVan, append(args, int64(v.ID))
	}
	err = tx.QueryRow(ctx, sql, args...).Scan(&id)
	return id, err
}

const sqlDocks = `select site_id, windows, unload_minutes from routing.dock where site_id = any($1)`

// Docks gives the docks of sites that have told of theirs.
func Docks(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID) (map[catalog.SiteID]routing.Dock, error) {
	type row struct {
		SiteID        catalog.SiteID
		Windows       []byte
		UnloadMinutes int
	}
	ids := make([]int32, len(sites))
	for i, s := range sites {
		ids[i] = int32(s)
	}
	list, err := collect[row](ctx, q, "docks", sqlDocks, ids)
	out := make(map[catalog.SiteID]routing.Dock, len(list))
	for _, r := range list {
		d := routing.Dock{Site: r.SiteID, Unload: r.UnloadMinutes}
		if err := json.Unmarshal(r.Windows, &d.Windows); err != nil {
			return nil, fmt.Errorf("routingdb: dock of site %d: %w", r.SiteID, err)
		}
		out[r.SiteID] = d
	}
	return out, err
}

const sqlSetDock = `insert into routing.dock (site_id, windows, unload_minutes) values ($1, $2, $3)
	on conflict (site_id) do update set windows = excluded.windows, unload_minutes = excluded.unload_minutes`

// SetDock stores when a site's vans are unloaded.
func SetDock(ctx context.Context, tx pgx.Tx, d routing.Dock) error {
	windows := d.Windows
	if windows == nil {
		windows = [][2]int{}
	}
	b, err := json.Marshal(windows)
	if err != nil {
		return err
	}
	_, err = exec(ctx, tx, "set dock", sqlSetDock, int32(d.Site), b, d.Unload)
	return err
}

const sqlSaveVanPlan = `insert into routing.van_plan (site_id, day, planned_at, left_out) values ($1, $2, $3, $4)
	on conflict (site_id, day) do update set planned_at = excluded.planned_at, left_out = excluded.left_out`

// SaveVanPlan stores what the plan of a day could not carry, as JSON.
func SaveVanPlan(ctx context.Context, tx pgx.Tx, site catalog.SiteID, day calendar.Day, at time.Time, left []byte) error {
	_, err := exec(ctx, tx, "save plan of vans", sqlSaveVanPlan, int32(site), day, at, left)
	return err
}

const sqlVanPlan = `select planned_at, left_out from routing.van_plan where site_id = $1 and day = $2`

// VanPlan gives when a day was planned and what could not be carried; zero and nil before.
func VanPlan(ctx context.Context, q pgdb.Querier, site catalog.SiteID, day calendar.Day) (at time.Time, left []byte, err error) {
	err = q.QueryRow(ctx, sqlVanPlan, int32(site), day).Scan(&at, &left)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, nil, nil
	}
	return at, left, err
}
