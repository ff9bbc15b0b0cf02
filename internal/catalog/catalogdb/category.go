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

// CategoryRecords gives all categories with their versions. How many SKUs each holds is not counted: that reads the whole
// catalog, and lists ask for the tree on every page.
func CategoryRecords(ctx context.Context, q pgdb.Querier) ([]catalog.CategoryRecord, error) {
	rows, err := collect[categoryRow](ctx, q, "categories", sqlCategories)
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r categoryRow) catalog.CategoryRecord {
		return catalog.CategoryRecord{Category: r.category(), UpdatedAt: r.UpdatedAt}
	}), nil
}
