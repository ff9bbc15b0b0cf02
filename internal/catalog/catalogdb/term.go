package catalogdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

type termRow struct {
	SupplierID             catalog.SupplierID
	SKUID                  catalog.SKUID
	PartNo                 string
	MOQ, Pack              quantity.Pieces
	LeadMean, LeadSD       float64
	CapacityDay            quantity.Pieces
	Backup                 bool
	ShipsTo                *catalog.SiteID
	Breaks                 []byte
	SupplierCode           string
	SupplierZH, SupplierEN string
	Active                 bool
	Banned                 string
	SKUCode                string
	SKUZH, SKUEN           string
	UnitZH, UnitEN         string
	SiteCode               *string
	SiteZH, SiteEN         *string
	UpdatedAt              time.Time
}

func (r termRow) record() (catalog.TermRecord, error) {
	t := catalog.TermRecord{
		Term: catalog.Term{
			Supplier: r.SupplierID, SKU: r.SKUID, PartNo: r.PartNo, MOQ: r.MOQ, Pack: r.Pack, LeadMean: r.LeadMean,
			LeadSD: r.LeadSD, CapacityDay: r.CapacityDay, Backup: r.Backup,
		},
		SupplierCode: r.SupplierCode, SupplierName: catalog.Name{ZH: r.SupplierZH, EN: r.SupplierEN}, Active: r.Active, Banned: r.Banned,
		SKUCode: r.SKUCode, SKUName: catalog.Name{ZH: r.SKUZH, EN: r.SKUEN}, Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN},
		UpdatedAt: r.UpdatedAt,
	}
	if r.ShipsTo != nil {
		t.ShipsTo, t.ShipsToCode, t.ShipsToName = *r.ShipsTo, *r.SiteCode, catalog.Name{ZH: *r.SiteZH, EN: *r.SiteEN}
	}
	if err := json.Unmarshal(r.Breaks, &t.Breaks); err != nil {
		return t, fmt.Errorf("catalogdb: price breaks of %s by %s: %w", r.SKUCode, r.SupplierCode, err)
	}
	return t, nil
}

const termFields = `t.supplier_id, t.sku_id, t.part_no, t.moq, t.pack, t.lead_mean_days::numeric::float8 as lead_mean,
	t.lead_sd_days::numeric::float8 as lead_sd, t.capacity_day, t.backup, t.ships_to, t.breaks,
	s.code as supplier_code, s.name_zh as supplier_zh, s.name_en as supplier_en, s.active, s.banned,
	k.code as sku_code, k.name_zh as sku_zh, k.name_en as sku_en, k.unit_zh, k.unit_en,
	w.code as site_code, w.name_zh as site_zh, w.name_en as site_en, t.updated_at
	from catalog.term t join catalog.supplier s on s.id = t.supplier_id join catalog.sku k on k.id = t.sku_id
	left join catalog.site w on w.id = t.ships_to`

const sqlTermsOfSKUs = `select ` + termFields + ` where t.sku_id = any($1) order by t.sku_id, t.backup, s.code`

// Terms gives the terms for the SKUs by SKU, backups last.
func Terms(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID][]catalog.TermRecord, error) {
	list, err := terms(ctx, q, sqlTermsOfSKUs, skus)
	if err != nil {
		return nil, err
	}
	out := make(map[catalog.SKUID][]catalog.TermRecord, len(skus))
	for _, t := range list {
		out[t.SKU] = append(out[t.SKU], t)
	}
	return out, nil
}

const sqlTermsOfSupplier = `select ` + termFields + ` where t.supplier_id = $1 and t.sku_id > $2 order by t.sku_id limit $3`

// SupplierTerms gives up to limit terms of a supplier above the SKU after, by SKU id.
func SupplierTerms(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, after catalog.SKUID, limit int) ([]catalog.TermRecord, error) {
	return terms(ctx, q, sqlTermsOfSupplier, supplier, after, limit)
}

const sqlTermLocked = `select ` + termFields + ` where t.supplier_id = $1 and t.sku_id = $2 for update of t`

// LockTerm gives one term and holds it to the end of the transaction; catalog.ErrUnknown when there is none.
func LockTerm(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, sku catalog.SKUID) (catalog.TermRecord, error) {
	list, err := terms(ctx, q, sqlTermLocked, supplier, sku)
	if err != nil {
		return catalog.TermRecord{}, err
	}
	if len(list) == 0 {
		return catalog.TermRecord{}, fmt.Errorf("catalogdb: term of supplier %d for SKU %d: %w", supplier, sku, catalog.ErrUnknown)
	}
	return list[0], nil
}

func terms(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]catalog.TermRecord, error) {
	rows, err := collect[termRow](ctx, q, "terms", sql, args...)
	if err != nil {
		return nil, err
	}
	out := make([]catalog.TermRecord, len(rows))
	for i, r := range rows {
		if out[i], err = r.record(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const sqlDeleteTerm = `delete from catalog.term where supplier_id = $1 and sku_id = $2`

// DeleteTerm removes a term that is locked.
func DeleteTerm(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, sku catalog.SKUID) error {
	if _, err := q.Exec(ctx, sqlDeleteTerm, supplier, sku); err != nil {
		return fmt.Errorf("catalogdb: delete term: %w", err)
	}
	return nil
}

// breaksJSON gives price breaks as they are stored.
func breaksJSON(b []catalog.PriceBreak) string {
	if len(b) == 0 {
		return "[]"
	}
	text, err := json.Marshal(b)
	if err != nil {
		panic("catalogdb: integers that cannot be written as JSON: " + err.Error())
	}
	return string(text)
}
