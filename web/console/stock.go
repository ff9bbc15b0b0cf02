package console

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/sheet"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Stock is the list of what stands where, the most urgent first, with the lots of each SKU.
type Stock struct {
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
	Warehouse *warehouseops.Ops
}

// Screens gives the routes of the stock list.
func (s Stock) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/stock", access.ViewStock, s.list),
			{Method: http.MethodGet, Pattern: "/stock.xlsx", Permission: access.ViewStock, Handler: s.export, Heavy: true},
			route.GET("/stock/{code}", access.ViewStock, s.drawer),
		},
		Menu: []ui.MenuItem{{Key: "stock", Path: "/stock", Permission: access.ViewStock}},
	}
}

const stockRows = 50

// stockPage is what the list shows.
type stockPage struct {
	replenishops.StockPage
	Query      replenishops.StockQuery
	Totals     *replenishops.Totals // of all sites
	Trail      desk.Trail
	Sort       string
	Site       catalog.Site
	Sites      []catalog.SiteRecord
	Categories []catalog.CategoryRecord
	below      []catalog.CategoryID
}

func (p stockPage) count(rank int16) int {
	for _, c := range p.Ranks {
		if c.Rank == rank {
			return c.Count
		}
	}
	return 0
}

func (p stockPage) all() (n int) {
	for _, c := range p.Ranks {
		n += c.Count
	}
	return n
}

func (s Stock) query(ctx context.Context, r *http.Request, p *stockPage) (err error) {
	v := r.URL.Query()
	q := replenishops.StockQuery{Search: strings.TrimSpace(v.Get("q")), Category: catalog.CategoryID(desk.Number(v.Get("category"))), Limit: stockRows}
	if rank := v.Get("rank"); rank != "" && desk.Number(rank) <= 4 && desk.Digits(desk.Number(rank)) == rank {
		n := int16(desk.Number(rank))
		q.Rank = &n
	}
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return err
	}
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return err
	}
	if q.Category != 0 {
		if p.below = catalog.Below(plainCategories(p.Categories), q.Category); p.below == nil {
			q.Category = 0
		}
	}
	if site, ok := desk.SiteByCode(p.Sites, desk.AskedSite(ctx, v)); ok {
		q.Site = site.ID
	}
	allowed := []string{string(replenishops.ByUrgency), string(replenishops.ByCover)}
	if q.Site == 0 {
		allowed = append(allowed, string(replenishops.ByOnHand), string(replenishops.ByValue), string(replenishops.ByPerDay))
	}
	by, down := ui.Sorted(v, string(replenishops.ByUrgency), allowed...)
	q.Sort, q.Desc = replenishops.StockSort(by), down
	p.Sort = by
	if down {
		p.Sort = "-" + by
	}
	p.Trail = desk.ReadTrail(v.Get("after"))
	q.After = p.Trail.Here()
	p.Query = q
	return nil
}

func (s Stock) read(r *http.Request) (p stockPage, err error) {
	ctx := r.Context()
	if err := s.query(ctx, r, &p); err != nil {
		return p, err
	}
	if p.StockPage, err = s.Plan.StockPage(ctx, p.Query, p.below); err != nil {
		return p, err
	}
	if p.Site, _ = desk.SiteByID(p.Sites, p.StockPage.Site); p.Site.ID == 0 {
		t, err := s.Plan.StockTotals(ctx)
		if err != nil {
			return p, err
		}
		p.Totals = &t
	}
	return p, nil
}

func (s Stock) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "stock-list" {
		return route.Render(w, r, stockList(p))
	}
	return route.Render(w, r, stockScreen(p))
}

// export gives the list with its filters as a workbook.
func (s Stock) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p stockPage
	if err := s.query(ctx, r, &p); err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "stock."+id) }
	columns := []sheet.Column{
		desk.Column("sku", "SKU", sheet.Code), desk.Column("name", ui.T(ctx, "suggestions.col_goods"), sheet.Text), desk.Column("category", ui.T(ctx, "demand.col_category"), sheet.Text),
		desk.Column("state", say("state"), sheet.Text), desk.Column("on_hand", say("on_hand"), sheet.Pieces), desk.Column("on_order", say("on_order"), sheet.Pieces),
		desk.Column("level", say("level"), sheet.Pieces), desk.Column("per_day", say("per_day"), sheet.Number), desk.Column("cover", say("cover"), sheet.Number),
		desk.Column("stockout", say("stockout"), sheet.Day), desk.Column("value", say("value_yuan"), sheet.Money), desk.Column("short", say("short_sites"), sheet.Pieces),
		desk.Column("waiting", ui.T(ctx, "demand.col_waiting"), sheet.Pieces),
	}
	q := p.Query
	q.Limit, q.After = 1000, ""
	return desk.Export(w, r, "stock", ui.T(ctx, "menu.stock"), columns, func(row func(...any) error) error {
		for n := 0; n < desk.ExportMost; {
			page, err := s.Plan.StockPage(ctx, q, p.below)
			if err != nil {
				return err
			}
			for _, x := range page.Lines {
				if err := row(x.Code, ui.Name(ctx, x.Name), categoryName(ctx, p.Categories, x.Category), ui.T(ctx, "status.stock."+stockStatus(x.Rank)), x.OnHand, x.OnOrder,
					x.Safety, x.PerDay, x.CoverDays, x.StockoutDay, x.Value, x.ShortSites, x.Waiting); err != nil {
					return err
				}
			}
			if n += len(page.Lines); page.Next == "" {
				return nil
			}
			q.After = page.Next
		}
		return nil
	})
}

// stockDrawer is the stock of one SKU: site by site, lot by lot.
type stockDrawer struct {
	SKU   catalogops.SKUDetail
	Sites []stockSite
}

// stockSite is what one site has of the SKU.
type stockSite struct {
	Site  catalog.Site
	Level *replenishment.WaterLevel
	Lots  []warehouse.LotStock
}

func (s Stock) drawer(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), route.Param(r, "code")
	if !route.Partial(r) {
		return route.See(w, r, "/stock?open="+code)
	}
	d := stockDrawer{}
	var err error
	if d.SKU, err = s.Catalog.SKUByCode(ctx, code); err != nil {
		return err
	}
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	levels, err := s.Plan.Levels(ctx, d.SKU.ID)
	if err != nil {
		return err
	}
	lots, err := s.Warehouse.Lots(ctx, d.SKU.ID)
	if err != nil {
		return err
	}
	for _, site := range sites {
		x := stockSite{Site: site.Site}
		if i := slices.IndexFunc(levels, func(l replenishment.WaterLevel) bool { return l.Site == site.ID }); i >= 0 && (levels[i].OnHand > 0 || levels[i].PerDay > 0 || levels[i].OnOrder > 0) {
			x.Level = &levels[i]
		}
		for _, l := range lots {
			if l.Site == site.ID {
				x.Lots = append(x.Lots, l)
			}
		}
		if x.Level != nil || len(x.Lots) > 0 {
			d.Sites = append(d.Sites, x)
		}
	}
	return route.Render(w, r, stockPanel(d))
}

// openSKU is the SKU whose drawer the address asks for, empty for none or for what is no code.
func openSKU(ctx context.Context) string {
	u := ui.From(ctx).URL
	if u == nil {
		return ""
	}
	code := u.Query().Get("open")
	if len(code) > 64 || strings.ContainsAny(code, "/?#% \\\"'<>") {
		return ""
	}
	return code
}

func rankLinks(ctx context.Context, p stockPage) []ui.Link {
	links := []ui.Link{{Text: ui.T(ctx, "suggestions.all"), Href: ui.With(ctx, "rank", "", "open", ""), Current: p.Query.Rank == nil, Count: p.all()}}
	for rank := range int16(5) {
		current := p.Query.Rank != nil && *p.Query.Rank == rank
		if n := p.count(rank); n > 0 || current {
			links = append(links, ui.Link{Text: ui.T(ctx, "status.stock."+stockStatus(rank)), Href: ui.With(ctx, "rank", desk.Digits(int(rank)), "open", ""), Current: current, Count: n})
		}
	}
	return links
}

func stockFilters(ctx context.Context, p stockPage) []ui.Filter {
	var out []ui.Filter
	if p.Query.Search != "" {
		out = append(out, ui.Filter{Text: p.Query.Search, Remove: ui.With(ctx, "q", "", "open", "")})
	}
	if p.Query.Category != 0 {
		out = append(out, ui.Filter{Text: categoryName(ctx, p.Categories, p.Query.Category), Remove: ui.With(ctx, "category", "", "open", "")})
	}
	return out
}

func stockNote(ctx context.Context, p stockPage) string {
	n := ui.Int(int64(p.Total))
	if p.Total > replenishops.MostStock {
		n = ui.Int(replenishops.MostStock) + "+"
	}
	note := ui.T(ctx, "demand.sum", "Total", n)
	if p.Site.ID != 0 {
		return desk.Dots(note, ui.Name(ctx, p.Site.Name))
	}
	if p.Totals != nil && p.Totals.SKUs > 0 {
		note = desk.Dots(note, ui.T(ctx, "stock.sum", ui.Count, p.Totals.Pieces, "Money", ui.YuanRound(p.Totals.Value)))
	}
	return note
}

// lifeLeft is the share of a lot's life that is left, 0..1, and false when nobody knows.
func lifeLeft(l warehouse.LotStock, shelfLife int, today calendar.Day) (float64, bool) {
	if l.Expiry == nil || shelfLife <= 0 {
		return 0, false
	}
	return math.Max(0, math.Min(1, float64(l.Expiry.Sub(today))/float64(shelfLife))), true
}

// lifeTone says how a lot's rest of life is: past, too short to be received anew, or fine.
func lifeTone(l warehouse.LotStock, minRemaining int, today calendar.Day) ui.Tone {
	switch {
	case l.Expiry == nil:
		return ui.Plain
	case *l.Expiry < today:
		return ui.Risk
	case l.Expiry.Sub(today) < minRemaining:
		return ui.Watch
	}
	return ui.OK
}

// lifeClass colours a lot's expiry only when somebody should look.
func lifeClass(t ui.Tone) string {
	if t == ui.Risk || t == ui.Watch {
		return "mk-b t-" + string(t)
	}
	return ""
}

// onHandWord is the head of the pieces: what stands anywhere, or what one site can still sell.
func onHandWord(ctx context.Context, p stockPage) string {
	if p.Site.ID != 0 {
		return ui.T(ctx, "stock.available")
	}
	return ui.T(ctx, "stock.on_hand")
}

// panelFooter are the ways on from the drawer, nil where the reader may take none.
func panelFooter(ctx context.Context, d stockDrawer) templ.Component {
	if !desk.Can(ctx, access.ViewDemand) && !desk.Can(ctx, access.ViewSuggestions) {
		return nil
	}
	return stockFoot(d)
}
