package solver

import (
	"errors"
	"fmt"
)

// ErrProblem is what every fault of a problem wraps.
var ErrProblem = errors.New("the problem cannot be planned")

// FieldError names the part of a problem that is wrong.
type FieldError struct {
	Part  string // "vehicle", "job", "profile", "clash"
	Index int
	ID    string
	Text  string
}

func (e *FieldError) Error() string {
	if e.ID != "" {
		return fmt.Sprintf("%s %d (%s): %s", e.Part, e.Index, e.ID, e.Text)
	}
	return fmt.Sprintf("%s %d: %s", e.Part, e.Index, e.Text)
}

// Unwrap gives ErrProblem.
func (e *FieldError) Unwrap() error { return ErrProblem }

// Classes of goods are numbered below mostClasses, loads have at most
// mostDimensions.
const (
	mostClasses    = 64
	mostDimensions = 8
	mostQuantity   = int64(1) << 40
)

// Check says what is wrong with the problem: every fault, joined.
func (p *Problem) Check() error {
	var errs []error
	fault := func(part string, i int, id, format string, args ...any) {
		errs = append(errs, &FieldError{part, i, id, fmt.Sprintf(format, args...)})
	}
	places := p.Places()
	for i := range p.Profiles {
		p.Profiles[i].check(places, func(format string, args ...any) { fault("profile", i, "", format, args...) })
	}
	if len(p.Profiles) == 0 && len(p.Vehicles)+len(p.Jobs) > 0 {
		fault("profile", 0, "", "there is none")
	}
	for i := range p.Vehicles {
		v := &p.Vehicles[i]
		p.checkVehicle(v, places, func(format string, args ...any) { fault("vehicle", i, v.ID, format, args...) })
	}
	for i := range p.Jobs {
		j := &p.Jobs[i]
		p.checkJob(j, places, func(format string, args ...any) { fault("job", i, j.ID, format, args...) })
	}
	p.checkRunning(fault)
	for i, c := range p.Clashes {
		if c[0] < 1 || c[1] < 1 || c[0] >= mostClasses || c[1] >= mostClasses || c[0] == c[1] {
			fault("clash", i, "", "classes %d and %d: two different ones from 1 to %d", c[0], c[1], mostClasses-1)
		}
	}
	return errors.Join(errs...)
}

func (p *Problem) checkRunning(fault func(string, int, string, string, ...any)) {
	vehicles, jobs := map[int]bool{}, map[[2]int]bool{}
	for i, r := range p.Running {
		if r.Vehicle < 0 || r.Vehicle >= len(p.Vehicles) || vehicles[r.Vehicle] {
			fault("running", i, "", "vehicle %d does not exist or has two rounds", r.Vehicle)
			continue
		}
		vehicles[r.Vehicle] = true
		if r.Frozen < 0 || r.Frozen > len(r.Visits) || len(r.Done) > r.Frozen || len(r.Done) > 0 && !r.Left {
			fault("running", i, "", "%d visits, %d frozen, %d done", len(r.Visits), r.Frozen, len(r.Done))
		}
		last := r.Depart
		for k, d := range r.Done {
			if d.Begin < last || d.End < d.Begin {
				fault("running", i, "", "visit %d was from %d to %d, after %d", k, d.Begin, d.End, last)
			}
			last = d.End
		}
		for k, x := range r.Visits {
			if !p.exists(r.Vehicle, x) {
				fault("running", i, "", "visit %d has no such job or stop", k)
				continue
			}
			if key := [2]int{x.Job, int(x.Action)}; x.Action != Reload {
				if jobs[key] {
					fault("running", i, "", "job %d stands twice", x.Job)
				}
				jobs[key] = true
			}
		}
	}
}

// exists says whether a visit's job and stop are in the problem.
func (p *Problem) exists(vehicle int, x Visit) bool {
	if x.Action == Reload {
		return x.Stop >= 0 && x.Stop < len(p.Vehicles[vehicle].reloads())
	}
	if x.Job < 0 || x.Job >= len(p.Jobs) || x.Stop < 0 || x.Action > Reload {
		return false
	}
	return x.Stop < len(p.Jobs[x.Job].stops(x.Action))
}

// checkOne is Check for job i alone.
func (p *Problem) checkOne(i int) error {
	var errs []error
	p.checkJob(&p.Jobs[i], p.Places(), func(format string, args ...any) {
		errs = append(errs, &FieldError{"job", i, p.Jobs[i].ID, fmt.Sprintf(format, args...)})
	})
	return errors.Join(errs...)
}

func (p *Profile) check(places int, fault func(string, ...any)) {
	if p.Size != places {
		fault("%d places, the first profile has %d", p.Size, places)
		return
	}
	if n := p.Size * p.Size; len(p.Seconds) != n || len(p.Metres) != n {
		fault("%d seconds and %d metres for %d × %d ways", len(p.Seconds), len(p.Metres), p.Size, p.Size)
		return
	}
	for i := range p.Seconds {
		if p.Seconds[i] < 0 || p.Metres[i] < 0 {
			fault("the way from %d to %d is negative", i/p.Size, i%p.Size)
			return
		}
	}
	for i, s := range p.Speed {
		if s.Percent < 1 || s.Percent > 1000 || i > 0 && s.From <= p.Speed[i-1].From {
			fault("speed step %d: %d %% from %d (1 to 1000 %%, in the order of time)", i, s.Percent, s.From)
		}
	}
}

func (p *Problem) checkVehicle(v *Vehicle, places int, fault func(string, ...any)) {
	place := func(what string, x int) {
		if x < 0 || x >= places {
			fault("%s %d is not a place", what, x)
		}
	}
	if v.Profile < 0 || v.Profile >= len(p.Profiles) {
		fault("profile %d does not exist", v.Profile)
	}
	if v.Start != Open {
		place("start", v.Start)
	}
	if v.End != Open {
		place("end", v.End)
	}
	for _, r := range v.Reload {
		place("reload", r)
	}
	if v.From < 0 || v.To > Horizon || v.From > v.To {
		fault("shift from %d to %d", v.From, v.To)
	}
	if len(v.Capacity) > mostDimensions {
		fault("%d dimensions of capacity, at most %d", len(v.Capacity), mostDimensions)
	}
	for _, c := range v.Capacity {
		if c < 0 || c > mostQuantity {
			fault("capacity %d", c)
		}
	}
	for _, x := range []int64{v.Fixed, v.PerHour, v.PerKm, v.ReloadTime, v.MaxDuration, v.MaxDistance, int64(v.MaxStops), int64(v.Trips)} {
		if x < 0 || x > mostQuantity {
			fault("%d where a cost, time or limit is expected", x)
		}
	}
	for i, b := range v.Breaks {
		if b.From > b.To || b.Duration < 0 || i > 0 && b.From < v.Breaks[i-1].From {
			fault("break %d: begin from %d to %d for %d seconds, in the order of time", i, b.From, b.To, b.Duration)
		}
	}
	if v.Trips > 1 && len(v.reloads()) == 0 {
		fault("%d trips and no place to reload", v.Trips)
	}
}

func (p *Problem) checkJob(j *Job, places int, fault func(string, ...any)) {
	if len(j.Pickup)+len(j.Delivery) == 0 {
		fault("neither pickup nor delivery")
	}
	for _, list := range [][]Stop{j.Pickup, j.Delivery} {
		if len(list) > 255 {
			fault("%d alternatives, at most 255", len(list))
		}
		for _, s := range list {
			s.check(places, fault)
		}
	}
	if len(j.Load) > mostDimensions {
		fault("%d dimensions of load, at most %d", len(j.Load), mostDimensions)
	}
	for _, q := range j.Load {
		if q < 0 || q > mostQuantity {
			fault("load %d", q)
		}
	}
	if j.Release < 0 || j.Release > Horizon || j.MaxRide < 0 || j.Penalty < 0 || j.Penalty > mostQuantity {
		fault("release %d, longest ride %d, penalty %d", j.Release, j.MaxRide, j.Penalty)
	}
	if j.Release > 0 && len(j.Pickup) > 0 {
		fault("release %d, but its goods are not loaded at the depot: the pickup's windows say when it can begin", j.Release)
	}
	if j.Priority < 0 || j.Priority > 100 {
		fault("priority %d, from 0 to 100", j.Priority)
	}
	if j.Goods < 0 || j.Goods >= mostClasses {
		fault("goods class %d, below %d", j.Goods, mostClasses)
	}
	for _, list := range [][]int{j.Only, j.Never} {
		for _, v := range list {
			if v < 0 || v >= len(p.Vehicles) {
				fault("vehicle %d does not exist", v)
			}
		}
	}
}

func (s *Stop) check(places int, fault func(string, ...any)) {
	if s.Place < 0 || s.Place >= places {
		fault("%d is not a place", s.Place)
	}
	if s.Service < 0 || s.Service > Horizon || s.Cost < 0 || s.Cost > mostQuantity {
		fault("service %d seconds, cost %d", s.Service, s.Cost)
	}
	for i, w := range s.Windows {
		switch {
		case w.From > w.To || w.To > Horizon || w.Until > Horizon || w.LatePerHour < 0 || w.LatePerHour > mostQuantity:
			fault("window %d: from %d to %d until %d at %d an hour", i, w.From, w.To, w.Until, w.LatePerHour)
		case i > 0 && w.From <= s.Windows[i-1].Last():
			fault("window %d begins before the one before it ends", i)
		}
	}
}
