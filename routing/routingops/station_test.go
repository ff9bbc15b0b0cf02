package routingops_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/routing/solver"
)

// A station takes no more than it holds; what nobody fetches comes back.
func TestAStationHoldsSoMuch(t *testing.T) {
	d := open(t, 1)
	d.ok(d.ops.SetPlaces(d.lead, d.station, 2))
	if err := d.ops.SetPlaces(d.lead, d.site, 2); !errors.Is(err, routingops.ErrUnknown) {
		t.Errorf("places of a warehouse: %v", err)
	}
	for i := range 3 {
		p := d.parcel(fmt.Sprintf("P-%d", i+1), .004, 6*time.Minute+time.Duration(i)*time.Minute)
		p.Station = d.station
		d.add(p)
	}
	d.plan()
	b := d.board()
	if len(b.Rounds) != 1 || len(b.Rounds[0].Stops) != 2 || len(b.Waiting) != 1 || len(b.Full) != 1 {
		t.Fatalf("%d rounds, %d wait, %d for a place", len(b.Rounds), len(b.Waiting), len(b.Full))
	}
	r, me := b.Rounds[0], d.riders[0]
	d.ok(d.ops.Accept(me, op(), r.ID))
	d.ok(d.ops.Start(me, op(), r.ID, nil))
	for _, s := range r.Stops {
		d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: s.Parcel, Photo: []byte("jpeg"), Mime: "image/jpeg"}))
	}
	d.ok(d.ops.Finish(me, op(), r.ID))
	d.plan()
	if b := d.board(); len(b.Rounds) != 0 || len(b.Full) != 1 {
		t.Errorf("%d rounds to a full station", len(b.Rounds))
	}
	stations, held, _, err := d.ops.Stations(d.lead)
	if err != nil || len(stations) != 1 || stations[0].Stored != 2 || stations[0].Waiting != 1 || len(held) != 2 || held[0].HoldUntil.Sub(d.clock()) != 72*time.Hour {
		t.Fatalf("%+v, %+v, %v", stations, held, err)
	}
	d.after(73 * time.Hour)
	if stations, _, _, err = d.ops.Stations(d.lead); err != nil || stations[0].Overdue != 2 {
		t.Errorf("%+v, %v", stations, err)
	}
	d.ok(d.ops.TakeBack(d.lead, "P-1"))
	if err := d.ops.TakeBack(d.lead, "P-1"); !errors.Is(err, routing.ErrState) {
		t.Errorf("taken back twice: %v", err)
	}
	if stations, held, _, err = d.ops.Stations(d.lead); err != nil || stations[0].Stored != 1 || len(held) != 1 {
		t.Errorf("%+v, %v", stations, err)
	}
}

// Who refuses or does not answer is left alone for a while: the offer goes to another rider.
func TestARefusedOfferGoesToAnother(t *testing.T) {
	d := open(t, 2)
	d.add(d.parcel("P-1", .006, 6*time.Minute))
	d.plan()
	first := d.board().Rounds[0]
	who := 0
	if d.riderIDs[1] == first.Rider {
		who = 1
	}
	d.ok(d.ops.Refuse(d.riders[who], op(), first.ID, "爆胎"))
	d.plan()
	b := d.board()
	if len(b.Rounds) != 1 || b.Rounds[0].Rider == first.Rider {
		t.Fatalf("%+v", b.Rounds)
	}
	if a := b.Answers[first.Rider]; a.Offered != 1 || a.Refused != 1 || a.Taken != 0 {
		t.Errorf("%+v", a)
	}
}

// Who has had fewer drops for the time on shift is asked first.
func TestChancesAreSharedOut(t *testing.T) {
	d := open(t, 2)
	var last routing.RiderID
	for i := range 4 {
		d.add(d.parcel(fmt.Sprintf("P-%d", i), .006, 6*time.Minute+d.clock().Sub(noon)))
		d.plan()
		b := d.board()
		if len(b.Rounds) != 1 || b.Rounds[0].Rider == last {
			t.Fatalf("turn %d: %d rounds, again rider %d", i, len(b.Rounds), last)
		}
		last = b.Rounds[0].Rider
		me := d.riders[0]
		if d.riderIDs[1] == last {
			me = d.riders[1]
		}
		r := b.Rounds[0]
		d.ok(d.ops.Accept(me, op(), r.ID))
		d.ok(d.ops.Start(me, op(), r.ID, nil))
		d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: r.Stops[0].Parcel, Photo: []byte("jpeg"), Mime: "image/jpeg"}))
		d.ok(d.ops.Finish(me, op(), r.ID))
		d.after(2 * time.Minute)
	}
}

// Cold goods ride in cold boxes alone, and not beyond their time.
func TestColdGoods(t *testing.T) {
	d := open(t, 2)
	if _, err := d.pool.Exec(t.Context(), `update routing.rider set cold_box = false where id = $1`, d.riderIDs[0]); err != nil {
		t.Fatal(err)
	}
	p := d.parcel("P-1", .006, 6*time.Minute)
	p.Cold, p.MaxRide = true, 10*time.Minute
	d.add(p)
	d.plan()
	r := d.board().Rounds[0]
	if r.Rider != d.riderIDs[1] {
		t.Fatalf("rider %d has no cold box", r.Rider)
	}
	price, err := d.ops.PriceMove(d.lead, r.Stops[0].Parcel, d.riderIDs[0])
	if err != nil || price.Why != "cold" {
		t.Errorf("%+v, %v", price, err)
	}
	me := d.riders[1]
	d.ok(d.ops.Accept(me, op(), r.ID))
	d.ok(d.ops.Start(me, op(), r.ID, nil))
	d.after(11 * time.Minute)
	photo := routingops.Visited{Parcel: r.Stops[0].Parcel, Photo: []byte("jpeg"), Mime: "image/jpeg"}
	if err := d.ops.Drop(me, op(), r.ID, photo); !errors.Is(err, routing.ErrTooWarm) {
		t.Errorf("warm milk at the door: %v", err)
	}
	d.ok(d.ops.FailDrop(me, op(), r.ID, routingops.Visited{Parcel: r.Stops[0].Parcel, Reason: routing.TooWarm}))
}

// A rider's particulars are changed by a dispatcher; an account is one rider's.
func TestRidersParticulars(t *testing.T) {
	d := open(t, 2)
	r, err := d.ops.Rider(d.lead, d.riderIDs[0])
	d.ok(err)
	r.Name, r.Parcels, r.Kind = "赵鹏", 3, routing.Crowd
	if _, err := d.ops.SaveRider(d.lead, r); err != nil {
		t.Fatal(err)
	}
	if got, err := d.ops.Rider(d.lead, r.ID); err != nil || got.Name != "赵鹏" || got.Parcels != 3 || got.Kind != routing.Crowd || !got.OnShift(d.clock()) {
		t.Errorf("%+v, %v", got, err)
	}
	other, err := d.ops.Rider(d.lead, d.riderIDs[1])
	d.ok(err)
	for want, change := range map[error]func(*routing.Rider){routingops.ErrAccount: func(r *routing.Rider) { r.Account = other.Account }, routingops.ErrRules: func(r *routing.Rider) { r.Name = "" },
		routingops.ErrUnknown: func(r *routing.Rider) { r.ID, r.Account = 99, 0 }} {
		x := r
		change(&x)
		if _, err := d.ops.SaveRider(d.lead, x); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
	d.add(d.parcel("P-1", .006, 6*time.Minute))
	d.plan()
	busy, err := d.ops.Rider(d.lead, d.board().Rounds[0].Rider)
	d.ok(err)
	busy.Active = false
	if _, err := d.ops.SaveRider(d.lead, busy); !errors.Is(err, routing.ErrState) {
		t.Errorf("took a rider off with a round: %v", err)
	}
}

// Slow hours make rides longer: what is promised at the edge leaves earlier.
func TestRushHourIsSlow(t *testing.T) {
	d := open(t, 1)
	d.add(d.parcel("P-1", .018, 40*time.Minute))
	price := func() time.Duration {
		p, err := d.ops.PriceMove(d.lead, 1, d.riderIDs[0])
		d.ok(err)
		return p.ETA.Sub(d.clock())
	}
	free := price()
	rules := routingops.DefaultRules
	rules.Hourly = make([]int, 24)
	for h := range rules.Hourly {
		rules.Hourly[h] = 50
	}
	d.ok(d.ops.SetRules(d.lead, d.site, rules))
	if slow := price(); slow < free*3/2 {
		t.Errorf("%v at half the speed, %v on a free road", slow, free)
	}
	rules.Hourly = rules.Hourly[:5]
	if err := d.ops.SetRules(d.lead, d.site, rules); !errors.Is(err, routingops.ErrRules) {
		t.Error(err)
	}
}

// roads answers with ways ten times as long as the straight line, until it is in trouble.
type roads struct {
	asked   int
	trouble time.Time
}

func (r *roads) Ways(_ context.Context, _ string, points []solver.Point) (solver.Profile, error) {
	r.asked++
	return solver.Straight(points, 13, 20, 0), nil
}

func (r *roads) Trouble() (time.Time, string) { return r.trouble, "" }

// With a road network rides are as long as its ways; without its answer they are by the rules, and the board says so.
func TestRoadsOfANetwork(t *testing.T) {
	d := open(t, 1)
	d.add(d.parcel("P-1", .006, 40*time.Minute))
	straight, err := d.ops.PriceMove(d.lead, 1, d.riderIDs[0])
	d.ok(err)
	network := &roads{}
	d.ops.Roads = network
	long, err := d.ops.PriceMove(d.lead, 1, d.riderIDs[0])
	d.ok(err)
	if network.asked == 0 || long.ETA.Sub(d.clock()) < 4*straight.ETA.Sub(d.clock()) {
		t.Errorf("%v by the network, %v straight", long.ETA.Sub(d.clock()), straight.ETA.Sub(d.clock()))
	}
	network.trouble = d.clock()
	if again, err := d.ops.PriceMove(d.lead, 1, d.riderIDs[0]); err != nil || again.ETA != straight.ETA || d.board().NoRoads.IsZero() {
		t.Errorf("%v, %v", again.ETA, err)
	}
}
