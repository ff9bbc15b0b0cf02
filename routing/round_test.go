package routing_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/routing"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func offer(parcels ...*routing.Parcel) *routing.Round {
	r := &routing.Round{ID: 1, Number: "R-1", Rider: 7, State: routing.RoundOffered, Offered: noon, Expires: noon.Add(time.Minute)}
	for i, p := range parcels {
		p.State, p.Round = routing.ParcelOffered, r.ID
		r.Stops = append(r.Stops, routing.Stop{No: i + 1, Parcel: p.ID, Due: noon.Add(30 * time.Minute), ETA: noon.Add(20 * time.Minute)})
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRoundRunsItsCourse(t *testing.T) {
	door := &routing.Parcel{ID: 1, Number: "P-1", Proof: routing.CodeProof, Code: "0417"}
	station := &routing.Parcel{ID: 2, Number: "P-2", Station: 9}
	nobody := &routing.Parcel{ID: 3, Number: "P-3"}
	r := offer(door, station, nobody)
	must(t, r.Accept(7, noon.Add(20*time.Second)))
	must(t, r.Start(7, noon.Add(2*time.Minute)))
	for _, p := range []*routing.Parcel{door, station, nobody} {
		p.State = routing.ParcelLoaded
	}
	at := routing.Visit{When: noon.Add(15 * time.Minute)}
	if err := r.Drop(7, door, at); !errors.Is(err, routing.ErrProof) {
		t.Errorf("without the code: %v", err)
	}
	wrong := at
	wrong.Code = "0714"
	if err := r.Drop(7, door, wrong); !errors.Is(err, routing.ErrCode) {
		t.Errorf("with a wrong code: %v", err)
	}
	right := at
	right.Code = "0417"
	must(t, r.Drop(7, door, right))
	must(t, r.Drop(7, station, at))
	if err := r.Finish(7, noon); !errors.Is(err, routing.ErrUnfinished) {
		t.Errorf("finished with a stop left: %v", err)
	}
	if err := r.Fail(7, nobody, "too_far", at); !errors.Is(err, routing.ErrReason) {
		t.Errorf("an unknown reason: %v", err)
	}
	must(t, r.Fail(7, nobody, routing.NobodyHome, at))
	if door.State != routing.ParcelDelivered || station.State != routing.ParcelStored || nobody.State != routing.ParcelFailed || nobody.Attempts != 1 {
		t.Errorf("the parcels are %s, %s, %s after %d attempts", door.State, station.State, nobody.State, nobody.Attempts)
	}
	must(t, r.Undo(7, nobody))
	if nobody.State != routing.ParcelLoaded || nobody.Attempts != 0 || r.Left() != 1 {
		t.Errorf("undone: %s, %d attempts, %d left", nobody.State, nobody.Attempts, r.Left())
	}
	must(t, r.Drop(7, nobody, at))
	must(t, r.Finish(7, noon.Add(40*time.Minute)))
	if !r.State.Over() || r.Left() != 0 {
		t.Errorf("the round is %s with %d left", r.State, r.Left())
	}
}

func TestOffersEnd(t *testing.T) {
	r := offer(&routing.Parcel{ID: 1})
	if err := r.Accept(8, noon); !errors.Is(err, routing.ErrOtherRider) {
		t.Errorf("another rider: %v", err)
	}
	if err := r.Expire(noon); !errors.Is(err, routing.ErrState) {
		t.Errorf("expired too early: %v", err)
	}
	if err := r.Accept(7, noon.Add(2*time.Minute)); !errors.Is(err, routing.ErrState) {
		t.Errorf("accepted too late: %v", err)
	}
	must(t, r.Expire(noon.Add(2*time.Minute)))
	if err := r.Withdraw("again"); !errors.Is(err, routing.ErrState) {
		t.Errorf("withdrawn after its end: %v", err)
	}
	r = offer(&routing.Parcel{ID: 1})
	must(t, r.Refuse(7, " flat tyre ", noon))
	if r.Reason != "flat tyre" || r.State != routing.RoundRefused {
		t.Errorf("refused: %s %q", r.State, r.Reason)
	}
}

// However commands are mixed, a stop's outcome is its parcel's state, and what is over stays over.
func TestRoundProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parcels := []*routing.Parcel{{ID: 1}, {ID: 2, Station: 3}, {ID: 3, Proof: routing.PhotoProof}}
		r := offer(parcels...)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			before, over := r.State, r.State.Over()
			p := rapid.SampledFrom(parcels).Draw(t, "parcel")
			rider := routing.RiderID(rapid.SampledFrom([]int64{7, 7, 7, 8}).Draw(t, "rider"))
			v := routing.Visit{When: noon, Photo: rapid.SampledFrom([]string{"", "key"}).Draw(t, "photo")}
			var err error
			switch rapid.IntRange(0, 7).Draw(t, "command") {
			case 0:
				err = r.Accept(rider, noon)
			case 1:
				err = r.Refuse(rider, "", noon)
			case 2:
				if err = r.Start(rider, noon); err == nil {
					for _, p := range parcels {
						p.State = routing.ParcelLoaded
					}
				}
			case 3:
				err = r.Drop(rider, p, v)
			case 4:
				err = r.Fail(rider, p, routing.NoAccess, v)
			case 5:
				err = r.Undo(rider, p)
			case 6:
				err = r.Finish(rider, noon)
			case 7:
				err = r.Withdraw("x")
			}
			if err != nil && r.State != before || over && err == nil {
				t.Fatalf("%s became %s: %v", before, r.State, err)
			}
			if r.State != routing.RoundStarted && r.State != routing.RoundFinished {
				continue
			}
			left := 0
			for i, s := range r.Stops {
				if s.Outcome == "" {
					left++
				}
				if s.Outcome == "" && parcels[i].State != routing.ParcelLoaded || s.Outcome != "" && parcels[i].State != s.Outcome {
					t.Fatalf("stop %d is %q, its parcel %s", s.No, s.Outcome, parcels[i].State)
				}
			}
			if r.State == routing.RoundFinished && left > 0 {
				t.Fatal("finished with stops left")
			}
		}
	})
}
