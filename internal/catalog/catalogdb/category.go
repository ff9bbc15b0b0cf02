package catalogdb

import (
	"context"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

type categoryRow struct {
	ID             catalog.CategoryID
	Code           string
	NameZH, NameEN string
	ParentID       *catalog.CategoryID
	UpdatedAt      time.Time
}

func (r categoryRow) category() catalog.Category {
	c := catalog.Category{ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}}
	if r.ParentID != nil {
		c.Parent = *r.ParentID
	}
	return c
}

const sqlCategories = `select id, code, name_zh, name_en, parent_id, updated_at from catalog.category order by id`

// Categories gives all categories, in the order in which they were made.
func Categories(ctx context.Context, q pgdb.Querier) ([]catalog.Category, error) {
	rows, err := collect[categoryRow](ctx, q, "categories", sqlCategories)
	if err != nil {
		return nil, err
	}
	return mapped(rows, categoryRow.category), nil
}

const sqlCategorySizes = `select category_id as id, count(*)::int as skus from catalog.sku group by category_id`

// CategoryRecords gives all categories with the number of SKUs directly in each.
func CategoryRecords(ctx context.Context, q pgdb.Querier) ([]catalog.CategoryRecord, error) {
	rows, err := collect[categoryRow](ctx, q, "categories", sqlCategories)
	if err != nil {
		return nil, err
	}
	type size struct {
		ID   catalog.CategoryID
		SKUs int
	}
	sizes, err := collect[size](ctx, q, "sizes of categories", sqlCategorySizes)
	if err != nil {
		return nil, err
	}
	by := map[catalog.CategoryID]int{}
	for _, s := range sizes {
		by[s.ID] = s.SKUs
	}
	return mapped(rows, func(r categoryRow) catalog.CategoryRecord {
		return catalog.CategoryRecord{Category: r.category(), SKUs: by[r.ID], UpdatedAt: r.UpdatedAt}
	}), nil
}
