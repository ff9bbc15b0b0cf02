package console

import (
	"context"
	"net/http"

	"milkrun/c2m/c2mops"
	"milkrun/internal/sheet"
	"milkrun/web/ui"
)

// export gives the orders of the filter as a workbook.
func (s Orders) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p orderList
	q, err := s.query(r, &p)
	if err != nil {
		return err
	}
	narrow(&q, p.View)
	q.After, q.Limit = nil, 200
	say := func(id string) string { return ui.T(ctx, "orders."+id) }
	columns := []sheet.Column{
		column("number", say("col_order"), sheet.Code), column("version", say("version"), sheet.Number), column("state", say("col_state"), sheet.Text),
		column("late", say("late"), sheet.Bool), column("supplier", say("supplier_code"), sheet.Code), column("name", say("col_supplier"), sheet.Text),
		column("site", say("col_site"), sheet.Text), column("goods", say("goods"), sheet.Text), column("lines", say("lines"), sheet.Number),
		column("pieces", say("col_pieces"), sheet.Pieces), column("amount", say("amount_tax"), sheet.Money), column("due", say("col_due"), sheet.Day),
		column("next", say("col_next"), sheet.Day), column("reply", say("reply_by"), sheet.Moment), column("undecided", say("undecided"), sheet.Number),
		column("came", say("came"), sheet.Pieces), column("asn", say("asn"), sheet.Code), column("buyer", say("buyer"), sheet.Text),
		column("sent", say("sent_at"), sheet.Moment), column("reason", say("reason"), sheet.Text),
	}
	return export(w, r, "orders", say("title"), columns, func(row func(...any) error) error {
		for written := 0; written < exportMost; {
			page, err := s.Ops.Orders(ctx, q)
			if err != nil {
				return err
			}
			for _, o := range page.Rows {
				if err := row(orderValues(ctx, o)...); err != nil {
					return err
				}
			}
			if written += len(page.Rows); page.Next == nil {
				return nil
			}
			q.After = page.Next
		}
		return nil
	})
}

func orderValues(ctx context.Context, o c2mops.Row) []any {
	return []any{o.Number, int64(o.Version), ui.T(ctx, "status.order."+string(o.State)), o.Late, o.SupplierCode, ui.Name(ctx, o.Supplier()), ui.Name(ctx, o.Site()),
		ui.Name(ctx, o.First()), int64(o.LineCount), o.Pieces, o.AmountFen, o.Due, o.NextDay, o.ReplyBy, int64(o.Undecided), o.Came, o.ASN, o.Buyer, o.SentAt, o.Reason}
}
