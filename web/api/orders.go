package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// OrderOut is a factory order as lists show it.
type OrderOut struct {
	Number    string `json:"number" example:"FO-2611-0412"`
	State     string `json:"state" doc:"draft, sent, answered, confirmed, producing, shipped, received, closed or cancelled"`
	Version   int    `json:"version" doc:"Last version sent, 0 for a draft"`
	Supplier  string `json:"supplier"`
	ShipTo    string `json:"ship_to"`
	Pieces    int64  `json:"pieces"`
	AmountFen int64  `json:"amount_fen"`
	Due       string `json:"due,omitempty"`
	Late      bool   `json:"late"`
	Undecided int    `json:"undecided" doc:"Differences that wait for the buyer"`
}

// OrderLineOut is a line of a factory order: what is asked and what is agreed.
type OrderLineOut struct {
	Line     int        `json:"line"`
	SKU      string     `json:"sku"`
	Pieces   int64      `json:"pieces"`
	PriceFen int64      `json:"price_fen"`
	Due      string     `json:"due"`
	Agreed   []SplitOut `json:"agreed,omitempty"`
	Shipped  int64      `json:"shipped"`
	Received int64      `json:"received"`
}

// SplitOut is a part of a line's agreed schedule.
type SplitOut struct {
	Pieces   int64  `json:"pieces"`
	Day      string `json:"day"`
	PriceFen int64  `json:"price_fen"`
}

// OrderDetailOut is a factory order with its lines.
type OrderDetailOut struct {
	OrderOut
	Lines []OrderLineOut `json:"lines"`
}

type ordersIn struct {
	State string `query:"state" enum:"draft,sent,answered,confirmed,producing,shipped,received,closed,cancelled"`
	After int64  `query:"after" doc:"The next of the page before"`
	Key   int64  `query:"key" doc:"The key of the page before"`
}

type ordersOut struct {
	Body struct {
		Orders []OrderOut `json:"orders"`
		Next   int64      `json:"next,omitempty" doc:"Where the next page begins: after"`
		Key    int64      `json:"key,omitempty" doc:"Where the next page begins: key"`
	}
}

type orderIn struct {
	Number string `path:"number" example:"FO-2611-0412"`
}

type orderOut struct{ Body OrderDetailOut }

// NewOrderIn is a factory order to be drafted. What is left out is filled from the supplier's terms.
type NewOrderIn struct {
	Supplier string `json:"supplier" example:"S-0107"`
	ShipTo   string `json:"ship_to" example:"JX"`
	Note     string `json:"note,omitempty"`
	Lines    []struct {
		SKU      string `json:"sku" example:"MR-204817"`
		Pieces   int64  `json:"pieces" example:"1200" minimum:"1"`
		PriceFen *int64 `json:"price_fen,omitempty"`
		Due      string `json:"due,omitempty" example:"2026-12-02"`
	} `json:"lines" minItems:"1" maxItems:"500"`
}

type newOrder struct{ Body NewOrderIn }

func (a API) orders(h huma.API) {
	operation(h, huma.Operation{OperationID: "list-factory-orders", Method: http.MethodGet, Path: "/factory-orders", Summary: "Factory orders", Tags: []string{"Factory orders"}},
		access.ReadData, a.listOrders)
	operation(h, huma.Operation{OperationID: "get-factory-order", Method: http.MethodGet, Path: "/factory-orders/{number}", Summary: "One factory order", Tags: []string{"Factory orders"}},
		access.ReadData, func(ctx context.Context, in *orderIn) (*orderOut, error) {
			id, err := a.Orders.Number(ctx, in.Number)
			if err != nil {
				return nil, err
			}
			return a.order(ctx, id)
		})
	operation(h, huma.Operation{OperationID: "draft-factory-order", Method: http.MethodPost, Path: "/factory-orders", Summary: "Draft a factory order", Tags: []string{"Factory orders"},
		DefaultStatus: http.StatusCreated, Description: "The order stays a draft until a buyer sends it."}, access.PushData, a.draftOrder)
}

func (a API) listOrders(ctx context.Context, in *ordersIn) (*ordersOut, error) {
	q := c2mops.Query{Limit: pageLines}
	if in.State != "" {
		q.States = []c2m.State{c2m.State(in.State)}
	}
	if in.After != 0 {
		q.After = &c2mops.Cursor{Key: in.Key, ID: c2m.OrderID(in.After)}
	}
	page, err := a.Orders.Orders(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &ordersOut{}
	out.Body.Orders = []OrderOut{}
	for _, r := range page.Rows {
		out.Body.Orders = append(out.Body.Orders, OrderOut{Number: r.Number, State: string(r.State), Version: r.Version, Supplier: r.SupplierCode, ShipTo: r.SiteCode,
			Pieces: int64(r.Pieces), AmountFen: int64(r.AmountFen), Due: dayOr(r.Due), Late: r.Late, Undecided: r.Undecided})
	}
	if page.Next != nil {
		out.Body.Next, out.Body.Key = int64(page.Next.ID), page.Next.Key
	}
	return out, nil
}

func (a API) order(ctx context.Context, id c2m.OrderID) (*orderOut, error) {
	d, err := a.Orders.Detail(ctx, id)
	if err != nil {
		return nil, err
	}
	o := d.Order
	out := &orderOut{Body: OrderDetailOut{OrderOut: OrderOut{Number: o.Number, State: string(o.State), Version: o.Version(), Supplier: d.Supplier.Code,
		ShipTo: d.Site.Code, Pieces: int64(d.Asked.Pieces), AmountFen: int64(d.Asked.Gross), Late: d.Late, Undecided: o.Undecided()}}}
	for _, p := range d.Pairs {
		l := OrderLineOut{Line: p.Line.No, SKU: p.SKU.Code, Pieces: int64(p.Line.Pieces), PriceFen: int64(p.Line.Price), Due: p.Line.Due.String(),
			Shipped: int64(p.Shipped), Received: int64(p.Came)}
		if p.Agreed != nil {
			for _, s := range p.Agreed.Splits {
				l.Agreed = append(l.Agreed, SplitOut{Pieces: int64(s.Pieces), Day: s.Day.String(), PriceFen: int64(s.Price)})
			}
		}
		out.Body.Lines = append(out.Body.Lines, l)
	}
	return out, nil
}

func (a API) draftOrder(ctx context.Context, in *newOrder) (*orderOut, error) {
	var wrong []Wrong
	unknown := func(pointer, value string) {
		wrong = append(wrong, Wrong{Pointer: pointer, Code: string(catalog.NotKnown), Message: words[catalog.NotKnown], Value: short(value)})
	}
	n := c2mops.NewOrder{Conditions: c2m.Conditions{Note: in.Body.Note}}
	supplier, err := a.Catalog.SupplierByCode(ctx, in.Body.Supplier)
	if errors.Is(err, catalog.ErrUnknown) {
		unknown("/supplier", in.Body.Supplier)
	} else if err != nil {
		return nil, err
	}
	n.Supplier = supplier.ID
	sites, err := a.Catalog.Sites(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(sites, func(s catalog.Site) bool { return s.Code == in.Body.ShipTo }); i < 0 {
		unknown("/ship_to", in.Body.ShipTo)
	} else {
		n.ShipTo = sites[i].ID
	}
	var codes []string
	for _, l := range in.Body.Lines {
		codes = append(codes, l.SKU)
	}
	skus, err := a.Catalog.SKUsByCode(ctx, codes...)
	if err != nil {
		return nil, err
	}
	for i, l := range in.Body.Lines {
		line := c2mops.NewLine{SKU: skus[l.SKU].ID, Pieces: quantity.Pieces(l.Pieces)}
		if line.SKU == 0 {
			unknown(fmt.Sprintf("/lines/%d/sku", i), l.SKU)
		}
		if l.PriceFen != nil {
			price := money.Fen(*l.PriceFen)
			line.Price = &price
		}
		if l.Due != "" {
			due, err := calendar.ParseDay(l.Due)
			if err != nil {
				wrong = append(wrong, Wrong{Pointer: fmt.Sprintf("/lines/%d/due", i), Code: string(catalog.BadForm), Message: "is not a date YYYY-MM-DD", Value: short(l.Due)})
			}
			line.Due = &due
		}
		n.Lines = append(n.Lines, line)
	}
	if wrong != nil {
		return nil, problem(http.StatusUnprocessableEntity, "The order was not drafted. Mend what is listed and send it again.", wrong...)
	}
	o, err := a.Orders.CreateDraft(ctx, n)
	if err != nil {
		return nil, err
	}
	return a.order(ctx, o.ID)
}

// explainOrder turns a refusal of a factory order into a problem.
func explainOrder(err error) *Problem {
	var line *c2m.LineError
	switch {
	case errors.As(err, &line):
		return problem(http.StatusUnprocessableEntity, "The order was not drafted. Mend what is listed and send it again.",
			Wrong{Pointer: fmt.Sprintf("/lines/%d/%s", max(line.Line-1, 0), line.Field), Code: "refused", Message: line.Err.Error()})
	case errors.Is(err, c2m.ErrUnknown), errors.Is(err, c2m.ErrNumber):
		return problem(http.StatusNotFound, "There is no such factory order.")
	case errors.Is(err, c2m.ErrSupplier), errors.Is(err, c2m.ErrTerms), errors.Is(err, c2m.ErrNoLines):
		return problem(http.StatusConflict, err.Error())
	}
	return problem(http.StatusInternalServerError, "The server could not do this. Its log has the cause under the request id.")
}
