package routingdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

const sqlFreePlaces = `select t.site_id, t.places - (select count(*) from routing.parcel p where p.station_id = t.site_id and p.state in ('offered','loaded','stored'))::int as free
	from routing.station t`

// FreePlaces gives how many more parcels each station takes that has a bound: what stands there and what is on its way is off.
func FreePlaces(ctx context.Context, q pgdb.Querier) (map[catalog.SiteID]int, error) {
	type row struct {
		SiteID catalog.SiteID
		Free   int
	}
	list, err := collect[row](ctx, q, "free places", sqlFreePlaces)
	out := make(map[catalog.SiteID]int, len(list))
	for _, r := range list {
		out[r.SiteID] = r.Free
	}
	return out, err
}

const sqlSetPlaces = `insert into routing.station (site_id, places) values ($1, $2) on conflict (site_id) do update set places = excluded.places`

const sqlNoPlaces = `delete from routing.station where site_id = $1`

// SetPlaces stores how many parcels a station holds; 0 takes the bound away.
func SetPlaces(ctx context.Context, tx pgx.Tx, station catalog.SiteID, places int) error {
	if places == 0 {
		_, err := exec(ctx, tx, "places of a station", sqlNoPlaces, int32(station))
		return err
	}
	_, err := exec(ctx, tx, "places of a station", sqlSetPlaces, int32(station), places)
	return err
}

// Station is a pickup station with what stands there and what is coming.
type Station struct {
	SiteID           catalog.SiteID
	Places           int // 0: no bound
	Stored, Coming   int
	Waiting, Overdue int // wait for a ride there; are held beyond their time
}

const sqlStations = `select s.id as site_id, coalesce(t.places, 0) as places, count(p.id) filter (where p.state = 'stored')::int as stored,
		count(p.id) filter (where p.state in ('offered','loaded'))::int as coming, count(p.id) filter (where p.state = 'waiting')::int as waiting,
		count(p.id) filter (where p.state = 'stored' and p.hold_until < $1)::int as overdue
	from catalog.site s left join routing.station t on t.site_id = s.id
	left join routing.parcel p on p.station_id = s.id and p.state in ('waiting','offered','loaded','stored')
	where s.tier = 'station' group by s.id, t.places order by s.code`

// Stations gives every station.
func Stations(ctx context.Context, q pgdb.Querier, now time.Time) ([]Station, error) {
	return collect[Station](ctx, q, "stations", sqlStations, now)
}

// Held is a parcel that waits at a station.
type Held struct {
	ID        routing.ParcelID
	Number    string
	OrderRef  string
	StationID catalog.SiteID
	SiteID    catalog.SiteID
	Cold      bool
	DoneAt    *time.Time
	HoldUntil time.Time
}

const sqlHeld = `select p.id, p.number, p.order_ref, p.station_id, p.site_id, p.cold, (select max(s.done_at) from routing.stop s where s.parcel_id = p.id and s.outcome = 'stored') as done_at, p.hold_until
	from routing.parcel p where p.state = 'stored' and p.station_id is not null and p.hold_until is not null order by p.hold_until, p.id limit $1`

// HeldParcels gives the parcels that wait at stations, those with the least time left first.
func HeldParcels(ctx context.Context, q pgdb.Querier, limit int) ([]Held, error) {
	return collect[Held](ctx, q, "held parcels", sqlHeld, limit)
}
