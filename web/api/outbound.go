package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// ConsigneeIn is who gets the parcel. It is stored encrypted; lists show 王** and 138****1234.
type ConsigneeIn struct {
	Name     string   `json:"name" example:"王小明"`
	Phone    string   `json:"phone" example:"13812341234"`
	Province string   `json:"province,omitempty" example:"上海市"`
	City     string   `json:"city" example:"上海市"`
	District string   `json:"district,omitempty" example:"徐汇区"`
	Street   string   `json:"street" example:"漕溪北路 1 号 3 栋 502"`
	Lat      *float64 `json:"lat,omitempty" example:"31.19" doc:"WGS 84; needed for half an hour"`
	Lon      *float64 `json:"lon,omitempty" example:"121.43"`
}

// OrderLineIn is a line of a customer's order. The SKU may be a bundle.
type OrderLineIn struct {
	SKU              string `json:"sku" example:"MR-204817"`
	Pieces           int64  `json:"pieces" example:"2" minimum:"1"`
	AmountFen        int64  `json:"amount_fen,omitempty" example:"5980" doc:"Paid for all pieces of the line"`
	MinRemainingDays int    `json:"min_remaining_days,omitempty" example:"180" doc:"Shelf life that the customer was promised"`
}

// CustomerOrderIn is a customer's order. Its key is channel and number.
type CustomerOrderIn struct {
	Channel   string        `json:"channel" example:"tmall"`
	Number    string        `json:"number" example:"3290117744120"`
	PlacedAt  string        `json:"placed_at,omitempty" example:"2026-11-23T09:30:00+08:00" doc:"Now where absent"`
	Promise   string        `json:"promise,omitempty" enum:"minutes30,next_day,lot_day,none" doc:"What the customer was told"`
	PromiseAt string        `json:"promise_at,omitempty" doc:"The time that the customer was told; absent leaves it to the rules"`
	LotDay    string        `json:"lot_day,omitempty" example:"2026-12-05" doc:"Day of the pre-sale lot, for lot_day"`
	Priority  int           `json:"priority,omitempty" minimum:"0" maximum:"9"`
	Note      string        `json:"note,omitempty"`
	Consignee ConsigneeIn   `json:"consignee"`
	Lines     []OrderLineIn `json:"lines"`
}

// OrdersIn is one order, or many under orders.
type OrdersIn struct {
	Orders []json.RawMessage `json:"orders"`
}

// PlacedOut is what became of one order.
type PlacedOut struct {
	Channel string  `json:"channel"`
	Number  string  `json:"number"`
	Result  string  `json:"result" doc:"accepted, existing (the same was stored before), refused (see errors) or different (another order stands under this channel and number: see fields)"`
	ID      int64   `json:"id,omitempty"`
	State   string  `json:"state,omitempty"`
	Errors  []Wrong `json:"errors,omitempty"`
	// Fields are where a different order differs.
	Fields []string `json:"fields,omitempty"`
}

// PlacedBatch answers a batch, order by order.
type PlacedBatch struct {
	Accepted  int         `json:"accepted"`
	Existing  int         `json:"existing"`
	Refused   int         `json:"refused"`
	Different int         `json:"different"`
	Orders    []PlacedOut `json:"orders"`
}

type placeIn struct{ RawBody []byte }

type placeOut struct {
	Status int
	Body   PlacedBatch
}

func (a API) outbound(h huma.API) {
	registry := h.OpenAPI().Components.Schemas
	one := huma.SchemaFromType(registry, typeOf[CustomerOrderIn]())
	many := &huma.Schema{Type: huma.TypeObject, Required: []string{"orders"}, Properties: map[string]*huma.Schema{
		"orders": {Type: huma.TypeArray, Items: &huma.Schema{Ref: "#/components/schemas/CustomerOrderIn"}}}}
	registry.Map()["CustomerOrderIn"] = one
	operation(h, huma.Operation{OperationID: "place-orders", Method: http.MethodPost, Path: "/orders", Summary: "Customers' orders in", Tags: []string{"Orders"},
		Description: "One order, or up to 5,000 under orders. Each is answered by itself: good ones are stored though others are refused. The same order again is answered with what is stored. " +
			"A batch answers 200; a single order 201 (accepted), 200 (existing), 409 (different) or 422 (refused).",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{OneOf: []*huma.Schema{{Ref: "#/components/schemas/CustomerOrderIn"}, many}}}}}},
		access.PushData, a.placeOrders)
	operation(h, huma.Operation{OperationID: "list-orders", Method: http.MethodGet, Path: "/orders", Summary: "Customers' orders", Tags: []string{"Orders"}}, access.ReadData, a.listOutbounds)
	operation(h, huma.Operation{OperationID: "get-order", Method: http.MethodGet, Path: "/orders/{channel}/{number}", Summary: "One order", Tags: []string{"Orders"}}, access.ReadData, a.getOutbound)
	operation(h, huma.Operation{OperationID: "change-order", Method: http.MethodPatch, Path: "/orders/{channel}/{number}", Summary: "Change an order", Tags: []string{"Orders"},
		Description: "In any state before the handover. What is being picked is put back by the floor."}, access.PushData, a.changeOutbound)
	operation(h, huma.Operation{OperationID: "cancel-order", Method: http.MethodPost, Path: "/orders/{channel}/{number}/cancel", Summary: "Cancel an order", Tags: []string{"Orders"},
		Description: "In any state before the handover. Cancelling twice answers the same."}, access.PushData, a.cancelOutbound)
	operation(h, huma.Operation{OperationID: "erase-consignee", Method: http.MethodPost, Path: "/orders/{channel}/{number}/erase", Summary: "Erase the consignee", Tags: []string{"Orders"},
		Description: "Once the order is delivered or cancelled. Only the city is kept.", DefaultStatus: http.StatusNoContent}, access.PushData, a.eraseConsignee)
}

func (a API) placeOrders(ctx context.Context, in *placeIn) (*placeOut, error) {
	raw, single, err := splitOrders(in.RawBody)
	if err != nil {
		return nil, err
	}
	if len(raw) > warehouse.MaxOrders {
		return nil, warehouse.ErrTooManyOrders
	}
	out := &placeOut{Status: http.StatusOK}
	out.Body.Orders = make([]PlacedOut, len(raw))
	var drafts []warehouse.OutboundDraft
	var at []int
	for i, text := range raw {
		d, wrong := readOrder(text)
		if wrong != nil {
			out.Body.Orders[i] = PlacedOut{Channel: d.Channel, Number: d.Number, Result: string(warehouseops.Refused), Errors: wrong}
			continue
		}
		drafts, at = append(drafts, d), append(at, i)
	}
	placed, err := a.Stock.PlaceOrders(ctx, drafts)
	if err != nil {
		return nil, err
	}
	for k, p := range placed {
		out.Body.Orders[at[k]] = placedOut(p)
	}
	for i := range out.Body.Orders {
		out.Body.count(out.Body.Orders[i].Result)
	}
	if single {
		return singleAnswer(out)
	}
	return out, nil
}

func (b *PlacedBatch) count(result string) {
	switch warehouseops.Outcome(result) {
	case warehouseops.Accepted:
		b.Accepted++
	case warehouseops.Existing:
		b.Existing++
	case warehouseops.Refused:
		b.Refused++
	case warehouseops.Different:
		b.Different++
	}
}

// singleAnswer turns the answer to one order into a status.
func singleAnswer(out *placeOut) (*placeOut, error) {
	p := out.Body.Orders[0]
	switch warehouseops.Outcome(p.Result) {
	case warehouseops.Accepted:
		out.Status = http.StatusCreated
	case warehouseops.Refused:
		return nil, problem(http.StatusUnprocessableEntity, "The order was not taken. Mend what is listed and send it again.", p.Errors...)
	case warehouseops.Different:
		var wrong []Wrong
		for _, f := range p.Fields {
			wrong = append(wrong, Wrong{Pointer: "/" + f, Code: "different", Message: "is not what was sent under this channel and number before"})
		}
		return nil, problem(http.StatusConflict, "Another order stands under this channel and number. Change it (PATCH) or send a new number.", wrong...)
	}
	return out, nil
}

// splitOrders tells one order from many, and gives their texts.
func splitOrders(body []byte) ([]json.RawMessage, bool, error) {
	bad := func(detail string) error {
		return problem(http.StatusBadRequest, detail+" Send one order, or {\"orders\": […]}.")
	}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, false, bad("The body is not a JSON object.")
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil {
		return nil, false, bad("The body is not JSON: " + err.Error() + ".")
	}
	list, many := keys["orders"]
	if !many {
		return []json.RawMessage{body}, true, nil
	}
	var all []json.RawMessage
	if err := json.Unmarshal(list, &all); err != nil || len(keys) > 1 {
		return nil, false, bad("orders is not a list, or something stands beside it.")
	}
	if len(all) == 0 {
		return nil, false, bad("The list of orders is empty.")
	}
	return all, false, nil
}

// readOrder reads one order, strictly: a field that nobody knows is a fault, so that a slip of the pen is not lost.
func readOrder(text []byte) (warehouse.OutboundDraft, []Wrong) {
	var in CustomerOrderIn
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return warehouse.OutboundDraft{Channel: in.Channel, Number: in.Number}, []Wrong{decodeFault(err)}
	}
	d := warehouse.OutboundDraft{Channel: in.Channel, Number: in.Number, Promise: warehouse.Promise(in.Promise), Priority: in.Priority, Note: in.Note,
		Consignee: warehouse.Consignee(in.Consignee)}
	var wrong []Wrong
	at := func(field, v string) (t time.Time) {
		if v == "" {
			return t
		}
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			wrong = append(wrong, Wrong{Pointer: "/" + field, Code: string(catalog.BadForm), Message: "is not a time such as 2026-11-23T09:30:00+08:00", Value: short(v)})
		}
		return t.UTC().Truncate(time.Microsecond)
	}
	d.PlacedAt, d.PromiseAt = at("placed_at", in.PlacedAt), at("promise_at", in.PromiseAt)
	if in.LotDay != "" {
		day, err := calendar.ParseDay(in.LotDay)
		if err != nil {
			wrong = append(wrong, Wrong{Pointer: "/lot_day", Code: string(catalog.BadForm), Message: "is not a date YYYY-MM-DD", Value: short(in.LotDay)})
		}
		d.LotDay = &day
	}
	for _, l := range in.Lines {
		d.Lines = append(d.Lines, warehouse.DraftLine{SKU: l.SKU, Pieces: quantity.Pieces(l.Pieces), Amount: money.Fen(l.AmountFen), MinRemainingDays: l.MinRemainingDays})
	}
	return d, wrong
}

func decodeFault(err error) Wrong {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return Wrong{Pointer: "/" + strings.ReplaceAll(kind.Field, ".", "/"), Code: string(catalog.BadForm), Message: "must be a " + kind.Type.String() + ", not a " + kind.Value}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return Wrong{Pointer: "/" + strings.Trim(name, `"`), Code: string(catalog.NotKnown), Message: "is not a field of an order"}
	}
	return Wrong{Code: string(catalog.BadForm), Message: err.Error()}
}

func placedOut(p warehouseops.Placed) PlacedOut {
	out := PlacedOut{Channel: p.Channel, Number: p.Number, Result: string(p.Outcome), ID: int64(p.ID), State: string(p.State), Fields: p.Fields}
	for _, f := range p.Faults {
		out.Errors = append(out.Errors, Wrong{Pointer: "/" + f.Field, Code: string(f.Problem), Message: words[f.Problem], Value: short(f.Value)})
	}
	return out
}

// explainOutbound turns a refusal of a customer's order into a problem, or gives nil.
func explainOutbound(err error) *Problem {
	var line *warehouseops.LineError
	var faults catalog.Faults
	switch {
	case errors.As(err, &line):
		return problem(http.StatusConflict, "The order was not changed: "+line.Err.Error()+".", Wrong{Pointer: fmt.Sprintf("/lines/%d/%s", line.Line, line.Field), Code: "refused", Message: line.Err.Error()})
	case errors.As(err, &faults):
		p := problem(http.StatusUnprocessableEntity, "Nothing was changed. Mend what is listed and send it again.")
		for _, f := range faults {
			p.Errors = append(p.Errors, Wrong{Pointer: "/" + f.Field, Code: string(f.Problem), Message: words[f.Problem], Value: short(f.Value)})
		}
		return p
	case errors.Is(err, warehouse.ErrNoOutbound):
		return problem(http.StatusNotFound, "There is no such order.")
	case errors.Is(err, warehouse.ErrTooManyOrders):
		return problem(http.StatusRequestEntityTooLarge, fmt.Sprintf("Too many orders: send at most %d at a time.", warehouse.MaxOrders))
	case errors.Is(err, warehouse.ErrShipped):
		return problem(http.StatusConflict, "The order has been handed over to the carrier. Take it back as a return.")
	case errors.Is(err, warehouse.ErrCancelled):
		return problem(http.StatusConflict, "The order is cancelled. Send a new one.")
	case errors.Is(err, warehouse.ErrRevision):
		return problem(http.StatusConflict, "The order was changed meanwhile. Read it again and send the change with its revision.")
	case errors.Is(err, warehouse.ErrErased):
		return problem(http.StatusGone, "The consignee's data were erased.")
	case errors.Is(err, warehouseops.ErrStillOpen):
		return problem(http.StatusConflict, "The order is still open. Cancel it first, or erase the data once it has been delivered.")
	case errors.Is(err, warehouseops.ErrNoSeal), errors.Is(err, warehouse.ErrSealKey):
		return problem(http.StatusServiceUnavailable, "The house has no key to encrypt this consignee with. Its administrator must set MILKRUN_SEAL_KEY.")
	}
	return nil
}
