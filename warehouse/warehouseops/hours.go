package warehouseops

import (
	"context"
	"time"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// What pages show, by the names under which they may say it.
type (
	WaveTask     = warehouse.WaveTask
	WaveShipment = warehouse.WaveShipment
	FloorFigures = warehousedb.FloorFigures
	RuleVersion  = warehousedb.RuleVersion
)

// HoursOut gives the pieces that left a site by the hour of the day that begins at the instant, and those due before each hour's carrier.
func (o *Ops) HoursOut(ctx context.Context, site catalog.SiteID, midnight time.Time) ([]warehouse.HourOut, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	return warehousedb.HoursOut(ctx, o.Pool, site, midnight)
}

// FloorFigures gives what a site's floor did in a span.
func (o *Ops) FloorFigures(ctx context.Context, site catalog.SiteID, from, to time.Time) (FloorFigures, error) {
	if err := o.maySee(ctx, site); err != nil {
		return FloorFigures{}, err
	}
	return warehousedb.Floor(ctx, o.Pool, site, from, to)
}
