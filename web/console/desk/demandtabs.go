package desk

import (
	"context"

	"milkrun/web/ui"
)

// DemandTabs are the pages of the demand area; current is the key of the one that is open.
func DemandTabs(ctx context.Context, current string) []ui.Link {
	var tabs []ui.Link
	for _, t := range []struct{ key, href string }{
		{"list", "/demand"}, {"topics", "/demand/topics"}, {"workbench", "/demand/workbench"}, {"warnings", "/demand/warnings"}, {"changes", "/demand/changes"},
		{"cohorts", "/demand/cohorts"}, {"runs", "/runs"},
	} {
		tabs = append(tabs, ui.Link{Text: ui.T(ctx, "demand.tab_"+t.key), Href: t.href, Current: t.key == current})
	}
	return tabs
}
