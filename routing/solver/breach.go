package solver

import "fmt"

// Constraint names what a plan or an insertion breaks.
type Constraint string

// The constraints of the model.
const (
	Capacity     Constraint = "capacity"       // By units too many in one dimension
	WindowMissed Constraint = "window"         // By seconds after the window's end
	Shift        Constraint = "shift"          // By seconds before its begin or after its end
	MaxDuration  Constraint = "max-duration"   // By seconds
	MaxDistance  Constraint = "max-distance"   // By metres
	MaxStops     Constraint = "max-stops"      // By stops
	MaxTrips     Constraint = "max-trips"      // By trips
	MaxRide      Constraint = "max-ride"       // By seconds since pickup or leaving the depot
	Release      Constraint = "release"        // By seconds left before the goods were ready
	Mixing       Constraint = "mixing"         // goods that clash in the vehicle
	NoSkill      Constraint = "skills"         // the vehicle lacks a skill
	OtherVehicle Constraint = "other-vehicle"  // fixed to another vehicle, or forbidden to this
	BreakMissed  Constraint = "break"          // a break finds no place
	PairOrder    Constraint = "pair-order"     // a delivery without its pickup before it in the trip
	Travel       Constraint = "travel"         // By seconds too fast between two stops
	Unknown      Constraint = "unknown"        // a vehicle, job or stop that does not exist
	Twice        Constraint = "twice"          // a job or vehicle that stands twice
	Lost         Constraint = "lost"           // a job neither planned nor left out
	Sums         Constraint = "sums"           // a stated sum is not what the model gives
	Started      Constraint = "started"        // a frozen part was changed
	NoTime       Constraint = "service-length" // a service shorter than the model's
)

// Breach is one broken constraint.
type Breach struct {
	Constraint Constraint
	Vehicle    int // −1: none
	Job        int // −1: none
	Visit      int // index in the route, −1: none
	By         int64
}

func (b Breach) String() string {
	s := string(b.Constraint)
	if b.Vehicle >= 0 {
		s += fmt.Sprintf(", vehicle %d", b.Vehicle)
	}
	if b.Visit >= 0 {
		s += fmt.Sprintf(", visit %d", b.Visit)
	}
	if b.Job >= 0 {
		s += fmt.Sprintf(", job %d", b.Job)
	}
	if b.By != 0 {
		s += fmt.Sprintf(", by %d", b.By)
	}
	return s
}
