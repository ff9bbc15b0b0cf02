// Package partners holds the console's pages of suppliers as partners: their scorecards, capacity, statements and advances, what waits of
// papers and appeals, the comparison of offers, and the rules of it all.
package partners

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"milkrun/c2m"
	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/supplier/books"
	"milkrun/web/ui"
)

// Pages are the house's side.
type Pages struct {
	desk.Directory
	Books books.Desk
	Goods Goods
}

// Goods finds goods by their code and suppliers by their ids.
type Goods interface {
	SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error)
	Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error)
}

// Screens gives the routes.
func (s Pages) Screens() route.Screens {
	one := "/suppliers/{code}"
	routes := s.Books.Routes(one, access.ViewSuppliers, access.EditSuppliers, s.side)
	routes = append(routes, s.Books.Deeds(one, s.side)...)
	routes = append(routes,
		route.GET("/statements", access.ViewSuppliers, s.statements),
		route.GET("/advances", access.ViewSuppliers, s.advances),
		route.GET("/papers", access.ViewSuppliers, s.watch),
		route.GET("/offers", access.ViewSuppliers, s.compare),
		route.POST("/offers", access.EditSuppliers, s.addOffer),
		route.POST("/offers/rates", access.EditSuppliers, s.saveRate),
		route.GET("/supplier-rules", access.ViewSuppliers, s.rules),
		route.POST("/supplier-rules", access.EditSuppliers, s.saveRules),
		route.Route{Method: http.MethodPost, Pattern: "/hooks/supplier-payments", Permission: access.Public, Handler: s.hear, MaxBody: maxMessage, PerMinute: 600},
	)
	item := func(sub, path string, count func(context.Context) int) ui.MenuItem {
		return ui.MenuItem{Key: "suppliers", Sub: sub, Path: path, Permission: access.ViewSuppliers, Count: count}
	}
	return route.Screens{Routes: routes, Errors: []route.Mapper{books.Explain},
		Menu: []ui.MenuItem{item("list", "/suppliers", nil), item("statements", "/statements", s.toAgree), item("advances", "/advances", nil), item("watch", "/papers", nil), item("compare", "/offers", nil), item("rules", "/supplier-rules", nil)}}
}

// toAgree counts the statements that wait for the house.
func (s Pages) toAgree(ctx context.Context) int {
	p, err := s.Books.Statements.List(ctx, 0, []statement.State{statement.Disputed, statement.Accepted}, 0)
	if err != nil {
		return 0
	}
	return p.Counts[statement.Disputed].N + p.Counts[statement.Accepted].N
}

// Matters counts what waits for the house with suppliers, for the page of the day.
func (s Pages) Matters(ctx context.Context) (lapsing, lapsed, appeals, statements, advances int, err error) {
	rules, err := s.Books.Suppliers.Rules(ctx)
	if err != nil {
		return
	}
	papers, err := s.Books.Orders.CertificatesEnding(ctx, rules.Reminders[0]+1)
	if err != nil {
		return
	}
	today := s.Books.Suppliers.Today()
	for _, c := range papers {
		if c.To < today {
			lapsed++
		} else {
			lapsing++
		}
	}
	cards, err := s.Books.Orders.Cards(ctx, 0, false)
	if err != nil {
		return
	}
	for _, c := range cards {
		if c.AppealWaits() {
			appeals++
		}
	}
	p, err := s.Books.Finance.Portfolio(ctx, []finance.State{finance.Applied}, 0)
	return lapsing, lapsed, appeals, s.toAgree(ctx), p.Waiting, err
}

// side is the house's side of one supplier's pages.
func (s Pages) side(r *http.Request) (books.Frame, error) {
	ctx := r.Context()
	code := route.Param(r, "code")
	list, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{Text: code})
	if err != nil {
		return books.Frame{}, err
	}
	for _, l := range list {
		if l.Code == code {
			u := route.User(ctx)
			edit := access.Can(u, access.EditSuppliers)
			return books.Frame{Supplier: l.ID, Code: l.Code, Name: l.Name, Base: desk.SupplierHref(l.Code), House: true, Edit: edit, Judge: edit || access.Can(u, access.LeadFloor),
				Wrap: func(title, tab string, body templ.Component) templ.Component {
					return sideScreen(l.Supplier, title, tab, body)
				}}, nil
		}
	}
	return books.Frame{}, route.NotFound()
}

// SideTabs are the pages of one supplier.
func SideTabs(ctx context.Context, code, current string) []ui.Link {
	out := []ui.Link{{Text: ui.T(ctx, "menu.suppliers.list"), Href: desk.SupplierHref(code), Current: current == ""}}
	for _, t := range []string{"standing", "work", "statements", "credit"} {
		out = append(out, ui.Link{Text: ui.T(ctx, "books.tab_"+t), Href: desk.SupplierHref(code) + "/" + t, Current: t == current})
	}
	return out
}

// statementList is the list over all suppliers.
type statementList struct {
	Page  statementops.Page
	State statement.State
	Open  int
	Money money.Fen
}

func (s Pages) statements(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := statementList{State: statement.State(r.URL.Query().Get("state"))}
	var states []statement.State
	for _, known := range statement.States() {
		if known == p.State {
			states = []statement.State{p.State}
		}
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	var err error
	if p.Page, err = s.Books.Statements.List(ctx, 0, states, statement.ID(before)); err != nil {
		return err
	}
	for _, st := range []statement.State{statement.Draft, statement.Sent, statement.Disputed, statement.Accepted} {
		p.Open += p.Page.Counts[st].N
	}
	for _, b := range p.Page.Rows {
		p.Money += b.Balance()
	}
	return route.Render(w, r, statementsScreen(p))
}

func (p statementList) views(ctx context.Context) []ui.Link {
	all := 0
	for _, c := range p.Page.Counts {
		all += c.N
	}
	out := []ui.Link{{Text: ui.T(ctx, "books.all"), Href: "/statements", Current: p.State == "", Count: all}}
	for _, st := range statement.States() {
		if n := p.Page.Counts[st].N; n > 0 || st == p.State {
			out = append(out, ui.Link{Text: ui.T(ctx, "books.st_"+string(st)), Href: "/statements?state=" + string(st), Current: st == p.State, Count: n})
		}
	}
	return out
}

// advanceList is the portfolio.
type advanceList struct {
	financeops.Portfolio
	State finance.State
	Firms map[catalog.SupplierID]catalog.Supplier
}

func (s Pages) advances(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := advanceList{State: finance.State(r.URL.Query().Get("state"))}
	var states []finance.State
	for _, known := range finance.States() {
		if known == p.State {
			states = []finance.State{p.State}
		}
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	var err error
	if p.Portfolio, err = s.Books.Finance.Portfolio(ctx, states, finance.ID(before)); err != nil {
		return err
	}
	ids := []catalog.SupplierID{}
	for _, a := range p.Rows {
		ids = append(ids, a.Supplier)
	}
	if p.Firms, err = s.Goods.Suppliers(ctx, ids...); err != nil {
		return err
	}
	return route.Render(w, r, advancesScreen(p))
}

func (p advanceList) views(ctx context.Context) []ui.Link {
	out := []ui.Link{{Text: ui.T(ctx, "books.all"), Href: "/advances", Current: p.State == ""}}
	for _, st := range finance.States() {
		out = append(out, ui.Link{Text: ui.T(ctx, "books.as_"+string(st)), Href: "/advances?state=" + string(st), Current: st == p.State})
	}
	return out
}

// watch is what waits: certificates that lapse, and appeals.
type watch struct {
	Papers  []c2m.Certificate
	Appeals []c2m.Card
	Firms   map[catalog.SupplierID]catalog.Supplier
}

func (s Pages) watch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p watch
	rules, err := s.Books.Suppliers.Rules(ctx)
	if err != nil {
		return err
	}
	if p.Papers, err = s.Books.Orders.CertificatesEnding(ctx, rules.Reminders[0]+1); err != nil {
		return err
	}
	cards, err := s.Books.Orders.Cards(ctx, 0, false)
	if err != nil {
		return err
	}
	ids := []catalog.SupplierID{}
	for _, c := range cards {
		if c.AppealWaits() {
			p.Appeals = append(p.Appeals, c)
		}
	}
	for _, c := range p.Papers {
		ids = append(ids, c.Supplier)
	}
	if p.Firms, err = s.Goods.Suppliers(ctx, ids...); err != nil {
		return err
	}
	return route.Render(w, r, watchScreen(p))
}

// comparison is the page of offers.
type comparison struct {
	Code  string
	Pick  bool // nothing was asked yet
	Rates map[supplier.Currency]supplierops.DayRate
	supplierops.Comparison
	Edit bool
}

// usualPieces is the quantity that is compared when none is named.
const usualPieces = 1000

func (s Pages) compare(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := comparison{Code: r.URL.Query().Get("sku"), Edit: access.Can(route.User(ctx), access.EditSuppliers)}
	var err error
	if v.Rates, err = s.Books.Suppliers.Rates(ctx); err != nil {
		return err
	}
	n, ok := route.Pieces(r.URL.Query().Get("pieces"))
	if !ok || n < 1 {
		n = usualPieces
	}
	v.Pieces = n
	if v.Code == "" {
		v.Pick = true
		return route.Render(w, r, compareScreen(v))
	}
	found, err := s.Goods.SKUsByCode(ctx, v.Code)
	if err != nil {
		return err
	}
	sku, ok := found[v.Code]
	if !ok {
		return route.NotFound()
	}
	if v.Comparison, err = s.Books.Suppliers.Compare(ctx, sku.ID, n); err != nil {
		return err
	}
	return route.Render(w, r, compareScreen(v))
}
