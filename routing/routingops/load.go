package routingops

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/routing"
	"milkrun/routing/routingdb"
)

// load makes a round that is about to leave what its rider has loaded: what is in the bag decides, not what was planned meanwhile. A
// parcel that is not there goes back into the pool; one that another rider has loaded is refused: ErrNotOnRound.
func (o *Ops) load(ctx context.Context, tx pgx.Tx, me routing.Rider, id routing.RoundID, loaded []routing.ParcelID) error {
	if len(loaded) == 0 {
		return nil
	}
	r, err := routingdb.LockRound(ctx, tx, id)
	if err != nil {
		return unknown("round", id, err)
	}
	if r.Rider != me.ID || r.State != routing.RoundAccepted || slices.Equal(stopIDs(r), loaded) {
		return nil // the rule of leaving says what is wrong, if anything is
	}
	all := stopIDs(r)
	for _, p := range loaded {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	parcels, err := routingdb.LockParcels(ctx, tx, all)
	if err != nil {
		return err
	}
	if len(parcels) != len(all) {
		return routing.ErrNotOnRound
	}
	stops := make([]routing.Stop, len(loaded))
	var gone []string
	for i := range parcels {
		p := &parcels[i]
		k := slices.Index(loaded, p.ID)
		if k < 0 {
			if p.Round == r.ID {
				p.State, p.Round = routing.ParcelWaiting, 0
				gone = append(gone, p.Number)
			}
			continue
		}
		if err := o.claim(ctx, tx, &r, p); err != nil {
			return err
		}
		stops[k] = routing.Stop{Parcel: p.ID, Due: p.Due, ETA: r.Back}
		if j := slices.IndexFunc(r.Stops, func(s routing.Stop) bool { return s.Parcel == p.ID }); j >= 0 {
			stops[k].ETA = r.Stops[j].ETA
		}
	}
	now := o.Clock()
	if err := r.Change(stops, gone, now); err != nil {
		return err
	}
	if err := routingdb.SaveParcels(ctx, tx, parcels, now, now); err != nil {
		return err
	}
	if err := routingdb.ReplaceStops(ctx, tx, &r); err != nil {
		return err
	}
	return routingdb.SaveRound(ctx, tx, &r)
}

// claim takes a parcel that the rider has in the bag onto the round, from the pool or from a round that has not left.
func (o *Ops) claim(ctx context.Context, tx pgx.Tx, r *routing.Round, p *routing.Parcel) error {
	switch {
	case p.Round == r.ID:
		return nil
	case p.Site != r.Site || p.State != routing.ParcelWaiting && p.State != routing.ParcelOffered:
		return routing.ErrNotOnRound
	case p.State == routing.ParcelOffered:
		other, err := routingdb.LockRound(ctx, tx, p.Round)
		if err != nil {
			return err
		}
		if other.State != routing.RoundOffered && other.State != routing.RoundAccepted {
			return routing.ErrNotOnRound
		}
		left := slices.DeleteFunc(slices.Clone(other.Stops), func(s routing.Stop) bool { return s.Parcel == p.ID })
		if len(left) == 0 {
			err = other.Withdraw("moved")
		} else if err = other.Change(left, []string{p.Number}, o.Clock()); err == nil {
			err = routingdb.ReplaceStops(ctx, tx, &other)
		}
		if err != nil {
			return err
		}
		if err := routingdb.SaveRound(ctx, tx, &other); err != nil {
			return err
		}
	}
	p.State, p.Round = routing.ParcelOffered, r.ID
	return nil
}
