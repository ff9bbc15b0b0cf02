// Package supplier is the suppliers' portal: the orders that they are asked to answer, sheets out and sheets back, their deliveries and
// the rolling forecast. A supplier sees its own alone; what is another's does not exist for it.
package supplier

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/supplier/books"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// Portal is the suppliers' side of factory orders.
type Portal struct {
	Ops   *c2mops.Ops
	Firms Firms
	// Books are the pages that the supplier and the house look at together; without them the portal is about orders alone.
	Books *books.Desk
}

// Firms gives the name of a supplier, to its own people.
type Firms interface {
	Supplier(ctx context.Context, id catalog.SupplierID) (catalog.SupplierRecord, error)
}

// Screens gives the routes of the portal.
func (p Portal) Screens() route.Screens {
	heavy := func(method, pattern string, h route.Handler) route.Route {
		return route.Route{Method: method, Pattern: pattern, Permission: access.UsePortal, Handler: h, Heavy: true, MaxBody: sheets.MaxBody}
	}
	get := func(pattern string, h route.Handler) route.Route { return route.GET(pattern, access.UsePortal, h) }
	post := func(pattern string, h route.Handler) route.Route { return route.POST(pattern, access.UsePortal, h) }
	shared := []route.Route{}
	if p.Books != nil {
		shared = append(p.Books.Routes("/portal", access.UsePortal, access.UsePortal, p.side), p.Books.Uploads("/portal", p.side)...)
	}
	return route.Screens{Routes: append(shared, []route.Route{
		get("/portal", p.home),
		get("/portal/orders/{number}", p.order),
		get("/portal/orders/{number}/news", p.news),
		heavy(http.MethodGet, "/portal/orders/{number}/sheet", p.sheet),
		heavy(http.MethodGet, "/portal/orders/{number}/delivery-note", p.noteForm),
		post("/portal/orders/{number}/answer", p.answer),
		post("/portal/orders/{number}/produce", p.produce),
		post("/portal/orders/{number}/messages", p.say),
		heavy(http.MethodGet, "/portal/delivery-note", p.noteForm),
		heavy(http.MethodPost, "/portal/upload", p.upload),
		get("/portal/uploads/{id}", p.result),
		get("/portal/files/{id}", p.file),
		get("/portal/deliveries", p.deliveries),
		get("/portal/forecast", p.forecast),
		heavy(http.MethodGet, "/portal/forecast.xlsx", p.forecastSheet),
		post("/portal/forecast", p.commit),
	}...)}
}

// frame is what every page of the portal has.
type frame struct {
	Firm    catalog.Name
	Current string // the tab
	Books   bool
}

// side is the supplier's side of the shared pages.
func (p Portal) side(r *http.Request) (books.Frame, error) {
	u := route.User(r.Context())
	s, err := p.Firms.Supplier(r.Context(), u.Supplier)
	return books.Frame{Supplier: u.Supplier, Code: s.Code, Name: s.Name, Base: "/portal", Wrap: func(title, tab string, body templ.Component) templ.Component {
		return sharedScreen(frame{Firm: s.Name, Current: tab, Books: true}, title, body)
	}}, err
}

func (p Portal) frame(ctx context.Context, current string) (frame, error) {
	s, err := p.Firms.Supplier(ctx, route.User(ctx).Supplier)
	return frame{Firm: s.Name, Current: current, Books: p.Books != nil}, err
}

// tabs are the pages of the portal.
func (f frame) tabs(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, t := range [][2]string{{"orders", "/portal"}, {"forecast", "/portal/forecast"}, {"deliveries", "/portal/deliveries"}} {
		out = append(out, ui.Link{Text: ui.T(ctx, "portal.tab_"+t[0]), Href: t[1], Current: t[0] == f.Current})
	}
	if f.Books {
		for _, t := range []string{"work", "statements", "credit", "standing"} {
			out = append(out, ui.Link{Text: ui.T(ctx, "books.tab_"+t), Href: "/portal/" + t, Current: t == f.Current})
		}
	}
	return out
}

// views are the parts of the list of orders, by the query "state".
var views = []string{"", "sent", "answered", "confirmed", "shipped", "over"}

func viewStates(view string) []c2m.State {
	switch view {
	case "sent", "answered":
		return []c2m.State{c2m.State(view)}
	case "confirmed":
		return []c2m.State{c2m.StateConfirmed, c2m.StateProducing}
	case "shipped":
		return []c2m.State{c2m.StateDispatched}
	case "over":
		return []c2m.State{c2m.StateReceived, c2m.StateClosed, c2m.StateCancelled}
	}
	return nil
}

// home is the first page: the one thing that is asked of the supplier on top.
type home struct {
	frame
	Asked   *c2mops.Row // the order to answer first, else the one to deliver next; nil when nothing is asked
	Page    c2mops.Page // of the list
	View    string
	Back    string // page of the list before, "" for none
	Next    string
	Upload  *c2mops.Upload // the last one
	Rolling *c2mops.ForecastRow
	Score   c2m.Score
}

// listRows is how many orders the list shows at a time.
const listRows = 20

func (p Portal) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h := home{View: r.URL.Query().Get("state")}
	var err error
	if h.frame, err = p.frame(ctx, "orders"); err != nil {
		return err
	}
	if !slices.Contains(views, h.View) {
		h.View = ""
	}
	q := c2mops.Query{Limit: listRows, Filter: c2mops.Filter{States: viewStates(h.View)}}
	if after := r.URL.Query().Get("after"); after != "" {
		n, err := strconv.ParseInt(after, 10, 64)
		if err != nil {
			return route.NotFound()
		}
		q.After, h.Back = &c2mops.Cursor{Key: n, ID: c2m.OrderID(n)}, "/portal?state="+url.QueryEscape(h.View)
	}
	if h.Page, err = p.Ops.PortalOrders(ctx, q); err != nil {
		return err
	}
	if h.Page.Next != nil {
		h.Next = strconv.FormatInt(int64(h.Page.Next.ID), 10)
	}
	if h.Asked, err = p.asked(ctx); err != nil {
		return err
	}
	ups, err := p.Ops.Uploads(ctx, 0, 1)
	if err != nil {
		return err
	}
	if len(ups) > 0 {
		h.Upload = &ups[0]
	}
	rows, err := p.Ops.PortalForecast(ctx, 0)
	if err != nil {
		return err
	}
	h.Rolling = largest(rows)
	if h.Score, err = p.Ops.Score(ctx, route.User(ctx).Supplier); err != nil {
		return err
	}
	return route.Render(w, r, homeScreen(h))
}

// asked finds what the supplier should do first: answer the order whose deadline is next, else deliver what is due next.
func (p Portal) asked(ctx context.Context) (*c2mops.Row, error) {
	for _, q := range []c2mops.Query{
		{Limit: 1, Sort: c2mops.ByReply, Filter: c2mops.Filter{States: []c2m.State{c2m.StateSent}}},
		{Limit: 1, Sort: c2mops.ByNext, Filter: c2mops.Filter{States: viewStates("confirmed")}},
	} {
		page, err := p.Ops.PortalOrders(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(page.Rows) > 0 {
			return &page.Rows[0], nil
		}
	}
	return nil, nil
}

// find gives the id of the order in the path. Another supplier's order does not exist.
func (p Portal) find(r *http.Request) (c2m.OrderID, string, error) {
	number := route.Param(r, "number")
	id, err := p.Ops.Number(r.Context(), number)
	return id, orderHref(number), refused(err, "/portal")
}

// refused says a refusal with the way back; another error stays what it is.
func refused(err error, here string) error {
	if e := sheets.Refusal(err, here); e != nil {
		return e
	}
	return err
}

func orderHref(number string) string { return "/portal/orders/" + url.PathEscape(number) }

// language gives the language that a sheet is wanted in, the reader's own where none is named.
func language(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "zh" || l == "en" {
		return l
	}
	return string(ui.Lang(r.Context()))
}

func (p Portal) sheet(w http.ResponseWriter, r *http.Request) error {
	id, here, err := p.find(r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.URL.Query().Get("version"))
	if err != nil || version < 0 {
		version = 0
	}
	f, err := p.Ops.OrderSheet(r.Context(), id, version, language(r))
	if err != nil {
		return refused(err, here)
	}
	return sheets.Download(w, f)
}

// noteForm gives the empty form for delivery notes: of one order, or of everything that may be sent.
func (p Portal) noteForm(w http.ResponseWriter, r *http.Request) error {
	var id c2m.OrderID
	here := "/portal"
	if route.Param(r, "number") != "" {
		var err error
		if id, here, err = p.find(r); err != nil {
			return err
		}
	}
	f, err := p.Ops.ASNForm(r.Context(), id, language(r))
	if err != nil {
		return refused(err, here)
	}
	return sheets.Download(w, f)
}

func (p Portal) file(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	f, err := p.Ops.File(r.Context(), id)
	if err != nil {
		return refused(err, "/portal")
	}
	return sheets.Download(w, f)
}
