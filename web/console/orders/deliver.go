package orders

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/quantity"
	"milkrun/web/route"
	"milkrun/web/ui"
)

func (s Pages) produce(w http.ResponseWriter, r *http.Request) error {
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	if _, err := s.Ops.StartProduction(r.Context(), id); err != nil {
		return refused(err, here)
	}
	return s.show(w, r, id, here)
}

// orderReceipt is the drawer in which goods that came are entered.
type orderReceipt struct {
	orderForm
	Operation string // makes a form that is sent twice happen once
}

func (s Pages) receiveForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "receive"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderReceiveDrawer(orderReceipt{f, rand.Text()}))
}

func (s Pages) receive(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.form(r)
	if err != nil {
		return err
	}
	again := func() error {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderReceiveDrawer(orderReceipt{f, f.Form.Text("operation")}))
	}
	in := c2mops.Receiving{Operation: f.Form.Text("operation"), Day: f.Form.Day("day"), Note: f.Form.Text("note"), Pieces: map[int]quantity.Pieces{}}
	for _, l := range f.Order.Lines {
		if n := f.Form.Pieces("pieces-" + strconv.Itoa(l.No)); n != 0 {
			in.Pieces[l.No] = n
		}
	}
	if len(in.Pieces) == 0 && f.Form.OK() {
		f.Form.Bad("any", "order.receive.nothing")
	}
	if !f.Form.OK() {
		return again()
	}
	o, err := s.Ops.Receive(ctx, f.Order.ID, in)
	var over *c2m.OverDeliveryError
	var line *c2m.LineError
	switch {
	case err == nil:
	case errors.As(err, &over):
		f.Form.Bad("pieces-"+strconv.Itoa(over.Line), "order.err.over", "Line", over.Line, "Want", over.Want, "Open", over.Open)
		return again()
	case errors.As(err, &line) && line.Field == "day":
		f.Form.Bad("day", "order.receive.bad_day")
		return again()
	case errors.As(err, &line) && line.Line > 0:
		f.Form.Bad("pieces-"+strconv.Itoa(line.Line), "order.err.pieces")
		return again()
	default:
		return refused(err, f.Here)
	}
	text := ui.T(ctx, "order.done.received")
	if o.State == c2m.StateReceived {
		text = ui.T(ctx, "order.done.received_all")
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: text})
	return route.See(w, r, f.Here)
}

// toCome gives how many agreed pieces of a line have not come.
func toCome(p orderPage, l c2m.Line) quantity.Pieces {
	var n quantity.Pieces
	for _, s := range p.Order.Agreed[l.No].Splits {
		n += s.Pieces
	}
	return max(0, n-l.Came)
}

func (s Pages) endForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.form(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "end"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderEndDrawer(f))
}

// closes tells whether ending the order means to close it: its goods are on their way or have come. Before, it is cancelled.
func (f orderForm) closes() bool {
	return f.Order.State == c2m.StateDispatched || f.Order.State == c2m.StateReceived
}

func (s Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	return s.end(w, r, s.Ops.Cancel, "order.done.cancelled")
}

func (s Pages) close(w http.ResponseWriter, r *http.Request) error {
	return s.end(w, r, s.Ops.Close, "order.done.closed")
}

func (s Pages) end(w http.ResponseWriter, r *http.Request, verb endVerb, done string) error {
	ctx := r.Context()
	f, err := s.form(r)
	if err != nil {
		return err
	}
	o, err := verb(ctx, f.Order.ID, orderRevision(r), f.Form.Text("reason"))
	if errors.Is(err, c2m.ErrReason) {
		f.Form.Bad("reason", "order.err.reason")
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderEndDrawer(f))
	}
	if err != nil {
		return refused(err, f.Here)
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, done, "Number", o.Number)})
	return route.See(w, r, f.Here)
}
