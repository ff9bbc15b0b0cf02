package routingops_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingops"
	"milkrun/routing/simulation"
	"milkrun/routing/solver"
)

// What the simulation of a day decides on a snapshot, the warehouse's plan decides on the same: the figures of one are those of the
// other.
func TestThePlanIsTheSimulations(t *testing.T) {
	const at = 8*3600 + 25*60 // after the first shift has begun, before the next
	rules := routingops.DefaultRules
	rules.Budget, rules.Iterations = 10*time.Second, 200
	site := dispatch.Site{Door: solver.Point{Lat: 31.19, Lon: 121.43}, Detour: rules.Detour, Kmh: rules.Kmh, Lost: rules.Lost, Load: rules.Load}
	house := simulation.Day(simulation.Setting{Seed: 3, Orders: 6000, PromiseMinutes: 30, PerRiderHour: 4.5, Reach: 3000}, []dispatch.Site{site}, []string{"F1"}, []float64{1})[0]
	var parcels []dispatch.Parcel
	var riders []dispatch.Rider
	var plan dispatch.Plan
	_, err := simulation.Play(t.Context(), house, func(ctx context.Context, s dispatch.Site, now int64, p []dispatch.Parcel, r []dispatch.Rider) (_ []dispatch.Trip, err error) {
		if now == at {
			parcels, riders = p, r
			plan, err = rules.Decide(ctx, s, now, p, r)
		}
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(parcels) < 20 || len(riders) < 3 || len(plan.Leave) < 2 || len(plan.Wait) < 2 {
		t.Fatalf("a snapshot of %d parcels, %d riders, %d rounds that leave and %d that wait says little", len(parcels), len(riders), len(plan.Leave), len(plan.Wait))
	}
	d := open(t, 0)
	midnight := noon.Add(-12 * time.Hour)
	instant := func(s int64) time.Time { return midnight.Add(time.Duration(s) * time.Second) }
	d.now = instant(at)
	d.ok(d.ops.SetRules(d.lead, d.site, rules))
	sims := map[routing.RiderID]int64{}
	for _, r := range riders {
		id, err := d.ops.AddRider(d.lead, routing.Rider{Name: fmt.Sprint(r.ID), Site: d.site, Kind: routing.FullTime, Parcels: r.Parcels, Grams: r.Grams, ColdBox: r.ColdBox,
			PerHour: 3000, PerKm: 60, Active: true, OnFrom: instant(8 * 3600), OnUntil: instant(r.Until)})
		d.ok(err)
		sims[id] = r.ID
	}
	var list []routing.Parcel
	for _, p := range parcels {
		list = append(list, routing.Parcel{Number: fmt.Sprint(p.ID), Site: d.site, Door: routing.Place(p.Door), Ready: instant(p.Ready), Due: instant(p.Due),
			Service: time.Duration(p.Service) * time.Second, Grams: p.Grams, Cold: p.Cold, MaxRide: time.Duration(p.MaxRide) * time.Second})
	}
	d.add(list...)
	d.plan()
	b := d.board()
	says := func(rider int64, leaves time.Time, parcels []string) string {
		return fmt.Sprint(rider, " at ", leaves.UTC(), " with ", parcels)
	}
	var want, got []string
	for _, x := range plan.Leave {
		var numbers []string
		for _, p := range x.Parcels {
			numbers = append(numbers, fmt.Sprint(p.Parcel))
		}
		want = append(want, says(x.Rider, instant(x.Leaves), numbers))
	}
	for _, r := range b.Rounds {
		got = append(got, says(sims[r.Rider], r.Leaves, numbers(b, r)))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the warehouse sends\n%v,\nthe simulation\n%v", got, want)
	}
	if len(b.Outlook) != len(plan.Wait) {
		t.Errorf("%d rounds wait, %d in the simulation", len(b.Outlook), len(plan.Wait))
	}
}
