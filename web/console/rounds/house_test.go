package rounds_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/dbtest"
	"milkrun/internal/e2e"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web"
	"milkrun/web/console/rounds"
	"milkrun/web/courier"
	"milkrun/web/public"
	"milkrun/web/route"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}

// depot is a front warehouse with its board, riders with their phones, a station, and a regional warehouse with vans.
type depot struct {
	t             *testing.T
	pool          *pgxpool.Pool
	ops           *routingops.Ops
	address       string
	site, station catalog.SiteID
	home, front   catalog.SiteID // of vans
	lead, system  context.Context
	people        accounts
	loads         []routing.Load
}

type sites struct{}

func (sites) Sites(ctx context.Context, q pgdb.Querier) ([]catalog.Site, error) {
	return catalogdb.Sites(ctx, q)
}

// ToCarry stands for the warehouses: what they have to send to each other.
func (d *depot) ToCarry(_ context.Context, _ pgdb.Querier, from catalog.SiteID, _ []int64) (out []routing.Load, _ error) {
	for _, l := range d.loads {
		if l.From == from {
			out = append(out, l)
		}
	}
	return out, nil
}

type accounts map[access.ID]access.User

func (a accounts) User(_ context.Context, id access.ID) (access.User, error) {
	u, ok := a[id]
	if !ok {
		return u, access.ErrSignedOut
	}
	return u, nil
}

func (a accounts) UserByKey(context.Context, string) (access.User, error) {
	return access.User{}, access.ErrSignedOut
}

func (a accounts) Prefer(_ context.Context, u access.User) error { a[u.ID] = u; return nil }

func (a accounts) UserByLogin(_ context.Context, login string) (access.User, error) {
	for _, u := range a {
		if u.Login == login {
			return u, nil
		}
	}
	return access.User{}, access.ErrPassword
}

func open(t *testing.T, tiles rounds.Tiles) *depot {
	t.Helper()
	d := &depot{t: t, pool: dbtest.Pool(t), people: accounts{}}
	d.ask(&d.site, `insert into catalog.site (code, name_zh, name_en, city_zh, city_en, tier, lat, lon) values ('SH-XH', '徐汇前置仓', 'Xuhui', '上海', 'Shanghai', 'front', 31.19, 121.43) returning id`)
	d.ask(&d.front, `insert into catalog.site (code, name_zh, name_en, city_zh, city_en, tier, lat, lon) values ('SH-PD', '浦东前置仓', 'Pudong', '上海', 'Shanghai', 'front', 31.22, 121.54) returning id`)
	d.ask(&d.home, `insert into catalog.site (code, name_zh, name_en, city_zh, city_en, tier, lat, lon) values ('JX', '嘉兴仓', 'Jiaxing', '嘉兴', 'Jiaxing', 'regional', 30.75, 120.76) returning id`)
	d.ask(&d.station, `insert into catalog.site (code, name_zh, name_en, city_zh, city_en, tier, lat, lon) values ('ST-LC', '龙漕路驿站', 'Longcao Rd', '上海', 'Shanghai', 'station', 31.186, 121.437) returning id`)
	bus := events.NewBus()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d.ops = routingops.New(routingops.Deps{Pool: d.pool, Bus: bus, Clock: time.Now, Log: log, Zone: time.FixedZone("Asia/Shanghai", 8*3600), Sites: sites{}, Transfers: d})
	workers := river.NewWorkers()
	d.ops.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{Workers: workers})
	d.ok(err)
	bus.Bind(client)
	d.system = access.WithUser(t.Context(), access.TheSystem())
	lead := d.person("lead", "陈仓", access.Lead, "zh", "light")
	d.person("lead.en", "Lee", access.Lead, "en", "light")
	d.person("lead.dark", "陈夜", access.Lead, "zh", "dark")
	d.lead = access.WithUser(t.Context(), d.people[lead])
	rules := routingops.DefaultRules
	rules.Budget, rules.Iterations = 10*time.Second, 300
	d.ok(d.ops.SetRules(d.lead, d.site, rules))
	d.serve(log, tiles)
	return d
}

func (d *depot) serve(log *slog.Logger, tiles rounds.Tiles) {
	sessions := route.NewSessions(memstore.New(), false)
	enter := route.Screens{Routes: []route.Route{route.GET("/enter/{id}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
		id, _ := strconv.ParseInt(route.Param(r, "id"), 10, 64)
		if err := sessions.SignIn(r.Context(), access.ID(id)); err != nil {
			return err
		}
		return route.See(w, r, r.FormValue("to"))
	})}}
	cat := catalogops.New(catalogops.Deps{Pool: d.pool, Bus: events.NewBus(), Clock: time.Now, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	live := events.NewLive(d.pool, log)
	heard := make(chan struct{})
	go func() { live.Run(ctx); close(heard) }()
	server, err := web.New(web.Config{Log: log, Clock: time.Now, Sessions: sessions, Accounts: d.people, Live: live}, enter,
		rounds.Pages{Ops: d.ops, Catalog: cat, Accounts: d.people, Tiles: tiles}.Screens(), courier.Courier{Ops: d.ops, Clock: time.Now}.Screens(),
		public.Tracks{Ops: d.ops}.Screens())
	d.ok(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.ok(err)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l) }()
	d.t.Cleanup(func() { cancel(); <-done; <-heard })
	d.address = "http://" + l.Addr().String()
}

func (d *depot) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *depot) ask(to any, sql string, args ...any) {
	d.t.Helper()
	if err := d.pool.QueryRow(d.t.Context(), sql, args...).Scan(to); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

// until waits for the house to have done something.
func (d *depot) until(what, sql string, args ...any) {
	d.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var yes bool
		if d.ask(&yes, sql, args...); yes {
			return
		}
	}
	d.t.Fatalf("%s: never", what)
}

func (d *depot) person(login, name string, role access.Role, language, theme string) access.ID {
	d.t.Helper()
	var id int64
	d.ask(&id, `insert into access.account (login, name, role, password_hash) values ($1, $2, $3, '') returning id`, login, name, string(role))
	d.people[access.ID(id)] = access.User{ID: access.ID(id), Login: login, Name: name, Role: role, Language: language, Theme: theme}
	return access.ID(id)
}

// rider adds a rider with an account; hours is the length of the shift that runs, 0: off.
func (d *depot) rider(login, name string, parcels, hours int) (routing.RiderID, context.Context) {
	d.t.Helper()
	account := d.person(login, name, access.Courier, "zh", "light")
	r := routing.Rider{Account: int64(account), Name: name, Phone: "13800000001", Site: d.site, Kind: routing.FullTime, Parcels: parcels, Grams: 30_000, ColdBox: true, PerHour: 3000, PerKm: 60, Active: true}
	if hours > 0 {
		r.OnFrom, r.OnUntil = time.Now().Add(-time.Hour), time.Now().Add(time.Duration(hours)*time.Hour)
	}
	id, err := d.ops.AddRider(d.lead, r)
	d.ok(err)
	return id, access.WithUser(d.t.Context(), d.people[account])
}

// parcel brings a parcel into the pool that is due in so many minutes; change may make it another.
func (d *depot) parcel(number string, north, east float64, due int, change func(*routing.Parcel)) routing.ParcelID {
	d.t.Helper()
	p := routing.Parcel{Number: number, Site: d.site, Order: "miniapp " + number, Door: routing.Place{Lat: 31.19 + north, Lon: 121.43 + east}, Address: "天钥桥路 88 号 " + number, Consignee: "林*", Phone: "139****5678",
		Ready: time.Now().Add(-5 * time.Minute), Due: time.Now().Add(time.Duration(due) * time.Minute), Grams: 1200}
	if change != nil {
		change(&p)
	}
	_, err := d.ops.AddParcels(d.system, []routing.Parcel{p})
	d.ok(err)
	var id routing.ParcelID
	d.ask(&id, `select id from routing.parcel where number = $1`, number)
	return id
}

func op() routingops.Command { return routingops.Command{Op: uuid.New()} }

// enter opens a page as a person.
func (d *depot) enter(p *e2e.Page, login, path string) {
	d.t.Helper()
	u, err := d.people.UserByLogin(d.t.Context(), login)
	d.ok(err)
	p.Goto(d.address + "/enter/" + fmt.Sprint(int64(u.ID)) + "?to=/ride/manifest.json")
	p.Goto(d.address + path)
}
