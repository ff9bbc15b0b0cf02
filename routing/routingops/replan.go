package routingops

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/money"
	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingdb"
)

// underway states rounds that riders have taken on: those that may still change, and those on their way.
func (p *pool) underway(rounds []routing.Round) {
	for _, r := range rounds {
		rider, there := p.riders[r.Rider]
		if !there {
			continue
		}
		switch r.State {
		case routing.RoundAccepted:
			if rider.OnShift(p.now) {
				p.held = append(p.held, dispatch.Held{Round: int64(r.ID), Rider: int64(r.Rider), Leaves: p.seconds(r.Leaves), Parcels: p.round(&r)})
			}
		case routing.RoundStarted:
			p.tours = append(p.tours, p.tour(r, rider))
		}
	}
}

// tour states a round on its way: what is done, what comes, and doors that may be tried again. Cold goods are not carried around for a
// second try.
func (p *pool) tour(r routing.Round, rider routing.Rider) dispatch.Tour {
	t := dispatch.Tour{Round: int64(r.ID), Rider: p.rider(rider, p.seconds(p.now)), Left: p.seconds(r.Started)}
	last := t.Left
	for _, s := range routing.InOrder(r.Stops) {
		x := p.parcels[s.Parcel]
		d := p.parcel(x)
		if s.Outcome == "" {
			if !s.Tried.IsZero() {
				d.Again, d.Ready = true, p.seconds(s.Tried)+p.rules.Again
				d.Due = d.Ready + secondTry
			}
			t.Next = append(t.Next, d)
			continue
		}
		last = max(last, p.seconds(s.Done))
		t.Done = append(t.Done, dispatch.Past{Parcel: d, Begin: last, End: last})
		if s.Outcome == routing.ParcelFailed && s.Tried.IsZero() && routing.Redoable(s.Reason) && x.State == routing.ParcelFailed && x.Attempts < mostAttempts && !x.Cold && x.Note != NoteCancelled {
			d.Again, d.Ready = true, p.seconds(s.Done)+p.rules.Again
			d.Due = d.Ready + secondTry
			t.Again = append(t.Again, d)
		}
	}
	return t
}

// secondTry is how many seconds a second try at a door may take to come: the promise was kept by the first.
const secondTry = 3 * 3600

// fetch are the parcels at doors that a round on its way may fetch: nobody has said that it cannot.
func (p *pool) fetch() (out []dispatch.Parcel) {
	for _, x := range p.open {
		if x.Pickup && p.parcels[routing.ParcelID(x.ID)].Declined == 0 && x.Rider == 0 {
			out = append(out, x)
		}
	}
	return out
}

// moved is from how much another expected time is stored.
const moved = time.Minute

// rework lets a round on its way go on as planned: its expected times are kept up, and another order is told to the rider.
func (o *Ops) rework(ctx context.Context, tx pgx.Tx, p *pool, x dispatch.Reworked) error {
	r, err := routingdb.LockRound(ctx, tx, routing.RoundID(x.Round))
	if err != nil {
		return unknown("round", x.Round, err)
	}
	if !p.asRead(r) {
		return errTaken // something happened on it since: the next plan sees it
	}
	if !x.Changed {
		return o.keepTimes(ctx, tx, p, &r, x)
	}
	ids := make([]routing.ParcelID, 0, len(x.Joined)+len(x.Again))
	for _, id := range slices.Concat(x.Joined, x.Again) {
		ids = append(ids, routing.ParcelID(id))
	}
	parcels, err := routingdb.LockParcels(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range parcels {
		again := slices.Contains(x.Again, int64(parcels[i].ID))
		switch {
		case again:
			if err := r.Again(&parcels[i], p.now); err != nil {
				return errTaken
			}
		case parcels[i].State != routing.ParcelWaiting:
			return errTaken
		default:
			parcels[i].State, parcels[i].Round = routing.ParcelLoaded, r.ID
		}
	}
	if err := r.Change(p.stopsOf(r, x), nil, p.now); err != nil {
		return err
	}
	p.sums(&r, x)
	if err := routingdb.SaveParcels(ctx, tx, parcels, p.now, p.now); err != nil {
		return err
	}
	if err := routingdb.ReplaceStops(ctx, tx, &r); err != nil {
		return err
	}
	return routingdb.SaveRound(ctx, tx, &r)
}

// asRead tells whether a round is as the plan has read it.
func (p *pool) asRead(r routing.Round) bool {
	i := slices.IndexFunc(p.rounds, func(x routing.Round) bool { return x.ID == r.ID })
	return i >= 0 && p.rounds[i].State == r.State && slices.EqualFunc(p.rounds[i].Stops, r.Stops, func(a, b routing.Stop) bool {
		return a.Parcel == b.Parcel && a.Outcome == b.Outcome
	})
}

// stopsOf gives a round's stops in the order planned: what is done first.
func (p *pool) stopsOf(r routing.Round, x dispatch.Reworked) []routing.Stop {
	var out []routing.Stop
	for _, s := range routing.InOrder(r.Stops) {
		if s.Outcome != "" {
			out = append(out, s)
		}
	}
	for _, d := range x.Drops {
		id := routing.ParcelID(d.Parcel)
		s := routing.Stop{Parcel: id, Due: p.parcels[id].Due}
		if i := slices.IndexFunc(r.Stops, func(s routing.Stop) bool { return s.Parcel == id }); i >= 0 {
			s = r.Stops[i]
		}
		s.ETA = p.instant(d.At)
		out = append(out, s)
	}
	return out
}

func (p *pool) sums(r *routing.Round, x dispatch.Reworked) {
	r.Back, r.Metres, r.Cost = p.instant(x.Back), x.Metres, money.Fen(x.Cost)
	r.CO2 = (x.Metres*p.rules.CO2PerKm + 500) / 1000
}

// keepTimes stores expected times that have moved.
func (o *Ops) keepTimes(ctx context.Context, tx pgx.Tx, p *pool, r *routing.Round, x dispatch.Reworked) error {
	off := p.instant(x.Back).Sub(r.Back).Abs() >= moved
	for _, d := range x.Drops {
		i := slices.IndexFunc(r.Stops, func(s routing.Stop) bool { return s.Parcel == routing.ParcelID(d.Parcel) })
		at := p.instant(d.At)
		if i >= 0 && at.Sub(r.Stops[i].ETA).Abs() >= moved {
			r.Stops[i].ETA, off = at, true
		}
	}
	if !off {
		return nil
	}
	r.Back = p.instant(x.Back)
	return routingdb.SaveRound(ctx, tx, r)
}

// rearrange changes rounds that riders have taken on and not loaded, all together or none: parcels that joined, or that changed from
// one to another.
func (o *Ops) rearrange(ctx context.Context, tx pgx.Tx, p *pool, changes []dispatch.Change) error {
	slices.SortFunc(changes, func(a, b dispatch.Change) int { return int(a.Round - b.Round) })
	rounds, to := make([]routing.Round, len(changes)), map[routing.ParcelID]routing.RoundID{}
	var ids []routing.ParcelID
	for i, c := range changes {
		var err error
		if rounds[i], err = routingdb.LockRound(ctx, tx, routing.RoundID(c.Round)); err != nil {
			return unknown("round", c.Round, err)
		}
		if rounds[i].State != routing.RoundAccepted || !p.asRead(rounds[i]) {
			return errTaken
		}
		for _, d := range c.Trip.Parcels {
			to[routing.ParcelID(d.Parcel)] = rounds[i].ID
			ids = append(ids, routing.ParcelID(d.Parcel))
		}
	}
	parcels, err := routingdb.LockParcels(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range parcels {
		x := &parcels[i]
		held := x.State == routing.ParcelOffered && slices.ContainsFunc(rounds, func(r routing.Round) bool { return r.ID == x.Round })
		if x.State != routing.ParcelWaiting && !held {
			return errTaken
		}
		x.State, x.Round = routing.ParcelOffered, to[x.ID]
	}
	if err := routingdb.SaveParcels(ctx, tx, parcels, p.now, p.now); err != nil {
		return err
	}
	for i, c := range changes {
		if err := o.relay(ctx, tx, p, &rounds[i], c.Trip); err != nil {
			return err
		}
	}
	return nil
}

// relay gives a round that was taken on its new stops; one that has none left is taken back.
func (o *Ops) relay(ctx context.Context, tx pgx.Tx, p *pool, r *routing.Round, t dispatch.Trip) error {
	if len(t.Parcels) == 0 {
		if err := r.Withdraw("moved"); err != nil {
			return err
		}
		return routingdb.SaveRound(ctx, tx, r)
	}
	var gone []string
	for _, s := range r.Stops {
		if !slices.ContainsFunc(t.Parcels, func(d dispatch.Drop) bool { return routing.ParcelID(d.Parcel) == s.Parcel }) {
			gone = append(gone, p.parcels[s.Parcel].Number)
		}
	}
	if err := p.lay(r, t, gone); err != nil {
		return err
	}
	if err := routingdb.ReplaceStops(ctx, tx, r); err != nil {
		return err
	}
	return routingdb.SaveRound(ctx, tx, r)
}
