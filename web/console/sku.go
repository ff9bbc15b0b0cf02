package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// SKU is the page of one SKU: what it sold and will sell, why the planner wants so many, where it stands, and whether the
// forecast is any good.
type SKU struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
}

// Screens gives the routes of a SKU's page.
func (s SKU) Screens() route.Screens {
	decide := func(verb string, h route.Handler) route.Route {
		return route.POST("/demand/{code}/suggestions/{id}/"+verb, access.DecideSuggestions, h)
	}
	return route.Screens{
		Routes: []route.Route{
			route.GET("/demand/{code}", access.ViewDemand, s.show),
			route.GET("/demand/{code}/why", access.ViewSuggestions, s.why),
			route.GET("/demand/{code}/history", access.ViewSuggestions, s.history),
			{Method: http.MethodGet, Pattern: "/demand/{code}/days.xlsx", Permission: access.ViewDemand, Handler: s.export, Heavy: true},
			decide("approve", s.approve), decide("change", s.change), decide("reject", s.reject), decide("undo", s.undo),
		},
	}
}

// skuPage is what the page shows. Parts that the reader may not see are empty.
type skuPage struct {
	SKU    catalogops.SKUDetail
	Demand forecasting.SKUPage
	Span   string // "2y", "26w" or "60d"
	Sites  []catalog.SiteRecord
	Groups []siteGroup
	Group  string                     // code of the region shown, empty for all
	Picked catalog.Site               // the site picked in the top bar
	Levels []replenishment.WaterLevel // of the sites shown, from far to near
	Why    skuWhy
}

// siteGroup is a regional site with the sites that it feeds.
type siteGroup struct {
	Code  string
	Name  catalog.Name
	Sites []catalog.SiteID
}

// skuWhy is the card of the suggestion with the decision at its foot.
type skuWhy struct {
	SKU   catalogops.SKUDetail
	At    string // code of the region shown, to come back to
	Sites []catalog.SiteRecord
	Open  []replenishment.Suggestion // waiting, the most urgent first
	Shown *replenishment.Suggestion  // the one that the card explains
	// Last is what was decided last, shown while nothing waits; Order the number of the order it became.
	Last   *replenishment.Suggestion
	Order  string
	Levels []replenishment.WaterLevel // of all sites, for the words while nothing waits
	Heat   *heatStory
	// Asked is the number typed and Reason the words typed, with what is wrong with them.
	Asked                    quantity.Pieces
	Number, Reason           string
	NumberError, ReasonError string
	// Edit is "change" or "reject" while that form is open.
	Edit string
	// Done is what has just been decided, with the way back.
	Done string
}

// regions groups the sites by the regional site that feeds them first.
func regions(sites []catalog.SiteRecord, lanes []catalog.LaneRecord) []siteGroup {
	from := map[catalog.SiteID]catalog.LaneRecord{}
	for _, l := range lanes {
		if best, ok := from[l.To]; !ok || l.Priority < best.Priority {
			from[l.To] = l
		}
	}
	tier := map[catalog.SiteID]catalog.Tier{}
	for _, x := range sites {
		tier[x.ID] = x.Tier
	}
	home := func(id catalog.SiteID) catalog.SiteID {
		for range sites { // lanes may lead in a ring
			if tier[id] == catalog.Regional {
				return id
			}
			l, ok := from[id]
			if !ok || tier[id] == catalog.Bonded || tier[id] == catalog.Overseas {
				return 0
			}
			id = l.From
		}
		return 0
	}
	var out []siteGroup
	for _, x := range sites {
		if x.Tier != catalog.Regional {
			continue
		}
		g := siteGroup{Code: x.Code, Name: x.Name}
		for _, y := range sites {
			if home(y.ID) == x.ID {
				g.Sites = append(g.Sites, y.ID)
			}
		}
		out = append(out, g)
	}
	return out
}

// spans are the lengths of the chart with the days of history each needs.
var spans = []struct {
	Key  string
	Days int
}{{"2y", 0}, {"26w", 26 * 7}, {"60d", 63}}

// place reads the SKU, the sites and which of them the page is of.
func (s SKU) place(r *http.Request) (p skuPage, asked []catalog.SiteID, err error) {
	ctx, v := r.Context(), r.URL.Query()
	if p.SKU, err = s.Catalog.SKUByCode(ctx, route.Param(r, "code")); err != nil {
		return p, nil, err
	}
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return p, nil, err
	}
	lanes, err := s.Catalog.Lanes(ctx)
	if err != nil {
		return p, nil, err
	}
	p.Groups = regions(p.Sites, lanes)
	p.Span = "2y"
	for _, x := range spans {
		if v.Get("span") == x.Key {
			p.Span = x.Key
		}
	}
	if site, ok := desk.SiteByCode(p.Sites, ui.From(ctx).Site); ok {
		p.Picked = site
		return p, []catalog.SiteID{site.ID}, nil
	}
	for _, g := range p.Groups {
		if g.Code == r.FormValue("at") && len(g.Sites) > 0 {
			p.Group, asked = g.Code, g.Sites
		}
	}
	return p, asked, nil
}

func (s SKU) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, asked, err := s.place(r)
	if err != nil {
		return err
	}
	query := forecastops.SKUQuery{SKU: p.SKU.ID, Sites: asked}
	for _, x := range spans {
		if x.Key == p.Span {
			query.Days = x.Days
		}
	}
	if p.Demand, err = s.Forecasts.SKUPage(ctx, query); err != nil {
		return err
	}
	if desk.Can(ctx, access.ViewStock) {
		levels, err := s.Plan.Levels(ctx, p.SKU.ID)
		if err != nil {
			return err
		}
		p.Why.Levels = slices.Clone(levels)
		for _, l := range levels {
			// A site that never held, sold or awaited the SKU is no row.
			if (asked == nil || slices.Contains(asked, l.Site)) && (l.OnHand > 0 || l.PerDay > 0 || l.OnOrder > 0 || l.SafetyPieces > 0) {
				p.Levels = append(p.Levels, l)
			}
		}
	}
	byTier(p.Levels, p.Sites)
	if desk.Can(ctx, access.ViewSuggestions) {
		if err := s.fill(ctx, r, &p.Why, p.SKU, p.Sites); err != nil {
			return err
		}
		p.Why.Heat = heatStoryOf(ctx, p.Demand)
	}
	return route.Render(w, r, skuScreen(p))
}

// byTier orders sites from far to near, those that sell most first.
func byTier(levels []replenishment.WaterLevel, sites []catalog.SiteRecord) {
	tier := func(id catalog.SiteID) int {
		x, _ := desk.SiteByID(sites, id)
		return slices.Index(catalog.Tiers(), x.Tier)
	}
	slices.SortStableFunc(levels, func(a, b replenishment.WaterLevel) int {
		return cmp.Or(tier(a.Site)-tier(b.Site), cmp.Compare(b.OwnPerDay, a.OwnPerDay))
	})
}

// fill reads what waits for a decision; the query "s" names one of several.
func (s SKU) fill(ctx context.Context, r *http.Request, y *skuWhy, sku catalogops.SKUDetail, sites []catalog.SiteRecord) error {
	y.SKU, y.Sites, y.At = sku, sites, r.FormValue("at")
	if e := r.URL.Query().Get("edit"); e == "change" || e == "reject" {
		y.Edit = e
	}
	all, err := s.Plan.Of(ctx, sku.ID)
	if err != nil {
		return err
	}
	y.Open = all
	for i := range all {
		if strconv.FormatInt(int64(all[i].ID), 10) == r.FormValue("s") {
			y.Shown = &all[i]
		}
	}
	if y.Shown == nil && len(all) > 0 {
		y.Shown = &all[0]
	}
	if y.Shown != nil {
		if y.Asked == 0 {
			y.Asked = y.Shown.Quantity()
		}
		return nil
	}
	last, order, ok, err := s.Plan.Latest(ctx, sku.ID)
	if err != nil || !ok {
		return err
	}
	y.Last, y.Order = &last, order
	return nil
}

// card reads the card alone, after a decision or when the house says that suggestions have changed.
func (s SKU) card(r *http.Request) (skuWhy, error) {
	ctx := r.Context()
	p, asked, err := s.place(r)
	if err != nil {
		return skuWhy{}, err
	}
	y := skuWhy{}
	if desk.Can(ctx, access.ViewStock) {
		if y.Levels, err = s.Plan.Levels(ctx, p.SKU.ID); err != nil {
			return y, err
		}
	}
	// The heat needs the forecast's path and the last days only.
	d, err := s.Forecasts.SKUPage(ctx, forecastops.SKUQuery{SKU: p.SKU.ID, Sites: asked, Days: 63})
	if err != nil {
		return y, err
	}
	y.Heat = heatStoryOf(ctx, d)
	return y, s.fill(ctx, r, &y, p.SKU, p.Sites)
}

func (s SKU) why(w http.ResponseWriter, r *http.Request) error {
	if !route.Partial(r) {
		return route.See(w, r, "/demand/"+route.Param(r, "code"))
	}
	y, err := s.card(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, skuWhyCard(y))
}

// answer shows the card after a decision, or goes back to the page where there are no scripts.
func (s SKU) answer(w http.ResponseWriter, r *http.Request, d replenishops.Decided, err error, word string) error {
	if err != nil {
		return err
	}
	if len(d.Refused) > 0 {
		return d.Refused[0].Err
	}
	if !route.Partial(r) {
		return route.See(w, r, "/demand/"+route.Param(r, "code"))
	}
	y, err := s.card(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if word != "" && len(d.Done) > 0 {
		y.Done = ui.T(ctx, word, "Quantity", ui.Quantity(ctx, d.Done[0].Quantity(), y.SKU.Unit))
		y.Last = &d.Done[0]
	}
	return route.Render(w, r, skuWhyCard(y))
}

// suggestion reads the id in the path and makes sure that the suggestion is one of this SKU.
func (s SKU) suggestion(r *http.Request) (replenishment.SuggestionID, error) {
	n, err := route.ID(r, "id")
	if err != nil {
		return 0, err
	}
	id := replenishment.SuggestionID(n)
	g, err := s.Plan.Get(r.Context(), id)
	if err != nil {
		return 0, err
	}
	sku, err := s.Catalog.SKUByCode(r.Context(), route.Param(r, "code"))
	if err != nil {
		return 0, err
	}
	if g.SKU != sku.ID {
		return 0, route.NotFound()
	}
	return id, nil
}

func (s SKU) approve(w http.ResponseWriter, r *http.Request) error {
	id, err := s.suggestion(r)
	if err != nil {
		return err
	}
	d, err := s.Plan.Approve(r.Context(), id)
	return s.answer(w, r, d, err, "sku.approved")
}

func (s SKU) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := s.suggestion(r)
	if err != nil {
		return err
	}
	d, err := s.Plan.TakeBack(r.Context(), id)
	return s.answer(w, r, d, err, "")
}

func (s SKU) reject(w http.ResponseWriter, r *http.Request) error {
	id, err := s.suggestion(r)
	if err != nil {
		return err
	}
	d, err := s.Plan.Reject(r.Context(), r.FormValue("reason"), id)
	if len(d.Refused) > 0 && errors.Is(d.Refused[0].Err, replenishment.ErrReasonNeeded) {
		return s.again(w, r, "reject", func(y *skuWhy) { y.ReasonError = ui.T(r.Context(), "suggestionerr.reason") })
	}
	return s.answer(w, r, d, err, "sku.rejected")
}

func (s SKU) change(w http.ResponseWriter, r *http.Request) error {
	id, err := s.suggestion(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	asked, ok := route.Pieces(r.FormValue("pieces"))
	if !ok || asked < 1 {
		return s.again(w, r, "change", func(y *skuWhy) { y.Number, y.NumberError = r.FormValue("pieces"), ui.T(ctx, "suggestionerr.pieces") })
	}
	g, err := s.Plan.Change(ctx, id, asked, r.FormValue("reason"))
	if errors.Is(err, replenishment.ErrReasonNeeded) {
		return s.again(w, r, "change", func(y *skuWhy) { y.Asked, y.ReasonError = asked, ui.T(ctx, "suggestionerr.reason") })
	}
	return s.answer(w, r, replenishops.Decided{Done: []replenishment.Suggestion{g}}, err, "")
}

// again shows the form with what was typed and what is wrong with it.
func (s SKU) again(w http.ResponseWriter, r *http.Request, form string, mark func(*skuWhy)) error {
	var y skuWhy
	mark(&y)
	if !route.Partial(r) {
		word := "suggestionerr.reason"
		if y.NumberError != "" {
			word = "suggestionerr.pieces"
		}
		return route.Invalid(word).With("sku.back", "/demand/"+route.Param(r, "code"))
	}
	y, err := s.card(r)
	if err != nil {
		return err
	}
	y.Edit, y.Reason = form, r.FormValue("reason")
	mark(&y)
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, skuWhyCard(y))
}

func (s SKU) history(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), route.Param(r, "code")
	if !route.Partial(r) {
		return route.See(w, r, "/demand/"+code)
	}
	sku, err := s.Catalog.SKUByCode(ctx, code)
	if err != nil {
		return err
	}
	entries, err := s.Plan.SKUHistory(ctx, sku.ID)
	if err != nil {
		return err
	}
	return route.Render(w, r, skuHistory(sku, entries))
}
