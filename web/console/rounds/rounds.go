package rounds

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Pages is the dispatcher's board: riders, their rounds on a map, and parcels that wait.
type Pages struct {
	Ops     *routingops.Ops
	Catalog *catalogops.Ops
	// Accounts finds who signs in on a rider's phone.
	Accounts Accounts
	// Tiles are map pictures below the rounds; none: the map needs no network.
	Tiles Tiles
}

// Screens gives the routes of the board.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/rounds", access.ViewRounds, s.board),
			route.GET("/rounds/offers/{parcel}", access.ViewRounds, s.offers),
			route.GET("/rounds/price/{parcel}/{rider}", access.ViewRounds, s.price),
			route.POST("/rounds/move", access.Dispatch, s.move),
			route.POST("/rounds/pin", access.Dispatch, s.pin),
			route.POST("/rounds/plan", access.Dispatch, s.plan),
			route.POST("/rounds/{id}/withdraw", access.Dispatch, s.withdraw),
			route.POST("/rounds/riders/{id}/call", access.Dispatch, s.call),
			route.GET("/rounds/rider", access.ViewRounds, s.rider),
			route.POST("/rounds/rider", access.Dispatch, s.saveRider),
			route.GET("/rounds/rules", access.ViewRounds, s.rules),
			route.POST("/rounds/rules", access.Dispatch, s.saveRules),
			route.GET("/rounds/vans", access.ViewRounds, s.vans),
			route.GET("/rounds/vans/van", access.ViewRounds, s.van),
			route.POST("/rounds/vans/van", access.Dispatch, s.saveVan),
			route.GET("/rounds/vans/dock", access.ViewRounds, s.dock),
			route.POST("/rounds/vans/dock", access.Dispatch, s.saveDock),
			route.POST("/rounds/vans/plan", access.Dispatch, s.planVans),
			route.GET("/rounds/vans/{id}/sheet", access.ViewRounds, s.sheet),
			route.POST("/rounds/vans/{id}/{step}", access.Dispatch, s.stepRun),
			route.GET("/rounds/stations", access.ViewRounds, s.stations),
			route.POST("/rounds/stations/places", access.Dispatch, s.setPlaces),
			route.POST("/rounds/stations/collect", access.WorkFloor, s.collect),
			route.POST("/rounds/stations/back", access.Dispatch, s.takeBack),
		},
		Menu:   []ui.MenuItem{{Key: "rounds", Path: "/rounds", Permission: access.ViewRounds}},
		Errors: []route.Mapper{roundRefusals},
	}
}

// roundRefusals says the last mile's refusals in words.
func roundRefusals(err error) *route.Refusal {
	var state *routing.StateError
	switch {
	case errors.As(err, &state):
		return route.Conflict("rounds.refused", "What", state.What).With("rounds.again", "/rounds")
	case errors.Is(err, routingops.ErrUnknown):
		return route.NotFound()
	case errors.Is(err, routingops.ErrRules):
		return route.Invalid("rounds.bad_rules")
	case errors.Is(err, routing.ErrCode):
		return route.Conflict("rounds.wrong_code").With("rounds.again", "/rounds/stations")
	}
	return nil
}

// roundsPage is what the board shows.
type roundsPage struct {
	routingops.Board
	Sites  []catalog.SiteRecord // those with rounds
	Picked *routing.Round
	Colour map[routing.RoundID]int
	names  map[routing.RiderID]string
	tiles  Tiles
}

func (s Pages) sites(ctx context.Context) ([]catalog.SiteRecord, error) {
	all, err := s.Catalog.Sites(ctx)
	u := route.User(ctx)
	return slices.DeleteFunc(all, func(x catalog.SiteRecord) bool {
		return x.Tier != catalog.Front || !x.Active || !u.MayTouchSite(x.ID)
	}), err
}

// site is the one asked for, the one picked in the head of the page, or the first.
func (s Pages) site(r *http.Request) (catalog.SiteRecord, []catalog.SiteRecord, error) {
	ctx := r.Context()
	sites, err := s.sites(ctx)
	if err != nil {
		return catalog.SiteRecord{}, nil, err
	}
	if len(sites) == 0 {
		return catalog.SiteRecord{}, nil, nil
	}
	for _, code := range []string{r.FormValue("site"), ui.From(ctx).Site} {
		if i := slices.IndexFunc(sites, func(x catalog.SiteRecord) bool { return x.Code == code }); i >= 0 {
			return sites[i], sites, nil
		}
	}
	return sites[0], sites, nil
}

func (s Pages) board(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, sites, err := s.site(r)
	if err != nil {
		return err
	}
	if site.ID == 0 {
		return route.Render(w, r, roundsNowhere())
	}
	p := roundsPage{Sites: sites, Colour: map[routing.RoundID]int{}, names: map[routing.RiderID]string{}, tiles: s.Tiles}
	if p.Board, err = s.Ops.Board(ctx, site.ID); err != nil {
		return err
	}
	for _, x := range p.Riders {
		p.names[x.ID] = x.Name
	}
	for i, x := range p.Rounds {
		p.Colour[x.ID] = i % len(roundColours)
		if strconv.FormatInt(int64(x.ID), 10) == r.URL.Query().Get("round") {
			p.Picked = &p.Rounds[i]
		}
	}
	for i, x := range p.Finished {
		if strconv.FormatInt(int64(x.ID), 10) == r.URL.Query().Get("round") {
			p.Picked = &p.Finished[i]
		}
	}
	if p.Picked == nil {
		p.Picked = p.worst()
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "rounds" {
		return route.Render(w, r, roundsBody(p))
	}
	s.Tiles.allow(w)
	return route.Render(w, r, roundsScreen(p))
}

// worst is the round that a dispatcher should look at first: the latest of those that will be late.
func (p roundsPage) worst() *routing.Round {
	var worst *routing.Round
	var most time.Duration
	for i := range p.Rounds {
		for _, s := range p.Rounds[i].Stops {
			if s.Outcome == "" && s.Late() > most {
				worst, most = &p.Rounds[i], s.Late()
			}
		}
	}
	if worst == nil && len(p.Rounds) > 0 {
		worst = &p.Rounds[0]
	}
	return worst
}

// riderOffer is a rider with what giving a parcel would mean.
type riderOffer struct {
	Rider routing.Rider
	Price routingops.Price
}

func parcelOf(r *http.Request) routing.ParcelID {
	n, _ := strconv.ParseInt(cmp.Or(route.Param(r, "parcel"), r.FormValue("parcel")), 10, 64)
	return routing.ParcelID(n)
}

func riderOf(r *http.Request) routing.RiderID {
	n, _ := strconv.ParseInt(cmp.Or(route.Param(r, "rider"), r.FormValue("rider")), 10, 64)
	return routing.RiderID(n)
}

// offers lists who could take a parcel, the cheapest first.
func (s Pages) offers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	b, err := s.Ops.Board(ctx, site.ID)
	if err != nil {
		return err
	}
	parcel, there := b.Parcels[parcelOf(r)]
	if !there {
		return route.NotFound()
	}
	prices, err := s.Ops.Offers(ctx, parcel.ID)
	if err != nil {
		return err
	}
	var list []riderOffer
	for _, p := range prices {
		i := slices.IndexFunc(b.Riders, func(x routing.Rider) bool { return x.ID == p.Rider })
		if i >= 0 && p.Why == "" {
			list = append(list, riderOffer{b.Riders[i], p})
		}
	}
	return route.Render(w, r, roundOffers(parcel, site.Code, list, b.Riders))
}

// price answers what dropping a parcel on a rider would mean, for the label under the pointer.
func (s Pages) price(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Ops.PriceMove(ctx, parcelOf(r), riderOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"ok": p.Why == "", "text": priceWords(ctx, p)})
}

func (s Pages) move(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.Ops.Move(ctx, parcelOf(r), riderOf(r))
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "rounds.moved", "Price", priceWords(ctx, p))})
	return route.See(w, r, roundsPath(r.FormValue("site"), 0))
}

func (s Pages) pin(w http.ResponseWriter, r *http.Request) error {
	if err := s.Ops.Pin(r.Context(), parcelOf(r), riderOf(r)); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(r.FormValue("site"), 0))
}

func (s Pages) plan(w http.ResponseWriter, r *http.Request) error {
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	if err := s.Ops.PlanNow(r.Context(), site.ID); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(site.Code, 0))
}

func (s Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.Withdraw(r.Context(), routing.RoundID(id), r.FormValue("reason")); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(r.FormValue("site"), 0))
}

func (s Pages) call(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.CallIn(r.Context(), routing.RiderID(id)); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(r.FormValue("site"), 0))
}
