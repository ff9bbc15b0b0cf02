package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Suggestions is the review list: what the planner would buy, move, clear or pre-sell, and the buyer's decisions.
type Suggestions struct {
	Plan    *replenishops.Ops
	Catalog Lookup
}

// Lookup gives the names behind ids, for the screens.
type Lookup interface {
	SKU(ctx context.Context, id catalog.SKUID) (catalog.SKU, error)
	Sites(ctx context.Context) ([]catalog.Site, error)
	Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error)
}

// Screens gives the routes of the review list.
func (s Suggestions) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/suggestions", access.ViewSuggestions, s.list),
			{Method: http.MethodGet, Pattern: "/suggestions.xlsx", Permission: access.ViewSuggestions, Handler: s.export, Heavy: true},
			route.GET("/suggestions/{id}", access.ViewSuggestions, s.drawer),
			route.GET("/suggestions/{id}/review", access.ViewSuggestions, s.review),
			route.POST("/suggestions/{id}/approve", access.DecideSuggestions, s.approve),
			route.POST("/suggestions/{id}/change", access.DecideSuggestions, s.change),
			route.POST("/suggestions/{id}/reject", access.DecideSuggestions, s.reject),
			route.POST("/suggestions/{id}/undo", access.DecideSuggestions, s.undo),
			route.POST("/suggestions/approve", access.DecideSuggestions, s.approveMany),
			route.POST("/suggestions/reject", access.DecideSuggestions, s.rejectMany),
			{Method: http.MethodPost, Pattern: "/suggestions/plan", Permission: access.RunForecast, Handler: s.planNow, Heavy: true},
		},
		Menu: []ui.MenuItem{{Key: "suggestions", Path: "/suggestions", Permission: access.ViewSuggestions, Count: s.waiting}},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			for is, word := range map[error]string{
				replenishment.ErrDecided: "decided", replenishment.ErrExpired: "expired", replenishment.ErrOrdered: "ordered",
				replenishment.ErrOpen: "open", replenishment.ErrReasonNeeded: "reason", replenishment.ErrPieces: "pieces",
			} {
				if errors.Is(err, is) {
					return route.Conflict("suggestionerr."+word).With("suggestionerr.next", "/suggestions")
				}
			}
			if errors.Is(err, replenishment.ErrSettings) {
				return route.Invalid("suggestionerr.settings", "Field", err.Error())
			}
			if errors.Is(err, replenishops.ErrUnknown) {
				return route.NotFound()
			}
			return nil
		}},
	}
}

func (s Suggestions) waiting(ctx context.Context) int {
	n, err := s.Plan.Waiting(ctx)
	if err != nil {
		return 0 // a number beside the menu is not worth an error page
	}
	return n
}

// suggestionPage is what the list shows.
type suggestionPage struct {
	Lines      []replenishops.Line
	Tallies    []replenishops.Tally
	Threatened int
	Filter     replenishops.Filter
	Query      string
	Page       int
	More       bool
	Sites      []catalog.Site
	SupplierOf catalog.Supplier
	Planning   *replenishops.Run
	Open       *suggestionDrawer
}

func (p suggestionPage) total(kind replenishment.Kind) (n int, fen money.Fen) {
	for _, t := range p.Tallies {
		if kind == "" || t.Kind == kind {
			n, fen = n+t.Count, fen+t.Money
		}
	}
	return n, fen
}

func (s Suggestions) filter(r *http.Request) (replenishops.Filter, string, int) {
	q := r.URL.Query()
	f := replenishops.Filter{View: "waiting", Sort: "lost", Limit: desk.PageSize + 1}
	switch v := q.Get("view"); v {
	case "approved", "ordered", "rejected", "expired":
		f.View = v
	}
	switch v := q.Get("sort"); v {
	case "money", "stockout", "pieces", "sku":
		f.Sort = v
	}
	f.Kind, f.Reason = replenishment.Kind(q.Get("kind")), replenishment.Reason(q.Get("reason"))
	f.Site, f.Supplier = catalog.SiteID(desk.Number(q.Get("site"))), catalog.SupplierID(desk.Number(q.Get("supplier")))
	f.SKU = catalog.SKUID(desk.Number(q.Get("sku")))
	f.Terms = catalog.QueryTerms(q.Get("q"))
	page := max(1, int(desk.Number(q.Get("page"))))
	f.Offset = (page - 1) * desk.PageSize
	return f, q.Get("q"), page
}

func (s Suggestions) page(r *http.Request) (suggestionPage, error) {
	ctx := r.Context()
	f, query, page := s.filter(r)
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return suggestionPage{}, err
	}
	if code := ui.From(ctx).Site; code != "" && f.Site == 0 {
		for _, x := range sites {
			if x.Code == code {
				f.Site = x.ID
			}
		}
	}
	l, err := s.Plan.List(ctx, f)
	if err != nil {
		return suggestionPage{}, err
	}
	p := suggestionPage{Lines: l.Lines, Tallies: l.Tallies, Threatened: l.Threatened, Filter: f, Query: query, Page: page, Sites: sites}
	if len(p.Lines) > desk.PageSize {
		p.Lines, p.More = p.Lines[:desk.PageSize], true
	}
	if f.Supplier != 0 {
		names, err := s.Catalog.Suppliers(ctx, f.Supplier)
		if err != nil {
			return p, err
		}
		p.SupplierOf = names[f.Supplier]
	}
	runs, err := s.Plan.Runs(ctx, 1)
	if err != nil {
		return p, err
	}
	if len(runs) > 0 && runs[0].State == "running" {
		p.Planning = &runs[0]
	}
	return p, nil
}

func (s Suggestions) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r)
	if err != nil {
		return err
	}
	if id := r.URL.Query().Get("open"); id != "" && !route.Partial(r) {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			d, err := s.look(r.Context(), replenishment.SuggestionID(n))
			if err == nil {
				p.Open = &d
			} else if !errors.Is(err, replenishops.ErrUnknown) {
				return err
			}
		}
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "suggestion-list" {
		return route.Render(w, r, suggestionList(p))
	}
	return route.Render(w, r, suggestionsPage(p))
}

// suggestionDrawer is one suggestion with everything that the decision needs.
type suggestionDrawer struct {
	replenishment.Suggestion
	SKU      catalog.SKU
	SiteName catalog.Name
	FromName catalog.Name
	Supplier catalog.Supplier
	OrderRef string
	// Asked is the number in the box, Review what follows from it, NumberError why it cannot be read.
	Asked       quantity.Pieces
	Review      *replenishment.Review
	ReasonError string
	NumberError string
	Reason      string
	Undo        string // what has just been done, with the way back
}

func (s Suggestions) look(ctx context.Context, id replenishment.SuggestionID) (suggestionDrawer, error) {
	g, err := s.Plan.Get(ctx, id)
	if err != nil {
		return suggestionDrawer{}, err
	}
	return s.dress(ctx, g)
}

// dress adds the names to a suggestion.
func (s Suggestions) dress(ctx context.Context, g replenishment.Suggestion) (suggestionDrawer, error) {
	d := suggestionDrawer{Suggestion: g, Asked: g.Quantity(), Reason: g.Note}
	var err error
	if d.SKU, err = s.Catalog.SKU(ctx, g.SKU); err != nil {
		return d, err
	}
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return d, err
	}
	for _, x := range sites {
		if x.ID == g.Site {
			d.SiteName = x.Name
		}
		if x.ID == g.From {
			d.FromName = x.Name
		}
	}
	if g.Supplier != 0 {
		names, err := s.Catalog.Suppliers(ctx, g.Supplier)
		if err != nil {
			return d, err
		}
		d.Supplier = names[g.Supplier]
	}
	l, err := s.Plan.List(ctx, replenishops.Filter{SKU: g.SKU, Kind: g.Kind, Site: g.Site, Limit: 20})
	if err != nil {
		return d, err
	}
	for _, x := range l.Lines {
		if x.ID == g.ID {
			d.OrderRef = x.OrderRef
		}
	}
	return d, nil
}

func (s Suggestions) drawer(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if !route.Partial(r) {
		return route.See(w, r, "/suggestions?open="+strconv.FormatInt(id, 10))
	}
	d, err := s.look(r.Context(), replenishment.SuggestionID(id))
	if err != nil {
		return err
	}
	if d.State == replenishment.StateApproved && d.At != nil && ui.From(r.Context()).Now.Sub(*d.At) < s.Plan.UndoWindow {
		d.Undo = s.approved(r.Context(), d)
	}
	if r.URL.Query().Has("row") {
		return s.withRow(w, r, d)
	}
	return route.Render(w, r, suggestionPanel(d))
}

// review tells what another number would mean, while the buyer types it.
func (s Suggestions) review(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	asked, ok := route.Pieces(r.URL.Query().Get("pieces"))
	if !ok || asked < 1 {
		return route.Render(w, r, suggestionReview(suggestionDrawer{NumberError: ui.T(ctx, "suggestionerr.pieces")}))
	}
	g, review, err := s.Plan.Review(ctx, replenishment.SuggestionID(id), asked)
	if err != nil {
		return err
	}
	d := suggestionDrawer{Suggestion: g, Asked: asked, Review: &review}
	if d.SKU, err = s.Catalog.SKU(ctx, g.SKU); err != nil {
		return err
	}
	if r.URL.Query().Has("panel") && d.State.Undecided() && mayDecide(ctx) {
		return route.Render(w, r, panelReview(d))
	}
	return route.Render(w, r, suggestionReview(d))
}

func (s Suggestions) approve(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	d, err := s.Plan.Approve(r.Context(), replenishment.SuggestionID(id))
	return s.answer(w, r, d, err, "approve")
}

func (s Suggestions) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	d, err := s.Plan.TakeBack(r.Context(), replenishment.SuggestionID(id))
	return s.answer(w, r, d, err, "")
}

func (s Suggestions) reject(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	d, err := s.Plan.Reject(r.Context(), r.FormValue("reason"), replenishment.SuggestionID(id))
	return s.answer(w, r, d, err, "reject")
}

func (s Suggestions) change(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	again := func(number, reason string) error {
		d, err := s.look(ctx, replenishment.SuggestionID(id))
		if err != nil {
			return err
		}
		d.NumberError, d.ReasonError, d.Reason = number, reason, r.FormValue("reason")
		if asked, ok := route.Pieces(r.FormValue("pieces")); ok && asked > 0 {
			_, review, err := s.Plan.Review(ctx, replenishment.SuggestionID(id), asked)
			if err != nil {
				return err
			}
			d.Asked, d.Review = asked, &review
		}
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, suggestionPanel(d))
	}
	asked, ok := route.Pieces(r.FormValue("pieces"))
	if !ok || asked < 1 {
		return again(ui.T(ctx, "suggestionerr.pieces"), "")
	}
	g, err := s.Plan.Change(ctx, replenishment.SuggestionID(id), asked, r.FormValue("reason"))
	if errors.Is(err, replenishment.ErrReasonNeeded) {
		return again("", ui.T(ctx, "suggestionerr.reason"))
	}
	return s.answer(w, r, replenishops.Decided{Done: []replenishment.Suggestion{g}}, err, "change")
}

// answer shows the suggestion as it stands after the verb: the drawer, and with it the changed row of the list.
func (s Suggestions) answer(w http.ResponseWriter, r *http.Request, done replenishops.Decided, err error, verb string) error {
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return done.Refused[0].Err
	}
	g := done.Done[0]
	if !route.Partial(r) {
		return route.See(w, r, route.Back(r, "/suggestions"))
	}
	ctx := r.Context()
	d, err := s.dress(ctx, g)
	if err != nil {
		return err
	}
	if verb == "approve" {
		d.Undo = s.approved(ctx, d)
	}
	return s.withRow(w, r, d)
}

// approved says what has just been approved and what comes of it.
func (s Suggestions) approved(ctx context.Context, d suggestionDrawer) string {
	quantity := ui.Quantity(ctx, d.Quantity(), d.SKU.Unit)
	if d.Kind == replenishment.Transfer {
		return ui.T(ctx, "suggestions.approved_transfer", "Quantity", quantity)
	}
	return ui.T(ctx, "suggestions.approved_note", "Seconds", strconv.Itoa(int(s.Plan.UndoWindow.Seconds())), "Quantity", quantity, "Supplier", ui.Name(ctx, d.Supplier.Name))
}

// withRow shows the drawer, and with it the row of the list as it is now.
func (s Suggestions) withRow(w http.ResponseWriter, r *http.Request, d suggestionDrawer) error {
	l, err := s.Plan.List(r.Context(), replenishops.Filter{SKU: d.Suggestion.SKU, Kind: d.Kind, Site: d.Site, Limit: 50})
	if err != nil {
		return err
	}
	for _, line := range l.Lines {
		if line.ID == d.ID {
			return route.Render(w, r, suggestionAnswer(d, line))
		}
	}
	return route.Render(w, r, suggestionPanel(d))
}

func (s Suggestions) many(w http.ResponseWriter, r *http.Request, verb func(context.Context, ...replenishment.SuggestionID) (replenishops.Decided, error)) error {
	numbers, err := route.IDs(r, "id")
	if err != nil {
		return err
	}
	ids := make([]replenishment.SuggestionID, len(numbers))
	for i, n := range numbers {
		ids[i] = replenishment.SuggestionID(n)
	}
	done, err := verb(r.Context(), ids...)
	if err != nil {
		return err
	}
	if len(done.Done) == 0 && len(done.Refused) > 0 {
		return done.Refused[0].Err
	}
	return route.See(w, r, route.Back(r, "/suggestions"))
}

func (s Suggestions) approveMany(w http.ResponseWriter, r *http.Request) error {
	return s.many(w, r, s.Plan.Approve)
}

func (s Suggestions) rejectMany(w http.ResponseWriter, r *http.Request) error {
	return s.many(w, r, func(ctx context.Context, ids ...replenishment.SuggestionID) (replenishops.Decided, error) {
		return s.Plan.Reject(ctx, r.FormValue("reason"), ids...)
	})
}

func (s Suggestions) planNow(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Plan.PlanNow(r.Context()); err != nil {
		return err
	}
	return route.See(w, r, "/suggestions")
}
