package rounds

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// vansPage is a warehouse's day of vans.
type vansPage struct {
	routingops.VanDay
	Sites  []catalog.SiteRecord // that have vans, or could
	Picked *routing.Run
	tiles  Tiles
}

// homes are the sites that send vans: regional ones.
func (s Pages) homes(ctx context.Context) ([]catalog.SiteRecord, error) {
	all, err := s.Catalog.Sites(ctx)
	u := route.User(ctx)
	return slices.DeleteFunc(all, func(x catalog.SiteRecord) bool {
		return x.Tier != catalog.Regional || !x.Active || !u.MayTouchSite(x.ID)
	}), err
}

func (s Pages) home(r *http.Request) (catalog.SiteRecord, []catalog.SiteRecord, error) {
	sites, err := s.homes(r.Context())
	if err != nil || len(sites) == 0 {
		return catalog.SiteRecord{}, sites, err
	}
	for _, code := range []string{r.FormValue("site"), ui.From(r.Context()).Site} {
		if i := slices.IndexFunc(sites, func(x catalog.SiteRecord) bool { return x.Code == code }); i >= 0 {
			return sites[i], sites, nil
		}
	}
	return sites[0], sites, nil
}

// dayOf is the day asked for, or the next that is not over: in the evening vans are planned for tomorrow.
func dayOf(r *http.Request) calendar.Day {
	if d, err := calendar.ParseDay(r.FormValue("day")); err == nil {
		return d
	}
	today := ui.Today(r.Context())
	if ui.From(r.Context()).Now.In(ui.From(r.Context()).Zone).Hour() >= 12 {
		return today.AddDays(1)
	}
	return today
}

func vansPath(site string, day calendar.Day, run routing.RunID) string {
	q := url.Values{"site": {site}, "day": {day.String()}}
	if run != 0 {
		q.Set("run", strconv.FormatInt(int64(run), 10))
	}
	return "/rounds/vans?" + q.Encode()
}

func (s Pages) vans(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, sites, err := s.home(r)
	if err != nil {
		return err
	}
	if site.ID == 0 {
		return route.Render(w, r, roundsNowhere())
	}
	p := vansPage{Sites: sites, tiles: s.Tiles}
	if p.VanDay, err = s.Ops.VanDay(ctx, site.ID, dayOf(r)); err != nil {
		return err
	}
	for i, x := range p.Runs {
		if fmt.Sprint(int64(x.ID)) == r.URL.Query().Get("run") {
			p.Picked = &p.Runs[i]
		}
	}
	if p.Picked == nil && len(p.Runs) > 0 {
		p.Picked = &p.Runs[0]
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "rounds" {
		return route.Render(w, r, vansBody(p))
	}
	s.Tiles.allow(w)
	return route.Render(w, r, vansScreen(p))
}

func (s Pages) planVans(w http.ResponseWriter, r *http.Request) error {
	site, _, err := s.home(r)
	if err != nil {
		return err
	}
	day := dayOf(r)
	if err := s.Ops.PlanVans(r.Context(), site.ID, day); err != nil {
		return err
	}
	return route.See(w, r, vansPath(site.Code, day, 0))
}

// stepRun takes a run one step on: release, send, unload a stop, withdraw.
func (s Pages) stepRun(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	n, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	id := routing.RunID(n)
	switch route.Param(r, "step") {
	case "release":
		err = s.Ops.ReleaseRun(ctx, id)
	case "send":
		err = s.Ops.SendRun(ctx, id)
	case "withdraw":
		err = s.Ops.WithdrawRun(ctx, id)
	case "unload":
		stop, bad := strconv.Atoi(r.FormValue("stop"))
		if bad != nil {
			return route.NotFound()
		}
		err = s.Ops.UnloadedRun(ctx, id, stop)
	default:
		return route.NotFound()
	}
	if err != nil {
		return err
	}
	return route.See(w, r, vansPath(r.FormValue("site"), dayOf(r), id))
}

// sheet is a run's sheet of paper for its driver.
func (s Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	n, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	run, d, err := s.Ops.Run(r.Context(), routing.RunID(n))
	if err != nil {
		return err
	}
	p := vansPage{VanDay: d, Picked: &run}
	return route.Render(w, r, vanSheet(p, run))
}

func (s Pages) van(w http.ResponseWriter, r *http.Request) error {
	site, _, err := s.home(r)
	if err != nil {
		return err
	}
	v := routing.Van{Site: site.ID, Active: true, From: 300, Until: 1020, Grams: 1_500_000, Millilitre: 9_000_000, PerHour: 4000, PerKm: 150, CO2PerKm: 250}
	if id := r.FormValue("id"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return route.NotFound()
		}
		if v, err = s.Ops.Van(r.Context(), routing.VanID(n)); err != nil {
			return err
		}
	}
	return route.Render(w, r, vanForm(site.Code, v, nil))
}

func (s Pages) saveVan(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, _, err := s.home(r)
	if err != nil {
		return err
	}
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(f.Text("id"), 10, 64)
	v := routing.Van{ID: routing.VanID(id), Site: site.ID, Plate: f.Text("plate"), Driver: f.Text("driver"), Phone: f.Text("phone"), Cold: f.On("cold"), Active: !f.On("gone"),
		Grams: int64(1000 * f.Decimal("kilos")), Millilitre: int64(1e6 * f.Decimal("cubic")), PerDay: f.Yuan("day_cost"), PerHour: f.Yuan("hour_cost"), PerKm: f.Yuan("km_cost"),
		CO2PerKm: int64(f.Decimal("co2"))}
	if w, err := routing.ParseWindows(f.Text("shift")); err == nil && len(w) == 1 {
		v.From, v.Until = w[0][0], w[0][1]
	} else {
		f.Bad("shift", "rounds.bad_shift")
	}
	if f.OK() {
		_, err = s.Ops.SaveVan(ctx, v)
		var bad *routing.FormError
		switch {
		case errors.As(err, &bad):
			names := map[string]string{"grams": "kilos", "litres": "cubic", "cost": "km_cost"}
			field := bad.Field
			if n := names[field]; n != "" {
				field = n
			}
			f.Bad(field, "rounds.bad_van")
		case errors.Is(err, routingops.ErrPlate):
			f.Bad("plate", "rounds.plate_taken")
		case err != nil:
			return err
		}
	}
	if !f.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, vanForm(site.Code, v, f))
	}
	return route.See(w, r, "/rounds/vans?site="+url.QueryEscape(site.Code))
}

func (s Pages) dockSite(r *http.Request) (catalog.SiteRecord, error) {
	all, err := s.Catalog.Sites(r.Context())
	if err != nil {
		return catalog.SiteRecord{}, err
	}
	i := slices.IndexFunc(all, func(x catalog.SiteRecord) bool { return x.Code == r.FormValue("dock") })
	if i < 0 {
		return catalog.SiteRecord{}, route.NotFound()
	}
	return all[i], nil
}

func (s Pages) dock(w http.ResponseWriter, r *http.Request) error {
	if r.FormValue("dock") == "" {
		return route.See(w, r, "/rounds/vans")
	}
	at, err := s.dockSite(r)
	if err != nil {
		return err
	}
	d, err := s.Ops.Dock(r.Context(), at.ID)
	if err != nil {
		return err
	}
	return route.Render(w, r, dockForm(at, r.FormValue("site"), d, nil))
}

func (s Pages) saveDock(w http.ResponseWriter, r *http.Request) error {
	at, err := s.dockSite(r)
	if err != nil {
		return err
	}
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	d := routing.Dock{Site: at.ID, Unload: f.Small("unload")}
	if d.Windows, err = routing.ParseWindows(f.Text("windows")); err != nil {
		f.Bad("windows", "rounds.bad_windows")
	}
	if f.OK() {
		if err := s.Ops.SetDock(r.Context(), d); errors.Is(err, routing.ErrDock) {
			f.Bad("unload", "rounds.bad_windows")
		} else if err != nil {
			return err
		}
	}
	if !f.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, dockForm(at, r.FormValue("site"), d, f))
	}
	return route.See(w, r, "/rounds/vans?site="+url.QueryEscape(r.FormValue("site")))
}

// plate names a run's van.
func (p vansPage) plate(id routing.VanID) routing.Van {
	if i := slices.IndexFunc(p.Vans, func(v routing.Van) bool { return v.ID == id }); i >= 0 {
		return p.Vans[i]
	}
	return routing.Van{}
}

// colour is the colour of a run on the map.
func (p vansPage) colour(r routing.Run) string {
	i := slices.IndexFunc(p.Runs, func(x routing.Run) bool { return x.ID == r.ID })
	return roundColours[max(i, 0)%len(roundColours)]
}

func (p vansPage) picked(r routing.Run) bool { return p.Picked != nil && p.Picked.ID == r.ID }

func (p vansPage) sum(ctx context.Context) string {
	var grams, metres int64
	var cost int64
	for _, r := range p.Runs {
		g, _, _ := r.Weight()
		grams, metres, cost = grams+g, metres+r.Metres, cost+int64(r.Cost)
	}
	text := ui.T(ctx, "rounds.vans_sum", ui.Count, len(p.Runs), "Tons", ui.Decimal(float64(grams)/1e6, 2))
	if len(p.Runs) > 0 {
		text = desk.Dots(text, ui.Decimal(float64(metres)/1000, 0)+" km", yuan(cost))
	}
	return text
}

// fill is how full a run's van is at its start, by what fills it more.
func (p vansPage) fill(r routing.Run) string {
	v := p.plate(r.Van)
	g, ml, _ := r.Weight()
	if v.Grams == 0 {
		return ui.Nothing
	}
	return ui.Percent(max(float64(g)/float64(v.Grams), float64(ml)/float64(v.Millilitre)), 0)
}

func runChip(ctx context.Context, r routing.Run) desk.Chip {
	switch r.State {
	case routing.RunReleased:
		return desk.Chip{Tone: ui.Act, Icon: "lock", Word: ui.T(ctx, "rounds.run_released")}
	case routing.RunOut:
		return desk.Chip{Tone: ui.Act, Icon: "truck", Word: ui.T(ctx, "rounds.run_out")}
	case routing.RunDone:
		return desk.Chip{Tone: ui.OK, Icon: "circle-check", Word: ui.T(ctx, "rounds.run_done")}
	}
	return desk.Chip{Tone: ui.Forecast, Icon: "route", Word: ui.T(ctx, "rounds.run_planned")}
}

// whyLeft says why a transfer stays.
func (p vansPage) whyLeft(ctx context.Context, l routingops.LeftBehind) string {
	who := ui.T(ctx, "rounds.every_van")
	if v := p.plate(l.Van); v.Plate != "" {
		who = v.Plate
	}
	switch l.Why {
	case "skills":
		return ui.T(ctx, "rounds.left_cold")
	case "capacity":
		return ui.T(ctx, "rounds.left_capacity", "Van", who, "By", kilos(l.By))
	case "window":
		return ui.T(ctx, "rounds.left_window", "Van", who, "Minutes", int((l.By+59)/60))
	case "shift":
		return ui.T(ctx, "rounds.left_shift", "Van", who, "Minutes", int((l.By+59)/60))
	case "other-vehicle":
		return ui.T(ctx, "rounds.left_no_van")
	}
	return ui.T(ctx, "rounds.left_other", "Van", who)
}

func (p vansPage) runMap(ctx context.Context) mapData {
	d := mapData{Site: mapPoint{Lat: p.Site.Lat, Lon: p.Site.Lon, Name: ui.Name(ctx, p.Site.Name) + " " + p.Day.String()}, Rounds: []mapRound{}, Waiting: []mapPoint{}, Plan: []mapRound{}}
	d.Tiles, _ = p.tiles.shown()
	for _, r := range p.Runs {
		m := mapRound{ID: int64(r.ID), Colour: p.colour(r), Picked: p.picked(r)}
		for _, s := range r.Stops {
			at := p.VanDay.Sites[s.Site]
			x := mapPoint{Lat: at.Lat, Lon: at.Lon, Name: ui.Name(ctx, at.City) + " " + at.Code}
			if !s.Done.IsZero() {
				x.State = "delivered"
			}
			m.Stops = append(m.Stops, x)
		}
		d.Rounds = append(d.Rounds, m)
	}
	seen := map[catalog.SiteID]bool{}
	for _, l := range p.Open {
		if at := p.VanDay.Sites[l.To]; !seen[l.To] {
			seen[l.To] = true
			d.Waiting = append(d.Waiting, mapPoint{Lat: at.Lat, Lon: at.Lon, Name: at.Code})
		}
	}
	return d
}

func kilos(grams int64) string { return ui.Decimal(float64(grams)/1000, 0) + " kg" }

func yuan(fen int64) string { return ui.YuanRound(fenOf(fen)) }

// docks are the sites that transfers go to, with their windows.
func (p vansPage) docks() []catalog.Site {
	var out []catalog.Site
	for id := range p.Docks {
		out = append(out, p.VanDay.Sites[id])
	}
	slices.SortFunc(out, func(a, b catalog.Site) int { return strings.Compare(a.Code, b.Code) })
	return out
}
