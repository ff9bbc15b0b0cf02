// Package console holds the staff's screens, one file a screen.
package console

import (
	"context"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// whyRows gives the sum of an explanation in words, line by line.
func whyRows(ctx context.Context, e replenishment.Explanation) []ui.WhyRow {
	rows := make([]ui.WhyRow, 0, len(e.Steps))
	for _, s := range e.Steps {
		name := strings.TrimPrefix(string(s.Key), "why.")
		row := ui.WhyRow{Op: string(s.Op), Label: ui.T(ctx, "why."+name, argWords(ctx, s.Args)), Value: ui.Pieces(s.Pieces),
			Note: ui.T(ctx, "whynote."+whyNote(name, s.Args), argWords(ctx, s.Args)), Sum: s.Op == replenishment.OpEquals}
		switch s.Key {
		case replenishment.WhyDemand:
			row.Tone = ui.Forecast
		case replenishment.WhySafety:
			row.Tone = ui.Stock
		}
		rows = append(rows, row)
	}
	return rows
}

// whyNote picks the remark of a line that has more than one.
func whyNote(name string, a replenishment.Args) string {
	switch {
	case name == "demand_protection" && a.DownstreamDays > 0 && hot(a):
		return "demand_below_heat"
	case name == "demand_protection" && a.DownstreamDays > 0:
		return "demand_below"
	case name == "demand_protection" && hot(a):
		return "demand_heat"
	case name == "rounding" && a.MOQ > 0:
		return "rounding_moq"
	}
	return name
}

func hot(a replenishment.Args) bool { return a.Heat > 1.05 || (a.Heat > 0 && a.Heat < 0.95) }

// argWords gives the arguments of a line as the messages take them: numbers as the reader's language writes them.
func argWords(ctx context.Context, a replenishment.Args) map[string]any {
	m := map[string]any{
		"Days": ui.Decimal(a.Days, 1), "LeadDays": ui.Decimal(a.LeadDays, 1), "ReviewDays": ui.Decimal(a.ReviewDays, 1),
		"DownstreamDays": ui.Decimal(a.DownstreamDays, 1), "PerDay": perDay(a.PerDay), "BasePerDay": perDay(a.BasePerDay),
		"Heat": ui.Times(a.Heat), "Service": ui.Percent(a.Service, 1), "LifeShare": ui.Percent(a.LifeShare, 0),
		"Date": ui.DayOr(ctx, a.Date), "Refs": strings.Join(a.Refs, ", "), "SiteName": nameOr(ctx, a.SiteName),
		"SupplierName": nameOr(ctx, a.SupplierName), "Sites": ui.Int(int64(a.Sites)), "OnHand": a.OnHand, "Reserved": a.Reserved,
		"Blocked": a.Held + a.ShortDated + a.Outbound + a.Stuck, "Need": a.Need, "MOQ": a.MOQ, "Pack": ui.Pieces(a.Pack), "Packs": a.Packs,
		"Pieces": a.Pieces, "UnitPrice": ui.Yuan(a.UnitPrice), "Money": ui.Yuan(a.Money),
	}
	return m
}

func perDay(v float64) string {
	if v < 10 {
		return ui.Decimal(v, 1)
	}
	return ui.Decimal(v, 0)
}

func nameOr(ctx context.Context, n *catalog.Name) string {
	if n == nil {
		return ui.Nothing
	}
	return ui.Name(ctx, *n)
}

// warningText says a warning of the planner.
func warningText(ctx context.Context, w replenishment.Warning) string {
	args := argWords(ctx, w.Args)
	args["Ref"] = w.Ref
	return ui.T(ctx, string(w.Code), args)
}

// turnText says in a line why a purchase goes to its supplier.
func turnText(ctx context.Context, t *replenishment.Turn) string {
	args := map[string]any{"Supplier": ui.Nothing, "Share": ui.Nothing, "Given": ui.Nothing}
	for _, r := range t.Rivals {
		if r.Chosen {
			args["Supplier"], args["Share"], args["Given"] = ui.Name(ctx, r.Name), ui.Percent(float64(r.ShareBP)/10_000, 0), ui.Percent(float64(r.GivenBP)/10_000, 0)
		}
	}
	return ui.T(ctx, "why.turn_"+string(t.Why), args)
}

// turnPairs sets the suppliers side by side that a purchase could have gone to.
func turnPairs(ctx context.Context, t *replenishment.Turn) [][2]string {
	out := make([][2]string, 0, len(t.Rivals))
	for _, r := range t.Rivals {
		key := "why.rival"
		if r.ShareBP > 0 {
			key = "why.rival_share"
		}
		value := ui.T(ctx, key, map[string]any{"Share": ui.Percent(float64(r.ShareBP)/10_000, 0), "Given": ui.Percent(float64(r.GivenBP)/10_000, 0), "Pieces": r.Given, "Price": ui.Yuan(r.Unit),
			"Days": ui.Decimal(r.LeadDays, 1)})
		if r.Backup {
			value = desk.Dots(value, ui.T(ctx, "suggestions.backup"))
		}
		out = append(out, [2]string{ui.Name(ctx, r.Name), value})
	}
	return out
}

// projection gives the little chart of the stock to come.
func projection(ctx context.Context, e replenishment.Explanation, days int) ui.StockProjection {
	p := e.Projection
	stock := p.With
	if days > 0 && len(stock) > days {
		stock = stock[:days]
	}
	out := ui.StockProjection{Label: ui.T(ctx, "suggestions.projection", ui.Count, len(stock)), First: p.Start, Stock: stock, Level: p.Safety}
	for _, a := range p.Arrivals {
		out.Arrivals = append(out.Arrivals, ui.Arrival{Day: a.Day, Pieces: a.Pieces})
	}
	return out
}
