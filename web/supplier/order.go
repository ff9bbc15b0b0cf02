package supplier

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// orderPage is one order as the supplier sees it.
type orderPage struct {
	frame
	c2mops.Detail
	Here string
	Form *answerForm // as it was typed, where something is wrong; nil otherwise
	// Diff is what this version changed against the one before.
	Diff c2m.Diff
	SKUs map[catalog.SKUID]catalog.SKU
}

// takesAnswer tells whether the order may still be answered.
func (p orderPage) takesAnswer() bool {
	switch p.Order.State {
	case c2m.StateSent, c2m.StateAnswered, c2m.StateConfirmed, c2m.StateProducing:
		return true
	}
	return false
}

// agreed tells whether both sides have agreed.
func (p orderPage) agreed() bool {
	switch p.Order.State {
	case c2m.StateSent, c2m.StateAnswered, c2m.StateCancelled:
		return false
	}
	return true
}

// ships tells whether goods may be sent.
func (p orderPage) ships() bool {
	return p.agreed() && p.Order.State.Awaited()
}

func (p Portal) page(ctx context.Context, id c2m.OrderID) (orderPage, error) {
	f, err := p.frame(ctx, "orders")
	if err != nil {
		return orderPage{}, err
	}
	d, err := p.Ops.PortalOrder(ctx, id)
	if err != nil {
		return orderPage{}, refused(err, "/portal")
	}
	v := orderPage{frame: f, Detail: d, Here: orderHref(d.Order.Number)}
	if n := d.Order.Version(); n > 1 {
		v.Diff, v.SKUs, err = p.Ops.Diff(ctx, id, n-1, n)
	}
	return v, err
}

func (p Portal) order(w http.ResponseWriter, r *http.Request) error {
	id, _, err := p.find(r)
	if err != nil {
		return err
	}
	v, err := p.page(r.Context(), id)
	if err != nil {
		return err
	}
	return route.Render(w, r, orderScreen(v))
}

// news tells the page that the order has changed since it was drawn.
func (p Portal) news(w http.ResponseWriter, r *http.Request) error {
	id, here, err := p.find(r)
	if err != nil {
		return err
	}
	d, err := p.Ops.PortalOrder(r.Context(), id)
	if err != nil {
		return refused(err, here)
	}
	seen, err := strconv.ParseInt(r.URL.Query().Get("seen"), 10, 64)
	if err != nil {
		return route.NotFound()
	}
	return route.Render(w, r, newsNote(d, here, seen))
}

func (p Portal) produce(w http.ResponseWriter, r *http.Request) error {
	id, here, err := p.find(r)
	if err != nil {
		return err
	}
	if _, err := p.Ops.StartProduction(r.Context(), id); err != nil {
		return refused(err, here)
	}
	return route.See(w, r, here)
}

func (p Portal) say(w http.ResponseWriter, r *http.Request) error {
	id, here, err := p.find(r)
	if err != nil {
		return err
	}
	if _, err := p.Ops.Say(r.Context(), id, r.FormValue("text")); err != nil {
		return refused(err, here)
	}
	return route.See(w, r, here+"#messages")
}

// answer takes the answer of the form.
func (p Portal) answer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, here, err := p.find(r)
	if err != nil {
		return err
	}
	v, err := p.page(ctx, id)
	if err != nil {
		return err
	}
	v.Form = readAnswer(r, v)
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderScreen(v)) }
	if len(v.Form.faults) > 0 {
		return again()
	}
	version, err := strconv.Atoi(r.FormValue("version"))
	if err != nil {
		return route.Invalid("error.form").Because(err)
	}
	o, repeated, problems, err := p.Ops.AnswerOnline(ctx, id, version, v.Form.replies)
	if err != nil {
		return refused(err, here)
	}
	if len(problems) > 0 {
		v.Form.take(ctx, problems)
		return again()
	}
	note := ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "portal.answered_whole")}
	switch {
	case repeated:
		note = ui.Flash{Tone: ui.Act, Text: ui.T(ctx, "portal.answered_same")}
	case o.Undecided() > 0:
		note = ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "portal.answered_differs", ui.Count, len(linesOf(o.Deviations)))}
	}
	route.Tell(ctx, note)
	return route.See(w, r, here)
}

// linesOf gives the lines that differ.
func linesOf(ds []c2m.Deviation) map[int]bool {
	lines := map[int]bool{}
	for _, d := range ds {
		lines[d.Line] = true
	}
	return lines
}

// stateWord says in the supplier's words where an order stands.
func stateWord(ctx context.Context, st c2m.State) string {
	return ui.T(ctx, "portal.state_"+string(st))
}

// remark is what a row of the list says besides its state.
func remark(ctx context.Context, o c2mops.Row) string {
	switch o.State {
	case c2m.StateSent:
		if o.ReplyBy != nil {
			return ui.Left(ctx, *o.ReplyBy)
		}
	case c2m.StateAnswered:
		if o.Undecided > 0 {
			return ui.T(ctx, "portal.differs", ui.Count, o.Undecided)
		}
	case c2m.StateConfirmed, c2m.StateProducing:
		if o.NextDay != nil {
			return ui.T(ctx, "portal.deliver_by", "Day", *o.NextDay)
		}
	case c2m.StateDispatched, c2m.StateReceived, c2m.StateClosed:
		if o.Short > 0 && o.Came > 0 {
			return ui.T(ctx, "orders.news_short", "Short", o.Short)
		}
		return o.ASN
	}
	return ""
}

// changeTexts say what a version changed, line by line.
func changeTexts(ctx context.Context, v orderPage) []string {
	var out []string
	for _, l := range v.Diff.Lines {
		is := l.After
		if is == nil {
			is = l.Before
		}
		name := ui.Name(ctx, v.SKUs[is.SKU].Name)
		switch {
		case l.Before == nil:
			out = append(out, ui.T(ctx, "portal.change_new", "Line", l.No, "Goods", name))
		case l.After == nil:
			out = append(out, ui.T(ctx, "portal.change_gone", "Line", l.No, "Goods", name))
		default:
			out = append(out, ui.T(ctx, "portal.change_line", "Line", l.No, "Goods", name, "Fields", fieldTexts(ctx, l)))
		}
	}
	if len(v.Diff.Conditions) > 0 {
		out = append(out, ui.T(ctx, "portal.change_conditions"))
	}
	return out
}

func fieldTexts(ctx context.Context, l c2m.LineDiff) string {
	var parts []string
	for _, f := range l.Fields {
		name := ui.T(ctx, "order.field."+string(f))
		switch f {
		case c2m.FieldPieces:
			name += " " + ui.Pieces(l.Before.Pieces) + " → " + ui.Pieces(l.After.Pieces)
		case c2m.FieldPrice:
			name += " " + ui.Amount(l.Before.Price) + " → " + ui.Amount(l.After.Price)
		case c2m.FieldDue:
			name += " " + ui.Day(ctx, l.Before.Due) + " → " + ui.Day(ctx, l.After.Due)
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ui.T(ctx, "order.list_and"))
}

// standing says in a word where a line stands: agreed, waiting for the buyer, on its way.
func standing(ctx context.Context, v orderPage, p c2mops.Pair) (ui.Tone, string, string) {
	switch {
	case p.Came > 0 && p.Agreed != nil && p.Came >= sheets.Pieces(p.Agreed.Splits):
		return ui.OK, "checks", ui.T(ctx, "portal.line_came")
	case p.Shipped > 0:
		return ui.OK, "truck", ui.T(ctx, "portal.line_shipped", "Pieces", p.Shipped)
	case p.Undecided():
		return ui.Watch, "message-reply", ui.T(ctx, "portal.line_waits")
	case p.Agreed != nil:
		return ui.OK, "check", ui.T(ctx, "portal.line_agreed")
	case v.Order.State == c2m.StateAnswered:
		return ui.Watch, "message-reply", ui.T(ctx, "portal.line_again")
	}
	return ui.Act, "file-download", ui.T(ctx, "portal.line_answer")
}
