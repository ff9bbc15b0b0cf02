package console

import (
	"context"
	"strconv"

	"milkrun/internal/access"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

var kindIcons = map[replenishment.Kind]string{replenishment.Buy: "shopping-cart", replenishment.Transfer: "arrows-exchange",
	replenishment.Clear: "discount", replenishment.Presell: "speakerphone"}

func kindIcon(k replenishment.Kind) string { return kindIcons[k] }

func kindWord(ctx context.Context, k replenishment.Kind) string {
	return ui.T(ctx, "suggestions.kind_"+string(k))
}

func sortWord(ctx context.Context, by string) string { return ui.T(ctx, "suggestions.sort_"+by) }

func kindLinks(ctx context.Context, p suggestionPage) []ui.Link {
	n, _ := p.total("")
	links := []ui.Link{{Text: ui.T(ctx, "suggestions.all"), Href: ui.With(ctx, "kind", "", "open", ""), Current: p.Filter.Kind == "", Count: n}}
	for _, k := range []replenishment.Kind{replenishment.Buy, replenishment.Transfer, replenishment.Clear, replenishment.Presell} {
		if n, _ := p.total(k); n > 0 || p.Filter.Kind == k {
			links = append(links, ui.Link{Text: kindWord(ctx, k), Href: ui.With(ctx, "kind", string(k), "open", ""), Current: p.Filter.Kind == k, Count: n})
		}
	}
	return links
}

// suggestionViews are what the list can show.
var suggestionViews = []string{"waiting", "approved", "ordered", "rejected", "expired"}

func suggestionFilters(ctx context.Context, p suggestionPage) []ui.Filter {
	var out []ui.Filter
	if p.Query != "" {
		out = append(out, ui.Filter{Text: p.Query, Remove: ui.With(ctx, "q", "")})
	}
	if p.Filter.Supplier != 0 {
		out = append(out, ui.Filter{Text: ui.T(ctx, "suggestions.supplier", "Name", ui.Name(ctx, p.SupplierOf.Name)), Remove: ui.With(ctx, "supplier", "")})
	}
	if p.Filter.Reason != "" {
		out = append(out, ui.Filter{Text: reasonMark(ctx, replenishops.Line{Reason: p.Filter.Reason}).word, Remove: ui.With(ctx, "reason", "")})
	}
	return out
}

func suggestionPager(ctx context.Context, p suggestionPage) ui.Pager {
	total := int64(-1)
	if p.Filter.View == "open" || p.Filter.View == "waiting" {
		n, _ := p.total(p.Filter.Kind)
		total = int64(n)
	}
	first := int64((p.Page-1)*desk.PageSize) + 1
	out := ui.Pager{First: first, Last: first + int64(len(p.Lines)) - 1, Total: max(total, first+int64(len(p.Lines))-1)}
	if p.Page > 1 {
		out.Prev = ui.With(ctx, "page", strconv.Itoa(p.Page-1))
	}
	if p.More {
		out.Next = ui.With(ctx, "page", strconv.Itoa(p.Page+1))
	}
	return out
}

// placeWords says where the pieces go: the site, or from where to where.
func placeWords(ctx context.Context, l replenishops.Line) string {
	if l.Kind == replenishment.Transfer {
		return ui.Name(ctx, l.FromName) + " → " + ui.Name(ctx, l.SiteName)
	}
	return ui.Name(ctx, l.SiteName)
}

type reasonLook struct {
	tone       ui.Tone
	icon, word string
}

func reasonMark(ctx context.Context, l replenishops.Line) reasonLook {
	switch l.Reason {
	case replenishment.ReasonHeat:
		return reasonLook{ui.Heat, "flame", ui.T(ctx, "suggestions.reason_heat", "Topic", ui.Name(ctx, l.Topic), "Ratio", ui.Times(l.TopicRatio))}
	case replenishment.ReasonEvent:
		return reasonLook{ui.Plain, "flag", ui.T(ctx, "suggestions.reason_event", "Event", ui.Name(ctx, l.Event))}
	case replenishment.ReasonGap:
		return reasonLook{ui.Risk, "alert-octagon", ui.T(ctx, "suggestions.reason_gap")}
	case replenishment.ReasonExcess:
		return reasonLook{ui.Cold, "stack-3", ui.T(ctx, "suggestions.reason_excess")}
	case replenishment.ReasonForward:
		return reasonLook{ui.Stock, "truck-delivery", ui.T(ctx, "suggestions.reason_forward")}
	case replenishment.ReasonExpiry:
		return reasonLook{ui.Watch, "hourglass", ui.T(ctx, "suggestions.reason_expiry")}
	}
	return reasonLook{ui.Watch, "alert-triangle", ui.T(ctx, "suggestions.reason_below_level", "Days", ui.Decimal(l.BelowDays, 1))}
}

func confidenceTone(c replenishment.Confidence) ui.Tone {
	switch c {
	case replenishment.Sure:
		return ui.OK
	case replenishment.Unsure:
		return ui.Risk
	}
	return ui.Watch
}

func confidenceWord(ctx context.Context, c replenishment.Confidence) string {
	return ui.T(ctx, "why.confidence_"+string(c))
}

// inputPairs are the figures behind the sum, name and value.
func inputPairs(ctx context.Context, in replenishment.Inputs) [][2]string {
	pairs := [][2]string{
		{ui.T(ctx, "why.input_service"), ui.Percent(in.Service, 1)},
		{ui.T(ctx, "why.input_lead"), ui.T(ctx, "why.input_lead_value", "Mean", ui.Decimal(in.LeadDays, 1), "SD", ui.Decimal(in.LeadSDDays, 1))},
		{ui.T(ctx, "why.input_sd"), ui.Decimal(in.SD, 0)},
		{ui.T(ctx, "why.input_distribution"), ui.T(ctx, "why.dist_"+string(in.Distribution))},
		{ui.T(ctx, "why.input_quantile"), ui.Decimal(in.Quantile, 0)},
		{ui.T(ctx, "why.input_model"), in.Model},
	}
	if in.HeatPeak > 1.01 {
		pairs = append(pairs, [2]string{ui.T(ctx, "why.input_heat"), ui.Times(in.HeatMultiplier) + " / " + ui.Times(in.HeatPeak)})
	}
	return pairs
}

// ourProjection is the stock to come with the number in the box, our own arrival marked.
func ourProjection(ctx context.Context, d suggestionDrawer) ui.StockProjection {
	const days = 35
	out := projection(ctx, d.Explanation, days)
	if d.Kind == replenishment.Buy || d.Kind == replenishment.Transfer {
		out.Arrivals = append(out.Arrivals, ui.Arrival{Day: d.Explanation.Projection.Arrives, Pieces: d.Suggestion.Quantity(), Ours: true})
	}
	return out
}

func panelNote(ctx context.Context, d suggestionDrawer) string {
	note := d.SKU.Code
	if d.Kind == replenishment.Transfer {
		return note + " · " + ui.Name(ctx, d.FromName) + " → " + ui.Name(ctx, d.SiteName)
	}
	note += " · " + ui.Name(ctx, d.SiteName)
	if d.Suggestion.Supplier != 0 {
		note += " · " + ui.T(ctx, "suggestions.supplier", "Name", ui.Name(ctx, d.Supplier.Name))
	}
	return note
}

func planProgress(ctx context.Context, r replenishops.Run) ui.Progress {
	return ui.Progress{ID: "plan-run", Label: ui.T(ctx, "suggestions.planning"), Done: int64(r.SKUsDone), Total: int64(r.SKUs), Topic: "plan-run", Source: "/runs/plan"}
}

func mayDecide(ctx context.Context) bool {
	u, ok := access.FromContext(ctx)
	return ok && access.Can(u, access.DecideSuggestions)
}
