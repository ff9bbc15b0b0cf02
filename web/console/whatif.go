package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// WhatIf is the page on which a planner changes a service level, a lead time, a minimum, a supplier's outage or a heat curve
// and sees stock, cash and stock-outs beside those of today. Nothing on it is saved.
type WhatIf struct {
	Plan    *replenishops.Ops
	Catalog *catalogops.Ops
}

// Screens gives the routes of the page.
func (s WhatIf) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		{Method: http.MethodGet, Pattern: "/whatif", Permission: access.ViewSuggestions, Handler: s.show, Heavy: true},
		{Method: http.MethodGet, Pattern: "/whatif.xlsx", Permission: access.ViewSuggestions, Handler: s.export, Heavy: true},
	}}
}

// whatIfPage is what the page shows.
type whatIfPage struct {
	Code       string // of the SKU
	Category   catalog.CategoryID
	Categories []catalog.CategoryRecord
	Days       int
	Values     url.Values
	Errors     map[string]string
	Change     replenishment.Change
	Sources    []replenishment.Source // of the one SKU
	Result     *replenishops.WhatIf
	SKU        *catalog.SKU // the one SKU
	Today      calendar.Day
}

func (p whatIfPage) value(name, otherwise string) string {
	if v := strings.TrimSpace(p.Values.Get(name)); v != "" {
		return v
	}
	return otherwise
}

// whatIfDays are the horizons offered.
var whatIfDays = []int{28, 56, 84}

// whatIfTop is how many SKUs of a category are played, those with the most value on stock.
const whatIfTop = 20

func (s WhatIf) read(r *http.Request) (p whatIfPage, err error) {
	ctx := r.Context()
	p = whatIfPage{Values: r.URL.Query(), Errors: map[string]string{}, Days: 56, Today: ui.Today(ctx)}
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return p, err
	}
	for _, d := range whatIfDays {
		if p.Values.Get("days") == strconv.Itoa(d) {
			p.Days = d
		}
	}
	p.Code, p.Category = strings.TrimSpace(p.Values.Get("sku")), catalog.CategoryID(desk.Number(p.Values.Get("category")))
	p.change(ctx)
	skus, err := s.skus(ctx, &p)
	if err != nil || len(p.Errors) > 0 || len(skus) == 0 {
		return p, err
	}
	got, err := s.Plan.WhatIf(ctx, skus, p.Change, p.Days)
	if errors.Is(err, replenishment.ErrChange) {
		p.Errors["form"] = ui.T(ctx, "whatif.err_range")
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if p.Result = &got; p.Code != "" && len(got.SKUs) == 1 {
		p.Sources, p.SKU = got.SKUs[0].Sources, &got.SKUs[0].SKU
	}
	return p, nil
}

// skus gives the SKUs to play: the one asked for, or the greatest of the category.
func (s WhatIf) skus(ctx context.Context, p *whatIfPage) ([]catalog.SKUID, error) {
	if p.Code != "" {
		d, err := s.Catalog.SKUByCode(ctx, p.Code)
		if errors.Is(err, catalog.ErrUnknown) {
			p.Errors["sku"] = ui.T(ctx, "whatif.err_sku", "Code", p.Code)
			return nil, nil
		}
		return []catalog.SKUID{d.ID}, err
	}
	if p.Category == 0 {
		return nil, nil
	}
	below := catalog.Below(plainCategories(p.Categories), p.Category)
	page, err := s.Plan.StockPage(ctx, replenishops.StockQuery{Category: p.Category, Sort: replenishops.ByValue, Desc: true, Limit: whatIfTop}, below)
	if err != nil {
		return nil, err
	}
	out := make([]catalog.SKUID, len(page.Lines))
	for i, l := range page.Lines {
		out[i] = l.SKU
	}
	return out, nil
}

// change reads what is altered; a box that is no number is marked.
func (p *whatIfPage) change(ctx context.Context) {
	read := func(name string) float64 {
		text := strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(p.Values.Get(name)), "%"), ",", "")
		if text == "" {
			return 0
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			p.Errors[name] = ui.T(ctx, "whatif.err_number")
			return 0
		}
		return v
	}
	whole := func(name string) int {
		v := read(name)
		if v != math.Trunc(v) || math.Abs(v) > 1e6 {
			p.Errors[name] = ui.T(ctx, "whatif.err_whole")
			return 0
		}
		return int(v)
	}
	c := &p.Change
	c.Service, c.LeadDays, c.HeatPeak = read("service")/100, read("lead"), read("heat_peak")
	c.OutageFrom, c.OutageDays, c.HeatFrom, c.HeatDays = whole("outage_from"), whole("outage_days"), whole("heat_from"), whole("heat_days")
	c.Supplier = catalog.SupplierID(desk.Number(p.Values.Get("supplier")))
	if p.Values.Get("moq") != "" {
		n := quantity.Pieces(whole("moq"))
		c.MOQ = &n
	}
	if c.HeatPeak > 0 && c.HeatDays == 0 {
		c.HeatDays = 10
	}
	p.bounds(ctx)
}

// bounds marks the boxes whose number is out of range.
func (p *whatIfPage) bounds(ctx context.Context) {
	c := p.Change
	for name, one := range map[string]replenishment.Change{
		"service": {Service: c.Service}, "lead": {LeadDays: c.LeadDays}, "moq": {MOQ: c.MOQ}, "outage_from": {OutageFrom: c.OutageFrom},
		"outage_days": {OutageDays: c.OutageDays}, "heat_peak": {HeatPeak: c.HeatPeak}, "heat_from": {HeatFrom: c.HeatFrom}, "heat_days": {HeatDays: c.HeatDays},
	} {
		if p.Errors[name] == "" && one.Check() != nil {
			p.Errors[name] = ui.T(ctx, "whatif.err_"+name)
		}
	}
}

func (s WhatIf) show(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	if len(p.Errors) > 0 {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, whatIfScreen(p))
	}
	return route.Render(w, r, whatIfScreen(p))
}

// export gives the days of both courses as a workbook.
func (s WhatIf) export(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	if p.Result == nil {
		return route.See(w, r, "/whatif")
	}
	ctx := r.Context()
	say := func(id string) string { return ui.T(ctx, "whatif."+id) }
	both := func(id string) []sheet.Column {
		return []sheet.Column{desk.Column(id+"_now", say(id)+" · "+say("now"), sheet.Pieces), desk.Column(id+"_then", say(id)+" · "+say("then"), sheet.Pieces)}
	}
	columns := append([]sheet.Column{desk.Column("day", say("day"), sheet.Day)}, both("stock")...)
	columns = append(append(columns, both("bought")...), both("lost")...)
	at := func(series []float64, i int) quantity.Pieces {
		if i >= len(series) {
			return 0
		}
		return quantity.Pieces(math.Round(series[i]))
	}
	now, then := p.Result.Now, p.Result.Then
	return desk.Export(w, r, "whatif", say("title"), columns, func(row func(...any) error) error {
		for i := range p.Days {
			if err := row(p.Today.AddDays(i), at(now.Stock, i), at(then.Stock, i), at(now.Bought, i), at(then.Bought, i), at(now.Lost, i), at(then.Lost, i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// figureRow is a line of the comparison.
type figureRow struct {
	Label, Now, Then, Diff string
	Tone                   ui.Tone
}

// rows are the figures side by side.
func (p whatIfPage) rows(ctx context.Context) []figureRow {
	a, b := p.Result.Now, p.Result.Then
	row := func(id string, x, y float64, write func(float64) string, badUp bool) figureRow {
		f := figureRow{Label: ui.T(ctx, "whatif."+id), Now: write(x), Then: write(y), Diff: ui.Nothing}
		d := y - x
		if write(x) == write(y) {
			return f
		}
		sign := "+"
		if d < 0 {
			sign = "−"
		}
		f.Diff = sign + write(math.Abs(d))
		if f.Tone = ui.OK; d > 0 == badUp {
			f.Tone = ui.Risk
		}
		return f
	}
	pieces := func(v float64) string { return ui.Int(int64(math.Round(v))) }
	yuan := func(v float64) string { return axisYuan(ctx, v/100) }
	share := func(v float64) string { return ui.Percent(v, 1) }
	count := func(v float64) string { return ui.Decimal(v, 1) }
	return []figureRow{
		row("stockout_rate", a.StockoutRate, b.StockoutRate, share, true),
		row("fill_rate", a.FillRate, b.FillRate, share, false),
		row("lost_money", float64(a.LostMoney), float64(b.LostMoney), yuan, true),
		row("avg_stock", a.AvgStock, b.AvgStock, pieces, true),
		row("stock_money", float64(a.StockMoney), float64(b.StockMoney), yuan, true),
		row("peak_money", float64(a.PeakMoney), float64(b.PeakMoney), yuan, true),
		row("cash", float64(a.Cash), float64(b.Cash), yuan, true),
		row("safety", a.Safety, b.Safety, pieces, true),
		row("buys", a.Buys, b.Buys, count, true),
		row("moves", a.Moves, b.Moves, count, true),
	}
}

// projection draws the stock of one course.
func (p whatIfPage) projection(ctx context.Context, s replenishment.Scenario, label string) ui.StockProjection {
	out := ui.StockProjection{Label: label, First: p.Today, Level: quantity.Pieces(math.Round(s.Safety))}
	for _, v := range s.Stock {
		out.Stock = append(out.Stock, quantity.Pieces(math.Round(v)))
	}
	return out
}

func (p whatIfPage) supplierChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "whatif.all_suppliers")}}
	for _, s := range p.Sources {
		out = append(out, ui.Choice{Value: desk.Digits(s.Supplier), Text: ui.Name(ctx, s.Name)})
	}
	return out
}
