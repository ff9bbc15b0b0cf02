package routingops

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
)

// Station is a pickup station with what stands there, what comes and how much it holds.
type Station struct {
	routingdb.Station
	Site catalog.Site
}

// Held is a parcel that waits at a station for its shopper.
type Held = routingdb.Held

// mostHeld bounds a list of parcels at stations.
const mostHeld = 500

// Stations gives the stations that the user may see, and the parcels that wait there, those with the least time left first.
func (o *Ops) Stations(ctx context.Context) (stations []Station, held []Held, now time.Time, err error) {
	u, err := access.Require(ctx, access.ViewRounds)
	if err != nil {
		return nil, nil, now, err
	}
	now = o.Clock()
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		sites, err := o.Sites.Sites(ctx, tx)
		if err != nil {
			return err
		}
		known := byID(sites)
		rows, err := routingdb.Stations(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if u.MayTouchSite(r.SiteID) {
				stations = append(stations, Station{r, known[r.SiteID]})
			}
		}
		held, err = routingdb.HeldParcels(ctx, tx, mostHeld)
		held = slices.DeleteFunc(held, func(h Held) bool { return !u.MayTouchSite(h.StationID) })
		return err
	})
	return stations, held, now, err
}

// mostPlaces is beyond any station.
const mostPlaces = 5000

// SetPlaces sets how many parcels a station holds; 0 is without bound.
func (o *Ops) SetPlaces(ctx context.Context, station catalog.SiteID, places int) error {
	if _, err := within(ctx, access.Dispatch, station); err != nil {
		return err
	}
	if places < 0 || places > mostPlaces {
		return ErrRules
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		s, err := o.site(ctx, tx, station)
		if err != nil {
			return err
		}
		if s.Tier != catalog.Station {
			return fmt.Errorf("site %s is no station: %w", s.Code, ErrUnknown)
		}
		was, err := stationPlaces(ctx, tx, station)
		if err != nil {
			return err
		}
		if err := routingdb.SetPlaces(ctx, tx, station, places); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "station.places", Thing: about(thingSite, station), Before: placesRecord(was), After: placesRecord(places)})
	})
}

// stationPlaces is how many parcels a station holds; 0: no bound.
func stationPlaces(ctx context.Context, tx pgx.Tx, station catalog.SiteID) (int, error) {
	all, err := routingdb.Stations(ctx, tx, time.Time{})
	for _, s := range all {
		if s.SiteID == station {
			return s.Places, err
		}
	}
	return 0, err
}

// Collect hands a parcel over at its station against the shopper's code.
func (o *Ops) Collect(ctx context.Context, number, code string) error {
	return o.atStation(ctx, number, access.WorkFloor, func(tx pgx.Tx, p *routing.Parcel) error {
		if err := p.Collect(code); err != nil {
			return err
		}
		return o.Bus.Publish(ctx, tx, routing.Delivered{Site: p.Site, Parcel: p.ID, Number: p.Number, Shipment: p.Shipment, At: o.Clock()})
	})
}

// TakeBack books that a parcel which nobody fetched from its station is at its warehouse again.
func (o *Ops) TakeBack(ctx context.Context, number string) error {
	return o.atStation(ctx, number, access.Dispatch, func(tx pgx.Tx, p *routing.Parcel) error {
		if err := p.TakeBack(); err != nil {
			return err
		}
		return o.Bus.Publish(ctx, tx, routing.Failed{Site: p.Site, Parcel: p.ID, Number: p.Number, Shipment: p.Shipment, Reason: routing.NotCollected, At: o.Clock()})
	})
}

func (o *Ops) atStation(ctx context.Context, number string, need access.Permission, rule func(pgx.Tx, *routing.Parcel) error) error {
	p, err := routingdb.ParcelByNumber(ctx, o.Pool, number)
	if err != nil {
		return unknown("parcel", number, err)
	}
	if _, err := within(ctx, need, p.Station); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{p.ID})
		if err != nil {
			return err
		}
		if err := rule(tx, &parcels[0]); err != nil {
			return err
		}
		now := o.Clock()
		if err := routingdb.SaveParcels(ctx, tx, parcels, now, now); err != nil {
			return err
		}
		return o.tell(ctx, tx, p.Site)
	})
}
