package warehouseops

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/access"
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

// FigureRows gives the rows behind a figure of a site (0: of all that the user may see), those that need somebody first, at most limit,
// with how many there are and the sums of their values. Figures of stock look back from now, whatever the span.
func (o *Ops) FigureRows(ctx context.Context, kind warehouse.FigureKind, site catalog.SiteID, from, to time.Time, limit int) (warehouse.FigureList, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return warehouse.FigureList{}, err
	}
	if !kind.Known() {
		return warehouse.FigureList{}, fmt.Errorf("warehouseops: figure %q: %w", kind, catalog.ErrUnknown)
	}
	sites, err := boundTo(u, site)
	if err != nil {
		return warehouse.FigureList{}, err
	}
	if sites == nil {
		if sites, err = warehousedb.SiteIDs(ctx, o.Pool); err != nil {
			return warehouse.FigureList{}, err
		}
	}
	return warehousedb.FigureRows(ctx, o.Pool, kind, sites, from, to, o.Clock(), max(1, min(limit, 100_000)))
}
