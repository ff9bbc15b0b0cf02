package planning

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m/supplierops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// typed is the quantity in the box.
func typed(p altPage) string {
	if p.Typed != "" {
		return p.Typed
	}
	return strconv.FormatInt(int64(p.Pieces), 10)
}

func typedError(ctx context.Context, p altPage) string {
	if p.Typed == "" {
		return ""
	}
	return ui.T(ctx, "alternatives.err_pieces")
}

// capacity is what a supplier can make a day.
func capacity(ctx context.Context, a altRow) string {
	if a.CapacityDay <= 0 {
		return ui.T(ctx, "alternatives.capacity_open")
	}
	return ui.T(ctx, "alternatives.capacity", "Pieces", a.CapacityDay)
}

// landedWords takes a landed cost apart: goods 8.20, freight 1.10, duty 0.46; VAT 1.27 is reclaimed.
func landedWords(ctx context.Context, c *supplierops.Compared) string {
	parts := []string{ui.T(ctx, "alternatives.part_goods", "Money", ui.Yuan(c.Goods))}
	if c.Freight > 0 {
		parts = append(parts, ui.T(ctx, "alternatives.part_freight", "Money", ui.Yuan(c.Freight)))
	}
	if c.Duty > 0 {
		parts = append(parts, ui.T(ctx, "alternatives.part_duty", "Money", ui.Yuan(c.Duty)))
	}
	if c.Tooling > 0 {
		parts = append(parts, ui.T(ctx, "alternatives.part_tooling", "Money", ui.Yuan(c.Tooling)))
	}
	if c.VAT > 0 {
		parts = append(parts, ui.T(ctx, "alternatives.part_vat", "Money", ui.Yuan(c.VAT)))
	}
	return desk.Dots(parts...)
}

func effectNone(ctx context.Context, p altPage) string {
	if !p.Plan.Foreseen {
		return ui.T(ctx, "alternatives.effect_unknown")
	}
	return ui.Nothing
}

// whatIf is the address of the what-if of the SKU with this supplier named.
func (p altPage) whatIf(a altRow) string {
	return (&url.URL{Path: "/whatif", RawQuery: url.Values{"sku": {p.SKU.Code}, "supplier": {strconv.Itoa(int(a.Supplier))}}.Encode()}).RequestURI()
}

// likeWords says what the SKU is planned like.
func likeWords(ctx context.Context, p altPage) string {
	codes := strings.Join(p.Likes, ", ")
	if l := p.Plan.Likes[0]; l.ByHand {
		return ui.T(ctx, "alternatives.like_hand", "Codes", codes, "Ratio", ui.Decimal(l.Ratio, 2))
	}
	return ui.T(ctx, "alternatives.like_catalogue", "Codes", codes)
}

// handLike and handRatio are what a buyer has said before.
func handLike(p altPage) string {
	if len(p.Likes) == 1 && p.Plan.Likes[0].ByHand {
		return p.Likes[0]
	}
	return ""
}

func handRatio(p altPage) string {
	if handLike(p) == "" {
		return ""
	}
	return desk.TrimDecimal(p.Plan.Likes[0].Ratio)
}

// vmiLinks lead from supplier to supplier.
func vmiLinks(ctx context.Context, p vmiPage) []ui.Link {
	out := make([]ui.Link, len(p.List))
	for i, x := range p.List {
		out[i] = ui.Link{Text: ui.Name(ctx, x.Name()), Href: "/vmi?supplier=" + url.QueryEscape(x.Code), Current: x.ID == p.Shown.ID, Count: x.Short}
	}
	return out
}
