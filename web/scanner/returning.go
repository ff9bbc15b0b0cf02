package scanner

import (
	"context"
	"errors"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// returnTask is an order that was handed over, with what of it has come back.
type returnTask struct {
	Kind      string               `json:"kind"`
	ID        warehouse.OutboundID `json:"id"`
	Number    string               `json:"number"`
	Consignee string               `json:"consignee"`
	Lines     []returnLine         `json:"lines"`
}

type returnLine struct {
	Line   int             `json:"line"`
	Goods  ware            `json:"goods"`
	Lot    string          `json:"lot"`
	Expiry *calendar.Day   `json:"expiry"`
	Out    quantity.Pieces `json:"out"`
	Back   quantity.Pieces `json:"back"`
}

type returner struct{ ops *warehouseops.Ops }

func returning(ops *warehouseops.Ops) Part {
	r := returner{ops}
	return Part{
		Kind: "returns", Commands: map[string]Command{"returns.take": Verb(r.take)},
		Task: func(ctx context.Context, _ catalog.SiteID, key string) (any, error) { return r.read(ctx, key) },
		Find: func(ctx context.Context, _ catalog.SiteID, scan string) (any, error) {
			t, err := r.read(ctx, warehouse.CleanCode(scan))
			if errors.Is(err, warehouse.ErrNoReturn) {
				return nil, nil
			}
			return t, err
		},
		Refusals: []func(error) *Refused{returnRefusal, floorRefusal, dockRefusal},
	}
}

func (r returner) read(ctx context.Context, code string) (returnTask, error) {
	found, err := r.ops.FindReturn(ctx, code)
	if err != nil {
		return returnTask{}, err
	}
	t := returnTask{Kind: "returns", ID: found.Outbound, Number: found.Number, Consignee: found.Consignee, Lines: []returnLine{}}
	for _, l := range found.Lines {
		t.Lines = append(t.Lines, returnLine{Line: l.Line, Goods: wareOf(l.Ware), Lot: l.Lot.Code, Expiry: l.Lot.Expiry, Out: l.Out, Back: l.Back})
	}
	return t, nil
}

func (r returner) take(ctx context.Context, c warehouse.Command, in struct {
	Site     catalog.SiteID       `json:"site"`
	Number   string               `json:"number"`
	Outbound warehouse.OutboundID `json:"outbound"`
	Line     int                  `json:"line"`
	SKU      catalog.SKUID        `json:"sku"`
	Lot      string               `json:"lot"`
	Pieces   quantity.Pieces      `json:"pieces"`
	Grade    warehouse.Grade      `json:"grade"`
	Reason   string               `json:"reason"`
}) (returnTask, error) {
	_, err := r.ops.TakeReturn(ctx, c, warehouseops.Returning{Site: in.Site, Outbound: in.Outbound, Line: in.Line, SKU: in.SKU, Lot: in.Lot, Pieces: in.Pieces, Grade: in.Grade, Reason: in.Reason})
	if err != nil {
		return returnTask{}, err
	}
	return r.read(ctx, in.Number)
}

// returnRefusal says the refusals of returns.
func returnRefusal(err error) *Refused {
	var more *warehouse.ReturnedError
	switch {
	case errors.As(err, &more):
		return &Refused{Code: "returned", Text: Says("scanner.refused.returned"), Next: Says("scanner.next.returned", "Out", int64(more.Out), "Back", int64(more.Back))}
	case errors.Is(err, warehouse.ErrNoReturn):
		return &Refused{Code: "noreturn", Text: Says("scanner.refused.noreturn"), Next: Says("scanner.next.noreturn")}
	case errors.Is(err, warehouse.ErrGrade):
		return &Refused{Code: "grade", Text: Says("scanner.refused.grade"), Next: Says("scanner.next.grade")}
	}
	return nil
}
