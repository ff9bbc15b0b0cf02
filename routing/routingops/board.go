package routingops

import (
	"context"
	"encoding/json"
	"errors"
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
	Answers  map[routing.RiderID]routingdb.Answers // to offers, since midnight
	// NoRoads is since when the road network's server does not answer; zero while it does, or there is none.
	NoRoads time.Time
	// Full are the parcels that wait because their station is full.
	Full []routing.ParcelID
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
		if b.Answers, err = routingdb.RiderAnswers(ctx, tx, site, o.midnight()); err != nil {
			return err
		}
		if err := o.parcelsOf(ctx, tx, &b); err != nil {
			return err
		}
		free, err := routingdb.FreePlaces(ctx, tx)
		for _, id := range b.Waiting {
			if n, bound := free[b.Parcels[id].Station]; bound && n <= 0 {
				b.Full = append(b.Full, id)
			}
		}
		return err
	})
	if o.Roads != nil {
		b.NoRoads, _ = o.Roads.Trouble()
	}
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

// Pin fixes a waiting parcel to a rider; 0 frees it.
func (o *Ops) Pin(ctx context.Context, parcel routing.ParcelID, rider routing.RiderID) error {
	return o.onParcel(ctx, parcel, "parcel.pin", func(tx pgx.Tx, p *routing.Parcel) error {
		if rider != 0 {
			if r, err := routingdb.Rider(ctx, tx, rider); err != nil || r.Site != p.Site {
				return unknown("rider", rider, firstOf(err, pgx.ErrNoRows))
			}
		}
		if p.State != routing.ParcelWaiting {
			return &routing.StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "pinned"}
		}
		p.Pinned = rider
		return nil
	})
}

func (o *Ops) onParcel(ctx context.Context, id routing.ParcelID, verb string, rule func(pgx.Tx, *routing.Parcel) error) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		parcels, err := routingdb.LockParcels(ctx, tx, []routing.ParcelID{id})
		if err != nil || len(parcels) == 0 {
			return unknown("parcel", id, firstOf(err, pgx.ErrNoRows))
		}
		p := parcels[0]
		if _, err := within(ctx, access.Dispatch, p.Site); err != nil {
			return err
		}
		if err := rule(tx, &p); err != nil {
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
		was, is, err := o.pinned(ctx, tx, parcels[0], p)
		if err != nil {
			return err
		}
		err = audit.Write(ctx, tx, now, audit.Change{Verb: verb, Thing: about(thingParcel, p.Number), Before: was, After: is})
		if err != nil {
			return err
		}
		return o.tell(ctx, tx, p.Site)
	})
}

// pinned says in words which rider a parcel was and is kept for.
func (o *Ops) pinned(ctx context.Context, tx pgx.Tx, was, is routing.Parcel) (before, after map[string]any, err error) {
	names := [2]string{}
	for i, id := range []routing.RiderID{was.Pinned, is.Pinned} {
		if id == 0 {
			continue
		}
		r, err := routingdb.Rider(ctx, tx, id)
		if err != nil {
			return nil, nil, unknown("rider", id, err)
		}
		names[i] = r.Name
	}
	return map[string]any{"rider": names[0]}, map[string]any{"rider": names[1]}, nil
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
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "round.withdraw", Thing: about(thingRound, r.Number), After: map[string]any{"reason": reason}})
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
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "rider.add", Thing: about(thingRider, r.Name), After: riderRecord(r)})
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
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "rounds.rules", Thing: about(thingSite, site), Before: rulesRecord(was), After: rulesRecord(rules)})
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

// Rider gives one rider.
func (o *Ops) Rider(ctx context.Context, id routing.RiderID) (routing.Rider, error) {
	r, err := routingdb.Rider(ctx, o.Pool, id)
	if err != nil {
		return r, unknown("rider", id, err)
	}
	_, err = within(ctx, access.ViewRounds, r.Site)
	return r, err
}

// ErrAccount refuses an account that another rider signs in with.
var ErrAccount = errors.New("routingops: the account is another rider's")

// SaveRider stores a rider's particulars, a new rider for ID 0. A rider who is on a round stays at the site until it is over. ErrRules,
// ErrAccount.
func (o *Ops) SaveRider(ctx context.Context, r routing.Rider) (routing.RiderID, error) {
	if _, err := within(ctx, access.Dispatch, r.Site); err != nil {
		return 0, err
	}
	if r.Name == "" || len(r.Name) > 60 || len(r.Phone) > 30 || r.Parcels < 0 || r.Grams < 0 || r.PerHour < 0 || r.PerKm < 0 || r.Kind != routing.FullTime && r.Kind != routing.Crowd {
		return 0, ErrRules
	}
	if r.Account != 0 {
		if other, err := routingdb.RiderOf(ctx, o.Pool, r.Account); err == nil && other.ID != r.ID {
			return 0, ErrAccount
		}
	}
	if r.ID == 0 {
		return o.AddRider(ctx, r)
	}
	return r.ID, pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		was, err := routingdb.Rider(ctx, tx, r.ID)
		if err != nil {
			return unknown("rider", r.ID, err)
		}
		if _, err := within(ctx, access.Dispatch, was.Site); err != nil {
			return err
		}
		if was.Site != r.Site || !r.Active {
			if open, err := routingdb.RoundsOf(ctx, tx, r.ID); err != nil || len(open) > 0 {
				return firstOf(err, &routing.StateError{What: "rider " + was.Name, State: "on a round", Asked: "moved"})
			}
		}
		if err := routingdb.UpdateRider(ctx, tx, r); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "rider.save", Thing: about(thingRider, r.Name), Before: riderRecord(was), After: riderRecord(r)}); err != nil {
			return err
		}
		return o.tell(ctx, tx, r.Site)
	})
}
