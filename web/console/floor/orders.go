package floor

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/sheet"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// saleStates are the tabs of the list of orders; the empty one shows all that are open.
var saleStates = []warehouse.OutboundState{"", warehouse.OutboundNew, warehouse.OutboundWaiting, warehouse.OutboundAllocated, warehouse.OutboundPicking,
	warehouse.OutboundPacked, warehouse.OutboundShipped, warehouse.OutboundDelivered, warehouse.OutboundCancelled}

// openStates are the states in which an order still asks something of the warehouse.
var openStates = []warehouse.OutboundState{warehouse.OutboundNew, warehouse.OutboundWaiting, warehouse.OutboundAllocated, warehouse.OutboundPicking, warehouse.OutboundPacked}

// ordersList is what the list of customers' orders shows.
type salesPage struct {
	floorSite
	warehouse.OutboundPage
	Query   warehouse.OutboundQuery
	State   warehouse.OutboundState
	Figures warehouse.OrderFigures
	Place   desk.Trail
	Now     time.Time
}

func (s Pages) sales(r *http.Request, limit int) (p salesPage, err error) {
	ctx, v := r.Context(), r.URL.Query()
	if p.floorSite, err = s.shown(r, "/warehouse/orders", false); err != nil {
		return p, err
	}
	p.Now, p.Place = s.Clock(), desk.ReadTrail(v.Get("after"))
	after, _ := strconv.ParseInt(p.Place.Here(), 10, 64)
	p.Query = warehouse.OutboundQuery{Site: p.Site.ID, Search: strings.TrimSpace(v.Get("q")), Late: v.Get("late") != "", Short: v.Get("short") != "",
		Channel: v.Get("channel"), After: warehouse.OutboundID(after), Limit: limit, States: openStates}
	if k := warehouse.OutboundKind(v.Get("kind")); k == warehouse.Transfer || k == warehouse.Sale {
		p.Query.Kind = k
	}
	if h, err := strconv.Atoi(v.Get("older")); err == nil && h > 0 {
		p.Query.Older = p.Now.Add(-time.Duration(h) * time.Hour)
	}
	if st := warehouse.OutboundState(v.Get("state")); st != "" && slices.Contains(saleStates, st) {
		p.State, p.Query.States = st, []warehouse.OutboundState{st}
	} else if p.Query.Search != "" {
		p.Query.States = nil // who looks for a number wants it in any state
	}
	if p.OutboundPage, err = s.Ops.Outbounds(ctx, p.Query); err != nil {
		return p, err
	}
	today := ui.Today(ctx)
	p.Figures, err = s.Ops.OrderFigures(ctx, p.Site.ID, today, today)
	return p, err
}

func (s Pages) orders(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sales(r, 50)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "sales" {
		return route.Render(w, r, salesTable(p))
	}
	return route.Render(w, r, salesScreen(p))
}

func (s Pages) ordersExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.sales(r, 5000)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "sales."+id) }
	columns := []sheet.Column{desk.Column("number", say("number"), sheet.Code), desk.Column("channel", say("channel"), sheet.Text), desk.Column("state", say("state"), sheet.Text),
		desk.Column("received", say("received"), sheet.Text), desk.Column("promise", say("promise"), sheet.Text), desk.Column("consignee", say("consignee"), sheet.Text),
		desk.Column("pieces", say("pieces"), sheet.Pieces), desk.Column("amount", say("amount"), sheet.Money), desk.Column("sites", say("sites"), sheet.Text)}
	return desk.Export(w, r, "orders", ui.T(ctx, "menu.warehouse.orders"), columns, func(row func(...any) error) error {
		for _, o := range p.Rows {
			err := row(o.Number, o.Channel, ui.T(ctx, "sales.state_"+string(o.State)), ui.Moment(ctx, o.ReceivedAt), promiseWords(ctx, o.Promise, o.PromiseAt), o.Consignee,
				o.Pieces, o.Amount, strings.Join(o.Sites, " "))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Pages) order(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	d, err := s.Ops.Outbound(r.Context(), warehouse.OutboundID(id))
	if err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/orders", "orders", saleDrawer(salePage{OutboundDetail: d, Now: s.Clock()}))
}

// salePage is one order; Whole is its consignee in full once somebody has asked for it.
type salePage struct {
	warehouse.OutboundDetail
	Now   time.Time
	Whole *warehouse.Consignee
	Error string
}

func (s Pages) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	reason := strings.TrimSpace(r.FormValue("reason"))
	if reason == "" {
		d, err := s.Ops.Outbound(ctx, warehouse.OutboundID(id))
		if err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, saleDrawer(salePage{OutboundDetail: d, Now: s.Clock(), Error: ui.T(ctx, "sales.reason_missing")}))
	}
	if _, err := s.Ops.CancelOrder(ctx, warehouse.OutboundID(id), reason); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "sales.was_cancelled")})
	return route.See(w, r, "/warehouse/orders")
}

func (s Pages) consignee(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	c, err := s.Ops.Consignee(ctx, warehouse.OutboundID(id))
	if err != nil {
		return err
	}
	d, err := s.Ops.Outbound(ctx, warehouse.OutboundID(id))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return route.Render(w, r, saleDrawer(salePage{OutboundDetail: d, Now: s.Clock(), Whole: &c}))
}

func (s Pages) eraseConsignee(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := s.Ops.EraseConsignee(ctx, warehouse.OutboundID(id), strings.TrimSpace(r.FormValue("reason"))); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "sales.was_erased")})
	return route.See(w, r, "/warehouse/orders")
}

// saleChip is the state of an order in a mark and a word.
func saleChip(ctx context.Context, o warehouse.OutboundRow) desk.Chip {
	word := ui.T(ctx, "sales.state_"+string(o.State))
	switch {
	case o.ShortLines > 0:
		return desk.Chip{Tone: ui.Watch, Icon: "lock", Word: ui.T(ctx, "sales.short_lines", ui.Count, o.ShortLines)}
	case o.Late:
		return desk.Chip{Tone: ui.Risk, Icon: "clock-exclamation", Word: word}
	}
	switch o.State {
	case warehouse.OutboundShipped, warehouse.OutboundDelivered:
		return desk.Chip{Tone: ui.OK, Icon: "check", Word: word}
	case warehouse.OutboundCancelled, warehouse.OutboundReturned:
		return desk.Chip{Tone: ui.Plain, Icon: "x", Word: word}
	case warehouse.OutboundPicking:
		return desk.Chip{Tone: ui.Act, Icon: "player-play", Word: word}
	case warehouse.OutboundPacked:
		return desk.Chip{Tone: ui.Act, Icon: "package", Word: word}
	case warehouse.OutboundAllocated:
		return desk.Chip{Tone: ui.Stock, Icon: "stack-2", Word: word}
	}
	return desk.Chip{Tone: ui.Plain, Icon: "circle-dashed", Word: word}
}

// promiseWords say what a customer was promised.
func promiseWords(ctx context.Context, p warehouse.Promise, at *time.Time) string {
	word := ui.T(ctx, "sales.promise_"+string(p))
	if at == nil {
		return word
	}
	return word + " " + ui.Moment(ctx, *at)
}

func (p salesPage) tabs(ctx context.Context) []ui.Link {
	out := make([]ui.Link, 0, len(saleStates))
	open := 0
	for _, n := range p.Figures.Open {
		open += n
	}
	for _, st := range saleStates {
		l := ui.Link{Text: ui.T(ctx, "sales.open"), Href: ui.With(ctx, "state", "", "after", ""), Current: p.State == st, Count: open}
		if st != "" {
			l.Text, l.Href, l.Count = ui.T(ctx, "sales.state_"+string(st)), ui.With(ctx, "state", string(st), "after", ""), p.Figures.Open[st]
		}
		out = append(out, l)
	}
	return out
}

func (p salesPage) filters(ctx context.Context) []ui.Filter {
	var out []ui.Filter
	for name, on := range map[string]bool{"late": p.Query.Late, "short": p.Query.Short} {
		if on {
			out = append(out, ui.Filter{Text: ui.T(ctx, "sales.only_"+name), Remove: ui.With(ctx, name, "", "after", "")})
		}
	}
	if !p.Query.Older.IsZero() {
		out = append(out, ui.Filter{Text: ui.T(ctx, "sales.only_older", "Hours", int(p.Now.Sub(p.Query.Older).Hours())), Remove: ui.With(ctx, "older", "", "after", "")})
	}
	if p.Query.Kind != "" {
		out = append(out, ui.Filter{Text: ui.T(ctx, "sales.kind_"+string(p.Query.Kind)), Remove: ui.With(ctx, "kind", "", "after", "")})
	}
	return out
}

func (p salesPage) pager(ctx context.Context) ui.Pager {
	next := ""
	if p.Next != 0 {
		next = strconv.FormatInt(int64(p.Next), 10)
	}
	return p.Place.Pager(ctx, 50, len(p.Rows), int64(p.Total), next)
}

func canCancel(o warehouse.OutboundDetail) bool {
	return slices.Contains(openStates, o.State) && o.Kind == warehouse.Sale
}

func maySeeConsignee(ctx context.Context) bool { return desk.Can(ctx, access.ViewConsignee) }
