package routing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"milkrun/routing"
)

// underWay is a round of four parcels, the first handed over, the second the rider's next stop.
func underWay() routing.Round {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := routing.Round{ID: 9, Number: "R-1", Rider: 1, State: routing.RoundStarted, Started: at}
	for i := range 4 {
		r.Stops = append(r.Stops, routing.Stop{No: i + 1, Parcel: routing.ParcelID(i + 1), ETA: at.Add(time.Duration(5*i) * time.Minute)})
	}
	r.Stops[0].Outcome, r.Stops[0].Done = routing.ParcelDelivered, at.Add(4*time.Minute)
	return r
}

func stopsOf(r routing.Round, order ...routing.ParcelID) (out []routing.Stop) {
	for _, id := range order {
		s := routing.Stop{Parcel: id}
		if i := slices.IndexFunc(r.Stops, func(s routing.Stop) bool { return s.Parcel == id }); i >= 0 {
			s = r.Stops[i]
		}
		out = append(out, s)
	}
	return out
}

func TestARoundOnItsWayChangesBehindTheNextStop(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 6, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		order []routing.ParcelID
		well  bool
	}{
		{"behind the next stop", []routing.ParcelID{1, 2, 4, 3}, true},
		{"with a door to fetch at", []routing.ParcelID{1, 2, 7, 3, 4}, true},
		{"the next stop is another", []routing.ParcelID{1, 3, 2, 4}, false},
		{"one is gone from the bag", []routing.ParcelID{1, 2, 4}, false},
		{"what is done is gone", []routing.ParcelID{2, 3, 4}, false},
	} {
		r := underWay()
		err := r.Change(stopsOf(r, c.order...), nil, now)
		if (err == nil) != c.well || err != nil && !errors.Is(err, routing.ErrLoaded) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.well && (!r.Unseen() || r.Stops[3].No != 4 || r.Version != 1) || !c.well && (r.Unseen() || r.Stops[1].Parcel != 2) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	// What is undone in the new stops was handed over.
	r := underWay()
	stops := stopsOf(r, 1, 2, 3, 4)
	stops[0].Outcome = ""
	if err := r.Change(stops, nil, now); !errors.Is(err, routing.ErrLoaded) {
		t.Errorf("undid a delivery: %v", err)
	}
	r.State = routing.RoundFinished
	if err := r.Change(stopsOf(r, 1, 2, 3, 4), nil, now); !errors.Is(err, routing.ErrState) {
		t.Errorf("changed a round that is over: %v", err)
	}
}

// What a rider has not seen adds up; seen, it is news no more.
func TestChangesAddUpUntilTheyAreSeen(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 6, 0, 0, time.UTC)
	r := underWay()
	r.State, r.Stops[0].Outcome = routing.RoundAccepted, ""
	if err := r.Change(stopsOf(r, 1, 2, 4), []string{"P-3"}, now); err != nil {
		t.Fatal(err)
	}
	if err := r.Change(stopsOf(r, 2, 1, 4, 8), nil, now); err != nil {
		t.Fatal(err)
	}
	if c := r.Changed; r.Version != 2 || !slices.Equal(c.Removed, []string{"P-3"}) || !slices.Equal(c.Added, []routing.ParcelID{8}) || !c.Order {
		t.Errorf("%+v", c)
	}
	if err := r.See(2, 2); !errors.Is(err, routing.ErrOtherRider) {
		t.Errorf("seen by another: %v", err)
	}
	if err := r.See(1, 1); err != nil || !r.Unseen() {
		t.Errorf("the phone showed an older round: %v, %+v", err, r)
	}
	if err := r.See(1, 99); err != nil || r.Unseen() || r.SeenVersion != 2 || len(r.Changed.Added) != 0 {
		t.Errorf("%v, %+v", err, r)
	}
	// An offer that nobody has taken on has no rider to tell.
	r = underWay()
	r.State, r.Stops[0].Outcome = routing.RoundOffered, ""
	if err := r.Change(stopsOf(r, 2, 1), nil, now); err != nil || r.Unseen() {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestADoorIsTriedAgainOnce(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 20, 0, 0, time.UTC)
	r := underWay()
	p := routing.Parcel{ID: 1, Number: "P-1", State: routing.ParcelFailed, Attempts: 1}
	r.Stops[0].Outcome, r.Stops[0].Reason = routing.ParcelFailed, routing.Declined
	if err := r.Again(&p, now); !errors.Is(err, routing.ErrState) {
		t.Errorf("tried again after it was declined: %v", err)
	}
	r.Stops[0].Reason = routing.NobodyHome
	if err := r.Again(&p, now); err != nil {
		t.Fatal(err)
	}
	last := r.Stops[3]
	if p.State != routing.ParcelLoaded || last.Parcel != 1 || last.Outcome != "" || last.TriedReason != routing.NobodyHome || last.Tried.IsZero() || r.Next().Parcel != 2 {
		t.Errorf("%+v", r.Stops)
	}
	if err := r.Fail(1, &p, routing.NobodyHome, routing.Visit{When: now}); err != nil {
		t.Fatal(err)
	}
	if err := r.Again(&p, now); !errors.Is(err, routing.ErrState) {
		t.Errorf("a third time: %v", err)
	}
}
