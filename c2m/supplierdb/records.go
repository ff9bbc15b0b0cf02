package supplierdb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// The promises are those first made in the last version; the cheapest price is that of any usable supplier's terms for the pieces promised.
const sqlLines = `with line as (
		select o.supplier_id, l.order_id, l.no, l.sku_id, l.price_fen, max(f.version) as version from c2m.order_line l
		join c2m.factory_order o on o.id = l.order_id join c2m.first_promise f on f.order_id = l.order_id and f.line = l.no
		where (cardinality($1::int[]) = 0 or o.supplier_id = any($1)) and o.state in ('confirmed','producing','shipped','received','closed','answered') and f.day >= $2
		group by 1, 2, 3, 4, 5)
	select a.supplier_id as supplier, a.sku_id as sku,
		(select jsonb_agg(jsonb_build_object('pieces', f.pieces, 'day', f.day)) from c2m.first_promise f where f.order_id = a.order_id and f.line = a.no and f.version = a.version) as promised,
		coalesce((select jsonb_agg(jsonb_build_object('pieces', r.pieces, 'day', r.day)) from c2m.receipt r where r.order_id = a.order_id and r.line = a.no), '[]') as came,
		coalesce((select min(p.price_fen) from c2m.promise p where p.order_id = a.order_id and p.line = a.no), a.price_fen) as price,
		coalesce((select min((b ->> 'price')::bigint) from catalog.term t join catalog.supplier s on s.id = t.supplier_id and s.active and s.banned = ''
			cross join jsonb_array_elements(t.breaks) b where t.sku_id = a.sku_id and (b ->> 'from')::bigint <=
				(select sum(f.pieces) from c2m.first_promise f where f.order_id = a.order_id and f.line = a.no and f.version = a.version)), 0) as cheapest
	from line a`

const sqlLots = `select supplier_id as supplier, sku_id as sku, at, what = 'accepted' as accepted, pieces, sample, defects from c2m.lot_result
	where (cardinality($1::int[]) = 0 or supplier_id = any($1)) and at >= $2 and not void and what in ('accepted','refused')`

const sqlAnswers = `select o.supplier_id as supplier, f.at, v.sent_at from (select order_id, version, min(at) as at from c2m.answer group by order_id, version) f
	join c2m.order_version v on v.order_id = f.order_id and v.version = f.version join c2m.factory_order o on o.id = f.order_id
	where (cardinality($1::int[]) = 0 or o.supplier_id = any($1)) and f.at >= $2`

// Records gives what the scorecards of suppliers (all, when none is named) are reckoned from, since a day.
func Records(ctx context.Context, q pgdb.Querier, of []catalog.SupplierID, since calendar.Day, zone *time.Location) (map[catalog.SupplierID]supplier.Records, error) {
	type lineRow struct {
		Supplier        catalog.SupplierID
		SKU             catalog.SKUID
		Promised, Came  json.RawMessage
		Price, Cheapest int64
	}
	out := map[catalog.SupplierID]supplier.Records{}
	lines, err := collect[lineRow](ctx, q, "lines of the scorecard", sqlLines, ids(of), since)
	if err != nil {
		return nil, err
	}
	for _, r := range lines {
		l := supplier.OrderLine{SKU: r.SKU, Price: r.Price, Cheapest: r.Cheapest}
		if err := json.Unmarshal(r.Promised, &l.Promised); err != nil {
			return nil, wrap(err, "lines of the scorecard")
		}
		if err := json.Unmarshal(r.Came, &l.Came); err != nil {
			return nil, wrap(err, "lines of the scorecard")
		}
		x := out[r.Supplier]
		x.Lines = append(x.Lines, l)
		out[r.Supplier] = x
	}
	return out, addLots(ctx, q, out, of, since.In(zone), zone)
}

func addLots(ctx context.Context, q pgdb.Querier, out map[catalog.SupplierID]supplier.Records, of []catalog.SupplierID, since time.Time, zone *time.Location) error {
	type lotRow struct {
		Supplier        catalog.SupplierID
		SKU             catalog.SKUID
		At              time.Time
		Accepted        bool
		Pieces          int64
		Sample, Defects int
	}
	lots, err := collect[lotRow](ctx, q, "lots of the scorecard", sqlLots, ids(of), since)
	if err != nil {
		return err
	}
	for _, r := range lots {
		x := out[r.Supplier]
		x.Lots = append(x.Lots, supplier.Lot{SKU: r.SKU, Day: calendar.Of(r.At, zone), Accepted: r.Accepted, Pieces: pieces(r.Pieces), Sample: r.Sample, Defects: r.Defects})
		out[r.Supplier] = x
	}
	type answerRow struct {
		Supplier catalog.SupplierID
		At       time.Time
		SentAt   time.Time
	}
	answers, err := collect[answerRow](ctx, q, "answers of the scorecard", sqlAnswers, ids(of), since)
	for _, r := range answers {
		x := out[r.Supplier]
		x.Answers = append(x.Answers, supplier.Answer{Day: calendar.Of(r.At, zone), Took: r.At.Sub(r.SentAt)})
		out[r.Supplier] = x
	}
	return err
}

// Share is a supplier's part of what is ordered of a SKU, in ten-thousandths.
type Share struct {
	SKU      catalog.SKUID
	Supplier catalog.SupplierID
	Code     string
	NameZH   string
	NameEN   string
	ShareBP  int
	Price    money.Fen // of the terms at the minimum
	Backup   bool
	Active   bool
	Banned   string
	At       *time.Time
	ByName   string
	Set      bool
}

const sqlShares = `select t.sku_id as sku, t.supplier_id as supplier, s.code, s.name_zh, s.name_en, coalesce(h.share_bp, 0) as share_bp,
		coalesce((t.breaks -> 0 ->> 'price')::bigint, 0) as price, t.backup, s.active, s.banned, h.at, coalesce(h.by_name, '') as by_name, h.sku_id is not null as set
	from catalog.term t join catalog.supplier s on s.id = t.supplier_id left join c2m.share h on h.sku_id = t.sku_id and h.supplier_id = t.supplier_id
	where t.sku_id = any($1) order by t.sku_id, t.backup, s.code`

// Shares gives the suppliers of SKUs with their shares; where none is set all are 0 and Set is false.
func Shares(ctx context.Context, q pgdb.Querier, of ...catalog.SKUID) ([]Share, error) {
	return collect[Share](ctx, q, "shares", sqlShares, skus(of))
}

// Quota is a supplier's share of a SKU, in ten-thousandths, and what was ordered of the SKU from it since a moment.
type Quota struct {
	SKU      catalog.SKUID
	Supplier catalog.SupplierID
	ShareBP  int
	Given    quantity.Pieces
}

const sqlQuotas = `select h.sku_id as sku, h.supplier_id as supplier, h.share_bp, coalesce((select sum(case when o.state = 'closed' then l.came else l.pieces end)
			from c2m.order_line l join c2m.factory_order o on o.id = l.order_id
			where l.sku_id = h.sku_id and o.supplier_id = h.supplier_id and o.state <> 'cancelled' and o.created_at >= $2), 0)::bigint as given
	from c2m.share h where h.sku_id = any($1) order by 1, 2`

// Quotas gives the shares that are set of SKUs, with what was ordered from each supplier since a moment: drafts count, what was closed counts as
// far as it came.
func Quotas(ctx context.Context, q pgdb.Querier, of []catalog.SKUID, since time.Time) ([]Quota, error) {
	return collect[Quota](ctx, q, "quotas", sqlQuotas, skus(of), since)
}

const sqlSharedSKUs = `select t.sku_id from catalog.term t where t.supplier_id = $1 and (select count(*) from catalog.term o where o.sku_id = t.sku_id) > 1 order by 1 limit $2`

// SharedSKUs gives the SKUs of a supplier that others make too.
func SharedSKUs(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, limit int) ([]catalog.SKUID, error) {
	rows, err := q.Query(ctx, sqlSharedSKUs, id, limit)
	if err != nil {
		return nil, wrap(err, "shared goods")
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SKUID])
	return out, wrap(err, "shared goods")
}

const sqlSaveShare = `insert into c2m.share (sku_id, supplier_id, share_bp, why, at, by_name) values ($1, $2, $3, $4, $5, $6)
	on conflict (sku_id, supplier_id) do update set share_bp = excluded.share_bp, why = excluded.why, at = excluded.at, by_name = excluded.by_name`

// SaveShares stores the shares of a SKU's suppliers with what they rest on.
func SaveShares(ctx context.Context, tx pgx.Tx, sku catalog.SKUID, moves []supplier.Move, points []int, by string, now time.Time) error {
	b := &pgx.Batch{}
	for i, m := range moves {
		b.Queue(sqlSaveShare, sku, m.Supplier, points[i], m, now, by)
	}
	return wrap(tx.SendBatch(ctx, b).Close(), "save shares")
}

const sqlOpenCards = `select distinct supplier_id from c2m.card where ended_at is null and kind in ('red','ban')`

// RedCards gives the suppliers that hold a red card or a ban.
func RedCards(ctx context.Context, q pgdb.Querier) (map[catalog.SupplierID]bool, error) {
	rows, err := q.Query(ctx, sqlOpenCards)
	if err != nil {
		return nil, wrap(err, "red cards")
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SupplierID])
	out := map[catalog.SupplierID]bool{}
	for _, id := range all {
		out[id] = true
	}
	return out, wrap(err, "red cards")
}
