package instance

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"milkrun/routing/solver"
)

// ReadSolution reads routes in the plain form that WriteSolution writes, with
// the stated cost, 0 if there is none. The k-th route is of vehicle k − 1.
// Customers may stand twice or not at all: that is for a check of the plan to
// tell.
func (f *File) ReadSolution(r io.Reader) (routes []Route, cost float64, err error) {
	index := map[int]int{}
	for i := f.Depots; i < len(f.Nodes); i++ {
		index[f.Number(i)] = i
	}
	sc := bufio.NewScanner(io.LimitReader(r, mostBytes))
	sc.Buffer(nil, mostBytes)
	for no := 1; sc.Scan(); no++ {
		text := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		l := line{no, text, strings.Fields(text)}
		switch {
		case text == "" || text[0] == '#':
		case strings.EqualFold(l.fields[0], "Cost"):
			if cost, err = l.number(1, "the cost"); err != nil {
				return nil, 0, err
			}
		case strings.HasPrefix(text, "Route"):
			trips, err := f.trips(l, index)
			if err != nil {
				return nil, 0, err
			}
			v := len(routes)
			if v >= len(f.Vehicle) {
				return nil, 0, l.fault("route %d of %d vehicles", v+1, len(f.Vehicle))
			}
			routes = append(routes, Route{Vehicle: v, Depot: f.Vehicle[v], Trips: trips})
		default:
			return nil, 0, l.fault("%q where a line Route #1: … or Cost … is expected", text[:min(len(text), 60)])
		}
	}
	if err := sc.Err(); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(routes) == 0 {
		return nil, 0, fmt.Errorf("no line Route #1: …: %w", ErrFormat)
	}
	return routes, cost, nil
}

// trips reads the customers behind the colon, trips apart by a 0.
func (f *File) trips(l line, index map[int]int) ([][]int, error) {
	_, list, ok := strings.Cut(l.text, ":")
	if !ok {
		return nil, l.fault("no colon after the route's number")
	}
	trips := [][]int{nil}
	for _, word := range strings.Fields(list) {
		id, err := strconv.Atoi(word)
		if err != nil {
			return nil, l.fault("customer %q is not a number", word)
		}
		i, known := index[id]
		last := len(trips) - 1
		switch {
		case known:
			trips[last] = append(trips[last], i)
		case id == 0 && f.Trips > 1 && len(trips[last]) > 0:
			trips = append(trips, nil)
		default:
			return nil, l.fault("there is no customer %d", id)
		}
	}
	if n := len(trips); n > 1 && len(trips[n-1]) == 0 {
		trips = trips[:n-1]
	}
	return trips, nil
}

// Rounds turns routes into visits of the instance's problem by vehicle.
// Vehicles without customers have none.
func (f *File) Rounds(routes []Route) map[int][]solver.Visit {
	job := make([]int, len(f.Nodes)) // as Problem numbers them
	count := 0
	for i := f.Depots; i < len(f.Nodes); i++ {
		if f.Nodes[i].Mate >= 0 {
			job[i] = count
			count++
		}
	}
	out := map[int][]solver.Visit{}
	for _, r := range routes {
		for k, trip := range r.Trips {
			if k > 0 {
				out[r.Vehicle] = append(out[r.Vehicle], solver.Visit{Job: -1, Action: solver.Reload})
			}
			for _, u := range trip {
				x := solver.Visit{Job: job[u]}
				switch mate := f.Nodes[u].Mate; {
				case mate > 0:
					x.Action = solver.PickUp
				case mate < 0:
					x.Job = job[-mate]
				}
				out[r.Vehicle] = append(out[r.Vehicle], x)
			}
		}
	}
	return out
}
