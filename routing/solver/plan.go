package solver

// Action is what happens at a visit.
type Action uint8

// The actions of a visit.
const (
	Deliver Action = iota
	PickUp
	Reload // between two trips
)

// Visit is one step of a vehicle's way. Stop is which of the alternatives it
// is: of the job's pickups or deliveries, or of the vehicle's reload places.
// A Reload has Job −1.
type Visit struct {
	Job    int
	Action Action
	Stop   int
}

// Timed is a visit with its times. Arrive ≤ Begin ≤ End; Late is the seconds
// after the window's To.
type Timed struct {
	Visit
	Place              int
	Arrive, Begin, End int64
	Late               int64
}

// Rest is a break as it was placed.
type Rest struct {
	Break      int
	Begin, End int64
}

// Route is one vehicle's way.
type Route struct {
	Vehicle     int
	Depart, End int64 // leaving the first place, being at the last
	Visits      []Timed
	Rests       []Rest
	Metres      int64
	Cost        int64 // fen: fixed, hours, kilometres, lateness, places
}

// Plan is a set of routes. Vehicles without one stay.
type Plan struct {
	Routes  []Route
	LeftOut []int // jobs
	Score   Score
}

// Score is a plan's worth, compared from the first field to the last; less is
// better.
type Score struct {
	LeftOut   int64 // sum of 1 + priority over jobs that have no penalty
	Vehicles  int64 // 0 unless the objective counts them
	Cost      int64 // fen, with the penalties of jobs left out
	Imbalance int64 // longest less shortest route in seconds; 0 unless asked for
}

// Less says whether s is better than t.
func (s Score) Less(t Score) bool {
	switch {
	case s.LeftOut != t.LeftOut:
		return s.LeftOut < t.LeftOut
	case s.Vehicles != t.Vehicles:
		return s.Vehicles < t.Vehicles
	case s.Cost != t.Cost:
		return s.Cost < t.Cost
	}
	return s.Imbalance < t.Imbalance
}
