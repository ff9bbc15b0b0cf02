package solver

import (
	"fmt"
	"slices"
)

// routeOf times a way and prices it. Breaches are left to Verify.
func (m *model) routeOf(v int, visits []Visit, t *tape) Route {
	m.simulate(v, visits, m.firstLeave(v, visits), nil, t, true)
	m.postpone(v, visits, t, true)
	r := Route{Vehicle: v, Depart: t.depart, End: t.finish, Metres: t.metres, Rests: slices.Clone(t.rests)}
	for k, x := range visits {
		r.Visits = append(r.Visits, Timed{Visit: x, Place: m.place(v, x), Arrive: t.arrive[k], Begin: t.begin[k], End: t.end[k], Late: t.late[k]})
	}
	r.Cost = m.price(v, t)
	return r
}

// price is what the way on the tape costs.
func (m *model) price(v int, t *tape) int64 {
	veh := &m.Vehicles[v]
	return veh.Fixed + perHour(t.finish-t.depart, veh.PerHour) + perKm(t.metres, veh.PerKm) + t.lateCost + t.placeCost
}

// Timetable times a hand-made plan: for each vehicle its visits. Vehicles
// without visits, and visits that do not exist, are for Verify to report; here
// they are an error.
func (p *Problem) Timetable(rounds map[int][]Visit) (*Plan, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	for v, visits := range rounds {
		if v < 0 || v >= len(p.Vehicles) {
			return nil, &FieldError{Part: "round", Index: v, Text: "no such vehicle"}
		}
		for k, x := range visits {
			if !p.exists(v, x) {
				return nil, &FieldError{Part: "round", Index: v, Text: fmt.Sprintf("visit %d: no such job or stop", k)}
			}
		}
	}
	return newModel(p).plan(rounds), nil
}

// plan times all rounds and sums them up.
func (m *model) plan(rounds map[int][]Visit) *Plan {
	plan := &Plan{}
	t := newTape(m)
	here := make([]bool, len(m.Jobs))
	for v := range m.Vehicles {
		visits := rounds[v]
		if len(visits) == 0 {
			continue
		}
		plan.Routes = append(plan.Routes, m.routeOf(v, visits, t))
		for _, x := range visits {
			if x.Action != Reload {
				here[x.Job] = true
			}
		}
	}
	for j := range m.Jobs {
		if !here[j] {
			plan.LeftOut = append(plan.LeftOut, j)
		}
	}
	plan.Score = m.score(plan)
	return plan
}

func (m *model) score(plan *Plan) Score {
	var s Score
	for _, j := range plan.LeftOut {
		if job := &m.Jobs[j]; job.Penalty > 0 {
			s.Cost += job.Penalty
		} else {
			s.LeftOut += 1 + int64(job.Priority)
		}
	}
	var least, most int64 = Horizon, 0
	for _, r := range plan.Routes {
		s.Cost += r.Cost
		least, most = min(least, r.End-r.Depart), max(most, r.End-r.Depart)
	}
	if m.Objective.FewerVehicles {
		s.Vehicles = int64(len(plan.Routes))
	}
	if m.Objective.Balance && len(plan.Routes) > 1 {
		s.Imbalance = most - least
	}
	return s
}
