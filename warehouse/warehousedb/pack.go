package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

type packRow struct {
	ID        int64
	Outbound  int64
	Site      int32
	Number    string
	Channel   string
	Kind      string
	Tote      string
	Carrier   string
	Due       *time.Time
	State     string
	Cancelled bool
	Cold      bool
	Note      string
	Consignee string
}

const sqlPack = `select s.id, s.outbound_id as outbound, s.site_id as site, o.number, o.channel, o.kind, s.tote, s.carrier, s.cutoff_at as due, s.state,
		o.state = 'cancelled' as cancelled, s.cold, o.note, o.consignee
	from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id where s.id = $1`

// A weight that the benches have learned is better than the one in the catalog.
const sqlPackLines = `select` + goodsColumns + `, coalesce((select round(w.mean) from warehouse.sku_weight w where w.sku_id = k.id and w.n >= 5), k.weight_grams)::bigint as grams,
		l.code as lot, l.expiry, sum(a.pieces) filter (where a.state = 'picked')::bigint as want, sum(a.pieces) filter (where a.state = 'packed')::bigint as packed,
		coalesce((select sum(ol.pieces - ol.cancelled - ol.allocated) from warehouse.outbound_line ol where ol.outbound_id = a.outbound_id and ol.sku_id = k.id and ol.state = 'short'), 0)::bigint as short
	from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
	join catalog.sku k on k.id = a.sku_id join catalog.category c on c.id = k.category_id
	where a.shipment_id = $1 and a.state in ('picked','packed') group by k.id, c.id, l.id, a.outbound_id order by k.code, l.expiry nulls last, l.code`

type packLineRow struct {
	goodsRow
	Grams  int64
	Lot    string
	Expiry *calendar.Day
	Want   *int64
	Packed *int64
	Short  int64
}

// PackTask gives a shipment as the packing bench sees it; catalog.ErrUnknown where there is none.
func PackTask(ctx context.Context, q pgdb.Querier, shipment int64) (warehouse.PackTask, error) {
	rows, err := q.Query(ctx, sqlPack, shipment)
	if err != nil {
		return warehouse.PackTask{}, fmt.Errorf("warehousedb: shipment to pack: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[packRow])
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("warehousedb: shipment %d: %w", shipment, catalog.ErrUnknown)
	}
	if err != nil {
		return warehouse.PackTask{}, err
	}
	t := warehouse.PackTask{Kind: "pack", ID: r.ID, Site: r.Site, Order: r.Number, Channel: r.Channel, Tote: r.Tote, Carrier: r.Carrier, Due: r.Due, State: r.State,
		Cancelled: r.Cancelled, Cold: r.Cold, Note: r.Note, Consignee: r.Consignee, Lines: []warehouse.PackLine{}, Boxes: warehouse.Boxes()}
	if rows, err = q.Query(ctx, sqlPackLines, shipment); err != nil {
		return t, fmt.Errorf("warehousedb: lines to pack: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[packLineRow])
	if err != nil {
		return t, err
	}
	for _, l := range lines {
		if n := len(t.Lines); n == 0 || t.Lines[n-1].Goods.ID != l.SKUID {
			g := l.goods()
			g.Grams = l.Grams
			t.Lines = append(t.Lines, warehouse.PackLine{Goods: g, Short: quantity.Pieces(l.Short), Lots: []warehouse.PackLot{}})
		}
		last := &t.Lines[len(t.Lines)-1]
		last.Want, last.Packed = last.Want+pieces(l.Want), last.Packed+pieces(l.Packed)
		if l.Want != nil {
			last.Lots = append(last.Lots, warehouse.PackLot{Lot: l.Lot, Expiry: dayText(l.Expiry), Pieces: pieces(l.Want)})
		}
	}
	kept := t.Lines[:0]
	for _, l := range t.Lines {
		if l.Want > 0 {
			kept = append(kept, l)
		}
	}
	t.Lines = kept
	t.Parcels, err = ShipmentParcels(ctx, q, shipment)
	return t, err
}

func pieces(n *int64) quantity.Pieces {
	if n == nil {
		return 0
	}
	return quantity.Pieces(*n)
}

const sqlToPack = `select s.id from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
	where s.site_id = $1 and (s.tote = $2 and s.state = 'picked' or o.number = $2 and s.state in ('picked','packed')
		or s.id = (select p.shipment_id from warehouse.parcel p where p.number = $2 and p.site_id = $1))
	order by s.cutoff_at nulls last, o.priority desc, s.id limit 200`

// ToPack gives the shipments at a site that a tote holds, or that an order's or parcel's number leads to, most urgent first.
func ToPack(ctx context.Context, q pgdb.Querier, site catalog.SiteID, code string) ([]int64, error) {
	rows, err := q.Query(ctx, sqlToPack, site, code)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: to pack: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

const sqlToteHas = `select a.shipment_id, k.code, k.gtin from warehouse.allocation a join catalog.sku k on k.id = a.sku_id join warehouse.shipment s on s.id = a.shipment_id
	where a.shipment_id = any($1) and a.state = 'picked' order by s.cutoff_at nulls last, a.shipment_id`

// Held is a kind of goods that a shipment has picked.
type Held struct {
	Shipment   int64
	Code, GTIN string
}

// HeldBy gives the goods of shipments, most urgent first.
func HeldBy(ctx context.Context, q pgdb.Querier, shipments []int64) ([]Held, error) {
	rows, err := q.Query(ctx, sqlToteHas, shipments)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Held])
}

const sqlLockShipmentOutbound = `select id from warehouse.outbound where id = any(select outbound_id from warehouse.shipment where id = any($1)) order by id for no key update`
const sqlLockShipmentLines = `select outbound_id, no from warehouse.outbound_line where outbound_id = any(select outbound_id from warehouse.shipment where id = any($1))
	order by outbound_id, no for no key update`
const sqlLockToPack = `select id from warehouse.shipment where id = any($1) order by id for no key update`

// LockToPack locks shipments with their orders and lines, in the order of the house.
func LockToPack(ctx context.Context, tx pgx.Tx, ids []int64) error {
	for _, sql := range []string{sqlLockShipmentOutbound, sqlLockShipmentLines, sqlLockToPack} {
		if _, err := tx.Exec(ctx, sql, ids); err != nil {
			return fmt.Errorf("warehousedb: lock shipments: %w", err)
		}
	}
	return nil
}

// Taken is an allocation with where its pieces stand.
type Taken struct {
	Allocation int64
	Shipment   int64
	Outbound   int64
	LineNo     int
	SKU        catalog.SKUID
	Pieces     int64
	State      string
	Site       catalog.SiteID
	Bin        string
	Lot        string
	Owner      string
	Status     warehouse.Status
	Kind       string
	ToSite     *catalog.SiteID
	FirstBin   string // where a picker took it from
}

// At is the place of the pieces.
func (s Taken) At() warehouse.Place {
	return warehouse.Place{Site: s.Site, Bin: s.Bin, SKU: s.SKU, Lot: s.Lot, Owner: s.Owner, Status: s.Status}
}

const sqlTaken = `select a.id as allocation, a.shipment_id as shipment, a.outbound_id as outbound, a.line_no, a.sku_id as sku, a.pieces, a.state, p.site_id as site, p.bin,
		l.code as lot, p.owner, p.status, o.kind, o.to_site,
		coalesce((select st.bin from warehouse.pick_stop st where st.allocation_id = a.id and st.state = 'picked' limit 1), '') as first_bin
	from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
	join warehouse.outbound o on o.id = a.outbound_id`

const sqlTakenOf = sqlTaken + ` where a.shipment_id = $1 and a.state = any($2) order by a.sku_id, l.expiry nulls last, a.id for update of a`

// TakenOf locks and gives the allocations of a shipment in these states, what expires first in front.
func TakenOf(ctx context.Context, tx pgx.Tx, shipment int64, states ...string) ([]Taken, error) {
	return taken(tx.Query(ctx, sqlTakenOf, shipment, states))
}

const sqlTakenIn = sqlTaken + ` join warehouse.parcel_item i on i.allocation_id = a.id where i.parcel_id = any($1) and a.state = 'packed' order by a.id for update of a`

// TakenIn locks and gives the allocations that parcels hold.
func TakenIn(ctx context.Context, tx pgx.Tx, parcels []int64) ([]Taken, error) {
	return taken(tx.Query(ctx, sqlTakenIn, parcels))
}

func taken(rows pgx.Rows, err error) ([]Taken, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: allocations: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Taken])
}

const sqlNextParcel = `select nextval(pg_get_serial_sequence('warehouse.parcel', 'id'))`

const sqlInsertParcel = `insert into warehouse.parcel (id, number, shipment_id, site_id, bin, box, weight_grams, expected_grams, weight_reason, op, packed_at, packed_by)
	overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// NewParcel is a parcel to be kept.
type NewParcel struct {
	Shipment              int64
	Site                  catalog.SiteID
	Bin, Box, Reason      string
	Weight, ExpectedGrams int64
	Op                    uuid.UUID
	At                    time.Time
	By                    string
}

// AddParcel keeps a parcel and gives its id.
func AddParcel(ctx context.Context, tx pgx.Tx, p NewParcel) (id int64, err error) {
	if err := tx.QueryRow(ctx, sqlNextParcel).Scan(&id); err != nil {
		return 0, fmt.Errorf("warehousedb: number a parcel: %w", err)
	}
	_, err = tx.Exec(ctx, sqlInsertParcel, id, warehouse.ParcelNumber(id), p.Shipment, p.Site, p.Bin, p.Box, p.Weight, p.ExpectedGrams, p.Reason, p.Op, p.At, p.By)
	if err != nil {
		return 0, fmt.Errorf("warehousedb: parcel: %w", err)
	}
	return id, nil
}

const sqlInsertItems = `insert into warehouse.parcel_item (parcel_id, allocation_id, pieces) select $1, a, n from unnest($2::bigint[], $3::bigint[]) as t (a, n)`

// FillParcel writes what is in a parcel.
func FillParcel(ctx context.Context, tx pgx.Tx, parcel int64, allocations, pieces []int64) error {
	if _, err := tx.Exec(ctx, sqlInsertItems, parcel, allocations, pieces); err != nil {
		return fmt.Errorf("warehousedb: content of a parcel: %w", err)
	}
	return nil
}

const sqlPackedShipment = `update warehouse.shipment s set state = 'packed', packed_at = $2 where s.id = $1 and s.state in ('picking','picked')
	and not exists (select from warehouse.allocation a where a.shipment_id = s.id and a.state in ('reserved','picked'))`

const sqlPackedOutbound = `update warehouse.outbound o set state = 'packed' where o.id = (select outbound_id from warehouse.shipment where id = $1) and o.state = 'picking'
	and not exists (select from warehouse.shipment s where s.outbound_id = o.id and s.state not in ('packed','handed_over','cancelled'))`

// PackShipment marks a shipment whose last piece is in a parcel; true where it now is.
func PackShipment(ctx context.Context, tx pgx.Tx, shipment int64, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlPackedShipment, shipment, at)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, sqlPackedOutbound, shipment)
	return true, err
}

const sqlUnpackShipment = `update warehouse.shipment set state = 'picked', packed_at = null where id = $1 and state = 'packed'`
const sqlUnpackOutbound = `update warehouse.outbound set state = 'picking' where state = 'packed' and id = (select outbound_id from warehouse.shipment where id = $1)`

// UnpackShipment brings a shipment back to the bench.
func UnpackShipment(ctx context.Context, tx pgx.Tx, shipment int64) error {
	if _, err := tx.Exec(ctx, sqlUnpackShipment, shipment); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlUnpackOutbound, shipment)
	return err
}

const sqlSetParcel = `update warehouse.parcel set state = $2, manifest_id = $3, loaded_at = $4 where id = any($1)`

// SetParcels writes the state of parcels, and the manifest that they stand on.
func SetParcels(ctx context.Context, tx pgx.Tx, ids []int64, state string, manifest *int64, loaded *time.Time) error {
	_, err := tx.Exec(ctx, sqlSetParcel, ids, state, manifest, loaded)
	return err
}

const sqlCancelShipment = `update warehouse.shipment s set state = 'cancelled' where s.id = $1
	and not exists (select from warehouse.allocation a where a.shipment_id = s.id and a.state in ('reserved','picked','packed'))`

// CancelShipment ends a shipment of which nothing is left.
func CancelShipment(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, sqlCancelShipment, id)
	return err
}

const sqlSKUWeight = `select n, mean, m2 from warehouse.sku_weight where sku_id = $1 for update`
const sqlLearnWeight = `insert into warehouse.sku_weight (sku_id, n, mean, m2) values ($1, $2, $3, $4)
	on conflict (sku_id) do update set n = excluded.n, mean = excluded.mean, m2 = excluded.m2`

// LearnedWeight gives what the benches know of the weight of one piece: number, mean and sum of squared differences.
func LearnedWeight(ctx context.Context, tx pgx.Tx, sku catalog.SKUID) (n int64, mean, m2 float64, err error) {
	err = tx.QueryRow(ctx, sqlSKUWeight, sku).Scan(&n, &mean, &m2)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, 0, nil
	}
	return n, mean, m2, err
}

// LearnWeight keeps it.
func LearnWeight(ctx context.Context, tx pgx.Tx, sku catalog.SKUID, n int64, mean, m2 float64) error {
	_, err := tx.Exec(ctx, sqlLearnWeight, sku, n, mean, m2)
	return err
}
