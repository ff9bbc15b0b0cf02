// Package routing holds the last mile's nouns and rules: parcels that wait for a ride, riders with their shifts, and rounds
// with their stops. It knows neither SQL nor HTTP.
//
// A parcel:
//
//	waiting → offered → loaded → delivered
//	   ↑         │         ├───→ stored (at a station) → collected
//	   └─────────┘         ├───→ failed → returned → waiting | cancelled
//	                       └───→ fetched (at a door) → returned
//
// A round:
//
//	offered → accepted → started → finished
//	   └──→ refused | expired | withdrawn
//
// An offer that is refused, runs out or is withdrawn puts its parcels back into the pool.
package routing

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Identities of the last mile's nouns.
type (
	ParcelID int64
	RiderID  int64
	RoundID  int64
)

// Refusals.
var (
	// ErrState is the refusal of a step that the parcel or the round is not ready for: see StateError.
	ErrState = errors.New("routing: not in this state")
	// ErrOtherRider is the refusal of a rider's command about somebody else's round.
	ErrOtherRider = errors.New("routing: the round is another rider's")
	// ErrNotOnRound is the refusal of a drop of a parcel that is not on the round.
	ErrNotOnRound = errors.New("routing: the parcel is not on this round")
	// ErrCode is the refusal of a wrong handover code.
	ErrCode = errors.New("routing: the code is wrong")
	// ErrProof is the refusal of a drop without the proof that the parcel asks for.
	ErrProof = errors.New("routing: a code or a photo is needed")
	// ErrTooWarm is the refusal to hand over cold goods that were out of the cold room for longer than they may be.
	ErrTooWarm = errors.New("routing: the goods were out of the cold room for too long")
	// ErrReason is the refusal of a failed drop without a reason.
	ErrReason = errors.New("routing: why it failed is missing")
	// ErrOffShift is the refusal of a ride outside of the rider's shift.
	ErrOffShift = errors.New("routing: the rider is not on shift")
	// ErrLoaded is the refusal of a change of a round on its way that takes from its bag, or undoes what is done or promised.
	ErrLoaded = errors.New("routing: the round is on its way")
	// ErrUnfinished is the refusal to finish a round with stops that nobody has been to.
	ErrUnfinished = errors.New("routing: there are stops left")
)

// StateError says in which state a parcel or round is, and what was asked of it.
type StateError struct {
	What, State, Asked string
}

func (e *StateError) Error() string {
	return fmt.Sprintf("routing: %s is %s and cannot be %s", e.What, e.State, e.Asked)
}

// Is makes every StateError an ErrState.
func (e *StateError) Is(target error) bool { return target == ErrState }

// Place is where something is, in degrees (WGS 84).
type Place struct{ Lat, Lon float64 }

// ParcelState is where a parcel is on its way.
type ParcelState string

// The states of a parcel.
const (
	ParcelWaiting   ParcelState = "waiting"
	ParcelOffered   ParcelState = "offered"
	ParcelLoaded    ParcelState = "loaded"
	ParcelDelivered ParcelState = "delivered"
	ParcelStored    ParcelState = "stored"
	ParcelCollected ParcelState = "collected"
	ParcelFailed    ParcelState = "failed"
	ParcelFetched   ParcelState = "fetched"
	ParcelReturned  ParcelState = "returned"
	ParcelCancelled ParcelState = "cancelled"
)

// ParcelStates lists every state of a parcel.
func ParcelStates() []ParcelState {
	return []ParcelState{ParcelWaiting, ParcelOffered, ParcelLoaded, ParcelDelivered, ParcelStored, ParcelCollected, ParcelFailed, ParcelFetched, ParcelReturned, ParcelCancelled}
}

// Proof is what a drop has to be proved with.
type Proof string

// The proofs of a drop.
const (
	NoProof    Proof = "none"
	CodeProof  Proof = "code"
	PhotoProof Proof = "photo"
)

// Parcel is one parcel that a rider brings to a door or to a station.
type Parcel struct {
	ID     ParcelID
	Number string // the parcel's own, on its label
	Site   catalog.SiteID
	// Shipment is the warehouse's shipment; 0 for a parcel that came by API.
	Shipment int64
	// Order is what the shop calls the order: channel and number, for people.
	Order string

	Door Place
	// Address, Consignee and Phone are masked.
	Address, Consignee, Phone string
	// Station is the pickup station that it goes to instead of the door; 0: to the door.
	Station catalog.SiteID

	Ready      time.Time // packed, or expected to be
	Due        time.Time // promised
	Service    time.Duration
	Grams      int64
	Millilitre int64
	Cold       bool
	MaxRide    time.Duration // out of the cold room; 0: any

	Proof Proof
	Code  string // four digits that the shopper tells
	// Tracking is the secret part of the address of the shopper's page.
	Tracking string

	State    ParcelState
	Round    RoundID // while offered or loaded
	Pinned   RiderID // a dispatcher wants this rider; 0: any
	Attempts int     // failed drops so far
	Note     string
	// Pickup says that it is fetched at the door, from Ready on, and brought to the warehouse. Declined is the last rider who could not
	// fetch it on the way; 0: nobody.
	Pickup   bool
	Declined RiderID
}

// RiderKind is how a rider is employed.
type RiderKind string

// The kinds of riders.
const (
	FullTime RiderKind = "full_time"
	Crowd    RiderKind = "crowd"
)

// Rider is somebody who brings parcels.
type Rider struct {
	ID      RiderID
	Account int64 // access.ID; 0: none yet
	Name    string
	Phone   string
	Site    catalog.SiteID
	Kind    RiderKind
	Parcels int   // most parcels a round; 0: any
	Grams   int64 // most weight a round; 0: any
	ColdBox bool
	PerHour money.Fen // on the road
	PerKm   money.Fen
	Active  bool
	// OnFrom and OnUntil are today's shift; zero: not on shift.
	OnFrom, OnUntil time.Time
	// Called is when a dispatcher asked the rider in; zero when nobody did since the last shift.
	Called time.Time
	// Seen is where the rider was, and when.
	Seen   Place
	SeenAt time.Time
}

// OnShift tells whether the rider works at the instant.
func (r Rider) OnShift(at time.Time) bool {
	return r.Active && !at.Before(r.OnFrom) && at.Before(r.OnUntil)
}
