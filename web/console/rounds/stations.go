package rounds

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// stationsPage is what stands at the pickup stations.
type stationsPage struct {
	Stations []routingops.Station
	Held     []routingops.Held
	Now      time.Time
}

func (s Pages) stations(w http.ResponseWriter, r *http.Request) error {
	var p stationsPage
	var err error
	if p.Stations, p.Held, p.Now, err = s.Ops.Stations(r.Context()); err != nil {
		return err
	}
	return route.Render(w, r, stationsScreen(p))
}

func (s Pages) setPlaces(w http.ResponseWriter, r *http.Request) error {
	station, err := strconv.ParseInt(r.FormValue("station"), 10, 32)
	if err != nil {
		return route.NotFound()
	}
	places, err := strconv.Atoi(strings.TrimSpace(r.FormValue("places")))
	if err != nil && strings.TrimSpace(r.FormValue("places")) != "" {
		return route.Invalid("rounds.bad_places")
	}
	if err := s.Ops.SetPlaces(r.Context(), catalog.SiteID(station), places); err != nil {
		return err
	}
	return route.See(w, r, "/rounds/stations")
}

func (s Pages) collect(w http.ResponseWriter, r *http.Request) error {
	number := strings.TrimSpace(r.FormValue("number"))
	if err := s.Ops.Collect(r.Context(), number, strings.TrimSpace(r.FormValue("code"))); err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "rounds.collected", "Parcel", number)})
	return route.See(w, r, "/rounds/stations")
}

func (s Pages) takeBack(w http.ResponseWriter, r *http.Request) error {
	number := strings.TrimSpace(r.FormValue("number"))
	if err := s.Ops.TakeBack(r.Context(), number); err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "rounds.taken_back", "Parcel", number)})
	return route.See(w, r, "/rounds/stations")
}

// name of a station, by its id.
func (p stationsPage) name(ctx context.Context, id catalog.SiteID) string {
	for _, s := range p.Stations {
		if s.SiteID == id {
			return ui.Name(ctx, s.Site.Name)
		}
	}
	return ui.Nothing
}

// left says how long a parcel is still held.
func (p stationsPage) left(ctx context.Context, h routingops.Held) desk.Chip {
	if h.HoldUntil.Before(p.Now) {
		return desk.Chip{Tone: ui.Risk, Icon: "hourglass", Word: ui.T(ctx, "rounds.hold_over", "At", ui.Moment(ctx, h.HoldUntil))}
	}
	return desk.Chip{Tone: ui.Plain, Icon: "clock", Word: ui.T(ctx, "rounds.hold_until", "At", ui.Moment(ctx, h.HoldUntil))}
}

func fenOf(n int64) money.Fen { return money.Fen(n) }

func idText(id routing.VanID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func vanTitle(ctx context.Context, v routing.Van) string {
	if v.ID == 0 {
		return ui.T(ctx, "rounds.new_van")
	}
	return v.Plate
}

func vanPath(site string, id routing.VanID) string {
	return "/rounds/vans/van?site=" + site + "&id=" + idText(id)
}

func dockPath(site, dock string) string { return "/rounds/vans/dock?site=" + site + "&dock=" + dock }

func pickedRun(p vansPage) routing.RunID {
	if p.Picked == nil {
		return 0
	}
	return p.Picked.ID
}

func homeLinks(ctx context.Context, p vansPage) []ui.Link {
	out := make([]ui.Link, len(p.Sites))
	for i, s := range p.Sites {
		out[i] = ui.Link{Text: ui.Name(ctx, s.City) + " " + s.Code, Href: vansPath(s.Code, p.Day, 0), Current: s.ID == p.Site.ID}
	}
	return out
}

func dayLinks(ctx context.Context, p vansPage) []ui.Link {
	days := []struct {
		word string
		day  int
	}{{"rounds.yesterday", -1}, {"rounds.today", 0}, {"rounds.tomorrow", 1}}
	var out []ui.Link
	for _, d := range days {
		day := p.Today.AddDays(d.day)
		out = append(out, ui.Link{Text: ui.T(ctx, d.word), Href: vansPath(p.Site.Code, day, 0), Current: day == p.Day})
	}
	if !slices.ContainsFunc(out, func(l ui.Link) bool { return l.Current }) {
		out = append(out, ui.Link{Text: ui.Day(ctx, p.Day), Href: vansPath(p.Site.Code, p.Day, 0), Current: true})
	}
	return out
}

func noRunsNote(ctx context.Context, p vansPage) string {
	switch {
	case len(p.Vans) == 0:
		return ui.T(ctx, "rounds.no_vans_note")
	case len(p.Open) == 0:
		return ui.T(ctx, "rounds.no_transfers_note")
	}
	return ui.T(ctx, "rounds.not_planned_note", ui.Count, len(p.Open))
}

func dockWords(ctx context.Context, d routing.Dock) string {
	text := d.Text()
	if text == "" {
		text = ui.T(ctx, "rounds.dock_always")
	}
	return desk.Dots(text, ui.T(ctx, "rounds.dock_takes", "Minutes", d.Unload))
}

// runStopWords is what a stop of a van unloads, and how much of it is packed by now.
func runStopWords(ctx context.Context, p vansPage, s routing.RunStop) string {
	var grams int64
	ready := 0
	for _, l := range s.Loads {
		grams += l.Grams
		if st := p.States[l.Outbound]; st == "packed" || st == "shipped" {
			ready++
		}
	}
	return desk.Dots(ui.T(ctx, "rounds.transfers", ui.Count, len(s.Loads)), kilos(grams), ui.T(ctx, "rounds.packed_of", "Ready", ready, "All", len(s.Loads)))
}

func placesText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
