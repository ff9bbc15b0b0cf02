package routing

import (
	"cmp"
	"slices"
	"time"
)

// RoundChange is what is new about a round since its rider last looked: the phone tells of it until the rider has seen it.
type RoundChange struct {
	// Added joined the round, Removed are the numbers of the parcels that left it, Again are tried once more.
	Added   []ParcelID `json:"added,omitempty"`
	Removed []string   `json:"removed,omitempty"`
	Again   []ParcelID `json:"again,omitempty"`
	// Order says that stops are in another order.
	Order bool      `json:"order,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Unseen tells whether the round was changed and its rider has not seen it.
func (r *Round) Unseen() bool { return r.Version > r.SeenVersion }

// Change gives the round other stops: their numbers and expected times are set, the round's sums are the caller's. A round that has not left may be
// changed as a whole. Of a round on its way what is done stays as it is, the next stop stays the next, and what is in the bag stays
// in it; more may be fetched on the way. ErrState, ErrLoaded.
func (r *Round) Change(stops []Stop, gone []string, now time.Time) error {
	if err := r.must("changed", RoundOffered, RoundAccepted, RoundStarted); err != nil {
		return err
	}
	if r.State == RoundStarted && !r.goesOn(stops) {
		return ErrLoaded
	}
	c := RoundChange{Removed: gone, At: now}
	for _, s := range stops {
		if r.stop(s.Parcel) < 0 {
			c.Added = append(c.Added, s.Parcel)
		}
	}
	left, is := r.kept(stops), make([]ParcelID, 0, len(stops))
	for _, s := range stops {
		if r.stop(s.Parcel) >= 0 {
			is = append(is, s.Parcel)
		}
	}
	c.Order = !slices.Equal(left, is)
	for i := range stops {
		stops[i].No = i + 1
	}
	r.Stops = stops
	if r.State != RoundOffered {
		r.note(c)
	}
	return nil
}

// kept are the round's stops that are among the new ones, in the order before.
func (r *Round) kept(stops []Stop) (out []ParcelID) {
	for _, s := range r.Stops {
		if slices.ContainsFunc(stops, func(x Stop) bool { return x.Parcel == s.Parcel }) {
			out = append(out, s.Parcel)
		}
	}
	return out
}

// goesOn tells whether new stops leave as they are what is done, the next stop, and the bag.
func (r *Round) goesOn(stops []Stop) bool {
	next := r.Next()
	for _, s := range r.Stops {
		i := slices.IndexFunc(stops, func(x Stop) bool { return x.Parcel == s.Parcel })
		if i < 0 || s.Outcome != "" && (stops[i].Outcome != s.Outcome || !stops[i].Done.Equal(s.Done)) {
			return false
		}
	}
	if next == nil {
		return true
	}
	i := slices.IndexFunc(stops, func(x Stop) bool { return x.Outcome == "" })
	return i >= 0 && stops[i].Parcel == next.Parcel
}

// note adds up what the rider has not seen yet.
func (r *Round) note(c RoundChange) {
	if r.Unseen() {
		c.Added, c.Again = append(r.Changed.Added, c.Added...), append(r.Changed.Again, c.Again...)
		c.Removed, c.Order = append(r.Changed.Removed, c.Removed...), c.Order || r.Changed.Order
	}
	r.Version++
	r.Changed = c
}

// Next is the first stop that nobody has been to, nil for none.
func (r *Round) Next() *Stop {
	for i := range r.Stops {
		if r.Stops[i].Outcome == "" {
			return &r.Stops[i]
		}
	}
	return nil
}

// See notes that the rider has seen the round as of a version.
func (r *Round) See(rider RiderID, version int) error {
	if err := r.of(rider); err != nil {
		return err
	}
	r.SeenVersion = max(r.SeenVersion, min(version, r.Version))
	if !r.Unseen() {
		r.Changed = RoundChange{}
	}
	return nil
}

// Redoable are the reasons after which a door may be tried again on the same round.
func Redoable(reason FailReason) bool { return reason == NobodyHome || reason == NoAccess }

// Again lets the rider try a door once more on the same round: the failed attempt is kept beside the stop. Only where nobody was, and
// once: ErrState.
func (r *Round) Again(p *Parcel, now time.Time) error {
	if err := r.must("tried again", RoundStarted); err != nil {
		return err
	}
	i := r.stop(p.ID)
	if i < 0 {
		return ErrNotOnRound
	}
	s := &r.Stops[i]
	if p.State != ParcelFailed || s.Outcome != ParcelFailed || !s.Tried.IsZero() || !Redoable(s.Reason) {
		return &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "tried again"}
	}
	again := Stop{Parcel: s.Parcel, Due: s.Due, ETA: s.ETA, Tried: s.Done, TriedReason: s.Reason}
	r.Stops = append(slices.Delete(r.Stops, i, i+1), again) // behind what was promised before
	for k := range r.Stops {
		r.Stops[k].No = k + 1
	}
	p.State = ParcelLoaded
	r.note(RoundChange{Again: []ParcelID{p.ID}, At: now})
	return nil
}

// Decline takes a door where goods were to be fetched off a round on its way: the rider cannot.
func (r *Round) Decline(rider RiderID, p *Parcel) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("declined", RoundStarted); err != nil {
		return err
	}
	i := r.stop(p.ID)
	if i < 0 {
		return ErrNotOnRound
	}
	if !p.Pickup || r.Stops[i].Outcome != "" {
		return &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "declined"}
	}
	r.Stops = slices.Delete(r.Stops, i, i+1)
	for k := range r.Stops {
		r.Stops[k].No = k + 1
	}
	r.Changed.Added = slices.DeleteFunc(r.Changed.Added, func(id ParcelID) bool { return id == p.ID })
	p.State, p.Round, p.Declined = ParcelWaiting, 0, rider
	return nil
}

// InOrder sorts stops as they were and will be ridden: what is done by when, then what is not in its order.
func InOrder(stops []Stop) []Stop {
	out := slices.Clone(stops)
	slices.SortStableFunc(out, func(a, b Stop) int {
		switch {
		case a.Outcome != "" && b.Outcome != "":
			return a.Done.Compare(b.Done)
		case (a.Outcome != "") != (b.Outcome != ""):
			if a.Outcome != "" {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.No, b.No)
	})
	return out
}
