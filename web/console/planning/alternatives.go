// Package planning holds the planners' screens about where goods come from: suppliers side by side, and suppliers who keep stock up by
// themselves.
package planning

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m/supplierops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Pages are the screens of planning that lie beside the lists.
type Pages struct {
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
	Suppliers *supplierops.Ops
}

// Screens gives the routes.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			{Method: http.MethodGet, Pattern: "/alternatives/{code}", Permission: access.ViewSuggestions, Handler: s.alternatives, Heavy: true},
			{Method: http.MethodGet, Pattern: "/alternatives/{code}/table.xlsx", Permission: access.ViewSuggestions, Handler: s.alternativesExport, Heavy: true},
			route.POST("/alternatives/{code}/likeness", access.DecideSuggestions, s.liken),
			route.GET("/vmi", access.ViewStock, s.vmi),
			{Method: http.MethodGet, Pattern: "/vmi.xlsx", Permission: access.ViewStock, Handler: s.vmiExport, Heavy: true},
			route.POST("/vmi", access.SetPolicy, s.setVMI),
		},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			if errors.Is(err, replenishops.ErrNoSKU) {
				return route.NotFound()
			}
			return nil
		}},
	}
}

// mostPieces bounds the quantity that is compared.
const mostPieces = 100_000_000

// altPage sets the suppliers of a SKU side by side.
type altPage struct {
	SKU    catalogops.SKUDetail
	Plan   replenishops.Alternatives
	Pieces quantity.Pieces
	Typed  string // the number as it was typed, where it cannot be read
	Rows   []altRow
	// Costs is false for a reader who may not see what suppliers ask.
	Costs bool
	Form  *desk.Posted // of the likeness
	Likes []string     // codes of the goods it is likened to
}

// altRow is one supplier.
type altRow struct {
	replenishops.Alternative
	Cost *supplierops.Compared
}

func (s Pages) read(r *http.Request) (p altPage, err error) {
	ctx := r.Context()
	if p.SKU, err = s.Catalog.SKUByCode(ctx, route.Param(r, "code")); err != nil {
		return p, err
	}
	if p.Plan, err = s.Plan.Alternatives(ctx, p.SKU.ID); err != nil {
		return p, err
	}
	if p.Pieces = p.Plan.Asked; p.Pieces < 1 {
		for _, a := range p.Plan.Rows {
			p.Pieces = max(p.Pieces, a.MOQ)
		}
	}
	p.Pieces = max(p.Pieces, 1)
	if text := strings.TrimSpace(r.URL.Query().Get("pieces")); text != "" {
		n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
		if err != nil || n < 1 || n > mostPieces {
			p.Typed = text
		} else {
			p.Pieces = quantity.Pieces(n)
		}
	}
	for _, l := range p.Plan.Likes {
		if d, err := s.Catalog.SKU(ctx, l.Like); err == nil {
			p.Likes = append(p.Likes, d.Code)
		}
	}
	return p, s.costs(ctx, &p)
}

// costs adds what each supplier asks, the cheapest landed first; suppliers with an offer but without terms come last.
func (s Pages) costs(ctx context.Context, p *altPage) error {
	left := map[catalog.SupplierID]replenishops.Alternative{}
	for _, a := range p.Plan.Rows {
		left[a.Supplier] = a
	}
	if p.Costs = desk.Can(ctx, access.ViewSuppliers); p.Costs {
		c, err := s.Suppliers.Compare(ctx, p.SKU.ID, p.Pieces)
		if err != nil && !errors.Is(err, supplierops.ErrUnknown) {
			return err
		}
		for i := range c.Rows {
			row := &c.Rows[i]
			a, known := left[row.Offer.Supplier]
			if !known {
				a = replenishops.Alternative{Source: replenishment.Source{Code: row.Code, Name: row.Name}}
				a.Supplier, a.MOQ, a.LeadMean = row.Offer.Supplier, row.Offer.MOQ, float64(row.Offer.LeadDays)
			}
			delete(left, row.Offer.Supplier)
			p.Rows = append(p.Rows, altRow{Alternative: a, Cost: row})
		}
	}
	for _, a := range p.Plan.Rows {
		if _, ok := left[a.Supplier]; ok {
			p.Rows = append(p.Rows, altRow{Alternative: a})
		}
	}
	return nil
}

func (s Pages) alternatives(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, altScreen(p))
}

// liken stores what a buyer says a SKU without a past will sell like.
func (s Pages) liken(w http.ResponseWriter, r *http.Request) error {
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	sku, err := s.Catalog.SKUByCode(ctx, route.Param(r, "code"))
	if err != nil {
		return err
	}
	var like catalog.SKUID
	ratio := 1.0
	if code := f.Text("like"); code != "" && !f.On("forget") {
		d, err := s.Catalog.SKUByCode(ctx, code)
		switch {
		case errors.Is(err, catalog.ErrUnknown):
			f.Bad("like", "alternatives.err_like", "Code", code)
		case err != nil:
			return err
		case d.ID == sku.ID:
			f.Bad("like", "alternatives.err_self")
		default:
			like = d.ID
		}
		if f.Text("ratio") != "" {
			if ratio = f.Decimal("ratio"); !(ratio >= 0.05 && ratio <= 20) {
				f.Bad("ratio", "alternatives.err_ratio")
			}
		}
	} else if !f.On("forget") {
		f.Bad("like", "alternatives.err_empty")
	}
	if !f.OK() {
		p, err := s.read(r)
		if err != nil {
			return err
		}
		p.Form = f
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, altScreen(p))
	}
	if err := s.Plan.Liken(ctx, sku.ID, like, ratio); err != nil {
		return err
	}
	return route.See(w, r, "/alternatives/"+sku.Code)
}

// path is the address of the page, or of its workbook, with the quantity.
func (p altPage) path(more string) string {
	u := url.URL{Path: "/alternatives/" + p.SKU.Code + more, RawQuery: url.Values{"pieces": {strconv.FormatInt(int64(p.Pieces), 10)}}.Encode()}
	return u.RequestURI()
}

// role says what a supplier is to the SKU today.
func (a altRow) role(ctx context.Context) desk.Chip {
	switch {
	case a.Banned != "" || a.Cost != nil && a.Cost.Barred:
		return desk.Chip{Tone: ui.Risk, Icon: "ban", Word: ui.T(ctx, "alternatives.role_barred")}
	case a.Usual:
		return desk.Chip{Tone: ui.OK, Icon: "star", Word: ui.T(ctx, "alternatives.role_usual")}
	case a.PartNo == "" && a.Breaks == nil:
		return desk.Chip{Tone: ui.Plain, Icon: "file-text", Word: ui.T(ctx, "alternatives.role_offer")}
	}
	return desk.Chip{Tone: ui.Stock, Icon: "arrows-exchange", Word: ui.T(ctx, "alternatives.role_backup")}
}

// cash is the difference in what is paid for purchases over the days, were this one the usual supplier.
func (a altRow) cash(p altPage) money.Fen { return a.Then.Cash - p.Plan.Now.Cash }

// stock is the difference in the mean value of the stock.
func (a altRow) stock(p altPage) money.Fen { return a.Then.StockMoney - p.Plan.Now.StockMoney }

// alternativesExport gives the comparison as a workbook.
func (s Pages) alternativesExport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	say := func(id string) string { return ui.T(ctx, "alternatives."+id) }
	columns := []sheet.Column{
		desk.Column("supplier", say("col_supplier"), sheet.Text), desk.Column("code", say("col_code"), sheet.Code), desk.Column("role", say("col_role"), sheet.Text),
		desk.Column("landed", say("col_landed"), sheet.Money), desk.Column("goods", say("goods"), sheet.Money), desk.Column("freight", say("freight"), sheet.Money),
		desk.Column("duty", say("duty"), sheet.Money), desk.Column("vat", say("vat"), sheet.Money), desk.Column("total", say("col_total"), sheet.Money),
		desk.Column("lead", say("col_promised"), sheet.Number), desk.Column("real", say("col_real"), sheet.Number), desk.Column("moq", say("col_moq"), sheet.Pieces),
		desk.Column("pack", say("col_pack"), sheet.Pieces), desk.Column("capacity", say("col_capacity"), sheet.Pieces), desk.Column("score", say("col_grade"), sheet.Number),
		desk.Column("stock", say("stock_then"), sheet.Money), desk.Column("cash", say("cash_then"), sheet.Money), desk.Column("out", say("out_then"), sheet.Number),
	}
	return desk.Export(w, r, "alternatives-"+p.SKU.Code, say("title"), columns, func(row func(...any) error) error {
		for _, a := range p.Rows {
			cells := []any{ui.Name(ctx, a.Name), a.Code, a.role(ctx).Word, nil, nil, nil, nil, nil, nil, a.LeadMean, nil, a.MOQ, a.Pack, nil, nil, nil, nil, nil}
			if c := a.Cost; c != nil && !c.NoRate {
				cells[3], cells[4], cells[5], cells[6], cells[7], cells[8] = c.Cost, c.Goods, c.Freight, c.Duty, c.VAT, c.Total
			}
			if a.Real.Lines > 0 {
				cells[10] = a.Real.Mean
			}
			if a.CapacityDay > 0 {
				cells[13] = a.CapacityDay
			}
			if a.Cost != nil && a.Cost.Score > 0 {
				cells[14] = a.Cost.Score
			}
			if a.Then != nil {
				cells[15], cells[16], cells[17] = a.Then.StockMoney, a.Then.Cash, a.Then.StockoutRate*100
			}
			if err := row(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}
