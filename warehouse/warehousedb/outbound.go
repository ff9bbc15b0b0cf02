package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Good is what the intake of orders needs of a SKU. A bundle has components.
type Good struct {
	ID         catalog.SKUID
	Bundle     bool
	Components []warehouse.Component
}

const sqlGoods = `select s.code, s.id, exists (select from catalog.bundle_component b where b.bundle_id = s.id)
	from catalog.sku s where s.code = any($1)`

const sqlComponents = `select b.bundle_id, b.component_id, b.pieces, b.share_bp, s.price_fen
	from catalog.bundle_component b join catalog.sku s on s.id = b.component_id
	where b.bundle_id = any($1) order by b.bundle_id, b.component_id`

// Goods gives the SKUs of the codes with the components of bundles. Unknown codes are absent.
func Goods(ctx context.Context, q pgdb.Querier, codes []string) (map[string]*Good, error) {
	rows, err := q.Query(ctx, sqlGoods, codes)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods: %w", err)
	}
	out, bundles, byID := make(map[string]*Good, len(codes)), []int32(nil), map[int32]*Good{}
	var code string
	var id int32
	var bundle bool
	if _, err := pgx.ForEachRow(rows, []any{&code, &id, &bundle}, func() error {
		g := &Good{ID: catalog.SKUID(id), Bundle: bundle}
		out[code] = g
		if bundle {
			bundles = append(bundles, id)
			byID[id] = g
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: goods: %w", err)
	}
	if bundles == nil {
		return out, nil
	}
	if rows, err = q.Query(ctx, sqlComponents, bundles); err != nil {
		return nil, fmt.Errorf("warehousedb: components: %w", err)
	}
	var c warehouse.Component
	if _, err := pgx.ForEachRow(rows, []any{&id, &c.SKU, &c.Pieces, &c.ShareBP, &c.Price}, func() error {
		byID[id].Components = append(byID[id].Components, c)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: components: %w", err)
	}
	return out, nil
}

// NewOutbound is an order as it is stored first: exploded, masked and sealed.
type NewOutbound struct {
	Kind            warehouse.OutboundKind
	Channel, Number string
	Prints          warehouse.Prints
	PlacedAt        time.Time
	Promise         warehouse.Promise
	PromiseAt       *time.Time
	LotDay          *calendar.Day
	Priority        int
	Masked          warehouse.Masked
	Sealed          []byte
	Note            string
	Amount          money.Fen
	ToSite          *catalog.SiteID
	Suggestion      *int64
	Lines           []NewLine
}

// NewLine is a line of a NewOutbound, numbered from 1 in its order.
type NewLine struct {
	SKU              catalog.SKUID
	Pieces           quantity.Pieces
	Amount           money.Fen
	BundleNo         int
	BundleSKU        catalog.SKUID // 0 for none
	BundlePieces     quantity.Pieces
	MinRemainingDays int
}

// Orders are inserted by channel and number in that order, so that two batches with the same orders do not wait in a ring.
const sqlInsertOutbound = `with d as materialized (
		select * from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[], $7::text[], $8::timestamptz[], $9::date[],
			$10::smallint[], $11::float8[], $12::float8[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bytea[], $18::text[],
			$19::bigint[], $20::int[], $21::bigint[])
		with ordinality as d (kind, channel, number, hash, placed, promise, promise_at, lot_day, priority, lat, lon, area, consignee, phone,
			address, sealed, note, amount, to_site, suggestion, no)),
	o as (
		insert into warehouse.outbound (kind, channel, number, content_hash, placed_at, received_at, promise, promise_at, lot_day, priority,
			lat, lon, area, consignee, phone, address, sealed, note, amount_fen, to_site, suggestion_id)
		select kind, channel, number, hash, placed, $1, promise, promise_at, lot_day, priority, lat, lon, area, consignee, phone,
			address, sealed, note, amount, to_site, suggestion
		from d order by channel, number
		on conflict (channel, number) do nothing returning id, channel, number),
	l as (
		insert into warehouse.outbound_line (outbound_id, no, sku_id, pieces, amount_fen, bundle_no, bundle_sku_id, bundle_pieces, min_remaining_days)
		select o.id, l.line_no, l.sku, l.pieces, l.amount, l.bundle_no, nullif(l.bundle_sku, 0), l.bundle_pieces, l.min_remaining
		from unnest($22::bigint[], $23::int[], $24::int[], $25::bigint[], $26::bigint[], $27::int[], $28::int[], $29::bigint[], $30::int[])
			as l (order_no, line_no, sku, pieces, amount, bundle_no, bundle_sku, bundle_pieces, min_remaining)
		join d on d.no = l.order_no join o on o.channel = d.channel and o.number = d.number)
	select d.no, o.id from o join d on o.channel = d.channel and o.number = d.number`

// InsertOutbounds stores the orders whose channel and number are new. It answers the ids in the order of orders, 0 for those
// that were there.
func InsertOutbounds(ctx context.Context, tx pgx.Tx, received time.Time, orders []NewOutbound) ([]warehouse.OutboundID, error) {
	var kinds, channels, numbers, promises, areas, names, phones, addresses, notes []string
	var hashes, sealed [][]byte
	var placed []time.Time
	var promiseAt []*time.Time
	var lots []*calendar.Day
	var priorities []int16
	var lats, lons []*float64
	var amounts []int64
	var toSites []*int32
	var suggestions []*int64
	var l lineColumns
	for i, o := range orders {
		kinds, channels, numbers, hashes = append(kinds, string(o.Kind)), append(channels, o.Channel), append(numbers, o.Number), append(hashes, o.Prints)
		placed, promises, promiseAt, lots = append(placed, o.PlacedAt), append(promises, string(o.Promise)), append(promiseAt, o.PromiseAt), append(lots, o.LotDay)
		priorities, lats, lons = append(priorities, int16(o.Priority)), append(lats, o.Masked.Lat), append(lons, o.Masked.Lon)
		areas, names, phones, addresses = append(areas, o.Masked.Area), append(names, o.Masked.Name), append(phones, o.Masked.Phone), append(addresses, o.Masked.Address)
		sealed, notes, amounts = append(sealed, o.Sealed), append(notes, o.Note), append(amounts, int64(o.Amount))
		var to *int32
		if o.ToSite != nil {
			n := int32(*o.ToSite)
			to = &n
		}
		toSites, suggestions = append(toSites, to), append(suggestions, o.Suggestion)
		l.add(int64(i+1), o.Lines)
	}
	rows, err := tx.Query(ctx, sqlInsertOutbound, received, kinds, channels, numbers, hashes, placed, promises, promiseAt, days(lots), priorities,
		lats, lons, areas, names, phones, addresses, sealed, notes, amounts, toSites, suggestions,
		l.order, l.no, l.sku, l.pieces, l.amount, l.bundleNo, l.bundle, l.bundlePieces, l.minRemaining)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: insert orders: %w", err)
	}
	ids := make([]warehouse.OutboundID, len(orders))
	var no, id int64
	if _, err := pgx.ForEachRow(rows, []any{&no, &id}, func() error { ids[no-1] = warehouse.OutboundID(id); return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: insert orders: %w", err)
	}
	return ids, nil
}

type lineColumns struct {
	order                        []int64
	no, sku, bundleNo, bundle    []int32
	pieces, amount, bundlePieces []int64
	minRemaining                 []int32
}

func (c *lineColumns) add(order int64, lines []NewLine) {
	for i, l := range lines {
		c.order, c.no, c.sku = append(c.order, order), append(c.no, int32(i+1)), append(c.sku, int32(l.SKU))
		c.pieces, c.amount = append(c.pieces, int64(l.Pieces)), append(c.amount, int64(l.Amount))
		c.bundleNo, c.bundle = append(c.bundleNo, int32(l.BundleNo)), append(c.bundle, int32(l.BundleSKU))
		c.bundlePieces, c.minRemaining = append(c.bundlePieces, int64(l.BundlePieces)), append(c.minRemaining, int32(l.MinRemainingDays))
	}
}

// Stored is an order that was there before.
type Stored struct {
	ID     warehouse.OutboundID
	State  warehouse.OutboundState
	Prints warehouse.Prints
}

const sqlStoredOutbound = `select d.no, o.id, o.state, o.content_hash
	from unnest($1::text[], $2::text[]) with ordinality as d (channel, number, no)
	join warehouse.outbound o on o.channel = d.channel and o.number = d.number`

// StoredOutbounds gives the orders of the channels and numbers, by their place in the lists; unknown ones are absent.
func StoredOutbounds(ctx context.Context, q pgdb.Querier, channels, numbers []string) (map[int]Stored, error) {
	rows, err := q.Query(ctx, sqlStoredOutbound, channels, numbers)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: stored orders: %w", err)
	}
	out := map[int]Stored{}
	var no int64
	var s Stored
	var prints []byte
	if _, err := pgx.ForEachRow(rows, []any{&no, &s.ID, &s.State, &prints}, func() error {
		s.Prints = warehouse.Prints(prints)
		out[int(no-1)] = s
		prints = nil
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: stored orders: %w", err)
	}
	return out, nil
}
