package orders

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func lineHref(f orderLine) string { return f.Here + "/lines/" + strconv.Itoa(f.Pair.Line.No) }

// termText are the supplier's minimum and pack beside a line.
func termText(ctx context.Context, p orderPage, l c2m.Line) string {
	t, ok := p.Terms[l.SKU]
	if !ok {
		return ui.T(ctx, "order.caution.terms")
	}
	return ui.T(ctx, "order.terms", "MOQ", t.MOQ, "Pack", t.Pack, "Days", ui.Days(t.LeadMean))
}

func priceHint(ctx context.Context, f orderLine) string {
	if f.Term == nil {
		return ""
	}
	if price := f.Term.PriceAt(f.Line.Pieces); price > 0 {
		return ui.T(ctx, "order.line.price_hint", "Price", ui.Amount(price))
	}
	return ""
}

// reasonHint says when a reason is needed: always once the order was sent, in a draft for a price.
func reasonHint(ctx context.Context, p orderPage) string {
	if p.Order.State == c2m.StateDraft {
		return ui.T(ctx, "order.draft.reason_hint")
	}
	return ui.T(ctx, "order.line.reason_hint")
}

// termPairs are the supplier's terms for goods that are being added.
func termPairs(ctx context.Context, f orderAdd) [][2]string {
	t := f.Term
	say := func(id string) string { return ui.T(ctx, "order.term."+id) }
	var breaks []string
	for _, b := range t.Breaks {
		breaks = append(breaks, ui.T(ctx, "order.term.break", "From", b.From, "Price", ui.Amount(b.Price)))
	}
	out := [][2]string{{say("price"), desk.OrDash(strings.Join(breaks, " · "))}, {say("moq"), ui.Quantity(ctx, t.MOQ, f.Chosen.Unit)}, {say("pack"), ui.Pieces(t.Pack)},
		{say("lead"), ui.T(ctx, "order.term.lead_days", "Mean", ui.Days(t.LeadMean), "SD", ui.Days(t.LeadSD))}}
	if t.CapacityDay > 0 {
		out = append(out, [2]string{say("capacity"), ui.Quantity(ctx, t.CapacityDay, f.Chosen.Unit)})
	}
	if t.ShipsTo != 0 && t.ShipsTo != f.Order.ShipTo {
		out = append(out, [2]string{say("ships_to"), ui.Name(ctx, t.ShipsToName)})
	}
	return out
}

func firstPieces(f orderAdd) string {
	if f.Term == nil || f.Term.MOQ == 0 {
		return ""
	}
	return ui.Pieces(f.Term.MOQ)
}

func firstPrice(f orderAdd) string {
	if f.Term == nil {
		return ""
	}
	if price := f.Term.PriceAt(f.Term.MOQ); price > 0 {
		return ui.Amount(price)
	}
	return ""
}

// firstDue is the day after the usual lead time.
func firstDue(f orderAdd) string {
	if f.Term == nil {
		return f.Today.AddDays(14).String()
	}
	return f.Today.AddDays(int(f.Term.LeadMean + 0.999)).String()
}

func onOrderAlready(p orderPage, sku catalog.SKUID) bool {
	return slices.ContainsFunc(p.Order.Lines, func(l c2m.Line) bool { return l.SKU == sku })
}

// sendCautions are what to look at before sending, by goods. Prices have a choice of their own.
func sendCautions(ctx context.Context, f orderSending) [][2]string {
	var out [][2]string
	for _, l := range f.Order.Lines {
		name := moveName(ctx, f.orderPage, l.SKU)
		for _, text := range cautionTexts(ctx, f.orderPage, l.No) {
			out = append(out, [2]string{name, text})
		}
	}
	return out
}

func counterTitle(ctx context.Context, f orderLine) string {
	return ui.T(ctx, "order.counter.title", "Goods", ui.Name(ctx, f.Pair.SKU.Name))
}

// kindTicked tells whether a difference is to be turned down: all are, until the reader chose.
func kindTicked(f orderLine, k c2m.DeviationKind) bool {
	return f.Form == nil || slices.Contains(f.Form.Form["kind"], string(k))
}

// counterDue is the day offered instead; one that has passed is offered as today.
func counterDue(f orderLine) string { return max(f.Line.Due, f.Today).String() }

// onRoadText is the quantity that a receipt begins with: what is on its way.
func onRoadText(l c2m.Line) string {
	if l.Shipped > l.Came {
		return ui.Pieces(l.Shipped - l.Came)
	}
	return ""
}

func onRoadHint(ctx context.Context, l c2m.Line) string {
	if l.Shipped > l.Came {
		return ui.T(ctx, "order.receive.on_road", "Pieces", l.Shipped-l.Came)
	}
	return ""
}

// endNeedsReason tells whether the order ends only with a reason: once it was sent, or short of goods.
func endNeedsReason(f orderForm) bool {
	if f.closes() {
		return f.Order.ShortPieces() > 0
	}
	return f.Order.State != c2m.StateDraft
}

var conditionWords = map[string]string{"contract": "orders.new_contract", "payment": "orders.new_payment", "licence": "orders.new_licence", "note": "orders.new_remark"}

func conditionName(ctx context.Context, name string) string { return ui.T(ctx, conditionWords[name]) }

// diffName names the line of a difference: goods, code and number.
func diffName(ctx context.Context, v orderDiff, d c2m.LineDiff) string {
	l := d.After
	if l == nil {
		l = d.Before
	}
	k := v.SKUs[l.SKU]
	return ui.Name(ctx, k.Name) + " · " + ui.T(ctx, "order.line_no", "Line", d.No)
}

// askText is a line in a sentence: 2,400 件, 12.80, 12-02.
func askText(ctx context.Context, l c2m.Line) string {
	return ui.T(ctx, "order.ask", "Pieces", l.Pieces, "Price", ui.Amount(l.Price), "Day", l.Due)
}

// fieldText writes a field of a line.
func fieldText(ctx context.Context, l c2m.Line, f c2m.Field) string {
	switch f {
	case c2m.FieldSKU:
		return "#" + strconv.Itoa(int(l.SKU))
	case c2m.FieldPieces:
		return ui.Pieces(l.Pieces)
	case c2m.FieldPrice:
		return ui.Amount(l.Price)
	case c2m.FieldTax:
		return desk.PercentValue(float64(l.TaxBP)/10_000) + "%"
	case c2m.FieldDue:
		return ui.Day(ctx, l.Due)
	case c2m.FieldShelfLife:
		return desk.OrNothing(int64(l.MinRemainingDays))
	case c2m.FieldSpec:
		return desk.OrDash(l.Spec)
	case c2m.FieldNote:
		return desk.OrDash(l.Note)
	}
	return ""
}
