package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/demo"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingops"
	"milkrun/routing/simulation"
	"milkrun/routing/solver"
)

// SimulateDayCmd plays a city's day of deliveries from the demo's front warehouses, once with riders sent as a dispatcher would by
// hand and once by our rounds.
type SimulateDayCmd struct {
	Orders     int     `help:"Orders of the day." default:"20000"`
	Seed       uint64  `help:"Another seed is another day." default:"1"`
	Promise    int64   `help:"Minutes from the order to the door." default:"30"`
	PerRider   float64 `help:"Drops an hour that shifts are laid for." default:"4.5"`
	Reach      float64 `help:"Metres to the farthest door, by the straight line." default:"3000"`
	Iterations int64   `help:"Steps of the search of each plan." default:"150"`
	Prize      int64   `help:"Thousandths of a parcel's own way there and back that its place in a leaving round may cost; -1: the program's." default:"-1"`
	Patience   int64   `help:"Seconds beyond the margin that a parcel must be able to wait to be left behind; -1: the program's." default:"-1"`
	JSON       bool    `help:"Print one line of JSON for each policy."`
}

// dayFigures is what a policy's day came to.
type dayFigures struct {
	Policy         string  `json:"policy"`
	Orders         int     `json:"orders"`
	Dropped        int     `json:"dropped"`
	OnTime         float64 `json:"on_time"`
	LateMinutes    float64 `json:"late_minutes"`
	MinutesMedian  float64 `json:"minutes_median"`
	MinutesP95     float64 `json:"minutes_p95"`
	KmPerDrop      float64 `json:"km_per_drop"`
	FenPerDrop     float64 `json:"fen_per_drop"`
	DropsPerRound  float64 `json:"drops_per_round"`
	Riders         int     `json:"riders"`
	RoadShare      float64 `json:"road_share"`
	DropsPerRider  float64 `json:"drops_per_rider"`
	RiderSpread    float64 `json:"rider_spread"`
	PlanMSPerOrder float64 `json:"plan_ms_per_order"`
}

// Run plays both policies and prints what each came to.
func (c *SimulateDayCmd) Run(ctx context.Context) error {
	var sites []dispatch.Site
	var names []string
	var weights []float64
	d := routingops.DefaultRules
	for _, s := range demo.Sites() {
		if s.Tier == catalog.Front {
			sites = append(sites, dispatch.Site{Door: solver.Point{Lat: s.Lat, Lon: s.Lon}, Detour: d.Detour, Kmh: d.Kmh, Lost: d.Lost, Load: d.Load})
			names, weights = append(names, s.Code), append(weights, 1)
		}
	}
	houses := simulation.Day(simulation.Setting{Seed: c.Seed, Orders: c.Orders, PromiseMinutes: c.Promise, PerRiderHour: c.PerRider, Reach: c.Reach}, sites, names, weights)
	rules := dispatch.DefaultRules
	rules.Iterations, rules.Budget = c.Iterations, 10*time.Second
	if c.Prize >= 0 {
		rules.Prize = c.Prize
	}
	if c.Patience >= 0 {
		rules.Patience = c.Patience
	}
	policies := []struct {
		name string
		do   simulation.Policy
	}{
		{"greedy", func(_ context.Context, s dispatch.Site, now int64, p []dispatch.Parcel, r []dispatch.Rider) ([]dispatch.Trip, error) {
			return dispatch.Greedy(s, now, p, r), nil
		}},
		{"ours", func(ctx context.Context, s dispatch.Site, now int64, p []dispatch.Parcel, r []dispatch.Rider) ([]dispatch.Trip, error) {
			plan, err := rules.Decide(ctx, s, now, p, r)
			return plan.Leave, err
		}},
	}
	var all []dayFigures
	for _, p := range policies {
		res, err := playAll(ctx, houses, p.do)
		if err != nil {
			return err
		}
		all = append(all, figuresOf(p.name, res))
	}
	return printDays(all, c.JSON)
}

// playAll plays every warehouse's day, one on each processor.
func playAll(ctx context.Context, houses []simulation.House, policy simulation.Policy) (sum simulation.Result, err error) {
	var wait sync.WaitGroup
	results, errs := make([]simulation.Result, len(houses)), make([]error, len(houses))
	for i, h := range houses {
		wait.Go(func() { results[i], errs[i] = simulation.Play(ctx, h, policy) })
	}
	wait.Wait()
	for i, r := range results {
		if errs[i] != nil {
			return sum, errs[i]
		}
		sum.Add(r)
	}
	return sum, nil
}

func figuresOf(name string, r simulation.Result) dayFigures {
	f := dayFigures{Policy: name, Orders: r.Orders, Dropped: r.Dropped, Riders: len(r.RiderDrops)}
	if r.Dropped == 0 {
		return f
	}
	n := float64(r.Dropped)
	slices.Sort(r.Minutes)
	f.OnTime, f.LateMinutes = float64(r.OnTime)/float64(r.Orders), r.LateMinutes/float64(max(1, r.Dropped-r.OnTime))
	f.MinutesMedian, f.MinutesP95 = r.Minutes[len(r.Minutes)/2], r.Minutes[len(r.Minutes)*95/100]
	f.KmPerDrop, f.FenPerDrop, f.DropsPerRound = float64(r.Metres)/1000/n, float64(r.Cost)/n, n/float64(r.Trips)
	f.RoadShare, f.DropsPerRider = float64(r.RoadSeconds)/float64(r.ShiftSeconds), n/float64(len(r.RiderDrops))
	slices.Sort(r.RiderDrops)
	f.RiderSpread = float64(r.RiderDrops[len(r.RiderDrops)*9/10]) / float64(max(1, r.RiderDrops[len(r.RiderDrops)/10]))
	f.PlanMSPerOrder = float64(r.Planning) / float64(time.Millisecond) / float64(r.Orders)
	return f
}

func printDays(all []dayFigures, lines bool) error {
	if lines {
		for _, f := range all {
			if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Printf("%-7s %8s %8s %8s %10s %8s %8s %10s %10s %8s %9s %12s\n", "policy", "dropped", "in time", "min late", "p50 / p95", "km/drop", "¥/drop", "drops/ride", "on road", "riders", "drops/man", "ms plan/order")
	for _, f := range all {
		fmt.Printf("%-7s %8d %7.1f%% %8.1f %4.0f / %3.0f %8.2f %8.2f %10.2f %9.0f%% %8d %9.1f %12.1f\n", f.Policy, f.Dropped, 100*f.OnTime, f.LateMinutes, f.MinutesMedian, f.MinutesP95,
			f.KmPerDrop, f.FenPerDrop/100, f.DropsPerRound, 100*f.RoadShare, f.Riders, f.DropsPerRider, f.PlanMSPerOrder)
	}
	return nil
}
