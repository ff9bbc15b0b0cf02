package catalogdb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

type siteRow struct {
	ID             catalog.SiteID
	Code           string
	NameZH, NameEN string
	CityZH, CityEN string
	Tier           catalog.Tier
	Lat, Lon       float64
	TimeZone       string
	Active         bool
	UpdatedAt      time.Time
}

func (r siteRow) site() catalog.Site {
	return catalog.Site{
		ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, City: catalog.Name{ZH: r.CityZH, EN: r.CityEN},
		Tier: r.Tier, Lat: r.Lat, Lon: r.Lon, TimeZone: r.TimeZone, Active: r.Active,
	}
}

func (r siteRow) record() catalog.SiteRecord {
	return catalog.SiteRecord{Site: r.site(), UpdatedAt: r.UpdatedAt}
}

const sqlSites = `select id, code, name_zh, name_en, city_zh, city_en, tier, lat, lon, time_zone, active, updated_at
	from catalog.site order by array_position(array['overseas','bonded','regional','front','station'], tier), id`

// SiteRecords gives all sites, from far to near.
func SiteRecords(ctx context.Context, q pgdb.Querier) ([]catalog.SiteRecord, error) {
	rows, err := collect[siteRow](ctx, q, "sites", sqlSites)
	if err != nil {
		return nil, err
	}
	return mapped(rows, siteRow.record), nil
}

// Sites gives all sites, from far to near.
func Sites(ctx context.Context, q pgdb.Querier) ([]catalog.Site, error) {
	rows, err := collect[siteRow](ctx, q, "sites", sqlSites)
	if err != nil {
		return nil, err
	}
	return mapped(rows, siteRow.site), nil
}

const sqlSiteLocked = `select id, code, name_zh, name_en, city_zh, city_en, tier, lat, lon, time_zone, active, updated_at
	from catalog.site where id = $1 for update`

// LockSite gives one site and holds it to the end of the transaction; catalog.ErrUnknown when there is none.
func LockSite(ctx context.Context, q pgdb.Querier, id catalog.SiteID) (catalog.SiteRecord, error) {
	rows, err := collect[siteRow](ctx, q, "site", sqlSiteLocked, id)
	if err != nil {
		return catalog.SiteRecord{}, err
	}
	if len(rows) == 0 {
		return catalog.SiteRecord{}, fmt.Errorf("catalogdb: site %d: %w", id, catalog.ErrUnknown)
	}
	return rows[0].record(), nil
}

const sqlUpdateSite = `update catalog.site set name_zh = $2, name_en = $3, city_zh = $4, city_en = $5, tier = $6, lat = $7, lon = $8,
	time_zone = $9, active = $10, updated_at = clock_timestamp() where id = $1 returning updated_at`

// UpdateSite stores a site that is locked, all but its code.
func UpdateSite(ctx context.Context, q pgdb.Querier, s catalog.Site) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, sqlUpdateSite, s.ID, s.Name.ZH, s.Name.EN, s.City.ZH, s.City.EN, s.Tier, s.Lat, s.Lon, s.TimeZone, s.Active).Scan(&at)
	if err != nil {
		return at, fmt.Errorf("catalogdb: save site %s: %w", s.Code, err)
	}
	return at, nil
}

type laneRow struct {
	FromSite, ToSite           catalog.SiteID
	FromCode, ToCode           string
	FromZH, FromEN, ToZH, ToEN string
	LeadMean, LeadSD           float64
	Priority                   int
	CostFen                    money.Fen
	UpdatedAt                  time.Time
}

func (r laneRow) lane() catalog.Lane {
	return catalog.Lane{From: r.FromSite, To: r.ToSite, LeadMean: r.LeadMean, LeadSD: r.LeadSD, Priority: r.Priority, CostFen: r.CostFen}
}

func (r laneRow) record() catalog.LaneRecord {
	return catalog.LaneRecord{
		Lane: r.lane(), FromCode: r.FromCode, ToCode: r.ToCode, FromName: catalog.Name{ZH: r.FromZH, EN: r.FromEN},
		ToName: catalog.Name{ZH: r.ToZH, EN: r.ToEN}, UpdatedAt: r.UpdatedAt,
	}
}

// The lead times are stored as real: going through numeric keeps 1.4 what it was.
const laneFields = `l.from_site, l.to_site, f.code as from_code, t.code as to_code, f.name_zh as from_zh, f.name_en as from_en,
	t.name_zh as to_zh, t.name_en as to_en, l.lead_mean_days::numeric::float8 as lead_mean, l.lead_sd_days::numeric::float8 as lead_sd,
	l.priority::int as priority, l.cost_fen_kg as cost_fen, l.updated_at
	from catalog.lane l join catalog.site f on f.id = l.from_site join catalog.site t on t.id = l.to_site`

const sqlLanes = `select ` + laneFields + ` order by l.to_site, l.priority, l.from_site`

// LaneRecords gives all lanes, by destination and priority.
func LaneRecords(ctx context.Context, q pgdb.Querier) ([]catalog.LaneRecord, error) {
	rows, err := collect[laneRow](ctx, q, "lanes", sqlLanes)
	if err != nil {
		return nil, err
	}
	return mapped(rows, laneRow.record), nil
}

// Lanes gives all lanes, by destination and priority.
func Lanes(ctx context.Context, q pgdb.Querier) ([]catalog.Lane, error) {
	rows, err := collect[laneRow](ctx, q, "lanes", sqlLanes)
	if err != nil {
		return nil, err
	}
	return mapped(rows, laneRow.lane), nil
}

const sqlLaneLocked = `select ` + laneFields + ` where l.from_site = $1 and l.to_site = $2 for update of l`

// LockLane gives one lane and holds it to the end of the transaction; catalog.ErrUnknown when there is none.
func LockLane(ctx context.Context, q pgdb.Querier, from, to catalog.SiteID) (catalog.LaneRecord, error) {
	rows, err := collect[laneRow](ctx, q, "lane", sqlLaneLocked, from, to)
	if err != nil {
		return catalog.LaneRecord{}, err
	}
	if len(rows) == 0 {
		return catalog.LaneRecord{}, fmt.Errorf("catalogdb: lane %d to %d: %w", from, to, catalog.ErrUnknown)
	}
	return rows[0].record(), nil
}

const sqlDeleteLane = `delete from catalog.lane where from_site = $1 and to_site = $2`

// DeleteLane removes a lane that is locked.
func DeleteLane(ctx context.Context, q pgdb.Querier, from, to catalog.SiteID) error {
	if _, err := q.Exec(ctx, sqlDeleteLane, from, to); err != nil {
		return fmt.Errorf("catalogdb: delete lane: %w", err)
	}
	return nil
}
