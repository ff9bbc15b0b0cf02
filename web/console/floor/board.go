package floor

import (
	"context"
	"net/http"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// boardPage is the warehouse at a glance.
type boardPage struct {
	floorSite
	Now         time.Time
	Waves       []warehouse.Wave
	Shortages   []warehouse.Shortage
	Docks       []warehouse.Dock
	Inspections []warehouse.Inspection
	Wares       map[catalog.SKUID]warehouse.Ware
	Figures     warehouse.OrderFigures
	Hours       []warehouse.HourOut
	Stuck       int
}

func (s Pages) board(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.shown(r, "/warehouse", true)
	if err != nil {
		return err
	}
	p := boardPage{floorSite: f, Now: s.Clock()}
	if p.Site.ID == 0 {
		return route.Render(w, r, boardScreen(p))
	}
	if err := s.readBoard(ctx, &p); err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "board" {
		return route.Render(w, r, boardBody(p))
	}
	return route.Render(w, r, boardScreen(p))
}

func (s Pages) readBoard(ctx context.Context, p *boardPage) (err error) {
	site, today := p.Site.ID, ui.Today(ctx)
	if p.Waves, err = s.Ops.Waves(ctx, p.ids(), false, 12); err != nil {
		return err
	}
	if p.Shortages, err = s.Ops.Shortages(ctx, site, 6); err != nil {
		return err
	}
	if p.Docks, err = s.Ops.Docks(ctx, warehouse.DockQuery{Site: site, Limit: 6}); err != nil {
		return err
	}
	if p.Inspections, p.Wares, err = s.Ops.Inspections(ctx, warehouse.InspectionQuery{Site: site, OpenOnly: true, Limit: 5}); err != nil {
		return err
	}
	if access.Can(route.User(ctx), access.ViewSales) {
		if p.Figures, err = s.Ops.OrderFigures(ctx, site, today, today); err != nil {
			return err
		}
	}
	if p.Hours, err = s.Ops.HoursOut(ctx, site, today.In(ui.From(ctx).Zone)); err != nil {
		return err
	}
	if !desk.Can(ctx, access.WorkFloor) {
		return nil
	}
	stuck, err := s.Ops.Stuck(ctx, p.ids(), false, 100)
	p.Stuck = len(stuck)
	return err
}

// waveWhat says what a wave holds.
func waveWhat(ctx context.Context, w warehouse.Wave) string {
	what := ui.T(ctx, "floor.multi")
	switch {
	case w.Urgent:
		what = ui.T(ctx, "floor.urgent")
	case w.Single:
		what = ui.T(ctx, "floor.single")
	}
	if w.Cold {
		what = desk.Dots(what, ui.T(ctx, "floor.cold"))
	}
	return desk.Dots(orNone(w.Carrier), what, w.Zone)
}

func orNone(s string) string { return s }

// waveStatus is the status word of a wave and what it says.
func waveStatus(ctx context.Context, w warehouse.Wave, now time.Time) desk.Chip {
	switch {
	case w.State == warehouse.WaveHandedOver:
		return desk.Chip{Tone: ui.OK, Icon: "check", Word: ui.T(ctx, "status.wave.handed_over")}
	case w.State == warehouse.WaveCancelled:
		return desk.Chip{Tone: ui.Plain, Icon: "x", Word: ui.T(ctx, "floor.cancelled")}
	case w.Late(now):
		return desk.Chip{Tone: ui.Risk, Icon: "clock-exclamation", Word: ui.T(ctx, "status.wave.late")}
	case w.Short > 0:
		return desk.Chip{Tone: ui.Watch, Icon: "lock", Word: ui.T(ctx, "floor.short_stops", ui.Count, w.Short)}
	case w.State == warehouse.WaveProposed:
		return desk.Chip{Tone: ui.Plain, Icon: "calendar-time", Word: ui.T(ctx, "status.wave.held")}
	case w.State == warehouse.WavePicked:
		return desk.Chip{Tone: ui.Act, Icon: "package", Word: ui.T(ctx, "floor.to_pack")}
	}
	return desk.Chip{Tone: ui.Act, Icon: "player-play", Word: ui.T(ctx, "status.wave.picking")}
}

// dockChip says how a delivery at the dock stands.
func dockChip(ctx context.Context, d warehouse.Dock, today int64) desk.Chip {
	switch d.State {
	case warehouse.DeliveryReceiving:
		return desk.Chip{Tone: ui.Act, Icon: "scan", Word: ui.T(ctx, "floor.receiving", "Came", d.Came, "Announced", d.Announced)}
	case warehouse.DeliveryReceived:
		return desk.Chip{Tone: ui.OK, Icon: "check", Word: ui.T(ctx, "floor.received", "Came", d.Came)}
	case warehouse.DeliveryCancelled:
		return desk.Chip{Tone: ui.Plain, Icon: "x", Word: ui.T(ctx, "floor.cancelled")}
	}
	if d.Arrives != nil && int64(*d.Arrives) < today {
		return desk.Chip{Tone: ui.Risk, Icon: "clock-exclamation", Word: ui.T(ctx, "floor.overdue", "Pieces", d.Announced)}
	}
	return desk.Chip{Tone: ui.Plain, Icon: "truck", Word: ui.T(ctx, "floor.announced", "Pieces", d.Announced)}
}

// dockFrom is who sends a delivery.
func dockFrom(ctx context.Context, d warehouse.Dock) string {
	if d.FromSite != 0 {
		return ui.Name(ctx, d.FromName)
	}
	return ui.Name(ctx, d.SupplierName)
}

// shortWay says where the pieces that are short could come from.
func shortWay(ctx context.Context, x warehouse.Shortage) string {
	switch {
	case x.Here > 0:
		return ui.T(ctx, "floor.short_here", "Pieces", x.Here)
	case x.Elsewhere > 0:
		return ui.T(ctx, "floor.short_elsewhere", "Pieces", x.Elsewhere)
	}
	return ui.T(ctx, "floor.short_nowhere")
}

// hourBars draws pieces out by the hour: what left, and what has yet to leave before its carrier does.
func hourBars(hours []warehouse.HourOut) (most int64, from, to int) {
	from, to = 24, 0
	for _, h := range hours {
		most = max(most, h.Out, h.Due)
		if h.Out+h.Due > 0 {
			from, to = min(from, h.Hour), max(to, h.Hour)
		}
	}
	return most, min(from, 8), max(to, 20)
}
