package simulation_test

import (
	"context"
	"slices"
	"testing"

	"milkrun/routing/dispatch"
	"milkrun/routing/simulation"
	"milkrun/routing/solver"
)

var site = dispatch.Site{Door: solver.Point{Lat: 31.19, Lon: 121.43}, Detour: 1.3, Kmh: 20, Lost: 30, Load: 60}

func day(orders int) simulation.House {
	return simulation.Day(simulation.Setting{Seed: 7, Orders: orders, PromiseMinutes: 30, PerRiderHour: 4.5, Reach: 3000}, []dispatch.Site{site}, []string{"SH-XH"}, []float64{1})[0]
}

func greedy(_ context.Context, s dispatch.Site, now int64, p []dispatch.Parcel, r []dispatch.Rider) ([]dispatch.Trip, error) {
	return dispatch.Greedy(s, now, p, r), nil
}

func TestDayIsTheSameForTheSameSeed(t *testing.T) {
	a, b := day(300), day(300)
	if len(a.Orders) != 300 || !slices.Equal(a.Orders, b.Orders) || !slices.Equal(a.Riders, b.Riders) {
		t.Fatal("two days of one seed differ")
	}
	for i, o := range a.Orders {
		if o.Ready <= o.Placed || o.Due != o.Placed+30*60 || solver.Metres(o.Door, site.Door) > 4000 || i > 0 && o.Placed < a.Orders[i-1].Placed {
			t.Fatalf("order %d: %+v", i, o)
		}
	}
	one, err := simulation.Play(t.Context(), a, greedy)
	if err != nil {
		t.Fatal(err)
	}
	again, err := simulation.Play(t.Context(), b, greedy)
	if err != nil {
		t.Fatal(err)
	}
	if one.Dropped != again.Dropped || one.Cost != again.Cost || one.OnTime != again.OnTime {
		t.Errorf("played twice: %d, %d drops, %d, %d fen", one.Dropped, again.Dropped, one.Cost, again.Cost)
	}
	if one.Dropped < 250 || one.Dropped > 300 || len(one.Minutes) != one.Dropped {
		t.Errorf("%d of 300 dropped, %d timed", one.Dropped, len(one.Minutes))
	}
}

// On the same day our rounds cost clearly less a drop than riders sent by hand, and are in time at least as often.
func TestRoundsCostLessThanByHand(t *testing.T) {
	h := day(800)
	byHand, err := simulation.Play(t.Context(), h, greedy)
	if err != nil {
		t.Fatal(err)
	}
	rules := dispatch.DefaultRules
	rules.Budget, rules.Iterations = 0, 60
	ours, err := simulation.Play(t.Context(), h, func(ctx context.Context, s dispatch.Site, now int64, p []dispatch.Parcel, r []dispatch.Rider) ([]dispatch.Trip, error) {
		plan, err := rules.Decide(ctx, s, now, p, r)
		return plan.Leave, err
	})
	if err != nil {
		t.Fatal(err)
	}
	saved := 1 - float64(ours.Cost)/float64(ours.Dropped)/(float64(byHand.Cost)/float64(byHand.Dropped))
	t.Logf("by hand %d in time at %d fen, ours %d at %d: %.1f %% less a drop", byHand.OnTime, byHand.Cost, ours.OnTime, ours.Cost, 100*saved)
	if saved < .15 || ours.OnTime < byHand.OnTime {
		t.Errorf("only %.1f %% saved, %d against %d in time", 100*saved, ours.OnTime, byHand.OnTime)
	}
}
