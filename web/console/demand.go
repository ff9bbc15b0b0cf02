package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/sheet"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Demand is the list of SKUs by what they sold and will sell.
type Demand struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
}

// Screens gives the routes of the demand list.
func (s Demand) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/demand", access.ViewDemand, s.list),
			{Method: http.MethodGet, Pattern: "/demand.xlsx", Permission: access.ViewDemand, Handler: s.export, Heavy: true},
		},
		Menu: []ui.MenuItem{{Key: "demand", Path: "/demand", Permission: access.ViewDemand, Count: s.spiking}},
	}
}

// spiking is the number beside the menu: the topics that leap.
func (s Demand) spiking(ctx context.Context) int {
	all, err := s.Forecasts.Topics(ctx)
	if err != nil {
		return 0 // a number beside the menu is not worth an error page
	}
	n := 0
	for _, t := range all {
		if t.Spike != 0 {
			n++
		}
	}
	return n
}

const demandRows = 50

// demandPage is what the list shows.
type demandPage struct {
	forecasting.DemandPage
	Query      forecasting.DemandQuery
	Trail      desk.Trail
	Sort       string
	Site       catalog.Site // of the figures; its zero value for all
	TopicName  catalog.Name
	Sites      []catalog.SiteRecord
	Categories []catalog.CategoryRecord
	Topics     []catalog.TopicRecord
	Briefs     map[catalog.SKUID]replenishops.Brief
	Running    *forecasting.Run
}

// query reads what the list is asked for. Codes that are not known leave the filter out.
func (s Demand) query(ctx context.Context, r *http.Request, p *demandPage) (err error) {
	v := r.URL.Query()
	q := forecasting.DemandQuery{Search: strings.TrimSpace(v.Get("q")), Category: catalog.CategoryID(desk.Number(v.Get("category"))), Limit: demandRows}
	if c := forecasting.Class(v.Get("class")); slices.Contains(classes(), c) {
		q.Class = c
	}
	allowed := make([]string, 0, 5)
	for _, by := range forecasting.DemandSorts() {
		allowed = append(allowed, string(by))
	}
	by, down := ui.Sorted(v, "-"+string(forecasting.BySold), allowed...)
	q.Sort, q.Up = forecasting.DemandSort(by), !down
	p.Sort = by
	if down {
		p.Sort = "-" + by
	}
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return err
	}
	if site, ok := desk.SiteByCode(p.Sites, desk.AskedSite(ctx, v)); ok {
		q.Site = site.ID
	}
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return err
	}
	if q.Category != 0 && catalog.Below(plainCategories(p.Categories), q.Category) == nil {
		q.Category = 0
	}
	if p.Topics, err = s.Catalog.Topics(ctx); err != nil {
		return err
	}
	for _, t := range p.Topics {
		if t.Code == v.Get("topic") {
			q.Topic, p.TopicName = t.ID, t.Name
		}
	}
	p.Trail = desk.ReadTrail(v.Get("after"))
	q.After = p.Trail.Here()
	p.Query = q
	return nil
}

func (s Demand) read(r *http.Request) (p demandPage, err error) {
	ctx := r.Context()
	if err := s.query(ctx, r, &p); err != nil {
		return p, err
	}
	if p.DemandPage, err = s.Forecasts.Demand(ctx, p.Query); err != nil {
		return p, err
	}
	p.Site, _ = desk.SiteByID(p.Sites, p.DemandPage.Site)
	if p.Run.ID == 0 {
		run, err := s.Forecasts.RunProgress(ctx)
		if err == nil {
			p.Running = &run
		} else if !errors.Is(err, forecasting.ErrNoRun) {
			return p, err
		}
	}
	if desk.Can(ctx, access.ViewStock) && len(p.Rows) > 0 {
		ids := make([]catalog.SKUID, len(p.Rows))
		for i, x := range p.Rows {
			ids[i] = x.SKU
		}
		p.Briefs, err = s.Plan.Briefs(ctx, p.DemandPage.Site, ids...)
	}
	return p, err
}

func (s Demand) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "demand-list" {
		return route.Render(w, r, demandList(p))
	}
	return route.Render(w, r, demandScreen(p))
}

// demandSheetPage is how many SKUs the export reads at a time.
const demandSheetPage = 500

// export gives the list with its filters as a workbook.
func (s Demand) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p demandPage
	if err := s.query(ctx, r, &p); err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "demand."+id) }
	columns := []sheet.Column{
		desk.Column("sku", "SKU", sheet.Code), desk.Column("name", say("col_goods"), sheet.Text), desk.Column("category", say("col_category"), sheet.Text),
		desk.Column("class", say("col_class"), sheet.Text), desk.Column("sold", say("col_sold"), sheet.Pieces), desk.Column("before", say("col_before"), sheet.Pieces),
		desk.Column("sold_out", say("col_sold_out"), sheet.Pieces), desk.Column("heat", say("col_heat"), sheet.Number), desk.Column("forecast", say("col_forecast"), sheet.Number),
		desk.Column("stock", ui.T(ctx, "menu.stock"), sheet.Text), desk.Column("on_hand", say("col_on_hand"), sheet.Pieces), desk.Column("stockout", say("col_stockout"), sheet.Day),
		desk.Column("waiting", say("col_waiting"), sheet.Pieces),
	}
	q := p.Query
	q.Limit, q.After = demandSheetPage, ""
	return desk.Export(w, r, "demand", say("title"), columns, func(row func(...any) error) error {
		for n := 0; n < desk.ExportMost; {
			page, err := s.Forecasts.Demand(ctx, q)
			if err != nil {
				return err
			}
			ids := make([]catalog.SKUID, len(page.Rows))
			for i, x := range page.Rows {
				ids[i] = x.SKU
			}
			briefs, err := s.Plan.Briefs(ctx, page.Site, ids...)
			if err != nil {
				return err
			}
			for _, x := range page.Rows {
				if err := row(demandValues(ctx, p, x, briefs)...); err != nil {
					return err
				}
			}
			if n += len(page.Rows); page.Next == "" {
				return nil
			}
			q.After = page.Next
		}
		return nil
	})
}

func demandValues(ctx context.Context, p demandPage, x forecasting.DemandRow, briefs map[catalog.SKUID]replenishops.Brief) []any {
	out := []any{x.Code, ui.Name(ctx, x.Name), categoryName(ctx, p.Categories, x.Category), classWord(ctx, x.Class), x.Sold28, x.SoldBefore28, x.SoldOut28,
		x.Heat, x.Forecast28}
	b, ok := briefs[x.SKU]
	if !ok {
		return append(out, nil, nil, nil, nil)
	}
	return append(out, ui.T(ctx, "status.stock."+stockStatus(b.Rank)), b.OnHand, b.StockoutDay, b.Waiting)
}

// demandFilters are the filters in force.
func demandFilters(ctx context.Context, p demandPage) []ui.Filter {
	var out []ui.Filter
	q := p.Query
	if q.Search != "" {
		out = append(out, ui.Filter{Text: q.Search, Remove: ui.With(ctx, "q", "")})
	}
	if q.Category != 0 {
		out = append(out, ui.Filter{Text: categoryName(ctx, p.Categories, q.Category), Remove: ui.With(ctx, "category", "")})
	}
	if q.Topic != 0 {
		out = append(out, ui.Filter{Text: ui.T(ctx, "demand.topic", "Topic", ui.Name(ctx, p.TopicName)), Remove: ui.With(ctx, "topic", "")})
	}
	if q.Class != "" {
		out = append(out, ui.Filter{Text: classWord(ctx, q.Class), Remove: ui.With(ctx, "class", "")})
	}
	return out
}

// demandNote says what the list holds: how many SKUs, of which site, from which day on.
func demandNote(ctx context.Context, p demandPage) string {
	if p.Run.ID == 0 {
		return ""
	}
	n := ui.Int(int64(p.Total))
	if p.Total > forecasting.MaxCount {
		n = ui.Int(forecasting.MaxCount) + "+"
	}
	note := ui.T(ctx, "demand.sum", "Total", n)
	if p.Site.ID != 0 {
		note = desk.Dots(note, ui.Name(ctx, p.Site.Name))
	}
	return desk.Dots(note, ui.T(ctx, "demand.from", "Day", p.Run.Origin))
}

// growthOf says how the last four weeks compare with the four before, empty when there is nothing to compare.
func growthOf(x forecasting.DemandRow) (text string, up bool) {
	if x.SoldBefore28 <= 0 || x.Sold28 <= 0 {
		return "", false
	}
	g := float64(x.Sold28)/float64(x.SoldBefore28) - 1
	return ui.PercentSigned(g, 0), g > 0
}
