package orders

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// Pages are the factory orders: the list, and each order from its draft to its last receipt.
type Pages struct {
	desk.Directory
	Ops *c2mops.Ops
	// Outlook tells what an answer means for the stock; nil leaves that out.
	Outlook OrderOutlook
}

// OrderOutlook is what the planner knows of the goods of an order.
type OrderOutlook interface {
	// Levels gives what stands where and how fast it goes.
	Levels(ctx context.Context, skus ...catalog.SKUID) ([]replenishment.WaterLevel, error)
	// Get gives a suggestion with the demand that it was reckoned from.
	Get(ctx context.Context, id replenishment.SuggestionID) (replenishment.Suggestion, error)
	// Of gives the undecided suggestions of a SKU.
	Of(ctx context.Context, sku catalog.SKUID) ([]replenishment.Suggestion, error)
}

// Screens gives the routes of factory orders.
func (s Pages) Screens() route.Screens {
	sheet := func(method, pattern string, p access.Permission, h route.Handler) route.Route {
		return route.Route{Method: method, Pattern: pattern, Permission: p, Handler: h, Heavy: true, MaxBody: sheets.MaxBody}
	}
	return route.Screens{
		Routes: []route.Route{
			route.GET("/orders", access.ViewOrders, s.list),
			sheet(http.MethodGet, "/orders.xlsx", access.ViewOrders, s.export),
			route.GET("/orders/new", access.EditOrders, s.newForm),
			route.POST("/orders", access.EditOrders, s.create),
			route.GET("/orders/files/{id}", access.ViewOrders, s.file),
			route.GET("/orders/{number}", access.ViewOrders, s.one),
			route.GET("/orders/{number}/news", access.ViewOrders, s.news),
			sheet(http.MethodGet, "/orders/{number}/sheet", access.ViewOrders, s.sheet),
			sheet(http.MethodGet, "/orders/{number}/delivery-note", access.ViewOrders, s.noteForm),
			route.GET("/orders/{number}/diff", access.ViewOrders, s.diff),
			route.POST("/orders/{number}/lines", access.EditOrders, s.saveLines),
			route.GET("/orders/{number}/lines/new", access.EditOrders, s.addForm),
			route.POST("/orders/{number}/lines/new", access.EditOrders, s.add),
			route.GET("/orders/{number}/lines/{line}", access.EditOrders, s.lineForm),
			route.POST("/orders/{number}/lines/{line}", access.EditOrders, s.changeLine),
			route.POST("/orders/{number}/lines/{line}/remove", access.EditOrders, s.removeLine),
			route.GET("/orders/{number}/lines/{line}/counter", access.EditOrders, s.counterForm),
			route.POST("/orders/{number}/lines/{line}/counter", access.EditOrders, s.counter),
			route.GET("/orders/{number}/lines/{line}/promise", access.EditOrders, s.promiseForm),
			route.POST("/orders/{number}/lines/{line}/promise", access.EditOrders, s.promise),
			route.GET("/orders/{number}/conditions", access.EditOrders, s.conditionsForm),
			route.POST("/orders/{number}/conditions", access.EditOrders, s.conditions),
			route.GET("/orders/{number}/send", access.EditOrders, s.sendForm),
			route.POST("/orders/{number}/send", access.EditOrders, s.send),
			route.POST("/orders/{number}/discard", access.EditOrders, s.discard),
			route.POST("/orders/{number}/accept", access.EditOrders, s.accept),
			route.POST("/orders/{number}/produce", access.EditOrders, s.produce),
			sheet(http.MethodPost, "/orders/{number}/upload", access.EditOrders, s.upload),
			route.POST("/orders/{number}/messages", access.EditOrders, s.say),
			route.GET("/orders/{number}/receive", access.EditOrders, s.receiveForm),
			route.POST("/orders/{number}/receive", access.EditOrders, s.receive),
			route.GET("/orders/{number}/end", access.EditOrders, s.endForm),
			route.POST("/orders/{number}/cancel", access.EditOrders, s.cancel),
			route.POST("/orders/{number}/close", access.EditOrders, s.close),
		},
		Menu:   []ui.MenuItem{{Key: "factory", Path: "/orders", Permission: access.ViewOrders, Count: s.waiting}},
		Errors: []route.Mapper{func(err error) *route.Refusal { return sheets.Refusal(err, "/orders") }},
	}
}

// waiting counts what a buyer has to act on: drafts to send and answers to decide.
func (s Pages) waiting(ctx context.Context) int {
	page, err := s.Ops.Orders(ctx, c2mops.Query{Limit: 1})
	if err != nil {
		return 0 // a number beside the menu is not worth an error page
	}
	return page.Total(c2m.StateDraft).Orders + page.Total(c2m.StateAnswered).Undecided
}

// orderViews are the parts of the list, by the query "state": states, and three views that cut across them.
var orderViews = []string{"", "waiting", "draft", "sent", "answered", "confirmed", "producing", "shipped", "received", "over", "late"}

// orderStates gives the states of a view, nil for all.
func orderStates(view string) []c2m.State {
	switch st := c2m.State(view); {
	case view == "over":
		return []c2m.State{c2m.StateClosed, c2m.StateCancelled}
	case st.Valid():
		return []c2m.State{st}
	}
	return nil
}

// orderList is what the list shows.
type orderList struct {
	Rows      []c2mops.Row
	Next      string
	All       c2mops.Page // the sums of every state, whatever the view
	View      string
	Query     string
	Sort      string
	Mine      bool
	Supplier  catalog.SupplierID
	Site      catalog.SiteID
	Suppliers []catalog.SupplierRecord
	Sites     []catalog.SiteRecord
	Place     desk.Trail
}

// sum is what a view holds.
func (p orderList) sum(view string) c2mops.Sum {
	all := p.All.Total()
	switch view {
	case "late":
		return c2mops.Sum{Orders: all.Late}
	case "waiting":
		return c2mops.Sum{Orders: all.Undecided}
	}
	return p.All.Total(orderStates(view)...)
}

// query reads what the list is asked for, without its view.
func (s Pages) query(r *http.Request, p *orderList) (c2mops.Query, error) {
	ctx, v := r.Context(), r.URL.Query()
	var err error
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return c2mops.Query{}, err
	}
	if p.Suppliers, err = s.Catalog.Suppliers(ctx, catalog.SupplierQuery{}); err != nil {
		return c2mops.Query{}, err
	}
	p.Query, p.Mine, p.Place = v.Get("q"), v.Get("mine") != "", desk.ReadTrail(v.Get("after"))
	if p.View = v.Get("state"); !slices.Contains(orderViews, p.View) {
		p.View = ""
	}
	for _, x := range p.Suppliers {
		if want := v.Get("supplier"); want != "" && (x.Code == want || desk.Itoa(x.ID) == want) {
			p.Supplier = x.ID
		}
	}
	if x, ok := desk.SiteByCode(p.Sites, desk.AskedSite(ctx, v)); ok {
		p.Site = x.ID
	}
	q := c2mops.Query{Limit: desk.PageSize, Filter: c2mops.Filter{Supplier: p.Supplier, SKU: catalog.SKUID(desk.Number(v.Get("sku"))), Search: p.Query}}
	if p.Site != 0 {
		q.Sites = []catalog.SiteID{p.Site}
	}
	if p.Mine {
		q.Buyer = int64(route.User(ctx).ID)
	}
	by, desc := ui.Sorted(v, "-number", "number", "due", "next", "amount", "reply")
	p.Sort = by
	if desc {
		p.Sort = "-" + by
	}
	q.Sort = c2mops.Sort(by)
	q.Reverse = desc != (by == "number" || by == "amount") // those begin with the newest and the dearest by themselves
	if key := p.Place.Here(); key != "" {
		if q.After, err = readOrderPlace(key); err != nil {
			return q, err
		}
	}
	return q, nil
}

// orderPlace writes the place in the list after which a page begins.
func orderPlace(c *c2mops.Cursor) string {
	if c == nil {
		return ""
	}
	return strconv.FormatInt(c.Key, 10) + "." + strconv.FormatInt(int64(c.ID), 10)
}

func readOrderPlace(s string) (*c2mops.Cursor, error) {
	for i := range s {
		if s[i] != '.' {
			continue
		}
		key, err1 := strconv.ParseInt(s[:i], 10, 64)
		id, err2 := strconv.ParseInt(s[i+1:], 10, 64)
		if err1 == nil && err2 == nil {
			return &c2mops.Cursor{Key: key, ID: c2m.OrderID(id)}, nil
		}
	}
	return nil, route.NotFound()
}

// narrow cuts the query to the view.
func narrow(q *c2mops.Query, view string) {
	q.States = orderStates(view)
	q.Late, q.Undecided = view == "late", view == "waiting"
}

func (s Pages) read(r *http.Request) (orderList, error) {
	var p orderList
	q, err := s.query(r, &p)
	if err != nil {
		return p, err
	}
	narrow(&q, p.View)
	page, err := s.Ops.Orders(r.Context(), q)
	if err != nil {
		return p, err
	}
	p.Rows, p.Next, p.All = page.Rows, orderPlace(page.Next), page
	if q.Late || q.Undecided {
		q.Late, q.Undecided, q.States, q.After, q.Limit = false, false, nil, nil, 1
		if p.All, err = s.Ops.Orders(r.Context(), q); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (s Pages) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "order-list" {
		view := *ui.From(r.Context())
		view.URL = r.URL // the filter just chosen, not the one that the page stands at
		r = r.WithContext(ui.WithView(r.Context(), &view))
		return route.Render(w, r, ordersTable(p))
	}
	return route.Render(w, r, ordersScreen(p))
}

// find gives the id of the order in the path. An id instead of a number leads to the number's page.
func (s Pages) find(r *http.Request) (c2m.OrderID, string, error) {
	number := route.Param(r, "number")
	id, err := s.Ops.Number(r.Context(), number)
	if err != nil {
		return 0, "", refused(err, "/orders")
	}
	return id, orderHref(number), nil
}

// refused says a refusal with the way back to the order's page; another error stays what it is.
func refused(err error, here string) error {
	if e := sheets.Refusal(err, here); e != nil {
		return e
	}
	return err
}

func orderHref(number string) string { return "/orders/" + url.PathEscape(number) }
