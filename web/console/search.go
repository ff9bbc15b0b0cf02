package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Search finds goods, suppliers, orders and topics by a few characters.
type Search struct {
	Catalog *catalogops.Ops
	Orders  FactoryDesk // nil leaves orders out
	// Warehouse finds customers' orders, parcels, lots, bins and deliveries; nil leaves them out.
	Warehouse interface {
		Find(ctx context.Context, text string, limit int) ([]warehouse.Hit, error)
	}
}

// Screens gives the route of the search.
func (s Search) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		{Method: http.MethodGet, Pattern: "/search", Permission: access.Console, Handler: s.find, PerMinute: 600},
	}}
}

// How many of each kind the box under the search field and the whole page show.
const (
	boxHits  = 6
	pageHits = 30
	// longestSearch bounds what is looked for, in bytes.
	longestSearch = 200
)

// found is one group of what a search has found.
type found struct {
	Title string
	Links []ui.Link
	Notes []string
	More  string // address of the whole list, empty when all are shown
}

type searchPage struct {
	Text   string
	Groups []found
}

func (p searchPage) empty() bool {
	return !slices.ContainsFunc(p.Groups, func(g found) bool { return len(g.Links) > 0 })
}

func (s Search) find(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := searchPage{Text: strings.TrimSpace(r.URL.Query().Get("q"))}
	if len(p.Text) > longestSearch {
		p.Text = strings.ToValidUTF8(p.Text[:longestSearch], "")
	}
	part := route.Partial(r) && r.Header.Get("HX-Target") == "search-results"
	limit := pageHits
	if part {
		limit = boxHits
	}
	if len(catalog.QueryTerms(p.Text)) > 0 {
		if err := s.groups(ctx, &p, limit); err != nil {
			return err
		}
	}
	if part {
		return route.Render(w, r, searchBox(p))
	}
	return route.Render(w, r, searchScreen(p))
}

func (s Search) groups(ctx context.Context, p *searchPage, limit int) error {
	hits, err := s.Catalog.Find(ctx, p.Text, limit)
	if err != nil {
		return err
	}
	skus := found{Title: ui.T(ctx, "search.goods"), More: "/demand?q="}
	if !desk.Can(ctx, access.ViewDemand) {
		skus.More = "/stock?q="
	}
	suppliers := found{Title: ui.T(ctx, "menu.suppliers"), More: "/suppliers?q="}
	for _, h := range hits {
		name := ui.Name(ctx, h.Name)
		note := h.Code
		if h.Over {
			note = desk.Dots(note, ui.T(ctx, "search.over_"+string(h.Kind)))
		}
		if h.Kind == catalog.SupplierHit {
			suppliers.Links = append(suppliers.Links, ui.Link{Text: name, Href: "/suppliers/" + h.Code})
			suppliers.Notes = append(suppliers.Notes, note)
			continue
		}
		skus.Links = append(skus.Links, ui.Link{Text: name, Href: goodsPath(ctx, h.Code)})
		skus.Notes = append(skus.Notes, note)
	}
	topics, err := s.topics(ctx, p.Text, limit)
	if err != nil {
		return err
	}
	orders, err := s.orders(ctx, p.Text, limit)
	if err != nil {
		return err
	}
	floor, err := s.floor(ctx, p.Text, limit)
	if err != nil {
		return err
	}
	p.Groups = append([]found{skus, orders}, append(floor, topics, suppliers)...)
	// Who types digits or a code means the number of something.
	if len(floor) > 0 && strings.ContainsAny(p.Text, "0123456789") && !slices.ContainsFunc(hits, func(h catalog.Hit) bool { return strings.EqualFold(h.Code, p.Text) }) {
		p.Groups = append(append(floor[:len(floor):len(floor)], skus, orders), topics, suppliers)
	}
	if strings.HasPrefix(strings.ToUpper(p.Text), "FO") {
		p.Groups = append([]found{orders, skus}, append(floor, topics, suppliers)...)
	}
	return nil
}

// goodsPath is the page of a SKU for the reader: its demand, or its stock for those who see no demand.
func goodsPath(ctx context.Context, code string) string {
	if desk.Can(ctx, access.ViewDemand) {
		return "/demand/" + code
	}
	return "/stock?open=" + code
}

func (s Search) orders(ctx context.Context, text string, limit int) (found, error) {
	f := found{Title: ui.T(ctx, "menu.factory"), More: "/orders?q="}
	if s.Orders == nil || !desk.Can(ctx, access.ViewOrders) {
		return f, nil
	}
	list, err := s.Orders.Find(ctx, text, limit)
	if err != nil {
		return f, err
	}
	for _, o := range list {
		f.Links = append(f.Links, ui.Link{Text: desk.Dots(o.Number, ui.Name(ctx, o.Supplier)), Href: "/orders/" + o.Number})
		f.Notes = append(f.Notes, ui.T(ctx, "status.order."+o.State))
	}
	return f, nil
}

// floor finds what the warehouse knows by a number or code, a group of each kind that there is.
func (s Search) floor(ctx context.Context, text string, limit int) ([]found, error) {
	if s.Warehouse == nil {
		return nil, nil
	}
	hits, err := s.Warehouse.Find(ctx, text, limit)
	if err != nil {
		return nil, err
	}
	var out []found
	for _, k := range []struct {
		kind warehouse.HitKind
		word string
		more string
	}{{warehouse.OrderHit, "search.sales", "/warehouse/orders?q="}, {warehouse.ParcelHit, "search.parcels", ""}, {warehouse.DeliveryHit, "search.deliveries", "/warehouse/docks?state=all&q="},
		{warehouse.LotHit, "search.lots", ""}, {warehouse.BinHit, "search.bins", "/warehouse/bins?q="}} {
		f := found{Title: ui.T(ctx, k.word), More: k.more}
		for _, h := range hits {
			if h.Kind == k.kind {
				f.Links, f.Notes = append(f.Links, ui.Link{Text: h.Code, Href: hitHref(h)}), append(f.Notes, hitNote(ctx, h))
			}
		}
		if len(f.Links) > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// hitHref is the page of what the warehouse has found.
func hitHref(h warehouse.Hit) string {
	switch h.Kind {
	case warehouse.OrderHit, warehouse.ParcelHit:
		return fmt.Sprintf("/warehouse/orders/%d", h.ID)
	case warehouse.DeliveryHit:
		return fmt.Sprintf("/warehouse/docks/%d", h.ID)
	case warehouse.LotHit:
		return "/warehouse/lots?" + url.Values{"sku": {h.SKU}, "lot": {h.Code}}.Encode()
	}
	return "/warehouse/bins/" + url.PathEscape(h.Site) + "/" + url.PathEscape(h.Code)
}

func hitNote(ctx context.Context, h warehouse.Hit) string {
	switch h.Kind {
	case warehouse.OrderHit:
		return desk.Dots(ui.T(ctx, "sales.state_"+h.State), h.Note, h.Site)
	case warehouse.LotHit:
		return desk.Dots(ui.Name(ctx, h.Name), h.SKU, h.Note)
	case warehouse.BinHit:
		return desk.Dots(ui.Name(ctx, h.Name), ui.T(ctx, "floor.bin_"+h.State))
	}
	return desk.Dots(ui.Name(ctx, h.Name), h.Note, h.Site)
}

// topics finds topics by parts of their names; there are few enough to look at each.
func (s Search) topics(ctx context.Context, text string, limit int) (found, error) {
	f := found{Title: ui.T(ctx, "demand.tab_topics")}
	if !desk.Can(ctx, access.ViewDemand) {
		return f, nil
	}
	all, err := s.Catalog.Topics(ctx)
	if err != nil {
		return f, err
	}
	wanted := catalog.QueryTerms(text)
	for _, t := range all {
		terms := catalog.SearchTerms(t.Code, t.Name.ZH, t.Name.EN)
		if len(f.Links) == limit || slices.ContainsFunc(wanted, func(w string) bool { _, ok := slices.BinarySearch(terms, w); return !ok }) {
			continue
		}
		f.Links = append(f.Links, ui.Link{Text: ui.Name(ctx, t.Name), Href: topicPath(t.Topic)})
		f.Notes = append(f.Notes, ui.T(ctx, "topics.skus", ui.Count, t.SKUs))
	}
	return f, nil
}
