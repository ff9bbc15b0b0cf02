package orders

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// orderSending is the drawer in which a version is sent.
type orderSending struct {
	orderForm
	Sum   c2m.Totals
	Reply time.Time // the deadline offered
}

// sending is the hour of the deadline offered, and how many days ahead it lies.
const (
	replyHour = 18
	replyDays = 2
)

func (s Pages) sending(r *http.Request) (orderSending, error) {
	f, err := s.form(r)
	if err != nil {
		return orderSending{}, err
	}
	out := orderSending{orderForm: f}
	if out.Sum, err = c2m.TotalsOf(f.Order.Lines); err != nil {
		return out, refused(err, f.Here)
	}
	out.Reply = s.Ops.Today().AddDays(replyDays).In(desk.ZoneOf(r.Context())).Add(replyHour * time.Hour)
	return out, nil
}

func (s Pages) sendForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.sending(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "send"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderSendDrawer(f))
}

func (s Pages) send(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.sending(r)
	if err != nil {
		return err
	}
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderSendDrawer(f)) }
	in := c2mops.Sending{Revision: orderRevision(r), Reason: f.Form.Text("reason"), Prices: c2mops.Prices(f.Form.Text("prices"))}
	if in.Prices != c2mops.TermPrices && in.Prices != c2mops.KeepPrices {
		in.Prices = c2mops.AskPrices
	}
	if text := f.Form.Text("reply"); text != "" {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, desk.ZoneOf(ctx))
		if err != nil {
			f.Form.Bad("reply", "order.send.bad_reply")
			return again()
		}
		in.ReplyBy = &at
	}
	o, err := s.Ops.Send(ctx, f.Order.ID, in)
	var line *c2m.LineError
	var moved *c2m.PricesMovedError
	switch {
	case err == nil:
	case errors.As(err, &moved):
		f.Moves = moved.Moves
		f.Form.Bad("prices", "order.send.choose_prices")
		return again()
	case errors.As(err, &line) && line.Field == "reply_by":
		f.Form.Bad("reply", "order.send.bad_reply")
		return again()
	case errors.Is(err, c2m.ErrReason):
		f.Form.Bad("reason", "order.err.reason")
		return again()
	default:
		return refused(err, f.Here)
	}
	text := ui.T(ctx, "order.done.sent", "Version", o.Version(), "Supplier", ui.Name(ctx, f.Supplier.Name), "Moment", ui.Moment(ctx, o.Current.ReplyBy))
	if o.State == c2m.StateConfirmed {
		text = ui.T(ctx, "order.done.sent_confirmed", "Version", o.Version())
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: text})
	return route.See(w, r, f.Here)
}

// cautionTexts are what a buyer should look at before sending, by line, besides prices that moved.
func cautionTexts(ctx context.Context, p orderPage, line int) []string {
	var out []string
	for _, c := range p.Cautions {
		if c.Line != line {
			continue
		}
		switch c.Kind {
		case c2m.CautionMOQ:
			out = append(out, ui.T(ctx, "order.caution.moq", "Unit", c.Unit))
		case c2m.CautionPack:
			out = append(out, packWords(ctx, p, c))
		case c2m.CautionLead:
			out = append(out, ui.T(ctx, "order.caution.lead", "Day", c.Day))
		case c2m.CautionPrice:
			out = append(out, ui.T(ctx, "order.caution.price", "Terms", ui.Amount(c.Price.Terms)))
		case c2m.CautionTerms:
			out = append(out, ui.T(ctx, "order.caution.terms"))
		case c2m.CautionElsewhere:
			out = append(out, ui.T(ctx, "order.caution.elsewhere"))
		}
	}
	if text := capacityCaution(ctx, p, line); text != "" {
		out = append(out, text)
	}
	return out
}

// packWords names the whole packs below and above a quantity that is none.
func packWords(ctx context.Context, p orderPage, c c2m.Caution) string {
	l, ok := p.Order.Line(c.Line)
	if !ok || c.Unit < 1 {
		return ui.T(ctx, "order.caution.pack", "Unit", c.Unit)
	}
	below := l.Pieces / c.Unit * c.Unit
	if below == 0 {
		return ui.T(ctx, "order.caution.pack_above", "Unit", c.Unit, "Above", c.Unit)
	}
	return ui.T(ctx, "order.caution.pack_between", "Unit", c.Unit, "Below", below, "Above", below+c.Unit)
}

// capacityCaution warns of a quantity that the supplier's capacity cannot make until it is due.
func capacityCaution(ctx context.Context, p orderPage, line int) string {
	if !p.Order.State.Editable() || p.Order.Current != nil && !p.Order.Changed() {
		return ""
	}
	l, ok := p.Order.Line(line)
	if !ok {
		return ""
	}
	capacity := p.Terms[l.SKU].CapacityDay
	days := capacityDays(l.Pieces, capacity)
	if soonest := p.Today.AddDays(days); days > 0 && soonest > l.Due {
		return ui.T(ctx, "order.caution.capacity", "Capacity", capacity, ui.Count, days, "Day", soonest)
	}
	return ""
}

// moveName names the goods of a price that moved.
func moveName(ctx context.Context, p orderPage, sku catalog.SKUID) string {
	for _, pair := range p.Pairs {
		if pair.SKU.ID == sku {
			return ui.Name(ctx, pair.SKU.Name)
		}
	}
	return "#" + strconv.Itoa(int(sku))
}
