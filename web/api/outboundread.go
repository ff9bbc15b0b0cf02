package api

import (
	"context"
	"reflect"
	"slices"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// CustomerOrderOut is a customer's order as lists show it. The consignee is masked.
type CustomerOrderOut struct {
	ID         int64    `json:"id"`
	Channel    string   `json:"channel"`
	Number     string   `json:"number"`
	State      string   `json:"state" doc:"new, waiting, allocated, picking, packed, shipped, delivered, cancelled or returned"`
	PlacedAt   string   `json:"placed_at"`
	ReceivedAt string   `json:"received_at"`
	Promise    string   `json:"promise"`
	PromiseAt  string   `json:"promise_at,omitempty"`
	Late       bool     `json:"late"`
	Consignee  string   `json:"consignee" example:"王**"`
	Phone      string   `json:"phone" example:"138****1234"`
	Area       string   `json:"area"`
	Lines      int      `json:"lines"`
	Short      int      `json:"short_lines" doc:"Lines that wait for stock"`
	Pieces     int64    `json:"pieces"`
	AmountFen  int64    `json:"amount_fen"`
	Sites      []string `json:"sites"`
}

// CustomerOrderDetail is one order with its lines, parcels and time line.
type CustomerOrderDetail struct {
	CustomerOrderOut
	Revision  int           `json:"revision" doc:"Send it with a change"`
	Note      string        `json:"note,omitempty"`
	Cancelled string        `json:"cancel_reason,omitempty"`
	Items     []OrderItem   `json:"items"`
	Shipments []ShipmentOut `json:"shipments"`
	Timeline  []EventOut    `json:"timeline"`
}

// OrderItem is a line of a customer's order; components of a bundle name it.
type OrderItem struct {
	No        int    `json:"no"`
	SKU       string `json:"sku"`
	Bundle    string `json:"bundle,omitempty"`
	Pieces    int64  `json:"pieces"`
	AmountFen int64  `json:"amount_fen"`
	Site      string `json:"site,omitempty"`
	State     string `json:"state" doc:"new, queued, short, allocated, shipped or cancelled"`
	Allocated int64  `json:"allocated"`
	Shipped   int64  `json:"shipped"`
}

// ShipmentOut is the part of an order that one site sends.
type ShipmentOut struct {
	Site       string   `json:"site"`
	State      string   `json:"state"`
	Carrier    string   `json:"carrier,omitempty"`
	Parcels    []string `json:"parcels,omitempty"`
	HandedOver string   `json:"handed_over_at,omitempty"`
}

// EventOut is something that befell an order.
type EventOut struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Site string `json:"site,omitempty"`
}

type outboundsIn struct {
	State   string `query:"state" enum:"new,waiting,allocated,picking,packed,shipped,delivered,cancelled,returned"`
	Channel string `query:"channel"`
	Site    string `query:"site" doc:"Code of a site that sends"`
	Search  string `query:"q" doc:"Beginning of the number, or the last four digits of the phone number"`
	Late    bool   `query:"late"`
	Short   bool   `query:"short" doc:"Orders that wait for stock"`
	After   int64  `query:"after" doc:"The next of the page before"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type outboundsOut struct {
	Body struct {
		Orders []CustomerOrderOut `json:"orders"`
		Next   int64              `json:"next,omitempty" doc:"Where the next page begins: after"`
		Total  int                `json:"total" doc:"Counted to 10,001 at most"`
	}
}

type outboundIn struct {
	Channel string `path:"channel" example:"tmall"`
	Number  string `path:"number" example:"3290117744120"`
}

type outboundOut struct{ Body CustomerOrderDetail }

// ChangeIn is what changes of an order. What is left out stays.
type ChangeIn struct {
	Revision  int            `json:"revision,omitempty" doc:"The one that was read; absent takes any"`
	Reason    string         `json:"reason,omitempty"`
	Note      *string        `json:"note,omitempty"`
	Consignee *ConsigneeIn   `json:"consignee,omitempty"`
	Lines     []LineChangeIn `json:"lines,omitempty" maxItems:"200"`
}

// LineChangeIn sets what is wanted of a line: no 0 adds a line of the SKU, pieces 0 takes the line off.
type LineChangeIn struct {
	No               int    `json:"no,omitempty"`
	SKU              string `json:"sku,omitempty"`
	Pieces           int64  `json:"pieces"`
	AmountFen        int64  `json:"amount_fen,omitempty"`
	MinRemainingDays int    `json:"min_remaining_days,omitempty"`
}

type changeIn struct {
	Channel string `path:"channel" example:"tmall"`
	Number  string `path:"number" example:"3290117744120"`
	Body    ChangeIn
}

type reasonIn struct {
	Channel string `path:"channel" example:"tmall"`
	Number  string `path:"number" example:"3290117744120"`
	Body    struct {
		Reason string `json:"reason,omitempty" maxLength:"200"`
	}
}

// ChangedOut tells what a cancellation or a change came to.
type ChangedOut struct {
	State    string `json:"state"`
	Revision int    `json:"revision"`
	Released int64  `json:"released_pieces" doc:"Free again at once"`
	PutBack  int64  `json:"put_back_pieces" doc:"In totes and parcels: the floor puts them back"`
}

type changedOut struct{ Body ChangedOut }

func (a API) listOutbounds(ctx context.Context, in *outboundsIn) (*outboundsOut, error) {
	q := warehouse.OutboundQuery{Channel: in.Channel, Search: in.Search, Late: in.Late, Short: in.Short, After: warehouse.OutboundID(in.After), Limit: in.Limit}
	if in.State != "" {
		q.States = []warehouse.OutboundState{warehouse.OutboundState(in.State)}
	}
	if in.Site != "" {
		sites, err := a.Catalog.Sites(ctx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(sites, func(s catalog.Site) bool { return s.Code == in.Site })
		if i < 0 {
			return nil, catalog.ErrUnknown
		}
		q.Site = sites[i].ID
	}
	page, err := a.Stock.Outbounds(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &outboundsOut{}
	out.Body.Orders, out.Body.Next, out.Body.Total = []CustomerOrderOut{}, int64(page.Next), page.Total
	for _, r := range page.Rows {
		out.Body.Orders = append(out.Body.Orders, orderOf(r))
	}
	return out, nil
}

func orderOf(r warehouse.OutboundRow) CustomerOrderOut {
	out := CustomerOrderOut{ID: int64(r.ID), Channel: r.Channel, Number: r.Number, State: string(r.State), PlacedAt: stamp(&r.PlacedAt), ReceivedAt: stamp(&r.ReceivedAt),
		Promise: string(r.Promise), PromiseAt: stamp(r.PromiseAt), Late: r.Late, Consignee: r.Consignee, Phone: r.Phone, Area: r.Area, Lines: r.Lines,
		Short: r.ShortLines, Pieces: int64(r.Pieces), AmountFen: int64(r.Amount), Sites: r.Sites}
	if out.Sites == nil {
		out.Sites = []string{}
	}
	return out
}

func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (a API) getOutbound(ctx context.Context, in *outboundIn) (*outboundOut, error) {
	id, err := a.Stock.FindOutbound(ctx, in.Channel, in.Number)
	if err != nil {
		return nil, err
	}
	d, err := a.Stock.Outbound(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &outboundOut{Body: CustomerOrderDetail{CustomerOrderOut: orderOf(d.OutboundRow), Revision: d.Revision, Note: d.Note, Cancelled: d.CancelReason,
		Items: []OrderItem{}, Shipments: []ShipmentOut{}, Timeline: []EventOut{}}}
	for _, l := range d.Items {
		out.Body.Items = append(out.Body.Items, OrderItem{No: l.No, SKU: l.Code, Bundle: l.Bundle, Pieces: int64(l.Pieces), AmountFen: int64(l.Amount), Site: l.Site,
			State: l.State, Allocated: int64(l.Allocated), Shipped: int64(l.Shipped)})
	}
	for _, s := range d.Shipments {
		out.Body.Shipments = append(out.Body.Shipments, ShipmentOut{Site: s.SiteCode, State: s.State, Carrier: s.Carrier, Parcels: s.Parcels, HandedOver: stamp(s.HandedOver)})
	}
	for _, e := range d.Timeline {
		out.Body.Timeline = append(out.Body.Timeline, EventOut{At: stamp(&e.At), Kind: e.Kind, Site: e.Site})
	}
	return out, nil
}

func (a API) changeOutbound(ctx context.Context, in *changeIn) (*changedOut, error) {
	id, err := a.Stock.FindOutbound(ctx, in.Channel, in.Number)
	if err != nil {
		return nil, err
	}
	c := warehouse.OutboundChange{Revision: in.Body.Revision, Reason: in.Body.Reason, Note: in.Body.Note}
	if in.Body.Consignee != nil {
		whole := warehouse.Consignee(*in.Body.Consignee)
		c.Consignee = &whole
	}
	for _, l := range in.Body.Lines {
		c.Lines = append(c.Lines, warehouse.LineChange{No: l.No, SKU: l.SKU, Pieces: quantity.Pieces(l.Pieces), Amount: money.Fen(l.AmountFen), MinRemainingDays: l.MinRemainingDays})
	}
	done, err := a.Stock.ChangeOrder(ctx, id, c)
	return &changedOut{changed(done)}, err
}

func (a API) cancelOutbound(ctx context.Context, in *reasonIn) (*changedOut, error) {
	id, err := a.Stock.FindOutbound(ctx, in.Channel, in.Number)
	if err != nil {
		return nil, err
	}
	done, err := a.Stock.CancelOrder(ctx, id, in.Body.Reason)
	return &changedOut{changed(done)}, err
}

func changed(c warehouse.Changed) ChangedOut {
	return ChangedOut{State: string(c.State), Revision: c.Revision, Released: int64(c.Released), PutBack: int64(c.PutBack)}
}

func (a API) eraseConsignee(ctx context.Context, in *reasonIn) (*struct{}, error) {
	id, err := a.Stock.FindOutbound(ctx, in.Channel, in.Number)
	if err != nil {
		return nil, err
	}
	return nil, a.Stock.EraseConsignee(ctx, id, in.Body.Reason)
}
