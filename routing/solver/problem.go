// Package solver plans rounds: which vehicle visits whom, in which order and
// when. It is pure computation: no SQL, no network, no clock but the one that
// is handed in.
//
// A Problem is solved by Solve, whose plans are always checked by Verify, an
// independent reading of the same model. Price tells what one more job costs
// on each vehicle, Explain why a job was left out or where it is.
//
// All quantities are integers: instants and durations in seconds, distances in
// metres, money in fen, loads in any unit the caller likes. An instant is
// counted from any origin that the whole problem shares; factors by hour of
// Profile count from the same.
package solver

import "math"

// Open as a vehicle's start or end says that its way begins at its first stop
// or ends at its last.
const Open = -1

// Horizon is later than every instant.
const Horizon = math.MaxInt32 / 2

// Problem is what has to be planned.
type Problem struct {
	Profiles []Profile
	Vehicles []Vehicle
	Jobs     []Job
	// Clashes are pairs of goods classes that may not be in a vehicle at the
	// same time.
	Clashes   [][2]int
	Objective Objective
	// Now is the instant of planning: what is not done cannot begin earlier.
	Now int64
	// Running are the rounds already under way or promised.
	Running []Running
}

// Running is a vehicle's round as it stands. Its first Frozen visits keep their
// vehicle and order; the first of those are Done. Later visits may be moved.
type Running struct {
	Vehicle int
	Visits  []Visit
	Frozen  int
	Done    []Span
	// Left says that the vehicle left its start at Depart. What it carries on
	// this trip was ready then: goods released later need another trip.
	Left   bool
	Depart int64
}

// Span is when something began and ended.
type Span struct{ Begin, End int64 }

// Objective says what is better. Plans are compared in this order: jobs left
// out, weighted by priority; vehicles, if FewerVehicles; cost with lateness and
// penalties; and last, if Balance, how unequal the vehicles' hours are.
type Objective struct {
	FewerVehicles bool
	Balance       bool
	// BalanceSlack is how many thousandths of the cost the last step may give
	// away for equal hours.
	BalanceSlack int
}

// Window is when a service may begin: from From to To, and up to Until at
// LatePerHour for each hour after To. Until before To means To: a hard window.
type Window struct {
	From, To    int64
	Until       int64
	LatePerHour int64 // fen
}

// Last is the last instant a service may begin.
func (w Window) Last() int64 { return max(w.To, w.Until) }

// Stop is one place where goods can be handed over, and when.
type Stop struct {
	Place   int
	Windows []Window // none: at any time; sorted, not overlapping
	Service int64    // seconds
	Cost    int64    // fen, for choosing this place
}

// Job is something to deliver, to pick up, or to bring from one place to
// another. A job with Delivery alone is loaded at the depot, one with Pickup
// alone is unloaded there.
type Job struct {
	ID string
	// Pickup and Delivery are alternatives: one of each list is visited.
	Pickup, Delivery []Stop
	Load             []int64 // by dimension
	// Release is when the goods are ready at the depot: the trip cannot leave
	// earlier. Jobs with a pickup have its windows instead.
	Release int64
	// Priority, 0 to 100: leaving out a job weighs 1 + Priority. With a Penalty
	// the job may be left out for so many fen instead.
	Priority int
	Penalty  int64
	// MaxRide is the longest time from the end of the pickup, or from leaving
	// the depot, to the begin of the delivery (of a pickup: to the trip's end);
	// 0: none.
	MaxRide int64
	Skills  Skills
	Goods   int   // class for Problem.Clashes; 0: mixes with everything
	Only    []int // vehicles it is fixed to; none: all
	Never   []int // vehicles it is forbidden to
}

// Skills is a set of needs or abilities, one bit each.
type Skills uint64

// Cold and the like are bits of Skills that callers share; others are free.
const (
	Cold Skills = 1 << iota
	Frozen
	Heavy
	AgeCheck
)

// Vehicle is one vehicle or rider with a shift.
type Vehicle struct {
	ID      string
	Profile int
	// Start and End are places or Open.
	Start, End int
	// Shift is when it may leave its start and must be at its end. It is hard.
	From, To int64
	Capacity []int64
	Skills   Skills
	Fixed    int64 // fen, if used
	PerHour  int64 // fen an hour from leaving to the return, breaks included
	PerKm    int64 // fen a kilometre
	Breaks   []Break
	// Trips is the most trips in the shift; 0 and 1: one. Between trips it
	// reloads, for ReloadTime seconds, at one of Reload (none: at Start).
	Trips      int
	Reload     []int
	ReloadTime int64
	// Limits of the whole shift; 0: none.
	MaxDuration, MaxDistance int64
	MaxStops                 int
}

// Break is a rest that must begin in one of its windows, between two services.
type Break struct {
	From, To int64 // begin
	Duration int64
}

// Places gives the number of places that the problem's matrices know.
func (p *Problem) Places() int {
	if len(p.Profiles) == 0 {
		return 0
	}
	return p.Profiles[0].Size
}

// pair says whether the job is picked up and delivered on the way.
func (j *Job) pair() bool { return len(j.Pickup) > 0 && len(j.Delivery) > 0 }

// reloads are the places where the vehicle may reload.
func (v *Vehicle) reloads() []int {
	if len(v.Reload) > 0 {
		return v.Reload
	}
	if v.Start != Open {
		return []int{v.Start}
	}
	return nil
}

func (v *Vehicle) trips() int { return max(v.Trips, 1) }

// stops are the alternatives for an action on the job.
func (j *Job) stops(a Action) []Stop {
	if a == PickUp {
		return j.Pickup
	}
	return j.Delivery
}
