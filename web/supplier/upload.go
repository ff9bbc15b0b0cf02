package supplier

import (
	"context"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/web/route"
	"milkrun/web/supplier/sheets"
	"milkrun/web/ui"
)

// upload takes a sheet in: a confirmation, commitments or a delivery note, as chosen or as its content tells.
func (p Portal) upload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	name, content, err := sheets.Read(r, "file")
	if err != nil {
		return err
	}
	in := c2mops.Uploading{Name: name, Content: content}
	here := "/portal"
	if number := r.FormValue("order"); number != "" {
		here = orderHref(number)
		if in.Order, err = p.Ops.Number(ctx, number); err != nil {
			return refused(err, here)
		}
	}
	u, err := sheets.Take(ctx, p.Ops, r.FormValue("kind"), in)
	if err != nil {
		return refused(err, here)
	}
	return route.See(w, r, "/portal/uploads/"+strconv.FormatInt(u.ID, 10))
}

// result is what became of an upload.
type result struct {
	frame
	Upload c2mops.Upload
	Orders []c2mops.Detail
}

// mostOrders bounds how many orders of a sheet are named.
const mostOrders = 10

func (p Portal) result(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	var v result
	if v.frame, err = p.frame(ctx, "orders"); err != nil {
		return err
	}
	if v.Upload, err = p.Ops.Upload(ctx, id); err != nil {
		return refused(err, "/portal")
	}
	for _, order := range v.Upload.Orders {
		if len(v.Orders) == mostOrders {
			break
		}
		d, err := p.Ops.PortalOrder(ctx, c2m.OrderID(order))
		if err != nil {
			return refused(err, "/portal")
		}
		v.Orders = append(v.Orders, d)
	}
	return route.Render(w, r, resultScreen(v))
}

// nextWord says what happens now with an order.
func nextWord(ctx context.Context, d c2mops.Detail) string {
	switch o := d.Order; o.State {
	case c2m.StateAnswered:
		if n := differing(d); n > 0 {
			return ui.T(ctx, "portal.next_differs", ui.Count, n)
		}
		return ui.T(ctx, "portal.next_answered")
	case c2m.StateSent:
		return ui.T(ctx, "portal.next_sent")
	case c2m.StateConfirmed, c2m.StateProducing:
		return ui.T(ctx, "portal.next_confirmed")
	case c2m.StateDispatched:
		return ui.T(ctx, "portal.next_shipped")
	}
	return ""
}

// differing counts the lines on which the buyer has to decide.
func differing(d c2mops.Detail) int {
	n := 0
	for _, p := range d.Pairs {
		if p.Undecided() {
			n++
		}
	}
	return n
}
