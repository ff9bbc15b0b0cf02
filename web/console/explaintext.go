package console

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// ExplainText writes the whole plan of a SKU in the reader's language: what the planner knows, the water level of each site, every
// suggestion with its sum, and what it warns of. site 0 is all sites; another one leaves out what does not concern it.
func ExplainText(ctx context.Context, out io.Writer, e replenishops.Explained, site catalog.SiteID) error {
	x := explainer{ctx: ctx, e: e, site: site}
	x.head()
	x.demand()
	x.sources()
	x.levels()
	x.suggestions()
	x.warnings()
	_, err := io.WriteString(out, x.b.String())
	return err
}

type explainer struct {
	ctx  context.Context
	e    replenishops.Explained
	site catalog.SiteID
	b    strings.Builder
}

func (x *explainer) say(id string, args ...any) string { return ui.T(x.ctx, "explain."+id, args...) }

func (x *explainer) line(format string, args ...any) { fmt.Fprintf(&x.b, format+"\n", args...) }

func (x *explainer) title(id string) { x.line("\n%s", x.say(id)) }

func (x *explainer) place(id catalog.SiteID) string {
	for _, s := range x.e.Sites {
		if s.ID == id {
			return ui.Name(x.ctx, s.Name)
		}
	}
	return fmt.Sprint(id)
}

func (x *explainer) concerns(s catalog.SiteID) bool { return x.site == 0 || s == x.site }

func (x *explainer) head() {
	k := x.e.SKU
	x.line("%s %s", k.Code, ui.Name(x.ctx, k.Name))
	facts := []string{x.say("planned", "Day", ui.DayWhole(x.e.Today)), x.say("class_" + string(x.e.Class)), x.say("price", "Money", ui.Yuan(k.Price))}
	if k.ShelfLifeDays > 0 {
		facts = append(facts, x.say("life", "Days", k.ShelfLifeDays, "Rest", k.MinRemainingDays))
	}
	x.line("%s", desk.Dots(facts...))
}

// demand tells what is expected to sell, and what that stands on.
func (x *explainer) demand() {
	x.title("demand")
	none := true
	row := func(d replenishment.Demand, model string) {
		if !x.concerns(d.Site) || len(d.Mean) == 0 {
			return
		}
		days, total := min(len(d.Mean), 14), 0.0
		for _, m := range d.Mean[:days] {
			total += m
		}
		none = false
		x.line("  %s: %s", x.place(d.Site), x.say("demand_row", "PerDay", ui.Decimal(total/float64(days), 1), "Days", days, "Model", model))
	}
	for _, d := range x.e.Demand {
		row(d, d.Model)
	}
	for _, d := range x.e.Launch.Like {
		row(d, x.say("by_likeness"))
	}
	for _, h := range x.e.Histories {
		if x.concerns(h.Site) {
			none = false
			x.line("  %s: %s", x.place(h.Site), x.say("history_row", "Days", len(h.Sold)))
		}
	}
	for _, p := range x.e.Launch.Pledges {
		if x.concerns(p.Site) {
			none = false
			x.line("  %s: %s", x.place(p.Site), x.say("pledge_row", "Pieces", p.Pieces, "Day", ui.DayWhole(p.Day)))
		}
	}
	if none {
		x.line("  %s", x.say("no_demand"))
	}
}

// sources tells who may deliver, and what is on its way.
func (x *explainer) sources() {
	x.title("sources")
	for _, s := range x.e.Sources {
		role := x.say("usual")
		switch {
		case s.Banned != "":
			role = x.say("banned", "Reason", s.Banned)
		case s.Backup:
			role = x.say("backup")
		}
		x.line("  %s (%s): %s", ui.Name(x.ctx, s.Name), role, x.say("source_row", "Price", ui.Yuan(s.PriceAt(max(s.MOQ, 1))), "MOQ", s.MOQ, "Pack", s.Pack,
			"Mean", ui.Decimal(s.LeadMean, 1), "SD", ui.Decimal(s.LeadSD, 1)))
	}
	if len(x.e.Sources) == 0 {
		x.line("  %s", x.say("no_source"))
	}
	for _, s := range x.e.Supply {
		if x.concerns(s.Site) || x.concerns(s.From) {
			x.line("  %s", x.say("supply_row", "Ref", s.Ref, "Pieces", s.Pieces, "Site", x.place(s.Site), "Day", ui.DayWhole(s.Arrives)))
		}
	}
}

func (x *explainer) levels() {
	x.title("levels")
	none := true
	for _, l := range x.e.Levels {
		if !x.concerns(l.Site) || l.OnHand == 0 && l.PerDay == 0 && l.OnOrder == 0 {
			continue
		}
		none = false
		x.line("  %s: %s", x.place(l.Site), ui.T(x.ctx, "status.stock."+string(l.Status)))
		x.line("    %s", x.say("level_have", "OnHand", l.OnHand, "Reserved", l.Reserved, "Unsellable", l.Unsellable, "Available", l.Available,
			"OnOrder", l.OnOrder, "Position", l.Position))
		x.line("    %s", x.say("level_want", "Safety", l.SafetyPieces, "Days", ui.Decimal(l.SafetyDays, 1), "Reorder", l.ReorderPoint, "UpTo", l.OrderUpTo,
			"Service", ui.Percent(l.Service, 1)))
		x.line("    %s", x.say("level_days", "Lead", ui.Decimal(l.LeadDays, 1), "SD", ui.Decimal(l.LeadSDDays, 1), "Review", ui.Decimal(l.ReviewDays, 1),
			"Below", ui.Decimal(l.DownstreamDays, 1), "PerDay", ui.Decimal(l.PerDay, 1), "Cover", ui.Decimal(l.CoverDays, 1), "Out", ui.DayOr(x.ctx, l.StockoutDay)))
		if c := l.Echelon; c.Sites > 1 {
			x.line("    %s", x.say("level_echelon", "Sites", c.Sites, "Position", c.Position, "Reorder", c.ReorderPoint, "UpTo", c.OrderUpTo, "Stuck", c.Stuck))
		}
	}
	for _, m := range x.e.MinMaxes {
		if x.concerns(m.Site) {
			x.line("    %s", x.say("bounds", "Site", x.place(m.Site), "Min", m.Min, "Max", m.Max, "Send", m.Send))
		}
	}
	if none {
		x.line("  %s", x.say("no_level"))
	}
}

func (x *explainer) suggestions() {
	x.title("suggestions")
	none := true
	for _, s := range x.e.Suggestions {
		if !x.concerns(s.Site) && (s.From == 0 || !x.concerns(s.From)) {
			continue
		}
		none = false
		x.suggestion(s)
	}
	if none {
		x.line("  %s", x.say("no_suggestion"))
	}
}

// suggestion writes one suggestion with its sum, line under line.
func (x *explainer) suggestion(s replenishment.Suggestion) {
	where := x.place(s.Site)
	if s.From != 0 {
		where = x.place(s.From) + " → " + where
	}
	if i := slices.IndexFunc(x.e.Sources, func(o replenishment.Source) bool { return s.Supplier != 0 && o.Supplier == s.Supplier }); i >= 0 {
		where = ui.Name(x.ctx, x.e.Sources[i].Name) + " → " + where
	}
	x.line("\n  %s", desk.Dots(kindWord(x.ctx, s.Kind), where, x.reason(s),
		x.say("order_by", "Day", ui.DayWhole(s.OrderBy), "Arrive", ui.DayWhole(s.ArriveBy))))
	for _, r := range whyRows(x.ctx, s.Explanation) {
		x.line("    %s %9s  %s  (%s)", r.Op, r.Value, r.Label, r.Note)
	}
	for _, pair := range inputPairs(x.ctx, s.Explanation.Inputs) {
		x.line("      %s: %s", pair[0], pair[1])
	}
	if t := s.Explanation.Turn; t != nil {
		x.line("    %s", turnText(x.ctx, t))
		for _, pair := range turnPairs(x.ctx, t) {
			x.line("      %s: %s", pair[0], pair[1])
		}
	}
	for _, w := range s.Warnings {
		x.line("    ! %s", warningText(x.ctx, w))
	}
	if s.LostPieces > 0 {
		x.line("    ! %s", ui.T(x.ctx, "suggestions.lost", "Pieces", s.LostPieces, "Money", ui.Yuan(s.LostMoney)))
	}
}

// reason says why there is a suggestion, as the list does.
func (x *explainer) reason(s replenishment.Suggestion) string {
	in := s.Explanation.Inputs
	return reasonMark(x.ctx, replenishops.Line{Reason: s.Reason, Topic: in.Topic, TopicRatio: in.TopicRatio, Event: in.Event, BelowDays: in.BelowDays}).word
}

func (x *explainer) warnings() {
	if len(x.e.Warnings) == 0 && len(x.e.Alarms) == 0 {
		return
	}
	x.title("warnings")
	for _, w := range x.e.Warnings {
		if w.Site == 0 || x.concerns(w.Site) {
			x.line("  %s%s", x.site0(w.Site), warningText(x.ctx, w))
		}
	}
	for _, a := range x.e.Alarms {
		if a.Site == 0 || x.concerns(a.Site) {
			x.line("  %s%s: %s", x.site0(a.Site), ui.T(x.ctx, "alarms.watch_"+string(a.Watch)), ui.T(x.ctx, "alarms.remedy_"+string(a.Remedy)))
		}
	}
}

// site0 names a site in front of a line, if there is one.
func (x *explainer) site0(id catalog.SiteID) string {
	if id == 0 {
		return ""
	}
	return x.place(id) + ": "
}
