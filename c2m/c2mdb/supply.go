package c2mdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

type supplyRow struct {
	OrderID      c2m.OrderID
	Number       string
	State        c2m.State
	SupplierID   catalog.SupplierID
	Site         catalog.SiteID
	Line         int
	SKUID        catalog.SKUID
	Pieces       quantity.Pieces
	Day          int32
	SuggestionID *int64
	Shipped      quantity.Pieces
	Came         quantity.Pieces
	Agreed       bool
	Promises     json.RawMessage
	Answered     json.RawMessage
	Shipments    json.RawMessage
}

// The ask is that of the version in force: a change that was not sent yet is nobody's supply. A line of the version that the buyer
// has struck out since counts until the next version, a line not yet sent does not count beside one.
const sqlOpenSupply = `with ask as (
		select o.id as order_id, l.no as line, l.sku_id, l.pieces, l.due - date '1970-01-01' as day, l.suggestion_id
		from c2m.factory_order o join c2m.order_line l on l.order_id = o.id
		where o.state = 'draft' and o.version = 0 and (cardinality($1::int[]) = 0 or l.sku_id = any($1))
		union all
		select x.order_id, x.no, x.sku_id, x.pieces, x.due - date '1970-01-01', x.suggestion_id
		from c2m.sent_line x join c2m.factory_order o on o.id = x.order_id
		where o.state in ('sent','answered','confirmed','producing','shipped') and (cardinality($1::int[]) = 0 or x.sku_id = any($1)))
	select a.order_id, o.number, o.state, o.supplier_id, o.ship_to as site, a.line, a.sku_id, a.pieces, a.day, a.suggestion_id,
		coalesce(l.shipped, 0) as shipped, coalesce(l.came, 0) as came, g.line is not null as agreed,
		coalesce((select jsonb_agg(jsonb_build_object('pieces', p.pieces, 'day', p.day, 'price', p.price_fen))
			from c2m.promise p where p.order_id = a.order_id and p.line = a.line), '[]') as promises,
		coalesce((select x -> 'Splits' from c2m.answer w cross join lateral jsonb_array_elements(w.lines) x
			where o.state = 'answered' and w.id = o.answer_id and (x ->> 'Line')::int = a.line limit 1), 'null') as answered,
		coalesce((select jsonb_agg(jsonb_build_object('Pieces', n.pieces - n.short, 'Came', n.came, 'Arrives', s.arrives))
			from c2m.asn_line n join c2m.asn s on s.id = n.asn_id where n.order_id = a.order_id and n.order_line = a.line), '[]') as shipments
	from ask a join c2m.factory_order o on o.id = a.order_id
	left join c2m.order_line l on l.order_id = a.order_id and l.no = a.line
	left join c2m.agreement g on g.order_id = a.order_id and g.line = a.line
	order by a.sku_id, a.order_id, a.line`

// OpenSupply gives what is ordered of the SKUs (of all, where none are named) and has not come: drafts, orders under way and goods
// on the road, by line and promise, with the day on which each part is expected.
func OpenSupply(ctx context.Context, q pgdb.Querier, today calendar.Day, skus ...catalog.SKUID) ([]c2m.Supply, error) {
	rows, err := q.Query(ctx, sqlOpenSupply, column(skus, func(id catalog.SKUID) int32 { return int32(id) }))
	if err != nil {
		return nil, fmt.Errorf("c2mdb: open supply: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[supplyRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: open supply: %w", err)
	}
	var out []c2m.Supply
	for _, r := range stored {
		l, err := r.line()
		if err != nil {
			return nil, fmt.Errorf("c2mdb: open supply of %s: %w", r.Number, err)
		}
		out = append(out, l.Open(today)...)
	}
	return out, nil
}

func (r supplyRow) line() (c2m.SupplyLine, error) {
	l := c2m.SupplyLine{Supply: c2m.Supply{Order: r.OrderID, Number: r.Number, State: r.State, Supplier: r.SupplierID, Line: r.Line, SKU: r.SKUID,
		Site: r.Site, Pieces: r.Pieces, Day: calendar.Day(r.Day)}, Shipped: r.Shipped, Came: r.Came}
	if r.SuggestionID != nil {
		l.Suggestion = *r.SuggestionID
	}
	if r.Agreed {
		l.Agreed = []c2m.Split{}
		if err := json.Unmarshal(r.Promises, &l.Agreed); err != nil {
			return l, err
		}
	}
	if err := json.Unmarshal(r.Answered, &l.Answered); err != nil {
		return l, err
	}
	return l, json.Unmarshal(r.Shipments, &l.Shipments)
}

// Orders gives the planner the open supply in its own words; it satisfies the interface of the replenishment side.
type Orders struct{}

// Supply gives what is ordered and has not arrived, by SKU.
func (Orders) Supply(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Supply, error) {
	out := map[catalog.SKUID][]replenishment.Supply{}
	if len(skus) == 0 {
		return out, nil
	}
	open, err := OpenSupply(ctx, q, today, skus...)
	if err != nil {
		return nil, err
	}
	for _, s := range open {
		out[s.SKU] = append(out[s.SKU], replenishment.Supply{Kind: replenishment.SupplyOrder, Ref: s.Number, Site: s.Site, Pieces: s.Pieces,
			Arrives: s.Day, Shipped: s.Dispatched, Suggestion: replenishment.SuggestionID(s.Suggestion)})
	}
	return out, nil
}
