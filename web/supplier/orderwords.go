package supplier

import (
	"context"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// orderFacts stand below the order's number.
func orderFacts(ctx context.Context, v orderPage) []string {
	facts := []string{ui.T(ctx, "orders.version_no", "Version", v.Order.Version()), ui.T(ctx, "portal.to_site", "Site", ui.Name(ctx, v.Site.Name)),
		ui.T(ctx, "order.buyer", "Name", v.Order.Buyer.Name)}
	if v.Order.Stops.Sent != nil {
		facts = append(facts, ui.T(ctx, "portal.sent", "Moment", ui.Moment(ctx, *v.Order.Stops.Sent)))
	}
	return facts
}

func answeredNote(ctx context.Context, v orderPage) string {
	if n := differing(v.Detail); n > 0 {
		return ui.T(ctx, "portal.wait_differs", ui.Count, n)
	}
	return ui.T(ctx, "portal.wait")
}

func reasonOr(s string) string {
	if s == "" {
		return ui.Nothing
	}
	return s
}

// lineFacts are the codes of a line: ours, the barcode, the supplier's own.
func lineFacts(ctx context.Context, p c2mops.Pair) []string {
	facts := []string{ui.T(ctx, "order.line_no", "Line", p.Line.No), p.SKU.Code}
	for _, code := range []string{p.SKU.GTIN, p.Line.PartNo} {
		if code != "" {
			facts = append(facts, code)
		}
	}
	if p.Line.No < 0 {
		facts[0] = ui.T(ctx, "order.offer")
	}
	if p.Line.MinRemainingDays > 0 {
		facts = append(facts, ui.T(ctx, "portal.life", "Days", p.Line.MinRemainingDays))
	}
	return facts
}

// extraFacts are specification and note of a line.
func extraFacts(p c2mops.Pair) string {
	var facts []string
	for _, s := range []string{p.Line.Spec, p.Line.Note} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	return strings.Join(facts, " · ")
}

// saidSplits gives what stands beside the ask: what was agreed, or what was answered.
func saidSplits(v orderPage, p c2mops.Pair) (splits []c2m.Split, word string) {
	switch {
	case v.agreed() && p.Agreed != nil:
		return nonNil(p.Agreed.Splits), "agreed_word"
	case p.Answer != nil:
		return nonNil(p.Answer.Splits), "answered_word"
	case p.Agreed != nil:
		return nonNil(p.Agreed.Splits), "agreed_word"
	}
	return nil, ""
}

// yuanOr writes the price of a schedule, or nothing for one in which nothing comes.
func yuanOr(splits []c2m.Split) string {
	if len(splits) == 0 {
		return ui.Nothing
	}
	return "¥" + sheets.SplitPrices(splits)
}

func nonNil(splits []c2m.Split) []c2m.Split {
	if splits == nil {
		return []c2m.Split{}
	}
	return splits
}

// lineGoods names the goods of a delivery note's line.
func lineGoods(ctx context.Context, v orderPage) func(c2m.ASNLine) string {
	return func(l c2m.ASNLine) string {
		for _, p := range v.Pairs {
			if p.Line.No == l.Line {
				return ui.Name(ctx, p.SKU.Name)
			}
		}
		return ui.T(ctx, "order.line_no", "Line", l.Line)
	}
}

// conditions are what the whole order is subject to, as far as anything is.
func conditions(ctx context.Context, v orderPage) [][2]string {
	c := v.Order.Current.Conditions
	var out [][2]string
	for _, x := range [][2]string{{"contract", c.Contract}, {"payment", c.Payment}, {"licence", c.Licence}, {"remark", c.Note}} {
		if x[1] != "" {
			out = append(out, [2]string{ui.T(ctx, "orders.new_"+x[0]), x[1]})
		}
	}
	return out
}
