package desk

import (
	"context"

	"milkrun/internal/access"
	"milkrun/web/ui"
)

// StockTabs are the pages about stock, of those that the reader may open.
func StockTabs(ctx context.Context, current string) []ui.Link {
	links := []ui.Link{{Text: ui.T(ctx, "alarms.tab_stock"), Href: "/stock", Current: current == "stock"}}
	if Can(ctx, access.ViewSuggestions) {
		links = append(links, ui.Link{Text: ui.T(ctx, "alarms.title"), Href: "/alarms", Current: current == "alarms"},
			ui.Link{Text: ui.T(ctx, "excess.title"), Href: "/excess", Current: current == "excess"},
			ui.Link{Text: ui.T(ctx, "whatif.title"), Href: "/whatif", Current: current == "whatif"})
	}
	return append(links, ui.Link{Text: ui.T(ctx, "vmi.tab"), Href: "/vmi", Current: current == "vmi"})
}
