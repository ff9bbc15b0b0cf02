package rounds

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"milkrun/internal/money"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// roundColours are the muted colours of rounds on the map, outside of the colours that mean something; lighter in the dark.
var roundColours = []string{"var(--mk-round-1)", "var(--mk-round-2)", "var(--mk-round-3)", "var(--mk-round-4)", "var(--mk-round-5)", "var(--mk-round-6)"}

func roundsPath(site string, round routing.RoundID) string {
	q := url.Values{}
	if site != "" {
		q.Set("site", site)
	}
	if round != 0 {
		q.Set("round", strconv.FormatInt(int64(round), 10))
	}
	if len(q) == 0 {
		return "/rounds"
	}
	return "/rounds?" + q.Encode()
}

func (p roundsPage) colour(r routing.Round) string { return roundColours[p.Colour[r.ID]] }

func (p roundsPage) picked(r routing.Round) bool { return p.Picked != nil && p.Picked.ID == r.ID }

// name is the rider's, or that nobody has taken the offer yet.
func (p roundsPage) name(ctx context.Context, r routing.Round) string {
	if r.State == routing.RoundOffered {
		return ui.T(ctx, "rounds.asked", "Rider", p.names[r.Rider])
	}
	if r.State == routing.RoundAccepted && slices.ContainsFunc(p.Rounds, func(x routing.Round) bool { return x.Rider == r.Rider && x.State == routing.RoundStarted }) {
		return ui.T(ctx, "rounds.next_round", "Rider", p.names[r.Rider])
	}
	return p.names[r.Rider]
}

// sum is the line below the heading.
func (p roundsPage) sum(ctx context.Context) string {
	stops := 0
	for _, r := range p.Rounds {
		stops += len(r.Stops)
	}
	text := desk.Dots(ui.T(ctx, "rounds.sum", ui.Count, len(p.Rounds)), ui.T(ctx, "rounds.sum_stops", ui.Count, stops))
	if p.Figures.Drops > 0 {
		text = desk.Dots(text, ui.T(ctx, "rounds.on_time", "Share", ui.Percent(1-float64(p.Figures.Late)/float64(p.Figures.Drops), 1)))
	}
	return text
}

// costs is what a drop has cost today.
func (p roundsPage) costs(ctx context.Context) string {
	f := p.Figures
	if f.Drops == 0 {
		return ""
	}
	return ui.T(ctx, "rounds.costs", "Cost", ui.Yuan(money.Fen(f.CostFen/int64(f.Drops))), "Km", ui.Decimal(float64(f.Metres)/1000/float64(f.Drops), 2),
		"CO2", ui.Int(f.CO2Grams/int64(f.Drops)), "Failed", f.Failed)
}

// roundChip says how a round is doing.
func roundChip(ctx context.Context, now time.Time, r routing.Round) desk.Chip {
	if r.State == routing.RoundOffered {
		return desk.Chip{Tone: ui.Watch, Icon: "hand-stop", Word: ui.T(ctx, "rounds.waits_for", "Seconds", max(0, int(now.Sub(r.Offered).Seconds())))}
	}
	for _, s := range r.Stops {
		if s.Outcome == "" && s.Late() > time.Minute {
			return desk.Chip{Tone: ui.Risk, Icon: "clock-exclamation", Word: ui.T(ctx, "rounds.late_stop", "No", s.No, "Minutes", int(s.Late().Minutes()))}
		}
	}
	switch {
	case r.State == routing.RoundAccepted:
		return desk.Chip{Tone: ui.Act, Icon: "circle-check", Word: ui.T(ctx, "rounds.accepted")}
	case r.Left() == 0:
		return desk.Chip{Tone: ui.Act, Icon: "home", Word: ui.T(ctx, "rounds.returning")}
	}
	return desk.Chip{Tone: ui.OK, Icon: "circle-check", Word: ui.T(ctx, "rounds.in_time")}
}

// unseenChip says that a round was changed and its rider has not seen it.
func unseenChip(ctx context.Context) desk.Chip {
	return desk.Chip{Tone: ui.Watch, Icon: "route", Word: ui.T(ctx, "rounds.unseen")}
}

// changeWords says what is new about a round since its rider looked.
func changeWords(ctx context.Context, c routing.RoundChange) string {
	var parts []string
	for _, x := range []struct {
		word string
		n    int
	}{{"rounds.changed_added", len(c.Added)}, {"rounds.changed_gone", len(c.Removed)}, {"rounds.changed_again", len(c.Again)}} {
		if x.n > 0 {
			parts = append(parts, ui.T(ctx, x.word, ui.Count, x.n))
		}
	}
	if c.Order {
		parts = append(parts, ui.T(ctx, "rounds.changed_order"))
	}
	return ui.T(ctx, "rounds.changed_at", "At", ui.Clock(ctx, c.At), "What", desk.Dots(parts...))
}

// idle are the riders on shift without a round, off those who could be called in.
func (p roundsPage) idle() (idle, off []routing.Rider) {
	for _, r := range p.Riders {
		busy := slices.ContainsFunc(p.Rounds, func(x routing.Round) bool { return x.Rider == r.ID })
		switch {
		case busy:
		case r.OnShift(p.Now):
			idle = append(idle, r)
		default:
			off = append(off, r)
		}
	}
	return idle, off
}

// priceWords says what a move would mean.
func priceWords(ctx context.Context, p routingops.Price) string {
	if p.Why != "" {
		return ui.T(ctx, "rounds.why_"+p.Why)
	}
	text := ui.T(ctx, "rounds.price", "Cost", desk.SignedYuan(p.Cost), "At", ui.Clock(ctx, p.ETA))
	if p.Next {
		text = desk.Dots(text, ui.T(ctx, "rounds.price_next"))
	}
	if p.Late > time.Minute {
		text = desk.Dots(text, ui.T(ctx, "rounds.price_late", "Minutes", int(p.Late.Minutes())))
	}
	if p.Others > time.Minute {
		text = desk.Dots(text, ui.T(ctx, "rounds.price_others", "Minutes", int(p.Others.Minutes())))
	}
	return text
}

// mapData is what the map draws.
type mapData struct {
	Site    mapPoint   `json:"site"`
	Rounds  []mapRound `json:"rounds"`
	Waiting []mapPoint `json:"waiting"`
	Plan    []mapRound `json:"plan"`
	Tiles   string     `json:"tiles,omitempty"` // address of map pictures
}

// json gives what the map reads: numbers and texts alone, so that it cannot fail.
func (d mapData) json() string {
	b, _ := json.Marshal(d)
	return string(b)
}

type mapPoint struct {
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
	State string  `json:"state,omitempty"`
	Name  string  `json:"name,omitempty"`
}

type mapRound struct {
	ID     int64      `json:"id"`
	Colour string     `json:"colour"`
	Picked bool       `json:"picked"`
	Stops  []mapPoint `json:"stops"`
	Rider  *mapPoint  `json:"rider,omitempty"`
}

// mapOf gives what the map draws.
func (p roundsPage) mapOf(ctx context.Context) mapData {
	d := mapData{Site: mapPoint{Lat: p.Site.Lat, Lon: p.Site.Lon, Name: ui.Name(ctx, p.Site.Name)}, Rounds: []mapRound{}, Waiting: []mapPoint{}, Plan: []mapRound{}}
	d.Tiles, _ = p.tiles.shown()
	riders := map[routing.RiderID]routing.Rider{}
	for _, r := range p.Riders {
		riders[r.ID] = r
	}
	for _, r := range p.Rounds {
		m := mapRound{ID: int64(r.ID), Colour: p.colour(r), Picked: p.picked(r)}
		for _, s := range r.Stops {
			m.Stops = append(m.Stops, p.stopPoint(s))
		}
		if x := riders[r.Rider]; r.State == routing.RoundStarted && x.SeenAt.After(r.Started) {
			m.Rider = &mapPoint{Lat: x.Seen.Lat, Lon: x.Seen.Lon, Name: x.Name}
		}
		d.Rounds = append(d.Rounds, m)
	}
	for _, o := range p.Outlook {
		m := mapRound{Colour: "var(--mk-sales)"}
		for _, id := range o.Parcels {
			m.Stops = append(m.Stops, mapPoint{Lat: p.Parcels[id].Door.Lat, Lon: p.Parcels[id].Door.Lon})
		}
		d.Plan = append(d.Plan, m)
	}
	for _, id := range p.Waiting {
		x := p.Parcels[id]
		state := ""
		if x.Due.Before(p.Now.Add(10 * time.Minute)) {
			state = "late"
		}
		d.Waiting = append(d.Waiting, mapPoint{Lat: x.Door.Lat, Lon: x.Door.Lon, State: state, Name: x.Number})
	}
	return d
}

func (p roundsPage) stopPoint(s routing.Stop) mapPoint {
	x := p.Parcels[s.Parcel]
	m := mapPoint{Lat: x.Door.Lat, Lon: x.Door.Lon, Name: x.Address, State: string(s.Outcome)}
	if s.Outcome == "" && s.Late() > time.Minute {
		m.State = "late"
	}
	return m
}

// next tells whether a stop is the one the rider goes to now.
func next(r routing.Round, s routing.Stop) bool {
	for _, x := range r.Stops {
		if x.Outcome == "" {
			return x.No == s.No && r.State == routing.RoundStarted
		}
	}
	return false
}

func stopClass(r routing.Round, s routing.Stop) string {
	switch {
	case s.Outcome == routing.ParcelFailed:
		return "is-failed"
	case s.Outcome != "":
		return "is-done"
	case s.Late() > time.Minute:
		return "is-late"
	case next(r, s):
		return "is-next"
	}
	return ""
}

// movable tells whether a round's parcels may still be given to somebody else.
func movable(r routing.Round) bool {
	return r.State == routing.RoundOffered || r.State == routing.RoundAccepted
}

func earliest(p roundsPage) time.Time {
	if len(p.Waiting) == 0 {
		return time.Time{}
	}
	return p.Parcels[p.Waiting[0]].Due
}

func parcelArg(id routing.ParcelID) string { return fmt.Sprint(int64(id)) }

func pickedID(p roundsPage) routing.RoundID {
	if p.Picked == nil {
		return 0
	}
	return p.Picked.ID
}

func offersPath(p roundsPage, id routing.ParcelID) string {
	return "/rounds/offers/" + parcelArg(id) + "?" + url.Values{"site": {p.Site.Code}}.Encode()
}

func siteLinks(ctx context.Context, p roundsPage) []ui.Link {
	out := make([]ui.Link, len(p.Sites))
	for i, s := range p.Sites {
		out[i] = ui.Link{Text: ui.Name(ctx, s.City) + " " + s.Code, Href: roundsPath(s.Code, 0), Current: s.ID == p.Site.ID}
	}
	return out
}

// areaLinks lead between the three pages of rounds.
func areaLinks(ctx context.Context, site, current string) []ui.Link {
	return []ui.Link{{Text: ui.T(ctx, "rounds.area_riders"), Href: roundsPath(site, 0), Current: current == "riders"},
		{Text: ui.T(ctx, "rounds.area_vans"), Href: "/rounds/vans", Current: current == "vans"},
		{Text: ui.T(ctx, "rounds.area_stations"), Href: "/rounds/stations", Current: current == "stations"}}
}

// urgent tells whether a parcel that waits has little time left.
func (p roundsPage) urgent(id routing.ParcelID) bool {
	return p.Parcels[id].Due.Before(p.Now.Add(10 * time.Minute))
}

// record is what a rider has done today, and how many of the offers were taken.
func (p roundsPage) record(ctx context.Context, id routing.RiderID) string {
	text := ui.T(ctx, "rounds.drops", ui.Count, p.Drops[id])
	if a := p.Answers[id]; a.Offered > 0 {
		text = desk.Dots(text, ui.T(ctx, "rounds.took", "Taken", a.Taken, "Offered", a.Offered))
	}
	return text
}

// perDrop is what each parcel of a round costs and emits.
func perDrop(ctx context.Context, r routing.Round) string {
	n := int64(len(r.Stops))
	if n == 0 {
		return ""
	}
	return ui.T(ctx, "rounds.per_drop", "Cost", ui.Yuan(r.Cost/money.Fen(n)), "CO2", ui.Int((r.CO2+n/2)/n))
}

// finishedWords is what came of a round.
func finishedWords(ctx context.Context, r routing.Round) string {
	handed, failed, late := 0, 0, 0
	for _, s := range r.Stops {
		switch {
		case s.Outcome == routing.ParcelFailed:
			failed++
		case s.Late() > 0:
			handed++
			late++
		default:
			handed++
		}
	}
	text := ui.T(ctx, "rounds.handed", ui.Count, handed)
	if late > 0 {
		text = desk.Dots(text, ui.T(ctx, "rounds.of_them_late", ui.Count, late))
	}
	if failed > 0 {
		text = desk.Dots(text, ui.T(ctx, "rounds.of_them_failed", ui.Count, failed))
	}
	return text
}

// pinChoices are the riders that a parcel may be kept for.
func pinChoices(ctx context.Context, riders []routing.Rider) []ui.Choice {
	out := []ui.Choice{{Value: "0", Text: ui.T(ctx, "rounds.pin_nobody")}}
	for _, r := range riders {
		out = append(out, ui.Choice{Value: fmt.Sprint(int64(r.ID)), Text: r.Name})
	}
	return out
}
