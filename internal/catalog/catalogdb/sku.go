package catalogdb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// skuRow is a SKU as the queries below select it.
type skuRow struct {
	ID                              catalog.SKUID
	Code, GTIN                      string
	NameZH, NameEN                  string
	CategoryID                      catalog.CategoryID
	CategoryCode                    string
	CategoryZH, CategoryEN          string
	UnitZH, UnitEN                  string
	Core                            bool
	ShelfLifeDays, MinRemainingDays int
	Temperature                     catalog.Temperature
	CartonPieces                    quantity.Pieces
	WeightGrams                     int
	VolumeML                        int
	PriceFen                        money.Fen
	Launched, Retired               *calendar.Day
	SuccessorID                     *catalog.SKUID
	SuccessorCode                   *string
	UpdatedAt                       time.Time
}

func (r skuRow) sku() catalog.SKU {
	s := catalog.SKU{
		ID: r.ID, Code: r.Code, GTIN: r.GTIN, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Category: r.CategoryID,
		Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, Core: r.Core, ShelfLifeDays: r.ShelfLifeDays,
		MinRemainingDays: r.MinRemainingDays, Temperature: r.Temperature, CartonPieces: r.CartonPieces,
		WeightGrams: r.WeightGrams, VolumeML: r.VolumeML, Price: r.PriceFen, Launched: r.Launched, Retired: r.Retired,
	}
	if r.SuccessorID != nil {
		s.Successor = *r.SuccessorID
	}
	return s
}

func (r skuRow) record() catalog.SKURecord {
	rec := catalog.SKURecord{
		SKU: r.sku(), CategoryCode: r.CategoryCode, CategoryName: catalog.Name{ZH: r.CategoryZH, EN: r.CategoryEN}, UpdatedAt: r.UpdatedAt,
	}
	if r.SuccessorCode != nil {
		rec.SuccessorCode = *r.SuccessorCode
	}
	return rec
}

// skuFields are the columns of skuRow; the tables are s, its category c and its successor n.
const skuFields = `s.id, s.code, s.gtin, s.name_zh, s.name_en, s.category_id, c.code as category_code,
	c.name_zh as category_zh, c.name_en as category_en, s.unit_zh, s.unit_en, s.core, s.shelf_life_days, s.min_remaining_days,
	s.temperature, s.carton_pieces, s.weight_grams, s.volume_ml, s.price_fen, s.launched, s.retired,
	s.successor_id, n.code as successor_code, s.updated_at`

const skuJoins = ` join catalog.category c on c.id = s.category_id left join catalog.sku n on n.id = s.successor_id`

const sqlSKU = `select ` + skuFields + ` from catalog.sku s` + skuJoins + ` where s.id = $1`

// SKU gives one SKU, catalog.ErrUnknown when there is none.
func SKU(ctx context.Context, q pgdb.Querier, id catalog.SKUID) (catalog.SKURecord, error) {
	return oneSKU(ctx, q, sqlSKU, id)
}

const sqlSKUByCode = `select ` + skuFields + ` from catalog.sku s` + skuJoins + ` where s.code = $1`

// SKUByCode gives one SKU by its code, catalog.ErrUnknown when there is none.
func SKUByCode(ctx context.Context, q pgdb.Querier, code string) (catalog.SKURecord, error) {
	return oneSKU(ctx, q, sqlSKUByCode, storable(code))
}

const sqlSKULocked = `select ` + skuFields + ` from catalog.sku s` + skuJoins + ` where s.id = $1 for update of s`

// LockSKU gives one SKU and holds it to the end of the transaction.
func LockSKU(ctx context.Context, q pgdb.Querier, id catalog.SKUID) (catalog.SKURecord, error) {
	return oneSKU(ctx, q, sqlSKULocked, id)
}

func oneSKU(ctx context.Context, q pgdb.Querier, sql string, key any) (catalog.SKURecord, error) {
	rows, err := collect[skuRow](ctx, q, "SKU", sql, key)
	if err != nil {
		return catalog.SKURecord{}, err
	}
	if len(rows) == 0 {
		return catalog.SKURecord{}, fmt.Errorf("catalogdb: SKU %v: %w", key, catalog.ErrUnknown)
	}
	return rows[0].record(), nil
}

const sqlSKUsByID = `select ` + skuFields + ` from catalog.sku s` + skuJoins + ` where s.id = any($1)`

// SKUs gives the SKUs with the ids; unknown ones are absent.
func SKUs(ctx context.Context, q pgdb.Querier, ids []catalog.SKUID) (map[catalog.SKUID]catalog.SKURecord, error) {
	rows, err := collect[skuRow](ctx, q, "SKUs by id", sqlSKUsByID, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[catalog.SKUID]catalog.SKURecord, len(rows))
	for _, r := range rows {
		out[r.ID] = r.record()
	}
	return out, nil
}

const sqlSKUsByCode = `select ` + skuFields + ` from catalog.sku s` + skuJoins + ` where s.code = any($1)`

// SKUsByCode gives the SKUs with the codes; unknown ones are absent.
func SKUsByCode(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SKURecord, error) {
	rows, err := collect[skuRow](ctx, q, "SKUs by code", sqlSKUsByCode, codes)
	if err != nil {
		return nil, err
	}
	out := make(map[string]catalog.SKURecord, len(rows))
	for _, r := range rows {
		out[r.Code] = r.record()
	}
	return out, nil
}
