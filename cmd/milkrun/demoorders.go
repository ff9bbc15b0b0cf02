package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
)

// orderPlayer plays the demo's factory orders through the house's verbs, at the instants at which they happened.
type orderPlayer struct {
	h         *house
	ops       *c2mops.Ops
	now       time.Time
	ids       codes
	suppliers map[string]catalog.SupplierID
	skus      map[string]catalog.SKUDraft
	notes     int
}

func (h *house) demoOrders(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	var firms []string
	for _, s := range world.Suppliers {
		firms = append(firms, s.Code)
	}
	p := &orderPlayer{h: h, ids: ids, skus: map[string]catalog.SKUDraft{}}
	p.ops = h.ordersAt(func() time.Time { return p.now })
	if p.suppliers, err = catalogdb.SupplierCodes(ctx, h.db.Pool, firms); err != nil {
		return "", err
	}
	for _, s := range world.SKUs {
		p.skus[s.Code] = s
	}
	for _, o := range world.Orders {
		if err := p.play(ctx, o); err != nil {
			return "", fmt.Errorf("order of %s to %s: %w", o.Created, o.Supplier, err)
		}
	}
	return fmt.Sprintf("%d orders in every state", len(world.Orders)), nil
}

// at moves the player's clock to an hour of a day, never beyond the present.
func (p *orderPlayer) at(d calendar.Day, hour, minute int) {
	p.now = d.In(p.h.cfg.zone()).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	if real := time.Now(); p.now.After(real) {
		p.now = real
	}
}

func (p *orderPlayer) play(ctx context.Context, o demo.Order) error {
	buyer, err := p.h.demoUser(ctx, o.Buyer)
	if err != nil {
		return err
	}
	p.at(o.Created, 9, 20)
	draft := c2mops.NewOrder{Supplier: p.suppliers[o.Supplier], ShipTo: p.ids.sites[o.ShipTo], Conditions: c2m.Conditions{Note: o.Note}}
	for _, l := range o.Lines {
		draft.Lines = append(draft.Lines, c2mops.NewLine{SKU: p.ids.skus[l.SKU], Pieces: l.Pieces, Price: &l.Price, Due: &l.Due})
	}
	order, err := p.ops.CreateDraft(buyer, draft)
	if err != nil || o.State == demo.OrderDraft {
		return err
	}
	p.at(o.Sent, 16, 2)
	if order, err = p.ops.Send(buyer, order.ID, c2mops.Sending{Revision: order.Revision, Prices: c2mops.KeepPrices}); err != nil || o.State == demo.OrderSent {
		return err
	}
	supplier := access.WithUser(ctx, access.User{Name: "供应商", Role: access.Supplier, Supplier: p.suppliers[o.Supplier], Language: "zh"})
	p.at(o.Answered, 10, 18)
	order, _, problems, err := p.ops.AnswerOnline(supplier, order.ID, order.Version(), replies(order, o))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("the answer was refused: %v", problems[0].Reason)
	}
	if o.State == demo.OrderAnswered {
		return nil
	}
	p.at(o.Confirmed, 11, 5)
	if order.Undecided() > 0 {
		if order, _, err = p.ops.Accept(buyer, order.ID, order.Revision, c2m.Select{}, "按答复走"); err != nil {
			return err
		}
	}
	if o.State == demo.OrderConfirmed {
		return nil
	}
	p.at(o.Shipped, 15, 30)
	done, err := p.ops.UploadASN(supplier, c2mops.Uploading{Name: "delivery.csv", Content: []byte(p.note(order, o)), Order: order.ID})
	if err == nil && len(done.Problems) > 0 {
		err = fmt.Errorf("the delivery note was refused: %v", done.Problems[0])
	}
	return err
}

// replies is the supplier's answer as the demo knows it.
func replies(order *c2m.FactoryOrder, o demo.Order) []c2m.Reply {
	var out []c2m.Reply
	for i, l := range order.Lines {
		asked := o.Lines[i]
		r := c2m.Reply{Line: l.No, SKU: l.SKU, Price: &asked.Price2, Note: asked.Remark}
		for _, part := range asked.Answer {
			r.Batches = append(r.Batches, c2m.ReplyBatch{Pieces: &part.Pieces, Day: &part.Day})
		}
		if len(asked.Answer) > 1 || asked.Answer[0].Pieces < asked.Pieces {
			r.Reason = c2m.ReasonMaterial
		} else if asked.Answer[0].Day > asked.Due || asked.Price2 != asked.Price {
			r.Reason = c2m.ReasonCapacity
		}
		out = append(out, r)
	}
	return out
}

// note is the delivery note of a whole order, as a supplier would type it.
func (p *orderPlayer) note(order *c2m.FactoryOrder, o demo.Order) string {
	p.notes++
	var b strings.Builder
	fmt.Fprintln(&b, "送货单号,采购单号,行号,SKU,批次,生产日期,有效期至,数量,箱数,每箱数量,承运商,运单号,计划到货日期")
	arrives := slices.MaxFunc(o.Lines, func(x, y demo.OrderLine) int { return int(x.Due - y.Due) }).Due
	for i, l := range order.Lines {
		sku, made, expiry := p.skus[o.Lines[i].SKU], o.Shipped.AddDays(-6), ""
		if sku.ShelfLifeDays > 0 {
			expiry = made.AddDays(sku.ShelfLifeDays).String()
		}
		carton := max(l.Pack, 1)
		for carton > 1 && l.Pieces%carton != 0 {
			carton /= 2
		}
		fmt.Fprintf(&b, "SH%s%02d,%s,%d,%s,L%s%02d,%s,%s,%d,%d,%d,德邦,DP%08d,%s\n", strings.ReplaceAll(o.Shipped.String(), "-", "")[2:], p.notes, order.Number,
			l.No, sku.Code, strings.ReplaceAll(made.String(), "-", "")[2:], i+1, made, expiry, l.Pieces, l.Pieces/carton, carton, 40210000+p.notes, max(arrives, o.Shipped.AddDays(1)))
	}
	return b.String()
}
