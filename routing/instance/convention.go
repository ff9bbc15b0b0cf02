package instance

import (
	"fmt"
	"math"
	"strings"

	"milkrun/routing/solver"
)

// Convention is how distances are measured and what is better. Results of
// different conventions cannot be compared.
type Convention string

// The conventions of the published lists.
const (
	// HierarchicalDouble: fewer vehicles first, then the Euclidean distance
	// without rounding (SINTEF's lists).
	HierarchicalDouble Convention = "hierarchical-double"
	// DistanceDIMACS: distances and times cut after one decimal.
	DistanceDIMACS Convention = "distance-dimacs"
	// DistanceInteger: rounded to the nearest whole number (CVRPLIB).
	DistanceInteger Convention = "distance-integer"
	// DistanceExact: 1000 times as large, rounded; printed in thousandths.
	DistanceExact Convention = "distance-exact-x1000"
	// DistanceDIMACS10: ten times as large, cut; printed in tenths.
	DistanceDIMACS10 Convention = "distance-dimacs-x10"
)

// Conventions lists all of them.
var Conventions = []Convention{HierarchicalDouble, DistanceDIMACS, DistanceInteger, DistanceExact, DistanceDIMACS10}

// ParseConvention reads a convention's name.
func ParseConvention(s string) (Convention, error) {
	var names []string
	for _, c := range Conventions {
		if string(c) == s {
			return c, nil
		}
		names = append(names, string(c))
	}
	return "", fmt.Errorf("convention %q is none of %s", s, strings.Join(names, ", "))
}

// finest is the finest unit of hierarchical problems: a hundred-thousandth.
// There times are rounded up, so that what fits also fits unrounded.
const finest = 100000

// largest is the largest scaled time or distance: the solver takes later instants for this one, so that sums of two fit.
const largest = 1 << 29

// Scale is how many units of the problem are one of the file.
func (c Convention) Scale(f *File) float64 {
	switch c {
	case DistanceDIMACS, DistanceDIMACS10:
		return 10
	case DistanceExact:
		return 1000
	case HierarchicalDouble:
		span := 1.0
		for _, n := range f.Nodes {
			span = max(span, n.Due+n.Service, n.Release, 4*math.Abs(n.X), 4*math.Abs(n.Y))
		}
		for _, w := range f.Explicit {
			span = max(span, w)
		}
		s := float64(finest)
		for s > 1 && s*span > largest {
			s /= 10
		}
		return s
	}
	return 1
}

// Way is the distance between two nodes in the file's units, before rounding.
func (f *File) Way(i, j int) float64 {
	if f.Explicit != nil {
		return f.Explicit[i*len(f.Nodes)+j]
	}
	dx, dy := f.Nodes[i].X-f.Nodes[j].X, f.Nodes[i].Y-f.Nodes[j].Y
	return math.Sqrt(dx*dx + dy*dy)
}

// round gives a way in the problem's units.
func (c Convention) round(d, scale float64) int32 {
	switch c {
	case DistanceDIMACS, DistanceDIMACS10:
		return int32(math.Floor(d * scale))
	case HierarchicalDouble:
		return int32(math.Ceil(d * scale))
	}
	return int32(math.Floor(d*scale + 0.5))
}

// Distance is the length of routes as the convention counts it: in the file's
// units, but in thousandths for DistanceExact and tenths for DistanceDIMACS10.
// Each route is the vehicle's depot and its trips.
func (c Convention) Distance(f *File, routes []Route) float64 {
	scale := c.Scale(f)
	var sum float64
	for _, r := range routes {
		for _, trip := range r.Trips {
			last := r.Depot
			for _, u := range append(append([]int(nil), trip...), r.Depot) {
				if c == HierarchicalDouble {
					sum += f.Way(last, u)
				} else {
					sum += float64(c.round(f.Way(last, u), scale))
				}
				last = u
			}
		}
	}
	if c == DistanceDIMACS {
		sum /= scale
	}
	return sum
}

// Format prints a distance as the published lists do.
func (c Convention) Format(d float64) string {
	switch c {
	case HierarchicalDouble:
		return fmt.Sprintf("%.2f", d)
	case DistanceDIMACS:
		return fmt.Sprintf("%.1f", d)
	}
	return fmt.Sprintf("%.0f", d)
}

// Problem turns the instance into a problem. Place i is node i, job k is the
// k-th customer (of pairs: the k-th pickup), vehicle v is the file's.
func (f *File) Problem(c Convention) (*solver.Problem, error) {
	n, scale := len(f.Nodes), c.Scale(f)
	for _, node := range f.Nodes {
		for _, v := range []float64{node.Due, node.Service, node.Release, f.MaxDuration} {
			if v*scale > largest {
				return nil, fmt.Errorf("node %d: %g is too large for convention %s", node.ID, v, c)
			}
		}
	}
	ways := make([]int32, n*n)
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			d := f.Way(i, j)
			if d*scale > largest {
				return nil, fmt.Errorf("nodes %d and %d are too far apart for convention %s", f.Nodes[i].ID, f.Nodes[j].ID, c)
			}
			ways[i*n+j] = c.round(d, scale)
		}
	}
	p := &solver.Problem{Profiles: []solver.Profile{{Size: n, Seconds: ways, Metres: ways}},
		Objective: solver.Objective{FewerVehicles: c == HierarchicalDouble}}
	for v, d := range f.Vehicle {
		from, to := int64(0), int64(solver.Horizon)
		if f.Windows {
			from, to = f.instant(f.Nodes[d].Ready, scale), f.instant(f.Nodes[d].Due, scale)
		}
		p.Vehicles = append(p.Vehicles, solver.Vehicle{ID: fmt.Sprint(v + 1), Start: d, End: d, From: from, To: to,
			Capacity: []int64{f.Capacity}, PerKm: 1000, Trips: f.Trips, MaxDuration: f.instant(f.MaxDuration, scale)})
	}
	for i := f.Depots; i < n; i++ {
		node := f.Nodes[i]
		j := solver.Job{ID: fmt.Sprint(f.Number(i)), Load: []int64{node.Demand}, Release: f.instant(node.Release, scale),
			Delivery: []solver.Stop{f.stop(i, scale)}}
		switch {
		case node.Mate < 0:
			continue
		case node.Mate > 0:
			j.Pickup, j.Delivery = j.Delivery, []solver.Stop{f.stop(node.Mate, scale)}
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p, nil
}

func (f *File) stop(i int, scale float64) solver.Stop {
	n := f.Nodes[i]
	s := solver.Stop{Place: i, Service: f.instant(n.Service, scale)}
	if f.Windows {
		s.Windows = []solver.Window{{From: f.instant(n.Ready, scale), To: f.instant(n.Due, scale)}}
	}
	return s
}

func (f *File) instant(v, scale float64) int64 { return int64(math.Round(v * scale)) }

// Number is how published solutions call node i: its id in Solomon and Li &
// Lim files, its id − 1 in VRPLIB files.
func (f *File) Number(i int) int {
	if f.Format == VRPLIB {
		return f.Nodes[i].ID - 1
	}
	return f.Nodes[i].ID
}
