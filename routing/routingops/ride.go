package routingops

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
)

// Command is the head of every command of a rider's phone: its id, made on the phone, lets it happen once however often it is
// sent, and MadeAt is when the rider pressed, which may be long before the network came back.
type Command struct {
	Op     uuid.UUID
	MadeAt time.Time
	At     routing.Place // where the phone was; zero if it did not know
}

// Day is what a rider's phone shows: the rider, and the rounds that are not over with their parcels.
type Day struct {
	Rider    routing.Rider
	SiteName catalog.Name
	// Zone is the warehouse's, as IANA names it.
	Zone    string
	Rounds  []routing.Round
	Parcels map[routing.ParcelID]routing.Parcel
	// Whole has the addresses of accepted and started rounds in full.
	Whole map[routing.ParcelID]Consignee
	Drops int // today
}

// MyDay gives the acting rider's day.
func (o *Ops) MyDay(ctx context.Context) (Day, error) {
	rider, err := o.me(ctx, o.Pool)
	if err != nil {
		return Day{}, err
	}
	d := Day{Rider: rider, Parcels: map[routing.ParcelID]routing.Parcel{}, Whole: map[routing.ParcelID]Consignee{}}
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if d.Rounds, err = routingdb.RoundsOf(ctx, tx, rider.ID); err != nil {
			return err
		}
		drops, err := routingdb.Drops(ctx, tx, rider.Site, o.midnight())
		if err != nil {
			return err
		}
		d.Drops = drops[rider.ID]
		site, err := o.site(ctx, tx, rider.Site)
		if err != nil {
			return err
		}
		d.SiteName, d.Zone = site.Name, site.TimeZone
		for _, r := range d.Rounds {
			if err := o.addresses(ctx, tx, &d, r); err != nil {
				return err
			}
		}
		return nil
	})
	return d, err
}

// addresses adds the parcels of a round, with the whole address where the rider has taken the round on.
func (o *Ops) addresses(ctx context.Context, tx pgx.Tx, d *Day, r routing.Round) error {
	parcels, err := routingdb.Parcels(ctx, tx, stopIDs(r))
	if err != nil {
		return err
	}
	var shipments []int64
	for _, p := range parcels {
		p.Code = "" // the shopper tells it
		d.Parcels[p.ID] = p
		if r.State != routing.RoundOffered && p.Shipment != 0 {
			shipments = append(shipments, p.Shipment)
		}
	}
	if o.Shipments == nil || len(shipments) == 0 {
		return nil
	}
	whole, err := o.Shipments.Consignees(ctx, tx, shipments)
	if err != nil {
		return err
	}
	for _, p := range parcels {
		if c, ok := whole[p.Shipment]; ok {
			d.Whole[p.ID] = c
		}
	}
	return nil
}

func (o *Ops) me(ctx context.Context, q pgdb.Querier) (routing.Rider, error) {
	u, err := access.Require(ctx, access.Ride)
	if err != nil {
		return routing.Rider{}, err
	}
	r, err := routingdb.RiderOf(ctx, q, int64(u.ID))
	if err != nil {
		return r, ErrNoRider
	}
	return r, nil
}

// GoOn begins the acting rider's shift, up to the hours given; GoOff ends it. A rider with a round on the way stays on.
func (o *Ops) GoOn(ctx context.Context, cmd Command, hours int) error {
	if hours < 1 || hours > 14 {
		return ErrRules
	}
	return o.command(ctx, cmd, "on", func(tx pgx.Tx, me routing.Rider) error {
		now := o.Clock()
		return routingdb.SetShift(ctx, tx, me.ID, now, now.Add(time.Duration(hours)*time.Hour))
	})
}

// GoOff ends the acting rider's shift.
func (o *Ops) GoOff(ctx context.Context, cmd Command) error {
	return o.command(ctx, cmd, "off", func(tx pgx.Tx, me routing.Rider) error {
		open, err := routingdb.RoundsOf(ctx, tx, me.ID)
		if err != nil {
			return err
		}
		for _, r := range open {
			if r.State == routing.RoundStarted {
				return routing.ErrUnfinished
			}
			if err := o.end(ctx, tx, r.ID, func(r *routing.Round) error { return r.Withdraw("off shift") }); err != nil {
				return err
			}
		}
		return routingdb.SetShift(ctx, tx, me.ID, time.Time{}, time.Time{})
	})
}

// Accept takes the offered round on.
func (o *Ops) Accept(ctx context.Context, cmd Command, id routing.RoundID) error {
	return o.onRound(ctx, cmd, "accept", id, func(_ pgx.Tx, me routing.Rider, r *routing.Round, _ []routing.Parcel) error {
		return r.Accept(me.ID, o.when(cmd))
	})
}

// Refuse turns the round down; its parcels go back into the pool and the pool is planned anew.
func (o *Ops) Refuse(ctx context.Context, cmd Command, id routing.RoundID, reason string) error {
	return o.command(ctx, cmd, "refuse", func(tx pgx.Tx, me routing.Rider) error {
		if err := o.end(ctx, tx, id, func(r *routing.Round) error { return r.Refuse(me.ID, reason, o.Clock()) }); err != nil {
			return err
		}
		return o.Bus.Enqueue(ctx, tx, events.Job(PlanArgs{Site: me.Site}))
	})
}

// Start lets the round leave. What the rider has loaded is what leaves, whatever was planned while the phone had no network: loaded are
// the parcels in their order; none: all of the round. Parcels that are not among them wait in the pool again.
func (o *Ops) Start(ctx context.Context, cmd Command, id routing.RoundID, loaded []routing.ParcelID) error {
	return o.command(ctx, cmd, "start", func(tx pgx.Tx, me routing.Rider) error {
		if err := o.load(ctx, tx, me, id, loaded); err != nil {
			return err
		}
		return o.leave(ctx, tx, cmd, me, id)
	})
}

// leave lets a loaded round go.
func (o *Ops) leave(ctx context.Context, tx pgx.Tx, cmd Command, me routing.Rider, id routing.RoundID) error {
	return o.ruled(ctx, tx, me, id, func(tx pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		if err := r.Start(me.ID, o.when(cmd)); err != nil {
			return err
		}
		// Expected times move with the real start.
		moved := r.Started.Sub(r.Leaves)
		r.Leaves, r.Back = r.Started, r.Back.Add(moved)
		for i := range r.Stops {
			r.Stops[i].ETA = r.Stops[i].ETA.Add(moved)
		}
		if err := r.See(me.ID, r.Version); err != nil {
			return err
		}
		left := routing.Dispatched{Site: r.Site, Round: r.ID, Number: r.Number, Rider: me.Name, At: r.Started}
		for i := range parcels {
			parcels[i].State = routing.ParcelLoaded
			if parcels[i].Shipment != 0 {
				left.Shipments, left.Parcels = append(left.Shipments, parcels[i].Shipment), append(left.Parcels, parcels[i].Number)
			}
		}
		return o.Bus.Publish(ctx, tx, left)
	})
}

// See notes that the rider has seen what was changed about the round, as of the version that the phone showed.
func (o *Ops) See(ctx context.Context, cmd Command, id routing.RoundID, version int) error {
	return o.onRound(ctx, cmd, "see", id, func(_ pgx.Tx, me routing.Rider, r *routing.Round, _ []routing.Parcel) error {
		return r.See(me.ID, version)
	})
}

// Decline takes a door where goods were to be fetched off the round on its way: somebody else fetches them.
func (o *Ops) Decline(ctx context.Context, cmd Command, id routing.RoundID, parcel routing.ParcelID) error {
	return o.onRound(ctx, cmd, "decline", id, func(tx pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		i := slices.IndexFunc(parcels, func(p routing.Parcel) bool { return p.ID == parcel })
		if i < 0 {
			return routing.ErrNotOnRound
		}
		if err := r.Decline(me.ID, &parcels[i]); err != nil {
			return err
		}
		return routingdb.ReplaceStops(ctx, tx, r)
	})
}

// Visited is what a rider tells of a door.
type Visited struct {
	Parcel routing.ParcelID
	Code   string
	Photo  []byte
	Mime   string
	Reason routing.FailReason // of a failed drop
}

// Drop hands a parcel over, with the shopper's code or a photo.
func (o *Ops) Drop(ctx context.Context, cmd Command, id routing.RoundID, v Visited) error {
	return o.onRound(ctx, cmd, "drop", id, func(tx pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		p, visit, err := o.visit(ctx, tx, cmd, r, parcels, v)
		if err != nil {
			return err
		}
		if err := r.Drop(me.ID, p, visit); err != nil {
			return err
		}
		if p.State == routing.ParcelStored {
			return nil
		}
		return o.Bus.Enqueue(ctx, tx, river.InsertManyParams{Args: AnnounceArgs{Parcel: p.ID}, InsertOpts: &river.InsertOpts{ScheduledAt: o.Clock().Add(UndoWindow)}})
	})
}

// FailDrop records that a parcel could not be handed over.
func (o *Ops) FailDrop(ctx context.Context, cmd Command, id routing.RoundID, v Visited) error {
	return o.onRound(ctx, cmd, "fail", id, func(tx pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		p, visit, err := o.visit(ctx, tx, cmd, r, parcels, v)
		if err != nil {
			return err
		}
		return r.Fail(me.ID, p, v.Reason, visit)
	})
}

// UndoDrop takes back what was told of a stop, as long as the round is on its way and the delivery is not
// published: see UndoWindow.
func (o *Ops) UndoDrop(ctx context.Context, cmd Command, id routing.RoundID, parcel routing.ParcelID) error {
	return o.onRound(ctx, cmd, "undo", id, func(_ pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		i := slices.IndexFunc(parcels, func(p routing.Parcel) bool { return p.ID == parcel })
		if i < 0 {
			return routing.ErrNotOnRound
		}
		if told := r.Told(parcel, o.Clock(), UndoWindow); told {
			return &routing.StateError{What: "parcel " + parcels[i].Number, State: string(parcels[i].State), Asked: "undone"}
		}
		return r.Undo(me.ID, &parcels[i])
	})
}

// Finish ends the round at the warehouse: what could not be handed over is back, waits for the next ride after the first failed
// attempt, and is returned after the second.
func (o *Ops) Finish(ctx context.Context, cmd Command, id routing.RoundID) error {
	return o.onRound(ctx, cmd, "finish", id, func(tx pgx.Tx, me routing.Rider, r *routing.Round, parcels []routing.Parcel) error {
		if err := r.Finish(me.ID, o.when(cmd)); err != nil {
			return err
		}
		for i := range parcels {
			p := &parcels[i]
			if p.State == routing.ParcelFetched {
				p.State, p.Round = routing.ParcelReturned, 0 // at the warehouse, as it was to be
				continue
			}
			if p.State != routing.ParcelFailed {
				continue
			}
			stop := r.Stops[slices.IndexFunc(r.Stops, func(s routing.Stop) bool { return s.Parcel == p.ID })]
			reason := stop.Reason
			p.Round = 0
			if p.Attempts < mostAttempts && routing.Redoable(reason) {
				p.State = routing.ParcelWaiting
				continue
			}
			p.State = routing.ParcelReturned
			if p.Pickup {
				p.State = routing.ParcelCancelled // there was nothing to fetch
				continue
			}
			if err := o.Bus.Publish(ctx, tx, routing.Failed{Site: r.Site, Parcel: p.ID, Number: p.Number, Shipment: p.Shipment, Reason: reason, At: stop.Done}); err != nil {
				return err
			}
		}
		return nil
	})
}

// mostAttempts is how often a parcel is brought to a door.
const mostAttempts = 2

func (o *Ops) visit(ctx context.Context, tx pgx.Tx, cmd Command, r *routing.Round, parcels []routing.Parcel, v Visited) (*routing.Parcel, routing.Visit, error) {
	visit := routing.Visit{At: cmd.At, When: o.when(cmd), Code: v.Code}
	i := slices.IndexFunc(parcels, func(p routing.Parcel) bool { return p.ID == v.Parcel })
	if i < 0 {
		return nil, visit, routing.ErrNotOnRound
	}
	if len(v.Photo) > 0 {
		visit.Photo = cmd.Op.String()
		if err := routingdb.SavePhoto(ctx, tx, visit.Photo, r.ID, v.Mime, v.Photo, o.Clock()); err != nil {
			return nil, visit, err
		}
	}
	return &parcels[i], visit, nil
}

// when is the instant of a command: when the rider pressed, but never after now, and not longer ago than a day.
func (o *Ops) when(cmd Command) time.Time {
	now := o.Clock()
	if cmd.MadeAt.IsZero() || cmd.MadeAt.After(now) || now.Sub(cmd.MadeAt) > 24*time.Hour {
		return now
	}
	return cmd.MadeAt
}

// onRound runs a rule of the rider's round: round and parcels are locked, changed and saved.
func (o *Ops) onRound(ctx context.Context, cmd Command, kind string, id routing.RoundID,
	rule func(pgx.Tx, routing.Rider, *routing.Round, []routing.Parcel) error) error {
	return o.command(ctx, cmd, kind, func(tx pgx.Tx, me routing.Rider) error { return o.ruled(ctx, tx, me, id, rule) })
}

// ruled locks a round with its parcels, applies the rule, and saves them.
func (o *Ops) ruled(ctx context.Context, tx pgx.Tx, me routing.Rider, id routing.RoundID, rule func(pgx.Tx, routing.Rider, *routing.Round, []routing.Parcel) error) error {
	r, err := routingdb.LockRound(ctx, tx, id)
	if err != nil {
		return unknown("round", id, err)
	}
	parcels, err := routingdb.LockParcels(ctx, tx, stopIDs(r))
	if err != nil {
		return err
	}
	// A parcel that has moved to another round since is not this round's any more.
	parcels = slices.DeleteFunc(parcels, func(p routing.Parcel) bool { return p.Round != r.ID })
	if err := rule(tx, me, &r, parcels); err != nil {
		return err
	}
	rules, err := o.rules(ctx, tx, r.Site)
	if err != nil {
		return err
	}
	now := o.Clock()
	if err := routingdb.SaveParcels(ctx, tx, parcels, now, now.Add(time.Duration(rules.StationHours)*time.Hour)); err != nil {
		return err
	}
	if err := routingdb.SaveRound(ctx, tx, &r); err != nil {
		return err
	}
	return o.tell(ctx, tx, r.Site)
}

// command does what a phone asks once.
func (o *Ops) command(ctx context.Context, cmd Command, kind string, do func(pgx.Tx, routing.Rider) error) error {
	if cmd.Op == uuid.Nil {
		return fmt.Errorf("routingops: %s without an operation id: %w", kind, ErrUnknown)
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		me, err := o.me(ctx, tx)
		if err != nil {
			return err
		}
		var made *time.Time
		if !cmd.MadeAt.IsZero() {
			made = &cmd.MadeAt
		}
		fresh, err := routingdb.BeginCommand(ctx, tx, cmd.Op, me.ID, kind, o.Clock(), made)
		if err != nil || !fresh {
			return err
		}
		if cmd.At != (routing.Place{}) {
			if err := routingdb.Seen(ctx, tx, me.ID, cmd.At, o.when(cmd)); err != nil {
				return err
			}
		}
		return do(tx, me)
	})
}

func stopIDs(r routing.Round) []routing.ParcelID {
	ids := make([]routing.ParcelID, len(r.Stops))
	for i, s := range r.Stops {
		ids[i] = s.Parcel
	}
	return ids
}
