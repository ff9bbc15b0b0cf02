package replenishdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

const sqlVMISuppliers = `select supplier_id from replenish.vmi`

// VMISuppliers gives who keeps the stock of his goods up by himself.
func VMISuppliers(ctx context.Context, q pgdb.Querier) (map[catalog.SupplierID]bool, error) {
	rows, err := q.Query(ctx, sqlVMISuppliers)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: vmi suppliers: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SupplierID])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: vmi suppliers: %w", err)
	}
	out := make(map[catalog.SupplierID]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out, nil
}

const (
	sqlVMIOn      = `insert into replenish.vmi (supplier_id, by_id, at) values ($1, $2, $3) on conflict do nothing`
	sqlVMIOff     = `delete from replenish.vmi where supplier_id = $1`
	sqlVMIForget  = `delete from replenish.min_max where supplier_id = $1`
	sqlSuppliedBy = `select distinct sku_id from catalog.term where supplier_id = $1 order by 1`
)

// SetVMI says whether a supplier does. It tells whether that is a change.
func SetVMI(ctx context.Context, tx pgx.Tx, supplier catalog.SupplierID, on bool, by int64, at time.Time) (bool, error) {
	sql, args := sqlVMIOn, []any{supplier, by, at}
	if !on {
		sql, args = sqlVMIOff, args[:1]
		if _, err := tx.Exec(ctx, sqlVMIForget, supplier); err != nil {
			return false, fmt.Errorf("replenishdb: vmi of supplier %d: %w", supplier, err)
		}
	}
	tag, err := tx.Exec(ctx, sql, args...)
	if err != nil {
		return false, fmt.Errorf("replenishdb: vmi of supplier %d: %w", supplier, err)
	}
	return tag.RowsAffected() > 0, nil
}

// SuppliedBy gives the SKUs that a supplier has terms for.
func SuppliedBy(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID) ([]catalog.SKUID, error) {
	rows, err := q.Query(ctx, sqlSuppliedBy, supplier)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: goods of supplier %d: %w", supplier, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SKUID])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: goods of supplier %d: %w", supplier, err)
	}
	return out, nil
}

const (
	sqlMinMaxGone = `delete from replenish.min_max where sku_id = any($1)`
	sqlMinMaxSave = `insert into replenish.min_max (sku_id, site_id, supplier_id, least, most, position, send, planned_on)
	select u.*, $8::date from unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) u`
)

// SaveMinMaxes puts the bounds of the plans in place of those before.
func SaveMinMaxes(ctx context.Context, tx pgx.Tx, plans []Plan, day calendar.Day) error {
	var skus []catalog.SKUID
	var sku, site, supplier []int32
	var least, most, position, send []int64
	for _, p := range plans {
		skus = append(skus, p.SKU)
		for _, m := range p.MinMaxes {
			sku, site, supplier = append(sku, int32(m.SKU)), append(site, int32(m.Site)), append(supplier, int32(m.Supplier))
			least, most = append(least, int64(m.Min)), append(most, int64(m.Max))
			position, send = append(position, int64(m.Position)), append(send, int64(m.Send))
		}
	}
	if _, err := tx.Exec(ctx, sqlMinMaxGone, skuNumbers(skus)); err != nil {
		return fmt.Errorf("replenishdb: bounds: %w", err)
	}
	if len(sku) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlMinMaxSave, sku, site, supplier, least, most, position, send, day); err != nil {
		return fmt.Errorf("replenishdb: bounds: %w", err)
	}
	return nil
}

// VMISupplier is a supplier who keeps stock up by himself.
type VMISupplier struct {
	ID     catalog.SupplierID
	Code   string
	NameZH string
	NameEN string
	Since  time.Time
	Lines  int // SKU × site with bounds
	Short  int // of them at or below their minimum
}

// Name gives the supplier's name.
func (s VMISupplier) Name() catalog.Name { return catalog.Name{ZH: s.NameZH, EN: s.NameEN} }

const sqlVMIList = `select u.id, u.code, u.name_zh, u.name_en, v.at, count(m.sku_id)::int, (count(*) filter (where m.send > 0))::int
	from replenish.vmi v join catalog.supplier u on u.id = v.supplier_id left join replenish.min_max m on m.supplier_id = v.supplier_id
	group by u.id, v.at order by u.code`

// VMIList gives the suppliers who keep stock up by themselves, by code.
func VMIList(ctx context.Context, q pgdb.Querier) ([]VMISupplier, error) {
	rows, err := q.Query(ctx, sqlVMIList)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: vmi list: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[VMISupplier])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: vmi list: %w", err)
	}
	return out, nil
}

// MinMaxLine is a bound with the names it is shown with.
type MinMaxLine struct {
	replenishment.MinMax
	SKUCode  string
	SKUName  catalog.Name
	PartNo   string
	SiteCode string
	SiteName catalog.Name
	Planned  calendar.Day
}

type minMaxRow struct {
	SKU, Site, Supplier                                            int32
	Least, Most, Position, Send                                    int64
	Code, NameZH, NameEN, PartNo, SiteCode, SiteNameZH, SiteNameEN string
	Planned                                                        calendar.Day
}

const sqlMinMaxes = `select m.sku_id, m.site_id, m.supplier_id, m.least, m.most, m.position, m.send, k.code, k.name_zh, k.name_en,
		coalesce((select t.part_no from catalog.term t where t.supplier_id = m.supplier_id and t.sku_id = m.sku_id order by t.ships_to nulls last limit 1), ''),
		s.code, s.name_zh, s.name_en, m.planned_on
	from replenish.min_max m join catalog.sku k on k.id = m.sku_id join catalog.site s on s.id = m.site_id
	where m.supplier_id = $1 order by (m.send = 0), k.code, s.code limit $2`

// MinMaxes gives a supplier's bounds, those below their minimum first.
func MinMaxes(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, limit int) ([]MinMaxLine, error) {
	rows, err := q.Query(ctx, sqlMinMaxes, supplier, limit)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: bounds of supplier %d: %w", supplier, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[minMaxRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: bounds of supplier %d: %w", supplier, err)
	}
	out := make([]MinMaxLine, len(list))
	for i, r := range list {
		out[i] = MinMaxLine{SKUCode: r.Code, SKUName: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, PartNo: r.PartNo, SiteCode: r.SiteCode,
			SiteName: catalog.Name{ZH: r.SiteNameZH, EN: r.SiteNameEN}, Planned: r.Planned,
			MinMax: replenishment.MinMax{SKU: catalog.SKUID(r.SKU), Site: catalog.SiteID(r.Site), Supplier: catalog.SupplierID(r.Supplier),
				Min: quantity.Pieces(r.Least), Max: quantity.Pieces(r.Most), Position: quantity.Pieces(r.Position), Send: quantity.Pieces(r.Send)}}
	}
	return out, nil
}
