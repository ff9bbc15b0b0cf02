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

type binRow struct {
	SiteID        catalog.SiteID
	Code          string
	Kind          warehouse.BinKind
	Zone          string
	Aisle         int
	Bay           int
	Level         int
	Side          int
	Temperature   catalog.Temperature
	CapacityML    int64
	CapacityGrams int64
	MixedSKUs     bool
	MixedLots     bool
	Velocity      string
	Active        bool
	UpdatedAt     time.Time
	CountedAt     *time.Time
}

func (r binRow) bin() warehouse.Bin {
	return warehouse.Bin{Site: r.SiteID, Code: r.Code, Kind: r.Kind, Zone: r.Zone, Aisle: r.Aisle, Bay: r.Bay, Level: r.Level, Side: r.Side,
		Temperature: r.Temperature, CapacityML: r.CapacityML, CapacityGrams: r.CapacityGrams, MixedSKUs: r.MixedSKUs, MixedLots: r.MixedLots,
		Velocity: r.Velocity, Active: r.Active}
}

func (r binRow) record() warehouse.BinRecord {
	return warehouse.BinRecord{Bin: r.bin(), UpdatedAt: r.UpdatedAt, CountedAt: r.CountedAt}
}

const binColumns = ` b.site_id, b.code, b.kind, b.zone, b.aisle, b.bay, b.level, b.side::int as side, b.temperature, b.capacity_ml, b.capacity_grams,
	b.mixed_skus, b.mixed_lots, b.velocity, b.active, b.updated_at, b.counted_at`

func bins(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]warehouse.BinRecord, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bins: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.BinRecord, error) {
		r, err := pgx.RowToStructByName[binRow](row)
		return r.record(), err
	})
}

const sqlBin = `select` + binColumns + ` from warehouse.bin b where b.site_id = $1 and b.code = $2`

// Bin gives a bin, switched off or not. *warehouse.UnknownBinError when the site has none of that code.
func Bin(ctx context.Context, q pgdb.Querier, site catalog.SiteID, code string) (warehouse.BinRecord, error) {
	return oneBin(ctx, q, sqlBin, site, code)
}

// LockBin is Bin that keeps others from changing the bin to the end of the transaction.
func LockBin(ctx context.Context, tx pgx.Tx, site catalog.SiteID, code string) (warehouse.BinRecord, error) {
	return oneBin(ctx, tx, sqlBin+` for update`, site, code)
}

func oneBin(ctx context.Context, q pgdb.Querier, sql string, site catalog.SiteID, code string) (warehouse.BinRecord, error) {
	found, err := bins(ctx, q, sql, site, code)
	if err != nil {
		return warehouse.BinRecord{}, err
	}
	if len(found) == 0 {
		return warehouse.BinRecord{}, &warehouse.UnknownBinError{Site: site, Code: code}
	}
	return found[0], nil
}

const sqlLockSite = `select id from catalog.site where id = $1 for no key update`

// LockSite lets one transaction at a time work on what a site has one of; catalog.ErrUnknown when there is no such site.
func LockSite(ctx context.Context, tx pgx.Tx, site catalog.SiteID) error {
	err := tx.QueryRow(ctx, sqlLockSite, site).Scan(new(int32))
	if errors.Is(err, pgx.ErrNoRows) {
		err = catalog.ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("warehousedb: site %d: %w", site, err)
	}
	return nil
}

const sqlBinsOfCodes = `select` + binColumns + ` from unnest($1::int[], $2::text[]) as t (site, code)
	join warehouse.bin b on b.site_id = t.site and b.code = t.code order by b.site_id, b.code for update of b`

// LockBins locks the bins that there are of these sites and codes.
func LockBins(ctx context.Context, tx pgx.Tx, sites []catalog.SiteID, codes []string) ([]warehouse.BinRecord, error) {
	return bins(ctx, tx, sqlBinsOfCodes, sites, codes)
}

const sqlBinsOfKind = `select` + binColumns + ` from warehouse.bin b
	where b.site_id = $1 and b.active and b.kind = any($2) order by b.zone, b.aisle, b.bay, b.level, b.code`

// BinsOfKind gives the bins of a site that are in use and of one of the kinds.
func BinsOfKind(ctx context.Context, q pgdb.Querier, site catalog.SiteID, kinds ...warehouse.BinKind) ([]warehouse.Bin, error) {
	found, err := bins(ctx, q, sqlBinsOfKind, site, texts(kinds))
	if err != nil {
		return nil, err
	}
	out := make([]warehouse.Bin, len(found))
	for i, b := range found {
		out[i] = b.Bin
	}
	return out, nil
}

func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}

const sqlSaveBins = `insert into warehouse.bin as b (site_id, code, kind, zone, aisle, bay, level, side, temperature, capacity_ml, capacity_grams,
		mixed_skus, mixed_lots, velocity, active, updated_at)
	select d.*, clock_timestamp() from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::smallint[], $9::text[],
		$10::bigint[], $11::bigint[], $12::boolean[], $13::boolean[], $14::text[], $15::boolean[]) as d
	on conflict (site_id, code) do update set kind = excluded.kind, zone = excluded.zone, aisle = excluded.aisle, bay = excluded.bay, level = excluded.level,
		side = excluded.side, temperature = excluded.temperature, capacity_ml = excluded.capacity_ml, capacity_grams = excluded.capacity_grams,
		mixed_skus = excluded.mixed_skus, mixed_lots = excluded.mixed_lots, velocity = excluded.velocity, active = excluded.active,
		updated_at = excluded.updated_at`

// SaveBins writes bins, new ones and those that are locked.
func SaveBins(ctx context.Context, tx pgx.Tx, list []warehouse.Bin) error {
	if len(list) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, sqlSaveBins, column(list, func(b warehouse.Bin) int32 { return int32(b.Site) }), column(list, func(b warehouse.Bin) string { return b.Code }),
		column(list, func(b warehouse.Bin) string { return string(b.Kind) }), column(list, func(b warehouse.Bin) string { return b.Zone }),
		column(list, func(b warehouse.Bin) int32 { return int32(b.Aisle) }), column(list, func(b warehouse.Bin) int32 { return int32(b.Bay) }),
		column(list, func(b warehouse.Bin) int32 { return int32(b.Level) }), column(list, func(b warehouse.Bin) int16 { return int16(b.Side) }),
		column(list, func(b warehouse.Bin) string { return string(b.Temperature) }), column(list, func(b warehouse.Bin) int64 { return b.CapacityML }),
		column(list, func(b warehouse.Bin) int64 { return b.CapacityGrams }), column(list, func(b warehouse.Bin) bool { return b.MixedSKUs }),
		column(list, func(b warehouse.Bin) bool { return b.MixedLots }), column(list, func(b warehouse.Bin) string { return b.Velocity }),
		column(list, func(b warehouse.Bin) bool { return b.Active }))
	if err != nil {
		return fmt.Errorf("warehousedb: save bins: %w", err)
	}
	return nil
}

// column takes one value out of each row.
func column[R, V any](rows []R, f func(R) V) []V {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

const sqlBinsHolding = `select distinct p.site_id, p.bin from unnest($1::int[], $2::text[]) as t (site, code)
	join warehouse.position p on p.site_id = t.site and p.bin = t.code where p.on_hand > 0`

// BinsHolding gives which of the bins hold pieces.
func BinsHolding(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, codes []string) (map[warehouse.BinKey]bool, error) {
	rows, err := q.Query(ctx, sqlBinsHolding, sites, codes)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bins that hold pieces: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[warehouse.BinKey])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bins that hold pieces: %w", err)
	}
	out := map[warehouse.BinKey]bool{}
	for _, k := range found {
		out[k] = true
	}
	return out, nil
}

type binFillRow struct {
	binRow
	SKUs     int
	Lots     int
	Pieces   quantity.Pieces
	Reserved quantity.Pieces
	UsedML   int64
	UsedG    int64
}

// What stands in a bin is summed for the page only: the lateral runs for its rows.
const sqlBinList = `select` + binColumns + `, c.skus, c.lots, c.pieces, c.reserved, c.used_ml, c.used_g
	from (select * from warehouse.bin b where b.site_id = $1 and b.code > $2 and ($3::text[] is null or b.kind = any($3))
			and ($4 = '' or b.code like $4 || '%') and ($5::boolean is null or b.active = $5) and ($6 = '' or b.zone = $6)
		order by b.code limit $7) b
	cross join lateral (select count(distinct p.sku_id)::int as skus, count(distinct p.lot_id)::int as lots, coalesce(sum(p.on_hand), 0)::bigint as pieces,
			coalesce(sum(p.reserved), 0)::bigint as reserved, coalesce(sum(p.on_hand * s.volume_ml), 0)::bigint as used_ml,
			coalesce(sum(p.on_hand * s.weight_grams), 0)::bigint as used_g
		from warehouse.position p join catalog.sku s on s.id = p.sku_id where p.site_id = b.site_id and p.bin = b.code and p.on_hand > 0) c
	order by b.code`

// BinList gives bins of a site by code with how full they are.
func BinList(ctx context.Context, q pgdb.Querier, b warehouse.BinQuery) ([]warehouse.BinFill, error) {
	var kinds []string
	if b.Kind != "" {
		kinds = []string{string(b.Kind)}
	}
	rows, err := q.Query(ctx, sqlBinList, b.Site, b.After, kinds, b.Prefix, b.Active, b.Zone, b.Limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: list of bins: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.BinFill, error) {
		r, err := pgx.RowToStructByName[binFillRow](row)
		return warehouse.BinFill{BinRecord: r.record(), SKUs: r.SKUs, Lots: r.Lots, Pieces: r.Pieces, Reserved: r.Reserved, UsedML: r.UsedML, UsedGrams: r.UsedG}, err
	})
}

const sqlBinContent = `select p.id as position, p.sku_id as sku, s.code as sku_code, s.name_zh, s.name_en, s.unit_zh, s.unit_en, l.code as lot, l.produced, l.expiry,
		p.owner, p.status, p.on_hand, p.reserved
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku s on s.id = p.sku_id
	where p.site_id = $1 and p.bin = $2 and p.on_hand > 0 order by s.code, l.expiry nulls last, l.code, p.owner, p.status`

// BinContent gives what stands in a bin.
func BinContent(ctx context.Context, q pgdb.Querier, site catalog.SiteID, code string) ([]warehouse.Content, error) {
	rows, err := q.Query(ctx, sqlBinContent, site, code)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: content of bin %s: %w", code, err)
	}
	return pgx.CollectRows(rows, contentOf)
}

type contentRow struct {
	Position int64
	SKU      catalog.SKUID
	SKUCode  string
	NameZH   string
	NameEN   string
	UnitZH   string
	UnitEN   string
	datedLot
	Owner    string
	Status   warehouse.Status
	OnHand   quantity.Pieces
	Reserved quantity.Pieces
}

func contentOf(row pgx.CollectableRow) (warehouse.Content, error) {
	r, err := pgx.RowToStructByName[contentRow](row)
	return warehouse.Content{Position: r.Position, SKU: r.SKU, SKUCode: r.SKUCode, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN},
		Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, Lot: r.datedLot.lot(), Owner: r.Owner, Status: r.Status, OnHand: r.OnHand, Reserved: r.Reserved}, err
}
