package rounds_test

import (
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/desk"
	"milkrun/web/console/rounds"
	"milkrun/web/ui"
)

// Whatever is changed about riders, vans and stations, the record of changes says it in words, in both languages, and tells no code.
func TestTheRecordSaysInWords(t *testing.T) {
	d := open(t, rounds.Tiles{})
	id, me := d.rider("li", "李飞", 6, 5)
	one := d.parcel("MP1", .006, .002, 55, nil)
	two := d.parcel("MP2", .005, .002, 55, nil)
	d.ok(d.ops.Pin(d.lead, two, id))
	_, err := d.ops.Move(d.lead, one, id)
	d.ok(err)
	var round routing.RoundID
	d.ask(&round, `select id from routing.round`)
	d.ok(d.ops.Withdraw(d.lead, round, "换人"))
	r, err := d.ops.Rider(d.lead, id)
	d.ok(err)
	r.Kind, r.Parcels, r.ColdBox, r.PerHour = routing.Crowd, 8, false, 3100
	_, err = d.ops.SaveRider(d.lead, r)
	d.ok(err)
	v := routing.Van{Site: d.home, Plate: "浙F 1", Driver: "沈", Grams: 1_000_000, Millilitre: 6_000_000, From: 300, Until: 1020, PerDay: 100, PerHour: 4000, PerKm: 150, CO2PerKm: 250, Active: true}
	v.ID, err = d.ops.SaveVan(d.lead, v)
	d.ok(err)
	v.Driver = "陆"
	_, err = d.ops.SaveVan(d.lead, v)
	d.ok(err)
	d.ok(d.ops.SetDock(d.lead, routing.Dock{Site: d.front, Windows: [][2]int{{360, 600}}, Unload: 20}))
	d.ok(d.ops.SetPlaces(d.lead, d.station, 12))
	rules := routingops.DefaultRules
	rules.Kmh, rules.Hourly = 18, make([]int, 24)
	for h := range rules.Hourly {
		rules.Hourly[h] = 100 - h%2
	}
	d.ok(d.ops.SetRules(d.lead, d.site, rules))
	_ = me
	list, err := audit.Find(t.Context(), d.pool, audit.Query{Limit: 100})
	d.ok(err)
	seen := map[string]bool{}
	for _, l := range []ui.Language{ui.Chinese, ui.English} {
		ctx := ui.WithView(access.WithUser(t.Context(), d.people[1]), &ui.View{Language: l})
		for _, e := range list {
			seen[e.Verb] = true
			if desk.VerbWord(ctx, e.Verb) == e.Verb || desk.KindOfThing(ctx, e.Thing) == e.Thing {
				t.Errorf("%s: %s of a %s has no words", l, e.Verb, e.Thing)
			}
			for _, x := range (desk.ThingNames{}).Differences(ctx, e) {
				if strings.ContainsAny(x.Field, "_.") || x.Field == strings.ToLower(x.Field) && l == ui.English && !strings.Contains(x.Field, " ") || x.Is == "crowd" {
					t.Errorf("%s: %s: the field %q is %q", l, e.Verb, x.Field, x.Is)
				}
			}
			if strings.Contains(string(e.Before)+string(e.After), "racking") || strings.Contains(string(e.Before)+string(e.After), `"Code"`) {
				t.Errorf("%s keeps a secret: %s", e.Verb, e.After)
			}
		}
	}
	for _, verb := range []string{"parcel.pin", "parcel.move", "round.withdraw", "rider.add", "rider.save", "van.save", "dock.set", "station.places", "rounds.rules"} {
		if !seen[verb] {
			t.Errorf("%s is not in the record", verb)
		}
	}
}
