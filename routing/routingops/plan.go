package routingops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingdb"
)

// Planned is a round of the outlook: how the parcels that wait would ride as things stand.
type Planned struct {
	Rider   routing.RiderID    `json:"rider"`
	Leaves  time.Time          `json:"leaves"`
	Latest  time.Time          `json:"latest"` // it must have left by then
	Back    time.Time          `json:"back"`
	Parcels []routing.ParcelID `json:"parcels"`
	ETA     []time.Time        `json:"eta"`
	Metres  int64              `json:"metres"`
	Cost    money.Fen          `json:"cost"`
}

// pool is what a plan is made from, read at one moment.
type pool struct {
	rules   Rules
	site    dispatch.Site
	now     time.Time
	zone    *time.Location
	parcels map[routing.ParcelID]routing.Parcel
	riders  map[routing.RiderID]routing.Rider
	open    []dispatch.Parcel
	free    []dispatch.Rider
	idle    map[routing.RiderID]bool
	rounds  []routing.Round
	pauses  map[routing.RiderID]time.Time // until when riders who let an offer go are left alone
	places  map[catalog.SiteID]int        // free at stations that have a bound
	full    []routing.ParcelID            // wait because their station is full
	held    []dispatch.Held               // rounds taken on that have not left
	tours   []dispatch.Tour               // rounds on their way
}

func (p *pool) seconds(t time.Time) int64 { return t.Unix() - p.now.Unix() + planOrigin }
func (p *pool) instant(s int64) time.Time {
	return p.now.Add(time.Duration(s-planOrigin) * time.Second)
}

// planOrigin is "now" on the planner's clock, so that promises of the past are not below zero.
const planOrigin = 12 * 3600

// overdue is in how many seconds a rider is expected who should be back already.
const overdue = 60

// read reads the pool of a site in one snapshot.
func (o *Ops) read(ctx context.Context, site catalog.SiteID) (*pool, error) {
	p := &pool{now: o.Clock(), zone: o.Zone, parcels: map[routing.ParcelID]routing.Parcel{}, riders: map[routing.RiderID]routing.Rider{}, idle: map[routing.RiderID]bool{}}
	err := pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		s, err := o.site(ctx, tx, site)
		if err != nil {
			return err
		}
		if p.rules, err = o.rules(ctx, tx, site); err != nil {
			return err
		}
		p.site = p.rules.at(s)
		parcels, err := routingdb.PlannedParcels(ctx, tx, site)
		if err != nil {
			return err
		}
		riders, err := routingdb.Riders(ctx, tx, site)
		if err != nil {
			return err
		}
		if p.rounds, err = routingdb.OpenRounds(ctx, tx, site); err != nil {
			return err
		}
		pause := time.Duration(p.rules.OfferSeconds) * time.Second
		if p.pauses, err = routingdb.LetGo(ctx, tx, site, p.now.Add(-pause), pause); err != nil {
			return err
		}
		if p.places, err = routingdb.FreePlaces(ctx, tx); err != nil {
			return err
		}
		drops, err := routingdb.Drops(ctx, tx, site, calendar.Of(p.now, p.zone).In(p.zone))
		if err != nil {
			return err
		}
		p.fill(parcels, riders, p.rounds, drops)
		return nil
	})
	if err != nil {
		return p, err
	}
	return p, o.roads(ctx, p)
}

func (p *pool) fill(parcels []routing.Parcel, riders []routing.Rider, rounds []routing.Round, drops map[routing.RiderID]int) {
	for _, x := range parcels {
		p.parcels[x.ID] = x
		if x.State == routing.ParcelWaiting {
			if free, bound := p.places[x.Station]; bound && x.Station != 0 {
				if free <= 0 {
					p.full = append(p.full, x.ID)
					continue
				}
				p.places[x.Station]--
			}
			d := p.parcel(x)
			d.Rider = int64(x.Pinned)
			p.open = append(p.open, d)
		}
	}
	back := map[routing.RiderID]time.Time{}
	for _, r := range rounds {
		if r.State == routing.RoundAccepted {
			continue // it may still change
		}
		if at := p.back(r); at.After(back[r.Rider]) {
			back[r.Rider] = at
		}
	}
	// Who has had the fewest drops for the time on shift comes first: riders' chances are shared out fairly.
	slices.SortStableFunc(riders, func(a, b routing.Rider) int {
		return cmp.Or(cmp.Compare(share(a, drops[a.ID], p.now), share(b, drops[b.ID], p.now)), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range riders {
		p.riders[r.ID] = r
		if !r.OnShift(p.now) {
			continue
		}
		free := p.now
		at, busy := back[r.ID]
		if busy {
			free = at
			if !free.After(p.now) {
				free = p.now.Add(overdue * time.Second)
			}
		}
		if pause := p.pauses[r.ID]; !busy && pause.After(p.now) {
			free, busy = pause, true
		}
		p.idle[r.ID] = !busy
		p.free = append(p.free, p.rider(r, p.seconds(free)))
	}
	p.underway(rounds)
}

func (p *pool) rider(r routing.Rider, free int64) dispatch.Rider {
	return dispatch.Rider{ID: int64(r.ID), Free: free, Until: p.seconds(r.OnUntil), Parcels: r.Parcels, Grams: r.Grams, ColdBox: r.ColdBox, PerHour: int64(r.PerHour), PerKm: int64(r.PerKm)}
}

// share is a rider's drops for each hour on shift.
func share(r routing.Rider, drops int, now time.Time) float64 {
	return float64(drops) / max(.25, now.Sub(r.OnFrom).Hours())
}

// back is when a round's rider will be at the warehouse again: as planned, later by what the last visited stop was late.
func (p *pool) back(r routing.Round) time.Time {
	var behind time.Duration
	for _, s := range r.Stops {
		if !s.Done.IsZero() {
			behind = s.Done.Sub(s.ETA)
		}
	}
	if r.State != routing.RoundStarted && p.now.After(r.Leaves) {
		behind = p.now.Sub(r.Leaves)
	}
	return r.Back.Add(behind)
}

// Plan plans a site anew: rounds on their way go on as is best from where they are, rounds that must go are offered to their riders,
// the others are kept as outlook.
func (o *Ops) Plan(ctx context.Context, site catalog.SiteID) error {
	p, err := o.read(ctx, site)
	if err != nil {
		return err
	}
	reworked, err := p.rules.Rework(ctx, p.site, planOrigin, p.tours, p.fetch())
	if err != nil {
		return err
	}
	plan, err := p.rules.Plan(ctx, p.site, p.snapshot(reworked))
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		for _, x := range reworked {
			err := o.rework(ctx, tx, p, x)
			if errors.Is(err, routing.ErrLoaded) { // the round stays as it is; the rest of the plan is not lost for it
				o.Log.ErrorContext(ctx, "a round on its way cannot go on as planned", "site", site, "round", x.Round)
				continue
			}
			if err != nil && !errors.Is(err, errTaken) {
				return err
			}
		}
		if err := o.rearrange(ctx, tx, p, plan.Changed); err != nil && !errors.Is(err, errTaken) {
			return err
		}
		for _, t := range slices.Concat(plan.Leave, plan.Next) {
			if err := o.offer(ctx, tx, p, site, t); err != nil && !errors.Is(err, errTaken) {
				return err
			}
		}
		outlook, err := json.Marshal(p.outlook(plan.Wait))
		if err != nil {
			return err
		}
		if err := routingdb.SaveOutlook(ctx, tx, site, p.now, outlook); err != nil {
			return err
		}
		return o.tell(ctx, tx, site)
	})
}

// snapshot is what waits to be planned, without what rounds on their way fetch; their riders are back when those are.
func (p *pool) snapshot(reworked []dispatch.Reworked) dispatch.Pool {
	joined := map[int64]bool{}
	for i, x := range reworked {
		for _, id := range x.Joined {
			joined[id] = true
		}
		if k := slices.IndexFunc(p.free, func(r dispatch.Rider) bool { return r.ID == p.tours[i].Rider.ID }); k >= 0 {
			p.free[k].Free = max(x.Back, planOrigin+overdue)
		}
	}
	open := slices.DeleteFunc(slices.Clone(p.open), func(x dispatch.Parcel) bool { return joined[x.ID] })
	return dispatch.Pool{Now: planOrigin, Open: open, Riders: p.free, Held: p.held}
}

func (p *pool) outlook(trips []dispatch.Trip) []Planned {
	out := make([]Planned, len(trips))
	for i, t := range trips {
		out[i] = Planned{Rider: routing.RiderID(t.Rider), Leaves: p.instant(t.Leaves), Latest: p.instant(t.Leaves + t.Slack), Back: p.instant(t.Back), Metres: t.Metres, Cost: money.Fen(t.Cost)}
		for _, d := range t.Parcels {
			out[i].Parcels = append(out[i].Parcels, routing.ParcelID(d.Parcel))
			out[i].ETA = append(out[i].ETA, p.instant(d.At))
		}
	}
	return out
}

// errTaken says that a parcel or rider of the plan is not free any more: the next plan sees it.
var errTaken = errors.New("routingops: taken since the plan was read")

// offer makes a round of a trip, if its parcels still wait, and offers it to its rider.
func (o *Ops) offer(ctx context.Context, tx pgx.Tx, p *pool, site catalog.SiteID, t dispatch.Trip) error {
	ids := make([]routing.ParcelID, len(t.Parcels))
	for i, d := range t.Parcels {
		ids[i] = routing.ParcelID(d.Parcel)
	}
	parcels, err := routingdb.LockParcels(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, x := range parcels {
		if x.State != routing.ParcelWaiting {
			return errTaken
		}
	}
	rider := routing.RiderID(t.Rider)
	open, err := routingdb.RoundsOf(ctx, tx, rider)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(open, func(r routing.Round) bool { return r.State != routing.RoundStarted }) {
		return errTaken // one round at a time, and the next one
	}
	number, err := routingdb.Numbers(ctx, tx, calendar.Of(p.now, p.zone), 1)
	if err != nil {
		return err
	}
	r := routing.Round{Number: number[0], Site: site, Rider: rider, State: routing.RoundOffered, Offered: p.now,
		Expires: p.now.Add(time.Duration(p.rules.OfferSeconds) * time.Second), Leaves: p.instant(t.Leaves), Back: p.instant(t.Back),
		Metres: t.Metres, Cost: money.Fen(t.Cost), CO2: (t.Metres*p.rules.CO2PerKm + 500) / 1000}
	for i, d := range t.Parcels {
		r.Stops = append(r.Stops, routing.Stop{No: i + 1, Parcel: ids[i], Due: p.parcels[ids[i]].Due, ETA: p.instant(d.At)})
	}
	if err := routingdb.InsertRound(ctx, tx, &r); err != nil {
		return err
	}
	for i := range parcels {
		parcels[i].State, parcels[i].Round = routing.ParcelOffered, r.ID
	}
	return routingdb.SaveParcels(ctx, tx, parcels, p.now, p.now)
}
