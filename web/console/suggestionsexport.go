package console

import (
	"net/http"

	"milkrun/internal/sheet"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// export gives the suggestions of the filter as a workbook.
func (s Suggestions) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, _, _ := s.filter(r)
	f.Limit, f.Offset = desk.ExportMost, 0
	l, err := s.Plan.List(ctx, f)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "suggestions."+id) }
	columns := []sheet.Column{
		desk.Column("sku", "SKU", sheet.Code), desk.Column("name", say("col_goods"), sheet.Text), desk.Column("kind", say("col_kind"), sheet.Text),
		desk.Column("site", say("site"), sheet.Text), desk.Column("from", say("from"), sheet.Text), desk.Column("reason", say("col_reason"), sheet.Text),
		desk.Column("pieces", say("col_pieces"), sheet.Pieces), desk.Column("decided", say("quantity"), sheet.Pieces), desk.Column("price", say("unit_price"), sheet.Money),
		desk.Column("money", say("col_money"), sheet.Money), desk.Column("order_by", say("order_by"), sheet.Day), desk.Column("arrive_by", say("arrive_by"), sheet.Day),
		desk.Column("stockout", say("col_stockout"), sheet.Day), desk.Column("state", say("state"), sheet.Text), desk.Column("order", ui.T(ctx, "menu.factory"), sheet.Code),
		desk.Column("note", say("note"), sheet.Text),
	}
	return desk.Export(w, r, "suggestions", say("sheet"), columns, func(row func(...any) error) error {
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
