package warehousedb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlSiteZone = `select time_zone from catalog.site where id = $1`

// SiteZone gives the zone of the site's business day.
func SiteZone(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (*time.Location, error) {
	var name string
	if err := q.QueryRow(ctx, sqlSiteZone, int32(site)).Scan(&name); err != nil {
		return nil, fmt.Errorf("warehousedb: zone of site %d: %w", site, err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: zone of site %d: %w", site, err)
	}
	return zone, nil
}
