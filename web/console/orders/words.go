package orders

import (
	"context"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/ui"
)

// orderSorts are the orders that the list offers by name; its columns turn them around.
var orderSorts = []string{"-number", "next", "due", "reply", "-amount"}

func orderSortWord(ctx context.Context, by string) string {
	return ui.T(ctx, "orders.sort_"+strings.TrimPrefix(by, "-"))
}

// ordersSum is the count and the money of the view, and the worst news.
func ordersSum(ctx context.Context, p orderList) string {
	shown, all := p.sum(p.View), p.All.Total()
	if p.View == "late" || p.View == "waiting" {
		return ui.T(ctx, "orders.sum_"+p.View, ui.Count, shown.Orders)
	}
	text := ui.T(ctx, "orders.sum", ui.Count, shown.Orders, "Money", ui.YuanRound(shown.AmountFen))
	if all.Late > 0 && p.View == "" {
		text += " · " + ui.T(ctx, "orders.sum_late", ui.Count, all.Late)
	}
	return text
}

func orderViewLinks(ctx context.Context, p orderList) []ui.Link {
	var links []ui.Link
	for _, v := range orderViews {
		n := p.sum(v).Orders
		if n == 0 && v != "" && v != p.View && v != "waiting" && v != "draft" {
			continue
		}
		links = append(links, ui.Link{Text: orderViewWord(ctx, v), Href: ui.With(ctx, "state", v, "open", ""), Current: v == p.View, Count: n})
	}
	return links
}

func orderViewWord(ctx context.Context, view string) string {
	switch {
	case view == "":
		return ui.T(ctx, "orders.view_all")
	case view == "waiting" || view == "over":
		return ui.T(ctx, "orders.view_"+view)
	}
	return ui.T(ctx, "status.order."+view)
}

// orderFilters are the filters in force, besides the view.
func orderFilters(ctx context.Context, p orderList) []ui.Filter {
	var out []ui.Filter
	if p.Query != "" {
		out = append(out, ui.Filter{Text: p.Query, Remove: ui.With(ctx, "q", "")})
	}
	for _, x := range p.Suppliers {
		if x.ID == p.Supplier {
			out = append(out, ui.Filter{Text: ui.Name(ctx, x.Name), Remove: ui.With(ctx, "supplier", "")})
		}
	}
	for _, x := range p.Sites {
		// The site of the top bar is taken away there.
		if x.ID == p.Site && x.Code != ui.From(ctx).Site {
			out = append(out, ui.Filter{Text: ui.Name(ctx, x.Name), Remove: ui.With(ctx, "site", "")})
		}
	}
	if p.Mine {
		out = append(out, ui.Filter{Text: ui.T(ctx, "orders.mine"), Remove: ui.With(ctx, "mine", "")})
	}
	return out
}

// ordersNoneNote says when a view has something again.
func ordersNoneNote(ctx context.Context, view string) string {
	switch view {
	case "waiting", "draft", "late":
		return ui.T(ctx, "orders.none_"+view)
	}
	return ""
}

func orderVersionWord(ctx context.Context, version int) string {
	if version == 0 {
		return ui.T(ctx, "orders.unsent")
	}
	return ui.T(ctx, "orders.version_no", "Version", version)
}

// orderGoods names what an order is of: the first line's goods and how many lines there are.
func orderGoods(ctx context.Context, o c2mops.Row) string {
	first := ui.Name(ctx, o.First())
	switch {
	case o.LineCount == 0 || first == "":
		return ui.T(ctx, "orders.no_lines")
	case o.LineCount == 1:
		return first
	}
	return ui.T(ctx, "orders.goods_and", "Name", first, ui.Count, o.LineCount)
}

// orderNews is the one thing to know of an order in the list.
func orderNews(ctx context.Context, o c2mops.Row) string {
	switch {
	case o.Reason != "" && o.State.Over():
		return o.Reason
	case o.State == c2m.StateAnswered && o.Undecided > 0:
		return ui.T(ctx, "orders.news_differs", ui.Count, o.Undecided)
	case o.Changed && o.Version > 0 && o.State.Editable():
		return ui.T(ctx, "orders.news_changed")
	case o.State == c2m.StateSent && o.ReplyBy != nil:
		return ui.Left(ctx, *o.ReplyBy)
	case o.State == c2m.StateDispatched && o.Came > 0:
		return ui.T(ctx, "orders.news_came", "Came", o.Came)
	case o.ASN != "" && (o.State == c2m.StateDispatched || o.State == c2m.StateReceived):
		if o.Short > 0 && o.Came > 0 {
			return ui.T(ctx, "orders.news_short", "Short", o.Short)
		}
		return o.ASN
	case o.Confirmation == c2m.PartlyAgreed || o.Confirmation == c2m.SplitOverDates:
		return ui.T(ctx, "orders.agreed_"+string(o.Confirmation))
	}
	return ""
}

// orderTitle is how an order is named in a sentence: number and supplier.
func orderTitle(ctx context.Context, number string, s catalog.Supplier) string {
	return number + " · " + ui.Name(ctx, s.Name)
}
