package routingops_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/routing"
	"milkrun/routing/routingops"
)

func (d *depot) ids() map[string]routing.ParcelID {
	d.t.Helper()
	rows, err := d.pool.Query(d.t.Context(), `select number, id from routing.parcel`)
	d.ok(err)
	out := map[string]routing.ParcelID{}
	for rows.Next() {
		var number string
		var id routing.ParcelID
		d.ok(rows.Scan(&number, &id))
		out[number] = id
	}
	d.ok(rows.Err())
	return out
}

func (d *depot) state(number string) (state string) {
	d.t.Helper()
	d.ok(d.pool.QueryRow(d.t.Context(), `select state from routing.parcel where number = $1`, number).Scan(&state))
	return state
}

func numbers(b routingops.Board, r routing.Round) (out []string) {
	for _, s := range r.Stops {
		out = append(out, b.Parcels[s.Parcel].Number)
	}
	return out
}

// taken plans the pool and lets the only rider take the round on.
func (d *depot) taken() routing.Round {
	d.t.Helper()
	d.plan()
	b := d.board()
	if len(b.Rounds) != 1 {
		d.t.Fatalf("%d rounds, %d wait", len(b.Rounds), len(b.Waiting))
	}
	d.ok(d.ops.Accept(d.riders[0], op(), b.Rounds[0].ID))
	return b.Rounds[0]
}

// quiet lets the site plan the same for the same pool.
func (d *depot) quiet() {
	d.t.Helper()
	rules := routingops.DefaultRules
	rules.Budget, rules.Iterations = 10*time.Second, 300
	d.ok(d.ops.SetRules(d.lead, d.site, rules))
}

// A parcel that is ready joins a round that is taken on and not loaded. The rider is told; what is loaded in the end is what leaves.
func TestAParcelJoinsARoundNotLoaded(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .010, 9*time.Minute))
	r := d.taken()
	d.add(d.parcel("P-2", .008, 13*time.Minute), d.parcel("P-3", .009, 14*time.Minute))
	d.plan()
	b := d.board()
	if len(b.Rounds) != 1 || len(b.Rounds[0].Stops) != 3 {
		t.Fatalf("%d rounds, %v", len(b.Rounds), numbers(b, b.Rounds[0]))
	}
	got := b.Rounds[0]
	if got.State != routing.RoundAccepted || !got.Unseen() || len(got.Changed.Added) != 2 || got.Version != 1 {
		t.Fatalf("%+v", got)
	}
	d.ok(d.ops.See(d.riders[0], op(), r.ID, got.Version))
	if got = d.board().Rounds[0]; got.Unseen() || len(got.Changed.Added) != 0 {
		t.Errorf("seen: %+v", got)
	}
	// P-3 cannot be found: the round leaves without it.
	id := d.ids()
	d.ok(d.ops.Start(d.riders[0], op(), r.ID, []routing.ParcelID{id["P-2"], id["P-1"]}))
	b = d.board()
	if got = b.Rounds[0]; got.State != routing.RoundStarted || !slices.Equal(numbers(b, got), []string{"P-2", "P-1"}) || d.state("P-3") != "waiting" || d.state("P-2") != "loaded" {
		t.Errorf("left with %v, P-3 is %s", numbers(b, got), d.state("P-3"))
	}
}

// The phone had no network: the parcels that the rider had loaded leave, wherever they were planned meanwhile; what another rider has
// loaded does not.
func TestWhatIsLoadedLeaves(t *testing.T) {
	d := open(t, 2)
	d.quiet()
	d.add(d.parcel("P-1", .010, 9*time.Minute), d.parcel("P-2", -.010, 9*time.Minute))
	d.plan()
	b := d.board()
	if len(b.Rounds) != 2 {
		t.Fatalf("%d rounds", len(b.Rounds))
	}
	id := d.ids()
	of := func(number string) (routing.Round, int) {
		b := d.board()
		for _, r := range b.Rounds {
			if slices.Contains(numbers(b, r), number) {
				return r, slices.Index(d.riderIDs, r.Rider)
			}
		}
		t.Fatalf("%s is on no round", number)
		return routing.Round{}, 0
	}
	one, a := of("P-1")
	two, c := of("P-2")
	d.ok(d.ops.Accept(d.riders[a], op(), one.ID))
	d.ok(d.ops.Accept(d.riders[c], op(), two.ID))
	d.ok(d.ops.Start(d.riders[a], op(), one.ID, []routing.ParcelID{id["P-1"], id["P-2"]}))
	b = d.board()
	if len(b.Rounds) != 1 || len(b.Rounds[0].Stops) != 2 || d.state("P-2") != "loaded" {
		t.Fatalf("%d rounds, P-2 is %s", len(b.Rounds), d.state("P-2"))
	}
	d.add(d.parcel("P-4", -.010, 9*time.Minute))
	d.plan()
	b = d.board()
	i := slices.IndexFunc(b.Rounds, func(r routing.Round) bool { return r.ID != one.ID })
	if i < 0 {
		t.Fatal("nobody brings P-4")
	}
	last := b.Rounds[i]
	k := slices.Index(d.riderIDs, last.Rider)
	d.ok(d.ops.Accept(d.riders[k], op(), last.ID))
	if err := d.ops.Start(d.riders[k], op(), last.ID, []routing.ParcelID{id["P-2"]}); !errors.Is(err, routing.ErrNotOnRound) {
		t.Errorf("loaded what is in another bag: %v", err)
	}
}

// On the way: the stops behind the next one change places, a door where nobody was is tried again, goods at a door are fetched, and
// nothing from the warehouse joins. The rider is told each time.
func TestARoundOnItsWayIsPlannedAnew(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .002, 15*time.Minute), d.parcel("P-2", .014, 15*time.Minute), d.parcel("P-3", .006, 15*time.Minute), d.parcel("P-4", .013, 15*time.Minute))
	r := d.taken()
	id, me := d.ids(), d.riders[0]
	// The rider has sorted the bag badly.
	d.ok(d.ops.Start(me, op(), r.ID, []routing.ParcelID{id["P-1"], id["P-2"], id["P-3"], id["P-4"]}))
	d.add(d.parcel("P-5", .005, 90*time.Minute))
	d.after(time.Minute)
	d.plan()
	b := d.board()
	got := b.Rounds[0]
	order := numbers(b, got)
	if len(order) != 4 || order[0] != "P-1" || slices.Equal(order, []string{"P-1", "P-2", "P-3", "P-4"}) || !got.Unseen() || !got.Changed.Order || slices.Contains(order, "P-5") {
		t.Fatalf("rides %v: %+v", order, got.Changed)
	}
	version := got.Version
	d.plan()
	if again := d.board().Rounds[0]; again.Version != version {
		t.Errorf("changed again without a reason: %+v", again.Changed)
	}
	d.ok(d.ops.See(me, op(), r.ID, version))
	d.after(3 * time.Minute)
	d.ok(d.ops.FailDrop(me, op(), r.ID, routingops.Visited{Parcel: id["P-1"], Reason: routing.NobodyHome}))
	fetch := d.parcel("R-1", .012, 2*time.Hour)
	fetch.Pickup = true
	far := d.parcel("R-2", -.04, 2*time.Hour)
	far.Pickup = true
	d.add(fetch, far)
	d.plan()
	b = d.board()
	got = b.Rounds[0]
	order = numbers(b, got)
	id = d.ids()
	if !slices.Contains(order, "R-1") || slices.Contains(order, "R-2") || !slices.Equal(got.Changed.Added, []routing.ParcelID{id["R-1"]}) || d.state("R-1") != "loaded" {
		t.Fatalf("rides %v: %+v", order, got.Changed)
	}
	if d.state("P-1") != "loaded" || got.Stops[len(got.Stops)-1].Outcome != "" || !slices.Contains(got.Changed.Again, id["P-1"]) {
		t.Fatalf("P-1 is %s: %+v", d.state("P-1"), got)
	}
	visit := func(number string) {
		d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: id[number], Photo: []byte("x"), Mime: "image/jpeg"}))
	}
	for _, n := range order {
		if n != "P-1" {
			visit(n)
		}
	}
	// Still nobody there: the second failure sends it back, it is not tried a third time. What stayed at the warehouse is promised for
	// the next round.
	d.ok(d.ops.FailDrop(me, op(), r.ID, routingops.Visited{Parcel: id["P-1"], Reason: routing.NobodyHome}))
	d.plan()
	d.ok(d.ops.Finish(me, op(), r.ID))
	for number, want := range map[string]string{"P-1": "returned", "P-2": "delivered", "R-1": "returned", "R-2": "offered", "P-5": "offered"} {
		if got := d.state(number); got != want {
			t.Errorf("%s is %s, want %s", number, got, want)
		}
	}
}

// Who cannot fetch something on the way says so: it waits for somebody else.
func TestWhatARiderCannotFetch(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .010, 15*time.Minute), d.parcel("P-2", .012, 15*time.Minute))
	r := d.taken()
	d.ok(d.ops.Start(d.riders[0], op(), r.ID, nil))
	fetch := d.parcel("R-1", .011, 2*time.Hour)
	fetch.Pickup = true
	d.add(fetch)
	d.plan()
	if d.state("R-1") != "loaded" {
		t.Fatalf("R-1 is %s", d.state("R-1"))
	}
	id := d.ids()
	if err := d.ops.Decline(d.riders[0], op(), r.ID, id["P-2"]); !errors.Is(err, routing.ErrState) {
		t.Errorf("declined a delivery: %v", err)
	}
	d.ok(d.ops.Decline(d.riders[0], op(), r.ID, id["R-1"]))
	d.plan()
	b := d.board()
	if d.state("R-1") != "waiting" || len(b.Rounds[0].Stops) != 2 {
		t.Errorf("R-1 is %s, %d stops", d.state("R-1"), len(b.Rounds[0].Stops))
	}
}

// A rider on the road is promised the next round shortly before the return; a dispatcher gives a parcel for it too.
func TestTheNextRoundOfARiderOnTheRoad(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .004, 6*time.Minute))
	r := d.taken()
	d.ok(d.ops.Start(d.riders[0], op(), r.ID, nil))
	late := d.parcel("P-2", .004, 10*time.Minute)
	d.add(late)
	price, err := d.ops.PriceMove(d.lead, d.ids()["P-2"], d.riderIDs[0])
	d.ok(err)
	if price.Why != "" || !price.Next || price.ETA.Before(d.board().Rounds[0].Back) {
		t.Errorf("priced %+v", price)
	}
	d.after(4 * time.Minute)
	d.plan()
	b := d.board()
	if len(b.Rounds) != 2 {
		t.Fatalf("%d rounds, %d wait", len(b.Rounds), len(b.Waiting))
	}
	day, err := d.ops.MyDay(d.riders[0])
	d.ok(err)
	next := day.Rounds[1]
	if day.Rounds[0].ID != r.ID || next.State != routing.RoundOffered || next.Leaves.Before(day.Rounds[0].Back) {
		t.Fatalf("%+v", day.Rounds)
	}
	d.ok(d.ops.Accept(d.riders[0], op(), next.ID))
	if err := d.ops.Start(d.riders[0], op(), next.ID, nil); err == nil {
		t.Error("left twice at once")
	}
	d.ok(d.ops.Drop(d.riders[0], op(), r.ID, routingops.Visited{Parcel: d.ids()["P-1"], Code: d.code("P-1")}))
	d.ok(d.ops.Finish(d.riders[0], op(), r.ID))
	d.ok(d.ops.Start(d.riders[0], op(), next.ID, nil))
	if d.state("P-2") != "loaded" {
		t.Errorf("P-2 is %s", d.state("P-2"))
	}
	if _, err := d.ops.Board(access.WithUser(t.Context(), access.User{Role: access.Courier}), d.site); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("%v", err)
	}
}

// Behind a delivery the rider rides on from its door: what comes is expected within minutes.
func TestARiderIsAtTheDoorOfTheLastDelivery(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .004, 15*time.Minute), d.parcel("P-2", .008, 15*time.Minute), d.parcel("P-3", .012, 15*time.Minute))
	r := d.taken()
	id, me := d.ids(), d.riders[0]
	d.ok(d.ops.Start(me, op(), r.ID, []routing.ParcelID{id["P-1"], id["P-2"], id["P-3"]}))
	d.after(4 * time.Minute)
	d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: id["P-1"], Photo: []byte("x"), Mime: "image/jpeg"}))
	d.plan()
	b := d.board()
	if got := numbers(b, b.Rounds[0]); !slices.Equal(got, []string{"P-1", "P-2", "P-3"}) {
		t.Fatalf("rides %v", got)
	}
	for _, s := range b.Rounds[0].Stops[1:] {
		if wait := s.ETA.Sub(d.clock()); wait > 15*time.Minute {
			t.Errorf("parcel %d in %s", s.Parcel, wait)
		}
	}
	if b.Rounds[0].Metres > 6000 {
		t.Errorf("%d metres", b.Rounds[0].Metres)
	}
}

// A dispatcher gives a rider on the road something to fetch: it joins the round behind the stop that the rider is on the way to, at the
// price shown before; what lies at the warehouse would be for the next round.
func TestADispatcherLetsARiderOnTheRoadFetch(t *testing.T) {
	d := open(t, 1)
	d.quiet()
	d.add(d.parcel("P-1", .004, 15*time.Minute), d.parcel("P-2", .012, 15*time.Minute))
	r := d.taken()
	id, me := d.ids(), d.riders[0]
	d.ok(d.ops.Start(me, op(), r.ID, []routing.ParcelID{id["P-1"], id["P-2"]}))
	fetch := d.parcel("R-1", .008, 2*time.Hour)
	fetch.Pickup = true
	d.add(fetch, d.parcel("P-3", .008, 90*time.Minute))
	id = d.ids()
	price, err := d.ops.PriceMove(d.lead, id["R-1"], r.Rider)
	d.ok(err)
	if price.Why != "" || price.Next || price.ETA.IsZero() || price.Cost <= 0 {
		t.Errorf("to fetch: %+v", price)
	}
	if later, err := d.ops.PriceMove(d.lead, id["P-3"], r.Rider); err != nil || !later.Next || later.Cost <= price.Cost {
		t.Errorf("to bring: %+v, %v; to fetch %+v", later, err, price)
	}
	moved, err := d.ops.Move(d.lead, id["R-1"], r.Rider)
	d.ok(err)
	b := d.board()
	got := b.Rounds[0]
	if moved.Cost != price.Cost || len(b.Rounds) != 1 || !slices.Equal(numbers(b, got), []string{"P-1", "R-1", "P-2"}) || d.state("R-1") != "loaded" {
		t.Fatalf("%d rounds, rides %v, R-1 is %s: %+v", len(b.Rounds), numbers(b, got), d.state("R-1"), moved)
	}
	if !got.Unseen() || !slices.Equal(got.Changed.Added, []routing.ParcelID{id["R-1"]}) {
		t.Errorf("the rider is told %+v", got.Changed)
	}
	if _, err := d.ops.Move(d.lead, id["R-1"], r.Rider); err == nil {
		t.Error("what is on a round on its way was given away")
	}
}
