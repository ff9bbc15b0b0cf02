package floor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
	"milkrun/warehouse"
	"milkrun/warehouse/label"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// sendbacks are the routes of goods that go back to suppliers.
func (s Pages) sendbacks() []route.Route {
	return []route.Route{
		route.GET("/warehouse/sendbacks", access.ViewStock, s.sendbackList),
		{Method: http.MethodGet, Pattern: "/warehouse/sendbacks.xlsx", Permission: access.ViewStock, Handler: s.sendbackExport, Heavy: true},
		route.GET("/warehouse/sendbacks/new", access.LeadFloor, s.newSendback),
		route.POST("/warehouse/sendbacks", access.LeadFloor, s.saveSendback),
		route.GET("/warehouse/sendbacks/{number}", access.ViewStock, s.sendback),
		route.GET("/warehouse/sendbacks/{number}/paper", access.ViewStock, s.sendbackPaper),
		route.POST("/warehouse/sendbacks/{number}/cancel", access.LeadFloor, s.cancelSendback),
	}
}

// sendbackStates are the tabs of the list; the empty one shows all.
var sendbackStates = []string{"", "open", "sent", "cancelled"}

type sendbacksPage struct {
	floorSite
	List  []warehouse.SentBack
	State string
}

func sendbackHref(number string) string { return "/warehouse/sendbacks/" + url.PathEscape(number) }

func (s Pages) readSendbacks(r *http.Request, limit int) (p sendbacksPage, err error) {
	if p.floorSite, err = s.shown(r, "/warehouse/sendbacks", false); err != nil {
		return p, err
	}
	if state := r.URL.Query().Get("state"); slices.Contains(sendbackStates, state) {
		p.State = state
	}
	p.List, err = s.Ops.SentBacks(r.Context(), p.Site.ID, p.State, 0, limit)
	return p, err
}

func (s Pages) sendbackList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.readSendbacks(r, 200)
	if err != nil {
		return err
	}
	return route.Render(w, r, sendbacksScreen(p))
}

func (s Pages) sendbackExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.readSendbacks(r, 1000)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "sendback."+id) }
	columns := []sheet.Column{desk.Column("number", say("number"), sheet.Code), desk.Column("state", say("state"), sheet.Text), desk.Column("site", ui.T(ctx, "floor.site"), sheet.Text),
		desk.Column("supplier", say("supplier"), sheet.Text), desk.Column("bearer", say("bearer"), sheet.Text), desk.Column("reason", say("reason"), sheet.Text), desk.Column("sku", "SKU", sheet.Code),
		desk.Column("lot", ui.T(ctx, "floor.lot"), sheet.Code), desk.Column("pieces", say("pieces"), sheet.Pieces), desk.Column("sent", say("sent"), sheet.Pieces),
		desk.Column("unit", say("unit_cost"), sheet.Money), desk.Column("goods", say("goods"), sheet.Money), desk.Column("carriage", say("carriage"), sheet.Money), desk.Column("at", say("at"), sheet.Text)}
	return desk.Export(w, r, "supplier-returns", ui.T(ctx, "menu.warehouse.sendbacks"), columns, func(row func(...any) error) error {
		for _, b := range p.List {
			for i, l := range b.Lines {
				var carriage money.Fen
				if i == 0 {
					carriage = b.Carriage
				}
				if err := row(b.Number, ui.T(ctx, "sendback.state_"+b.State), ui.Name(ctx, b.SiteName), ui.Name(ctx, b.SupplierName), ui.T(ctx, "sendback.bearer_"+string(b.Bearer)), b.Reason,
					l.Ware.Code, l.Lot, l.Pieces, l.Sent, l.UnitCost, l.UnitCost*money.Fen(l.Pieces), carriage, ui.Moment(ctx, b.At)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// sendbackDraft is the form of goods that are to go back: of one supplier of one site.
type sendbackDraft struct {
	floorSite
	Op        uuid.UUID
	Goods     []warehouse.SendableGoods
	Suppliers []catalog.SupplierRecord
	Supplier  catalog.SupplierID
	Posted    *desk.Posted
	Error     string
}

// of are the goods of the supplier chosen; with none chosen those of all.
func (p sendbackDraft) of() []warehouse.SendableGoods {
	if p.Supplier == 0 {
		return p.Goods
	}
	var out []warehouse.SendableGoods
	for _, g := range p.Goods {
		if g.Supplier == p.Supplier || g.Supplier == 0 {
			out = append(out, g)
		}
	}
	return out
}

// key names a place in the form.
func sendableKey(p warehouse.Place) string {
	return strings.Join([]string{p.Bin, strconv.Itoa(int(p.SKU)), p.Lot, p.Owner, string(p.Status)}, "|")
}

func (s Pages) readSendback(r *http.Request) (p sendbackDraft, err error) {
	ctx := r.Context()
	if p.floorSite, err = s.shown(r, "/warehouse/sendbacks/new", true); err != nil {
		return p, err
	}
	if x, ok := desk.SiteByCode(p.Sites, r.FormValue("site")); ok {
		p.Site = x
	}
	p.Op = uuid.New()
	if p.Goods, err = s.Ops.Sendable(ctx, p.Site.ID); err != nil {
		return p, err
	}
	all, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{})
	if err != nil {
		return p, err
	}
	for _, x := range all {
		if slices.ContainsFunc(p.Goods, func(g warehouse.SendableGoods) bool { return g.Supplier == x.ID }) {
			p.Suppliers = append(p.Suppliers, x)
		}
	}
	p.Supplier = catalog.SupplierID(desk.Number(r.FormValue("supplier")))
	if p.Supplier == 0 && len(p.Suppliers) > 0 {
		p.Supplier = p.Suppliers[0].ID
	}
	return p, nil
}

func (s Pages) newSendback(w http.ResponseWriter, r *http.Request) error {
	p, err := s.readSendback(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, newSendbackScreen(p))
}

func (s Pages) saveSendback(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	p, err := s.readSendback(r)
	if err != nil {
		return err
	}
	p.Posted = f
	in := warehouse.SendBack{Site: p.Site.ID, Supplier: p.Supplier, Carrier: f.Text("carrier"), Reason: f.Text("reason"), Bearer: warehouse.Bearer(f.Text("bearer")), Carriage: f.Yuan("carriage")}
	if in.Reason == "" {
		f.Bad("reason", "floor.refused.reason")
	}
	for i, g := range p.of() {
		n, cost := fmt.Sprintf("pieces_%d", i), fmt.Sprintf("cost_%d", i)
		if f.Text(n) == "" || f.Text(fmt.Sprintf("key_%d", i)) != sendableKey(g.Place) {
			continue
		}
		pieces := f.Pieces(n)
		switch {
		case pieces == 0:
			continue
		case pieces < 0 || pieces > g.Free:
			f.Bad(n, "sendback.too_many", ui.Count, g.Free)
		}
		in.Lines = append(in.Lines, warehouse.SendBackLine{Place: g.Place, Pieces: pieces, UnitCost: f.Yuan(cost)})
	}
	if len(in.Lines) == 0 && f.OK() {
		p.Error = ui.T(ctx, "sendback.nothing")
	}
	if !f.OK() || p.Error != "" {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, newSendbackScreen(p))
	}
	got, err := s.Ops.SendBack(ctx, s.command(r), in)
	var fault *warehouse.SendBackError
	if errors.As(err, &fault) {
		p.Error = ui.T(ctx, "sendback.fault_"+fault.Field, "Line", fault.Line, "Value", fault.Value)
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, newSendbackScreen(p))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "sendback.made", "Number", got.Number, ui.Count, got.Pieces())})
	return route.See(w, r, "/warehouse/sendbacks")
}

func (s Pages) sendback(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Ops.SentBack(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/sendbacks", "sendbacks", sendbackDrawer(b))
}

func (s Pages) cancelSendback(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := s.Ops.SentBack(ctx, route.Param(r, "number"))
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(r.FormValue("reason"))
	if reason == "" {
		return warehouse.ErrReason
	}
	if b.Outbound == 0 {
		return warehouse.ErrShipped
	}
	if _, err := s.Ops.CancelOrder(ctx, b.Outbound, reason); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "sendback.was_cancelled", "Number", b.Number)})
	return route.See(w, r, "/warehouse/sendbacks")
}

// paperPage is the paper that goes with the goods; Code is its number as a bar code.
type paperPage struct {
	warehouse.SentBack
	Code string
}

func (s Pages) sendbackPaper(w http.ResponseWriter, r *http.Request) error {
	b, err := s.Ops.SentBack(r.Context(), route.Param(r, "number"))
	if err != nil {
		return err
	}
	l, err := label.Bin{Code: b.Number}.Label()
	if err != nil {
		return fmt.Errorf("console: bar code of %s: %w", b.Number, err)
	}
	svg, err := l.SVG()
	if err != nil {
		return fmt.Errorf("console: bar code of %s: %w", b.Number, err)
	}
	return route.Render(w, r, sendbackPaperPage(paperPage{b, pictureAddress(svg)}))
}

// pictureAddress puts a drawing into an address of its own.
func pictureAddress(svg string) string {
	return "data:image/svg+xml," + strings.NewReplacer("%", "%25", "#", "%23", "<", "%3C", ">", "%3E", "\"", "%22", "\n", "%0A").Replace(svg)
}

// sendbackChip says how far goods for a supplier are.
func sendbackChip(ctx context.Context, b warehouse.SentBack) desk.Chip {
	switch {
	case b.State == "sent":
		return desk.Chip{Tone: ui.OK, Icon: "check", Word: ui.T(ctx, "sendback.state_sent")}
	case b.State == "cancelled":
		return desk.Chip{Tone: ui.Plain, Icon: "x", Word: ui.T(ctx, "sendback.state_cancelled")}
	case b.OrderState == warehouse.OutboundPicking:
		return desk.Chip{Tone: ui.Act, Icon: "player-play", Word: ui.T(ctx, "sales.state_picking")}
	case b.OrderState == warehouse.OutboundPacked:
		return desk.Chip{Tone: ui.Act, Icon: "package", Word: ui.T(ctx, "sales.state_packed")}
	}
	return desk.Chip{Tone: ui.Plain, Icon: "circle-dashed", Word: ui.T(ctx, "sendback.state_open")}
}

// value gives what was typed into a field of the form, or what it begins with.
func (p sendbackDraft) value(field, usual string) string {
	if p.Posted == nil {
		return usual
	}
	return p.Posted.Form.Get(field)
}

func (p sendbackDraft) fault(field string) string {
	if p.Posted == nil {
		return ""
	}
	return p.Posted.Errors[field]
}

func (p sendbacksPage) tabs(ctx context.Context) []ui.Link {
	out := make([]ui.Link, len(sendbackStates))
	for i, state := range sendbackStates {
		word := "sendback.state_all"
		if state != "" {
			word = "sendback.state_" + state
		}
		out[i] = ui.Link{Text: ui.T(ctx, word), Href: ui.With(ctx, "state", state), Current: p.State == state}
	}
	return out
}

func bearerChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, b := range warehouse.Bearers() {
		out = append(out, ui.Choice{Value: string(b), Text: ui.T(ctx, "sendback.bearer_"+string(b))})
	}
	return out
}

// yuanPlain writes an amount as a field takes it: 12.80.
func yuanPlain(f money.Fen) string { return fmt.Sprintf("%d.%02d", f/100, f%100) }

// goingPieces is what was handed over of a line that is gone, else what is to go.
func goingPieces(b warehouse.SentBack, l warehouse.SentBackLine) quantity.Pieces {
	if b.State == "sent" {
		return l.Sent
	}
	return l.Pieces
}
