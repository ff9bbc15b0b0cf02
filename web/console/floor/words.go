package floor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func waveHref(id int64) string         { return fmt.Sprintf("/warehouse/waves/%d", id) }
func saleHref(id int64) string         { return fmt.Sprintf("/warehouse/orders/%d", id) }
func dockHref(d warehouse.Dock) string { return fmt.Sprintf("/warehouse/docks/%d", d.ID) }
func inspectionHref(i warehouse.Inspection) string {
	return fmt.Sprintf("/warehouse/inspections/%d", i.ID)
}

func binHref(site, code string) string {
	return "/warehouse/bins/" + url.PathEscape(site) + "/" + url.PathEscape(code)
}

func clockOr(ctx context.Context, t *time.Time) string {
	if t == nil {
		return ui.Nothing
	}
	return ui.Clock(ctx, *t)
}

func dayOr(ctx context.Context, d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return ui.DayWhole(*d)
}

// peopleAt counts who works on a wave.
func peopleAt(w warehouse.Wave) string {
	if len(w.Pickers) == 0 {
		return ui.Nothing
	}
	return ui.Int(int64(len(w.Pickers)))
}

// arrivesAt is when a delivery is expected: its slot of today, else its day.
func arrivesAt(ctx context.Context, d warehouse.Dock) string {
	switch {
	case d.Arrives == nil:
		return ui.Nothing
	case *d.Arrives == ui.Today(ctx) && d.Slot != "":
		return d.Slot
	}
	return ui.Day(ctx, *d.Arrives)
}

// inspectionChip says how a lot's inspection stands.
func inspectionChip(ctx context.Context, i warehouse.Inspection) desk.Chip {
	switch i.State {
	case warehouse.InspectionAccepted:
		return desk.Chip{Tone: ui.OK, Icon: "check", Word: ui.T(ctx, "floor.inspection_accepted")}
	case warehouse.InspectionRefused:
		return desk.Chip{Tone: ui.Risk, Icon: "x", Word: ui.T(ctx, "floor.inspection_refused")}
	case warehouse.InspectionHeld:
		return desk.Chip{Tone: ui.Watch, Icon: "lock", Word: ui.T(ctx, "floor.inspection_held")}
	}
	return desk.Chip{Tone: ui.Plain, Icon: "microscope", Word: ui.T(ctx, "floor.inspection_waiting", "Sample", i.Sample)}
}

// saleSites are the codes of the sites that send, or where a transfer goes.
func saleSites(o warehouse.OutboundRow) string {
	s := strings.Join(o.Sites, " + ")
	if o.ToSite != "" {
		s += " → " + o.ToSite
	}
	return desk.OrDash(s)
}

// hoursAloud says the bars of the hours.
func hoursAloud(ctx context.Context, hours []warehouse.HourOut) string {
	var parts []string
	for _, h := range hours {
		if h.Out+h.Due > 0 {
			parts = append(parts, ui.T(ctx, "floor.hour_aloud", "Hour", h.Hour, "Out", h.Out, "Due", h.Due))
		}
	}
	if len(parts) == 0 {
		return ui.T(ctx, "floor.hours_none")
	}
	return strings.Join(parts, "; ")
}

// shipmentNote says who takes a shipment and how far it is.
func shipmentNote(ctx context.Context, x warehouse.OutboundShipment) string {
	parts := []string{x.Carrier}
	if x.CutoffAt != nil {
		parts = append(parts, ui.T(ctx, "floor.carrier_at", "At", ui.Moment(ctx, *x.CutoffAt)))
	}
	if x.QueuedAhead != nil {
		parts = append(parts, ui.T(ctx, "sales.ahead", ui.Count, *x.QueuedAhead))
	}
	if x.Tote != "" {
		parts = append(parts, x.Tote)
	}
	parts = append(parts, x.Parcels...)
	return desk.Dots(parts...)
}

// salesFigures are the figures above the list of orders; each opens its rows.
func salesFigures(ctx context.Context, p salesPage) []ui.Figure {
	f := p.Figures
	link := func(pairs ...string) string { return ui.With(ctx, append(pairs, "after", "", "state", "")...) }
	share := func(part, of int) string {
		if of == 0 {
			return ui.Nothing
		}
		return ui.Percent(float64(part)/float64(of), 1)
	}
	tone := func(bad bool) ui.Tone {
		if bad {
			return ui.Risk
		}
		return ui.Plain
	}
	return []ui.Figure{
		{Label: ui.T(ctx, "sales.received_today"), Value: ui.Int(int64(f.Received)), Note: ui.T(ctx, "sales.shipped_today", ui.Count, f.Shipped)},
		{Label: ui.T(ctx, "sales.fill"), Value: share(f.Filled, f.Lines), Note: ui.T(ctx, "sales.fill_note", ui.Count, f.Lines)},
		{Label: ui.T(ctx, "sales.on_time"), Value: share(f.OnTime, f.Promised), Note: ui.T(ctx, "sales.on_time_note", ui.Count, f.Promised)},
		{Label: ui.T(ctx, "sales.late"), Value: ui.Int(int64(f.Late)), Tone: tone(f.Late > 0), Href: link("late", "1")},
		{Label: ui.T(ctx, "sales.short"), Value: ui.Int(int64(f.ShortLines)), Tone: tone(f.ShortLines > 0), Href: link("short", "1"), Note: ui.T(ctx, "sales.short_note", ui.Count, f.ShortSKUs)},
		{Label: ui.T(ctx, "sales.old"), Value: ui.Int(int64(f.Ages[3])), Tone: tone(f.Ages[3] > 0), Href: link("older", "24"), Note: ui.T(ctx, "sales.old_note", "Hours4", f.Ages[2])},
	}
}

// holdWords say why a lot is held, and which certificates it lacks.
func holdWords(ctx context.Context, i warehouse.Inspection) string {
	var parts []string
	for _, r := range i.Reasons {
		parts = append(parts, ui.T(ctx, "floor.hold_"+string(r)))
	}
	for _, c := range i.Failed {
		parts = append(parts, ui.T(ctx, "floor.failed_class", "Class", ui.T(ctx, "floor.class_"+c)))
	}
	return desk.Dots(parts...)
}

func faultWords(ctx context.Context, faults []warehouse.ArrivalFault) string {
	parts := make([]string, len(faults))
	for i, f := range faults {
		parts[i] = ui.T(ctx, "floor.fault_"+string(f))
	}
	return desk.Dots(parts...)
}

func statusWord(ctx context.Context, s warehouse.Status) string {
	if s == warehouse.Available {
		return ""
	}
	return ui.T(ctx, "floor.status_"+string(s))
}

func foundOf(i warehouse.Inspection, class string) int {
	switch class {
	case "critical":
		return i.Critical
	case "major":
		return i.Major
	}
	return i.Minor
}

func (p binsPage) pager(ctx context.Context) ui.Pager {
	next := ""
	if len(p.Bins) == binRows {
		next = p.Bins[len(p.Bins)-1].Code
	}
	return p.Place.Pager(ctx, binRows, len(p.Bins), -1, next)
}

// refusalWords say why the house refused what a device told.
func refusalWords(ctx context.Context, c warehouse.StuckCommand) string {
	var r struct {
		Code string
		Text struct {
			Word string
			Args map[string]any
		}
	}
	if err := json.Unmarshal(c.Refusal, &r); err != nil || r.Text.Word == "" {
		return r.Code
	}
	args := make([]any, 0, 2*len(r.Text.Args))
	for k, v := range r.Text.Args {
		args = append(args, k, v)
	}
	return ui.T(ctx, r.Text.Word, args...)
}

func perHour(x warehouse.PickRate) string {
	if x.Seconds == 0 {
		return ui.Nothing
	}
	return ui.Decimal(float64(x.Stops)*3600/float64(x.Seconds), 0)
}

func sitesFromTo(now, then []string) string {
	return desk.OrDash(strings.Join(now, " + ")) + " → " + desk.OrDash(strings.Join(then, " + "))
}

// floorFigures are the figures of the floor; each opens its rows.
func floorFigures(ctx context.Context, p figuresPage) []ui.Figure {
	share := func(part, of int64) string {
		if of == 0 {
			return ui.Nothing
		}
		return ui.Percent(float64(part)/float64(of), 1)
	}
	dock := ui.Nothing
	if p.Floor.DockHours != nil {
		dock = ui.Decimal(*p.Floor.DockHours, 1)
	}
	var scans, wrong, stops, seconds int64
	for _, x := range p.Scans {
		scans, wrong = scans+x.Scans, wrong+x.Wrong
	}
	for _, x := range p.Pickers {
		stops, seconds = stops+x.Stops, seconds+x.Seconds
	}
	rate := ui.Nothing
	if seconds > 0 {
		rate = ui.Decimal(float64(stops)*3600/float64(seconds), 0)
	}
	site := ""
	if p.Site.Code != "" {
		site = "&site=" + url.QueryEscape(p.Site.Code)
	}
	f := p.Orders
	href := func(kind warehouse.FigureKind) string { return figureHref(p.floorSite, kind, p.Days) }
	return []ui.Figure{
		{Label: ui.T(ctx, "sales.fill"), Value: share(int64(f.Filled), int64(f.Lines)), Note: ui.T(ctx, "sales.fill_note", ui.Count, f.Lines), Href: href(warehouse.FigureFill)},
		{Label: ui.T(ctx, "sales.on_time"), Value: share(int64(f.OnTime), int64(f.Promised)), Note: ui.T(ctx, "sales.on_time_note", ui.Count, f.Promised), Href: href(warehouse.FigureOnTime)},
		{Label: ui.T(ctx, "floor.dock_to_stock"), Value: dock, Remark: ui.T(ctx, "floor.hours_unit"), Note: ui.T(ctx, "floor.of_deliveries", ui.Count, p.Floor.Deliveries), Href: href(warehouse.FigureDock)},
		{Label: ui.T(ctx, "floor.pick_rate"), Value: rate, Remark: ui.T(ctx, "floor.stops_hour"), Note: ui.T(ctx, "floor.of_stops", ui.Count, int(stops)), Href: href(warehouse.FigurePick)},
		{Label: ui.T(ctx, "floor.misscans"), Value: share(wrong, scans), Note: ui.T(ctx, "floor.of_scans", ui.Count, int(scans)), Href: href(warehouse.FigureMisscan)},
		{Label: ui.T(ctx, "floor.counted"), Value: ui.Int(int64(p.Floor.Counts)), Note: ui.T(ctx, "floor.adjusted", ui.Count, int(p.Floor.Adjusted)), Href: "/warehouse/bins?kind=pick" + site},
	}
}

// sourcingWords say why an order goes from its sites: what was chosen, and what else was weighed.
func sourcingWords(ctx context.Context, r *warehouse.SourcingReport) []string {
	var out []string
	for _, p := range r.Parcels {
		word := "sourcing.from"
		if !p.OnTime {
			word = "sourcing.from_late"
		}
		out = append(out, ui.T(ctx, word, "Site", p.Site, "Pieces", int(p.Pieces), "Km", ui.Decimal(p.KM, 1)))
	}
	if r.Waiting > 0 {
		out = append(out, ui.T(ctx, "sourcing.waits", ui.Count, int(r.Waiting), "Site", r.WaitAt))
	}
	for i, o := range r.Options {
		if i == 0 || i > 3 {
			continue
		}
		out = append(out, ui.T(ctx, "sourcing.instead", "Sites", strings.Join(o.Sites, " + "), "OnTime", int(o.OnTime), "Parcels", o.Parcels, "Cost", ui.Yuan(o.CostFen)))
	}
	return out
}
