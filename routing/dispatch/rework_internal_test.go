package dispatch

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/routing/solver"
)

var home = Site{Door: solver.Point{Lat: 31.19, Lon: 121.43}, Detour: 1.3, Kmh: 20, Lost: 30, Load: 60}

func door(north, east float64) solver.Point {
	return solver.Point{Lat: home.Door.Lat + north, Lon: home.Door.Lon + east}
}

func quick() Rules {
	r := DefaultRules
	r.Budget, r.Iterations, r.Seed = 0, 300, 1
	return r
}

const noon = 12 * 3600

func biker(id int64) Rider {
	return Rider{ID: id, Free: noon, Until: noon + 4*3600, Parcels: 6, Grams: 30_000, ColdBox: true, PerHour: 3000, PerKm: 60}
}

// tours draws rounds on their way: what is done, what comes, and doors that may be tried again.
func drawTours(t *rapid.T) (tours []Tour, fetch []Parcel) {
	id := int64(0)
	parcel := func(label string) Parcel {
		id++
		return Parcel{ID: id, Door: door(rapid.Float64Range(-.02, .02).Draw(t, label+" north"), rapid.Float64Range(-.02, .02).Draw(t, label+" east")),
			Ready: noon - 1800, Due: noon + rapid.Int64Range(-600, 2400).Draw(t, label+" due"), Service: 100, Grams: 900}
	}
	for r := range rapid.IntRange(1, 4).Draw(t, "tours") {
		tour := Tour{Round: int64(r + 1), Rider: biker(int64(r + 1)), Left: noon - 1500}
		at := tour.Left
		for range rapid.IntRange(0, 3).Draw(t, "done") {
			at += rapid.Int64Range(1, 400).Draw(t, "after")
			p := parcel("done")
			tour.Done = append(tour.Done, Past{Parcel: p, Begin: at, End: at})
			if rapid.IntRange(0, 3).Draw(t, "again") == 0 {
				p.Again, p.Ready, p.Due = true, at+900, at+4*3600
				tour.Again = append(tour.Again, p)
			}
		}
		for range rapid.IntRange(0, 6).Draw(t, "next") {
			tour.Next = append(tour.Next, parcel("next"))
		}
		tours = append(tours, tour)
	}
	for range rapid.IntRange(0, 3).Draw(t, "fetch") {
		p := parcel("fetch")
		p.Pickup, p.Ready, p.Due = true, noon-600, noon+3600
		fetch = append(fetch, p)
	}
	return tours, fetch
}

// A round on its way keeps what is done, its next stop and its bag; only goods at doors join it, each on one round; the verifier holds
// the way as it goes on.
func TestToursGoOnFromWhereTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tours, fetch := drawTours(t)
		rules := quick()
		out, err := rules.Rework(t.Context(), home, noon, tours, fetch)
		if err != nil {
			t.Fatal(err)
		}
		w := newReworking(rules, home, noon, tours, fetch)
		rounds, fetched := map[int][]solver.Visit{}, map[int64]bool{}
		for v, x := range out {
			tour := tours[v]
			if len(tour.Next) > 0 && (len(x.Order) == 0 || x.Order[0].ID != tour.Next[0].ID) {
				t.Fatalf("tour %d: the next stop was promised", v)
			}
			for _, p := range tour.Next {
				if !slices.Contains(ids(x.Order), p.ID) {
					t.Fatalf("tour %d: %d is in the bag", v, p.ID)
				}
			}
			for _, p := range x.Order {
				mine := slices.Contains(ids(tour.Next), p.ID) || slices.Contains(ids(tour.Again), p.ID)
				if !mine && (!p.Pickup || fetched[p.ID]) {
					t.Fatalf("tour %d: %d cannot join", v, p.ID)
				}
				fetched[p.ID] = p.Pickup
			}
			for k, d := range x.Drops {
				if d.Parcel != x.Order[k].ID || d.At < noon || k > 0 && d.At < x.Drops[k-1].At || (x.Order[k].Again || x.Order[k].Pickup) && d.At < x.Order[k].Ready {
					t.Fatalf("tour %d: %+v", v, x.Drops)
				}
			}
			if x.Changed == slices.Equal(ids(x.Order), ids(tour.Next)) || x.Changed && len(x.Joined)+len(x.Again) == 0 && x.Saved < rules.Worth {
				t.Fatalf("tour %d: changed %v, saves %d", v, x.Changed, x.Saved)
			}
			rounds[v] = w.visits(v, tour, x.Order)
		}
		plan, err := w.problem.Timetable(rounds)
		if err != nil {
			t.Fatal(err)
		}
		if broken := solver.Verify(w.problem, plan); len(broken) > 0 {
			t.Fatalf("%v", broken)
		}
	})
}

// visits are a tour's visits in the reworking's problem, with the order to come.
func (w *reworking) visits(v int, t Tour, order []Parcel) (out []solver.Visit) {
	out = append(out, w.problem.Running[v].Visits[:len(t.Done)]...)
	done := map[int]bool{}
	for _, r := range w.problem.Running {
		for _, x := range r.Visits[:len(r.Done)] {
			done[x.Job] = true
		}
	}
	for _, p := range order {
		for j, q := range w.jobs {
			if q.ID == p.ID && !done[j] {
				out = append(out, visit(p, j))
			}
		}
	}
	return out
}

// In the morning's order the rider goes to and fro; after the promised next stop it is put right.
func TestAToursOrderIsMended(t *testing.T) {
	stop := func(id int64, north float64) Parcel {
		return Parcel{ID: id, Door: door(north, 0), Due: noon + 2*3600, Service: 60, Grams: 500}
	}
	tour := Tour{Round: 7, Rider: biker(1), Left: noon - 60, Next: []Parcel{stop(1, .002), stop(2, .02), stop(3, .004), stop(4, .018)}}
	out, err := quick().Rework(t.Context(), home, noon, []Tour{tour}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := out[0]
	if !x.Changed || x.Order[0].ID != 1 || x.Saved < 100 || x.Drops[0].At < noon {
		t.Fatalf("%+v", x)
	}
	if got := ids(x.Order); !slices.Equal(got, []int64{1, 3, 4, 2}) && !slices.Equal(got, []int64{1, 3, 2, 4}) && !slices.Equal(got, []int64{1, 4, 2, 3}) && !slices.Equal(got, []int64{1, 2, 4, 3}) {
		t.Errorf("rides %v", got)
	}
	// Two metres are not worth telling a rider of.
	tour.Next = []Parcel{stop(1, .002), stop(2, .00402), stop(3, .00400)}
	if out, err = quick().Rework(t.Context(), home, noon, []Tour{tour}, nil); err != nil || out[0].Changed || !slices.Equal(ids(out[0].Order), []int64{1, 2, 3}) {
		t.Errorf("%+v, %v", out, err)
	}
}

// What is fetched joins the round that passes by; what is far off every way waits for a trip of its own. Nobody at home is tried again at
// the end of the round, if that is not dearer than a place is worth.
func TestFetchedAndTriedAgainOnTheWay(t *testing.T) {
	near := Parcel{ID: 10, Door: door(.011, .0002), Pickup: true, Ready: noon - 600, Due: noon + 3600, Service: 60, Grams: 500}
	far := Parcel{ID: 11, Door: door(-.03, 0), Pickup: true, Ready: noon - 600, Due: noon + 3600, Service: 60, Grams: 500}
	tour := Tour{Round: 7, Rider: biker(1), Left: noon - 900, Done: []Past{{Parcel{ID: 1, Door: door(.004, 0)}, noon - 500, noon - 500}},
		Next:  []Parcel{{ID: 2, Door: door(.01, 0), Due: noon + 3600, Service: 60}, {ID: 3, Door: door(.012, 0), Due: noon + 3600, Service: 60}},
		Again: []Parcel{{ID: 1, Door: door(.004, 0), Again: true, Ready: noon + 400, Due: noon + 4*3600, Service: 60}}}
	rules := quick()
	rules.Prize = 800
	out, err := rules.Rework(t.Context(), home, noon, []Tour{tour}, []Parcel{near, far})
	if err != nil {
		t.Fatal(err)
	}
	x := out[0]
	if !x.Changed || !slices.Equal(x.Joined, []int64{10}) || !slices.Equal(x.Again, []int64{1}) || x.Order[0].ID != 2 || len(x.Order) != 4 {
		t.Fatalf("%+v", x)
	}
}

// A parcel that is ready joins a round that its rider has taken on and not loaded; one that is still being packed does not delay it.
func TestHeldRoundsTakeMore(t *testing.T) {
	p := func(id int64, north float64, ready int64) Parcel {
		return Parcel{ID: id, Door: door(north, 0), Ready: ready, Due: noon + 1100, Service: 60, Grams: 500}
	}
	held := Held{Round: 5, Rider: 1, Leaves: noon + 60, Parcels: []Parcel{p(1, .010, noon-60)}}
	plan, err := quick().Plan(t.Context(), home, Pool{Now: noon, Open: []Parcel{p(2, .008, noon-30), p(3, .009, noon+240)}, Riders: []Rider{biker(1)}, Held: []Held{held}})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Changed) != 1 || plan.Changed[0].Round != 5 || len(plan.Changed[0].Trip.Parcels) != 2 || plan.Changed[0].Trip.Leaves > noon+120 {
		t.Fatalf("%+v", plan)
	}
	for _, d := range plan.Changed[0].Trip.Parcels {
		if d.Parcel == 3 {
			t.Error("what is not packed delays the round")
		}
	}
}

// A parcel changes from one held round to the other where that is worth it, and never away from those who have taken a round on.
func TestHeldRoundsExchange(t *testing.T) {
	p := func(id int64, north float64) Parcel {
		return Parcel{ID: id, Door: door(north, 0), Ready: noon - 60, Due: noon + 3600, Service: 60, Grams: 500}
	}
	pool := Pool{Now: noon, Riders: []Rider{biker(1), biker(2), biker(3)}, Held: []Held{
		{Round: 5, Rider: 1, Leaves: noon + 60, Parcels: []Parcel{p(1, .02), p(2, -.02)}}, {Round: 6, Rider: 2, Leaves: noon + 60, Parcels: []Parcel{p(3, -.021)}}}}
	plan, err := quick().Plan(t.Context(), home, pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Changed) != 2 || len(plan.Leave)+len(plan.Wait)+len(plan.Next) != 0 {
		t.Fatalf("%+v", plan)
	}
	// Held rounds of one rider alone cannot be bettered: nothing is told.
	pool.Held = pool.Held[1:]
	if plan, err = quick().Plan(t.Context(), home, pool); err != nil || len(plan.Changed) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}

// The next trip of a rider on the road is promised shortly before the return, if nobody else can take it.
func TestTheNextTripOfARider(t *testing.T) {
	on := biker(1)
	on.Free = noon + 200
	x := Parcel{ID: 1, Door: door(.01, 0), Ready: noon - 60, Due: noon + 700, Service: 60, Grams: 500}
	plan, err := quick().Plan(t.Context(), home, Pool{Now: noon, Open: []Parcel{x}, Riders: []Rider{on}})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Next) != 1 || plan.Next[0].Leaves != noon+200+home.Load || len(plan.Leave) != 0 {
		t.Fatalf("%+v", plan)
	}
	on.Free = noon + 2000
	if plan, err = quick().Plan(t.Context(), home, Pool{Now: noon, Open: []Parcel{x}, Riders: []Rider{on}}); err != nil || len(plan.Next) != 0 || len(plan.Wait) != 1 {
		t.Errorf("%+v, %v", plan, err)
	}
}
