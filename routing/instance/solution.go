package instance

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"milkrun/routing/solver"
)

// Route is one vehicle's trips as indexes of nodes.
type Route struct {
	Vehicle int
	Depot   int
	Trips   [][]int
}

// Routes reads the routes of a plan of the instance's problem, by vehicle.
func (f *File) Routes(p *solver.Problem, plan *solver.Plan) []Route {
	var out []Route
	for _, r := range plan.Routes {
		if len(r.Visits) == 0 {
			continue
		}
		route := Route{Vehicle: r.Vehicle, Depot: f.Vehicle[r.Vehicle], Trips: [][]int{nil}}
		for _, v := range r.Visits {
			if v.Action == solver.Reload {
				route.Trips = append(route.Trips, nil)
				continue
			}
			last := len(route.Trips) - 1
			route.Trips[last] = append(route.Trips[last], v.Place)
		}
		out = append(out, route)
	}
	slices.SortStableFunc(out, func(a, b Route) int { return a.Vehicle - b.Vehicle })
	return out
}

// WriteSolution writes the routes in the plain form of published solutions.
// With several depots route k is vehicle k's and idle vehicles have empty
// lines, since nothing else tells the depot; trips are separated by a 0.
func (f *File) WriteSolution(w io.Writer, c Convention, routes []Route) error {
	var b strings.Builder
	next := 0
	for _, r := range routes {
		if f.Depots > 1 {
			for ; next < r.Vehicle; next++ {
				fmt.Fprintf(&b, "Route #%d:\n", next+1)
			}
		}
		next++
		fmt.Fprintf(&b, "Route #%d:", next)
		for k, trip := range r.Trips {
			if k > 0 {
				b.WriteString(" 0")
			}
			for _, u := range trip {
				fmt.Fprintf(&b, " %d", f.Number(u))
			}
		}
		b.WriteByte('\n')
	}
	if f.Depots > 1 {
		for ; next < len(f.Vehicle); next++ {
			fmt.Fprintf(&b, "Route #%d:\n", next+1)
		}
	}
	fmt.Fprintf(&b, "Cost %s\n", c.Format(c.Distance(f, routes)))
	_, err := io.WriteString(w, b.String())
	return err
}
