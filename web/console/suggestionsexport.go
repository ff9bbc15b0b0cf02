package console

import (
	"net/http"

	"milkrun/internal/sheet"
	"milkrun/replenishment/replenishops"
	"milkrun/web/ui"
)

// exportMost bounds an exported list.
const exportMost = 100_000

// export gives the suggestions of the filter as a workbook.
func (s Suggestions) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, _, _ := s.filter(r)
	f.Limit, f.Offset = exportMost, 0
	l, err := s.Plan.List(ctx, f)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "suggestions."+id) }
	columns := []sheet.Column{
		column("sku", "SKU", sheet.Code), column("name", say("col_goods"), sheet.Text), column("kind", say("col_kind"), sheet.Text),
		column("site", say("site"), sheet.Text), column("from", say("from"), sheet.Text), column("reason", say("col_reason"), sheet.Text),
		column("pieces", say("col_pieces"), sheet.Pieces), column("decided", say("quantity"), sheet.Pieces), column("price", say("unit_price"), sheet.Money),
		column("money", say("col_money"), sheet.Money), column("order_by", say("order_by"), sheet.Day), column("arrive_by", say("arrive_by"), sheet.Day),
		column("stockout", say("col_stockout"), sheet.Day), column("state", say("state"), sheet.Text), column("order", ui.T(ctx, "menu.factory"), sheet.Code),
		column("note", say("note"), sheet.Text),
	}
	return export(w, r, "suggestions", say("sheet"), columns, func(row func(...any) error) error {
		for _, x := range l.Lines {
			if err := row(suggestionValues(r, x)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func suggestionValues(r *http.Request, x replenishops.Line) []any {
	ctx := r.Context()
	from := ui.Name(ctx, x.FromName)
	if x.Supplier != 0 {
		from = ui.Name(ctx, x.SupplierName)
	}
	return []any{x.SKUCode, ui.Name(ctx, x.SKUName), kindWord(ctx, x.Kind), ui.Name(ctx, x.SiteName), from, reasonMark(ctx, x).word, x.Pieces, x.Quantity(),
		x.UnitPrice, x.Money, x.OrderBy, x.ArriveBy, x.StockoutDay, ui.T(ctx, "status.suggestion."+string(x.State)), x.OrderRef, x.Note}
}
