package console

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// skuCodes are the facts below a SKU's name.
func skuCodes(ctx context.Context, p skuPage) []string {
	out := []string{p.SKU.Code}
	if p.SKU.GTIN != "" {
		out = append(out, p.SKU.GTIN)
	}
	if n := len(p.SKU.Path); n > 0 {
		out = append(out, ui.Name(ctx, p.SKU.Path[n-1].Name))
	}
	if p.SKU.CartonPieces > 0 {
		out = append(out, ui.T(ctx, "sku.carton", ui.Count, p.SKU.CartonPieces))
	}
	if p.SKU.Price > 0 {
		out = append(out, ui.T(ctx, "sku.price", "Price", ui.Yuan(p.SKU.Price)))
	}
	return out
}

// skuChips are the worst two or three things to know of a SKU.
func skuChips(ctx context.Context, p skuPage) []desk.Chip {
	var out []desk.Chip
	today := ui.Today(ctx)
	if p.SKU.Retired != nil && *p.SKU.Retired <= today {
		out = append(out, desk.Chip{Tone: ui.Plain, Icon: "ban", Word: ui.T(ctx, "sku.retired", "Day", *p.SKU.Retired)})
	}
	for _, kind := range []catalog.TopicKind{catalog.DemandTopic, catalog.ComplaintTopic} {
		i := slices.IndexFunc(p.Demand.Topics, func(t forecasting.TopicLine) bool { return t.Kind == kind && t.Spike != 0 })
		switch {
		case i < 0:
		case kind == catalog.DemandTopic:
			t := p.Demand.Topics[i]
			out = append(out, desk.Chip{Tone: ui.Heat, Icon: "flame", Word: ui.T(ctx, "sku.leaping", "Topic", ui.Name(ctx, t.Name), "Ratio", ui.Times(t.Ratio))})
		default:
			out = append(out, desk.Chip{Tone: ui.Risk, Icon: "alert-triangle", Word: ui.T(ctx, "sku.complaint", "Topic", ui.Name(ctx, p.Demand.Topics[i].Name))})
		}
	}
	if c, ok := stockChip(ctx, p); ok {
		out = append(out, c)
	}
	if p.SKU.Launched != nil && today.Sub(*p.SKU.Launched) < catalog.NewbornDays && *p.SKU.Launched <= today {
		out = append(out, desk.Chip{Tone: ui.Plain, Icon: "star", Word: ui.T(ctx, "sku.newborn")})
	}
	return out[:min(len(out), 3)]
}

// stockChip is the worst of the sites shown: out, running out first, or low.
func stockChip(ctx context.Context, p skuPage) (desk.Chip, bool) {
	var worst *replenishment.WaterLevel
	rank := func(s replenishment.Status) int {
		return slices.Index([]replenishment.Status{replenishment.Out, replenishment.RunningOut, replenishment.Low}, s)
	}
	n := 0
	for i := range p.Levels {
		l := &p.Levels[i]
		r := rank(l.Status)
		if r < 0 {
			continue
		}
		n++
		if worst == nil || r < rank(worst.Status) || r == rank(worst.Status) && earlier(l.StockoutDay, worst.StockoutDay) {
			worst = l
		}
	}
	if worst == nil {
		return desk.Chip{}, false
	}
	site, _ := desk.SiteByID(p.Sites, worst.Site)
	place := siteShort(ctx, site)
	switch {
	case worst.Status == replenishment.Out:
		return desk.Chip{Tone: ui.Risk, Icon: "circle-x", Word: ui.T(ctx, "sku.out", "Site", place)}, true
	case worst.Status == replenishment.RunningOut && worst.StockoutDay != nil:
		return desk.Chip{Tone: ui.Risk, Icon: "alert-octagon", Word: ui.T(ctx, "today.runs_out", "Site", place, "Day", *worst.StockoutDay)}, true
	}
	return desk.Chip{Tone: ui.Watch, Icon: "alert-triangle", Word: ui.T(ctx, "sku.low", ui.Count, n)}, true
}

// regionLinks are the choice of the region; more than four become a longer row, which wraps.
func regionLinks(ctx context.Context, p skuPage) []ui.Link {
	links := []ui.Link{{Text: ui.T(ctx, "sku.everywhere"), Href: ui.With(ctx, "at", ""), Current: p.Group == ""}}
	for _, g := range p.Groups {
		links = append(links, ui.Link{Text: regionShort(ctx, g), Href: ui.With(ctx, "at", g.Code), Current: p.Group == g.Code})
	}
	return links
}

func regionShort(ctx context.Context, g siteGroup) string {
	name := ui.Name(ctx, g.Name)
	for _, tail := range []string{"区域仓", "仓", " regional"} {
		if short, ok := strings.CutSuffix(name, tail); ok && short != "" {
			return short
		}
	}
	return name
}

func (p skuPage) groupName(ctx context.Context) string {
	if p.Picked.ID != 0 {
		return ui.Name(ctx, p.Picked.Name)
	}
	for _, g := range p.Groups {
		if g.Code == p.Group {
			return regionShort(ctx, g)
		}
	}
	return ui.T(ctx, "sku.everywhere")
}

// levelSum adds up the table of the sites.
type levelSum struct {
	OnHand, Reserved, OnOrder, Safety, Available quantity.Pieces
	PerDay                                       float64
}

func sumLevels(levels []replenishment.WaterLevel) (s levelSum) {
	for _, l := range levels {
		s.OnHand, s.Reserved, s.OnOrder = s.OnHand+l.OnHand, s.Reserved+l.Reserved, s.OnOrder+l.OnOrder
		s.Safety, s.Available, s.PerDay = s.Safety+l.SafetyPieces, s.Available+l.Available, s.PerDay+l.OwnPerDay
	}
	return s
}

func (s levelSum) cover() float64 {
	if s.PerDay <= 0 {
		return replenishment.CoverForever
	}
	return min(float64(s.Available)/s.PerDay, replenishment.CoverForever)
}

// storyWords tells the heat's figures in one sentence.
func storyWords(ctx context.Context, h heatStory) string {
	return ui.T(ctx, "sku.story", "Ratio", ui.Times(h.Topic.Ratio), "Elasticity", ui.Decimal(h.Effect.Elasticity*max(h.Topic.Weight, 0), 2), "Peak", ui.Times(h.Peak),
		ui.Count, h.Effect.Lag, "HalfLife", ui.Decimal(h.Effect.HalfLife, 0))
}

// historyVerb says an entry of the audit.
func historyVerb(ctx context.Context, e audit.Entry) string {
	switch e.Verb {
	case "suggestion.approve", "suggestion.change", "suggestion.reject", "suggestion.take_back", "sku.edit", "sku.add":
		return ui.T(ctx, "sku.verb_"+strings.ReplaceAll(e.Verb, ".", "_"))
	}
	return e.Verb
}

// historyNote says what an entry changed, as far as it is a suggestion's number and reason.
func historyNote(ctx context.Context, e audit.Entry) string {
	if e.Thing != "suggestion" {
		return changedFields(ctx, e)
	}
	var was, is struct {
		Pieces quantity.Pieces `json:"pieces"`
		Note   string          `json:"note"`
	}
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil {
		return ""
	}
	text := ui.Pieces(is.Pieces)
	if was.Pieces != is.Pieces {
		text = ui.Pieces(was.Pieces) + " → " + text
	}
	return desk.Dots(text, is.Note)
}

// changedFields names the fields of master data that an entry changed.
func changedFields(ctx context.Context, e audit.Entry) string {
	var after map[string]json.RawMessage
	if json.Unmarshal(e.After, &after) != nil || e.Verb == "sku.add" {
		return ""
	}
	var names []string
	for k := range after {
		names = append(names, k)
	}
	slices.Sort(names)
	return ui.T(ctx, "sku.fields", "Fields", strings.Join(names[:min(len(names), 6)], ", "))
}

// signedDecimal writes a small figure with its sign.
func signedDecimal(v float64) string {
	s := ui.Decimal(v, 1)
	if v > 0 && strings.Trim(s, "0.") != "" {
		return "+" + s
	}
	return s
}
