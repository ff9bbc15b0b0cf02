package orders

import (
	"context"
	"net/http"

	"milkrun/c2m/c2mops"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// export gives the orders of the filter as a workbook.
func (s Pages) export(w http.ResponseWriter, r *http.Request) error {
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
		desk.Column("number", say("col_order"), sheet.Code), desk.Column("version", say("version"), sheet.Number), desk.Column("state", say("col_state"), sheet.Text),
		desk.Column("late", say("late"), sheet.Bool), desk.Column("supplier", say("supplier_code"), sheet.Code), desk.Column("name", say("col_supplier"), sheet.Text),
		desk.Column("site", say("col_site"), sheet.Text), desk.Column("goods", say("goods"), sheet.Text), desk.Column("lines", say("lines"), sheet.Number),
		desk.Column("pieces", say("col_pieces"), sheet.Pieces), desk.Column("amount", say("amount_tax"), sheet.Money), desk.Column("due", say("col_due"), sheet.Day),
		desk.Column("next", say("col_next"), sheet.Day), desk.Column("reply", say("reply_by"), sheet.Moment), desk.Column("undecided", say("undecided"), sheet.Number),
		desk.Column("came", say("came"), sheet.Pieces), desk.Column("asn", say("asn"), sheet.Code), desk.Column("buyer", say("buyer"), sheet.Text),
		desk.Column("sent", say("sent_at"), sheet.Moment), desk.Column("reason", say("reason"), sheet.Text),
	}
	return desk.Export(w, r, "orders", say("title"), columns, func(row func(...any) error) error {
		for written := 0; written < desk.ExportMost; {
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
