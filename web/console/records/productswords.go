package records

import (
	"context"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// categoryPath gives the names of a category from the top: 喂养 › 奶嘴.
func categoryPath(ctx context.Context, by map[catalog.CategoryID]catalog.CategoryRecord, id catalog.CategoryID) string {
	var names []string
	for range by { // at most as many steps as there are categories
		c, ok := by[id]
		if !ok {
			break
		}
		names = append([]string{ui.Name(ctx, c.Name)}, names...)
		id = c.Parent
	}
	return strings.Join(names, " › ")
}

func categoriesByID(list []catalog.CategoryRecord) map[catalog.CategoryID]catalog.CategoryRecord {
	by := make(map[catalog.CategoryID]catalog.CategoryRecord, len(list))
	for _, c := range list {
		by[c.ID] = c
	}
	return by
}

// categoryCodes are the categories of a SKU's form in the order of the tree, each with its path.
func categoryCodes(ctx context.Context, list []catalog.CategoryRecord) []ui.Choice {
	by := categoriesByID(list)
	children := map[catalog.CategoryID][]catalog.CategoryRecord{}
	for _, c := range list {
		parent := c.Parent
		if _, ok := by[parent]; !ok {
			parent = 0
		}
		children[parent] = append(children[parent], c)
	}
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "products.pick_category")}}
	var walk func(parent catalog.CategoryID, depth int)
	walk = func(parent catalog.CategoryID, depth int) {
		for _, c := range children[parent] {
			out = append(out, ui.Choice{Value: c.Code, Text: categoryPath(ctx, by, c.ID)})
			if depth < 20 {
				walk(c.ID, depth+1)
			}
		}
	}
	walk(0, 0)
	return out
}

func lifeChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, l := range lives {
		word := "products.life_all"
		if l != "" {
			word = "products.life_" + string(l)
		}
		out = append(out, ui.Choice{Value: string(l), Text: ui.T(ctx, word)})
	}
	return out
}

func coreChoices(ctx context.Context) []ui.Choice {
	return []ui.Choice{{Value: "", Text: ui.T(ctx, "products.core_all")}, {Value: "yes", Text: ui.T(ctx, "products.core_yes")}, {Value: "no", Text: ui.T(ctx, "products.core_no")}}
}

func temperatureChoices(ctx context.Context, all bool) []ui.Choice {
	var out []ui.Choice
	if all {
		out = append(out, ui.Choice{Value: "", Text: ui.T(ctx, "products.temperature_all")})
	}
	for _, t := range catalog.Temperatures() {
		out = append(out, ui.Choice{Value: string(t), Text: ui.T(ctx, "temperature."+string(t))})
	}
	return out
}

func topicKinds(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, k := range []catalog.TopicKind{catalog.DemandTopic, catalog.ComplaintTopic} {
		out = append(out, ui.Choice{Value: string(k), Text: ui.T(ctx, "topickind."+string(k))})
	}
	return out
}

// productTopicChoices are the topics that do not concern the SKU yet.
func productTopicChoices(ctx context.Context, p productPage) []ui.Choice {
	has := map[catalog.TopicID]bool{}
	for _, t := range p.SKUDetail.Topics {
		has[t.Topic] = true
	}
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "products.pick_topic")}}
	for _, t := range p.Topics {
		if !has[t.ID] {
			out = append(out, ui.Choice{Value: desk.Itoa(t.ID), Text: ui.Name(ctx, t.Name)})
		}
	}
	return out
}

func productSort(p productList) string {
	if p.Query.Down {
		return "-" + string(p.Query.Sort)
	}
	return string(p.Query.Sort)
}

func productTotal(p productList) int64 {
	if p.More {
		return int64(p.Total) + 1 // the foot says "10,000+"
	}
	return int64(p.Total)
}

// productNext is the place behind the page, fit for its way back.
func productNext(p productList) string {
	if p.Next == "" {
		return ""
	}
	return desk.PackPlace(p.Next)
}

func productFilters(ctx context.Context, p productList) []ui.Filter {
	var out []ui.Filter
	if p.Query.Text != "" {
		out = append(out, ui.Filter{Text: p.Query.Text, Remove: ui.With(ctx, "q", "")})
	}
	if p.Query.Category != 0 {
		out = append(out, ui.Filter{Text: categoryPath(ctx, categoriesByID(p.Categories), p.Query.Category), Remove: ui.With(ctx, "category", "")})
	}
	if p.Query.Life != "" {
		out = append(out, ui.Filter{Text: ui.T(ctx, "products.life_"+string(p.Query.Life)), Remove: ui.With(ctx, "life", "")})
	}
	if p.Core != "" {
		out = append(out, ui.Filter{Text: ui.T(ctx, "products.core_"+p.Core), Remove: ui.With(ctx, "core", "")})
	}
	if p.Query.Temperature != "" {
		out = append(out, ui.Filter{Text: ui.T(ctx, "temperature."+string(p.Query.Temperature)), Remove: ui.With(ctx, "temperature", "")})
	}
	if p.Query.Supplier != 0 {
		out = append(out, ui.Filter{Text: p.Supplier.Label, Remove: ui.With(ctx, "supplier", "")})
	}
	if p.Query.Topic != 0 {
		out = append(out, ui.Filter{Text: p.Topic.Label, Remove: ui.With(ctx, "topic", "")})
	}
	return out
}

func productTitle(ctx context.Context, p productPage) string {
	if p.ID == 0 {
		return ui.T(ctx, "products.new")
	}
	return ui.Name(ctx, p.Name)
}

// productFacts stand below the SKU's name.
func productFacts(ctx context.Context, p productPage) []string {
	facts := []string{p.Code}
	if p.GTIN != "" {
		facts = append(facts, p.GTIN)
	}
	var path []string
	for _, c := range p.Path {
		path = append(path, ui.Name(ctx, c.Name))
	}
	return append(facts, strings.Join(path, " › "))
}

func productPost(p productPage) string {
	if p.ID == 0 {
		return "/products"
	}
	return desk.ProductHref(p.Code)
}

func topicTitle(ctx context.Context, p topicPage) string {
	if p.ID == 0 {
		return ui.T(ctx, "products.topic_new")
	}
	return ui.Name(ctx, p.Name)
}

func topicPost(p topicPage) string {
	if p.ID == 0 {
		return "/topics"
	}
	return desk.TopicHref(p.Code)
}

func termState(ctx context.Context, t catalog.TermRecord) string {
	switch {
	case t.Banned != "":
		return ui.T(ctx, "suppliers.state_banned")
	case !t.Active:
		return ui.T(ctx, "suppliers.state_inactive")
	case t.Backup:
		return ui.T(ctx, "suppliers.backup")
	}
	return t.SupplierCode
}

func dayWholeOr(d *calendar.Day) string {
	if d == nil {
		return ui.Nothing
	}
	return ui.DayWhole(*d)
}
