package sisr

import (
	"errors"
	"fmt"
	"math"
)

// Instance is a problem of classical shape. Nodes 0 … Depots−1 are depots, the
// others customers. All numbers are integers in units of the caller's choice;
// times and distances below 2³⁰.
type Instance struct {
	Nodes  int
	Depots int
	// Dist[i*Nodes+j] is what going from i to j costs, Time how long it takes.
	Dist, Time []int32
	// Demand is what a customer takes of the capacity. With pairs it is
	// positive at pickups and negative at deliveries.
	Demand []int32
	// Ready and Due bound the begin of the service, at depots the leaving and
	// the return. Nil: no windows.
	Ready, Due []int32
	Service    []int32
	// Release is when a customer's goods are at the depot: its trip cannot
	// leave earlier. Nil: at once.
	Release []int32
	// Mate is the delivery of a pickup and the pickup of a delivery. Nil: no
	// pairs.
	Mate     []int32
	Capacity int32
	// Fleet is the number of vehicles at each depot.
	Fleet []int32
	// MaxDuration is the longest time from leaving the depot to the return; 0:
	// none.
	MaxDuration int32
	// Trips is the most trips of a vehicle; 0 and 1: one.
	Trips int32
	// FleetFirst: fewer vehicles are better at any distance.
	FleetFirst bool
}

// kind is the shape that decides which feasibility test is needed.
type kind uint8

const (
	plain    kind = iota // capacity only
	windows              // capacity and time windows
	duration             // windows and a longest duration
	trips                // windows, several trips a vehicle, release times
	pairs                // windows and pickup–delivery pairs
)

// ErrShape says that an instance is of none of the classical shapes.
var ErrShape = errors.New("not a classical shape")

func (in *Instance) kind() kind {
	switch {
	case in.Mate != nil:
		return pairs
	case in.Trips > 1 || in.Release != nil:
		return trips
	case in.MaxDuration > 0:
		return duration
	case in.Due != nil:
		return windows
	}
	return plain
}

// Check says whether the search can work on the instance.
func (in *Instance) Check() error {
	n := in.Nodes
	switch {
	case in.Depots < 1 || n < in.Depots || n > 1<<15:
		return fmt.Errorf("%d nodes with %d depots: %w", n, in.Depots, ErrShape)
	case len(in.Dist) != n*n || len(in.Time) != n*n || len(in.Demand) != n || len(in.Fleet) != in.Depots:
		return fmt.Errorf("arrays of wrong length: %w", ErrShape)
	case in.Mate != nil && (in.Trips > 1 || in.Release != nil || in.MaxDuration > 0 || in.Depots > 1):
		return fmt.Errorf("pairs with trips, releases, durations or several depots: %w", ErrShape)
	case in.kind() == trips && (in.Depots > 1 || in.MaxDuration > 0):
		return fmt.Errorf("several trips with several depots or durations: %w", ErrShape)
	case in.kind() != plain && (len(in.Ready) != n || len(in.Due) != n || len(in.Service) != n):
		return fmt.Errorf("windows missing: %w", ErrShape)
	}
	for _, a := range [][]int32{in.Dist, in.Time, in.Ready, in.Due, in.Service, in.Release} {
		for _, v := range a {
			if v < 0 || v > 1<<30 {
				return fmt.Errorf("value %d: %w", v, ErrShape)
			}
		}
	}
	var sum int64
	for _, q := range in.Demand {
		sum += int64(max(q, -q))
	}
	if sum > math.MaxInt32 {
		return fmt.Errorf("loads too large: %w", ErrShape)
	}
	return nil
}

// Solution is a set of routes. Customers that no vehicle can serve are Absent.
type Solution struct {
	Routes []Route
	Absent []int32
	Cost   int64
	// Iterations is how many ruins and recreations were made.
	Iterations int64
}

// Route is one vehicle's way: its trips in order, each the customers between
// two visits of the depot.
type Route struct {
	Depot int
	Trips [][]int32
}
