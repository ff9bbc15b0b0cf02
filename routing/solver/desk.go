package solver

import (
	"cmp"
	"math"
	"slices"
)

// Desk answers questions about a plan: who can take one more job, at what
// price and when, and why a job is where it is. It is not for two goroutines
// at once.
type Desk struct {
	g    *general
	jobs int // of the problem; one more place is kept for a job asked about
}

// Offer is what a vehicle says to one more job.
type Offer struct {
	Vehicle int
	Fits    bool
	// Cost is how many fen the plan's cost rises by. With Fits only.
	Cost int64
	// Begin is when the job's last service would begin, Late how many seconds
	// that is after its window.
	Begin, Late int64
	// Visits is the vehicle's round with the job.
	Visits []Visit
	// Blocked is the constraint in the way: of all places for the job the one
	// that misses by least.
	Blocked Breach
}

// NewDesk takes over a plan of the problem. The plan's times are not needed:
// hand-made plans come from Timetable.
func NewDesk(p *Problem, plan *Plan) (*Desk, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	for _, r := range plan.Routes {
		for _, x := range r.Visits {
			if r.Vehicle < 0 || r.Vehicle >= len(p.Vehicles) || !p.exists(r.Vehicle, x.Visit) {
				return nil, &FieldError{Part: "route", Index: r.Vehicle, Text: "a visit or vehicle does not exist"}
			}
		}
	}
	q := *p
	q.Jobs = append(slices.Clone(p.Jobs), Job{})
	d := &Desk{jobs: len(p.Jobs), g: newGeneral(nil, newModel(&q), Options{}, nil)}
	planned := make([]bool, len(p.Vehicles))
	for _, r := range plan.Routes {
		planned[r.Vehicle] = true
	}
	for v := range p.Vehicles {
		if !planned[v] && len(d.g.routes[v]) > 0 {
			d.g.set(v, nil)
		}
	}
	for _, r := range plan.Routes {
		var visits []Visit
		for _, x := range r.Visits {
			visits = append(visits, x.Visit)
		}
		d.g.set(r.Vehicle, visits)
	}
	return d, nil
}

// Offers asks every vehicle to take job, which is not one of the problem's.
// The cheapest offer comes first, refusals last.
func (d *Desk) Offers(job Job) ([]Offer, error) {
	g := d.g
	g.Jobs[d.jobs] = job
	if err := g.checkOne(d.jobs); err != nil {
		return nil, err
	}
	g.allow(d.jobs)
	g.aboard[d.jobs] = -1
	return d.offers(d.jobs), nil
}

// Slots asks for the job with each of the windows instead of its own: what a
// promise for each slot would cost.
func (d *Desk) Slots(job Job, slots []Window) ([][]Offer, error) {
	out := make([][]Offer, len(slots))
	for i, w := range slots {
		j := job
		at := func(list []Stop) []Stop {
			list = slices.Clone(list)
			for k := range list {
				list[k].Windows = []Window{w}
			}
			return list
		}
		if len(job.Delivery) > 0 {
			j.Delivery = at(job.Delivery)
		} else {
			j.Pickup = at(job.Pickup)
		}
		var err error
		if out[i], err = d.Offers(j); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Desk) offers(j int) []Offer {
	g := d.g
	out := make([]Offer, len(g.Vehicles))
	for v := range g.Vehicles {
		o := &out[v]
		o.Vehicle = v
		if cost, ok := g.cheapest(j, v, math.MaxInt64, false); ok {
			o.Fits, o.Cost, o.Visits = true, cost, slices.Clone(g.trial)
			if g.Objective.FewerVehicles && len(g.routes[v]) == 0 {
				o.Cost -= vehicleWeight
			}
			g.time(v, o.Visits, g.t, g.given(v, o.Visits))
			for k, x := range o.Visits {
				if x.Action != Reload && x.Job == j {
					o.Begin, o.Late = g.t.begin[k], g.t.late[k]
				}
			}
			continue
		}
		o.Blocked = g.blocked(j, v)
	}
	slices.SortStableFunc(out, func(a, b Offer) int {
		if a.Fits != b.Fits {
			if a.Fits {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Cost, b.Cost)
	})
	return out
}

// blocked is why job j has no place in v's round.
func (g *general) blocked(j, v int) Breach {
	job := &g.Jobs[j]
	switch {
	case job.Skills&^g.Vehicles[v].Skills != 0:
		return Breach{NoSkill, v, j, -1, 0}
	case !g.allowed[j][v]:
		return Breach{OtherVehicle, v, j, -1, 0}
	case g.aboard[j] >= 0 && g.aboard[j] != v:
		return Breach{Started, v, j, -1, 0}
	}
	// Without any place to try there is no trip left that it could join.
	best := Breach{MaxTrips, v, j, -1, 1}
	rank := 0
	note := func(b Breach, r int) {
		if r > rank || r == rank && b.By < best.By {
			best, rank = b, r
		}
	}
	g.everywhere = true
	g.each(j, v, func(trial []Visit) {
		if b, ok := g.carry(v, trial, g.t); !ok {
			note(b, 1)
		} else if !g.time(v, trial, g.t, false) {
			note(g.t.first, 2)
		}
	}, math.MaxInt64)
	g.everywhere = false
	return best
}

// Explanation is why a job is where it is.
type Explanation struct {
	Job     int
	Vehicle int // −1: left out
	// Fixed says that it cannot move any more: executed, promised or in the
	// vehicle.
	Fixed bool
	// Cost is what the plan would save without the job.
	Cost int64
	// Offers are what all vehicles would say if it were free, the cheapest
	// first: the price of every other choice, or what is in its way.
	Offers []Offer
}

// Explain tells why job j of the problem is where it is, or is left out.
func (d *Desk) Explain(j int) (Explanation, error) {
	if j < 0 || j >= d.jobs {
		return Explanation{}, &FieldError{Part: "job", Index: j, Text: "no such job"}
	}
	g := d.g
	e := Explanation{Job: j, Vehicle: g.at[j], Fixed: g.locked[j]}
	if v := e.Vehicle; v >= 0 {
		was := slices.Clone(g.routes[v])
		cost := g.cost[v]
		g.at[j] = -1
		g.set(v, g.without(v, was, j))
		e.Cost = cost - g.cost[v]
		if !e.Fixed {
			e.Offers = d.offers(j)
		}
		g.set(v, was)
		return e, nil
	}
	e.Offers = d.offers(j)
	return e, nil
}
