package routingops

import (
	"context"
	"time"

	"milkrun/routing/dispatch"
	"milkrun/routing/solver"
)

// Roads gives the ways of a road network, and says when it cannot.
type Roads interface {
	solver.Roads
	// Trouble tells since when the network's server does not answer, and how it failed; zero while all is well. Ways are then by the
	// straight line.
	Trouble() (since time.Time, what string)
}

// bicycle is the kind of vehicle that riders have.
const bicycle = "bike"

// roads gives the pool the ways between all its doors. Without a network they are by the straight line, as the rules say.
func (o *Ops) roads(ctx context.Context, p *pool) error {
	p.site.Speed = p.rules.speeds(p.now, p.zone)
	if o.Roads == nil {
		return nil
	}
	points, seen := []solver.Point{p.site.Door}, map[solver.Point]bool{p.site.Door: true}
	for _, x := range p.parcels {
		if at := solver.Point(x.Door); !seen[at] {
			seen[at] = true
			points = append(points, at)
		}
	}
	ways, err := o.Roads.Ways(ctx, bicycle, points)
	if err != nil {
		return err
	}
	if since, _ := o.Roads.Trouble(); since.IsZero() {
		p.site.Roads = dispatch.NewRoads(points, ways)
	}
	return nil
}

// speeds are the rules' hourly speeds on the planner's clock, from the hour before now to a day later.
func (r Rules) speeds(now time.Time, zone *time.Location) []solver.SpeedStep {
	if len(r.Hourly) != 24 {
		return nil
	}
	hour := now.In(zone).Truncate(time.Hour) // China's zones are whole hours off
	var out []solver.SpeedStep
	last := 0
	for i := range 30 {
		at := hour.Add(time.Duration(i) * time.Hour)
		percent := r.Hourly[at.In(zone).Hour()]
		if percent != last {
			out = append(out, solver.SpeedStep{From: at.Unix() - now.Unix() + planOrigin, Percent: percent})
			last = percent
		}
	}
	return out
}
