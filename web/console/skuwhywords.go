package console

import (
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"milkrun/replenishment"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// whyTitle asks why the suggestion has its number.
func whyTitle(ctx context.Context, y skuWhy) string {
	if y.Shown == nil {
		return ui.T(ctx, "sku.why_not")
	}
	return ui.T(ctx, "why.title", "Pieces", y.Shown.Pieces, "Unit", ui.Unit(ctx, y.Shown.Pieces, y.SKU.Unit))
}

// path is the address of the page with its region and more query values: pairs of name and value.
func (y skuWhy) path(pairs ...string) string {
	q := url.Values{}
	if y.At != "" {
		q.Set("at", y.At)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return (&url.URL{Path: "/demand/" + y.SKU.Code, RawQuery: q.Encode()}).RequestURI()
}

// live is the address of the card alone.
func (y skuWhy) live() string {
	q := url.Values{}
	if y.At != "" {
		q.Set("at", y.At)
	}
	if y.Shown != nil && len(y.Open) > 1 {
		q.Set("s", desk.SuggestionText(y.Shown.ID))
	}
	return (&url.URL{Path: "/demand/" + y.SKU.Code + "/why", RawQuery: q.Encode()}).RequestURI()
}

// follow are the attributes by which the card draws itself again; without them while a form is open in it.
func (y skuWhy) follow() templ.Attributes {
	if y.Edit != "" {
		return nil
	}
	return templ.Attributes{"data-mk-live": "suggestions", "hx-get": y.live(), "hx-trigger": "mk:live delay:1s", "hx-swap": "outerHTML"}
}

// edit are the attributes of a button that opens a form in the card, or closes it.
func (y skuWhy) edit(form string) templ.Attributes {
	u := "/demand/" + y.SKU.Code + "/why?" + url.Values{"at": {y.At}, "s": {desk.SuggestionText(y.Shown.ID)}, "edit": {form}}.Encode()
	a := templ.Attributes{"hx-get": u, "hx-target": "#sku-why", "hx-swap": "outerHTML"}
	if form == "reject" {
		a["data-key"] = "X" // not printed: the row holds three buttons
	}
	return a
}

// asked is the number in the box: what was typed when it cannot be read.
func (y skuWhy) asked() string {
	if y.Number != "" {
		return y.Number
	}
	return ui.Pieces(y.Asked)
}

// post is the address of a decision on the suggestion.
func (y skuWhy) post(id replenishment.SuggestionID, verb string) string {
	return "/demand/" + y.SKU.Code + "/suggestions/" + desk.SuggestionText(id) + "/" + verb
}

// otherLinks lead to the other suggestions that wait.
func otherLinks(ctx context.Context, y skuWhy) []ui.Link {
	if len(y.Open) < 2 {
		return nil
	}
	var out []ui.Link
	for _, g := range y.Open[:min(len(y.Open), 5)] {
		site, _ := desk.SiteByID(y.Sites, g.Site)
		id := strconv.FormatInt(int64(g.ID), 10)
		out = append(out, ui.Link{Text: kindWord(ctx, g.Kind) + " " + siteShort(ctx, site), Href: y.path("s", id), Current: g.ID == y.Shown.ID})
	}
	return out
}

// placeOf says where a suggestion's pieces go and come from.
func placeOf(ctx context.Context, y skuWhy, g replenishment.Suggestion) string {
	to, _ := desk.SiteByID(y.Sites, g.Site)
	text := ui.Name(ctx, to.Name)
	if from, ok := desk.SiteByID(y.Sites, g.From); ok {
		text = ui.Name(ctx, from.Name) + " → " + text
	}
	for _, t := range y.SKU.Terms {
		if g.Supplier != 0 && t.Supplier == g.Supplier {
			text = ui.Name(ctx, t.SupplierName) + " → " + text
		}
	}
	return kindWord(ctx, g.Kind) + " · " + text
}

// quiet says in figures why nothing is suggested.
func quiet(ctx context.Context, y skuWhy) string {
	s := sumLevels(y.Levels)
	if len(y.Levels) == 0 {
		return ui.T(ctx, "today.no_cover_note")
	}
	if s.PerDay <= 0 {
		return ui.T(ctx, "sku.quiet_idle", "OnHand", s.OnHand)
	}
	return ui.T(ctx, "sku.quiet", "OnHand", s.OnHand, "OnOrder", s.OnOrder, "Level", s.Safety, "Days", coverWords(ctx, s.cover()))
}

// decisionWords says what was decided last.
func decisionWords(ctx context.Context, y skuWhy) string {
	g := *y.Last
	args := []any{"Quantity", ui.Quantity(ctx, g.Quantity(), y.SKU.Unit), "Kind", kindWord(ctx, g.Kind), "Moment", ""}
	if g.At != nil {
		args[5] = ui.Moment(ctx, *g.At)
	}
	switch g.State {
	case replenishment.StateRejected:
		return ui.T(ctx, "sku.last_rejected", args...) + ui.T(ctx, "today.colon") + g.Note
	case replenishment.StateApproved:
		return ui.T(ctx, "sku.last_approved", args...)
	}
	return ui.T(ctx, "sku.last_ordered", args...)
}

func (y skuWhy) undoable() bool {
	return y.Last != nil && (y.Last.State == replenishment.StateApproved || y.Last.State == replenishment.StateRejected)
}
