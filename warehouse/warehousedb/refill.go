package warehousedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlStanding = `select p.on_hand from warehouse.position p join warehouse.lot l on l.id = p.lot_id
	where p.site_id = $1 and p.bin = $2 and p.sku_id = $3 and l.code = $4 and p.owner = $5 and p.status = $6`

// Standing gives how many pieces stand at a place, reserved ones included.
func Standing(ctx context.Context, q pgdb.Querier, p warehouse.Place) (n quantity.Pieces, err error) {
	err = q.QueryRow(ctx, sqlStanding, p.Site, p.Bin, p.SKU, p.Lot, p.Owner, p.Status).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

const sqlFacesOf = `select site_id, sku_id, bin, min_pieces, max_pieces from warehouse.pick_face where site_id = $1 and ($2 = 0 or sku_id = $2) order by bin`

// FacesOf gives the pick faces of a SKU at a site (0: of all SKUs), by bin.
func FacesOf(ctx context.Context, q pgdb.Querier, site catalog.SiteID, sku catalog.SKUID) (map[string]warehouse.PickFace, error) {
	rows, err := q.Query(ctx, sqlFacesOf, site, sku)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: pick faces: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.PickFace])
	out := make(map[string]warehouse.PickFace, len(all))
	for _, f := range all {
		out[f.Bin] = f
	}
	return out, err
}

const sqlSaveFaces = `insert into warehouse.pick_face (site_id, sku_id, bin, min_pieces, max_pieces)
	select * from unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::bigint[])
	on conflict (site_id, sku_id, bin) do update set min_pieces = excluded.min_pieces, max_pieces = excluded.max_pieces`

// SaveFaces stores pick faces.
func SaveFaces(ctx context.Context, tx pgx.Tx, list []warehouse.PickFace) error {
	type f = warehouse.PickFace
	_, err := tx.Exec(ctx, sqlSaveFaces, column(list, func(x f) int32 { return int32(x.Site) }), column(list, func(x f) int32 { return int32(x.SKU) }),
		column(list, func(x f) string { return x.Bin }), column(list, func(x f) int64 { return int64(x.Min) }), column(list, func(x f) int64 { return int64(x.Max) }))
	if err != nil {
		return fmt.Errorf("warehousedb: save pick faces: %w", err)
	}
	return nil
}

const sqlDropFace = `delete from warehouse.pick_face where site_id = $1 and sku_id = $2 and bin = $3`

// DropFace ends a pick face.
func DropFace(ctx context.Context, tx pgx.Tx, f warehouse.PickFace) error {
	_, err := tx.Exec(ctx, sqlDropFace, f.Site, f.SKU, f.Bin)
	return err
}

// Pick faces whose free pieces, with what is on its way to them, have fallen below their minimum, and what the reserve above has:
// first what expires first. A face whose goods are all promised is urgent.
const sqlFacesLow = `with face as (
		select f.site_id, f.sku_id, f.bin, f.min_pieces, f.max_pieces,
			coalesce((select sum(p.on_hand) from warehouse.position p where p.site_id = f.site_id and p.bin = f.bin and p.sku_id = f.sku_id and p.status = 'available'), 0)::bigint as stands,
			coalesce((select sum(p.on_hand - p.reserved) from warehouse.position p where p.site_id = f.site_id and p.bin = f.bin and p.sku_id = f.sku_id and p.status = 'available'), 0)::bigint as free,
			coalesce((select sum(r.pieces) from warehouse.refill r where r.site_id = f.site_id and r.to_bin = f.bin and r.sku_id = f.sku_id and r.state = 'open'), 0)::bigint as coming
		from warehouse.pick_face f where f.site_id = $1)
	select f.sku_id, f.bin, f.max_pieces - f.stands - f.coming as want, f.free <= 0 as urgent, l.code, p.owner, p.bin as from_bin, p.on_hand - p.reserved as have
	from face f join warehouse.position p on p.site_id = f.site_id and p.sku_id = f.sku_id and p.status = 'available' and p.on_hand > p.reserved
	join warehouse.bin b on b.site_id = p.site_id and b.code = p.bin and b.kind = 'reserve' join warehouse.lot l on l.id = p.lot_id
	where f.free + f.coming < f.min_pieces and f.max_pieces > f.stands + f.coming
		and not exists (select from warehouse.refill r where r.site_id = f.site_id and r.from_bin = p.bin and r.sku_id = f.sku_id and r.lot = l.code and r.state = 'open')
	order by f.free <= 0 desc, f.sku_id, f.bin, l.expiry nulls last, p.on_hand, p.bin`

// LowFace is a pick face that is low, with a place in the reserve that can fill it.
type LowFace struct {
	SKU    catalog.SKUID
	Bin    string
	Want   quantity.Pieces
	Urgent bool
	Lot    string
	Owner  string
	From   string
	Have   quantity.Pieces
}

// LowFaces gives the pick faces of a site that are low, a row for each place in the reserve, first to expire first.
func LowFaces(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]LowFace, error) {
	rows, err := q.Query(ctx, sqlFacesLow, site)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: low pick faces: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[LowFace])
}

const sqlInsertRefill = `insert into warehouse.refill (site_id, sku_id, lot, owner, from_bin, to_bin, pieces, urgent, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	on conflict do nothing`

// InsertRefill stores a refill unless the same is open.
func InsertRefill(ctx context.Context, tx pgx.Tx, site catalog.SiteID, f LowFace, pieces quantity.Pieces, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlInsertRefill, site, f.SKU, f.Lot, f.Owner, f.From, f.Bin, pieces, f.Urgent, at)
	return err == nil && tag.RowsAffected() == 1, err
}

const refillColumns = ` r.id, r.site_id, r.sku_id, r.lot, l.produced, l.expiry, r.owner, r.from_bin, r.to_bin, r.pieces, r.urgent, r.at,
	case when r.taken_until > $2 then coalesce(r.taken_by, 0) else 0 end, r.state
	from warehouse.refill r left join warehouse.lot l on l.sku_id = r.sku_id and l.code = r.lot`

const sqlRefills = `select` + refillColumns + ` where r.site_id = $1 and r.state = 'open' order by r.urgent desc, r.id limit $3`

const sqlLockRefill = `select` + refillColumns + ` where r.id = $1 for update of r`

// Refills gives the open refills of a site, urgent ones first. TakenBy is nobody once the time to do it is over.
func Refills(ctx context.Context, q pgdb.Querier, site catalog.SiteID, now time.Time, limit int) ([]warehouse.Refill, error) {
	return refills(q.Query(ctx, sqlRefills, site, now, limit))
}

// LockRefill locks a refill that is open. warehouse.ErrNoRefill.
func LockRefill(ctx context.Context, tx pgx.Tx, id int64, now time.Time) (warehouse.Refill, error) {
	found, err := refills(tx.Query(ctx, sqlLockRefill, id, now))
	if err == nil && (len(found) == 0 || found[0].State != "open") {
		err = warehouse.ErrNoRefill
	}
	if err != nil {
		return warehouse.Refill{}, err
	}
	return found[0], nil
}

func refills(rows pgx.Rows, err error) ([]warehouse.Refill, error) {
	if err != nil {
		return nil, fmt.Errorf("warehousedb: refills: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r warehouse.Refill, err error) {
		err = row.Scan(&r.ID, &r.Site, &r.Ware.SKU, &r.Lot.Code, &r.Lot.Produced, &r.Lot.Expiry, &r.Owner, &r.From, &r.To, &r.Pieces, &r.Urgent, &r.At, &r.TakenBy, &r.State)
		return r, err
	})
}

const (
	sqlTakeRefill = `update warehouse.refill set taken_by = $2, taken_until = $3 where id = $1`
	sqlEndRefill  = `update warehouse.refill set state = $2, done_at = $3, done_by = $4, moved = $5 where id = $1`
)

// TakeRefill lets an account have a refill in hand until an instant.
func TakeRefill(ctx context.Context, tx pgx.Tx, id int64, account *int64, until time.Time) error {
	_, err := tx.Exec(ctx, sqlTakeRefill, id, account, until)
	return err
}

// EndRefill ends a refill: done with so many pieces, or cancelled.
func EndRefill(ctx context.Context, tx pgx.Tx, id int64, state string, at time.Time, by string, moved quantity.Pieces) error {
	_, err := tx.Exec(ctx, sqlEndRefill, id, state, at, by, moved)
	return err
}

// Refills whose goods have gone from their place, or whose face is full, are nobody's work any more.
const sqlStaleRefills = `update warehouse.refill r set state = 'cancelled', done_at = $2 where r.site_id = $1 and r.state = 'open' and (r.taken_until is null or r.taken_until < $2)
	and not exists (select from warehouse.position p join warehouse.lot l on l.id = p.lot_id
		where p.site_id = r.site_id and p.bin = r.from_bin and p.sku_id = r.sku_id and l.code = r.lot and p.status = 'available' and p.on_hand > p.reserved)`

// DropStaleRefills cancels the refills that cannot be done any more.
func DropStaleRefills(ctx context.Context, tx pgx.Tx, site catalog.SiteID, now time.Time) error {
	_, err := tx.Exec(ctx, sqlStaleRefills, site, now)
	return err
}

const sqlPickedLines = `select sku_id, count(*) from warehouse.allocation where site_id = $1 and state in ('picked','packed','shipped') and at >= $2 group by sku_id`

// PickedLines gives how many lines of each SKU were picked at a site since an instant.
func PickedLines(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time) (map[catalog.SKUID]int64, error) {
	rows, err := q.Query(ctx, sqlPickedLines, site, since)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: picked lines of site %d: %w", site, err)
	}
	out := map[catalog.SKUID]int64{}
	var sku catalog.SKUID
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&sku, &n}, func() error { out[sku] = n; return nil })
	return out, err
}

const sqlSaveClasses = `insert into warehouse.sku_class (site_id, sku_id, class, lines, at) select $1, s, c, n, $5 from unnest($2::int[], $3::text[], $4::bigint[]) as t (s, c, n)
	on conflict (site_id, sku_id) do update set class = excluded.class, lines = excluded.lines, at = excluded.at`

// SaveClasses stores the walking classes of a site.
func SaveClasses(ctx context.Context, tx pgx.Tx, site catalog.SiteID, skus []catalog.SKUID, classes []string, lines []int64, at time.Time) error {
	_, err := tx.Exec(ctx, sqlSaveClasses, site, skus, classes, lines, at)
	return err
}

const sqlTakeable = `select` + takeable + ` from (select $1::int as site_id, $2::text as bin) p`

// Takeable tells whether pieces in a bin may be promised.
func Takeable(ctx context.Context, q pgdb.Querier, site catalog.SiteID, bin string) (yes bool, err error) {
	err = q.QueryRow(ctx, sqlTakeable, site, bin).Scan(&yes)
	return yes, err
}

const sqlSitesWithBins = `select distinct site_id from warehouse.bin where active order by 1`

// SitesWithBins gives the sites that have racks.
func SitesWithBins(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	rows, err := q.Query(ctx, sqlSitesWithBins)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: sites with bins: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[catalog.SiteID])
}
