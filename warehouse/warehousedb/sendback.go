package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// SupplierAddress is who goods go back to.
type SupplierAddress struct {
	Code, Contact, Phone string
	Name, City           catalog.Name
}

const sqlSupplierAddress = `select code, contact, phone, name_zh, name_en, city_zh, city_en from catalog.supplier where id = $1`

// Supplier gives the address of a supplier; pgx.ErrNoRows where there is none.
func Supplier(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (s SupplierAddress, err error) {
	err = q.QueryRow(ctx, sqlSupplierAddress, int32(id)).Scan(&s.Code, &s.Contact, &s.Phone, &s.Name.ZH, &s.Name.EN, &s.City.ZH, &s.City.EN)
	return s, err
}

const sqlPurchasePrices = `select sku_id, coalesce((breaks->0->>'price')::bigint, 0) from catalog.term where supplier_id = $1 and sku_id = any($2)`

// PurchasePrices gives what a piece of the SKUs costs at a supplier by its terms; SKUs without terms are absent.
func PurchasePrices(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus []int32) (map[catalog.SKUID]money.Fen, error) {
	rows, err := q.Query(ctx, sqlPurchasePrices, int32(supplier), skus)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: purchase prices: %w", err)
	}
	out := map[catalog.SKUID]money.Fen{}
	var sku int32
	var fen int64
	if _, err := pgx.ForEachRow(rows, []any{&sku, &fen}, func() error { out[catalog.SKUID(sku)] = money.Fen(fen); return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: purchase prices: %w", err)
	}
	return out, nil
}

const (
	sqlSendBackShipment = `insert into warehouse.shipment (outbound_id, site_id, state, carrier, cold, partial, ready_at) values ($1, $2, 'ready', $3, $4, true, $5) returning id`
	sqlSendBackOrder    = `update warehouse.outbound set state = 'waiting', supplier_id = $2 where id = $1`
	sqlSendBackLines    = `update warehouse.outbound_line set site_id = $2, state = 'allocated', allocated = pieces, queued_at = $3 where outbound_id = $1`
	sqlSendBackPromise  = `insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at, shipment_id)
		select $1, d.n, $2, p.sku_id, p.id, d.c, $3, $4 from unnest($5::int[], $6::bigint[], $7::bigint[]) as d (n, id, c) join warehouse.position p on p.id = d.id`
	sqlSendBackReserve = `update warehouse.position p set reserved = p.reserved + d.c from (select id, sum(c) as c from unnest($1::bigint[], $2::bigint[]) as d (id, c) group by 1) d where p.id = d.id`
	sqlSendBackRow     = `insert into warehouse.supplier_return (number, inspection_id, site_id, supplier_id, sku_id, lot, pieces, reason, at, actor, operation_id, outbound_id, line_no, status, owner,
			unit_cost_fen, bearer, carriage_fen, state)
		select $1, $2, $3, $4, d.sku, d.lot, d.pieces, $5, $6, $7, $8, $9, d.no, d.status, d.owner, d.cost, $10, case d.no when 1 then $11 else 0 end, 'open'
		from unnest($12::int[], $13::int[], $14::text[], $15::bigint[], $16::text[], $17::text[], $18::bigint[]) as d (no, sku, lot, pieces, status, owner, cost)`
)

// PromisedPlace is a position of which pieces go back, for a line of the order.
type PromisedPlace struct {
	Line     int
	Position int64
	Pieces   quantity.Pieces
}

// SendBackDraft is a return to a supplier as it is stored, besides its order.
type SendBackDraft struct {
	warehouse.SendBack
	Number     string
	Outbound   warehouse.OutboundID
	Inspection *int64
	Cold       bool
	Promises   []PromisedPlace
	Op         uuid.UUID
	At         time.Time
	By         string
}

// InsertSendBack stores a return to a supplier whose order has been inserted: a shipment that is ready for a wave, and its promises. The
// positions are locked.
func InsertSendBack(ctx context.Context, tx pgx.Tx, d SendBackDraft) error {
	fail := func(err error) error { return fmt.Errorf("warehousedb: return to a supplier: %w", err) }
	if _, err := tx.Exec(ctx, sqlSendBackOrder, int64(d.Outbound), int32(d.Supplier)); err != nil {
		return fail(err)
	}
	if _, err := tx.Exec(ctx, sqlSendBackLines, int64(d.Outbound), int32(d.Site), d.At); err != nil {
		return fail(err)
	}
	var shipment int64
	if err := tx.QueryRow(ctx, sqlSendBackShipment, int64(d.Outbound), int32(d.Site), d.Carrier, d.Cold, d.At).Scan(&shipment); err != nil {
		return fail(err)
	}
	var lines []int32
	var positions, pieces []int64
	for _, p := range d.Promises {
		lines, positions, pieces = append(lines, int32(p.Line)), append(positions, p.Position), append(pieces, int64(p.Pieces))
	}
	if _, err := tx.Exec(ctx, sqlSendBackReserve, positions, pieces); err != nil {
		return fail(err)
	}
	if _, err := tx.Exec(ctx, sqlSendBackPromise, int64(d.Outbound), int32(d.Site), d.At, shipment, lines, positions, pieces); err != nil {
		return fail(err)
	}
	var nos, skus []int32
	var lots, statuses, owners []string
	var wanted, costs []int64
	for i, l := range d.Lines {
		nos, skus, lots, wanted = append(nos, int32(i+1)), append(skus, int32(l.Place.SKU)), append(lots, l.Place.Lot), append(wanted, int64(l.Pieces))
		statuses, owners, costs = append(statuses, string(l.Place.Status)), append(owners, l.Place.Owner), append(costs, int64(l.UnitCost))
	}
	if _, err := tx.Exec(ctx, sqlSendBackRow, d.Number, d.Inspection, int32(d.Site), int32(d.Supplier), d.Reason, d.At, d.By, d.Op, int64(d.Outbound), string(d.Bearer), int64(d.Carriage),
		nos, skus, lots, wanted, statuses, owners, costs); err != nil {
		return fail(err)
	}
	return nil
}

const (
	sqlSendBackGone = `update warehouse.supplier_return set state = 'sent', closed_at = $2 where outbound_id = any($1) and state = 'open'`
	// What does not go back is held again for a decision.
	sqlSendBackOff = `with r as (update warehouse.supplier_return r set state = 'cancelled', closed_at = $2 where r.outbound_id = $1 and r.state = 'open' returning r.inspection_id, r.pieces)
		update warehouse.inspection i set returned = i.returned - t.n from (select inspection_id, sum(pieces) as n from r where inspection_id is not null group by 1) t where i.id = t.inspection_id`
	sqlSendBackLess = `with r as (update warehouse.supplier_return r set pieces = case when r.pieces > $3 then r.pieces - $3 else r.pieces end,
			state = case when r.pieces > $3 then r.state else 'cancelled' end where r.outbound_id = $1 and r.line_no = $2 and r.state = 'open' returning r.inspection_id)
		update warehouse.inspection i set returned = i.returned - $3 from r where i.id = r.inspection_id`
)

// SendBackGone notes that orders with goods for suppliers were handed over.
func SendBackGone(ctx context.Context, tx pgx.Tx, outbounds []int64, at time.Time) error {
	if _, err := tx.Exec(ctx, sqlSendBackGone, outbounds, at); err != nil {
		return fmt.Errorf("warehousedb: goods for suppliers are gone: %w", err)
	}
	return nil
}

// SendBackOff takes a return to a supplier back with its order.
func SendBackOff(ctx context.Context, tx pgx.Tx, id warehouse.OutboundID, at time.Time) error {
	if _, err := tx.Exec(ctx, sqlSendBackOff, int64(id), at); err != nil {
		return fmt.Errorf("warehousedb: take a return to a supplier back: %w", err)
	}
	return nil
}

// SendBackLess takes pieces that were not found off a return to a supplier.
func SendBackLess(ctx context.Context, tx pgx.Tx, outbound int64, line int, pieces quantity.Pieces) error {
	if _, err := tx.Exec(ctx, sqlSendBackLess, outbound, line, int64(pieces)); err != nil {
		return fmt.Errorf("warehousedb: a return to a supplier gets less: %w", err)
	}
	return nil
}

const sentBackColumns = `select r.number, coalesce(r.outbound_id, 0), coalesce(o.state, ''), r.site_id, w.code, w.name_zh, w.name_en, coalesce(r.supplier_id, 0), coalesce(s.code, ''), coalesce(s.name_zh, ''),
		coalesce(s.name_en, ''), coalesce(s.contact, ''), coalesce(s.phone, ''), coalesce(r.inspection_id, 0), r.reason, r.bearer, r.carriage_fen, r.state, r.at, r.actor, r.closed_at,
		coalesce((select min(h.carrier) from warehouse.shipment h where h.outbound_id = r.outbound_id), ''),
		coalesce((select array_agg(p.number order by p.id) from warehouse.parcel p join warehouse.shipment h on h.id = p.shipment_id where h.outbound_id = r.outbound_id and p.state <> 'opened'), '{}'),
		r.sku_id, r.lot, t.expiry, r.status, r.owner, r.pieces, coalesce(l.shipped, r.pieces), r.unit_cost_fen,
		coalesce((select string_agg(distinct p.bin, ' ') from warehouse.allocation a join warehouse.position p on p.id = a.position_id where a.outbound_id = r.outbound_id and a.line_no = r.line_no and a.state <> 'released'), '')
	from warehouse.supplier_return r join catalog.site w on w.id = r.site_id left join catalog.supplier s on s.id = r.supplier_id left join warehouse.outbound o on o.id = r.outbound_id
	left join warehouse.outbound_line l on l.outbound_id = r.outbound_id and l.no = r.line_no left join warehouse.lot t on t.sku_id = r.sku_id and t.code = r.lot`

const (
	sqlSentBacks = sentBackColumns + ` where r.site_id = any($1) and ($2 = '' or r.state = $2) and ($3 = 0 or r.supplier_id = $3)
		and r.number in (select x.number from warehouse.supplier_return x where x.site_id = any($1) and ($2 = '' or x.state = $2) and ($3 = 0 or x.supplier_id = $3) group by x.number order by max(x.id) desc limit $4)
		order by r.at desc, r.number desc, r.line_no nulls first`
	sqlSentBack = sentBackColumns + ` where r.number = $1 order by r.line_no nulls first`
)

// SentBacks gives returns to suppliers of sites, the latest first; state "" and supplier 0 are all.
func SentBacks(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, state string, supplier catalog.SupplierID, limit int) ([]warehouse.SentBack, error) {
	return sentBacks(q.Query(ctx, sqlSentBacks, sites, state, int32(supplier), limit))
}

// SentBack gives a return to a supplier by its number. warehouse.ErrNoSendBack.
func SentBack(ctx context.Context, q pgdb.Querier, number string) (warehouse.SentBack, error) {
	all, err := sentBacks(q.Query(ctx, sqlSentBack, number))
	if err == nil && len(all) == 0 {
		err = warehouse.ErrNoSendBack
	}
	if err != nil {
		return warehouse.SentBack{}, err
	}
	return all[0], nil
}

func sentBacks(rows pgx.Rows, err error) ([]warehouse.SentBack, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: returns to suppliers: %w", err)
	}
	var out []warehouse.SentBack
	var s warehouse.SentBack
	var l warehouse.SentBackLine
	if _, err := pgx.ForEachRow(rows, []any{&s.Number, (*int64)(&s.Outbound), &s.OrderState, (*int32)(&s.Site), &s.SiteCode, &s.SiteName.ZH, &s.SiteName.EN, (*int32)(&s.Supplier), &s.SupplierCode,
		&s.SupplierName.ZH, &s.SupplierName.EN, &s.Contact, &s.Phone, &s.Inspection, &s.Reason, &s.Bearer, (*int64)(&s.Carriage), &s.State, &s.At, &s.By, &s.Closed, &s.Carrier, &s.Parcels,
		(*int32)(&l.Ware.SKU), &l.Lot, &l.Expiry, &l.Status, &l.Owner, (*int64)(&l.Pieces), (*int64)(&l.Sent), (*int64)(&l.UnitCost), &l.Bin}, func() error {
		if n := len(out); n == 0 || out[n-1].Number != s.Number {
			s.Lines = nil
			out = append(out, s)
			out[len(out)-1].Lines = nil
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, l)
		last.Carriage = max(last.Carriage, s.Carriage)
		s.Closed, l.Expiry, s.Parcels = nil, nil, nil
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: returns to suppliers: %w", err)
	}
	return out, nil
}

const sqlSendable = `select p.site_id, p.bin, p.sku_id, l.code, p.owner, p.status, l.expiry, p.on_hand - p.reserved,
		coalesce((select d.supplier_id from warehouse.arrival a join warehouse.delivery d on d.id = a.delivery_id where a.sku_id = p.sku_id and a.lot = l.code and d.supplier_id is not null order by a.id desc limit 1),
			(select t.supplier_id from catalog.term t where t.sku_id = p.sku_id order by t.backup, t.supplier_id limit 1), 0)
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id left join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
	where p.site_id = $1 and p.on_hand > p.reserved and p.status in ('held','damaged','returned') and coalesce(b.kind, '') <> 'tote' order by p.sku_id, l.code, p.bin limit $2`

// Sendable gives held, damaged and returned pieces of a site that nobody has reserved.
func Sendable(ctx context.Context, q pgdb.Querier, site catalog.SiteID, limit int) ([]warehouse.SendableGoods, error) {
	rows, err := q.Query(ctx, sqlSendable, int32(site), limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods that may go back: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g warehouse.SendableGoods, err error) {
		err = row.Scan((*int32)(&g.Place.Site), &g.Place.Bin, (*int32)(&g.Place.SKU), &g.Place.Lot, &g.Place.Owner, &g.Place.Status, &g.Expiry, (*int64)(&g.Free), (*int32)(&g.Supplier))
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods that may go back: %w", err)
	}
	return out, nil
}

// LockPlaces locks places in the order of their key, and gives their positions in the order asked.
func LockPlaces(ctx context.Context, tx pgx.Tx, places []warehouse.Place) ([]LotPosition, error) {
	counts := make([]warehouse.Count, len(places))
	for i, p := range places {
		counts[i] = warehouse.Count{Place: p}
	}
	got, err := lock(ctx, tx, counts)
	if err != nil {
		return nil, err
	}
	out := make([]LotPosition, len(got))
	for i, l := range got {
		out[i] = LotPosition{ID: l.ID, Place: places[i], OnHand: quantity.Pieces(l.OnHand), Reserved: quantity.Pieces(l.Reserved)}
	}
	return out, nil
}

const sqlSiteIDs = `select id from catalog.site order by id`

// SiteIDs gives every site.
func SiteIDs(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	rows, err := q.Query(ctx, sqlSiteIDs)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[catalog.SiteID])
}
