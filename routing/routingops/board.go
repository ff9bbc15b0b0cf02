package routingops

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingdb"
	"milkrun/routing/solver"
)

// Board is what a dispatcher sees of a site.
type Board struct {
	Site     catalog.Site
	Rules    Rules
	Now      time.Time
	Riders   []routing.Rider
	Rounds   []routing.Round // offered, accepted, on their way
	Finished []routing.Round // the last of today
	Parcels  map[routing.ParcelID]routing.Parcel
	Waiting  []routing.ParcelID // by promise
	Outlook  []Planned
	Planned  time.Time
	Figures  routingdb.Figures // since midnight
	Drops    map[routing.RiderID]int
}

// Board gives the dispatcher's board of a site.
func (o *Ops) Board(ctx context.Context, site catalog.SiteID) (b Board, err error) {
	if _, err := within(ctx, access.ViewRounds, site); err != nil {
		return b, err
	}
	b.Now = o.Clock()
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if b.Site, err = o.site(ctx, tx, site); err != nil {
			return err
		}
		if b.Rules, err = o.rules(ctx, tx, site); err != nil {
			return err
		}
		if b.Riders, err = routingdb.Riders(ctx, tx, site); err != nil {
			return err
		}
		if b.Rounds, err = routingdb.OpenRounds(ctx, tx, site); err != nil {
			return err
		}
		if b.Finished, err = routingdb.FinishedRounds(ctx, tx, site, o.midnight(), 50); err != nil {
			return err
		}
		if b.Figures, err = routingdb.SiteFigures(ctx, tx, site, o.midnight()); err != nil {
			return err
		}
		if b.Drops, err = routingdb.Drops(ctx, tx, site, o.midnight()); err != nil {
			return err
		}
		return o.parcelsOf(ctx, tx, &b)
	})
	return b, err
}

func (o *Ops) parcelsOf(ctx context.Context, tx pgx.Tx, b *Board) error {
	open, err := routingdb.OpenParcels(ctx, tx, b.Site.ID)
	if err != nil {
		return err
	}
	b.Parcels = map[routing.ParcelID]routing.Parcel{}
	for _, p := range open {
		b.Parcels[p.ID] = p
		if p.State == routing.ParcelWaiting {
			b.Waiting = append(b.Waiting, p.ID)
		}
	}
	var done []routing.ParcelID
	for _, r := range slices.Concat(b.Rounds, b.Finished) {
		for _, s := range r.Stops {
			if _, there := b.Parcels[s.Parcel]; !there {
				done = append(done, s.Parcel)
			}
		}
	}
	rest, err := routingdb.Parcels(ctx, tx, done)
	if err != nil {
		return err
	}
	for _, p := range rest {
		b.Parcels[p.ID] = p
	}
	at, outlook, err := routingdb.Outlook(ctx, tx, b.Site.ID)
	if err != nil || outlook == nil {
		return err
	}
	b.Planned = at
	if err := json.Unmarshal(outlook, &b.Outlook); err != nil {
		return fmt.Errorf("routingops: outlook of site %d: %w", b.Site.ID, err)
	}
	// What has left since the plan is no outlook any more.
	b.Outlook = slices.DeleteFunc(b.Outlook, func(p Planned) bool {
		return slices.ContainsFunc(p.Parcels, func(id routing.ParcelID) bool { return b.Parcels[id].State != routing.ParcelWaiting })
	})
	return nil
}

// Price is what it would mean to give a parcel to another rider.
type Price struct {
	Parcel routing.ParcelID
	Rider  routing.RiderID
	Cost   money.Fen     // more, or less if below zero
	ETA    time.Time     // of the parcel
	Late   time.Duration // of the parcel
	// Others is how much later the rider's other parcels are beyond their promises, all together.
	Others time.Duration
	// Why the rider cannot take it: "full", "cold", "off", "away"; "" if it can.
	Why string
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
	price    Price
}

// PriceMove tells what it would mean to give the parcel to the rider. Rounds on their way take nothing more.
func (o *Ops) PriceMove(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) (Price, error) {
	if _, err := access.Require(ctx, access.ViewRounds); err != nil {
		return Price{}, err
	}
	c, err := o.change(ctx, o.Pool, parcel, rider)
	return c.price, err
}

func (o *Ops) change(ctx context.Context, q pgdb.Querier, id routing.ParcelID, to routing.RiderID) (change, error) {
	c := change{price: Price{Parcel: id, Rider: to}}
	found, err := routingdb.Parcels(ctx, q, []routing.ParcelID{id})
	if err != nil || len(found) == 0 {
		return c, unknown("parcel", id, firstOf(err, pgx.ErrNoRows))
	}
	parcel := found[0]
	if _, err := within(ctx, access.ViewRounds, parcel.Site); err != nil {
		return c, err
	}
	if parcel.State != routing.ParcelWaiting && parcel.State != routing.ParcelOffered {
		return c, &routing.StateError{What: "parcel " + parcel.Number, State: string(parcel.State), Asked: "moved"}
	}
	if c.pool, err = o.read(ctx, parcel.Site); err != nil {
		return c, err
	}
	who, there := c.pool.riders[to]
	if !there {
		return c, fmt.Errorf("rider %d: %w", to, ErrUnknown)
	}
	if !who.OnShift(c.pool.now) {
		c.price.Why = "off"
		return c, nil
	}
	c.rider = c.pool.free[slices.IndexFunc(c.pool.free, func(r dispatch.Rider) bool { return r.ID == int64(to) })]
	rounds, err := routingdb.OpenRounds(ctx, q, parcel.Site)
	if err != nil {
		return c, err
	}
	for i := range rounds {
		r := &rounds[i]
		if r.Rider == to && r.State == routing.RoundStarted {
			c.price.Why = "away"
			return c, nil
		}
		if r.Rider == to {
			c.to = r
		}
		if r.ID == parcel.Round {
			c.from = r
		}
	}
	c.weigh(parcel)
	return c, nil
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
		leaves += p.rules.Load
	}
	var ok bool
	if c.is, c.order, ok = p.site.Insert(c.rider, leaves, round, x); !ok {
		c.price.Why = "full"
		if x.Cold && !c.rider.ColdBox {
			c.price.Why = "cold"
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
	if c.from != nil {
		from := p.riders[c.from.Rider]
		rider := dispatch.Rider{ID: int64(from.ID), PerHour: int64(from.PerHour), PerKm: int64(from.PerKm)}
		before := p.site.Ride(rider, p.seconds(c.from.Leaves), p.round(c.from))
		c.less, c.rest, _ = p.site.Without(rider, p.seconds(c.from.Leaves), p.round(c.from), x.ID)
		c.price.Cost -= money.Fen(before.Cost - c.less.Cost)
	}
}

func (p *pool) parcel(x routing.Parcel) dispatch.Parcel {
	return dispatch.Parcel{ID: int64(x.ID), Door: solver.Point(x.Door), Ready: p.seconds(x.Ready), Due: p.seconds(x.Due), Service: int64(x.Service / time.Second),
		Grams: x.Grams, Cold: x.Cold, MaxRide: int64(x.MaxRide / time.Second)}
}

func (p *pool) round(r *routing.Round) []dispatch.Parcel {
	out := make([]dispatch.Parcel, 0, len(r.Stops))
	for _, s := range r.Stops {
		out = append(out, p.parcel(p.parcels[s.Parcel]))
	}
	return out
}

// Move gives the parcel to the rider, as a dispatcher decides: onto the rider's round that has not left, or as a new round.
func (o *Ops) Move(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) (Price, error) {
	u, err := access.Require(ctx, access.Dispatch)
	if err != nil {
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
		if err := o.moveOn(ctx, tx, c, parcel); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "parcel.move", Thing: audit.Thing{Kind: "parcel", ID: fmt.Sprint(parcel)},
			After: map[string]any{"rider": rider, "cost": c.price.Cost, "by": u.Name}})
	})
	return c.price, err
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
	c.pool.lay(&r, c.less)
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
	c.pool.lay(&r, c.is)
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

// lay gives a round the stops of a trip.
func (p *pool) lay(r *routing.Round, t dispatch.Trip) {
	r.Stops = r.Stops[:0]
	for i, d := range t.Parcels {
		id := routing.ParcelID(d.Parcel)
		r.Stops = append(r.Stops, routing.Stop{No: i + 1, Parcel: id, Due: p.parcels[id].Due, ETA: p.instant(d.At)})
	}
	r.Leaves, r.Back, r.Metres, r.Cost = p.instant(t.Leaves), p.instant(t.Back), t.Metres, money.Fen(t.Cost)
	r.CO2 = (t.Metres*p.rules.CO2PerKm + 500) / 1000
}

// Pin fixes a waiting parcel to a rider; 0 frees it.
func (o *Ops) Pin(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) error {
	return o.onParcel(ctx, parcel, "parcel.pin", func(p *routing.Parcel) error {
		if p.State != routing.ParcelWaiting {
			return &routing.StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "pinned"}
		}
		p.Pinned = rider
		return nil
	})
}

func (o *Ops) onParcel(ctx context.Context, id routing.ParcelID, verb string, rule func(*routing.Parcel) error) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{id})
		if err != nil || len(parcels) == 0 {
			return unknown("parcel", id, firstOf(err, pgx.ErrNoRows))
		}
		p := parcels[0]
		if _, err := within(ctx, access.Dispatch, p.Site); err != nil {
			return err
		}
		if err := rule(&p); err != nil {
			return err
		}
		rules, err := o.rules(ctx, tx, p.Site)
		if err != nil {
			return err
		}
		now := o.Clock()
		if err := routingdb.SaveParcels(ctx, tx, []routing.Parcel{p}, now, now.Add(time.Duration(rules.StationHours)*time.Hour)); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, now, audit.Change{Verb: verb, Thing: audit.Thing{Kind: "parcel", ID: p.Number}, Before: parcels[0], After: p})
		if err != nil {
			return err
		}
		return o.tell(ctx, tx, p.Site)
	})
}

// Withdraw takes back a round that has not left.
func (o *Ops) Withdraw(ctx context.Context, id routing.RoundID, reason string) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		r, err := routingdb.Round(ctx, tx, id)
		if err != nil {
			return unknown("round", id, err)
		}
		if _, err := within(ctx, access.Dispatch, r.Site); err != nil {
			return err
		}
		if err := o.end(ctx, tx, id, func(r *routing.Round) error { return r.Withdraw(reason) }); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "round.withdraw", Thing: audit.Thing{Kind: "round", ID: r.Number}, After: map[string]any{"reason": reason}})
	})
}

// CallIn asks a rider who is off to come on shift: the phone shows it.
func (o *Ops) CallIn(ctx context.Context, id routing.RiderID) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		r, err := routingdb.Rider(ctx, tx, id)
		if err != nil {
			return unknown("rider", id, err)
		}
		if _, err := within(ctx, access.Dispatch, r.Site); err != nil {
			return err
		}
		if err := routingdb.Call(ctx, tx, id, o.Clock()); err != nil {
			return err
		}
		return o.tell(ctx, tx, r.Site)
	})
}

// AddRider adds a rider to a site, with the account that signs in on the phone.
func (o *Ops) AddRider(ctx context.Context, r routing.Rider) (routing.RiderID, error) {
	if _, err := within(ctx, access.Dispatch, r.Site); err != nil {
		return 0, err
	}
	if r.Name == "" || r.Parcels < 0 || r.Grams < 0 || r.PerHour < 0 || r.PerKm < 0 {
		return 0, ErrRules
	}
	var id routing.RiderID
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) (err error) {
		if id, err = routingdb.InsertRider(ctx, tx, r); err != nil {
			return err
		}
		if !r.OnFrom.IsZero() {
			if err := routingdb.SetShift(ctx, tx, id, r.OnFrom, r.OnUntil); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "rider.add", Thing: audit.Thing{Kind: "rider", ID: fmt.Sprint(id)}, After: r})
	})
	return id, err
}

// PlanNow plans a pool at once, as a dispatcher asks.
func (o *Ops) PlanNow(ctx context.Context, site catalog.SiteID) error {
	if _, err := within(ctx, access.Dispatch, site); err != nil {
		return err
	}
	return o.Plan(ctx, site)
}

// SetRules stores how a site plans; nil sets the program's defaults.
func (o *Ops) SetRules(ctx context.Context, site catalog.SiteID, rules Rules) error {
	u, err := within(ctx, access.Dispatch, site)
	if err != nil {
		return err
	}
	if err := rules.Check(); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		was, err := o.rules(ctx, tx, site)
		if err != nil {
			return err
		}
		b, err := json.Marshal(rules)
		if err != nil {
			return err
		}
		if err := routingdb.SetSiteRules(ctx, tx, site, b, o.Clock(), u.Name); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "rounds.rules", Thing: audit.Thing{Kind: "site", ID: fmt.Sprint(site)}, Before: was, After: rules})
	})
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
