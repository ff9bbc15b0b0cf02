package floor

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// inbound are the routes of what comes in and stands.
func (s Pages) inbound() []route.Route {
	return []route.Route{
		route.GET("/warehouse/docks", access.ViewStock, s.docks),
		route.GET("/warehouse/docks/{id}", access.ViewStock, s.dock),
		{Method: http.MethodGet, Pattern: "/warehouse/docks/{id}/differences.xlsx", Permission: access.ViewStock, Handler: s.differences, Heavy: true},
		route.POST("/warehouse/docks/{id}/cancel", access.LeadFloor, s.cancelDock),
		route.GET("/warehouse/inspections", access.ViewStock, s.inspections),
		route.GET("/warehouse/inspections/{id}", access.ViewStock, s.inspection),
		route.POST("/warehouse/inspections/{id}/settle", access.LeadFloor, s.settle),
		route.POST("/warehouse/inspections/{id}/recheck", access.LeadFloor, s.recheck),
		route.GET("/warehouse/bins", access.ViewStock, s.bins),
		route.GET("/warehouse/bins/{site}/{code}", access.ViewStock, s.bin),
		route.POST("/warehouse/bins/{site}/{code}/switch", access.LeadFloor, s.switchBin),
		route.GET("/warehouse/stuck", access.WorkFloor, s.stuck),
		route.POST("/warehouse/stuck/{op}", access.LeadFloor, s.decideStuck),
		route.GET("/warehouse/figures", access.ViewStock, s.figures),
		route.GET("/warehouse/sourcing", access.ViewSales, s.sourcing),
		route.POST("/warehouse/sourcing", access.LeadFloor, s.saveSourcing),
	}
}

// docksPage lists deliveries.
type docksPage struct {
	floorSite
	Docks []warehouse.Dock
	State string // "", "received", "all"
	Find  string
}

func (s Pages) docks(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/docks", false)
	if err != nil {
		return err
	}
	v := r.URL.Query()
	p := docksPage{floorSite: f, State: v.Get("state"), Find: strings.TrimSpace(v.Get("q"))}
	q := warehouse.DockQuery{Site: p.Site.ID, Find: p.Find}
	switch p.State {
	case "received":
		q.State = []warehouse.DeliveryState{warehouse.DeliveryReceived}
	case "all":
		q.State = []warehouse.DeliveryState{warehouse.DeliveryExpected, warehouse.DeliveryReceiving, warehouse.DeliveryReceived, warehouse.DeliveryCancelled}
	default:
		p.State = ""
	}
	if p.Docks, err = s.Ops.Docks(r.Context(), q); err != nil {
		return err
	}
	return route.Render(w, r, docksScreen(p))
}

// dockPage is one delivery with what was scanned of it.
type dockPage struct {
	warehouseops.Receipt
	Differences []warehouse.Difference
}

func (s Pages) dock(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var p dockPage
	if p.Receipt, err = s.Ops.Receipt(ctx, warehouse.DeliveryID(id)); err != nil {
		return err
	}
	if p.Delivery.State == warehouse.DeliveryReceived {
		if p.Differences, err = s.Ops.Differences(ctx, p.Delivery.ID); err != nil {
			return err
		}
	}
	return drawn(w, r, "/warehouse/docks", "docks", dockDrawer(p))
}

func (s Pages) differences(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	content, name, err := s.Ops.DifferenceSheet(r.Context(), warehouse.DeliveryID(id))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(name, `"`, "")+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(content)
	return nil
}

func (s Pages) cancelDock(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.CancelDelivery(r.Context(), warehouse.DeliveryID(id), strings.TrimSpace(r.FormValue("reason"))); err != nil {
		return err
	}
	return route.See(w, r, "/warehouse/docks")
}

// inspectionsPage lists the lots that are inspected or held.
type inspectionsPage struct {
	floorSite
	List  []warehouse.Inspection
	Wares map[catalog.SKUID]warehouse.Ware
	All   bool
}

func (s Pages) inspections(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/inspections", false)
	if err != nil {
		return err
	}
	p := inspectionsPage{floorSite: f, All: r.URL.Query().Get("all") != ""}
	if p.List, p.Wares, err = s.Ops.Inspections(r.Context(), warehouse.InspectionQuery{Site: p.Site.ID, OpenOnly: !p.All}); err != nil {
		return err
	}
	return route.Render(w, r, inspectionsScreen(p))
}

// inspectionPage is one lot's inspection.
type inspectionPage struct {
	*warehouse.Inspection
	Ware  warehouse.Ware
	Op    uuid.UUID
	Error string
}

func (s Pages) inspection(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	i, ware, err := s.Ops.Inspection(r.Context(), id)
	if err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/inspections", "inspections", inspectionDrawer(inspectionPage{Inspection: i, Ware: ware, Op: uuid.New()}))
}

func (s Pages) settle(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	in := warehouseops.Settling{How: warehouse.Settlement(r.FormValue("how")), Reason: strings.TrimSpace(r.FormValue("reason"))}
	fault := ""
	if text := strings.TrimSpace(r.FormValue("pieces")); text != "" {
		n, ok := route.Pieces(text)
		if !ok {
			fault = ui.T(ctx, "floor.whole_number")
		}
		in.Pieces = n
	}
	if fault == "" {
		_, err = s.Ops.SettleLot(ctx, s.command(r), id, in)
		switch {
		case err == nil:
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "floor.settled_"+string(in.How))})
			return route.See(w, r, "/warehouse/inspections")
		case errors.Is(err, warehouse.ErrReason):
			fault = ui.T(ctx, "floor.refused.reason")
		default:
			return err
		}
	}
	i, ware, err := s.Ops.Inspection(ctx, id)
	if err != nil {
		return err
	}
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, inspectionDrawer(inspectionPage{Inspection: i, Ware: ware, Op: uuid.New(), Error: fault}))
}

func (s Pages) recheck(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if _, err := s.Ops.RecheckLot(r.Context(), s.command(r), id); err != nil {
		return err
	}
	return route.See(w, r, "/warehouse/inspections")
}

// binsPage lists bins with what stands in them.
type binsPage struct {
	floorSite
	Bins  []warehouse.BinFill
	Query warehouse.BinQuery
	Place desk.Trail
}

const binRows = 100

func (s Pages) bins(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/bins", true)
	if err != nil {
		return err
	}
	v := r.URL.Query()
	p := binsPage{floorSite: f, Place: desk.ReadTrail(v.Get("after"))}
	p.Query = warehouse.BinQuery{Site: f.Site.ID, Kind: warehouse.BinKind(v.Get("kind")), Prefix: strings.ToUpper(strings.TrimSpace(v.Get("q"))), After: p.Place.Here(), Limit: binRows}
	if p.Bins, err = s.Ops.Bins(r.Context(), p.Query); err != nil {
		return err
	}
	return route.Render(w, r, binsScreen(p))
}

// binPage is one bin.
type binPage struct {
	Bin      warehouse.BinRecord
	Contents []warehouse.Content
	Site     catalog.Site
}

func (s Pages) bin(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/bins", false)
	if err != nil {
		return err
	}
	site, ok := desk.SiteByCode(f.Sites, route.Param(r, "site"))
	if !ok {
		return route.NotFound()
	}
	p := binPage{Site: site}
	if p.Bin, p.Contents, err = s.Ops.Bin(r.Context(), site.ID, route.Param(r, "code")); err != nil {
		var none *warehouse.UnknownBinError
		if errors.As(err, &none) {
			return route.NotFound().Because(err)
		}
		return err
	}
	return drawn(w, r, "/warehouse/bins?site="+url.QueryEscape(site.Code), "bins", binDrawer(p))
}

func (s Pages) switchBin(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/bins", false)
	if err != nil {
		return err
	}
	site, ok := desk.SiteByCode(f.Sites, route.Param(r, "site"))
	if !ok {
		return route.NotFound()
	}
	if _, err := s.Ops.SwitchBin(r.Context(), site.ID, route.Param(r, "code"), r.FormValue("active") != ""); err != nil {
		return err
	}
	return route.See(w, r, "/warehouse/bins?site="+site.Code)
}

// stuckPage lists what devices told and the house could not take.
type stuckPage struct {
	floorSite
	List []warehouse.StuckCommand
	All  bool
}

func (s Pages) stuck(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/stuck", false)
	if err != nil {
		return err
	}
	p := stuckPage{floorSite: f, All: r.URL.Query().Get("all") != ""}
	if p.List, err = s.Ops.Stuck(r.Context(), p.ids(), p.All, 200); err != nil {
		return err
	}
	return route.Render(w, r, stuckScreen(p))
}

func (s Pages) decideStuck(w http.ResponseWriter, r *http.Request) error {
	op, err := uuid.Parse(route.Param(r, "op"))
	if err != nil {
		return route.NotFound()
	}
	if err := s.Ops.DecideStuck(r.Context(), op, strings.TrimSpace(r.FormValue("decision"))); err != nil {
		return err
	}
	return route.See(w, r, "/warehouse/stuck")
}

// figuresPage is how the floor does; each number leads to its rows.
type figuresPage struct {
	floorSite
	Days    int
	Orders  warehouse.OrderFigures
	Floor   warehouseops.FloorFigures
	Scans   []warehouse.ScanFigure
	Pickers []warehouse.PickRate
	// What stands: goods that are out, that do not move, and how often stock turns.
	Out, Slow, Turns warehouse.FigureList
}

func (s Pages) figures(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.shown(r, "/warehouse/figures", false)
	if err != nil {
		return err
	}
	p := figuresPage{floorSite: f, Days: daysOf(r)}
	today := ui.Today(ctx)
	first := today.AddDays(1 - p.Days)
	from, to := s.span(ctx, p.Days)
	if access.Can(route.User(ctx), access.ViewSales) {
		if p.Orders, err = s.Ops.OrderFigures(ctx, p.Site.ID, first, today); err != nil {
			return err
		}
	}
	if p.Floor, err = s.Ops.FloorFigures(ctx, p.Site.ID, from, to); err != nil {
		return err
	}
	if p.Scans, err = s.Ops.ScanFigures(ctx, p.ids(), from, to); err != nil {
		return err
	}
	if p.Pickers, err = s.Ops.PickRates(ctx, p.ids(), from, to); err != nil {
		return err
	}
	for kind, to := range map[warehouse.FigureKind]*warehouse.FigureList{warehouse.FigureStockout: &p.Out, warehouse.FigureSlow: &p.Slow, warehouse.FigureTurns: &p.Turns} {
		if *to, err = s.Ops.FigureRows(ctx, kind, p.Site.ID, from, s.Clock(), 1); err != nil {
			return err
		}
	}
	return route.Render(w, r, figuresScreen(p))
}
