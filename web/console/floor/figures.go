package floor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// figureLists are the routes of the rows behind the figures.
func (s Pages) figureLists() []route.Route {
	return []route.Route{
		route.GET("/warehouse/figures/{kind}", access.ViewStock, s.figureList),
		{Method: http.MethodGet, Pattern: "/warehouse/figures/{kind}/rows.xlsx", Permission: access.ViewStock, Handler: s.figureExport, Heavy: true},
	}
}

// figureRowsShown is how many rows a page shows; the sheet has all.
const figureRowsShown = 200

// figureListPage is one figure with its rows.
type figureListPage struct {
	floorSite
	warehouse.FigureList
	Days int
}

// daysOf reads the span of the figures: a day, or a week.
func daysOf(r *http.Request) int {
	if r.URL.Query().Get("days") == "1" {
		return 1
	}
	return 7
}

// span is the time of so many days of the site up to now.
func (s Pages) span(ctx context.Context, days int) (from, to time.Time) {
	return ui.Today(ctx).AddDays(1 - days).In(ui.From(ctx).Zone), s.Clock()
}

func (s Pages) readFigure(r *http.Request, limit int) (p figureListPage, err error) {
	ctx := r.Context()
	kind := warehouse.FigureKind(route.Param(r, "kind"))
	if !kind.Known() {
		return p, route.NotFound().With("floor.to_figures", "/warehouse/figures")
	}
	if p.floorSite, err = s.shown(r, "/warehouse/figures/"+string(kind), false); err != nil {
		return p, err
	}
	p.Days = daysOf(r)
	from, to := s.span(ctx, p.Days)
	p.FigureList, err = s.Ops.FigureRows(ctx, kind, p.Site.ID, from, to, limit)
	return p, err
}

func (s Pages) figureList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.readFigure(r, figureRowsShown)
	if err != nil {
		return err
	}
	return route.Render(w, r, figureListScreen(p))
}

func (s Pages) figureExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.readFigure(r, desk.ExportMost)
	if err != nil {
		return err
	}
	columns := []sheet.Column{desk.Column("code", ui.T(ctx, "figure.code_"+string(p.Kind)), sheet.Code), desk.Column("name", ui.T(ctx, "figure.name"), sheet.Text), desk.Column("site", ui.T(ctx, "floor.site"), sheet.Text),
		desk.Column("who", ui.T(ctx, "floor.who"), sheet.Text), desk.Column("at", ui.T(ctx, "floor.when"), sheet.Text)}
	for i, c := range figureColumns[p.Kind] {
		columns = append(columns, desk.Column(fmt.Sprintf("v%d", i), ui.T(ctx, "figure.col_"+c.word), sheet.Number))
	}
	return desk.Export(w, r, "figure-"+string(p.Kind), ui.T(ctx, "figure."+string(p.Kind)), columns, func(row func(...any) error) error {
		for _, x := range p.Rows {
			values := []any{x.Code, figureName(ctx, p.Kind, x), x.Site, x.Who, momentOf(ctx, x.At)}
			for i := range figureColumns[p.Kind] {
				values = append(values, x.Values[i])
			}
			if err := row(values...); err != nil {
				return err
			}
		}
		return nil
	})
}

// figureColumn is a number of a figure's rows: its word, and how it is written.
type figureColumn struct {
	word  string
	write func(context.Context, float64) string
}

func wholeOf(_ context.Context, v float64) string { return ui.Int(int64(v + 0.5)) }
func tenthOf(_ context.Context, v float64) string { return ui.Decimal(v, 1) }
func yuanOf(_ context.Context, v float64) string  { return ui.YuanRound(money.Fen(v)) }

// sinceOf writes days since something; below 0 it never was.
func sinceOf(ctx context.Context, v float64) string {
	if v < 0 {
		return ui.T(ctx, "figure.never")
	}
	return ui.Int(int64(v))
}

// hoursOf writes hours until something; below 0 it has not been yet.
func hoursOf(ctx context.Context, v float64) string {
	if v < 0 {
		return ui.T(ctx, "figure.not_yet")
	}
	return ui.Decimal(v, 1)
}

var figureColumns = map[warehouse.FigureKind][]figureColumn{
	warehouse.FigureFill:     {{"wanted", wholeOf}, {"promised", wholeOf}},
	warehouse.FigureOnTime:   {{"hours_late", tenthOf}, {"pieces", wholeOf}},
	warehouse.FigureDock:     {{"hours", hoursOf}, {"pieces", wholeOf}},
	warehouse.FigurePick:     {{"stops", wholeOf}, {"pieces", wholeOf}, {"minutes", tenthOf}, {"per_hour", wholeOf}},
	warehouse.FigureMisscan:  {{"scans", wholeOf}},
	warehouse.FigureStockout: {{"sold28", wholeOf}, {"waiting", wholeOf}},
	warehouse.FigureSlow:     {{"pieces", wholeOf}, {"value", yuanOf}, {"days", sinceOf}},
	warehouse.FigureTurns:    {{"left90", wholeOf}, {"mean", wholeOf}, {"turns", tenthOf}},
}

// figureName is what a row is about: goods, who sent a delivery, what was wrong with a scan.
func figureName(ctx context.Context, kind warehouse.FigureKind, x warehouse.FigureRow) string {
	if kind == warehouse.FigureMisscan {
		return ui.T(ctx, "figure.verdict", "Verdict", x.Name.ZH)
	}
	return ui.Name(ctx, x.Name)
}

// figureRowHref leads from a row to what it is about; "" for rows that lead nowhere.
func figureRowHref(ctx context.Context, kind warehouse.FigureKind, x warehouse.FigureRow) (href string, drawer bool) {
	switch kind {
	case warehouse.FigureFill, warehouse.FigureOnTime:
		if desk.Can(ctx, access.ViewSales) {
			return saleHref(x.ID), true
		}
	case warehouse.FigureDock:
		return "/warehouse/docks/" + strconv.FormatInt(x.ID, 10), true
	case warehouse.FigurePick:
		return waveHref(x.ID), true
	case warehouse.FigureStockout, warehouse.FigureSlow, warehouse.FigureTurns:
		return "/stock?open=" + url.QueryEscape(x.Code), false
	}
	return "", false
}

func momentOf(ctx context.Context, at *time.Time) string {
	if at == nil {
		return ""
	}
	return ui.Moment(ctx, *at)
}

// stockFigures are the figures of what stands: each number opens its rows.
func stockFigures(ctx context.Context, p figuresPage) []ui.Figure {
	href := func(kind warehouse.FigureKind) string { return figureHref(p.floorSite, kind, p.Days) }
	sum := func(l warehouse.FigureList, i int) float64 {
		if i < len(l.Sums) {
			return l.Sums[i]
		}
		return 0
	}
	turns := ui.Nothing
	if mean := sum(p.Turns, 1); mean > 0 {
		turns = ui.Decimal(sum(p.Turns, 0)*365/90/mean, 1)
	}
	tone := ui.Plain
	if p.Out.Count > 0 {
		tone = ui.Risk
	}
	return []ui.Figure{
		{Label: ui.T(ctx, "figure.stockout"), Value: ui.Int(p.Out.Count), Tone: tone, Note: ui.T(ctx, "figure.stockout_note", ui.Count, quantity.Pieces(sum(p.Out, 1))), Href: href(warehouse.FigureStockout)},
		{Label: ui.T(ctx, "figure.slow"), Value: ui.YuanRound(money.Fen(sum(p.Slow, 1))), Note: ui.T(ctx, "figure.slow_note", ui.Count, p.Slow.Count), Href: href(warehouse.FigureSlow)},
		{Label: ui.T(ctx, "figure.turns"), Value: turns, Remark: ui.T(ctx, "figure.a_year"), Note: ui.T(ctx, "figure.turns_note", ui.Count, p.Turns.Count), Href: href(warehouse.FigureTurns)},
	}
}

// figureHref is the page of the rows of a figure.
func figureHref(f floorSite, kind warehouse.FigureKind, days int) string {
	v := url.Values{}
	if f.Site.Code != "" {
		v.Set("site", f.Site.Code)
	}
	if days == 1 {
		v.Set("days", "1")
	}
	if len(v) == 0 {
		return "/warehouse/figures/" + string(kind)
	}
	return "/warehouse/figures/" + string(kind) + "?" + v.Encode()
}

func figuresHome(p figureListPage) string {
	v := url.Values{}
	if p.Site.Code != "" {
		v.Set("site", p.Site.Code)
	}
	if p.Days == 1 {
		v.Set("days", "1")
	}
	return "/warehouse/figures?" + v.Encode()
}

func figureSheet(ctx context.Context, p figureListPage) string {
	href := "/warehouse/figures/" + string(p.Kind) + "/rows.xlsx"
	if u := ui.From(ctx).URL; u != nil && u.RawQuery != "" {
		href += "?" + u.RawQuery
	}
	return href
}

// figureHead are the columns of a figure's rows.
func figureHead(ctx context.Context, kind warehouse.FigureKind) []ui.Column {
	out := []ui.Column{{Label: ui.T(ctx, "figure.code_"+string(kind))}, {Label: ui.T(ctx, "figure.name")}, {Label: ui.T(ctx, "floor.site")}, {Label: ui.T(ctx, "floor.when")}}
	for _, c := range figureColumns[kind] {
		out = append(out, ui.Column{Label: ui.T(ctx, "figure.col_"+c.word), Num: true})
	}
	return out
}

// figureCode names a row that leads nowhere: the screen of a scan.
func figureCode(ctx context.Context, kind warehouse.FigureKind, x warehouse.FigureRow) string {
	return x.Code
}
