package routing

import (
	"slices"
	"strings"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// RoundState is how far a round is.
type RoundState string

// The states of a round.
const (
	RoundOffered   RoundState = "offered"
	RoundAccepted  RoundState = "accepted"
	RoundStarted   RoundState = "started"
	RoundFinished  RoundState = "finished"
	RoundRefused   RoundState = "refused"
	RoundExpired   RoundState = "expired"
	RoundWithdrawn RoundState = "withdrawn"
)

// RoundStates lists every state of a round.
func RoundStates() []RoundState {
	return []RoundState{RoundOffered, RoundAccepted, RoundStarted, RoundFinished, RoundRefused, RoundExpired, RoundWithdrawn}
}

// Over tells whether nothing more happens on the round.
func (s RoundState) Over() bool {
	return s == RoundFinished || s == RoundRefused || s == RoundExpired || s == RoundWithdrawn
}

// FailReason is why a drop failed.
type FailReason string

// The reasons of a failed drop.
const (
	NobodyHome   FailReason = "nobody_home"
	WrongAddress FailReason = "wrong_address"
	Declined     FailReason = "declined"
	DamagedGoods FailReason = "damaged"
	NoAccess     FailReason = "no_access"
	TooWarm      FailReason = "too_warm"
)

// NotCollected is why a parcel comes back that nobody fetched from its station; no rider says it.
const NotCollected FailReason = "not_collected"

// FailReasons lists the reasons of a failed drop.
func FailReasons() []FailReason {
	return []FailReason{NobodyHome, WrongAddress, Declined, DamagedGoods, NoAccess, TooWarm}
}

// Stop is one parcel of a round.
type Stop struct {
	No     int
	Parcel ParcelID
	Due    time.Time
	ETA    time.Time
	// Done is when the rider was there; zero before.
	Done    time.Time
	Outcome ParcelState // ParcelDelivered, ParcelStored, ParcelFetched or ParcelFailed; "" before
	Reason  FailReason
	Photo   string // key of the picture
	At      Place  // where the rider was
	// Tried is when a first attempt on this round failed, and why; zero for none.
	Tried       time.Time
	TriedReason FailReason
}

// Round is one ride of one rider: out, along the stops, and back (配送单).
type Round struct {
	ID     RoundID
	Number string
	Site   catalog.SiteID
	Rider  RiderID
	State  RoundState

	Offered, Answered, Started, Finished time.Time
	// Expires is when an offer without an answer runs out.
	Expires time.Time
	// Leaves is when it should leave, Back when it should be back.
	Leaves, Back time.Time
	Metres       int64
	Cost         money.Fen
	CO2          int64 // grams
	Stops        []Stop
	Reason       string // of a refusal or withdrawal
	// Version counts the changes since the rider took the round on, SeenVersion is what the rider has seen, Changed what is new since.
	Version, SeenVersion int
	Changed              RoundChange
}

func (r *Round) must(asked string, from ...RoundState) error {
	if slices.Contains(from, r.State) {
		return nil
	}
	return &StateError{What: "round " + r.Number, State: string(r.State), Asked: asked}
}

func (r *Round) of(rider RiderID) error {
	if r.Rider != rider {
		return ErrOtherRider
	}
	return nil
}

// Accept takes the offer on. An offer that has run out is refused.
func (r *Round) Accept(rider RiderID, now time.Time) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("accepted", RoundOffered); err != nil {
		return err
	}
	if now.After(r.Expires) {
		return &StateError{What: "round " + r.Number, State: string(RoundExpired), Asked: "accepted"}
	}
	r.State, r.Answered = RoundAccepted, now
	return nil
}

// Refuse turns the offer down.
func (r *Round) Refuse(rider RiderID, reason string, now time.Time) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("refused", RoundOffered, RoundAccepted); err != nil {
		return err
	}
	r.State, r.Answered, r.Reason = RoundRefused, now, strings.TrimSpace(reason)
	return nil
}

// Expire ends an offer that nobody answered in time.
func (r *Round) Expire(now time.Time) error {
	if err := r.must("expired", RoundOffered); err != nil {
		return err
	}
	if !now.After(r.Expires) {
		return &StateError{What: "round " + r.Number, State: string(r.State), Asked: "expired"}
	}
	r.State = RoundExpired
	return nil
}

// Withdraw takes back a round that has not left yet.
func (r *Round) Withdraw(reason string) error {
	if err := r.must("withdrawn", RoundOffered, RoundAccepted); err != nil {
		return err
	}
	r.State, r.Reason = RoundWithdrawn, strings.TrimSpace(reason)
	return nil
}

// Start lets the round leave, loaded.
func (r *Round) Start(rider RiderID, now time.Time) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("started", RoundAccepted); err != nil {
		return err
	}
	r.State, r.Started = RoundStarted, now
	return nil
}

// Visit is what a rider tells of a stop.
type Visit struct {
	At    Place
	When  time.Time
	Code  string
	Photo string
}

// Drop hands the parcel over: at the door, or into the station that it goes to; a parcel to be fetched is taken along. Cold goods beyond their time are not handed over:
// ErrTooWarm.
func (r *Round) Drop(rider RiderID, p *Parcel, v Visit) error {
	s, err := r.visit(rider, p, "delivered")
	if err != nil {
		return err
	}
	switch {
	case !p.Pickup && p.MaxRide > 0 && v.When.Sub(r.Started) > p.MaxRide:
		return ErrTooWarm
	case p.Proof == CodeProof && v.Code != "" && v.Code != p.Code:
		return ErrCode
	case p.Proof == CodeProof && v.Code == "" && v.Photo == "", p.Proof == PhotoProof && v.Photo == "":
		return ErrProof
	}
	s.Done, s.At, s.Photo, s.Outcome = v.When, v.At, v.Photo, ParcelDelivered
	switch {
	case p.Pickup:
		s.Outcome = ParcelFetched
	case p.Station != 0:
		s.Outcome = ParcelStored
	}
	p.State = s.Outcome
	return nil
}

// Fail records that the parcel could not be handed over: the rider brings it back.
func (r *Round) Fail(rider RiderID, p *Parcel, reason FailReason, v Visit) error {
	if !slices.Contains(FailReasons(), reason) {
		return ErrReason
	}
	s, err := r.visit(rider, p, "failed")
	if err != nil {
		return err
	}
	s.Done, s.At, s.Photo, s.Outcome, s.Reason = v.When, v.At, v.Photo, ParcelFailed, reason
	p.State = ParcelFailed
	p.Attempts++
	return nil
}

// Undo takes back the last drop or failure of a stop, as long as the round is on its way.
func (r *Round) Undo(rider RiderID, p *Parcel) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("undone", RoundStarted); err != nil {
		return err
	}
	i := r.stop(p.ID)
	if i < 0 {
		return ErrNotOnRound
	}
	s := &r.Stops[i]
	if s.Outcome == "" || p.State != s.Outcome {
		return &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "undone"}
	}
	if s.Outcome == ParcelFailed {
		p.Attempts--
	}
	*s = Stop{No: s.No, Parcel: s.Parcel, Due: s.Due, ETA: s.ETA, Tried: s.Tried, TriedReason: s.TriedReason}
	p.State = ParcelLoaded
	return nil
}

// Finish ends the round: every stop has been visited.
func (r *Round) Finish(rider RiderID, now time.Time) error {
	if err := r.of(rider); err != nil {
		return err
	}
	if err := r.must("finished", RoundStarted); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Stops, func(s Stop) bool { return s.Outcome == "" }) {
		return ErrUnfinished
	}
	r.State, r.Finished = RoundFinished, now
	return nil
}

// Told tells whether a delivery is older than the window in which it may be undone: others have heard of it.
func (r *Round) Told(p ParcelID, now time.Time, window time.Duration) bool {
	i := r.stop(p)
	return i >= 0 && r.Stops[i].Outcome == ParcelDelivered && now.Sub(r.Stops[i].Done) >= window
}

func (r *Round) visit(rider RiderID, p *Parcel, asked string) (*Stop, error) {
	if err := r.of(rider); err != nil {
		return nil, err
	}
	if err := r.must(asked, RoundStarted); err != nil {
		return nil, err
	}
	i := r.stop(p.ID)
	if i < 0 {
		return nil, ErrNotOnRound
	}
	if p.State != ParcelLoaded || r.Stops[i].Outcome != "" {
		return nil, &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: asked}
	}
	return &r.Stops[i], nil
}

func (r *Round) stop(p ParcelID) int {
	return slices.IndexFunc(r.Stops, func(s Stop) bool { return s.Parcel == p })
}

// Late gives by how much the stop is or will be after its promise; 0 when it is in time.
func (s Stop) Late() time.Duration {
	at := s.ETA
	if !s.Done.IsZero() {
		at = s.Done
	}
	return max(0, at.Sub(s.Due))
}

// Left counts the stops that nobody has been to yet.
func (r *Round) Left() (n int) {
	for _, s := range r.Stops {
		if s.Outcome == "" {
			n++
		}
	}
	return n
}

// Collect hands a parcel that waits at its station over to who tells the code.
func (p *Parcel) Collect(code string) error {
	if p.State != ParcelStored {
		return &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "collected"}
	}
	if code != p.Code {
		return ErrCode
	}
	p.State = ParcelCollected
	return nil
}

// TakeBack ends the wait of a parcel at its station: nobody came for it, and it is at the warehouse again.
func (p *Parcel) TakeBack() error {
	if p.State != ParcelStored {
		return &StateError{What: "parcel " + p.Number, State: string(p.State), Asked: "taken back"}
	}
	p.State = ParcelReturned
	return nil
}
