package catalogdb

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

type supplierRow struct {
	ID                    catalog.SupplierID
	Code                  string
	NameZH, NameEN        string
	CityZH, CityEN        string
	Contact, Phone, Email string
	Active                bool
	Banned                string
	SKUs                  int
	UpdatedAt             time.Time
}

func (r supplierRow) supplier() catalog.Supplier {
	return catalog.Supplier{
		ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, City: catalog.Name{ZH: r.CityZH, EN: r.CityEN},
		Contact: catalog.Contact{Person: r.Contact, Phone: r.Phone, Email: r.Email}, Active: r.Active, Banned: r.Banned,
	}
}

func (r supplierRow) record() catalog.SupplierRecord {
	return catalog.SupplierRecord{Supplier: r.supplier(), SKUs: r.SKUs, UpdatedAt: r.UpdatedAt}
}

const supplierFields = `s.id, s.code, s.name_zh, s.name_en, s.city_zh, s.city_en, s.contact, s.phone, s.email, s.active, s.banned,
	(select count(*)::int from catalog.term t where t.supplier_id = s.id) as skus, s.updated_at from catalog.supplier s`

const sqlSuppliers = `select ` + supplierFields + `
	where ($1::text[] is null or s.search @> $1) and ($2::boolean is null or s.active = $2) and (not $3 or s.banned <> '')
	and ($4::int[] is null or exists (select from catalog.term t join catalog.sku k on k.id = t.sku_id
		where t.supplier_id = s.id and k.category_id = any($4)))
	order by s.code`

// Suppliers gives the suppliers of the query by code. categories are those of the query's category and below, nil for any.
func Suppliers(ctx context.Context, q pgdb.Querier, d catalog.SupplierQuery, categories []catalog.CategoryID) ([]catalog.SupplierRecord, error) {
	var terms []string
	if d.Text != "" {
		if terms = catalog.QueryTerms(d.Text); len(terms) == 0 {
			return nil, nil // nothing but punctuation is found nowhere
		}
	}
	rows, err := collect[supplierRow](ctx, q, "suppliers", sqlSuppliers, fresh, terms, d.Active, d.Banned, categories)
	if err != nil {
		return nil, err
	}
	return mapped(rows, supplierRow.record), nil
}

const sqlSupplier = `select ` + supplierFields + ` where s.id = $1`

// Supplier gives one supplier, catalog.ErrUnknown when there is none.
func Supplier(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (catalog.SupplierRecord, error) {
	return oneSupplier(ctx, q, sqlSupplier, id)
}

const sqlSupplierLocked = `select ` + supplierFields + ` where s.id = $1 for update of s`

// LockSupplier gives one supplier and holds it to the end of the transaction.
func LockSupplier(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (catalog.SupplierRecord, error) {
	return oneSupplier(ctx, q, sqlSupplierLocked, id)
}

func oneSupplier(ctx context.Context, q pgdb.Querier, sql string, id catalog.SupplierID) (catalog.SupplierRecord, error) {
	rows, err := collect[supplierRow](ctx, q, "supplier", sql, id)
	if err != nil {
		return catalog.SupplierRecord{}, err
	}
	if len(rows) == 0 {
		return catalog.SupplierRecord{}, fmt.Errorf("catalogdb: supplier %d: %w", id, catalog.ErrUnknown)
	}
	return rows[0].record(), nil
}

const sqlUpdateSupplier = `update catalog.supplier set name_zh = $2, name_en = $3, city_zh = $4, city_en = $5, contact = $6, phone = $7,
	email = $8, active = $9, banned = $10, search = $11, updated_at = clock_timestamp() where id = $1 returning updated_at`

// UpdateSupplier stores a supplier that is locked, all but its code.
func UpdateSupplier(ctx context.Context, q pgdb.Querier, s catalog.Supplier) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, sqlUpdateSupplier, s.ID, s.Name.ZH, s.Name.EN, s.City.ZH, s.City.EN, s.Contact.Person, s.Contact.Phone,
		s.Contact.Email, s.Active, s.Banned, supplierTerms(s)).Scan(&at)
	if err != nil {
		return at, fmt.Errorf("catalogdb: save supplier %s: %w", s.Code, err)
	}
	return at, nil
}

// supplierTerms is what a supplier is found by.
func supplierTerms(s catalog.Supplier) []string {
	return catalog.SearchTerms(s.Code, s.Name.ZH, s.Name.EN, s.City.ZH, s.City.EN, s.Contact.Person)
}

// skuTerms is what a SKU is found by.
func skuTerms(s catalog.SKU) []string {
	return catalog.SearchTerms(s.Code, s.Name.ZH, s.Name.EN, s.GTIN)
}
