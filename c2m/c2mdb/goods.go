package c2mdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

type skuRow struct {
	ID               catalog.SKUID
	Code             string
	GTIN             string
	NameZH           string
	NameEN           string
	UnitZH           string
	UnitEN           string
	ShelfLifeDays    int
	MinRemainingDays int
	Temperature      catalog.Temperature
	CartonPieces     quantity.Pieces
	PriceFen         money.Fen
	Retired          *calendar.Day
}

const skuColumns = `id, code, gtin, name_zh, name_en, unit_zh, unit_en, shelf_life_days, min_remaining_days, temperature, carton_pieces, price_fen, retired`

const sqlSKUs = `select ` + skuColumns + ` from catalog.sku where id = any($1)`

// SKUs gives the goods of the ids; unknown ids are left out.
func SKUs(ctx context.Context, q pgdb.Querier, ids []catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error) {
	rows, err := q.Query(ctx, sqlSKUs, column(ids, func(id catalog.SKUID) int32 { return int32(id) }))
	if err != nil {
		return nil, fmt.Errorf("c2mdb: goods: %w", err)
	}
	return collectSKUs(rows)
}

const sqlSKUsByCode = `select ` + skuColumns + ` from catalog.sku where code = any($1)`

// SKUsByCode gives the goods of the codes; unknown codes are left out.
func SKUsByCode(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SKU, error) {
	rows, err := q.Query(ctx, sqlSKUsByCode, codes)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: goods by code: %w", err)
	}
	byID, err := collectSKUs(rows)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]catalog.SKU, len(byID))
	for _, k := range byID {
		byCode[k.Code] = k
	}
	return byCode, nil
}

func collectSKUs(rows pgx.Rows) (map[catalog.SKUID]catalog.SKU, error) {
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[skuRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: goods: %w", err)
	}
	out := make(map[catalog.SKUID]catalog.SKU, len(stored))
	for _, r := range stored {
		out[r.ID] = catalog.SKU{ID: r.ID, Code: r.Code, GTIN: r.GTIN, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN},
			Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, ShelfLifeDays: r.ShelfLifeDays, MinRemainingDays: r.MinRemainingDays,
			Temperature: r.Temperature, CartonPieces: r.CartonPieces, Price: r.PriceFen, Retired: r.Retired}
	}
	return out, nil
}

type termRow struct {
	SKUID       catalog.SKUID
	PartNo      string
	MOQ         quantity.Pieces
	Pack        quantity.Pieces
	LeadMean    float64
	LeadSD      float64
	CapacityDay quantity.Pieces
	Backup      bool
	ShipsTo     *catalog.SiteID
	Breaks      json.RawMessage
}

const sqlTerms = `select sku_id, part_no, moq, pack, lead_mean_days::float8 as lead_mean, lead_sd_days::float8 as lead_sd, capacity_day, backup, ships_to, breaks
	from catalog.term where supplier_id = $1 and (cardinality($2::int[]) = 0 or sku_id = any($2))`

// Terms gives what a supplier has agreed for the SKUs, or for all of its SKUs where none are named.
func Terms(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, skus ...catalog.SKUID) (map[catalog.SKUID]catalog.Term, error) {
	rows, err := q.Query(ctx, sqlTerms, supplier, column(skus, func(id catalog.SKUID) int32 { return int32(id) }))
	if err != nil {
		return nil, fmt.Errorf("c2mdb: terms of supplier %d: %w", supplier, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[termRow])
	if err != nil {
		return nil, fmt.Errorf("c2mdb: terms of supplier %d: %w", supplier, err)
	}
	terms := make(map[catalog.SKUID]catalog.Term, len(stored))
	for _, r := range stored {
		t := catalog.Term{Supplier: supplier, SKU: r.SKUID, PartNo: r.PartNo, MOQ: r.MOQ, Pack: r.Pack, LeadMean: r.LeadMean, LeadSD: r.LeadSD,
			CapacityDay: r.CapacityDay, Backup: r.Backup}
		if r.ShipsTo != nil {
			t.ShipsTo = *r.ShipsTo
		}
		if err := json.Unmarshal(r.Breaks, &t.Breaks); err != nil {
			return nil, fmt.Errorf("c2mdb: prices of supplier %d for SKU %d: %w", supplier, r.SKUID, err)
		}
		terms[r.SKUID] = t
	}
	return terms, nil
}

const sqlSupplier = `select id, code, name_zh, name_en, city_zh, city_en, contact, phone, email, active, banned from catalog.supplier where id = $1`

// Supplier gives a supplier. c2m.ErrUnknown when there is none.
func Supplier(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (catalog.Supplier, error) {
	var s catalog.Supplier
	err := q.QueryRow(ctx, sqlSupplier, id).Scan(&s.ID, &s.Code, &s.Name.ZH, &s.Name.EN, &s.City.ZH, &s.City.EN,
		&s.Contact.Person, &s.Contact.Phone, &s.Contact.Email, &s.Active, &s.Banned)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("%w: supplier %d", c2m.ErrUnknown, id)
	}
	if err != nil {
		return s, fmt.Errorf("c2mdb: supplier %d: %w", id, err)
	}
	return s, nil
}

const sqlSite = `select id, code, name_zh, name_en, city_zh, city_en, tier, time_zone, active from catalog.site where id = $1`

// Site gives a site. c2m.ErrUnknown when there is none.
func Site(ctx context.Context, q pgdb.Querier, id catalog.SiteID) (catalog.Site, error) {
	var s catalog.Site
	err := q.QueryRow(ctx, sqlSite, id).Scan(&s.ID, &s.Code, &s.Name.ZH, &s.Name.EN, &s.City.ZH, &s.City.EN, &s.Tier, &s.TimeZone, &s.Active)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("%w: site %d", c2m.ErrUnknown, id)
	}
	if err != nil {
		return s, fmt.Errorf("c2mdb: site %d: %w", id, err)
	}
	return s, nil
}

const sqlAccount = `select name from access.account where id = $1`

// Account gives the name of an account; the system for 0 and for one that is gone.
func Account(ctx context.Context, q pgdb.Querier, id int64) (c2m.Person, error) {
	p := c2m.Person{ID: id}
	err := q.QueryRow(ctx, sqlAccount, id).Scan(&p.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return c2m.Person{Name: "Milkrun"}, nil
	}
	if err != nil {
		return p, fmt.Errorf("c2mdb: account %d: %w", id, err)
	}
	return p, nil
}
