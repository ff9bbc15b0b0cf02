package routingops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingdb"
	"milkrun/routing/solver"
)

// Price is what it would mean to give a parcel to another rider.
type Price struct {
	Parcel routing.ParcelID
	Rider  routing.RiderID
	Cost   money.Fen     // more, or less if below zero
	ETA    time.Time     // of the parcel
	Late   time.Duration // of the parcel
	// Others is how much later the rider's other parcels are beyond their promises, all together.
	Others time.Duration
	// Why the rider cannot take it: "full", "cold" without a cold box, "warm" for cold goods that would be out too
	// long, "off"; "" if it can.
	Why string
	// Next says that the rider is on the road and would take it on the next round.
	Next bool
}

// change is a parcel's move from where it is to a rider.
type change struct {
	pool     *pool
	from, to *routing.Round // nil: the pool; a new round
	was, is  dispatch.Trip  // of to
	less     dispatch.Trip  // of from, without the parcel
	order    []dispatch.Parcel
	rest     []dispatch.Parcel
	rider    dispatch.Rider
	away     bool               // the rider is on the road
	tour     *dispatch.Tour     // of the round on the road
	joined   *dispatch.Reworked // how it goes on with the parcel; nil: it would be the next round
	price    Price
}

// PriceMove tells what it would mean to give the parcel to the rider. A round on its way takes nothing more from the warehouse: who is
// on the road would take it on the next round. What is fetched at a door joins the round on its way where that is better.
func (o *Ops) PriceMove(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) (Price, error) {
	if _, err := access.Require(ctx, access.ViewRounds); err != nil {
		return Price{}, err
	}
	c, err := o.change(ctx, o.Pool, parcel, rider)
	return c.price, err
}

func (o *Ops) change(ctx context.Context, q pgdb.Querier, id routing.ParcelID, to routing.RiderID) (change, error) {
	p, parcel, err := o.movable(ctx, q, id)
	if err != nil {
		return change{price: Price{Parcel: id, Rider: to}}, err
	}
	if _, there := p.riders[to]; !there {
		return change{price: Price{Parcel: id, Rider: to}}, fmt.Errorf("rider %d: %w", to, ErrUnknown)
	}
	return p.change(parcel, to), nil
}

// movable reads the pool of a parcel that may still be given to somebody.
func (o *Ops) movable(ctx context.Context, q pgdb.Querier, id routing.ParcelID) (*pool, routing.Parcel, error) {
	found, err := routingdb.Parcels(ctx, q, []routing.ParcelID{id})
	if err != nil || len(found) == 0 {
		return nil, routing.Parcel{}, unknown("parcel", id, firstOf(err, pgx.ErrNoRows))
	}
	parcel := found[0]
	if _, err := within(ctx, access.ViewRounds, parcel.Site); err != nil {
		return nil, parcel, err
	}
	if parcel.State != routing.ParcelWaiting && parcel.State != routing.ParcelOffered {
		return nil, parcel, &routing.StateError{What: "parcel " + parcel.Number, State: string(parcel.State), Asked: "moved"}
	}
	p, err := o.read(ctx, parcel.Site)
	return p, parcel, err
}

// Offers tells what it would mean to give the parcel to each rider who is on shift: those who can take it first, the least late and
// then the cheapest before the others. The pool is read once.
func (o *Ops) Offers(ctx context.Context, id routing.ParcelID) ([]Price, error) {
	if _, err := access.Require(ctx, access.ViewRounds); err != nil {
		return nil, err
	}
	p, parcel, err := o.movable(ctx, o.Pool, id)
	if err != nil {
		return nil, err
	}
	return p.offers(parcel), nil
}

func (p *pool) offers(parcel routing.Parcel) []Price {
	out := make([]Price, len(p.free))
	for i, r := range p.free {
		out[i] = p.change(parcel, routing.RiderID(r.ID)).price
	}
	able := func(x Price) int { return min(1, len(x.Why)) }
	slices.SortStableFunc(out, func(a, b Price) int {
		return cmp.Or(cmp.Compare(able(a), able(b)), cmp.Compare(a.Late+a.Others, b.Late+b.Others), cmp.Compare(a.Cost, b.Cost))
	})
	return out
}

// change works out the move of a parcel to a rider of the pool.
func (p *pool) change(parcel routing.Parcel, to routing.RiderID) change {
	c := change{pool: p, price: Price{Parcel: parcel.ID, Rider: to}}
	i := slices.IndexFunc(p.free, func(r dispatch.Rider) bool { return r.ID == int64(to) })
	if i < 0 {
		c.price.Why = "off"
		return c
	}
	c.rider = p.free[i]
	for i := range p.rounds {
		r := &p.rounds[i]
		switch {
		case r.Rider != to:
		case r.State == routing.RoundStarted:
			c.away = true
			if k := slices.IndexFunc(p.tours, func(t dispatch.Tour) bool { return t.Round == int64(r.ID) }); k >= 0 {
				c.tour = &p.tours[k]
			}
		default:
			c.to = r
		}
		if r.ID == parcel.Round {
			c.from = r
		}
	}
	c.price.Next = c.away
	c.weigh(parcel)
	if parcel.Pickup && c.tour != nil {
		c.join(parcel)
	}
	c.price.Cost -= c.relief(parcel)
	return c
}

// join lets the round on its way fetch the parcel, if that is better than the next round, or the next round cannot.
func (c *change) join(parcel routing.Parcel) {
	p := c.pool
	x := p.parcel(parcel)
	joined, before, ok := p.rules.Join(p.site, p.seconds(p.now), *c.tour, x)
	if !ok {
		return
	}
	price := Price{Parcel: parcel.ID, Rider: c.price.Rider, Cost: money.Fen(joined.Cost - before.Cost)}
	for _, d := range joined.Drops {
		price.Others += time.Duration(d.Late) * time.Second
		if d.Parcel == x.ID {
			price.ETA, price.Late = p.instant(d.At), time.Duration(d.Late)*time.Second
		}
	}
	price.Others -= price.Late
	for _, d := range before.Drops {
		price.Others -= time.Duration(d.Late) * time.Second
	}
	worth := func(v Price) int64 {
		return int64(v.Cost) + int64((v.Late+v.Others)/time.Second)*p.rules.LatePerHour/3600
	}
	if c.price.Why != "" || worth(price) <= worth(c.price) {
		c.joined, c.price, c.to = &joined, price, nil
	}
}

// relief is what the round that has the parcel now costs less without it.
func (c *change) relief(parcel routing.Parcel) money.Fen {
	if c.from == nil || c.price.Why != "" {
		return 0
	}
	p := c.pool
	from := p.riders[c.from.Rider]
	rider := dispatch.Rider{ID: int64(from.ID), PerHour: int64(from.PerHour), PerKm: int64(from.PerKm)}
	before := p.site.Ride(rider, p.seconds(c.from.Leaves), p.round(c.from))
	c.less, c.rest, _ = p.site.Without(rider, p.seconds(c.from.Leaves), p.round(c.from), int64(parcel.ID))
	return money.Fen(before.Cost - c.less.Cost)
}

// weigh prices the change.
func (c *change) weigh(parcel routing.Parcel) {
	p, leaves := c.pool, int64(planOrigin)
	x := p.parcel(parcel)
	var round []dispatch.Parcel
	if c.to != nil {
		leaves = max(leaves, p.seconds(c.to.Leaves))
		round = p.round(c.to)
		c.was = p.site.Ride(c.rider, leaves, round)
	} else {
		if c.away {
			leaves = max(leaves, c.rider.Free)
		}
		leaves += p.rules.Load
	}
	var ok bool
	if c.is, c.order, ok = p.site.Insert(c.rider, leaves, round, x); !ok {
		c.price.Why = "full"
		switch {
		case x.Cold && !c.rider.ColdBox:
			c.price.Why = "cold"
		case c.rider.Takes(x, round):
			c.price.Why = "warm"
		}
		return
	}
	c.price.Cost = money.Fen(c.is.Cost - c.was.Cost)
	for _, d := range c.is.Parcels {
		if d.Parcel == x.ID {
			c.price.ETA, c.price.Late = p.instant(d.At), time.Duration(d.Late)*time.Second
		}
	}
	c.price.Others = time.Duration(c.is.Late()-c.was.Late())*time.Second - c.price.Late
}

func (p *pool) parcel(x routing.Parcel) dispatch.Parcel {
	return dispatch.Parcel{ID: int64(x.ID), Door: solver.Point(x.Door), Ready: p.seconds(x.Ready), Due: p.seconds(x.Due), Service: int64(x.Service / time.Second),
		Grams: x.Grams, Cold: x.Cold, MaxRide: int64(x.MaxRide / time.Second), Pickup: x.Pickup}
}

func (p *pool) round(r *routing.Round) []dispatch.Parcel {
	out := make([]dispatch.Parcel, 0, len(r.Stops))
	for _, s := range r.Stops {
		out = append(out, p.parcel(p.parcels[s.Parcel]))
	}
	return out
}

// Move gives the parcel to the rider, as a dispatcher decides: onto the rider's round that has not left, as a new round, or, fetched at
// a door, onto the round on its way.
func (o *Ops) Move(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) (Price, error) {
	if _, err := access.Require(ctx, access.Dispatch); err != nil {
		return Price{}, err
	}
	c, err := o.change(ctx, o.Pool, parcel, rider)
	if err != nil {
		return c.price, err
	}
	if c.price.Why != "" {
		return c.price, &routing.StateError{What: fmt.Sprintf("rider %d", rider), State: c.price.Why, Asked: "given the parcel"}
	}
	if c.to != nil && c.from != nil && c.to.ID == c.from.ID {
		return c.price, nil
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := o.moveOff(ctx, tx, c, parcel); err != nil {
			return err
		}
		put := func() error { return o.moveOn(ctx, tx, c, parcel) }
		if c.joined != nil {
			put = func() error { return o.rework(ctx, tx, c.pool, *c.joined) }
		}
		if err := put(); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "parcel.move", Thing: about(thingParcel, c.pool.parcels[parcel].Number),
			Before: map[string]any{"rider": c.fromName()}, After: map[string]any{"rider": c.pool.riders[rider].Name, "cost_fen": c.price.Cost}})
	})
	return c.price, err
}

// fromName is the rider who has the parcel before the change.
func (c change) fromName() string {
	if c.from == nil {
		return ""
	}
	return c.pool.riders[c.from.Rider].Name
}

// moveOff takes the parcel from the round it is on, which ends if nothing is left of it.
func (o *Ops) moveOff(ctx context.Context, tx pgx.Tx, c change, id routing.ParcelID) error {
	if c.from == nil {
		return nil
	}
	if len(c.rest) == 0 {
		return o.end(ctx, tx, c.from.ID, func(r *routing.Round) error { return r.Withdraw("moved") })
	}
	r, err := routingdb.LockRound(ctx, tx, c.from.ID)
	if err != nil {
		return unknown("round", c.from.ID, err)
	}
	if r.State != routing.RoundOffered && r.State != routing.RoundAccepted || len(r.Stops) != len(c.rest)+1 {
		return &routing.StateError{What: "round " + r.Number, State: string(r.State), Asked: "changed"}
	}
	if err := c.pool.lay(&r, c.less, []string{c.pool.parcels[id].Number}); err != nil {
		return err
	}
	parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{id})
	if err != nil {
		return err
	}
	parcels[0].State, parcels[0].Round = routing.ParcelWaiting, 0
	now := o.Clock()
	if err := routingdb.SaveParcels(ctx, tx, parcels, now, now); err != nil {
		return err
	}
	if err := routingdb.ReplaceStops(ctx, tx, &r); err != nil {
		return err
	}
	return routingdb.SaveRound(ctx, tx, &r)
}

// moveOn puts the parcel onto the rider's round, or offers a new one.
func (o *Ops) moveOn(ctx context.Context, tx pgx.Tx, c change, id routing.ParcelID) error {
	if c.to == nil {
		return o.offer(ctx, tx, c.pool, c.pool.parcels[id].Site, c.is)
	}
	r, err := routingdb.LockRound(ctx, tx, c.to.ID)
	if err != nil {
		return unknown("round", c.to.ID, err)
	}
	if r.State != routing.RoundOffered && r.State != routing.RoundAccepted || len(r.Stops) != len(c.order)-1 {
		return &routing.StateError{What: "round " + r.Number, State: string(r.State), Asked: "changed"}
	}
	parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{id})
	if err != nil {
		return err
	}
	if parcels[0].State != routing.ParcelWaiting {
		return errTaken
	}
	parcels[0].State, parcels[0].Round = routing.ParcelOffered, r.ID
	if err := c.pool.lay(&r, c.is, nil); err != nil {
		return err
	}
	now := o.Clock()
	if err := routingdb.SaveParcels(ctx, tx, parcels, now, now); err != nil {
		return err
	}
	if err := routingdb.ReplaceStops(ctx, tx, &r); err != nil {
		return err
	}
	if err := routingdb.SaveRound(ctx, tx, &r); err != nil {
		return err
	}
	return o.tell(ctx, tx, r.Site)
}

// lay gives a round that has not left the stops of a trip; gone are the numbers of the parcels that leave it.
func (p *pool) lay(r *routing.Round, t dispatch.Trip, gone []string) error {
	stops := make([]routing.Stop, len(t.Parcels))
	for i, d := range t.Parcels {
		id := routing.ParcelID(d.Parcel)
		stops[i] = routing.Stop{Parcel: id, Due: p.parcels[id].Due, ETA: p.instant(d.At)}
	}
	if err := r.Change(stops, gone, p.now); err != nil {
		return err
	}
	r.Leaves, r.Back, r.Metres, r.Cost = p.instant(t.Leaves), p.instant(t.Back), t.Metres, money.Fen(t.Cost)
	r.CO2 = (t.Metres*p.rules.CO2PerKm + 500) / 1000
	return nil
}
