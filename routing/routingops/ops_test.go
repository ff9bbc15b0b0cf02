package routingops_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingops"
)

type sites struct{}

func (sites) Sites(ctx context.Context, q pgdb.Querier) ([]catalog.Site, error) {
	return catalogdb.Sites(ctx, q)
}

type depot struct {
	t        *testing.T
	pool     *pgxpool.Pool
	ops      *routingops.Ops
	site     catalog.SiteID
	station  catalog.SiteID
	mu       sync.Mutex
	now      time.Time
	lead     context.Context
	api      context.Context
	riders   []context.Context
	riderIDs []routing.RiderID
}

var noon = time.Date(2026, time.November, 23, 4, 0, 0, 0, time.UTC)

func (d *depot) clock() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.now }
func (d *depot) after(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func open(t *testing.T, riders int) *depot {
	t.Helper()
	d := &depot{t: t, pool: dbtest.Pool(t), now: noon}
	ask := func(to any, sql string, args ...any) {
		t.Helper()
		if err := d.pool.QueryRow(t.Context(), sql, args...).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	ask(&d.site, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('F1', '前置仓', 'front', 31.19, 121.43) returning id`)
	ask(&d.station, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('S1', '驿站', 'station', 31.20, 121.44) returning id`)
	bus := events.NewBus()
	d.ops = routingops.New(routingops.Deps{Pool: d.pool, Bus: bus, Clock: d.clock, Log: slog.New(slog.DiscardHandler), Zone: time.FixedZone("CST", 8*3600), Sites: sites{}})
	workers := river.NewWorkers()
	d.ops.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	as := func(role access.Role, id int64) context.Context {
		return access.WithUser(t.Context(), access.User{ID: access.ID(id), Name: string(role), Role: role})
	}
	d.lead, d.api = as(access.Lead, 0), as(access.Integrator, 0)
	for i := range riders {
		var account int64
		ask(&account, `insert into access.account (login, name, role, password_hash) values ($1, $1, 'courier', '') returning id`, "rider"+string(rune('a'+i)))
		id, err := d.ops.AddRider(d.lead, routing.Rider{Account: account, Name: "骑手", Site: d.site, Kind: routing.FullTime, Parcels: 4, Grams: 20_000, PerHour: 3000, PerKm: 60,
			Active: true, ColdBox: true, OnFrom: noon.Add(-time.Hour), OnUntil: noon.Add(6 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		d.riders, d.riderIDs = append(d.riders, as(access.Courier, account)), append(d.riderIDs, id)
	}
	return d
}

func (d *depot) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *depot) parcel(number string, north float64, due time.Duration) routing.Parcel {
	return routing.Parcel{Number: number, Site: d.site, Door: routing.Place{Lat: 31.19 + north, Lon: 121.43}, Address: "天钥桥路", Ready: noon.Add(-5 * time.Minute), Due: noon.Add(due), Grams: 900}
}

func (d *depot) add(list ...routing.Parcel) {
	d.t.Helper()
	added, err := d.ops.AddParcels(d.api, list)
	if err != nil || len(added) != len(list) {
		d.t.Fatalf("added %v: %v", added, err)
	}
}

func (d *depot) plan() {
	d.t.Helper()
	d.ok(d.ops.Plan(access.WithUser(d.t.Context(), access.TheSystem()), d.site))
}

func (d *depot) board() routingops.Board {
	d.t.Helper()
	b, err := d.ops.Board(d.lead, d.site)
	d.ok(err)
	return b
}

func op() routingops.Command { return routingops.Command{Op: uuid.New()} }

func (d *depot) code(number string) (code string) {
	d.t.Helper()
	d.ok(d.pool.QueryRow(d.t.Context(), `select code from routing.parcel where number = $1`, number).Scan(&code))
	return code
}

func TestARoundFromThePoolToTheDoor(t *testing.T) {
	d := open(t, 1)
	station := d.parcel("P-3", .004, 12*time.Minute)
	station.Station = d.station
	d.add(d.parcel("P-1", .006, 12*time.Minute), d.parcel("P-2", .008, 12*time.Minute), station)
	if added, err := d.ops.AddParcels(d.api, []routing.Parcel{d.parcel("P-1", .01, time.Hour)}); err != nil || len(added) != 0 {
		t.Fatalf("the same parcel again: %v, %v", added, err)
	}
	d.plan()
	b := d.board()
	if len(b.Rounds) != 1 || len(b.Rounds[0].Stops) != 3 || len(b.Waiting) != 0 {
		t.Fatalf("%d rounds, %d waiting", len(b.Rounds), len(b.Waiting))
	}
	r, me := b.Rounds[0], d.riders[0]
	accept := op()
	d.ok(d.ops.Accept(me, accept, r.ID))
	d.ok(d.ops.Accept(me, accept, r.ID)) // sent twice, done once
	d.ok(d.ops.Start(me, op(), r.ID, nil))
	day, err := d.ops.MyDay(me)
	d.ok(err)
	if len(day.Rounds) != 1 || day.Rounds[0].State != routing.RoundStarted || day.Parcels[r.Stops[0].Parcel].Code != "" {
		t.Fatalf("the rider's day: %+v", day)
	}
	d.after(8 * time.Minute)
	byNumber := map[string]routing.ParcelID{}
	for id, p := range day.Parcels {
		byNumber[p.Number] = id
	}
	if err := d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: byNumber["P-1"], Code: "x"}); !errors.Is(err, routing.ErrCode) {
		t.Errorf("a wrong code: %v", err)
	}
	drop := op()
	drop.At = routing.Place{Lat: 31.196, Lon: 121.43}
	d.ok(d.ops.Drop(me, drop, r.ID, routingops.Visited{Parcel: byNumber["P-1"], Code: d.code("P-1")}))
	d.ok(d.ops.UndoDrop(me, op(), r.ID, byNumber["P-1"]))
	d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: byNumber["P-1"], Code: d.code("P-1")}))
	d.after(routingops.UndoWindow)
	if err := d.ops.UndoDrop(me, op(), r.ID, byNumber["P-1"]); !errors.Is(err, routing.ErrState) {
		t.Errorf("undone after it was published: %v", err)
	}
	d.ok(d.ops.FailDrop(me, op(), r.ID, routingops.Visited{Parcel: byNumber["P-2"], Reason: routing.NobodyHome}))
	d.ok(d.ops.Drop(me, op(), r.ID, routingops.Visited{Parcel: byNumber["P-3"], Photo: []byte("jpeg"), Mime: "image/jpeg"}))
	d.ok(d.ops.Finish(me, op(), r.ID))
	b = d.board()
	if len(b.Rounds) != 0 || len(b.Waiting) != 1 || b.Waiting[0] != byNumber["P-2"] || b.Figures.Drops != 2 || b.Figures.Failed != 1 {
		t.Errorf("after the round: %d rounds, waiting %v, %+v", len(b.Rounds), b.Waiting, b.Figures)
	}
	keeper := access.WithUser(t.Context(), access.User{Name: "驿站", Role: access.Warehouse})
	if err := d.ops.Collect(keeper, "P-3", "wrong"); !errors.Is(err, routing.ErrCode) {
		t.Errorf("collected with a wrong code: %v", err)
	}
	d.ok(d.ops.Collect(keeper, "P-3", d.code("P-3")))
	_, track, err := d.ops.Where(d.api, "P-1")
	d.ok(err)
	if track.Parcel.State != routing.ParcelDelivered || track.Code != "" || track.Parcel.Address != "" {
		t.Errorf("the shopper sees %+v", track)
	}
}

func TestFaultyParcelsAreRefusedTogether(t *testing.T) {
	d := open(t, 0)
	far, late := d.parcel("P-2", 3, time.Hour), d.parcel("P-3", .01, -time.Hour)
	_, err := d.ops.AddParcels(d.api, []routing.Parcel{d.parcel("P-1", .01, time.Hour), far, late, d.parcel(" ", .01, time.Hour)})
	var bad *routingops.ParcelsError
	if !errors.As(err, &bad) || len(bad.Problems) != 3 || bad.Problems[0].Row != 2 || bad.Problems[0].Field != "place" {
		t.Fatalf("%v", err)
	}
	if b := d.board(); len(b.Waiting) != 0 {
		t.Errorf("%d of them were stored", len(b.Waiting))
	}
}

// Offers that nobody answers go back into the pool; who lets several run out is off shift.
func TestOffersRunOut(t *testing.T) {
	d := open(t, 1)
	d.add(d.parcel("P-1", .006, 6*time.Minute))
	system := access.WithUser(t.Context(), access.TheSystem())
	for i := range 3 {
		d.plan()
		if b := d.board(); len(b.Rounds) != 1 {
			t.Fatalf("round %d: %d offered", i, len(b.Rounds))
		}
		d.after(2 * time.Minute)
		d.ok(d.ops.Sweep(system))
	}
	b := d.board()
	if len(b.Rounds) != 0 || len(b.Waiting) != 1 || b.Riders[0].OnShift(d.clock()) {
		t.Errorf("%d rounds, %d waiting, on shift %v", len(b.Rounds), len(b.Waiting), b.Riders[0].OnShift(d.clock()))
	}
}

// A dispatcher sees the price before giving a parcel to another rider, and the move does what was said.
func TestMoveAtItsPrice(t *testing.T) {
	d := open(t, 2)
	d.add(d.parcel("P-1", .006, 6*time.Minute), d.parcel("P-2", .0065, 6*time.Minute), d.parcel("P-3", -.006, 6*time.Minute))
	d.plan()
	b := d.board()
	if len(b.Rounds) != 2 {
		t.Fatalf("%d rounds", len(b.Rounds))
	}
	from := b.Rounds[0]
	if len(from.Stops) != 2 {
		from = b.Rounds[1]
	}
	var to routing.RiderID
	for _, id := range d.riderIDs {
		if id != from.Rider {
			to = id
		}
	}
	parcel := from.Stops[1].Parcel
	price, err := d.ops.PriceMove(d.lead, parcel, to)
	d.ok(err)
	if price.Why != "" || price.Cost <= 0 || price.ETA.IsZero() {
		t.Fatalf("price %+v", price)
	}
	if _, err := d.ops.Move(d.riders[0], parcel, to); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a rider moved a parcel: %v", err)
	}
	moved, err := d.ops.Move(d.lead, parcel, to)
	d.ok(err)
	if moved.Cost != price.Cost {
		t.Errorf("moved at %d, priced at %d", moved.Cost, price.Cost)
	}
	for _, r := range d.board().Rounds {
		want := 1
		if r.Rider == to {
			want = 2
		}
		if len(r.Stops) != want {
			t.Errorf("rider %d has %d stops", r.Rider, len(r.Stops))
		}
	}
	d.ok(d.ops.Withdraw(d.lead, from.ID, strings.Repeat("x", 5)))
	if b := d.board(); len(b.Waiting) != 1 || len(b.Rounds) != 1 {
		t.Errorf("after withdrawing: %d rounds, %d waiting", len(b.Rounds), len(b.Waiting))
	}
}

// Two plans of one pool at the same time give no parcel twice and no rider two rounds.
func TestTwoPlansAtOnce(t *testing.T) {
	d := open(t, 3)
	for i := range 9 {
		d.add(d.parcel("P-"+string(rune('1'+i)), .002*float64(i-4), 9*time.Minute))
	}
	system := access.WithUser(t.Context(), access.TheSystem())
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := d.ops.Plan(system, d.site); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	seen, busy := map[routing.ParcelID]bool{}, map[routing.RiderID]bool{}
	for _, r := range d.board().Rounds {
		if busy[r.Rider] {
			t.Errorf("rider %d has two rounds", r.Rider)
		}
		busy[r.Rider] = true
		for _, s := range r.Stops {
			if seen[s.Parcel] {
				t.Errorf("parcel %d is on two rounds", s.Parcel)
			}
			seen[s.Parcel] = true
		}
	}
	if len(seen) == 0 {
		t.Error("nothing was planned")
	}
	var loose int
	d.ok(d.pool.QueryRow(t.Context(), `select count(*) from routing.parcel where (state = 'offered') <> (round_id is not null)`).Scan(&loose))
	if loose != 0 {
		t.Errorf("%d parcels are offered without a round", loose)
	}
}
