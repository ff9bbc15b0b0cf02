package routingops

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"milkrun/internal/catalog"
	"milkrun/routing"
)

// crowd makes a pool as it is read: riders of whom a third are on the road, a third hold an offer, and parcels that wait.
func crowd(riders, parcels int) *pool {
	rng := rand.New(rand.NewPCG(1, 2))
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	p := &pool{now: now, zone: time.UTC, rules: DefaultRules, site: DefaultRules.at(catalog.Site{Lat: 31.19, Lon: 121.43}),
		parcels: map[routing.ParcelID]routing.Parcel{}, riders: map[routing.RiderID]routing.Rider{}, idle: map[routing.RiderID]bool{}}
	var list []routing.Parcel
	add := func(state routing.ParcelState, round routing.RoundID) routing.Parcel {
		x := routing.Parcel{ID: routing.ParcelID(len(list) + 1), Door: routing.Place{Lat: 31.19 + .03*(rng.Float64()-.5), Lon: 121.43 + .03*(rng.Float64()-.5)}, State: state, Round: round,
			Ready: now.Add(-time.Duration(rng.IntN(300)) * time.Second), Due: now.Add(time.Duration(8+rng.IntN(20)) * time.Minute), Service: 100 * time.Second, Grams: 900, Cold: rng.IntN(8) == 0}
		if x.Cold {
			x.MaxRide = 45 * time.Minute
		}
		list = append(list, x)
		return x
	}
	var people []routing.Rider
	var rounds []routing.Round
	for i := range riders {
		id := routing.RiderID(i + 1)
		people = append(people, routing.Rider{ID: id, Name: fmt.Sprint(id), Active: true, Parcels: 6, Grams: 30_000, ColdBox: i%2 == 0, PerHour: 3000, PerKm: 60,
			OnFrom: now.Add(-time.Hour), OnUntil: now.Add(4 * time.Hour)})
		if i%3 == 0 {
			continue
		}
		state, of := routing.RoundOffered, routing.ParcelOffered
		if i%3 == 1 {
			state, of = routing.RoundStarted, routing.ParcelLoaded
		}
		r := routing.Round{ID: routing.RoundID(i + 1), Rider: id, State: state, Leaves: now.Add(time.Minute), Back: now.Add(25 * time.Minute)}
		for n := range 4 {
			x := add(of, r.ID)
			r.Stops = append(r.Stops, routing.Stop{No: n + 1, Parcel: x.ID, Due: x.Due, ETA: now.Add(time.Duration(5+4*n) * time.Minute)})
		}
		rounds = append(rounds, r)
	}
	for range parcels {
		add(routing.ParcelWaiting, 0)
	}
	p.rounds = rounds
	p.fill(list, people, rounds, nil)
	return p
}

// Every rider on shift is asked once; who can take it stands before who cannot, the least late and cheapest first.
func TestOffersAreInOrder(t *testing.T) {
	p := crowd(200, 50)
	parcel := p.parcels[routing.ParcelID(p.open[0].ID)]
	list := p.offers(parcel)
	if len(list) != 200 {
		t.Fatalf("%d of 200 asked", len(list))
	}
	able, seen := 0, map[routing.RiderID]bool{}
	for i, o := range list {
		if seen[o.Rider] {
			t.Errorf("rider %d twice", o.Rider)
		}
		seen[o.Rider] = true
		if one := p.change(parcel, o.Rider).price; one != o {
			t.Errorf("rider %d: %+v in the list, %+v alone", o.Rider, o, one)
		}
		if o.Why != "" {
			continue
		}
		able++
		if i > 0 && (list[i-1].Why != "" || list[i-1].Late+list[i-1].Others > o.Late+o.Others) {
			t.Errorf("%+v after %+v", o, list[i-1])
		}
	}
	if able < 60 {
		t.Errorf("only %d of 200 can take it", able)
	}
}

// Who can take this now, of 200 riders: below 5 ms.
func BenchmarkWhoCanTakeThis(b *testing.B) {
	p := crowd(200, 50)
	parcel := p.parcels[routing.ParcelID(p.open[0].ID)]
	for b.Loop() {
		p.offers(parcel)
	}
}

// A re-plan of 300 open orders over 60 riders: below a second.
func BenchmarkReplan(b *testing.B) {
	p := crowd(60, 300)
	for b.Loop() {
		if _, err := p.rules.Decide(b.Context(), p.site, planOrigin, p.open, p.free); err != nil {
			b.Fatal(err)
		}
	}
}
