package routingops_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingops"
)

// transfers stands for the warehouse.
type transfers struct {
	mu   sync.Mutex
	list []routing.Load
}

func (f *transfers) ToCarry(_ context.Context, _ pgdb.Querier, from catalog.SiteID, ids []int64) ([]routing.Load, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []routing.Load
	for _, l := range f.list {
		if l.From == from && (l.State != "shipped" || slices.Contains(ids, l.Outbound)) {
			out = append(out, l)
		}
	}
	return out, nil
}

// yard is a regional warehouse with two vans, one of them refrigerated, and two front warehouses 25 and 50 km away.
func yard(t *testing.T) (d *depot, home catalog.SiteID, fronts []catalog.SiteID, f *transfers, tomorrow calendar.Day) {
	t.Helper()
	d, f = open(t, 0), &transfers{}
	d.ops.Transfers = f
	site := func(code string, lat float64, tier string) (id catalog.SiteID) {
		d.ok(d.pool.QueryRow(t.Context(), `insert into catalog.site (code, name_zh, tier, lat, lon) values ($1, $1, $2, $3, 120.8) returning id`, code, tier, lat).Scan(&id))
		return id
	}
	home, fronts = site("JX", 30.75, "regional"), []catalog.SiteID{site("F2", 30.97, "front"), site("F3", 31.2, "front")}
	for i, v := range []routing.Van{{Plate: "浙F 1", Grams: 1_500_000, Millilitre: 9_000_000}, {Plate: "浙F 2", Grams: 1_000_000, Millilitre: 6_000_000, Cold: true, PerDay: 10_000}} {
		v.Site, v.Active, v.From, v.Until, v.PerHour, v.PerKm, v.CO2PerKm, v.Driver = home, true, 300, 1020, 4000, 150, 250, "司机"
		if _, err := d.ops.SaveVan(d.lead, v); err != nil {
			t.Fatal(i, err)
		}
	}
	return d, home, fronts, f, calendar.Of(d.clock(), time.FixedZone("CST", 8*3600)).AddDays(1)
}

func TestVansCarryApprovedTransfers(t *testing.T) {
	d, home, fronts, f, day := yard(t)
	load := func(id int64, to catalog.SiteID, kg int64, cold bool) routing.Load {
		return routing.Load{Outbound: id, Number: "TR-2611-000" + string(rune('0'+id)), From: home, To: to, Pieces: kg, Grams: kg * 1000, Millilitre: kg * 3000, Cold: cold, State: "allocated"}
	}
	f.list = []routing.Load{load(1, fronts[0], 300, false), load(2, fronts[1], 200, false), load(3, fronts[1], 100, true), load(4, fronts[0], 5000, false)}
	d.ok(d.ops.SetDock(d.lead, routing.Dock{Site: fronts[0], Windows: [][2]int{{7 * 60, 9 * 60}}, Unload: 20}))
	d.ok(d.ops.PlanVans(d.lead, home, day))
	got, err := d.ops.VanDay(d.lead, home, day)
	d.ok(err)
	if len(got.Left) != 1 || got.Left[0].Outbound != 4 || got.Left[0].Why != "capacity" || got.Left[0].By != 3_500_000 || len(got.Open) != 1 {
		t.Fatalf("left %+v, open %d", got.Left, len(got.Open))
	}
	carried := 0
	for _, r := range got.Runs {
		grams, _, _ := r.Weight()
		van := got.Vans[slices.IndexFunc(got.Vans, func(v routing.Van) bool { return v.ID == r.Van })]
		if r.State != routing.RunPlanned || r.Day != day || grams > van.Grams || r.Cold() && !van.Cold || r.Cost <= 0 || r.CO2 != (r.Metres*250+500)/1000 || r.Number == "" {
			t.Errorf("%+v", r)
		}
		for _, s := range r.Stops {
			carried += len(s.Loads)
			h := s.Begin.In(time.FixedZone("CST", 8*3600))
			if s.Site == fronts[0] && (h.Hour() < 7 || h.Hour() > 9) {
				t.Errorf("at the dock at %v", h)
			}
		}
	}
	if carried != 3 {
		t.Fatalf("%d of 3 carried by %+v", carried, got.Runs)
	}
	// A released run stays as it is; a new transfer rides with another.
	cold := got.Runs[slices.IndexFunc(got.Runs, func(r routing.Run) bool { return r.Cold() })]
	d.ok(d.ops.ReleaseRun(d.lead, cold.ID))
	f.list = append(f.list, load(5, fronts[0], 50, false))
	d.ok(d.ops.PlanVans(d.lead, home, day))
	again, err := d.ops.VanDay(d.lead, home, day)
	d.ok(err)
	seen := map[int64]int{}
	for _, r := range again.Runs {
		if r.ID == cold.ID && (r.State != routing.RunReleased || r.Metres != cold.Metres) {
			t.Errorf("the released run became %+v", r)
		}
		for _, s := range r.Stops {
			for _, l := range s.Loads {
				seen[l.Outbound]++
			}
		}
	}
	if len(seen) != 4 || seen[5] != 1 || seen[1] != 1 || seen[2] != 1 || seen[3] != 1 {
		t.Errorf("carried %v", seen)
	}
	d.ok(d.ops.SendRun(d.lead, cold.ID))
	for i := range cold.Stops {
		d.ok(d.ops.UnloadedRun(d.lead, cold.ID, i+1))
	}
	if r, _, err := d.ops.Run(d.lead, cold.ID); err != nil || r.State != routing.RunDone {
		t.Errorf("%s, %v", r.State, err)
	}
	if err := d.ops.WithdrawRun(d.lead, cold.ID); !errors.Is(err, routing.ErrState) {
		t.Errorf("withdrew what is done: %v", err)
	}
}

func TestVansRefusals(t *testing.T) {
	d, home, fronts, _, day := yard(t)
	for want, v := range map[error]routing.Van{routing.ErrVan: {Site: home}, routingops.ErrPlate: {Site: home, Plate: "浙F 1", Grams: 1, Millilitre: 1, Until: 10}} {
		if _, err := d.ops.SaveVan(d.lead, v); !errors.Is(err, want) {
			t.Errorf("%+v: %v", v, err)
		}
	}
	if err := d.ops.SetDock(d.lead, routing.Dock{Site: fronts[0], Windows: [][2]int{{600, 500}}}); !errors.Is(err, routing.ErrDock) {
		t.Error(err)
	}
	far := access.WithUser(t.Context(), access.User{Role: access.Lead, Sites: []catalog.SiteID{fronts[0]}})
	if err := d.ops.PlanVans(far, home, day); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another site's lead planned: %v", err)
	}
	if err := d.ops.ReleaseRun(d.lead, 99); !errors.Is(err, routingops.ErrUnknown) {
		t.Error(err)
	}
	// In the evening tomorrow is planned by itself, at noon nothing is.
	system := access.WithUser(t.Context(), access.TheSystem())
	d.ok(d.ops.PlanAllVans(system))
	if got, err := d.ops.VanDay(d.lead, home, day); err != nil || !got.Planned.IsZero() {
		t.Errorf("planned at noon: %v, %v", got.Planned, err)
	}
	d.after(7 * time.Hour)
	d.ok(d.ops.PlanAllVans(system))
	if got, err := d.ops.VanDay(d.lead, home, day); err != nil || got.Planned.IsZero() {
		t.Errorf("not planned in the evening: %v", err)
	}
}
