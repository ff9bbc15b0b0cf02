package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/money"
	"milkrun/internal/sheet"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Excess is the list of goods that stand too long or expire before they sell, with the ways out of each, and the map of
// cover by category and site.
type Excess struct {
	Plan    *replenishops.Ops
	Catalog *catalogops.Ops
}

// Screens gives the routes of the list.
func (s Excess) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		route.GET("/excess", access.ViewSuggestions, s.list),
		{Method: http.MethodGet, Pattern: "/excess.xlsx", Permission: access.ViewSuggestions, Handler: s.export, Heavy: true},
	}}
}

// excessLine is goods to clear with their ways out, the best first.
type excessLine struct {
	replenishops.Line
	Exits []replenishment.Exit
}

// excessPage is what the list shows.
type excessPage struct {
	Lines  []excessLine
	Reason replenishment.Reason
	Sites  []catalog.SiteRecord
	Cover  ui.CoverMatrix
	More   bool
}

// excessRows is how many lines the page shows; the workbook holds all.
const excessRows = 100

func (s Excess) read(r *http.Request, limit int) (p excessPage, err error) {
	ctx := r.Context()
	switch reason := replenishment.Reason(r.URL.Query().Get("reason")); reason {
	case replenishment.ReasonExcess, replenishment.ReasonExpiry:
		p.Reason = reason
	}
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return p, err
	}
	f := replenishops.Filter{View: "waiting", Kind: replenishment.Clear, Reason: p.Reason, Sort: "money", Limit: limit + 1}
	if site, ok := desk.SiteByCode(p.Sites, desk.AskedSite(ctx, r.URL.Query())); ok {
		f.Site = site.ID
	}
	list, err := s.Plan.List(ctx, f)
	if err != nil {
		return p, err
	}
	if p.More = len(list.Lines) > limit; p.More {
		list.Lines = list.Lines[:limit]
	}
	return p, s.exits(ctx, &p, list.Lines)
}

// exitBatch is how many SKUs' levels are read at a time.
const exitBatch = 500

// exits works the ways out of each line out of the levels of its SKU.
func (s Excess) exits(ctx context.Context, p *excessPage, lines []replenishops.Line) error {
	today := ui.Today(ctx)
	for part := range slices.Chunk(lines, exitBatch) {
		var skus []catalog.SKUID
		for _, l := range part {
			skus = append(skus, l.SKU)
		}
		slices.Sort(skus)
		levels, err := s.Plan.Levels(ctx, slices.Compact(skus)...)
		if err != nil {
			return err
		}
		by := map[catalog.SKUID][]replenishment.WaterLevel{}
		for _, l := range levels {
			by[l.SKU] = append(by[l.SKU], l)
		}
		for _, l := range part {
			g := replenishment.Suggestion{Pieces: l.Quantity(), Unit: l.UnitPrice, Reason: l.Reason, OrderBy: l.OrderBy}
			g.Kind, g.Site = l.Kind, l.Site
			g.Explanation.Inputs.Price = l.RetailPrice
			p.Lines = append(p.Lines, excessLine{Line: l, Exits: replenishment.Exits(g, by[l.SKU], today, replenishment.DefaultExitRates())})
		}
	}
	return nil
}

func (s Excess) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r, excessRows)
	if err != nil {
		return err
	}
	if p.Cover, err = s.cover(r.Context(), p.Sites); err != nil {
		return err
	}
	return route.Render(w, r, excessScreen(p))
}

// cover is the map of cover by category and site.
func (s Excess) cover(ctx context.Context, sites []catalog.SiteRecord) (ui.CoverMatrix, error) {
	m := ui.CoverMatrix{Label: ui.T(ctx, "excess.cover")}
	cells, err := s.Plan.Cover(ctx)
	if err != nil || len(cells) == 0 {
		return m, err
	}
	categories, err := s.Catalog.Categories(ctx)
	if err != nil {
		return m, err
	}
	columns := coverCategories(cells, categories)
	for _, c := range columns {
		m.Columns = append(m.Columns, ui.Name(ctx, c.Name))
	}
	for _, site := range sites {
		row, any := ui.CoverRow{Name: siteShort(ctx, site.Site)}, false
		for _, c := range columns {
			i := slices.IndexFunc(cells, func(x replenishops.CoverCell) bool { return x.Site == site.ID && x.Category == c.ID })
			if i < 0 {
				row.Cells = append(row.Cells, ui.CoverCell{None: true})
				continue
			}
			any = true
			row.Cells = append(row.Cells, ui.CoverCell{Days: cells[i].CoverDays, State: coverState(cells[i]),
				Href: "/stock?site=" + site.Code + "&category=" + strconv.Itoa(int(c.ID))})
		}
		if any {
			m.Rows = append(m.Rows, row)
		}
	}
	return m, nil
}

// worth adds up what stands too long.
func (p excessPage) worth(reason replenishment.Reason) (n int, fen money.Fen) {
	for _, l := range p.Lines {
		if reason == "" || l.Reason == reason {
			n, fen = n+1, fen+l.Money
		}
	}
	return n, fen
}

// exitWords says a way out: 调到 浦东 150 件.
func exitWords(ctx context.Context, p excessPage, e replenishment.Exit) string {
	if e.Way == replenishment.WayMove {
		site, _ := desk.SiteByID(p.Sites, e.Site)
		return ui.T(ctx, "excess.way_move", "Site", siteShort(ctx, site))
	}
	return ui.T(ctx, "excess.way_"+string(e.Way))
}

// export gives the list with every way out as a workbook.
func (s Excess) export(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r, desk.ExportMost)
	if err != nil {
		return err
	}
	ctx := r.Context()
	say := func(id string) string { return ui.T(ctx, "excess."+id) }
	columns := []sheet.Column{
		desk.Column("sku", "SKU", sheet.Code), desk.Column("name", ui.T(ctx, "suggestions.col_goods"), sheet.Text), desk.Column("site", ui.T(ctx, "suggestions.site"), sheet.Text),
		desk.Column("reason", ui.T(ctx, "suggestions.col_reason"), sheet.Text), desk.Column("pieces", ui.T(ctx, "suggestions.col_pieces"), sheet.Pieces),
		desk.Column("money", say("col_worth"), sheet.Money), desk.Column("last", say("col_last"), sheet.Day), desk.Column("way", say("col_way"), sheet.Text),
		desk.Column("way_pieces", say("col_way_pieces"), sheet.Pieces), desk.Column("recover", say("col_recover"), sheet.Money),
	}
	return desk.Export(w, r, "excess", say("title"), columns, func(row func(...any) error) error {
		for _, l := range p.Lines {
			exits := l.Exits
			if len(exits) == 0 {
				exits = []replenishment.Exit{{}}
			}
			for _, e := range exits {
				way := ""
				if e.Way != "" {
					way = exitWords(ctx, p, e)
				}
				if err := row(l.SKUCode, ui.Name(ctx, l.SKUName), ui.Name(ctx, l.SiteName), reasonMark(ctx, l.Line).word, l.Quantity(), l.Money, l.OrderBy, way,
					e.Pieces, e.Recover); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
