package floor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Pages is the warehouse as its lead sees it: what must leave, what comes in, what is short and who is at it.
type Pages struct {
	Ops     *warehouseops.Ops
	Catalog *catalogops.Ops
	Clock   func() time.Time
}

// Screens gives the routes of the warehouse's pages.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: append([]route.Route{
			route.GET("/warehouse", access.ViewStock, s.board),
			route.GET("/warehouse/orders", access.ViewSales, s.orders),
			{Method: http.MethodGet, Pattern: "/warehouse/orders.xlsx", Permission: access.ViewSales, Handler: s.ordersExport, Heavy: true},
			route.GET("/warehouse/orders/{id}", access.ViewSales, s.order),
			route.POST("/warehouse/orders/{id}/cancel", access.EditSales, s.cancelOrder),
			route.POST("/warehouse/orders/{id}/consignee", access.ViewConsignee, s.consignee),
			route.POST("/warehouse/orders/{id}/erase", access.ViewConsignee, s.eraseConsignee),
			route.GET("/warehouse/waves", access.ViewStock, s.waves),
			route.POST("/warehouse/waves", access.LeadFloor, s.proposeWaves),
			route.GET("/warehouse/waves/rule", access.WorkFloor, s.waveRule),
			route.POST("/warehouse/waves/rule", access.LeadFloor, s.saveWaveRule),
			route.GET("/warehouse/waves/{id}", access.ViewStock, s.wave),
			route.POST("/warehouse/waves/{id}/release", access.LeadFloor, s.releaseWave),
			route.POST("/warehouse/waves/{id}/cancel", access.LeadFloor, s.cancelWave),
		}, slices.Concat(s.inbound(), s.bundles(), s.sendbacks(), s.figureLists(), s.lots())...),
		Menu: []ui.MenuItem{
			{Key: "warehouse", Sub: "board", Path: "/warehouse", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "orders", Path: "/warehouse/orders", Permission: access.ViewSales},
			{Key: "warehouse", Sub: "waves", Path: "/warehouse/waves", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "docks", Path: "/warehouse/docks", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "inspections", Path: "/warehouse/inspections", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "bins", Path: "/warehouse/bins", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "bundles", Path: "/warehouse/bundles", Permission: access.ViewCatalog},
			{Key: "warehouse", Sub: "sendbacks", Path: "/warehouse/sendbacks", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "stuck", Path: "/warehouse/stuck", Permission: access.WorkFloor},
			{Key: "warehouse", Sub: "figures", Path: "/warehouse/figures", Permission: access.ViewStock},
			{Key: "warehouse", Sub: "sourcing", Path: "/warehouse/sourcing", Permission: access.ViewSales},
		},
		Errors: []route.Mapper{floorRefusals},
	}
}

// floorRefusals says the warehouse's refusals in words.
func floorRefusals(err error) *route.Refusal {
	var short *warehouse.ShortError
	for _, gone := range []error{warehouse.ErrNoOutbound, warehouse.ErrNoDelivery, warehouse.ErrNoInspection, warehouse.ErrUnknownBin, warehouse.ErrNoSendBack, warehouse.ErrNoLot} {
		if errors.Is(err, gone) {
			return route.NotFound().With("floor.to_board", "/warehouse")
		}
	}
	for _, x := range []struct {
		is   error
		word string
	}{
		{warehouse.ErrWaveState, "floor.refused.wave"}, {warehouse.ErrWaveRule, "floor.refused.wave_rule"}, {warehouse.ErrInspectionOver, "floor.refused.inspection"},
		{warehouse.ErrInspectionWaits, "floor.refused.inspection_waits"}, {warehouse.ErrSettlement, "floor.refused.settlement"}, {warehouse.ErrReason, "floor.refused.reason"},
		{warehouse.ErrFrozen, "floor.refused.frozen"}, {warehouse.ErrShipped, "floor.refused.shipped"}, {warehouse.ErrErased, "floor.refused.erased"}, {warehouse.ErrDeliveryState, "floor.refused.delivery"},
		{warehouse.ErrBinStale, "floor.refused.stale"},
		{warehouse.ErrBinTaken, "floor.refused.bin_taken"}, {warehouse.ErrBinFull, "floor.refused.bin_full"},
	} {
		if errors.Is(err, x.is) {
			return route.Conflict(x.word).With("floor.to_board", "/warehouse")
		}
	}
	if errors.As(err, &short) {
		return route.Conflict("floor.refused.short", "Want", short.Want, "Have", short.Have)
	}
	return nil
}

// floorSite is what every page of the warehouse begins with: the site that is shown and those to choose from.
type floorSite struct {
	Site  catalog.Site // the zero site stands for all that the reader may see
	Sites []catalog.SiteRecord
	Path  string // of the page, for the choice
}

// ids are the sites shown.
func (f floorSite) ids() []catalog.SiteID {
	if f.Site.ID != 0 {
		return []catalog.SiteID{f.Site.ID}
	}
	out := make([]catalog.SiteID, len(f.Sites))
	for i, s := range f.Sites {
		out[i] = s.ID
	}
	return out
}

func (f floorSite) code(id catalog.SiteID) string {
	s, _ := desk.SiteByID(f.Sites, id)
	return s.Code
}

func (f floorSite) name(ctx context.Context, id catalog.SiteID) string {
	s, _ := desk.SiteByID(f.Sites, id)
	return ui.Name(ctx, s.Name)
}

// shown reads which site a page is about: the one asked for or picked in the head. one asks for a single site, as does a reader
// who is bound to some: without a choice the first that has work, a front or regional one.
func (s Pages) shown(r *http.Request, path string, one bool) (f floorSite, err error) {
	ctx := r.Context()
	all, err := s.Catalog.Sites(ctx)
	if err != nil {
		return f, err
	}
	u := route.User(ctx)
	for _, x := range all {
		if x.Active && u.MayTouchSite(x.ID) {
			f.Sites = append(f.Sites, x)
		}
	}
	f.Path = path
	if x, ok := desk.SiteByCode(f.Sites, desk.AskedSite(ctx, r.URL.Query())); ok {
		f.Site = x
		return f, nil
	}
	if !one && len(u.Sites) == 0 {
		return f, nil
	}
	for _, tier := range []catalog.Tier{catalog.Front, catalog.Regional, ""} {
		for _, x := range f.Sites {
			if x.Tier == tier || tier == "" {
				f.Site = x.Site
				return f, nil
			}
		}
	}
	return f, nil
}

// command heads what a lead decides at the desk: the form brings the operation id, so that a double press happens once.
func (s Pages) command(r *http.Request) warehouse.Command {
	op, err := uuid.Parse(r.FormValue("op"))
	if err != nil {
		op = uuid.New()
	}
	return warehouse.Command{Op: op, Device: "console", MadeAt: s.Clock()}
}

// today is the span of the site's day up to now.
func (s Pages) today(ctx context.Context) (from, to time.Time) {
	return ui.Today(ctx).In(ui.From(ctx).Zone), s.Clock()
}
