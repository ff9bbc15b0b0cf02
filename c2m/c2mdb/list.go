package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Sort is what a list of orders is sorted by.
type Sort string

// The sorts: newest order, first day asked for, next day on which goods are expected, amount, deadline for the answer.
const (
	ByNumber Sort = "number"
	ByDue    Sort = "due"
	ByNext   Sort = "next"
	ByAmount Sort = "amount"
	ByReply  Sort = "reply"
)

// Filter says which orders a list holds. Zero values leave a field out.
type Filter struct {
	States    []c2m.State
	Supplier  catalog.SupplierID
	Sites     []catalog.SiteID
	SKU       catalog.SKUID
	Buyer     int64
	Search    string // number, supplier, or goods
	Late      bool   // goods expected before today, or the answer overdue
	Undecided bool   // answers that wait for the buyer
	Changed   bool   // changes that wait to be sent
	Shown     bool   // without drafts: the supplier's view
}

// Cursor is the place in a list after which the next page begins.
type Cursor struct {
	Key int64
	ID  c2m.OrderID
}

// Row is an order in a list.
type Row struct {
	ID           c2m.OrderID
	Number       string
	State        c2m.State
	Version      int
	SupplierID   catalog.SupplierID
	SupplierCode string
	SupplierZH   string
	SupplierEN   string
	ShipTo       catalog.SiteID
	SiteCode     string
	SiteZH       string
	SiteEN       string
	BuyerID      int64
	Buyer        string
	LineCount    int
	Pieces       quantity.Pieces
	AmountFen    money.Fen
	Due          *calendar.Day
	NextDay      *calendar.Day
	ReplyBy      *time.Time
	Undecided    int
	Changed      bool
	Confirmation c2m.Confirmation
	Reason       string
	CreatedAt    time.Time
	SentAt       *time.Time
	AnsweredAt   *time.Time
	TouchedAt    time.Time
	// Late is true when goods were expected before today or the answer is overdue.
	Late bool
	// ASN is the number of the last delivery note, empty for none; Came and Short count pieces received and missing.
	ASN   string
	Came  quantity.Pieces
	Short quantity.Pieces
	// FirstSKU names the goods of the first line.
	FirstZH string
	FirstEN string
	Key     int64
}

// Supplier gives the supplier's name.
func (r Row) Supplier() catalog.Name { return catalog.Name{ZH: r.SupplierZH, EN: r.SupplierEN} }

// Site gives the ship-to site's name.
func (r Row) Site() catalog.Name { return catalog.Name{ZH: r.SiteZH, EN: r.SiteEN} }

// First gives the name of the first line's goods.
func (r Row) First() catalog.Name { return catalog.Name{ZH: r.FirstZH, EN: r.FirstEN} }

// The filter, without the states: $1 states is applied beside it. $2 supplier, $3 sites, $4 SKU, $5 buyer, $6 search terms, $7 late,
// $8 today, $9 now, $10 undecided, $11 changed, $12 shown.
const filtered = ` from c2m.factory_order o
	where ($2::int = 0 or o.supplier_id = $2)
	and (cardinality($3::int[]) = 0 or o.ship_to = any($3))
	and ($4::int = 0 or exists (select from c2m.order_line l where l.order_id = o.id and l.sku_id = $4))
	and ($5::bigint = 0 or o.buyer_id = $5)
	and (cardinality($6::text[]) = 0 or o.search @> $6 or o.number = any($6)
		or o.supplier_id in (select u.id from catalog.supplier u where u.search @> $6)
		or o.id in (select l.order_id from c2m.order_line l where l.sku_id in (select k.id from catalog.sku k where k.search @> $6 limit 2000)))
	and (not $7::bool or ` + late + `)
	and (not $10::bool or o.undecided > 0 and o.state = 'answered')
	and (not $11::bool or o.changed and o.version > 0 and o.state in ('sent','answered','confirmed','producing'))
	and (not $12::bool or o.version > 0)`

const late = `(o.next_day < $8::date and o.state in ('sent','answered','confirmed','producing','shipped') or o.state = 'sent' and o.reply_by < $9::timestamptz)`

// Nulls of a day sort last: they take the largest key.
const sortKey = `(case $13::text when 'due' then coalesce(o.due - date '1970-01-01', 2147483647) when 'next' then coalesce(o.next_day - date '1970-01-01', 2147483647)
	when 'amount' then o.amount_fen when 'reply' then coalesce(extract(epoch from o.reply_by)::bigint, 9223372036854775807) else o.id end)::bigint`

const sqlList = `with keyed as (select o.id, ` + sortKey + ` as key` + filtered + `
		and (cardinality($1::text[]) = 0 or o.state = any($1))),
	page as (select id, key from keyed where $14::bool or ($15::bigint, $16::bigint) < (key * $17::bigint, id * $17::bigint)
		order by key * $17::bigint, id * $17::bigint limit $18::int)
	select o.id, o.number, o.state, o.version, o.supplier_id, u.code as supplier_code, u.name_zh as supplier_zh, u.name_en as supplier_en,
		o.ship_to, s.code as site_code, s.name_zh as site_zh, s.name_en as site_en, o.buyer_id, o.buyer, o.line_count, o.pieces, o.amount_fen,
		o.due, o.next_day, o.reply_by, o.undecided, o.changed, o.confirmation, o.reason, o.created_at, o.sent_at, o.answered_at, o.touched_at,
		coalesce(` + late + `, false) as late, coalesce(n.number, '') as asn, coalesce(t.came, 0)::bigint as came,
		coalesce(p.pieces - t.came, 0)::bigint as short, coalesce(f.name_zh, '') as first_zh, coalesce(f.name_en, '') as first_en, g.key
	from page g join c2m.factory_order o on o.id = g.id
	join catalog.supplier u on u.id = o.supplier_id join catalog.site s on s.id = o.ship_to
	left join lateral (select sum(l.came) as came, min(l.no) as first from c2m.order_line l where l.order_id = o.id) t on true
	left join lateral (select sum(p.pieces) as pieces from c2m.promise p where p.order_id = o.id) p on true
	left join c2m.order_line fl on fl.order_id = o.id and fl.no = t.first left join catalog.sku f on f.id = fl.sku_id
	left join lateral (select n.number from c2m.asn n where n.id = (select max(al.asn_id) from c2m.asn_line al where al.order_id = o.id)) n on true
	order by g.key * $17::bigint, o.id * $17::bigint`

// List gives a page of at most limit orders after the cursor (nil for the first page), in the sort's own direction or reversed.
// Newest and dearest come first by default, the other sorts begin with the earliest.
func List(ctx context.Context, q pgdb.Querier, f Filter, s Sort, reverse bool, after *Cursor, limit int, today calendar.Day, now time.Time) ([]Row, error) {
	dir := int64(1)
	if (s == ByNumber || s == ByAmount || s == "") != reverse {
		dir = -1
	}
	var c Cursor
	if after != nil {
		c = *after
	}
	args := append(f.args(today, now), s, after == nil, c.Key*dir, int64(c.ID)*dir, dir, limit)
	rows, err := q.Query(ctx, sqlList, args...)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: list orders: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Row])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: list orders: %w", err)
	}
	return out, nil
}

func (f Filter) args(today calendar.Day, now time.Time) []any {
	return []any{column(f.States, func(s c2m.State) string { return string(s) }), f.Supplier,
		column(f.Sites, func(s catalog.SiteID) int32 { return int32(s) }), f.SKU, f.Buyer, searchTerms(f.Search), f.Late, today, now,
		f.Undecided, f.Changed, f.Shown}
}

// searchTerms gives what a search looks for: a whole order number means that order alone, not all that share its pairs of digits.
func searchTerms(query string) []string {
	if number, err := c2m.ParseNumber(query); err == nil {
		return []string{number}
	}
	return catalog.QueryTerms(query)
}

// Sum is what a filter finds in one state.
type Sum struct {
	State     c2m.State
	Orders    int
	Pieces    quantity.Pieces
	AmountFen money.Fen
	Late      int
	Undecided int // orders with answers that wait for a decision
}

const sqlSums = `select o.state, count(*)::int as orders, sum(o.pieces)::bigint as pieces, sum(o.amount_fen)::bigint as amount_fen,
	count(*) filter (where ` + late + `)::int as late, count(*) filter (where o.undecided > 0 and o.state = 'answered')::int as undecided` + filtered + `
	and ($1::text[] is not null or true) group by o.state`

// Sums counts what the filter finds, by state; the filter's own states do not matter.
func Sums(ctx context.Context, q pgdb.Querier, f Filter, today calendar.Day, now time.Time) ([]Sum, error) {
	rows, err := q.Query(ctx, sqlSums, f.args(today, now)...)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: sum orders: %w", err)
	}
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByName[Sum])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: sum orders: %w", err)
	}
	return sums, nil
}
