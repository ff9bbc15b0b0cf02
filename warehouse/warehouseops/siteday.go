package warehouseops

import (
	"context"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// SiteToday is the business day of a site by its own zone; by the house's where the site's cannot be read.
func (o *Ops) SiteToday(ctx context.Context, site catalog.SiteID) calendar.Day {
	day, err := o.siteToday(ctx, o.Pool, site)
	if err != nil {
		o.Log.WarnContext(ctx, "the house's day stands for a site's", "site", site, "error", err)
		return calendar.Of(o.Clock(), o.Zone)
	}
	return day
}
