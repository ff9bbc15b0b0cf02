package forecastdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlSKUCodes = `select code, id from catalog.sku where code = any($1)`

// SKUCodes gives the ids of the SKUs with the codes; unknown codes are absent.
func SKUCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.SKUID, error) {
	return lookup[catalog.SKUID](ctx, q, "skus", sqlSKUCodes, codes)
}

const sqlTopicCodes = `select code, id from catalog.topic where code = any($1)`

// TopicCodes gives the ids of the topics with the codes; unknown codes are absent.
func TopicCodes(ctx context.Context, q pgdb.Querier, codes []string) (map[string]catalog.TopicID, error) {
	return lookup[catalog.TopicID](ctx, q, "topics", sqlTopicCodes, codes)
}

func lookup[ID ~int32](ctx context.Context, q pgdb.Querier, what, sql string, codes []string) (map[string]ID, error) {
	// A text that PostgreSQL cannot hold is the code of nothing.
	codes = slices.DeleteFunc(codes, func(c string) bool { return !utf8.ValidString(c) || strings.ContainsRune(c, 0) })
	rows, err := q.Query(ctx, sql, codes)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	m := make(map[string]ID, len(codes))
	var code string
	var id ID
	if _, err := pgx.ForEachRow(rows, []any{&code, &id}, func() error { m[code] = id; return nil }); err != nil {
		return nil, fmt.Errorf("look up %s: %w", what, err)
	}
	return m, nil
}

// Place is a site as far as recording and reading sales need it.
type Place struct {
	ID     catalog.SiteID
	Code   string
	NameZH string
	NameEN string
	Tier   catalog.Tier
	Zone   string // IANA name
}

// Name gives the site's name.
func (p Place) Name() catalog.Name { return catalog.Name{ZH: p.NameZH, EN: p.NameEN} }

const sqlPlaces = `select id, code, name_zh, name_en, tier, time_zone as zone from catalog.site order by id`

// Places gives every site.
func Places(ctx context.Context, q pgdb.Querier) ([]Place, error) {
	rows, err := q.Query(ctx, sqlPlaces)
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Place])
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	return list, nil
}

const sqlCategoryNames = `select id, name_zh, name_en from catalog.category`

// CategoryNames gives the names of all categories.
func CategoryNames(ctx context.Context, q pgdb.Querier) (map[catalog.CategoryID]catalog.Name, error) {
	rows, err := q.Query(ctx, sqlCategoryNames)
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	m := map[catalog.CategoryID]catalog.Name{}
	var id catalog.CategoryID
	var n catalog.Name
	if _, err := pgx.ForEachRow(rows, []any{&id, &n.ZH, &n.EN}, func() error { m[id] = n; return nil }); err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	return m, nil
}

// SKUName is what a SKU is called.
type SKUName struct {
	ID             catalog.SKUID
	Code           string
	NameZH, NameEN string
}

// Name gives the SKU's name.
func (n SKUName) Name() catalog.Name { return catalog.Name{ZH: n.NameZH, EN: n.NameEN} }

const sqlSKUNames = `select id, code, name_zh, name_en from catalog.sku where id = any($1)`

// SKUNames gives the names of SKUs; unknown ones are absent.
func SKUNames(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]SKUName, error) {
	rows, err := q.Query(ctx, sqlSKUNames, skus)
	if err != nil {
		return nil, fmt.Errorf("names of skus: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[SKUName])
	if err != nil {
		return nil, fmt.Errorf("names of skus: %w", err)
	}
	m := make(map[catalog.SKUID]SKUName, len(list))
	for _, n := range list {
		m[n.ID] = n
	}
	return m, nil
}
