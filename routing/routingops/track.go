package routingops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
)

// Track is what a shopper sees of a parcel: no name, no address, no other shopper's stop.
type Track struct {
	Parcel routing.Parcel
	Site   catalog.Site
	// ETA is when it is expected, zero while nobody knows; Before counts the stops that come first.
	ETA    time.Time
	Before int
	// Rider is the rider's place while the round is on its way to this stop next.
	Rider  *routing.Place
	Name   string // the rider's given name as stored
	Code   string
	Done   time.Time
	Holder *catalog.Site // the station where it waits
	Photo  string        // key of the picture of the drop; "" for none
}

// Track gives the shopper's view of a parcel by the secret of its address. It needs no sign-in.
func (o *Ops) Track(ctx context.Context, tracking string) (t Track, err error) {
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		p, err := routingdb.ParcelByTracking(ctx, tx, tracking)
		if err != nil {
			return unknown("parcel", "of this address", err)
		}
		t.Code = p.Code
		if p.Pickup || p.State == routing.ParcelDelivered || p.State == routing.ParcelCollected {
			t.Code = ""
		}
		sites, err := o.Sites.Sites(ctx, tx)
		if err != nil {
			return err
		}
		known := byID(sites)
		t.Site = known[p.Site]
		if s, ok := known[p.Station]; ok {
			t.Holder = &s
		}
		t.Parcel = routing.Parcel{ID: p.ID, Number: p.Number, Order: p.Order, Door: p.Door, Ready: p.Ready, Due: p.Due, State: p.State, Cold: p.Cold, Station: p.Station, Attempts: p.Attempts, Pickup: p.Pickup}
		if p.Round == 0 {
			return nil
		}
		return o.underWay(ctx, tx, &t, p)
	})
	return t, err
}

func (o *Ops) underWay(ctx context.Context, tx pgx.Tx, t *Track, p routing.Parcel) error {
	r, err := routingdb.Round(ctx, tx, p.Round)
	if err != nil {
		return err
	}
	for _, s := range r.Stops {
		if s.Parcel == p.ID {
			t.ETA, t.Done, t.Photo = s.ETA, s.Done, s.Photo
			break
		}
		if s.Outcome == "" {
			t.Before++
		}
	}
	if r.State != routing.RoundStarted || p.State != routing.ParcelLoaded {
		return nil
	}
	rider, err := routingdb.Rider(ctx, tx, r.Rider)
	if err != nil {
		return err
	}
	t.Name = rider.Name
	if t.Before == 0 && !rider.SeenAt.IsZero() {
		t.Rider = &rider.Seen
	}
	return nil
}

// Where gives the same to the system that gave the parcel, by its number, with the secret of the shopper's page.
func (o *Ops) Where(ctx context.Context, number string) (tracking string, t Track, err error) {
	p, err := routingdb.ParcelByNumber(ctx, o.Pool, number)
	if err != nil {
		return "", t, unknown("parcel", number, err)
	}
	if _, err := within(ctx, access.ReadData, p.Site); err != nil {
		return "", t, err
	}
	t, err = o.Track(ctx, p.Tracking)
	return p.Tracking, t, err
}

// Photo gives the picture of a drop by its key.
func (o *Ops) Photo(ctx context.Context, key string) (mime string, content []byte, err error) {
	if _, err := access.Require(ctx, access.ViewRounds); err != nil {
		return "", nil, err
	}
	mime, content, err = routingdb.Photo(ctx, o.Pool, key)
	return mime, content, unknown("photo", key, err)
}

// TrackPhoto gives the picture of the drop by the secret of the shopper's page, as the rider took it: the page shows it masked.
func (o *Ops) TrackPhoto(ctx context.Context, tracking string) (mime string, content []byte, err error) {
	t, err := o.Track(ctx, tracking)
	if err != nil {
		return "", nil, err
	}
	if t.Photo == "" {
		return "", nil, unknown("photo", "of this address", pgx.ErrNoRows)
	}
	mime, content, err = routingdb.Photo(ctx, o.Pool, t.Photo)
	return mime, content, unknown("photo", t.Photo, err)
}
