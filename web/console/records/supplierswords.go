package records

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func supplierViewLinks(ctx context.Context, p supplierList) []ui.Link {
	var out []ui.Link
	for _, v := range supplierViews {
		word := "suppliers.all"
		if v != "" {
			word = "suppliers.state_" + v
		}
		if v == "" || v == "active" || p.Counts[v] > 0 || p.View == v {
			out = append(out, ui.Link{Text: ui.T(ctx, word), Href: ui.With(ctx, "view", v, "open", ""), Current: p.View == v, Count: p.Counts[v]})
		}
	}
	return out
}

// supplierFacts stand below the supplier's name.
func supplierFacts(ctx context.Context, s catalog.SupplierRecord) []string {
	facts := []string{s.Code}
	if city := ui.Name(ctx, s.City); city != "" {
		facts = append(facts, city)
	}
	if other := ui.Pick(ctx, s.Name.EN, s.Name.ZH); other != "" && other != ui.Name(ctx, s.Name) {
		facts = append(facts, other)
	}
	return facts
}

// supplierFigures is the scorecard.
func supplierFigures(ctx context.Context, p supplierPage) []ui.Figure {
	say := func(id string, args ...any) string { return ui.T(ctx, "suppliers."+id, args...) }
	share := func(label string, v float64, known bool, note string) ui.Figure {
		f := ui.Figure{Label: label, Value: ui.Nothing, Note: say("score_none")}
		if known {
			f.Value, f.Note, f.Tone = ui.Percent(v, 1), note, desk.ShareTone(v)
		}
		return f
	}
	onTime, known := p.Score.OnTimeShare()
	figures := []ui.Figure{share(say("ontime"), onTime, known, say("ontime_note", "Came", p.Score.OnTime, "Promised", p.Score.Promised))}
	quantity, known := p.Score.QuantityShare()
	figures = append(figures, share(say("quantity"), quantity, known, say("quantity_note", "Came", p.Score.Came, "Promised", p.Score.Promised)))
	answers, known := p.Score.AnswerShare()
	figures = append(figures, share(say("answers"), answers, known, say("answers_note", "In", p.Score.AnswersInTime, ui.Count, p.Score.Answers)))
	open := ui.Figure{Label: say("open"), Value: ui.Int(int64(p.Open))}
	if p.Late > 0 {
		open.Note = say("late_of", ui.Count, p.Late)
	}
	return append(figures, open, ui.Figure{Label: say("skus"), Value: ui.Int(int64(p.SKUs))})
}

func shareClass(v float64) string {
	if t := desk.ShareTone(v); t != ui.Plain {
		return "t-" + string(t) + " mk-b"
	}
	return ""
}

// termPrice is the price of the least quantity.
func termPrice(t catalog.Term) string {
	if len(t.Breaks) == 0 {
		return ui.Nothing
	}
	return ui.Yuan(t.PriceAt(t.MOQ))
}

func shipsTo(ctx context.Context, t catalog.TermRecord) string {
	if t.ShipsToCode == "" {
		return ui.T(ctx, "suppliers.any_regional")
	}
	return ui.Name(ctx, t.ShipsToName)
}

func shipChoices(ctx context.Context, sites []catalog.SiteRecord) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "suppliers.any_regional")}}
	for _, s := range sites {
		out = append(out, ui.Choice{Value: s.Code, Text: ui.Name(ctx, s.Name)})
	}
	return out
}

func supplierFormHead(ctx context.Context, f supplierForm) (title, post, back string) {
	if f.ID == 0 {
		return ui.T(ctx, "suppliers.new"), "/suppliers", "/suppliers"
	}
	return ui.Name(ctx, f.Name), desk.SupplierHref(f.Code), desk.SupplierHref(f.Code)
}

func termHref(f termForm) string {
	sku := f.SKUCode
	if f.New {
		sku = newTerm
	}
	return desk.SupplierHref(f.SupplierCode) + "/terms/" + url.PathEscape(sku)
}

func termTitle(ctx context.Context, f termForm) string {
	if f.New {
		return ui.T(ctx, "suppliers.term_new")
	}
	return ui.Name(ctx, f.SKUName)
}

func termNote(ctx context.Context, f termForm) string {
	note := ui.Name(ctx, f.SupplierName)
	if f.New {
		return note
	}
	return f.SKUCode + " · " + note
}

// blankBreaks is how many empty rows of prices a form offers.
const blankBreaks = 2

// breakTexts are the rows of prices as the form shows them: what was typed, or what is stored, and room for more.
func breakTexts(f termForm) [][2]string {
	var rows [][2]string
	if f.Form != nil && len(f.Form.Form["break_from"]) > 0 {
		price := f.Form.Form["break_price"]
		for i, from := range f.Form.Form["break_from"] {
			row := [2]string{from, ""}
			if i < len(price) {
				row[1] = price[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	for _, b := range f.Breaks {
		rows = append(rows, [2]string{ui.Pieces(b.From), ui.Amount(b.Price)})
	}
	for range blankBreaks {
		rows = append(rows, [2]string{})
	}
	return rows
}

// codeLookup makes a field for a SKU's code offer the codes that what is typed may mean, in the datalist of the id.
func codeLookup(list string) templ.Attributes {
	return templ.Attributes{"list": list, "autocomplete": "off", "hx-get": "/products/-/codes", "hx-trigger": "input changed delay:200ms",
		"hx-target": "#" + list, "hx-sync": "this:replace", "spellcheck": "false"}
}
