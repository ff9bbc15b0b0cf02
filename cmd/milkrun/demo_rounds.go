package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/routing"
	"milkrun/routing/routingops"
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
	ops := routingops.New(routingops.Deps{Pool: h.db.Pool, Bus: h.bus, Clock: func() time.Time { return at }, Log: h.log, Zone: h.cfg.zone(), Sites: roundSites{}})
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
	return fmt.Sprintf("%d riders, 36 parcels of %s", len(riders), site.Code), ops.Plan(ctx, site.ID)
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
			if err := ops.Start(rider, rideCommand(*at), r.ID); err != nil {
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
