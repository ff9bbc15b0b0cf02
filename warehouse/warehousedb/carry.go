package warehousedb

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// Shipments are locked before positions: a wave that is released meanwhile waits until the pieces stand where they go.
const sqlLockCarried = `select h.id from warehouse.shipment h where h.state in ('waiting','ready') and h.id in (
		select a.shipment_id from warehouse.allocation a join warehouse.position p on p.id = a.position_id join warehouse.lot l on l.id = p.lot_id
		where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.owner = $5 and p.status = $6 and a.state = 'reserved')
	order by h.id for update`

const sqlCarried = `select id, pieces from warehouse.allocation where position_id = $1 and state = 'reserved' and shipment_id = any($2) order by id for update`

const sqlCarryAllocations = `update warehouse.allocation set position_id = $2 where id = any($1)`

// Carry moves pieces from one place to another of the same goods and status, within the operation: free ones first, then those
// promised to orders that no wave has taken up, with their promises. It gives how many of them were promised.
// *warehouse.ShortError when fewer stand there, *warehouse.InPickingError when a wave needs them where they are.
func Carry(ctx context.Context, tx pgx.Tx, op uuid.UUID, from, to warehouse.Place, n quantity.Pieces) (promised quantity.Pieces, err error) {
	shipments, err := ints(tx.Query(ctx, sqlLockCarried, from.Site, from.Bin, from.SKU, from.Lot, from.Owner, from.Status))
	if err != nil {
		return 0, err
	}
	known, err := LockFree(ctx, tx, from)
	if err != nil {
		return 0, err
	}
	at, err := lock(ctx, tx, []warehouse.Count{{Place: from}, {Place: to}})
	if err != nil {
		return 0, err
	}
	onHand := quantity.Pieces(at[0].OnHand)
	if onHand < n {
		return 0, &warehouse.ShortError{Place: from, Want: n, Have: onHand}
	}
	free := min(n, known)
	rest := n - free
	ids, taken, err := carried(ctx, tx, at[0].ID, shipments, rest)
	if err != nil {
		return 0, err
	}
	if taken < rest {
		return 0, &warehouse.InPickingError{Place: from, Want: n, Free: known + taken, Picking: onHand - known - taken}
	}
	var moves []warehouse.Move
	if free > 0 {
		moves = append(moves, warehouse.Move{From: &from, To: &to, Pieces: free})
	}
	if rest > 0 {
		moves = append(moves, warehouse.Move{From: &from, To: &to, Pieces: rest, FromReserved: true, ToReserved: true})
	}
	if _, err := Post(ctx, tx, op, moves); err != nil {
		return 0, err
	}
	if rest > 0 {
		if _, err := tx.Exec(ctx, sqlCarryAllocations, ids, at[1].ID); err != nil {
			return 0, fmt.Errorf("warehousedb: carry promises: %w", err)
		}
	}
	return rest, nil
}

// carried picks promises that add up to n pieces, the last one split where it is more.
func carried(ctx context.Context, tx pgx.Tx, position int64, shipments []int64, n quantity.Pieces) (ids []int64, taken quantity.Pieces, err error) {
	if n == 0 || len(shipments) == 0 {
		return nil, 0, nil
	}
	rows, err := tx.Query(ctx, sqlCarried, position, shipments)
	if err != nil {
		return nil, 0, fmt.Errorf("warehousedb: promises of a position: %w", err)
	}
	type promise struct {
		ID     int64
		Pieces quantity.Pieces
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[promise])
	if err != nil {
		return nil, 0, fmt.Errorf("warehousedb: promises of a position: %w", err)
	}
	for _, a := range all {
		if taken == n {
			break
		}
		if a.Pieces > n-taken {
			if a.ID, err = SplitAllocation(ctx, tx, a.ID, n-taken); err != nil {
				return nil, 0, err
			}
			a.Pieces = n - taken
		}
		ids, taken = append(ids, a.ID), taken+a.Pieces
	}
	return ids, taken, nil
}

func ints(rows pgx.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: shipments: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

type shelfRow struct {
	binRow
	UsedML int64
	UsedG  int64
	SKUs   []catalog.SKUID
	Lots   []string
	Pieces []quantity.Pieces
}

// Bins that could take the goods: those that hold them already, the empty ones, and those that mix. The nearest few hundred of
// the class are enough to choose from.
const sqlShelves = `select` + binColumns + `, coalesce(c.used_ml, 0)::bigint as used_ml, coalesce(c.used_g, 0)::bigint as used_g, coalesce(c.skus, '{}') as skus,
		coalesce(c.lots, '{}') as lots, coalesce(c.pieces, '{}') as pieces
	from warehouse.bin b left join (
		select p.bin, sum(p.on_hand * s.volume_ml) as used_ml, sum(p.on_hand * s.weight_grams) as used_g, array_agg(p.sku_id) as skus, array_agg(l.code) as lots,
			array_agg(p.on_hand) as pieces, bool_or(p.sku_id = $2) as same
		from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
		where p.site_id = $1 and p.on_hand > 0 group by p.bin) c on c.bin = b.code
	where b.site_id = $1 and b.active and b.kind in ('reserve','pick') and b.temperature = $3 and (c.bin is null or c.same or b.mixed_skus)
		and not (c.bin is null and exists (select from warehouse.pick_face f where f.site_id = $1 and f.bin = b.code and f.sku_id <> $2))
	order by coalesce(c.same, false) desc, abs(ascii(b.velocity) - ascii($4)), b.zone, b.aisle, b.bay, b.level limit 400`

const sqlShelf = `select` + binColumns + `, coalesce(c.used_ml, 0)::bigint as used_ml, coalesce(c.used_g, 0)::bigint as used_g, coalesce(c.skus, '{}') as skus,
		coalesce(c.lots, '{}') as lots, coalesce(c.pieces, '{}') as pieces
	from warehouse.bin b left join (
		select sum(p.on_hand * s.volume_ml) as used_ml, sum(p.on_hand * s.weight_grams) as used_g, array_agg(p.sku_id) as skus, array_agg(l.code) as lots,
			array_agg(p.on_hand) as pieces
		from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
		where p.site_id = $1 and p.bin = $2 and p.on_hand > 0) c on true
	where b.site_id = $1 and b.code = $2`

// Shelf is a bin with what stands in it.
type Shelf struct {
	Bin               warehouse.Bin
	UsedML, UsedGrams int64
	SKUs              []catalog.SKUID
	Lots              []string
	Pieces            []quantity.Pieces
}

// Shelves gives bins that goods of a temperature and class could go to.
func Shelves(ctx context.Context, q pgdb.Querier, site catalog.SiteID, sku catalog.SKUID, t catalog.Temperature, class string) ([]Shelf, error) {
	return shelves(q.Query(ctx, sqlShelves, site, sku, t, class))
}

// ShelfOf gives one bin with what stands in it. *warehouse.UnknownBinError.
func ShelfOf(ctx context.Context, q pgdb.Querier, site catalog.SiteID, code string) (Shelf, error) {
	found, err := shelves(q.Query(ctx, sqlShelf, site, code))
	if err != nil {
		return Shelf{}, err
	}
	if len(found) == 0 {
		return Shelf{}, &warehouse.UnknownBinError{Site: site, Code: code}
	}
	return found[0], nil
}

func shelves(rows pgx.Rows, err error) ([]Shelf, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: shelves: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Shelf, error) {
		r, err := pgx.RowToStructByName[shelfRow](row)
		return Shelf{Bin: r.bin(), UsedML: r.UsedML, UsedGrams: r.UsedG, SKUs: r.SKUs, Lots: r.Lots, Pieces: r.Pieces}, err
	})
}

const sqlClassOf = `select coalesce((select class from warehouse.sku_class where site_id = $1 and sku_id = $2),
	(select min(b.velocity) from warehouse.pick_face f join warehouse.bin b on b.site_id = f.site_id and b.code = f.bin where f.site_id = $1 and f.sku_id = $2), 'C')`

// ClassOf gives the walking class of a SKU at a site: by its picks, else that of its pick face, else C.
func ClassOf(ctx context.Context, q pgdb.Querier, site catalog.SiteID, sku catalog.SKUID) (class string, err error) {
	err = q.QueryRow(ctx, sqlClassOf, site, sku).Scan(&class)
	return class, err
}

const sqlToPutAway = `select p.bin, p.sku_id, l.code, l.produced, l.expiry, p.owner, p.status, p.on_hand, p.reserved,
		coalesce((select d.number from warehouse.arrival a join warehouse.delivery d on d.id = a.delivery_id where a.sku_id = p.sku_id and a.lot = l.code and a.bin = p.bin
			and d.site_id = p.site_id and a.undone_by is null order by a.id desc limit 1), ''),
		coalesce((select max(o.at) from warehouse.entry e join warehouse.operation o on o.id = e.operation_id where e.to_position = p.id), now())
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin
	where p.site_id = $1 and p.on_hand > 0 and (b.kind in ('dock','inspect','returns') and p.status = 'available'
		or b.kind in ('dock','inspect') and p.status = 'damaged')
	order by p.reserved > 0 desc, l.expiry nulls last, p.bin, p.sku_id limit $2`

// ToPutAway gives the goods that wait to be put away, those that orders wait for first.
func ToPutAway(ctx context.Context, q pgdb.Querier, site catalog.SiteID, limit int) ([]warehouse.PutTask, error) {
	rows, err := q.Query(ctx, sqlToPutAway, site, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods to put away: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t warehouse.PutTask, err error) {
		err = row.Scan(&t.From, &t.Ware.SKU, &t.Lot.Code, &t.Lot.Produced, &t.Lot.Expiry, &t.Owner, &t.Status, &t.Pieces, &t.Reserved, &t.Delivery, &t.Since)
		return t, err
	})
}
