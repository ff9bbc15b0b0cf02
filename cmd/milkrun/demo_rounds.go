package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/internal/quantity"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/warehouse/warehouseops"
)

// demoStreets are where the demo's parcels of Xuhui go: real streets, invented doors.
var demoStreets = []string{"天钥桥路", "宛平南路", "肇嘉浜路", "衡山路", "龙华中路", "漕溪北路", "零陵路", "斜土路", "吴中路", "桂林路", "虹漕路", "田林路", "柳州路", "钦州路", "东安路", "大木桥路"}

// demoRiders are the riders of Xuhui beside the account that signs in as courier.
var demoRiders = []struct {
	name string
	kind routing.RiderKind
	on   bool
}{{"陈立", routing.FullTime, true}, {"孙鹏", routing.FullTime, true}, {"何伟", routing.FullTime, true}, {"赵海燕", routing.Crowd, true}, {"吴丹", routing.Crowd, false}, {"钱进", routing.Crowd, false}}

// demoRounds plays the last half hour of one front warehouse's riders through their verbs: rounds on the road, one offered, parcels
// that wait.
func (h *house) demoRounds(ctx context.Context, _ *demo.World) (string, error) {
	sites, err := catalogdb.Sites(ctx, h.db.Pool)
	if err != nil {
		return "", err
	}
	var site catalog.Site
	for _, s := range sites {
		if s.Code == "SH-XH" {
			site = s
		}
	}
	now := time.Now()
	at := now.Add(-16 * time.Minute)
	ops := routingops.New(routingops.Deps{Pool: h.db.Pool, Bus: h.bus, Clock: func() time.Time { return at }, Log: h.log, Zone: h.cfg.zone(), Sites: roundSites{}, Transfers: roundTransfers{}})
	riders, err := h.addDemoRiders(ctx, ops, site, at)
	if err != nil {
		return "", err
	}
	rng := rand.New(rand.NewPCG(demoSeed, 7))
	if _, err := ops.AddParcels(ctx, demoParcels(rng, site, 1, 24, at.Add(-4*time.Minute), 27*time.Minute)); err != nil {
		return "", err
	}
	if err := ops.Plan(ctx, site.ID); err != nil {
		return "", err
	}
	if err := rideDemo(ctx, ops, riders, now, &at); err != nil {
		return "", err
	}
	at = now
	if _, err := ops.AddParcels(ctx, demoParcels(rng, site, 25, 12, now.Add(-3*time.Minute), 27*time.Minute)); err != nil {
		return "", err
	}
	if err := ops.Plan(ctx, site.ID); err != nil {
		return "", err
	}
	vans, err := h.demoVans(ctx, ops, sites)
	return fmt.Sprintf("%d riders, 36 parcels of %s, %d vans", len(riders), site.Code, vans), err
}

// demoVans gives Jiaxing its vans, the front warehouses their docks, and transfers for tomorrow.
func (h *house) demoVans(ctx context.Context, ops *routingops.Ops, sites []catalog.Site) (int, error) {
	byCode := map[string]catalog.SiteID{}
	for _, s := range sites {
		byCode[s.Code] = s.ID
	}
	home := byCode["JX"]
	fleet := []routing.Van{{Plate: "浙F 2K318", Driver: "沈国平", Phone: "13800000021", Grams: 1_800_000, Millilitre: 11_000_000, PerDay: 18_000},
		{Plate: "浙F 7C806", Driver: "陆建明", Phone: "13800000022", Grams: 1_200_000, Millilitre: 7_000_000, Cold: true, PerDay: 26_000},
		{Plate: "浙F 5M551", Driver: "徐燕", Phone: "13800000023", Grams: 1_800_000, Millilitre: 11_000_000, PerDay: 18_000}}
	for _, v := range fleet {
		v.Site, v.Active, v.From, v.Until, v.PerHour, v.PerKm, v.CO2PerKm = home, true, 5*60, 18*60, 4000, 160, 250
		if _, err := ops.SaveVan(ctx, v); err != nil {
			return 0, err
		}
	}
	for code, text := range map[string]string{"SH-XH": "06:00-09:30, 14:00-16:30", "SH-PD": "06:30-10:30", "HZ-BJ": "06:00-10:00, 13:30-17:00", "NJ-JY": "08:00-12:00"} {
		windows, err := routing.ParseWindows(text)
		if err != nil {
			return 0, err
		}
		if err := ops.SetDock(ctx, routing.Dock{Site: byCode[code], Windows: windows, Unload: 20}); err != nil {
			return 0, err
		}
	}
	if err := ops.SetPlaces(ctx, byCode["ST-LC"], 60); err != nil {
		return 0, err
	}
	if err := h.demoTransfers(ctx, home, byCode); err != nil {
		return 0, err
	}
	tomorrow := calendar.Of(time.Now(), h.cfg.zone()).AddDays(1)
	return len(fleet), ops.PlanVans(ctx, home, tomorrow)
}

// demoTransfers orders what the front warehouses of the east get tomorrow: goods that Jiaxing has most of.
func (h *house) demoTransfers(ctx context.Context, home catalog.SiteID, to map[string]catalog.SiteID) error {
	skus, err := h.Catalog.SKUs(ctx, catalog.SKUQuery{Limit: 80})
	if err != nil {
		return err
	}
	due := calendar.Of(time.Now(), h.cfg.zone()).AddDays(1).In(h.cfg.zone()).Add(21 * time.Hour)
	next := 0
	for _, code := range []string{"SH-XH", "SH-PD", "HZ-BJ", "NJ-JY", "SH-XH", "SH-PD"} {
		t := warehouseops.HandTransfer{From: home, To: to[code], Due: due}
		for range 6 {
			t.Lines = append(t.Lines, warehouseops.HandLine{SKU: skus.Rows[next%len(skus.Rows)].ID, Pieces: quantity.Pieces(12 * (1 + next%5))})
			next++
		}
		if _, err := h.Stock.PlaceTransfer(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// addDemoRiders gives Xuhui its riders; each with an account of its own, so that rides can be ridden.
func (h *house) addDemoRiders(ctx context.Context, ops *routingops.Ops, site catalog.Site, at time.Time) (map[routing.RiderID]context.Context, error) {
	out := map[routing.RiderID]context.Context{}
	add := func(r routing.Rider, login string) error {
		u, err := h.Access.UserByLogin(ctx, login)
		if err != nil {
			return err
		}
		r.Account, r.Site, r.Active, r.Parcels, r.Grams, r.ColdBox, r.PerHour, r.PerKm = int64(u.ID), site.ID, true, 6, 30_000, true, 3000, 60
		id, err := ops.AddRider(ctx, r)
		out[id] = access.WithUser(ctx, u)
		return err
	}
	on := routing.Rider{OnFrom: at.Add(-2 * time.Hour), OnUntil: at.Add(6 * time.Hour)}
	first := on
	first.Name, first.Phone, first.Kind = "赵鹏", "13800000001", routing.FullTime
	if err := add(first, "courier"); err != nil {
		return nil, err
	}
	for i, d := range demoRiders {
		login := fmt.Sprintf("courier%d", i+2)
		if _, err := h.addUser(ctx, demo.User{Login: login, Name: d.name, Role: access.Courier, Sites: []string{site.Code}, Language: "zh"}, demo.Password); err != nil {
			return nil, err
		}
		r := routing.Rider{Name: d.name, Kind: d.kind, Phone: fmt.Sprintf("1380000000%d", i+2)}
		if d.on {
			r.OnFrom, r.OnUntil = on.OnFrom, on.OnUntil
		}
		if err := add(r, login); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// demoParcels are parcels for doors within three kilometres.
func demoParcels(rng *rand.Rand, site catalog.Site, first, n int, ready time.Time, promise time.Duration) []routing.Parcel {
	out := make([]routing.Parcel, n)
	for i := range out {
		angle, metres := rng.Float64()*2*math.Pi, 400+2300*math.Sqrt(rng.Float64())
		lat := site.Lat + metres*math.Cos(angle)/111_195
		at := ready.Add(time.Duration(rng.IntN(240)) * time.Second)
		out[i] = routing.Parcel{Number: fmt.Sprintf("P-DEMO-%04d", first+i), Site: site.ID, Order: fmt.Sprintf("douyin DY%08d", 41_000_000+first+i),
			Door:    routing.Place{Lat: lat, Lon: site.Lon + metres*math.Sin(angle)/(111_195*math.Cos(lat*math.Pi/180))},
			Address: fmt.Sprintf("%s %d 弄 %d 号", demoStreets[rng.IntN(len(demoStreets))], 10+rng.IntN(900), 1+rng.IntN(40)), Consignee: "林**", Phone: "138****" + fmt.Sprintf("%04d", rng.IntN(10000)),
			Ready: at, Due: at.Add(promise), Service: 90 * time.Second, Proof: routing.NoProof, Grams: 600 + rng.Int64N(4000), Cold: rng.IntN(8) == 0}
	}
	return out
}

// rideDemo lets the riders accept and ride what was offered, up to now.
func rideDemo(ctx context.Context, ops *routingops.Ops, riders map[routing.RiderID]context.Context, now time.Time, at *time.Time) error {
	for _, rider := range riders {
		*at = now.Add(-15*time.Minute - 30*time.Second)
		day, err := ops.MyDay(rider)
		if err != nil {
			return err
		}
		for _, r := range day.Rounds {
			if err := ops.Accept(rider, rideCommand(*at), r.ID); err != nil {
				return err
			}
			*at = r.Leaves
			if err := ops.Start(rider, rideCommand(*at), r.ID, nil); err != nil {
				return err
			}
			for _, s := range r.Stops {
				when := s.ETA
				if when.After(now) {
					break
				}
				*at = when
				p := day.Parcels[s.Parcel]
				cmd := rideCommand(*at)
				cmd.At = p.Door
				if err := ops.Drop(rider, cmd, r.ID, routingops.Visited{Parcel: s.Parcel}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func rideCommand(at time.Time) routingops.Command {
	return routingops.Command{Op: uuid.New(), MadeAt: at}
}
